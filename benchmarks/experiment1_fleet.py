"""Sets up this project for one run of experiment 1: agents in processes of their own, or all of them in this one."""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import httpx

from benchmarks.experiment1_agent import STOP, AgentOrder
from benchmarks.experiment1_costs import sandbox_seconds, thinking_seconds
from coordinator.app import create_app as create_coordinator_app
from coordinator.coordinator import Coordinator
from coordinator.main import Settings, open_coordinator
from demos.warehouse.firmware import build_fleet
from demos.warehouse.server import create_app as create_world_app
from demos.warehouse.stage import (
    ENROL_SECONDS,
    REQUEST_SECONDS,
    SUBTASK_SECONDS,
    StageOptions,
    open_stage,
    robot_ids,
    site_of,
)
from demos.warehouse.world import WarehouseWorld
from parley.compose import Minds
from parley.serving import serving
from protocol.errors import ErrorCode, OperatorError
from transport.clock import SystemClock

_LOOPBACK = "127.0.0.1"

LanguageSeconds = Callable[[], Awaitable[dict[str, float]]]
"""Ends the measurement: returns what each agent's language work has cost in processor time since its start."""


@dataclass(frozen=True, slots=True)
class FleetAtWork:
    """A site whose whole fleet has joined."""

    coordinator: Coordinator
    client: httpx.AsyncClient
    world: WarehouseWorld
    language_seconds: LanguageSeconds


@asynccontextmanager
async def in_one_process(options: StageOptions, minds: Minds) -> AsyncIterator[FleetAtWork]:
    """Open the demo's own stage: all agents here, sharing their models and so taking turns.

    The sandbox is shared as well; what its workers cost is divided among the devices that had work.
    """
    async with open_stage(options, minds) as stage:
        for device_id in stage.fleet:
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

        yield FleetAtWork(stage.coordinator, stage.client, stage.world, language_seconds)


class AgentProcesses:
    """Processes that run one agent each, again and again; started when they are needed first."""

    def __init__(self) -> None:
        self._processes: list[asyncio.subprocess.Process] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for process in self._processes:
            if process.returncode is None:
                process.terminate()
            await process.wait()

    async def take(self, count: int) -> list[asyncio.subprocess.Process]:
        """Return so many processes with their models loaded."""
        missing = [await self._start() for _ in range(count - len(self._processes))]
        for process in missing:
            await answer_of(process)
        self._processes += missing
        return self._processes[:count]

    @staticmethod
    async def _start() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "benchmarks.experiment1_agent",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )


async def answer_of(process: asyncio.subprocess.Process) -> dict[str, float]:
    """Return the next thing that an agent's process says.

    Raises:
        OperatorError: it has ended.
    """
    assert process.stdout is not None  # noqa: S101 - it was started with one
    line = await process.stdout.readline()
    if not line:
        raise OperatorError("An agent's process has ended.", remedy="Its last words are above.")
    answer: dict[str, float] = json.loads(line)
    return answer


@asynccontextmanager
async def in_processes(
    options: StageOptions, processes: AgentProcesses, broker_url: str
) -> AsyncIterator[FleetAtWork]:
    """Open a coordinator and a world here, and every agent in a process of its own, which reaches its robot over HTTP."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parley-experiment1-")))
        world = WarehouseWorld(
            options.shelves,
            robot_ids(options.robots),
            seed=options.seed,
            clock=SystemClock(),
            time_scale=options.time_scale,
        )
        fleet = build_fleet(world, first_brand=options.first_brand)
        machines = await stack.enter_async_context(serving(create_world_app(world, fleet), _LOOPBACK, 0))
        settings = Settings(
            broker_url=broker_url,
            state_dir=folder,
            site=site_of(world),
            site_name=f"experiment-{secrets.token_hex(4)}",
            open_enrolment=True,
            subtask_timeout_seconds=SUBTASK_SECONDS,
        )
        coordinator = await stack.enter_async_context(open_coordinator(settings))
        url = await stack.enter_async_context(serving(create_coordinator_app(coordinator), _LOOPBACK, 0))
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=REQUEST_SECONDS))
        workers = dict(zip(fleet, await processes.take(len(fleet)), strict=True))
        for device_id, worker in workers.items():
            order = AgentOrder(
                device_id,
                fleet[device_id].vendor,
                f"{machines}/robots/{device_id}",
                broker_url,
                settings.site_name,
            )
            _tell(worker, order.line())
        if not await coordinator.wait_for_devices(len(fleet), timeout_seconds=ENROL_SECONDS):
            raise OperatorError(
                f"Not all {len(fleet)} agents joined within {ENROL_SECONDS:g} s.",
                code=ErrorCode.DEVICE_SILENT,
            )

        async def language_seconds() -> dict[str, float]:
            for worker in workers.values():
                _tell(worker, STOP)
            return {
                device_id: (await answer_of(worker))["language_seconds"]
                for device_id, worker in workers.items()
            }

        yield FleetAtWork(coordinator, client, world, language_seconds)


def _tell(process: asyncio.subprocess.Process, line: bytes) -> None:
    assert process.stdin is not None  # noqa: S101 - it was started with one
    process.stdin.write(line)
