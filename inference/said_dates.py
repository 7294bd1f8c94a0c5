"""Finds the days and dates that a sentence names: "Saturday", "next Friday", "the 3rd of May", "August 14, 2026"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from inference.signatures import Parameter, ParameterKind
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
_RELATIVE = (
    r"(?:the (?:day after tomorrow|day before yesterday|weekend)"
    rf"|(?:next|this|coming) (?:weekend|week|month|year|{_WEEKDAY})"
    rf"|{_WEEKDAY} (?:after )?next(?: week)?|{_WEEKDAY} week|a week (?:on|from) {_WEEKDAY}"
    rf"|{_WEEKDAY}|today|tonight|tomorrow|yesterday)"
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
_PART_OF_DAY = re.compile(r" (?:morning|afternoon|evening|night)(?!\w)")


_CALENDAR_DAY = re.compile(r"\byyyy-mm-dd\b|\biso[- ](?:8601 )?date\b")


def is_calendar_day(parameter: Parameter) -> bool:
    """Whether a parameter takes a date as YYYY-MM-DD, as its description says."""
    return (
        parameter.kind is ParameterKind.STRING
        and not parameter.choices
        and not parameter.format
        and _CALENDAR_DAY.search(parameter.description.lower()) is not None
    )


@dataclass(frozen=True, slots=True)
class SaidDate:
    """A day that is named, and where; `day` where its year is said, too."""

    text: str
    place: Place
    day: date | None = None


@lru_cache(maxsize=64)
def said_dates(lower: str) -> tuple[SaidDate, ...]:
    """Return the days and dates of a sentence in its order, none inside a longer one."""
    found: list[SaidDate] = []
    for pattern in _DATES:
        for match in pattern.finditer(lower):
            if not any(each.place[0] < match.end() and match.start() < each.place[1] for each in found):
                found.append(SaidDate(match[0], match.span(), _day_of(match)))
    return tuple(sorted(found, key=_place_of))


def end_of_day(lower: str, end: int) -> int:
    """Return where the part of a day ends that is said behind a day: of "tomorrow morning" the end."""
    part = _PART_OF_DAY.match(lower, end)
    return end if part is None else part.end()


def _place_of(found: SaidDate) -> Place:
    return found.place


def _day_of(match: re.Match[str]) -> date | None:
    said = match.groupdict()
    if not said.get("year"):
        return None
    month = int(said["number"]) if said.get("number") else _MONTH_BY_WORD[said["month"]]
    try:
        return date(int(said["year"]), month, int(said["day"]))
    except ValueError:
        return None
