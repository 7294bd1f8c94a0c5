"""How databases of other versions are taken: older ones with all they hold, newer ones not at all."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from coordinator.enrolment import Enrolment, issue_token
from coordinator.ledger import migrate
from coordinator.ledger.database import DATABASE_NAME, Database, LedgerAddress
from coordinator.ledger.events import EventKind
from coordinator.ledger.ledger import open_ledger
from coordinator.ledger.locks import FileLock
from coordinator.ledger.schema import HEAD, metadata
from protocol.errors import ErrorCode, InputError, OperatorError
from protocol.messages import EnrolmentRequest, Profile
from transport.clock import FakeClock, SystemClock

# What the coordinator wrote before it knew of migrations: the layout is a promise to those who have such a file.
LAYOUT_1 = """
CREATE TABLE settings (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, goal_id TEXT, kind TEXT NOT NULL, data TEXT NOT NULL
);
CREATE INDEX events_by_goal ON events (goal_id, seq);
CREATE INDEX events_by_kind ON events (kind, goal_id);
CREATE TABLE tokens (hash TEXT PRIMARY KEY, device_id TEXT, expires_at REAL NOT NULL, used_by TEXT);
CREATE TABLE enrolled (device_id TEXT PRIMARY KEY, token_hash TEXT, profile TEXT NOT NULL, at REAL NOT NULL);
INSERT INTO settings VALUES ('epoch', 2000000000);
INSERT INTO events VALUES (3, 1700000000.125, 'goal-1', 'goal_accepted', '{"goal": "Tür auf"}');
INSERT INTO events VALUES (7, 1700000001.5, NULL, 'emergency_stop', '{"engaged": true, "by": "Anna"}');
INSERT INTO tokens VALUES ('aa', 'robot-2', 1800000000.0, NULL);
INSERT INTO tokens VALUES ('bb', NULL, 1800000000.0, 'robot-1');
PRAGMA user_version=1;
"""
PROFILE = Profile(device_id="robot-1", title="One", kind="robot", description="A robot.", abilities=())


@pytest.fixture
def old_file(tmp_path: Path) -> LedgerAddress:
    address = LedgerAddress.of_file(tmp_path / DATABASE_NAME, "main")
    with closing(sqlite3.connect(str(address.file))) as connection:
        connection.executescript(LAYOUT_1)
        connection.execute(
            "INSERT INTO enrolled VALUES ('robot-1', 'bb', ?, 1700000000.0)", (PROFILE.model_dump_json(),)
        )
        connection.commit()
    return address


async def test_a_file_of_the_layout_before_migrations_keeps_all_it_holds(old_file: LedgerAddress) -> None:
    clock = FakeClock()
    async with open_ledger(old_file, clock) as ledger:
        assert ledger.epoch == 2_000_000_001
        (goal,) = ledger.of_goal("goal-1")
        assert (goal.seq, goal.at, goal.data) == (3, 1700000000.125, {"goal": "Tür auf"})
        (stop,) = ledger.of_kind(EventKind.EMERGENCY_STOP)
        assert (stop.seq, stop.data) == (7, {"engaged": True, "by": "Anna"})
        assert ledger.unfinished_goals() == ["goal-1"]
        assert ledger.append(EventKind.PROBLEM, {}).seq == 8
        enrolment = Enrolment(ledger, clock)
        assert enrolment.enrolled() == {"robot-1": PROFILE}
        assert {row[0] for row in ledger.read(metadata.tables["tokens"].select())} == {"main"}
    with closing(sqlite3.connect(str(old_file.file))) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] > 1, "old versions refuse the file"
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")}
        assert tables - {"sqlite_sequence"} == {*metadata.tables, "alembic_version"}


async def test_a_token_for_an_old_file_is_not_given_out_while_its_coordinator_runs(
    old_file: LedgerAddress,
) -> None:
    assert old_file.file is not None
    with FileLock.held(old_file.file), pytest.raises(OperatorError, match="older version") as refused:
        issue_token(old_file)
    assert refused.value.code is ErrorCode.BUSY
    token = issue_token(old_file)
    async with open_ledger(old_file, SystemClock()) as ledger:
        enrolment = Enrolment(ledger, SystemClock())
        request = EnrolmentRequest(
            request_id="r",
            device_id="robot-2",
            token=token,
            profile=PROFILE.model_copy(update={"device_id": "robot-2"}),
        )
        assert enrolment.decide(request).accepted


async def test_the_migrations_make_what_the_code_expects(ledger_address: LedgerAddress) -> None:
    with closing(Database(ledger_address)) as database:
        migrate.migrate(database, is_owner=False)
        migrate.migrate(database, is_owner=False)
        with database.engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    config = Config()
    config.set_main_option("script_location", str(migrate._MIGRATIONS))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


async def test_a_layout_of_a_newer_version_is_refused(ledger_address: LedgerAddress) -> None:
    with closing(Database(ledger_address)) as database:
        migrate.migrate(database, is_owner=False)

        def set_layout(number: str) -> None:
            with database.transaction() as connection:
                connection.execute(text("UPDATE alembic_version SET version_num=:number"), {"number": number})

        set_layout("9999")
        try:
            with pytest.raises(OperatorError, match="9999") as refused:
                async with open_ledger(ledger_address, SystemClock()):
                    pytest.fail("opened")
        finally:
            set_layout(HEAD)
    assert refused.value.code is ErrorCode.VERSION_UNSUPPORTED
    assert "newer version" in str(refused.value)


async def test_a_file_that_an_unknown_version_made_without_migrations_is_refused(tmp_path: Path) -> None:
    path = tmp_path / DATABASE_NAME
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=99")
    with pytest.raises(OperatorError, match="newer"):
        async with open_ledger(LedgerAddress.of_file(path, "main"), SystemClock()):
            pytest.fail("opened")


async def test_a_file_that_is_no_database_is_refused_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / DATABASE_NAME
    path.write_text("this is not a database, only text that is long enough to be looked at " * 10)
    with pytest.raises(OperatorError, match="Restore it"):
        async with open_ledger(LedgerAddress.of_file(path, "main"), SystemClock()):
            pytest.fail("opened")


async def test_a_password_is_shown_nowhere() -> None:
    address = LedgerAddress.parse("postgresql://anna:s3cret@127.0.0.1:1/none", "main")
    with pytest.raises(OperatorError) as refused:
        async with open_ledger(address, SystemClock()):
            pytest.fail("opened")
    assert "127.0.0.1" in str(refused.value)
    for shown in (str(address), repr(address), str(refused.value), repr(refused.value)):
        assert "s3cret" not in shown


@pytest.mark.parametrize(
    "wrong", ["", "s3cret", "mysql://a:s3cret@b/c", "sqlite://", "postgresql://a:b@c:s3cret/d"]
)
def test_an_address_that_cannot_be_used_is_refused_without_repeating_it(wrong: str) -> None:
    with pytest.raises(InputError, match="allowed: postgresql://") as refused:
        LedgerAddress.parse(wrong, "main")
    assert "s3cret" not in str(refused.value)
