"""Measures one goal for a whole fleet: a real coordinator, a real broker, and simulated devices in other processes.

`python -m benchmarks.fleet --devices 10 100 1000 10000` prints, for each size, the time to the first subtask that the
broker took, the time to the goal's end, and the throughput as a ratio to bare QoS 1 round trips (publish to each device, its
report received) of the same broker and devices in the same run, with as many publishes under way at once: of the dispatch
alone, and of the whole goal. Bare round trips and goals are measured in turn; each ratio is of two neighbours.

Devices share a connection for each process of 2,500, unless `--own-connections` gives each its own, as real ones have.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
import pstats
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import aiomqtt

from benchmarks.fleet_devices import BARE_SITE, SITE, device_name, in_turn, new_client
from coordinator.coordinator import Coordinator
from coordinator.enrolment import Enrolment
from coordinator.goals import GoalStatus
from coordinator.ledger.events import Event, EventKind
from coordinator.ledger.ledger import open_ledger
from coordinator.main import Settings, open_coordinator
from inference.plan import PlanStep
from inference.scripted_model import ScriptedModel
from protocol.messages import EnrolmentRequest, Profile, Subtask, encode
from protocol.topics import Channel, Topics
from transport.broker import ManagedBroker
from transport.clock import SystemClock

DEVICES = (10, 100, 1000, 10_000)
GOAL = "Every robot: report your battery level."
SENTENCE = "report your battery level"
_SHARD_DEVICES = 2500
_AT_ONCE = 64
_JOIN_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Taken:
    """What a message to every device and its answer took: time of the clock on the wall, and this process's processor time."""

    seconds: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class GoalTaken(Taken):
    """What a goal took, from its acceptance to its answer.

    Attributes:
        first_subtask_seconds: from its acceptance until the broker had taken the first subtask.
        dispatch_seconds: from the first order, right after the step was split up, to the record of the last end.
    """

    first_subtask_seconds: float
    dispatch_seconds: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What one size of fleet took: medians of the rounds.

    Attributes:
        ratio: of the rate at which subtasks are given out and seen through to that of bare round trips.
        goal_ratio: the same for the whole goal, with its plan's expansion and its answer.
        seconds_to_first_subtask: from the goal to the broker's receipt of the first subtask.
        seconds_to_end: from the goal to its end, with an answer.
        subtasks_per_second: given out and seen through.
        round_trips_per_second: of bare messages between the same ends.
        cpu_milliseconds: of processor time of the coordinator for one subtask; other work on the machine does not show.
        bare_cpu_milliseconds: of the bare client for one round trip.
    """

    devices: int
    ratio: float
    goal_ratio: float
    seconds_to_first_subtask: float
    seconds_to_end: float
    subtasks_per_second: float
    round_trips_per_second: float
    cpu_milliseconds: float
    bare_cpu_milliseconds: float


@asynccontextmanager
async def fleet(url: str, devices: int, *, has_own_connections: bool) -> AsyncIterator[None]:
    """Run the devices in processes of their own; they are there when the context is entered."""
    async with AsyncExitStack() as stack:
        processes = []
        for first in range(0, devices, _SHARD_DEVICES):
            count = min(_SHARD_DEVICES, devices - first)
            options = ["--own-connections"] if has_own_connections else []
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "benchmarks.fleet_devices", url, str(first), str(count), *options,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
            stack.push_async_callback(_stop, process)
            processes.append(process)
        for process in processes:
            if process.stdout is None or (await process.stdout.readline()).strip() != b"ready":
                raise RuntimeError("A process of devices did not start.")
        yield


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    await process.wait()


async def enrol(settings: Settings, devices: int) -> None:
    """Let the devices in before any of them comes."""
    clock = SystemClock()
    async with open_ledger(settings.database, clock) as ledger:
        enrolment = Enrolment(ledger, clock, is_open=True)
        for number in range(devices):
            name = device_name(number)
            profile = Profile(
                device_id=name, title=name, kind="robot", description="A robot.", abilities=("It knows its battery level.",)
            )  # fmt: skip
            request = EnrolmentRequest(request_id=name, device_id=name, token=None, profile=profile)
            enrolment.decide(request)
        await ledger.durable()


class Bare:
    """A client that sends the bytes of a subtask to each device and takes its report, and does nothing else.

    Args:
        client: connected, with the reports of the bare site subscribed to.
        devices: how many there are.
    """

    def __init__(self, client: aiomqtt.Client, devices: int) -> None:
        self._client = client
        topics = Topics(BARE_SITE)
        self._messages = [
            (topics.device(name, Channel.SUBTASK), encode(_bare_subtask(name)))
            for name in map(device_name, range(devices))
        ]

    async def run(self) -> Taken:
        """Have one message answered by every device."""
        cpu, began = time.process_time(), time.perf_counter()
        receiving = asyncio.create_task(self._receive())
        await in_turn([partial(self._client.publish, *one, 1) for one in self._messages], _AT_ONCE)
        await receiving
        return Taken(time.perf_counter() - began, time.process_time() - cpu)

    async def _receive(self) -> None:
        for _ in self._messages:
            await anext(self._client.messages)


@asynccontextmanager
async def bare_client(url: str, devices: int) -> AsyncIterator[Bare]:
    """Connect the bare client."""
    async with new_client(url, "fleet-bare") as client:
        await client.subscribe(Topics(BARE_SITE).device("+", Channel.REPORT), 1)
        yield Bare(client, devices)


def _bare_subtask(device_id: str) -> Subtask:
    return Subtask(
        subtask_id=f"bare-{device_id}",
        goal_id="bare",
        device_id=device_id,
        sentence=SENTENCE,
        epoch=1,
        issued_at=time.time(),
        timeout_seconds=120,
    )


async def one_goal(coordinator: Coordinator, devices: int) -> GoalTaken:
    """Run one goal for the whole fleet."""
    at: dict[EventKind, float] = {}

    def observe(event: Event) -> None:
        # The first order is handed out right after the step was split up; of the others the last counts.
        if event.kind is not EventKind.SUBTASK_SENT or event.kind not in at:
            at[event.kind] = time.perf_counter()

    stop = coordinator.on_event(observe)
    cpu, began = time.process_time(), time.perf_counter()
    step = PlanStep("every", SENTENCE, kind="robot")
    goal = await coordinator.wait(coordinator.submit(GOAL, steps=(step,)).goal_id)
    ended = time.perf_counter()
    cpu = time.process_time() - cpu
    stop()
    done = sum(record.outcome.value == "completed" for record in goal.records)
    if goal.status is not GoalStatus.COMPLETED or done != devices:
        raise RuntimeError(
            f"{done} of {devices} devices did it: {goal.status}, {goal.answer[:200] if goal.answer else ''}"
        )
    return GoalTaken(
        ended - began,
        cpu,
        first_subtask_seconds=at[EventKind.SUBTASK_SENT] - began,
        dispatch_seconds=at[EventKind.SUBTASK_ENDED] - at[EventKind.STEP_EXPANDED],
    )


async def measure(
    devices: int,
    *,
    rounds: int,
    has_own_connections: bool,
    ledger: str | None,
    profile: cProfile.Profile | None,
) -> Figures:
    """Measure one size of fleet: bare round trips and goals in turn, so that what else the machine does hits both."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="parley-fleet-")))
        broker = await stack.enter_async_context(ManagedBroker())
        told: dict[str, Any] = {
            "broker_url": broker.url,
            "state_dir": folder,
            "site_name": SITE,
            "ledger": ledger,
        }
        settings = Settings.model_validate(told)
        await enrol(settings, devices)
        await stack.enter_async_context(fleet(broker.url, devices, has_own_connections=has_own_connections))
        bare = await stack.enter_async_context(bare_client(broker.url, devices))
        coordinator = await stack.enter_async_context(
            open_coordinator(settings, ScriptedModel(lambda _: "refuse"))
        )
        if not await coordinator.wait_for_devices(devices, timeout_seconds=_JOIN_SECONDS):
            raise RuntimeError(f"Not all of {devices} devices came.")
        pairs = []
        for _ in range(rounds):
            one_bare = await bare.run()
            if profile is not None:
                profile.enable()
            pairs.append((one_bare, await one_goal(coordinator, devices)))
            if profile is not None:
                profile.disable()
    return _figures(devices, pairs)


def _figures(devices: int, pairs: Sequence[tuple[Taken, GoalTaken]]) -> Figures:
    """Take the medians; ratios are those of neighbours in time."""
    bares, goals = zip(*pairs, strict=True)
    return Figures(
        devices=devices,
        ratio=median(bare.seconds / goal.dispatch_seconds for bare, goal in pairs),
        goal_ratio=median(bare.seconds / goal.seconds for bare, goal in pairs),
        seconds_to_first_subtask=median(goal.first_subtask_seconds for goal in goals),
        seconds_to_end=median(goal.seconds for goal in goals),
        subtasks_per_second=median(devices / goal.dispatch_seconds for goal in goals),
        round_trips_per_second=median(devices / bare.seconds for bare in bares),
        cpu_milliseconds=median(1000 * goal.cpu_seconds / devices for goal in goals),
        bare_cpu_milliseconds=median(1000 * bare.cpu_seconds / devices for bare in bares),
    )


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--devices", type=int, nargs="+", default=DEVICES, help="sizes of fleets")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each size; the middle one counts")
    parser.add_argument("--own-connections", action="store_true", help="one MQTT connection for each device")
    parser.add_argument("--ledger", help="database of the ledger; a file of SQLite by default")
    parser.add_argument(
        "--profile", type=int, default=0, metavar="LINES", help="print where the coordinator's time goes"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    # The time of this thread alone: what else the machine does must not show.
    profile = cProfile.Profile(time.thread_time) if arguments.profile else None
    results = []
    if not arguments.json:
        print(
            "devices   ratio, whole goal   first subtask    goal's end   subtasks/s   bare round trips/s   cpu ms each, bare"
        )
    for devices in arguments.devices:
        figures = asyncio.run(
            measure(
                devices,
                rounds=arguments.rounds,
                has_own_connections=arguments.own_connections,
                ledger=arguments.ledger,
                profile=profile,
            )
        )
        results.append(asdict(figures))
        if not arguments.json:
            print(
                f"{devices:7,} {figures.ratio:7.2f} {figures.goal_ratio:11.2f} {figures.seconds_to_first_subtask:13.3f} s"
                f" {figures.seconds_to_end:11.3f} s {figures.subtasks_per_second:12,.0f}"
                f" {figures.round_trips_per_second:20,.0f}"
                f" {figures.cpu_milliseconds:12.2f} {figures.bare_cpu_milliseconds:6.2f}",
                flush=True,
            )
    if arguments.json:
        print(json.dumps({"has_own_connections": arguments.own_connections, "fleets": results}, indent=2))
    if profile is not None:
        pstats.Stats(profile).sort_stats("tottime").print_stats(arguments.profile)


if __name__ == "__main__":
    main()
