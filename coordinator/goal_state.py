"""Where a goal stands, folded from its events one by one. Pure: no I/O, no clock, no model.

The running code and the views both read this, so that a coordinator which was killed after any event goes on from the same
state as one that was not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from pydantic import TypeAdapter

from coordinator.accounting import AccountBook
from coordinator.allocator import Assignment
from coordinator.ledger.events import Event, EventKind
from coordinator.plan_data import plan_of_data
from coordinator.records import Claim, ExecutionRecord
from inference.plan import PlanStep
from protocol.errors import ErrorCode

_ASSIGNMENTS = TypeAdapter(tuple[Assignment, ...])
PAUSED: Final = "paused"
RESUMED: Final = "resumed"
PRIORITISED: Final = "prioritised"
URGENT_PRIORITY: Final = 100
"""What a goal gains that a person calls urgent."""

CANCELLED: Final = "cancelled"
HANDED_OVER: Final = "handed_over"


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


@dataclass(frozen=True, slots=True)
class Act:
    """What a person did last to a goal or a subtask: paused it, let it go on, or cancelled it."""

    did: str
    by: str
    at: float
    sentence: str


@dataclass(slots=True)
class SubtaskState:
    """One attempt to have one assignment done.

    Attributes:
        step: index of the plan's step, from 0.
        index: of the assignment within its step.
        issued_at: when its order was given, Unix seconds; an order keeps it when it is sent again.
        timeout_seconds: how long its order is good for, from then.
        status: `assigned`, `sent`, what its device reported last, or how it ended.
        said: the sentence of the device's last report, or why it ended as it did.
        is_repeatable: whether the device said that its program only looks.
        end: the record of its end, as stored; None while that is not known.
        pause: the last order of a person to pause it alone, or to go on.
        cancelled_by: who cancelled it alone.
        is_handed_over: whether that was done to have another device do it.
    """

    subtask_id: str
    device_id: str
    sentence: str
    step: int
    index: int
    entity_kind: str | None
    entity_id: str | None
    issued_at: float
    timeout_seconds: float
    status: str = "assigned"
    said: str | None = None
    is_repeatable: bool | None = None
    end: dict[str, Any] | None = None
    pause: Act | None = None
    cancelled_by: str | None = None
    is_handed_over: bool = False

    @property
    def is_open(self) -> bool:
        """Whether its end is not known."""
        return self.end is None


@dataclass(frozen=True, slots=True)
class PlanRefusal:
    """Why there is no plan."""

    reason: str
    error_code: ErrorCode | None
    is_model_broken: bool


@dataclass(slots=True)
class GoalState:
    """Everything that a goal's events say.

    Attributes:
        first_seq: number of its first event.
        last_seq: number of its newest event.
        last_at: when that was, Unix seconds.
        given_steps: the plan that came with the goal.
        plan: the steps; None while there is no plan.
        plan_lines: the same for people.
        refusal: why there is no plan and will be none.
        expanded: of each step that was begun, what it was split into.
        subtasks: every attempt, by id, oldest first.
        tried: ids of the attempts at each assignment, by its step and index.
        ends: the records of all ends, as stored, in order; of what was never given to a device too.
        costs: what the plan and the devices have cost.
        pause: the last order of a person to pause the goal, or to go on.
        cancelled: who cancelled it.
        urgent: the names of things, such as "T9", whose work a person called urgent.
        questions: what devices asked and nobody has answered, by id of the question.
        ended_at: when it ended, Unix seconds; None while it is open.
    """

    goal_id: str
    goal: str
    created_at: float
    first_seq: int
    by: str | None = None
    chat_id: str | None = None
    standing_id: str | None = None
    priority: int = 0
    given_steps: tuple[PlanStep, ...] = ()
    last_seq: int = 0
    last_at: float = 0.0
    status: GoalStatus = GoalStatus.ACCEPTED
    plan: tuple[PlanStep, ...] | None = None
    plan_lines: tuple[str, ...] = ()
    refusal: PlanRefusal | None = None
    expanded: dict[int, tuple[Assignment, ...]] = field(default_factory=dict)
    subtasks: dict[str, SubtaskState] = field(default_factory=dict)
    tried: dict[tuple[int, int], list[str]] = field(default_factory=dict)
    ends: list[dict[str, Any]] = field(default_factory=list)
    costs: AccountBook = field(default_factory=AccountBook)
    pause: Act | None = None
    cancelled: Act | None = None
    urgent: set[str] = field(default_factory=set)
    questions: dict[str, str] = field(default_factory=dict)
    answer: str | None = None
    error_code: ErrorCode | None = None
    claims: tuple[Claim, ...] = ()
    ended_at: float | None = None

    @property
    def is_final(self) -> bool:
        """Whether the goal has ended."""
        return self.status.is_final

    @property
    def paused_by(self) -> str | None:
        """Who has paused it; None while it may go on."""
        return self.pause.by if self.pause is not None and self.pause.did == PAUSED else None

    def open_subtasks(self) -> list[SubtaskState]:
        """Return the attempts whose end is not known, oldest first."""
        return [subtask for subtask in self.subtasks.values() if subtask.is_open]

    def attempts(self, step: int, index: int) -> list[SubtaskState]:
        """Return what was tried for one assignment, oldest first."""
        return [self.subtasks[subtask_id] for subtask_id in self.tried.get((step, index), ())]

    def records(self) -> list[ExecutionRecord]:
        """Return what answers are made of: the ends in order, without those that another device was to make good."""
        records = (ExecutionRecord.model_validate(end) for end in self.ends)
        return [record for record in records if not record.is_reassigned]

    def take(self, event: Event) -> None:
        """Take in the next event of this goal; one that was taken in before changes nothing."""
        if event.seq <= self.last_seq:
            return
        self.last_seq, self.last_at = event.seq, event.at
        self.costs.take(event)
        reduce = _REDUCERS.get(event.kind)
        if reduce is not None:
            reduce(self, event)


def begin(event: Event) -> GoalState:
    """Return the state after a goal's first event, `GOAL_ACCEPTED`."""
    data = event.data
    state = GoalState(
        goal_id=event.goal_id or "",
        goal=data["goal"],
        created_at=event.at,
        first_seq=event.seq,
        last_seq=event.seq,
        last_at=event.at,
        by=data.get("by"),
        chat_id=data.get("chat_id"),
        standing_id=data.get("standing_id"),
        priority=data.get("priority", 0),
        given_steps=plan_of_data(data.get("steps", ())),
    )
    state.costs.take(event)
    return state


def fold(events: Iterable[Event]) -> GoalState | None:
    """Fold a goal's events, oldest first; None where it was never accepted."""
    state: GoalState | None = None
    for event in events:
        if event.kind is EventKind.GOAL_ACCEPTED:
            state = begin(event)
        elif state is not None:
            state.take(event)
    return state


def assignments_as_data(assignments: Iterable[Assignment]) -> list[dict[str, Any]]:
    """Return the assignments of a step as JSON values, for `STEP_EXPANDED`."""
    data: list[dict[str, Any]] = _ASSIGNMENTS.dump_python(
        tuple(assignments), mode="json", exclude_defaults=True
    )
    return data


# One reducer a kind of event.


def _take_plan(state: GoalState, event: Event) -> None:
    data = event.data
    state.status = GoalStatus.RUNNING
    state.plan_lines = tuple(data["steps"])
    refusal = data.get("refusal")
    if refusal is not None:
        code = refusal["error_code"]
        state.refusal = PlanRefusal(
            refusal["reason"], ErrorCode(code) if code else None, refusal["is_model_broken"]
        )
    elif "plan" in data:
        state.plan = plan_of_data(data["plan"])


def _take_expansion(state: GoalState, event: Event) -> None:
    state.expanded[event.data["step"]] = _ASSIGNMENTS.validate_python(event.data["assignments"])


def _take_assignment(state: GoalState, event: Event) -> None:
    data = event.data
    subtask = SubtaskState(
        subtask_id=data["subtask_id"],
        device_id=data["device_id"],
        sentence=data["sentence"],
        step=data["step"],
        index=data.get("index", 0),
        entity_kind=data.get("entity_kind"),
        entity_id=data.get("entity_id"),
        issued_at=data.get("issued_at", event.at),
        timeout_seconds=data.get("timeout_seconds", 0.0),
    )
    state.subtasks[subtask.subtask_id] = subtask
    state.tried.setdefault((subtask.step, subtask.index), []).append(subtask.subtask_id)


def _take_sending(state: GoalState, event: Event) -> None:
    subtask = state.subtasks.get(event.data["subtask_id"])
    # A first report can be faster than the broker's word that it has taken the order.
    if subtask is not None and subtask.status == "assigned":
        subtask.status = "sent"


def _take_report(state: GoalState, event: Event) -> None:
    subtask = state.subtasks.get(event.data.get("subtask_id") or "")
    if subtask is None or not subtask.is_open:
        return
    subtask.status, subtask.said = event.data["status"], event.data["sentence"]
    if event.data.get("is_repeatable") is not None:
        subtask.is_repeatable = event.data["is_repeatable"]


def _take_end(state: GoalState, event: Event) -> None:
    data = event.data
    state.ends.append(data)
    subtask = state.subtasks.get(data.get("subtask_id") or "")
    if subtask is not None:
        subtask.end, subtask.status = data, data["outcome"]
        subtask.said = data.get("said") or data.get("reason")


def _take_act(state: GoalState, event: Event) -> None:
    data = event.data
    act = Act(data["did"], data["by"], event.at, data["sentence"])
    if data["what"] == "goal":
        if act.did == CANCELLED:
            state.cancelled = state.cancelled or act
        elif act.did == PRIORITISED:
            state.priority += URGENT_PRIORITY
        else:
            state.pause = act
    elif data["what"] == "part":
        state.urgent.add(data["id"])
    elif data["what"] == "subtask" and (subtask := state.subtasks.get(data["id"])) is not None:
        if act.did in {CANCELLED, HANDED_OVER}:
            subtask.cancelled_by = act.by
            subtask.is_handed_over = act.did == HANDED_OVER
        else:
            subtask.pause = act


def _take_question(state: GoalState, event: Event) -> None:
    state.questions[event.data["approval_id"]] = event.data["sentence"]


def _take_answer(state: GoalState, event: Event) -> None:
    state.questions.pop(event.data["approval_id"], None)


def _take_goal_end(state: GoalState, event: Event) -> None:
    data = event.data
    state.status = GoalStatus(data["status"])
    state.answer = data["answer"]
    state.error_code = ErrorCode(data["error_code"]) if data["error_code"] else None
    state.claims = tuple(Claim.model_validate(claim) for claim in data["claims"])
    state.ended_at = event.at


_REDUCERS: Final[dict[EventKind, Callable[[GoalState, Event], None]]] = {
    EventKind.GOAL_PLANNED: _take_plan,
    EventKind.STEP_EXPANDED: _take_expansion,
    EventKind.SUBTASK_ASSIGNED: _take_assignment,
    EventKind.SUBTASK_SENT: _take_sending,
    EventKind.REPORT: _take_report,
    EventKind.SUBTASK_ENDED: _take_end,
    EventKind.OPERATOR: _take_act,
    EventKind.APPROVAL_REQUESTED: _take_question,
    EventKind.APPROVAL_ENDED: _take_answer,
    EventKind.GOAL_ENDED: _take_goal_end,
}
