"""What the ledger holds: events, each of one kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class EventKind(StrEnum):
    """What an event says. Stored: never renamed, only added to."""

    GOAL_ACCEPTED = "goal_accepted"
    GOAL_PLANNED = "goal_planned"
    STEP_EXPANDED = "step_expanded"
    SUBTASK_ASSIGNED = "subtask_assigned"
    SUBTASK_SENT = "subtask_sent"
    REPORT = "report"
    SUBTASK_ENDED = "subtask_ended"
    LATE_REPORT = "late_report"
    GOAL_ENDED = "goal_ended"
    APPROVAL_REQUESTED = "approval_requested"
    APPROVAL_ENDED = "approval_ended"
    OPERATOR = "operator"
    EMERGENCY_STOP = "emergency_stop"
    COORDINATOR_STARTED = "coordinator_started"
    STANDING_ACCEPTED = "standing_accepted"
    STANDING_CHANGED = "standing_changed"
    STANDING_FIRED = "standing_fired"
    STANDING_ENDED = "standing_ended"
    CHAT_TURN = "chat_turn"
    SITE_CHANGED = "site_changed"
    SITE_CONDITION = "site_condition"
    DEVICE = "device"
    ENROLMENT = "enrolment"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `seq` only grows; `at` is Unix time in seconds; `goal_id` is None for site-wide events."""

    seq: int
    at: float
    goal_id: str | None
    kind: EventKind
    data: dict[str, Any]


Observer = Callable[[Event], None]
