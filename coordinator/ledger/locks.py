"""The locks by which one coordinator at a time holds a site: of a file, or of a session of PostgreSQL."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, Self

from sqlalchemy import Connection, text

from protocol.errors import ErrorCode, OperatorError

_LOCK_NAME = "coordinator.lock"


class SiteLock(Protocol):
    """Held by one process at a time; whoever dies has let go of it."""

    def take(self, connection: Connection, /) -> bool:
        """Take it where it is free, without waiting; returns whether it is held now."""
        ...

    def release(self) -> None:
        """Let go of it."""
        ...


class FileLock:
    """A lock on a file beside a SQLite database.

    Args:
        database: path of the database's file.
    """

    def __init__(self, database: Path) -> None:
        self._path = database.parent / _LOCK_NAME
        self._descriptor: int | None = None

    def take(self, _: Connection | None = None) -> bool:
        """Take it where it is free; it has nothing to do with a connection.

        Raises:
            OperatorError: the file cannot be made.
        """
        if self._descriptor is not None:
            return True
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise OperatorError(
                f"The state directory {self._path.parent} cannot be used: {error}.",
                code=ErrorCode.INPUT_INVALID,
                remedy="Choose another with --state-dir.",
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Let go of it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    @classmethod
    @contextmanager
    def held(cls, database: Path) -> Iterator[Self]:
        """Hold it for a while.

        Raises:
            OperatorError: a coordinator holds it.
        """
        lock = cls(database)
        if not lock.take():
            raise OperatorError(
                f"A coordinator of an older version uses {database}.",
                code=ErrorCode.BUSY,
                remedy="Stop it first: the file has to be brought to the layout of this version.",
            )
        try:
            yield lock
        finally:
            lock.release()


class SessionLock:
    """An advisory lock of PostgreSQL: it belongs to the connection that took it, and ends with it.

    Args:
        site: what it stands for.
    """

    def __init__(self, site: str) -> None:
        digest = hashlib.sha256(f"parley site {site}".encode()).digest()
        self._key = int.from_bytes(digest[:8], "big", signed=True)

    def take(self, connection: Connection) -> bool:
        """Take it where it is free, without waiting."""
        with connection.begin():
            return bool(
                connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": self._key}).scalar_one()
            )

    def release(self) -> None:
        """Nothing: closing the connection lets go of it."""
