"""What allocating by place and load is worth, and what it costs.

    python -m benchmarks.allocation [--sizes 5x4 20x4 ...] [--seeds 5] [--json]

Subtasks and devices lie at random in a hall of 100 m by 100 m (more of them, in a larger one, at the same density beyond 1,000);
a third of the devices is free, the others have one or two subtasks before them. Each size is divided in the same run in turn,
by load alone, as `coordinator.allocation` does it, and, where that can be afforded, as well as can be. Reported are the means
over the seeds of the time until the last subtask is done, the way that all devices travel, and the seconds that dividing takes.
`peak MB` is what dividing allocates meanwhile, measured in a run of its own.
"""

from __future__ import annotations

import argparse
import json
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean

import numpy as np

from coordinator.allocation import Queues, allocate, least_loaded, round_robin, score
from coordinator.allocation_exact import exact
from coordinator.travel import SUBTASK_SECONDS, Floats, StraightTravel

SIZES = (
    "1x4",
    "3x4",
    "5x4",
    "7x10",
    "8x4",
    "20x4",
    "30x10",
    "100x100",
    "1000x100",
    "1000x1000",
    "10000x100",
    "10000x10000",
)
_EXACT_STOPS = 8
_EXACT_DEVICES = 10
_HALL_METRES = 100.0
_DENSE = 1_000


@dataclass(frozen=True, slots=True)
class Row:
    """One way to divide one size: means over the seeds."""

    subtasks: int
    devices: int
    way: str
    makespan_seconds: float
    travel_metres: float
    dividing_seconds: float
    peak_megabytes: float


def world(subtasks: int, devices: int, seed: int) -> tuple[Floats, StraightTravel]:
    """Return when devices are free and where everything is."""
    random = np.random.default_rng([seed, subtasks, devices])
    side = _HALL_METRES * max(1.0, max(subtasks, devices) / _DENSE) ** 0.5
    ready: Floats = random.integers(0, 3, devices).astype(np.float64) * SUBTASK_SECONDS
    starts, stops = random.uniform(0, side, (devices, 2)), random.uniform(0, side, (subtasks, 2))
    return ready, StraightTravel(starts, stops)


def measure(subtasks: int, devices: int, seeds: int) -> list[Row]:
    """Divide one size every way."""
    ways: dict[str, Callable[[Floats, StraightTravel], Queues]] = {
        "in turn": lambda ready, travel: round_robin(len(ready), travel.stops),
        "by load": lambda ready, travel: least_loaded(ready, travel.stops),
        "allocated": lambda ready, travel: allocate(ready.tolist(), travel),
    }
    if subtasks <= _EXACT_STOPS and devices <= _EXACT_DEVICES:
        ways["best there is"] = exact
    return [_row(name, way, subtasks, devices, seeds) for name, way in ways.items()]


def _row(
    name: str,
    way: Callable[[Floats, StraightTravel], Queues],
    subtasks: int,
    devices: int,
    seeds: int,
) -> Row:
    scores, seconds = [], []
    for seed in range(seeds):
        ready, travel = world(subtasks, devices, seed)
        began = time.perf_counter()
        queues = way(ready, travel)
        seconds.append(time.perf_counter() - began)
        scores.append(score(queues, ready, travel))
    ready, travel = world(subtasks, devices, 0)
    tracemalloc.start()
    way(ready, travel)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return Row(
        subtasks,
        devices,
        name,
        round(mean(one.seconds for one in scores), 2),
        round(mean(one.metres for one in scores), 1),
        round(mean(seconds), 4),
        round(peak / 2**20, 1),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", nargs="+", default=SIZES, help="subtasks x devices, such as 20x4")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print every row in one line of JSON at the end")
    chosen = parser.parse_args(arguments)
    rows: list[Row] = []
    print(
        f"{'subtasks':>8} {'devices':>7}  {'divided':14} {'makespan s':>10} {'travel m':>10} {'takes s':>8} {'peak MB':>8}"
    )
    for size in chosen.sizes:
        subtasks, devices = (int(part) for part in size.split("x"))
        for row in measure(subtasks, devices, chosen.seeds):
            rows.append(row)
            print(
                f"{row.subtasks:8} {row.devices:7}  {row.way:14} {row.makespan_seconds:10.1f}"
                f" {row.travel_metres:10.1f} {row.dividing_seconds:8.3f} {row.peak_megabytes:8.1f}",
                flush=True,
            )
    if chosen.json:
        fields = Row.__dataclass_fields__
        print(json.dumps([{name: getattr(row, name) for name in fields} for row in rows]))


if __name__ == "__main__":
    main()
