"""Runs the warehouse demo: a broker, a world, a coordinator and a fleet of agents, all real but for the robots.

The goal goes through the coordinator's HTTP API and comes back as its answer; then the world is asked whether it is true.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console

from coordinator.goals import GoalStatus, GoalView
from coordinator.ledger.events import EventKind
from coordinator.records import Outcome
from demos.warehouse.floor import FloorPlan
from demos.warehouse.judge import judge_claims, judge_text, unexpected_changes
from demos.warehouse.screen import Screen
from demos.warehouse.stage import Stage, StageOptions, open_stage, robot_ids
from demos.warehouse.truth import WorldTruth
from device_agent.events import AgentEvent, AgentEventKind
from parley.agent_process import Minds
from protocol.errors import ErrorCode, InputError, OperatorError

DEFAULT_GOAL = "Please help check if there are vacant spaces on the shelves."
# What only the coordinator knows: that a robot did not answer, or was never asked.
_UNHEARD = {Outcome.SILENT, Outcome.LOST, Outcome.BROKER_UNAVAILABLE}


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What the command line says.

    Attributes:
        plan: the floor; None for an open one with shelves alone.
        port: of the coordinator's HTTP API; None takes a free one.
        with_pages: whether the dashboard is served, and its address printed.
        kill: the robot whose agent and machine die as soon as it has written a program, or None.
        time_scale: simulated seconds in one real second.
    """

    robots: int
    shelves: int
    goal: str = DEFAULT_GOAL
    seed: int = 0
    broker_url: str | None = None
    port: int | None = None
    json_line: bool = False
    kill: str | None = None
    time_scale: float = 20.0
    plan: FloorPlan | None = None
    with_pages: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a goal ended, and what the world says of the answer; `world_agrees` is None where it cannot judge."""

    outcome: str
    answer: str
    world_agrees: bool | None
    subtasks: int
    model_calls: int
    seconds: float

    @property
    def is_right(self) -> bool:
        """Whether the goal was completed and nothing speaks against the answer."""
        return self.outcome == GoalStatus.COMPLETED and self.world_agrees is not False


def judge(view: GoalView, before: WorldTruth, after: WorldTruth) -> list[str] | None:
    """List where an answer differs from the world; None where nothing in it can be compared."""
    known = [claim for claim in view.claims if claim.present is not None or claim.value is not None]
    if not known:
        return None
    problems = judge_claims(known, after)
    if any(claim.what == "vacant space" and claim.entity_kind == "shelf" for claim in known):
        # A goal that names shelves is about these; any other is about all of them.
        named = set(re.findall(r"\d+", view.goal)) & after.shelves.keys() or after.shelves.keys()
        others = {f"shelf {shelf_id} is left out" for shelf_id in after.shelves.keys() - named}
        text_problems = judge_text(view.answer or "", after)
        problems += [problem for problem in text_problems if problem not in others]
        problems += unexpected_changes(before, after)
    return problems


def run_demo(options: DemoOptions, *, minds: Minds | None = None, console: Console | None = None) -> int:
    """Run the demo; returns the exit code: 0 when every goal was completed and the world agrees.

    Args:
        options: what to run.
        minds: the model and the index; those of the environment when None.
        console: where to write; standard output when None.

    Raises:
        OperatorError: something the demo needs is missing or in the way.
        ModelError: model or encoder cannot be used.
    """
    console = console or Console()
    if options.kill is not None and options.kill not in robot_ids(options.robots):
        raise InputError("kill", options.kill, f"robot-1 to robot-{options.robots}")
    return 0 if asyncio.run(_run(options, minds, console)) else 1


async def _run(options: DemoOptions, minds: Minds | None, console: Console) -> bool:
    async with _open(options, minds, console) as demo:
        verdict = await demo.pursue(options.goal)
        all_right = verdict.is_right
        if options.json_line:
            console.print(
                json.dumps(asdict(verdict), ensure_ascii=False), soft_wrap=True, highlight=False, markup=False
            )
        elif console.is_terminal and sys.stdin.isatty():
            while goal := await _ask(console):
                all_right = (await demo.pursue(goal)).is_right and all_right
        return all_right


@asynccontextmanager
async def _open(options: DemoOptions, minds: Minds | None, console: Console) -> AsyncIterator[_Demo]:
    """Start everything, and wait until the whole fleet has joined."""
    setting = StageOptions(
        robots=options.robots,
        shelves=options.shelves,
        seed=options.seed,
        plan=options.plan,
        broker_url=options.broker_url,
        port=options.port,
        time_scale=options.time_scale,
        with_pages=options.with_pages,
    )
    status = console.status("Starting broker, model, coordinator and agents …")
    status.start()
    try:
        async with open_stage(setting, minds) as stage:
            status.stop()
            console.print(
                f"{options.robots} robots of {len(set(stage.brands.values()))} brands and"
                f" {len(stage.world.shelves)} shelves; broker {stage.broker_url}, coordinator {stage.url}",
                soft_wrap=True,
                highlight=False,
            )
            if options.with_pages:
                console.print(f"Watch it at [bold]{stage.url}/ui/[/bold]", soft_wrap=True, highlight=False)
            yield _Demo(stage, console, kill=options.kill)
    finally:
        status.stop()


class _Demo:
    """A running fleet that takes goals."""

    def __init__(self, stage: Stage, console: Console, *, kill: str | None) -> None:
        self._stage = stage
        self._console = console
        self._kill = kill
        self._killing: asyncio.Task[None] | None = None
        self._unshown: list[AgentEvent] | None = []
        """What agents did before the plan was shown; None from then on."""
        self._screen = Screen(console, stage.brands)
        stage.observers.append(self._on_agent_event)

    async def pursue(self, goal: str) -> Verdict:
        """Send a goal through the HTTP API, show how it goes, and ask the world about the answer."""
        before = self._stage.world.truth()
        self._unshown = []
        self._console.print(f"\n[bold]Goal[/bold]   {_escaped(goal)}", soft_wrap=True, highlight=False)
        with self._screen:
            view = await self._follow(goal)
        problems = judge(view, before, self._stage.world.truth())
        verdict = Verdict(
            outcome=view.status.value,
            answer=view.answer or "",
            world_agrees=None if problems is None else not problems,
            subtasks=len(view.subtasks),
            model_calls=view.model_calls,
            seconds=round(view.seconds or 0.0, 2),
        )
        self._show(verdict, problems)
        return verdict

    async def _follow(self, goal: str) -> GoalView:
        response = await self._stage.client.post("/v1/goals", json={"goal": goal})
        if response.is_error:
            error = response.json()["error"]
            raise OperatorError(str(error["message"]), code=ErrorCode(error["code"]))
        address = str(response.headers["location"])
        async with self._stage.client.stream("GET", f"{address}/events", timeout=None) as stream:
            async for line in stream.aiter_lines():
                if line.startswith("data: "):
                    self._on_goal_event(json.loads(line.removeprefix("data: ")))
        return GoalView.model_validate((await self._stage.client.get(address)).json())

    def _on_goal_event(self, event: dict[str, Any]) -> None:
        if event["kind"] == EventKind.GOAL_PLANNED:
            if event["steps"]:
                self._screen.plan(event["steps"])
            early, self._unshown = self._unshown or [], None
            for agent_event in early:
                self._on_agent_event(agent_event)
        elif event["kind"] == EventKind.SUBTASK_ENDED and event["outcome"] in _UNHEARD:
            self._screen.ended(event["device_id"], event["outcome"], event["reason"] or "")

    def _on_agent_event(self, event: AgentEvent) -> None:
        if self._unshown is not None:
            # The plan comes over HTTP and may be overtaken; people want to read it first.
            self._unshown.append(event)
        elif event.kind is AgentEventKind.SUBTASK_RECEIVED:
            self._screen.sent(event.device_id, event.text)
        elif event.kind is AgentEventKind.PROGRAM_WRITTEN:
            self._screen.wrote(event.device_id, event.text)
            if event.device_id == self._kill and self._killing is None:
                self._killing = asyncio.create_task(self._die(event.device_id))
        elif event.kind is AgentEventKind.STATE_CHANGED:
            self._screen.state(event.device_id, event.text)
        elif event.kind is AgentEventKind.FINISHED:
            self._screen.ended(event.device_id, event.status or "", event.text)

    async def _die(self, robot_id: str) -> None:
        await self._stage.die(robot_id)
        self._screen.died(robot_id)

    def _show(self, verdict: Verdict, problems: list[str] | None) -> None:
        self._console.print(
            f"[bold]Answer[/bold] {_escaped(verdict.answer)}", soft_wrap=True, highlight=False
        )
        if problems is None:
            world = "[yellow]has nothing to compare it with[/yellow]"
        elif problems:
            world = f"[red]disagrees: {_escaped('; '.join(problems))}[/red]"
        else:
            world = "[green]agrees[/green]"
        self._console.print(f"[bold]World[/bold]  {world}", soft_wrap=True, highlight=False)
        self._console.print(
            f"{verdict.outcome} in {verdict.seconds:.1f} s: {verdict.subtasks} subtasks, {verdict.model_calls} model calls",
            style="dim",
            highlight=False,
        )


async def _ask(console: Console) -> str:
    """Ask for another goal; empty when the person has had enough. Interrupting works while it waits."""
    console.print("\n[bold]Goal?[/bold] (empty ends) ", end="")
    loop = asyncio.get_running_loop()
    is_readable = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), is_readable.set)
    try:
        await is_readable.wait()
    finally:
        loop.remove_reader(sys.stdin.fileno())
    return sys.stdin.readline().strip()


def _escaped(text: str) -> str:
    """Keep square brackets in a text from being read as markup."""
    return text.replace("[", r"\[")
