"""The modes of a device, taken from its Thing Description: for the check of a program, and in words for people."""

from __future__ import annotations

from typing import Any

from firmware_api_specs.thing_description import ThingDescription
from fsm.modes import CallModes, ModeAutomaton
from inference.words import split_words


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


def mode_title(description: ThingDescription, mode: str) -> str:
    """Return the English words for a mode, for a sentence: "access point" for "ap_betrieb"."""
    told = description.properties.get(description.mode_property or "")
    title = None if told is None else told.label(mode)
    return title or " ".join(split_words(mode)) or mode
