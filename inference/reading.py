"""What a reader thinks of a sentence and one function: whether it is asked for, and where each value stands."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.reader_input import (
    DOWN,
    UNSEEN,
    UP,
    SentenceTokens,
    Slot,
    function_start,
    is_pointed_at_choices,
)
from inference.signatures import Parameter
from inference.values import choice_of, spoken_choice

_IMPROBABLE = -12.0
_UNIT_TOKENS = 3


@dataclass(frozen=True, slots=True)
class SlotReading:
    """Where the value of one parameter stands.

    Attributes:
        parameter: the parameter.
        left_out: logarithm of the probability that it was not said.
        choices: the same for each choice by its words, where the value is one.
        firsts: the same for each token of the sentence to be the value's first; `lasts` to be its last.
        ways: the same for `up`, `down` and, as an empty text, neither.
    """

    parameter: Parameter
    sentence: SentenceTokens
    lower: str
    left_out: float
    choices: Mapping[str, float]
    firsts: NDArray[np.float64]
    lasts: NDArray[np.float64]
    ways: Mapping[str, float]

    @property
    def silence(self) -> float:
        """Logarithm of the probability that nothing was said for it, not even a direction."""
        return self.left_out + self.ways.get("", 0.0)

    def said(self, words: str) -> float:
        """Return the logarithm of how probable it is that a value (an item of it, where it is a list) is written so."""
        if is_pointed_at_choices(self.parameter):
            return self.choices.get(self._shown(words), _IMPROBABLE)
        way, _, rest = words.partition(" ") if self.ways else ("", "", words)
        if way not in {UP, DOWN}:
            way, rest = "", words
        turned = self.ways.get(way, 0.0)
        return turned + (self._spoken(rest) if rest else self.left_out)

    def _shown(self, words: str) -> str:
        """Return how a choice was shown that may be written by its code."""
        choice = None if words in self.choices else choice_of(self.parameter, words)
        return words if choice is None else spoken_choice(self.parameter, choice)

    def _spoken(self, text: str) -> float:
        spans = self.sentence.spans(self.lower, text)
        if not spans or not len(self.firsts):
            return _IMPROBABLE
        if self.parameter.is_quantity or self.parameter.format:
            # What a person says of a quantity or time is found by rules: the reader only tells which of them it is.
            shares = [
                np.logaddexp.reduce(self.firsts[first : last + 1])
                + np.logaddexp.reduce(self.lasts[first : last + _UNIT_TOKENS])
                for first, last in spans
            ]
        else:
            shares = [self.firsts[first] + self.lasts[last] for first, last in spans]
        return max(_IMPROBABLE, float(np.logaddexp.reduce(shares)))


@dataclass(frozen=True, slots=True)
class FunctionReading:
    """`evidence` is the logit of the function being asked for; `slots` are its parameters' values, in order."""

    evidence: float
    slots: tuple[SlotReading, ...]

    @property
    def probability(self) -> float:
        """How probable it is, 0 to 1, that the function is asked for."""
        return 1 / (1 + math.exp(-self.evidence))


UNREAD = FunctionReading(-10.0, ())
"""Stands for a function that is too improbable to be read."""


def slot_reading(
    parameter: Parameter,
    slot: Slot,
    sentence: SentenceTokens,
    lower: str,
    scores: Mapping[str, NDArray[np.float64]],
) -> SlotReading:
    """Turn the scores of a slot's pointers (over all tokens) into probabilities over what it may point at.

    Args:
        parameter: the parameter.
        slot: its places, counted from the function's first token.
        sentence: the sentence's tokens.
        lower: its text.
        scores: those of the pointers `first`, `last` and `way`.
    """
    if slot.token == UNSEEN:
        return SlotReading(parameter, sentence, lower, 0.0, {}, _NOWHERE, _NOWHERE, {})
    words = len(sentence.tokens)
    start = function_start(sentence)
    places = {choice: start + place for choice, place in slot.choices.items()}
    own = start + slot.token
    if is_pointed_at_choices(parameter):
        shares = _log_shares(scores["first"], [0, *places.values()])
        by_choice = dict(zip(places, shares[1:].tolist(), strict=True))
        return SlotReading(parameter, sentence, lower, float(shares[0]), by_choice, _NOWHERE, _NOWHERE, {})
    firsts = _log_shares(scores["first"], range(words + 1))
    lasts = np.concatenate([[-np.inf], _log_shares(scores["last"], range(1, words + 1))])
    ways: dict[str, float] = {}
    if places:
        shares = _log_shares(scores["way"], [own, *places.values()])
        ways = dict(zip(["", *places], shares.tolist(), strict=True))
    return SlotReading(parameter, sentence, lower, float(firsts[0]), {}, firsts, lasts, ways)


_NOWHERE: NDArray[np.float64] = np.empty(0)


def _log_shares(scores: NDArray[np.float64], places: Sequence[int] | range) -> NDArray[np.float64]:
    chosen = scores[list(places)]
    shares: NDArray[np.float64] = chosen - np.logaddexp.reduce(chosen) if len(chosen) else chosen
    return shares
