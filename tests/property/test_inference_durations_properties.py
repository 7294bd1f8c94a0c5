"""What is written for an amount of time reads back as the same number of seconds."""

from __future__ import annotations

import re
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from inference.durations import ISO_LAYOUT, duration_texts

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
ISO_SECONDS = {"W": 604_800, "D": 86_400, "H": 3600, "M": 60, "S": 1}
CLOCK_LAYOUTS = ("HH:MM:SS", "H:MM:SS", "HH:MM", "H:MM", "MM:SS", "M:SS")
units = st.sampled_from(sorted(SECONDS))
# People say up to three decimals, and no more than a few thousand of anything.
amounts = st.integers(0, 9_999_999).map(lambda thousandths: Fraction(thousandths, 1000))


def read_iso(text: str) -> Fraction:
    match = re.fullmatch(r"P((?:\d+[WD])*)(?:T((?:[\d.]+[HMS])+))?", text)
    assert match is not None
    assert match[1] or match[2]
    parts = re.findall(r"([\d.]+)([WDHMS])", text)
    return sum((Fraction(amount) * ISO_SECONDS[unit] for amount, unit in parts), Fraction())


def read_clock(text: str, layout: str) -> int:
    fields, names = text.split(":"), layout.split(":")
    assert [len(field) for field in fields[1:]] == [2] * (len(names) - 1)
    assert len(fields[0]) >= len(names[0])
    assert all(int(field) < 60 for field in fields[1:])
    return sum(int(field) * ISO_SECONDS[name[0]] for field, name in zip(fields, names, strict=True))


@given(amount=amounts, unit=units)
def test_every_way_to_write_it_in_iso_8601_reads_back(amount: Fraction, unit: str) -> None:
    texts = list(duration_texts(float(amount), unit, ISO_LAYOUT, {}))
    assert texts
    assert {read_iso(text) for text in texts} == {amount * SECONDS[unit]}


@given(amount=amounts, unit=units, layout=st.sampled_from(CLOCK_LAYOUTS))
def test_what_is_written_like_a_clock_reads_back_and_the_rest_is_refused(
    amount: Fraction, unit: str, layout: str
) -> None:
    seconds = amount * SECONDS[unit]
    texts = list(duration_texts(float(amount), unit, layout, {}))
    is_exact = seconds % ISO_SECONDS[layout[-1]] == 0
    assert [read_clock(text, layout) for text in texts] == ([seconds] if is_exact else [])
