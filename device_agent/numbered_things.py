"""Finds what a device's description calls its numbered things, and says their numbers where a sentence says their names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from firmware_api_specs.thing_description import ThingDescription
from inference.numbered_ends import read_numbered_ends
from inference.numbered_names import NumberedName, read_numbered_names, with_numbers
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import canonical_words
from inference.values import in_range, spoken_choices

Names = tuple[NumberedName, ...]
_NUMBERING = frozenset("number no nr num id index idx n".split())


def numbered_things(
    description: ThingDescription, functions: Sequence[FunctionSignature]
) -> tuple[Names, ...]:
    """List the names of numbered things, those of one noun together; a name that a function uses otherwise is left out."""
    numbers = [
        (function, parameter)
        for function in functions
        for parameter in function.parameters
        if parameter.kind is ParameterKind.INTEGER and not parameter.choices and not parameter.unit
    ]
    found = dict.fromkeys(_found(description, numbers))
    taken = {
        words
        for function in functions
        for parameter in function.parameters
        for words in spoken_choices(parameter)
    }
    # One name for two things would be a guess.
    said = [one.name for names in found for one in names]
    told = (
        tuple(one for one in names if one.name not in taken and said.count(one.name) == 1) for names in found
    )
    return tuple(names for names in told if names)


def with_their_numbers(sentence: str, things: Sequence[Names]) -> str:
    """Say the numbers of what a sentence calls by name."""
    for names in things:
        sentence = with_numbers(sentence, names)
    return sentence


def _found(
    description: ThingDescription, numbers: Sequence[tuple[FunctionSignature, Parameter]]
) -> Iterator[Names]:
    names = read_numbered_names(description.english)
    if any(_is_about(names, function, parameter) for function, parameter in numbers):
        yield names
    for _, parameter in numbers:
        noun = _noun(parameter)
        names = read_numbered_names(parameter.description, noun)
        if _fit(names, parameter):
            yield names
        yield read_numbered_ends(parameter.description, noun, parameter.minimum, parameter.maximum)


def _noun(parameter: Parameter) -> str:
    """What a parameter numbers: the last word of its name that is not "number" itself."""
    words = canonical_words(parameter.readable_name).split()
    return next((word for word in reversed(words) if word not in _NUMBERING), "")


def _is_about(names: Names, function: FunctionSignature, parameter: Parameter) -> bool:
    """Whether numbers with names are a parameter's: it or its function speaks of what has them."""
    told = canonical_words(
        f"{parameter.readable_name} {parameter.description} {function.readable_name} {function.description}"
    ).split()
    return _fit(names, parameter) and bool({names[0].noun, f"{names[0].noun}s"} & set(told))


def _fit(names: Names, parameter: Parameter) -> bool:
    return bool(names) and all(in_range(parameter, number) for one in names for number in one.numbers)
