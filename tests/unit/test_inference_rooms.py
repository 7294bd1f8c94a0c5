"""Rooms in what people say."""

from __future__ import annotations

import pytest

from inference.rooms import only_room, placed, rooms_in, without_rooms


@pytest.mark.parametrize(
    ("text", "rooms"),
    [
        ("lights in the hall and the guest room", ["hall", "guest room"]),
        ("emma's room lamp off", ["emma's room"]),
        ("make room for the sofa", []),
        ("turn on the spare bedroom fan", ["spare bedroom"]),
        ("is there room in the freezer", []),
    ],
)
def test_rooms_are_found(text: str, rooms: list[str]) -> None:
    assert [room.name for room in rooms_in(text)] == rooms


@pytest.mark.parametrize(
    ("text", "thing", "rooms"),
    [
        ("guest room lamp off", "lamp", ["guest room"]),
        ("the lamp off in the attic", "lamp", ["attic"]),
        ("in the attic, dim the lamp", "lamp", ["attic"]),
        ("send the robot to the attic", "robot", []),
    ],
)
def test_a_room_says_where_a_thing_is(text: str, thing: str, rooms: list[str]) -> None:
    start = text.index(thing)
    assert [room.name for room in placed(text, start, start + len(thing))] == rooms


def test_a_clause_may_be_nothing_but_a_room() -> None:
    room = only_room("and on the porch")
    assert room is not None
    assert room.name == "porch"
    assert only_room("the porch lamp") is None


def test_the_master_bedroom_is_the_bedroom_where_there_is_one() -> None:
    (room,) = rooms_in("the master bedroom")
    assert (room.words, room.loose) == ({"master", "bedroom"}, {"bedroom"})


def test_a_name_without_its_room_says_what_it_is() -> None:
    assert without_rooms("guest room air conditioner") == "air conditioner"


def test_a_room_that_is_called_a_room_is_the_same() -> None:
    (study,) = rooms_in("open the curtain in the study room")
    assert (study.name, study.words) == ("study room", frozenset({"study"}))
