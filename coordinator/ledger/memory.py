"""The events of goals under way, kept so that following one does not ask the database again and again."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable

from coordinator.ledger.events import Event, EventKind

_ENDED_EVENTS = 20_000
"""How many events of goals that have ended are kept besides: people look at a goal right after its end."""


class Memory:
    """Events by goal: of all goals under way, and of those that ended last."""

    def __init__(self) -> None:
        self._open: dict[str, list[Event]] = {}
        self._ended: OrderedDict[str, list[Event]] = OrderedDict()
        self._ended_events = 0

    def remember(self, goal_id: str, events: Iterable[Event]) -> None:
        """Take in a goal under way with what is in the database."""
        self._open[goal_id] = list(events)

    def add(self, event: Event) -> None:
        """Take in a new event, if it is one of a goal."""
        goal_id = event.goal_id
        if goal_id is None:
            return
        if event.kind is EventKind.GOAL_ACCEPTED:
            self._open[goal_id] = [event]
        elif (open_ := self._open.get(goal_id)) is not None:
            open_.append(event)
            if event.kind is EventKind.GOAL_ENDED:
                self._end(goal_id)
        elif (ended := self._ended.get(goal_id)) is not None:
            ended.append(event)
            self._ended_events += 1

    def of_goal(self, goal_id: str, *, after: int) -> list[Event] | None:
        """Return a goal's events with a `seq` above `after`, oldest first; None where the goal is not kept."""
        events = self._open.get(goal_id)
        if events is None:
            events = self._ended.get(goal_id)
        if events is None:
            return None
        if not events or events[-1].seq <= after:
            return []
        return events[bisect_right(events, after, key=_seq) :]

    def _end(self, goal_id: str) -> None:
        events = self._ended[goal_id] = self._open.pop(goal_id)
        self._ended_events += len(events)
        while self._ended_events > _ENDED_EVENTS and len(self._ended) > 1:
            _, forgotten = self._ended.popitem(last=False)
            self._ended_events -= len(forgotten)


def _seq(event: Event) -> int:
    return event.seq
