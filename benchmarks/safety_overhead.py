"""What it costs to check and keep a program, beside the machine's call and the model's time; and what paused ones hold.

    PARLEY_THREADS=1 python -m benchmarks.safety_overhead [--rounds 30] [--json]

The device is a bundled warehouse robot with a simulated machine in this process that answers at once. In every round the
bundled model writes the program for a new sentence, the machine is called as that program does but without a program, and
an executor runs it: once without a keeper and once with one that seals its records into SQLite in the temporary folder.
The steps of checking and keeping are timed in the same rounds, so whatever else this machine does weighs on all alike. All
times are for one call; what is done once for a program is divided by its calls, but the model's time is not. Then programs
are paused one after another, each at its first call, and none is let go before all are counted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

import firmware_api_specs
from benchmarks.snapshots import workers
from device_agent.drivers.simulated import SimulatedDriver
from device_agent.executor import Executor
from device_agent.kept_runs import KeptRuns
from device_agent.modes import automaton_of, present_modes
from device_agent.orders import Orders
from device_agent.pipeline import Pipeline, Program
from device_agent.run_record import RunKeeper, RunRecord
from device_agent.store import AgentStore
from firmware_api_specs.loader import load
from fsm.subtask import SubtaskState
from fsm.verifier import verify
from inference.settings import InferenceSettings, open_finder, open_model, open_reader
from rag.api_index import ApiIndex
from sandbox.seal import KEY_BYTES, SnapshotSealer
from sandbox.session import DEFAULT_LIMITS, PendingCall, open_session, restore_session
from transport.clock import SystemClock

SPEC = Path(firmware_api_specs.__file__).parent / "warehouse" / "kestrel.td.json"
SENTENCE = "Drive to shelf {}, take a photo, then return to the dock."
SHELVES = range(2, 41)
STEPS = ("verify", "dump", "write the record", "seal", "keep in SQLite", "restore")
BARE, WITHOUT_KEEPER, WITH_KEEPER = "the machine's call alone", "executor, nothing kept", "executor, all kept"
MODEL = "the model writes the program"
PAUSED = (0, 1, 10, 100)

Writer = Callable[[str, Collection[str]], Program]


@dataclass(frozen=True, slots=True)
class Overhead:
    """Medians over all rounds.

    Attributes:
        calls: how many calls each program makes.
        records: how many records of it are kept.
        steps_seconds: what each step of checking and keeping takes, for one call.
        beside_seconds: what it is compared with: for one call, except the model's time, which is for one sentence.
    """

    calls: int
    records: int
    steps_seconds: dict[str, float]
    beside_seconds: dict[str, float]

    @property
    def seconds(self) -> float:
        """All steps together, for one call."""
        return sum(self.steps_seconds.values())


@dataclass(frozen=True, slots=True)
class Held:
    """What this process holds while programs are paused.

    Attributes:
        paused: how many are.
        resident_bytes: its resident memory, without that of workers.
        kept_bytes: the sealed records of all of them.
        workers: how many sandbox workers there are, busy or not.
    """

    paused: int
    resident_bytes: int
    kept_bytes: int
    workers: int


class Stopwatch:
    """Seconds of named things, summed up over one round and kept for all."""

    def __init__(self) -> None:
        self._rounds: list[dict[str, float]] = []

    def begin_round(self) -> None:
        """Add up anew."""
        self._rounds.append({})

    @contextmanager
    def time(self, name: str) -> Iterator[None]:
        """Add the time of what is done inside."""
        began = time.perf_counter()
        yield
        now = self._rounds[-1]
        now[name] = now.get(name, 0.0) + time.perf_counter() - began

    def median(self, name: str) -> float:
        """Return the middle one of the sums."""
        return statistics.median(each[name] for each in self._rounds)


class TimedKeeper:
    """Keeps records as `KeptRuns` does, with a look at the watch between the steps."""

    def __init__(self, store: AgentStore, watch: Stopwatch) -> None:
        self.records = 0
        self._store = store
        self._watch = watch
        self._sealer = SnapshotSealer(bytes(KEY_BYTES))

    def keep(self, record: RunRecord) -> None:
        """Keep one."""
        self.records += 1
        with self._watch.time("write the record"):
            content = record.to_bytes()
        with self._watch.time("seal"):
            sealed = self._sealer.seal(content, record.subtask_id)
        with self._watch.time("keep in SQLite"):
            self._store.keep_run(record.subtask_id, sealed)


class Bench:
    """A robot whose machine is simulated."""

    def __init__(self) -> None:
        self.clock = SystemClock()
        self.description = load(SPEC)
        self.driver = SimulatedDriver(
            self.description, self.clock, {"battery_percent": 80}
        )  # enough not to be paused
        self._automaton = automaton_of(self.description)
        self._dangers = {each.name: each.action.danger for each in self.description.affordances()}

    def executor(self, keeper: RunKeeper | None = None) -> Executor:
        """Make an executor for it."""
        return Executor(self.description, self.driver, self.clock, keeper=keeper)

    async def run(self, executor: Executor, program: Program, subtask_id: str) -> int:
        """Run a program to its good end; return how many calls it has made."""
        execution = await executor.execute(program, Orders(), subtask_id=subtask_id)
        if execution.state is not SubtaskState.END:  # what ends early would be something else to measure
            raise AssertionError(execution.sentence)
        return execution.calls_made

    async def modes(self) -> frozenset[str]:
        """Ask the machine for its mode."""
        return await present_modes(self.description, self.driver, self.clock)

    async def step_by_step(self, program: Program, watch: Stopwatch) -> None:
        """Check a program and put it away at every call, as the executor does."""
        modes = await self.modes()
        dangers = {name: self._dangers[name] for name in program.function_names}
        with watch.time("verify"):
            flaws = verify(
                program.source, self._automaton, modes, danger=dangers, maximum_calls=DEFAULT_LIMITS.calls
            )
        if flaws:
            raise AssertionError(flaws[0].sentence)
        session = open_session(program.source, program.function_names)
        reached = session.start()
        while isinstance(reached, PendingCall):
            with watch.time("dump"):
                dump = session.dump()
            with watch.time(BARE):
                result = await self.driver.call(reached.name, dict(reached.arguments))
            with watch.time("restore"):
                session = restore_session(dump, program.function_names)
            reached = session.resume(result)


async def measure_calls(write: Writer, rounds: int) -> Overhead:
    """Measure what checking and keeping costs.

    Args:
        write: writes the program for a sentence, to be run in one of some modes.
        rounds: how many sentences.
    """
    bench, watch = Bench(), Stopwatch()
    with (
        tempfile.TemporaryDirectory() as folder,
        AgentStore(Path(folder)) as store,
        Progress(transient=True, console=Console(stderr=True)) as progress,
    ):
        # Starts the worker, and fills the caches of model and encoder.
        await bench.run(bench.executor(), write(SENTENCE.format(SHELVES[-1]), await bench.modes()), "warm-up")
        task = progress.add_task("sentences", total=rounds)
        calls = records = 0
        for number in range(rounds):
            watch.begin_round()
            modes = await bench.modes()
            with watch.time(MODEL):
                program = write(SENTENCE.format(SHELVES[number % len(SHELVES)]), modes)
            await bench.step_by_step(program, watch)
            bare, keeper = bench.executor(), TimedKeeper(store, watch)
            with watch.time(WITHOUT_KEEPER):
                calls = await bench.run(bare, program, f"run-{number}")
            kept = bench.executor(keeper)
            with watch.time(WITH_KEEPER):
                await bench.run(kept, program, f"run-{number}")
            records = keeper.records
            progress.advance(task)
    return Overhead(
        calls,
        records,
        {step: watch.median(step) / calls for step in STEPS},
        {name: watch.median(name) / calls for name in (BARE, WITHOUT_KEEPER, WITH_KEEPER)}
        | {MODEL: watch.median(MODEL)},
    )


async def measure_memory(write: Writer) -> list[Held]:
    """Pause a program again and again, and look at this process each time that `PAUSED` says so."""
    bench, rows = Bench(), list[Held]()
    program = write(SENTENCE.format(SHELVES[0]), await bench.modes())
    orders: list[Orders] = []
    runs: list[asyncio.Task[object]] = []
    with tempfile.TemporaryDirectory() as folder, AgentStore(Path(folder)) as store:
        keeper = KeptRuns(store, SnapshotSealer(bytes(KEY_BYTES)))
        await bench.run(bench.executor(keeper), program, "warm-up")
        for count in PAUSED:
            while len(runs) < count:
                orders.append(Orders())
                runs.append(await _pause(bench.executor(keeper), program, orders[-1], f"run-{len(runs)}"))
            for number in range(len(runs)):
                store.accept(f"run-{number}")
            kept_bytes = sum(len(sealed) for _, sealed in store.kept_runs())
            rows.append(Held(count, resident_bytes(), kept_bytes, len(workers())))
        for each in orders:
            each.cancel.set()
        await asyncio.gather(*runs)
    return rows


async def _pause(
    executor: Executor, program: Program, orders: Orders, subtask_id: str
) -> asyncio.Task[object]:
    paused = asyncio.Event()

    def observe(state: SubtaskState) -> None:
        if state is SubtaskState.PAUSED:
            paused.set()

    async def run() -> object:
        return await executor.execute(program, orders, observe, subtask_id=subtask_id)

    orders.pause("It is measured what it holds.")
    running = asyncio.create_task(run())
    waiting = asyncio.create_task(paused.wait())
    await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        waiting.cancel()
        raise AssertionError(running.result())
    return running


def resident_bytes() -> int:
    """Return the memory that this process has in use."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


@contextmanager
def bundled_writer() -> Iterator[Writer]:
    """Load the bundled model, as an agent does."""
    settings = InferenceSettings.from_environment()
    description = load(SPEC)
    encoder = open_finder(settings)
    with tempfile.TemporaryDirectory() as folder, closing(ApiIndex(Path(folder), encoder)) as index:
        reader = open_reader(settings, encoder)
        pipeline = Pipeline("robot", description, open_model(settings), index, reader=reader)
        pipeline.prepare()
        yield pipeline.write


def table_of(overhead: Overhead) -> Table:
    """Show each step, and all of them beside what they are compared with."""
    table = Table("for one call", "time", "checking and keeping / this")
    for column in table.columns[1:]:
        column.justify = "right"
    for step, seconds in overhead.steps_seconds.items():
        table.add_row(step, _milliseconds(seconds))
    table.add_section()
    table.add_row("checking and keeping", _milliseconds(overhead.seconds), "1")
    for name, seconds in overhead.beside_seconds.items():
        table.add_row(name, _milliseconds(seconds), f"{overhead.seconds / seconds:.3g}")
    return table


def memory_table_of(held: Sequence[Held]) -> Table:
    """Show what paused programs hold."""
    table = Table("paused programs", "resident", "more than none", "kept, sealed", "sandbox workers")
    for column in table.columns:
        column.justify = "right"
    none = held[0].resident_bytes
    for row in held:
        table.add_row(
            str(row.paused),
            f"{row.resident_bytes / 1e6:.1f} MB",
            f"{(row.resident_bytes - none) / 1e6:.2f} MB",
            f"{row.kept_bytes / 1e3:.1f} kB",
            str(row.workers),
        )
    return table


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.3f} ms"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=30, help="how many sentences are written and run")
    parser.add_argument(
        "--json", action="store_true", help="print both tables as one line of JSON at the end"
    )
    arguments = parser.parse_args()
    with bundled_writer() as write:
        overhead = asyncio.run(measure_calls(write, arguments.rounds))
        held = asyncio.run(measure_memory(write))
    console = Console()
    console.print(table_of(overhead))
    print(
        f"Times are medians of programs with {overhead.calls} calls, of each of which {overhead.records} records are kept."
    )
    console.print(memory_table_of(held))
    if arguments.json:
        print(json.dumps({"calls": asdict(overhead), "memory": [asdict(row) for row in held]}))


if __name__ == "__main__":
    main()
