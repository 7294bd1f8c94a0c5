"""What devices are called, and what of it a clause says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.device_names import (
    DeviceNames,
    means_all,
    means_any,
    means_several,
    name_words,
    runs,
    telling,
    thing_of,
    thing_of_name,
    told_apart,
    words_of_name,
)
from inference.plan import KindProfile
from inference.words import clause_places, quoted_places


def names_of(*kinds: str, count: int = 1) -> DeviceNames:
    return DeviceNames.of([KindProfile(kind, count, (), (kind.replace(" ", "-"),)) for kind in kinds])


HOUSE = names_of(
    "attic lamp",
    "cellar lamp",
    "cellar blinds",
    "stairs lamp",
    "pump a",
    "pump b",
    "room 12 valve",
    "open shed",
)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Attic lamp", {"attic", "lamp"}),
        ("atticLamp-3", {"attic", "lamp", "lamp 3"}),
        ("Pump two", {"pump", "pump 2"}),
        ("Second floor scanner", {"floor", "floor 2", "scanner"}),
        ("Scanner on the 2nd floor", {"floor", "floor 2", "scanner"}),
        ("Syringe pump B", {"syringe", "pump", "pump b"}),
        ("CO2 sensor", {"co", "co 2", "sensor"}),
        ("Lamps of the boxes and the dishes", {"lamp", "box", "dish"}),
        ("Batteries, glass and a bus", {"battery", "glass", "bus"}),
        ("It", set()),
    ],
)
def test_a_name_is_its_telling_words_and_the_numbers_that_stand_beside_them(
    name: str, words: set[str]
) -> None:
    assert words_of_name(name) == words


@pytest.mark.parametrize(
    ("clause", "said"),
    [
        ("dim the lamp in the attic", {"lamp", "attic"}),
        ("dim the attic's lamp", {"lamp", "attic"}),
        ("dim the lamps", {"lamp"}),
        ("make tea", set()),
        ("stop pump b", {"pump", "pump b"}),
        ("stop pump a", {"pump", "pump a"}),
        ("stop pumps a and b", {"pump", "pump a", "pump b"}),
        ("stop pump c", {"pump", "pump c"}),
        # An article is no letter, and an amount is no number of a thing.
        ("give the pump a rest", {"pump"}),
        ("run pump b 12 ml", {"pump", "pump b"}),
        ("set room 12 to 21", {"room", "room 12"}),
        ("set room number 12 to 21", {"room", "room 12"}),
        ("set room #12 to 21", {"room", "room 12"}),
        ("the 12 room", {"room", "room 12"}),
        ("set room 13 to 21", {"room", "room 13"}),
        ("air 12 rooms", {"room"}),
        ("the room 12 percent warmer", {"room"}),
        ("the room 12.5 m away", {"room"}),
        ("the room 12:30", {"room"}),
        # Lamps have no numbers here.
        ("lamp 12", {"lamp"}),
        # A verb is not what it is called like.
        ("open the lamp", {"lamp"}),
        ("please open my shed", {"shed"}),
        ("is the open shed dark", {"open", "shed"}),
        # What is quoted is not spoken of.
        ('say "the attic lamp" in the cellar', {"cellar"}),
        ("say 'the attic lamp' in the cellar", {"cellar"}),
        ("the attic's lamp and the cellar's lamp", {"attic", "lamp", "cellar"}),
    ],
)
def test_a_clause_says_words_of_names(clause: str, said: set[str]) -> None:
    assert HOUSE.said(clause) == said


@pytest.mark.parametrize(
    ("clause", "fitting"),
    [
        ("dim the lamp", ["attic lamp", "cellar lamp", "stairs lamp"]),
        ("dim the lamp in the cellar", ["cellar lamp"]),
        ("it is wet in the cellar", ["cellar lamp", "cellar blinds"]),
        ("dim the lamp beside the blinds", []),
        ("stop pumps a and b", ["pump a", "pump b"]),
        ("stop pump c", []),
        ("set room 12 to 21", ["room 12 valve"]),
        ("make tea", []),
    ],
)
def test_devices_fit_that_have_all_the_words(clause: str, fitting: list[str]) -> None:
    assert HOUSE.fitting(HOUSE.said(clause)) == fitting


def test_a_device_is_called_by_one_whole_name_of_two_words() -> None:
    names = DeviceNames.of(
        [
            KindProfile("tower lift", 1, (), ("lift-1",)),
            KindProfile("north tower lift", 1, (), ("lift-2",)),
            KindProfile("oven", 1, (), ("baker",)),
        ]
    )
    assert names.called(names.said("hold the doors of the north tower lift")) == ["north tower lift"]
    assert names.called(names.said("hold the tower lift")) == ["tower lift"]
    assert names.called(names.said("hold lift 2")) == ["north tower lift"]
    assert names.called(names.said("hold the lift")) == []
    assert names.called(names.said("heat the oven")) == []


@pytest.mark.parametrize(
    ("clause", "kind", "is_another"),
    [
        ("raise the blinds in the attic", "cellar blinds", True),
        ("raise the attic blinds", "cellar blinds", True),
        ("raise the blinds in the cellar", "cellar blinds", False),
        ("raise the blinds", "cellar blinds", False),
        ("dim the attic lamp", "attic lamp", False),
        ("dim lamp and pump c", "attic lamp", False),
        ("stop pump c", "pump a", True),
        ("set room 13 to 21", "room 12 valve", True),
        ("set room 12 to 21", "room 12 valve", False),
        ("air the room of the lamp", "room 12 valve", False),
    ],
)
def test_a_name_that_belongs_to_others_is_not_this_device(
    clause: str, kind: str, *, is_another: bool
) -> None:
    assert HOUSE.is_another(kind, clause, HOUSE.said(clause)) is is_another


def test_a_part_of_a_device_is_not_another_device() -> None:
    names = names_of("lift", "hall doors")
    assert not names.is_another("lift", "hold the lift doors", names.said("hold the lift doors"))
    # What is called "door" for short is still the door of the shed.
    names = DeviceNames.of([KindProfile("shed door", 1, (), ("door",)), KindProfile("attic lamp", 1, (), ())])
    assert names.is_another("shed door", "open the attic door", names.said("open the attic door"))


@pytest.mark.parametrize(
    ("clause", "mention"),
    [
        ("dim the lamp in the attic a bit", "lamp in the attic"),
        ("dim the attic's lamp", "attic's lamp"),
        ("the shed is dark, dim the lamp in the attic", "lamp in the attic"),
        ("start pumps a and b now", "pumps a and b"),
        ("in room 12 now", "room 12"),
        ("make tea", ""),
    ],
)
def test_the_mention_is_the_longest_run_of_linked_words(clause: str, mention: str) -> None:
    start, end = HOUSE.mention(clause, HOUSE.said(clause))
    assert clause[start:end] == mention


def test_only_single_devices_and_those_away_have_names() -> None:
    kinds = [
        KindProfile("robot", 2, (), ("robot-1", "robot-2")),
        KindProfile("gate", 0, (), ("gate-1", "gate-2")),
        KindProfile("lamp", 1, (), ("lamp-1",)),
    ]
    names = DeviceNames.of(kinds)
    assert set(names.names) == {"gate", "lamp"}
    assert names.words("robot") == frozenset()
    # What single devices of a kind are called does not matter while none of them is there.
    assert names.words("gate") == {"gate"}


def test_devices_are_told_apart_by_words_that_their_kind_and_siblings_lack() -> None:
    kinds = [
        KindProfile("lamp", 3, ("Shine.",), ("hall-lamp", "kitchen-lamp", "lamp-3"), "Hall lamp."),
        KindProfile("robot", 2, (), ("robot-1", "robot-2")),
        KindProfile("valve", 2, (), ("valve-east", "attic-fan")),
        KindProfile("attic fan", 1, (), ("fan",)),
        KindProfile("pump", 2, (), ()),
    ]
    apart = told_apart(kinds)
    assert [(one.kind, one.profile.kind, set(one.own)) for one in apart] == [
        ("lamp", "hall lamp", {"hall"}),
        ("lamp", "kitchen lamp", {"kitchen"}),
        # What another kind is called already is no name.
        ("valve", "valve east", {"east"}),
    ]
    assert apart[0].profile == KindProfile("hall lamp", 1, ("Shine.",), ("hall-lamp",), "")
    names = DeviceNames.of(kinds, apart)
    assert names.fitting(names.said("dim the lamp in the hall")) == ["hall lamp"]
    assert names.fitting(names.said("dim the lamp")) == []
    assert names.fitting(names.said("turn the fan in the attic")) == ["attic fan"]


def test_without_devices_nothing_is_said() -> None:
    names = DeviceNames.of([])
    assert names.said("dim the lamp") == frozenset()
    assert names.fitting(frozenset()) == []
    assert names.closest(frozenset({"lamp"}), []) == []


@pytest.mark.parametrize(
    ("name", "thing"),
    [
        ("the kitchen light", "light"),
        ("light in the kitchen", "light"),
        ("ceiling fan of the living room", "fan"),
        ("pump 2", "pump"),
        ("lamps", "lamp"),
        ("the", ""),
        ("", ""),
    ],
)
def test_a_thing_is_told_from_where_it_is(name: str, thing: str) -> None:
    assert thing_of(name) == thing


@pytest.mark.parametrize(
    ("name", "thing"),
    [("Pump two", "pump"), ("Third floor scanner", "scanner"), ("deskLamp-3", "lamp"), ("Valve B", "valve")],
)
def test_what_a_device_is_does_not_lie_in_its_number(name: str, thing: str) -> None:
    assert thing_of_name(name) == thing
    assert thing in names_of(name).heads(name)


@pytest.mark.parametrize(
    "clause",
    [
        "dim all lamps", "every lamp off", "each of the lamps", "both blinds", "everything off", "dark everywhere",
        "all the lamps every evening", "turn all of them off", "all other lamps",
    ],
)  # fmt: skip
def test_all_of_something_is_meant(clause: str) -> None:
    assert means_all(clause)


@pytest.mark.parametrize(
    "clause",
    [
        "dim the lamp all the way", "open it every day", "water it every 3 hours", "on every weekday", "all day",
        "all the time", "not at all", "after all", "all right", "every other day", "each morning", "any lamp", "the ball",
    ],
)  # fmt: skip
def test_how_often_and_how_far_is_not_all_of_something(clause: str) -> None:
    assert not means_all(clause)


def test_any_leaves_open_which_one() -> None:
    assert means_any("print it on any scanner")
    assert not means_any("do not print any more")
    assert not means_any("come any time")
    assert not means_any("print many")


@pytest.mark.parametrize(
    ("clause", "several"),
    [
        ("dim the lamps", True),
        ("dim the lamp", False),
        ("stop pumps a and b", True),
        ("stop pumps a, b", True),
        ("stop pump a", False),
        # The stairs are no devices.
        ("dim the stairs lamp", False),
        ("make teas", False),
    ],
)
def test_the_plural_of_a_thing_and_several_numbers_mean_several(clause: str, *, several: bool) -> None:
    assert means_several(clause, HOUSE.said(clause), {"lamp", "blind", "pump"}) is several


def test_telling_words_are_whole_words_in_the_singular_without_numbers() -> None:
    assert telling("Turn on the 3 lamps of room B-12 at 7 pm") == {"turn", "lamp", "room"}
    assert telling("中央") == {"中", "央"}
    assert telling("the a an of") == set()


def test_a_word_that_comes_again_begins_another_name() -> None:
    text = "the lobby on the lobby display"
    found = runs(text, name_words(text))
    assert [[spot.word for spot in run] for run in found] == [["lobby"], ["lobby", "display"]]


PIECES = st.sampled_from(
    "open the attic lamp lamps pump a b 12 12% in of on \" ' , and room #12 it lift's Pump é 中 all every".split()
)


@given(text=st.lists(PIECES, max_size=14).map(" ".join) | st.text(max_size=50))
def test_words_of_names_stand_where_they_say_apart_and_in_order(text: str) -> None:
    ends = 0
    for spot in name_words(text):
        (left, right), (start, end) = spot.bare, spot.span
        assert start <= left < right <= end <= len(text)
        assert ends <= left
        ends = right
        assert telling(text[left:right]) <= telling(text)
        assert all(marked.startswith(f"{spot.word} ") for marked in spot.marked)
        assert not any(first < left < last for first, last in quoted_places(text))


@given(clause=st.lists(PIECES, max_size=14).map(" ".join))
def test_what_is_said_is_in_the_mention_or_beside_it_and_never_invented(clause: str) -> None:
    said = HOUSE.said(clause)
    start, end = HOUSE.mention(clause, said)
    assert 0 <= start <= end <= len(clause)
    assert (end > start) == bool(said)
    assert HOUSE.said(clause[start:end]) <= said | {word for word in said if " " not in word}
    for kind in HOUSE.fitting(said):
        assert {word for word in said if " " not in word} <= HOUSE.words(kind)


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("Stop pumps A and B, then go home", ["Stop pumps A and B", "go home"]),
        ("Go to 10, 20, 30 and stop", ["Go to 10, 20, 30", "stop"]),
        ("go ahead and dim it", ["dim it"]),
        ("turn left, go 2 m", ["turn left", "go 2 m"]),
    ],
)
def test_letters_and_numbers_in_a_row_stay_in_one_clause(text: str, clauses: list[str]) -> None:
    assert [text[start:end] for start, end in clause_places(text)] == clauses
