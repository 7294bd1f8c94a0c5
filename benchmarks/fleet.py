"""Measures one goal for a whole fleet: a real coordinator, a real broker, and simulated devices in other processes.

`python -m benchmarks.fleet --devices 10 100 1000 10000` prints, for each size, the time to the first subtask that the
broker took, the time to the goal's end, and the dispatch throughput as a ratio to bare QoS 1 round trips (publish to each
device, its report received) of the same broker and devices in the same run, with as many publishes under way at once.

Devices share a connection for each process of 2,500, unless `--own-connections` gives each its own, as real ones have.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
import pstats
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.fleet_devices import SITE, device_name, in_turn, new_client
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
class Figures:
    """What one size of fleet took.

    Attributes:
        seconds_to_first_subtask: from the goal to the broker's receipt of the first subtask.
        seconds_to_end: from the goal to its end, with an answer.
        subtasks_per_second: devices divided by the latter.
        round_trips_per_second: of bare messages between the same ends.
        ratio: of the two.
        cpu_milliseconds: of processor time of the coordinator for one subtask; other work on the machine does not show.
        bare_cpu_milliseconds: of the bare client for one round trip.
    """

    devices: int
    seconds_to_first_subtask: float
    seconds_to_end: float
    subtasks_per_second: float
    round_trips_per_second: float
    ratio: float
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


async def bare_round_trips(url: str, devices: int, rounds: int) -> tuple[float, float]:
    """Send a subtask's bytes to each device and take its report, without a coordinator.

    Returns:
        Round trips a second, and milliseconds of this process's processor time for each.
    """
    topics = Topics(SITE)
    messages = [
        (
            topics.device(device_name(number), Channel.SUBTASK),
            encode(
                Subtask(
                    subtask_id=f"bare-{number}",
                    goal_id="bare",
                    device_id=device_name(number),
                    sentence=SENTENCE,
                    epoch=1,
                    issued_at=time.time(),
                    timeout_seconds=120,
                )
            ),
        )
        for number in range(devices)
    ]
    rates = []
    async with new_client(url, "fleet-bare") as client:
        await client.subscribe(topics.device("+", Channel.REPORT), 1)

        async def receive() -> None:
            for _ in range(devices):
                await anext(client.messages)

        cpu = time.process_time()
        for _ in range(rounds):
            started = time.perf_counter()
            receiving = asyncio.create_task(receive())
            await in_turn([partial(client.publish, *one, 1) for one in messages], _AT_ONCE)
            await receiving
            rates.append(devices / (time.perf_counter() - started))
        cpu = time.process_time() - cpu
    return statistics.median(rates), 1000 * cpu / devices / rounds


async def one_goal(coordinator: Coordinator, devices: int) -> tuple[float, float]:
    """Run one goal for the whole fleet; return the seconds to its first subtask and to its end."""
    sent_at: list[float] = []

    def observe(event: Event) -> None:
        if event.kind is EventKind.SUBTASK_SENT and not sent_at:
            sent_at.append(time.perf_counter())

    stop = coordinator.on_event(observe)
    started = time.perf_counter()
    step = PlanStep("every", SENTENCE, kind="robot")
    goal = await coordinator.wait(coordinator.submit(GOAL, steps=(step,)).goal_id)
    ended = time.perf_counter()
    stop()
    done = sum(record.outcome.value == "completed" for record in goal.records)
    if goal.status is not GoalStatus.COMPLETED or done != devices:
        raise RuntimeError(
            f"{done} of {devices} devices did it: {goal.status}, {goal.answer[:200] if goal.answer else ''}"
        )
    return sent_at[0] - started, ended - started


async def measure(
    devices: int,
    *,
    rounds: int,
    has_own_connections: bool,
    ledger: str | None,
    profile: cProfile.Profile | None,
) -> Figures:
    """Measure one size of fleet: the bare round trips first, then goals."""
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
        bare, bare_cpu = await bare_round_trips(broker.url, devices, rounds)
        coordinator = await stack.enter_async_context(
            open_coordinator(settings, ScriptedModel(lambda _: "refuse"))
        )
        if not await coordinator.wait_for_devices(devices, timeout_seconds=_JOIN_SECONDS):
            raise RuntimeError(f"Not all of {devices} devices came.")
        if profile is not None:
            profile.enable()
        cpu = time.process_time()
        runs = [await one_goal(coordinator, devices) for _ in range(rounds)]
        cpu = 1000 * (time.process_time() - cpu) / devices / rounds
        if profile is not None:
            profile.disable()
    first, end = (statistics.median(values) for values in zip(*runs, strict=True))
    return Figures(devices, first, end, devices / end, bare, devices / end / bare, cpu, bare_cpu)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--devices", type=int, nargs="+", default=DEVICES, help="sizes of fleets")
    parser.add_argument("--rounds", type=int, default=3, help="goals of each size; the middle one counts")
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
            "devices   ratio   first subtask    goal's end   subtasks/s   bare round trips/s   cpu ms each, bare"
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
                f"{devices:7,} {figures.ratio:7.2f} {figures.seconds_to_first_subtask:13.3f} s"
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
