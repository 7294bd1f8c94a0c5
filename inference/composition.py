"""Narrows what a program for a sentence can be, from what the reader thinks of every function.

What is left for the language model to choose among: the order of the calls, and values that the reader finds about equally
likely. What the reader is sure of has one way to be written.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inference.notation import LEFT_OUT, MAXIMUM_CALLS
from inference.program_grammar import NarrowedCall, allowed_values, maximum_calls, string_spans
from inference.reading import FunctionReading, SlotReading
from inference.signatures import FunctionSignature, Parameter
from inference.text import Sentence
from inference.values import ITEM_JOINT, item_bounds

# Logarithms of probabilities; all chosen on the development part of evals/independent.
_LEAST_ASKED = 0.0
_LEAST_SAID = -2.3
_ABOUT_AS_LIKELY = 0.4
_NEXT_ITEM = 2.0
_SECOND_VALUE = 1.2


@dataclass(frozen=True, slots=True)
class Lacking:
    """A function is asked for, and a value that it needs was not said: indices of both."""

    function: int
    parameter: int


def narrow(
    sentence: Sentence,
    candidates: Sequence[FunctionSignature],
    readings: Sequence[FunctionReading],
    unit_definitions: Mapping[str, str],
) -> list[NarrowedCall] | Lacking:
    """Return the calls that a sentence asks for, in the order of the candidates; none where it asks for nothing.

    A function is called several times where the sentence has several clauses and gives several values for it.
    """
    most = maximum_calls(sentence.lower)
    asked = sorted(
        (index for index, reading in enumerate(readings) if reading.evidence > _LEAST_ASKED),
        key=lambda index: -readings[index].evidence,
    )[:most]
    spans = string_spans(sentence.lower)
    calls: list[NarrowedCall] = []
    for index in asked:
        free = most - len(asked) + 1
        found = _calls(index, candidates[index], readings[index], sentence, spans, unit_definitions, free)
        if isinstance(found, Lacking):
            return found
        calls += found
    return sorted(calls, key=lambda call: call.function)[:MAXIMUM_CALLS]


def _calls(
    index: int,
    function: FunctionSignature,
    reading: FunctionReading,
    sentence: Sentence,
    spans: Sequence[str],
    unit_definitions: Mapping[str, str],
    most: int,
) -> list[NarrowedCall] | Lacking:
    written: list[list[tuple[str, ...]]] = []
    certainty = -_softplus(-reading.evidence)
    for number, (parameter, slot) in enumerate(zip(function.parameters, reading.slots, strict=True)):
        scored = sorted(
            ((slot.said(words), words) for words in allowed_values(parameter, sentence, spans, unit_definitions, all_choices=True)),
            key=lambda pair: -pair[0],
        )
        left_out = slot.left_out
        best = scored[0][0] if scored else _LEAST_SAID - 1
        if parameter.required and (best < _LEAST_SAID or best < left_out):
            return Lacking(index, number)
        if best < _LEAST_SAID or best < left_out:
            written.append([(LEFT_OUT,)])
            certainty += min(0.0, left_out)
            continue
        certainty += min(0.0, best)
        if parameter.many:
            written.append([(_items(parameter, scored, sentence),)])
            continue
        near = tuple(words for score, words in scored if score >= best - _ABOUT_AS_LIKELY)
        rivals = _rivals(slot, scored, sentence)
        written.append([(words,) for words in rivals] if 1 < len(rivals) <= most else [near])
    times = max((len(ways) for ways in written), default=1)
    return [
        NarrowedCall(
            index, tuple(ways[turn] if len(ways) == times else ways[0] for ways in written), certainty
        )
        for turn in range(times)
    ]


def _items(parameter: Parameter, scored: Sequence[tuple[float, str]], sentence: Sentence) -> str:
    """Write a list: everything that is not much less likely than the likeliest item, as it stands in the sentence."""
    best = scored[0][0]
    most = item_bounds(parameter)[1]
    chosen: list[str] = []
    for score, words in scored:
        if score < best - _NEXT_ITEM or len(chosen) == most:
            break
        if not any(words in other or other in words for other in chosen):
            chosen.append(words)
    return ITEM_JOINT.join(sorted(chosen, key=lambda words: _place(words, sentence)))


def _rivals(slot: SlotReading, scored: Sequence[tuple[float, str]], sentence: Sentence) -> list[str]:
    """Return values that are each likely, and so may belong to a call each, in the order of the sentence."""
    best = scored[0][0]
    chosen: list[str] = []
    for score, words in scored:
        if score < best - _SECOND_VALUE:
            break
        if not any(words in other or other in words for other in chosen):
            chosen.append(words)
    return sorted(chosen, key=lambda words: _place(words, sentence))


def _place(words: str, sentence: Sentence) -> int:
    at = sentence.lower.find(words)
    return at if at >= 0 else len(sentence.lower)


def _softplus(value: float) -> float:
    return math.log1p(math.exp(-abs(value))) + max(value, 0.0)
