"""The append-only log of everything that happened: what is durable in it survives a restart."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from pydantic_core import PydanticSerializationError, from_json, to_json
from sqlalchemy import Executable, Row, Select, func, select

from coordinator.ledger.database import Database, LedgerAddress
from coordinator.ledger.events import Event, EventKind, Observer
from coordinator.ledger.memory import Memory
from coordinator.ledger.migrate import migrate
from coordinator.ledger.owner import Owner
from coordinator.ledger.rows import EventRow
from coordinator.ledger.schema import events
from coordinator.ledger.writer import Committer, InlineWriter, ThreadWriter
from protocol.clock import Clock
from protocol.errors import ErrorCode, OperatorError

logger = logging.getLogger(__name__)

LostObserver = Callable[[OperatorError], None]

STANDBY_POLL_SECONDS = 0.2
_COLUMNS = (events.c.seq, events.c.at, events.c.goal_id, events.c.kind, events.c.data)


class Ledger:
    """Numbers events, writes them in batches, reads them back, and tells observers. Made by `open_ledger`.

    An event is visible here as soon as it is appended, and on disk once `durable` has returned: nothing that rests on it
    may leave the coordinator before. Used from one thread.

    Attributes:
        epoch: of this start; larger than any before it at this site.
        site: whose ledger it is.
        lost: set when nothing can be written any more. What was not durable is gone then, nothing may be promised, and
            the process has to end.
    """

    def __init__(
        self, database: Database, owner: Owner, clock: Clock, *, is_inline: bool, on_lost: LostObserver | None
    ) -> None:
        self.epoch = owner.epoch
        self.site = database.address.site
        self.lost = asyncio.Event()
        self._database = database
        self._clock = clock
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self._failure: OperatorError | None = None
        self._on_lost = on_lost
        self._observers: list[Observer] = []
        self._changes: dict[str | None, asyncio.Event] = {}
        # Events that may not be on disk yet, with the numbers that the writer gave them.
        self._pending: deque[tuple[int, Event]] = deque()
        self._memory = Memory()
        self._seq: int = self.read(select(func.max(events.c.seq)).where(self._here))[0][0] or 0
        for goal_id in self.unfinished_goals():
            self._memory.remember(goal_id, self._stored(events.c.goal_id == goal_id))
        self._last = 0
        self._committed = 0
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []
        committer = Committer(owner, database, clock)
        self._writer: InlineWriter | ThreadWriter
        if is_inline:
            self._writer = InlineWriter(committer, self._note_committed)
        else:
            self._writer = ThreadWriter(
                committer, self._soon(self._note_committed), self._soon(self._note_lost)
            )

    # Writing

    def append(self, kind: EventKind, data: dict[str, Any], *, goal_id: str | None = None) -> Event:
        """Number one event and show it to readers and observers; it is on disk when `durable` has returned.

        Raises:
            OperatorError: the ledger is lost.
        """
        self._refuse_when_lost()
        text = _as_text(data)
        # Read back, so that readers see the same before a restart as after it.
        event = Event(self._seq + 1, self._clock.now(), goal_id, kind, _from_text(text))
        self._seq = event.seq
        self._last = self._writer.put(EventRow(event.seq, event.at, goal_id, kind.value, text))
        self._pending.append((self._last, event))
        self._memory.add(event)
        for about in {None, goal_id}:
            if (changed := self._changes.pop(about, None)) is not None:
                changed.set()
        for observer in tuple(self._observers):
            try:
                observer(event)
            except Exception:  # an observer only watches: its defect must not stop the site
                logger.exception("An observer failed on %s", kind)
        return event

    def write(self, *statements: Executable) -> None:
        """Change other tables of the site, after what was appended before and before what is appended later.

        Args:
            statements: what to do; doing it twice must do no harm, because it is repeated when the database was away.

        Raises:
            OperatorError: the ledger is lost.
        """
        self._refuse_when_lost()
        for statement in statements:
            self._last = self._writer.put(statement)

    @property
    def position(self) -> int:
        """How far has been written, on disk or not: what rests on nothing newer may leave once this is `durable`."""
        return self._last

    async def durable(self, position: int | None = None) -> None:
        """Wait until everything appended before this call is on disk. Nothing leaves the coordinator before that.

        Args:
            position: wait no further than for what had been appended when `position` was this.

        Raises:
            OperatorError: it cannot be written; the ledger is lost.
        """
        self._refuse_when_lost()
        position = self._last if position is None else position
        if self._committed >= position:
            return
        try:
            self._writer.flush(position)
        except OperatorError as error:
            self._note_lost(error)
            raise
        if self._committed < position:
            written = self._loop.create_future()
            self._waiters.append((position, written))
            await written

    # Reading

    def of_goal(self, goal_id: str, *, after: int = 0) -> list[Event]:
        """Return a goal's events with a `seq` above `after`, oldest first."""
        kept = self._memory.of_goal(goal_id, after=after)
        if kept is not None:
            return kept
        pending = [event for _, event in self._pending if event.goal_id == goal_id and event.seq > after]
        stored = self._stored((events.c.goal_id == goal_id) & (events.c.seq > after))
        return _joined(stored, pending)

    def of_kind(self, kind: EventKind, *, limit: int = 100) -> list[Event]:
        """Return the newest events of one kind, oldest first."""
        pending = [event for _, event in self._pending if event.kind is kind]
        newest = (
            select(*_COLUMNS)
            .where(self._here, events.c.kind == kind.value)
            .order_by(events.c.seq.desc())
            .limit(limit)
        )
        stored = [_event(row) for row in reversed(self.read(newest))]
        return _joined(stored, pending)[-limit:]

    def unfinished_goals(
        self, *, begun: EventKind = EventKind.GOAL_ACCEPTED, ended: EventKind = EventKind.GOAL_ENDED
    ) -> list[str]:
        """Return what was begun and has not ended, by `goal_id`, oldest first: goals, or standing ones by their own kinds."""
        ids = select(events.c.goal_id).where(self._here)
        pending = [event for _, event in self._pending]
        open_ids = dict.fromkeys(
            row[0] for row in self.read(ids.where(events.c.kind == begun.value).order_by(events.c.seq))
        )
        open_ids.update(dict.fromkeys(event.goal_id for event in pending if event.kind is begun))
        ended_ids = {row[0] for row in self.read(ids.where(events.c.kind == ended.value))}
        ended_ids.update(event.goal_id for event in pending if event.kind is ended)
        return [goal_id for goal_id in open_ids if goal_id not in ended_ids]

    def cut_off_subtasks(self, *, limit: int) -> list[Event]:
        """Return the assignments, among the newest `limit`, of subtasks whose end was never recorded, oldest first."""
        assigned = self.of_kind(EventKind.SUBTASK_ASSIGNED, limit=limit)
        if not assigned:
            return []
        ends = (EventKind.SUBTASK_ENDED, EventKind.LATE_REPORT)
        # An end is recorded after the assignment, so that no older event can be one.
        since = (events.c.kind.in_([kind.value for kind in ends])) & (events.c.seq > assigned[0].seq)
        recorded = [*self._stored(since), *(event for _, event in self._pending if event.kind in ends)]
        ended = {(event.goal_id, event.data["subtask_id"]) for event in recorded}
        return [event for event in assigned if (event.goal_id, event.data["subtask_id"]) not in ended]

    def read(self, statement: Select[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
        """Return what a query finds on disk; for the tables besides the events.

        Raises:
            OperatorError: the database cannot be read.
        """
        return self._database.read(statement)

    @property
    def seq(self) -> int:
        """The number of the newest event."""
        return self._seq

    @property
    def lag(self) -> int:
        """How many events may not be on disk yet."""
        return len(self._pending)

    # Following

    def next_change(self, goal_id: str | None = None) -> asyncio.Event:
        """Return an event that is set at the next append, of one goal or at all. Ask before reading, wait after."""
        return self._changes.setdefault(goal_id, asyncio.Event())

    def observe(self, observer: Observer) -> Callable[[], None]:
        """Call `observer` for every event from now on; returns a function that ends it."""
        self._observers.append(observer)

        def stop() -> None:
            if observer in self._observers:
                self._observers.remove(observer)

        return stop

    # Ending

    def abandon(self) -> None:
        """Drop what is not on disk and let go of the site at once, as the death of the process would."""
        self._on_lost = None
        self._note_lost(OperatorError("The ledger was abandoned.", code=ErrorCode.INTERNAL))
        self._writer.abandon()
        self._owner.release()

    def close(self) -> None:
        """Write what is left, and let go of the site; closing twice does no harm."""
        if self._failure is None:
            try:
                self._writer.close()
            except OperatorError as error:
                self._note_lost(error)
        self._owner.release()

    # Inside

    @property
    def _here(self) -> Any:
        return events.c.site == self.site

    def _stored(self, which: Any) -> list[Event]:
        rows = self.read(select(*_COLUMNS).where(self._here, which).order_by(events.c.seq))
        return [_event(row) for row in rows]

    def _refuse_when_lost(self) -> None:
        if self._failure is not None:
            raise OperatorError(self._failure.message, code=self._failure.code, remedy=self._failure.remedy)

    def _note_committed(self, last: int) -> None:
        self._committed = last
        while self._pending and self._pending[0][0] <= last:
            self._pending.popleft()
        waiters, self._waiters = self._waiters, []
        for position, written in waiters:
            if position > last:
                self._waiters.append((position, written))
            elif not written.done():
                written.set_result(None)

    def _note_lost(self, failure: OperatorError) -> None:
        if self._failure is not None:
            return
        self._failure = failure
        self.lost.set()
        if self._on_lost is not None:
            self._on_lost(failure)
        waiters, self._waiters = self._waiters, []
        for _, written in waiters:
            if not written.done():
                written.set_exception(
                    OperatorError(failure.message, code=failure.code, remedy=failure.remedy)
                )

    def _soon(self, note: Callable[[Any], None]) -> Callable[[Any], None]:
        def call(value: Any) -> None:
            with suppress(RuntimeError):  # the loop has ended: nobody waits any more
                self._loop.call_soon_threadsafe(note, value)

        return call


@asynccontextmanager
async def open_ledger(
    address: LedgerAddress,
    clock: Clock,
    *,
    is_standby: bool = False,
    is_inline: bool = False,
    on_lost: LostObserver | None = None,
) -> AsyncIterator[Ledger]:
    """Take a site and open its ledger, with a new epoch.

    Args:
        address: where.
        clock: stamps the events.
        is_standby: wait for the site's owner to end, instead of giving up.
        on_lost: called once when nothing can be written any more.
        is_inline: commit in this thread and do not wait for the disk: for simulations, where time is not real.

    Raises:
        OperatorError: another coordinator owns the site (code `busy`), or the database cannot be used.
    """
    database = Database(address, is_synced=not is_inline)
    owner = Owner(database)
    try:
        if not await asyncio.to_thread(owner.acquire):
            if not is_standby:
                raise _owned_by_another(address)
            logger.info("Site %s has an owner. Standing by for its end.", address.site)
            await _until_acquired(owner, clock)
            logger.info("The owner of site %s has ended: taking over.", address.site)
        await asyncio.to_thread(_begin, database, owner, clock)
        ledger = Ledger(database, owner, clock, is_inline=is_inline, on_lost=on_lost)
        try:
            yield ledger
        finally:
            ledger.close()
    finally:
        owner.release()
        database.close()


async def _until_acquired(owner: Owner, clock: Clock) -> None:
    """Wait for the site, also while the database is away: whoever stands by outlives its restarts."""
    is_away = False
    while True:
        await clock.sleep(STANDBY_POLL_SECONDS)
        try:
            if await asyncio.to_thread(owner.acquire):
                return
        except OperatorError as error:
            if not is_away:
                logger.warning("Standing by: %s", error)
            is_away = True
        else:
            is_away = False


def _begin(database: Database, owner: Owner, clock: Clock) -> None:
    migrate(database, is_owner=True)
    owner.begin(clock.now())


def _owned_by_another(address: LedgerAddress) -> OperatorError:
    where = (
        f"the state directory {address.file.parent}" if address.file else f"site {address.site} in {address}"
    )
    return OperatorError(
        f"Another coordinator uses {where}.",
        code=ErrorCode.BUSY,
        remedy="Stop it, choose another directory with --state-dir, or wait for its end with --standby.",
    )


def _as_text(data: dict[str, Any]) -> str:
    try:
        return to_json(data, inf_nan_mode="constants").decode()
    except PydanticSerializationError:
        # Half a surrogate pair: no database takes it, and what happened must be written all the same.
        return json.dumps(data)


def _from_text(text: str) -> dict[str, Any]:
    try:
        data: dict[str, Any] = from_json(text)
    except ValueError:  # half a surrogate pair, which it does not know
        data = json.loads(text)
    return data


def _event(row: Row[*tuple[Any, ...]]) -> Event:
    seq, at, goal_id, kind, data = row
    return Event(seq, at, goal_id, EventKind(kind), _from_text(data))


def _joined(stored: list[Event], pending: list[Event]) -> list[Event]:
    """Return what is on disk and, after it, what may not be: an event can be in both."""
    newest = stored[-1].seq if stored else 0
    return [*stored, *(event for event in pending if event.seq > newest)]
