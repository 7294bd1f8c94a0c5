"""Builds the GBNF grammar of every answer that is possible for one sentence and its candidate functions.

What the grammar can produce always decodes, and the calls always fit the descriptions: only listed functions,
values copied from the sentence, converted quantities inside their range.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from inference.notation import (
    LEFT_OUT,
    LETTERS,
    MAXIMUM_CALLS,
    choice_words,
    fit_quantity,
    fits_length,
    in_range,
)
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import Sentence

MAXIMUM_SPAN_WORDS = 6
_QUOTED = re.compile(r"[\"“']([^\"”']+)[\"”']")
_JOINT = re.compile(r"[,;:.]\s|\b(?:and|then|after|afterwards|before|while|twice|times)\b")
_WORD = re.compile(r"\S+")


def literal(text: str) -> str:
    """Write a GBNF string literal."""
    return json.dumps(text, ensure_ascii=False)


def alternatives(texts: Iterable[str]) -> str:
    """Write a GBNF choice between literals."""
    return " | ".join(literal(text) for text in dict.fromkeys(texts))


def program_grammar(
    sentence: Sentence,
    candidates: Sequence[FunctionSignature],
    unit_definitions: Mapping[str, str] | None = None,
) -> str:
    """Build the grammar.

    A function whose required argument cannot be filled from the sentence is not callable; the model may still ask for
    that argument, and may always refuse.
    """
    definitions = unit_definitions or {}
    spans = string_spans(sentence.lower)
    rules: list[str] = []
    callable_names: list[str] = []
    questions: list[str] = []
    for letter, function in zip(LETTERS, candidates, strict=False):
        parts: list[str] = []
        is_callable = True
        for index, parameter in enumerate(function.parameters, start=1):
            values = [f" {value}" for value in allowed_values(parameter, sentence, spans, definitions)]
            if parameter.required:
                questions.append(f"ask {letter}.{index}")
            else:
                values.append(f" {LEFT_OUT}")
            if not values:
                is_callable = False
                continue
            rule = f"v{letter.lower()}{index}"
            rules.append(f"{rule} ::= {alternatives(values)}")
            parts.append(rule)
        if is_callable:
            name = f"f{letter.lower()}"
            inside = f" {literal('|')} ".join(parts)
            rules.append(f"{name} ::= {literal(letter + '(')} {inside} {literal(')')}")
            callable_names.append(name)
    roots = [literal("refuse")]
    if questions:
        roots.append(alternatives(questions))
    if callable_names:
        rules.append(f"call ::= {' | '.join(callable_names)}")
        roots.append(f"call ({literal(';')} call){{0,{maximum_calls(sentence.lower) - 1}}}")
    return "\n".join([f"root ::= {' | '.join(roots)}", *rules]) + "\n"


def maximum_calls(lower: str) -> int:
    """Count the clauses a sentence can have at most: a sentence that joins nothing asks for one thing."""
    return min(MAXIMUM_CALLS, 1 + len(_JOINT.findall(lower.rstrip(" .!?"))))


def allowed_values(
    parameter: Parameter, sentence: Sentence, spans: Sequence[str], unit_definitions: Mapping[str, str]
) -> list[str]:
    """List what may be written for one parameter, given the sentence."""
    if parameter.choices:
        return [choice_words(choice) for choice in parameter.choices]
    if parameter.kind is ParameterKind.BOOLEAN:
        return ["yes", "no"]
    if parameter.kind is ParameterKind.STRING:
        return [span for span in spans if fits_length(parameter, span)]
    fitting = []
    for quantity in sentence.quantities:
        value = fit_quantity(parameter, quantity.value, quantity.unit, unit_definitions)
        if value is not None and in_range(parameter, value):
            fitting.append(quantity.text)
    return fitting


def string_spans(lower: str) -> list[str]:
    """List the spans of a sentence that may serve as a text argument: quoted text first, then runs of words."""
    spans = [match[1].strip() for match in _QUOTED.finditer(lower)]
    words = [match[0].strip(",;:!?\"'“”()").removesuffix(".") for match in _WORD.finditer(lower)]
    for length in range(1, MAXIMUM_SPAN_WORDS + 1):
        for start in range(len(words) - length + 1):
            span = " ".join(words[start : start + length])
            if span in lower:
                spans.append(span)
    return [
        span
        for span in dict.fromkeys(spans)
        if span
        and span != LEFT_OUT
        and span == span.strip()
        and "|" not in span
        and ");" not in span
        and not span.endswith(")")
    ]
