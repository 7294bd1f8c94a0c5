"""How likely a written program is the one that was meant, from what the model and the search each think of it.

The weights were fitted (`python -m evals.calibration`) on the development part of evals/independent, whose sentences and
devices no training has seen; docs/model-card.md shows what the threshold costs and saves.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from inference.program import ProgramAnswer
from inference.program_prompt import Hint
from inference.second_opinion import search_probability
from inference.signatures import FunctionSignature

LEAST_CONFIDENCE = 0.2
"""Below this a device asks back instead of acting."""

_BIAS, _MODEL_WEIGHT, _SEARCH_WEIGHT = -0.08, 0.23, 0.20
_READER_BIAS, _READER_CERTAINTY_WEIGHT = -0.15, 0.23
_SMALLEST = 1e-4


def confidence(
    answer: ProgramAnswer, candidates: Sequence[FunctionSignature], rankings: Sequence[Sequence[Hint]]
) -> float:
    """Return the probability (0 to 1) that all calls of a program are right.

    Args:
        answer: the program; its generation holds the model's smallest certainty, or none where the runtime tells none.
        candidates: the functions that the search found.
        rankings: for each clause, how probable the search finds them.
    """
    if answer.certainty is not None:
        return 1 / (1 + math.exp(-(_READER_BIAS + _READER_CERTAINTY_WEIGHT * _logit(answer.certainty))))
    found = search_probability(answer.calls, rankings, candidates)
    told = answer.generation.confidence
    model = found if told is None else told
    evidence = _BIAS + _MODEL_WEIGHT * _logit(model) + _SEARCH_WEIGHT * _logit(found)
    return 1 / (1 + math.exp(-evidence))


def _logit(probability: float) -> float:
    kept = min(max(probability, _SMALLEST), 1 - _SMALLEST)
    return math.log(kept / (1 - kept))
