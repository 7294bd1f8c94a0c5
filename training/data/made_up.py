"""Devices whose words mean nothing, so that only the description tells what to do."""

from __future__ import annotations

import random

from training.data.spelling import made_up_word
from training.lexicon import Family, FunctionWords, ParameterWords

_KINDS = ("none", "int", "num", "enum", "str", "list", "clock")
_UNITS = (None, "percent", "meter", "second", "degree", "bar", "kilogram")


def made_up_family(rng: random.Random) -> Family:
    """Invent a device."""
    noun = made_up_word(rng)
    family = Family("made-up", (f"{noun} machine",), noun)
    verbs = [made_up_word(rng) for _ in range(4)]
    things = [made_up_word(rng) for _ in range(3)]
    for verb, thing in {(rng.choice(verbs), rng.choice(things)): None for _ in range(rng.randint(5, 9))}:
        family.functions.append(_function(family.names[0], verb, thing, rng))
    return family


def _function(family: str, verb: str, thing: str, rng: random.Random) -> FunctionWords:
    key = made_up_word(rng)
    parameter, links = _parameter(key, rng.choice(_KINDS), rng)
    bare = f"{verb} the {thing}"
    marker = "{" + key + "}"
    moves = (
        parameter is not None
        and parameter.kind in {"int", "num"}
        and parameter.unit is not None
        and rng.random() < 0.5
    )
    return FunctionWords(
        family,
        (f"{verb} {thing}", f"{thing} {verb}"),
        (f"{verb}s the {thing}", f"lets the machine {verb} its {thing}"),
        (parameter,) if parameter else (),
        tuple(f"{bare} {link.format(marker)}" for link in links)
        if parameter
        else (bare, f"{verb} (my/that/our) {thing}"),
        (),
        (),
        (bare,) if parameter else (),
        raises=((key, f"{bare} more"), (key, f"{bare} {marker} more")) if moves else (),
        lowers=((key, f"{bare} less"), (key, f"{bare} {marker} less")) if moves else (),
    )


def _parameter(key: str, kind: str, rng: random.Random) -> tuple[ParameterWords | None, tuple[str, ...]]:
    if kind in {"int", "num"}:
        unit, high = rng.choice(_UNITS), rng.choice((10, 100, 500))
        return ParameterWords(key, kind, True, unit, 0, high, names=(key,)), ("to {}", "at {}", "with {}")
    if kind in {"enum", "list"}:
        choices = tuple(dict.fromkeys(made_up_word(rng) for _ in range(4)))
        return ParameterWords(key, kind, True, choices=choices, names=(key,)), ("to {}", "with {}", "as {}")
    if kind == "clock":
        return ParameterWords(key, "str", True, string_class="clock", names=(key,)), ("at {}",)
    if kind == "str":
        string_class = rng.choice(("id", "name", "file"))
        return ParameterWords(key, "str", True, string_class=string_class, names=(key,)), (
            "called {}",
            "with {}",
            "{}",
        )
    return None, ()
