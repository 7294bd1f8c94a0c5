"""Reading the lexicon, and which of its wording training may use."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from inference.signatures import FunctionSignature, Parameter, ParameterKind
from training.data import small_talk, wording
from training.data.clauses import implying
from training.data.examples import Clause, Realised
from training.data.kinship import is_same
from training.data.naming import STYLES, vendor_name
from training.data.splits import Split, carriers, phrases
from training.data.values import Manner
from training.lexicon import FunctionWords, read_lexicon
from training.mixture import split_families

FAN = """# family: fan | blower
kind: fan
* set speed | adjust rpm
d sets the speed
p speed: int percent 0..100 | rate
p mode?: list eco/boost/night
s run at {speed} | turn (it/the fan) to {speed}
q {speed} would be nice
m change the speed
+ speed: faster | {speed} faster
- speed: slower
* get speed | read speed
d tells the speed
s tell me the speed
o speed: num percent 0..100
"""


def read(text: str, folder: Path) -> list[FunctionWords]:
    (folder / "home.txt").write_text(text)
    (family,) = read_lexicon(folder)
    return family.functions


def test_a_family_is_read_with_its_changes_lists_and_outputs(tmp_path: Path) -> None:
    setter, getter = read(FAN, tmp_path)
    assert [(one.key, one.kind, one.required) for one in setter.parameters] == [
        ("speed", "int", True),
        ("mode", "list", False),
    ]
    assert setter.raises == (("speed", "faster"), ("speed", "{speed} faster"))
    assert setter.lowers == (("speed", "slower"),)
    assert getter.output is not None
    assert getter.output.unit == "percent"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("+ pace: faster", "'pace' is no parameter"),
        ("s run at {pace}", "names 'pace'"),
        ("p pace: float 1..2", "unknown type 'float'"),
        ("x what is this", "no known marker"),
        ("v mode=turbo: full blast", "mode=turbo is no choice"),
        ("v pace=eco: gently", "pace=eco is no choice"),
        ("v speed=5: gently", "speed=5 is no choice"),
        ("v mode=eco: be {mode}", "stands before the colon"),
        ("v mode=eco: gently at {pace}", "names 'pace'"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as caught:
        read(FAN.replace("m change the speed", line) + "* stop\n", tmp_path)
    assert "home.txt:" in str(caught.value)


SETTER = FAN.partition("* get speed")[0]
IMPLYING = SETTER.replace(
    "m change the speed",
    """p turning?: bool
v mode=eco turning=no: save (power/current) | {speed} but (cheap/frugal)
v mode=night: everybody sleeps
v turning=yes: let everybody have some wind
m change the speed""",
)


def test_phrases_that_mean_choices_are_kept_with_them(tmp_path: Path) -> None:
    (setter,) = read(IMPLYING, tmp_path)
    both = (("mode", "eco"), ("turning", "no"))
    assert setter.implied == (
        (both, "save (power/current)"),
        (both, "{speed} but (cheap/frugal)"),
        ((("mode", "night"),), "everybody sleeps"),
        ((("turning", "yes"),), "let everybody have some wind"),
    )
    (tmp_path / "b").mkdir()
    (plain,) = read(SETTER, tmp_path / "b")
    assert plain.implied == ()


def realised(words: FunctionWords, *keys: str) -> Realised:
    """Ship a function with some of its parameters."""
    known = {
        "speed": Parameter("rpm", ParameterKind.INTEGER, unit="percent", minimum=0, maximum=100),
        "mode": Parameter(
            "programme", ParameterKind.STRING, required=False, many=True, choices=("eco", "boost", "night")
        ),
        "turning": Parameter("turning", ParameterKind.BOOLEAN, required=False),
    }
    return Realised(words, FunctionSignature("set", "Sets it.", tuple(known[key] for key in keys)), keys)


def implied_clauses(one: Realised, split: Split) -> list[Clause]:
    said = (implying(0, one, split, random.Random(seed), Manner()) for seed in range(60))
    return [clause for clause in said if clause is not None]


def test_a_sentence_means_a_choice_without_naming_it(tmp_path: Path) -> None:
    (setter,) = read(IMPLYING, tmp_path)
    clauses = [
        clause
        for split in (Split.TRAIN, Split.PHRASES)
        for clause in implied_clauses(realised(setter, "speed", "mode", "turning"), split)
    ]
    assert clauses
    for clause in clauses:
        # Nothing else leaves the required speed unsaid.
        assert set(clause.values) >= {"speed", "mode", "turning"}
        assert clause.values["mode"].written == "eco"
        assert clause.values["mode"].meaning == ("eco",)
        assert (clause.values["turning"].written, clause.values["turning"].meaning) == ("no", False)
        assert clause.values["mode"].spoken == clause.values["turning"].spoken == ""
        assert clause.values["speed"].spoken in clause.text
        assert clause.function == 0
        assert "{" not in clause.text
        assert "(" not in clause.text


def test_a_phrase_is_not_said_of_a_device_that_lacks_what_it_means(tmp_path: Path) -> None:
    (setter,) = read(IMPLYING, tmp_path)
    for split in (Split.TRAIN, Split.PHRASES):
        assert implied_clauses(realised(setter, "speed", "turning"), split) == []
    (tmp_path / "b").mkdir()
    (plain,) = read(SETTER, tmp_path / "b")
    assert implied_clauses(realised(plain, "speed", "mode"), Split.TRAIN) == []


def test_the_lexicon_means_choices_in_many_families() -> None:
    families = read_lexicon()
    with_phrases = [function for family in families for function in family.functions if function.implied]
    assert len(with_phrases) > 100
    for function in with_phrases:
        allowed = {
            one.key: ("yes", "no") if one.kind == "bool" else one.choices for one in function.parameters
        }
        for choices, phrase in function.implied:
            assert phrase
            assert all(choice in allowed[key] for key, choice in choices)


def test_setting_and_reading_are_not_the_same(tmp_path: Path) -> None:
    setter, getter = read(FAN, tmp_path)
    assert not is_same(setter, getter)
    (tmp_path / "b").mkdir()
    other, _ = read(FAN.replace("adjust rpm", "adjust pace"), tmp_path / "b")
    assert is_same(setter, other)


def test_held_out_wording_and_families_are_not_those_of_training() -> None:
    for texts in (
        wording.BEFORE,
        wording.JOINERS,
        wording.FIRST_THEN,
        wording.NOT,
        small_talk.CHAT,
        tuple(STYLES),
    ):
        assert not set(carriers(texts, Split.TRAIN)) & set(carriers(texts, Split.UNSEEN))
    known, held = split_families(read_lexicon())
    assert held
    assert not {family.names[0] for family in known} & {family.names[0] for family in held}
    every = [text for family in known for function in family.functions for text in function.says]
    hidden = [text for text in every if phrases((text,), Split.PHRASES)]
    assert not any(phrases((text,), Split.TRAIN) for text in hidden)
    assert 0.05 < len(hidden) / len(every) < 0.11


def test_every_naming_style_names(tmp_path: Path) -> None:
    setter, _ = read(FAN, tmp_path)
    for style in STYLES:
        name, _ = vendor_name(setter, "fan", style, random.Random(1))
        assert name
        assert "{" not in name
