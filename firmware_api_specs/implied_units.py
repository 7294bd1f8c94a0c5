"""Reads the unit that a vendor put into a name alone: `delay_sec`, `distanceMm`, `TempC`."""

from __future__ import annotations

import re

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
    return _UNITS.get(last) or (_LETTERS.get(last) if len(words) > 1 else None)
