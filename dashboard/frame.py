"""What every page has around it: the header with the site's health and the emergency stop, banners and questions below it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import ui

from dashboard.acts import perform
from dashboard.api import ApiError
from dashboard.context import ROOT, Context
from dashboard.html import chip, escaped
from dashboard.lists import question_list
from dashboard.live import Live
from dashboard.markup import Markup

_PERIOD_SECONDS = 0.5


def button(
    text: str, on_click: Callable[[], Awaitable[None] | None] | None, *, kind: str = "", label: str = ""
) -> ui.element:
    """Add a plain button; `label` is what screen readers say, where `text` is not enough."""
    element = ui.element("button").classes(f"plain {kind}").props('type="button"')
    if label:
        element.props(f'aria-label="{escaped(label)}"')
    with element:
        ui.html(escaped(text), sanitize=False, tag="span")
    if on_click is not None:
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


async def act(context: Context, name: str, of: str = "") -> None:
    """Do what a button says, and show why where that was not done."""
    try:
        await perform(context.api, name, of)
    except ApiError as error:
        ui.notify(str(error), type="negative", multi_line=True, close_button="Close", timeout=10_000)
    await context.live.refresh()


def frame(context: Context, title: str) -> None:
    """Add the head, the header, the banners and the questions; the page's own content comes after."""
    live = context.live
    live.watch()
    ui.context.client.on_delete(live.unwatch)
    ui.page_title(f"{title} · Parley")
    ui.add_head_html(
        f'<link rel="stylesheet" href="{ROOT}/static/style.css"><meta name="color-scheme" content="light dark">'
        f'<script defer src="{ROOT}/static/frame.js"></script><script defer src="{ROOT}/static/floor_map.js"></script>'
    )
    ui.html('<a class="skip" href="#main">Skip to the content</a>', sanitize=False)
    with ui.element("header").classes("top"):
        ui.html(f'<a class="brand" href="{ROOT}/">Parley</a>', sanitize=False)
        marks = Markup().classes("marks")
        button("☾", None, kind="lights", label="Light or dark").on(
            "click", js_handler="() => window.parleyLights()"
        )
        stop = _stop_buttons(context)
    banner = Markup().props('role="status" aria-live="assertive"')
    questions = Markup(tag="aside").props('aria-label="Questions of devices" aria-live="polite"')
    questions.classes("questions")
    questions.on_act(partial(act, context))

    def show() -> None:
        marks.content = _marks(live)
        banner.content = _banner(live)
        questions.content = question_list(live.approvals)
        for element, is_for_engaged in stop:
            element.set_visibility(live.site.emergency_stop.engaged is is_for_engaged)

    on_change(context, show)


def _marks(live: Live) -> str:
    """Return the site's state at a glance."""
    broker = ("good", "broker connected") if live.health.broker_connected else ("bad", "broker away")
    under_way = len(live.site.goals_under_way)
    return " ".join(
        (
            chip("good" if live.problem is None else "bad", f"site {live.site.site or 'unknown'}"),
            chip(*broker),
            chip("idle", _counted(live.site.devices_available, "device")),
            chip("working" if under_way else "idle", f"{_counted(under_way, 'goal')} under way"),
        )
    )


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _banner(live: Live) -> str:
    """Return what everybody must see at once; empty when there is no such thing."""
    if live.problem is not None:
        return f'<div class="problem-banner">{escaped(live.problem)}</div>'
    if live.site.emergency_stop.engaged:
        return f'<div class="stopped-banner">{escaped(live.site.emergency_stop.sentence)}</div>'
    return "".join(
        f'<div class="problem-banner">{escaped(problem)}</div>' for problem in live.health.problems
    )


def _stop_buttons(context: Context) -> list[tuple[ui.element, bool]]:
    """Add the buttons of the emergency stop; each with whether it is shown while the stop is engaged."""
    return [
        (button("Emergency stop", partial(act, context, "stop"), kind="danger"), False),
        (button("Release the emergency stop", partial(act, context, "release"), kind="danger"), True),
    ]
