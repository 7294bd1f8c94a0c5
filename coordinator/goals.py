"""A goal as people see it: accepted → running → completed, partial, failed, refused or cancelled. Pure."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from coordinator.accounting import Account, Prices
from coordinator.goal_state import PAUSED, GoalState, GoalStatus
from coordinator.records import Claim, ExecutionRecord
from coordinator.wording import quoted
from inference.plan import PlanStep
from protocol.errors import ErrorCode
from protocol.messages import ReportStatus

__all__ = ["GoalStatus", "GoalView", "SubtaskView", "describe", "view"]


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

    `by` is who gave it, `standing_id` the standing goal that called for it; of goals that compete for a device the one
    with the higher `priority` comes first. Calls and tokens are those of the plan and of the devices; `account` tells them
    apart, with the time and the money that it took. `waiting` says, a sentence each, who waits for what: for a person's
    answer, or for being let go on.
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
    account: Account = Account()
    created_at: float
    ended_at: float | None = None
    seconds: float | None = None

    @property
    def is_final(self) -> bool:
        """Whether the goal has ended."""
        return self.status.is_final


def view(state: GoalState, prices: Prices | None = None) -> GoalView:
    """Show where a goal stands, and what it has cost at these prices."""
    account = (prices or Prices()).of(state.costs.account)
    planner, devices = account.planner, account.devices
    subtasks = tuple(
        SubtaskView(
            subtask_id=subtask.subtask_id,
            device_id=subtask.device_id,
            sentence=subtask.sentence,
            status=subtask.status,
            said=subtask.said,
        )
        for subtask in state.subtasks.values()
    )
    unsent = tuple(
        SubtaskView(
            subtask_id=None,
            device_id=end["device_id"],
            sentence=end["sentence"],
            status=end["outcome"],
            said=end["said"] or end["reason"],
        )
        for end in state.ends
        if end["subtask_id"] is None
    )
    return GoalView(
        goal_id=state.goal_id,
        goal=state.goal,
        by=state.by,
        chat_id=state.chat_id,
        standing_id=state.standing_id,
        priority=state.priority,
        status=state.status,
        answer=state.answer,
        error_code=state.error_code,
        plan=state.plan_lines,
        waiting=() if state.is_final else _waiting(state),
        subtasks=subtasks + unsent,
        records=tuple(state.records()),
        claims=state.claims,
        model_calls=planner.model_calls + devices.model_calls,
        prompt_tokens=planner.prompt_tokens + devices.prompt_tokens,
        completion_tokens=planner.completion_tokens + devices.completion_tokens,
        account=account,
        created_at=state.created_at,
        ended_at=state.ended_at,
        seconds=None if state.ended_at is None else state.ended_at - state.created_at,
    )


def _waiting(state: GoalState) -> tuple[str, ...]:
    """Say what people have to do before the goal goes on."""
    own = [state.pause.sentence] if state.pause is not None and state.pause.did == PAUSED else []
    paused = [
        f"{subtask.device_id} is paused: {quoted(subtask.said or '')}."
        for subtask in state.subtasks.values()
        if subtask.status == ReportStatus.PAUSED
    ]
    return (*own, *state.questions.values(), *paused)


def describe(step: PlanStep) -> str:
    """Write a step of a plan as a line for people: "each shelf / robot / Move to shelf {shelf}."."""
    if step.quantifier == "each":
        ids = f" {' '.join(step.entity_ids)}" if step.entity_ids else ""
        return f"each {step.entity}{ids} / {step.kind} / {step.sentence}"
    return f"{step.quantifier} {step.device or step.kind} / {step.sentence}"
