"""An SQLite file that can be done without: whatever is wrong with it is said in the log and never stops anyone.

A file that is damaged, or of another version, is set aside and begun anew. Where the file is locked or cannot be written,
one statement, or everything until the next start, is done without it. Both are decided here and not by an operator,
because a device has none at hand and what is lost costs time only.
"""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

_BUSY_SECONDS = 0.5
_PARTS_OF_FILE = ("", "-wal", "-shm")
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class ArchiveFile:
    """Opens the file. Not safe for several threads at once; they may take turns.

    Args:
        path: where it lies; its directory is made when missing. None keeps everything in memory.
        schema: SQL that makes a new file's tables.
        version: of what is written.
    """

    def __init__(self, path: Path | None, schema: str, version: int) -> None:
        self._path = path
        self._schema = schema
        self._version = version
        self._connection = self._open()

    def run(self, statement: str, values: tuple[Any, ...] = ()) -> list[Any] | None:
        """Run one SQL statement and return its rows; None where it failed. What was done is on the disk then."""
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            if self._path is not None and _is_unfit(error):
                self._connection.close()
                self._connection = self._open()
            else:
                logger.warning("%s could not be used this time: %s", self._path, error)
            return None

    def close(self) -> None:
        """Close the file; every statement fails afterwards. May be called more than once."""
        self._connection.close()

    def _open(self) -> sqlite3.Connection:
        if self._path is None:
            return self._connect(":memory:")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                return self._connect(self._path)
            except sqlite3.DatabaseError as error:
                if not _is_unfit(error):
                    raise
                _set_aside(self._path, error)
                return self._connect(self._path)
        except (OSError, sqlite3.Error) as error:
            logger.warning(
                "%s cannot be used (%s), so what would be kept there is forgotten at the end of this run. "
                "Make it writable, and let no other program hold it.",
                self._path,
                error,
            )
            return self._connect(":memory:")

    def _connect(self, path: Path | str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            path, isolation_level=None, timeout=_BUSY_SECONDS, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            # What was deleted must not come back because the power was lost right behind it.
            connection.execute("PRAGMA synchronous=FULL")
            if not self._holds_ours(connection):
                connection.executescript(f"{self._schema}; PRAGMA user_version={self._version}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _holds_ours(self, connection: sqlite3.Connection) -> bool:
        """Tell a sound file of this version from one that is new; raises for any other."""
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise _UnfitError(found)
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables and version != self._version:
            raise _UnfitError(f"it is of version {version} and not {self._version}")
        return bool(tables)


class _UnfitError(sqlite3.DatabaseError):
    """The file can be opened, but what is in it cannot be used."""


def _is_unfit(error: sqlite3.Error) -> bool:
    # Extended codes have the plain one in their lowest byte.
    return isinstance(error, _UnfitError) or getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE


def _set_aside(path: Path, error: sqlite3.Error) -> None:
    aside = path.with_name(f"{path.name}.set-aside")
    logger.warning("%s cannot be used (%s): it is now %s, and a new one is begun.", path, error, aside)
    for part in _PARTS_OF_FILE:
        whole = path.with_name(path.name + part)
        if whole.exists():
            whole.replace(aside.with_name(aside.name + part))
