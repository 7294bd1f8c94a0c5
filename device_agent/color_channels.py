"""Tells the arguments that make a colour: red, green and blue, hue and saturation, all in a list or code, the tone of white."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from inference.signatures import Channel, Parameter, ParameterKind
from inference.words import split_words

_GROUPS: tuple[dict[Channel, frozenset[str]], ...] = (
    {
        Channel.RED: frozenset({"r", "red"}),
        Channel.GREEN: frozenset({"g", "green"}),
        Channel.BLUE: frozenset({"b", "blue"}),
    },
    {
        Channel.HUE: frozenset({"h", "hue"}),
        Channel.SATURATION: frozenset({"s", "sat", "saturation"}),
        Channel.VALUE: frozenset({"v", "value"}),
    },
    {Channel.HUE: frozenset({"h", "hue"}), Channel.SATURATION: frozenset({"s", "sat", "saturation"})},
    {Channel.HUE: frozenset({"hue"})},
)
_THREE = 3
_LISTED = re.compile(r"\b(?:rgb|red,? green,?(?: and)? blue|r, ?g, ?b)\b")
_COLOR = re.compile(r"\bcolou?rs?\b")
_HEX = re.compile(r"\bhex(?:adecimal)?\b|#[0-9a-f]{6}\b|#rrggbb\b")
_HEX_EXAMPLE, _NO_HEX = "#00ff88", "plain words"


def with_channels(parameters: Sequence[Parameter]) -> tuple[Parameter, ...]:
    """Mark the parameters of one function that make a colour together, or that hold a whole one."""
    channels = {
        number: channel
        for number, parameter in enumerate(parameters)
        if (channel := _whole(parameter)) is not None
    }
    for group in _GROUPS:
        for prefix in {_prefix(parameter) for parameter in parameters}:
            members = {
                channel: [
                    number
                    for number, parameter in enumerate(parameters)
                    if _prefix(parameter) == prefix
                    and _last_word(parameter) in names
                    and parameter.is_number
                    and not (parameter.choices or parameter.many)
                    and number not in channels
                ]
                for channel, names in group.items()
            }
            if all(len(numbers) == 1 for numbers in members.values()):
                channels |= {numbers[0]: channel for channel, numbers in members.items()}
    return tuple(
        replace(parameter, channel=channels.get(number)) for number, parameter in enumerate(parameters)
    )


def _whole(parameter: Parameter) -> Channel | None:
    """Say which channel a parameter is by itself."""
    if parameter.choices:
        return None
    text = f"{' '.join(split_words(parameter.readable_name))} {parameter.description}".lower()
    if parameter.many and parameter.is_number:
        is_three = parameter.minimum_items <= _THREE and parameter.maximum_items == _THREE
        is_color = _LISTED.search(text) or (is_three and _COLOR.search(text))
        return Channel.RGB if is_color and parameter.maximum_items in {None, _THREE} else None
    if parameter.is_quantity and parameter.unit in {"kelvin", "mired"}:
        return Channel(parameter.unit) if _is_of_light(text) else None
    is_text = parameter.kind is ParameterKind.STRING and not parameter.many and not parameter.format
    if not is_text or not _COLOR.search(text):
        return None
    by_pattern = parameter.pattern is not None and _matches_hex_only(parameter.pattern)
    if by_pattern or _HEX.search(text):
        return Channel.HEX
    return Channel.NAME if parameter.pattern is None and _COLOR.fullmatch(_last_word(parameter)) else None


def _is_of_light(text: str) -> bool:
    return re.search(r"\b(?:colou?r|white|tone|kelvin|ct)\b", text) is not None


def _matches_hex_only(pattern: str) -> bool:
    try:
        return bool(re.search(pattern, _HEX_EXAMPLE)) and not re.search(pattern, _NO_HEX)
    except re.error:
        return False


def _prefix(parameter: Parameter) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what stands before the last word of a parameter's path: "rgb" of "rgb_r"."""
    return parameter.steps[:-1], tuple(split_words(parameter.steps[-1])[:-1])


def _last_word(parameter: Parameter) -> str:
    return (split_words(parameter.steps[-1]) or [""])[-1]
