"""Numbers and codes that are said in groups, and names with what they are names of."""

from __future__ import annotations

import pytest

from inference.number_texts import number_text, takes_digits, written_numbers
from inference.signatures import Parameter, ParameterKind
from inference.spoken_texts import has_kind, text_gain
from inference.text import prepare


def _text(name: str, description: str = "", pattern: str | None = None) -> Parameter:
    return Parameter(name, ParameterKind.STRING, required=True, description=description, pattern=pattern)


_DIGITS = _text("recipient", pattern="^[0-9]{4,14}$")


@pytest.mark.parametrize(
    ("parameter", "is_number"),
    [
        (_DIGITS, True),
        (_text("mobile_no"), True),
        (_text("to", "Fax number"), True),
        (_text("pin", pattern="^[0-9]{4}$"), False),
        (_text("name", pattern="^.{3,20}$"), False),
        (_text("name"), False),
    ],
)
def test_numbers_of_phones_are_told_by_their_description(parameter: Parameter, is_number: bool) -> None:
    assert takes_digits(parameter) is is_number


@pytest.mark.parametrize(
    ("text", "row", "written"),
    [
        ("ring 0664 12 34 56 please", "0664 12 34 56", "0664123456"),
        ("ring 020-7946-0018", "020-7946-0018", "02079460018"),
        ("ring +44 20 7946 0018", "+44 20 7946 0018", "+442079460018"),
        ("ring 112", None, "112"),
    ],
)
def test_a_number_in_groups_is_one(text: str, row: str | None, written: str) -> None:
    assert number_text(_DIGITS, prepare(text)) == row
    assert written_numbers(_DIGITS, row or "112") == written


@pytest.mark.parametrize(
    ("text", "part", "whole"),
    [
        ("open the gate for LM 70 ABC", "lm 70", "lm 70 abc"),
        ("play the series Salt and Iron", "salt", "salt and iron"),
    ],
)
def test_no_part_of_a_code_or_title_is_a_text(text: str, part: str, whole: str) -> None:
    parameter = _text("title")
    assert text_gain(parameter, part, prepare(text)) < text_gain(parameter, whole, prepare(text))


def test_a_name_is_said_with_what_it_is() -> None:
    sentence = prepare("cancel my Green Door booking and the Green Door")
    assert has_kind("green door booking", sentence)
    assert not has_kind("green door", sentence)
