"""What a goal's steps had come to when the coordinator was restarted: ended, under way, or left. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from coordinator.allocator import Assignment
from coordinator.goal_state import GoalState, SubtaskState
from coordinator.records import ExecutionRecord


@dataclass(frozen=True, slots=True)
class PastStep:
    """One step that had been begun.

    Attributes:
        ended: what has a record that stands.
        under_way: what a device was given and may be at; the assignment names that device.
        left: what nobody is at, not begun or to be done by another device.
    """

    ended: tuple[tuple[Assignment, ExecutionRecord], ...]
    under_way: tuple[Assignment, ...]
    left: tuple[Assignment, ...]


class Past:
    """Reads once what was there at the start; what happens from then on is of no account to it.

    Args:
        state: where the goal stood at the start.
    """

    def __init__(self, state: GoalState) -> None:
        self._expanded = dict(state.expanded)
        self._records = {(record.step, record.index): record for record in state.records()}
        self._open = {(one.step, one.index): one for one in state.open_subtasks()}

    def step(self, step: int) -> PastStep | None:
        """Return what had come of a step; None when it had not been begun."""
        assignments = self._expanded.get(step)
        if assignments is None:
            return None
        ended: list[tuple[Assignment, ExecutionRecord]] = []
        under_way: list[Assignment] = []
        left: list[Assignment] = []
        for assignment in assignments:
            place = (assignment.step, assignment.index)
            if (record := self._records.get(place)) is not None:
                ended.append((assignment, record))
            elif (subtask := self._open.get(place)) is not None:
                under_way.append(given_to(assignment, subtask))
            else:
                is_settled = assignment.outcome is not None
                left.append(assignment if is_settled else replace(assignment, problem=None))
        return PastStep(tuple(ended), tuple(under_way), tuple(left))

    def skipped(self, step: int) -> ExecutionRecord | None:
        """Return the record of a step that was left out as a whole; None where there is none."""
        return None if step in self._expanded else self._records.get((step, 0))

    def take_open(self, assignment: Assignment) -> str | None:
        """Return the id of the attempt at an assignment that was under way, once; None where there is none."""
        subtask = self._open.pop((assignment.step, assignment.index), None)
        return None if subtask is None else subtask.subtask_id


def given_to(assignment: Assignment, subtask: SubtaskState) -> Assignment:
    """Return the assignment as it was given to a device."""
    return replace(assignment, device_id=subtask.device_id, sentence=subtask.sentence, problem=None)


def under_way(state: GoalState) -> Iterable[tuple[Assignment, SubtaskState]]:
    """Yield what devices may be at, of every step."""
    assignments = {(one.step, one.index): one for step in state.expanded.values() for one in step}
    for subtask in state.open_subtasks():
        blank = Assignment(subtask.step, subtask.index, subtask.sentence, entity_kind=subtask.entity_kind)
        assignment = assignments.get((subtask.step, subtask.index), blank)
        yield given_to(assignment, subtask), subtask
