"""What every page has around it: the header with the site's health and the emergency stop, and the banners below it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import ui

from dashboard.api import ApiError
from dashboard.context import ROOT, Context
from dashboard.html import chip, escaped
from dashboard.live import Live

_PERIOD_SECONDS = 0.5
WHO = "someone at the dashboard"


def button(text: str, on_click: Callable[[], Awaitable[None] | None], *, kind: str = "") -> ui.element:
    """Add a plain button."""
    element = ui.element("button").classes(f"plain {kind}").props('type="button"')
    with element:
        ui.html(escaped(text), sanitize=False, tag="span")
    element.on("click", on_click, args=[])
    return element


def on_change(context: Context, show: Callable[[], None]) -> None:
    """Call `show` now, and whenever the live state has changed, for as long as the page is open."""
    seen = -1

    def look() -> None:
        nonlocal seen
        if context.live.version != seen:
            seen = context.live.version
            show()

    look()
    ui.timer(_PERIOD_SECONDS, look)


def said_no(error: ApiError) -> None:
    """Show why something was not done."""
    ui.notify(str(error), type="negative", multi_line=True, close_button="Close")


def frame(context: Context, title: str) -> None:
    """Add the head, the header and the banners; the page's own content comes after."""
    live = context.live
    live.watch()
    ui.context.client.on_disconnect(live.unwatch)
    ui.page_title(f"{title} · Parley")
    ui.add_head_html(
        f'<link rel="stylesheet" href="{ROOT}/static/style.css"><meta name="color-scheme" content="light dark">'
        f'<script defer src="{ROOT}/static/floor_map.js"></script>'
    )
    dark = ui.dark_mode(value=None)

    def turn_lights() -> None:
        dark.value = not dark.value

    with ui.element("header").classes("top"):
        ui.html(
            f'<a href="{ROOT}/" style="color:inherit;text-decoration:none">Parley</a>',
            sanitize=False,
            tag="h1",
        )
        marks = ui.html("", sanitize=False)
        ui.element("span").classes("space")
        button("Light or dark", turn_lights)
        stop = _stop_buttons(context)
    banner = ui.html("", sanitize=False).props('role="status" aria-live="assertive"')

    def show() -> None:
        marks.content = _marks(live)
        banner.content = _banner(live)
        for element, is_for_engaged in stop:
            element.set_visibility(live.site.emergency_stop.engaged is is_for_engaged)

    on_change(context, show)


def _marks(live: Live) -> str:
    """Return the site's state at a glance."""
    broker = ("good", "broker connected") if live.health.get("broker_connected") else ("bad", "broker away")
    under_way = len(live.site.goals_under_way)
    return " ".join(
        (
            chip("good" if live.problem is None else "bad", f"site {live.site.site or 'unknown'}"),
            chip(*broker),
            chip("idle", f"{live.site.devices_available} devices"),
            chip("working" if under_way else "idle", f"{under_way} goals under way"),
        )
    )


def _banner(live: Live) -> str:
    """Return what everybody must see at once; empty when there is no such thing."""
    if live.problem is not None:
        return f'<div class="problem-banner">{escaped(live.problem)}</div>'
    if live.site.emergency_stop.engaged:
        return f'<div class="stopped-banner">{escaped(live.site.emergency_stop.sentence)}</div>'
    return ""


def _stop_buttons(context: Context) -> list[tuple[ui.element, bool]]:
    """Add the buttons of the emergency stop; each with whether it is shown while the stop is engaged."""

    async def turn(is_engaging: bool) -> None:  # noqa: FBT001 - one of two buttons
        try:
            if is_engaging:
                await context.api.post("/v1/estop", {"by": WHO})
            else:
                await context.api.delete("/v1/estop", by=WHO)
        except ApiError as error:
            said_no(error)
        await context.live.refresh()

    return [
        (button("Emergency stop", partial(turn, True), kind="danger"), False),
        (button("Release the emergency stop", partial(turn, False), kind="danger"), True),
    ]
