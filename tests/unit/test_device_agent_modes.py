"""A device's mode automaton, taken from its description, and a simulated machine that keeps to it."""

from __future__ import annotations

import pytest

from device_agent.drivers.port import DriverError
from device_agent.drivers.simulated import SimulatedDriver
from device_agent.modes import automaton_of, mode_title, start_modes
from firmware_api_specs.loader import load
from fsm.modes import CallModes, ModeAutomaton
from tests.device_agent_kit import lamp
from transport.clock import FakeClock

LAMP = lamp()


def test_the_automaton_is_that_of_the_description() -> None:
    assert automaton_of(LAMP) == ModeAutomaton(
        frozenset({"aus", "an"}),
        {
            "setze_helligkeit": CallModes(leads_to="an"),
            "drehe_kopf": CallModes(allowed_in=frozenset({"an"})),
            "schalte_aus": CallModes(leads_to="aus"),
        },
    )


def test_a_device_without_modes_has_an_automaton_that_forbids_nothing() -> None:
    looking = {"look": {"title": "Look", "parley:onFailure": "continue", "forms": [{"href": "x"}]}}
    assert automaton_of(lamp(actions=looking, properties={})) == ModeAutomaton(
        frozenset(), {"look": CallModes(goes_on_after_failure=True)}
    )


def test_functions_stand_under_the_names_that_programs_write() -> None:
    document = LAMP.document
    document["actions"]["kopf-drehen"] = document["actions"].pop("drehe_kopf")
    assert automaton_of(load(document)).of("kopf_drehen") == CallModes(allowed_in=frozenset({"an"}))


@pytest.mark.parametrize(
    ("told", "modes"),
    [("an", {"an"}), ("aus", {"aus"}), (None, {"aus", "an"}), ("defekt", {"aus", "an"}), ([True], {"aus", "an"})],
)  # fmt: skip
def test_what_is_not_known_may_be_any_mode(told: object, modes: set[str]) -> None:
    assert start_modes(LAMP, told) == modes


def test_modes_are_said_in_english() -> None:
    assert mode_title(LAMP, "an") == "on"
    document = LAMP.document
    del document["parley:modeProperty"]
    assert mode_title(load(document), "not_halt") == "not halt"
    assert mode_title(load(document), "42") == "42"


async def test_a_simulated_machine_keeps_its_mode_and_refuses_what_it_forbids(clock: FakeClock) -> None:
    driver = SimulatedDriver(LAMP, clock)
    assert await driver.call("betriebsart", {}) == "aus"
    with pytest.raises(DriverError, match="present mode"):
        await driver.call("drehe_kopf", {"rasten": 1})
    await driver.call("setze_helligkeit", {"stufe": 3})
    assert await driver.call("betriebsart", {}) == "an"
    assert (await driver.call("drehe_kopf", {"rasten": 1}))["erfolg"] is True
    await driver.call("schalte_aus", {})
    assert await driver.call("betriebsart", {}) == "aus"
