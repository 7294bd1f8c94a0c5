"""The page of one goal: its graph, and everything that was said."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from nicegui import background_tasks, ui

from dashboard import html
from dashboard.api import ApiError
from dashboard.context import ROOT, Context
from dashboard.flow import flow
from dashboard.frame import Frame, button
from dashboard.markup import Markup
from dashboard.transcript import Line, line_of, transcript
from dashboard.views import GoalInfo

_PERIOD_SECONDS = 0.5


class GoalPage:
    """Shows one goal while it goes on, and at its end."""

    def __init__(self, context: Context, goal_id: str) -> None:
        self._context = context
        self._goal_id = goal_id
        self._lines: list[Line] = []
        self._step_of: dict[str, int] = {}
        self._is_stale = asyncio.Event()

    def build(self) -> None:
        """Add everything, and follow the goal until the page is closed."""
        frame = Frame(self._context, "Goal")
        with ui.element("div").classes("page").props('id="main" tabindex="-1"'):
            self._head = Markup("<h1>Goal</h1>")
            self._buttons = ui.element("div").classes("buttons")
            with self._buttons:
                for name in ("pause", "resume", "cancel"):
                    button(
                        name.capitalize(),
                        partial(frame.act, f"goal {name}", self._goal_id),
                        label=f"{name.capitalize()} this goal",
                    )
            with ui.element("section").classes("card").props('aria-labelledby="steps-title"'):
                ui.html('<h2 id="steps-title">Steps</h2>', sanitize=False)
                self._flow = Markup()
            with ui.element("section").classes("card").props('aria-labelledby="said-title"'):
                ui.html('<h2 id="said-title">What was said</h2>', sanitize=False)
                self._said = Markup().props('role="log" aria-label="What was said"')
        for work in (self._follow, self._keep_shown):
            task = background_tasks.create(work(), name=f"goal {self._goal_id}")
            ui.context.client.on_delete(task.cancel)

    async def _follow(self) -> None:
        """Take in the goal's events to its end; there may be many at once, and they are shown together."""
        self._is_stale.set()
        try:
            async for event in self._context.api.stream(f"/v1/goals/{self._goal_id}/events"):
                self._take(event)
                self._is_stale.set()
        except ApiError:
            self._is_stale.set()

    def _take(self, event: dict[str, Any]) -> None:
        if event["kind"] == "subtask_assigned":
            self._step_of[str(event["subtask_id"])] = int(event["step"])
        line = line_of(event)
        if line is not None:
            self._lines.append(line)

    async def _keep_shown(self) -> None:
        while True:
            await self._is_stale.wait()
            self._is_stale.clear()
            await self._show()
            await asyncio.sleep(_PERIOD_SECONDS)

    async def _show(self) -> None:
        try:
            body = await self._context.api.read(f"/v1/goals/{self._goal_id}")
        except ApiError as error:
            self._head.content = f"<h1>No such goal</h1><p>{html.escaped(error)}</p>"
            return
        goal = GoalInfo.model_validate_json(body)
        seconds = f" · {goal.seconds:.1f} s" if goal.seconds is not None else ""
        waiting = "".join(f"<p>{html.escaped(one)}</p>" for one in goal.waiting)
        self._head.content = (
            f"<h1>{html.escaped(goal.goal)}</h1><p>{html.chip(goal.status, goal.status)} "
            f'<span class="quiet small">{html.clock(goal.created_at)}{seconds} · {goal.model_calls} model calls</span></p>'
            f"{waiting}"
        )
        self._buttons.set_visibility(not goal.is_final)
        self._flow.content = flow(goal, self._step_of, ROOT)
        self._said.content = transcript(self._lines)


def goal_page(context: Context, goal_id: str) -> None:
    """Show one goal."""
    GoalPage(context, goal_id).build()
