"""What is known of the end of a subtask, as the record of which answers are made. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from coordinator.allocator import Assignment
from coordinator.course import Halt
from coordinator.records import ExecutionRecord, Outcome
from coordinator.wording import quoted
from protocol.errors import ErrorCode
from protocol.messages import Report, ReportStatus, Subtask

BROKER_AWAY = "the message broker could not be reached"


@dataclass(frozen=True, slots=True)
class Ending:
    """How an exchange with a device came to its end.

    Attributes:
        subtask: the order.
        assignment: what it was made from.
        final: the device's final report; None where it did not come.
        last: its last report, final or not.
        halt: why the whole goal ends early.
        is_repeatable: whether the device said that its program only looks.
        is_lost: the device is gone.
        is_told: the broker has taken the order and can be reached.
        decided_by: who answered the device's last question.
        cancelled_by: who cancelled it alone.
        is_handed_over: whether that was done to have another device do it.
        seconds: how long it took.
    """

    subtask: Subtask
    assignment: Assignment
    final: Report | None
    last: Report | None
    halt: Halt | None
    is_repeatable: bool | None
    is_lost: bool
    is_told: bool
    decided_by: str | None
    cancelled_by: str | None
    is_handed_over: bool
    seconds: float

    @property
    def device_id(self) -> str:
        """Who was to do it."""
        return self.subtask.device_id


def record_of(ending: Ending) -> ExecutionRecord:
    """Write down what is known of an end."""
    outcome, reason, code = _unheard(ending) if ending.final is None else _heard(ending, ending.final)
    assignment, final, last = ending.assignment, ending.final, ending.last
    return ExecutionRecord(
        step=assignment.step,
        index=assignment.index,
        sentence=assignment.sentence,
        outcome=outcome,
        subtask_id=ending.subtask.subtask_id,
        device_id=ending.device_id,
        entity_kind=assignment.entity_kind,
        entity_id=assignment.entity_id,
        said=final.sentence if final else None,
        reason=reason,
        findings=final.findings if final and outcome is Outcome.COMPLETED else (),
        error_code=code,
        model_calls=last.model_calls if last else 0,
        prompt_tokens=last.prompt_tokens if last else 0,
        completion_tokens=last.completion_tokens if last else 0,
        model_seconds=last.model_seconds if last else 0.0,
        seconds=round(ending.seconds, 3),
        is_repeatable=ending.is_repeatable,
        is_handed_over=ending.is_handed_over and outcome is Outcome.CANCELLED,
        visits=final.visits if final else (),
    )


def _heard(ending: Ending, report: Report) -> tuple[Outcome, str | None, ErrorCode | None]:
    by_a_person = ending.halt is not None or ending.cancelled_by is not None
    if report.status is ReportStatus.CANCELLED and report.has_begun is False and not by_a_person:
        # Taken back by the coordinator, in this life or in one before: the device keeps that it never begins it.
        reason = f"{ending.device_id} had not begun it when its time was over"
        return Outcome.SKIPPED, reason, ErrorCode.DEVICE_SILENT
    outcome = Outcome.of_report(report.status)
    return outcome, None if outcome is Outcome.COMPLETED else _reason(ending, report), report.error_code


def _unheard(ending: Ending) -> tuple[Outcome, str, ErrorCode]:
    device_id, silent = ending.device_id, ErrorCode.DEVICE_SILENT
    if ending.is_lost:
        return Outcome.LOST, f"{device_id} was lost before it answered", silent
    if not ending.is_told:
        return Outcome.BROKER_UNAVAILABLE, BROKER_AWAY, ErrorCode.BROKER_UNAVAILABLE
    if ending.halt is not None:
        return Outcome.SILENT, f"{device_id} {ending.halt.silence}", silent
    return Outcome.SILENT, f"{device_id} did not answer in time", silent


def _reason(ending: Ending, report: Report) -> str:
    """Say, as a clause, why a device did not do it."""
    device_id = ending.device_id
    if report.error_code is ErrorCode.EMERGENCY_STOPPED:
        return f"{device_id} was stopped by the emergency stop"
    if report.error_code is ErrorCode.APPROVAL_DENIED:
        return f"{ending.decided_by or 'a person'} did not allow it"
    if report.error_code is ErrorCode.APPROVAL_EXPIRED:
        return "nobody allowed it in time"
    if report.status is ReportStatus.SUPERSEDED:
        return f"{device_id} dropped it for a newer subtask"
    if report.status is ReportStatus.CANCELLED:
        by = ending.halt.by if ending.halt is not None else ending.cancelled_by
        return f"{device_id} was told to stop" + (f" by {by}" if by else " because its time was over")
    return f"{device_id} said {quoted(report.sentence)}"
