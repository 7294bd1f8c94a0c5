"""The notation in which the model answers, and what it stands for.

Candidate functions are shown with a letter each. A program is a row of calls by letter, with the arguments in the order of the
description; every value starts with a space, exactly as its words stand in the sentence::

    A( 3);B( 3| 35 cm)     two calls
    A( lab-net| _)         the second argument is left out
    A( two thirds)         a share of the range that the argument allows
    A( up 10 percent)      a change of the present value; the program reads it and does the sum
    A( red & blue)         a list
    refuse                 none of the functions does what was asked
    ask A.1                the first argument of A is needed and was not said

The members of an argument that is an object stand there like arguments.

Letters instead of names keep the answer short, make the choice of a function one token with one probability, and let the same
answer be written for any vendor's spelling.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from inference.signatures import FunctionSignature, Parameter
from inference.text import Sentence
from inference.values import NotationError, Value, choice_words, decode_value, said_words

__all__ = [
    "LEFT_OUT",
    "LETTERS",
    "MAXIMUM_CALLS",
    "MAXIMUM_CANDIDATES",
    "Answer",
    "Argument",
    "NotationError",
    "PlannedCall",
    "choice_words",
    "decode_answer",
]

LETTERS = "ABCDEFGH"
MAXIMUM_CANDIDATES = len(LETTERS)
MAXIMUM_CALLS = 6
LEFT_OUT = "_"

_CALL = re.compile(r"([A-H])\((.*?)\)(?:;|$)")
_ASK = re.compile(r"ask ([A-H])\.(\d+)$")

Argument: TypeAlias = "Value | dict[str, Argument]"


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """One call: the vendor's function name, arguments in the vendor's units, and the words the person used.

    `said` goes by `Parameter.key`; `written` is what stood between the brackets of the notation.
    """

    name: str
    arguments: dict[str, Argument]
    said: dict[str, str]
    written: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A decoded answer."""

    outcome: Literal["program", "refuse", "ask"]
    calls: tuple[PlannedCall, ...] = ()
    asked_function: FunctionSignature | None = None
    asked_parameter: Parameter | None = None


def decode_answer(
    text: str,
    sentence: Sentence,
    candidates: Sequence[FunctionSignature],
    unit_definitions: Mapping[str, str],
) -> Answer:
    """Turn the model's notation into calls with checked arguments.

    Raises:
        NotationError: not the notation, an unknown letter, or an argument that does not fit its parameter.
    """
    text = text.strip()
    if text == "refuse":
        return Answer("refuse")
    if asked := _ASK.fullmatch(text):
        function = _candidate(asked[1], candidates)
        index = int(asked[2]) - 1
        if not 0 <= index < len(function.parameters):
            raise NotationError(f"the asked argument {asked[2]} does not exist")
        return Answer("ask", asked_function=function, asked_parameter=function.parameters[index])
    calls: list[PlannedCall] = []
    position = 0
    for match in _CALL.finditer(text):
        if match.start() != position:
            break
        position = match.end()
        calls.append(_decode_call(_candidate(match[1], candidates), match[2], sentence, unit_definitions))
    if not calls or position != len(text) or text.endswith(";"):
        raise NotationError(f"{text[:80]!r} is not a row of calls such as 'A( 3);B()'")
    if len(calls) > MAXIMUM_CALLS:
        raise NotationError(f"{len(calls)} calls are more than {MAXIMUM_CALLS}")
    return Answer("program", tuple(calls))


def _candidate(letter: str, candidates: Sequence[FunctionSignature]) -> FunctionSignature:
    index = LETTERS.index(letter)
    if index >= len(candidates):
        raise NotationError(f"there is no function {letter}")
    return candidates[index]


def _decode_call(
    function: FunctionSignature, written: str, sentence: Sentence, unit_definitions: Mapping[str, str]
) -> PlannedCall:
    parts = written.split("|") if written else []
    if len(parts) != len(function.parameters):
        raise NotationError(f"{function.name} takes {len(function.parameters)} arguments, got {len(parts)}")
    arguments: dict[str, Argument] = {}
    said: dict[str, str] = {}
    for parameter, part in zip(function.parameters, parts, strict=True):
        words = part.strip()
        if words == LEFT_OUT:
            if parameter.required:
                raise NotationError(f"argument {parameter.key} of {function.name} is required")
            continue
        value = decode_value(parameter, words, sentence, unit_definitions)
        _object_at(arguments, parameter.steps[:-1])[parameter.name] = value
        said[parameter.key] = said_words(parameter, words, sentence)
    for path in function.required_objects:
        if _is_given(arguments, path[:-1]):
            _object_at(arguments, path)
    for parameter in function.parameters:
        needed_with = parameter.needed_with
        if needed_with and _is_given(arguments, needed_with) and parameter.key not in said:
            raise NotationError(f"{parameter.key} of {function.name} is required with {needed_with[-1]}")
    return PlannedCall(function.name, arguments, said, written)


def _object_at(arguments: dict[str, Argument], path: Sequence[str]) -> dict[str, Argument]:
    """Return the object at a path into the arguments, made where there is none yet."""
    place = arguments
    for step in path:
        below = place.setdefault(step, {})
        if not isinstance(below, dict):
            raise TypeError(f"{'.'.join(path)} is described both as a value and as an object")
        place = below
    return place


def _is_given(arguments: dict[str, Argument], path: Sequence[str]) -> bool:
    place: Argument = arguments
    for step in path:
        if not isinstance(place, dict) or step not in place:
            return False
        place = place[step]
    return True
