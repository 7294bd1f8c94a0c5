"""Experiment 1 of the paper: this project against a centralised baseline after LLMind 1.0, in the same worlds.

    python -m benchmarks.experiment1 --robots 1 2 3 4 5 6 7 8 9 10 --seeds 20 --processes --rows rows.jsonl
    python -m benchmarks.experiment1 --robots 100 --seeds 3 --rows rows.jsonl

Every run is the whole path from a goal to its answer, and the world judges the answer. For each seed and size all systems run one
after another, so that whatever else the machine does meets all of them. A seed decides what is on the shelves and which brand
the first robot is of. docs/decisions/0020-experiment-1.md says why it is as it is.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from benchmarks.central.apis import Scope
from benchmarks.central.system import CentralSystem
from benchmarks.experiment1_agent import warm_up
from benchmarks.experiment1_costs import own_seconds
from benchmarks.experiment1_fleet import (
    AgentProcesses,
    FleetAtWork,
    Hall,
    Setting,
    in_one_process,
    in_processes,
)
from benchmarks.experiment1_picture import picture
from benchmarks.experiment1_rows import Row, RowFile, System, summarise
from benchmarks.experiment1_table import ratios, table
from coordinator.goals import GoalView
from coordinator.ledger.events import Event, EventKind
from demos.warehouse.firmware import thing_description
from demos.warehouse.run import DEFAULT_GOAL, judge
from demos.warehouse.site import site_of
from demos.warehouse.truth import WorldTruth
from firmware_api_specs.loader import load
from inference.settings import InferenceSettings, open_encoder, open_router
from parley.agent_process import Minds, open_minds
from transport.broker import ManagedBroker

WARMING_GOAL = "Please sing a song."
"""Nothing that any device can do: planned and refused before each measurement, so that none pays for a first use."""
MOST_PROCESSES = 10
_SYSTEMS = {"parley": System.PARLEY, "central": System.CENTRAL, "central-site": System.CENTRAL_SITE}
TIME_SCALE = 50.0
SLOW_FACTOR = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be run."""

    robots: Sequence[int]
    seeds: int
    goal: str
    time_scale: float
    systems: Sequence[System]


@dataclass(frozen=True, slots=True)
class _Measured:
    """How the world was before a goal, how long that took on the wall, and what `Row` says of what it has cost."""

    before: WorldTruth
    seconds: float
    model_seconds: float
    planning_seconds: float
    language_seconds: dict[str, float]


class Experiment:
    """Runs systems one after another with the same models.

    Args:
        minds: of the baseline, and of agents that have no process of their own.
        processes: run the agents that have.
        broker_url: a real broker.
    """

    def __init__(self, minds: Minds, processes: AgentProcesses, broker_url: str) -> None:
        self._minds = minds
        self._processes = processes
        self._broker_url = broker_url
        self._settings = InferenceSettings.from_environment()

    async def run(self, system: System, setting: Setting, goal: str) -> Row:
        """Run one system once.

        Raises:
            OperatorError: something is missing or in the way.
            ModelError: a model cannot be used.
        """
        load = os.getloadavg()[0]
        hall = Hall.of(setting)
        if system.is_central:
            view, measured = await self._run_central(system, hall, goal)
        else:
            view, measured = await self._run_parley(system, hall, goal)
        problems = judge(view, measured.before, hall.world.truth())
        return Row(
            system=system,
            robots=setting.robots,
            seed=setting.seed,
            goal=goal,
            time_scale=setting.time_scale,
            load=load,
            outcome=view.status.value,
            answer=view.answer or "",
            problems=None if problems is None else tuple(problems),
            seconds=measured.seconds,
            model_calls=view.model_calls,
            prompt_tokens=view.prompt_tokens,
            completion_tokens=view.completion_tokens,
            model_seconds=measured.model_seconds,
            planning_seconds=measured.planning_seconds,
            language_seconds=measured.language_seconds,
            world_seconds=hall.clock.busy_seconds,
        )

    async def _run_parley(self, system: System, hall: Hall, goal: str) -> tuple[GoalView, _Measured]:
        opened = (
            in_processes(hall, self._processes, self._broker_url)
            if system is System.PARLEY_PROCESSES
            else in_one_process(hall, self._minds, self._broker_url)
        )
        async with opened as site:
            await _pursue(site, WARMING_GOAL)
            await asyncio.to_thread(warm_up, self._minds)
            before = hall.world.truth()
            marks: dict[EventKind, float] = {}

            def mark(event: Event) -> None:
                if event.kind in {EventKind.GOAL_ACCEPTED, EventKind.GOAL_PLANNED}:
                    marks[event.kind] = own_seconds()

            end = site.coordinator.on_event(mark)
            began = time.perf_counter()
            view = await _pursue(site, goal)
            seconds = time.perf_counter() - began
            end()
            return view, _Measured(
                before,
                seconds,
                model_seconds=view.account.planner.model_seconds + view.account.devices.model_seconds,
                planning_seconds=marks[EventKind.GOAL_PLANNED] - marks[EventKind.GOAL_ACCEPTED],
                language_seconds=await site.language_seconds(),
            )

    async def _run_central(self, system: System, hall: Hall, goal: str) -> tuple[GoalView, _Measured]:
        # Opened anew as the coordinator opens it, so that both plan alike and neither remembers the run before.
        encoder = await asyncio.to_thread(open_encoder, self._settings)
        central = CentralSystem(
            {name: load(thing_description(robot.vendor)) for name, robot in hall.fleet.items()},
            hall.fleet,
            self._minds,
            open_router(self._settings, encoder),
            encoder,
            site_of(hall.world),
            {name: (robot.x, robot.y) for name, robot in hall.world.robots.items()},
            Scope.SITE if system is System.CENTRAL_SITE else Scope.DEVICE,
        )
        await asyncio.to_thread(central.prepare)
        await central.plan_only(WARMING_GOAL)
        await asyncio.to_thread(warm_up, self._minds)
        before = hall.world.truth()
        run = await central.pursue(goal)
        return run.view, _Measured(
            before,
            run.seconds,
            model_seconds=run.usage.seconds,
            planning_seconds=run.planning_seconds,
            language_seconds=run.language_seconds,
        )


async def _pursue(site: FleetAtWork, goal: str) -> GoalView:
    """Send a goal as a person would, and wait for its end."""
    response = await site.client.post("/v1/goals", json={"goal": goal})
    response.raise_for_status()
    return await site.coordinator.wait(str(response.json()["goal_id"]))


async def run_all(plan: Plan, rows: RowFile, console: Console) -> None:
    """Run what is not in `rows` yet; every size and system of one seed, then the next seed.

    Raises:
        OperatorError: something is missing or in the way.
        ModelError: a model cannot be used.
    """
    wanted = [
        (system, Setting(robots, seed, plan.time_scale))
        for seed in range(plan.seeds)
        for robots in plan.robots
        for system in plan.systems
        if not rows.has((system, robots, seed, plan.goal, plan.time_scale))
    ]
    if not wanted:
        return
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="parley-experiment1-"))
        broker = await stack.enter_async_context(ManagedBroker())
        minds = await stack.enter_async_context(open_minds(Path(folder)))
        processes = await stack.enter_async_context(AgentProcesses())
        # Drawn after each run and never meanwhile, because that would be measured too.
        progress = stack.enter_context(Progress(console=console, auto_refresh=False))
        bar = progress.add_task("runs", total=len(wanted))
        experiment = Experiment(minds, processes, broker.url)
        for system, setting in wanted:
            rows.add(await experiment.run(system, setting, plan.goal))
            progress.advance(bar)
            progress.refresh()


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--robots", type=int, nargs="+", default=list(range(1, 11)))
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--goal", default=DEFAULT_GOAL)
    parser.add_argument("--time-scale", type=float, default=TIME_SCALE, help="world seconds in a second")
    parser.add_argument("--systems", nargs="+", choices=list(_SYSTEMS), default=list(_SYSTEMS))
    parser.add_argument("--processes", action="store_true", help="a process of its own for each agent")
    parser.add_argument("--device-seconds-factor", type=float, default=SLOW_FACTOR, metavar="F")
    parser.add_argument("--rows", type=Path, help="file of runs: what is in it is not run again")
    parser.add_argument("--svg", type=Path, help="where to draw the picture")
    parser.add_argument("--json", action="store_true", help="print all runs as one line of JSON at the end")
    arguments = parser.parse_args()
    if arguments.processes and max(arguments.robots) > MOST_PROCESSES:
        parser.error(f"--processes takes at most {MOST_PROCESSES} robots: each loads its own models")
    # One core for each model: two would be taken from the others.
    os.environ["PARLEY_THREADS"] = "1"
    logging.basicConfig(level=logging.ERROR)
    systems = [_SYSTEMS[name] for name in arguments.systems]
    if arguments.processes:
        systems = [System.PARLEY_PROCESSES if each is System.PARLEY else each for each in systems]
    plan = Plan(arguments.robots, arguments.seeds, arguments.goal, arguments.time_scale, systems)
    rows = RowFile(arguments.rows)
    asyncio.run(run_all(plan, rows, Console(stderr=True)))
    mine = [row for row in rows.rows if row.goal == plan.goal and row.time_scale == plan.time_scale]
    factor = arguments.device_seconds_factor
    summaries = summarise(mine, factor)
    print(table(summaries, factor))
    print()
    print(ratios(summaries, factor))
    for row in mine:
        if not row.is_right and row.system is not System.CENTRAL_SITE:
            why = "; ".join(row.problems or ("nothing can be compared",))
            print(
                f"- not right: {row.system}, N = {row.robots}, seed {row.seed}: {row.outcome}; {why}; {row.answer}"
            )
    if arguments.svg is not None:
        arguments.svg.write_text(picture(summaries, factor), "utf-8")
    if arguments.json:
        print(json.dumps([asdict(row) for row in mine], ensure_ascii=False))


if __name__ == "__main__":
    main()
