"""Tells which texts are times of day, and how the device wants them written."""

from __future__ import annotations

import re
from typing import Literal

from firmware_api_specs.data_schema import DataSchema

ClockFormat = Literal["HH:MM", "HH:MM:SS"]

_EXAMPLES: dict[ClockFormat, tuple[str, str]] = {
    "HH:MM": ("07:30", "23:59"),
    "HH:MM:SS": ("07:30:00", "23:59:59"),
}
# What a pattern for times of day does not match, and one for any text or any digits does.
_NO_TIMES = ("0730", "ab:cd", "")
_IN_WORDS = re.compile(r"\bhh:mm(:ss)?\b", re.IGNORECASE)


def clock_format(schema: DataSchema, item: DataSchema) -> ClockFormat | None:
    """Say how a time of day is written, by `format`, `pattern` or a description that says HH:MM; None for other texts.

    Args:
        schema: the description of the argument.
        item: the description of one item where that is a list, else the same.
    """
    if item.type != "string" or item.choices or item.format not in {None, "time"}:
        return None
    in_words = _IN_WORDS.search(f"{schema.native} {schema.english} {item.native} {item.english}")
    if item.pattern is None and item.format is None and in_words is None:
        return None
    least, most = item.minimum_length or 0, item.maximum_length
    wanted: ClockFormat | None
    if item.pattern is not None:
        wanted = _by_pattern(item.pattern, is_told=item.format == "time" or in_words is not None)
    else:
        wanted = "HH:MM:SS" if least > len("HH:MM") or (in_words and in_words[1]) else "HH:MM"
    fits = wanted is not None and least <= len(wanted) and (most is None or len(wanted) <= most)
    return wanted if fits else None


def _by_pattern(pattern: str, *, is_told: bool) -> ClockFormat | None:
    if not is_told and any(re.search(pattern, text) for text in _NO_TIMES):
        return None
    for wanted, examples in _EXAMPLES.items():
        if all(re.search(pattern, example) for example in examples):
            return wanted
    return None
