"""Finds the days and dates that a sentence names: "Saturday", "next Friday", "the 3rd of May", "August 14, 2026"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from inference.words import Place

_MONTHS = (
    "january february march april may june july august september october november december".split(),
    "jan feb mar apr may jun jul aug sep oct nov dec".split(),
)
_MONTH_BY_WORD = {word: number for words in _MONTHS for number, word in enumerate(words, start=1)} | {
    "sept": 9
}
_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTH_BY_WORD, key=len, reverse=True))})\.?"
_DAY = r"(?P<day>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_YEAR = r"(?:,? (?:of )?(?P<year>(?:19|20)\d\d))?"
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
_TOMORROW = r"tom+or+ow"
_RELATIVE = (
    rf"(?:(?:the )?(?:day after {_TOMORROW}|day before yesterday)|the weekend"
    rf"|(?:next|this|coming) (?:weekend|week|month|year|{_WEEKDAY})"
    rf"|{_WEEKDAY} (?:after )?next(?: week)?|{_WEEKDAY} week|a week (?:on|from) {_WEEKDAY}"
    rf"|(?:last|past) {_WEEKDAY}|{_WEEKDAY}|today|tonight|{_TOMORROW}|yesterday"
    r"|christmas(?: eve| day)?|new year'?s (?:eve|day)|halloween|valentine'?s day)"
)
_DATES = tuple(
    re.compile(rf"(?<![\w.:/-]){pattern}(?![\w/-]|:\d)")
    for pattern in (
        r"(?P<year>(?:19|20)\d\d)-(?P<number>\d\d)-(?P<day>\d\d)",
        rf"{_MONTH} (?:the )?{_DAY}{_YEAR}",
        rf"(?:the )?{_DAY}(?: of)? {_MONTH}{_YEAR}",
        _RELATIVE,
    )
)
_FEASTS = {
    "christmas eve": (12, 24),
    "christmas": (12, 25),
    "christmas day": (12, 25),
    "new years eve": (12, 31),
    "new years day": (1, 1),
    "halloween": (10, 31),
    "valentines day": (2, 14),
}
_ONE_WEEKDAY = re.compile(rf"(?:next |this |coming )?(?P<name>{_WEEKDAY[:-2]})s?")
_NAMES = {"tonight": "today", "today": "today", "yesterday": "yesterday"}
_PART_OF_DAY = re.compile(r" (?:morning|afternoon|evening|night)(?!\w)")


@dataclass(frozen=True, slots=True)
class SaidDate:
    """A day that is named, and where.

    Attributes:
        day: the date, where its year is said, too.
        name: "today", "tomorrow", "yesterday" or a day of the week, also where "next Friday" says it.
        month: of a date, with or without its year; `number` is its day of the month.
    """

    text: str
    place: Place
    day: date | None = None
    name: str | None = None
    month: int | None = None
    number: int | None = None


@lru_cache(maxsize=64)
def said_dates(lower: str) -> tuple[SaidDate, ...]:
    """Return the days and dates of a sentence in its order, none inside a longer one."""
    found: list[SaidDate] = []
    for pattern in _DATES:
        for match in pattern.finditer(lower):
            if not any(each.place[0] < match.end() and match.start() < each.place[1] for each in found):
                month, number = _month_and_number(match)
                found.append(
                    SaidDate(match[0], match.span(), _day_of(match), _name_of(match[0]), month, number)
                )
    return tuple(sorted(found, key=_place_of))


def end_of_day(lower: str, end: int) -> int:
    """Return where the part of a day ends that is said behind a day: of "tomorrow morning" the end."""
    part = _PART_OF_DAY.match(lower, end)
    return end if part is None else part.end()


def _place_of(found: SaidDate) -> Place:
    return found.place


def _name_of(text: str) -> str | None:
    if re.fullmatch(_TOMORROW, text):
        return "tomorrow"
    weekday = _ONE_WEEKDAY.fullmatch(text)
    return _NAMES.get(text) if weekday is None else weekday["name"]


def _month_and_number(match: re.Match[str]) -> tuple[int | None, int | None]:
    said = match.groupdict()
    if not said:
        return _FEASTS.get(match[0].replace("'", ""), (None, None))
    return int(said.get("number") or _MONTH_BY_WORD.get(said.get("month") or "", 0)), int(said["day"])


def _day_of(match: re.Match[str]) -> date | None:
    said = match.groupdict()
    if not said.get("year"):
        return None
    month = int(said["number"]) if said.get("number") else _MONTH_BY_WORD[said["month"]]
    try:
        return date(int(said["year"]), month, int(said["day"]))
    except ValueError:
        return None
