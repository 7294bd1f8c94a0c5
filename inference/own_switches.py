"""Finds the switch of a whole device among its functions, and what a text does not mean that only speaks of switching it.

"Turn it off" asks for `set_power`, not for what ends a timer or switches the display.
"""

from __future__ import annotations

from collections.abc import Sequence

from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.switches import POWER, SWITCHED
from inference.text import canonical_words
from inference.values import spoken_choices
from inference.words import split_words

_OPERATING = frozenset("control command operate operation action send do cmd".split())
_ENDING = frozenset(
    "stop cancel end clear pause quit abort dismiss disable resume continue start play".split()
)
NOTHING_SAID = frozenset(
    """
    the a an it its my our your this that these those please now again for today tonight thanks thank you can could would will
    just ok okay hey so then and me us i everything thing whole completely in of here there at night bed time
    """.split()
)
"""Words that name no thing."""


def own_switches(functions: Sequence[FunctionSignature]) -> list[int]:
    """Return the functions that switch the whole device: `set_power(on)`, `turn_off`, `on`."""
    return [
        index
        for index, function in enumerate(functions)
        for name in [name_words(function)]
        if (
            set(name) <= POWER
            and {"power", "on", "off"} & set(name)
            and all(each.kind is ParameterKind.BOOLEAN for each in function.parameters if each.required)
        )
        or (set(name) <= POWER | _OPERATING and is_switched_by_choice(function))
    ]


def is_switched_by_choice(function: FunctionSignature) -> bool:
    """Whether all that a function needs is which way to switch, among what it may do: `control(turn_on, turn_off, faster)`."""
    needed = [each for each in function.parameters if each.required]
    return len(needed) == 1 and _has_power_choices(needed[0])


def _has_power_choices(parameter: Parameter) -> bool:
    """Whether choices of a parameter switch something on and off."""
    ways = [set(choice.split()) for choice in spoken_choices(parameter)]
    return all(any(way in words and words <= POWER for words in ways) for way in ("on", "off"))


def is_switched(text: str, functions: Sequence[FunctionSignature]) -> bool:
    """Whether a text switches a device that has a switch, and nothing that only is a part of it."""
    found = SWITCHED.search(text)
    if found is None or not own_switches(functions) or any(map(str.isdigit, text)):
        return False
    said = " ".join(found[group] or "" for group in ("after", "thing", "rest", "named"))
    things = {word for word in split_words(said) if word not in NOTHING_SAID}
    own = set(own_switches(functions))
    spoken = {word.removesuffix("s") for index in own for word in split_words(functions[index].description)}
    parts = {
        word.removesuffix("s")
        for index, function in enumerate(functions)
        if index not in own
        for word in (
            *name_words(function),
            *(each for one in function.parameters for each in split_words(_said(one))),
        )
    } - {"set", "start", "stop", "get", "on", "off", "mode"}
    return not any(
        word.removesuffix("s") in parts and word.removesuffix("s") not in spoken for word in things
    )


def _said(parameter: Parameter) -> str:
    return " ".join((parameter.readable_name, *(str(choice) for choice in parameter.choices)))


def rivals_of_switch(text: str, functions: Sequence[FunctionSignature]) -> list[int]:
    """Return the functions that end or begin something that a text does not name, and the switch for the other way."""
    state = SWITCHED.search(text)
    is_on = state is not None and "on" in {state["behind"], state["state"], state["way"]}
    said = {word.removesuffix("s") for word in split_words(text)}
    own = own_switches(functions)
    other_way = [
        index
        for index in own
        if {"off" if is_on else "on"} == {*name_words(functions[index])} & {"on", "off"}
    ]
    ends = [
        index
        for index, function in enumerate(functions)
        if index not in own
        and _ENDING & set(name_words(function))
        and not {word.removesuffix("s") for word in name_words(function)} - _ENDING & said
    ]
    by_choice = any(is_switched_by_choice(functions[index]) for index in own)
    parts = [
        index
        for index, function in enumerate(functions)
        if by_choice and index not in own and _is_part_switch(function, said)
    ]
    return other_way + ends + parts


def _is_part_switch(function: FunctionSignature, said: set[str]) -> bool:
    """Whether a function switches a part that nobody has named: the display, of "turn the fan off"."""
    part = {word.removesuffix("s") for word in name_words(function)} - POWER
    needed = [each for each in function.parameters if each.required]
    is_switch = len(needed) == 1 and (
        needed[0].kind is ParameterKind.BOOLEAN or _has_power_choices(needed[0])
    )
    return is_switch and bool(part) and part.isdisjoint(said)


def name_words(function: FunctionSignature) -> tuple[str, ...]:
    """Return the words of a function's name: `setPower` is "set" and "power"."""
    return tuple(split_words(canonical_words(function.readable_name)))
