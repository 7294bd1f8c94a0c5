"""Finds values in a sentence: where they stand, which of them are the same words, and what is said around them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from inference.quantities import Quantity
from inference.text import Sentence
from inference.values import ITEM_JOINT
from inference.words import Place

_DIRECTION = re.compile(r"^(?:up|down) ")
_PART = re.compile(r"[,;:](?!\d)| and ")


def plain_amount(words: str) -> str:
    """Take the way from a change, so that it is what stands in the sentence: of "up 5 percent" the amount."""
    return _DIRECTION.sub("", words)


def places_of(words: str, sentence: Sentence) -> list[Place]:
    """Return where words stand in the sentence, as (start, end)."""
    amount = plain_amount(words)
    # The 2 does not stand in "2.9".
    found = re.finditer(rf"(?<!\w)(?<!\d\.){re.escape(amount)}(?!\w|\.\d)", sentence.lower)
    return [match.span() for match in found]


def item_places(words: str, sentence: Sentence) -> list[Place]:
    """Return where a value stands, or the items of one that is a list."""
    return [place for item in words.split(ITEM_JOINT) for place in places_of(item, sentence)]


def is_said(words: str, sentence: Sentence) -> bool:
    """Whether words stand in the sentence; a choice that is only meant does not."""
    return bool(places_of(words, sentence))


def is_within(words: str, places: Sequence[Place], sentence: Sentence) -> bool:
    """Whether words stand in one of some parts of the sentence."""
    return any(
        first <= start and end <= last for start, end in places_of(words, sentence) for first, last in places
    )


def overlap(one: str, other: str, sentence: Sentence) -> bool:
    """Whether two values are the same, or are written with some of the same words of the sentence."""
    return one == other or any(
        start < other_end and other_start < end
        for start, end in places_of(one, sentence)
        for other_start, other_end in places_of(other, sentence)
    )


def quantity_of(amount: str, sentence: Sentence) -> Quantity | None:
    """Return the quantity that an amount is in a sentence; None where it is none."""
    return next((each for each in sentence.quantities if each.text == amount), None)


def parts_with(words: str, sentence: Sentence) -> list[frozenset[str]]:
    """Return the words of each part of the sentence in which some words stand."""
    places = [place for place, _ in places_of(words, sentence)]
    return [
        around
        for start, end, around in _parts(sentence.lower)
        if any(start <= place <= end for place in places)
    ]


@lru_cache(maxsize=64)
def _parts(lower: str) -> tuple[tuple[int, int, frozenset[str]], ...]:
    """Where the parts of the sentence between commas and "and" begin and end, and their words."""
    marks = [match.span() for match in _PART.finditer(lower)]
    starts, ends = [0, *(end for _, end in marks)], [*(start for start, _ in marks), len(lower)]
    return tuple(
        (start, end, frozenset(re.findall(r"[a-z]+", lower[start:end])))
        for start, end in zip(starts, ends, strict=True)
    )
