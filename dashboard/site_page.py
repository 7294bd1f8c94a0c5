"""The page of the whole site: the chat, the floor, goals, standing goals and devices."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import events, ui

from dashboard.chat import chat_panel
from dashboard.context import ROOT, Context, Fault
from dashboard.frame import Frame, button, on_change
from dashboard.html import escaped
from dashboard.lists import SHOWN_DEVICES, condition_list, device_list, goal_list, notice_list, standing_list
from dashboard.markup import Markup

_TABS = (("chat", "Chat"), ("map", "Map"), ("goals", "Goals"), ("devices", "Devices"))
_SHOW_TAB = """
for (const one of document.querySelectorAll('.grid > *')) one.classList.toggle('shown', one.id === '%s');
for (const one of document.querySelectorAll('.tabs button')) one.setAttribute('aria-pressed', one.dataset.tab === '%s');
"""


def site_page(context: Context) -> None:
    """Show the site at a glance."""
    frame = Frame(context, "Site")
    with ui.element("div").classes("grid").props('id="main" tabindex="-1"'):
        ui.html('<h1 class="visually-hidden">The site at a glance</h1>', sanitize=False)
        chat_panel(context)
        _floor(context, frame)
        with ui.element("section").classes("card").props('id="goals" aria-labelledby="goals-title"'):
            ui.html('<h2 id="goals-title">Goals</h2>', sanitize=False)
            goals = Markup()
            ui.html('<h2 class="second">Standing goals</h2>', sanitize=False)
            standing = Markup()
            standing.on_act(frame.act)
            notices = Markup().props('aria-live="polite"')
        devices = _devices(context)
    _tabs()

    def show() -> None:
        live = context.live
        goals.content = goal_list(live.goals, ROOT)
        standing.content = standing_list(live.standing)
        notices.content = notice_list(tuple(live.notices))
        devices()

    on_change(context, show)


def _floor(context: Context, frame: Frame) -> None:
    with ui.element("section").classes("card").props('id="map" aria-labelledby="map-title"'):
        ui.html('<h2 id="map-title">Floor</h2>', sanitize=False)
        ui.element("div").classes("floor-map").props(
            f'data-root="{ROOT}" data-picture="{ROOT}/floor.json" data-stream="{ROOT}/floor/stream"'
        )
        conditions = Markup().props('aria-live="polite"')
        conditions.on_act(frame.act)
        if context.faults:
            _faults(context, frame)

    def show() -> None:
        conditions.content = condition_list(context.live.conditions)

    on_change(context, show)


def _devices(context: Context) -> Callable[[], None]:
    """Add the devices; returns what shows them anew."""
    wanted = ""

    def look_for(event: events.GenericEventArguments) -> None:
        nonlocal wanted
        wanted = str(event.args or "")
        show()

    with ui.element("section").classes("card").props('id="devices" aria-labelledby="devices-title"'):
        ui.html('<h2 id="devices-title">Devices</h2>', sanitize=False)
        box = ui.element("input").classes("box filter")
        box.props(
            'type="search" aria-label="Find devices by name or state" placeholder="Find by name or state"'
        )
        box.on("input", look_for, js_handler="(event) => emit(event.target.value)", throttle=0.2)
        listed = Markup()

    def show() -> None:
        live = context.live
        box.set_visibility(len(live.devices) > SHOWN_DEVICES // 4)
        listed.content = device_list(live, live.devices, ROOT, wanted=wanted)

    return show


def _tabs() -> None:
    """Add the buttons that choose, on a narrow screen, which part is shown."""
    with ui.element("nav").classes("tabs").props('aria-label="Parts of the page"'):
        for name, label in _TABS:
            tab = ui.element("button").props(f'type="button" data-tab="{name}" aria-pressed="false"')
            with tab:
                ui.html(label, sanitize=False, tag="span")
            tab.on("click", js_handler="() => {" + _SHOW_TAB % (name, name) + "}")
    ui.run_javascript(_SHOW_TAB % ("chat", "chat"))


def _faults(context: Context, frame: Frame) -> None:
    """Add buttons that break things, for demos."""
    chosen = ""

    def choose(event: events.GenericEventArguments) -> None:
        nonlocal chosen
        chosen = str(event.args or "")

    def break_it(fault: Fault) -> Callable[[], Awaitable[None]]:
        async def do() -> None:
            body = {**fault.body, **({"device_id": chosen} if fault.is_of_device else {})}
            await frame.attempt(context.api.post(fault.path, body))

        return do

    with ui.element("details").classes("faults"):
        ui.html("Break something", sanitize=False, tag="summary")
        with ui.element("div").classes("buttons"):
            names = Markup(tag="select").classes("box").props('aria-label="Which device to break"')
            names.on("change", choose, js_handler="(event) => emit(event.target.value)")
            for fault in (one for one in context.faults if one.is_of_device):
                button(fault.label, break_it(fault))
        with ui.element("div").classes("buttons"):
            for fault in (one for one in context.faults if not one.is_of_device):
                button(fault.label, break_it(fault))

    def show() -> None:
        nonlocal chosen
        known = context.breakable
        if known is None:
            known = [device.device_id for device in context.live.devices]
        chosen = chosen if chosen in known else next(iter(known), "")
        names.content = "".join(f"<option>{escaped(name)}</option>" for name in known)

    on_change(context, show)
