"""Gives the names of a description forms that programs can write, and finds the way back."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from firmware_api_specs.program_names import program_names
from inference.words import split_words

_NOT_IN_IDENTIFIERS = re.compile(r"[^A-Za-z0-9_.-]+")
_IDENTIFIER_CHARACTERS = 64


def wire_name(device_id: str, taken: Collection[str]) -> str:
    """Return a device's name on the wire: its id where that can be one."""
    base = _NOT_IN_IDENTIFIERS.sub("-", device_id).lstrip("_.-")[:_IDENTIFIER_CHARACTERS] or "device"
    chosen, number = base, 1
    while chosen in taken:
        number += 1
        ending = f"-{number}"
        chosen = base[: _IDENTIFIER_CHARACTERS - len(ending)] + ending
    return chosen


def plain_words(text: str, api_names: Collection[str]) -> str:
    """Write every name of the API that stands in a text as words, as the author of a plain sentence would."""
    for name in sorted(api_names, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ".join(split_words(name)), text)
    return text


@dataclass(frozen=True, slots=True)
class Renamed:
    """The names of an object's members: new name → (old name, the members below it)."""

    members: Mapping[str, tuple[str, Renamed]] = field(default_factory=dict)

    def original(self, value: Any) -> Any:
        """Return a JSON value with its old names."""
        if isinstance(value, dict):
            return {
                self.members[name][0] if name in self.members else name: (
                    self.members[name][1].original(member) if name in self.members else member
                )
                for name, member in value.items()
            }
        return value


def rename_members(schema: Mapping[str, Any]) -> tuple[dict[str, Any], Renamed]:
    """Return a JSON Schema whose members, on all levels of objects, have names that programs can write."""
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return dict(schema), Renamed()
    new: dict[str, Any] = {}
    members: dict[str, tuple[str, Renamed]] = {}
    new_name_of = dict(zip(properties, program_names(tuple(properties)), strict=True))
    for name, member in properties.items():
        below = Renamed()
        if isinstance(member, dict):
            member, below = rename_members(member)  # noqa: PLW2901 - the same member, with new names
        new[new_name_of[name]] = member
        members[new_name_of[name]] = (name, below)
    renamed = {**schema, "properties": new}
    if isinstance(schema.get("required"), list):
        renamed["required"] = [new_name_of.get(name, name) for name in schema["required"]]
    return renamed, Renamed(members)
