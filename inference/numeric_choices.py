"""Finds which choices that are numbers or amounts a sentence says: 30 of 15, 30 and 60 minutes in "half an hour"."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace

from inference.choices import speaks_of
from inference.quantities import Quantity
from inference.shares import SHARE_OF_RANGE
from inference.signatures import Parameter, ParameterKind, Scalar
from inference.text import Sentence, canonical_words
from inference.units import UNIT_BY_WORD, convert
from inference.values import fit_said

_AMOUNT = re.compile(r"(?P<value>-?\d+(?:\.\d+)?)[ _-]?(?P<unit>[^\W\d_]+|%|°[CF]?)?")
_LEAST = 2


def said_amounts(
    parameter: Parameter, sentence: Sentence, unit_definitions: Mapping[str, str]
) -> dict[Scalar, Quantity]:
    """Return the choices that quantities of a sentence come to, each with the quantity that says it.

    Numbers without a unit are left out: which of several values they are is for a reader to say. "Full" and "highest" are said of
    a value that the function needs or that is spoken of, where no number is.
    """
    amounts, scale = _amounts(parameter)
    if scale is None:
        return {}
    name = canonical_words(parameter.readable_name)
    is_number_said = any(each.unit is None and each.value in amounts.values() for each in sentence.quantities)
    may_be_share = not is_number_said and (parameter.required or speaks_of(name, sentence.lower))
    found: dict[Scalar, Quantity] = {}
    for quantity in sentence.quantities:
        if quantity.unit is None or (quantity.unit == SHARE_OF_RANGE and not may_be_share):
            continue
        value = fit_said(scale, quantity, unit_definitions)
        for choice, amount in amounts.items():
            if value is not None and math.isclose(value, amount, abs_tol=1e-6):
                found.setdefault(choice, quantity)
    return found


def unfit_amounts(
    parameter: Parameter, sentence: Sentence, unit_definitions: Mapping[str, str]
) -> list[Quantity]:
    """Return the quantities that measure what choices do and are none of them: 45 minutes of 30 and 60."""
    amounts, scale = _amounts(parameter)
    if scale is None or scale.unit is None or len(amounts) < len(parameter.choices):
        return []
    fitting = set(said_amounts(parameter, sentence, unit_definitions).values())
    return [
        quantity
        for quantity in sentence.quantities
        if quantity.unit not in {None, SHARE_OF_RANGE}
        and quantity not in fitting
        and convert(quantity.value, quantity.unit, scale.unit, unit_definitions) is not None
    ]


def _amounts(parameter: Parameter) -> tuple[dict[Scalar, float], Parameter | None]:
    """Read choices as amounts, and say what parameter takes any of them; None where they are none."""
    read = {}
    units = set()
    for choice in parameter.choices:
        match = (
            None if isinstance(choice, bool) or _means(parameter, choice) else _AMOUNT.fullmatch(str(choice))
        )
        unit = match["unit"] if match else None
        if match is None or (unit is not None and unit.lower() not in UNIT_BY_WORD):
            continue
        read[choice] = float(match["value"])
        units.add(UNIT_BY_WORD[unit.lower()] if unit else parameter.unit)
    if len(read) < _LEAST or len(units) > 1:
        return {}, None
    scale = replace(
        parameter,
        # Half of a scale of 1 to 5 is one of its numbers.
        kind=parameter.kind if parameter.meanings else ParameterKind.NUMBER,
        choices=(),
        meanings=(),
        many=False,
        unit=units.pop(),
        minimum=min(read.values()),
        maximum=max(read.values()),
    )
    return read, scale


def _means(parameter: Parameter, choice: Scalar) -> bool:
    """Whether a number is a mere code, rather than one of a scale that has words for some of its numbers only."""
    is_scale = len(parameter.meanings) < len(parameter.choices)
    return not is_scale and any(code == choice for code, _ in parameter.meanings)
