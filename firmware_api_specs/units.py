"""Units of a description: pint's names, and the vendor's own ones defined by `parley:units`."""

from __future__ import annotations

import math
import tokenize
from collections.abc import Mapping
from functools import cache

import pint

# Whatever pint's parser, which is Python's tokenizer, raises for a text that is no unit.
_UNREADABLE = (
    pint.PintError,
    ValueError,
    TypeError,
    AttributeError,
    KeyError,
    AssertionError,
    SyntaxError,
    tokenize.TokenError,
)


@cache
def _registry() -> pint.UnitRegistry:
    return pint.UnitRegistry(autoconvert_offset_to_baseunit=True)


def is_unit(unit: str) -> bool:
    """Whether pint knows `unit` ("m/s", "degree", "percent"; "dimensionless" for a pure number)."""
    try:
        _registry().Unit(unit)
    except _UNREADABLE:
        return False
    return True


def definition_factor(definition: str) -> tuple[float, str] | None:
    """Read a definition such as "0.5 m" as its number and its unit; None when pint cannot read it."""
    try:
        quantity = _registry().Quantity(definition)
        factor = float(quantity.magnitude)
    except (*_UNREADABLE, ArithmeticError):
        return None
    if not math.isfinite(factor) or factor == 0:
        return None
    return factor, f"{quantity.units}"


def to_common(value: float, unit: str, units: Mapping[str, str]) -> tuple[float, str]:
    """Express a value in a unit everybody knows: a vendor's own unit is replaced by its definition."""
    defined = definition_factor(units[unit]) if unit in units else None
    if defined is None:
        return value, unit
    factor, common = defined
    converted = float(f"{value * factor:.12g}")
    return (int(converted) if converted.is_integer() else converted), common


def converted(value: float, unit: str, wanted: str) -> float | None:
    """Express a value in another of pint's units, to twelve digits; None where the one cannot become the other."""
    try:
        magnitude = float(_registry().Quantity(value, unit).to(wanted).magnitude)
    except (*_UNREADABLE, ArithmeticError):
        return None
    if not math.isfinite(magnitude):
        return None
    told = float(f"{magnitude:.12g}")
    return int(told) if told.is_integer() else told
