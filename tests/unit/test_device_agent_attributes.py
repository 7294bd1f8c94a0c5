"""What agents tell of their devices all the time: for all ten brands, in plain words and common units."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from demos.warehouse.firmware import VENDOR_NAMES, SimulatedFirmware, thing_description
from demos.warehouse.world import Mode, WarehouseWorld
from device_agent.attributes import RETOLD_SECONDS, AttributesPublisher, told_properties
from device_agent.drivers.port import Driver, DriverError
from device_agent.drivers.simulated import SimulatedDriver
from device_agent.reporter import Reporter
from device_agent.store import AgentStore
from firmware_api_specs.loader import load
from firmware_api_specs.names import leaked_names, names
from firmware_api_specs.thing_description import ThingDescription
from inference.scripted_model import ScriptedModel
from protocol.messages import Attributes, Finding, decode
from protocol.topics import Channel, Topics
from tests.device_agent_kit import DEVICE, Watched, agent_running, lamp, watching
from transport.clock import FakeClock
from transport.in_process_broker import InProcessBroker
from transport.in_process_bus import InProcessBus

SECONDS = 30.0


def warm_lamp(clock: FakeClock) -> tuple[SimulatedDriver, dict[str, Any]]:
    """The example lamp, and what it reads: to be changed while it shines."""
    readings: dict[str, Any] = {"temperatur_kopf": 31.0, "betriebsart": "an"}
    answers = {name: lambda _, name=name: readings[name] for name in readings}
    return SimulatedDriver(lamp(), clock, {**answers, "pruefe_anwesenheit": "BELEGT"}), readings


class Scene:
    """One publisher on a bus that a watcher listens to."""

    def __init__(self, watched: Watched, clock: FakeClock, publisher: AttributesPublisher) -> None:
        self.watched = watched
        self.clock = clock
        self.publisher = publisher

    def told(self) -> list[dict[str, Finding]]:
        messages = [decode(Attributes, payload) for payload in self.watched.payloads(Channel.ATTRIBUTES)]
        return [{finding.what: finding for finding in message.attributes} for message in messages]


@asynccontextmanager
async def scene(
    tmp_path: Path, description: ThingDescription, driver: Driver, clock: FakeClock
) -> AsyncIterator[Scene]:
    broker = InProcessBroker(clock=clock)
    with AgentStore(tmp_path) as store:
        async with (
            InProcessBus(broker, "watcher", clock=clock) as ears,
            InProcessBus(broker, "agent", clock=clock) as bus,
            watching(ears, "main", clock) as watched,
        ):
            publisher = AttributesPublisher(
                DEVICE,
                description,
                driver=driver,
                bus=bus,
                reporter=Reporter(DEVICE, bus, store, Topics("main"), clock, None),
                clock=clock,
                session=store.session,
                seconds=SECONDS,
            )
            running = asyncio.create_task(publisher.run())
            await clock.settle()
            try:
                yield Scene(watched, clock, publisher)
            finally:
                running.cancel()
                await asyncio.wait({running})


class Failing:
    """A machine that cannot be read while `is_broken`."""

    def __init__(self, inner: Driver, error: Exception) -> None:
        self.inner = inner
        self.error = error
        self.is_broken = True

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        if self.is_broken:
            raise self.error
        return await self.inner.call(name, arguments)

    async def make_safe(self) -> None:
        await self.inner.make_safe()


@pytest.mark.parametrize("vendor", VENDOR_NAMES)
async def test_every_brand_tells_battery_place_load_and_state_in_common_units(
    vendor: str, tmp_path: Path
) -> None:
    clock = FakeClock()
    world = WarehouseWorld(4, ["robot-1"], seed=3, clock=clock)
    robot = world.robots["robot-1"]
    robot.x, robot.y, robot.battery, robot.load_kilograms, robot.mode = 6.0, 2.54, 0.64, 12.5, Mode.STOPPED
    description = load(thing_description(vendor))
    async with scene(tmp_path, description, SimulatedFirmware(vendor, world, "robot-1"), clock) as site:
        (told,) = site.told()
        assert set(told) == {"battery level", "position", "load", "state of operation"}
        assert (told["battery level"].value, told["battery level"].unit) == (64, "percent")
        place = told["position"].value
        assert isinstance(place, tuple)
        assert [float(part) for part in place] == pytest.approx([6.0, 2.54], abs=0.001)
        assert told["position"].unit == "meter"
        assert told["load"].value == pytest.approx(12.5, abs=0.001)
        assert told["load"].unit == "kilogram"
        assert isinstance(told["state of operation"].value, str)
        assert not leaked_names(site.watched.text(), names(description))


@pytest.mark.parametrize("vendor", VENDOR_NAMES)
def test_what_is_told_are_the_observable_and_the_watched_properties(vendor: str) -> None:
    description = load(thing_description(vendor))
    keys = {each.key for each in told_properties(description)}
    assert keys == set(description.properties)
    assert keys >= {watch.property for watch in description.watches}


def test_a_property_that_is_watched_is_told_although_nobody_can_observe_it() -> None:
    document = lamp().document
    assert "observable" not in document["properties"]["temperatur_kopf"]
    assert {each.key for each in told_properties(lamp())} == {"temperatur_kopf", "betriebsart"}
    del document["parley:watches"]
    assert {each.key for each in told_properties(load(document))} == {"betriebsart"}


async def test_only_what_has_changed_is_told_again_and_all_of_it_in_the_end(tmp_path: Path) -> None:
    clock = FakeClock()
    driver, readings = warm_lamp(clock)
    async with scene(tmp_path, lamp(), driver, clock) as site:
        assert len(site.told()) == 1
        await clock.advance(2 * SECONDS)
        assert len(site.told()) == 1
        readings["temperatur_kopf"] = 32.0
        await clock.advance(SECONDS)
        assert [told["temperature of the lamp"].value for told in site.told()] == [31.0, 32.0]
        await clock.advance(RETOLD_SECONDS + SECONDS)
        assert len(site.told()) == 3
        assert site.told()[-1] == site.told()[-2]


async def test_it_looks_at_once_when_something_was_done(tmp_path: Path) -> None:
    clock = FakeClock()
    driver, readings = warm_lamp(clock)
    async with scene(tmp_path, lamp(), driver, clock) as site:
        readings["betriebsart"] = "aus"
        site.publisher.look_soon()
        await clock.settle()
        assert [told["state of operation"].value for told in site.told()] == ["on", "off"]


@pytest.mark.parametrize("error", [DriverError("No answer."), ValueError("a defect of the vendor's")])
async def test_what_cannot_be_read_is_left_out_and_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    clock = FakeClock()
    driver = Failing(warm_lamp(clock)[0], error)
    with caplog.at_level(logging.WARNING):
        async with scene(tmp_path, lamp(), driver, clock) as site:
            await clock.advance(5 * SECONDS)
            assert site.told() == [{}]
            assert len(caplog.records) == 2
            driver.is_broken = False
            await clock.advance(SECONDS)
            assert set(site.told()[-1]) == {"temperature of the lamp", "state of operation"}
            driver.is_broken = True
            await clock.advance(SECONDS)
            assert site.told()[-1] == {}
            assert len(caplog.records) == 4


async def test_what_would_name_the_api_is_left_out(tmp_path: Path) -> None:
    document = lamp().document
    del document["properties"]["temperatur_kopf"]["parley:finding"]
    document["properties"]["temperatur_kopf"]["titles"]["en"] = "Value of temperatur_kopf"
    document["properties"]["betriebsart"] |= {"type": "string"}
    del document["properties"]["betriebsart"]["oneOf"], document["parley:modeProperty"]
    description = load(document)
    clock = FakeClock()
    results = {"temperatur_kopf": 31.0, "betriebsart": "after drehe_kopf"}
    async with scene(tmp_path, description, SimulatedDriver(description, clock, results), clock) as site:
        assert site.told() == [{}]


async def test_an_agent_tells_at_its_start_and_after_a_subtask(tmp_path: Path) -> None:
    clock = FakeClock()
    broker = InProcessBroker(clock=clock)
    driver, readings = warm_lamp(clock)

    def bus(name: str, will: Any) -> InProcessBus:
        return InProcessBus(broker, name, will=will, clock=clock)

    async with (
        InProcessBus(broker, "watcher", clock=clock) as ears,
        watching(ears, "main", clock) as watched,
        agent_running(
            bus,
            "main",
            tmp_path,
            ScriptedModel(["C()"]),
            clock,
            driver=driver,
            description=lamp(),
            attributes_seconds=SECONDS,
        ),
    ):
        await watched.until(lambda: len(watched.payloads(Channel.ATTRIBUTES)) == 1)
        readings["temperatur_kopf"] = 33.0
        await watched.order("check presence")
        await watched.report("s1")
        await watched.until(lambda: len(watched.payloads(Channel.ATTRIBUTES)) == 2)
        assert clock.monotonic() < SECONDS
    newest = decode(Attributes, watched.payloads(Channel.ATTRIBUTES)[-1])
    assert newest.session == 1
    assert newest.attributes[0].value == 33.0
