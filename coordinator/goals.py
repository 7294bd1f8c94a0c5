"""A goal's life, read from its events: accepted → running → completed, partial, failed, refused or cancelled. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from coordinator.ledger.events import Event, EventKind
from coordinator.records import Claim, ExecutionRecord
from coordinator.wording import quoted
from inference.plan import PlanStep
from protocol.errors import ErrorCode
from protocol.messages import ReportStatus


class GoalStatus(StrEnum):
    """Where a goal stands. The last five are ends. A paused goal is running: it waits for someone to let it go on."""

    ACCEPTED = "accepted"
    RUNNING = "running"
    COMPLETED = "completed"
    PARTIAL = "partial"
    FAILED = "failed"
    REFUSED = "refused"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether the goal has ended."""
        return self not in {GoalStatus.ACCEPTED, GoalStatus.RUNNING}


class SubtaskView(BaseModel):
    """One subtask as people see it while it is under way."""

    model_config = ConfigDict(frozen=True)

    subtask_id: str | None
    device_id: str | None
    sentence: str
    status: str
    said: str | None = None


class GoalView(BaseModel):
    """Everything known about a goal. Times are Unix seconds; `seconds` is how long it took.

    `by` is who gave it, `standing_id` the standing goal that called for it; of goals that compete for a device the one with
    the higher `priority` comes first. `waiting` says, a sentence each, who waits for what: for a person's answer, or for being let go on.
    """

    model_config = ConfigDict(frozen=True)

    goal_id: str
    goal: str
    by: str | None = None
    chat_id: str | None = None
    standing_id: str | None = None
    priority: int = 0
    status: GoalStatus
    answer: str | None = None
    error_code: ErrorCode | None = None
    plan: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    subtasks: tuple[SubtaskView, ...] = ()
    records: tuple[ExecutionRecord, ...] = ()
    claims: tuple[Claim, ...] = ()
    model_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    created_at: float
    ended_at: float | None = None
    seconds: float | None = None

    @property
    def is_final(self) -> bool:
        """Whether the goal has ended."""
        return self.status.is_final


def view(events: Iterable[Event]) -> GoalView | None:
    """Fold a goal's events into its present state; None where there are none."""
    state: GoalView | None = None
    subtasks: dict[str, SubtaskView] = {}
    waits = _Waits()
    for event in events:
        if event.kind is EventKind.GOAL_ACCEPTED:
            state = GoalView(
                goal_id=event.goal_id or "",
                goal=event.data["goal"],
                by=event.data.get("by"),
                chat_id=event.data.get("chat_id"),
                standing_id=event.data.get("standing_id"),
                priority=event.data.get("priority", 0),
                status=GoalStatus.ACCEPTED,
                created_at=event.at,
            )
        elif state is not None:
            state = _apply(state, event)
            _track(subtasks, event)
            waits.take(event)
    if state is None:
        return None
    waiting = () if state.is_final else waits.sentences(subtasks.values())
    return state.model_copy(update={"subtasks": tuple(subtasks.values()), "waiting": waiting})


@dataclass(slots=True)
class _Waits:
    """What people have to do before a goal goes on."""

    paused: str | None = None
    questions: dict[str, str] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        if event.kind is EventKind.OPERATOR and event.data["what"] == "goal":
            self.paused = event.data["sentence"] if event.data["did"] == "paused" else None
        elif event.kind is EventKind.APPROVAL_REQUESTED:
            self.questions[event.data["approval_id"]] = event.data["sentence"]
        elif event.kind is EventKind.APPROVAL_ENDED:
            self.questions.pop(event.data["approval_id"], None)

    def sentences(self, subtasks: Iterable[SubtaskView]) -> tuple[str, ...]:
        own = [self.paused] if self.paused is not None else []
        paused = [
            f"{subtask.device_id} is paused: {quoted(subtask.said or '')}."
            for subtask in subtasks
            if subtask.status == ReportStatus.PAUSED
        ]
        return (*own, *self.questions.values(), *paused)


def _apply(state: GoalView, event: Event) -> GoalView:
    data = event.data
    match event.kind:
        case EventKind.GOAL_PLANNED:
            return state.model_copy(
                update={
                    "status": GoalStatus.RUNNING,
                    "plan": tuple(data["steps"]),
                    "model_calls": state.model_calls + data["model_calls"],
                    "prompt_tokens": data["prompt_tokens"],
                    "completion_tokens": data["completion_tokens"],
                }
            )
        case EventKind.SUBTASK_ENDED:
            record = ExecutionRecord.model_validate(data)
            return state.model_copy(
                update={
                    "records": (*state.records, record),
                    "model_calls": state.model_calls + record.model_calls,
                }
            )
        case EventKind.GOAL_ENDED:
            return state.model_copy(
                update={
                    "status": GoalStatus(data["status"]),
                    "answer": data["answer"],
                    "error_code": ErrorCode(data["error_code"]) if data["error_code"] else None,
                    "claims": tuple(Claim.model_validate(claim) for claim in data["claims"]),
                    "ended_at": event.at,
                    "seconds": event.at - state.created_at,
                }
            )
        case _:
            return state


def _track(subtasks: dict[str, SubtaskView], event: Event) -> None:
    data: dict[str, Any] = event.data
    subtask_id = data.get("subtask_id") or f"unsent-{event.seq}"
    if event.kind is EventKind.SUBTASK_ASSIGNED:
        subtasks[subtask_id] = SubtaskView(
            subtask_id=subtask_id, device_id=data["device_id"], sentence=data["sentence"], status="assigned"
        )
    elif event.kind is EventKind.SUBTASK_ENDED:
        subtasks[subtask_id] = SubtaskView(
            subtask_id=data["subtask_id"],
            device_id=data["device_id"],
            sentence=data["sentence"],
            status=data["outcome"],
            said=data["said"] or data["reason"],
        )
    elif subtask_id in subtasks and not _is_ended(subtasks[subtask_id]):
        if event.kind is EventKind.SUBTASK_SENT:
            subtasks[subtask_id] = subtasks[subtask_id].model_copy(update={"status": "sent"})
        elif event.kind is EventKind.REPORT:
            update = {"status": data["status"], "said": data["sentence"]}
            subtasks[subtask_id] = subtasks[subtask_id].model_copy(update=update)


def _is_ended(subtask: SubtaskView) -> bool:
    return subtask.status not in {"assigned", "sent", "queued", "ongoing", "paused", "awaiting_approval"}


def describe(step: PlanStep) -> str:
    """Write a step of a plan as a line for people: "each shelf / robot / Move to shelf {shelf}."."""
    if step.quantifier == "each":
        ids = f" {' '.join(step.entity_ids)}" if step.entity_ids else ""
        return f"each {step.entity}{ids} / {step.kind} / {step.sentence}"
    return f"{step.quantifier} {step.device or step.kind} / {step.sentence}"
