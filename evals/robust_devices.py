"""Changes how devices describe themselves and leaves what they can do: other names, other order, more functions."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import Any

from evals.baselines import telling_words
from evals.items import Action, Device, Item
from inference.words import split_words

MORE_ACTIONS = 10
_CODE_LETTERS = 5


def renamed(item: Item, _: random.Random) -> Item | None:
    """Call every function that has a description by a code; a function without one would be lost with its name."""
    codes = {
        (device.id, action.name): _code(device.id, action.name)
        for device in item.devices
        for action in device.actions
        if action.description
    }
    if not codes:
        return None
    return _with_devices(
        item,
        [
            device.model_copy(
                update={
                    "actions": tuple(
                        action.model_copy(update={"name": codes.get((device.id, action.name), action.name)})
                        for action in device.actions
                    )
                }
            )
            for device in item.devices
        ],
        expected=tuple(
            call.model_copy(update={"action": codes.get((call.device, call.action), call.action)})
            for call in item.expected
        ),
    )


def shuffled(item: Item, _: random.Random) -> Item | None:
    """Put actions, their arguments and the states into another order, the same for every item of a device."""
    changed = [_shuffled_device(device) for device in item.devices]
    # Equality does not see the order of a mapping, but the written form does.
    if all(
        str(one.model_dump()) == str(other.model_dump())
        for one, other in zip(changed, item.devices, strict=True)
    ):
        return None
    return _with_devices(item, changed)


def add_distractors(items: Sequence[Item]) -> list[Item | None]:
    """Give the addressed devices ten more functions of devices that are in the same suite and not in the same item.

    A function is left out where it has the words of an existing name, where it would set what the device has as a
    state, and where it shares a telling word with a sentence that the same devices are expected to refuse: it might
    make the impossible possible.
    """
    by_suite: dict[str, dict[str, Device]] = {}
    refused_words: dict[tuple[str, ...], set[str]] = {}
    for item in items:
        for device in item.devices:
            by_suite.setdefault(item.suite, {}).setdefault(device.key, device)
        if not item.expected:
            refused_words.setdefault(_group(item), set()).update(telling_words(item.utterance))
    changed_by_group: dict[tuple[str, ...], list[Device] | None] = {}
    changed: list[Item | None] = []
    for item in items:
        group = _group(item)
        if group not in changed_by_group:
            others = [device for key, device in by_suite[item.suite].items() if key not in group]
            changed_by_group[group] = _with_distractors(item, others, refused_words.get(group, set()))
        devices = changed_by_group[group]
        changed.append(None if devices is None else _with_devices(item, devices))
    return changed


def _group(item: Item) -> tuple[str, ...]:
    """Name all that a device's distractors depend on, so that items with equal devices share them."""
    return (item.suite, item.context_device or "", *(device.key for device in item.devices))


def _with_distractors(item: Item, others: Sequence[Device], refused: set[str]) -> list[Device] | None:
    random_source = _random("distractors", *(device.key for device in item.devices))
    own = [action for device in item.devices for action in device.actions]
    taken = {_words(action.name) for action in own}
    said = {action.description for action in own if action.description}
    states = {name for device in item.devices for name in device.state}
    pool = [action for device in others for action in device.actions]
    chosen: list[Action] = []
    for action in random_source.sample(pool, len(pool)):
        words = telling_words(f"{action.name} {action.description}")
        if (
            _words(action.name) in taken
            or action.description in said
            or states & action.arguments.keys()
            or words & refused
        ):
            continue
        taken.add(_words(action.name))
        chosen.append(action)
        if len(chosen) == MORE_ACTIONS:
            break
    if not chosen:
        return None
    addressed = [device.id for device in item.addressed]
    devices = []
    for device in item.devices:
        actions = list(device.actions)
        more = chosen[addressed.index(device.id) :: len(addressed)] if device.id in addressed else []
        for action in more:
            actions.insert(random_source.randint(0, len(actions)), action)
        devices.append(device.model_copy(update={"actions": tuple(actions)}))
    return devices


def _shuffled_device(device: Device) -> Device:
    random_source = _random("shuffled", device.key)
    actions = [
        action.model_copy(update={"input": _shuffled_schema(action.input, random_source)})
        for action in device.actions
    ]
    random_source.shuffle(actions)
    states = list(device.state.items())
    random_source.shuffle(states)
    return device.model_copy(update={"actions": tuple(actions), "state": dict(states)})


def _shuffled_schema(schema: dict[str, Any] | None, random_source: random.Random) -> dict[str, Any] | None:
    if schema is None or not isinstance(schema.get("properties"), dict):
        return schema
    members = list(schema["properties"].items())
    random_source.shuffle(members)
    return {**schema, "properties": dict(members)}


def _with_devices(item: Item, devices: Sequence[Device], **more: Any) -> Item:
    # Copies keep what the original has computed, its key among it, so every device is built anew.
    built = tuple(
        Device(**{name: getattr(device, name) for name in Device.model_fields}) for device in devices
    )
    return item.model_copy(update={"devices": built, **more})


def _code(device: str, action: str) -> str:
    """Return five letters that say nothing; hashed, so that every item of a device has the same."""
    digest = hashlib.sha256(f"{device}\n{action}".encode("utf-8", "surrogatepass")).digest()
    return "x" + "".join(chr(ord("a") + byte % 26) for byte in digest[:_CODE_LETTERS])


def _words(name: str) -> tuple[str, ...]:
    return tuple(split_words(name)) or (name,)


def _random(*parts: str) -> random.Random:
    return random.Random("\n".join(parts))  # noqa: S311 - repeatable test data
