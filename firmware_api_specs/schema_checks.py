"""Checks data schemas: types, bounds, enumerations, units."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from firmware_api_specs.data_schema import DataSchema, same_json
from firmware_api_specs.json_forms import is_of_kind
from firmware_api_specs.problems import Complaint, Steps
from firmware_api_specs.units import is_unit


def check_schema(
    schema: DataSchema, steps: Steps, units: Mapping[str, str], *, is_input: bool
) -> Iterator[Complaint]:
    """List what is wrong in a schema and all below it."""
    yield from _bounds(schema, steps)
    yield from _pattern(schema, steps)
    yield from _choices(schema, steps, is_input=is_input)
    yield from _required(schema, steps)
    yield from _unit(schema, steps, units, is_input=is_input)
    if "default" in schema.model_fields_set and not fits(schema, schema.default):
        yield (*steps, "default"), schema.default, "a value that the schema itself allows", "error"
    for name, member in (schema.properties or {}).items():
        yield from check_schema(member, (*steps, "properties", name), units, is_input=is_input)
    if isinstance(schema.items, DataSchema):
        yield from check_schema(schema.items, (*steps, "items"), units, is_input=is_input)
    else:
        for index, member in enumerate(schema.items or ()):
            yield from check_schema(member, (*steps, "items", index), units, is_input=is_input)


def fits(schema: DataSchema, value: Any) -> bool:
    """Whether a value has the schema's type, lies within its bounds and is among its choices."""
    if schema.type is not None and not is_of_kind(schema.type, value):
        return False
    if schema.choices and not any(same_json(choice, value) for choice in schema.choices):
        return False
    if isinstance(value, int | float) and not isinstance(value, bool):
        low = -math.inf if schema.minimum is None else schema.minimum
        high = math.inf if schema.maximum is None else schema.maximum
        return low <= value <= high
    return True


def _bounds(schema: DataSchema, steps: Steps) -> Iterator[Complaint]:
    pairs = (
        ("minimum", schema.minimum, "maximum", schema.maximum),
        ("minLength", schema.minimum_length, "maxLength", schema.maximum_length),
        ("minItems", schema.minimum_items, "maxItems", schema.maximum_items),
    )
    for low_term, low, high_term, high in pairs:
        if low is not None and high is not None and low > high:
            yield (*steps, low_term), low, f"at most {high:g}, which is {high_term}", "error"
    low, high = schema.exclusive_minimum, schema.exclusive_maximum
    ends = ((low, high), (low, schema.maximum), (schema.minimum, high))
    if any(left is not None and right is not None and left >= right for left, right in ends):
        term = "exclusiveMinimum" if low is not None else "exclusiveMaximum"
        yield (*steps, term), low if low is not None else high, "bounds with a value between them", "error"
    if schema.type not in {None, "integer", "number"}:
        for term in ("minimum", "maximum"):
            bound = getattr(schema, term)
            if bound is not None:
                yield (*steps, term), bound, f"no bound on a {schema.type}", "error"


def _pattern(schema: DataSchema, steps: Steps) -> Iterator[Complaint]:
    if schema.pattern is None:
        return
    try:
        re.compile(schema.pattern)
    except re.error:
        yield (*steps, "pattern"), schema.pattern, "a regular expression", "error"


def _choices(schema: DataSchema, steps: Steps, *, is_input: bool) -> Iterator[Complaint]:
    for index, choice in enumerate(schema.one_of or ()):
        place: Steps = (*steps, "oneOf", index)
        if not choice.has_constant:
            if is_input:
                yield (*place, "const"), None, "a constant, each of oneOf is one allowed value", "error"
        elif schema.type is not None and not is_of_kind(schema.type, choice.const):
            yield (*place, "const"), choice.const, f"a value of type {schema.type}", "error"
    for index, value in enumerate(schema.enum or ()):
        if schema.type is not None and not is_of_kind(schema.type, value):
            yield (*steps, "enum", index), value, f"a value of type {schema.type}", "error"
    term = "enum" if schema.enum is not None else "oneOf"
    for index in _repeated(schema.choices):
        yield (*steps, term, index), schema.choices[index], "each value once", "error"


def _required(schema: DataSchema, steps: Steps) -> Iterator[Complaint]:
    known = schema.properties or {}
    for index, name in enumerate(schema.required):
        if name not in known:
            yield (
                (*steps, "required", index),
                name,
                "one of " + (", ".join(known) or "no properties"),
                "error",
            )
    for index in _repeated(schema.required):
        yield (*steps, "required", index), schema.required[index], "each name once", "error"


def _unit(
    schema: DataSchema, steps: Steps, units: Mapping[str, str], *, is_input: bool
) -> Iterator[Complaint]:
    if schema.unit is not None:
        if schema.unit not in units and not is_unit(schema.unit):
            own = ", ".join(units) or "none so far"
            allowed = f"a unit that pint knows, or one defined in parley:units ({own})"
            yield (*steps, "unit"), schema.unit, allowed, "error"
        return
    reported = schema.finding is not None and schema.finding_type == "value"
    if schema.type == "number" and not schema.choices and (is_input or reported):
        yield (*steps, "unit"), None, 'a unit; "dimensionless" for a pure number', "warning"


def _repeated(values: Sequence[Any]) -> list[int]:
    return [
        index
        for index, value in enumerate(values)
        if any(same_json(value, earlier) for earlier in values[:index])
    ]
