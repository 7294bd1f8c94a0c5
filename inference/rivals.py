"""Tells functions apart by one word that is said: the turn that is meant, what all things are of, and what is undone.

"Spin left" asks for no clockwise turn, "close all windows" for nothing that has no windows, and "unlock the car" for the lock.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from inference.choices import is_form_of
from inference.colors import said_colors
from inference.signatures import Channel, FunctionSignature, Parameter, ParameterKind
from inference.text import canonical_words, prepare
from inference.told_texts import ANY_WORKS, said_works, sort_of
from inference.turning import said_turn, turn_of_name
from inference.values import spoken_choices
from inference.words import split_words

_ALL = frozenset("all both every everything everywhere".split())
_ALL_OF = re.compile(
    r"\b(?:all|both|every|each)(?: of)?(?: (?:the|my|our|your|these|those|\d+))* (?P<thing>[a-z]+)\b"
)
_UNDONE = re.compile(r"^\s*(?:(?:please|can you|could you|now|ok|okay) )*un(?P<verb>[a-z]{3,})\b")


def ruled_out(text: str, functions: Sequence[FunctionSignature]) -> tuple[list[int], list[int]]:
    """Return the functions that one of a text's words is said of, and those that it rules out; none where no word tells."""
    for told in (_turned, _of_all, _undone, _made_by, _colored):
        wanted, others = told(text, functions)
        if wanted and others:
            return wanted, others
    return [], []


def _turned(text: str, functions: Sequence[FunctionSignature]) -> tuple[list[int], list[int]]:
    is_clockwise = said_turn(text)
    turns = [turn_of_name(canonical_words(function.readable_name)) for function in functions]
    if is_clockwise is None:
        return [], []
    return (
        [index for index, turn in enumerate(turns) if turn is is_clockwise],
        [index for index, turn in enumerate(turns) if turn is (not is_clockwise)],
    )


def _of_all(text: str, functions: Sequence[FunctionSignature]) -> tuple[list[int], list[int]]:
    """Tell the functions that can do something to all of a kind from those that have nothing of that kind."""
    for match in _ALL_OF.finditer(text):
        thing = match["thing"]
        wanted = [
            index
            for index, function in enumerate(functions)
            if any(_takes_all(parameter, thing) for parameter in function.parameters)
        ]
        others = [
            index
            for index, function in enumerate(functions)
            if not any(is_form_of(thing, word) or word in _ALL for word in _all_words(function))
        ]
        if wanted:
            return wanted, others
    return [], []


def _takes_all(parameter: Parameter, thing: str) -> bool:
    """Whether a parameter is called as a thing is, and one of its choices stands for all of them."""
    is_thing = any(is_form_of(thing, word) for word in split_words(parameter.readable_name))
    return is_thing and any(not _ALL.isdisjoint(choice.split()) for choice in spoken_choices(parameter))


def _all_words(function: FunctionSignature) -> list[str]:
    told = (function.description, *(each.description for each in function.parameters))
    choices = (choice for each in function.parameters for choice in spoken_choices(each))
    names = (function.readable_name, *(each.readable_name for each in function.parameters))
    return split_words(" ".join((*names, *told, *choices)).lower().replace("_", " ")) + [
        word for name in names for word in split_words(name)
    ]


def _undone(text: str, functions: Sequence[FunctionSignature]) -> tuple[list[int], list[int]]:
    """Tell what can undo something, by its own name or as a switch, from what does nothing of the kind."""
    match = _UNDONE.search(text)
    if match is None:
        return [], []
    undone, done = f"un{match['verb']}", match["verb"]
    names = [set(split_words(function.readable_name)) for function in functions]
    wanted = [index for index, name in enumerate(names) if undone in name] or [
        index for index, name in enumerate(names) if done in name and _is_switched(functions[index])
    ]
    others = [
        index
        for index, function in enumerate(functions)
        if index not in wanted and undone not in _all_words(function)
    ]
    return wanted, others


def _made_by(text: str, functions: Sequence[FunctionSignature]) -> tuple[list[int], list[int]]:
    """Tell what takes a title and whose it is ("play Hello by Adele") from what takes only the latter ("something by Adele")."""
    is_any = ANY_WORKS.search(text) is not None
    if not is_any and next(said_works(prepare(text)), None) is None:
        return [], []
    sorts = [{sort_of(parameter) for parameter in function.parameters} for function in functions]
    titled = [index for index, taken in enumerate(sorts) if {"title", "maker"} <= taken]
    untitled = [index for index, taken in enumerate(sorts) if "maker" in taken and "title" not in taken]
    return (untitled, titled) if is_any else (titled, untitled)


def _colored(text: str, functions: Sequence[FunctionSignature]) -> tuple[list[int], list[int]]:
    """Tell what gives a colour from what only makes white warmer or colder: "dark green" is no tone of white."""
    if not any(len(set(color.rgb)) > 1 for color in said_colors(text)):
        return [], []
    colors = [any(_takes_color(each) for each in function.parameters) for function in functions]
    tones = [any(_takes_tone(each) for each in function.parameters) for function in functions]
    return (
        [index for index, takes in enumerate(colors) if takes],
        [index for index, takes in enumerate(tones) if takes and not colors[index]],
    )


def _takes_color(parameter: Parameter) -> bool:
    if parameter.channel is not None:
        return not _takes_tone(parameter)
    words = split_words(parameter.readable_name)
    return bool({"color", "colour"} & set(words)) and not {"temperature", "temp", "tone"} & set(words)


def _takes_tone(parameter: Parameter) -> bool:
    return parameter.channel in {Channel.KELVIN, Channel.MIRED} or any(
        choice in {"warm white", "cool white", "neutral", "daylight", "cool", "cold white"}
        for choice in spoken_choices(parameter)
    )


def _is_switched(function: FunctionSignature) -> bool:
    return any(each.required and each.kind is ParameterKind.BOOLEAN for each in function.parameters)
