"""Finds the parts of a sentence that ask for one function with values of their own each.

"Ten minutes for the rice and 25 for the chicken" is two timers; "190, 25 minutes" is one program.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from inference.filling import fill
from inference.reading import SlotReading
from inference.request import Request
from inference.value_options import is_free_text
from inference.words import Place

# "A dozen pictures, one every 5 seconds."
_RATE = re.compile(r"(?:at )?1 (?:every|each|per|an?)\b")
# The least that a reader may think of a value that is said again, a logarithm of a probability.
_LEAST_AGAIN = -4.0


@dataclass(frozen=True, slots=True)
class Part:
    """Clauses that are about one call: where they stand, and how the one that opens them was read."""

    places: Sequence[Place]
    slots: Sequence[SlotReading]


def parts_with_own_values(
    clauses: Iterable[tuple[Place, Sequence[SlotReading]]], request: Request
) -> list[Part]:
    """Group clauses by the calls of a function that they are about: another one begins where a value is said again.

    Args:
        clauses: where each stands, and how the function was read for it. It begins another call where it has all that is
            needed, and another amount or choice; another text alone may be the same thing by another name.
        request: the sentence.
    """
    parts: list[Part] = []
    known: dict[int, str] = {}
    for place, slots in clauses:
        said = _said_within(place, slots, request)
        again = [number for number, words in said.items() if known.get(number, words) != words]
        telling = [number for number in again if not is_free_text(slots[number].parameter)]
        is_full = all(number in said for number, slot in enumerate(slots) if slot.parameter.required)
        if parts and telling and is_full and not _RATE.match(request.sentence.lower, place[0]):
            parts.append(Part([place], slots))
            known = dict(said)
            continue
        if parts:
            parts[-1] = Part([*parts[-1].places, place], parts[-1].slots)
        else:
            parts.append(Part([place], slots))
        known = {**said, **known}
    return parts


def _said_within(place: Place, slots: Sequence[SlotReading], request: Request) -> Mapping[int, str]:
    """Return the values that one clause says by itself, by the numbers of their parameters."""
    if not slots:
        return {}
    picked = fill(slots, request, [place]).picked
    return {
        number: option.words
        for number, (slot, option) in enumerate(zip(slots, picked, strict=True))
        if option is not None
        and option.fits
        and option.score > _LEAST_AGAIN
        and not slot.parameter.many
        and any(
            place[0] <= start and end <= place[1]
            for start, end in request.where(slot.parameter, option.words)
        )
    }
