"""Looks up goals, records and work in the ledger for answers: what is under way, and what came of things. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from coordinator.coordinator import Coordinator
from coordinator.goals import GoalView, SubtaskView
from coordinator.records import ExecutionRecord

GOALS_LOOKED_AT = 100
_ENDED = frozenset(
    {
        "completed",
        "not_executable",
        "failed",
        "superseded",
        "cancelled",
        "silent",
        "lost",
        "broker_unavailable",
        "no_device",
        "skipped",
    }
)


@dataclass(frozen=True, slots=True)
class Work:
    """One end of a subtask, with the goal that it was for; `at` is about when it ended, Unix seconds."""

    goal: GoalView
    record: ExecutionRecord

    @property
    def at(self) -> float:
        """When the goal ended, or was accepted where it has not; no record tells its own end."""
        return self.goal.ended_at if self.goal.ended_at is not None else self.goal.created_at


class Past:
    """What the ledger of a coordinator says.

    Args:
        coordinator: whose goals these are.
    """

    def __init__(self, coordinator: Coordinator) -> None:
        self._coordinator = coordinator

    def under_way(self) -> list[GoalView]:
        """Return the goals that have not ended, oldest first."""
        goals = [self._coordinator.goal(goal_id) for goal_id in self._coordinator.goals_under_way()]
        return [goal for goal in goals if not goal.is_final]

    def newest(self) -> list[GoalView]:
        """Return the newest goals, newest first."""
        return self._coordinator.goals(limit=GOALS_LOOKED_AT)

    def at_work(self) -> dict[str, tuple[GoalView, SubtaskView]]:
        """Return what each device that is at work is at."""
        return {
            subtask.device_id: (goal, subtask)
            for goal in self.under_way()
            for subtask in goal.subtasks
            if subtask.device_id is not None and is_open(subtask)
        }

    def works(self, wanted: Callable[[ExecutionRecord], bool]) -> Iterator[Work]:
        """Return the ends of subtasks that are wanted, the newest first."""
        for goal in self.newest():
            for record in reversed(goal.records):
                if wanted(record):
                    yield Work(goal, record)


def is_open(subtask: SubtaskView) -> bool:
    """Whether a device is still at a subtask, as far as is known."""
    return subtask.status not in _ENDED
