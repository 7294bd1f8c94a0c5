"""Measures how much memory one device's agent takes: `parley agent` with the bundled models, at work.

    python -m benchmarks.agent_memory [--sentences 20] [--json]

A real broker, and the agent of a simulated robot as people start it: a process of its own. This program stands in for the
coordinator: it lets the device in, tells it sentences one after another, and waits for each report. Memory is what the kernel
counts for that process (`/proc/PID/smaps`), right after it has joined and after the last report; its ratio is to a process of
Python that has only imported llama.cpp. The sandbox works in processes of its own, which are told apart.

In the table, `resident` is the whole; `shared` counts a page that several processes map in parts (of equal models in many
agents on one machine there is one copy); `most` is the largest that `resident` has been; `models`, `files` and `own` are its
parts: pages of GGUF files, of other files, and what was allocated.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.experience import SENTENCES, SPEC
from protocol.messages import (
    CoordinatorPresence,
    EnrolmentReply,
    EnrolmentRequest,
    PresenceStatus,
    Report,
    Subtask,
    decode,
    encode,
)
from protocol.topics import Channel, Topics
from transport.broker import ManagedBroker
from transport.mqtt_bus import MqttBus
from transport.ports import Delivery

BARE = "import llama_cpp, sys; print('ready', flush=True); sys.stdin.read()"
_DEVICE, _SITE, _EPOCH = "robot-1", "memory", 1
_PATIENCE_SECONDS = 180.0
_KIBIBYTES_IN_MEGABYTE = 1000 / 1.024
_MAPPING = re.compile(r"^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \S+ *(.*)$")


@dataclass(frozen=True, slots=True)
class Memory:
    """What one process holds, in megabytes (10^6 bytes).

    Attributes:
        resident: pages in memory (RSS), those of files included.
        shared_out: the same, with each page divided by the number of processes that map it (PSS).
        most: the largest `resident` so far.
        models: resident pages of GGUF files.
        libraries: resident pages of all other files.
        own: resident pages of no file: what was allocated.
    """

    resident: float
    shared_out: float
    most: float
    models: float
    libraries: float
    own: float


def memory_of(pid: int) -> Memory:
    """Ask the kernel what a process holds.

    Raises:
        OSError: there is no such process, or it belongs to somebody else.
    """
    total = {"Rss": 0, "Pss": 0}
    resident = {"models": 0, "libraries": 0, "own": 0}
    owner = "own"
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if mapping := _MAPPING.match(line):
            owner = _owner(mapping[1])
            continue
        name, _, rest = line.partition(":")
        if name in total:
            kibibytes = int(rest.split()[0])
            total[name] += kibibytes
            if name == "Rss":
                resident[owner] += kibibytes
    most = re.search(r"^VmHWM:\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    sizes = (total["Rss"], total["Pss"], int(most[1]) if most else 0, *resident.values())
    return Memory(*(round(size / _KIBIBYTES_IN_MEGABYTE, 1) for size in sizes))


def children_of(pid: int) -> list[int]:
    """List the processes that any thread of a process has started and that are still there."""
    found = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    return sorted(int(child) for children in found for child in children)


def _owner(name: str) -> str:
    if name.endswith(".gguf"):
        return "models"
    return "libraries" if name.startswith("/") else "own"


@dataclass(frozen=True, slots=True)
class Measured:
    """What was seen in one run.

    Attributes:
        bare: a process that has only imported llama.cpp.
        joined: the agent when it has joined and done nothing yet.
        worked: the agent after the last report.
        workers: the processes that it has started: the sandbox's.
        completed: how many sentences ended well.
        seconds: from a sentence to its report, median.
    """

    bare: Memory
    joined: Memory
    worked: Memory
    workers: tuple[Memory, ...]
    sentences: int
    completed: int
    seconds: float

    @property
    def ratio(self) -> float:
        """How many times as much as the bare process the agent takes in the end."""
        return round(self.worked.resident / self.bare.resident, 2)


class _StandIn:
    """As much of a coordinator as an agent needs."""

    def __init__(self, bus: MqttBus) -> None:
        self._bus = bus
        self._topics = Topics(_SITE)

    async def let_in(self, deliveries: AsyncIterator[Delivery]) -> None:
        """Say that the site is there, and accept whoever asks first."""
        presence = CoordinatorPresence(epoch=_EPOCH, status=PresenceStatus.ONLINE, at=time.time())
        await self._bus.publish(self._topics.coordinator_presence, encode(presence), retain=True)
        async for delivery in deliveries:
            request = decode(EnrolmentRequest, delivery.payload)
            reply = EnrolmentReply(
                request_id=request.request_id,
                device_id=request.device_id,
                accepted=True,
                sentence="Welcome.",
            )
            await self._bus.publish(self._topics.enrol(_DEVICE, Channel.ENROL_REPLY), encode(reply))
            return

    async def tell(self, number: int, sentence: str, reports: AsyncIterator[Delivery]) -> Report:
        """Give one sentence out and wait for its end."""
        subtask = Subtask(
            subtask_id=f"memory-{number}",
            goal_id="memory",
            device_id=_DEVICE,
            sentence=sentence,
            epoch=_EPOCH,
            issued_at=time.time(),
            timeout_seconds=_PATIENCE_SECONDS,
        )
        topic = self._topics.device(_DEVICE, Channel.SUBTASK)
        await self._bus.publish(topic, encode(subtask), expiry_seconds=round(_PATIENCE_SECONDS))
        async for delivery in reports:
            report = decode(Report, delivery.payload)
            if report.subtask_id == subtask.subtask_id and report.status.is_final:
                return report
        raise RuntimeError("The bus has ended.")


async def measure(count: int) -> Measured:
    """Start the agent, tell it `count` sentences, and look at its memory."""
    topics = Topics(_SITE)
    async with AsyncExitStack() as stack:
        bare = await stack.enter_async_context(_bare_process())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parley-memory-")))
        broker = await stack.enter_async_context(ManagedBroker())
        bus = await stack.enter_async_context(MqttBus(broker.url, "parley-memory"))
        requests = await stack.enter_async_context(bus.subscribe(topics.enrol("+", Channel.ENROL_REQUEST)))
        profiles = await stack.enter_async_context(bus.subscribe(topics.device("+", Channel.PROFILE)))
        reports = await stack.enter_async_context(bus.subscribe(topics.device("+", Channel.REPORT)))
        agent = await stack.enter_async_context(_agent_process(broker.url, folder))
        stand_in = _StandIn(bus)
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await stand_in.let_in(requests)
            await anext(profiles)
        joined = memory_of(agent.pid)
        completed, seconds = 0, []
        for number in range(count):
            began = time.perf_counter()
            sentence = SENTENCES[number % len(SENTENCES)].format(2 + number)
            async with asyncio.timeout(_PATIENCE_SECONDS):
                report = await stand_in.tell(number, sentence, reports)
            seconds.append(time.perf_counter() - began)
            completed += report.status.value == "completed"
        worked, workers = memory_of(agent.pid), tuple(memory_of(child) for child in children_of(agent.pid))
        return Measured(bare, joined, worked, workers, count, completed, round(statistics.median(seconds), 3))


@asynccontextmanager
async def _agent_process(broker_url: str, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    command = (
        *(sys.executable, "-m", "parley", "agent", "--spec", str(SPEC), "--device-id", _DEVICE),
        *("--broker-url", broker_url, "--site", _SITE, "--state-dir", str(folder), "--log-level", "error"),
    )
    process = await asyncio.create_subprocess_exec(*command)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@asynccontextmanager
async def _bare_process() -> AsyncIterator[Memory]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", BARE), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("The bare process has no pipes.")
    try:
        await process.stdout.readline()
        yield memory_of(process.pid)
    finally:
        process.stdin.close()
        await process.wait()


def table_of(measured: Measured) -> Table:
    """Lay the figures side by side, in megabytes."""
    table = Table("MB", "resident", "shared", "most", "models", "files", "own")
    for column in table.columns:
        column.no_wrap = True
    for column in table.columns[1:]:
        column.justify = "right"
    rows = {
        "Python with llama.cpp": measured.bare,
        "agent, joined": measured.joined,
        f"agent, after {measured.sentences} sentences": measured.worked,
    } | {f"process {number} of its sandbox": one for number, one in enumerate(measured.workers, 1)}
    for name, memory in rows.items():
        table.add_row(name, *(f"{size:.0f}" for size in asdict(memory).values()))
    return table


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sentences", type=int, default=20, help="how many the agent is told")
    parser.add_argument("--json", action="store_true", help="print one line of JSON at the end")
    arguments = parser.parse_args()
    if not Path("/proc/self/smaps").exists():
        parser.error("it reads /proc/PID/smaps, which this system has not")
    measured = asyncio.run(measure(arguments.sentences))
    Console().print(table_of(measured))
    print(
        f"The agent takes {measured.ratio} times as much as the bare process; {measured.completed} of "
        f"{measured.sentences} sentences ended well, in {measured.seconds:.2f} s each (median)."
    )
    if arguments.json:
        print(json.dumps(asdict(measured) | {"ratio": measured.ratio}))


if __name__ == "__main__":
    main()
