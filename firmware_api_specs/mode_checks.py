"""Checks that a description's modes fit together: every one is known, can be reached, and can be left again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from firmware_api_specs.data_schema import DataSchema
from firmware_api_specs.problems import Complaint, Step, Steps
from firmware_api_specs.safeguard_checks import readable_properties
from firmware_api_specs.thing_description import ThingDescription

_LISTS_MODES = "a property of type string whose enum (or oneOf) lists the modes"


def check_modes(td: ThingDescription) -> Iterator[Complaint]:
    """List what is wrong with the modes of a description."""
    told = td.properties.get(td.mode_property or "")
    listed = told is not None and _lists_modes(told)
    if td.mode_property is not None and (told is None or not listed):
        names = ", ".join(name for name, prop in td.properties.items() if _lists_modes(prop))
        yield ("parley:modeProperty",), td.mode_property, f"{_LISTS_MODES}: {names or 'none so far'}", "error"
    if told is not None and td.mode_property is not None:
        if td.mode_property not in readable_properties(td):
            yield ("parley:modeProperty",), td.mode_property, "a property that can be read", "error"
        if not told.observable:
            allowed = "true, because the mode of a machine may change at any time"
            yield ("properties", td.mode_property, "observable"), False, allowed, "warning"
    if td.initial_mode is None:
        if td.modes or td.mode_property is not None:
            modes = f" ({', '.join(td.modes)})" if td.modes else ""
            allowed = f"the mode it starts in{modes}, because modes are used here"
            yield ("parley:initialMode",), None, allowed, "error"
        return
    safe = td.actions.get(td.safe_action or "")
    if safe is not None and safe.modes_from is not None and not set(td.modes) <= set(safe.modes_from):
        allowed = "an action that may be called in every mode"
        yield ("parley:safeAction",), td.safe_action, allowed, "error"
    unknown = list(_unknown(td, told if listed else None))
    yield from unknown
    if not unknown:
        yield from _stuck(td, told if listed else None)


def _lists_modes(prop: DataSchema) -> bool:
    return prop.type == "string" and bool(prop.choices) and all(isinstance(one, str) for one in prop.choices)


def _unknown(td: ThingDescription, told: DataSchema | None) -> Iterator[Complaint]:
    """Modes that the mode property does not list or, without one, that nothing leads to."""
    if told is not None:
        known = list(told.choices)
        allowed = f"a mode that {td.mode_property} lists: {', '.join(known)}"
    else:
        known = sorted({str(td.initial_mode), *(to for _, to in _targets(td))})
        allowed = f"a mode the device can be in: {', '.join(known)}"
    used: list[tuple[Steps, str]] = [(("parley:initialMode",), str(td.initial_mode))]
    for name, action in td.actions.items():
        used += [
            (("actions", name, "parley:modesFrom", index), mode)
            for index, mode in enumerate(action.modes_from or ())
        ]
    used += [(("actions", name, "parley:modeTo"), mode) for name, mode in _targets(td)]
    for steps, mode in used:
        if mode not in known:
            yield steps, mode, allowed, "error"


def _stuck(td: ThingDescription, told: DataSchema | None) -> Iterator[Complaint]:
    """Modes that nothing reaches, or that nothing leaves. A listed one may be entered by the machine itself."""
    targets = {mode for _, mode in _targets(td)}
    by_itself = [mode for mode in (told.choices if told else ()) if mode not in {td.initial_mode, *targets}]
    reached = _reached(td, [str(td.initial_mode), *by_itself])
    for name, action in td.actions.items():
        if action.modes_from is not None and reached.isdisjoint(action.modes_from):
            allowed = f"a mode that can be reached from {td.initial_mode}: {', '.join(sorted(reached))}"
            yield ("actions", name, "parley:modesFrom"), list(action.modes_from), allowed, "error"
    for index, mode in enumerate(told.choices if told else ()):
        if mode in by_itself:
            term: Step = "enum" if told and told.enum is not None else "oneOf"
            allowed = "a mode that some action leads to, unless the machine enters it by itself"
            yield ("properties", str(td.mode_property), term, index), mode, allowed, "warning"
    entered = set()
    for name, mode in _targets(td):
        if mode in reached and mode not in entered and not _is_left(td, mode):
            allowed = "a mode that some action leads out of; out of this one, only a person can bring it"
            yield ("actions", name, "parley:modeTo"), mode, allowed, "warning"
        entered.add(mode)


def _targets(td: ThingDescription) -> list[tuple[str, str]]:
    """List which action leads to which mode."""
    return [(name, action.mode_to) for name, action in td.actions.items() if action.mode_to is not None]


def _reached(td: ThingDescription, start: Iterable[str]) -> set[str]:
    reached, grown = set(start), True
    while grown:
        found = {
            action.mode_to
            for action in td.actions.values()
            if action.mode_to is not None
            and (action.modes_from is None or not reached.isdisjoint(action.modes_from))
        }
        grown = not found <= reached
        reached |= found
    return reached


def _is_left(td: ThingDescription, mode: str) -> bool:
    return any(
        action.mode_to not in {None, mode} and (action.modes_from is None or mode in action.modes_from)
        for action in td.actions.values()
    )
