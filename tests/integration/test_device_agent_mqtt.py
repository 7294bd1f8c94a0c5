"""An agent over a real mosquitto."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from device_agent.agent import PERSISTENT_SESSION_SECONDS
from device_agent.attributes import told_properties
from device_agent.drivers.simulated import SimulatedDriver, SimulatedFaults
from device_agent.signatures import chunks
from firmware_api_specs.loader import load
from firmware_api_specs.names import leaked_names, names
from inference.encoder import HashEncoder
from inference.ports import Prompt
from inference.program_prompt import ASK
from inference.scripted_model import ScriptedModel
from protocol.errors import ErrorCode
from protocol.messages import ControlCommand, Presence, PresenceStatus, Profile, ReportStatus, decode
from protocol.topics import Channel, Topics
from rag.api_index import ApiIndex
from tests.device_agent_kit import (
    DEVICE,
    PATIENCE_SECONDS,
    WAREHOUSE,
    Watched,
    agent_running,
    lamp,
    lamp_that_turns,
    watching,
)
from transport.broker import ManagedBroker
from transport.clock import SystemClock
from transport.mqtt_bus import MqttBus
from transport.ports import Will

pytestmark = pytest.mark.broker
CLOCK = SystemClock()
LOOK, SET, TURN = "check presence", "set the brightness to 5", "turn the head by 2"


class Buses:
    """Makes an agent's connections and remembers the newest."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.newest: MqttBus | None = None

    def __call__(self, client_id: str, will: Will) -> MqttBus:
        self.newest = MqttBus(
            self.url, client_id, will=will, session_expiry_seconds=PERSISTENT_SESSION_SECONDS, clock=CLOCK
        )
        return self.newest


@pytest.fixture
def buses(broker: str) -> Buses:
    return Buses(broker)


@pytest.fixture
async def wire(broker: str, site: str) -> AsyncIterator[Watched]:
    async with MqttBus(broker, f"watcher-{site}", clock=CLOCK) as bus, watching(bus, site, CLOCK) as watched:
        yield watched


def last_presence(wire: Watched) -> tuple[int, PresenceStatus] | None:
    payloads = wire.payloads(Channel.PRESENCE)
    if not payloads:
        return None
    presence = decode(Presence, payloads[-1])
    return presence.session, presence.status


async def test_from_joining_to_a_report(buses: Buses, wire: Watched, site: str, tmp_path: Path) -> None:
    driver = SimulatedDriver(lamp(), CLOCK, {"pruefe_anwesenheit": "BELEGT"})
    async with agent_running(buses, site, tmp_path, ScriptedModel(["C()"]), CLOCK, driver=driver):
        await wire.order(LOOK)
        report = await wire.report("s1")
        assert report.status is ReportStatus.COMPLETED
        assert report.findings[0].present is True
        assert (await wire.poll_answer("p1")).report_id == report.report_id
    await wire.until(lambda: last_presence(wire) == (1, PresenceStatus.OFFLINE))


async def test_a_crash_is_seen_and_its_subtask_is_never_run_twice(
    buses: Buses, wire: Watched, site: str, tmp_path: Path
) -> None:
    turning = lamp_that_turns()
    driver = SimulatedDriver(turning, CLOCK, faults=SimulatedFaults(hanging={"drehe_kopf"}))
    start = partial(agent_running, buses, site, tmp_path, clock=CLOCK, driver=driver, description=turning)
    async with start(ScriptedModel(["B( 2)"])):
        await wire.order(TURN)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await driver.called.wait()
        assert buses.newest is not None
        await buses.newest.kill()
        await wire.until(lambda: last_presence(wire) == (1, PresenceStatus.LOST))
    # Sent again while nobody is there: the broker keeps it for the agent's session.
    await wire.order(TURN)
    async with start(ScriptedModel([])):
        report = await wire.report("s1")
        assert (report.status, report.error_code) == (ReportStatus.FAILED, ErrorCode.UNKNOWN_OUTCOME)
        await wire.order(TURN)
        assert await wire.report("s1", number=2) == report
        assert last_presence(wire) == (2, PresenceStatus.ONLINE)
    assert len(driver.calls) == 1


async def test_it_introduces_itself_to_a_broker_that_lost_its_memory(site: str, tmp_path: Path) -> None:
    topics = Topics(site)
    async with ManagedBroker() as broker:
        buses = Buses(broker.url)
        async with agent_running(
            buses, site, tmp_path, ScriptedModel([]), CLOCK, wait_until_enrolled=False
        ) as running:
            async with MqttBus(broker.url, "first", clock=CLOCK) as bus, watching(bus, site, CLOCK):
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await running.agent.enrolled.wait()
            await broker.kill()
            await broker.start()
            async with (
                MqttBus(broker.url, "second", clock=CLOCK) as bus,
                bus.subscribe(
                    topics.device(DEVICE, Channel.PRESENCE), topics.device(DEVICE, Channel.PROFILE)
                ) as heard,
                asyncio.timeout(PATIENCE_SECONDS),
            ):
                presence = decode(Presence, (await anext(heard)).payload)
                assert (presence.session, presence.status) == (1, PresenceStatus.ONLINE)
                assert decode(Profile, (await anext(heard)).payload).kind == "lamp"


async def test_cancelling_a_call_that_hangs(buses: Buses, wire: Watched, site: str, tmp_path: Path) -> None:
    driver = SimulatedDriver(lamp(), CLOCK, faults=SimulatedFaults(hanging={"setze_helligkeit"}))
    async with agent_running(buses, site, tmp_path, ScriptedModel(["A( 5| _)"]), CLOCK, driver=driver):
        await wire.order(SET)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await driver.called.wait()
        await wire.control(ControlCommand.CANCEL, "s1")
        assert (await wire.report("s1")).status is ReportStatus.CANCELLED
    assert driver.times_made_safe == 1


@pytest.mark.parametrize("path", WAREHOUSE, ids=lambda path: path.name)
async def test_no_brand_shows_a_name_of_its_api(
    path: Path, buses: Buses, wire: Watched, site: str, tmp_path: Path
) -> None:
    """Every function that can be called without an argument is called, with the real search in between.

    What a person must approve is cancelled, and what leads out of the mode that allows everything comes last.
    """
    description = load(path)
    index = ApiIndex(None, HashEncoder())
    driver = SimulatedDriver(description, CLOCK)
    searched = {chunk.key for chunk in chunks(description)}
    quiet = sorted(
        (one for one in description.affordances() if one.name in searched and not one.action.arguments),
        key=lambda one: (
            one.action.danger == "none" and one.action.mode_to not in {None, description.initial_mode}
        ),
    )
    async with agent_running(
        buses,
        site,
        tmp_path,
        ScriptedModel(call_what_the_sentence_names),
        CLOCK,
        driver=driver,
        description=description,
        index=index,
        attributes_seconds=30.0,
    ):
        await wire.until(lambda: bool(wire.payloads(Channel.ATTRIBUTES)))
        for number, affordance in enumerate(quiet):
            await wire.order(f"{affordance.action.english_title}, please", f"s{number}")
            if affordance.action.danger == "confirm":
                await wire.report(f"s{number}", ReportStatus.AWAITING_APPROVAL)
                await wire.control(ControlCommand.CANCEL, f"s{number}")
            await wire.report(f"s{number}")
    index.close()
    assert leaked_names(wire.text(), names(description)) == []
    allowed = {affordance.name for affordance in quiet if affordance.action.danger == "none"}
    read_aside = {each.name for each in told_properties(description)}
    assert {name for name, _ in driver.calls} - read_aside == allowed - read_aside


def call_what_the_sentence_names(prompt: Prompt) -> str:
    sentence = prompt.compact.rpartition(ASK)[2]
    for letter, told in re.findall(r"^([A-H]): (.*)$", prompt.user, re.MULTILINE):
        # Of a property it is said first that its value is returned.
        if any(f" {title}, please" in sentence for title in told.split(". ")[:2]):
            return f"{letter}()"
    return "refuse"
