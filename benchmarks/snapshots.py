"""What it costs to keep a program as sealed bytes at every call, and what it saves to keep many.

    python -m benchmarks.snapshots [--rounds 30] [--json]

The first table takes one program of ten calls, run straight through and kept at every call: the median time of each step
for one call, and all of them as a ratio to resuming alone. The second holds paused programs, as workers that wait
and as bytes.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from sandbox.seal import KEY_BYTES, SnapshotSealer
from sandbox.session import PendingCall, SandboxSession, open_session, restore_session

FUNCTIONS = ("move", "measure")
CONTEXT = "subtask/1"
PROGRAMS = {
    "ten calls": "for shelf in range(10):\n    move(to=shelf)\n",
    "ten calls that collect results": (
        "seen = []\nfor shelf in range(10):\n    seen.append(measure(of=shelf, before=seen[-2:]))\n"
    ),
    "ten calls with 5,000 numbers at hand": "x = list(range(5000))\nfor shelf in range(10):\n    move(to=x[shelf])\n",
}
STEPS = ("resume alone", "dump", "seal", "open", "restore", "resume")
SEALER = SnapshotSealer(bytes(KEY_BYTES))
PAUSED = (1, 10, 100)


@dataclass(frozen=True, slots=True)
class KeepingCost:
    """What keeping one program costs.

    Attributes:
        program: which one.
        microseconds: median time of each step, for one call.
        ratio: dump, seal, open and restore together, divided by resuming alone.
        snapshot_bytes: size of its last snapshot.
    """

    program: str
    microseconds: dict[str, float]
    ratio: float
    snapshot_bytes: int


class Stopwatch:
    """Times of named steps, in microseconds."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Take the time of what is done inside."""
        started = time.perf_counter()
        yield
        self.times.setdefault(name, []).append((time.perf_counter() - started) * 1e6)

    def median(self, name: str) -> float:
        """Return the middle one."""
        return statistics.median(self.times[name])


def run_straight(source: str, watch: Stopwatch) -> None:
    """Answer every call at once."""
    session = open_session(source, FUNCTIONS)
    reached = session.start()
    while isinstance(reached, PendingCall):
        with watch.step("resume alone"):
            reached = session.resume(reached.call_id)


def run_kept(source: str, watch: Stopwatch) -> int:
    """Keep the program at every call; return the size of its last snapshot in bytes."""
    session = open_session(source, FUNCTIONS)
    reached = session.start()
    size = 0
    while isinstance(reached, PendingCall):
        with watch.step("dump"):
            dump = session.dump()
        with watch.step("seal"):
            sealed = SEALER.seal(dump, CONTEXT)
        with watch.step("open"):
            dump = SEALER.open(sealed, CONTEXT)
        with watch.step("restore"):
            session = restore_session(dump, FUNCTIONS)
        with watch.step("resume"):
            reached = session.resume(reached.call_id)
        size = len(sealed)
    return size


def measure_calls(rounds: int) -> list[KeepingCost]:
    """Measure what keeping costs, for each program."""
    costs: list[KeepingCost] = []
    for name, source in PROGRAMS.items():
        watch = Stopwatch()
        size = 0
        for _ in range(rounds):  # in turns, so that what else the machine does meets both
            run_straight(source, watch)
            size = run_kept(source, watch)
        steps = {step: round(watch.median(step), 1) for step in STEPS}
        kept = sum(steps[step] for step in ("dump", "seal", "open", "restore"))
        costs.append(KeepingCost(name, steps, round(kept / steps["resume alone"], 1), size))
    return costs


def measure_memory() -> list[dict[str, int]]:
    """Measure what paused programs take: as workers (private memory) and as bytes."""
    rows: list[dict[str, int]] = []
    for count in PAUSED:
        sessions = [paused_at_a_call() for _ in range(count)]
        as_workers = sum(private_bytes(process) for process in workers())
        dumps = [SEALER.seal(session.dump(), CONTEXT) for session in sessions]
        rows.append({"paused": count, "workers_bytes": as_workers, "snapshots_bytes": sum(map(len, dumps))})
    return rows


def paused_at_a_call() -> SandboxSession:
    """Start a program and leave it at its first call."""
    session = open_session(PROGRAMS["ten calls that collect results"], FUNCTIONS)
    session.start()
    return session


def workers() -> list[str]:
    """List the ids of this process's children."""
    return [
        child
        for children in Path("/proc/self/task").glob("*/children")
        for child in children.read_text(encoding="ascii").split()
    ]


def private_bytes(process: str) -> int:
    """Return the memory of a process that no other shares; nothing of one that has just ended."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=30, help="how often each program is run in each way")
    parser.add_argument(
        "--json", action="store_true", help="print both tables as one line of JSON at the end"
    )
    arguments = parser.parse_args()
    costs, memory = measure_calls(arguments.rounds), measure_memory()
    print(f"{'µs for one call':38}" + "".join(f"{step:>14}" for step in STEPS) + f"{'ratio':>8}{'bytes':>8}")
    for cost in costs:
        times = "".join(f"{cost.microseconds[step]:14.0f}" for step in STEPS)
        print(f"{cost.program:38}{times}{cost.ratio:8}{cost.snapshot_bytes:8}")
    print(f"\n{'paused programs':>16}{'as workers':>14}{'as snapshots':>14}")
    for row in memory:
        as_workers, as_snapshots = row["workers_bytes"] / 1e6, row["snapshots_bytes"] / 1e6
        print(f"{row['paused']:16}{as_workers:11.1f} MB{as_snapshots:11.3f} MB")
    if arguments.json:
        print(json.dumps({"calls": [asdict(cost) for cost in costs], "memory": memory}))


if __name__ == "__main__":
    main()
