"""Sets up one run of experiment 1: a world whose robots' time is counted, and this project's whole site around it.

The site is the demo's (`demos/warehouse/stage.py`): a real broker, a coordinator with its HTTP API, an agent for each robot; the
agents in processes of their own, or all of them in this one.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx

from benchmarks.experiment1_agent import STOP, AgentOrder
from benchmarks.experiment1_costs import sandbox_seconds, thinking_seconds
from coordinator.app import create_app as create_coordinator_app
from coordinator.coordinator import Coordinator
from coordinator.main import Settings, open_coordinator
from demos.warehouse.firmware import SimulatedFirmware, thing_description, vendor_of
from demos.warehouse.server import create_app as create_world_app
from demos.warehouse.site import site_of
from demos.warehouse.stage import REQUEST_SECONDS, SUBTASK_SECONDS, robot_ids
from demos.warehouse.world import WarehouseWorld
from firmware_api_specs.loader import load
from parley.agent_process import Minds, open_agent
from parley.serving import serving
from protocol.errors import ErrorCode, OperatorError
from transport.clock import SystemClock

_ROBOTS_IN_TIME = 10
_LOOPBACK = "127.0.0.1"
_JOIN_SECONDS = 600.0
_robot: ContextVar[str | None] = ContextVar("robot", default=None)


class WorldClock(SystemClock):
    """Real time for a world, and a count of how long each robot was busy in the world's own time.

    What is counted is what the robots' motions last, and not how late a busy machine comes back to them.

    Args:
        time_scale: seconds of the world in one second.
    """

    def __init__(self, time_scale: float) -> None:
        self.busy_seconds: dict[str, float] = {}
        self._time_scale = time_scale

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` of real time; charge the robot whose function waits."""
        robot_id = _robot.get()
        if robot_id is not None:
            self.busy_seconds[robot_id] = self.busy_seconds.get(robot_id, 0.0) + seconds * self._time_scale
        await super().sleep(seconds)


class TimedFirmware(SimulatedFirmware):
    """A robot whose motions are charged to it."""

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Run one function; see `SimulatedFirmware.call`.

        Raises:
            DriverError: as there.
        """
        with _charged(self.robot_id):
            return await super().call(name, arguments)


@contextmanager
def _charged(robot_id: str) -> Iterator[None]:
    token = _robot.set(robot_id)
    try:
        yield
    finally:
        _robot.reset(token)


@dataclass(frozen=True, slots=True)
class Setting:
    """The world of one run: as many shelves as robots.

    Attributes:
        seed: what is on the shelves, and which brand the first robot is of; the others follow in turn.
        time_scale: seconds of the world in one second.
    """

    robots: int
    seed: int
    time_scale: float


@dataclass(frozen=True, slots=True)
class Hall:
    """A world with its robots, and the clock that counts how long they were busy."""

    world: WarehouseWorld
    fleet: dict[str, TimedFirmware]
    clock: WorldClock

    @classmethod
    def of(cls, setting: Setting) -> Self:
        """Build it; the same setting always gives the same hall."""
        clock = WorldClock(setting.time_scale)
        world = WarehouseWorld(
            setting.robots,
            robot_ids(setting.robots),
            seed=setting.seed,
            clock=clock,
            time_scale=setting.time_scale,
        )
        fleet = {
            robot_id: TimedFirmware(vendor_of(setting.seed + index), world, robot_id)
            for index, robot_id in enumerate(world.robots)
        }
        return cls(world, fleet, clock)


@dataclass(frozen=True, slots=True)
class FleetAtWork:
    """A site whose whole fleet has joined.

    Attributes:
        language_seconds: to be called once, at the end of a run: what each agent's language work has cost in processor time.
    """

    coordinator: Coordinator
    client: httpx.AsyncClient
    language_seconds: Callable[[], Awaitable[dict[str, float]]]


@asynccontextmanager
async def in_one_process(hall: Hall, minds: Minds, broker_url: str) -> AsyncIterator[FleetAtWork]:
    """Run all agents here, sharing their models and so taking turns.

    The sandbox is shared as well; what its workers cost is divided among the devices that had work.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parley-experiment1-")))
        coordinator, client, settings = await _open_coordinator(hall, folder, broker_url, stack)
        agents = []
        for device_id, firmware in hall.fleet.items():
            agent, _ = await stack.enter_async_context(
                open_agent(
                    device_id,
                    load(thing_description(firmware.vendor)),
                    firmware,
                    minds,
                    folder=folder / device_id,
                    broker_url=broker_url,
                    site=settings.site_name,
                )
            )
            agents.append(agent)
        # The last thing opened is the first to end: they say goodbye while they are still connected.
        running = [asyncio.create_task(agent.run()) for agent in agents]
        stack.push_async_callback(_stop, running)
        await _all_joined(coordinator, len(agents))
        for device_id in hall.fleet:
            # The words of a device's functions are read at first use, which is not part of any goal.
            await asyncio.to_thread(minds.index.retrieve, device_id, "-", 1)
        before, sandbox = thinking_seconds(), sandbox_seconds()

        async def language_seconds() -> dict[str, float]:
            spent = {
                device_id: seconds - before.get(device_id, 0.0)
                for device_id, seconds in thinking_seconds().items()
            }
            share = (sandbox_seconds() - sandbox) / max(1, len(spent))
            return {device_id: seconds + share for device_id, seconds in spent.items()}

        yield FleetAtWork(coordinator, client, language_seconds)


@asynccontextmanager
async def in_processes(hall: Hall, processes: AgentProcesses, broker_url: str) -> AsyncIterator[FleetAtWork]:
    """Run every agent in a process of its own, which reaches its robot over HTTP; coordinator and world stay here."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parley-experiment1-")))
        world_app = create_world_app(hall.world, hall.fleet)
        machines = await stack.enter_async_context(serving(world_app, _LOOPBACK, 0))
        coordinator, client, settings = await _open_coordinator(hall, folder, broker_url, stack)
        workers = dict(zip(hall.fleet, await processes.take(len(hall.fleet)), strict=True))
        for device_id, worker in workers.items():
            brand, url = hall.fleet[device_id].vendor, f"{machines}/robots/{device_id}"
            worker.tell(AgentOrder(device_id, brand, url, broker_url, settings.site_name).line())
        await _all_joined(coordinator, len(workers))

        async def language_seconds() -> dict[str, float]:
            for worker in workers.values():
                worker.tell(STOP)
            return {
                device_id: (await worker.answer())["language_seconds"]
                for device_id, worker in workers.items()
            }

        yield FleetAtWork(coordinator, client, language_seconds)


async def _open_coordinator(
    hall: Hall, folder: Path, broker_url: str, stack: AsyncExitStack
) -> tuple[Coordinator, httpx.AsyncClient, Settings]:
    settings = Settings(
        broker_url=broker_url,
        state_dir=folder / "coordinator",
        site=site_of(hall.world),
        site_name=f"experiment-{secrets.token_hex(4)}",
        open_enrolment=True,
        # Agents that share a processor take turns with their language work.
        subtask_timeout_seconds=SUBTASK_SECONDS * max(1.0, len(hall.fleet) / _ROBOTS_IN_TIME),
    )
    coordinator = await stack.enter_async_context(open_coordinator(settings))
    url = await stack.enter_async_context(serving(create_coordinator_app(coordinator), _LOOPBACK, 0))
    client = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=REQUEST_SECONDS))
    return coordinator, client, settings


async def _all_joined(coordinator: Coordinator, count: int) -> None:
    if not await coordinator.wait_for_devices(count, timeout_seconds=_JOIN_SECONDS):
        raise OperatorError(
            f"Not all {count} agents joined within {_JOIN_SECONDS:g} s.", code=ErrorCode.DEVICE_SILENT
        )


async def _stop(agents: list[asyncio.Task[None]]) -> None:
    for task in agents:
        task.cancel()
    for task in agents:
        with suppress(asyncio.CancelledError):
            await task


@dataclass(frozen=True, slots=True)
class AgentProcess:
    """A process that runs one agent after another; see `experiment1_agent`."""

    process: asyncio.subprocess.Process

    def tell(self, line: bytes) -> None:
        """Send a line."""
        assert self.process.stdin is not None  # noqa: S101 - it was started with one
        self.process.stdin.write(line)

    async def answer(self) -> dict[str, float]:
        """Return the next thing that it says.

        Raises:
            OperatorError: it has ended.
        """
        assert self.process.stdout is not None  # noqa: S101 - it was started with one
        line = await self.process.stdout.readline()
        if not line:
            raise OperatorError("An agent's process has ended.", remedy="Its last words are above.")
        answer: dict[str, float] = json.loads(line)
        return answer


@dataclass(slots=True)
class AgentProcesses:
    """The processes there are; they are started when they are needed first."""

    _all: list[AgentProcess] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for one in self._all:
            if one.process.returncode is None:
                one.process.terminate()
            await one.process.wait()

    async def take(self, count: int) -> list[AgentProcess]:
        """Return so many processes with their models loaded."""
        missing = [await _start() for _ in range(count - len(self._all))]
        for process in missing:
            await process.answer()
        self._all += missing
        return self._all[:count]


async def _start() -> AgentProcess:
    return AgentProcess(
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "benchmarks.experiment1_agent",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
    )
