"""Who may join: tokens used once, expiring, bound to a device; open enrolment only where configured."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from coordinator.enrolment import Decision, Enrolment, issue_token
from coordinator.ledger.events import EventKind
from coordinator.store import DATABASE_NAME, Store
from protocol.errors import ErrorCode, InputError, OperatorError
from protocol.messages import EnrolmentRequest, Profile
from tests.coordinator_fakes import CHECK_SHELVES, scripted, stage
from transport.clock import FakeClock


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / DATABASE_NAME) as opened:
        yield opened


def request(name: str, token: str | None, profile_name: str | None = None) -> EnrolmentRequest:
    profile = Profile(
        device_id=profile_name or name, title=name, kind="robot", description="A robot.", abilities=()
    )
    return EnrolmentRequest(request_id=f"{name}-joins", device_id=name, token=token, profile=profile)


def test_a_token_lets_one_device_in_once(store: Store, clock: FakeClock) -> None:
    enrolment = Enrolment(store, clock)
    token = issue_token(store.path, clock=clock)
    assert enrolment.decide(request("robot-1", token)).accepted
    second = enrolment.decide(request("robot-2", token))
    assert not second.accepted
    assert second.error_code is ErrorCode.ENROLMENT_REFUSED
    assert "used before" in second.sentence
    assert list(enrolment.enrolled()) == ["robot-1"]


def test_the_same_request_delivered_twice_is_accepted_twice_even_after_expiry(
    store: Store, clock: FakeClock
) -> None:
    enrolment = Enrolment(store, clock)
    token = issue_token(store.path, ttl_seconds=10, clock=clock)
    assert enrolment.decide(request("robot-1", token)).accepted
    clock._elapsed = 100
    assert enrolment.decide(request("robot-1", token)).accepted


def test_an_expired_token_is_refused(store: Store, clock: FakeClock) -> None:
    token = issue_token(store.path, ttl_seconds=10, clock=clock)
    clock._elapsed = 10
    decision = Enrolment(store, clock).decide(request("robot-1", token))
    assert decision == Decision(
        accepted=False,
        sentence="robot-1 is refused: its token has expired. Run `parley enroll` for a new token.",
    )


@pytest.mark.parametrize("token", ["", "guess", "x" * 128])
def test_an_unknown_token_is_refused_also_where_enrolment_is_open(
    store: Store, clock: FakeClock, token: str
) -> None:
    decision = Enrolment(store, clock, is_open=True).decide(request("robot-1", token))
    assert not decision.accepted
    assert "unknown" in decision.sentence


def test_a_token_for_another_device_is_refused_and_stays_good_for_that_one(
    store: Store, clock: FakeClock
) -> None:
    enrolment = Enrolment(store, clock)
    token = issue_token(store.path, "robot-7", clock=clock)
    assert not enrolment.decide(request("robot-1", token)).accepted
    assert enrolment.decide(request("robot-7", token)).accepted


def test_without_a_token_only_an_open_site_lets_in(store: Store, clock: FakeClock) -> None:
    closed = Enrolment(store, clock).decide(request("robot-1", None))
    assert "parley enroll" in closed.sentence
    assert not closed.accepted
    assert Enrolment(store, clock, is_open=True).decide(request("robot-1", None)).accepted


def test_a_name_that_joined_with_a_token_cannot_be_taken_without_it(store: Store, clock: FakeClock) -> None:
    enrolment = Enrolment(store, clock, is_open=True)
    assert enrolment.decide(request("robot-1", issue_token(store.path, clock=clock))).accepted
    assert not enrolment.decide(request("robot-1", None)).accepted


def test_a_profile_of_another_device_is_refused(store: Store, clock: FakeClock) -> None:
    decision = Enrolment(store, clock, is_open=True).decide(request("robot-1", None, "robot-2"))
    assert not decision.accepted
    assert "robot-2" in decision.sentence


def test_only_a_hash_of_the_token_is_on_disk(store: Store, clock: FakeClock) -> None:
    token = issue_token(store.path, clock=clock)
    store.close()
    content = b"".join(path.read_bytes() for path in store.path.parent.iterdir())
    assert token.encode() not in content


def test_enrolled_devices_survive_a_restart(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / DATABASE_NAME
    with Store(path) as first:
        Enrolment(first, clock, is_open=True).decide(request("robot-1", None))
    with Store(path) as second:
        assert Enrolment(second, clock).enrolled()["robot-1"].kind == "robot"


@pytest.mark.parametrize(
    ("device", "seconds"), [("robot 1", 10.0), ("", 10.0), ("robot-1", 0.0), ("r", float("nan"))]
)
def test_tokens_are_not_issued_for_nonsense(tmp_path: Path, device: str, seconds: float) -> None:
    with pytest.raises(InputError):
        issue_token(tmp_path / DATABASE_NAME, device, seconds)


async def test_refusals_are_recorded_and_told_to_the_device(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, is_open=False) as scene:
        robot = await scene.join("robot-1")
        assert [reply.accepted for reply in robot.replies] == [False]
        assert robot.replies[0].error_code is ErrorCode.ENROLMENT_REFUSED
        recorded = scene.coordinator._ledger.of_kind(EventKind.ENROLMENT)
        assert [event.data["accepted"] for event in recorded] == [False]
        assert "no token" in recorded[0].data["sentence"]
        assert not scene.coordinator.devices()[0].is_available
        token = issue_token(tmp_path / DATABASE_NAME, "robot-2", clock=clock)
        welcome = await scene.join("robot-2", token=token)
        assert welcome.replies[0].accepted
        assert scene.coordinator.devices()[1].is_available


async def test_a_flood_of_refusals_fills_neither_disk_nor_log(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("coordinator.intake._PROBLEM_LIMIT", 3)
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, is_open=False) as scene:
        for number in range(8):
            robot = await scene.join(f"robot-{number}")
            assert [reply.accepted for reply in robot.replies] == [False], "everyone is answered"
        token = issue_token(tmp_path / DATABASE_NAME, "robot-9", clock=clock)
        assert (await scene.join("robot-9", token=token)).replies[0].accepted
        recorded = scene.coordinator._ledger.of_kind(EventKind.ENROLMENT)
        assert [event.data["accepted"] for event in recorded] == [False, False, False, True]
        assert sum("further ones are not" in record.getMessage() for record in caplog.records) == 1


def test_epochs_grow_even_when_the_clock_goes_back(store: Store) -> None:
    assert store.next_epoch(1000.9) == 1000
    assert store.next_epoch(500.0) == 1001
    assert store.next_epoch(2000.0) == 2000


def test_a_file_that_is_no_database_is_refused_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / DATABASE_NAME
    path.write_text("this is not a database, only text that is long enough to be looked at " * 10)
    with pytest.raises(OperatorError, match="Restore it"):
        Store(path)


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / DATABASE_NAME
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(OperatorError, match="newer"):
        Store(path)
