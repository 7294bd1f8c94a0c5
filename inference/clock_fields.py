"""Splits what is said of a time into the numbers that a device takes: "half past 6" is hour 6 and minute 30.

The same words serve all the numbers of one time. An amount of time is split into the units that there are, larger ones first:
"90 minutes" is 1 hour and 30 minutes, or 90 minutes and 0 seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from inference.clock_times import ClockTime
from inference.signatures import ClockField, ClockUnit, Parameter
from inference.text import Sentence
from inference.units import convert

__all__ = ["clock_value", "clock_words", "is_bare_clock", "is_clock_said", "is_same_time"]

_SECONDS = {ClockUnit.DAY: 86_400, ClockUnit.HOUR: 3600, ClockUnit.MINUTE: 60, ClockUnit.SECOND: 1}
_UNITS_OF_TIME = frozenset({"second", "minute", "hour", "day", "week"})
# "Hour 7, minute 30" gives each its number; "an hour 20" is an amount.
_NAMED = re.compile(r"(?<![\d.] )(?<!\d)(?<!\ba )(?<!\ban )\b(?:hour|minute|second)s?(?: to| is| =|:)? ?\d")
# "7", "7 30" and "0730", where a time is wanted and none is said in a plainer way.
_BARE = re.compile(
    r"(?<![\w.:/-])(?P<hour>[01]?\d|2[0-3])(?:[ .]?(?P<minute>[0-5]\d))?(?![\w:/%°-]|\.\d| \d)"
)
# "2 minutes 30".
_AND_PLAIN = r" (?:and )?(?P<rest>[1-5]\d)(?=[.,;!?]?$|[.,;!?] | please\b)"
_NEXT = {"hour": 60, "minute": 1}
_Said = tuple[str, float]


def clock_words(parameter: Parameter, sentence: Sentence) -> list[str]:
    """List the words of a sentence that say a time of which a parameter is a number; none for other parameters.

    Those that leave it nothing are not among them, where it may be left out: the hours of "10 minutes", the seconds of "7:30".
    """
    field = parameter.clock
    if field is None:
        return []
    is_trifle = field.is_duration or field.unit is ClockUnit.SECOND
    is_open = is_trifle and not (parameter.required or parameter.needed_with)
    return list(
        dict.fromkeys(
            text for text, seconds in _said(field, sentence) if not is_open or _part(field, seconds) != 0
        )
    )


def clock_value(parameter: Parameter, words: str, sentence: Sentence) -> int | None:
    """Return a parameter's number of the time that words say; None where they say none, or one that its numbers cannot tell."""
    field = parameter.clock
    if field is None:
        return None
    said = dict(reversed(list(_said(field, sentence))))
    return _part(field, said[words]) if words in said else None


def is_clock_said(parameter: Parameter, sentence: Sentence) -> bool:
    """Whether a sentence says a time of which a parameter is a number, even one of which it is nothing."""
    return parameter.clock is not None and any(True for _ in _said(parameter.clock, sentence))


def is_bare_clock(parameter: Parameter, sentence: Sentence) -> bool:
    """Whether nothing but plain numbers may be the time that a parameter is a number of: "set it to 7"."""
    return parameter.clock is not None and not parameter.clock.is_duration and not sentence.times


def is_same_time(one: Parameter, other: Parameter) -> bool:
    """Whether two parameters are numbers of the same time."""
    return one.clock is not None and other.clock is not None and one.clock.time == other.clock.time


def _said(field: ClockField, sentence: Sentence) -> Iterator[_Said]:
    """Yield the times of a sentence, each with its seconds: of the day, or that it lasts."""
    if _NAMED.search(sentence.lower):
        return
    if field.is_duration:
        yield from _durations(field, sentence)
    elif sentence.times:
        yield from ((time.text, _seconds(time)) for time in sentence.times)
    elif field.is_needed:
        yield from _bare(sentence)


def _seconds(time: ClockTime) -> int:
    return time.hour * 3600 + time.minute * 60 + time.second


def _durations(field: ClockField, sentence: Sentence) -> Iterator[_Said]:
    for quantity in sentence.quantities:
        if quantity.unit not in _UNITS_OF_TIME:
            continue
        seconds = convert(quantity.value, quantity.unit, "second")
        if seconds is None or seconds < 0:
            continue
        more = re.search(rf"(?<!\w){re.escape(quantity.text)}{_AND_PLAIN}", sentence.lower)
        if more and quantity.unit in _NEXT and quantity.value.is_integer():
            yield more[0], seconds + int(more["rest"]) * _NEXT[quantity.unit]
        else:
            yield quantity.text, seconds
    for time in sentence.times:
        # "2:30" has as many numbers as there are, or else it may be hours as well as minutes.
        numbers = time.text.split(":")
        if len(numbers) > 1 and len(numbers) == len(field.units) and all(map(str.isdigit, numbers)):
            amounts = zip(numbers, field.units, strict=True)
            yield time.text, sum(int(number) * _SECONDS[unit] for number, unit in amounts)


def _bare(sentence: Sentence) -> Iterator[_Said]:
    measured = [quantity.text for quantity in sentence.quantities if quantity.unit is not None]
    for match in _BARE.finditer(sentence.lower):
        last = match.start("minute") if match["minute"] else match.start()
        if not any(
            sentence.lower.startswith(text, start) for text in measured for start in (match.start(), last)
        ):
            yield match[0], int(match["hour"]) * 3600 + int(match["minute"] or 0) * 60


def _part(field: ClockField, seconds: float) -> int | None:
    """Return the number of a field's unit in a time; None where the smallest unit leaves something over."""
    smallest, own = _SECONDS[field.units[-1]], _SECONDS[field.unit]
    # Behind the sixth digit stands what sums of binary fractions have left.
    whole = round(seconds, 6)
    if whole % smallest:
        return None
    place = field.units.index(field.unit)
    rest = whole % _SECONDS[field.units[place - 1]] if place else whole
    return int(rest // own)
