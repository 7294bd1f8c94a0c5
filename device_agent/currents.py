"""Links an argument to the property that tells its present value, so that people can say "ten percent brighter".

A wrong link would move a machine to where nobody wanted it, so names must agree, type and unit must be the same, and
where two properties could be meant none is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from firmware_api_specs.implied_units import unit_of
from firmware_api_specs.thing_description import ThingDescription
from inference.scales import scale_of
from inference.signatures import Parameter
from inference.units import pint_name
from inference.words import split_words

_PURE_NUMBER = "dimensionless"
_VERBS = frozenset(
    """
    set adjust change modify update configure control regulate put to the
    setze setzen stelle stellen einstellen regle regeln
    régler regler définir changer mettre
    设 置 定 调 整 节
    """.split()
)


def with_currents(
    function: str, parameters: Sequence[Parameter], description: ThingDescription
) -> tuple[Parameter, ...]:
    """Return a function's parameters, linked to the properties that tell their present values.

    A property fits by its name, else by the words of its name, else by those of the function's: `brightness` tells
    where `set_brightness(level)` stands, if `level` is its only argument that this can be.
    """
    linked = [_by_own_name(parameter, description) for parameter in parameters]
    wanted = [word for word in split_words(function) if word not in _VERBS]
    by_function = [_only(_with_words(_readable(parameter, description), wanted)) for parameter in parameters]
    if len([name for name in by_function if name]) == 1:
        linked = [own or name for own, name in zip(linked, by_function, strict=True)]
    return tuple(
        replace(parameter, current=current) for parameter, current in zip(parameters, linked, strict=True)
    )


def plain_unit(unit: str | None) -> str | None:
    """Return a unit as the model is told it, in pint's long spelling; a pure number has none."""
    return None if unit is None or unit == _PURE_NUMBER else pint_name(unit)


def _by_own_name(parameter: Parameter, description: ThingDescription) -> str | None:
    readable = _readable(parameter, description)
    if parameter.key in readable:
        return parameter.key
    return _only(_with_words(readable, split_words(" ".join(parameter.steps))))


def _readable(parameter: Parameter, description: ThingDescription) -> list[str]:
    """List the properties of a parameter's type and unit; one without a unit may be in that one. No sum is done with texts."""
    is_scale = bool(parameter.choices) and bool(scale_of(parameter.choices)[0])
    if not (parameter.is_quantity or is_scale) or parameter.format or parameter.many:
        return []
    return [
        affordance.name
        for affordance in description.affordances()
        if affordance.kind == "property" and not affordance.action.arguments
        if (told := affordance.action.output) is not None
        and set(told.choices or ()) == set(parameter.choices)
        and told.type == parameter.kind
        # A description that gives a unit for one of two and none for the other means the same.
        and plain_unit(unit_of(affordance.name, told, told)) in {parameter.unit, None}
    ]


def _with_words(names: Sequence[str], words: Sequence[str]) -> list[str]:
    return [name for name in names if split_words(name) == list(words)]


def _only(names: Sequence[str]) -> str | None:
    return names[0] if len(names) == 1 else None
