"""Gives a device a handful of each pool of choices that its functions choose from, and the vendor's way of writing them."""

from __future__ import annotations

import random
from dataclasses import replace

from training.lexicon import FunctionWords, ParameterWords, Pool

_COUNTS = (2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 10, 12)
# Choices such as "light.kitchen" and "zone_bath" begin with words that nobody says.
_PREFIXED_SHARE = 0.15
_PREFIXES = """light switch cover media_player fan lock sensor climate zone room area item entity device output group preset
mode scene channel relay bus circuit""".split()
_OTHER_WORDS_SHARE = 0.5


class PoolDraw:
    """What one device has of every pool; its functions share it."""

    def __init__(self, rng: random.Random) -> None:
        """Nothing is drawn before a function needs it."""
        self._rng = rng
        self._drawn: dict[str, Pool] = {}

    def function(self, words: FunctionWords) -> FunctionWords:
        """Return a function whose parameters choose from what the device has."""
        if not any(one.pool and one.choices for one in words.parameters):
            return words
        return replace(words, parameters=tuple(self._parameter(one) for one in words.parameters))

    def _parameter(self, words: ParameterWords) -> ParameterWords:
        if not words.pool or not words.choices:
            return words
        drawn = self._drawn.get(words.string_class)
        if drawn is None:
            drawn = self._drawn[words.string_class] = self._draw(words.pool)
        return replace(words, pool=drawn, choices=tuple(entry[0] for entry in drawn))

    def _draw(self, pool: Pool) -> Pool:
        rng = self._rng
        drawn = rng.sample(pool, min(len(pool), rng.choice(_COUNTS)))
        if rng.random() >= _PREFIXED_SHARE:
            return tuple(drawn)
        prefix, joint = rng.choice(_PREFIXES), rng.choice("._.")
        # The constant alone is what people say then.
        return tuple((f"{prefix}{joint}{name}", name.replace("_", " "), *others) for name, *others in drawn)


def spoken_entry(pool: Pool, place: int, rng: random.Random) -> str:
    """Say one entry of a pool, by its name or in other words."""
    name, *others = pool[place]
    return rng.choice(others) if others and rng.random() < _OTHER_WORDS_SHARE else name.replace("_", " ")
