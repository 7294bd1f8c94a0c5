"""What JSON values and schemas have in common: the type of values, and one schema made of two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from firmware_api_specs.data_schema import same_json

ANNOTATIONS = frozenset({"title", "titles", "description", "descriptions", "default", "examples", "unit"})
"""Terms that say something of a value and forbid none."""


def merged_schema(part: Mapping[str, Any], rest: Mapping[str, Any]) -> dict[str, Any] | None:
    """Put two schemas together that a value must both fit; None where they say different things of the same."""
    merged = dict(part)
    for term, value in rest.items():
        if term not in merged or term in ANNOTATIONS or same_json(merged[term], value):
            merged[term] = value
        elif term in {"properties", "$defs", "definitions"} and _agree(merged[term], value):
            merged[term] = {**merged[term], **value}
        elif term == "required" and isinstance(value, list) and isinstance(merged[term], list):
            merged[term] = list(dict.fromkeys([*merged[term], *value]))
        elif term == "type" and {str(merged[term]), str(value)} == {"integer", "number"}:
            merged[term] = "integer"
        else:
            return None
    return merged


def _agree(left: Any, right: Any) -> bool:
    return (
        isinstance(left, Mapping)
        and isinstance(right, Mapping)
        and all(same_json(left[name], right[name]) for name in left if name in right)
    )


def references_in(value: Any) -> Iterator[str]:
    """List the references anywhere in a JSON value."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            if isinstance(one.get("$ref"), str):
                yield one["$ref"]
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def kind_of(value: Any) -> str:
    """Return the JSON type of a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    known = ((int, "integer"), (float, "number"), (str, "string"), (list, "array"), (dict, "object"))
    return next((name for python, name in known if isinstance(value, python)), "string")


def is_of_kind(kind: str, value: Any) -> bool:
    """Whether a value has a JSON type; whole numbers are numbers too, however they are written."""
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    types: dict[str, tuple[type, ...]] = {
        "number": (int, float),
        "string": (str,),
        "array": (list, tuple),
        "object": (dict,),
        "null": (type(None),),
    }
    return kind in types and isinstance(value, types[kind])


def most_common_kind(values: Sequence[Any]) -> str:
    """Return the type of most of some values, of the first ones where there are as many of another."""
    kinds = [kind_of(value) for value in values]
    if "number" in kinds:
        kinds = ["number" if kind == "integer" else kind for kind in kinds]
    return max(dict.fromkeys(kinds), key=kinds.count)


def each_once(values: Sequence[Any]) -> list[Any]:
    """Return JSON values in their order, each once."""
    once: list[Any] = []
    for value in values:
        if not any(same_json(value, other) for other in once):
            once.append(value)
    return once
