"""The page of one device: what it says of itself, what it is at, and, where its agent lets one look, what is inside."""

from __future__ import annotations

from functools import partial
from urllib.parse import quote

from nicegui import background_tasks, ui
from pydantic import BaseModel, ConfigDict, ValidationError

from dashboard import html
from dashboard.api import ApiError
from dashboard.context import Context
from dashboard.floor import state_of
from dashboard.frame import Frame, button, on_change
from dashboard.inspection import Inspection
from dashboard.markup import Markup
from dashboard.states import machine
from dashboard.views import SubtaskInfo
from protocol.messages import Finding

_PERIOD_SECONDS = 0.25
_NOTHING_YET = '<p class="quiet">It was given nothing yet.</p>'
_CLOSED = '<p class="quiet">Only whoever runs its agent can look inside: its API is its own.</p>'


class _Visit(BaseModel):
    model_config = ConfigDict(extra="ignore")

    state: str


class _Trace(BaseModel):
    """The way of a run, as the device reported it at its end."""

    model_config = ConfigDict(extra="ignore")

    visits: tuple[_Visit, ...] = ()


class DevicePage:
    """Shows one device while it works, and between."""

    def __init__(self, context: Context, device_id: str) -> None:
        self._context = context
        self._device_id = device_id
        self._drawn: tuple[str | None, str] | None = None

    def build(self) -> None:
        """Add everything, and keep it fresh until the page is closed."""
        frame = Frame(self._context, self._device_id)
        with ui.element("div").classes("page device").props('id="main" tabindex="-1"'):
            with ui.element("div").classes("wide"):
                self._head = Markup(f"<h1>{html.escaped(self._device_id)}</h1>")
                with ui.element("div").classes("buttons"):
                    for name in ("pause", "resume", "cancel"):
                        button(
                            name.capitalize(),
                            partial(frame.act, f"device {name}", self._device_id),
                            label=f"{name.capitalize()} {self._device_id}",
                        )
            with ui.element("section").classes("card wide").props('aria-labelledby="run-title"'):
                ui.html('<h2 id="run-title">State machine of its last run</h2>', sanitize=False)
                self._state = Markup(_NOTHING_YET)
            with ui.element("section").classes("card").props('aria-labelledby="inside-title"'):
                ui.html('<h2 id="inside-title">Inside the device</h2>', sanitize=False)
                self._inside = Markup(_NOTHING_YET if self._context.inspector is not None else _CLOSED)
            with ui.element("section").classes("card").props('aria-labelledby="self-title"'):
                ui.html('<h2 id="self-title">What it says of itself</h2>', sanitize=False)
                self._profile = Markup()
        on_change(self._context, self._show)
        if self._context.inspector is not None:
            ui.timer(_PERIOD_SECONDS, self._look_inside)

    def _show(self) -> None:
        live = self._context.live
        device = live.device(self._device_id)
        if device is None:
            self._head.content = (
                f"<h1>{html.escaped(self._device_id)}</h1><p>No device of this name is known.</p>"
            )
            return
        kind = state_of(live, device)
        doing = f" “{html.escaped(device.doing)}”" if device.doing else ""
        self._head.content = (
            f"<h1>{html.escaped(device.device_id)}</h1><p>{html.chip(kind, kind)} {html.battery(device.battery_percent)} "
            f"{html.escaped(device.title or '')}{doing}</p><p>{html.escaped(device.waiting or '')}</p>"
        )
        measured = html.facts((one.what, f"{_value(one)} {one.unit or ''}") for one in device.attributes)
        told = f'<p class="quiet small">told at {html.clock(device.attributes_at)}</p>' if measured else ""
        self._profile.content = (
            f"<p>{html.escaped(device.description or '')}</p>"
            f"<ul>{''.join(f'<li>{html.escaped(ability)}</li>' for ability in device.abilities)}</ul>"
            f"<h3>What it measures</h3>{measured}{told}"
        )
        self._show_ended_run()

    def _show_ended_run(self) -> None:
        """Where nobody can look inside, the coordinator has the way of a run once that has ended."""
        subtask = self._newest()
        if subtask is None or (subtask.subtask_id, subtask.status) == self._drawn:
            return
        self._drawn = (subtask.subtask_id, subtask.status)
        if self._context.inspector is None:
            background_tasks.create(self._draw(subtask), name=f"trace {subtask.subtask_id}")

    def _newest(self) -> SubtaskInfo | None:
        for goal in self._context.live.goals:
            for subtask in reversed(goal.subtasks):
                if subtask.device_id == self._device_id and subtask.subtask_id is not None:
                    return subtask
        return None

    async def _draw(self, subtask: SubtaskInfo) -> None:
        try:
            path = f"/v1/subtasks/{quote(str(subtask.subtask_id), safe='')}/trace"
            trace = _Trace.model_validate_json(await self._context.api.read(path))
        except (ApiError, ValidationError):
            trace = _Trace()
        states = [visit.state for visit in trace.visits]
        told = f"<p>“{html.escaped(subtask.sentence)}” {html.chip(subtask.status, subtask.status)}</p>"
        self._state.content = told + (machine(states, is_over=not subtask.is_under_way) if states else "")

    async def _look_inside(self) -> None:
        inspector = self._context.inspector
        found = None if inspector is None else await inspector.inspect(self._device_id)
        if found is None:
            if self._drawn is not None and (subtask := self._newest()) is not None:
                # This one cannot be looked into.
                self._inside.content = _CLOSED
                await self._draw(subtask)
            return
        is_over = bool(found.report)
        told = f"<p>“{html.escaped(found.sentence)}”</p>"
        self._state.content = told + machine(found.states, is_over=is_over)
        self._inside.content = inside(found)


def _value(finding: Finding) -> str:
    if finding.value is None:
        return {True: "yes", False: "no", None: "?"}[finding.present]
    if isinstance(finding.value, tuple):
        return ", ".join(map(str, finding.value))
    return str(finding.value)


def inside(found: Inspection) -> str:
    """Return what is inside a device as HTML."""
    functions = "".join(f"<li><code>{html.escaped(one)}</code></li>" for one in found.functions)
    verdicts = "".join(f"<li>{html.escaped(one)}</li>" for one in found.verdicts)
    program = (
        f'<pre tabindex="0" role="region" aria-label="Program">{html.escaped(found.program)}</pre>'
        if found.program
        else '<p class="quiet">not written yet</p>'
    )
    return (
        f"<h3>Retrieved functions</h3>{f'<ul>{functions}</ul>' if functions else '<p class=quiet>none yet</p>'}"
        f"<h3>Program</h3>{program}"
        f"<h3>Verdict of the check</h3>{f'<ul>{verdicts}</ul>' if verdicts else '<p class=quiet>not checked yet</p>'}"
        f"<h3>Report</h3><p>{html.escaped(found.report) or 'not ended yet'}</p>"
    )


def device_page(context: Context, device_id: str) -> None:
    """Show one device."""
    DevicePage(context, device_id).build()
