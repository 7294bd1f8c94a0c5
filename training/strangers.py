"""Functions of other devices that are near to what a sentence asks for, and are not asked for.

A device seldom lacks a function in the ways that its own family shows: asked to water the orchard, a mowing robot has a
function with an area and a time. So a reader also meets functions of devices shown before, the near ones of which are left
out where a person could mean them as well.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Sequence

import numpy as np

from inference.reader_input import FunctionTokens
from training.data.kinship import is_same
from training.lexicon import FunctionWords
from training.nearness import Nearness

_REMEMBERED = 2_000
# Nearer ones do the same on another device ("reserve bike", "reserve tote"); what is farther nobody confuses.
_NEAREST, _FARTHEST = 0.62, 0.42


class Strangers:
    """Remembers the functions that were shown last, and chooses among them."""

    def __init__(self, nearness: Nearness) -> None:
        self._nearness = nearness
        self._shown: deque[tuple[int, FunctionWords, FunctionTokens]] = deque(maxlen=_REMEMBERED)

    def remember(self, words: FunctionWords, tokens: FunctionTokens) -> None:
        """Keep a function of a device that was shown."""
        place = self._nearness.place(words)
        if place is not None:
            self._shown.append((place, words, tokens))

    def pick(self, wanted: Sequence[FunctionWords], rng: random.Random) -> FunctionTokens | None:
        """Return a function near to one of those that are wanted, and such as none of them; None where there is none."""
        places = [place for words in wanted if (place := self._nearness.place(words)) is not None]
        if not places or not self._shown:
            return None
        vectors = self._nearness.vectors
        near = (vectors[[place for place, _, _ in self._shown]] @ vectors[places].T).max(1)
        fitting = np.flatnonzero((near > _FARTHEST) & (near < _NEAREST)).tolist()
        rng.shuffle(fitting)
        for number in fitting:
            _, words, tokens = self._shown[number]
            if not any(is_same(words, one) for one in wanted):
                return tokens
        return None
