"""How often the warehouse demo's answer is completed and true, over fleets of several sizes and many seeds.

    .venv/bin/python -m benchmarks.warehouse_goals --robots 1-10 --seeds 20

Each run is the whole demo: broker, coordinator, agents, model; only the model and the index are loaded once.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from rich.console import Console

from demos.warehouse.run import DEFAULT_GOAL, DemoOptions, run_demo
from inference.settings import InferenceSettings, open_encoder, open_model
from parley.compose import Minds
from rag.api_index import ApiIndex

TIME_SCALE = 200.0
"""Robots drive ten times as fast as in the demo that people watch."""


def main() -> int:
    """Run the matrix; the exit code is 0 when every fleet size was right on the demanded share of its seeds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--robots", default="1-10", help="fleet sizes: 4, or 1-10")
    parser.add_argument("--seeds", type=int, default=20, help="how many seeds for each size, from 0")
    parser.add_argument("--goal", default=DEFAULT_GOAL)
    parser.add_argument("--demand", type=float, default=0.95, help="share of seeds that must be right")
    options = parser.parse_args()
    settings = InferenceSettings.from_environment()
    minimum = 1.0
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(ApiIndex(Path(folder), open_encoder(settings))) as index,
    ):
        minds = Minds(open_model(settings), index)
        print("robots  right  median s  model calls  wrong seeds")
        for robots in _sizes(options.robots):
            results = [_run(robots, seed, options.goal, minds) for seed in range(options.seeds)]
            wrong = [seed for seed, result in enumerate(results) if not result["is_right"]]
            share = 1 - len(wrong) / len(results)
            minimum = min(minimum, share)
            seconds = statistics.median(result["seconds"] for result in results)
            calls = statistics.mean(result["model_calls"] for result in results)
            print(f"{robots:6}  {share:5.0%}  {seconds:8.2f}  {calls:11.1f}  {wrong or ''}", flush=True)
    return 0 if minimum >= options.demand else 1


def _sizes(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def _run(robots: int, seed: int, goal: str, minds: Minds) -> dict[str, Any]:
    out = io.StringIO()
    demo = DemoOptions(
        robots=robots, shelves=max(5, robots), goal=goal, seed=seed, json_line=True, time_scale=TIME_SCALE
    )
    code = run_demo(demo, minds=minds, console=Console(file=out, width=200))
    result: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    result["is_right"] = code == 0 and result["world_agrees"] is True
    if not result["is_right"]:
        print(f"robots {robots}, seed {seed}: {result['outcome']}: {result['answer']}", file=sys.stderr)
    return result


if __name__ == "__main__":
    sys.exit(main())
