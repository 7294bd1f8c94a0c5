"""Commands that look at a running site: goals, one goal, devices, and what was written down of a goal."""

# ruff: noqa: PLC0415 - commands import lazily, so that help stays fast.

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import typer

from parley.operate import ask_coordinator, path_part
from parley.options import CoordinatorUrl
from parley.transcript import transcript
from parley.watch_text import cost_text, device_row, goal_page, goal_row

_LOCAL = "http://127.0.0.1:8080"
_LOOK_SECONDS = 1.0

Json = Annotated[bool, typer.Option("--json", help="Print JSON, as the HTTP API gives it.")]
GoalId = Annotated[str, typer.Argument(metavar="GOAL", help="The goal, as `parley goals` lists it.")]


def goals(
    *,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many of the newest goals.")] = 20,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on and print each goal whose status changes.")
    ] = False,
    as_json: Json = False,
    coordinator_url: CoordinatorUrl = _LOCAL,
) -> None:
    """List the newest goals: how they stand, how long they took, and what they cost.

    Example: `parley goals --limit 5`
    """

    def ask() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = ask_coordinator(coordinator_url, "GET", f"/v1/goals?limit={limit}")[
            "goals"
        ]
        return found

    if follow:
        for goal in changes(ask, time.sleep):
            typer.echo(json.dumps(goal) if as_json else _line(goal))
        return
    found = ask()
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    elif not found:
        typer.echo('There are no goals yet. Give one: POST /v1/goals with {"goal": "…"}, or the chat.')
    else:
        _print_table(("id", "status", "by", "took", "cost", "goal"), [goal_row(goal) for goal in found])


def goal(*, goal_id: GoalId, as_json: Json = False, coordinator_url: CoordinatorUrl = _LOCAL) -> None:
    """Show one goal: its answer, its plan, what each device did, where the time went, and what it cost.

    Example: `parley goal goal-1f0c9a7be342`
    """
    found = ask_coordinator(coordinator_url, "GET", f"/v1/goals/{path_part(goal_id)}")
    typer.echo(json.dumps(found, indent=2) if as_json else goal_page(found))


def devices(*, as_json: Json = False, coordinator_url: CoordinatorUrl = _LOCAL) -> None:
    """List the devices: what they are, how they stand, their battery and place, and what they are at.

    Example: `parley devices`
    """
    found = ask_coordinator(coordinator_url, "GET", "/v1/devices")["devices"]
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    elif not found:
        typer.echo("There are no devices yet. Start an agent: `parley agent --help`.")
    else:
        columns = ("device", "kind", "state", "battery", "position", "at")
        _print_table(columns, [device_row(device) for device in found])


def log(*, goal_id: GoalId, as_json: Json = False, coordinator_url: CoordinatorUrl = _LOCAL) -> None:
    """Show everything that was written down of a goal, as a conversation: who said what to whom, and when.

    Example: `parley log goal-1f0c9a7be342`
    """
    found = ask_coordinator(coordinator_url, "GET", f"/v1/goals/{path_part(goal_id)}/log")
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    for line in transcript(found["events"]):
        typer.echo(line)


def add_watch_commands(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    for command in (goals, goal, devices, log):
        app.command()(command)


def changes(
    ask: Callable[[], list[dict[str, Any]]], pause: Callable[[float], None]
) -> Iterator[dict[str, Any]]:
    """Yield each goal once for every status it is seen in, oldest first; never ends.

    Args:
        ask: returns the newest goals, newest first.
        pause: waits for some seconds between two looks.
    """
    seen: dict[str, str] = {}
    while True:
        now = ask()
        for one in reversed(now):
            if seen.get(one["goal_id"]) != one["status"]:
                yield one
        seen = {one["goal_id"]: one["status"] for one in now}
        pause(_LOOK_SECONDS)


def _line(goal: dict[str, Any]) -> str:
    cost = cost_text(goal)
    said = goal["answer"] or goal["goal"]
    return f"{goal['goal_id']}  {goal['status']}  {said}{f'  ({cost})' if cost else ''}"


def _print_table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        # What devices and people say is text, never markup.
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)
