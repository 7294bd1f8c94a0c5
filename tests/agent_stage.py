"""An in-process broker, a coordinator's ear, and one agent that can be started again and again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from device_agent.drivers.simulated import SimulatedDriver, SimulatedFaults
from inference.ports import LanguageModel, Prompt
from inference.program_prompt import ASK
from inference.scripted_model import ScriptedModel
from protocol.messages import Report
from tests.device_agent_kit import PATIENCE_SECONDS, AgentUnderTest, Watched, agent_running, lamp
from transport.clock import FakeClock
from transport.in_process_broker import InProcessBroker
from transport.in_process_bus import InProcessBus
from transport.ports import Will

SET, LOOK = "set the brightness to 5", "check presence"
TURN = "turn the head by 2"
PROGRAMS = {SET: "A( 5| _)", LOOK: "C()", TURN: "B( 2)", "make coffee": "refuse"}


def by_sentence(prompt: Prompt) -> str:
    """Answer by the sentence in the prompt."""
    return next(answer for sentence, answer in PROGRAMS.items() if f"{ASK} {sentence}" in prompt.compact)


class SlowModel(ScriptedModel):
    """Thinks until it is told to go on."""

    def __init__(self) -> None:
        super().__init__(by_sentence)
        self.thinking = threading.Event()
        self.go_on = threading.Event()

    def generate(self, prompt: Prompt, **options: Any) -> Any:
        self.thinking.set()
        assert self.go_on.wait(PATIENCE_SECONDS)
        return super().generate(prompt, **options)


class Stage:
    """A broker, a coordinator's ear, and agents to start."""

    def __init__(self, clock: FakeClock, site: str, state: Path) -> None:
        self.clock = clock
        self.site = site
        self.state = state
        self.broker = InProcessBroker(clock=clock)
        self.driver = SimulatedDriver(lamp(), clock, {"pruefe_anwesenheit": "BELEGT"}, SimulatedFaults())
        self.bus: InProcessBus | None = None

    def make_bus(self, client_id: str, will: Will) -> InProcessBus:
        self.bus = InProcessBus(
            self.broker, client_id, will=will, session_expiry_seconds=600, clock=self.clock
        )
        return self.bus

    def agent(
        self, model: LanguageModel | None = None, **options: Any
    ) -> AbstractAsyncContextManager[AgentUnderTest]:
        return agent_running(
            self.make_bus,
            self.site,
            self.state,
            model or ScriptedModel(by_sentence),
            self.clock,
            driver=self.driver,
            **options,
        )


async def passing(clock: FakeClock, reached: Callable[[], bool]) -> None:
    """Let time pass until something is so. The sandbox works in threads, on the real clock."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not reached():
            await clock.advance(0.5)
            await asyncio.sleep(0.001)


async def ended(stage: Stage, wire: Watched, subtask_id: str) -> Report:
    """Let time pass until a subtask has ended."""
    await passing(stage.clock, lambda: any(report.status.is_final for report in wire.reports(subtask_id)))
    return await wire.report(subtask_id)
