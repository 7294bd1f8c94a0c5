"""Amounts of time that a device takes as a text."""

from __future__ import annotations

from typing import Any

import pytest

from inference.composition import Lacking
from inference.durations import duration_texts
from inference.notation import NotationError, decode_answer
from inference.program_grammar import allowed_values, string_spans
from inference.program_prompt import parameter_text
from inference.reader_input import function_tokens
from inference.request import Request
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import prepare
from tests.composition_kit import STOP, answered, likely, written
from tests.reader_kit import Pieces, Said

ISO = "ISO 8601"


def duration(layout: str = "HH:MM:SS", **terms: Any) -> Parameter:
    return Parameter(
        "duration", ParameterKind.STRING, format="duration", unit="second", layout=layout, **terms
    )


def offered(parameter: Parameter, said: str) -> list[str]:
    sentence = prepare(said)
    return allowed_values(parameter, sentence, string_spans(sentence.lower), {})


def passed(parameter: Parameter, said: str) -> Any:
    """Return what is passed for the only amount of a sentence."""
    (words,) = offered(parameter, said)
    timer = FunctionSignature("time_it", "", (parameter,))
    (call,) = decode_answer(f"A( {words})", prepare(said), (timer,), {}).calls
    return call.arguments["duration"]


@pytest.mark.parametrize(
    ("said", "layout", "text"),
    [
        ("for 10 minutes", ISO, "PT10M"),
        ("for an hour and a half", ISO, "PT1H30M"),
        ("for two and a third minutes", ISO, "PT2M20S"),
        ("for 45 seconds", ISO, "PT45S"),
        ("for 1.5 seconds", ISO, "PT1.5S"),
        ("for 0 minutes", ISO, "PT0S"),
        ("for two days", ISO, "P2D"),
        ("for 2 weeks", ISO, "P14D"),
        ("for 100.1 days", ISO, "P100DT2H24M"),
        ("for 6 months", ISO, "P6M"),
        ("for a year and a half", ISO, "P1Y6M"),
        ("for 10 minutes", "HH:MM:SS", "00:10:00"),
        ("for an hour and 20 minutes", "HH:MM:SS", "01:20:00"),
        ("for 25 hours", "HH:MM:SS", "25:00:00"),
        ("for 1.1 hours", "HH:MM:SS", "01:06:00"),
        ("for 90 seconds", "H:MM:SS", "0:01:30"),
        ("for 90 seconds", "MM:SS", "01:30"),
        ("for 90 minutes", "MM:SS", "90:00"),
        ("for 90 minutes", "HH:MM", "01:30"),
        ("for a week", "HH:MM", "168:00"),
        ("for half an hour", "H:MM", "0:30"),
        ("for 2.5 minutes", "M:SS", "2:30"),
    ],
)
def test_amounts_of_time_are_written_as_the_device_wants_them(said: str, layout: str, text: str) -> None:
    assert passed(duration(layout), said) == text


@pytest.mark.parametrize(
    ("said", "layout"),
    [
        ("for 90 seconds", "HH:MM"),
        ("for half a second", "MM:SS"),
        ("for a month", "HH:MM:SS"),
        ("for half a month", ISO),
        ("for -5 minutes", ISO),
        ("to 10", ISO),
        ("by 10 percent, 3 metres, twice as long, half way", ISO),
        ("at 7 o'clock", "HH:MM:SS"),
    ],
)
def test_what_is_no_amount_of_time_or_cannot_be_written_exactly_does_not_fit(said: str, layout: str) -> None:
    assert offered(duration(layout), said) == []


def test_a_model_that_writes_what_does_not_fit_is_told() -> None:
    wait = FunctionSignature("wait", "", (duration("HH:MM"),))
    with pytest.raises(NotationError, match="is not a quantity of the sentence that fits duration"):
        decode_answer("A( 90 seconds)", prepare("for 90 seconds"), (wait,), {})


@pytest.mark.parametrize(
    ("pattern", "said", "text"),
    [
        (r"^PT\d+M$", "for 2 hours", "PT120M"),
        (r"^PT\d+S$", "for an hour", "PT3600S"),
        (r"^PT\d+H\d+M\d+S$", "for 10 minutes", "PT0H10M0S"),
        (r"^P\d+DT\d+H\d+M\d+S$", "for 0 minutes", "P0DT0H0M0S"),
        (r"^PT(\d+H)?(\d+M)?$", "for 25 hours", "PT25H"),
        (r"^P\d+W$", "for 14 days", "P2W"),
        (r"^P\d+M$", "for a year", "P12M"),
    ],
)
def test_of_several_ways_to_write_it_the_first_that_the_pattern_allows_is_taken(
    pattern: str, said: str, text: str
) -> None:
    assert passed(duration(ISO, pattern=pattern), said) == text


def test_what_the_pattern_or_the_length_forbids_is_not_offered() -> None:
    assert offered(duration(pattern="^[01][0-9]:"), "for 25 hours") == []
    assert offered(duration(maximum_length=8), "for 100 hours or 10 hours") == ["10 hours"]


def test_the_vendors_own_units_count() -> None:
    assert list(duration_texts(3, "tick", "MM:SS", {"tick": "20 second"})) == ["01:00"]


@pytest.mark.parametrize(
    ("description", "shown_as"),
    [
        ("", ""),
        ("Length of the soak as HH:MM:SS", "Length of the soak"),
        ("How long (in the format mm:ss)", "How long"),
        ("Length, ISO 8601 duration, such as PT10M", "Length"),
        ("HH:MM", ""),
    ],
)
def test_readers_and_models_are_shown_a_number_of_seconds(description: str, shown_as: str) -> None:
    assert parameter_text(duration()) == "duration # second"
    pieces = Pieces()
    shown = [
        function_tokens(FunctionSignature("run", "", (each,)), pieces)
        for each in (
            duration(description=description),
            Parameter("duration", ParameterKind.NUMBER, unit="second", description=shown_as),
        )
    ]
    assert shown[0] == shown[1]


WAIT = FunctionSignature("wait", "Waits.", (duration(ISO),))
COOK = FunctionSignature(
    "cook",
    "Cooks.",
    (
        Parameter("heat", ParameterKind.NUMBER, unit="degC", minimum=50, maximum=250),
        duration(required=False),
        Parameter("label", ParameterKind.STRING, required=False),
    ),
)


def test_a_sentence_ends_in_a_call_with_the_text() -> None:
    said: dict[str, Said] = {"wait": {"duration": "an hour and a half"}}
    answer, _ = answered("wait an hour and a half", [likely(WAIT, among=(WAIT,))], said, (WAIT,))
    assert answer.source == "wait(duration='PT1H30M')\n"


def test_an_amount_of_time_that_the_reader_passes_over_is_used() -> None:
    ranked = [likely(COOK, among=(COOK,))]
    passed_over: dict[str, Said] = {"cook": {"heat": "180 degrees"}}
    assert written("180 degrees, 40 minutes", ranked, passed_over, (COOK,)) == {
        "A( 180 degrees| 40 minutes| _)"
    }


def test_two_amounts_of_time_are_two_calls() -> None:
    text = "wait 10 minutes and then 20 minutes"
    said: dict[str, Said] = {"wait": {"duration": ("10 minutes", "20 minutes")}}
    among = (WAIT, STOP)
    assert written(text, [likely(WAIT, among=among)] * 2, said, among) == {"A( 10 minutes);A( 20 minutes)"}


def test_a_bare_number_is_asked_back() -> None:
    ranked = [likely(WAIT, among=(WAIT,))]
    assert isinstance(written("wait 10", ranked, {"wait": {"duration": "10"}}, (WAIT,)), Lacking)


def test_amounts_of_time_measure_a_duration() -> None:
    request = Request(prepare("cook it at 180 degrees for 40 minutes"), (COOK,))
    assert request.measures(COOK.parameters[1]) == ["40 minutes"]
    assert request.unfit(COOK.parameters[1]) == []
