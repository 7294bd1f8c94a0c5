"""Writes what is appended in batches, each one transaction: many events share the wait for the disk."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Executable
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from coordinator.ledger.database import Database
from coordinator.ledger.owner import LockTakenError, Owner
from coordinator.ledger.rows import EventRow
from protocol.clock import Clock
from protocol.errors import ErrorCode, OperatorError

logger = logging.getLogger(__name__)

RETRY_SECONDS = 10.0
"""How long a database that is away is waited for. Nothing leaves the coordinator meanwhile."""
_RETRY_PAUSE_SECONDS = 0.2
_LARGEST_BATCH = 2000
_WATCH_SECONDS = 1.0
_GATHERING_SECONDS = 0.02
"""How long what nobody waits for is gathered before it is committed: a transaction costs as much as dozens of events."""

Item = EventRow | Executable


@dataclass(frozen=True, slots=True)
class Batch:
    """What is committed together; `last` is the number of the newest item in it."""

    rows: Sequence[EventRow]
    statements: Sequence[Executable]
    last: int


class Committer:
    """Commits batches for an owner, and has patience with a database that is away for a moment.

    Args:
        owner: holds the site.
        database: for what its errors mean.
        clock: for how long to have patience.
    """

    def __init__(self, owner: Owner, database: Database, clock: Clock) -> None:
        self._owner = owner
        self._database = database
        self._clock = clock

    def commit(self, batch: Batch) -> None:
        """Commit one batch; an empty one finds out whether the site is still ours.

        Raises:
            OperatorError: it is not written and never will be.
        """
        give_up_at = self._clock.monotonic() + RETRY_SECONDS
        is_retry = False
        while True:
            try:
                self._owner.write(batch.rows, batch.statements, is_retry=is_retry)
            except LockTakenError:
                reason = "another coordinator holds the site"
                failure = OperatorError(
                    "The lock of this site was lost and could not be taken again.", code=ErrorCode.CONFLICT
                )
            except DBAPIError as error:
                failure = self._database.unusable(error)
                if not self._owner.is_passing(error):
                    raise failure from error
                reason = failure.message
            except SQLAlchemyError as error:
                raise OperatorError(
                    f"The ledger cannot be written: {error}.", code=ErrorCode.INTERNAL
                ) from error
            else:
                return
            if not is_retry:
                logger.warning("The ledger is waited for: %s", reason)
            is_retry = True
            if self._clock.monotonic() >= give_up_at:
                raise failure
            time.sleep(_RETRY_PAUSE_SECONDS)


class InlineWriter:
    """Commits in the caller's thread when asked to. For simulations on a clock of their own, which nothing real holds up."""

    def __init__(self, committer: Committer, committed: Callable[[int], None]) -> None:
        self._committer = committer
        self._committed = committed
        self._waiting: list[Item] = []
        self._last = 0

    def put(self, item: Item) -> int:
        """Take in one item and return its number."""
        self._waiting.append(item)
        self._last += 1
        return self._last

    def flush(self, position: int) -> None:  # noqa: ARG002 - all at once is no dearer
        """Commit everything.

        Args:
            position: number of the newest item that is waited for.

        Raises:
            OperatorError: it cannot be written.
        """
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self._committer.commit(_batch(waiting, self._last))
            self._committed(self._last)

    def close(self) -> None:
        """Commit what is left."""
        self.flush(self._last)

    def abandon(self) -> None:
        """Drop what is not committed."""
        self._waiting.clear()


class ThreadWriter:
    """Commits in a thread of its own: whatever has come while one batch was on its way makes up the next.

    Args:
        committer: does it.
        committed: called from the thread with the number of the newest item on disk.
        lost: called from the thread when nothing can be written any more.
    """

    def __init__(
        self, committer: Committer, committed: Callable[[int], None], lost: Callable[[OperatorError], None]
    ) -> None:
        self._committer = committer
        self._committed = committed
        self._lost = lost
        self._waiting: list[Item] = []
        self._last = 0
        self._taken = 0
        self._wanted = 0
        self._is_closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="ledger", daemon=True)
        self._thread.start()

    def put(self, item: Item) -> int:
        """Take in one item and return its number."""
        with self._changed:
            self._waiting.append(item)
            self._last += 1
            if len(self._waiting) == 1:
                self._changed.notify()
            return self._last

    def flush(self, position: int) -> None:
        """Have the thread commit the items up to this number without gathering more."""
        with self._changed:
            self._wanted = max(self._wanted, position)
            if self._is_wanted:
                self._changed.notify()

    def close(self) -> None:
        """Commit what is left, then end the thread."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join()

    def abandon(self) -> None:
        """Drop what the thread has not begun to commit."""
        with self._changed:
            self._waiting.clear()
        self.close()

    def _run(self) -> None:
        while (batch := self._next()) is not None:
            try:
                self._committer.commit(batch)
            except OperatorError as error:
                self._lost(error)
                return
            self._committed(batch.last)

    @property
    def _is_wanted(self) -> bool:
        """Whether somebody waits for what has not been taken, or for the end."""
        return self._wanted > self._taken or self._is_closing

    def _next(self) -> Batch | None:
        with self._changed:
            if not self._waiting and not self._is_closing:
                self._changed.wait(_WATCH_SECONDS)
            if self._waiting:
                self._changed.wait_for(lambda: self._is_wanted, _GATHERING_SECONDS)
            if not self._waiting and self._is_closing:
                return None
            # Empty where nothing came for a while: it only makes sure that the site is still ours.
            taken, self._waiting = self._waiting[:_LARGEST_BATCH], self._waiting[_LARGEST_BATCH:]
            self._taken = self._last - len(self._waiting)
            return _batch(taken, self._taken)


def _batch(items: Sequence[Item], last: int) -> Batch:
    rows = [item for item in items if isinstance(item, EventRow)]
    return Batch(rows, [item for item in items if not isinstance(item, EventRow)], last)
