"""Who may write: one owner at a time, the newer one for good, and nobody when the database is gone."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from benchmarks.postgresql import ManagedPostgresql
from coordinator.ledger.database import Database, LedgerAddress
from coordinator.ledger.events import EventKind
from coordinator.ledger.ledger import open_ledger
from coordinator.ledger.owner import Owner
from coordinator.ledger.rows import EventRow
from protocol.errors import ErrorCode, OperatorError
from transport.clock import SystemClock

OWN = """
import asyncio, sys
from coordinator.ledger.database import LedgerAddress
from coordinator.ledger.events import EventKind
from coordinator.ledger.ledger import open_ledger
from transport.clock import SystemClock

async def own():
    async with open_ledger(LedgerAddress.parse(sys.argv[1], sys.argv[2]), SystemClock()) as ledger:
        ledger.append(EventKind.PROBLEM, {"by": "the owner"})
        await ledger.durable()
        print(ledger.epoch, flush=True)
        await asyncio.Event().wait()

asyncio.run(own())
"""


@pytest.fixture
async def restarted() -> AsyncIterator[ManagedPostgresql]:
    """A PostgreSQL that a test may stop and kill."""
    async with ManagedPostgresql(is_synced=False) as managed:
        yield managed


async def test_the_standby_takes_over_when_the_owner_is_killed(ledger_address: LedgerAddress) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OWN, ledger_address.url.render_as_string(hide_password=False), ledger_address.site,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            epoch = int(await process.stdout.readline())
        clock = SystemClock()
        standby = open_ledger(ledger_address, clock, is_standby=True)
        waiting = asyncio.ensure_future(standby.__aenter__())
        await asyncio.wait({waiting}, timeout=0.5)
        assert not waiting.done(), "the owner lives"
        process.send_signal(signal.SIGKILL)
        async with asyncio.timeout(30):
            ledger = await waiting
        assert ledger.epoch > epoch
        assert [event.data for event in ledger.of_kind(EventKind.PROBLEM)] == [{"by": "the owner"}]
        await standby.__aexit__(None, None, None)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_the_older_owner_writes_nothing_once_a_newer_one_has_begun(
    ledger_address: LedgerAddress,
) -> None:
    async with open_ledger(ledger_address, SystemClock()) as older:
        older.append(EventKind.PROBLEM, {"by": "older"})
        await older.durable()
        # As if the lock had been lost without anyone noticing: only the epoch stands between them.
        older._owner._lock.release()
        database = Database(ledger_address)
        newer = Owner(database)
        if ledger_address.is_sqlite:
            assert newer.acquire()
        else:
            newer._connection = database.engine.connect()
        epoch = newer.begin(0)
        assert epoch == older.epoch + 1
        older.append(EventKind.PROBLEM, {"by": "older, too late"})
        with pytest.raises(OperatorError, match=f"epoch {epoch}") as refused:
            await older.durable()
        assert refused.value.code is ErrorCode.CONFLICT
        assert older.lost.is_set()
        with pytest.raises(OperatorError):
            older.append(EventKind.PROBLEM, {"by": "older, much too late"})
        newer.write([EventRow(2, 0.0, None, "problem", "{}")], [], is_retry=False)
        newer.release()
        database.close()
    async with open_ledger(ledger_address, SystemClock()) as ledger:
        assert [event.data for event in ledger.of_kind(EventKind.PROBLEM)] == [{"by": "older"}, {}]


async def test_an_idle_owner_learns_that_it_is_none_any_more(
    ledger_address: LedgerAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coordinator.ledger.writer._WATCH_SECONDS", 0.05)
    async with open_ledger(ledger_address, SystemClock()) as older:
        database = Database(ledger_address)
        newer = Owner(database)
        newer._connection = database.engine.connect()
        newer.begin(0)
        async with asyncio.timeout(5):
            await older.lost.wait()
        newer.release()
        database.close()


async def test_a_full_disk_ends_everything_and_what_was_durable_stays(tmp_path: Path, site: str) -> None:
    address = LedgerAddress.of_file(tmp_path / "ledger.sqlite3", site)
    kept = 0
    async with open_ledger(address, SystemClock()) as ledger:
        await ledger.durable()
        connection = ledger._owner._connection
        assert connection is not None
        with connection.begin():
            connection.exec_driver_sql("PRAGMA max_page_count=40")

        async def fill() -> None:
            nonlocal kept
            while True:
                ledger.append(EventKind.PROBLEM, {"text": "x" * 3000})
                await ledger.durable()
                kept += 1

        with pytest.raises(OperatorError, match="full") as refused:
            await fill()
        assert "Check the disk" in str(refused.value)
        assert ledger.lost.is_set()
        with pytest.raises(OperatorError, match="full"):
            await ledger.durable()
    async with open_ledger(address, SystemClock()) as ledger:
        assert kept
        assert len(ledger.of_kind(EventKind.PROBLEM, limit=1000)) == kept


async def test_a_restart_of_the_database_is_waited_for_and_nothing_is_lost_or_doubled(
    restarted: ManagedPostgresql, site: str
) -> None:
    address = LedgerAddress.parse(restarted.url, site)
    async with open_ledger(address, SystemClock()) as ledger:
        stopped = asyncio.Event()

        async def append() -> None:
            for number in range(400):
                ledger.append(EventKind.PROBLEM, {"number": number})
                await ledger.durable()
                if number == 100:
                    stopped.set()

        appending = asyncio.ensure_future(append())
        await stopped.wait()
        await restarted.kill()
        await restarted.start()
        async with asyncio.timeout(15):
            await appending
        numbers = [event.data["number"] for event in ledger.of_kind(EventKind.PROBLEM, limit=1000)]
        assert numbers == list(range(400))
        assert not ledger.lost.is_set()


async def test_after_a_restart_of_the_database_the_site_may_belong_to_another(
    restarted: ManagedPostgresql, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coordinator.ledger.writer._WATCH_SECONDS", 60.0)
    address = LedgerAddress.parse(restarted.url, site)
    async with open_ledger(address, SystemClock()) as older:
        await restarted.stop()
        await restarted.start()
        database = Database(address)
        newer = Owner(database)
        assert newer.acquire(), "the older one has not looked yet"
        newer.begin(0)
        older.append(EventKind.PROBLEM, {"by": "older"})
        newer.release()
        with pytest.raises(OperatorError) as refused:
            await older.durable()
        assert refused.value.code is ErrorCode.CONFLICT
        database.close()


async def test_a_database_that_stays_away_ends_the_ledger(
    restarted: ManagedPostgresql, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coordinator.ledger.writer.RETRY_SECONDS", 0.5)
    address = LedgerAddress.parse(restarted.url, site)
    async with open_ledger(address, SystemClock()) as ledger:
        await restarted.kill()
        ledger.append(EventKind.PROBLEM, {})
        with pytest.raises(OperatorError, match="unusable") as refused:
            await ledger.durable()
        assert "PostgreSQL runs" in str(refused.value)
        assert ledger.lost.is_set()
        with pytest.raises(OperatorError, match="unusable"):
            ledger.of_kind(EventKind.PROBLEM)
