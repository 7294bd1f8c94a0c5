"""Tells on which floor devices are ("the lights downstairs" are not all lights): as they say, or as others in their room do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from inference.rooms import rooms_in

_FLOORS = {
    "downstairs": re.compile(r"\b(?:downstairs|down below|ground[- ]floor|lower floor)\b"),
    "upstairs": re.compile(r"\b(?:upstairs|up there|upper floor|top floor)\b"),
    "outside": re.compile(r"\b(?:outside|outdoors?|out there)\b"),
}
# "From the upstairs hallway" and "the upstairs light" are as good as "upstairs"; "go upstairs" sends somebody there.
_GOING = re.compile(
    r"\b(?:go|going|went|gone|come|coming|came|run|running|walk|move|moving|head|heading|send|bring|carry)\b[^,.;!?]*$"
)


def floors_of(told: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """Return for each device the floors that it is on, as far as anything tells.

    Args:
        told: what each says of itself, in lower case.
    """
    own = {kind: _floors_in(text) for kind, text in told.items()}
    by_room: dict[frozenset[str], set[str]] = {}
    for kind, text in told.items():
        for room in rooms_in(text):
            by_room.setdefault(room.words, set()).update(own[kind])
    return {
        kind: found or frozenset(floor for room in rooms_in(told[kind]) for floor in by_room[room.words])
        for kind, found in own.items()
    }


def on_said_floor(text: str, kinds: Sequence[str], floors: Mapping[str, frozenset[str]]) -> list[str]:
    """Return those of some devices that are on the floor that a clause speaks of; all where it speaks of none that is known."""
    said = [
        floor
        for floor, pattern in _FLOORS.items()
        for match in pattern.finditer(text)
        if not _GOING.search(text, 0, match.start())
    ]
    there = [kind for kind in kinds if floors.get(kind, frozenset()) & set(said)]
    return there or list(kinds)


def _floors_in(text: str) -> frozenset[str]:
    return frozenset(floor for floor, pattern in _FLOORS.items() if pattern.search(text))
