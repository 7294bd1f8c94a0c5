"""Reads a person's sentence: number words become digits, quantities and copyable spans are found.

The model never does arithmetic. It copies what the person said, with the person's unit, and `convert` turns that into
the unit of the device's description, exactly.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pint
from text_to_num import alpha2digit

from inference.clock_times import ClockTime, find_clock_times
from inference.corrections import without_corrections
from inference.number_words import before_digits, behind_digits
from inference.shares import (
    MULTIPLE,
    SHARE_OF_RANGE,
    find_multiples,
    find_shares,
    hide_fractions,
    show_fractions,
)
from inference.typed_words import typed_words

_UNIT_WORDS: dict[str, str] = {
    "nanometer": "nm nanometer nanometers nanometre nanometres",
    "micrometer": "µm μm um micron microns micrometer micrometers micrometre micrometres",
    "millimeter": "mm millimeter millimeters millimetre millimetres",
    "centimeter": "cm centimeter centimeters centimetre centimetres",
    "meter": "m meter meters metre metres",
    "kilometer": "km kilometer kilometers kilometre kilometres",
    "foot": "ft foot feet",
    "inch": "inch inches",
    "yard": "yard yards",
    "mile": "mile miles",
    "degree": "deg degs degree degrees °",
    "radian": "rad radian radians",
    "percent": "% percent percents pct",
    "millisecond": "ms msec msecs millisecond milliseconds",
    "second": "s sec secs second seconds",
    "minute": "min mins minute minutes",
    "hour": "hr hrs hour hours",
    "day": "day days",
    "week": "week weeks",
    "fortnight": "fortnight fortnights",
    "month": "month months",
    "year": "year years",
    "milligram": "mg milligram milligrams",
    "gram": "g gram grams",
    "kilogram": "kg kgs kilogram kilograms kilo kilos",
    "metric_ton": "tonne tonnes",
    "pound": "lb lbs pound pounds",
    "ounce": "oz ounce ounces",
    "degC": "°c celsius centigrade degc",
    "degF": "°f fahrenheit degf",
    "kelvin": "k kelvin kelvins",
    "meter/second": "m/s",
    "kilometer/hour": "km/h kmh kph",
    "mile/hour": "mph",
    "knot": "knot knots",
    "revolutions_per_minute": "rpm revs",
    "millivolt": "mv millivolt millivolts",
    "volt": "v volt volts",
    "kilovolt": "kv kilovolt kilovolts",
    "milliampere": "ma milliamp milliamps milliampere milliamperes",
    "ampere": "amp ampere amperes amps",
    "watt": "w watt watts",
    "kilowatt": "kw kilowatt kilowatts",
    "watt_hour": "wh",
    "kilowatt_hour": "kwh",
    "ohm": "ohm ohms",
    "newton": "newton newtons",
    "joule": "joule joules",
    "hertz": "hz hertz",
    "kilohertz": "khz kilohertz",
    "megahertz": "mhz megahertz",
    "gigahertz": "ghz gigahertz",
    "megabit/second": "mbit/s mbps",
    "kilobit": "kbit kilobit kilobits",
    "megabit": "mbit megabit megabits",
    "gigabit": "gbit gigabit gigabits",
    "millibar": "mbar millibar millibars",
    "bar": "bar bars",
    "psi": "psi",
    "pascal": "pascal pascals",
    "hectopascal": "hpa hectopascal hectopascals",
    "megapascal": "mpa megapascal megapascals",
    "kilobit/second": "kbit/s kbps",
    "gigabit/second": "gbit/s gbps",
    "kilobyte": "kb kilobyte kilobytes",
    "terabyte": "tb terabyte terabytes",
    "megabyte": "mb megabyte megabytes",
    "gigabyte": "gb gigabyte gigabytes",
    "kilopascal": "kpa kilopascal kilopascals",
    "liter": "l liter liters litre litres",
    "microliter": "µl μl ul microliter microliters microlitre microlitres",
    "centiliter": "cl centiliter centiliters centilitre centilitres",
    "hectoliter": "hl hectoliter hectoliters hectolitre hectolitres",
    "gallon": "gallon gallons",
    "meter**3": "m3 m³",
    "meter**2": "m2 m²",
    "meter**3/hour": "m3/h m³/h",
    "milliliter": "ml mil mils milliliter milliliters millilitre millilitres",
    "ppm": "ppm",
    "lux": "lux",
    "kilolux": "klux kilolux",
    "decibel": "db decibel decibels",
    "decibelmilliwatt": "dbm",
}
UNIT_BY_WORD = {word: unit for unit, words in _UNIT_WORDS.items() for word in words.split()}
_TWO_WORD_UNITS = {
    "percentage point": "percent",
    "percentage points": "percent",
    "revs a minute": "revolutions_per_minute",
    "revs per minute": "revolutions_per_minute",
    "revolutions a minute": "revolutions_per_minute",
    "revolutions per minute": "revolutions_per_minute",
    "degrees celsius": "degC",
    "degrees centigrade": "degC",
    "degrees fahrenheit": "degF",
    "meters per second": "meter/second",
    "cubic meter": "meter**3",
    "cubic meters": "meter**3",
    "cubic metre": "meter**3",
    "cubic metres": "meter**3",
    "square meter": "meter**2",
    "square meters": "meter**2",
    "square metre": "meter**2",
    "square metres": "meter**2",
    "newton meters": "newton*meter",
    "newton metres": "newton*meter",
}
_OF_WHAT = re.compile(r" of \w+(?= (?:per|an?) )")
_ANGLE_OR_TEMPERATURE = "degree"

_NUMBER = re.compile(r"(?<![\w.-])(-?\d+(?:\.\d+)?)(?P<ordinal>st|nd|rd|th)?(?!\d|\.\d)")
# "3 full days" are 3 days, and of "10 more minutes" the minutes count.
# In "r 255 g 140" and "h 120 s 80" a letter before a number is a name, not the unit of the number before it.
_NAMED_BY_LETTER = re.compile(
    r"(?<![\w'.])[b-z](?: |=|: ?| = )-?\d+(?:\.\d+)?(?=,? [a-z](?: |=|: ?| = )-?\d)"
)
_BETWEEN = r"(?: (?:full|whole|solid|good|straight|extra|more|further|additional))?"
_UNIT = re.compile(rf"{_BETWEEN}\s?(°[cf]|[a-zµμ]+/[a-z]+|%|°|[a-zµμ]+)", re.IGNORECASE)
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
# "14:00-15:30" and "9-11 am" are spans of time.
_DASH_OF_TIMES = re.compile(
    r"(?<![\w:./-])(\d{1,2}(?::\d\d)?(?: ?[ap]m)?) ?[-\u2013] ?(?=\d{1,2}:\d\d(?![\w:-])|\d{1,2} ?[ap]m(?!\w))",
    re.IGNORECASE,
)
_ROUGHLY = re.compile(r"(?<=\d)[ -]?ish(?!\w)", re.IGNORECASE)
_PER = re.compile(r" (per|an?) (?=\w)")
_TIMES = frozenset({"millisecond", "second", "minute", "hour", "day", "week"})
_PARTS = {"half": 0.5, "quarter": 0.25, "third": 1 / 3, "quarters": 0.75, "thirds": 2 / 3}
_OFFSET_UNITS = {"degC": "delta_degC", "degF": "delta_degF"}
_SECOND, _FIRST, _SOME_ONE = "\ue000", "\ue001", "\ue002"
# "This one", "the left one" and "one after the other" count nothing.
_ONE_OF_THEM = re.compile(
    r"\b(?:this|that|which|each|every|other|another|left|right|first|last|next|lower|upper|the|[a-z]+ing|[a-z]+est) one"
    r"(?=$|[,.;:!?]| (?:to|at|in|on|off|of|is|by|for|from|and|then|with|that|please|now|again|up|down)\b)"
    r"|\bone(?= after (?:the other|another)\b| another\b)|\bone by one\b",
    re.IGNORECASE,
)
# "First" numbers something behind "the" or "twenty" only, and not in "the first two".
_FIRST_OF_ALL = re.compile(
    r"(?<!\bthe )(?<!ty )(?<!ty-)\bfirst\b"
    r"|\bfirst(?= (?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|dozen|few|couple|\d))",
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"(?<![\w.-])(\d{1,4}) ?(?:through|thru|to|until|till|up to|-|\u2013) ?(\d{1,4})(?![\w:]|\.\d)"
)
_LONGEST_RANGE = 99
_LEAST_MISSPELT = 7
_ID_LIKE = re.compile(r"[A-Za-z_]")
# A number and a word: "3 floor", "in 20 minutes", but not "B12".
_DIGIT_AND_WORD = re.compile(r"(?=.*(?<!\w)[\d.:]+(?!\w))(?=.*(?<!\w)[^\W\d_]{2,}(?!\w))", re.DOTALL)


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


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Several whole numbers that are said by the first and the last of them: "10 through 14"."""

    text: str
    first: int
    last: int


# The same preposition stands behind both amounts.
_SHARED_UNIT = re.compile(
    r"(?<![\w.])\d+(?:\.\d+)? ?(?P<unit>[^\W\d]+|%|°[CF]?) (?P<way>for|of|in|on|at|to) (?:(?! and )[^.;!?]){2,50}?"
    r"(?:, and|,| and) (?P<number>\d+(?:\.\d+)?) (?P=way) (?=\D)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence prepared for the model.

    `text` keeps the person's capitals; `lower` is what the model reads. Both have number words turned to digits.
    What was taken back ("7, sorry, 8") stands in neither. `typed` is what the person wrote.
    """

    text: str
    lower: str
    quantities: tuple[Quantity, ...]
    times: tuple[ClockTime, ...] = ()
    ranges: tuple[NumberRange, ...] = ()
    typed: str = ""

    def original(self, span: str) -> str:
        """Give back a lower-case span the way the person wrote it."""
        at = self.lower.find(span)
        return self.text[at : at + len(span)] if at >= 0 else span

    def as_typed(self, span: str) -> str:
        """Give back a lower-case text the way the person wrote it, number words included; a number alone stays in digits."""
        at = self.lower.find(span)
        if at < 0 or not _DIGIT_AND_WORD.search(span):
            return self.original(span)
        typed = typed_words(self.typed, self.text, (at, at + len(span)))
        return self.original(span) if typed is None else typed


def prepare(sentence: str, unit_definitions: Mapping[str, str] | None = None) -> Sentence:
    """Normalise a sentence: number words to digits, "minus 5" to "-5", one space between words."""
    # "second" is a unit of time unless "the second" numbers something.
    guarded = re.sub(r"(?<!\bthe )\bsecond\b", _SECOND, " ".join(sentence.split()), flags=re.IGNORECASE)
    firsts = iter(_FIRST_OF_ALL.findall(guarded))
    guarded = _FIRST_OF_ALL.sub(_FIRST, guarded)
    guarded = _ONE_OF_THEM.sub(lambda match: re.sub("one", _SOME_ONE, match[0], flags=re.IGNORECASE), guarded)
    guarded, fractions = hide_fractions(before_digits(guarded, _is_unit))
    digits = alpha2digit(guarded, "en", 0.0).replace(_SECOND, "second").replace(_SOME_ONE, "one")
    digits = re.sub(_FIRST, lambda _: next(firsts), digits)
    text = " ".join(show_fractions(digits, fractions).split())
    text = re.sub(r"\bminus (\d)", r"-\1", text, flags=re.IGNORECASE)
    text = re.sub(r"\b(\d+)(?:st|nd|rd|th)\b", r"\1", text, flags=re.IGNORECASE)
    text = _ROUGHLY.sub("", _DASH_OF_TIMES.sub(r"\1 to ", text))
    text = _with_shared_units(without_corrections(behind_digits(text, _is_unit), _is_unit))
    lower = "".join(character.lower() if len(character.lower()) == 1 else character for character in text)
    quantities = find_quantities(lower, unit_definitions or {})
    plain = {quantity.text for quantity in quantities if quantity.unit is None}
    return Sentence(
        text,
        lower,
        tuple(quantities),
        tuple(find_clock_times(lower, plain)),
        tuple(find_ranges(lower)),
        sentence,
    )


def _is_unit(word: str) -> bool:
    return word in UNIT_BY_WORD


def _with_shared_units(text: str) -> str:
    """Say a unit again that is said once: "10 minutes for the rice and 25 for the chicken"."""
    start = 0
    while found := _SHARED_UNIT.search(text, start):
        unit = found["unit"]
        if _is_unit(unit.lower()):
            text = f"{text[: found.end('number')]} {unit}{text[found.end('number') :]}"
        start = found.end("unit")
    return text


def find_ranges(lower: str) -> Iterator[NumberRange]:
    """Find "10 through 14" and "3 to 5" between plain whole numbers."""
    for match in _RANGE.finditer(lower):
        first, last = int(match[1]), int(match[2])
        if first < last <= first + _LONGEST_RANGE:
            yield NumberRange(match[0], first, last)


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
        unit, unit_end = _unit_at(lower, end, unit_definitions)
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
        if cents and _unit_at(lower, cents.end(), unit_definitions)[0] is None:
            said = cents.end()
            yield _Found(match.start(), said, value + float(cents[1]) / 100, None)
            continue
        if magnified := _MAGNIFIED.match(lower, end):
            yield _Found(match.start(), magnified.end(), value, None)
            continue
        if part := _AND_A_PART.match(lower, end):
            value, end = value + math.copysign(_part(part), value), part.end()
        unit, unit_end = (None, end) if match["ordinal"] else _unit_at(lower, end, unit_definitions)
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
        unit, end = _unit_at(lower, match.end(), unit_definitions)
        if unit is not None:
            part = match["part"]
            share = 0.75 if part.startswith("three") else _PARTS[part.removeprefix("a ").removeprefix("one ")]
            yield _Found(match.start(), end, share, unit)


def _ones(lower: str, unit_definitions: Mapping[str, str]) -> Iterator[_Found]:
    """Find "a minute" and "an hour and a half"."""
    for match in _ONE.finditer(lower):
        unit, end = _unit_at(lower, match.end(), unit_definitions)
        if unit is not None:
            part = _AND_A_PART.match(lower, end)
            yield _Found(match.start(), part.end() if part else end, 1 + (_part(part) if part else 0), unit)


def _stretches(lower: str, unit_definitions: Mapping[str, str]) -> Iterator[_Found]:
    """Find "this past week" and "the last hour", which are one week and one hour."""
    for match in _STRETCH.finditer(lower):
        unit, end = _unit_at(lower, match.end(), unit_definitions)
        if unit is not None:
            yield _Found(match.start("the") if match["the"] else match.start(), end, 1.0, unit)


def _shares(lower: str, _: Mapping[str, str]) -> Iterator[_Found]:
    for start, end, share in find_shares(lower):
        yield _Found(start, end, share, SHARE_OF_RANGE)


def _multiples(lower: str, _: Mapping[str, str]) -> Iterator[_Found]:
    for start, end, factor in find_multiples(lower):
        yield _Found(start, end, factor, MULTIPLE)


def _unit_at(lower: str, at: int, unit_definitions: Mapping[str, str]) -> tuple[str | None, int]:
    """Read the unit that stands at a place, if one does, and where it ends: "cm", "liters a minute", "l/min"."""
    following = _UNIT.match(lower, at)
    if following is None:
        return None, at
    two_words = re.match(r"\s?(\w+(?: per| a)? \w+)", lower[at:])
    unit: str | None
    if two_words and two_words[1] in _TWO_WORD_UNITS:
        unit, end = _TWO_WORD_UNITS[two_words[1]], at + two_words.end()
        if "/" in unit:
            return unit, end
    else:
        unit, end = _unit_of(following[1], unit_definitions), following.end()
    if unit is None:
        return None, at
    # "Cubic metres of air per second"
    of_what = _OF_WHAT.match(lower, end)
    per = _PER.match(lower, of_what.end() if of_what else end)
    below = _UNIT.match(lower, per.end()) if per and unit not in _TIMES else None
    over = UNIT_BY_WORD.get(below[1]) if below else None
    if per and below and over and (per[1] == "per" or over in _TIMES):
        return f"{unit}/{over}", below.end()
    return unit, end


def _unit_of(word: str, unit_definitions: Mapping[str, str]) -> str | None:
    for name in unit_definitions:
        if word in {name, name + "s"}:
            return name
    above, _, below = word.partition("/")
    if word not in UNIT_BY_WORD and above in UNIT_BY_WORD and below in UNIT_BY_WORD:
        return f"{UNIT_BY_WORD[above]}/{UNIT_BY_WORD[below]}"
    return UNIT_BY_WORD.get(word) or _misspelt_unit(word)


@lru_cache(maxsize=1024)
def _misspelt_unit(word: str) -> str | None:
    """Read a long unit with one letter too few, too many, wrong or in its neighbour's place: "milimetres", "farenheit"."""
    meant = {
        unit
        for right, unit in UNIT_BY_WORD.items()
        if len(word) >= _LEAST_MISSPELT <= len(right) and word[0] == right[0] and _is_slip(word, right)
    }
    return meant.pop() if len(meant) == 1 else None


def _is_slip(word: str, right: str) -> bool:
    """Whether one letter tells two words apart, or two that have changed places."""
    short, long = sorted((word, right), key=len)
    if len(long) - len(short) > 1:
        return False
    at = next(
        (at for at, pair in enumerate(zip(short, long, strict=False)) if pair[0] != pair[1]), len(short)
    )
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    rest = short[at + 1 :] == long[at + 1 :]
    return rest or (short[at : at + 2] == long[at : at + 2][::-1] and short[at + 2 :] == long[at + 2 :])


@lru_cache(maxsize=256)
def _registry(definitions: tuple[tuple[str, str], ...]) -> pint.UnitRegistry:
    registry = pint.UnitRegistry(autoconvert_offset_to_baseunit=True)
    registry.define("fraction = 1 = _")
    for name, expression in definitions:
        if name not in registry:
            registry.define(f"{name} = {expression}")
    return registry


def convert(
    value: float, said: str | None, wanted: str | None, unit_definitions: Mapping[str, str] | None = None
) -> float | None:
    """Convert a said quantity into the unit a description wants.

    Returns:
        The value in `wanted`, or None where the two measure different things, or where `wanted` has no number for it, as
        decibels have none for zero watts. A quantity without a unit is taken to be in the description's unit; a unit said
        where the description has none does not fit.
    """
    if said is None or said == wanted:
        return value
    if wanted is None:
        return None
    registry = _registry(tuple(sorted((unit_definitions or {}).items())))
    try:
        target = registry.Unit(wanted)
        if said == _ANGLE_OR_TEMPERATURE and target in (registry.degC, registry.degF):
            return value
        with np.errstate(divide="ignore", invalid="ignore"):
            converted = float(registry.Quantity(value, said).to(target).magnitude)
    except (pint.errors.PintError, AttributeError, TypeError, ValueError):
        return None
    return round(converted, 9) if math.isfinite(converted) else None


def pint_name(unit: str) -> str:
    """Spell a unit in pint's long way, as in `Quantity.unit`; what pint does not know is given back."""
    try:
        name = str(_registry(()).Unit(unit)).replace(" / ", "/").replace(" ** ", "**").replace(" * ", "*")
    except (pint.errors.PintError, AttributeError, TypeError, ValueError):
        return unit
    return {"degree_Celsius": "degC", "degree_Fahrenheit": "degF"}.get(name, name)


def convert_difference(
    value: float, said: str | None, wanted: str | None, unit_definitions: Mapping[str, str] | None = None
) -> float | None:
    """Convert an amount by which something changes, as `convert` does: 9 degF more are 5 degC more."""
    if said == _ANGLE_OR_TEMPERATURE and wanted in _OFFSET_UNITS:
        return value
    return convert(
        value, _OFFSET_UNITS.get(said or "", said), _OFFSET_UNITS.get(wanted or "", wanted), unit_definitions
    )


@lru_cache(maxsize=8192)
def canonical_words(name: str) -> str:
    """Split an identifier into lower-case words: `moveToShelf`, `move_to_shelf` and `MOVE-to-shelf` become one."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)", " ", name)
    return " ".join(re.split(r"[^\w]+|_", spaced.lower())).strip()
