"""Finds which kind of device each part of a goal is for, by meaning and by the names of things.

A site of many unlike devices has more abilities than a small planning model can read. The encoder reads one at a time.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from inference.plan import KindProfile, Route
from inference.ports import Encoder
from inference.search_text import without_numbers
from inference.text import Sentence
from inference.words import clause_places, split_words

# Chosen on the sentences for several devices in the development part of evals/independent.
_ABOUT_WEIGHT = 0.2
_NAME_WEIGHT = 0.1
_LEAST_COSINE = 0.4
_LEAST_NAMED = 0.5
_TELLING_LENGTH = 3
_NOT_TELLING = frozenset("the and for from with that this its are was all any per you your our".split())
_QUANTIFIED = re.compile(r"\b(?:each|every|all|both|any|everything|everywhere)\b")


@dataclass(frozen=True, slots=True)
class _Fit:
    kind: str
    score: float
    cosine: float
    named: float


class Router:
    """Routes goals with a sentence encoder, which remembers the vectors of abilities."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def routes(
        self, goal: Sentence, kinds: Sequence[KindProfile], entities: Mapping[str, Sequence[str]]
    ) -> list[Route]:
        """Split a goal among the kinds, in the order in which it was said.

        None where it speaks of the site's entities or of all of something, which is for the planning model to quantify; where
        there is only one kind; and where nothing that can be done is near to what was said.

        Raises:
            ModelError: the encoder cannot run.
        """
        several = [kind.kind for kind in kinds if kind.count > 1]
        if len(kinds) < 2 or _QUANTIFIED.search(goal.lower):  # noqa: PLR2004
            return []
        if _names_any(goal.lower, entities, "(?:s|es)?") or _names_any(goal.lower, several, "(?:s|es)"):
            return []
        places = clause_places(goal.lower)
        fits = self._fits([goal.lower[start:end] for start, end in places], kinds)
        routes: list[tuple[int, int, str]] = []
        begins = 0
        for (start, end), fit in zip(places, fits, strict=True):
            if fit.cosine < _LEAST_COSINE and fit.named < _LEAST_NAMED:
                # "It is getting late" belongs to what is said beside it.
                if routes:
                    routes[-1] = (routes[-1][0], end, routes[-1][2])
                continue
            first = begins if not routes else start
            if routes and routes[-1][2] == fit.kind:
                routes[-1] = (routes[-1][0], end, fit.kind)
            else:
                routes.append((first, end, fit.kind))
        return [Route(goal.text[start:end].strip(), kind) for start, end, kind in routes]

    def _fits(self, clauses: Sequence[str], kinds: Sequence[KindProfile]) -> list[_Fit]:
        """Return the kind that each clause fits best."""
        asked = self._encoder.embed([without_numbers(clause) for clause in clauses])
        words = [_name_words(kind) for kind in kinds]
        abilities = [
            self._encoder.embed([f"{kind.kind}. {ability}" for ability in kind.abilities] or [kind.kind])
            for kind in kinds
        ]
        about = self._encoder.embed([f"{kind.kind}. {kind.about}" for kind in kinds])
        result = []
        for clause, vector in zip(clauses, asked, strict=True):
            named = _named(_telling(clause), words)
            able = [float(np.max(vectors @ vector)) for vectors in abilities]
            fits = [
                _Fit(kind.kind, can + _ABOUT_WEIGHT * float(near @ vector) + _NAME_WEIGHT * name, can, name)
                for kind, can, near, name in zip(kinds, able, about, named, strict=True)
            ]
            result.append(max(fits, key=lambda fit: fit.score))
        return result


def _named(said: set[str], words: Sequence[set[str]]) -> list[float]:
    """Return how much each kind is named; a name says the more, the fewer kinds it belongs to."""
    common = {word: sum(word in known for known in words) for word in said}
    return [
        sum(math.log(1 + len(words) / common[word]) for word in said & known if common[word] < len(words))
        for known in words
    ]


def _name_words(kind: KindProfile) -> set[str]:
    return _telling(" ".join((kind.kind, kind.about, *kind.device_names)))


def _telling(text: str) -> set[str]:
    words = {word.removesuffix("s") if len(word) > _TELLING_LENGTH else word for word in split_words(text)}
    return {word for word in words if len(word) >= _TELLING_LENGTH} - _NOT_TELLING


def _names_any(lower: str, things: Iterable[str], ending: str) -> bool:
    """Whether a goal speaks of a kind of thing that the site has many of."""
    return any(re.search(rf"\b{re.escape(thing.lower())}{ending}\b", lower) for thing in things)
