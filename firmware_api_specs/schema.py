"""Checks arguments against an action's input schema before anything is called."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

import jsonschema

from firmware_api_specs.data_schema import DataSchema
from firmware_api_specs.thing_description import Action
from protocol.errors import ErrorCode, ModelMayRetry, shorten
from protocol.text import clean_sentence

_RANGE_KEYWORDS = {
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "enum",
    "oneOf",
    "const",
}
_VALUE_KEYWORDS = {"type", *_RANGE_KEYWORDS}


class ArgumentError(ModelMayRetry):
    """A call's argument does not fit the description; speaks in the vendor's names, so it stays on the device."""

    def __init__(self, argument: str, value: object, allowed: str, code: ErrorCode) -> None:
        super().__init__(f"{argument} is {shorten(value)}; allowed: {allowed}.", code=code)
        self.argument = argument
        self.value = value
        self.allowed = allowed


def check_arguments(action: Action, arguments: Mapping[str, Any]) -> None:
    """Check a call's arguments, given in the vendor's units.

    Raises:
        ArgumentError: the first argument that is unknown, missing, of a wrong type or out of range (then with code
            `out_of_range`).
    """
    schema = action.parameters.schema if action.parameters is not None else DataSchema(type="object")
    known = schema.properties or {}
    for name, value in arguments.items():
        if name not in known:
            allowed = "one of " + ", ".join(known) if known else "no argument"
            raise ArgumentError(name, value, allowed, ErrorCode.MODEL_OUTPUT_INVALID)
        if not _is_finite(value):
            raise ArgumentError(name, value, describe(known[name]), ErrorCode.OUT_OF_RANGE)
    for name in schema.required:
        if name not in arguments:
            member = known.get(name)
            raise ArgumentError(
                name, None, describe(member) if member else "a value", ErrorCode.NEEDS_CLARIFICATION
            )
    document = schema.model_dump(mode="json", by_alias=True, exclude_unset=True)
    validator = jsonschema.Draft7Validator(document)
    for error in validator.iter_errors(dict(arguments)):
        code = (
            ErrorCode.OUT_OF_RANGE if error.validator in _RANGE_KEYWORDS else ErrorCode.MODEL_OUTPUT_INVALID
        )
        place = ".".join(str(step) for step in error.absolute_path) or "arguments"
        member = _at(schema, error.absolute_path)
        allowed = (
            describe(member) if member is not None and error.validator in _VALUE_KEYWORDS else error.message
        )
        raise ArgumentError(place, error.instance, allowed, code)


def result_problem(schema: DataSchema | None, result: Any) -> str | None:
    """Say where a result lacks the form that its description promises, or return None.

    The text speaks in the vendor's names, so it is for the log of the device alone.
    """
    if schema is None:
        return None
    if not _is_finite(result):
        return "a number is not finite"
    document = _with_null(schema.model_dump(mode="json", by_alias=True, exclude_unset=True))
    error = next(jsonschema.Draft7Validator(document).iter_errors(result), None)
    return None if error is None else clean_sentence(f"{error.json_path}: {error.message}")


def _with_null(document: Any) -> Any:
    """Write in JSON Schema what the plain form of a result says with `nullable`."""
    if isinstance(document, list):
        return [_with_null(member) for member in document]
    if not isinstance(document, dict):
        return document
    written = {term: _with_null(value) for term, value in document.items()}
    return {"anyOf": [{"type": "null"}, written]} if document.get("nullable") is True else written


def _is_finite(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_is_finite, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_is_finite, value))
    return not isinstance(value, float) or math.isfinite(value)


def _at(schema: DataSchema, path: Iterable[str | int]) -> DataSchema | None:
    """Return the description of what stands at a path into the arguments."""
    place: DataSchema | None = schema
    for step in path:
        if place is None:
            return None
        if isinstance(step, str):
            place = (place.properties or {}).get(step)
        else:
            place = place.items if isinstance(place.items, DataSchema) else None
    return place


def describe(schema: DataSchema) -> str:
    """Say in words which values a schema allows, for example "integer from 0 to 10 Stufe"."""
    if schema.choices:
        return "one of " + ", ".join(json.dumps(choice, ensure_ascii=False) for choice in schema.choices)
    if schema.type == "array" and isinstance(schema.items, DataSchema):
        return f"a list, each item {describe(schema.items)}"
    words: list[str] = [schema.type or "any value"]
    for text, bound in (
        ("from", schema.minimum),
        ("above", schema.exclusive_minimum),
        ("to", schema.maximum),
        ("below", schema.exclusive_maximum),
    ):
        if bound is not None:
            words.append(f"{text} {bound:g}")
    if schema.unit:
        words.append(schema.unit)
    return " ".join(words)
