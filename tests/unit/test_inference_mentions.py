"""What a goal says of the site: which words mean which entities and devices."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.mentions import Mention, Vocabulary, find_mentions, plural_of
from inference.plan import KindProfile
from inference.text import prepare

KINDS = (
    KindProfile("robot", 3, ("It drives.",), ("robot-1", "robot-2", "robot-3")),
    KindProfile("reading lamp", 2, ("It shines.",), ("reading-lamp-1", "reading-lamp-2")),
    KindProfile("de-icer", 1, ("It sprays.",), ("de-icer-1",)),
    KindProfile("vacuum", 1, ("It vacuums.",), ("dusty",)),
)
SITE = {
    "shelf": [str(number) for number in range(1, 13)],
    "tote": ["T1", "T2", "T3", "T4"],
    "tunnel": ["north", "south"],
}


def found(goal: str) -> list[Mention]:
    return find_mentions(prepare(goal).lower, Vocabulary(KINDS, SITE))


@pytest.mark.parametrize(
    ("goal", "name", "ids"),
    [
        ("check shelf 3", "shelf", ("3",)),
        ("check shelf number 3", "shelf", ("3",)),
        ("check the third shelf", "shelf", ("3",)),
        ("check shelves 2, 4 and 7", "shelf", ("2", "4", "7")),
        ("check shelves 2 to 5", "shelf", ("2", "3", "4", "5")),
        ("check shelves 2-4", "shelf", ("2", "3", "4")),
        ("check shelves 1, 3 through 5 and 9", "shelf", ("1", "3", "4", "5", "9")),
        ("check shelf two and shelf three", "shelf", ("2", "3")),
        ("check the first three shelves", "shelf", ("1", "2", "3")),
        ("check the last two shelves", "shelf", ("11", "12")),
        ("fetch T2", "tote", ("T2",)),
        ("fetch T1 to T3", "tote", ("T1", "T2", "T3")),
        ("air the north tunnel", "tunnel", ("north",)),
        ("air tunnels north and south", "tunnel", ("north", "south")),
    ],
)
def test_entities_are_known_by_their_ids(goal: str, name: str, ids: tuple[str, ...]) -> None:
    (mention,) = found(goal)
    assert (mention.what, mention.name, mention.ids, mention.number) == ("entity", name, ids, "the")


@pytest.mark.parametrize(
    ("goal", "number", "is_distributive"),
    [
        ("check the shelves", "all", False),
        ("check all shelves", "all", True),
        ("check each shelf", "all", True),
        ("check all 12 of the shelves", "all", True),
        ("check a shelf", "some", False),
        ("check one of the shelves", "some", False),
        ("check the shelf", "the", False),
    ],
)
def test_how_many_are_meant(goal: str, number: str, is_distributive: bool) -> None:
    (mention,) = found(goal)
    assert (mention.ids, mention.number, mention.is_distributive) == ((), number, is_distributive)


def test_some_are_left_out() -> None:
    (mention,) = found("check all shelves except 3 and 5")
    assert mention.spared == ("3", "5")
    (mention,) = found("check every shelf but shelf 12, please")
    assert mention.spared == ("12",)


@pytest.mark.parametrize(
    ("goal", "what", "name", "ids"),
    [
        ("robot-2, come", "device", "robot", ("robot-2",)),
        ("robot 2 must come", "device", "robot", ("robot-2",)),
        ("robots 1 and 3, come", "device", "robot", ("robot-1", "robot-3")),
        ("robot-1 and robot-2 should come", "device", "robot", ("robot-1", "robot-2")),
        ("tell dusty to begin", "device", "vacuum", ("dusty",)),
        ("all the lamps off", "kind", "reading lamp", ()),
        ("let the de-icer begin", "kind", "de-icer", ()),
    ],
)
def test_devices_are_known_by_names_and_numbers_and_by_what_they_are(
    goal: str, what: str, name: str, ids: tuple[str, ...]
) -> None:
    (mention,) = found(goal)
    assert (mention.what, mention.name, mention.ids) == (what, name, ids)


@pytest.mark.parametrize("goal", ["vacuum here", 'say "shelf 3"', "raise it by 3 percent", "wait 4 minutes"])
def test_verbs_quotations_and_amounts_are_none(goal: str) -> None:
    assert found(goal) == []


@pytest.mark.parametrize(("goal", "unknown"), [("check shelf 40", "40"), ("fetch tote T9", "t9")])
def test_an_id_that_is_not_there_is_told(goal: str, unknown: str) -> None:
    (mention,) = found(goal)
    assert (mention.ids, mention.unknown) == ((), unknown)


def test_two_mentions_of_one_kind_stay_two() -> None:
    assert [one.ids for one in found("pump from shelf 1 to shelf 3")] == [("1",), ("3",)]
    assert [one.name for one in found("bring T1 to shelf 4")] == ["tote", "shelf"]


@pytest.mark.parametrize(
    ("noun", "plural"),
    [
        ("shelf", "shelves"),
        ("bay", "bays"),
        ("body", "bodies"),
        ("box", "boxes"),
        ("roof", "roofs"),
        ("lamp", "lamps"),
    ],
)
def test_plurals(noun: str, plural: str) -> None:
    assert plural_of(noun) == plural


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    lower = prepare(text).lower
    mentions = find_mentions(lower, Vocabulary(KINDS, SITE))
    assert all(0 <= one.start < one.end <= len(lower) for one in mentions)
    assert all(one.end <= other.start for one, other in itertools.pairwise(mentions))
