"""Weighs what the model wrote against what the search thinks, because each is right where the other is not.

The search has read far more language than the small model, the model has read all of the sentence. Where the model goes
past the search's favourite, the best program with that favourite is written too, and the likelier of the two is kept.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from inference.notation import Answer, PlannedCall
from inference.ports import Generation
from inference.program_prompt import Hint
from inference.signatures import FunctionSignature

# All chosen on the development part of evals/independent.
_LEAST_PLAUSIBLE = 0.1
_LEAST_FAVOURED = 0.3
_SEARCH_WEIGHT = 1.0
_CERTAIN = 0.98
_SMALLEST = 1e-4


def plausible(rankings: Sequence[Sequence[Hint]]) -> set[int]:
    """Return the candidates that may be called: the first of every clause, and whatever is not improbable in all."""
    return {
        hint.index
        for ranking in rankings
        for place, hint in enumerate(ranking)
        if not place or hint.probability >= _LEAST_PLAUSIBLE
    }


def favourite(
    rankings: Sequence[Sequence[Hint]],
    candidates: Sequence[FunctionSignature],
    answer: Answer,
    generation: Generation,
) -> int | None:
    """Return the search's favourite where the model went past it for one other call, or for none.

    None where the model does not say how sure it is, or is certain, and where nothing is likely enough to be favoured.
    """
    firsts = [ranking[0] for ranking in rankings if ranking]
    best = max(firsts, key=lambda hint: hint.probability, default=None)
    if best is None or best.probability < _LEAST_FAVOURED or len(answer.calls) > 1:
        return None
    if generation.confidence is None or generation.confidence >= _CERTAIN:
        return None
    return None if candidates[best.index].name in {call.name for call in answer.calls} else best.index


def weight(
    answer: Answer,
    generation: Generation,
    rankings: Sequence[Sequence[Hint]],
    candidates: Sequence[FunctionSignature],
) -> float:
    """Return the logarithm of how likely an answer is: the model's smallest certainty times the search's."""
    said = _log(generation.confidence or 0.0)
    if answer.calls:
        return said + _SEARCH_WEIGHT * _log(search_probability(answer.calls, rankings, candidates))
    none = min((1.0 - sum(hint.probability for hint in ranking) for ranking in rankings), default=1.0)
    return said + _SEARCH_WEIGHT * _log(none)


def search_probability(
    calls: Sequence[PlannedCall], rankings: Sequence[Sequence[Hint]], candidates: Sequence[FunctionSignature]
) -> float:
    """Return the smallest probability that the search gives any called function, in the clause where it is highest."""
    best: dict[str, float] = {}
    for hint in (hint for ranking in rankings for hint in ranking):
        name = candidates[hint.index].name
        best[name] = max(best.get(name, 0.0), hint.probability)
    return min(best.get(call.name, 0.0) for call in calls)


def _log(probability: float) -> float:
    return math.log(max(probability, _SMALLEST))
