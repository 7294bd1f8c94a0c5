"""Turns names of colours into the numbers and codes that devices take: "dark green" is (0, 100, 0), #006400, hue 120.

The names are those of CSS, in any spacing, but for green, which of a lamp is the pure one. A name may be dark or light, and
white may be warm or cold. The same name serves all the arguments that make a colour together.
"""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import webcolors

from inference.signatures import Channel, Parameter, ParameterKind, Scalar
from inference.words import Place

__all__ = ["SaidColor", "color_value", "color_words", "said_colors"]

_LONGEST_NAME = 3
_FULL = 255
_FULL_BY_CHANNEL = {Channel.HUE: 360, Channel.SATURATION: 100, Channel.VALUE: 100}
_NAMES = {
    name: tuple(webcolors.name_to_rgb(name))
    for name in webcolors.names(webcolors.CSS3)
    if name != "transparent"
} | {"green": (0, 255, 0)}
_BASIC = frozenset("red green blue yellow orange purple pink brown white gray grey".split())
# What is said with a name: by how much it is mixed with black or white.
_DARKER, _LIGHTER = frozenset({"dark", "deep"}), frozenset({"light", "pale", "pastel"})
_AS_IT_IS = frozenset({"bright", "pure", "vivid", "strong", "full", "solid"})
_MIXED = 0.5
_LISTED = (Channel.RED, Channel.GREEN, Channel.BLUE)
# Kelvin, the middle of what the trade calls so (EN 12464-1 draws the lines at 3300 and 5300).
_TONES = {
    "candlelight": 2000,
    "candle light": 2000,
    "warm white": 2700,
    "soft white": 2700,
    "warm": 2700,
    "neutral white": 4000,
    "natural white": 4000,
    "neutral": 4000,
    "cool white": 5500,
    "cool": 5500,
    "cold white": 6500,
    "cold": 6500,
    "daylight": 6500,
}
_TONE = re.compile(rf"(?<!\w)(?:{'|'.join(sorted(_TONES, key=len, reverse=True))})(?!\w)")
_WORD = re.compile(r"[a-z]+")
# "Red 10, green 20" gives the channels their values; "255 red" as well.
_NUMBER_BEHIND = re.compile(r"\s*(?:to|at|is|=|:|channel)?\s*\d")
_NUMBER_BEFORE = re.compile(r"\d\s*(?:of\s+)?$")
# Behind these, "light" is how a colour is; else it is the lamp: "turn the light blue", "make it light blue".
_BEFORE_ADJECTIVE = frozenset(
    """
    to in a an as is be of or and color colour very lamp lamps bulb bulbs strip strips led leds light lights it them that this
    all everything
    """.split()
)


@dataclass(frozen=True, slots=True)
class SaidColor:
    """A colour of a sentence: its words, where they stand, and red, green and blue of 0 to 255."""

    text: str
    place: Place
    rgb: tuple[int, int, int]


@lru_cache(maxsize=64)
def said_colors(lower: str) -> tuple[SaidColor, ...]:
    """Return the colours that a sentence names, without names that only say which channel a number is for."""
    found = list(_named(lower))
    channels = [
        color
        for color in found
        if _NUMBER_BEHIND.match(lower, color.place[1]) or _NUMBER_BEFORE.search(lower[: color.place[0]])
    ]
    return () if len(channels) > 1 else tuple(found)


def _named(lower: str) -> Iterator[SaidColor]:
    words = [(match[0], match.span()) for match in _WORD.finditer(lower)]
    number = 0
    while number < len(words):
        end, rgb = _longest(lower, words, number)
        if rgb is None:
            number += 1
            continue
        if (
            words[end : end + 1]
            and words[end][0] in _BASIC
            and lower[words[end - 1][1][1] : words[end][1][0]] == " "
        ):
            # Navy blue is navy.
            end += 1
        place = words[number][1][0], words[end - 1][1][1]
        yield SaidColor(lower[slice(*place)], place, rgb)
        number = end


def _longest(
    lower: str, words: list[tuple[str, Place]], first: int
) -> tuple[int, tuple[int, int, int] | None]:
    """Return the colour that begins with a word, and the number of the word behind it; None where none does."""
    word = words[first][0]
    if word == "light" and first and words[first - 1][0] not in _BEFORE_ADJECTIVE:
        return first + 1, None
    for count in range(_LONGEST_NAME, 0, -1):
        part = words[first : first + count]
        if len(part) == count and not re.search(r"[^a-z -]", lower[part[0][1][0] : part[-1][1][1]]):
            name = "".join(one for one, _ in part)
            if name in _NAMES:
                return first + count, _NAMES[name]
    if word in _DARKER | _LIGHTER | _AS_IT_IS and first + 1 < len(words):
        end, rgb = _longest(lower, words, first + 1)
        if rgb is not None:
            towards = _FULL if word in _LIGHTER else 0
            share = 0.0 if word in _AS_IT_IS else _MIXED
            red, green, blue = (round(one + share * (towards - one)) for one in rgb)
            return end, (red, green, blue)
    return first + 1, None


def color_words(parameter: Parameter, lower: str) -> list[str]:
    """List the words of a sentence that are a colour for a parameter; none for one that is no part of a colour."""
    if parameter.channel is None:
        return []
    if parameter.channel in {Channel.KELVIN, Channel.MIRED}:
        return list(dict.fromkeys(match[0] for match in _TONE.finditer(lower)))
    return list(dict.fromkeys(color.text for color in said_colors(lower)))


def color_value(parameter: Parameter, words: str, lower: str) -> Scalar | list[Scalar] | None:
    """Return what a parameter is for the colour that words of a sentence name; None where they name none, or the name is wanted.

    Red, green and blue are shares of 255, hue of 360, saturation and value of 100, or of the parameter's maximum; a tone of
    white lies within the bounds.
    """
    if parameter.channel is Channel.NAME or words not in color_words(parameter, lower):
        return None
    if parameter.channel in {Channel.KELVIN, Channel.MIRED}:
        kelvin = _TONES[words]
        tone = kelvin if parameter.channel is Channel.KELVIN else 1_000_000 / kelvin
        low, high = parameter.minimum, parameter.maximum
        tone = max(tone, low) if low is not None else tone
        return _number(parameter, min(tone, high) if high is not None else tone)
    red, green, blue = next(color.rgb for color in said_colors(lower) if color.text == words)
    if parameter.channel is Channel.HEX:
        return f"#{red:02x}{green:02x}{blue:02x}"
    hue, saturation, value = colorsys.rgb_to_hsv(red / _FULL, green / _FULL, blue / _FULL)
    shares = {
        Channel.RED: red / _FULL,
        Channel.GREEN: green / _FULL,
        Channel.BLUE: blue / _FULL,
        Channel.HUE: hue,
        Channel.SATURATION: saturation,
        Channel.VALUE: value,
    }
    if parameter.channel is Channel.RGB:
        return [_number(parameter, shares[one] * _most(parameter, one)) for one in _LISTED]
    return next(
        _number(parameter, share * _most(parameter, channel))
        for channel, share in shares.items()
        if channel is parameter.channel
    )


def _most(parameter: Parameter, channel: Channel) -> float:
    return parameter.maximum if parameter.maximum is not None else _FULL_BY_CHANNEL.get(channel, _FULL)


def _number(parameter: Parameter, value: float) -> Scalar:
    return round(value) if parameter.kind is ParameterKind.INTEGER else round(value, 3)
