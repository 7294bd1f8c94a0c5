"""Answers items for several devices as a site does: coordinator, planner and agents over a bus in this process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from coordinator.coordinator import Coordinator, CoordinatorSettings, coordinator_will
from coordinator.exchange import WaitingTimes
from coordinator.goals import GoalStatus, GoalView
from coordinator.ledger.database import DATABASE_NAME, LedgerAddress
from coordinator.ledger.ledger import open_ledger
from coordinator.site import Site
from device_agent.agent import DeviceAgent, client_id, lost_will
from device_agent.pipeline import FunctionIndex
from device_agent.store import AgentStore
from evals.items import Call, Item
from evals.machine import RecordingMachine
from evals.names import wire_name
from evals.outcome import Outcome
from evals.things import Thing
from inference.ports import LanguageModel, Reader
from inference.routing import Router
from protocol.errors import ErrorCode, OperatorError
from protocol.topics import Topics
from transport.clock import SystemClock, within
from transport.in_process_broker import InProcessBroker
from transport.in_process_bus import InProcessBus

_SITE = "evals"
_JOIN_SECONDS = 300.0
_SUBTASK_SECONDS = 30.0
_GOAL_SECONDS = 90.0
_BREAKDOWNS = frozenset(
    {
        ErrorCode.MODEL_UNAVAILABLE,
        ErrorCode.ENCODER_UNAVAILABLE,
        ErrorCode.BROKER_UNAVAILABLE,
        ErrorCode.DEVICE_SILENT,
        ErrorCode.UNKNOWN_OUTCOME,
        ErrorCode.INTERNAL,
    }
)


class Fleet:
    """A coordinator with its devices, ready for goals. Made by `open_fleet`."""

    def __init__(
        self,
        coordinator: Coordinator,
        machines: Sequence[RecordingMachine],
        calls: list[Call],
        clock: SystemClock,
    ) -> None:
        self._coordinator = coordinator
        self._machines = machines
        self._calls = calls
        self._clock = clock

    async def answer(self, item: Item) -> Outcome:
        """Pursue an item's sentence as a goal, from the state that the item says.

        Raises:
            ParleyError: the goal was not accepted.
            TimeoutError: it did not end; the fleet must not be used any more, because a device may still be at work.
        """
        self._calls.clear()
        for machine, device in zip(self._machines, item.devices, strict=True):
            machine.reset(device.state)
        began = time.perf_counter()
        goal = self._coordinator.submit(item.utterance)
        view = await within(self._clock, _GOAL_SECONDS, self._coordinator.wait(goal.goal_id))
        return Outcome(
            tuple(self._calls),
            time.perf_counter() - began,
            _said(view),
            is_broken=view.status is not GoalStatus.COMPLETED and view.error_code in _BREAKDOWNS,
        )


@asynccontextmanager
async def open_fleet(
    things: Sequence[Thing],
    model: LanguageModel,
    index: FunctionIndex,
    reader: Reader | None = None,
    router: Router | None = None,
) -> AsyncIterator[Fleet]:
    """Start a coordinator and an agent for each device, and wait until all have joined.

    Raises:
        OperatorError: a device could not join.
    """
    clock = SystemClock()
    broker = InProcessBroker(clock=clock)
    calls: list[Call] = []
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="parley-evals-")))
        coordinator = await _coordinator(folder, broker, model, router, clock, stack)
        machines: list[RecordingMachine] = []
        agents: list[asyncio.Task[None]] = []
        names: list[str] = []
        for thing in things:
            names.append(wire_name(thing.device.id, names))
            machines.append(RecordingMachine(thing, calls))
            agent = await _agent(
                names[-1], thing, machines[-1], model, index, reader, folder, broker, clock, stack
            )
            agents.append(asyncio.create_task(agent.run(), name=names[-1]))
            # Unwound before its connection is closed, so that it can say goodbye.
            stack.push_async_callback(_stop, agents[-1])
        await _joined(coordinator, agents)
        yield Fleet(coordinator, machines, calls, clock)


async def _coordinator(  # noqa: PLR0917 - what a coordinator is made of
    folder: Path,
    broker: InProcessBroker,
    model: LanguageModel,
    router: Router | None,
    clock: SystemClock,
    stack: AsyncExitStack,
) -> Coordinator:
    address = LedgerAddress.of_file(folder / DATABASE_NAME, _SITE)
    ledger = await stack.enter_async_context(open_ledger(address, clock))
    topics = Topics(_SITE)
    will = coordinator_will(topics, ledger.epoch, clock.now())
    coordinator = Coordinator(
        bus=InProcessBus(broker, "coordinator", will=will, clock=clock),
        ledger=ledger,
        topics=topics,
        site=Site(),
        model=model,
        router=router,
        clock=clock,
        settings=CoordinatorSettings(
            is_open=True, times=WaitingTimes(subtask_timeout_seconds=_SUBTASK_SECONDS)
        ),
    )
    return await stack.enter_async_context(coordinator)


async def _agent(  # noqa: PLR0917 - what an agent is made of
    name: str,
    thing: Thing,
    machine: RecordingMachine,
    model: LanguageModel,
    index: FunctionIndex,
    reader: Reader | None,
    folder: Path,
    broker: InProcessBroker,
    clock: SystemClock,
    stack: AsyncExitStack,
) -> DeviceAgent:
    store = stack.enter_context(AgentStore(folder / "agents" / name, now=clock.now()))
    will = lost_will(_SITE, name, store.session, clock)
    bus = await stack.enter_async_context(
        InProcessBus(broker, client_id(_SITE, name), will=will, clock=clock)
    )
    return DeviceAgent(
        name, thing.description, bus, machine, model, index, store, reader=reader, clock=clock, site=_SITE
    )


async def _joined(coordinator: Coordinator, agents: Sequence[asyncio.Task[None]]) -> None:
    """Wait for all devices; an agent that cannot join says why."""
    joining = asyncio.ensure_future(coordinator.wait_for_devices(len(agents), timeout_seconds=_JOIN_SECONDS))
    try:
        await asyncio.wait({joining, *agents}, return_when=asyncio.FIRST_COMPLETED)
        for agent in agents:
            if agent.done():
                agent.result()
        if not await joining:
            raise OperatorError(f"Not all {len(agents)} devices joined within {_JOIN_SECONDS:g} s.")
    finally:
        joining.cancel()


async def _stop(agent: asyncio.Task[None]) -> None:
    agent.cancel()
    await asyncio.gather(agent, return_exceptions=True)


def _said(view: GoalView) -> str:
    plan = f"plan {' ; '.join(view.plan)}; " if view.plan else ""
    return f"{plan}{view.answer or ''}"
