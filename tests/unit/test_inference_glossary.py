"""What codes mean, by what a description says of them or by what is usual."""

import pytest

from inference.abbreviations import known_meanings
from inference.glossary import read_glossary, shown_meanings


@pytest.mark.parametrize(
    ("text", "codes", "meanings", "rest"),
    [
        ("P polyester, N nylon, CF carbon fibre", "P N CF", "polyester|nylon|carbon fibre", ""),
        ("Material. P = polyester; N = nylon.", "P N", "polyester|nylon", "Material"),
        ("Q0 stands for no queue, Q1 for a short queue", "Q0 Q1", "no queue|short queue", ""),
        ("0: parked\n1: moving\n2: charging", "0 1 2", "parked|moving|charging", ""),
        (
            "plain bearing (PB), ball bearing (BB) or roller bearing (RB)",
            "PB BB RB",
            "plain bearing|ball bearing|roller bearing",
            "",
        ),
        ("Chocolate, vanilla and strawberry.", "C V S", "chocolate|vanilla|strawberry", ""),
        ("Strawberry, chocolate, vanilla.", "C V S", "chocolate|vanilla|strawberry", ""),
        (
            "ISO 7010: W1 hot/cold surface, W2 wet floor & stairs",
            "W1 W2",
            "hot or cold surface|wet floor and stairs",
            "ISO 7010",
        ),
        (
            "K1 pump, K2 fan. Both fall back after a minute.",
            "K1 K2",
            "pump|fan",
            "Both fall back after a minute.",
        ),
    ],
)
def test_a_glossary_is_read_out_of_a_description(text: str, codes: str, meanings: str, rest: str) -> None:
    found = read_glossary(text, codes.split())
    assert dict(found.meanings) == dict(zip(codes.split(), meanings.split("|"), strict=True))
    assert found.rest == rest


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Relay A or B", "A B"),
        ("Where A is used, B rests.", "A B"),
        ("H1 before H2 is cleaned, H2 after H1", "H1 H2"),
        ("A pump that is fast, B", "A B"),
        ("A pump", "A B"),
        ("X left, Y left", "X Y"),
        ("Low is for nights, high for days.", "low high"),
        ("silent keeps it quiet, normal does not", "silent normal"),
        ("Chocolate, vanilla.", "C V S"),
        ("Salt, sugar, spice.", "S U P"),
        ("", "A B"),
        ("A the only one", "A"),
    ],
)
def test_nothing_is_read_where_it_is_not_certain(text: str, codes: str) -> None:
    found = read_glossary(text, codes.split())
    assert (dict(found.meanings), found.rest) == ({}, text)


def test_codes_stand_before_their_meanings_beside_others_without_and_where_they_are_words() -> None:
    assert shown_meanings(["K1", "K2", "K3"], {"K1": "pump", "K3": "fan"}) == {
        "K1": "k1 pump",
        "K3": "k3 fan",
    }
    assert shown_meanings(["FAST", "SLO"], {"FAST": "two minutes", "SLO": "an hour"}) == {
        "FAST": "fast two minutes",
        "SLO": "an hour",
    }
    assert shown_meanings(["N2", "AIR"], {"N2": "nitrogen"}) == {"N2": "nitrogen"}
    assert shown_meanings(["F", "R", "FR"], {"F": "front", "R": "right"})["FR"] == "front right"
    # Two that would be shown alike are left as they are.
    assert shown_meanings(["X", "pump"], {"X": "pump"}) == {}


@pytest.mark.parametrize(
    ("codes", "about", "meanings"),
    [
        ("sat sun", "days", "saturday|sunday"),
        ("CW CCW", "turn", "clockwise|counterclockwise"),
        ("CO2 HE", "shielding gas", "carbon dioxide|helium"),
        ("da sv", "menu language", "danish|swedish"),
        ("F C", "unit of the display", "fahrenheit|celsius"),
        ("N S W E", "side of the roof", "north|south|west|east"),
        ("L M H", "heat", "low|medium|high"),
        ("R G", "colour of the lamp", "red|green"),
        ("F1 M1 M2", "voice", "woman|man 1|man 2"),
    ],
)
def test_usual_abbreviations_need_no_explanation(codes: str, about: str, meanings: str) -> None:
    assert known_meanings(codes.split(), about) == dict(zip(codes.split(), meanings.split("|"), strict=True))


@pytest.mark.parametrize(
    ("codes", "about"),
    [
        ("it en", "mode"),
        ("C F", "group of sockets"),
        ("R G", "row"),
        ("N H E", "priority"),
        ("AR HE", "format"),
        ("F1 M1", "valve"),
        ("red green", "colour"),
    ],
)
def test_letters_that_may_mean_anything_mean_nothing(codes: str, about: str) -> None:
    assert known_meanings(codes.split(), about) == {}


@pytest.mark.parametrize(
    ("text", "codes", "meanings"),
    [
        ("1=calm 2=lively 3=wild", "1 2 3", "calm lively wild"),
        ("A=auto B=boost", "A B", "auto boost"),
        ("0/1 = closed/open", "0 1", "closed open"),
        ("Valve shut|open: 0|1", "0 1", "shut open"),
        ("Turn the fan on (1) or off (0)", "1 0", "on off"),
        ("Weekday, 1 = Sunday", "1 2 3 4 5 6 7", "sunday monday tuesday wednesday thursday friday saturday"),
        ("0=Mon ... 6=Sun", "0 1 2 3 4 5 6", "monday tuesday wednesday thursday friday saturday sunday"),
    ],
)
def test_codes_are_explained_in_other_forms_too(text: str, codes: str, meanings: str) -> None:
    found = read_glossary(text, codes.split()).meanings
    assert [found[code] for code in codes.split()] == meanings.split()


def test_the_ends_of_a_scale_are_explained() -> None:
    assert read_glossary("1 (thin) to 4 (thick)", list("1234")).meanings == {"1": "thin", "4": "thick"}


@pytest.mark.parametrize(
    ("codes", "meanings"),
    [
        ("SEK EUR PLN", {"SEK": "swedish krona", "EUR": "euro", "PLN": "zloty"}),
        ("FL FR BL BR", {"FL": "front left", "FR": "front right", "BL": "back left", "BR": "back right"}),
        ("nl-NL pl-PL", {"nl-NL": "dutch", "pl-PL": "polish"}),
        ("pt_PT pt_BR it_IT", {"pt_PT": "portuguese", "pt_BR": "brazilian portuguese", "it_IT": "italian"}),
        ("FR DE", {}),
    ],
)
def test_codes_that_everybody_uses_need_no_words_around_them(codes: str, meanings: dict[str, str]) -> None:
    assert known_meanings(codes.split(), "") == meanings
