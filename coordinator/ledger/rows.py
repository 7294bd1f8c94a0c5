"""Puts many events into the database in few statements.

One statement a row would be simpler, and slow where it matters: the writer's thread gives the interpreter away at each
statement, and while the coordinator is busy it waits for up to 5 ms to get it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import NamedTuple

from sqlalchemy import Connection, text

_COLUMNS = "site, seq, at, goal_id, kind, data"
_CHUNK_ROWS = (256, 16, 1)
"""How many rows one statement of SQLite holds: few sizes, so that each is prepared once."""
_INTO_POSTGRESQL = text(
    f"INSERT INTO events ({_COLUMNS}) SELECT :site, * FROM unnest(CAST(:seqs AS bigint[]), CAST(:times AS float8[]), "  # noqa: S608
    "CAST(:goal_ids AS text[]), CAST(:kinds AS text[]), CAST(:texts AS text[]))"
)


class EventRow(NamedTuple):
    """An event as it is stored, without its site."""

    seq: int
    at: float
    goal_id: str | None
    kind: str
    data: str


def insert_events(connection: Connection, site: str, rows: Sequence[EventRow]) -> None:
    """Put events of one site into the database, in the transaction that is open."""
    if connection.dialect.name == "sqlite":
        begin = 0
        while begin < len(rows):
            size = next(size for size in _CHUNK_ROWS if size <= len(rows) - begin)
            chunk = rows[begin : begin + size]
            connection.exec_driver_sql(
                _into_sqlite(size), tuple(chain.from_iterable((site, *row) for row in chunk))
            )
            begin += size
        return
    seqs, times, goal_ids, kinds, texts = (list(column) for column in zip(*rows, strict=True))
    connection.execute(
        _INTO_POSTGRESQL,
        {"site": site, "seqs": seqs, "times": times, "goal_ids": goal_ids, "kinds": kinds, "texts": texts},
    )


@cache
def _into_sqlite(rows: int) -> str:
    return f"INSERT INTO events ({_COLUMNS}) VALUES {', '.join(['(?, ?, ?, ?, ?, ?)'] * rows)}"  # noqa: S608
