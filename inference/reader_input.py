"""Writes a sentence and one function as token ids for the reader, and remembers which token stands for what.

    [CLS] the sentence [SEP] name . description . P argument : C choice C choice P argument : number # percent [SEP]

`P` stands before every parameter and `C` before everything that can be chosen for it. The reader says for every parameter
where its value stands: at one of its choices, at words of the sentence, or, where it was not said, at `[CLS]`.

Where only one clause of the sentence is in question, it stands in marks: « such a clause ».
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import canonical_words
from inference.values import spoken_choices
from inference.words import Place

# Places in the vocabulary of BERT that its training left free, and its own special tokens.
PARAMETER_TOKEN, CHOICE_TOKEN, CLS_TOKEN, SEPARATOR_TOKEN = 1, 2, 101, 102
# French quotation marks, which English sentences do not have and the free places of the vocabulary are too much alike for.
_CLAUSE_BEGIN, _CLAUSE_END = 1077, 1090
MARK = (-1, -1)
"""The unit of text that the mark of a clause stands for: none."""
UNSEEN = -1
UP, DOWN = "up", "down"
YES, NO = "yes", "no"

_UNIT_OF_TEXT = re.compile(r"\w+|[^\w\s]")
# Nobody can type the marks of a clause.
_TYPED = {"«": '"', "»": '"'}
# "Label of the tote, such as T12": what is only an example is not what was said.
_EXAMPLE = re.compile(r"[\s,;(]*\b(?:such as|for example|for instance|e\.g\.)(?!\w).*$", re.DOTALL)
# "Length as HH:MM:SS": readers know amounts of time as numbers, whose descriptions do not say how they are written.
_WRITTEN_AS = re.compile(
    r"[\s,;:([]*\b(?:(?:as|in|an?|the|format(?:ted)?) )*(?:iso[- ]?8601|hh?:mm|mm?:ss)\b.*$", re.DOTALL
)
_DESCRIPTION_WORDS, _PARAMETER_WORDS = 24, 8
_SENTENCE_TOKENS, _FUNCTION_TOKENS = 96, 200

Tokenize = Callable[[str], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Slot:
    """Where one parameter stands in the input: its own token (`UNSEEN` where there was no room), and that of each choice."""

    token: int
    choices: dict[str, int]


@dataclass(frozen=True, slots=True)
class FunctionTokens:
    """A function as tokens, with places counted from its first token."""

    tokens: tuple[int, ...]
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class SentenceTokens:
    """A sentence as tokens behind `[CLS]`.

    `units` gives each token's unit of text as (start, end) characters, (-1, -1) for the mark of a clause.
    """

    tokens: tuple[int, ...]
    units: tuple[Place, ...]

    def spans(self, lower: str, text: str) -> list[tuple[int, int]]:
        """Return first and last token of every occurrence of a text, counted with `[CLS]` as 0."""
        found = []
        for match in re.finditer(rf"(?<!\w){re.escape(text)}(?!\w)", lower):
            inside = [
                place
                for place, (start, end) in enumerate(self.units, start=1)
                if start < match.end() and end > match.start()
            ]
            if inside:
                found.append((inside[0], inside[-1]))
        return found


def is_pointed_at_choices(parameter: Parameter) -> bool:
    """Whether a parameter's value is one of its choices rather than words of the sentence."""
    return bool(parameter.choices) or parameter.kind is ParameterKind.BOOLEAN


def sentence_tokens(lower: str, tokenize: Tokenize, clause: Place | None = None) -> SentenceTokens:
    """Turn a prepared sentence into tokens; its end is lost beyond 96 of them, marks included.

    `clause` is what is in question; without, and where it reaches beyond the end, the whole sentence is.
    """
    tokens: list[int] = []
    units: list[Place] = []
    begin, end = clause or MARK
    for match in _UNIT_OF_TEXT.finditer(lower):
        pieces = tokenize(_TYPED.get(match[0], match[0]))
        if match.start() == begin:
            tokens.append(_CLAUSE_BEGIN)
            units.append(MARK)
        tokens += pieces
        units += [match.span()] * len(pieces)
        if match.end() == end:
            tokens.append(_CLAUSE_END)
            units.append(MARK)
    if clause is not None and units[:_SENTENCE_TOKENS].count(MARK) != 2:  # noqa: PLR2004 a clause has two ends
        return sentence_tokens(lower, tokenize)
    return SentenceTokens(tuple(tokens[:_SENTENCE_TOKENS]), tuple(units[:_SENTENCE_TOKENS]))


def function_tokens(function: FunctionSignature, tokenize: Tokenize) -> FunctionTokens:
    """Turn a function into tokens; parameters and choices that do not fit into 200 of them have no place."""
    name = canonical_words(function.readable_name)
    description = " ".join(function.description.lower().rstrip(".").split()[:_DESCRIPTION_WORDS])
    tokens = list(tokenize(f"{name} . {description}" if description else name))[: _FUNCTION_TOKENS // 2]
    slots: list[Slot] = []
    for parameter in function.parameters:
        place, pieces = len(tokens), tokenize(_parameter_text(parameter))
        if place + len(pieces) >= _FUNCTION_TOKENS:
            slots.append(Slot(UNSEEN, {}))
            continue
        tokens += [PARAMETER_TOKEN, *pieces]
        choices: dict[str, int] = {}
        for choice in _choices(parameter):
            pieces = tokenize(choice)
            if len(tokens) + len(pieces) >= _FUNCTION_TOKENS:
                break
            choices[choice] = len(tokens)
            tokens += [CHOICE_TOKEN, *pieces]
        slots.append(Slot(place, choices))
    return FunctionTokens(tuple(tokens), tuple(slots))


def _parameter_text(parameter: Parameter) -> str:
    words = canonical_words(parameter.readable_name)
    if parameter.description:
        description = _EXAMPLE.sub("", parameter.description.lower())
        if parameter.format == "duration":
            description = _WRITTEN_AS.sub("", description)
        words += " " + " ".join(description.split()[:_PARAMETER_WORDS])
    if parameter.many:
        words += " several"
    if not parameter.required:
        words += " optional"
    if is_pointed_at_choices(parameter):
        return f"{words} :"
    if parameter.kind is ParameterKind.STRING and not parameter.is_quantity:
        return f"{words} : {parameter.format or 'text'}"
    bounds = [f"{bound:g}" for bound in (parameter.minimum, parameter.maximum) if bound is not None]
    return f"{words} : number {parameter.unit or ''} {' to '.join(bounds)}"


def _choices(parameter: Parameter) -> Sequence[str]:
    if parameter.choices:
        return spoken_choices(parameter)
    if parameter.kind is ParameterKind.BOOLEAN:
        return (YES, NO)
    return (UP, DOWN) if parameter.has_direction else ()


def function_start(sentence: SentenceTokens) -> int:
    """Return the place of the function's first token behind a sentence."""
    return len(sentence.tokens) + 2


def reader_tokens(sentence: SentenceTokens, function: FunctionTokens) -> list[int]:
    """Join both to what the reader reads."""
    return [CLS_TOKEN, *sentence.tokens, SEPARATOR_TOKEN, *function.tokens, SEPARATOR_TOKEN]
