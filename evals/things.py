"""Turns a device of an evaluation item into a Thing Description, the form in which device agents get to know a machine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evals.items import Device
from evals.names import Renamed, plain_words, rename_members
from firmware_api_specs.checks import TD_CONTEXTS
from firmware_api_specs.data_schema import EXTENSION_IRI
from firmware_api_specs.json_forms import kind_of
from firmware_api_specs.loader import load
from firmware_api_specs.names import is_technical
from firmware_api_specs.plain_schema import plain_input
from firmware_api_specs.program_names import program_name, program_names
from firmware_api_specs.thing_description import ThingDescription
from firmware_api_specs.units import is_unit
from inference.words import split_words
from protocol.errors import InputError
from protocol.text import SENTENCE_LIMIT, clean_sentence

_TITLE_CHARACTERS = 120
_KIND_CHARACTERS = 40
_ABILITY_CHARACTERS = 120
_ABILITIES = 64
_NOT_IN_KINDS = re.compile(r"[^\w '-]+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s")


@dataclass(frozen=True, slots=True)
class Thing:
    """A device as its agent knows it, and the way back to the item's own names.

    Attributes:
        device: as the item has it.
        description: what the agent is given.
        actions: the action's own name and its arguments' by the name that programs use.
        readings: the key of `device.state` by the name of the property that reads it.
        left_out: what a description cannot express, one line each.
    """

    device: Device
    description: ThingDescription
    actions: Mapping[str, tuple[str, Renamed]]
    readings: Mapping[str, str]
    left_out: tuple[str, ...]


def thing_of(device: Device) -> Thing:
    """Describe a device. What cannot be described is left out and listed, never an error."""
    builder = _Builder(device)
    return builder.build()


class _Builder:
    def __init__(self, device: Device) -> None:
        self._device = device
        self._left_out: list[str] = []
        self._api_names = {action.name for action in device.actions if is_technical(action.name)}
        self._api_names |= {
            name for action in device.actions for name in action.arguments if is_technical(name)
        }
        self._api_names |= {name for name in device.state if is_technical(name)}

    def build(self) -> Thing:
        actions, renamed = self._actions()
        properties, readings = self._properties(set(actions))
        description = _loaded(self._document(actions, properties))
        if description is None:
            for group, what in ((actions, "action"), (properties, "state")):
                self._keep_what_loads(group, "actions" if what == "action" else "properties", what)
            description = load(self._document(actions, properties))
        callable_names = {affordance.name for affordance in description.affordances()}
        for name in [name for name in actions if name not in callable_names]:
            self._leave_out("action", name, "it needs an argument that programs cannot pass")
            del actions[name]
        if len(actions) < len(description.actions):
            description = load(self._document(actions, properties))
        return Thing(
            device=self._device,
            description=description,
            actions={name: renamed[name] for name in actions},
            readings={name: key for name, key in readings.items() if name in properties},
            left_out=tuple(self._left_out),
        )

    def _actions(self) -> tuple[dict[str, Any], dict[str, tuple[str, Renamed]]]:
        actions: dict[str, Any] = {}
        renamed: dict[str, tuple[str, Renamed]] = {}
        names = [action.name for action in self._device.actions]
        name_of = dict(zip(names, program_names(names, are_functions=True), strict=True))
        for action in self._device.actions:
            name = name_of[action.name]
            described: dict[str, Any] = {"forms": [{"href": f"actions/{len(actions)}"}]}
            if action.description:
                described["description"] = action.description
            below = Renamed()
            if action.input:
                schema, below = rename_members(_plain(action.input))
                described["input"] = self._usable(schema, action.name)
            actions[name] = described
            renamed[name] = (action.name, below)
        return actions, renamed

    def _properties(self, taken: set[str]) -> tuple[dict[str, Any], dict[str, str]]:
        properties: dict[str, Any] = {}
        readings: dict[str, str] = {}
        for key, value in self._device.state.items():
            # A property may not be called like an action; an underscore leaves its words as they are.
            name = program_name(key, (), is_function=True)
            while name in taken or name in properties:
                name += "_"
            properties[name] = {
                **self._schema_of_state(key, value),
                "readOnly": True,
                "forms": [{"href": f"properties/{len(properties)}"}],
            }
            readings[name] = key
        return properties, readings

    def _schema_of_state(self, key: str, value: Any) -> dict[str, Any]:
        """Describe a state as the argument of the same name is; by its value where there is no such argument."""
        for action in self._device.actions:
            if key in action.arguments:
                plain = _plain({**(action.input or {}), "properties": action.arguments})
                schema, _ = rename_members(plain["properties"][key])
                return self._usable(schema, key)
        return {} if value is None else {"type": kind_of(value)}

    def _usable(self, schema: dict[str, Any], where: str) -> dict[str, Any]:
        """Take out units that cannot be converted."""
        usable: dict[str, Any] = {}
        for key, value in schema.items():
            if key == "unit" and not (isinstance(value, str) and is_unit(value)):
                self._left_out.append(f"{self._device.id}: the unit {value!r} in {where}: not known")
            elif key == "properties" and isinstance(value, dict):
                usable[key] = {
                    name: self._usable(member, where) if isinstance(member, dict) else member
                    for name, member in value.items()
                }
            elif key == "items" and isinstance(value, dict):
                usable[key] = self._usable(value, where)
            else:
                usable[key] = value
        return usable

    def _keep_what_loads(self, group: dict[str, Any], term: str, what: str) -> None:
        for name in list(group):
            trouble = self._trouble(term, name, group[name])
            if trouble is not None and term == "actions":
                self._leave_out_arguments(name, group[name])
                trouble = self._trouble(term, name, group[name])
            if trouble is not None:
                self._leave_out(what, name, trouble)
                del group[name]

    def _leave_out_arguments(self, name: str, action: dict[str, Any]) -> None:
        """Take out the optional arguments that cannot be described: the action can be called without."""
        entered = action.get("input", {})
        members, required = entered.get("properties"), entered.get("required", [])
        if not isinstance(members, dict) or not isinstance(required, list):
            return
        for argument in [argument for argument in members if argument not in required]:
            alone = {**action, "input": {"type": "object", "properties": {argument: members[argument]}}}
            trouble = self._trouble("actions", name, alone)
            if trouble is not None:
                self._leave_out("argument", f"{argument} of {name}", trouble)
                del members[argument]

    def _trouble(self, term: str, name: str, described: Mapping[str, Any]) -> str | None:
        try:
            load(self._document({}, {}) | {term: {name: described}})
        except InputError as error:
            return str(error)
        return None

    def _leave_out(self, what: str, name: str, why: str) -> None:
        self._left_out.append(f"{self._device.id}: the {what} {name}: {why}")

    def _document(self, actions: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
        title = self._line(self._device.title, _TITLE_CHARACTERS)
        title = title or " ".join(split_words(self._device.id)) or "Device"
        return {
            "@context": [TD_CONTEXTS[0], {"parley": EXTENSION_IRI, "@language": "en"}],
            "title": title,
            "description": self._line(self._device.description) or title,
            "security": "nosec_sc",
            "securityDefinitions": {"nosec_sc": {"scheme": "nosec"}},
            "parley:kind": _kind(title),
            "parley:abilities": self._abilities(),
            "actions": dict(actions),
            "properties": dict(properties),
        }

    def _abilities(self) -> list[str]:
        """Say in one plain sentence each what the device can do, as the author of a description is asked to."""
        found: dict[str, None] = {}
        for action in self._device.actions:
            first = _SENTENCE_END.split(self._line(action.description))[0]
            ability = clean_sentence(first or " ".join(split_words(action.name)), _ABILITY_CHARACTERS)
            if ability:
                found[ability] = None
        return list(found)[:_ABILITIES]

    def _line(self, text: str, limit: int = SENTENCE_LIMIT) -> str:
        return clean_sentence(plain_words(text, self._api_names), limit)


def _plain(entered: Mapping[str, Any]) -> dict[str, Any]:
    """Write the input of an action plainly; items come from collections that have it in many ways."""
    plain: dict[str, Any] = plain_input({"type": "object", **entered}, guess=True)
    return plain


def _loaded(document: Mapping[str, Any]) -> ThingDescription | None:
    try:
        return load(document)
    except InputError:
        return None


def _kind(title: str) -> str:
    """Make a common noun of a title: people call devices by their titles, and plans call them by their kinds."""
    words = _NOT_IN_KINDS.sub(" ", clean_sentence(title)).split()
    kind = " ".join(words).lower().lstrip("' -")
    if len(kind) > _KIND_CHARACTERS:
        kind = kind[: _KIND_CHARACTERS + 1].rsplit(" ", 1)[0][:_KIND_CHARACTERS]
    return kind or "device"
