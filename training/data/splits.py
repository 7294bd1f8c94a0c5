"""Keeps wording out of training: some phrases, carrier phrases and naming styles, chosen by a hash of their text."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from functools import lru_cache

HELD_OUT_PHRASES_PERCENT = 8
HELD_OUT_CARRIERS_PERCENT = 14


class Split(StrEnum):
    """Who may see what.

    `train` uses nothing that is held out; `phrases` asks about known families in phrases that training never saw;
    `unseen` is meant for families that training never saw, with carrier phrases and naming styles that it never saw.
    """

    TRAIN = "train"
    PHRASES = "phrases"
    UNSEEN = "unseen"


@lru_cache(maxsize=100_000)
def bucket(text: str) -> int:
    """A number from 0 to 99 that depends on the text alone."""
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % 100


@lru_cache(maxsize=100_000)
def phrases(texts: tuple[str, ...], split: Split) -> tuple[str, ...]:
    """What a split may say for one function; empty where all of it is held out, or, for `phrases`, none of it."""
    if split is Split.UNSEEN:
        return texts
    wants_held = split is Split.PHRASES
    return tuple(text for text in texts if (bucket(text) < HELD_OUT_PHRASES_PERCENT) is wants_held)


@lru_cache(maxsize=10_000)
def carriers(texts: tuple[str, ...], split: Split) -> tuple[str, ...]:
    """The part of a list of carrier phrases or styles that a split uses; the whole list where the part would be empty."""
    wants_held = split is Split.UNSEEN
    part = tuple(text for text in texts if (bucket(text) < HELD_OUT_CARRIERS_PERCENT) is wants_held)
    return part or texts
