"""Finds rooms by the words that rooms are called with everywhere: "kitchen", "the kids' room", "upstairs hallway"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inference.words import Place

_KINDS = (
    "living dining guest laundry sitting family utility meeting conference waiting server storage dressing play sun rec game"
    " games tv media music hobby sewing reading drawing boiler engine control changing break staff mud powder prayer spare"
    " treatment exam operating common computer craft kids children boys girls baby party ball billiard fitness board bath bed"
    " wash rest locker"
).split()
_ALWAYS_ROOMS = (
    "kitchen kitchenette pantry bedroom bathroom washroom restroom lounge hallway corridor lobby foyer attic basement cellar"
    " garage carport nursery playroom porch patio terrace balcony veranda conservatory sunroom greenhouse driveway backyard"
    " courtyard staircase stairwell cafeteria classroom auditorium"
).split()
# "I have to study" and "run a bath" name no room; "in the study" and "my bath" do.
_ROOMS_WITH_ARTICLE = (
    "hall landing loft study office library den larder toilet loo bath shower shed barn stable workshop studio gym sauna garden"
    " yard warehouse canteen laboratory lab reception"
).split()
_ARTICLE = r"(?:(?<=the )|(?<=our )|(?<=my )|(?<=your )|(?<='s ))"
_ROOM = re.compile(
    rf"(?<![\w'-])(?:{'|'.join(_ALWAYS_ROOMS)}|(?:{'|'.join(_KINDS)}|[\w]+['\u2019]s|\w+s['\u2019]) room"
    rf"|{_ARTICLE}(?:{'|'.join(_ROOMS_WITH_ARTICLE)}))(?![\w'\u2019-])"
)
_NUMBER = re.compile(r" \d{1,3}(?![\w%.:]| (?:percent|degrees?|minutes?|seconds?|hours?)\b)")
# What tells one room from others of its kind; no such word begins an order.
_WHICH_ROOM = re.compile(
    r"(?:(?:guest|spare|main|master|upstairs|downstairs|upper|lower|north|south|east|west|front|back|rear|big|small|little|old|new"
    r"|left|right|first|second|third|family|children|kids|boys|girls|parents|staff|[\w]+['\u2019]s|kids['\u2019]|children's"
    r"|boys['\u2019]|girls['\u2019]|parents['\u2019]) )+$"
)


def said_rooms(lower: str) -> Iterator[Place]:
    """Return where a sentence names rooms, with what tells them from others of their kind, and with a number behind."""
    for match in _ROOM.finditer(lower):
        which = _WHICH_ROOM.search(lower, 0, match.start())
        start = match.start() if which is None else which.start()
        if match[0].endswith(" room") and (number := _NUMBER.match(lower, match.end())):
            yield start, number.end()
        yield start, match.end()
