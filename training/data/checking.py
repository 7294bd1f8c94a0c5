"""Writes answers in the run-time's notation, and lets only those pass that the run-time reads as they are meant."""

from __future__ import annotations

from collections.abc import Sequence

from inference.notation import LEFT_OUT, LETTERS, NotationError, decode_answer
from inference.program_grammar import allowed_values, maximum_calls, string_spans
from inference.signatures import FunctionSignature, Parameter
from inference.text import Sentence
from inference.values import ITEM_JOINT
from training.data.examples import Clause, Meaning, Realised, Value
from training.data.units import UNIT_DEFINITIONS


def written(calls: Sequence[Clause], shown: Sequence[Realised]) -> str:
    """The answer that makes these calls."""
    return ";".join(
        _call(clause.function, shown[clause.function].keys, clause.values)
        for clause in calls
        if clause.function is not None
    )


def _call(index: int, keys: Sequence[str], values: dict[str, Value]) -> str:
    return f"{LETTERS[index]}({'|'.join(' ' + (values[key].written if key in values else LEFT_OUT) for key in keys)})"


def is_usable(sentence: Sentence, answer: str, calls: Sequence[Clause], shown: Sequence[Realised]) -> bool:
    """Whether the run-time's grammar allows the answer, and its decoder makes the intended calls of it."""
    try:
        decoded = decode_answer(answer, sentence, [one.signature for one in shown], UNIT_DEFINITIONS)
    except NotationError:
        return False
    if len(calls) > maximum_calls(sentence.lower):
        return False
    spans = string_spans(sentence.lower) if calls else []
    for call, clause in zip(decoded.calls, calls, strict=True):
        if clause.function is None:
            return False
        one = shown[clause.function]
        for key, parameter in zip(one.keys, one.signature.parameters, strict=True):
            value = clause.values.get(key)
            if value is None:
                continue
            allowed = allowed_values(parameter, sentence, spans, UNIT_DEFINITIONS)
            items = value.written.split(ITEM_JOINT) if parameter.many else [value.written]
            if any(item not in allowed for item in items) or not _is_meant(
                call.arguments, parameter, value.meaning
            ):
                return False
    return True


def _is_meant(arguments: object, parameter: Parameter, meaning: Meaning) -> bool:
    if meaning is None:
        return True
    for step in parameter.steps:
        arguments = arguments[step] if isinstance(arguments, dict) else None
    if isinstance(meaning, tuple):
        return arguments == list(meaning)
    if isinstance(meaning, float | int) and isinstance(arguments, float | int):
        return abs(arguments - meaning) <= 1e-6 * max(1.0, abs(meaning))
    if isinstance(meaning, str) and isinstance(arguments, str):
        return arguments.lower() == meaning.lower()
    return arguments == meaning


def signatures(shown: Sequence[Realised]) -> list[FunctionSignature]:
    """What the model is told of the functions."""
    return [one.signature for one in shown]
