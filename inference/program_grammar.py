"""Builds the GBNF grammar of every answer that is possible for one sentence and its candidate functions.

What the grammar can produce always decodes, and the calls always fit the descriptions: only listed functions,
values copied from the sentence, converted quantities inside their range.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, permutations

from inference.clock_fields import clock_value, clock_words, is_clock_said
from inference.colors import color_words
from inference.day_counts import counted_days
from inference.day_texts import day_writing, days_for
from inference.notation import LEFT_OUT, LETTERS, MAXIMUM_CALLS
from inference.number_texts import number_text, written_numbers
from inference.relative import relative_words
from inference.said_repetitions import BY_WORD, TO_BE_REPEATED
from inference.said_states import said_state
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import Sentence
from inference.time_spans import ending_words, lasting_words
from inference.values import (
    ITEM_JOINT,
    fit_quantity,
    fit_said,
    fits_text,
    in_range,
    is_spoken,
    item_bounds,
    range_words,
    said_choice,
    spoken_choices,
)
from inference.words import brightness_joints, volume_joints

MAXIMUM_SPAN_WORDS = 6
_ORDERED_CALLS = 4
_QUOTED = re.compile(r"[\"“']([^\"”']+)[\"”']")
_JOINT = re.compile(r"[,;:.]\s|\b(?:and|then|after|afterwards|before|while|plus|also|as well as|once|next)\b")
_REPEATED = re.compile(r"(?:\b(\d+) )?\b(twice|thrice|times)\b(?! (?:as|the|that|its|what)\b)")
# Choices that stand in many sentences without being meant.
_COMMON_WORDS = frozenset({"a", "i", "on", "in", "out", "to", "up", "no", "now", "all", "one", "it", "at"})
_ANOTHER_ORDER = re.compile(r"\b(?:before|after|afterwards|first|once|until|prior|last|lastly|finally)\b")
_WORD = re.compile(r"\S+")
_TITLES = frozenset({"dr.", "mr.", "mrs.", "ms.", "prof.", "st."})
_SPAN_END = re.compile(r"[.!?]?\s*$|(?<=\w)[.!?;,](?=\s)|(?<=\w) (?=(?:and|then|please|on|to|in)\b)")
_LONG_SPAN_STARTS, _LONG_SPAN_WORDS = 24, 40


@dataclass(frozen=True, slots=True)
class NarrowedCall:
    """One call: the candidate's index, and for each parameter what may be written, the likeliest first.

    `certainty` is the logarithm of how probable the likeliest way is.
    """

    function: int
    values: tuple[tuple[str, ...], ...]
    certainty: float


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
    plausible: Container[int] | None = None,
    *,
    must_call: bool = False,
) -> str:
    """Build the grammar.

    Only candidates whose index is among the `plausible` ones can be called or asked about; all where it is left out. With
    `must_call` the answer can neither refuse nor ask, as long as anything can be called. A function whose required
    argument cannot be filled from the sentence is not callable; the model may still ask for that argument.
    """
    definitions = unit_definitions or {}
    spans = string_spans(sentence.lower)
    rules: list[str] = []
    callable_names: list[str] = []
    questions: list[str] = []
    for place, (letter, function) in enumerate(zip(LETTERS, candidates, strict=False)):
        if plausible is not None and place not in plausible:
            continue
        numbered = list(enumerate(function.parameters, start=1))
        questions += [f"ask {letter}.{index}" for index, parameter in numbered if parameter.required]
        value_rules: dict[int, str] = {}
        for index, parameter in numbered:
            values = allowed_values(parameter, sentence, spans, definitions)
            rule = f"v{letter.lower()}{index}"
            written = _value_rules(rule, parameter, values)
            if written:
                rules += written
                value_rules[index] = rule
        parts = _parts(numbered, value_rules, ())
        if parts is not None:
            name = f"f{letter.lower()}"
            inside = f" {literal('|')} ".join(parts)
            rules.append(f"{name} ::= {literal(letter + '(')} {inside} {literal(')')}")
            callable_names.append(name)
    roots = []
    if not (must_call and callable_names):
        roots = [literal("refuse"), *([alternatives(questions)] if questions else [])]
    if callable_names:
        rules.append(f"call ::= {' | '.join(callable_names)}")
        roots.append(f"call ({literal(';')} call){{0,{maximum_calls(sentence.lower) - 1}}}")
    return "\n".join([f"root ::= {' | '.join(roots)}", *rules]) + "\n"


def narrowed_grammar(calls: Sequence[NarrowedCall], lower: str) -> str:
    """Build the grammar of programs that make each of these calls once.

    They are made in this order, which is the sentence's, unless the sentence speaks of another ("before that").
    """
    rules, names = [], []
    for number, call in enumerate(calls):
        inside = f" {literal('|')} ".join(
            f"({alternatives(f' {words}' for words in values)})" for values in call.values
        )
        names.append(f"c{number}")
        rules.append(f"c{number} ::= {literal(LETTERS[call.function] + '(')} {inside} {literal(')')}")
    joint = f" {literal(';')} "
    # The orders of six calls would make a grammar of thousands of lines.
    is_open = len(names) <= _ORDERED_CALLS and _ANOTHER_ORDER.search(lower)
    orders = permutations(names) if is_open else [tuple(names)]
    return "\n".join([f"root ::= {' | '.join(joint.join(order) for order in orders)}", *rules]) + "\n"


def maximum_calls(lower: str) -> int:
    """Count the calls a sentence can ask for at most: one for each clause, as often as it says."""
    calls = 1 + len(_JOINT.findall(lower.rstrip(" .!?")))
    calls += len(brightness_joints(lower)) + len(volume_joints(lower))
    for number, word in _REPEATED.findall(lower):
        calls *= BY_WORD.get(word) or max(2, int(number or 2))
    return min(MAXIMUM_CALLS, calls)


def repetitions(lower: str, used: Container[str] = ()) -> int:
    """Return how often a sentence says that something is to be done; numbers that are `used` as arguments say nothing."""
    times = 1
    for match in TO_BE_REPEATED.finditer(lower):
        if (match["number"] or match["word"]) not in used:
            times *= BY_WORD.get(match["word"] or "") or max(1, int(match["number"]))
    return min(MAXIMUM_CALLS, times)


def allowed_values(
    parameter: Parameter,
    sentence: Sentence,
    spans: Sequence[str],
    unit_definitions: Mapping[str, str],
) -> list[str]:
    """List what may be written for one parameter (for one item of it, where it is a list), given the sentence.

    Of an enumeration these are the choices that are said word for word, and all of them where none is.
    """
    if parameter.choices:
        choices = spoken_choices(parameter)
        if parameter.meanings:
            choices = [said_choice(parameter, choice, sentence) for choice in parameter.choices]
        said = [choice for choice in choices if _is_said(choice, sentence.lower)]
        return said or choices
    if parameter.kind is ParameterKind.BOOLEAN:
        return ["yes", "no"]
    if parameter.format == "time":
        return [*(time.text for time in sentence.times), *ending_words(parameter, sentence)]
    if day_writing(parameter) is not None:
        return list(days_for(parameter, sentence.lower))
    colors = color_words(parameter, sentence.lower)
    if parameter.kind is ParameterKind.STRING and not parameter.is_quantity:
        row = number_text(parameter, sentence)
        return colors or [
            span
            for span in ([*spans, row] if row and row not in spans else spans)
            if fits_text(parameter, written_numbers(parameter, sentence.original(span)))
            and not (parameter.many and "&" in span.split())
        ]
    return [*colors, *_amounts(parameter, sentence, unit_definitions)]


def _amounts(parameter: Parameter, sentence: Sentence, unit_definitions: Mapping[str, str]) -> list[str]:
    """List the ranges, quantities, changes and times whose numbers a parameter can be."""
    if is_clock_said(parameter, sentence):
        numbers = {text: clock_value(parameter, text, sentence) for text in clock_words(parameter, sentence)}
        return [
            text for text, number in numbers.items() if number is not None and in_range(parameter, number)
        ]
    fitting = []
    for quantity in sentence.quantities:
        value = fit_said(parameter, quantity, unit_definitions)
        is_span = (
            quantity.unit is not None and parameter.clock is not None and not parameter.clock.is_duration
        )
        # An alarm in 20 minutes is none at minute 20.
        if value is not None and in_range(parameter, value) and not is_span:
            fitting.append(quantity.text)
    ranges = range_words(parameter, sentence)
    state = said_state(parameter, sentence.lower)
    days = [words for words in counted_days(parameter, sentence) if words not in fitting]
    lasting = [
        words
        for words, (seconds, unit) in lasting_words(parameter, sentence).items()
        if (value := fit_quantity(parameter, seconds, unit, unit_definitions)) is not None
        and in_range(parameter, value)
    ]
    changes = relative_words(parameter, sentence, unit_definitions)
    return [*ranges, *fitting, *days, *lasting, *changes, *([state[0]] if state else [])]


def _is_said(choice: str, lower: str) -> bool:
    return choice not in _COMMON_WORDS and is_spoken(choice, lower)


def _value_rules(rule: str, parameter: Parameter, values: Sequence[str]) -> list[str]:
    """Write the rules of one argument; none where nothing can be written for it."""
    words = [f" {value}" for value in values]
    left_out = [] if parameter.required or parameter.needed_with else [f" {LEFT_OUT}"]
    if not parameter.many:
        return [f"{rule} ::= {alternatives([*words, *left_out])}"] if words or left_out else []
    least, most = item_bounds(parameter)
    if not words or least > most:
        return [f"{rule} ::= {alternatives(left_out)}"] if left_out else []
    item = f"i{rule}"
    row = f"{item} ({literal(ITEM_JOINT.rstrip())} {item}){{{least - 1},{most - 1}}}"
    # The name of a colour is all of its list.
    whole = [word for word in words if parameter.channel is not None and not any(map(str.isdigit, word))]
    items = [word for word in words if word not in whole]
    ways = [*([row] if items else []), *map(literal, [*whole, *left_out])]
    return [*([f"{item} ::= {alternatives(items)}"] if items else []), f"{rule} ::= {' | '.join(ways)}"]


def _parts(
    numbered: Sequence[tuple[int, Parameter]], value_rules: Mapping[int, str], inside: tuple[str, ...]
) -> list[str] | None:
    """Write what stands between the bars of a call; None where something that is needed cannot be written.

    An optional object that needs some of its members is either left out with all of them or given with those.
    """
    groups = {parameter.needed_with for _, parameter in numbered if parameter.needed_with}

    def outermost(entry: tuple[int, Parameter]) -> tuple[str, ...]:
        around = (entry[1].steps[:depth] for depth in range(len(inside) + 1, len(entry[1].steps)))
        return next((path for path in around if path in groups), ())

    parts: list[str] = []
    for group, grouped in groupby(numbered, key=outermost):
        members = list(grouped)
        if group:
            given = _parts(members, value_rules, group)
            bar = f" {literal('|')} "
            left_out = bar.join([literal(f" {LEFT_OUT}")] * len(members))
            parts.append(left_out if given is None else f"({left_out} | {bar.join(given)})")
            continue
        for index, _ in members:
            if index not in value_rules:
                return None
            parts.append(value_rules[index])
    return parts


def string_spans(lower: str) -> list[str]:
    """List the spans of a sentence that may serve as a text argument: quoted text first, then runs of words."""
    spans = [match[1].strip() for match in _QUOTED.finditer(lower)]
    words = [match[0].strip(",;:!?\"'“”()") for match in _WORD.finditer(lower)]
    words = [word if word in _TITLES else word.removesuffix(".") for word in words]
    for length in range(1, MAXIMUM_SPAN_WORDS + 1):
        for start in range(len(words) - length + 1):
            span = " ".join(words[start : start + length])
            if span in lower:
                # Of "Ben's code" the name is Ben.
                spans += [span, span.removesuffix("'s").removesuffix("\u2019s")]
    spans += _long_spans(lower)
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


def _long_spans(lower: str) -> list[str]:
    """List what is longer than a name, such as a message to be shown: it goes on to the end of a sentence or clause."""
    ends = [match.start() for match in _SPAN_END.finditer(lower)]
    starts = [match.start() for match in _WORD.finditer(lower)][:_LONG_SPAN_STARTS]
    return [
        span
        for start in starts
        for end in ends
        if MAXIMUM_SPAN_WORDS < len((span := lower[start:end].strip(" ,;:\"'“”")).split()) <= _LONG_SPAN_WORDS
    ]
