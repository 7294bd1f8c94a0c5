"""The notation in which the model answers, and what it stands for.

Candidate functions are shown with a letter each. A program is a row of calls by letter, with the arguments in the order of the
description; every value starts with a space, exactly as its words stand in the sentence::

    A( 3);B( 3| 35 cm)     two calls
    A( lab-net| _)         the second argument is left out
    refuse                 none of the functions does what was asked
    ask A.1                the first argument of A is needed and was not said

Letters instead of names keep the answer short, make the choice of a function one token with one probability, and let the same
answer be written for any vendor's spelling.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from inference.signatures import FunctionSignature, Parameter, ParameterKind, Scalar
from inference.text import Sentence, canonical_words, convert

LETTERS = "ABCDEFGH"
MAXIMUM_CANDIDATES = len(LETTERS)
MAXIMUM_CALLS = 6
LEFT_OUT = "_"

_CALL = re.compile(r"([A-H])\((.*?)\)(?:;|$)")
_ASK = re.compile(r"ask ([A-H])\.(\d)$")


class NotationError(ValueError):
    """The model's answer cannot be used; the text says why, for the repair round."""


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """One call: the vendor's function name, arguments in the vendor's units, and the words the person used."""

    name: str
    arguments: dict[str, Scalar]
    said: dict[str, str]


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


def python_source(calls: Sequence[PlannedCall]) -> str:
    """Write the calls as the Python program that the sandbox runs, one call a line."""
    return "".join(
        f"{call.name}({', '.join(f'{name}={value!r}' for name, value in call.arguments.items())})\n"
        for call in calls
    )


def fit_quantity(
    parameter: Parameter, value: float, unit: str | None, unit_definitions: Mapping[str, str]
) -> int | float | None:
    """Convert a said number for a numeric parameter; None where it measures something else. Ignores the range."""
    converted = convert(value, unit, parameter.unit, unit_definitions)
    if converted is None:
        return None
    if parameter.kind is ParameterKind.INTEGER:
        nearest = round(converted)
        # A converted length may miss a whole number by the vendor's resolution; a plain "3.5" for a count is wrong.
        return nearest if unit is not None or nearest == converted else None
    return converted


def in_range(parameter: Parameter, value: float) -> bool:
    """Whether a converted value lies within the parameter's bounds."""
    return (parameter.minimum is None or value >= parameter.minimum) and (
        parameter.maximum is None or value <= parameter.maximum
    )


def fits_length(parameter: Parameter, text: str) -> bool:
    """Whether a text is neither too short nor too long for the parameter."""
    return parameter.minimum_length <= len(text) and (
        parameter.maximum_length is None or len(text) <= parameter.maximum_length
    )


def bounds_text(parameter: Parameter) -> str:
    """Say a parameter's bounds in words, with its unit."""
    unit = f" {parameter.unit}" if parameter.unit else ""
    if parameter.minimum is not None and parameter.maximum is not None:
        return f"{parameter.minimum:g} to {parameter.maximum:g}{unit}"
    if parameter.minimum is not None:
        return f"at least {parameter.minimum:g}{unit}"
    if parameter.maximum is not None:
        return f"at most {parameter.maximum:g}{unit}"
    return "any number"


def choice_words(choice: Scalar) -> str:
    """How a person says one constant of an enumeration."""
    if not isinstance(choice, str):
        return str(choice).lower()
    return canonical_words(choice) or choice.lower()


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
    arguments: dict[str, Scalar] = {}
    said: dict[str, str] = {}
    for parameter, part in zip(function.parameters, parts, strict=True):
        words = part.strip()
        if words == LEFT_OUT:
            if parameter.required:
                raise NotationError(f"argument {parameter.name} of {function.name} is required")
            continue
        arguments[parameter.name] = _decode_value(parameter, words, sentence, unit_definitions)
        said[parameter.name] = sentence.original(words)
    return PlannedCall(function.name, arguments, said)


def _decode_value(
    parameter: Parameter, words: str, sentence: Sentence, unit_definitions: Mapping[str, str]
) -> Scalar:
    if parameter.choices:
        for choice in parameter.choices:
            if choice_words(choice) == words:
                return choice
        raise NotationError(
            f"{parameter.name} is {words!r}; allowed: {', '.join(map(str, parameter.choices))}"
        )
    if parameter.kind is ParameterKind.BOOLEAN:
        if words not in {"yes", "no"}:
            raise NotationError(f"{parameter.name} is {words!r}; allowed: yes, no")
        return words == "yes"
    if parameter.kind is ParameterKind.STRING:
        if not fits_length(parameter, words):
            longest = "any number of" if parameter.maximum_length is None else parameter.maximum_length
            raise NotationError(
                f"{parameter.name} is {words!r}; allowed: {parameter.minimum_length} to {longest} characters"
            )
        return sentence.original(words)
    return _decode_quantity(parameter, words, sentence, unit_definitions)


def _decode_quantity(
    parameter: Parameter, words: str, sentence: Sentence, unit_definitions: Mapping[str, str]
) -> int | float:
    for quantity in sentence.quantities:
        if quantity.text == words:
            fitted = fit_quantity(parameter, quantity.value, quantity.unit, unit_definitions)
            if fitted is None:
                break
            if not in_range(parameter, fitted):
                raise NotationError(f"{parameter.name} is {words}; allowed: {bounds_text(parameter)}")
            return fitted
    raise NotationError(f"{words!r} is not a quantity of the sentence that fits {parameter.name}")
