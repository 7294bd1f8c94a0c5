"""Keeps where every open goal stands, and some of those that have ended, up to date with the ledger."""

from __future__ import annotations

import asyncio

from coordinator.goal_state import GoalState, begin, fold
from coordinator.ledger.events import Event, EventKind
from coordinator.ledger.ledger import Ledger

_KEPT_ENDED = 64


class GoalBook:
    """The states of goals: each event is taken in once, so that a look at a goal does not cost its whole history.

    Args:
        ledger: where goals are written down; watched from now on.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._states: dict[str, GoalState] = {}
        self._ended: dict[str, GoalState] = {}
        self._ends: dict[str, asyncio.Event] = {}
        ledger.observe(self._take)

    def find(self, goal_id: str) -> GoalState | None:
        """Return where a goal stands, read from the ledger where it is not at hand; None when there is no such goal."""
        state = self._states.get(goal_id) or self._ended.get(goal_id)
        if state is None and (state := fold(self._ledger.of_goal(goal_id))) is not None:
            self._keep(state)
        return state

    async def ended(self, goal_id: str) -> None:
        """Wait until a goal has ended; one that there is not has."""
        state = self.find(goal_id)
        if state is not None and not state.is_final:
            await self._ends.setdefault(goal_id, asyncio.Event()).wait()

    def _take(self, event: Event) -> None:
        goal_id = event.goal_id
        if goal_id is None:
            return
        if event.kind is EventKind.GOAL_ACCEPTED:
            self._states[goal_id] = begin(event)
        else:
            state = self._states.get(goal_id) or self._ended.get(goal_id)
            if state is not None:
                state.take(event)
                if state.is_final:
                    self._keep(state)

    def _keep(self, state: GoalState) -> None:
        if not state.is_final:
            self._states[state.goal_id] = state
            return
        if (ended := self._ends.pop(state.goal_id, None)) is not None:
            ended.set()
        self._states.pop(state.goal_id, None)
        self._ended.pop(state.goal_id, None)
        self._ended[state.goal_id] = state
        if len(self._ended) > _KEPT_ENDED:
            del self._ended[next(iter(self._ended))]
