"""Checks the marks that say what a result means (`parley:finding`, `parley:success`, …)."""

from __future__ import annotations

from collections.abc import Iterator

from firmware_api_specs.data_schema import DataSchema
from firmware_api_specs.names import leaked_names
from firmware_api_specs.problems import Complaint, Steps
from firmware_api_specs.schema_checks import fits

_MARKS = {
    "finding": "parley:finding",
    "finding_type": "parley:findingType",
    "present_when": "parley:presentWhen",
    "success": "parley:success",
    "message": "parley:message",
}
_READABLE_PRESENCE = {"boolean", "number", "integer", "array"}
_SCALARS = {"boolean", "number", "integer", "string"}


def check_marks(output: DataSchema, steps: Steps, api_names: frozenset[str]) -> Iterator[Complaint]:
    """List what is wrong with the marks of one output."""
    places = list(_walk(output, steps))
    flags = [place for place, schema in places if schema.success and schema.type == "boolean"]
    for place in flags[1:]:
        yield (*place, _MARKS["success"]), True, "one success flag in an output", "error"
    for place, schema in places:
        yield from _kinds(schema, place)
        if schema.finding is not None:
            yield from _finding(schema, schema.finding, place, api_names)
    is_marked = any(schema.success or schema.finding is not None for _, schema in places)
    if not is_marked and any(schema.type == "boolean" for _, schema in places):
        allowed = "parley:success or parley:finding on one value, else the answer says nothing to anyone"
        yield steps, None, allowed, "warning"


def check_no_marks(schema: DataSchema, steps: Steps) -> Iterator[Complaint]:
    """List the marks that stand where they mean nothing."""
    for place, member in _walk(schema, steps):
        for field, term in _MARKS.items():
            if field in member.model_fields_set:
                yield (
                    (*place, term),
                    getattr(member, field),
                    "this term only in outputs and properties",
                    "error",
                )


def _kinds(schema: DataSchema, place: Steps) -> Iterator[Complaint]:
    if schema.success and schema.type != "boolean":
        yield (*place, _MARKS["success"]), True, f"only on a boolean, this is {schema.type}", "error"
    if schema.message and schema.type != "string":
        yield (*place, _MARKS["message"]), True, f"only on a string, this is {schema.type}", "error"
    if schema.message and schema.finding is not None:
        yield (
            (*place, _MARKS["finding"]),
            schema.finding,
            "no finding on a message, it stays on the device",
            "error",
        )
    if schema.finding is None:
        for field in ("finding_type", "present_when"):
            if field in schema.model_fields_set:
                yield (*place, _MARKS[field]), getattr(schema, field), "only beside parley:finding", "error"


def _finding(schema: DataSchema, what: str, place: Steps, api_names: frozenset[str]) -> Iterator[Complaint]:
    if leaked := leaked_names(what, api_names):
        allowed = f"plain language without the names of the API ({', '.join(leaked)})"
        yield (*place, _MARKS["finding"]), what, allowed, "error"
    if schema.finding_type == "presence":
        yield from _presence(schema, place)
    else:
        yield from _value(schema, what, place)


def _presence(schema: DataSchema, place: Steps) -> Iterator[Complaint]:
    if schema.present_when is None and schema.type not in _READABLE_PRESENCE:
        allowed = f"a list of the values that mean yes, because this is {schema.type}"
        yield (*place, _MARKS["present_when"]), None, allowed, "error"
    for index, value in enumerate(schema.present_when or ()):
        if not fits(schema, value):
            allowed = "a value that the schema itself allows"
            yield (*place, _MARKS["present_when"], index), value, allowed, "error"


def _value(schema: DataSchema, what: str, place: Steps) -> Iterator[Complaint]:
    if schema.present_when is not None:
        yield (*place, _MARKS["finding_type"]), "value", '"presence" beside parley:presentWhen', "error"
    if not _is_reportable(schema):
        yield (*place, _MARKS["finding"]), what, "on a scalar or a list of scalars", "error"
    if schema.type == "string":
        for choice in schema.choices:
            if schema.label(choice) is None:
                allowed = f'in oneOf with an English title, so that people can read "{choice}"'
                yield place, choice, allowed, "warning"


def _is_reportable(schema: DataSchema) -> bool:
    if schema.type == "array":
        return isinstance(schema.items, DataSchema) and schema.items.type in _SCALARS
    return schema.type in _SCALARS


def _walk(schema: DataSchema, steps: Steps) -> Iterator[tuple[Steps, DataSchema]]:
    yield steps, schema
    for name, member in (schema.properties or {}).items():
        yield from _walk(member, (*steps, "properties", name))
    if isinstance(schema.items, DataSchema):
        yield from _walk(schema.items, (*steps, "items"))
    else:
        for index, member in enumerate(schema.items or ()):
            yield from _walk(member, (*steps, "items", index))
