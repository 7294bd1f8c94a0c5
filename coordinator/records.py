"""What is known about each subtask after it ended. Answers are made of these records and of nothing else."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from protocol.errors import ErrorCode
from protocol.messages import Finding, ReportStatus, Scalar, StateVisit


class Outcome(StrEnum):
    """How one subtask ended, as far as the coordinator knows."""

    COMPLETED = "completed"
    NOT_EXECUTABLE = "not_executable"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    SILENT = "silent"
    LOST = "lost"
    BROKER_UNAVAILABLE = "broker_unavailable"
    NO_DEVICE = "no_device"
    SKIPPED = "skipped"
    CONDITION_NOT_MET = "condition_not_met"

    @classmethod
    def of_report(cls, status: ReportStatus) -> Outcome:
        """Return the outcome that a final report's status stands for."""
        return cls(status.value)


_UNHEARD = frozenset({Outcome.SILENT, Outcome.LOST, Outcome.BROKER_UNAVAILABLE})


class ExecutionRecord(BaseModel):
    """How one subtask ended.

    Attributes:
        step: index of the plan's step, from 0.
        entity_kind: the kind of entity it was about, for steps over entities.
        said: the sentence of the device's final report.
        reason: why it did not complete, a clause without a full stop; None when completed.
        model_seconds: how long the device has waited for its model.
        seconds: from sending to the end.
        index: of the assignment within its step.
        is_repeatable: whether the device said that its program only looks; None where it did not say.
        is_reassigned: another device was given the same work, so that answers leave this end out.
        is_handed_over: a person wants another device to do it, and this one has stopped.
        visits: the states the run went through, as the device reported them. Kept, and left out of what is shown of a
            goal: a trace shows them.
    """

    model_config = ConfigDict(frozen=True)

    step: int
    sentence: str
    outcome: Outcome
    subtask_id: str | None = None
    device_id: str | None = None
    entity_kind: str | None = None
    entity_id: str | None = None
    said: str | None = None
    reason: str | None = None
    findings: tuple[Finding, ...] = ()
    error_code: ErrorCode | None = None
    model_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    model_seconds: float = 0.0
    seconds: float = 0.0
    index: int = 0
    is_repeatable: bool | None = None
    is_reassigned: bool = False
    is_handed_over: bool = Field(default=False, exclude=True)
    visits: tuple[StateVisit, ...] = Field(default=(), exclude=True)

    @property
    def lets_next_follow(self) -> bool:
        """Whether a step that follows this one has what it needs: it was done, or was not called for."""
        return self.outcome in {Outcome.COMPLETED, Outcome.CONDITION_NOT_MET}

    @property
    def is_unknown(self) -> bool:
        """Whether it may have been done although nobody can say so: the device was told, and its end was not heard."""
        if self.error_code is ErrorCode.UNKNOWN_OUTCOME:
            return True
        return self.subtask_id is not None and self.outcome in _UNHEARD

    def stored(self) -> dict[str, Any]:
        """Return the whole record as JSON values, for the ledger."""
        visits = [visit.model_dump(mode="json") for visit in self.visits]
        return {**self.model_dump(mode="json"), "visits": visits}


class Claim(BaseModel):
    """One statement of an answer in a form that a program can check.

    `present` and `value` are both None where nothing is known; `what` is then None too, unless other records of the
    same step say what was asked about.
    """

    model_config = ConfigDict(frozen=True)

    entity_kind: str | None = None
    entity_id: str | None = None
    device_id: str | None = None
    what: str | None = None
    present: bool | None = None
    value: Scalar | tuple[Scalar, ...] | None = None
    unit: str | None = None
