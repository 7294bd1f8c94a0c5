"""Narrows what a program for a sentence can be, from what the reader thinks of every function.

What is left for the language model to choose among: the order of the calls, and values that the reader finds about equally
likely. What the reader is sure of has one way to be written.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from inference.notation import LEFT_OUT, MAXIMUM_CALLS
from inference.program_grammar import NarrowedCall, maximum_calls
from inference.program_prompt import Hint
from inference.reading import FunctionReading
from inference.request import Request
from inference.values import ITEM_JOINT, item_bounds

# Logarithms of probabilities; all chosen on the development part of evals/independent.
_READER_WEIGHT = 0.5
_LEAST_ASKED = -1.0
_LEAST_EVIDENCE = -1.0
_LEAST_SAID = -7.0
_LACKING = 1.0
_ABOUT_AS_LIKELY = 0.4
_NEXT_ITEM = 2.0
_SECOND_VALUE = 1.2
_SMALLEST = 1e-3


@dataclass(frozen=True, slots=True)
class Lacking:
    """A function is asked for, and a value that it needs was not said: indices of both."""

    function: int
    parameter: int


def narrow(
    request: Request, rankings: Sequence[Sequence[Hint]], readings: Sequence[FunctionReading]
) -> list[NarrowedCall] | Lacking:
    """Return the calls that a sentence asks for, in the order of the candidates; none where it asks for nothing.

    A function is called several times where several clauses ask for it, or one clause names several values for it.

    Args:
        request: the sentence and the functions that were found.
        rankings: for each clause, what the search thinks of them.
        readings: for each of them, what the reader thinks of the whole sentence.
    """
    most = maximum_calls(request.sentence.lower)
    asked: dict[int, float] = {}
    clauses: Counter[int] = Counter()
    for ranking in rankings:
        chosen = _choice(ranking, readings)
        if chosen is None:
            continue
        index, weight = chosen
        if len(rankings) == 1 or readings[index].evidence > _LEAST_EVIDENCE:
            asked[index] = max(weight, asked.get(index, weight))
            clauses[index] += 1
    likeliest = sorted(asked, key=lambda index: -asked[index])[:most]
    calls: list[NarrowedCall] = []
    for index in likeliest:
        found = _calls(index, request, readings[index], most if len(likeliest) == 1 else clauses[index])
        if isinstance(found, Lacking):
            return found
        calls += found
    return sorted(calls, key=lambda call: call.function)[:MAXIMUM_CALLS]


def _choice(ranking: Sequence[Hint], readings: Sequence[FunctionReading]) -> tuple[int, float] | None:
    """Return the function that a clause asks for, and how much more likely than none (a logit); None for none.

    The search has compared the clause alone, the reader has read all of the sentence: each is right where the other is not.
    """
    none = max(1.0 - sum(hint.probability for hint in ranking), _SMALLEST)
    weighed = [
        (
            _READER_WEIGHT * readings[hint.index].evidence
            + math.log(max(hint.probability, _SMALLEST) / none),
            hint.index,
        )
        for hint in ranking
    ]
    weight, index = max(weighed, default=(-math.inf, 0))
    return (index, weight) if weight > _LEAST_ASKED else None


def _calls(index: int, request: Request, reading: FunctionReading, most: int) -> list[NarrowedCall] | Lacking:
    written: list[list[tuple[str, ...]]] = []
    certainty = -math.log1p(math.exp(-reading.evidence))
    for number, slot in enumerate(reading.slots):
        parameter, left_out = slot.parameter, slot.left_out
        scored = sorted(((slot.said(words), words) for words in request.values(parameter)), reverse=True)
        best = scored[0][0] if scored else -math.inf
        if parameter.required and (best < _LEAST_SAID or best < left_out - _LACKING):
            return Lacking(index, number)
        if not parameter.required and (best < _LEAST_SAID or best < left_out):
            written.append([(LEFT_OUT,)])
            certainty += min(0.0, left_out)
            continue
        certainty += min(0.0, best)
        if parameter.many:
            items = _distinct(scored, best - _NEXT_ITEM, request)[: item_bounds(parameter)[1]]
            written.append([(ITEM_JOINT.join(items),)])
            continue
        rivals = _distinct(scored, best - _SECOND_VALUE, request)
        near = tuple(words for score, words in scored if score >= best - _ABOUT_AS_LIKELY)
        written.append([(words,) for words in rivals] if 1 < len(rivals) <= most else [near])
    times = max((len(ways) for ways in written), default=1)
    return [
        NarrowedCall(
            index, tuple(ways[turn] if len(ways) == times else ways[0] for ways in written), certainty
        )
        for turn in range(times)
    ]


def _distinct(scored: Sequence[tuple[float, str]], least: float, request: Request) -> list[str]:
    """Return values that do not overlap, of those that are likely enough, in the order of the sentence."""
    chosen: list[str] = []
    for score, words in scored:
        if score >= least and not any(words in other or other in words for other in chosen):
            chosen.append(words)
    return sorted(chosen, key=request.place)
