"""`GET /v1/goals/{goal_id}/log`: everything that was written down of a goal so far, at once."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from coordinator.coordinator import Coordinator
from coordinator.ledger.events import EventKind


class LoggedEvent(BaseModel):
    """One event of the ledger. `at` is Unix seconds; what `data` holds depends on `kind`."""

    seq: int
    at: float
    kind: EventKind
    data: dict[str, Any]


class GoalLog(BaseModel):
    """A goal's events, oldest first."""

    goal_id: str
    events: list[LoggedEvent]


def install(app: FastAPI, coordinator: Coordinator) -> None:
    """Add the route."""

    @app.get("/v1/goals/{goal_id}/log", tags=["goals"])
    async def log(goal_id: str) -> GoalLog:
        """Show everything that was written down of a goal so far; `/events` follows what comes."""
        events = [
            LoggedEvent(seq=event.seq, at=event.at, kind=event.kind, data=event.data)
            for event in coordinator.log(goal_id)
        ]
        return GoalLog(goal_id=goal_id, events=events)
