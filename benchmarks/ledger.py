"""Measures how many events a second the ledger makes durable, against bare SQLite in the same run.

`python -m benchmarks.ledger` prints ratios first; `--json` prints everything for programs. "In flight" is how many
callers append and then wait for the disk at the same time: one each is a goal alone, a thousand a fleet that answers.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.postgresql import ManagedPostgresql
from coordinator.ledger.database import DATABASE_NAME, LedgerAddress
from coordinator.ledger.events import EventKind
from coordinator.ledger.ledger import open_ledger
from protocol.errors import OperatorError
from transport.clock import SystemClock

IN_FLIGHT = (1, 10, 100, 1000)
SECONDS = 3.0
# As large as the end of a subtask usually is.
DATA = {
    "subtask_id": "goal-0123456789ab-17",
    "device_id": "robot-17",
    "status": "completed",
    "sentence": "There is vacant space on shelf 3.",
    "findings": [{"what": "vacant space", "present": True, "value": None, "unit": None}],
    "visits": [{"state": "start", "seconds": 0.0002}, {"state": "end", "seconds": 0.0}],
    "model_calls": 1,
}
OWNER = """
import asyncio, sys
from coordinator.ledger.database import LedgerAddress
from coordinator.ledger.ledger import open_ledger
from transport.clock import SystemClock

async def own():
    async with open_ledger(LedgerAddress.parse(sys.argv[1], "main"), SystemClock()):
        print("mine", flush=True)
        await asyncio.Event().wait()

asyncio.run(own())
"""


async def ledger_rate(address: LedgerAddress, in_flight: int, seconds: float) -> float:
    """Return events a second, each appended by one of `in_flight` callers that waits until it is durable."""
    async with open_ledger(address, SystemClock()) as ledger:
        started = time.perf_counter()

        async def append() -> int:
            count = 0
            while time.perf_counter() - started < seconds:
                ledger.append(EventKind.REPORT, DATA, goal_id="goal-0123456789ab")
                await ledger.durable()
                count += 1
            return count

        counts = await asyncio.gather(*(append() for _ in range(in_flight)))
        return sum(counts) / (time.perf_counter() - started)


@contextmanager
def bare(folder: Path) -> Iterator[sqlite3.Connection]:
    """Open a file as the ledger does, with a table and indexes like its own."""
    with closing(sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(
            "CREATE TABLE events (site TEXT, seq INTEGER, at REAL, goal_id TEXT, kind TEXT, data TEXT, PRIMARY KEY (site, seq))"
        )
        connection.execute("CREATE INDEX by_goal ON events (site, goal_id, seq)")
        connection.execute("CREATE INDEX by_kind ON events (site, kind, seq)")
        yield connection


def bare_rate(batch: int, seconds: float) -> float:
    """Return events a second of SQLite alone: JSON text made, inserted, and committed with `batch` in a transaction."""
    with TemporaryDirectory() as folder, bare(Path(folder)) as connection:
        started, count = time.perf_counter(), 0
        while time.perf_counter() - started < seconds:
            rows = [
                ("main", count + number, time.time(), "goal-0123456789ab", "report", json.dumps(DATA))
                for number in range(batch)
            ]
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", rows)
            connection.execute("COMMIT")
            count += batch
        return count / (time.perf_counter() - started)


async def take_over_seconds(address: LedgerAddress) -> float:
    """Return how long after the death of its owner a site has a new one."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OWNER, address.url.render_as_string(hide_password=False), stdout=asyncio.subprocess.PIPE
    )  # fmt: skip
    assert process.stdout is not None  # noqa: S101 - a pipe was asked for
    await process.stdout.readline()
    standby = open_ledger(address, SystemClock(), is_standby=True)
    waiting = asyncio.ensure_future(standby.__aenter__())
    await asyncio.sleep(1)
    killed_at = time.perf_counter()
    process.send_signal(signal.SIGKILL)
    await waiting
    seconds = time.perf_counter() - killed_at
    await standby.__aexit__(None, None, None)
    await process.wait()
    return seconds


async def measure(seconds: float) -> dict[str, Any]:
    """Run everything; PostgreSQL where it is installed."""
    with TemporaryDirectory() as folder:
        file = LedgerAddress.of_file(Path(folder) / DATABASE_NAME, "main")
        result: dict[str, Any] = {
            "bare_sqlite_events_per_second": {str(batch): bare_rate(batch, seconds) for batch in IN_FLIGHT},
            "sqlite_events_per_second": {
                str(number): await ledger_rate(file, number, seconds) for number in IN_FLIGHT
            },
            "sqlite_take_over_seconds": await take_over_seconds(file),
        }
    try:
        async with ManagedPostgresql() as managed:
            address = LedgerAddress.parse(managed.url, "main")
            result["postgresql_events_per_second"] = {
                str(number): await ledger_rate(address, number, seconds) for number in IN_FLIGHT
            }
            result["postgresql_take_over_seconds"] = await take_over_seconds(address)
    except OperatorError as error:
        result["postgresql_problem"] = str(error)
    one = result["bare_sqlite_events_per_second"]
    result["ratios"] = {
        str(number): {
            "to_one_commit_each": result["sqlite_events_per_second"][str(number)] / one["1"],
            "to_one_commit_per_batch": result["sqlite_events_per_second"][str(number)] / one[str(number)],
        }
        for number in IN_FLIGHT
    }
    return result


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long each measurement takes")
    arguments = parser.parse_args()
    result = asyncio.run(measure(arguments.seconds))
    if arguments.json:
        print(json.dumps(result, indent=2))
        return
    print("SQLite ledger against bare SQLite      one commit each   one commit per batch")
    for number, ratios in result["ratios"].items():
        each, batch = ratios["to_one_commit_each"], ratios["to_one_commit_per_batch"]
        print(f"  {number:>4} in flight {each:29.2f} x {batch:18.2f} x")
    print("\nEvents a second               bare SQLite     ledger, SQLite   ledger, PostgreSQL")
    postgresql = result.get("postgresql_events_per_second", {})
    for number in result["ratios"]:
        bare_events, events = (
            result[name][number] for name in ("bare_sqlite_events_per_second", "sqlite_events_per_second")
        )
        print(
            f"  {number:>4} in flight {bare_events:24,.0f} {events:18,.0f} {postgresql.get(number, float('nan')):20,.0f}"
        )
    print(f"\nTake-over after kill -9: SQLite {result['sqlite_take_over_seconds']:.2f} s", end="")
    print(f", PostgreSQL {result.get('postgresql_take_over_seconds', float('nan')):.2f} s")
    if "postgresql_problem" in result:
        print(result["postgresql_problem"])


if __name__ == "__main__":
    main()
