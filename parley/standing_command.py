"""`parley standing`: goals that stand, over the coordinator's HTTP API."""

# ruff: noqa: PLC0415 - commands import lazily, so that help stays fast.

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from parley.operate import ask_coordinator, operator_name, path_part
from parley.options import CoordinatorUrl, Who

_LOCAL = "http://127.0.0.1:8080"

standing_app = typer.Typer(
    no_args_is_help=True,
    help="Goals that stand: done again at set times, or watched over.\n\n"
    'Start with: `parley standing add "every weekday at nine check the shelves"`',
)

StandingId = Annotated[
    str, typer.Argument(metavar="ID", help="The standing goal, as `parley standing list` shows it.")
]
TimeZone = Annotated[
    str | None,
    typer.Option(
        "--time-zone", help="Of the times you speak of, such as Europe/Berlin. Default: the site's."
    ),
]


@standing_app.command("list")
def list_standing(
    *,
    ended: Annotated[bool, typer.Option("--ended", help="Also those that have ended.")] = False,
    coordinator_url: CoordinatorUrl = _LOCAL,
) -> None:
    """List standing goals: what they wait for, how it stands, when they are due next.

    Example: `parley standing list`
    """
    from rich.console import Console
    from rich.table import Table

    found = ask_coordinator(coordinator_url, "GET", f"/v1/standing{'?ended=true' if ended else ''}")[
        "standing"
    ]
    if not found:
        typer.echo('There are no standing goals. Add one: parley standing add "every weekday at nine …"')
        return
    table = Table(box=None, pad_edge=False)
    for column in ("id", "status", "when", "what", "next or now"):
        table.add_column(column, overflow="fold")
    for one in found:
        table.add_row(one["standing_id"], one["status"].replace("_", " "), one["when"], _what(one), _now(one))
    Console().print(table)
    for one in found:
        for text in (one["question"], one["reason"]):
            if text:
                typer.echo(f"{one['standing_id']}: {text}")


@standing_app.command("add")
def add_standing(
    *,
    text: Annotated[str, typer.Argument(help='What you want, such as "keep every upload under 16 s".')],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is understood.")] = False,
    time_zone: TimeZone = None,
    by: Who = None,
    coordinator_url: CoordinatorUrl = _LOCAL,
) -> None:
    """Give a goal that stands; says what was understood. Exit code 1 where it is not clear, with the question.

    Example: `parley standing add "when a robot's battery falls below 20 percent, send it to a charger"`
    """
    body = {"text": text, "by": operator_name(by), "time_zone": time_zone, "dry_run": dry_run}
    answer = ask_coordinator(coordinator_url, "POST", "/v1/standing", body)
    if not answer["is_standing"]:
        typer.echo("That says neither when nor under which condition, so it is an ordinary goal.", err=True)
        raise typer.Exit(1)
    if answer["question"]:
        typer.echo(answer["question"], err=True)
        for suggestion in answer["suggestions"]:
            typer.echo(f"  {suggestion}", err=True)
        raise typer.Exit(1)
    typer.echo(answer["confirmation"])
    if answer["standing"]:
        typer.echo(answer["standing"]["standing_id"])


@standing_app.command("change")
def change_standing(
    *,
    standing_id: StandingId,
    text: Annotated[str, typer.Argument(help='A whole sentence, or only its time or limit: "under 12 s".')],
    time_zone: TimeZone = None,
    by: Who = None,
    coordinator_url: CoordinatorUrl = _LOCAL,
) -> None:
    """Put another sentence in the place of a standing goal's.

    Example: `parley standing change standing-1f0c9a7be342 "every weekday at ten"`
    """
    body = {"text": text, "by": operator_name(by), "time_zone": time_zone}
    path = f"/v1/standing/{path_part(standing_id)}"
    typer.echo(ask_coordinator(coordinator_url, "PUT", path, body)["confirmation"])


@standing_app.command("answer")
def answer_standing(
    *,
    standing_id: StandingId,
    text: Annotated[str, typer.Argument(help="What to do when its condition is not met.")],
    by: Who = None,
    coordinator_url: CoordinatorUrl = _LOCAL,
) -> None:
    """Answer what a standing goal asks.

    Example: `parley standing answer standing-1f0c9a7be342 "lower the window of client-1"`
    """
    body = {"text": text, "by": operator_name(by)}
    found = ask_coordinator(coordinator_url, "POST", f"/v1/standing/{path_part(standing_id)}/answer", body)
    typer.echo(f"{found['standing_id']} does that from now on: {found['action']}")


@standing_app.command("pause")
def pause_standing(
    *, standing_id: StandingId, by: Who = None, coordinator_url: CoordinatorUrl = _LOCAL
) -> None:
    """Do nothing for a standing goal until it is resumed.

    Example: `parley standing pause standing-1f0c9a7be342`
    """
    _act(coordinator_url, standing_id, "pause", by)


@standing_app.command("resume")
def resume_standing(
    *, standing_id: StandingId, by: Who = None, coordinator_url: CoordinatorUrl = _LOCAL
) -> None:
    """Let a standing goal go on that is paused or was given up.

    Example: `parley standing resume standing-1f0c9a7be342`
    """
    _act(coordinator_url, standing_id, "resume", by)


@standing_app.command("cancel")
def cancel_standing(
    *, standing_id: StandingId, by: Who = None, coordinator_url: CoordinatorUrl = _LOCAL
) -> None:
    """End a standing goal for good.

    Example: `parley standing cancel standing-1f0c9a7be342`
    """
    _act(coordinator_url, standing_id, "cancel", by)


def _act(url: str, standing_id: str, act: str, by: str | None) -> None:
    path = f"/v1/standing/{path_part(standing_id)}/{act}"
    found = ask_coordinator(url, "POST", path, {"by": operator_name(by)})
    next_time = f", next at {found['next_time']} ({found['time_zone']})" if found["next_time"] else ""
    typer.echo(f"{found['standing_id']} is {found['status'].replace('_', ' ')}{next_time}.")


def _what(one: dict[str, Any]) -> str:
    return one["action"] or ("ask the planner" if one["when"] and not one["next_time"] else "") or one["text"]


def _now(one: dict[str, Any]) -> str:
    if one["next_time"]:
        return str(one["next_time"])
    unit = f" {one['unit']}" if one["unit"] else ""
    if one["values"]:
        return ", ".join(
            f"{device}: {value:.4g}{unit}" if isinstance(value, float) else f"{device}: {value}"
            for device, value in one["values"].items()
        )
    return (
        f"ended {datetime.fromtimestamp(one['ended_at']).astimezone():%Y-%m-%d %H:%M}"
        if one["ended_at"]
        else "unknown"
    )
