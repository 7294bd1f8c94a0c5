"""A coffee machine that nobody here wrote: Eclipse Thingweb node-wot serves it, and Parley knows only its address.

What happened is judged by the machine's own account, read back over HTTP.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from device_agent.drivers.forms_driver import FormsDriver
from device_agent.drivers.http_binding import HttpBinding
from device_agent.drivers.port import DriverError
from device_agent.drivers.td_source import get_description
from firmware_api_specs.loader import load
from firmware_api_specs.names import leaked_names, names
from protocol.errors import ErrorCode, InputError
from protocol.messages import Report, ReportStatus, decode, encode
from protocol.topics import Channel
from tests.device_agent_kit import Watched, watching
from tests.node_kit import CoffeeMachine, coffee_machine
from transport.clock import SystemClock
from transport.mqtt_bus import MqttBus

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("node-wot")]
CLOCK = SystemClock()
PATIENCE_SECONDS = 90.0
DEVICE = "corner-coffee-machine"
TWO_LARGE = {"drinkId": "espresso", "size": "large", "quantity": 2}
TWO_MADE = {"result": True, "message": "2 on the tray"}
UNREACHABLE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def machine() -> Iterator[CoffeeMachine]:
    with coffee_machine() as running:
        yield running


@asynccontextmanager
async def driving(document: dict[str, Any]) -> AsyncIterator[FormsDriver]:
    async with FormsDriver(load(document), [HttpBinding(CLOCK)], CLOCK) as made:
        yield made


@contextmanager
def agent(td: str, broker: str, site: str, folder: Path) -> Iterator[Path]:
    """Run `parley agent` as people do; yields its log."""
    log = folder / "agent.log"
    with log.open("wb") as file:
        child = subprocess.Popen(
            [sys.executable, "-m", "parley", "agent", "--td", td],
            env=os.environ
            | {"PARLEY_BROKER_URL": broker, "PARLEY_SITE": site, "PARLEY_STATE_DIR": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
    try:
        yield log
    finally:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(15)
        finally:
            child.kill()


class Site:
    """The coordinator's end of the wire."""

    def __init__(self, wire: Watched, log: Path) -> None:
        self.wire = wire
        self._log = log

    async def until(self, condition: Callable[[], Any]) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), self.wire._changed:
                await self.wire._changed.wait_for(condition)
        except TimeoutError:
            pytest.fail(self._log.read_text())

    async def ask(self, sentence: str) -> Report:
        subtask = self.wire.subtask(sentence, f"s{len(self.wire.deliveries)}", device_id=DEVICE)
        await self.wire.bus.publish(
            self.wire.topics.device(DEVICE, Channel.SUBTASK), encode(subtask), expiry_seconds=60
        )

        def ends() -> list[Report]:
            found = [decode(Report, payload) for payload in self.wire.payloads(Channel.REPORT, DEVICE)]
            return [one for one in found if one.subtask_id == subtask.subtask_id and one.status.is_final]

        await self.until(ends)
        return ends()[0]


@pytest.mark.model
@pytest.mark.broker
async def test_a_sentence_makes_the_coffee(broker: str, site: str, tmp_path: Path) -> None:
    async with MqttBus(broker, f"watcher-{site}", clock=CLOCK) as bus, watching(bus, site, CLOCK) as wire:
        with coffee_machine() as machine, agent(machine.url, broker, site, tmp_path) as log:
            coordinator = Site(wire, log)
            await coordinator.until(lambda: wire.payloads(Channel.PROFILE, DEVICE))

            report = await coordinator.ask("Please make two large espressos.")
            assert report.status is ReportStatus.COMPLETED, report.sentence
            assert machine.served() == [TWO_LARGE]

            report = await coordinator.ask("Rinse the nozzle.")
            assert report.status is ReportStatus.COMPLETED, report.sentence
            assert machine.served() == [TWO_LARGE, {"rinsed": True}]

            report = await coordinator.ask("Does the machine need maintenance?")
            assert [(finding.what, finding.value) for finding in report.findings] == [
                ("maintenance needed", False)
            ]

            report = await coordinator.ask("Make seven large espressos.")
            assert report.status is ReportStatus.NOT_EXECUTABLE
            assert machine.served() == [TWO_LARGE, {"rinsed": True}]

            machine.switch_off()
            report = await coordinator.ask("Please make two large espressos.")
            assert (report.status, report.error_code) == (ReportStatus.FAILED, ErrorCode.CALL_FAILED)
            assert "cannot be reached" in report.sentence
        assert leaked_names(wire.text(), names(load(machine.described))) == []
        assert "cannot be brought to rest from here" in log.read_text()


async def test_bad_arguments_never_reach_the_server(machine: CoffeeMachine) -> None:
    bad: tuple[dict[str, Any], ...] = (
        {"drinkId": "petrol"},
        {"drinkId": "espresso", "size": "bucket"},
        {"drinkId": "espresso", "quantity": 6},
        {"drinkId": "espresso", "quantity": 0},
        {"drinkId": "espresso", "quantity": "two"},
        {"drinkId": "espresso", "quantity": 1.5},
        {"drink": "espresso"},
    )
    before = machine.served()
    async with driving(machine.described) as calling:
        for arguments in bad:
            with pytest.raises(DriverError):
                await calling.call("makeDrink", arguments)
    assert machine.served() == before
    # The server itself takes anything: nobody but the driver stands between a wrong program and the machine.
    assert machine.post("actions/makeDrink?drinkId=petrol&quantity=6") == 200


async def test_readings_orders_and_names_with_dashes(machine: CoffeeMachine) -> None:
    before = machine.served()
    async with driving(machine.described) as calling:
        full = await calling.call("allAvailableResources", {})
        assert await calling.call("maintenanceNeeded", {}) is False
        assert await calling.call("makeDrink", TWO_LARGE) == TWO_MADE
        assert await calling.call("rinse_nozzle", {}) is None
        left = await calling.call("allAvailableResources", {})
    assert left == {"water": full["water"] - 8, "beans": full["beans"] - 2}
    assert machine.served() == [*before, TWO_LARGE, {"rinsed": True}]


async def test_a_slow_server_runs_into_the_time_out_and_nothing_is_asked_twice(
    machine: CoffeeMachine,
) -> None:
    document = machine.described
    document["@context"].append({"parley": "urn:parley:td:1#"})
    document["actions"]["makeDrink"]["parley:timeoutSeconds"] = 0.5
    assert len(document["actions"]["makeDrink"]["forms"]) > 1
    before = machine.served()
    async with driving(document) as calling:
        with pytest.raises(DriverError, match=r"did not answer within 0\.5 seconds") as caught:
            await calling.call("makeDrink", {"drinkId": "cocoa"})
    assert caught.value.code is ErrorCode.UNKNOWN_OUTCOME
    assert machine.served() == [*before, {"drinkId": "cocoa"}]


async def test_an_address_where_nobody_is_is_passed_over(machine: CoffeeMachine) -> None:
    document = machine.described
    for form in list(document["actions"]["makeDrink"]["forms"]):
        away = form | {"href": form["href"].replace(machine.origin, UNREACHABLE)}
        document["actions"]["makeDrink"]["forms"].insert(0, away)
    before = machine.served()
    async with driving(document) as calling:
        assert await calling.call("makeDrink", TWO_LARGE) == TWO_MADE
    assert machine.served() == [*before, TWO_LARGE]


async def test_its_description_is_taken_as_it_is_served(machine: CoffeeMachine) -> None:
    description = await get_description(machine.url)
    async with driving(description.document) as calling:
        found = {affordance.name for affordance in calling.description.affordances()}
    assert found == {
        "makeDrink",
        "rinse_nozzle",
        "allAvailableResources",
        "maintenanceNeeded",
        "servedDrinks",
    }
    with pytest.raises(InputError, match="the address of one Thing Description"):
        await get_description(f"{machine.origin}/")
