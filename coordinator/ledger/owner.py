"""The owner of a site: holds its lock, has an epoch, and writes in transactions that fail once another owner began."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Executable, func, insert, select, update
from sqlalchemy.exc import DBAPIError, OperationalError

from coordinator.ledger.database import Database
from coordinator.ledger.locks import FileLock, SessionLock, SiteLock
from coordinator.ledger.rows import EventRow, insert_events
from coordinator.ledger.schema import events, settings
from protocol.errors import ErrorCode, OperatorError

_EPOCH = "epoch"
_SQLITE_BUSY = {5, 6}
_ERROR_CLASS = 0xFF


class LockTakenError(Exception):
    """The connection was lost and with it the lock, which someone else holds now, or our own dead session still."""


class Owner:
    """One process's hold on a site. Used by one thread at a time.

    Args:
        database: where the site's ledger is.
    """

    def __init__(self, database: Database) -> None:
        self.epoch = 0
        self._database = database
        self._site = database.address.site
        file = database.address.file
        self._lock: SiteLock = SessionLock(self._site) if file is None else FileLock(file)
        self._connection: Connection | None = None

    def acquire(self) -> bool:
        """Take the site where it is free, without waiting; returns whether it is held now.

        Raises:
            OperatorError: the database or its folder cannot be used.
        """
        try:
            self._connect()
        except LockTakenError:
            return False
        except DBAPIError as error:
            raise self._database.unusable(error) from error
        return True

    def begin(self, now: float) -> int:
        """Begin a new epoch: from now on nothing that was begun before can be written.

        It is larger than any before, and at least Unix time in whole seconds, so that it also grows when the state
        was lost.

        Args:
            now: Unix time in seconds.

        Raises:
            OperatorError: the database cannot be written.
        """
        mine = (settings.c.site == self._site) & (settings.c.name == _EPOCH)
        try:
            connection = self._connect()
            with connection.begin():
                before = connection.execute(select(settings.c.value).where(mine).with_for_update()).scalar()
                epoch = max(int(now), (before or 0) + 1)
                if before is None:
                    row = {"site": self._site, "name": _EPOCH, "value": epoch}
                    connection.execute(insert(settings).values(row))
                else:
                    connection.execute(update(settings).where(mine).values(value=epoch))
        except DBAPIError as error:
            raise self._database.unusable(error) from error
        self.epoch = epoch
        return epoch

    def write(self, rows: Sequence[EventRow], statements: Sequence[Executable], *, is_retry: bool) -> None:
        """Write events and whatever else together, or nothing of it.

        Args:
            rows: events.
            statements: further changes; doing them twice must do no harm.
            is_retry: whether a try before may have been committed all the same.

        Raises:
            OperatorError: the site has another owner by now (code `conflict`).
            DBAPIError: the database failed; see `is_passing`.
            LockTakenError: the lock was lost and cannot be taken again for now.
        """
        connection = self._connect()
        try:
            with connection.begin():
                self._check_epoch(connection)
                if is_retry:
                    newest = select(func.max(events.c.seq)).where(events.c.site == self._site)
                    written = connection.execute(newest).scalar() or 0
                    rows = [row for row in rows if row.seq > written]
                if rows:
                    insert_events(connection, self._site, rows)
                for statement in statements:
                    connection.execute(statement)
        except DBAPIError:
            self._disconnect()
            raise

    def is_passing(self, error: DBAPIError) -> bool:
        """Whether a failure may be over soon: a busy file, a database that is being restarted."""
        if self._database.address.is_sqlite:
            return getattr(error.orig, "sqlite_errorcode", 0) & _ERROR_CLASS in _SQLITE_BUSY
        return error.connection_invalidated or isinstance(error, OperationalError)

    def release(self) -> None:
        """Let go of the site."""
        self._disconnect()
        self._lock.release()

    def _check_epoch(self, connection: Connection) -> None:
        # The row is locked against the one who would begin a new epoch until this transaction has ended.
        statement = (
            select(settings.c.value)
            .where(settings.c.site == self._site, settings.c.name == _EPOCH)
            .with_for_update(read=True)
        )
        epoch = connection.execute(statement).scalar()
        if epoch != self.epoch:
            raise OperatorError(
                f"Another coordinator (epoch {epoch}) has taken over site {self._site} from this one (epoch {self.epoch}).",
                code=ErrorCode.CONFLICT,
                remedy="Nothing is lost: goals go on there. Start this one with --standby to have it wait.",
            )

    def _connect(self) -> Connection:
        if self._connection is None:
            connection = self._database.engine.connect()
            if not self._lock.take(connection):
                connection.close()
                raise LockTakenError
            self._connection = connection
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            # Never back into the pool: the lock of PostgreSQL lives as long as this very connection.
            connection.invalidate()
            connection.close()
