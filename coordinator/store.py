"""The coordinator's SQLite file: its epoch, the event log, enrolment tokens and enrolled devices."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from protocol.errors import OperatorError

DATABASE_NAME = "coordinator.sqlite3"
_SCHEMA_VERSION = 1
_BUSY_TIMEOUT_SECONDS = 5.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    goal_id TEXT,
    kind TEXT NOT NULL,
    data TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS events_by_goal ON events (goal_id, seq);
CREATE INDEX IF NOT EXISTS events_by_kind ON events (kind, goal_id);
CREATE TABLE IF NOT EXISTS tokens (
    hash TEXT PRIMARY KEY,
    device_id TEXT,
    expires_at REAL NOT NULL,
    used_by TEXT
);
CREATE TABLE IF NOT EXISTS enrolled (
    device_id TEXT PRIMARY KEY,
    token_hash TEXT,
    profile TEXT NOT NULL,
    at REAL NOT NULL
);
"""


class Store:
    """One open connection to the file; used from one thread only.

    Args:
        path: the file; its folder is created when missing.

    Raises:
        OperatorError: the file cannot be opened, is no database, or was written by a newer version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_SECONDS, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise OperatorError(
                f"The coordinator's state file {path} cannot be opened: {error}.",
                remedy="Check the folder's permissions or choose another state directory.",
            ) from error
        try:
            self._prepare()
        except sqlite3.DatabaseError as error:
            self.connection.close()
            raise OperatorError(
                f"The coordinator's state file {path} is unusable: {error}.",
                remedy="Restore it from a copy, or move it away to start afresh.",
            ) from error

    def _prepare(self) -> None:
        # WAL lets `parley enroll` write a token while the coordinator runs; FULL makes an accepted goal outlive
        # a loss of power, not only a crash.
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=FULL")
        version = self.connection.execute("PRAGMA user_version").fetchone()[0]
        if version > _SCHEMA_VERSION:
            raise sqlite3.DatabaseError(f"its layout {version} is newer than {_SCHEMA_VERSION}, known here")
        self.connection.executescript(_SCHEMA)
        self.connection.execute(f"PRAGMA user_version={_SCHEMA_VERSION}")

    def next_epoch(self, now: float) -> int:
        """Return the epoch of this start, larger than any before it, and remember it.

        It is at least Unix time in whole seconds, so that it also grows when the state directory was lost.
        """
        row = self.connection.execute("SELECT value FROM settings WHERE name='epoch'").fetchone()
        epoch = max(int(now), (row[0] if row else 0) + 1)
        self.connection.execute("INSERT OR REPLACE INTO settings VALUES ('epoch', ?)", (epoch,))
        return epoch

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit everything done inside together, or nothing of it."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def close(self) -> None:
        """Close the connection; closing twice does no harm."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
