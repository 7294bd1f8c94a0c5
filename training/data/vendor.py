"""Gives a lexicon function one vendor's name, description, parameter names, units and shape."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from inference.signatures import FunctionSignature, Parameter, ParameterKind
from training.data.examples import Realised
from training.data.naming import clear_name, english_names, pick_style, vendor_name
from training.data.notes import clear_description, description
from training.data.pools import PoolDraw
from training.data.spelling import made_up_word
from training.data.splits import Split
from training.data.units import OTHER_UNITS, converted
from training.lexicon import UNIT_LONG, FunctionWords, ParameterWords

_DEFAULT_SHARE = 0.3
_SHORT_UNITS = {long: short for short, long in UNIT_LONG.items()}
_OBJECT_NAMES = """settings options config params target payload request args data value command position setpoint spec
details input body job profile control""".split()


@dataclass(frozen=True)
class Vendor:
    """A vendor's house style."""

    naming: str = "plain"
    nests: float = 0.0
    tells_current: float = 0.7
    hides_meaning: float = 0.12
    describes: float = 0.0
    is_clear: bool = False
    """Shares of functions with an object as argument, of movable values whose present value can be read, of functions
    with a parameter whose name tells nothing, and of parameters that are described beside their name; and whether all names
    and descriptions are English and say what is meant."""


def pick_vendor(rng: random.Random, split: Split) -> Vendor:
    """Invent a vendor."""
    naming = pick_style(rng, split)
    return replace(_habits(rng), naming=naming)


def clear_vendor(rng: random.Random) -> Vendor:
    """Invent a vendor who takes care that an English reader understands the description."""
    return replace(_habits(rng), hides_meaning=0.0, is_clear=True)


def _habits(rng: random.Random) -> Vendor:
    """Invent how a vendor shapes arguments, however its functions are named."""
    return Vendor(
        nests=rng.choice((0.0, 0.0, 0.0, 0.25, 0.8)),
        tells_current=rng.choice((0.0, 0.7, 0.9, 1.0)),
        describes=rng.choice((0.0, 0.0, 0.3, 0.9)),
    )


PLAIN_VENDOR = Vendor()


def realise(
    words: FunctionWords,
    rng: random.Random,
    vendor: Vendor = PLAIN_VENDOR,
    kind: str = "device",
    draw: PoolDraw | None = None,
) -> Realised:
    """Give a lexicon function one vendor's form; an optional parameter is missing now and then.

    `draw` is what the device has of every pool, where it has other functions.
    """
    words = (draw or PoolDraw(rng)).function(words)
    kept = [one for one in words.parameters if one.required or rng.random() < 0.7]
    movable = {key for key, _ in (*words.raises, *words.lowers)}
    hidden = rng.choice(kept).key if kept and rng.random() < vendor.hides_meaning else None
    parameters = [
        replace(
            _parameter(
                one, _parameter_name(one, rng, hidden, vendor), rng, vendor, is_movable=one.key in movable
            ),
            description=rng.choice(one.names) if rng.random() < vendor.describes else "",
            # A vendor with a default for it need not be told: said it is all the same.
            required=one.required and not (number and rng.random() < _DEFAULT_SHARE),
        )
        for number, one in enumerate(kept)
    ]
    if vendor.is_clear:
        name, text = clear_name(words, rng), clear_description(words, rng)
    else:
        style = vendor.naming if rng.random() < 0.85 else "plain"
        name, name_tells = vendor_name(words, kind, style, rng)
        text = description(words, rng, name_tells=name_tells)
    signature = FunctionSignature(
        name.replace(" ", "_"), text, _nested(_distinct(parameters), rng, vendor.nests)
    )
    return Realised(words, signature, tuple(one.key for one in kept))


def realise_all(words: FunctionWords, rng: random.Random) -> Realised:
    """Realise with every parameter present."""
    return realise(
        replace(words, parameters=tuple(replace(one, required=True) for one in words.parameters)), rng
    )


def _parameter(
    words: ParameterWords, name: str, rng: random.Random, vendor: Vendor, *, is_movable: bool
) -> Parameter:
    if words.kind in {"enum", "list"}:
        many = words.kind == "list"
        return Parameter(name, ParameterKind.STRING, words.required, choices=words.choices, many=many)
    if words.kind == "bool":
        return Parameter(name, ParameterKind.BOOLEAN, words.required)
    if words.kind == "str":
        is_time = words.string_class == "clock" and rng.random() < 0.85
        return Parameter(name, ParameterKind.STRING, words.required, format="time" if is_time else None)
    return _number(words, name, rng, vendor, is_movable=is_movable)


def _parameter_name(words: ParameterWords, rng: random.Random, hidden: str | None, vendor: Vendor) -> str:
    """Name a parameter; `hidden` is the key of the one whose name tells nothing."""
    name = rng.choice(english_names(words.names) if vendor.is_clear else words.names)
    chance = 1.0 if vendor.is_clear else rng.random()
    if words.key == hidden:
        name = rng.choice((made_up_word(rng), made_up_word(rng), "value", "arg", "val", "param"))
    elif chance < 0.1:
        name = " ".join(part[:4] for part in name.split())
    elif chance < 0.16:
        name = rng.choice(("new", "target", "desired", "set")) + " " + name
    return name.replace(" ", "_")


def _number(
    words: ParameterWords, name: str, rng: random.Random, vendor: Vendor, *, is_movable: bool
) -> Parameter:
    unit, low, high = words.unit, words.low, words.high
    kind = ParameterKind.INTEGER if words.kind == "int" else ParameterKind.NUMBER
    if unit in OTHER_UNITS and rng.random() < 0.3:
        other = rng.choice(OTHER_UNITS[unit])
        new_low, new_high = converted(low, unit, other), converted(high, unit, other)
        if new_low is not None and new_high is not None:
            unit, low, high, kind = other, round(new_low, 6), round(new_high, 6), ParameterKind.NUMBER
    if unit and rng.random() < 0.15:
        name += "_" + _SHORT_UNITS.get(unit, unit).replace("/", "_")
    tells = rng.random() < (vendor.tells_current if is_movable else 0.2 * vendor.tells_current)
    bounded = rng.random() < 0.93
    return Parameter(
        name,
        kind,
        words.required,
        unit,
        low if bounded else None,
        high if bounded else None,
        current=f"read_{name}" if tells else None,
    )


def _distinct(parameters: list[Parameter]) -> list[Parameter]:
    """No two parameters of one function have the same name."""
    seen: dict[str, int] = {}
    result = []
    for one in parameters:
        number = seen[one.name] = seen.get(one.name, 0) + 1
        result.append(one if number == 1 else replace(one, name=f"{one.name}_{number}"))
    return result


def _nested(parameters: list[Parameter], rng: random.Random, share: float) -> tuple[Parameter, ...]:
    """Put neighbouring parameters into an object, now and then."""
    if not parameters or rng.random() >= share:
        return tuple(parameters)
    start = rng.randrange(len(parameters)) if len(parameters) > 2 else 0
    taken = {one.name for one in parameters}
    names = [name for name in _OBJECT_NAMES if name not in taken]
    return tuple(
        replace(one, path=(name, one.name)) if index >= start else one
        for name in [rng.choice(names)]
        for index, one in enumerate(parameters)
    )
