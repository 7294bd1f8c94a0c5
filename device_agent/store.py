"""What an agent must not forget when it is restarted: its session number, the highest epoch, and every subtask's end.

One SQLite file in the agent's state directory. All writes are committed before the method returns. The agent owns the
directory through a lock of its own beside the file, so that others may read while it runs.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import ValidationError

from protocol.errors import ErrorCode, OperatorError
from protocol.messages import Report

FILE_NAME = "agent.sqlite3"
LOCK_NAME = "agent.lock"
KEY_NAME = "snapshot.key"
_KEPT_SUBTASKS = 10_000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS subtasks (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    subtask_id TEXT NOT NULL UNIQUE,
    final_report TEXT
);
CREATE TABLE IF NOT EXISTS runs (subtask_id TEXT PRIMARY KEY, sealed BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS decisions (
    approval_id TEXT PRIMARY KEY,
    subtask_id TEXT NOT NULL,
    question TEXT NOT NULL,
    decision TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    at REAL NOT NULL
);
"""


class AgentStore:
    """Opens the file and begins a new session.

    Args:
        state_directory: made when missing; belongs to one agent at a time.
        now: Unix seconds. A session's number is at least this, so that it also grows when the directory was lost;
            otherwise everyone would take the agent for an older one and not listen to it.

    Raises:
        OperatorError: the directory cannot be used, or another agent is using it.
    """

    def __init__(self, state_directory: Path, *, now: float = 0.0) -> None:
        path = state_directory / FILE_NAME
        self.directory = state_directory
        try:
            state_directory.mkdir(parents=True, exist_ok=True)
            self._lock = _take_lock(state_directory / LOCK_NAME)
        except OSError as error:
            raise _unusable(path, error) from error
        try:
            self._connection = sqlite3.connect(path, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.executescript(_SCHEMA)
            self.session = max(int(now), self._setting("session") + 1)
            self._set("session", self.session)
        except sqlite3.Error as error:
            os.close(self._lock)
            raise _unusable(path, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def epoch(self) -> int:
        """The highest epoch of a coordinator seen so far."""
        return self._setting("epoch")

    def see_epoch(self, epoch: int) -> bool:
        """Remember an epoch; returns False when a higher one has been seen, so that its sender has been replaced."""
        known = self.epoch
        if epoch > known:
            self._set("epoch", epoch)
        return epoch >= known

    def accept(self, subtask_id: str) -> bool:
        """Note that a subtask has been taken on; returns False when it was known before."""
        cursor = self._connection.execute(
            "INSERT OR IGNORE INTO subtasks (subtask_id) VALUES (?)", (subtask_id,)
        )
        return cursor.rowcount == 1

    def keep_run(self, subtask_id: str, sealed: bytes) -> None:
        """Keep what a run needs to go on after a loss of power, in place of what was kept before."""
        # Replacing the row would write its index anew as well, and twice as much would have to reach the disk.
        self._connection.execute(
            "INSERT INTO runs VALUES (?, ?) ON CONFLICT (subtask_id) DO UPDATE SET sealed=excluded.sealed",
            (subtask_id, sealed),
        )

    def kept_runs(self) -> list[tuple[str, bytes]]:
        """Return what is kept of the runs that have no end, oldest first."""
        rows = self._connection.execute(
            "SELECT runs.subtask_id, sealed FROM runs JOIN subtasks USING (subtask_id) "
            "WHERE final_report IS NULL ORDER BY number"
        )
        return [(subtask_id, bytes(sealed)) for subtask_id, sealed in rows]

    def record_decision(  # noqa: PLR0917 - one row of a table
        self, approval_id: str, subtask_id: str, question: str, decision: str, decided_by: str, at: float
    ) -> None:
        """Record for good who decided what about a dangerous program, and when (Unix seconds)."""
        self._connection.execute(
            "INSERT OR IGNORE INTO decisions VALUES (?, ?, ?, ?, ?, ?)",
            (approval_id, subtask_id, question, decision, decided_by, at),
        )

    def decision(self, approval_id: str) -> str | None:
        """Return what was decided about one question, None while it is open."""
        row = self._connection.execute(
            "SELECT decision FROM decisions WHERE approval_id=?", (approval_id,)
        ).fetchone()
        return str(row[0]) if row else None

    def decisions(self) -> list[tuple[str, str, str, str, float]]:
        """Return what people have decided: subtask, question, decision, who, and when."""
        rows = self._connection.execute(
            "SELECT subtask_id, question, decision, decided_by, at FROM decisions ORDER BY at"
        )
        return [tuple(row) for row in rows]

    def finish(self, report: Report) -> None:
        """Keep the final report of a subtask, known or not, in place of what was kept of its run."""
        if report.subtask_id is None or not report.status.is_final:
            raise ValueError("only final reports of subtasks are kept")
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._keep_report(report)
            self._connection.execute("DELETE FROM runs WHERE subtask_id=?", (report.subtask_id,))
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def _keep_report(self, report: Report) -> None:
        self._connection.execute(
            "INSERT INTO subtasks (subtask_id, final_report) VALUES (?, ?) "
            "ON CONFLICT (subtask_id) DO UPDATE SET final_report=excluded.final_report",
            (report.subtask_id, report.model_dump_json()),
        )
        self._connection.execute(
            "DELETE FROM subtasks WHERE final_report IS NOT NULL AND number <= "
            "(SELECT max(number) FROM subtasks) - ?",
            (_KEPT_SUBTASKS,),
        )

    def final_report(self, subtask_id: str) -> Report | None:
        """Return the final report of a subtask, None when there is none yet."""
        return self._report(
            self._connection.execute(
                "SELECT final_report FROM subtasks WHERE subtask_id=?", (subtask_id,)
            ).fetchone()
        )

    def last_final_report(self) -> Report | None:
        """Return the final report of the newest subtask that has ended."""
        return self._report(
            self._connection.execute(
                "SELECT final_report FROM subtasks WHERE final_report IS NOT NULL ORDER BY number DESC LIMIT 1"
            ).fetchone()
        )

    def unfinished(self) -> list[str]:
        """Return the subtasks that were taken on, have no end and were never begun, oldest first."""
        rows = self._connection.execute(
            "SELECT subtask_id FROM subtasks WHERE final_report IS NULL "
            "AND subtask_id NOT IN (SELECT subtask_id FROM runs) ORDER BY number"
        )
        return [subtask_id for (subtask_id,) in rows]

    def close(self) -> None:
        """Close the file. May be called more than once."""
        self._connection.close()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _setting(self, name: str) -> int:
        row = self._connection.execute("SELECT value FROM settings WHERE name=?", (name,)).fetchone()
        return int(row[0]) if row else 0

    def _set(self, name: str, value: int) -> None:
        self._connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))

    def _report(self, row: tuple[str | None] | None) -> Report | None:
        if row is None or row[0] is None:
            return None
        try:
            return Report.model_validate_json(row[0])
        except ValidationError as error:
            raise OperatorError(
                f"The agent's state holds a report that cannot be read: {error.errors(include_url=False)[0]['msg']}.",
                code=ErrorCode.INTERNAL,
                remedy=f"Remove the damaged file {FILE_NAME} from the state directory.",
            ) from error


def _take_lock(path: Path) -> int:
    """Hold the directory until the descriptor is closed: a second agent there would run everything twice."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if isinstance(error, BlockingIOError):
            raise OSError("another agent uses it") from error
        raise
    return descriptor


def _unusable(path: Path, error: Exception) -> OperatorError:
    return OperatorError(
        f"The agent's state in {path} cannot be used: {error}.",
        code=ErrorCode.INTERNAL,
        remedy="Give every agent a writable state directory of its own.",
    )
