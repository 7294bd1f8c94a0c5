"""The modes of a device, taken from its Thing Description: for the check of a program, and in words for people."""

from __future__ import annotations

from typing import Any

from device_agent.drivers.port import Driver
from device_agent.readings import reading_of
from firmware_api_specs.thing_description import ThingDescription
from fsm.modes import CallModes, ModeAutomaton
from inference.words import split_words
from protocol.clock import Clock


def automaton_of(description: ThingDescription) -> ModeAutomaton:
    """Return what each function of a device, under the name that programs write, has to do with the device's modes."""
    calls = {
        affordance.name: CallModes(
            allowed_in=None
            if affordance.action.modes_from is None
            else frozenset(affordance.action.modes_from),
            leads_to=affordance.action.mode_to,
            goes_on_after_failure=affordance.action.on_failure == "continue",
        )
        for affordance in description.affordances()
    }
    concerned = {name: call for name, call in calls.items() if call != CallModes()}
    return ModeAutomaton(frozenset(description.modes), concerned)


def start_modes(description: ThingDescription, told: Any) -> frozenset[str]:
    """Return the modes that a program may have to start in.

    Args:
        description: of the device.
        told: what its mode property said, or the mode that it was left in; what is no mode of it counts as not known,
            and then it may be in any.
    """
    return frozenset([told] if told in description.modes else description.modes)


async def present_modes(description: ThingDescription, driver: Driver, clock: Clock) -> frozenset[str]:
    """Ask the machine for its mode, and return the modes that it may be in; see `start_modes`. Never raises for the machine."""
    for affordance in description.affordances():
        if affordance.kind == "property" and affordance.key == description.mode_property:
            seconds = affordance.action.timeout_seconds
            told = await reading_of(
                driver, clock, affordance.name, seconds, "The machine does not tell its mode"
            )
            return start_modes(description, told)
    return start_modes(description, None)


def mode_title(description: ThingDescription, mode: str) -> str:
    """Return the English words for a mode, for a sentence: "access point" for "ap_betrieb"."""
    told = description.properties.get(description.mode_property or "")
    title = None if told is None else told.label(mode)
    return title or " ".join(split_words(mode)) or mode
