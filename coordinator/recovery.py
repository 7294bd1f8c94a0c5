"""What a coordinator does first after a restart: takes up every open goal where it stood, before anything is heard or said.

Orders of people that may not have reached their devices are given again; devices know them by what they are about, and
obeying twice changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from coordinator.course import Course, Halt, cancelled, emergency_stopped
from coordinator.dispatch import Dispatcher
from coordinator.goal_book import GoalBook
from coordinator.goal_state import GoalState
from coordinator.ledger.events import Event, EventKind
from coordinator.ledger.ledger import Ledger
from coordinator.operations import Operations
from coordinator.past import under_way
from coordinator.records import Outcome
from protocol.clock import Clock
from protocol.errors import ErrorCode

logger = logging.getLogger(__name__)

_RECALLED_SUBTASKS = 1000
_RECALLED_STOPS = 1000
_UNHEARD = {Outcome.SILENT, Outcome.LOST, Outcome.BROKER_UNAVAILABLE}


class Recovery:
    """Takes up what a start of the coordinator that has ended left open.

    Args:
        ledger: what was written down.
        book: where goals stand.
        dispatcher: hears what devices report of what they were given.
        operations: gives orders of people again.
        clock: time.
        resume_limit_seconds: a goal of which nothing was heard for longer is not gone on with.
    """

    def __init__(
        self,
        ledger: Ledger,
        book: GoalBook,
        dispatcher: Dispatcher,
        operations: Operations,
        clock: Clock,
        *,
        resume_limit_seconds: float,
    ) -> None:
        self._ledger = ledger
        self._book = book
        self._dispatcher = dispatcher
        self._operations = operations
        self._clock = clock
        self._limit_seconds = resume_limit_seconds

    def run(self) -> list[Course]:
        """Recall everything; returns the goals to go on with, oldest first."""
        open_goals = [
            state for goal_id in self._ledger.unfinished_goals() if (state := self._book.find(goal_id))
        ]
        self._note_unheard({state.goal_id for state in open_goals})
        stops = [
            event
            for event in self._ledger.of_kind(EventKind.EMERGENCY_STOP, limit=_RECALLED_STOPS)
            if event.data["engaged"]
        ]
        courses = [self._take_up(state, stops) for state in open_goals]
        self._operations.order_again(open_goals)
        return courses

    def _take_up(self, state: GoalState, stops: Iterable[Event]) -> Course:
        course = Course(state.goal_id, priority=state.priority)
        course.paused_by = state.paused_by
        halt = halt_of(state, stops, self._clock.now(), self._limit_seconds)
        if halt is not None:
            course.stop(halt)
        for assignment, subtask in under_way(state):
            self._dispatcher.recall(course, assignment, subtask)
        logger.info("Goal %s is taken up where it stood.", state.goal_id)
        return course

    def _note_unheard(self, open_goals: set[str]) -> None:
        """Note the devices that may still be at something that nobody waits for any more."""
        late = {
            event.data["subtask_id"]
            for event in self._ledger.of_kind(EventKind.LATE_REPORT, limit=_RECALLED_SUBTASKS)
        }
        unheard: dict[str, Event] = {}
        for event in self._ledger.of_kind(EventKind.SUBTASK_ENDED, limit=_RECALLED_SUBTASKS):
            subtask_id, device_id = event.data["subtask_id"], event.data["device_id"]
            if subtask_id is not None:
                # Whoever has ended something later has ended what came before.
                unheard.pop(device_id, None)
                if event.data["outcome"] in _UNHEARD and subtask_id not in late:
                    unheard[device_id] = event
        for device_id, event in unheard.items():
            self._dispatcher.note_unfinished(event.goal_id or "", event.data["subtask_id"], device_id)
        for event in self._ledger.cut_off_subtasks(limit=_RECALLED_SUBTASKS):
            if event.goal_id not in open_goals:
                self._dispatcher.note_unfinished(
                    event.goal_id or "", event.data["subtask_id"], event.data["device_id"]
                )


def halt_of(state: GoalState, stops: Iterable[Event], now: float, limit_seconds: float) -> Halt | None:
    """Say why an open goal is not to go on; None when it is.

    Args:
        state: where it stands.
        stops: the times at which the emergency stop was engaged.
        now: Unix seconds.
        limit_seconds: for how long nothing may have been heard of it. A goal that someone has paused waits for that person.
    """
    if state.cancelled is not None:
        return cancelled(state.cancelled.by)
    stop = next((event for event in stops if event.seq > state.first_seq), None)
    if stop is not None:
        return emergency_stopped(stop.data["by"])
    if state.paused_by is None and now - state.last_at > limit_seconds:
        return _too_late(now - state.last_at)
    return None


def _too_late(seconds: float) -> Halt:
    return Halt(
        sentence=f"Nothing was heard of this goal for {seconds / 3600:.1f} h, while the coordinator was away, so it is not"
        " gone on with. Give it again if it is still wanted.",
        reason="the coordinator was away for too long",
        silence="did not say what came of it while the coordinator was away",
        error_code=ErrorCode.NOT_EXECUTABLE,
        status=None,
        by="the coordinator",
        is_known_to_devices=True,
    )
