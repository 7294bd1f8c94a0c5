"""The pages: the site at a glance, one goal, one device."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Awaitable, Callable

from nicegui import background_tasks, ui

from dashboard import html
from dashboard.api import ApiError
from dashboard.chat import chat_panel
from dashboard.context import ROOT, Context, Fault
from dashboard.floor import state_of
from dashboard.frame import WHO, button, frame, on_change, said_no
from dashboard.graphs import goal_graph
from dashboard.transcript import line_of
from dashboard.views import ApprovalInfo, GoalInfo, SubtaskInfo

_TABS = (("chat", "Chat"), ("map", "Map"), ("goals", "Goals"), ("devices", "Devices"))
_SHOW_TAB = """
for (const one of document.querySelectorAll('.grid > *')) one.classList.toggle('shown', one.id === '%s');
for (const one of document.querySelectorAll('.tabs button')) one.setAttribute('aria-selected', one.dataset.tab === '%s');
"""


def site_page(context: Context) -> None:
    """Show the site at a glance."""
    frame(context, "Site")
    with ui.element("main").classes("grid").props('id="main"'):
        chat_panel(context)
        with ui.element("section").classes("card").props('id="map" aria-labelledby="map-title"'):
            ui.html('<h2 id="map-title">Floor</h2>', sanitize=False)
            ui.element("div").classes("floor-map").props(
                f'data-picture="{ROOT}/floor.json" data-stream="{ROOT}/floor/stream"'
            )
            if context.faults:
                _faults(context)
        with ui.element("section").classes("card").props('id="goals" aria-labelledby="goals-title"'):
            ui.html('<h2 id="goals-title">Goals</h2>', sanitize=False)
            goals = ui.html("", sanitize=False)
        with ui.element("section").classes("card").props('id="devices" aria-labelledby="devices-title"'):
            ui.html('<h2 id="devices-title">Devices</h2>', sanitize=False)
            questions = ui.element("div").props('aria-live="polite"')
            devices = ui.html("", sanitize=False)
    _tabs()
    ui.run_javascript(_SHOW_TAB % ("chat", "chat"))
    asked: tuple[ApprovalInfo, ...] = ()

    def show() -> None:
        nonlocal asked
        live = context.live
        goals.content = html.goal_list(live.goals, ROOT)
        devices.content = html.device_list(live, live.devices, ROOT)
        if live.approvals != asked:
            asked = live.approvals
            questions.clear()
            with questions:
                for approval in asked:
                    _question(context, approval)

    on_change(context, show)


def _tabs() -> None:
    """Add the buttons that choose, on a narrow screen, which part is shown."""
    with ui.element("nav").classes("tabs").props('role="tablist" aria-label="Parts of the page"'):
        for name, label in _TABS:
            tab = ui.element("button").props(
                f'role="tab" type="button" data-tab="{name}" aria-controls="{name}" aria-selected="false"'
            )
            with tab:
                ui.html(label, sanitize=False, tag="span")
            tab.on("click", js_handler="() => {" + _SHOW_TAB % (name, name) + "}")


def goal_page(context: Context, goal_id: str) -> None:
    """Show one goal: its graph, and everything that was said."""
    frame(context, "Goal")
    with ui.element("main").classes("page").props('id="main"'):
        head = ui.html("", sanitize=False)
        with ui.element("div").classes("buttons"):
            for act in ("pause", "resume", "cancel"):
                button(act.capitalize(), _act(context, f"/v1/goals/{goal_id}/{act}"))
        with ui.element("section").classes("card"):
            ui.html("<h2>Steps</h2>", sanitize=False)
            with (
                ui.element("div")
                .classes("mermaid-box")
                .props('tabindex="0" role="group" aria-label="Graph of the steps"')
            ):
                graph = ui.mermaid("flowchart LR\n    goal[...]")
        with ui.element("section").classes("card"):
            ui.html("<h2>Transcript</h2>", sanitize=False)
            lines = ui.html("", sanitize=False).props('role="log"')

    said: list[str] = []

    async def follow() -> None:
        try:
            shown = GoalInfo.model_validate(await context.api.get(f"/v1/goals/{goal_id}"))
        except ApiError as error:
            head.content = f"<h2>{html.escaped(error)}</h2>"
            return
        _show_goal(shown)
        async for event in context.api.events(goal_id):
            line = line_of(event)
            if line is not None:
                said.append(
                    f"<time>{html.clock(line.at)}</time><b>{html.escaped(line.speaker)}</b>"
                    f"<span>{html.escaped(line.text)}</span>"
                )
                lines.content = f'<div class="transcript">{"".join(said)}</div>'
            _show_goal(GoalInfo.model_validate(await context.api.get(f"/v1/goals/{goal_id}")))

    def _show_goal(goal: GoalInfo) -> None:
        seconds = f" · {goal.seconds:.1f} s" if goal.seconds is not None else ""
        head.content = (
            f"<h2>{html.escaped(goal.goal)}</h2><p>{html.chip(goal.status, goal.status)} "
            f'<span class="quiet small">{html.clock(goal.created_at)}{seconds} · {goal.model_calls} model calls</span></p>'
            f"<p>{html.escaped(goal.answer or '')}</p>"
        )
        graph.set_content(goal_graph(goal))

    task = background_tasks.create(_quietly(follow), name=f"goal {goal_id}")
    ui.context.client.on_disconnect(task.cancel)


def device_page(context: Context, device_id: str) -> None:
    """Show one device: what it says of itself, what it is at, and, where its agent can be looked into, what is inside."""
    frame(context, device_id)
    with ui.element("main").classes("page").props('id="main"'):
        head = ui.html("", sanitize=False)
        with ui.element("div").classes("buttons"):
            for act in ("pause", "resume", "cancel"):
                button(act.capitalize(), _act(context, f"/v1/devices/{device_id}/{act}"))
        with ui.element("section").classes("card"):
            ui.html("<h2>State machine of its last run</h2>", sanitize=False)
            state = ui.html('<p class="quiet">It was given nothing yet.</p>', sanitize=False)
            with (
                ui.element("div")
                .classes("mermaid-box")
                .props('tabindex="0" role="group" aria-label="States of the run"')
            ):
                machine = ui.mermaid("stateDiagram-v2")
        with ui.element("section").classes("card"):
            ui.html("<h2>Inside the device</h2>", sanitize=False)
            inside = ui.html("", sanitize=False)
        with ui.element("section").classes("card"):
            ui.html("<h2>What it measures</h2>", sanitize=False)
            measures = ui.html("", sanitize=False)
    drawn: tuple[str, str] | None = None

    def show() -> None:
        nonlocal drawn
        live = context.live
        device = live.device(device_id)
        if device is None:
            head.content = f"<h2>{html.escaped(device_id)}</h2><p>No device of this name is known.</p>"
            return
        kind = state_of(live, device_id)
        head.content = (
            f"<h2>{html.escaped(device.device_id)}</h2><p>{html.chip(kind, kind)} {html.escaped(device.title or '')}</p>"
            f'<p class="quiet">{html.escaped(device.description or "")}</p>'
            f"<ul>{''.join(f'<li>{html.escaped(ability)}</li>' for ability in device.abilities)}</ul>"
            f"<p>{html.escaped(device.waiting or '')}</p>"
        )
        measures.content = (
            html.facts(
                (one.what, f"{one.value if one.value is not None else one.present} {one.unit or ''}")
                for one in device.attributes
            )
            + f'<p class="quiet small">told at {html.clock(device.attributes_at)}</p>'
        )
        inside.content = _inside(context, device_id)
        subtask = _newest(context, device_id)
        if (
            subtask is not None
            and subtask.subtask_id is not None
            and (subtask.subtask_id, subtask.status) != drawn
        ):
            drawn = (subtask.subtask_id, subtask.status)
            state.content = (
                f"<p>“{html.escaped(subtask.sentence)}” · {html.chip(subtask.status, subtask.status)}</p>"
            )
            background_tasks.create(_quietly(lambda: draw(str(subtask.subtask_id))))

    async def draw(subtask_id: str) -> None:
        visits = (await context.api.get(f"/v1/subtasks/{subtask_id}/trace"))["visits"]
        if visits:
            machine.set_content(_machine([str(visit["state"]) for visit in visits]))

    on_change(context, show)
    if context.inspector is not None:
        ui.timer(0.5, lambda: _set(inside, _inside(context, device_id)))


def _machine(states: list[str]) -> str:
    """Draw the states of a run, the last one lit."""
    names = {state: f"s{number}" for number, state in enumerate(dict.fromkeys(states))}
    lines = ["stateDiagram-v2", "    classDef lit fill:#1a56c4,color:#fff,font-weight:bold"]
    lines += [f'    state "{state.replace("_", " ")}" as {name}' for state, name in names.items()]
    moves = dict.fromkeys(itertools.pairwise(states))
    lines.append(f"    [*] --> {names[states[0]]}")
    lines += [f"    {names[before]} --> {names[after]}" for before, after in moves]
    lines.append(f"    class {names[states[-1]]} lit")
    return "\n".join(lines)


def _inside(context: Context, device_id: str) -> str:
    if context.inspector is None:
        return '<p class="quiet">Only whoever runs its agent can look inside: its API is its own.</p>'
    found = context.inspector.inspect(device_id)
    if found is None:
        return '<p class="quiet">It was given nothing yet.</p>'
    functions = "".join(f"<li><code>{html.escaped(one)}</code></li>" for one in found.functions)
    return (
        f"<p>“{html.escaped(found.sentence)}”</p><h3>Retrieved functions</h3><ul>{functions}</ul><h3>Program</h3>"
        f'<pre tabindex="0">{html.escaped(found.program or "not written yet")}</pre><h3>Check</h3>'
        f"<p>{html.escaped(found.verdict or 'not checked yet')}</p><p>{html.chip('working', found.state.replace('_', ' '))}</p>"
    )


def _set(element: ui.html, content: str) -> None:
    if element.content != content:
        element.content = content


def _newest(context: Context, device_id: str) -> SubtaskInfo | None:
    for goal in context.live.goals:
        for subtask in reversed(goal.subtasks):
            if subtask.device_id == device_id:
                return subtask
    return None


def _question(context: Context, approval: ApprovalInfo) -> None:
    with ui.element("div").classes("question").props('role="alertdialog" aria-label="A device asks"'):
        ui.html(
            f"<b>{html.escaped(approval.device_id)} asks</b><p>{html.escaped(approval.question)}</p>"
            f'<p class="quiet small">until {html.clock(approval.expires_at)}</p>',
            sanitize=False,
        )
        with ui.element("div").classes("buttons"):
            path = f"/v1/approvals/{approval.approval_id}"
            button("Allow", _act(context, path, decision="approve"), kind="primary")
            button("Do not allow", _act(context, path, decision="deny"))


def _faults(context: Context) -> None:
    """Add buttons that break things, for demos."""
    with ui.element("details"):
        ui.html("Break something", sanitize=False, tag="summary")
        with ui.element("div").classes("buttons"):
            chosen = ui.select([], label="Which device").props("outlined dense").style("min-width:10rem")
            for fault in context.faults:
                button(fault.label, _break(context, fault, chosen))

    def names() -> None:
        known = [device.device_id for device in context.live.devices]
        if known and chosen.options != known:
            chosen.set_options(known, value=chosen.value if chosen.value in known else known[0])

    on_change(context, names)


def _break(context: Context, fault: Fault, chosen: ui.select) -> Callable[[], Awaitable[None]]:
    async def act() -> None:
        named = {"device_id": chosen.value} if fault.is_of_device else {}
        await _post(context, fault.path, {**fault.body, **named})

    return act


def _act(context: Context, path: str, **more: str) -> Callable[[], Awaitable[None]]:
    async def act() -> None:
        await _post(context, path, {"by": WHO, **more})

    return act


async def _post(context: Context, path: str, body: dict[str, object]) -> None:
    try:
        await context.api.post(path, body)
    except ApiError as error:
        said_no(error)
    await context.live.refresh()


async def _quietly(work: Callable[[], Awaitable[None]]) -> None:
    """Do something in the background; what the coordinator refuses leaves the page as it is."""
    with contextlib.suppress(ApiError):
        await work()
