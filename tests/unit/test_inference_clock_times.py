"""Times of day that a sentence says, with the half of the day that other words tell."""

from __future__ import annotations

import pytest

from inference.text import prepare


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("the baby fell asleep at 7:50 last night", ["19:50"]),
        ("lock up tonight at ten", ["22:00"]),
        ("on Sunday evening, half past six", ["18:30"]),
        ("in the morning at 8", ["08:00"]),
        ("at 2 in the night", ["02:00"]),
        ("at 11 tomorrow night", ["23:00"]),
        ("for 6 in the early morning", ["06:00"]),
        ("lunch with Ada at one", ["13:00"]),
        ("dinner for the team at half past 7", ["19:30"]),
        ("wake me at 7 and cook dinner", ["07:00"]),
        ("dinner at 18:30", ["18:30"]),
        ("between 2 and 4 in the afternoon", ["14:00", "16:00"]),
        ("from half past ten until noon", ["10:30", "12:00"]),
        ("14:00-15:30", ["14:00", "15:30"]),
        ("9-11 am", ["09:00", "11:00"]),
        ("at 8ish", ["08:00"]),
        ("ring at 8.30", ["08:30"]),
        ("ring at 0645", ["06:45"]),
        ("ring at 1900 hours", ["19:00"]),
        ("at 12 midnight", ["00:00"]),
        ("from 2 pm for two hours", ["14:00"]),
        ("at 19 hours", ["19:00"]),
    ],
)
def test_times_are_found(text: str, times: list[str]) -> None:
    assert [time.written(with_seconds=False) for time in prepare(text).times] == times


@pytest.mark.parametrize(
    ("text", "unit"),
    [("news of this past week", "week"), ("dim it for the next hour", "hour"), ("show the next week", None)],
)
def test_a_stretch_of_time_is_one_of_its_unit(text: str, unit: str | None) -> None:
    found = [(each.value, each.unit) for each in prepare(text).quantities]
    assert found == ([] if unit is None else [(1.0, unit)])
