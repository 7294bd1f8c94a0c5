"""A time that a device takes in several numbers is said in one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from device_agent.clock_fields import with_clock_fields
from inference.clock_fields import clock_value, clock_words
from inference.program_grammar import allowed_values
from inference.request import Request
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import prepare
from inference.values import NotationError, decode_value


def fields(about: str, *names: str, required: bool = True) -> tuple[Parameter, ...]:
    """Make parameters such as "hour 23" with their maxima."""
    return with_clock_fields(
        [
            Parameter(name, ParameterKind.INTEGER, minimum=0, maximum=float(most), required=required)
            for name, most in (each.split() for each in names)
        ],
        about,
    )


ALARM = fields("set alarm", "hour 23", "minute 59")
COUNTDOWN = fields("start countdown", "hours 12", "minutes 59", "seconds 59")


def read(parameters: tuple[Parameter, ...], said: str) -> dict[str, list[int | None]]:
    sentence = prepare(said)
    texts = dict.fromkeys(text for each in parameters for text in clock_words(each, sentence))
    return {text: [clock_value(each, text, sentence) for each in parameters] for text in texts}


@pytest.mark.parametrize(
    ("said", "times"),
    [
        ("ring at 7:30", {"7:30": [7, 30]}),
        ("ring at half past six", {"half past 6": [6, 30]}),
        ("ring at 9 pm", {"9 pm": [21, 0]}),
        ("ring at noon", {"noon": [12, 0]}),
        ("set it to seven thirty", {"7 30": [7, 30]}),
        ("set it to 0645", {"0645": [6, 45]}),
        ("set bell 2 to 6", {"2": [2, 0], "6": [6, 0]}),
        ("set the hour to 7 and the minute to 30", {}),
        ("ring in 20 minutes", {}),
        ("make it 21 degrees", {}),
    ],
)
def test_a_time_of_day_is_split(said: str, times: dict[str, list[int]]) -> None:
    assert read(ALARM, said) == times


@pytest.mark.parametrize(
    ("said", "times"),
    [
        ("count down from 1 hour and 20 minutes", {"1 hour and 20 minutes": [1, 20, 0]}),
        ("count down from 90 minutes", {"90 minutes": [1, 30, 0]}),
        ("count down from an hour and a half", {"an hour and a half": [1, 30, 0]}),
        ("count 1 hour 5 minutes and 30 seconds", {"1 hour 5 minutes and 30 seconds": [1, 5, 30]}),
        ("count down two minutes thirty", {"2 minutes 30": [0, 2, 30]}),
        ("count down from 1:20:00", {"1:20:00": [1, 20, 0]}),
        ("hours 1, minutes 20", {}),
    ],
)
def test_an_amount_of_time_is_split_larger_units_first(said: str, times: dict[str, list[int]]) -> None:
    assert read(COUNTDOWN, said) == times


def test_what_the_units_cannot_say_fits_none() -> None:
    hours = fields("run", "hours 9", "minutes 59")
    assert read(hours, "run for 90 seconds") == {"90 seconds": [None, None]}
    assert read(fields("quiet", "start_hour 23"), "from 22:30")["22:30"] == [None]
    assert allowed_values(hours[0], prepare("run for 30 hours"), [], {}) == []
    with pytest.raises(NotationError):
        decode_value(hours[0], "30 hours", prepare("run for 30 hours"), {})
    request = Request(prepare("run for 30 hours"), [FunctionSignature("run", "Run.", hours)])
    assert request.unfit(hours[0]) == ["30 hours"]
    assert request.unfit(hours[1]) == []


def test_units_that_may_be_left_out_are_where_they_are_nothing() -> None:
    hours, minutes = fields("bake", "hours 9", "minutes 59", required=False)
    sentence = prepare("bake for 45 minutes")
    assert allowed_values(hours, sentence, [], {}) == []
    assert allowed_values(minutes, sentence, [], {}) == ["45 minutes"]
    assert decode_value(minutes, "45 minutes", sentence, {}) == 45
    needed = replace(hours, required=True)
    assert decode_value(needed, "45 minutes", sentence, {}) == 0


def test_two_times_of_a_function_are_the_ends_of_a_span() -> None:
    parameters = fields("lock", "from_hour 23", "from_minute 59", "until_hour 23", "until_minute 59")
    function = FunctionSignature("lock", "Lock it.", parameters)
    request = Request(prepare("lock it 5 to 8 in the evening"), [function])
    assert request.values(parameters[0]) == ["5", "8 in the evening"]
    once = FunctionSignature("lock", "Lock it.", ALARM)
    request = Request(prepare("lock it 5 to 8 in the evening"), [once])
    assert request.values(ALARM[0]) == ["5 to 8 in the evening"]


def test_the_minute_of_a_full_hour_is_given_and_its_seconds_are_left_out() -> None:
    _, minute, second = fields("set clock", "hour 23", "minute 59", "second 59", required=False)
    sentence = prepare("make it 9 pm")
    assert allowed_values(minute, sentence, [], {}) == ["9 pm"]
    assert allowed_values(second, sentence, [], {}) == []
    assert allowed_values(second, prepare("make it 9:15:20"), [], {}) == ["9:15:20"]
