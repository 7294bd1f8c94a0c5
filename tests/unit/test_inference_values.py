"""Richer values: shares of a range, changes of the present value, lists, objects, times of day, repetition."""

from __future__ import annotations

from typing import Any

import pytest

from inference.notation import NotationError, PlannedCall, decode_answer
from inference.program import ask_for_program
from inference.program_grammar import allowed_values, maximum_calls, program_grammar, string_spans
from inference.program_prompt import Hint, parameter_text, program_prompt
from inference.program_source import python_source
from inference.quantities import Quantity
from inference.scripted_model import ScriptedModel
from inference.shares import SHARE_OF_RANGE
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import prepare
from inference.units import convert_difference
from inference.values import fit_quantity, fits_text

INTEGER, NUMBER, STRING = ParameterKind.INTEGER, ParameterKind.NUMBER, ParameterKind.STRING
BRIGHTNESS = Parameter(
    "level", INTEGER, unit="percent", minimum=0, maximum=100, current="get_brightness", required=False
)
WARMTH = Parameter("celsius", NUMBER, unit="degC", minimum=5, maximum=30, current="temperature")
PACE = Parameter("pace", NUMBER, unit="meter/second", minimum=0, current="pace")
COLORS = Parameter("colors", STRING, choices=("RED", "deepBlue", "GREEN"), many=True, maximum_items=2)
WAKE = Parameter("wake", STRING, format="time")


def one(parameter: Parameter) -> tuple[FunctionSignature, ...]:
    return (FunctionSignature("set_it", "Sets it.", (parameter,)),)


def decoded(parameter: Parameter, said: str, words: str) -> PlannedCall:
    (call,) = decode_answer(f"A( {words})", prepare(said), one(parameter), {}).calls
    return call


def offered(parameter: Parameter, said: str) -> list[str]:
    sentence = prepare(said)
    return allowed_values(parameter, sentence, string_spans(sentence.lower), {})


@pytest.mark.parametrize(
    ("said", "quantities"),
    [
        ("set it to half", [Quantity("half", 0.5, SHARE_OF_RANGE)]),
        ("open it Halfway", [Quantity("halfway", 0.5, SHARE_OF_RANGE)]),
        ("one third of its speed", [Quantity("one third", 1 / 3, SHARE_OF_RANGE)]),
        ("two thirds", [Quantity("two thirds", 2 / 3, SHARE_OF_RANGE)]),
        ("three quarters open", [Quantity("three quarters", 0.75, SHARE_OF_RANGE)]),
        ("a quarter of the range", [Quantity("a quarter", 0.25, SHARE_OF_RANGE)]),
        ("full power", [Quantity("full", 1, SHARE_OF_RANGE)]),
        ("the lowest, not the max", [Quantity("lowest", 0, SHARE_OF_RANGE), Quantity("max", 1, SHARE_OF_RANGE)]),
        ("half a meter", [Quantity("half a meter", 0.5, "meter")]),
        ("a quarter of an hour", [Quantity("a quarter of an hour", 0.25, "hour")]),
        ("two and a half meters", [Quantity("2 and a half meters", 2.5, "meter")]),
        ("half past seven", [Quantity("7", 7)]),
        ("quarter to six", [Quantity("6", 6)]),
        ("for a minute", [Quantity("a minute", 1, "minute")]),
        ("an hour and a half", [Quantity("an hour and a half", 1.5, "hour")]),
        ("two days and a half", [Quantity("2 days and a half", 2.5, "day")]),
        ("45 litres a minute", [Quantity("45 litres a minute", 45, "liter/minute")]),
        ("3 l/min", [Quantity("3 l/min", 3, "liter/minute")]),
        ("2 mm per second", [Quantity("2 mm per second", 2, "millimeter/second")]),
        ("20 minutes a day", [Quantity("20 minutes", 20, "minute"), Quantity("a day", 1, "day")]),
        ("run 5 min", [Quantity("5 min", 5, "minute")]),
    ],
)  # fmt: skip
def test_fractions_are_shares_unless_a_unit_or_an_hour_follows(said: str, quantities: list[Quantity]) -> None:
    assert list(prepare(said).quantities) == quantities


@pytest.mark.parametrize(
    ("minimum", "maximum", "value", "unit", "fitted"),
    [
        (10, 60, 0.5, SHARE_OF_RANGE, 30),
        (10, 60, 0.0, SHARE_OF_RANGE, 10),
        (-90, 90, 2 / 3, SHARE_OF_RANGE, 30),
        (-90, 90, 0.0, SHARE_OF_RANGE, -90),
        (None, 60, 1.0, SHARE_OF_RANGE, 60),
        (None, 60, 0.5, SHARE_OF_RANGE, None),
        (0, None, 0.5, SHARE_OF_RANGE, None),
        (0, 250, 60, "percent", 150),
    ],
)
def test_shares_are_taken_of_the_parameters_range(
    minimum: float | None, maximum: float | None, value: float, unit: str, fitted: float | None
) -> None:
    parameter = Parameter("speed", NUMBER, minimum=minimum, maximum=maximum)
    assert fit_quantity(parameter, value, unit, {}) == fitted


@pytest.mark.parametrize(("value", "said"), [(60, "meter"), (60, "percent"), (2.5, "hour"), (7, None)])
def test_a_parameter_without_a_unit_takes_what_is_said_as_it_is(value: float, said: str | None) -> None:
    assert fit_quantity(Parameter("speed", NUMBER, minimum=-100, maximum=100), value, said, {}) == value


@pytest.mark.parametrize(
    ("unit", "said"),
    [("meter", "hour"), ("degC", "kilogram"), ("second", "degree"), ("meter", "meter/second")],
)
def test_a_parameter_with_a_unit_takes_nothing_that_measures_something_else(unit: str, said: str) -> None:
    assert fit_quantity(Parameter("speed", NUMBER, unit=unit), 60, said, {}) is None
    assert (
        fit_quantity(Parameter("speed", NUMBER, unit=unit, minimum=-100, maximum=100), 60, "percent", {})
        is None
    )


def test_a_whole_number_is_the_nearest_one_only_where_a_unit_was_said() -> None:
    # A plain 2.5 is no count, while 2.5 of a unit is rounded to what the machine can do.
    assert fit_quantity(Parameter("count", INTEGER), 2.5, None, {}) is None
    assert fit_quantity(Parameter("speed", INTEGER), 2.6, "hour", {}) == 3


def test_percent_stays_percent_where_the_parameter_is_one() -> None:
    fraction = Parameter("share", NUMBER, unit="fraction", minimum=0, maximum=0.5)
    assert fit_quantity(fraction, 40, "percent", {}) == 0.4


def test_a_difference_of_temperature_is_not_a_temperature() -> None:
    assert convert_difference(9, "degF", "degC") == 5
    assert convert_difference(3, "degree", "degC") == 3
    warmer = "3 degrees fahrenheit"
    assert offered(WARMTH, f"{warmer} warmer") == ["up", f"up {warmer}", "down", f"down {warmer}"]


@pytest.mark.parametrize(
    ("parameter", "said", "words", "source"),
    [
        (BRIGHTNESS, "10 percent brighter", "up 10 percent",
         "brightness = get_brightness()\nset_it(level=min(100, max(0, round(brightness + 10))))\n"),
        (BRIGHTNESS, "a bit darker", "down",
         "brightness = get_brightness()\nset_it(level=min(100, max(0, round(brightness - 10))))\n"),
        (WARMTH, "9 degrees fahrenheit warmer", "up 9 degrees fahrenheit",
         "temperature_now = temperature()\nset_it(celsius=min(30, max(5, round(temperature_now + 5, 9))))\n"),
        (WARMTH, "a little cooler", "down",
         "temperature_now = temperature()\nset_it(celsius=min(30, max(5, round(temperature_now - 2.5, 9))))\n"),
        (PACE, "20% faster", "up 20%", "pace_now = pace()\nset_it(pace=max(0, round(pace_now + pace_now * 0.2, 9)))\n"),
        (BRIGHTNESS, "a quarter less light", "down a quarter",
         "brightness = get_brightness()\nset_it(level=min(100, max(0, round(brightness - max(1, brightness * 0.25)))))\n"),
        (Parameter("n", INTEGER, minimum=0, maximum=100, current="n"), "10 percent more", "up 10 percent",
         "n_now = n()\nset_it(n=min(100, max(0, round(n_now + 10))))\n"),
        (Parameter("n", NUMBER, minimum=0, maximum=250, current="n"), "10 percent more", "up 10 percent",
         "n_now = n()\nset_it(n=min(250, max(0, round(n_now + n_now * 0.1, 9))))\n"),
        (Parameter("n", NUMBER, current="n"), "3 degrees more", "up 3 degrees",
         "n_now = n()\nset_it(n=round(n_now + 3, 9))\n"),
        (Parameter("n", INTEGER, current="n"), "less", "down",
         "n_now = n()\nset_it(n=round(n_now - max(1, abs(n_now) * 0.1)))\n"),
    ],
)  # fmt: skip
def test_a_change_reads_the_present_value_and_does_the_sum(
    parameter: Parameter, said: str, words: str, source: str
) -> None:
    assert python_source([decoded(parameter, said, words)]) == source


STEP = Parameter("offset", INTEGER, minimum=-60, maximum=60, unit="second", is_step=True)


@pytest.mark.parametrize(
    ("said", "words", "value"),
    [
        ("20 seconds back", "down 20 seconds", -20),
        ("20 seconds ahead", "up 20 seconds", 20),
        ("half a minute back", "down half a minute", -30),
        ("minus 20 seconds", "-20 seconds", -20),
    ],
)
def test_a_step_has_the_sign_of_its_direction(said: str, words: str, value: int) -> None:
    assert words in offered(STEP, said)
    assert decoded(STEP, said, words).arguments == {"offset": value}


@pytest.mark.parametrize("said", ["2 minutes back", "20 percent back", "a third less", "back a bit"])
def test_no_step_is_longer_than_the_device_takes_or_a_share_or_unsaid(said: str) -> None:
    assert not any("up" in words or "down" in words for words in offered(STEP, said))


def test_changes_are_offered_only_where_the_present_value_can_be_told() -> None:
    assert offered(BRIGHTNESS, "5 up") == ["5", "up", "up 5", "down", "down 5"]
    silent = Parameter("level", INTEGER, minimum=0, maximum=100)
    assert offered(silent, "5 up") == ["5"]
    with pytest.raises(NotationError, match="not a quantity"):
        decoded(silent, "5 up", "up 5")
    with pytest.raises(NotationError, match="not a quantity"):
        decoded(BRIGHTNESS, "up full", "up full")


def test_a_list_holds_its_items_in_order_and_within_its_bounds() -> None:
    call = decoded(COLORS, "red and Deep Blue", "red & deep blue")
    assert call.arguments == {"colors": ["RED", "deepBlue"]}
    assert call.said == {"colors": "red & Deep Blue"}
    with pytest.raises(NotationError, match="has 3 items; allowed: 1 to 2"):
        decoded(COLORS, "all", "red & green & deep blue")


def test_a_list_of_different_things_keeps_each_once() -> None:
    shelves = Parameter("shelves", INTEGER, many=True, unique_items=True)
    assert decoded(shelves, "3 and 4", "3 & 4 & 3").arguments == {"shelves": [3, 4]}


COLOR = FunctionSignature(
    "paint",
    "Paints.",
    (
        Parameter("id", INTEGER),
        Parameter("red", INTEGER, False, path=("color", "red"), needed_with=("color",), maximum=255),
        Parameter("alpha", NUMBER, False, path=("color", "alpha")),
    ),
    required_objects=(("options",), ("color", "extra")),
)


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("A( 1| 20| 0.5)", {"id": 1, "color": {"red": 20, "alpha": 0.5, "extra": {}}, "options": {}}),
        ("A( 1| 20| _)", {"id": 1, "color": {"red": 20, "extra": {}}, "options": {}}),
        ("A( 1| _| _)", {"id": 1, "options": {}}),
    ],
)
def test_members_of_an_object_are_put_back_into_it(text: str, arguments: dict[str, object]) -> None:
    (call,) = decode_answer(text, prepare("1 red 20 alpha 0.5"), (COLOR,), {}).calls
    assert call.arguments == arguments
    assert set(call.said) <= {"id", "color.red", "color.alpha"}


def test_an_object_is_not_passed_without_what_it_needs() -> None:
    with pytest.raises(NotationError, match=r"color\.red of paint is required with color"):
        decode_answer("A( 1| _| 0.5)", prepare("1 alpha 0.5"), (COLOR,), {})
    grammar = program_grammar(prepare("1 alpha 0.5"), (COLOR,))
    assert '(" _" "|" " _" | va2 "|" va3)' in grammar
    assert 'va2 ::= " 1"\n' in grammar


@pytest.mark.parametrize(
    ("said", "text", "written"),
    [
        ("wake me at 7:30", "7:30", "07:30"),
        ("at half past seven", "half past 7", "07:30"),
        ("at half past seven pm", "half past 7 pm", "19:30"),
        ("quarter to six", "quarter to 6", "05:45"),
        ("twenty past 4 in the afternoon", "20 past 4 in the afternoon", "16:20"),
        ("at 7 am", "7 am", "07:00"),
        ("at 12 am", "12 am", "00:00"),
        ("at seven thirty", "7 30", "07:30"),
        ("around 19 h", "19 h", "19:00"),
        ("at eight o'clock in the evening", "8 o'clock in the evening", "20:00"),
        ("at noon", "noon", "12:00"),
        ("from half past six in the morning", "half past 6 in the morning", "06:30"),
        ("until half past six tonight", "half past 6 tonight", "18:30"),
        ("at Midnight", "midnight", "00:00"),
        ("at 22", "22", "22:00"),
    ],
)
def test_times_of_day_are_copied_and_written_as_hours_and_minutes(said: str, text: str, written: str) -> None:
    assert offered(WAKE, said) == [text]
    assert decoded(WAKE, said, text).arguments == {"wake": written}


def test_a_span_of_time_has_two_times_and_an_amount_has_none() -> None:
    assert offered(WAKE, "from 10 to 6") == ["10", "6"]
    assert offered(WAKE, "for 20 seconds at 7 bar") == []


def test_a_time_of_day_is_written_with_seconds_where_the_device_wants_them() -> None:
    assert decoded(Parameter("at", STRING, format="time", with_seconds=True), "7 pm", "7 pm").arguments == {
        "at": "19:00:00"
    }


@pytest.mark.parametrize(
    ("limits", "text", "fits"),
    [
        ({}, "", True),
        ({"minimum_length": 2}, "a", False),
        ({"minimum_length": 2, "maximum_length": 3}, "ab", True),
        ({"minimum_length": 2, "maximum_length": 3}, "abc", True),
        ({"maximum_length": 3}, "abcd", False),
        ({"pattern": r"^[A-Z]\d$"}, "A7", True),
        ({"pattern": r"^[A-Z]\d$"}, "a7", False),
        # As in a schema, a pattern need not match all of a text.
        ({"pattern": r"\d"}, "dock 7", True),
        ({"pattern": r"^\p{L}+$"}, "7", True),
        ({"pattern": "["}, "7", True),
        ({"pattern": "[", "maximum_length": 3}, "four", False),
    ],
)
def test_a_text_fits_by_its_length_and_pattern(limits: dict[str, Any], text: str, fits: bool) -> None:
    assert fits_text(Parameter("name", STRING, **limits), text) is fits


def test_a_pattern_is_asked_of_the_persons_own_capitals() -> None:
    berth = Parameter("berth", STRING, pattern=r"^[A-Z]-\d$")
    assert offered(berth, "Go to A-7, not to b-2 or C-12") == ["a-7"]
    assert offered(berth, "go to a-7") == []
    assert decoded(berth, "Go to A-7", "a-7").arguments == {"berth": "A-7"}
    with pytest.raises(NotationError, match="berth"):
        decoded(berth, "go to a-7", "a-7")
    shouted = Parameter("berths", STRING, pattern=r"^[A-Z]-\d$", many=True)
    assert offered(shouted, "Go to A-7 and B-2") == ["a-7", "b-2"]


@pytest.mark.parametrize(
    ("said", "calls"),
    [
        ("blink", 1),
        ("blink twice", 2),
        ("blink three times", 3),
        ("blink and beep four times", 6),
        ("blink 99 times", 6),
        ("move and lift", 2),
    ],
)
def test_as_many_calls_are_allowed_as_the_sentence_says(said: str, calls: int) -> None:
    assert maximum_calls(prepare(said).lower) == calls


@pytest.mark.parametrize(
    ("parameter", "text"),
    [
        (BRIGHTNESS, "level # percent ~ ?"),
        (COLORS, "colors several red / deep blue / green"),
        (Parameter("names", STRING, many=True), "names several text"),
        (Parameter("shelves", INTEGER, many=True, required=False), "shelves several # ?"),
        (WAKE, "wake time"),
        (COLOR.parameters[1], "color red # ?"),
    ],
)
def test_the_prompt_says_what_may_be_written(parameter: Parameter, text: str) -> None:
    assert parameter_text(parameter) == text
    assert f" ( {text} ) =A" in program_prompt(prepare("go"), one(parameter), [[Hint(0, 0.9)]]).compact


def test_the_numbers_of_a_time_of_day_are_not_taken_for_others_that_were_ignored() -> None:
    alarm = FunctionSignature("alarm", "", (WAKE, Parameter("volume", INTEGER, maximum=10, required=False)))
    answer = ask_for_program(ScriptedModel(["A( 7:30| _)"]), "wake me at 7:30", (alarm,))
    assert answer.source == "alarm(wake='07:30')\n"
