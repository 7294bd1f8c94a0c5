"""A program that was wrong, and moved nothing, is written once more: the model is told why the machine refused it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from device_agent.drivers.port import DriverError
from device_agent.drivers.simulated import SimulatedDriver
from inference.scripted_model import ScriptedModel
from protocol.errors import ErrorCode
from protocol.messages import Report, ReportStatus
from tests.device_agent_kit import Watched, agent_running, silent_lamp, watching
from transport.clock import FakeClock
from transport.in_process_broker import InProcessBroker
from transport.in_process_bus import InProcessBus
from transport.ports import Will

SENTENCE = "set the brightness to 5 or to 3"


class Choosy(SimulatedDriver):
    """A lamp whose machine refuses a brightness that its description allows."""

    def __init__(self, clock: FakeClock, *, code: ErrorCode = ErrorCode.OUT_OF_RANGE) -> None:
        super().__init__(silent_lamp(), clock)
        self._code = code

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        if arguments.get("stufe") == 5:
            self.calls.append((name, dict(arguments)))
            raise DriverError("A value lies outside what the machine allows.", code=self._code)
        return await super().call(name, arguments)


@pytest.fixture
async def wire(clock: FakeClock, site: str) -> AsyncIterator[tuple[InProcessBroker, Watched]]:
    broker = InProcessBroker(clock=clock)
    async with InProcessBus(broker, "watcher", clock=clock) as bus, watching(bus, site, clock) as watched:
        yield broker, watched


async def report_of(  # noqa: PLR0917 - what an agent is made of
    wire: tuple[InProcessBroker, Watched],
    state: Path,
    site: str,
    model: ScriptedModel,
    driver: Choosy,
    clock: FakeClock,
) -> Report:
    """Give the order and wait for its end; time passes meanwhile."""
    broker, watched = wire

    def make_bus(client_id: str, will: Will) -> InProcessBus:
        return InProcessBus(broker, client_id, will=will, session_expiry_seconds=600, clock=clock)

    async with agent_running(make_bus, site, state, model, clock, driver=driver):
        await watched.order(SENTENCE)
        waiting = asyncio.create_task(watched.report("s1"))
        while not waiting.done():
            await asyncio.wait({waiting}, timeout=0.02)
            await clock.advance(1.0)
        return waiting.result()


async def test_the_model_is_told_why_the_machine_refused_and_writes_once_more(
    wire: tuple[InProcessBroker, Watched], tmp_path: Path, site: str, clock: FakeClock
) -> None:
    model, driver = ScriptedModel(["A( 5| _)", "A( 3| _)"]), Choosy(clock)
    report = await report_of(wire, tmp_path, site, model, driver, clock)
    assert report.status is ReportStatus.COMPLETED
    assert [arguments["stufe"] for _, arguments in driver.calls] == [5, 3]
    assert report.model_calls == 2


async def test_it_is_told_once_only(
    wire: tuple[InProcessBroker, Watched], tmp_path: Path, site: str, clock: FakeClock
) -> None:
    model, driver = ScriptedModel(["A( 5| _)", "A( 5| _)", "A( 3| _)"]), Choosy(clock)
    report = await report_of(wire, tmp_path, site, model, driver, clock)
    assert report.status is ReportStatus.NOT_EXECUTABLE
    assert report.error_code is ErrorCode.OUT_OF_RANGE
    assert [arguments["stufe"] for _, arguments in driver.calls] == [5]


async def test_what_may_have_moved_is_not_written_anew(
    wire: tuple[InProcessBroker, Watched], tmp_path: Path, site: str, clock: FakeClock
) -> None:
    model, driver = ScriptedModel(["A( 5| _)", "A( 3| _)"]), Choosy(clock, code=ErrorCode.CALL_FAILED)
    report = await report_of(wire, tmp_path, site, model, driver, clock)
    assert report.status is ReportStatus.FAILED
    assert {arguments["stufe"] for _, arguments in driver.calls} == {5}
