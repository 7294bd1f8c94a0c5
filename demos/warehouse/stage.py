"""Sets up a warehouse: a broker, a world, a coordinator and an agent for every machine, all real but for the machines."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from coordinator.app import create_app
from coordinator.coordinator import Coordinator
from coordinator.main import Settings, open_coordinator
from demos.warehouse.firmware import SimulatedFirmware, build_fleet, thing_description
from demos.warehouse.floor import FloorPlan
from demos.warehouse.machines import MachineFirmware, build_machines, machine_description
from demos.warehouse.site import site_of
from demos.warehouse.traffic_service import TrafficService
from demos.warehouse.world import WarehouseWorld
from device_agent.drivers.port import Driver
from device_agent.events import AgentEvent, Observer
from firmware_api_specs.loader import load
from parley.agent_process import Minds, open_agent, open_minds
from parley.looking_inside import AgentInspector
from parley.serving import serving
from protocol.clock import Clock
from protocol.errors import ErrorCode, OperatorError
from protocol.topics import Topics
from transport.broker import ManagedBroker
from transport.clock import SystemClock
from transport.mqtt_bus import MqttBus

ENROL_SECONDS = 60.0
SUBTASK_SECONDS = 60.0
REQUEST_SECONDS = 10.0
_ATTRIBUTES_SECONDS = 0.5
"""Time runs fast here, so that robots tell more often than usual where they are."""


@dataclass(frozen=True, slots=True)
class StageOptions:
    """What is set up.

    Attributes:
        robots: how many; brands repeat after the tenth.
        shelves: how many, where there is no plan.
        seed: what is on the shelves, and how full batteries are.
        plan: the floor; None for an open one without stations, totes and other machines.
        broker_url: a running broker; None starts one.
        port: of the HTTP API; None takes a free one.
        time_scale: simulated seconds in one real second.
        with_pages: whether the dashboard is served too.
        clock: time of the coordinator and of all agents; the world has its own, which `time_scale` quickens.
    """

    robots: int
    shelves: int
    seed: int = 0
    plan: FloorPlan | None = None
    broker_url: str | None = None
    port: int | None = None
    time_scale: float = 20.0
    with_pages: bool = False
    clock: Clock = field(default_factory=SystemClock)


@dataclass(slots=True)
class Stage:
    """A warehouse that runs.

    Attributes:
        world: the truth.
        fleet: the firmware of every robot, by id.
        machines: the firmware of everything else, by id.
        brands: of the robots, by id.
        clock: of the coordinator and of all agents.
        inspector: what agents told of their last subtask.
        observers: called with everything that any agent tells.
    """

    world: WarehouseWorld
    fleet: dict[str, SimulatedFirmware]
    machines: dict[str, MachineFirmware]
    coordinator: Coordinator
    url: str
    broker_url: str
    client: httpx.AsyncClient
    inspector: AgentInspector
    observers: list[Observer]
    brands: dict[str, str]
    clock: Clock
    _buses: dict[str, MqttBus] = field(default_factory=dict)

    async def die(self, robot_id: str) -> None:
        """End a robot as a crash would: its machine hangs, and its agent is gone without a goodbye."""
        self.fleet[robot_id].faults.silent = True
        await self._buses[robot_id].kill()


def robot_ids(count: int) -> list[str]:
    """Name robots."""
    return [f"robot-{number}" for number in range(1, count + 1)]


@asynccontextmanager
async def open_stage(options: StageOptions, minds: Minds | None = None) -> AsyncIterator[Stage]:
    """Start everything, and wait until the whole fleet has joined.

    Args:
        options: what to set up.
        minds: the models that all agents share; those of the environment when None.

    Raises:
        OperatorError: something is missing or in the way, or a machine could not join.
        ModelError: a model cannot be used.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parley-demo-")))
        broker_url = options.broker_url
        if broker_url is None:
            broker_url = (await stack.enter_async_context(ManagedBroker())).url
        if minds is None:
            minds = await stack.enter_async_context(open_minds(folder / "index"))
        plan = options.plan
        world = WarehouseWorld(
            len(plan.shelves) if plan is not None else options.shelves,
            robot_ids(options.robots),
            seed=options.seed,
            clock=SystemClock(),
            time_scale=options.time_scale,
            plan=plan,
        )
        fleet = build_fleet(world)
        machines = {} if plan is None else build_machines(world)
        settings = Settings(
            broker_url=broker_url,
            state_dir=folder / "coordinator",
            site=site_of(world),
            # A name of our own, so that a shared broker's other sites are left alone.
            site_name=f"demo-{secrets.token_hex(4)}",
            open_enrolment=True,
            subtask_timeout_seconds=SUBTASK_SECONDS,
        )
        if plan is not None:
            await _lead_traffic(world, plan, settings, stack)
        coordinator = await stack.enter_async_context(open_coordinator(settings, clock=options.clock))
        inspector = AgentInspector()
        app = create_app(coordinator)
        address: list[str] = []
        pages = None
        if options.with_pages:
            # Only here, because it takes a second to load.
            from demos.warehouse.pages import add_pages  # noqa: PLC0415

            pages = add_pages(app, lambda: address[0], world, fleet, inspector)
        url = await stack.enter_async_context(serving(app, settings.host, options.port or 0))
        address.append(url)
        if pages is not None:
            stack.push_async_callback(pages.close)
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=REQUEST_SECONDS))
        stage = Stage(
            world,
            fleet,
            machines,
            coordinator,
            url,
            broker_url,
            client,
            inspector,
            [inspector.note],
            {robot_id: firmware.vendor.capitalize() for robot_id, firmware in fleet.items()},
            options.clock,
        )
        await _join(stage, stack, minds, settings, folder)
        yield stage


async def _lead_traffic(
    world: WarehouseWorld, plan: FloorPlan, settings: Settings, stack: AsyncExitStack
) -> None:
    """Start the hall's traffic service, until `stack` unwinds."""
    topics = Topics(settings.site_name)
    bus = await stack.enter_async_context(
        MqttBus(settings.broker_url, f"traffic-{secrets.token_hex(4)}", session_expiry_seconds=0)
    )
    serving_it = asyncio.create_task(TrafficService(plan, world.traffic, topics).serve(bus), name="traffic")
    stack.push_async_callback(_stop, [serving_it])


async def _join(stage: Stage, stack: AsyncExitStack, minds: Minds, settings: Settings, folder: Path) -> None:
    """Connect one agent for each machine, wait for all, and stop them when `stack` unwinds."""

    def tell(event: AgentEvent) -> None:
        for observer in tuple(stage.observers):
            observer(event)

    agents: list[asyncio.Task[None]] = []
    descriptions: Mapping[str, dict[str, Any]] = {
        **{name: thing_description(firmware.vendor) for name, firmware in stage.fleet.items()},
        **{name: machine_description(firmware.description) for name, firmware in stage.machines.items()},
    }
    drivers: dict[str, Driver] = {**stage.fleet, **stage.machines}
    for device_id, firmware in drivers.items():
        agent, bus = await stack.enter_async_context(
            open_agent(
                device_id,
                load(descriptions[device_id]),
                firmware,
                minds,
                folder=folder / device_id,
                broker_url=settings.broker_url,
                site=settings.site_name,
                attributes_seconds=_ATTRIBUTES_SECONDS,
                on_event=tell,
                clock=stage.clock,
            )
        )
        stage._buses[device_id] = bus  # noqa: SLF001 - this function builds the stage
        agents.append(asyncio.create_task(agent.run(), name=device_id))
        # The last thing opened is the first to end: all say goodbye while all are still connected.
        stack.push_async_callback(_stop, agents)
    waiting = stage.coordinator.wait_for_devices(len(agents), timeout_seconds=ENROL_SECONDS)
    await _until_joined(waiting, agents)


async def _until_joined(waiting: Any, agents: list[asyncio.Task[None]]) -> None:
    """Wait for the fleet; an agent that cannot join ends everything with its own reason."""
    joined = asyncio.ensure_future(waiting)
    await asyncio.wait({joined, *agents}, return_when=asyncio.FIRST_COMPLETED)
    for task in agents:
        if task.done():
            joined.cancel()
            task.result()
    if not await joined:
        raise OperatorError(
            f"Not all {len(agents)} machines joined within {ENROL_SECONDS:g} s.",
            code=ErrorCode.DEVICE_SILENT,
            remedy="Try again with fewer robots, or look at the log with --log-level info.",
        )


async def _stop(agents: list[asyncio.Task[None]]) -> None:
    for task in agents:
        task.cancel()
    for task in agents:
        # An agent whose connection was killed cannot say goodbye; that is the point of killing it.
        with suppress(asyncio.CancelledError, OperatorError):
            await task
