"""Which function a bare number, a level or a switch is for, whatever the search makes of it."""

from __future__ import annotations

import pytest

from inference.program_prompt import Hint
from inference.reading import UNREAD, FunctionReading
from inference.request import Request
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.steering import certain, redirected
from inference.text import prepare

SPEED = FunctionSignature(
    "set_speed",
    "Set the speed of the mixer.",
    (Parameter("speed", ParameterKind.INTEGER, minimum=1, maximum=6, current="speed"),),
)
TIMER = FunctionSignature(
    "set_timer",
    "Stop the mixer later.",
    (Parameter("minutes", ParameterKind.INTEGER, minimum=1, maximum=90, unit="minute"),),
)
READ = FunctionSignature("speed", "Returns the current value. Speed", ())
FUNCTIONS = [SPEED, TIMER, READ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mixer to 4", [0]),
        ("set the mixer in the kitchen to level 2", [0]),
        ("put the mixer on 9", []),
        ("set the oven to 4", []),
        ("set the mixer to 4 minutes", []),
    ],
)
def test_a_bare_number_is_for_the_only_function_that_takes_one(text: str, found: list[int]) -> None:
    assert certain(text, FUNCTIONS) == found


def request_of(text: str) -> Request:
    return Request(prepare(text), FUNCTIONS, {})


def test_what_is_set_is_not_read() -> None:
    readings = [FunctionReading(1.5, ()), UNREAD, FunctionReading(-4.0, ())]
    found = redirected([Hint(2, 0.8), Hint(0, 0.1)], readings, request_of("speed up"), "speed up")
    assert [(hint.index, round(hint.probability, 3)) for hint in found] == [(0, 0.9)]


def test_what_is_asked_is_not_set() -> None:
    readings = [FunctionReading(-3.0, ()), UNREAD, FunctionReading(2.0, ())]
    found = redirected([Hint(2, 0.8), Hint(0, 0.1)], readings, request_of("how fast is it"), "how fast is it")
    assert [hint.index for hint in found] == [2, 0]
