"""Scores texts by the words that they share with a sentence: BM25 in Lucene's variant.

The library `bm25s` computes the same numbers; it is made for millions of texts and loads SciPy for them, 20 MB of memory in every
agent, whose device has a few dozen functions.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_SATURATION = 1.5
"""How fast further occurrences of a word in a text count less (k1)."""
_LENGTH_WEIGHT = 0.75
"""How much a text's length counts against it, 0 to 1 (b)."""


class SharedWords:
    """Texts, given as their words, to be scored for sentences."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        self._count = len(texts)
        mean_length = sum(map(len, texts)) / max(1, self._count) or 1.0
        counts = [Counter(words) for words in texts]
        frequencies = Counter(word for counted in counts for word in counted)
        places: dict[str, list[int]] = defaultdict(list)
        scores: dict[str, list[float]] = defaultdict(list)
        for place, (words, counted) in enumerate(zip(texts, counts, strict=True)):
            length = (1 - _LENGTH_WEIGHT) + _LENGTH_WEIGHT * len(words) / mean_length
            for word, times in counted.items():
                rarity = np.float32(_rarity(frequencies[word], self._count))
                places[word].append(place)
                scores[word].append(float(rarity) * (times / (_SATURATION * length + times)))
        self._scores = {
            word: (np.asarray(places[word], dtype=np.intp), np.asarray(scores[word], dtype=np.float32))
            for word in places
        }

    def scores(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Return the score of each text, 0 or more; a word that a sentence says twice counts twice."""
        total = np.zeros(self._count, dtype=np.float32)
        for word in words:
            if (known := self._scores.get(word)) is not None:
                total[known[0]] += known[1]
        return total


def _rarity(texts_with_word: int, texts: int) -> float:
    return math.log(1 + (texts - texts_with_word + 0.5) / (texts_with_word + 0.5))
