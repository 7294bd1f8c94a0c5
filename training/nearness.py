"""How much alike two functions are to the search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.lexicon import FunctionWords


@dataclass(frozen=True)
class Nearness:
    """How much alike two functions are to the search, -1 to 1; one that it does not know is like none.

    `vectors` are unit vectors (functions, dimensions), `places` their rows by family and first name.
    """

    vectors: NDArray[np.float32]
    places: Mapping[tuple[str, str], int]

    def place(self, words: FunctionWords) -> int | None:
        """Return the row of a function; None for one that is not known."""
        return self.places.get(key(words))

    def __call__(self, one: FunctionWords, other: FunctionWords) -> float:
        """Return the cosine of their vectors."""
        here, there = self.place(one), self.place(other)
        return 0.0 if here is None or there is None else float(self.vectors[here] @ self.vectors[there])


def key(words: FunctionWords) -> tuple[str, str]:
    """Return what a function is found by among all."""
    return words.family, words.names[0]
