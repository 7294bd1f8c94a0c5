"""Numbers that stand for "open", "closed", "off" and "silent"."""

from __future__ import annotations

import pytest

from device_agent.named_states import with_states
from inference.signatures import FunctionSignature, Parameter, ParameterKind


def function(
    name: str,
    told: str,
    parameter: str,
    described: str = "",
    *,
    high: float = 100,
    unit: str | None = None,
) -> FunctionSignature:
    value = Parameter(
        parameter, ParameterKind.INTEGER, minimum=0, maximum=high, description=described, unit=unit
    )
    return FunctionSignature(name, told, (value,))


def states(*functions: FunctionSignature, about: str = "Unit") -> dict[str, float]:
    return dict(with_states(functions, about)[0].parameters[0].states)


@pytest.mark.parametrize(
    ("described", "expected"),
    [
        ("How far open: 0 is closed, 100 fully up.", {"closed": 0, "open": 100}),
        ("0 is fully open, 100 fully closed.", {"open": 0, "closed": 100}),
        ("0 = open", {"open": 0, "closed": 100}),
        ("Percentage, closed at 0.", {"closed": 0, "open": 100}),
        ("100 (shut) to 0 (open)", {"closed": 100, "open": 0}),
    ],
)
def test_a_description_tells_which_number_is_open(described: str, expected: dict[str, float]) -> None:
    assert states(function("move_sash", "Move the sash.", "extent", described)) == expected


def test_what_opens_is_closed_at_zero_where_nobody_says_otherwise() -> None:
    assert states(function("set_position", "Go to a position.", "position"), about="Kitchen blind") == {
        "closed": 0,
        "open": 100,
    }
    assert states(function("set_position", "Go to a position.", "position"), about="Plotter") == {}


def test_what_is_turned_down_to_nothing_is_off() -> None:
    assert states(function("set_fan", "Blower speed.", "fan_level", high=7)) == {"off": 0}
    assert states(function("set_seat", "Warms a seat. 0 switches it off.", "step", high=3)) == {"off": 0}
    assert states(function("set_volume", "", "volume")) == {"off": 0, "silent": 0}
    assert states(function("set_room", "Room temperature.", "heat", high=30, unit="degC")) == {}


def test_another_function_for_the_state_is_taken_instead() -> None:
    dim = function("set_brightness", "Dim the lamp.", "brightness")
    assert states(dim, FunctionSignature("turn_off", "Switch the lamp off.")) == {}
    assert states(dim, FunctionSignature("fan_off", "Stop the fan.")) == {"off": 0}


def test_only_what_a_function_needs_has_states() -> None:
    fade = Parameter("volume", ParameterKind.INTEGER, required=False, minimum=0, maximum=9)
    assert with_states([FunctionSignature("play", "", (fade,))], "Radio")[0].parameters[0].states == ()
