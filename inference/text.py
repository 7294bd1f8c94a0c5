"""Reads a person's sentence: number words become digits, quantities and copyable spans are found.

The model never does arithmetic. It copies what the person said, with the person's unit, and `convert` turns that into
the unit of the device's description, exactly.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import pint
from text_to_num import alpha2digit

_UNIT_WORDS: dict[str, str] = {
    "millimeter": "mm millimeter millimeters millimetre millimetres",
    "centimeter": "cm centimeter centimeters centimetre centimetres",
    "meter": "m meter meters metre metres",
    "kilometer": "km kilometer kilometers kilometre kilometres",
    "foot": "ft foot feet",
    "inch": "inch inches",
    "degree": "deg degree degrees °",
    "radian": "rad radian radians",
    "percent": "% percent",
    "millisecond": "ms millisecond milliseconds",
    "second": "s sec secs second seconds",
    "minute": "min minute minutes",
    "hour": "hour hours",
    "gram": "g gram grams",
    "kilogram": "kg kilogram kilograms kilo kilos",
    "degC": "°c celsius degc",
    "degF": "°f fahrenheit degf",
    "meter/second": "m/s",
    "kilometer/hour": "km/h kph",
    "revolutions_per_minute": "rpm",
    "volt": "v volt volts",
    "ampere": "ampere amperes amps",
    "watt": "w watt watts",
    "kilowatt": "kw kilowatt kilowatts",
    "hertz": "hz hertz",
    "kilohertz": "khz kilohertz",
    "megahertz": "mhz megahertz",
    "gigahertz": "ghz gigahertz",
    "megabit/second": "mbit/s mbps",
    "bar": "bar bars",
    "kilopascal": "kpa kilopascal kilopascals",
    "liter": "l liter liters litre litres",
    "milliliter": "ml milliliter milliliters millilitre millilitres",
    "ppm": "ppm",
    "lux": "lux",
    "decibel": "db decibel decibels",
    "decibelmilliwatt": "dbm",
}
UNIT_BY_WORD = {word: unit for unit, words in _UNIT_WORDS.items() for word in words.split()}
_TWO_WORD_UNITS = {
    "degrees celsius": "degC",
    "degrees fahrenheit": "degF",
    "meters per second": "meter/second",
}
_ANGLE_OR_TEMPERATURE = "degree"

_NUMBER = re.compile(r"(?<![\w.-])(-?\d+(?:\.\d+)?)(?P<ordinal>st|nd|rd|th)?(?!\d|\.\d)")
_UNIT = re.compile(r"\s?(°[cf]|[a-z]+/[a-z]+|%|°|[a-z]+)", re.IGNORECASE)
_SECOND = "\ue000"
_ID_LIKE = re.compile(r"[A-Za-z_]")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in a sentence, with the unit the person gave it (pint's long spelling), if any.

    `text` is the span as it stands in the prepared sentence, in lower case: "35 cm", "40%", "3".
    """

    text: str
    value: float
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence prepared for the model.

    `text` keeps the person's capitals; `lower` is what the model reads. Both have number words turned to digits.
    """

    text: str
    lower: str
    quantities: tuple[Quantity, ...]

    def original(self, span: str) -> str:
        """Give back a lower-case span the way the person wrote it."""
        at = self.lower.find(span)
        return self.text[at : at + len(span)] if at >= 0 else span


def prepare(sentence: str, unit_definitions: Mapping[str, str] | None = None) -> Sentence:
    """Normalise a sentence: number words to digits, "minus 5" to "-5", one space between words."""
    # "second" is a unit of time unless "the second" numbers something.
    guarded = re.sub(r"(?<!\bthe )\bsecond\b", _SECOND, " ".join(sentence.split()), flags=re.IGNORECASE)
    text = " ".join(alpha2digit(guarded, "en", 0.0).replace(_SECOND, "second").split())
    text = re.sub(r"\bminus (\d)", r"-\1", text, flags=re.IGNORECASE)
    text = re.sub(r"\b(\d+)(?:st|nd|rd|th)\b", r"\1", text, flags=re.IGNORECASE)
    lower = "".join(character.lower() if len(character.lower()) == 1 else character for character in text)
    return Sentence(text, lower, tuple(find_quantities(lower, unit_definitions or {})))


def find_quantities(lower: str, unit_definitions: Mapping[str, str]) -> list[Quantity]:
    """Find numbers that stand by themselves (not inside an identifier such as `t7`), each with its unit."""
    found: list[Quantity] = []
    for match in _NUMBER.finditer(lower):
        end = match.end()
        unit = None
        following = _UNIT.match(lower, end)
        if following and not match["ordinal"]:
            word = following[1]
            two_words = re.match(r"\s?(\w+(?: per)? \w+)", lower[end:])
            if two_words and two_words[1] in _TWO_WORD_UNITS:
                unit, unit_end = _TWO_WORD_UNITS[two_words[1]], end + two_words.end()
            else:
                unit, unit_end = _unit_of(word, unit_definitions), following.end()
            if unit is not None:
                end = unit_end
            elif following.start(1) == match.end() and _ID_LIKE.match(word):
                continue
        found.append(Quantity(lower[match.start() : end], float(match[1]), unit))
    return found


def _unit_of(word: str, unit_definitions: Mapping[str, str]) -> str | None:
    for name in unit_definitions:
        if word in {name, name + "s"}:
            return name
    return UNIT_BY_WORD.get(word)


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
        The value in `wanted`, or None where the two measure different things. A quantity without a unit is taken to
        be in the description's unit; a unit said where the description has none does not fit.
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
        converted = float(registry.Quantity(value, said).to(target).magnitude)
    except (pint.errors.PintError, AttributeError, TypeError, ValueError):
        return None
    return round(converted, 9)


def canonical_words(name: str) -> str:
    """Split an identifier into lower-case words: `moveToShelf`, `move_to_shelf` and `MOVE-to-shelf` become one."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)", " ", name)
    return " ".join(re.split(r"[^\w]+|_", spaced.lower())).strip()
