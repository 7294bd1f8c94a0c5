"""Stands in for retrieval while training questions are written."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

from inference.program_prompt import Hint, function_text
from inference.signatures import FunctionSignature
from training.data.examples import Realised


class Ranker(Protocol):
    """Says how probable each function is for the clauses of a sentence, as the agent's search will."""

    def rank(
        self, clauses: Sequence[str], candidates: Sequence[Realised], wanted: Sequence[Sequence[int]]
    ) -> list[list[Hint]]:
        """Return, for each clause, a hint for each candidate, most probable first; what is missing to 1 is for none of them.

        Args:
            clauses: the lexicon's phrases that the pieces of the sentence come from, or the pieces themselves.
            candidates: the functions that are shown.
            wanted: for each clause, the indices of the functions that it means; a stand-in may need to know.
        """
        ...


@lru_cache(maxsize=50_000)
def _words(function: FunctionSignature) -> frozenset[str]:
    return frozenset(function_text(function).split())


class NoisyRanker:
    """Shared words and a hidden bonus for what is right, with noise; right first about 70 % of the time."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def rank(
        self, clauses: Sequence[str], candidates: Sequence[Realised], wanted: Sequence[Sequence[int]]
    ) -> list[list[Hint]]:
        """See `Ranker.rank`."""
        return [self._rank(clause, candidates, meant) for clause, meant in zip(clauses, wanted, strict=True)]

    def _rank(self, clause: str, candidates: Sequence[Realised], meant: Sequence[int]) -> list[Hint]:
        said = set(clause.split())
        weights = [
            math.exp(
                4
                * (
                    len(said & _words(one.signature)) / (len(said) ** 0.5 + 1)
                    + (0.5 if index in meant else 0.0)
                    + self._rng.gauss(0.0, 0.38)
                )
            )
            for index, one in enumerate(candidates)
        ]
        none = math.exp(4 * (self._rng.gauss(0.0, 0.38) + (0.3 if meant else 0.8)))
        total = sum(weights) + none
        ranked = sorted(range(len(candidates)), key=lambda index: -weights[index])
        return [Hint(index, weights[index] / total) for index in ranked]
