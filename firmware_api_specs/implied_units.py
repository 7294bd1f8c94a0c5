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
    "kbps": "kilobit/second", "gbps": "gigabit/second", "us": "microsecond", "usec": "microsecond", "mg": "milligram",
    "kwh": "kilowatt_hour", "wh": "watt_hour", "mah": "milliampere_hour", "mw": "milliwatt", "mv": "millivolt",
    "kv": "kilovolt", "lpm": "liter/minute", "ft": "foot", "feet": "foot", "inch": "inch", "inches": "inch", "mph": "mile/hour",
    "psi": "psi", "hpa": "hectopascal", "mbar": "millibar", "rad": "radian", "radians": "radian", "lb": "pound",
    "lbs": "pound", "metre": "meter", "metres": "meter", "millimeters": "millimeter", "millimetres": "millimeter",
    "centimeters": "centimeter", "centimetres": "centimeter", "kilometers": "kilometer", "kilometres": "kilometer",
    "miles": "mile", "weeks": "week", "months": "month", "years": "year", "kilograms": "kilogram",
    "milliliters": "milliliter", "millilitres": "milliliter", "milliseconds": "millisecond",
    "db": "decibel", "decibels": "decibel", "kj": "kilojoule", "kcal": "kilocalorie",
}  # fmt: skip
# One letter says enough only behind another word: `duration_s`, `TempC`, but not an axis or a point called `m`; and not behind
# one that tells which of several it is: `mode_s`, `phase_l`, `axis_c`.
_LETTERS = {"s": "second", "m": "meter", "c": "degC", "h": "hour", "f": "degF"}
_ONE_OF_SEVERAL = frozenset(
    "axis bank channel class grade group key line mode model option phase plan point port program row series set size slot "
    "team type variant version x y z zone".split()
)
# These endings mean a unit only where the words before them tell what is measured: `power_w`, `max_current_a`.
_OF_QUANTITIES = {
    "w": ("watt", "power load wattage limit consumption draw charge charging budget"),
    "a": ("ampere", "current amperage charge charging fuse limit"),
    "v": ("volt", "voltage potential supply bias battery cutoff"),
    "g": ("gram", "weight mass dose dosage portion food amount grind coffee dry yield load"),
    "l": ("liter", "volume capacity amount water tank fill level reservoir dose"),
    "k": ("kelvin", "temperature temp cct color colour white"),
    "in": ("inch", "width height length diameter depth thickness distance size radius"),
    "pa": ("pascal", "pressure vacuum suction"),
    "nm": ("newton*meter", "torque"),
}
_FITTING = {ending: (unit, frozenset(words.split())) for ending, (unit, words) in _OF_QUANTITIES.items()}
# A rate is written with the unit of time last: `speed_cm_s`, `flow_ml_min`, `speed_m_per_s`.
_COUNTED = {
    "mm": "millimeter", "cm": "centimeter", "m": "meter", "km": "kilometer", "ft": "foot", "in": "inch", "um": "micrometer",
    "deg": "degree", "degrees": "degree", "rad": "radian", "ml": "milliliter", "ul": "microliter", "l": "liter",
    "meter": "meter", "meters": "meter", "metre": "meter", "metres": "meter", "kilometers": "kilometer",
    "kilometres": "kilometer", "millimeters": "millimeter", "millimetres": "millimeter", "centimeters": "centimeter",
    "centimetres": "centimeter", "miles": "mile", "feet": "foot", "inches": "inch", "liters": "liter", "litres": "liter",
    "milliliters": "milliliter", "millilitres": "milliliter", "grams": "gram", "kilograms": "kilogram",
    "g": "gram", "kg": "kilogram", "c": "delta_degC", "mb": "megabyte", "kb": "kilobyte",
}  # fmt: skip
_EACH = {
    "s": "second",
    "sec": "second",
    "second": "second",
    "min": "minute",
    "minute": "minute",
    "h": "hour",
    "hour": "hour",
}
_ACCELERATION = re.compile(r"(?:m_?s2|m_s_s|mps2)$", re.IGNORECASE)
_LASTING = frozenset(
    "after countdown delay dur duration fade hold interval lasts period sleep time timeout timer wait".split()
)
# "Delay in seconds", "level (percent)": a unit in the text of a description.
_DESCRIBED = {
    "nanometer": r"nanomet(?:er|re)s?", "millimeter": r"millimet(?:er|re)s?|mm", "centimeter": r"centimet(?:er|re)s?|cm",
    "meter": r"met(?:er|re)s?", "kilometer": r"kilomet(?:er|re)s?|km", "inch": r"inch(?:es)?", "foot": r"feet|ft",
    "millisecond": r"milliseconds?|ms", "second": r"seconds?|secs?", "minute": r"minutes?|mins?", "hour": r"hours?",
    "day": r"days?", "percent": r"percent|per cent|percentage|%", "degC": r"degrees? c(?:elsius)?|celsius|deg c|degc|°c",
    "degF": r"degrees? f(?:ahrenheit)?|fahrenheit|deg f|degf|°f", "degree": r"degrees?|°", "kelvin": r"kelvin",
    "kilogram": r"kilograms?|kg", "gram": r"grams?", "liter": r"lit(?:er|re)s?", "milliliter": r"millilit(?:er|re)s?|ml",
    "microliter": r"microlit(?:er|re)s?|[uµμ]l", "hertz": r"hertz|hz", "kilohertz": r"kilohertz|khz",
    "megahertz": r"megahertz|mhz", "volt": r"volts?", "ampere": r"amps?|amperes?", "watt": r"watts?", "lux": r"lux",
    "decibel": r"decibels?|db", "bar": r"bar", "kilopascal": r"kilopascals?|kpa",
    "meter/second": r"m/s|met(?:er|re)s? per second", "kilometer/hour": r"km/h|kph|kilomet(?:er|re)s? per hour",
    "milliliter/minute": r"ml/min|millilit(?:er|re)s? per minute", "centimeter/second": r"cm/s|centimet(?:er|re)s? per second",
    "millimeter/second": r"mm/s|millimet(?:er|re)s? per second", "degree/second": r"deg/s|°/s|degrees? per second",
    "liter/minute": r"l/min|lpm|lit(?:er|re)s? per minute", "mile/hour": r"mph|miles? per hour", "psi": r"psi",
    "hectopascal": r"hectopascals?|hpa", "millibar": r"millibars?|mbar", "pascal": r"pascals?", "radian": r"radians?",
    "kilowatt": r"kilowatts?|kw", "kilowatt_hour": r"kilowatt[ -]hours?|kwh", "milliampere_hour": r"mah",
    "milligram": r"milligrams?|mg",
    "kilobit/second": r"kbps|kbit/s", "ppm": r"ppm|parts per million",
    "pound": r"pounds?|lbs?", "ounce": r"ounces?|oz", "microsecond": r"microseconds?|usec|µs|μs",
    "gigahertz": r"gigahertz|ghz",
    "newton*meter": r"newton[ -]?met(?:er|re)s?", "millivolt": r"millivolts?|mv", "megabit/second": r"mbps|mbit/s",
    "revolutions_per_minute": r"rpm|revolutions per minute",
}  # fmt: skip
# Not the watts of "watt hours"; and one of two is none: "in minutes or hours".
_IN_TEXT = {
    unit: re.compile(rf"(?:\b(?:in|or|and) |\(|\[|, )(?:{words})(?![\w/-]| (?:per|hours?)\b)")
    for unit, words in _DESCRIBED.items()
}
# A text that is only the unit, perhaps with its range or behind the quantity: "cm", "percent (0-100)", "Distance cm".
_MEASURED = (
    "distance|duration|delay|time|length|width|height|depth|speed|angle|weight|temperature|pressure|power|voltage|current|"
    "frequency|volume|interval|timeout|level|amount|dose"
)
_ALONE = re.compile(
    rf"[(\[]?(?:(?:[a-z]+ )?(?:{_MEASURED}):? )?(?:in )?(?P<unit>\S+?(?: \S+?){{0,2}}?)"
    r"(?:,? ?[(\[]?[\d.]+ ?(?:-|\u2013|to|\.\.+|…) ?[\d.]+[)\]]?)?[)\].]*"
)
_ONLY_ALONE = {
    "meter": "m",
    "second": "s",
    "hour": "h",
    "gram": "g",
    "degC": "c",
    "degF": "f",
    "volt": "v",
    "watt": "w",
    "microsecond": "us",
}
_WHOLE = {
    unit: re.compile(rf"{words}|{_ONLY_ALONE[unit]}" if unit in _ONLY_ALONE else words)
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
    if _ACCELERATION.search(name):
        return "meter/second**2"
    if rate := _rate(words):
        return rate
    if last == "min":
        # It is the least as well as a minute: the description must speak of minutes, or the name of something that lasts.
        described = f"{schema.english} {schema.native} {item.english} {item.native}"
        speaks = re.search(r"\bminute", described, re.IGNORECASE)
        return "minute" if speaks or _LASTING.intersection(words) else None
    named = _named_unit(words)
    text = f"{schema.english} {schema.native} {item.english} {item.native}"
    texts = dict.fromkeys((schema.english, schema.native, item.english, item.native))
    written = next((unit for one in texts if (unit := _written_alone(one))), None)
    return named or spoken_unit(text) or written or _usual_unit(words, item)


def _named_unit(words: Sequence[str]) -> str | None:
    """Return the unit that a name ends with."""
    *before, last = words
    unit, quantities = _FITTING.get(last, (None, frozenset()))
    if quantities.intersection(before):
        return unit
    if last in _LETTERS and (not before or before[-1] in _ONE_OF_SEVERAL):
        return None
    return _UNITS.get(last) or _LETTERS.get(last)


def _rate(words: Sequence[str]) -> str | None:
    """Return the rate that a name ends with: what is counted, perhaps "per", and in which time."""
    *before, time = words
    is_said = before[-1:] == ["per"]
    before = before[:-1] if is_said else before
    # Without "per" the quantity must stand before it: `m_s` may be two of anything.
    if time not in _EACH or len(before) < (1 if is_said else 2):
        return None
    counted = _COUNTED.get(before[-1])
    return None if counted is None else f"{counted}/{_EACH[time]}"


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


def _written_alone(text: str) -> str | None:
    """Return the unit that a text is, where it says nothing else but perhaps its range or what is measured."""
    alone = _ALONE.fullmatch(text.lower())
    if alone is None:
        return None
    return next((unit for unit, pattern in _WHOLE.items() if pattern.fullmatch(alone["unit"])), None)


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
