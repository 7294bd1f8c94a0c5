"""Finds times of day in a prepared sentence: "7:30", "half past 7", "quarter to 6", "7 am", "noon", "19 h"."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

_HOUR = r"(?P<hour>[01]?\d|2[0-3])"
_MINUTE = r"(?P<minute>[0-5]\d)"
_HALF_OF_DAY = (
    r"(?P<half>am|pm|a\.m\.?|p\.m\.?|(?:in the|this) (?:morning|afternoon|evening)|tonight|at night)(?!\w)"
)
_BEFORE = r"(?<![\w.:/-])"
_BEHIND = r"(?![\w:/-]|\.\d)"
_CLOCK = rf"(?: o'?clock)?(?: ?{_HALF_OF_DAY})?"
# "from 10 to 6" is a span of time.
_PART = r"(?P<part>half|(?:a )?quarter|(?<!from )(?<!between )(?:5|10|15|20|25))"
_WAY = r"(?P<way>past|after|to|before|till)"
_BARE = r"(?! ?(?:\d|o'?clock|h\b|hours|[ap]\.?m\b|in the|at night))"
_NOON, _DAWN = 12, 6
_PARTS = {"quarter": 15, "half": 30}
_LEAD = r"(?:at|by|for|from|until|till|before|after|around|between) "
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_BEFORE}{_HOUR}:{_MINUTE}(?::(?P<second>[0-5]\d))?{_CLOCK}{_BEHIND}",
        rf"{_BEFORE}{_HOUR}[. ]{_MINUTE} ?{_HALF_OF_DAY}",
        rf"\b{_LEAD}(?P<text>{_HOUR} {_MINUTE}(?! ?[ap]\.?m\b)){_BEHIND}",
        rf"{_BEFORE}{_PART}(?: minutes)? {_WAY} {_HOUR}(?!:){_CLOCK}{_BEHIND}",
        rf"{_BEFORE}(?P<part>half) {_HOUR}(?!:){_CLOCK}{_BEHIND}",
        rf"{_BEFORE}{_HOUR}(?: o'?clock)? ?{_HALF_OF_DAY}",
        rf"{_BEFORE}{_HOUR}(?: o'?clock| ?h| hours){_BEHIND}",
        rf"\b{_LEAD}(?P<text>{_HOUR}){_BARE}{_BEHIND}",
        rf"\b(?:from|between) [^ ]+(?: [ap]m)? (?:to|and|until) (?P<text>{_HOUR}){_BARE}{_BEHIND}",
        r"\b(?P<named>noon|midday|midnight)\b",
    )
)


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time of day; `text` is its span in the prepared sentence, in lower case."""

    text: str
    hour: int
    minute: int
    second: int = 0

    def written(self, *, with_seconds: bool) -> str:
        """Write it as HH:MM or HH:MM:SS."""
        return f"{self.hour:02}:{self.minute:02}" + (f":{self.second:02}" if with_seconds else "")


def find_clock_times(lower: str, plain_numbers: Collection[str]) -> list[ClockTime]:
    """Find times of day, in the sentence's order. A reading inside a longer one is left out.

    Args:
        lower: the prepared sentence.
        plain_numbers: its numbers that have no unit: "at 7" is a time of day, "at 7 bar" is not.
    """
    found: list[tuple[int, int, ClockTime]] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(lower):
            said = match.groupdict()
            group = "text" if said.get("text") else 0
            start, end = match.span(group)
            if any(left <= start and end <= right for left, right, _ in found):
                continue
            if match[group].isdigit() and match[group] not in plain_numbers:
                continue
            hour, minute = _hour_and_minute(said)
            found.append((start, end, ClockTime(match[group], hour, minute, int(said.get("second") or 0))))
    times = [time for _, _, time in sorted(found, key=lambda each: each[:2])]
    return list({time.text: time for time in times}.values())


def _hour_and_minute(said: dict[str, str | None]) -> tuple[int, int]:
    if named := said.get("named"):
        return (0 if named == "midnight" else _NOON), 0
    hour, minute = int(said["hour"] or 0), int(said.get("minute") or 0)
    if part := said.get("part"):
        minute = _PARTS.get(part.removeprefix("a ")) or int(part)
        if said.get("way") in {"to", "before", "till"}:
            hour, minute = hour - 1, 60 - minute
    half = (said.get("half") or "").replace(".", "")
    if half in {"am", "in the morning", "this morning"} or (half == "at night" and hour % _NOON < _DAWN):
        hour %= _NOON
    elif half and hour < _NOON:
        hour += _NOON
    return hour % 24, minute
