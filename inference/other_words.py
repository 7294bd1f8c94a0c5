"""Other words for choices: everybody knows that "the latest episode" is the newest, and that "by bike" is by bicycle.

Only words that hardly ever mean anything else count; which choice others come nearest to is for a reader to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from inference.words import Place

_SAME = tuple(
    tuple(words.strip() for words in line.split(","))
    for line in """
    newest, latest, most recent
    oldest, earliest
    random, shuffle, shuffled, in any order
    express, fast track
    eco, economy, economic, economical, energy saving, energy saver
    bicycle, bike, cycling, by bike, biking
    walking, on foot, walk
    transit, public transport, public transit, public transportation
    driving, by car, drive
    film, movie
    television, tv, telly
    kids, children
    child, kid
    mobile, cell, cellphone, cell phone, mobile phone
    large, big
    small, little
    extra large, xl, huge
    autumn, fall
    one way, single ticket
    return, round trip, and back, there and back
    speech, voices, spoken words
    colour, color, in colour, in color
    grayscale, greyscale, black and white, grey, gray, greyscales
    toilet, loo, restroom, wc, bathroom
    pharmacy, chemist, drugstore
    supermarket, grocery store, groceries
    petrol, gas station, petrol station, filling station, fuel
    parking, car park, parking lot
    living room, lounge, sitting room
    vacuum, vacuuming, hoover
    mop, mopping
    can, tin, cans, tins
    kilogram, kg, kilo, kilos, kilograms
    gram, g, grams
    liter, litre, liters, litres, l
    piece, pieces, pcs
    pack, packs, packet, packets
    bottle, bottles
    woman, female, woman's
    man, male, man's
    """.strip().splitlines()
)
_REPEATING = re.compile(r"\b(?:repeat|loop|again and again|over and over)")
# "Play this song over and over"
_AGAIN = re.compile(
    r"\b(?:over and over|again and again|on repeat|on (?:a )?loop|repeat (?:this|that|it|the current)|loop (?:this|that|it))\b"
)
_ALL = re.compile(r"\b(?:all|everything|playlist|album|queue|whole|list)\b")
_ONE_PIECE = frozenset("track one song single current title".split())


def told_by_other_words(choices: Sequence[str], name: str, lower: str) -> Iterator[tuple[str, Place]]:
    """Give the choices that a text says by other words for them, and where.

    Args:
        choices: how the choices of a parameter are said.
        name: the parameter's name and what it is for, in lower case.
        lower: the text.
    """
    for same in _SAME:
        meant = [choice for choice in choices if choice in same]
        if len(meant) != 1:
            continue
        others = "|".join(re.escape(words) for words in same if words not in choices)
        if match := re.search(rf"(?<![\w-])(?:{others})(?![\w-])", lower):
            yield meant[0], match.span()
    one = [choice for choice in choices if choice in _ONE_PIECE]
    again = _AGAIN.search(lower)
    if len(one) == 1 and again is not None and _REPEATING.search(name) and not _ALL.search(lower):
        yield one[0], again.span()
