"""Reads days, dates and times of day in a prepared sentence, and writes moments the way people say them. Pure."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from coordinator.standing.schedule import local
from inference.clock_times import ClockTime

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = tuple(name.lower() for name in calendar.month_name if name)
RULE_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
DAY = rf"(?:{'|'.join(WEEKDAYS)})"
_MONTH = rf"(?:{'|'.join(MONTHS)})"
DATE = (
    rf"(?:(?:the )?\d{{1,2}}(?: of)? {_MONTH}(?:,? \d{{4}})?"
    rf"|{_MONTH}(?: the)? \d{{1,2}}(?!\d|:)(?:,? \d{{4}})?|\d{{4}}-\d{{2}}-\d{{2}})"
)
PART_OF_DAY = r"(?:morning|afternoon|evening|night)"
NAMED_DAY = (
    rf"(?:today|tonight|tomorrow(?: {PART_OF_DAY})?|the day after tomorrow"
    rf"|(?:on |next |this |on the )?(?:{DAY}(?: {PART_OF_DAY})?)|(?:on )?{DATE})"
)
_DATE_PARTS = re.compile(rf"(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})|(?P<month>{_MONTH})|(?P<number>\d+)")
_TOLD_HALF = re.compile(r"am\b|pm\b|[ap]\.m|morning|afternoon|evening|night")
_NOON, _LAST_DOUBTFUL_HOUR = 12, 5


class DoubtError(Exception):
    """What was said cannot be read surely; the text is the question to the person.

    Args:
        question: one sentence that names what is unclear.
        suggestions: sentences that would be clear.
    """

    def __init__(self, question: str, *suggestions: str) -> None:
        super().__init__(question)
        self.question = question
        self.suggestions = suggestions


def clock_pattern(times: Sequence[ClockTime]) -> str:
    """Return a pattern that matches the times of day found in a sentence, the longest first."""
    texts = sorted((re.escape(time.text) for time in times), key=len, reverse=True)
    return f"(?:{'|'.join(texts)})(?![\\w:])" if texts else r"(?!)"


def time_of_day(text: str, times: Sequence[ClockTime], context: str = "") -> str:
    """Return a time of day as HH:MM. `context` is what was said of the part of the day, such as "every evening".

    Raises:
        DoubtError: a small hour by itself, such as "at 3", which may be either half of the day.
    """
    found = next(time for time in times if time.text == text)
    hour = found.hour
    if not _TOLD_HALF.search(text) and text not in {"noon", "midday", "midnight"}:
        if re.search(r"evening|afternoon", context) and hour < _NOON:
            hour += _NOON
        elif re.search(r"\bnight|tonight", context):
            hour = 0 if hour == _NOON else hour + _NOON if _LAST_DOUBTFUL_HOUR < hour < _NOON else hour
        elif text.isdigit() and 1 <= hour <= _LAST_DOUBTFUL_HOUR and not re.search("morning", context):
            early, late = f"{hour:02}:{found.minute:02}", f"{hour + _NOON:02}:{found.minute:02}"
            raise DoubtError(f'Is "{text}" {early} at night or {late} in the afternoon?')
    return f"{hour:02}:{found.minute:02}"


def day_of(text: str, today: date) -> date:
    """Return the day that was named: "tomorrow", "friday", "24 december".

    Raises:
        DoubtError: there is no such day.
    """
    if text.startswith(("today", "tonight")):
        return today
    if text.startswith("tomorrow"):
        return today + timedelta(days=1)
    if "day after tomorrow" in text:
        return today + timedelta(days=2)
    weekday = re.search(DAY, text)
    if weekday is not None:
        ahead = (WEEKDAYS.index(weekday[0]) - today.weekday()) % 7
        # "Next Monday", said on a Monday, is the one after; said on other days, the one that comes.
        return today + timedelta(days=7 if ahead == 0 and "next" in text else ahead)
    return _date(text, today)


def _date(text: str, today: date) -> date:
    numbers, month = [], 0
    try:
        for match in _DATE_PARTS.finditer(text):
            if match["iso"]:
                return date.fromisoformat(match["iso"])
            if match["month"]:
                month = MONTHS.index(match["month"]) + 1
            else:
                numbers.append(int(match["number"]))
        if len(numbers) > 1:
            return date(numbers[1], month, numbers[0])
        day = date(today.year, month, numbers[0])
        return day if day >= today else date(today.year + 1, month, numbers[0])
    except ValueError as error:
        raise DoubtError(f'There is no day "{text}". Which day do you mean?') from error


def say_day(day: date, today: date) -> str:
    """Write a day: "today", "tomorrow", "Monday 23 November", with the year where it is another."""
    if day == today:
        return "today"
    if day == today + timedelta(days=1):
        return "tomorrow"
    year = f" {day.year}" if day.year != today.year else ""
    return f"{WEEKDAYS[day.weekday()].capitalize()} {day.day} {MONTHS[day.month - 1].capitalize()}{year}"


def say_moment(moment: float, now: float, zone: str) -> str:
    """Write a moment: "today at 14:10", "Monday 23 November at 09:00"; seconds only where they matter."""
    there = ZoneInfo(zone)
    wall, today = local(moment, there), local(now, there).date()
    form = "%H:%M:%S" if wall.second and abs(moment - now) < 3600 else "%H:%M"  # noqa: PLR2004 - an hour
    return f"{say_day(wall.date(), today)} at {wall:{form}}"


def is_zone(name: str) -> bool:
    """Say whether there is a time zone of this name."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
