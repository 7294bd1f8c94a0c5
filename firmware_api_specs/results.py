"""What a device's JSON result means in plain language, by the marks in its output schema.

No vendor name leaves here: what is reported is named by `parley:finding`, constants by the English titles of
`oneOf`, and the vendor's message text stays on the device.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from firmware_api_specs.data_schema import DataSchema, same_json
from firmware_api_specs.units import to_common
from protocol.messages import Finding
from protocol.text import clean_sentence

Scalar = bool | int | float | str
Place = tuple[DataSchema, list[Any], bool]
"""A schema, the values that stood there (several below a list), and whether something had to stand there."""

_TEXT_LIMIT = 120
_LIST_LIMIT = 256
_UNIT_LIMIT = 32
_NUMBER_LIMIT = 10**18

SAID_NO = "The machine reported that it did not succeed."
UNREADABLE = "The machine answered, but its answer does not have the form that its description promises."


def findings_of(schema: DataSchema | None, result: Any, units: Mapping[str, str]) -> tuple[Finding, ...]:
    """List what a result shows; values that do not fit their schema are left out. Never raises."""
    found: list[Finding] = []
    for place, values, _ in _places(schema, [result], required=True):
        if place.finding is not None and values:
            finding = _finding(place, values, units)
            if finding is not None:
                found.append(finding)
    return tuple(found)


def failure_of(schema: DataSchema | None, result: Any) -> str | None:
    """Say why a result means failure: the success flag says so, or what was promised cannot be read."""
    places = list(_places(schema, [result], required=True))
    flags = [(values, required) for place, values, required in places if place.success]
    if any(value is False for values, _ in flags for value in values):
        return SAID_NO
    if any(value is not True for values, _ in flags for value in values):
        return UNREADABLE
    for place, values, required in places:
        if not (place.success or place.finding is not None):
            continue
        if required and not values:
            return UNREADABLE
        if place.finding is not None and values and _finding(place, values, {}) is None:
            return UNREADABLE
    return None


def message_of(schema: DataSchema | None, result: Any) -> str | None:
    """Join the vendor's message texts of a result, cleaned and capped; None when there is none."""
    texts = [
        clean_sentence(value)
        for place, values, _ in _places(schema, [result], required=True)
        if place.message
        for value in values
        if isinstance(value, str)
    ]
    return " ".join(text for text in texts if text) or None


def _places(schema: DataSchema | None, values: list[Any], *, required: bool) -> Iterator[Place]:
    if schema is None:
        return
    yield schema, values, required
    for name, member in (schema.properties or {}).items():
        below = [value[name] for value in values if isinstance(value, dict) and name in value]
        yield from _places(member, below, required=required and name in schema.required)
    if isinstance(schema.items, DataSchema):
        below = [item for value in values if isinstance(value, list | tuple) for item in value]
        # An empty list is an answer, so nothing below it is required.
        yield from _places(schema.items, below, required=False)
    elif schema.items is not None:
        for index, member in enumerate(schema.items):
            below = [
                value[index] for value in values if isinstance(value, list | tuple) and index < len(value)
            ]
            yield from _places(member, below, required=required)


def _finding(schema: DataSchema, values: list[Any], units: Mapping[str, str]) -> Finding | None:
    if schema.finding is None:
        return None
    if schema.finding_type == "presence":
        return _presence(schema, schema.finding, values, units)
    shown = [_value(schema, value, units) for value in values]
    flat = [scalar for entry in shown if entry is not None for scalar in entry]
    if any(entry is None for entry in shown):
        return None
    whole = not isinstance(values[0], list | tuple) and len(values) == 1
    return Finding(
        what=schema.finding, value=flat[0] if whole else tuple(flat[:_LIST_LIMIT]), unit=_unit(schema, units)
    )


def _presence(schema: DataSchema, what: str, values: list[Any], units: Mapping[str, str]) -> Finding | None:
    answers = [_is_present(schema, value) for value in values]
    if any(answer is None for answer in answers):
        return None
    present = any(answers)
    only = values[0] if len(values) == 1 else None
    if schema.present_when is not None or isinstance(only, bool) or only is None:
        return Finding(what=what, present=present)
    scalars = _value(schema, only, units)
    if not scalars:
        return Finding(what=what, present=present)
    value = tuple(scalars[:_LIST_LIMIT]) if isinstance(only, list | tuple) else scalars[0]
    return Finding(what=what, present=present, value=value, unit=_unit(schema, units))


def _is_present(schema: DataSchema, value: Any) -> bool | None:
    if schema.present_when is not None:
        return any(same_json(constant, value) for constant in schema.present_when)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value > 0 if math.isfinite(value) else None
    if isinstance(value, list | tuple):
        return bool(value)
    return None


def _value(schema: DataSchema, value: Any, units: Mapping[str, str]) -> list[Scalar] | None:
    """Read a scalar, or a list of scalars, as values in common units; None when it is neither."""
    if isinstance(value, list | tuple):
        entry = schema.items if isinstance(schema.items, DataSchema) else None
        read = [_scalar(entry or schema, item, units, schema.unit) for item in value]
        return [scalar for scalar in read if scalar is not None] if None not in read else None
    scalar = _scalar(schema, value, units, schema.unit)
    return None if scalar is None else [scalar]


def _scalar(schema: DataSchema, value: Any, units: Mapping[str, str], unit: str | None) -> Scalar | None:
    label = schema.label(value)
    if label is not None:
        return clean_sentence(label, _TEXT_LIMIT)
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return clean_sentence(value, _TEXT_LIMIT)
    if isinstance(value, int | float) and abs(value) < _NUMBER_LIMIT:  # also false for NaN
        unit = schema.unit or unit
        return to_common(value, unit, units)[0] if unit is not None else value
    return None


def _unit(schema: DataSchema, units: Mapping[str, str]) -> str | None:
    inner = schema.items.unit if isinstance(schema.items, DataSchema) else None
    unit = schema.unit or inner
    if unit is None or unit == "dimensionless":
        return None
    return to_common(1, unit, units)[1][:_UNIT_LIMIT]
