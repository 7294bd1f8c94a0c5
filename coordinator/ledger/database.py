"""Where a site's ledger is, and how it is reached: a SQLite file, or a PostgreSQL that sites can share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from sqlalchemy import URL, Connection, Row, Select, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from protocol.errors import ErrorCode, InputError, OperatorError
from protocol.text import clean_sentence

DATABASE_NAME = "coordinator.sqlite3"
_BUSY_TIMEOUT_SECONDS = 5.0
_CONNECT_TIMEOUT_SECONDS = 5
# An owner whose host has vanished loses its session, and with it the site, after 5 + 3 x 2 seconds without a sign of
# life. Both ends ask: the server to free the site, the client to notice that the server has vanished.
_POSTGRESQL_ARGUMENTS: dict[str, Any] = {
    "connect_timeout": _CONNECT_TIMEOUT_SECONDS,
    "application_name": "parley-coordinator",
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "options": "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 -c lock_timeout=10s",
}


@dataclass(frozen=True, slots=True)
class LedgerAddress:
    """Where the ledger of one site is. Shown as text, it hides the password.

    Attributes:
        url: of the database.
        site: which of the sites in it.
    """

    url: URL
    site: str

    @classmethod
    def of_file(cls, path: Path, site: str) -> Self:
        """Return the address of a SQLite file."""
        return cls(URL.create("sqlite", database=str(path)), site)

    @classmethod
    def parse(cls, text: str, site: str) -> Self:
        """Read an address as people write it.

        Raises:
            InputError: it is none, or names another kind of database. What was written is not repeated, because a
                password may stand in it.
        """
        allowed = "postgresql://user:password@host:port/database or sqlite:///path/of/file"
        try:
            url = make_url(text)
        except (SQLAlchemyError, ValueError):
            raise InputError("ledger", "no address", allowed) from None
        match url.drivername:
            case "postgresql" | "postgres" | "postgresql+psycopg":
                return cls(url.set(drivername="postgresql+psycopg"), site)
            case "sqlite" if url.database and url.database != ":memory:":
                return cls(url, site)
        raise InputError("ledger", f"an address of {url.drivername}", allowed)

    @property
    def file(self) -> Path | None:
        """The file of a SQLite database, None for another."""
        return Path(self.url.database or "") if self.is_sqlite else None

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of SQLite."""
        return self.url.get_backend_name() == "sqlite"

    def __str__(self) -> str:
        return str(self.file) if self.is_sqlite else self.url.render_as_string(hide_password=True)


class Database:
    """Connections to a ledger's database, for any thread.

    Args:
        address: where it is; a file's folder is made when missing.
        is_synced: whether a commit of SQLite waits until the disk has it; only what no one relies on does without.

    Raises:
        OperatorError: the folder cannot be made.
    """

    def __init__(self, address: LedgerAddress, *, is_synced: bool = True) -> None:
        self.address = address
        if address.file is not None:
            try:
                address.file.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise OperatorError(
                    f"The state directory {address.file.parent} cannot be used: {error}.",
                    code=ErrorCode.INPUT_INVALID,
                    remedy="Check the folder's permissions or choose another with --state-dir.",
                ) from error
            self.engine = create_engine(address.url, connect_args={"timeout": _BUSY_TIMEOUT_SECONDS})
            _prepare_sqlite(self.engine, "FULL" if is_synced else "OFF")
            self._reading = self.engine.execution_options(is_reading=True)
        else:
            own = {
                name: value for name, value in _POSTGRESQL_ARGUMENTS.items() if name not in address.url.query
            }
            self.engine = create_engine(address.url, connect_args=own)
            self._reading = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    def read(self, statement: Select[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
        """Return what a query finds.

        Raises:
            OperatorError: the database cannot be read.
        """
        try:
            return self._read(statement)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise self.unusable(error) from error
        # The connection that was kept had broken, for example because the database was restarted.
        try:
            return self._read(statement)
        except DBAPIError as error:
            raise self.unusable(error) from error

    def _read(self, statement: Select[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
        with self._reading.connect() as connection:
            return connection.execute(statement).all()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Commit everything done inside together, or nothing of it. It is not fenced: not for what an owner writes.

        Raises:
            OperatorError: the database cannot be written.
        """
        try:
            with self.engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise self.unusable(error) from error

    def unusable(self, error: DBAPIError) -> OperatorError:
        """Say in one sentence why the database cannot be used, without its password."""
        reason = clean_sentence(str(error.orig)).rstrip(".")
        if self.address.is_sqlite:
            return OperatorError(
                f"The coordinator's state file {self.address} is unusable: {reason}.",
                remedy="Check the disk and the permissions. Restore it from a copy, or move it away to start afresh.",
            )
        return OperatorError(
            f"The ledger at {self.address} is unusable: {reason}.",
            remedy="Check --ledger and that PostgreSQL runs and lets this user in.",
        )

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _prepare_sqlite(engine: Any, synchronous: str) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _: object) -> None:
        # The driver's own idea of transactions is older than SQLite's: they are begun below instead.
        connection.isolation_level = None
        # WAL lets `parley enroll` write a token while the coordinator runs; FULL makes an accepted goal outlive a loss
        # of power, not only a crash.
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={synchronous}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        is_reading = connection.get_execution_options().get("is_reading", False)
        connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")
