"""The text by which a function is searched for; the encoder is tuned on texts that this module writes."""

from __future__ import annotations

import re

from inference.signatures import FunctionSignature, Parameter, Scalar
from inference.words import NUMBER_ROW, split_words

_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?!\w)")


def search_text(function: FunctionSignature) -> str:
    """Return a function's name in words, its description, its arguments and their choices as short sentences."""
    arguments = []
    for parameter in function.parameters:
        words = " ".join(split_words(parameter.english_name or parameter.name))
        choices = " ".join(" ".join(split_words(_telling(parameter, choice))) for choice in parameter.choices)
        arguments.append(f"{words} {choices}".strip())
    parts = [
        " ".join(split_words(function.readable_name)),
        function.description.rstrip("."),
        " , ".join(arguments),
    ]
    return ". ".join(part for part in parts if part)


def _telling(parameter: Parameter, choice: Scalar) -> str:
    """Return what a choice means where it is a code, else the choice itself."""
    return dict(parameter.meanings).get(choice, str(choice))


def without_numbers(sentence: str) -> str:
    """Take the amounts out of a sentence: which function is meant must not depend on which shelf is."""
    # What is left of "10, 11 and 12" would be taken for three clauses.
    return _NUMBER.sub("", NUMBER_ROW.sub("", sentence))
