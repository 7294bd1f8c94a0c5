"""Corrections of the last goal, answers to what was not clear in it, and who "it" is not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from coordinator.dialogue.acts import Act
from coordinator.dialogue.amendments import clarified, corrected
from coordinator.dialogue.memory import ChatMemory, ChatTurn
from coordinator.dialogue.names import Names
from coordinator.dialogue.references import Resolved, mentions_of, resolve

ENTITIES = {"shelf": ["1", "2", "3"], "station": ["1", "2", "3"], "tote": ["T6", "T7", "T8"]}
GOAL = "Take tote T6 to packing station 1."


@pytest.fixture
def names() -> Names:
    known = Names(ENTITIES)
    devices: list[Any] = [
        SimpleNamespace(device_id=name, profile=SimpleNamespace(kind=kind, title=name))
        for name, kind in (("robot-1", "robot"), ("robot-2", "robot"), ("arm-1", "arm"))
    ]
    known.learn(devices)
    return known


@pytest.mark.parametrize(
    ("text", "goal"),
    [
        ("Sorry, I meant station 3.", "Take tote T6 to packing station 3."),
        ("No, to station 2 please.", "Take tote T6 to packing station 2."),
        ("Oops, not station 1 but station 3.", "Take tote T6 to packing station 3."),
        ("Actually tote T8.", "Take tote T8 to packing station 1."),
        ("I meant tote T7, not tote T6.", "Take tote T7 to packing station 1."),
        ("Make that station 2 instead.", "Take tote T6 to packing station 2."),
    ],
)
def test_what_was_meant_takes_the_place_of_what_was_said(names: Names, text: str, goal: str) -> None:
    assert corrected(text, GOAL, names) == goal


def test_a_label_says_what_it_is_of(names: Names) -> None:
    found = names.mentions("Bring T6 to station 1, then t7 and T8 to shelf 2")
    assert [one.name for one in found] == ["tote T6", "station 1", "tote T7", "tote T8", "shelf 2"]
    assert [one.start for one in found][:2] == [6, 12]
    assert corrected("No wait, T8 please.", "Fetch T6 to station 1", names) == "Fetch tote T8 to station 1"


@pytest.mark.parametrize(
    "text",
    [
        "Sorry.",
        "Bring tote T8 instead.",
        "Station 3 is full, sorry.",
        "Sorry, robot 2.",
        "I meant station 1.",
        "No, not station 2 but station 3.",
        "Sorry, I meant shelf 3.",
        "Actually check station 3.",
        "station 3",
    ],
)
def test_what_says_more_or_fits_nothing_is_no_correction(names: Names, text: str) -> None:
    assert corrected(text, GOAL, names) is None


def test_of_two_alike_it_must_be_said_which_was_wrong(names: Names) -> None:
    goal = "Take tote T6 from station 1 to station 2."
    assert corrected("Sorry, station 3.", goal, names) is None
    assert (
        corrected("Sorry, not station 2 but station 3.", goal, names)
        == "Take tote T6 from station 1 to station 3."
    )


@pytest.mark.parametrize("text", ["T8.", "tote T8", "Tote T8, please.", "I mean T8", "the one is t8"])
def test_a_name_alone_answers_which_one_is_meant(names: Names, text: str) -> None:
    assert clarified(text, "Bring the tote to station 2.", names, ENTITIES) == "Bring tote T8 to station 2."


def test_a_number_alone_is_of_the_kind_that_was_left_open(names: Names) -> None:
    assert clarified("Number 3.", "Drive to the shelf.", names, ENTITIES) == "Drive to shelf 3."
    assert clarified("shelf 3", "Drive to the shelf.", names, ENTITIES) == "Drive to shelf 3."


@pytest.mark.parametrize("text", ["Bring T8.", "T6 and T8", "yes", "T99", "", "robot 2"])
def test_what_names_none_or_does_more_is_no_answer(names: Names, text: str) -> None:
    assert clarified(text, "Bring the tote to station 2.", names, ENTITIES) is None


def test_a_name_fits_only_where_one_was_left_open(names: Names) -> None:
    assert clarified("T8", GOAL, names, ENTITIES) is None
    assert clarified("T8", "Swap the tote with a tote.", names, ENTITIES) is None


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("Now have the arm lay it on the belt.", "Now have the arm lay tote T6 on the belt."),
        ("Robot 2, bring it back.", "Robot 2, bring tote T6 back."),
        ("Robot 2 should fetch it.", "Robot 2 should fetch tote T6."),
        ("Open the box and close it.", "Open the box and close it."),
        ("Get the lamp and clean it.", "Get the lamp and clean it."),
    ],
)
def test_who_does_something_is_not_what_it_is_done_with(names: Names, text: str, resolved: str) -> None:
    memory = ChatMemory("a")
    memory.add(ChatTurn(chat_id="a", said=GOAL, act=Act.GOAL, goal=GOAL, mentions=mentions_of(GOAL, names)))
    assert resolve(text, memory, names, ENTITIES) == Resolved(resolved)
