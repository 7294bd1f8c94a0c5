"""`parley site`: look through a site file, draw it, and have a running coordinator read its own again."""

# ruff: noqa: PLC0415 - commands import lazily.

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from parley.options import CoordinatorUrl, Who

if TYPE_CHECKING:
    from coordinator.site import Site

site_app = typer.Typer(
    no_args_is_help=True, help="What exists at a site: its zones, shelves, stations and ways."
)

SiteFile = Annotated[Path, typer.Argument(help="The site file: YAML, or JSON where it ends in .json.")]
_SHOWN_IDS = 12


@site_app.command("check")
def check(file: SiteFile) -> None:
    """Say what a site file holds, or what is wrong with it and in which line.

    Example: `parley site check examples/site.yaml`
    """
    from coordinator.site import Site

    site = Site.load(file)
    counts = [f"{len(members)} x {kind}" for kind, members in site.kinds.items()]
    parts = [*counts, f"{len(site.zones)} zones", f"{len(site.links)} links", f"{len(site.devices)} devices"]
    typer.echo(f"{file} is in order: {', '.join(parts)}.")


@site_app.command("show")
def show(
    file: Annotated[
        Path | None, typer.Argument(help="The site file; without one, what a running coordinator holds.")
    ] = None,
    *,
    coordinator_url: CoordinatorUrl = "http://127.0.0.1:8080",
) -> None:
    """Show what a site file holds, with a plan where points are given; of a running site also what is out of use.

    Example: `parley site show examples/site.yaml`
    """
    from rich.console import Console
    from rich.panel import Panel
    from rich.text import Text

    from coordinator.site.drawing import draw

    site, console = _site(file, coordinator_url), Console()
    title = site.name or (file.name if file is not None else "The site")
    console.print(Text(title, style="bold"))
    if site.notes:
        console.print(Text(site.notes))
    console.print(f"Time zone: {site.time_zone or 'the one of the coordinator'}")
    console.print(_table(site))
    if file is None:
        console.print(Text("\n".join(_conditions(coordinator_url))))
    drawing = draw(site, width=min(console.width, 100) - 4)
    if drawing is None:
        console.print("No points are given, so there is no plan to draw.")
        return
    console.print(Panel.fit(Text("\n".join(drawing.lines))))
    legend = ", ".join(f"{letter} {kind}" for letter, kind in drawing.letters.items())
    console.print(
        Text(f"{legend}. A character is {drawing.metres_per_character:.2g} m wide; north is up.", style="dim")
    )
    if drawing.hidden:
        console.print(Text(f"No room for: {', '.join(drawing.hidden)}.", style="dim"))


def _site(file: Path | None, coordinator_url: str) -> Site:
    """Return what a file holds, or a running coordinator."""
    from coordinator.site import Site
    from parley.operate import ask_coordinator

    if file is not None:
        return Site.load(file)
    return Site.from_mapping(ask_coordinator(coordinator_url, "GET", "/v1/site/places"))


def _conditions(coordinator_url: str) -> list[str]:
    """Say what is out of use at a running site, and what stands still."""
    from parley.operate import ask_coordinator

    found = ask_coordinator(coordinator_url, "GET", "/v1/site/conditions")
    lines = [f"Out of use: {one['place']}, said by {one['by']}." for one in found["closed"]]
    if found["out_of_reach"]:
        lines.append(f"Nobody is sent to {_some(found['out_of_reach'])}.")
    lines += [
        f"Standing still: {one['name']}, said by {one['by']}: {_some(one['devices']) or 'no device'}."
        for one in found["standstills"]
    ]
    return lines or ["Everything is in use, and nothing stands still."]


@site_app.command("reload")
def reload(*, by: Who = None, coordinator_url: CoordinatorUrl = "http://127.0.0.1:8080") -> None:
    """Have a running coordinator read its site file again.

    Example: `parley site reload --by Anna`
    """
    from parley.operate import ask_coordinator, operator_name

    changes = ask_coordinator(coordinator_url, "POST", "/v1/site/reload", {"by": operator_name(by)})
    parts = [
        f"{what} {kind} {', '.join(names)}"
        for what in ("added", "removed")
        for kind, names in changes[what].items()
    ]
    others = [name for name in changes["changed"] if name != "entities"]
    parts += [f"changed {', '.join(others)}"] if others else []
    typer.echo(f"The site was read again: {'; '.join(parts) or 'nothing has changed'}.")


def _table(site: Site) -> object:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for column in ("what", "how many", "which"):
        table.add_column(column)
    for kind, members in site.kinds.items():
        table.add_row(kind, str(len(members)), Text(_some([entity.id for entity in members])))
    if site.zones:
        table.add_row("zone", str(len(site.zones)), Text(_some(list(site.zones))))
    if site.devices:
        homes = [
            f"{name} ({home if isinstance(home, str) else f'{home[0]:g}, {home[1]:g}'})"
            for name, home in site.devices.items()
        ]
        table.add_row("home of", str(len(homes)), Text(_some(homes)))
    return table


def _some(names: list[str]) -> str:
    more = f", … {len(names) - _SHOWN_IDS} more" if len(names) > _SHOWN_IDS else ""
    return ", ".join(names[:_SHOWN_IDS]) + more
