"""What every page has around it: the header with the site's health and the emergency stop, banners and questions below it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import ui

from dashboard.acts import perform
from dashboard.api import ApiError
from dashboard.context import ROOT, Context
from dashboard.html import act_button, chip, escaped
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


class Frame:
    """The head, the header, the banners and the questions of one page; the page's own content comes after.

    Args:
        context: what the pages share.
        title: of the page.
    """

    def __init__(self, context: Context, title: str) -> None:
        self._context = context
        live = context.live
        live.watch()
        ui.context.client.on_delete(live.unwatch)
        ui.page_title(f"{title} · Parley")
        ui.add_head_html(
            f'<link rel="stylesheet" href="{ROOT}/static/style.css"><meta name="color-scheme" content="light dark">'
            f'<script defer src="{ROOT}/static/frame.js"></script>'
            f'<script defer src="{ROOT}/static/floor_map.js"></script>'
        )
        ui.html('<a class="skip" href="#main">Skip to the content</a>', sanitize=False)
        with ui.element("header").classes("top"):
            ui.html(f'<a class="brand" href="{ROOT}/">Parley</a>', sanitize=False)
            self._marks = Markup().classes("marks")
            lights = button("☾", None, kind="lights", label="Light or dark")
            lights.on("click", js_handler="() => window.parleyLights()")
            self._stop = button("Emergency stop", partial(self.act, "stop"), kind="danger")
            self._release = button("Release the emergency stop", partial(self.act, "release"), kind="danger")
        self._banner = Markup().props('role="status" aria-live="assertive"')
        self._refused = Markup().props('role="alert"')
        self._refused.on_act(self._forget_refusal)
        questions = Markup(tag="aside").props('aria-label="Questions of devices" aria-live="polite"')
        questions.classes("questions").on_act(self.act)
        self._questions = questions
        on_change(context, self._show)

    async def act(self, name: str, of: str = "") -> None:
        """Do what a button says; show why, where that is not done."""
        await self.attempt(perform(self._context.api, name, of))

    async def attempt(self, work: Awaitable[None]) -> None:
        """Have the API do something; show why, where that is not done."""
        try:
            await work
        except ApiError as error:
            # Not above the page, where it would cover what people may need at that moment.
            close = act_button("close", "", "Close")
            self._refused.content = f'<div class="said-no"><span>{escaped(error)}</span>{close}</div>'
        else:
            self._refused.content = ""
        await self._context.live.refresh()

    async def _forget_refusal(self, _act: str, _of: str) -> None:
        self._refused.content = ""

    def _show(self) -> None:
        live = self._context.live
        is_engaged = live.site.emergency_stop.engaged
        self._marks.content = _marks(live)
        self._banner.content = _banner(live)
        self._questions.content = question_list(live.approvals)
        self._stop.set_visibility(not is_engaged)
        self._release.set_visibility(is_engaged)


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
