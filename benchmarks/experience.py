"""What an agent's experience saves: the same sentences to one device, first and again.

    python -m benchmarks.experience [--sentences 30] [--json]

The device is a bundled warehouse robot with a simulated machine that answers at once, so that what is measured is the
agent: model, encoder, reader, every check, and the sandbox are those of production. Each sentence is told three times: the
first time; again to an agent without an archive, when the caches of model and encoder are warm; and to one that remembers.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

import firmware_api_specs
from device_agent.drivers.simulated import SimulatedDriver
from device_agent.executor import Executor
from device_agent.modes import present_modes
from device_agent.orders import Orders
from device_agent.pipeline import Pipeline, PipelineError
from firmware_api_specs.loader import load
from fsm.subtask import SubtaskState
from inference.settings import InferenceSettings, open_finder, open_model, open_reader
from rag.api_index import ApiIndex
from rag.experience import Experience
from transport.clock import SystemClock

SPEC = Path(firmware_api_specs.__file__).parent / "warehouse" / "kestrel.td.json"
SENTENCES = (
    "Move to shelf {}.",
    "Move to shelf {} and check it for vacant space.",
    "Drive to shelf {}, take a photo, then return to the dock.",
    "Which items lie on shelf {}?",
    "Tilt the camera up to {} degrees.",
    "Go to shelf {} and tell me how full your battery is.",
)
WARM_UP = "Tell me where you are."
NEW, AGAIN, REMEMBERED = "first time", "again", "remembered"


@dataclass(frozen=True, slots=True)
class Told:
    """One sentence and what came of it.

    `program_seconds` is the time to a checked program, `seconds` that to the end of its run and what was learnt from it.
    """

    occasion: str
    sentence: str
    ended_well: bool
    model_calls: int
    program_seconds: float
    seconds: float


async def measure(count: int) -> list[Told]:
    """Tell `count` sentences three times each."""
    settings = InferenceSettings.from_environment()
    model, encoder = open_model(settings), open_finder(settings)
    reader = open_reader(settings, encoder)
    description = load(SPEC)
    sentences = [SENTENCES[number % len(SENTENCES)].format(2 + number) for number in range(count)]
    told: list[Told] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(ApiIndex(Path(folder) / "index", encoder)) as index,
        closing(Experience(Path(folder), encoder)) as archive,
        Progress(transient=True, console=Console(stderr=True)) as progress,
    ):
        clock = SystemClock()
        driver = SimulatedDriver(description, clock)
        executor = Executor(description, driver, clock)
        without = Pipeline("robot", description, model, index, reader=reader)
        learning = Pipeline("robot", description, model, index, reader=reader, archive=archive)
        learning.prepare()
        modes = await present_modes(description, driver, clock)
        await _tell(without, executor, WARM_UP, WARM_UP, modes)
        task = progress.add_task("sentences", total=3 * count)
        # In small rounds, so that whatever else this machine does weighs on all three alike.
        for start in range(0, count, len(SENTENCES)):
            for occasion, pipeline in ((NEW, learning), (AGAIN, without), (REMEMBERED, learning)):
                for sentence in sentences[start : start + len(SENTENCES)]:
                    modes = await present_modes(description, driver, clock)
                    told.append(await _tell(pipeline, executor, sentence, occasion, modes))
                    progress.advance(task)
    return told


async def _tell(
    pipeline: Pipeline, executor: Executor, sentence: str, occasion: str, modes: Collection[str]
) -> Told:
    began = time.perf_counter()
    try:
        program = pipeline.write(sentence, modes)
    except PipelineError as error:
        seconds = time.perf_counter() - began
        return Told(occasion, sentence, False, error.model_calls, seconds, seconds)
    written = time.perf_counter() - began
    execution = await executor.execute(program, Orders())
    succeeded = execution.state is SubtaskState.END
    pipeline.learn(sentence, program, succeeded=succeeded)
    seconds = time.perf_counter() - began
    return Told(occasion, sentence, succeeded, program.model_calls, written, seconds)


def table_of(told: Sequence[Told]) -> Table:
    """Compare the three occasions; a ratio says how many times as long the first time takes."""
    table = Table("told", "ended well", "model calls", "to a program", "ratio", "to the end", "ratio")
    for column in table.columns[1:]:
        column.justify = "right"
    new = [one for one in told if one.occasion == NEW]
    for occasion in (NEW, AGAIN, REMEMBERED):
        mine = [one for one in told if one.occasion == occasion]
        program, whole = _milliseconds(mine, "program_seconds"), _milliseconds(mine, "seconds")
        table.add_row(
            occasion,
            f"{sum(one.ended_well for one in mine)} of {len(mine)}",
            f"{sum(one.model_calls for one in mine) / len(mine):.2f}",
            f"{program:.0f} ms",
            f"{_milliseconds(new, 'program_seconds') / program:.1f}",
            f"{whole:.0f} ms",
            f"{_milliseconds(new, 'seconds') / whole:.1f}",
        )
    return table


def _milliseconds(told: Sequence[Told], field: str) -> float:
    return 1000 * statistics.median(float(getattr(one, field)) for one in told)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sentences", type=int, default=30, help="how many different sentences")
    parser.add_argument(
        "--json", action="store_true", help="print every sentence in one line of JSON at the end"
    )
    arguments = parser.parse_args()
    told = asyncio.run(measure(arguments.sentences))
    Console().print(table_of(told))
    print("Times are medians of one sentence; a ratio is the first time divided by this.")
    if arguments.json:
        print(json.dumps([asdict(one) for one in told]))


if __name__ == "__main__":
    main()
