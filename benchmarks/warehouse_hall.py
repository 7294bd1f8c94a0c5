"""What people ask of the hall, over seeds: each conversation goes through the chat, and the world judges what came of it.

    python -m benchmarks.warehouse_hall [--seeds 5] [--robots 4] [--only bring] [--rows FILE] [--json]

Nothing is scripted for any of the goals: they are said to the coordinator as a person would say them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.warehouse_floor import FLOOR
from benchmarks.warehouse_hours import HOURS
from benchmarks.warehouse_judging import (
    Case,
    Seen,
    UnderWay,
    all_at,
    at,
    machine,
    nothing_moved,
    refused,
    robot_is,
    says,
    shelves_told,
)
from benchmarks.warehouse_questions import QUESTIONS
from benchmarks.warehouse_words import WORDS
from demos.warehouse.floor import bundled
from demos.warehouse.hall_clock import HallClock
from demos.warehouse.stage import Stage, StageOptions, open_stage
from demos.warehouse.state import Mode
from parley.agent_process import Minds, open_minds

_LOW_BATTERY = 0.15
_ANSWER_SECONDS = 300.0
_HALF_A_METRE, _SPEED_TOLERANCE = 0.5, 0.02


def _only_low_ones_charge(seen: Seen) -> str | None:
    wrong = [
        name
        for name, robot in seen.before.robots.items()
        if (robot.battery < 0.2)
        != (seen.after.robots[name].mode is Mode.DOCKED or seen.after.robots[name].is_charging)
    ]
    return f"wrong for {wrong}" if wrong else None


def _slow(seen: Seen) -> str | None:
    fast = [
        name
        for name, robot in seen.after.robots.items()
        if abs(robot.speed - _HALF_A_METRE) > _SPEED_TOLERANCE
    ]
    return f"{fast} do not" if fast else None


def _lists_shelf_4(seen: Seen) -> str | None:
    missing = [item for item in seen.after.shelves["4"].items if item not in seen.said]
    return f"leaves out {missing}" if missing else None


def _photographed(seen: Seen) -> str | None:
    taken = seen.after.robots["robot-3"].images - seen.before.robots["robot-3"].images
    return None if taken else "no picture was taken"


def _denied(seen: Seen) -> str | None:
    return None if re.search(r"\b(?:no|not|shut|closed)\b", seen.said) else "does not say that it is shut"


def _each_at_its_own(seen: Seen) -> str | None:
    there = {tote: seen.after.totes[tote] for tote in ("T6", "T8")}
    if there != {"T6": "station 1", "T8": "station 3"}:
        return f"not brought: {there}"
    return f"{seen.moved('T6', 'T8')} moved too" if seen.moved("T6", "T8") else None


def _drain(stage: Stage) -> None:
    stage.world.robots["robot-2"].battery = _LOW_BATTERY


CASES = (
    Case("check", ("Please check if there are vacant spaces on the shelves.",), shelves_told),
    Case("bring", ("Bring tote T7 to packing station 2.",), at("T7", "station 2")),
    Case(
        "where and who",
        ("Where is T7 and which robots are free?",),
        says("shelf 3", "robot-1", "robot-2", "robot-3", "robot-4"),
    ),
    Case(
        "bring four",
        ("Bring T1 to T4 to stations 1 and 2 as fast as possible.",),
        all_at(("T1", "T2", "T3", "T4"), "station 1", "station 2"),
    ),
    Case("swap", ("Swap shelves S3 and S9.",), refused),
    Case(
        "charge",
        ("Charge everything below 20 percent after its current job.",),
        _only_low_ones_charge,
        _drain,
    ),
    Case("urgent", ("T9 is urgent.",), nothing_moved),
    Case("door", ("Please open the dock door.",), machine("dock-door", doorState="wide")),
    Case("belt", ("Get the conveyor belt going.",), machine("belt-1", beltState="running")),
    Case("find", ("Find tote T5 for me.",), says("shelf 8")),
    Case("contents", ("What is on shelf 4?",), _lists_shelf_4),
    Case(
        "dock one",
        ("Send robot 2 back to its charger.",),
        robot_is("robot-2", lambda robot: robot.is_charging or robot.mode is Mode.DOCKED, "charging"),
    ),
    Case(
        "go there",
        ("Robot 1 should go to station 3.",),
        robot_is("robot-1", lambda robot: abs(robot.x - 24.0) + abs(robot.y - 24.0) < 1.0, "at station 3"),
    ),
    Case("is it open", ("Is the dock door open?",), _denied),
    Case(
        "slowly",
        ("All robots drive at half a metre per second from now on.",),
        _slow,
    ),
    Case(
        "batteries",
        ("How full are the batteries of the robots?",),
        says("robot-1", "robot-2", "robot-3", "robot-4"),
    ),
    Case(
        "two after another",
        ("Bring T6 to station 1 and then bring T8 to station 3.",),
        _each_at_its_own,
    ),
    Case(
        "photo",
        ("Take a picture with robot 3.",),
        _photographed,
    ),
    *QUESTIONS,
    *HOURS,
    *WORDS,
    *FLOOR,
)


async def converse(stage: Stage, case: Case) -> Seen:
    """Hold one conversation, to its end."""
    if case.prepare is not None:
        case.prepare(stage)
    before = stage.world.truth()
    messages: list[dict[str, str]] = []
    moments, answers = [], []
    chat_id = f"chat-{case.name.replace(' ', '-')}"
    async with asyncio.TaskGroup() as tasks:
        under_way: list[asyncio.Task[str]] = []
        for text in case.says:
            if callable(text):
                await text(stage)
                moments.append(stage.world.truth())
                continue
            if isinstance(text, UnderWay):
                messages.append({"role": "user", "content": text.text})
                under_way.append(tasks.create_task(_said(stage, list(messages), chat_id)))
                continue
            messages.append({"role": "user", "content": text})
            answers.append(await _said(stage, list(messages), chat_id))
            messages.append({"role": "assistant", "content": answers[-1]})
            moments.append(stage.world.truth())
        for one in under_way:
            answers.append(await one)
            moments.append(stage.world.truth())
    return Seen(before, tuple(moments), tuple(answers))


async def _said(stage: Stage, messages: list[dict[str, str]], chat_id: str) -> str:
    """Say the last of some messages; returns the answer."""
    body = {"messages": messages, "user": "Anna", "chat_id": chat_id}
    response = await stage.client.post("/v1/chat/completions", json=body, timeout=_ANSWER_SECONDS)
    if not response.is_success:
        return response.text
    return str(response.json()["choices"][0]["message"]["content"])


async def measure(
    runs: Sequence[tuple[int, Case]],
    robots: int,
    on_row: Callable[[dict[str, Any]], Awaitable[None] | None],
) -> None:
    """Hold conversations, each in a world of its own that its seed fills."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        minds: Minds = await stack.enter_async_context(open_minds(folder / "index"))
        for seed, case in runs:
            options = StageOptions(
                robots=robots,
                shelves=0,
                seed=seed,
                plan=bundled(),
                time_scale=case.time_scale,
                clock=HallClock(),
            )
            async with open_stage(options, minds) as stage:
                seen = await converse(stage, case)
            problem = case.judge(seen)
            if seen.after.collisions:
                problem = f"{problem or ''} collisions: {seen.after.collisions}".strip()
            on_row({"case": case.name, "seed": seed, "problem": problem, "answers": seen.answers})


def read_rows(path: Path | None) -> list[dict[str, Any]]:
    """Read what was measured before, a JSON object a line; nothing where there is no such file."""
    if path is None or not path.exists():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--robots", type=int, default=4)
    parser.add_argument("--only", nargs="*", help="names of conversations; all when left out")
    parser.add_argument(
        "--rows", type=Path, help="a file that every run is added to; those that stand there are not repeated"
    )
    parser.add_argument("--json", action="store_true", help="print every run as one line of JSON at the end")
    parser.add_argument("--show", action="store_true", help="print every answer as it comes")
    arguments = parser.parse_args()
    cases = [case for case in CASES if not arguments.only or case.name in arguments.only]
    rows = read_rows(arguments.rows)
    known = {(row["seed"], row["case"]) for row in rows}
    runs = [
        (seed, case) for seed in range(arguments.seeds) for case in cases if (seed, case.name) not in known
    ]
    console = Console()
    with Progress(console=console) as progress:
        task = progress.add_task("conversations", total=len(runs))

        def take(row: dict[str, Any]) -> None:
            rows.append(row)
            if arguments.rows is not None:
                with arguments.rows.open("a", encoding="utf-8") as file:
                    file.write(f"{json.dumps(row)}\n")
            progress.advance(task)
            if arguments.show:
                console.print(
                    f"{row['case']} (seed {row['seed']}): {row['problem'] or 'right'}", markup=False
                )
                console.print("   " + "\n   ".join(row["answers"]), markup=False)

        asyncio.run(measure(runs, arguments.robots, take))
    table = Table("conversation", "right", "first problem")
    for case in cases:
        mine = [row for row in rows if row["case"] == case.name]
        problems = [row["problem"] for row in mine if row["problem"]]
        table.add_row(
            case.name, f"{len(mine) - len(problems)} of {len(mine)}", problems[0] if problems else ""
        )
    console.print(table)
    if arguments.json:
        print(json.dumps(rows))


if __name__ == "__main__":
    main()
