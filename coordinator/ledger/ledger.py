"""The append-only log of everything that happened, in SQLite: what is in it survives a restart."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

from coordinator.ledger.events import Event, EventKind, Observer
from coordinator.store import Store
from protocol.clock import Clock

logger = logging.getLogger(__name__)


class Ledger:
    """Appends events durably, reads them back, and tells observers.

    Args:
        store: the file.
        clock: stamps the events.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._observers: list[Observer] = []
        self._changed = asyncio.Event()

    def append(self, kind: EventKind, data: dict[str, Any], *, goal_id: str | None = None) -> Event:
        """Write one event; when this returns it is on disk."""
        at = self._clock.now()
        cursor = self._store.connection.execute(
            "INSERT INTO events (at, goal_id, kind, data) VALUES (?, ?, ?, ?)",
            (at, goal_id, kind.value, json.dumps(data, ensure_ascii=False)),
        )
        event = Event(cursor.lastrowid or 0, at, goal_id, kind, data)
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
        for observer in tuple(self._observers):
            try:
                observer(event)
            except Exception:  # an observer only watches: its defect must not stop the site
                logger.exception("An observer failed on %s", kind)
        return event

    async def durable(self) -> None:
        """Wait until everything appended before this call is on disk. Nothing leaves the coordinator before that."""

    def of_goal(self, goal_id: str, *, after: int = 0) -> list[Event]:
        """Return a goal's events with a `seq` above `after`, oldest first."""
        rows = self._store.connection.execute(
            "SELECT seq, at, goal_id, kind, data FROM events WHERE goal_id=? AND seq>? ORDER BY seq",
            (goal_id, after),
        )
        return [_event(row) for row in rows]

    def of_kind(self, kind: EventKind, *, limit: int = 100) -> list[Event]:
        """Return the newest events of one kind, oldest first."""
        rows = self._store.connection.execute(
            "SELECT seq, at, goal_id, kind, data FROM events WHERE kind=? ORDER BY seq DESC LIMIT ?",
            (kind.value, limit),
        ).fetchall()
        return [_event(row) for row in reversed(rows)]

    def unfinished_goals(self) -> list[str]:
        """Return the goals that were accepted and have not ended, oldest first."""
        rows = self._store.connection.execute(
            "SELECT goal_id FROM events WHERE kind=? AND goal_id NOT IN (SELECT goal_id FROM events WHERE kind=?)"
            " ORDER BY seq",
            (EventKind.GOAL_ACCEPTED.value, EventKind.GOAL_ENDED.value),
        )
        return [row[0] for row in rows]

    def cut_off_subtasks(self, *, limit: int) -> list[Event]:
        """Return the assignments, among the newest `limit`, of subtasks whose end was never recorded, oldest first."""
        rows = self._store.connection.execute(
            "SELECT * FROM (SELECT seq, at, goal_id, kind, data FROM events WHERE kind=? ORDER BY seq DESC LIMIT ?) AS one"
            " WHERE NOT EXISTS (SELECT 1 FROM events AS other WHERE other.kind IN (?, ?) AND other.goal_id=one.goal_id"
            " AND json_extract(other.data, '$.subtask_id')=json_extract(one.data, '$.subtask_id')) ORDER BY seq",
            (
                EventKind.SUBTASK_ASSIGNED.value,
                limit,
                EventKind.SUBTASK_ENDED.value,
                EventKind.LATE_REPORT.value,
            ),
        )
        return [_event(row) for row in rows]

    def next_change(self) -> asyncio.Event:
        """Return an event that is set at the next append. Ask before reading, wait after."""
        return self._changed

    def observe(self, observer: Observer) -> Callable[[], None]:
        """Call `observer` for every event from now on; returns a function that ends it."""
        self._observers.append(observer)

        def stop() -> None:
            if observer in self._observers:
                self._observers.remove(observer)

        return stop


def _event(row: tuple[int, float, str | None, str, str]) -> Event:
    seq, at, goal_id, kind, data = row
    return Event(seq, at, goal_id, EventKind(kind), json.loads(data))
