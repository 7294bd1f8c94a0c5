"""Tells the numbers that make a time together: hour and minute of a time of day, hours, minutes and seconds of a duration."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from inference.signatures import ClockField, ClockUnit, Parameter
from inference.words import split_words

_UNITS: dict[ClockUnit, frozenset[str]] = {
    ClockUnit.DAY: frozenset({"days"}),
    ClockUnit.HOUR: frozenset({"hour", "hours", "hr", "hrs", "h", "hh"}),
    ClockUnit.MINUTE: frozenset({"minute", "minutes", "min", "mins", "m", "mm"}),
    ClockUnit.SECOND: frozenset({"second", "seconds", "sec", "secs", "s", "ss"}),
}
_ORDER = tuple(_UNITS)
_ONE_OF_MANY = frozenset({"hours", "hrs", "minutes", "mins", "seconds", "secs"})
# A lone "h" may be a hue or a height, "m" a mode.
_LETTERS = frozenset("hms")
_LAST_HOURS = frozenset({23, 24})
_HALF_A_DAY = 12
# What a function's or an argument's words say of the numbers.
_POINT = re.compile(
    r"\b(?:alarms?|clock|wakes?|wake[- ]?up|time of (?:the )?day|24[- ]?h(?:our)?s?|schedules?d?|local time|bedtime)\b"
)
_AMOUNT = re.compile(
    r"\b(?:durations?|count(?:s|ing)?[- ]?downs?|timers?|how long|lengths?|delay(?:ed)?|intervals?|remaining|elapsed|snoozes?)\b"
)
# Of a time so named it is known that it is one of the day.
_NAMED_POINT = frozenset(
    "start begin from since end until till stop finish on off at alarm wake wakeup sunrise sunset open close".split()
)
_Key = tuple[tuple[str, ...], tuple[str, ...]]


def with_clock_fields(parameters: Sequence[Parameter], about: str) -> tuple[Parameter, ...]:
    """Mark the parameters of one function that are numbers of the same time.

    Args:
        parameters: of the function.
        about: the function's name and description in plain words.
    """
    groups: dict[_Key, dict[ClockUnit, list[int]]] = {}
    for number, parameter in enumerate(parameters):
        if (found := _unit_and_time(parameter)) is not None:
            unit, key = found
            groups.setdefault(key, {}).setdefault(unit, []).append(number)
    fields: dict[int, ClockField] = {}
    for key, members in groups.items():
        if any(len(numbers) > 1 for numbers in members.values()):
            continue
        time = {unit: parameters[members[unit][0]] for unit in _ORDER if unit in members}
        is_duration = _is_duration(time, key, about.lower())
        if is_duration is None:
            continue
        is_needed = any(parameter.required for parameter in time.values())
        for unit in time:
            fields[members[unit][0]] = ClockField(unit, tuple(time), is_duration, key, is_needed)
    return tuple(replace(parameter, clock=fields.get(number)) for number, parameter in enumerate(parameters))


def _unit_and_time(parameter: Parameter) -> tuple[ClockUnit, _Key] | None:
    """Return what a parameter may count, and what else its path says: "start" of `start_hour` and of `startMinute`."""
    if not parameter.is_number or parameter.choices or parameter.many:
        return None
    if parameter.is_step or parameter.channel is not None:
        return None
    words = split_words(parameter.steps[-1])
    units = [(word, unit) for word in words for unit, names in _UNITS.items() if word in names]
    if len(units) != 1:
        return None
    word, unit = units[0]
    return unit, (parameter.steps[:-1], tuple(other for other in words if other != word))


def _is_duration(time: Mapping[ClockUnit, Parameter], key: _Key, about: str) -> bool | None:
    """Say whether numbers are an amount of time (True) or a time of day (False); None where they are no time together."""
    units, words = list(time), {_unit_word(parameter) for parameter in time.values()}
    first, last = _ORDER.index(units[0]), _ORDER.index(units[-1])
    hour = time.get(ClockUnit.HOUR)
    if last - first + 1 != len(units) or (words & _LETTERS and not words >= {"h", "m"}):
        return None
    text = _told(time, about)
    if len(units) == 1:
        is_hour = hour is not None and _is_day_long(hour) and hour.maximum is not None and words == {"hour"}
        return False if is_hour and not _AMOUNT.search(text) else None
    if hour is None or ClockUnit.DAY in time:
        return True
    if not _is_day_long(hour):
        # Hours of 1 to 12 are those of a clock face, whose other half somebody has to choose.
        is_face = hour.maximum == _HALF_A_DAY and not words & _ONE_OF_MANY
        return None if is_face else True
    is_named_point = _NAMED_POINT.intersection(key[1], *(split_words(step) for step in key[0]))
    is_point, is_amount = _POINT.search(text) is not None, _AMOUNT.search(text) is not None
    is_rather_amount = is_amount or not is_point if words & _ONE_OF_MANY else is_amount and not is_point
    return is_rather_amount and not is_named_point


def _is_day_long(hour: Parameter) -> bool:
    return hour.maximum in {None, *_LAST_HOURS} and hour.minimum in {None, 0}


def _told(time: Mapping[ClockUnit, Parameter], about: str) -> str:
    texts = (
        f"{' '.join(split_words(' '.join(each.steps)))} {each.description.lower()}" for each in time.values()
    )
    return " ".join([about, *texts])


def _unit_word(parameter: Parameter) -> str:
    names = frozenset[str]().union(*_UNITS.values())
    return next(word for word in split_words(parameter.steps[-1]) if word in names)
