"""Days as a device takes them."""

from __future__ import annotations

import pytest

from inference.day_counts import counted_days
from inference.day_texts import (
    day_choices,
    day_writing,
    days_for,
    named_day_choices,
    named_days,
    unwritten_days,
    wished_days,
)
from inference.notation import NotationError
from inference.parameter_names import plain_name
from inference.program_grammar import allowed_values, string_spans
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import prepare
from inference.told_texts import told_texts
from inference.values import decode_value


def _text(description: str = "", pattern: str | None = None) -> Parameter:
    return Parameter("visit_day", ParameterKind.STRING, description=description, pattern=pattern)


_BY_PATTERN = _text("Day of the visit.", "^(today|tomorrow|Mon|Tue|Wed|Thu|Fri|Sat|Sun|[01]\\d-[0-3]\\d)$")
_BY_WORDS = _text("'today', 'tomorrow' or a weekday, or DD.MM.")
_LISTED = _text("one of MON, TUE, WED, THU, FRI")
_EUROPEAN = _text("date as DD/MM/YYYY")
_EXAMPLES = _text("when, e.g. tomorrow, friday")


def _written(parameter: Parameter, text: str) -> list[str]:
    sentence = prepare(text)
    return [
        str(decode_value(parameter, words, sentence, {}))
        for words in allowed_values(parameter, sentence, string_spans(sentence.lower), {})
    ]


@pytest.mark.parametrize(
    ("parameter", "text", "written"),
    [
        (_BY_PATTERN, "Let the plumber in on Thursday", ["Thu"]),
        (_BY_PATTERN, "come next Tuesday", ["Tue"]),
        (_BY_PATTERN, "come on fri", ["Fri"]),
        (_BY_PATTERN, "come tomorow", ["tomorrow"]),
        (_BY_PATTERN, "come this afternoon", ["today"]),
        (_BY_PATTERN, "come tonight at 8", ["today"]),
        (_BY_PATTERN, "come on the second of April", ["04-02"]),
        (_BY_PATTERN, "come on Oct 21st", ["10-21"]),
        (_BY_PATTERN, "come on 07-14", ["07-14"]),
        (_BY_PATTERN, "come on New Year's Eve", ["12-31"]),
        (_BY_PATTERN, "come a week on Friday", []),
        (_BY_PATTERN, "you came last Friday", []),
        (_BY_PATTERN, "come the day after tomorrow", []),
        (_BY_WORDS, "come on Wednesday", ["wednesday"]),
        (_BY_WORDS, "come on 3 September", ["03.09."]),
        (_LISTED, "not before Tuesday", ["TUE"]),
        (_EUROPEAN, "on 1 May 2031", ["01/05/2031"]),
        (_EUROPEAN, "on 1 May", []),
    ],
)
def test_days_are_written_as_the_device_takes_them(
    parameter: Parameter, text: str, written: list[str]
) -> None:
    assert _written(parameter, text) == written


def test_examples_leave_a_text_open() -> None:
    assert day_writing(_EXAMPLES) is None
    assert day_writing(_text("Left out: today.")) is None
    assert day_writing(_text("any name", "^[a-z]+$")) is None
    assert day_writing(_text("speed in m/s, seen at HH:MM")) is None


def test_what_is_no_day_of_the_sentence_is_refused() -> None:
    with pytest.raises(NotationError):
        decode_value(_BY_PATTERN, "friday", prepare("come on Monday"), {})


def test_that_day_is_the_one_that_was_named() -> None:
    assert days_for(_BY_PATTERN, "bake on sunday and remind me that day at 9")["that day"] == "Sun"


def test_a_day_then_replaces_those_before_it() -> None:
    assert [each.text for each in named_days("friday at 9, i'm away friday, monday then")] == ["monday"]
    assert [each.text for each in named_days("friday, and then monday")] == ["friday", "monday"]


@pytest.mark.parametrize(
    ("text", "wished"),
    [
        ("shift the lesson from tuesday to monday", "monday"),
        ("shift my tuesday lesson to monday", "monday"),
        ("shift tuesday's lesson to monday", "monday"),
    ],
)
def test_the_wished_day_is_no_other_ones(text: str, wished: str) -> None:
    function = FunctionSignature("shift_lesson", "Moves a lesson.", (_BY_PATTERN,))
    days = [each.text for each in named_days(text)]
    if "'s" not in text:
        assert [text[start:end] for start, end in wished_days(days, text)] == [wished]
        assert told_texts(_BY_PATTERN, function, prepare(text)) == (wished,)


def test_a_day_that_cannot_be_written_is_told() -> None:
    choices = Parameter("day", ParameterKind.STRING, required=False, choices=("today", "tomorrow", "friday"))
    assert unwritten_days(choices, "on saturday at 8") == [(3, 11)]
    assert unwritten_days(choices, "on friday at 8") == []
    assert unwritten_days(choices, "plan the weekend") == []
    assert unwritten_days(_BY_PATTERN, "the day after tomorrow") == [(0, 22)]
    assert unwritten_days(_EXAMPLES, "the day after tomorrow") == []


def test_choices_that_are_days() -> None:
    days = day_choices(["today", "tomorrow", "friday", "saturday"])
    assert named_day_choices(days, "tonight at 8") == {"today": (0, 7)}
    assert named_day_choices(days, "the day after tomorrow") == {}
    assert not day_choices(["day", "night"])
    assert not day_choices(["today", "later"])


def test_a_list_of_days_is_no_name() -> None:
    assert plain_name(_text("today, tomorrow, mon, tue, wed")) == "visit day"


_AHEAD = Parameter(
    "days_ahead", ParameterKind.INTEGER, description="0 is today", unit="day", minimum=0, maximum=5
)
_AGO = Parameter("ago", ParameterKind.INTEGER, description="days back: 0 today, 1 yesterday")


@pytest.mark.parametrize(
    ("parameter", "text", "counted"),
    [
        (_AHEAD, "the tide tomorrow", {"tomorrow": 1}),
        (_AHEAD, "the tide the day after tomorrow", {"the day after tomorrow": 2}),
        (_AHEAD, "the tide tonight", {"tonight": 0}),
        (_AHEAD, "the tide yesterday", {}),
        (_AHEAD, "the tide on friday", {}),
        (_AGO, "my steps yesterday", {"yesterday": 1}),
        (Parameter("days", ParameterKind.INTEGER, description="how long"), "leave tomorrow", {}),
    ],
)
def test_days_from_today_are_counted(parameter: Parameter, text: str, counted: dict[str, int]) -> None:
    sentence = prepare(text)
    assert counted_days(parameter, sentence) == counted
    for words, number in counted.items():
        assert words in allowed_values(parameter, sentence, [], {})
        assert decode_value(parameter, words, sentence, {}) == number
