"""Lengths and ends of what begins and ends at times of day."""

from __future__ import annotations

import pytest

from inference.program_grammar import allowed_values
from inference.signatures import Parameter, ParameterKind
from inference.text import prepare
from inference.time_spans import end_by_length, only_time, part_of_span, said_stretch
from inference.values import decode_value

_START = Parameter("start", ParameterKind.STRING, format="time")
_STOP = Parameter("stop", ParameterKind.STRING, format="time", required=False)
_LENGTH = Parameter("duration", ParameterKind.INTEGER, unit="minute", minimum=5, maximum=600)
_SINCE = Parameter("newer_than", ParameterKind.INTEGER, required=False, unit="day", minimum=1, maximum=90)


@pytest.mark.parametrize(
    ("text", "begin", "minutes"),
    [
        ("hold the court from 7:15 to 9", "7:15", 105),
        ("hold the court 14:00-15:30", "14:00", 90),
        ("hold the court between 9 and 11", "9", 120),
        ("hold the court from 10 till noon", "10", 120),
        ("hold the court from 11 pm to 1 am", "11 pm", 120),
        ("hold the court from 11 to 1", "11", 120),
    ],
)
def test_a_span_tells_how_long_it_is(text: str, begin: str, minutes: int) -> None:
    sentence, both = prepare(text), [_START, _LENGTH]
    words = part_of_span(_LENGTH, both, sentence)
    assert part_of_span(_START, both, sentence) == begin
    assert words in allowed_values(_LENGTH, sentence, [], {})
    assert decode_value(_LENGTH, words or "", sentence, {}) == minutes


def test_a_span_is_no_length_where_that_is_said_or_the_end_is_taken() -> None:
    assert part_of_span(_LENGTH, [_START, _LENGTH], prepare("from 9 to 11, that is 2 hours")) is None
    assert part_of_span(_LENGTH, [_START, _STOP, _LENGTH], prepare("from 9 to 11")) is None
    assert part_of_span(_LENGTH, [_START, _LENGTH], prepare("at 9")) is None


@pytest.mark.parametrize(
    ("text", "end"),
    [("pump from 11 pm for 3 hours", "02:00"), ("pump for 90 minutes from 6:15 am", "07:45")],
)
def test_a_length_tells_the_end(text: str, end: str) -> None:
    sentence, both = prepare(text), [_START, _STOP]
    words = end_by_length(_STOP, both, sentence)
    assert words in allowed_values(_STOP, sentence, [], {})
    assert decode_value(_STOP, words or "", sentence, {}) == end
    assert end_by_length(_START, both, sentence) is None


def test_a_length_is_no_end_where_it_is_taken_itself_or_is_no_length() -> None:
    sentence = prepare("pump from 11 pm for 3 hours")
    assert end_by_length(_STOP, [_START, _STOP, _LENGTH], sentence) is None
    assert end_by_length(_STOP, [_START, _STOP], prepare("in 3 hours pump until 11 pm")) is None


@pytest.mark.parametrize(
    ("text", "days"),
    [("posts from this past week", 7), ("posts of the last fortnight", 14), ("posts of the past 3 days", 3)],
)
def test_a_stretch_reaches_back_from_now(text: str, days: int) -> None:
    sentence = prepare(text)
    words = said_stretch(_SINCE, [_SINCE], sentence)
    assert decode_value(_SINCE, words or "", sentence, {}) == days


def test_other_amounts_are_no_stretch() -> None:
    assert said_stretch(_SINCE, [_SINCE], prepare("posts about 3 days in Rome")) is None
    assert said_stretch(_SINCE, [_SINCE], prepare("show the next week")) is None
    assert said_stretch(_SINCE, [_SINCE], prepare("post it at half past 12")) is None


def test_the_only_time_is_that_which_is_needed() -> None:
    assert only_time(_START, [_START, _LENGTH], prepare("a court for 4 at 7")) is None
    assert only_time(_START, [_START, _LENGTH], prepare("a court at 7")) == "7"
    assert only_time(_START, [_START], prepare("a court for 2")) is None
    assert only_time(_START, [_START], prepare("a court at quarter past 7")) == "quarter past 7"
