"""Finds the unit of a number that has none: in its name (`delay_sec`, `TempC`), in its description, or by what it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from firmware_api_specs.data_schema import DataSchema

_UNITS = {
    "nm": "nanometer", "um": "micrometer",
    "mm": "millimeter", "cm": "centimeter", "km": "kilometer", "meter": "meter", "meters": "meter",
    "ms": "millisecond", "msec": "millisecond", "sec": "second", "secs": "second", "seconds": "second",
    "mins": "minute", "minutes": "minute", "hours": "hour", "hrs": "hour", "days": "day",
    "pct": "percent", "percent": "percent", "deg": "degree", "degrees": "degree", "degc": "degC", "celsius": "degC",
    "degf": "degF", "fahrenheit": "degF", "kelvin": "kelvin", "mps": "meter/second", "kmh": "kilometer/hour",
    "kph": "kilometer/hour", "rpm": "revolutions_per_minute", "kg": "kilogram", "grams": "gram", "ml": "milliliter",
    "ul": "microliter", "liters": "liter", "litres": "liter", "bar": "bar", "kpa": "kilopascal", "ppm": "ppm",
    "lux": "lux", "mb": "megabyte", "gb": "gigabyte",
    "hz": "hertz", "khz": "kilohertz", "mhz": "megahertz", "ghz": "gigahertz", "volts": "volt",
    "amps": "ampere", "watts": "watt", "kw": "kilowatt", "dbm": "decibelmilliwatt", "mbps": "megabit/second",
}  # fmt: skip
# One letter says enough only behind another word: `duration_s`, `TempC`, but not an axis or a point called `m`.
_LETTERS = {"s": "second", "m": "meter", "c": "degC", "h": "hour", "f": "degF"}
_LASTING = frozenset(
    "after countdown delay dur duration fade hold interval lasts period sleep time timeout timer wait".split()
)
# "Delay in seconds", "level (percent)": a unit in the text of a description.
_DESCRIBED = {
    "nanometer": r"nanomet(?:er|re)s?", "millimeter": r"millimet(?:er|re)s?|mm", "centimeter": r"centimet(?:er|re)s?|cm",
    "meter": r"met(?:er|re)s?", "kilometer": r"kilomet(?:er|re)s?|km", "inch": r"inch(?:es)?", "foot": r"feet",
    "millisecond": r"milliseconds?|ms", "second": r"seconds?|secs?", "minute": r"minutes?|mins?", "hour": r"hours?",
    "day": r"days?", "percent": r"percent|per cent|percentage|%", "degC": r"degrees? c(?:elsius)?|celsius|deg c|degc|°c",
    "degF": r"degrees? f(?:ahrenheit)?|fahrenheit|deg f|degf|°f", "degree": r"degrees?|°", "kelvin": r"kelvin",
    "kilogram": r"kilograms?|kg", "gram": r"grams?", "liter": r"lit(?:er|re)s?", "milliliter": r"millilit(?:er|re)s?|ml",
    "microliter": r"microlit(?:er|re)s?|[uµμ]l", "hertz": r"hertz|hz", "kilohertz": r"kilohertz|khz",
    "megahertz": r"megahertz|mhz", "volt": r"volts?", "ampere": r"amps?|amperes?", "watt": r"watts?", "lux": r"lux",
    "decibel": r"decibels?|db", "bar": r"bar", "kilopascal": r"kilopascals?|kpa",
    "meter/second": r"m/s|met(?:er|re)s? per second", "kilometer/hour": r"km/h|kph|kilomet(?:er|re)s? per hour",
    "milliliter/minute": r"ml/min|millilit(?:er|re)s? per minute",
    "revolutions_per_minute": r"rpm|revolutions per minute",
}  # fmt: skip
# Not the watts of "watt hours"; and one of two is none: "in minutes or hours".
_IN_TEXT = {
    unit: re.compile(rf"(?:\b(?:in|or|and) |\(|\[|, )(?:{words})(?![\w/-]| (?:per|hours?)\b)")
    for unit, words in _DESCRIBED.items()
}
_HUNDRED_PERCENT = re.compile(r"\b0 ?(?:-|\u2013|to|\.\.+|…) ?100 ?(?:%|percent\b)")
_SHARES = frozenset(
    "brightness volume humidity opening openness dimming battery saturation percentage".split()
)
_TEMPERATURES = frozenset({"temperature", "temp"})
# What may stand behind them: "battery_level" is still that share, "brightness_step" is something else.
_OF_THE_SAME = frozenset("level value setting setpoint target now current present low high limit".split())
_NO_WARMTH = frozenset("color colour level".split())
_COLDEST_FAHRENHEIT, _HOTTEST_CELSIUS = 45, 330
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def unit_of(name: str, schema: DataSchema, item: DataSchema) -> str | None:
    """Return the unit of a number: the one it is described with, else the one at the end of its name, if any.

    Args:
        name: of the argument or property.
        schema: its description.
        item: the description of one item where it is a list, else the same.
    """
    stated = item.unit or schema.unit
    if stated is not None or item.type not in {"integer", "number"}:
        return stated
    words = [word.lower() for word in _WORD.findall(name)]
    if not words:
        return None
    last = words[-1]
    if last == "min":
        # It is the least as well as a minute: the description must speak of minutes, or the name of something that lasts.
        described = f"{schema.english} {schema.native} {item.english} {item.native}"
        speaks = re.search(r"\bminute", described, re.IGNORECASE)
        return "minute" if speaks or _LASTING.intersection(words) else None
    named = _UNITS.get(last) or (_LETTERS.get(last) if len(words) > 1 else None)
    text = f"{schema.english} {schema.native} {item.english} {item.native}"
    return named or spoken_unit(text) or _usual_unit(words, item)


def spoken_unit(text: str) -> str | None:
    """Return the only unit that a text speaks of; a degree of temperature is one of temperature."""
    lower = text.lower()
    found = {unit for unit, pattern in _IN_TEXT.items() if pattern.search(lower)}
    if _HUNDRED_PERCENT.search(lower):
        found.add("percent")
    if found & {"degC", "degF"}:
        found.discard("degree")
    if found == {"degree"} and "temperature" in lower:
        return "degC"
    return found.pop() if len(found) == 1 else None


def _usual_unit(words: Sequence[str], item: DataSchema) -> str | None:
    """Return the unit that everybody means: shares from 0 to 100 are percent, temperatures degrees."""
    heads = words if words[-1] in _OF_THE_SAME else words[-1:]
    if _SHARES.intersection(heads) and item.maximum == 100:  # noqa: PLR2004 - a hundred percent
        return "percent"
    if not _TEMPERATURES.intersection(heads) or _NO_WARMTH.intersection(words):
        return None
    low, high = item.minimum, item.maximum
    if low is None or high is None or high > _HOTTEST_CELSIUS:
        return None
    return "degF" if low >= _COLDEST_FAHRENHEIT and high <= 2 * _COLDEST_FAHRENHEIT + 30 else "degC"
