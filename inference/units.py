"""Reads units as people say them, and turns what was said in one unit into another, exactly."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import pint

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
# "3 full days" are 3 days, and of "10 more minutes" the minutes count.
_BETWEEN = r"(?: (?:full|whole|solid|good|straight|extra|more|further|additional))?"
_UNIT = re.compile(rf"{_BETWEEN}\s?(°[cf]|[a-zµμ]+/[a-z]+|%|°|[a-zµμ]+)", re.IGNORECASE)
_PER = re.compile(r" (per|an?) (?=\w)")
_TIMES = frozenset({"millisecond", "second", "minute", "hour", "day", "week"})
_OFFSET_UNITS = {"degC": "delta_degC", "degF": "delta_degF"}
_LEAST_MISSPELT = 7


def is_unit(word: str) -> bool:
    """Whether a lower-case word is a unit."""
    return word in UNIT_BY_WORD


def unit_at(lower: str, at: int, unit_definitions: Mapping[str, str]) -> tuple[str | None, int]:
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
