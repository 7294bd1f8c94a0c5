"""Finds times of day in a prepared sentence: "7:30", "half past 7", "quarter to 6", "7 am", "noon", "19 h"."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

_HOUR = r"(?P<hour>[01]?\d|2[0-3])"
_MINUTE = r"(?P<minute>[0-5]\d)"
_PART_OF_DAY = (
    r"(?:(?:in the|this|tomorrow|yesterday|on \w+day|\w+day|last)(?: (?:early|late))? (?:morning|afternoon|evening|night)"
    r"|tonight|at night)(?!\w)"
)
_HALF_OF_DAY = rf"(?P<half>(?:am|pm|a\.m\.?|p\.m\.?)(?!\w)|{_PART_OF_DAY})"
# "Tonight at 8" and "on Friday evening, 7 o'clock".
_PART_BEFORE = re.compile(
    rf"(?<!\w)(?P<part>{_PART_OF_DAY}),?(?: (?:at|from|by|around|about|between|before|after|until|till|for|starting|exactly))* ?$"
)
# Nobody has lunch at 1 in the night, or dinner at 7 in the morning.
_MEAL_BEFORE = re.compile(r"(?<!\w)(?P<meal>lunch|dinner|supper)(?!\w)(?:(?! and )[^.;!?]){0,60}$")
_MEAL_HOURS = {"lunch": range(1, 4), "dinner": range(4, 12), "supper": range(4, 12)}
_BEFORE = r"(?<![\w.:/-])"
_BEHIND = r"(?![\w:/-]|\.\d)"
_CLOCK = rf"(?: o'?clock)?(?: ?{_HALF_OF_DAY})?"
# "from 10 to 6" is a span of time.
_PART = r"(?P<part>half|(?:a )?quarter|(?<!from )(?<!between )(?:5|10|15|20|25))"
_WAY = r"(?P<way>past|after|to|before|till)"
# "5 to 8 in the evening" is a span of time, or 7:55, which it is behind "at".
_MAY_BE_SPAN = re.compile(r"(?P<hour>5|10) (?:to|till) (?=\d)")
_POINT = re.compile(r"\b(?:at|by|before|after|until|till|around|about) $")
_UNTIL = re.compile(
    rf"(?<![\w.:/-]){_HOUR}(?: o'?clock)? ?(?:to|till|until|through|thru|-|\u2013|(?<=between \d )and|(?<=between \d\d )and) ?$"
)
_BARE = r"(?! ?(?:\d|o'?clock|h\b|hours|[ap]\.?m\b|in the|at night))"
_NOON, _DAWN = 12, 6
_PARTS = {"quarter": 15, "half": 30}
_LEAD = r"(?:at|by|for|from|until|till|before|after|around|between) "
# "For 2 hours" tells how long.
_NO_LENGTH = (
    r"(?<!for )(?<!in )(?<!every )(?<!within )(?<!another )(?<!next )(?<!last )(?<!past )(?!\d hours)"
)
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?:12 )?(?P<named>noon|midday|midnight)\b",
        rf"{_BEFORE}{_HOUR}:{_MINUTE}(?::(?P<second>[0-5]\d))?{_CLOCK}{_BEHIND}",
        rf"{_BEFORE}{_HOUR}[. ]{_MINUTE} ?{_HALF_OF_DAY}",
        rf"\b{_LEAD}(?P<text>{_HOUR} {_MINUTE}(?! ?[ap]\.?m\b)){_BEHIND}",
        rf"{_BEFORE}{_PART}(?: minutes)? {_WAY} {_HOUR}(?!:){_CLOCK}{_BEHIND}",
        rf"{_BEFORE}(?P<part>half) {_HOUR}(?!:){_CLOCK}{_BEHIND}",
        rf"{_BEFORE}{_HOUR}(?: o'?clock)? ?{_HALF_OF_DAY}",
        rf"{_BEFORE}{_NO_LENGTH}{_HOUR}(?: o'?clock| ?h| hours){_BEHIND}",
        rf"\b{_LEAD}(?P<text>{_HOUR}\.{_MINUTE}){_BEHIND}",
        rf"\b{_LEAD}(?P<text>(?P<hour>[01]\d|2[0-3]){_MINUTE}(?: ?h| hours)){_BEHIND}",
        rf"\b{_LEAD}(?P<text>(?P<hour>0\d){_MINUTE}){_BEHIND}",
        rf"\b{_LEAD}(?P<text>{_HOUR}){_BARE}{_BEHIND}",
        rf"\b(?:from|between) [^ ]+(?: [ap]m)? (?:to|and|until) (?P<text>{_HOUR}){_BARE}{_BEHIND}",
    )
)


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time of day; `text` is its span in the prepared sentence, in lower case.

    `is_end` is set where it is one end of a span of time that may also be one time: of "5 to 8 in the evening" both ends.
    """

    text: str
    hour: int
    minute: int
    second: int = 0
    is_end: bool = False

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
            is_number = match[group].replace(".", "", 1).isdigit()
            if is_number and match[group] not in plain_numbers:
                continue
            hour, minute = _hour_and_minute(
                said | {"half": said.get("half") or _half_before(lower, start, said)}
            )
            found.append((start, end, ClockTime(match[group], hour, minute, int(said.get("second") or 0))))
    ends = list(_span_ends(lower, found, plain_numbers))
    placed = {start for start, _, _ in ends}
    found = [each for each in found if each[0] not in placed or not each[2].text.isdigit()] + ends
    times = [time for _, _, time in sorted(found, key=lambda each: each[:2])]
    return list({time.text: time for time in times}.values())


def _span_ends(
    lower: str, found: Sequence[tuple[int, int, ClockTime]], plain_numbers: Collection[str]
) -> Iterator[tuple[int, int, ClockTime]]:
    """Find the hour at which a span of time begins: of "9 to half past 11 in the morning" 9, which is in the morning too."""
    for start, end, time in found:
        if _MAY_BE_SPAN.match(lower, start) and not _POINT.search(lower, 0, start):
            hour = _MAY_BE_SPAN.match(lower, start)
            begin = start
            last = re.compile(rf"{_HOUR}{_CLOCK}").fullmatch(lower, hour.end() if hour else start, end)
            if hour is None or last is None:
                continue
            until = _hour_and_minute(last.groupdict())
            last_half = last["half"]
            yield last.start(), end, ClockTime(last[0], *until, is_end=True)
        else:
            hour = _UNTIL.search(lower, 0, start)
            if hour is None or time.text.isdigit():
                continue
            if any(first < hour.start() < last for first, last, _ in found):
                # Of "half past 10 until noon" no 10 is another time.
                continue
            begin, until, last_half = hour.start("hour"), (time.hour, time.minute), None
        if hour["hour"] in plain_numbers:
            is_end = begin == start
            is_plain = is_end and last_half is None
            first = int(hour["hour"]) if is_plain else _begun(int(hour["hour"]), until)
            yield begin, hour.end("hour"), ClockTime(hour["hour"], first, 0, is_end=is_end)


def _half_before(lower: str, start: int, said: Mapping[str, str | None]) -> str | None:
    """Return the part of the day that is said before a time, or that a meal before it tells; None where there is none."""
    if part := _PART_BEFORE.search(lower, 0, start):
        return part["part"]
    meal, hour = _MEAL_BEFORE.search(lower, 0, start), said.get("hour") or ""
    is_open = meal is not None and hour.isdigit() and not hour.startswith("0")
    return "pm" if meal is not None and is_open and int(hour) in _MEAL_HOURS[meal["meal"]] else None


def _begun(hour: int, until: tuple[int, int]) -> int:
    """Choose the half of the day in which a span begins: that of its end, unless it would begin after it."""
    if hour > _NOON:
        return hour
    same_half = hour % _NOON + (_NOON if until[0] >= _NOON else 0)
    return (
        same_half
        if (same_half, 0) < until
        else hour % _NOON
        if hour % _NOON < until[0]
        else hour % _NOON + _NOON
    )


def _hour_and_minute(said: dict[str, str | None]) -> tuple[int, int]:
    if named := said.get("named"):
        return (0 if named == "midnight" else _NOON), 0
    hour, minute = int(said["hour"] or 0), int(said.get("minute") or 0)
    if part := said.get("part"):
        minute = _PARTS.get(part.removeprefix("a ")) or int(part)
        if said.get("way") in {"to", "before", "till"}:
            hour, minute = hour - 1, 60 - minute
    half = (said.get("half") or "").replace(".", "")
    if half == "am" or half.endswith("morning") or (half.endswith("night") and hour % _NOON < _DAWN):
        hour %= _NOON
    elif half and hour < _NOON:
        hour += _NOON
    return hour % 24, minute
