"""Numbers that make a time together are known by their names, bounds and what is said of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from device_agent.clock_fields import with_clock_fields
from inference.signatures import Channel, Parameter, ParameterKind


def number(name: str, most: float | None = None, least: float | None = 0) -> Parameter:
    steps = tuple(name.split("."))
    path = steps if len(steps) > 1 else ()
    return Parameter(steps[-1], ParameterKind.INTEGER, minimum=least, maximum=most, path=path)


def kinds(about: str, *parameters: Parameter) -> list[str | None]:
    marked = with_clock_fields(parameters, about)
    return [
        None
        if one.clock is None
        else f"{'amount' if one.clock.is_duration else 'point'} {one.clock.unit} of {len(one.clock.units)}"
        for one in marked
    ]


@pytest.mark.parametrize(
    ("about", "names", "kind"),
    [
        ("set alarm", ["hour:23", "minute:59"], "point"),
        ("set alarm", ["hours:23", "minutes:59"], "point"),
        ("set clock", ["h:23", "m:59", "s:59"], "point"),
        ("feed the fish", ["feedingHour", "feedingMinute"], "point"),
        ("plan lawn mowing", ["time.hour:23", "time.minute:59"], "point"),
        ("set a timer for the pump", ["start_hour:23", "start_minute:59"], "point"),
        ("start countdown", ["hour:23", "minute:59"], "amount"),
        ("run pump", ["hours", "minutes"], "amount"),
        ("run pump", ["run_hours:48", "run_mins:59"], "amount"),
        ("hold position", ["minutes:90", "seconds:59"], "amount"),
        ("lend the key", ["days:30", "hours:23", "minutes:59"], "amount"),
    ],
)
def test_numbers_of_one_time(about: str, names: list[str], kind: str) -> None:
    parameters = [
        number(name, float(most) if most else None)
        for name, _, most in (each.partition(":") for each in names)
    ]
    assert all(
        (one or "").startswith(kind) and one.endswith(f"of {len(names)}")
        for one in kinds(about, *parameters)
        if one
    )
    assert None not in kinds(about, *parameters)


def test_a_lone_hour_of_the_day_is_one_and_lone_minutes_stay_an_amount() -> None:
    assert kinds("be silent", number("start_hour", 23), number("end_hour", 23)) == ["point hour of 1"] * 2
    assert kinds("water", number("minutes", 59)) == [None]
    assert kinds("water", number("hours", 23)) == [None]


def test_times_are_told_apart_by_the_rest_of_their_names() -> None:
    names = ["start_hour", "start_minute", "end_hour", "end_minute"]
    marked = with_clock_fields([number(name) for name in names], "open the gate")
    first, second, third, fourth = (one.clock.time for one in marked if one.clock is not None)
    assert first == second != third == fourth


@pytest.mark.parametrize(
    "parameters",
    [
        [number("h", 360), number("s", 100)],
        [number("hour_min"), number("hour_max")],
        [number("hour", 12, 1), number("minute", 59)],
        [number("hour", 23), number("second", 59)],
        [replace(number("hour", 23), many=True), number("minute", 59)],
        [replace(number("minutes", 59), channel=Channel.HUE), number("seconds", 59)],
        [replace(number("hour", 1), choices=(0, 1)), number("minute", 59)],
    ],
)
def test_what_makes_no_time_together_stays_numbers(parameters: list[Parameter]) -> None:
    assert not any(kinds("set it", *parameters))
