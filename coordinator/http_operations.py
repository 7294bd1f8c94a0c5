"""The part of the HTTP API with which people operate a site: answer, pause, resume, cancel, stop, and look into a run."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query, Request
from fastapi.responses import PlainTextResponse, Response
from pydantic import BaseModel, ConfigDict

from coordinator.approvals import Approval, Decision
from coordinator.coordinator import Coordinator
from coordinator.goals import GoalView, SubtaskView
from coordinator.traces import Trace, goal_of
from coordinator.views import ApprovalList, DeviceView, SiteView, StopView
from fsm.trace import mermaid
from protocol.errors import ErrorCode, InputError
from protocol.messages import ShortText
from protocol.text import clean_sentence

NOBODY_NAMED = "someone over HTTP"
_NAME_CHARACTERS = 120
_STOP_BODY = {
    "requestBody": {
        "required": False,
        "content": {
            "application/json": {
                "schema": {"type": "object", "properties": {"by": {"type": "string", "example": "Anna"}}}
            }
        },
    }
}

Act = Literal["pause", "resume", "cancel"]


class ActRequest(BaseModel):
    """Who does it."""

    model_config = ConfigDict(extra="forbid")

    by: ShortText


class DecisionRequest(ActRequest):
    """A person's answer to a device's question."""

    decision: Decision


def install(app: FastAPI, coordinator: Coordinator) -> None:
    """Add these parts to `app`."""
    _add_approvals(app, coordinator)
    _add_acts(app, coordinator)
    _add_emergency_stop(app, coordinator)

    @app.get("/v1/site", tags=["site"])
    async def site() -> SiteView:
        """Show the site at a glance: its emergency stop, what is under way, and who waits for a person."""
        return SiteView.of(coordinator)

    @app.get("/v1/subtasks/{subtask_id}/trace", tags=["subtasks"], response_model=Trace)
    async def trace(
        subtask_id: str, form: Annotated[Literal["json", "mermaid"], Query(alias="format")] = "json"
    ) -> Trace | Response:
        """Show the states that a subtask's run went through; with `format=mermaid` as a diagram."""
        found = coordinator.trace(subtask_id)
        if form == "json":
            return found
        if not found.visits:
            raise InputError(
                "subtask_id",
                subtask_id,
                "a subtask whose device reported its states",
                code=ErrorCode.NOT_FOUND,
                remedy=f"{found.device_id} reported none.",
            )
        return PlainTextResponse(mermaid(found.visits) + "\n")


def _add_approvals(app: FastAPI, coordinator: Coordinator) -> None:
    @app.get("/v1/approvals", tags=["approvals"])
    async def approvals() -> ApprovalList:
        """List the questions of devices that are open: nothing dangerous is done before a person has answered."""
        return ApprovalList(approvals=coordinator.approvals.open())

    @app.get("/v1/approvals/{approval_id}", tags=["approvals"])
    async def approval(approval_id: str) -> Approval:
        """Show a question, also after its end: `status`, `by` and `ended_at` say how it ended."""
        return coordinator.approvals.get(approval_id)

    @app.post("/v1/approvals/{approval_id}", tags=["approvals"])
    async def decide(approval_id: str, request: DecisionRequest) -> Approval:
        """Answer a question: 404 when it is unknown, 409 when it has been ended before, 410 when it has expired."""
        decided = coordinator.operations.decide(approval_id, request.decision, request.by)
        await coordinator.durable()
        return decided


def _add_acts(app: FastAPI, coordinator: Coordinator) -> None:
    operations = coordinator.operations
    of_goals = {
        "pause": operations.pause_goal,
        "resume": operations.resume_goal,
        "cancel": operations.cancel_goal,
    }
    of_devices = {
        "pause": operations.pause_device,
        "resume": operations.resume_device,
        "cancel": operations.cancel_device,
    }
    of_subtasks = {
        "pause": operations.pause_subtask,
        "resume": operations.resume_subtask,
        "cancel": operations.cancel_subtask,
    }

    @app.post("/v1/goals/{goal_id}/{act}", status_code=202, tags=["goals"])
    async def on_goal(goal_id: str, act: Act, request: ActRequest) -> GoalView:
        """Pause a goal, let it go on, or end it. Its devices are told; their reports say when they have obeyed."""
        of_goals[act](goal_id, request.by)
        await coordinator.durable()
        return coordinator.goal(goal_id)

    @app.post("/v1/devices/{device_id}/{act}", status_code=202, tags=["devices"])
    async def on_device(device_id: str, act: Act, request: ActRequest) -> DeviceView:
        """Pause what a device is at and give it nothing more, let it go on, or cancel what it is at."""
        of_devices[act](device_id, request.by)
        await coordinator.durable()
        return DeviceView.of(coordinator.device(device_id), coordinator)

    @app.post("/v1/subtasks/{subtask_id}/{act}", status_code=202, tags=["subtasks"])
    async def on_subtask(subtask_id: str, act: Act, request: ActRequest) -> SubtaskView:
        """Pause one subtask, let it go on, or cancel it."""
        of_subtasks[act](subtask_id, request.by)
        await coordinator.durable()
        goal = coordinator.goal(goal_of(subtask_id))
        return next(subtask for subtask in goal.subtasks if subtask.subtask_id == subtask_id)


def _add_emergency_stop(app: FastAPI, coordinator: Coordinator) -> None:
    @app.get("/v1/estop", tags=["emergency stop"])
    async def show() -> StopView:
        """Say whether the emergency stop is engaged."""
        return StopView.of(coordinator)

    @app.post("/v1/estop", tags=["emergency stop"], openapi_extra=_STOP_BODY)
    async def engage(request: Request) -> StopView:
        """Bring every machine of the site to rest, whatever the body holds; `{"by": "…"}` says who did it."""
        await coordinator.operations.stop_everything(_name(await request.body()))
        return StopView.of(coordinator)

    @app.delete("/v1/estop", tags=["emergency stop"])
    async def release(by: Annotated[ShortText, Query()] = NOBODY_NAMED) -> StopView:
        """Release the emergency stop. What was stopped does not go on by itself: give the goal again."""
        await coordinator.operations.release_stop(by)
        return StopView.of(coordinator)


def _name(body: bytes) -> str:
    """Find out who stops the site; a body that is wrong must not keep it from being stopped."""
    try:
        data: Any = json.loads(body)
    except (ValueError, RecursionError):
        return NOBODY_NAMED
    by = data.get("by") if isinstance(data, dict) else None
    return (clean_sentence(by, _NAME_CHARACTERS) if isinstance(by, str) else "") or NOBODY_NAMED
