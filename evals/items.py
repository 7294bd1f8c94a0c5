"""Evaluation items: one sentence, the devices there are, and the calls that it asks for. See docs/evals.md for the form."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Action(_Part):
    """Something a device can be told to do. `input` is a JSON Schema of type object; None takes no arguments."""

    name: str = Field(min_length=1)
    description: str = ""
    input: dict[str, Any] | None = None

    @property
    def arguments(self) -> Mapping[str, Mapping[str, Any]]:
        """The JSON Schema of each argument, by name."""
        properties = (self.input or {}).get("properties")
        if not isinstance(properties, dict):
            return {}
        return {name: schema if isinstance(schema, dict) else {} for name, schema in properties.items()}

    @property
    def required(self) -> frozenset[str]:
        """The names of the arguments that a call must give."""
        required = (self.input or {}).get("required")
        return frozenset(required) if isinstance(required, list) else frozenset()


class Device(_Part):
    """One device. `state` holds present values under the names of the arguments that set them."""

    id: str = Field(min_length=1)
    title: str = ""
    description: str = ""
    actions: tuple[Action, ...] = ()
    state: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _name_each_action_once(self) -> Self:
        _each_once("actions", [action.name for action in self.actions])
        return self

    @cached_property
    def key(self) -> str:
        """A text that two devices share only if they are the same in everything, state included."""
        written = json.dumps(self.model_dump(), sort_keys=True, default=str)
        return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()

    def action(self, name: str) -> Action | None:
        """Return one action by its name."""
        return next((action for action in self.actions if action.name == name), None)


class ExpectedCall(_Part):
    """One call that must be made.

    `accept` lists, for an argument, further values that are right; None among them means that the argument may be left
    out.
    """

    device: str
    action: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    accept: dict[str, tuple[Any, ...]] = Field(default_factory=dict)


class Item(_Part):
    """One sentence with everything needed to grade what is made of it.

    Attributes:
        devices: those that can be told something.
        expected: the calls, in any order; none where nothing may be called.
        context_device: the device that the person speaks to, if any.
        part: "test" or "dev", where a collection sets some items apart for development.
        suite: which file it came from, in one word; set by the loader.
    """

    id: str = Field(min_length=1)
    source: str = ""
    utterance: str = Field(min_length=1)
    devices: tuple[Device, ...] = Field(min_length=1)
    expected: tuple[ExpectedCall, ...]
    tags: tuple[str, ...] = ()
    context_device: str | None = None
    part: Literal["", "dev", "test"] = ""
    suite: str = ""

    @model_validator(mode="after")
    def _refer_to_what_exists(self) -> Self:
        ids = [device.id for device in self.devices]
        _each_once("devices", ids)
        if self.context_device is not None:
            _one_of("context_device", self.context_device, ids)
        for index, call in enumerate(self.expected):
            place = f"expected.{index}"
            _one_of(f"{place}.device", call.device, ids)
            device = self.device(call.device)
            _one_of(f"{place}.action", call.action, [action.name for action in device.actions])
            action = device.action(call.action)
            known = list(action.arguments) if action else []
            for name in call.arguments:
                _one_of(f"{place}.arguments", name, known)
            for name in call.accept:
                _one_of(f"{place}.accept", name, known)
        return self

    def device(self, device_id: str) -> Device:
        """Return one device by its id.

        Raises:
            KeyError: there is no such device.
        """
        for device in self.devices:
            if device.id == device_id:
                return device
        raise KeyError(device_id)

    @property
    def addressed(self) -> tuple[Device, ...]:
        """The devices that the sentence may be about: the one spoken to, else all."""
        return self.devices if self.context_device is None else (self.device(self.context_device),)


class Call(_Part):
    """One call that was made, in the device's own names."""

    device: str
    action: str
    arguments: dict[str, Any] = Field(default_factory=dict)


def _each_once(field: str, names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise _wrong(field, name, "each name once")


def _one_of(field: str, name: str, known: Sequence[str]) -> None:
    if name not in known:
        raise _wrong(field, name, f"one of {', '.join(known) or 'nothing, there is none'}")


def _wrong(field: str, value: object, allowed: str) -> PydanticCustomError:
    return PydanticCustomError(
        "wrong_item", "{allowed}", {"field": field, "value": value, "allowed": allowed}
    )
