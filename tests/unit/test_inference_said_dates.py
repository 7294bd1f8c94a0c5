"""Days and dates that a sentence names."""

from __future__ import annotations

from datetime import date

import pytest

from inference.notation import NotationError
from inference.program_grammar import allowed_values, string_spans
from inference.said_dates import end_of_day, said_dates
from inference.signatures import Parameter, ParameterKind
from inference.text import prepare
from inference.values import decode_value

_LAST = Parameter("last", ParameterKind.STRING, description="Last day, YYYY-MM-DD")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("by saturday", ["saturday"]),
        ("the day after tomorrow or next friday", ["the day after tomorrow", "next friday"]),
        ("from march 3 to the 7 of may", ["march 3", "the 7 of may"]),
        ("until august 14, 2026", ["august 14, 2026"]),
        ("you may go 4 steps", []),
        ("at 14 may 2030", ["14 may 2030"]),
        ("march to shelf 3", []),
    ],
)
def test_days_are_found(text: str, found: list[str]) -> None:
    assert [each.text for each in said_dates(text)] == found


def test_a_part_of_the_day_stands_behind() -> None:
    assert end_of_day("tomorrow morning at 7", 8) == 16
    assert end_of_day("tomorrow at 7", 8) == 8


def test_a_date_with_its_year_is_a_calendar_day() -> None:
    said = prepare("close it from January 2 until the 5th of February 2027")
    assert allowed_values(_LAST, said, string_spans(said.lower), {}) == ["the 5 of february 2027"]
    assert decode_value(_LAST, "the 5 of february 2027", said, {}) == "2027-02-05"
    assert said_dates("on 2027-02-05")[0].day == date(2027, 2, 5)


def test_what_is_no_date_is_no_calendar_day() -> None:
    assert said_dates("february 30, 2027")[0].day is None
    with pytest.raises(NotationError):
        decode_value(_LAST, "soon", prepare("until soon"), {})
