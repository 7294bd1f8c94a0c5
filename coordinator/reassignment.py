"""What may be done by another device, because it is certain that it was not done or does no harm to do twice. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from coordinator.allocator import Assignment, Fleet
from coordinator.goal_state import GoalState
from coordinator.records import ExecutionRecord, Outcome
from protocol.errors import ErrorCode

_ATTEMPTS: Final = 2
ATTEMPTS_OUT_OF_RANGE: Final = 12
"""How far a device's values go differs from brand to brand, and to find that out moves nothing."""
_UNHEARD: Final = frozenset({Outcome.SILENT, Outcome.LOST})
# Reported before anything moved. What a person did not allow, or is to clear up, is no better elsewhere.
UNABLE: Final = frozenset(
    {
        None,
        ErrorCode.NOT_EXECUTABLE,
        ErrorCode.OUT_OF_RANGE,
        ErrorCode.MODE_FORBIDDEN,
        ErrorCode.MODEL_OUTPUT_INVALID,
    }
)


def is_safe_elsewhere(record: ExecutionRecord) -> bool:
    """Whether it is certain that nothing was done, or that doing it again does no harm."""
    if record.is_handed_over:
        return True
    if record.outcome in _UNHEARD:
        return record.is_repeatable is True
    if record.outcome is Outcome.NOT_EXECUTABLE:
        return record.error_code in UNABLE
    # Put aside for a newer order before it began; or taken back before it began.
    is_taken_back = record.outcome is Outcome.SKIPPED and record.subtask_id is not None
    return record.outcome is Outcome.SUPERSEDED or is_taken_back


def may_go_elsewhere(
    assignment: Assignment, record: ExecutionRecord, state: GoalState, fleet: Callable[[], Fleet]
) -> bool:
    """Whether another device is to try what one has not done.

    Args:
        assignment: what it was.
        record: what came of it.
        state: of the goal, which holds what was tried.
        fleet: returns who may get work now; asked only where it matters.
    """
    is_out_of_range = record.error_code is ErrorCode.OUT_OF_RANGE
    most = ATTEMPTS_OUT_OF_RANGE if is_out_of_range else _ATTEMPTS
    return (
        record.outcome is not Outcome.COMPLETED
        and not assignment.is_bound
        and is_safe_elsewhere(record)
        and len(state.attempts(assignment.step, assignment.index)) < most
        and another_device(assignment, state, fleet()) is not None
    )


def another_device(assignment: Assignment, state: GoalState, fleet: Fleet) -> str | None:
    """Return a device of the kind that has not tried it; None where there is none."""
    tried = {attempt.device_id for attempt in state.attempts(assignment.step, assignment.index)}
    return next((name for name in fleet.of_kind(assignment.kind) if name not in tried), None)
