"""On which floor devices are."""

from __future__ import annotations

import pytest

from inference.floors import floors_of, on_said_floor

TOLD = {
    "hall lamp": "hall lamp. lamp in the hallway, downstairs.",
    "hall heater": "hall heater. heater in the hallway.",
    "den lamp": "den lamp. lamp in the den on the upper floor.",
    "gate lamp": "gate lamp. lamp outside.",
    "torch": "torch. it can stand anywhere.",
}
FLOORS = floors_of(TOLD)


def test_a_device_that_does_not_say_is_where_others_of_its_room_are() -> None:
    assert FLOORS["hall heater"] == {"downstairs"}
    assert FLOORS["den lamp"] == {"upstairs"}
    assert FLOORS["torch"] == frozenset()


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("all lamps downstairs off", ["hall lamp"]),
        ("turn off every lamp up there", ["den lamp"]),
        ("the lamps on the ground floor and upstairs", ["hall lamp", "den lamp"]),
        ("every lamp outdoors", ["gate lamp"]),
        ("all lamps off", ["hall lamp", "den lamp", "gate lamp"]),
        ("i'm going upstairs, all lamps off", ["hall lamp", "den lamp", "gate lamp"]),
    ],
)
def test_only_those_on_the_floor_that_is_spoken_of(text: str, there: list[str]) -> None:
    assert on_said_floor(text, ["hall lamp", "den lamp", "gate lamp"], FLOORS) == there
