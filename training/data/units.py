"""Units: into which others a vendor may put a quantity, and how people say them."""

from __future__ import annotations

from functools import lru_cache

from inference.units import convert

UNIT_DEFINITIONS = {"cell": "0.5 m"}
OTHER_UNITS = {
    "millimeter": ("centimeter", "meter", "foot", "inch", "cell"),
    "centimeter": ("millimeter", "meter", "foot", "inch"),
    "meter": ("centimeter", "millimeter", "foot", "cell"),
    "kilometer": ("meter",),
    "degree": ("radian",),
    "percent": ("fraction",),
    "second": ("minute", "millisecond"),
    "millisecond": ("second",),
    "minute": ("second", "hour"),
    "hour": ("minute",),
    "meter/second": ("kilometer/hour",),
    "kilometer/hour": ("meter/second",),
    "kilogram": ("gram",),
    "gram": ("kilogram",),
    "degC": ("degF",),
    "liter": ("milliliter",),
    "milliliter": ("liter",),
    "watt": ("kilowatt",),
    "kilowatt": ("watt",),
    "kilohertz": ("hertz",),
    "hertz": ("kilohertz",),
    "megahertz": ("gigahertz",),
    "bar": ("kilopascal",),
    "kilopascal": ("bar",),
}
NEVER_SAID = frozenset({"fraction", "radian"})
"""Units of descriptions in which people give no amounts."""
SPOKEN = {
    "millimeter": ("mm", "millimeters", "millimetres"),
    "centimeter": ("cm", "centimeters", "centimetres"),
    "meter": ("m", "meters", "metres"),
    "kilometer": ("km", "kilometers"),
    "foot": ("feet", "ft"),
    "inch": ("inches",),
    "degree": ("degrees", "deg", "°"),
    "radian": ("radians", "rad"),
    "percent": ("percent", "%"),
    "second": ("seconds", "s", "sec"),
    "millisecond": ("ms", "milliseconds"),
    "minute": ("minutes", "min"),
    "hour": ("hours",),
    "kilogram": ("kg", "kilos", "kilograms"),
    "gram": ("grams", "g"),
    "degC": ("degrees", "°c", "degrees celsius", "degrees"),
    "degF": ("degrees fahrenheit", "°f"),
    "meter/second": ("m/s", "meters per second"),
    "kilometer/hour": ("km/h", "kph"),
    "revolutions_per_minute": ("rpm",),
    "volt": ("volts", "v"),
    "ampere": ("amps", "amperes"),
    "watt": ("watts", "w"),
    "kilowatt": ("kw", "kilowatts"),
    "hertz": ("hz", "hertz"),
    "kilohertz": ("khz", "kilohertz"),
    "megahertz": ("mhz", "megahertz"),
    "gigahertz": ("ghz", "gigahertz"),
    "megabit/second": ("mbit/s", "mbps"),
    "bar": ("bar",),
    "kilopascal": ("kpa", "kilopascals"),
    "liter": ("liters", "l", "litres"),
    "milliliter": ("ml", "milliliters"),
    "ppm": ("ppm",),
    "lux": ("lux",),
    "decibel": ("db", "decibels"),
    "decibelmilliwatt": ("dbm",),
    "kelvin": ("k", "kelvin"),
    "cell": ("cells",),
}


@lru_cache(maxsize=1_000)
def _line(unit: str, wanted: str) -> tuple[float, float] | None:
    """Offset and slope of a conversion; every pair of `OTHER_UNITS` is a straight line."""
    at_zero, at_one = (convert(value, unit, wanted, UNIT_DEFINITIONS) for value in (0.0, 1.0))
    return None if at_zero is None or at_one is None else (at_zero, at_one - at_zero)


@lru_cache(maxsize=1_000)
def are_comparable(unit: str, wanted: str | None) -> bool:
    """Whether the run-time converts one unit into the other."""
    return wanted is not None and convert(1.0, unit, wanted, UNIT_DEFINITIONS) is not None


def converted(value: float, unit: str | None, wanted: str | None) -> float | None:
    """Convert as the run-time does, quicker; None where the units measure different things."""
    if unit == wanted or unit is None:
        return value
    line = _line(unit, wanted) if wanted else None
    return None if line is None else line[0] + line[1] * value
