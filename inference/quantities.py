"""Finds amounts in a sentence whose number words are digits already: "35 cm", "an hour and a half", "two thirds"."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from inference.shares import MULTIPLE, SHARE_OF_RANGE, find_multiples, find_shares
from inference.units import convert, unit_at

_NUMBER = re.compile(r"(?<![\w.-])(-?\d+(?:\.\d+)?)(?P<ordinal>st|nd|rd|th)?(?!\d|\.\d)")
# In "r 255 g 140" and "h 120 s 80" a letter before a number is a name, not the unit of the number before it.
_NAMED_BY_LETTER = re.compile(
    r"(?<![\w'.])[b-z](?: |=|: ?| = )-?\d+(?:\.\d+)?(?=,? [a-z](?: |=|: ?| = )-?\d)"
)
_AND_A_PART = re.compile(
    r" and (?:(?:a |one )?(half|quarter|third)|(?:three|3)[ -](quarters?)|(?:two|2)[ -](thirds))\b"
)
# "Half a meter", "a quarter of an hour", "quarter inch", "half hour".
_PART_OF_ONE = re.compile(
    r"\b(?P<part>half|(?:a |one )?quarter|three[ -]quarters?)"
    r"(?:(?: of)? an?(?: (?:full|whole))? (?=\w)|[ -](?=[a-zµ]{3,}(?!\w)|(?:mm|cm|kg|ml)\b))"
)
_ONE = re.compile(r"(?<![\w-])(?:an?(?: (?:full|whole|solid|good|single|further))?|another) (?=[a-z]{3})")
# "This past week" and "in the next hour" say how long; "the next hour" alone says which.
_STRETCH = re.compile(
    r"(?<!\w)(?:this (?:past|coming)|(?:for|over|in|within|during|from|of|since|throughout) "
    r"(?P<the>(?:the|these|this) (?:past|last|next|coming)))"
    r" (?=(?:hour|week|fortnight|month|year)(?!\w))"
)
# "An hour and 20 minutes" is one amount.
_SMALLER = {
    "week": {"day"},
    "day": {"hour"},
    "hour": {"minute", "second"},
    "minute": {"second"},
    "foot": {"inch"},
    "pound": {"ounce"},
    "kilogram": {"gram"},
    "meter": {"centimeter", "millimeter"},
    "liter": {"milliliter"},
}
_AND_MORE = re.compile(r"(?: and|,)? (?=\d)")
# The smaller unit goes unsaid in "1 minute 30", "an hour 20" and "2 metres 50".
_BARE_SMALLER = {
    "hour": ("minute", r"0?[5-9]|[1-5]\d"),
    "minute": ("second", r"0?[5-9]|[1-5]\d"),
    "meter": ("centimeter", r"\d\d"),
    "foot": ("inch", r"[1-9]|1[01]"),
    "kilogram": ("gram", r"[1-9]\d\d"),
}
_BEHIND_BARE = (
    r"(?=[.!?]?$|[,;.!?] (?!-?\d)| (?!and -?\d|to -?\d)(?:in|into|on|of|from|to|for|at|with|before|after|until|till|then|and|"
    r"mark|please|now|long|wide|high|tall|deep|left|ago|later|forward|forwards|back|backwards|up|down)\b)"
)
_PART_BEFORE = re.compile(r"(?:half|quarters?|of) $|\d\.\d+$")
# "One eighty" is 180, or 1.80 where it is a price.
_PAIR = re.compile(
    r"(?<!\w)(?:to|is|are|now|of|below|above|under|over|about|around|by|or|and|than|costs?|it|at|for|makes?|only|just|price[ds]?)"
    r" (?P<pair>([1-9]) ([1-9]\d))(?![\w:/.-]|,\d| \d)"
)
_CENTS_ONLY = re.compile(r" ?(?:cents?|pence|p)(?![\w-])")
# "3 euros 20" is one amount; "10x" is ten, said of a zoom.
_CENTS = re.compile(
    r" (?:euros?|dollars?|francs?|bucks|quid|pounds?) (?:and )?(\d{2})(?: cents?)?(?![\w:%]|[.,]\d)"
)
_CURRENCY = re.compile(
    r" ?(?:euros?|eur|dollars?|usd|bucks|francs?|chf|quid|gbp|pounds sterling|[€$£])(?![\w-])"
)
_CURRENCY_SIGN = re.compile(r"[€$£] ?$")
_PART_END = re.compile(r"[,;:.!?](?=\s)| (?:and|then|but) ")
_MAGNIFIED = re.compile(r"x(?![\w-])")
_PARTS = {"half": 0.5, "quarter": 0.25, "third": 1 / 3, "quarters": 0.75, "thirds": 2 / 3}
_ID_LIKE = re.compile(r"[A-Za-z_]")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in a sentence, with the unit the person gave it (pint's long spelling), if any.

    `text` is the span as it stands in the prepared sentence, in lower case: "35 cm", "40%", "3". A share of a range
    ("two thirds", "maximum") has the unit `SHARE_OF_RANGE` and a value from 0 to 1. `price` is what else the words come to
    where they are an amount of money: "two forty-nine" is 249 or 2.49, and "89 cents" are 0.89. `coins` is the same amount in
    the hundredth part of the currency that is said with it: 15 euros are 1500. `near` is the part of the sentence around it.
    """

    text: str
    value: float
    unit: str | None = None
    price: float | None = None
    coins: float | None = field(default=None, compare=False)
    near: str = field(default="", compare=False)


def find_quantities(lower: str, unit_definitions: Mapping[str, str]) -> list[Quantity]:
    """Find numbers that stand by themselves (not inside an identifier such as `t7`), each with its unit, and shares."""
    found: list[_Found] = []
    for finder in (_multiples, _composites, _pairs, _numbers, _parts_of_one, _ones, _stretches, _shares):
        taken = [(each.start, each.end) for each in found]
        found += [
            each
            for each in finder(lower, unit_definitions)
            if not any(left < each.end and each.start < right for left, right in taken)
        ]
    return [
        Quantity(
            lower[each.start : each.end],
            each.value,
            each.unit,
            each.price,
            _coins(lower, each),
            _around(lower, each),
        )
        for each in sorted(found, key=_place)
    ]


def _coins(lower: str, found: _Found) -> float | None:
    """Return an amount of money in cents, where its currency is said with it."""
    if found.unit not in {None, "pound"} or found.price is not None:
        return None
    said = lower[found.start : found.end]
    is_money = (
        found.unit == "pound"
        or _CURRENCY.search(said)
        or _CURRENCY.match(lower, found.end)
        or _CURRENCY_SIGN.search(lower, 0, found.start)
    )
    return round(found.value * 100, 6) if is_money else None


def _around(lower: str, found: _Found) -> str:
    """Return the part of a sentence that something stands in."""
    first = max((mark.end() for mark in _PART_END.finditer(lower, 0, found.start)), default=0)
    last = _PART_END.search(lower, found.end)
    return lower[first : last.start() if last else len(lower)]


class _Found(NamedTuple):
    start: int
    end: int
    value: float
    unit: str | None = None
    price: float | None = None


def _place(found: _Found) -> tuple[int, int]:
    return found.start, found.end


def _composites(lower: str, unit_definitions: Mapping[str, str]) -> Iterator[_Found]:
    """Find "an hour and 20 minutes", "1 hour 20 minutes 5 seconds", "5 feet 6 inches" and "1 minute 30"."""
    simple = sorted([*_numbers(lower, unit_definitions), *_ones(lower, unit_definitions)], key=_place)
    following = {each.start: each for each in simple}
    begun = 0
    for each in simple:
        if each.start < begun:
            continue
        if (with_rest := _with_bare_rest(lower, each)) is not None:
            yield with_rest
            continue
        found = last = each
        while more := _smaller_part(lower, last, following):
            whole = convert(found.value, found.unit, more.unit)
            if whole is None or more.value * last.value >= (convert(last.value, last.unit, more.unit) or 0):
                break
            found, last = _Found(each.start, more.end, whole + more.value, more.unit), more
        if found is not each:
            begun = found.end
            yield found


def _with_bare_rest(lower: str, part: _Found) -> _Found | None:
    """Return an amount whose smaller unit goes unsaid: "1 minute 30"."""
    smaller, bare = _BARE_SMALLER.get(part.unit or "", ("", ""))
    rest = re.compile(rf" (?P<number>{bare}){_BEHIND_BARE}").match(lower, part.end) if bare else None
    if rest is None or part.value <= 0 or not float(part.value).is_integer():
        return None
    whole = convert(part.value, part.unit, smaller)
    return None if whole is None else _Found(part.start, rest.end(), whole + float(rest["number"]), smaller)


def _smaller_part(lower: str, part: _Found, following: Mapping[int, _Found]) -> _Found | None:
    """Return the part of an amount that is said behind another: of "1 hour 20 minutes" the minutes."""
    joint = _AND_MORE.match(lower, part.end)
    more = following.get(joint.end()) if joint else None
    if joint is None or more is None or more.unit not in _SMALLER.get(part.unit or "", ()):
        return None
    # Of "half a day, 12 hours" the second says the first in other words.
    is_counted = lower[part.start].isdigit() and part.value.is_integer()
    is_other_way = not is_counted and ("," in joint[0] or _PART_BEFORE.search(lower, 0, part.start))
    return None if is_other_way else more


def _pairs(lower: str, unit_definitions: Mapping[str, str]) -> Iterator[_Found]:
    """Find "1 80", as people say 180 and 1.80."""
    for match in _PAIR.finditer(lower):
        start, end = match.span("pair")
        value = float(match[2] + match[3])
        unit, unit_end = unit_at(lower, end, unit_definitions)
        if unit is None:
            yield _Found(start, end, value, None, value / 100)
        else:
            yield _Found(start, unit_end, value, unit)


def _numbers(lower: str, unit_definitions: Mapping[str, str]) -> Iterator[_Found]:
    said, named = 0, {match.end() for match in _NAMED_BY_LETTER.finditer(lower)}
    for match in _NUMBER.finditer(lower):
        value, end = float(match[1]), match.end()
        if match.start() < said:
            continue
        if end in named:
            yield _Found(match.start(), end, value, None)
            continue
        cents = _CENTS.match(lower, end)
        if cents and unit_at(lower, cents.end(), unit_definitions)[0] is None:
            said = cents.end()
            yield _Found(match.start(), said, value + float(cents[1]) / 100, None)
            continue
        if magnified := _MAGNIFIED.match(lower, end):
            yield _Found(match.start(), magnified.end(), value, None)
            continue
        if part := _AND_A_PART.match(lower, end):
            value, end = value + math.copysign(_part(part), value), part.end()
        unit, unit_end = (None, end) if match["ordinal"] else unit_at(lower, end, unit_definitions)
        if unit is None and (coins := _CENTS_ONLY.match(lower, end)):
            yield _Found(match.start(), coins.end(), value, None, value / 100)
            continue
        if unit is None and not match["ordinal"] and _ID_LIKE.match(lower, end):
            continue
        if unit is not None and (part := _AND_A_PART.match(lower, unit_end)):
            value, unit_end = value + math.copysign(_part(part), value), part.end()
        yield _Found(match.start(), unit_end, value, unit)


def _part(match: re.Match[str]) -> float:
    return _PARTS[match[1] or match[2] or match[3]] if match[2] != "quarter" else 0.75


def _parts_of_one(lower: str, unit_definitions: Mapping[str, str]) -> Iterator[_Found]:
    """Find "half a meter" and "a quarter of an hour"."""
    for match in _PART_OF_ONE.finditer(lower):
        unit, end = unit_at(lower, match.end(), unit_definitions)
        if unit is not None:
            part = match["part"]
            share = 0.75 if part.startswith("three") else _PARTS[part.removeprefix("a ").removeprefix("one ")]
            yield _Found(match.start(), end, share, unit)


def _ones(lower: str, unit_definitions: Mapping[str, str]) -> Iterator[_Found]:
    """Find "a minute" and "an hour and a half"."""
    for match in _ONE.finditer(lower):
        unit, end = unit_at(lower, match.end(), unit_definitions)
        if unit is not None:
            part = _AND_A_PART.match(lower, end)
            yield _Found(match.start(), part.end() if part else end, 1 + (_part(part) if part else 0), unit)


def _stretches(lower: str, unit_definitions: Mapping[str, str]) -> Iterator[_Found]:
    """Find "this past week" and "the last hour", which are one week and one hour."""
    for match in _STRETCH.finditer(lower):
        unit, end = unit_at(lower, match.end(), unit_definitions)
        if unit is not None:
            yield _Found(match.start("the") if match["the"] else match.start(), end, 1.0, unit)


def _shares(lower: str, _: Mapping[str, str]) -> Iterator[_Found]:
    for start, end, share in find_shares(lower):
        yield _Found(start, end, share, SHARE_OF_RANGE)


def _multiples(lower: str, _: Mapping[str, str]) -> Iterator[_Found]:
    for start, end, factor in find_multiples(lower):
        yield _Found(start, end, factor, MULTIPLE)
