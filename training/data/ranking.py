"""Stands in for retrieval while training questions are written: as right, wrong and sure of itself as the real one.

What it draws from was measured with the tuned encoder on devices that it had never seen.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Protocol

from inference.program_prompt import Hint, function_text
from inference.signatures import FunctionSignature
from training.data.examples import Realised

PROFILE = Path(__file__).parent / "retrieval_profile.json"
"""Written by `training.retrieval_profile`: for clauses that mean a function, its place and the three highest
probabilities; for clauses that mean none, these probabilities."""


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


@cache
def _profile() -> tuple[dict[int, list[list[float]]], list[list[float]]]:
    """Return the probabilities by the place of what was meant, and those where nothing was."""
    read = json.loads(PROFILE.read_text())
    by_place: dict[int, list[list[float]]] = {}
    for place, *shares in read["wanted"]:
        by_place.setdefault(int(place), []).append(shares)
    return by_place, read["none"]


@lru_cache(maxsize=50_000)
def _words(function: FunctionSignature) -> frozenset[str]:
    return frozenset(function_text(function).split())


class ProfileRanker:
    """Gives candidates places and probabilities as the tuned encoder does; the nearest in words are the wrong ones."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._by_place, self._none = _profile()

    def rank(
        self, clauses: Sequence[str], candidates: Sequence[Realised], wanted: Sequence[Sequence[int]]
    ) -> list[list[Hint]]:
        """See `Ranker.rank`."""
        return [
            self._rank(clause, candidates, list(meant)) for clause, meant in zip(clauses, wanted, strict=True)
        ]

    def _rank(self, clause: str, candidates: Sequence[Realised], meant: list[int]) -> list[Hint]:
        rng, said = self._rng, set(clause.split())
        about = set().union(*(_words(candidates[index].signature) for index in meant))
        nearness = [
            len(said & (words := _words(one.signature)))
            + 0.5 * len(about & words) / (len(words) ** 0.5)
            + rng.gauss(0, 0.8)
            for one in candidates
        ]
        order = sorted(range(len(candidates)), key=lambda index: -nearness[index])
        shares = rng.choice(self._none)
        if meant:
            counts = {place: len(rows) for place, rows in self._by_place.items() if place < len(candidates)}
            place = rng.choices(list(counts), list(counts.values()))[0]
            shares = rng.choice(self._by_place[place])
            order = [index for index in order if index not in meant]
            order[place:place] = meant
        # Fewer candidates than the encoder had to choose from: the share of those that are not there goes to none.
        rest = [0.0] * len(order)
        return [Hint(index, share) for index, share in zip(order, [*shares, *rest], strict=False)]
