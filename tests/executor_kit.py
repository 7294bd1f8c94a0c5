"""A lamp, its executor, and time that passes: to watch one program run."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from device_agent.drivers.port import DriverError
from device_agent.drivers.simulated import SimulatedDriver
from device_agent.executor import RETRY_SECONDS, Execution, Executor
from device_agent.orders import Orders
from device_agent.pipeline import Program
from device_agent.run_record import RunRecord
from firmware_api_specs.loader import load
from firmware_api_specs.names import leaked_names, names
from firmware_api_specs.thing_description import ThingDescription
from fsm.subtask import SubtaskState
from sandbox.session import Limits
from tests.device_agent_kit import PATIENCE_SECONDS, lamp
from transport.clock import FakeClock

SET, LOOK, TURN, OFF = "setze_helligkeit", "pruefe_anwesenheit", "drehe_kopf", "schalte_aus"
WARMTH, MODE = "temperatur_kopf", "betriebsart"
BRIGHT, LOOKING, DARK = f"{SET}(stufe=5)\n", f"{LOOK}()\n", f"{OFF}()\n"
TURNING = f"{BRIGHT}{TURN}(rasten=2)\n"
STEP_SECONDS = 0.25


def changed_lamp(changes: Mapping[str, Mapping[str, Any]] | None = None, **thing: Any) -> ThingDescription:
    """The example lamp with other terms for some actions; a term that is None is left out."""
    document = lamp().document
    for name, terms in (changes or {}).items():
        action = document["actions"][name] | terms
        document["actions"][name] = {term: value for term, value in action.items() if value is not None}
    return load({**document, **thing})


def unasked_lamp() -> ThingDescription:
    """The example lamp, whose head turns without asking."""
    return changed_lamp({TURN: {"parley:danger": "none"}})


class Machine(SimulatedDriver):
    """A lamp that notes when it is called, and fails as often as it is told to."""

    def __init__(self, description: ThingDescription, clock: FakeClock, **answers: Any) -> None:
        super().__init__(description, clock, answers)
        self.failures: Counter[str] = Counter()
        self.moves: list[tuple[str, float]] = []
        """Calls of actions, and when they were made."""
        self.warmth = 20.0
        self._read = {each.name for each in description.affordances() if each.kind == "property"}
        self._answers.setdefault(WARMTH, lambda _: self.warmth)

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        if name not in self._read:
            self.moves.append((name, self._clock.now()))
        if self.failures[name] > 0:
            self.failures[name] -= 1
            raise DriverError("The machine is busy.")
        return await super().call(name, arguments)

    @property
    def made(self) -> list[str]:
        """Names of the actions that were called."""
        return [name for name, _ in self.moves]


class NotingClock:
    """The time of a test, with a note of how long each wait was meant to be.

    The sandbox works in threads, on the real clock, while a test lets faked time pass: a wait can end late by
    as many steps as a busy machine needs, and only what was asked for is exact.
    """

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.asked_seconds: list[float] = []
        self.now, self.monotonic = clock.now, clock.monotonic

    async def sleep(self, seconds: float) -> None:
        self.asked_seconds.append(seconds)
        await self._clock.sleep(seconds)


class Records:
    """Keeps what an executor wants kept, as it would stand in a store."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def keep(self, record: RunRecord) -> None:
        self.written.append(record.to_bytes())

    @property
    def last(self) -> RunRecord:
        return RunRecord.from_bytes(self.written[-1])


class Bench:
    """A lamp and an executor for it."""

    def __init__(self, clock: FakeClock, description: ThingDescription | None = None, **answers: Any) -> None:
        self.clock = clock
        self.description = description or lamp()
        self.records = Records()
        self.noting = NotingClock(clock)
        self.use(Machine(self.description, clock, **answers))
        self.orders = Orders()
        self.states: list[SubtaskState] = []

    def use(self, driver: Machine) -> None:
        self.driver = driver
        self.executor = Executor(
            self.description, driver, self.noting, Limits(seconds=0.5), keeper=self.records
        )

    @property
    def retries_seconds(self) -> list[float]:
        """How long was waited before each retry, in seconds."""
        return [seconds for seconds in self.noting.asked_seconds if seconds in RETRY_SECONDS]

    def program(self, source: str) -> Program:
        functions = tuple(each.name for each in self.description.affordances())
        return Program(source, functions, model_calls=1, confidence=1.0)

    def start(self, source: str) -> asyncio.Task[Execution]:
        return asyncio.create_task(
            self.executor.execute(self.program(source), self.orders, self.states.append, subtask_id="s1")
        )

    def after_a_crash(self, running: asyncio.Task[Execution]) -> asyncio.Task[Execution]:
        """Kill a run as it stands, and go on with what was kept of it in a new process."""
        kept = self.records.last
        running.cancel()
        self.orders, self.states = Orders(), []
        self.driver.moves.clear()
        return asyncio.create_task(
            self.executor.take_up(kept, self.program(kept.source), self.orders, self.states.append)
        )

    async def until(self, reached: Callable[[], bool]) -> None:
        """Let time pass until something is so. The sandbox works in threads, on the real clock."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not reached():
                await self.clock.advance(STEP_SECONDS)
                await asyncio.sleep(0.001)

    async def until_in(self, state: SubtaskState) -> None:
        await self.until(lambda: self.states[-1:] == [state])
        await self.clock.settle()

    async def until_made(self, *functions: str) -> None:
        """Let time pass until these calls have been made, and no others."""
        await self.until(lambda: len(self.driver.moves) >= len(functions))
        assert self.driver.made == list(functions)

    async def at_once(self, reached: Callable[[], bool]) -> None:
        """Wait until something is so although no time passes: what it takes is the work of tasks and threads alone."""
        began = self.clock.now()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not reached():  # noqa: ASYNC110 - the sandbox works in threads
                await asyncio.sleep(0.001)
        assert self.clock.now() == began

    async def end(self, running: asyncio.Task[Execution], *, is_at_once: bool = False) -> Execution:
        """Let time pass until the run has ended; with `is_at_once` it has to end although none passes."""
        await (self.at_once if is_at_once else self.until)(running.done)
        execution = running.result()
        assert not leaked_names(execution.sentence, names(self.description))
        assert execution.visits[-1].state == execution.state
        return execution

    async def run(self, source: str) -> Execution:
        return await self.end(self.start(source))

    def decide(self, *, approve: bool) -> None:
        assert self.orders.approval is not None
        assert self.orders.decide(self.orders.approval.approval_id, approve=approve)
