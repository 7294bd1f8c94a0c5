"""How often the warehouse demo's answer is right, over fleet sizes and seeds.

    python -m benchmarks.warehouse_goal --robots 1 2 3 4 5 6 7 8 9 10 --seeds 20 [--goal "…"] [--json]

Every run is the whole demo (broker, coordinator, agents, model) with another world. A run counts as right when the goal
was completed and the world agrees with the answer.
"""

from __future__ import annotations

import argparse
import io
import json
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from demos.warehouse.run import DEFAULT_GOAL, DemoOptions, run_demo
from inference.settings import InferenceSettings, open_finder, open_model, open_reader
from parley.agent_process import Minds
from rag.api_index import ApiIndex


def measure(robots: Sequence[int], seeds: int, goal: str, time_scale: float) -> list[dict[str, object]]:
    """Run the demo for every fleet size and seed; one row for each run."""
    settings = InferenceSettings.from_environment()
    model, encoder = open_model(settings), open_finder(settings)
    reader = open_reader(settings, encoder)
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder, Progress() as progress:
        task = progress.add_task("demo runs", total=len(robots) * seeds)
        for count in robots:
            for seed in range(seeds):
                output = io.StringIO()
                options = DemoOptions(
                    robots=count,
                    shelves=max(5, count),
                    goal=goal,
                    seed=seed,
                    json_line=True,
                    time_scale=time_scale,
                )
                with closing(ApiIndex(Path(folder) / f"{count}-{seed}", encoder)) as index:
                    run_demo(
                        options, minds=Minds(model, index, reader), console=Console(file=output, width=200)
                    )
                verdict = json.loads(output.getvalue().strip().splitlines()[-1])
                rows.append({"robots": count, "seed": seed, **verdict})
                progress.advance(task)
    return rows


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--robots", type=int, nargs="+", default=list(range(1, 11)))
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--goal", default=DEFAULT_GOAL)
    parser.add_argument("--time-scale", type=float, default=200.0)
    parser.add_argument("--json", action="store_true", help="print every run in one line of JSON at the end")
    arguments = parser.parse_args()
    rows = measure(arguments.robots, arguments.seeds, arguments.goal, arguments.time_scale)
    print(f"{'robots':>6} {'right':>9} {'p50 s':>7} {'model calls':>12}")
    for count in arguments.robots:
        mine = [row for row in rows if row["robots"] == count]
        right = sum(row["outcome"] == "completed" and row["world_agrees"] is True for row in mine)
        seconds = sorted(float(str(row["seconds"])) for row in mine)
        calls = sum(int(str(row["model_calls"])) for row in mine) / len(mine)
        print(f"{count:6} {right:4} of {len(mine):2} {seconds[len(seconds) // 2]:7.2f} {calls:12.1f}")
    for row in rows:
        if row["outcome"] != "completed" or row["world_agrees"] is not True:
            print(f"not right: {row['robots']} robots, seed {row['seed']}: {row['outcome']}: {row['answer']}")
    if arguments.json:
        print(json.dumps(rows))


if __name__ == "__main__":
    main()
