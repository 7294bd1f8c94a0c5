"""Finds rooms in what people say, those that a home lacks among them: "the light in the attic", "guest room light"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["ROOM", "Room", "only_room", "placed", "rooms_in", "without_rooms"]

_NO_ROOM = (
    r"the|a|an|this|that|these|those|every|each|all|both|any|some|no|more|enough|whole|entire|same|other|next|which|what|one|my|our|"
    r"your|his|her|their|its|in|on|at|of|to|for|from|by|with|and|or|make|leave|off|up|into|is|there|empty|warm|cold|dark|hot|cool|"
    r"bright|server|chat|meeting|class|wash|switch|clean|heat|dim|light|vacuum|mop|sweep|set|turn|open|close"
)
_NAMED = (
    r"bedrooms?|kitchen(?:ette)?s?|bathrooms?|bath room|bed room|hall|hallways?|corridor|foyer|lobby|entrance|entry|entryway|"
    r"vestibule|landing|staircase|stairs|stairwell|study|office|den|library|nursery|playroom|lounge|parlour|salon|sunroom|conservatory|"
    r"winter garden|garage|carport|workshop|shed|barn|greenhouse|cellar|basement|attic|loft|pantry|larder|scullery|laundry|"
    r"utility|cloakroom|closet|wardrobe|toilet|loo|lavatory|restroom|washroom|wc|en ?suite|shower|sauna|gym|porch|patio|terrace|"
    r"balcony|veranda|deck|garden|yard|backyard|front yard|driveway|courtyard|pool|poolside|roof terrace|dining area|"
    r"storeroom|storage|boiler room|upstairs|downstairs"
)
_WHICH_ONE = (
    r"(?:master|main|guest|guests'|spare|second|other|kids?|kid's|kids'|child(?:ren)?|children's|baby|baby's|boys?'?|girls?'?|"
    r"front|back|upstairs|downstairs|upper|lower|small|big|little|home|[a-z]+'s) "
)
ROOM = rf"(?:(?:{_WHICH_ONE})?(?:{_NAMED})(?: room)?|(?:{_WHICH_ONE})?(?!(?:{_NO_ROOM})\b)[a-z]+(?:'s|s')? room)\b"
"""A pattern for a room by what people call it, in lower case: "the" before it is no part."""

_ROOM = re.compile(rf"\b{ROOM}(?!')")
_NAMED_ROOM = re.compile(rf"\b({_NAMED}) room\b")
_SIZES = frozenset("master main big small little home upper lower front back other second".split())
_BEFORE = re.compile(
    r"\b(?:in|inside|on|at|of|from|out in|over in|down in|up in) (?:the |my |our |your )?$|\b(?:in|on|at) $"
)
_BESIDE = re.compile(r"(?:'s)? (?:[a-z]+ ){0,2}?$")
_ONLY = re.compile(
    rf"(?:(?:and|or|also) )?(?:(?:in|on|at|of|from|for) )?(?:(?:the|my|our|your) )?({ROOM})(?: too| as well| also)?"
)


@dataclass(frozen=True, slots=True)
class Room:
    """A room that is spoken of.

    Attributes:
        name: as it is called.
        start, end: where it stands.
        words: what tells it from others; "room" alone does not.
    """

    name: str
    start: int
    end: int

    @property
    def words(self) -> frozenset[str]:
        """The words of its name, in the singular and without "'s"."""
        # The study room is the study.
        name = _NAMED_ROOM.sub(r"\1", self.name)
        found = re.findall(r"[a-z]+", name.replace("'s", "").replace("s'", ""))
        return frozenset(found)

    @property
    def loose(self) -> frozenset[str]:
        """The same without how big it is or on which side: "the master bedroom" is the bedroom where there is one."""
        return self.words - _SIZES


def rooms_in(text: str) -> Iterator[Room]:
    """Find the rooms in a text in lower case."""
    for match in _ROOM.finditer(text):
        yield Room(match[0], *match.span())


def placed(text: str, start: int, end: int) -> list[Room]:
    """Return the rooms in which a clause says that the thing at a place in it is.

    "The guest room light", "the light in the guest room", "TV off in the attic", "in the attic, dim the light"; but not
    "send the robot to the attic".
    """
    found = []
    for room in rooms_in(text):
        is_beside = room.end <= start and _BESIDE.fullmatch(text, room.end, start)
        is_behind = room.start >= end and _BEFORE.search(text, end, room.start)
        is_first = room.end <= start and (first := _BEFORE.search(text, 0, room.start)) and first.start() == 0
        if is_beside or is_behind or is_first:
            found.append(room)
    return found


def only_room(text: str) -> Room | None:
    """Return the room that is all that a clause says: "… and in the attic"."""
    match = _ONLY.fullmatch(text)
    return None if match is None else Room(match[1], *match.span(1))


def without_rooms(name: str) -> str:
    """Return what a name calls a device without its room: "air conditioner" of "guest room air conditioner"."""
    return " ".join(_ROOM.sub(" ", name).split())
