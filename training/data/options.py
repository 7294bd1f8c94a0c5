"""Adds optional values to an order the way people do: by their names, or by themselves where it is clear what they are."""

from __future__ import annotations

import random
import re

from inference.signatures import Parameter, ParameterKind
from training.data.examples import Realised, Value
from training.data.units import are_comparable
from training.data.values import Manner, implied_value, say
from training.lexicon import ParameterWords, spin

_COUNTS = (1, 1, 1, 1, 2, 2, 3)
_NAMED_SHARE = 0.35
_TIME_UNITS = frozenset({"ms", "s", "minute", "hour", "day", "week"})
_NAMED = (
    "{t} with {n} {v}", "{t} , {n} {v}", "{t} with the {n} set to {v}", "{t} using {v} as {n}", "{t} with {v} as the {n}",
    "{t} and {n} {v}", "{t} , {v} {n}", "{t} , {v} as {n}", "{t} , the {n} is {v}", "{t} and make the {n} {v}", "{n} {v} , {t}",
    "{t} at {n} {v}", "{t} , {n} should be {v}",
)  # fmt: skip
_AMOUNTS = (
    "{t} , {v}", "{t} , {v}", "{t} , {v} please", "{t} at {v}", "{t} with {v}", "{t} , say {v}", "{v} , {t}", "{t} , {v} will do",
    "{t} and let it be {v}", "{t} , {v} that is",
)  # fmt: skip
_TIMES = (
    "{t} , {v}", "{t} for {v}", "{t} for {v}", "{t} over {v}", "{t} , take {v} for it", "{t} , {v} long", "{t} within {v}", "{t} in {v}",
    "{t} and give it {v}", "{v} , {t}", "{t} , {v} should do", "{t} , but only for {v}",
)  # fmt: skip
_CHOICES = (
    "{t} , {v}", "{t} , {v}", "{t} , {v} please", "{t} with {v}", "{t} in {v}", "{t} on {v}", "{t} , make it {v}", "{v} , {t}",
    "{t} , the {v} one", "{t} , {v} this time", "{t} and take {v}", "{t} using {v}",
)  # fmt: skip
_LISTS = (
    "{t} , {v}",
    "{t} , only {v}",
    "{t} , {v} that is",
    "{t} for {v}",
    "{t} , just {v}",
    "{t} with {v}",
    "{v} , {t}",
)
_FLAGS = {
    "yes": (
        "{t} with {n}", "{t} , with {n}", "{t} and {n}", "{t} , {n} too", "{t} , {n} please", "{t} , {n}", "{n} , {t}", "{t} , {n} on",
        "{t} and use {n}", "{t} , and do {n}",
    ),
    "no": (
        "{t} without {n}", "{t} , no {n}", "{t} , but no {n}", "{t} , {n} off", "{t} and leave out {n}", "{t} , no {n} this time",
        "no {n} , {t}", "{t} , skip {n}", "{t} , never mind {n}",
    ),
}  # fmt: skip
_TEXTS = (
    "{t} , call it {v}", "{t} (and/,) name it {v}", "{t} , label it {v}", "{t} named {v}", "{t} as {v}", "{t} and note {v} as the {n}",
    "{t} , {n} : {v}", "{t} , put {v} (down/in) as the {n}", "{t} under {v}", "{t} (with/and) {v} for the {n}", "{t} , the {n} is {v}",
    "{t} , {v}",
)  # fmt: skip
_WORD = re.compile(r"[a-z ]+")


def with_options(
    text: str, values: dict[str, Value], realised: Realised, rng: random.Random, manner: Manner
) -> str:
    """Name some optional parameters that a phrase does not mention, behind or before it; adds to `values`."""
    able = [
        key
        for key in realised.keys
        if key not in values and (parameter := realised.parameter(key)) is not None and not parameter.required
    ]
    for key in rng.sample(able, min(len(able), rng.choice(_COUNTS))):
        words, parameter = realised.spoken_of(key), realised.parameter(key)
        if parameter is None:
            continue
        if words.kind == "bool":
            choice = rng.choice(("yes", "no"))
            value, form = implied_value(parameter, choice), rng.choice(_FLAGS[choice])
        else:
            said = say(words, parameter, rng, manner)
            if said is None:
                continue
            value, form = said, _form(words, parameter, said, realised, rng)
        name = rng.choice(words.names)
        if "{n}" in form and not _WORD.fullmatch(name):
            continue
        values[key] = value
        text = spin(form, rng).format(t=text, n=name, v=value.spoken)
    return text


def _form(
    words: ParameterWords, parameter: Parameter, value: Value, realised: Realised, rng: random.Random
) -> str:
    """Choose how a value is added: without its name only where nothing else can be meant."""
    if words.kind == "str":
        return rng.choice(_TEXTS)
    if rng.random() < _NAMED_SHARE or not _is_telling(words, parameter, value, realised):
        return rng.choice(_NAMED)
    if words.kind == "enum":
        return rng.choice(_CHOICES)
    if words.kind == "list":
        return rng.choice(_LISTS)
    return rng.choice(_TIMES if words.unit in _TIME_UNITS else _AMOUNTS)


def _is_telling(words: ParameterWords, parameter: Parameter, value: Value, realised: Realised) -> bool:
    """Whether a value by itself tells which parameter it is for."""
    others = [one for one in realised.signature.parameters if one is not parameter]
    if parameter.is_quantity:
        has_unit = any(map(str.isalpha, value.written)) and words.unit is not None
        return has_unit and not any(
            one.is_quantity and (one.unit is None or are_comparable(words.unit or "", one.unit))
            for one in others
        )
    offered = set(parameter.choices)
    return not any(
        offered & set(one.choices) or (one.kind is ParameterKind.STRING and not one.choices) for one in others
    )
