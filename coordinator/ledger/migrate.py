"""Brings a database to the layout that this version knows, when it is opened."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from coordinator.ledger.database import Database
from coordinator.ledger.locks import FileLock
from coordinator.ledger.schema import HEAD
from protocol.errors import ErrorCode, OperatorError

_MIGRATIONS = Path(__file__).parent / "migrations"
_LAYOUT_BEFORE_ALEMBIC = 1
# The same in every version: it lets one process at a time look at the layout and change it.
_LOCK_KEY = int.from_bytes(hashlib.sha256(b"parley ledger migrations").digest()[:8], "big", signed=True)


def migrate(database: Database, *, is_owner: bool) -> None:
    """Make the tables, or bring them up to date; what they hold is kept.

    Args:
        database: where.
        is_owner: whether the caller holds the site. An older layout of a file is not changed under a coordinator that
            works with it.

    Raises:
        OperatorError: the database cannot be used, a newer version made it, or an older one works with it.
    """
    with database.transaction() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
        found = _revision(connection)
        if found == HEAD:
            return
        _refuse_newer(database, found)
        file = database.address.file
        if found is not None and file is not None and not is_owner:
            with FileLock.held(file):
                _upgrade(connection, database.address.site)
        else:
            _upgrade(connection, database.address.site)


def _revision(connection: Connection) -> str | None:
    """Return the layout that the database has: a migration's number, `before` for one from before them, None when empty."""
    if inspect(connection).has_table("alembic_version"):
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())
    if connection.dialect.name == "sqlite":
        number = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
        if number > _LAYOUT_BEFORE_ALEMBIC:
            return f"layout {number}"
        return "before" if number else None
    return None


def _refuse_newer(database: Database, found: str | None) -> None:
    if found is None or found == "before":
        return
    if found.isdecimal() and found < HEAD:
        return
    raise OperatorError(
        f"The ledger at {database.address} was made by a newer version of Parley: its layout is {found}, and {HEAD} "
        "is the newest known here.",
        code=ErrorCode.VERSION_UNSUPPORTED,
        remedy="Run the version that made it, or a newer one.",
    )


def _upgrade(connection: Connection, site: str) -> None:
    # Half a second of imports that only a new or old database needs.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["site"] = site
    command.upgrade(config, "head")
