"""Orders of standing goals: recorded, made goals, and followed to their end.

Everything is recorded before it is done. An order that was recorded and became no goal, because the coordinator stopped in
between, becomes one at the next start, so that no occurrence and no correction is done twice or lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from coordinator.goals import GoalStatus, GoalView
from coordinator.ledger.events import EventKind
from coordinator.records import Outcome
from coordinator.standing.book import Book
from coordinator.standing.life import Change, Standing
from coordinator.standing.occurrences import CATCH_UP_SECONDS
from coordinator.standing.ports import Host
from coordinator.standing.watcher import EVERY_DEVICE
from coordinator.wording import quoted
from protocol.clock import Clock
from protocol.errors import InputError, ParleyError
from protocol.text import clean_sentence

_NOTHING_DONE = frozenset({GoalStatus.FAILED, GoalStatus.REFUSED, GoalStatus.CANCELLED})


class Errands:
    """Carries out the orders of all standing goals of a site.

    Args:
        book: their states.
        host: takes goals.
        clock: time.
        on_end: called when a goal has ended, with the state after that.
    """

    def __init__(
        self, book: Book, host: Host, clock: Clock, on_end: Callable[[Standing, GoalView], None]
    ) -> None:
        self._book = book
        self._host = host
        self._clock = clock
        self._on_end = on_end
        self._open: dict[str, str] = {}

    def start(self) -> None:
        """Take up what the ledger says; once, before anything else."""
        for state in self._book.all():
            for line, index, order in self._book.unsubmitted(state):
                self._take_up(state, line, index, order.text)
            for goal_id in self._book.get(state.standing_id).open_goals():
                self._open[goal_id] = state.standing_id
        for goal_id in list(self._open):
            self.take_end(goal_id)

    def fire(
        self,
        state: Standing,
        orders: Sequence[str],
        sentence: str,
        *,
        line: str = EVERY_DEVICE,
        device_ids: Sequence[str] = (),
        occurrence: float | None = None,
        excess: float | None = None,
        is_notice: bool = False,
    ) -> None:
        """Record that a standing goal acts, then make goals of its orders.

        Args:
            state: of the standing goal.
            orders: goals in plain words; none where people are only told.
            sentence: why, for the records and, with `is_notice`, for people.
            line: see `Standing.orders`.
            device_ids: for which devices.
            occurrence: for which occurrence (Unix seconds).
            excess: how far outside the limits the values are, where this is a round of corrections.
            is_notice: people are told.
        """
        data = {
            "sentence": sentence,
            "notice": is_notice,
            "line": line,
            "orders": list(orders),
            "devices": list(device_ids),
            "occurrence": occurrence,
            "excess": excess,
        }
        state = self._book.append(EventKind.STANDING_FIRED, state.standing_id, data)
        for index, order in enumerate(orders):
            self._submit(state, line, index, order)

    def take_end(self, goal_id: str) -> None:
        """Take in that a goal has ended, if it is one of a standing goal."""
        standing_id = self._open.get(goal_id)
        goal = self._host.goal(goal_id) if standing_id is not None else None
        if standing_id is None or goal is None or not goal.is_final:
            return
        del self._open[goal_id]
        state = self._book.get(standing_id)
        has_failed = goal.status in _NOTHING_DONE
        # What is done at a set time is wanted for its answer; of a correction only the effect is of interest.
        is_answer = state.request.schedule is not None
        answer = goal.answer or f"It ended: {goal.status}."
        state = self._book.change(
            standing_id,
            Change.DONE,
            clean_sentence(f"{quoted(state.request.action or goal.goal)}: {answer}"),
            is_notice=is_answer or (has_failed and state.request.action is not None),
            goal_id=goal_id,
            has_failed=has_failed,
        )
        for record in goal.records:
            if record.outcome in {Outcome.NOT_EXECUTABLE, Outcome.FAILED} and record.device_id:
                why = (record.said or record.reason or "it gave no reason").rstrip(".")
                self._book.change(
                    standing_id,
                    Change.OBJECTED,
                    f"{record.device_id} did not do {quoted(record.sentence)}: {why}.",
                    is_notice=True,
                    device_id=record.device_id,
                    goal_id=goal_id,
                )
        self._on_end(state, goal)

    def cancel(self, state: Standing, why: str) -> None:
        """Cancel the goals of a standing goal that are under way."""
        for goal_id in state.open_goals():
            with suppress(InputError):
                self._host.operations.cancel_goal(goal_id, why)

    def devices_at_work(self, state: Standing) -> set[str]:
        """Return which devices had something to do in the latest firing of a standing goal."""
        orders = [order for orders in state.orders.values() for order in orders]
        goals = [self._host.goal(order.goal_id) for order in orders if order.goal_id is not None]
        return {device_id for goal in goals for device_id in devices_of(goal)}

    def _submit(self, state: Standing, line: str, index: int, text: str) -> None:
        try:
            goal = self._host.submit(text, by=state.by, chat_id=state.chat_id, standing_id=state.standing_id)
        except ParleyError as error:
            self._submitted(state, line, index, None, f"{quoted(text)} was not begun: {error}")
            return
        self._submitted(state, line, index, goal.goal_id, f"Began {quoted(text)}.")
        self._open[goal.goal_id] = state.standing_id
        if goal.is_final:
            self.take_end(goal.goal_id)

    def _submitted(self, state: Standing, line: str, index: int, goal_id: str | None, sentence: str) -> None:
        self._book.change(
            state.standing_id,
            Change.SUBMITTED,
            clean_sentence(sentence),
            is_notice=goal_id is None,
            line=line,
            index=index,
            goal_id=goal_id,
        )

    def _take_up(self, state: Standing, line: str, index: int, text: str) -> None:
        """Make a goal of an order that was recorded before the coordinator stopped, unless it is one already."""
        known = {*self._open, *state.goal_ids}
        for event in self._book.goals_since(state):
            if event.goal_id is not None and event.goal_id not in known and event.data["goal"] == text:
                self._submitted(state, line, index, event.goal_id, f"Began {quoted(text)}.")
                return
        if self._clock.now() - (state.fired_at or 0.0) <= CATCH_UP_SECONDS:
            self._submit(state, line, index, text)
        else:
            why = "I was not running, and now it is late"
            self._submitted(state, line, index, None, f"{quoted(text)} was not begun: {why}.")


def devices_of(goal: GoalView) -> set[str]:
    """Return which devices had something to do for a goal."""
    return {subtask.device_id for subtask in goal.subtasks if subtask.device_id}
