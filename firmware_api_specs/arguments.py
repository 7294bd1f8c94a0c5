"""Reads what a program may pass to an action: scalars, lists of scalars, and objects of these.

An object is taken apart: each of its members is an argument of its own, with the path to where it belongs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from firmware_api_specs.clock_format import ClockFormat, clock_format
from firmware_api_specs.data_schema import DataSchema
from firmware_api_specs.duration_format import DurationFormat, duration_format
from firmware_api_specs.implied_units import unit_of

ScalarType = Literal["integer", "number", "string", "boolean"]
Path = tuple[str, ...]
SCALAR_TYPES = ("integer", "number", "string", "boolean")
OBJECT_LEVELS = 2
"""How deep objects may be nested in an argument."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One value that a program may pass. Bounds are inclusive and, like `unit`, the vendor's own.

    Attributes:
        name: of the argument, or of the member of an object.
        path: the argument's name, then the names of members down to `name`.
        type: of the value, or of an item where it is a list.
        required: whether every call must pass it.
        needed_with: path of the optional object that must not be passed without this member.
        unit: of the value or item, stated or at the end of the name; so are `minimum`, `maximum` and `choices`.
        clock: how a time of day is written, where it is one.
        duration: how a duration is written, where it is a text that is one.
        schema: the description of the value.
        item: the description of the value or of an item.
    """

    name: str
    path: Path
    type: ScalarType
    required: bool
    needed_with: Path | None
    unit: str | None
    minimum: float | None
    maximum: float | None
    choices: tuple[bool | int | float | str, ...]
    clock: ClockFormat | None
    duration: DurationFormat | None
    schema: DataSchema
    item: DataSchema

    @property
    def is_list(self) -> bool:
        """Whether the value is a list of items."""
        return self.schema is not self.item

    @property
    def native(self) -> str:
        """What the argument means, in the vendor's language."""
        return self.schema.native or self.item.native

    @property
    def english(self) -> str:
        """What the argument means, in English where the description has it."""
        return self.schema.english or self.item.english


@dataclass(frozen=True, slots=True)
class Arguments:
    """All that a program may pass to an action.

    Attributes:
        values: required ones first, else in the order of the description.
        required_objects: paths of objects that must be there wherever the object around them is, outer ones first.
    """

    values: tuple[Argument, ...] = ()
    required_objects: tuple[Path, ...] = ()


def read_arguments(schema: DataSchema | None) -> Arguments | None:
    """Read what an action takes, an object; None where a program cannot pass what the action requires."""
    if schema is None:
        return None
    read = _members(schema, (), None)
    if read is None:
        return None
    return Arguments(
        tuple(sorted(read.values, key=lambda argument: not argument.required)), read.required_objects
    )


def unwritable(schema: DataSchema, levels: int = OBJECT_LEVELS) -> Iterator[tuple[tuple[str, ...], object]]:
    """List what keeps a program from passing a value: where the trouble stands below it, and the type there."""
    if schema.type == "object" and levels:
        if not schema.properties:
            yield ("properties",), None
        for name, member in (schema.properties or {}).items():
            for place, found in unwritable(member, levels - 1):
                yield ("properties", name, *place), found
    elif schema.type == "array" and isinstance(schema.items, DataSchema):
        if schema.items.type not in SCALAR_TYPES:
            yield ("items", "type"), schema.items.type
    elif schema.type == "array":
        yield ("items",), schema.items
    elif schema.type not in SCALAR_TYPES:
        yield ("type",), schema.type


def _members(schema: DataSchema, path: Path, optional: Path | None) -> Arguments | None:
    """Read an object's members; `optional` is the innermost optional object that has this one in it always."""
    values: list[Argument] = []
    objects: list[Path] = []
    known = schema.properties or {}
    if not set(schema.required) <= set(known):
        return None
    for name, member in known.items():
        place, is_required = (*path, name), name in schema.required
        needed_with = optional if is_required else place
        read = _value(member, place, is_required=is_required, optional=needed_with)
        if read is None and is_required:
            return None
        if read is not None:
            values += read.values
            objects += read.required_objects
    return Arguments(tuple(values), tuple(objects))


def _value(schema: DataSchema, path: Path, *, is_required: bool, optional: Path | None) -> Arguments | None:
    if schema.type == "object":
        if len(path) > OBJECT_LEVELS or not schema.properties:
            return None
        inner = _members(schema, path, optional)
        if inner is None:
            return None
        return Arguments(
            inner.values, ((path, *inner.required_objects) if is_required else inner.required_objects)
        )
    item = schema.items if schema.type == "array" else schema
    if not isinstance(item, DataSchema) or item.type not in SCALAR_TYPES:
        return None
    return Arguments((_argument(schema, item, path, is_required=is_required, optional=optional),))


def _argument(
    schema: DataSchema, item: DataSchema, path: Path, *, is_required: bool, optional: Path | None
) -> Argument:
    minimum, maximum = _bounds(item)
    duration = duration_format(path[-1], schema, item)
    return Argument(
        name=path[-1],
        path=path,
        type=item.type,  # type: ignore[arg-type]  # the caller has sorted out what is not a scalar
        required=is_required and optional is None,
        needed_with=optional if is_required else None,
        unit=unit_of(path[-1], schema, item),
        minimum=minimum,
        maximum=maximum,
        choices=item.choices,
        clock=None if duration else clock_format(schema, item),
        duration=duration,
        schema=schema,
        item=item,
    )


def _bounds(item: DataSchema) -> tuple[float | None, float | None]:
    """Return both bounds as inclusive ones, whole for integers."""
    lows, highs = [item.minimum], [item.maximum]
    if item.exclusive_minimum is not None:
        lows.append(math.nextafter(item.exclusive_minimum, math.inf))
    if item.exclusive_maximum is not None:
        highs.append(math.nextafter(item.exclusive_maximum, -math.inf))
    low = max((bound for bound in lows if bound is not None), default=None)
    high = min((bound for bound in highs if bound is not None), default=None)
    if item.type == "integer":
        return None if low is None else math.ceil(low), None if high is None else math.floor(high)
    return low, high
