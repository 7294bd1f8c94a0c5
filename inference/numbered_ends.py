"""Names of the first and the last of what is counted: of "tray 1 to 4, counted from the top" the top one is tray 1."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inference.numbered_names import NumberedName

_ENDS = {
    "top": ("top", "topmost", "uppermost", "upper", "highest"),
    "bottom": ("bottom", "bottommost", "undermost", "lowest"),
    "left": ("left", "leftmost", "left-hand", "far left"),
    "right": ("right", "rightmost", "right-hand", "far right"),
    "front": ("front", "frontmost", "foremost"),
    "back": ("back", "backmost", "rearmost", "rear", "hindmost"),
}
_OPPOSITE = {"top": "bottom", "left": "right", "front": "back"}
_OPPOSITE |= {there: here for here, there in _OPPOSITE.items()}
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
_END = "top|bottom|left|right|front|back|rear"
_AT = rf"(?:is |are )?(?:(?:at|in|on|to) )?(?:the )?(?P<{{}}>{_END})(?:most)?\b"
_COUNTED = re.compile(rf"\b(?:counted|counting|numbered|from) (?:from )?(?:the )?(?P<first>{_END})\b")
_BOTH = re.compile(rf"(?P<low>\d+) {_AT.format('first')}(?:,| and) (?P<high>\d+) {_AT.format('last')}")


def read_numbered_ends(
    text: str, noun: str, first: float | None, last: float | None
) -> tuple[NumberedName, ...]:
    """Read from where something is counted; nothing where a description does not say.

    Args:
        text: a parameter's description.
        noun: what is counted, in the singular.
        first: the lowest number.
        last: the highest.
    """
    if not noun or first is None or last is None or last <= first:
        return ()
    said = text.lower()
    both, counted = _BOTH.search(said), _COUNTED.search(said)
    if both is not None and (float(both["low"]), float(both["high"])) == (first, last):
        start = _end(both["first"])
        if _end(both["last"]) != _OPPOSITE[start]:
            return ()
    elif counted is not None:
        start = _end(counted["first"])
    else:
        return ()
    low, high = int(first), int(last)
    return (*_names(start, noun, low, high, 1), *_names(_OPPOSITE[start], noun, high, low, -1))


def _end(word: str) -> str:
    return "back" if word == "rear" else word


def _names(end: str, noun: str, number: int, other: int, step: int) -> Iterator[NumberedName]:
    """List what is said of one end: "the top tray", "the tray at the top", "the second tray from the top"."""
    for word in _ENDS[end]:
        yield NumberedName(f"{word} {noun}", (number,), noun)
    for place in ("at the very", "at the", "in the", "on the", "in"):
        yield NumberedName(f"{noun} {place} {end}", (number,), noun)
    for ordinal, counted in zip(_ORDINALS, range(number, other + step, step), strict=False):
        yield NumberedName(f"{ordinal} {noun} from the {end}", (counted,), noun)
