"""How soon a machine is brought to rest after someone engages the emergency stop, whatever its agent is at.

    python -m benchmarks.emergency_stop [--rounds 20] [--json]

Measured from the moment before the message is published to the moment in which the driver is told to bring the machine
to rest, over the in-process bus and over a real mosquitto on this machine, with a real agent, store and sandbox. In every
round a bare message of the same size goes from the same publisher to the agent's connection first, so that whatever else
this machine does weighs on both alike; only the ratios to that say something of another machine.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import logging
import statistics
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

import firmware_api_specs
from device_agent.agent import DeviceAgent, client_id, lost_will
from device_agent.drivers.simulated import SimulatedDriver
from device_agent.pipeline import Pipeline, Program, Watcher
from device_agent.store import AgentStore
from firmware_api_specs.loader import load
from firmware_api_specs.thing_description import ThingDescription
from fsm.verifier import verify
from inference.encoder import HashEncoder
from inference.ports import Prompt
from inference.scripted_model import ScriptedModel
from protocol.messages import (
    Control,
    ControlCommand,
    EmergencyStop,
    EnrolmentReply,
    EnrolmentRequest,
    Report,
    ReportStatus,
    Subtask,
    decode,
    encode,
)
from protocol.topics import Channel, Topics
from rag.api_index import ApiIndex
from sandbox.session import SandboxSession
from transport.broker import ManagedBroker
from transport.clock import SystemClock
from transport.in_process_broker import InProcessBroker
from transport.in_process_bus import InProcessBus
from transport.mqtt_bus import MqttBus
from transport.ports import MessageBus, Will

SPEC = Path(firmware_api_specs.__file__).parent / "examples" / "ceiling_lamp.td.json"
DEVICE = "lamp-1"
SITE = "benchmark"
SET, TURN, LOOK, OFF = "setze_helligkeit", "drehe_kopf", "pruefe_anwesenheit", "schalte_aus"
FUNCTIONS = (SET, TURN, LOOK, OFF)
PATIENCE_SECONDS = 20.0
POLLS_AT_ONCE = 100
CLOCK = SystemClock()
_MODEL_SECONDS = 60.0
_numbers = itertools.count(1)

MakeBus = Callable[[str, Will | None], Any]


class Machine(SimulatedDriver):
    """A simulated lamp that notes when it is told to rest, and whose brightness can be set to misbehave."""

    def __init__(self, description: ThingDescription) -> None:
        super().__init__(description, CLOCK)
        self.rests: list[float] = []
        """When it was told to rest, by `time.perf_counter`."""
        self.called_before_rest: list[str] = []
        """What had been called when it was told to rest first."""
        self.rested = asyncio.Event()
        self.hanging = {SET}
        """What does not return before it may."""
        self.may_return = asyncio.Event()
        self.may_return.set()
        self.ignores_cancellation = False

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Answer one call."""
        answer = await super().call(name, arguments)
        while name in self.hanging and not self.may_return.is_set():
            try:
                await self.may_return.wait()
            except asyncio.CancelledError:
                if not self.ignores_cancellation:
                    raise
        return answer

    @property
    def moves(self) -> list[str]:
        """The functions that programs have called; the agent itself only looks."""
        return [name for name, _ in self.calls if name in FUNCTIONS]

    async def make_safe(self) -> None:
        """Note the time."""
        if not self.rests:
            self.called_before_rest = self.moves
        self.rests.append(time.perf_counter())
        self.rested.set()
        await super().make_safe()


@dataclass(frozen=True, slots=True)
class Situation:
    """What an agent is at when the stop comes.

    Attributes:
        name: what it is at.
        reach: brings an agent there that has nothing to do.
        program: what runs; empty where nothing does, or the model writes it.
    """

    name: str
    reach: Callable[[Stage], Any]
    program: str = ""


class StandIn(Pipeline):
    """Gives the program of the situation that a sentence names; for any other the model is asked."""

    def write(
        self,
        sentence: str,
        modes: Collection[str] | None = None,
        *,
        feedback: str | None = None,
        watcher: Watcher | None = None,  # noqa: ARG002 - a program that stands ready is found and checked by nobody
    ) -> Program:
        """Return a program; see `Pipeline.write`."""
        for situation in SITUATIONS:
            if situation.name == sentence and situation.program:
                return Program(situation.program, FUNCTIONS, model_calls=0, confidence=1.0)
        return super().write(sentence, modes, feedback=feedback)


class Stage:
    """One agent at work, and the people and the coordinator at the other end of the wire.

    Attributes:
        machine: of the agent.
        checking: set when the check of a program before its run has begun.
        computing: set when a program has begun to compute in the sandbox.
        asked: set when the model is asked; it answers once it `may_answer`.
    """

    def __init__(self, bus: MessageBus, machine: Machine) -> None:
        self.machine = machine
        self.checking = asyncio.Event()
        self.computing = asyncio.Event()
        self.asked = asyncio.Event()
        self.may_answer = threading.Event()
        self.subtask_id = ""
        self.topics = Topics(SITE)
        self._bus = bus
        self._reports: list[Report] = []
        self._changed = asyncio.Condition()
        self._loop = asyncio.get_running_loop()

    # What the stage hears

    async def listen(self, enrolment_and_reports: AsyncIterator[Any]) -> None:
        """Let the device join, and collect what it reports, until cancelled."""
        async for delivery in enrolment_and_reports:
            if delivery.topic == self.topics.enrol(DEVICE, Channel.ENROL_REQUEST):
                request = decode(EnrolmentRequest, delivery.payload)
                reply = EnrolmentReply(
                    request_id=request.request_id, device_id=DEVICE, accepted=True, sentence="Welcome."
                )
                await self._bus.publish(self.topics.enrol(DEVICE, Channel.ENROL_REPLY), encode(reply))
                continue
            async with self._changed:
                self._reports.append(decode(Report, delivery.payload))
                self._changed.notify_all()

    def answer(self, prompt: Prompt) -> str:
        """Answer for the model, from its thread."""
        del prompt
        self._loop.call_soon_threadsafe(self.asked.set)
        self.may_answer.wait(_MODEL_SECONDS)
        return "refuse"

    def noting(self, work: Callable[..., Any], begun: asyncio.Event) -> Callable[..., Any]:
        """Return `work` that says that it has begun, from whichever thread does it."""

        def noted(*arguments: Any, **more: Any) -> Any:
            self._loop.call_soon_threadsafe(begun.set)
            return work(*arguments, **more)

        return noted

    async def report(self, *statuses: ReportStatus) -> Report:
        """Wait for a report of the present subtask with one of these statuses."""

        def found() -> Report | None:
            ours = (one for one in self._reports if one.subtask_id == self.subtask_id)
            return next((one for one in ours if one.status in statuses), None)

        await self._until(lambda: found() is not None)
        report = found()
        assert report is not None  # noqa: S101 - waited for
        return report

    async def end(self) -> Report:
        """Wait for the end of the present subtask."""
        return await self.report(*(status for status in ReportStatus if status.is_final))

    async def _until(self, reached: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS), self._changed:
            await self._changed.wait_for(reached)

    # What the stage does

    async def order(self, sentence: str) -> None:
        """Give the agent a new subtask."""
        self.subtask_id = f"s{next(_numbers)}"
        self._reports.clear()
        subtask = Subtask(
            subtask_id=self.subtask_id,
            goal_id="g1",
            device_id=DEVICE,
            sentence=sentence,
            epoch=1,
            issued_at=CLOCK.now(),
            timeout_seconds=600.0,
        )
        await self._bus.publish(self.topics.device(DEVICE, Channel.SUBTASK), encode(subtask))

    async def control(self, command: ControlCommand, approval_id: str | None = None) -> None:
        """Tell the agent what to do with the present subtask."""
        control = Control(
            control_id=f"c{next(_numbers)}",
            device_id=DEVICE,
            command=command,
            epoch=1,
            subtask_id=self.subtask_id or None,
            approval_id=approval_id,
        )
        await self._bus.publish(self.topics.device(DEVICE, Channel.CONTROL), encode(control))

    async def moved(self) -> None:
        """Wait until a program has called something since the last release."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not self.machine.moves:
                self.machine.called.clear()
                await self.machine.called.wait()

    async def turn(self, *, engaged: bool) -> None:
        """Engage or release the emergency stop."""
        message = EmergencyStop(engaged=engaged, by="Anna", at=CLOCK.now())
        await self._bus.publish(self.topics.emergency_stop, encode(message), retain=True)

    async def publish(self, topic: str, payload: bytes) -> None:
        """Send something else from the same connection."""
        await self._bus.publish(topic, payload)

    async def stop(self) -> float:
        """Engage the emergency stop; returns the seconds until the machine was told to rest."""
        self.machine.rests.clear()
        self.machine.rested.clear()
        began = time.perf_counter()
        await self.turn(engaged=True)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.machine.rested.wait()
        return self.machine.rests[0] - began

    async def release(self) -> None:
        """Release the emergency stop, and see that the agent takes work again."""
        self.machine.may_return.set()
        self.machine.ignores_cancellation = False
        self.may_answer.set()
        await self.turn(engaged=False)
        await self.order(QUICK.name)
        report = await self.end()
        if report.status is not ReportStatus.COMPLETED:
            raise AssertionError(report)
        self.machine.calls.clear()
        self.machine.called.clear()
        self.checking.clear()
        self.computing.clear()
        self.asked.clear()
        self.may_answer.clear()


# How each situation is reached


async def _nothing(stage: Stage) -> None:
    stage.subtask_id = ""


async def _quick(stage: Stage) -> None:
    await stage.order(QUICK.name)


async def _calls(stage: Stage, name: str) -> None:
    stage.machine.may_return.clear()
    await stage.order(name)
    await stage.moved()


async def _is_busy(stage: Stage) -> None:
    await stage.order(BUSY.name)
    await stage.moved()


async def _hangs(stage: Stage) -> None:
    await _calls(stage, HANGS.name)


async def _is_deaf(stage: Stage) -> None:
    stage.machine.ignores_cancellation = True
    await _calls(stage, DEAF.name)


async def _catches_all(stage: Stage) -> None:
    await _calls(stage, CATCHES_ALL.name)


async def _computes(stage: Stage, name: str) -> None:
    await stage.order(name)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await stage.computing.wait()


async def _spins(stage: Stage) -> None:
    await _computes(stage, SPINS.name)


async def _swallows(stage: Stage) -> None:
    await _computes(stage, SWALLOWS.name)


async def _is_checked(stage: Stage) -> None:
    await stage.order(CHECKED.name)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await stage.checking.wait()


async def _rests(stage: Stage) -> None:
    await _calls(stage, PAUSED.name)
    await stage.control(ControlCommand.PAUSE)
    await stage.control(ControlCommand.POLL)
    await stage.report(ReportStatus.ONGOING)
    stage.machine.may_return.set()
    await stage.report(ReportStatus.PAUSED)


async def _asks(stage: Stage) -> None:
    await stage.order(ASKS.name)
    await stage.report(ReportStatus.AWAITING_APPROVAL)


async def _writes(stage: Stage) -> None:
    await stage.order(WRITES.name)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await stage.asked.wait()


async def _is_polled(stage: Stage) -> None:
    await _calls(stage, POLLED.name)
    for _ in range(POLLS_AT_ONCE):
        await stage.control(ControlCommand.POLL)


# The check of programs takes long to follow this: each function runs the next one in two ways.
_MANY_WAYS = "".join(
    f"def f{number}():\n    for i in range(2):\n        f{number + 1}()\n    f{number + 1}()\n"
    for number in range(8)
)
_CALL = f"{SET}(stufe=5)\n"
QUICK = Situation("a quick program", _quick, f"{LOOK}()\n")
IDLE = Situation("idle", _nothing)
BUSY = Situation("a program of quick calls", _is_busy, f"for i in range(32):\n    {LOOK}()\n")
HANGS = Situation("a call that hangs", _hangs, _CALL)
DEAF = Situation("a call that ignores cancellation", _is_deaf, _CALL)
SPINS = Situation("a program that spins", _spins, f"for i in range(10**9):\n    pass\n{LOOK}()\n")
SWALLOWS = Situation(
    "a program that swallows exceptions",
    _swallows,
    "n = 1\nwhile n:\n    try:\n        while n:\n            n = n % 9 + 1\n    except BaseException:\n        pass\n",
)
CATCHES_ALL = Situation(
    "a program that catches all around a call",
    _catches_all,
    f"for i in range(9):\n    try:\n        {_CALL}    except BaseException:\n        {OFF}()\n",
)
CHECKED = Situation("a program that is checked", _is_checked, f"{_MANY_WAYS}def f8():\n    {_CALL}f0()\n")
PAUSED = Situation("paused", _rests, f"{_CALL}{LOOK}()\n")
ASKS = Situation("awaiting approval", _asks, f"{_CALL}{TURN}(rasten=1)\n")
WRITES = Situation("the model is writing", _writes)
POLLED = Situation(f"{POLLS_AT_ONCE} polls at once", _is_polled, _CALL)
SITUATIONS = (
    QUICK,
    IDLE,
    BUSY,
    HANGS,
    DEAF,
    SPINS,
    SWALLOWS,
    CATCHES_ALL,
    CHECKED,
    PAUSED,
    ASKS,
    WRITES,
    POLLED,
)


@asynccontextmanager
async def staged(make_bus: MakeBus, folder: Path) -> AsyncIterator[tuple[Stage, MessageBus]]:
    """Set an agent to work; yields the stage and the agent's connection."""
    description = load(SPEC)
    machine = Machine(description)
    async with AsyncExitStack() as stack:
        bus = await stack.enter_async_context(make_bus("people", None))
        stage = Stage(bus, machine)
        store = stack.enter_context(AgentStore(folder))
        index = stack.enter_context(closing(ApiIndex(None, HashEncoder())))
        will = lost_will(SITE, DEVICE, store.session, CLOCK)
        agents_bus = await stack.enter_async_context(make_bus(client_id(SITE, DEVICE), will))
        heard = await stack.enter_async_context(
            bus.subscribe(
                stage.topics.enrol(DEVICE, Channel.ENROL_REQUEST),
                stage.topics.device(DEVICE, Channel.REPORT),
            )
        )
        start = stage.noting(SandboxSession.start, stage.computing)
        stack.enter_context(patch("device_agent.agent.Pipeline", StandIn))
        stack.enter_context(patch("device_agent.executor.verify", stage.noting(verify, stage.checking)))
        stack.enter_context(patch.object(SandboxSession, "start", start))
        agent = DeviceAgent(
            DEVICE,
            description,
            agents_bus,
            machine,
            ScriptedModel(stage.answer),
            index,
            store,
            clock=CLOCK,
            site=SITE,
        )
        tasks = {asyncio.create_task(stage.listen(heard)), asyncio.create_task(agent.run())}
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await agent.enrolled.wait()
            yield stage, agents_bus
        finally:
            machine.may_return.set()
            stage.may_answer.set()
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)


# Measuring


@dataclass(frozen=True, slots=True)
class Latency:
    """How soon the machine was told to rest in one situation. Times are milliseconds.

    `ratio` is `p50_ms` divided by the median of bare messages over the same bus.
    """

    bus: str
    situation: str
    p50_ms: float
    max_ms: float
    ratio: float


@asynccontextmanager
async def buses(name: str) -> AsyncIterator[MakeBus]:
    """Make connections over one kind of bus."""
    if name == "in-process":
        broker = InProcessBroker(clock=CLOCK)
        yield lambda client, will: InProcessBus(broker, client, will=will, clock=CLOCK)
        return
    async with ManagedBroker() as managed:
        yield lambda client, will: MqttBus(managed.url, client, will=will, clock=CLOCK)


async def measure(bus_name: str, rounds: int, progress: Progress) -> list[Latency]:
    """Stop an agent `rounds` times in every situation, over one kind of bus; the first row is the bare message."""
    bare: list[float] = []
    times: dict[str, list[float]] = {situation.name: [] for situation in SITUATIONS[1:]}
    task = progress.add_task(bus_name, total=rounds * len(times))
    with tempfile.TemporaryDirectory() as folder:
        async with buses(bus_name) as make_bus, staged(make_bus, Path(folder)) as (stage, agents_bus):
            for _ in range(rounds):
                for situation in SITUATIONS[1:]:
                    bare.append(await _bare(stage, agents_bus))
                    await situation.reach(stage)
                    times[situation.name].append(await stage.stop())
                    if stage.subtask_id:
                        await stage.end()
                    await stage.release()
                    progress.advance(task)
    middle = statistics.median(bare)
    rows = {"a bare message": bare, **times}
    return [
        Latency(
            bus_name,
            name,
            round(1000 * statistics.median(row), 2),
            round(1000 * max(row), 2),
            round(statistics.median(row) / middle, 1),
        )
        for name, row in rows.items()
    ]


async def _bare(stage: Stage, agents_bus: MessageBus) -> float:
    """Return the seconds that a message needs from the publisher to a subscriber at the agent's connection."""
    topic = f"{stage.topics.root}/bare"
    payload = encode(EmergencyStop(engaged=True, by="Anna", at=CLOCK.now()))
    async with agents_bus.subscribe(topic) as deliveries:
        waiting = asyncio.create_task(_arrival(deliveries))
        await asyncio.sleep(0)
        began = time.perf_counter()
        await stage.publish(topic, payload)
        return await waiting - began


async def _arrival(deliveries: AsyncIterator[Any]) -> float:
    await anext(deliveries)
    return time.perf_counter()


def table_of(latencies: list[Latency]) -> Table:
    """Show the times over one bus."""
    table = Table(f"over the bus: {latencies[0].bus}", "p50", "max", "ratio")
    for column in table.columns[1:]:
        column.justify = "right"
    for latency in latencies:
        table.add_row(
            latency.situation, f"{latency.p50_ms:.2f} ms", f"{latency.max_ms:.2f} ms", f"{latency.ratio:.1f}"
        )
    return table


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--rounds", type=int, default=20, help="how often the agent is stopped in each situation"
    )
    parser.add_argument("--json", action="store_true", help="print the times in one line of JSON at the end")
    arguments = parser.parse_args()
    logging.disable(logging.ERROR)  # each stop is logged
    found: list[Latency] = []
    for name in ("in-process", "mosquitto"):
        with Progress(transient=True, console=Console(stderr=True)) as progress:
            latencies = asyncio.run(measure(name, arguments.rounds, progress))
        Console().print(table_of(latencies))
        found += latencies
    print(
        "The ratio is that of the median to the median of a bare message from the publisher to a subscriber."
    )
    if arguments.json:
        print(json.dumps([asdict(latency) for latency in found]))


if __name__ == "__main__":
    main()
