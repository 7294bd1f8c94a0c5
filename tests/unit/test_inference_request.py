"""What a request is asked: its labels, which choices are named, what may be a value, and where words stand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inference.named_amounts import is_with_name
from inference.program_grammar import allowed_values, string_spans
from inference.request import Request
from inference.said_lists import listed_with
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.spoken_texts import has_article
from inference.text import prepare
from inference.value_places import overlap, places_of
from inference.values import choice_words
from inference.words import split_clauses
from tests.composition_kit import FUNCTIONS, PAINT, likely, written
from tests.reader_kit import Said


def test_what_is_listed_together_is_found_from_each_of_it() -> None:
    request = Request(prepare("water lines 1, 2 & 4 for 9 minutes and 12"), ())
    numbers = ["1", "2", "4", "9", "12"]
    for one in ("1", "2", "4"):
        assert listed_with(one, numbers, request.sentence) == {"1", "2", "4"}
    assert (
        listed_with("9", numbers, request.sentence)
        == listed_with("7", numbers, request.sentence)
        == frozenset()
    )


def test_labels_are_what_somebody_has_given_a_thing_for_a_name() -> None:
    co2 = FunctionSignature("setCO2Limit", "Sets the CO2 limit of zone Z1.")
    said = prepare("set the CO2 of Z1 and crate b-12 to 800 ppm , 35cm from 10.0.0.7 and 7b")
    assert Request(said, (co2,)).labels == ["b-12", "7b"]


def test_a_number_does_not_stand_in_another_one() -> None:
    request = Request(prepare("speed 2.9 , from 10.2 to 2."), ())
    assert places_of("2", request.sentence) == [(25, 26)]
    assert places_of("2.9", request.sentence) == [(6, 9)]


def test_a_number_that_is_said_twice_stands_with_both_names() -> None:
    names = ("retry limit", "window size", "beacon gap")
    first, second, other = (Parameter(name, ParameterKind.INTEGER) for name in names)
    request = Request(prepare("set the retry limit to 9 and the window size to 9, beacon gap 4"), ())
    assert is_with_name(first, "9", request.sentence)
    assert is_with_name(second, "9", request.sentence)
    assert not is_with_name(other, "9", request.sentence)


def test_only_names_have_articles() -> None:
    request = Request(prepare("at the Canteen , a B and The Beatles , tell the truth to Ben"), ())
    having = ("the canteen", "a b")
    assert [has_article(words, request.sentence) for words in having] == [True, True]
    lacking = ("canteen", "the beatles", "the truth", "to ben", "the")
    assert not any(has_article(words, request.sentence) for words in lacking)


def test_choices_are_named_by_their_numbers() -> None:
    bands = FunctionSignature(
        "radio_off",
        "Switches a band off.",
        (Parameter("band", ParameterKind.STRING, choices=("2.4GHz", "5GHz", "5GHz-high", "6GHz")),),
    )
    (band,) = bands.parameters
    request = Request(prepare("switch off 2.4 and 6 ghz , not 5"), (bands,))
    named = [
        choice_words(choice)
        for choice in band.choices
        if request.choices.is_named(band, choice_words(choice))
    ]
    # Two choices have the 5.
    assert named == ["2 4 g hz", "6 g hz"]
    both: dict[str, Said] = {"radio_off": {"band": ("2 4 g hz", "6 g hz")}}
    text = "switch off 2.4 and 6 ghz"
    assert written(text, [likely(bands, among=(bands,))], both, (bands,)) == {"A( 2 4 g hz);A( 6 g hz)"}


def test_all_choices_are_offered_where_the_reader_judges() -> None:
    colours = PAINT.parameters[0]
    sentence = prepare("paint it red")
    spans = string_spans(sentence.lower)
    assert allowed_values(colours, sentence, spans, {}) == ["red"]
    assert Request(sentence, FUNCTIONS).values(colours) == ["red", "green", "blue", "white"]


@pytest.mark.parametrize(
    ("pattern", "values"),
    [
        (r"^[A-Z]-\d$", ["a-7"]),
        ("-", ["a-7", "dock a-7", "a-7 now", "dock a-7 now"]),
        # Python knows no classes of Unicode; the check before the call does.
        (r"^\p{L}-\d$", ["dock", "a-7", "now", "dock a-7", "a-7 now", "dock a-7 now"]),
    ],
)
def test_texts_that_do_not_match_the_pattern_are_not_offered(pattern: str, values: list[str]) -> None:
    parameter = Parameter("berth", ParameterKind.STRING, pattern=pattern)
    assert Request(prepare("Dock A-7 now"), FUNCTIONS).values(parameter) == values


def test_a_request_knows_where_words_stand() -> None:
    request = Request(prepare("Blue and Red"), FUNCTIONS)
    assert request.place("blue") == 0
    assert request.place("red") == 9
    assert request.place("green") == len("blue and red")


def test_places_are_those_of_whole_words() -> None:
    request = Request(prepare("bored , go 10 by infrared , 1 and red light"), FUNCTIONS)
    lower = request.sentence.lower
    assert request.place("1") == lower.index("1 and")
    assert request.place("red") == lower.index("red light")
    for one, other in (("1", "10"), ("red", "infrared"), ("red", "bored"), ("red", "absent")):
        assert not overlap(one, other, request.sentence)
        assert not overlap(other, one, request.sentence)
    assert overlap("red", "red light", request.sentence)
    assert overlap("red light", "red", request.sentence)
    assert overlap("absent", "absent", request.sentence)
    assert overlap("up 10", "10", request.sentence)


WARMTH = Parameter("warmth", ParameterKind.NUMBER, minimum=35, maximum=45, current="get_warmth")


@pytest.mark.parametrize(
    ("text", "amount", "is_value"),
    [
        ("they like it warmer , 42 please", "42", True),
        ("warmer by 42", "42", False),
        ("4 degrees warmer", "4 degrees", False),
        ("warmer , 50 please", "50", False),
    ],
)
def test_an_amount_that_is_too_large_for_a_change_is_a_value(text: str, amount: str, is_value: bool) -> None:
    request = Request(prepare(text), (FunctionSignature("set", "", (WARMTH,)),))
    assert request.changes.is_rather_value(WARMTH, amount) == is_value
    # What begins at nothing may be changed by as much as it can be set to.
    assert not request.changes.is_rather_value(replace(WARMTH, minimum=0, maximum=100), amount)
    assert request.changes.is_rather_value(replace(WARMTH, minimum=0, maximum=3), amount)
    assert not request.changes.is_rather_value(replace(WARMTH, is_step=True), amount)


@pytest.mark.parametrize(
    ("text", "is_backwards"),
    [
        ("rewind 20 secs", True),
        ("20 secs lower", True),
        ("skip 20 secs", False),
        ("go back , then 20 secs on", False),
    ],
)
def test_a_step_goes_back_where_its_part_of_the_sentence_says_so(text: str, is_backwards: bool) -> None:
    assert Request(prepare(text), ()).changes.is_backwards("20 secs") == is_backwards


def test_names_that_end_alike_keep_their_own_quantities() -> None:
    top, bottom = (Parameter(f"{one}Heat", ParameterKind.NUMBER) for one in ("top", "bottom"))
    text = "run it with the top heat at 214 and the bottom heat at 131"
    request = Request(prepare(text), (FunctionSignature("bake", "", (top, bottom)),))
    assert is_with_name(top, "214", request.sentence)
    assert is_with_name(bottom, "131", request.sentence)
    assert not is_with_name(top, "131", request.sentence)


def test_a_name_stands_with_the_quantity_right_behind_it() -> None:
    line = Parameter("line", ParameterKind.INTEGER, minimum=1, maximum=9)
    request = Request(prepare("8 bursts on line 2"), (FunctionSignature("drip", "", (line,)),))
    assert is_with_name(line, "2", request.sentence)
    assert not is_with_name(line, "8", request.sentence)


def test_a_value_stands_with_either_half_of_a_description_that_says_a_name_in_two_ways() -> None:
    warmth = Parameter("wt", ParameterKind.NUMBER, description="The water temperature: warmth of the water.")
    request = Request(
        prepare("set the run to 6 , the warmth of the water to 30"),
        (FunctionSignature("set", "", (warmth,)),),
    )
    assert is_with_name(warmth, "30", request.sentence)
    assert not is_with_name(warmth, "6", request.sentence)


def test_a_share_is_a_value_unless_words_of_change_stand_with_it() -> None:
    share = Parameter(
        "position", ParameterKind.INTEGER, unit="percent", minimum=0, maximum=100, current="get_position"
    )

    def is_value(text: str, amount: str) -> bool:
        return Request(prepare(text), ()).changes.is_rather_value(share, amount)

    assert is_value("the left one three quarters shut", "three quarters")
    assert is_value("halfway down please", "halfway")
    assert not is_value("cut it by a third", "a third")
    assert not is_value("a third less", "a third")


def test_a_unit_is_no_parameters_name() -> None:
    minutes = Parameter("minutes", ParameterKind.INTEGER, unit="minute")
    rest = Parameter("rest minutes", ParameterKind.INTEGER, unit="minute")
    request = Request(prepare("rest for 8 minutes"), ())
    assert not is_with_name(minutes, "8 minutes", request.sentence)
    assert is_with_name(rest, "8 minutes", request.sentence)


def test_a_title_before_a_name_ends_no_sentence() -> None:
    text = "call Dr. Okafor at his office. Then hang up"
    assert split_clauses(text) == ["call Dr. Okafor at his office", "hang up"]
    assert "dr. okafor" in string_spans(text.lower())
    assert "office" in string_spans(text.lower())
