"""Who may join: tokens used once, expiring, bound to a device; open enrolment only where configured."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from coordinator.enrolment import Decision, Enrolment, issue_token
from coordinator.ledger.database import DATABASE_NAME, LedgerAddress
from coordinator.ledger.events import EventKind
from coordinator.ledger.ledger import Ledger, open_ledger
from protocol.errors import ErrorCode, InputError
from protocol.messages import EnrolmentRequest, Profile
from tests.coordinator_fakes import CHECK_SHELVES, scripted, stage
from transport.clock import FakeClock


@pytest.fixture
def address(tmp_path: Path) -> LedgerAddress:
    return LedgerAddress.of_file(tmp_path / DATABASE_NAME, "test")


@pytest.fixture
async def ledger(address: LedgerAddress, clock: FakeClock) -> AsyncIterator[Ledger]:
    async with open_ledger(address, clock, is_inline=True) as opened:
        yield opened


def request(name: str, token: str | None, profile_name: str | None = None) -> EnrolmentRequest:
    profile = Profile(
        device_id=profile_name or name, title=name, kind="robot", description="A robot.", abilities=()
    )
    return EnrolmentRequest(request_id=f"{name}-joins", device_id=name, token=token, profile=profile)


async def test_a_token_lets_one_device_in_once(
    ledger: Ledger, address: LedgerAddress, clock: FakeClock
) -> None:
    enrolment = Enrolment(ledger, clock)
    token = issue_token(address, clock=clock)
    assert enrolment.decide(request("robot-1", token)).accepted
    second = enrolment.decide(request("robot-2", token))
    assert not second.accepted
    assert second.error_code is ErrorCode.ENROLMENT_REFUSED
    assert "used before" in second.sentence
    assert list(enrolment.enrolled()) == ["robot-1"]


async def test_the_same_request_delivered_twice_is_accepted_twice_even_after_expiry(
    ledger: Ledger, address: LedgerAddress, clock: FakeClock
) -> None:
    enrolment = Enrolment(ledger, clock)
    token = issue_token(address, ttl_seconds=10, clock=clock)
    assert enrolment.decide(request("robot-1", token)).accepted
    clock._elapsed = 100
    assert enrolment.decide(request("robot-1", token)).accepted


async def test_an_expired_token_is_refused(ledger: Ledger, address: LedgerAddress, clock: FakeClock) -> None:
    token = issue_token(address, ttl_seconds=10, clock=clock)
    clock._elapsed = 10
    decision = Enrolment(ledger, clock).decide(request("robot-1", token))
    assert decision == Decision(
        accepted=False,
        sentence="robot-1 is refused: its token has expired. Run `parley enroll` for a new token.",
    )


@pytest.mark.parametrize("token", ["", "guess", "x" * 128])
async def test_an_unknown_token_is_refused_also_where_enrolment_is_open(
    ledger: Ledger, address: LedgerAddress, clock: FakeClock, token: str
) -> None:
    decision = Enrolment(ledger, clock, is_open=True).decide(request("robot-1", token))
    assert not decision.accepted
    assert "unknown" in decision.sentence


async def test_a_token_for_another_device_is_refused_and_stays_good_for_that_one(
    ledger: Ledger, address: LedgerAddress, clock: FakeClock
) -> None:
    enrolment = Enrolment(ledger, clock)
    token = issue_token(address, "robot-7", clock=clock)
    assert not enrolment.decide(request("robot-1", token)).accepted
    assert enrolment.decide(request("robot-7", token)).accepted


async def test_without_a_token_only_an_open_site_lets_in(
    ledger: Ledger, address: LedgerAddress, clock: FakeClock
) -> None:
    closed = Enrolment(ledger, clock).decide(request("robot-1", None))
    assert "parley enroll" in closed.sentence
    assert not closed.accepted
    assert Enrolment(ledger, clock, is_open=True).decide(request("robot-1", None)).accepted


async def test_a_name_that_joined_with_a_token_cannot_be_taken_without_it(
    ledger: Ledger, address: LedgerAddress, clock: FakeClock
) -> None:
    enrolment = Enrolment(ledger, clock, is_open=True)
    assert enrolment.decide(request("robot-1", issue_token(address, clock=clock))).accepted
    assert not enrolment.decide(request("robot-1", None)).accepted


async def test_a_profile_of_another_device_is_refused(
    ledger: Ledger, address: LedgerAddress, clock: FakeClock
) -> None:
    decision = Enrolment(ledger, clock, is_open=True).decide(request("robot-1", None, "robot-2"))
    assert not decision.accepted
    assert "robot-2" in decision.sentence


def test_only_a_hash_of_the_token_is_on_disk(
    tmp_path: Path, address: LedgerAddress, clock: FakeClock
) -> None:
    token = issue_token(address, clock=clock)
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert token.encode() not in content


async def test_enrolled_devices_survive_a_restart(address: LedgerAddress, clock: FakeClock) -> None:
    async with open_ledger(address, clock, is_inline=True) as first:
        Enrolment(first, clock, is_open=True).decide(request("robot-1", None))
    async with open_ledger(address, clock, is_inline=True) as second:
        assert Enrolment(second, clock).enrolled()["robot-1"].kind == "robot"


@pytest.mark.parametrize(
    ("device", "seconds"), [("robot 1", 10.0), ("", 10.0), ("robot-1", 0.0), ("r", float("nan"))]
)
def test_tokens_are_not_issued_for_nonsense(tmp_path: Path, device: str, seconds: float) -> None:
    with pytest.raises(InputError):
        issue_token(LedgerAddress.of_file(tmp_path / DATABASE_NAME, "test"), device, seconds)


async def test_refusals_are_recorded_and_told_to_the_device(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, is_open=False) as scene:
        robot = await scene.join("robot-1")
        assert [reply.accepted for reply in robot.replies] == [False]
        assert robot.replies[0].error_code is ErrorCode.ENROLMENT_REFUSED
        recorded = scene.coordinator._ledger.of_kind(EventKind.ENROLMENT)
        assert [event.data["accepted"] for event in recorded] == [False]
        assert "no token" in recorded[0].data["sentence"]
        assert not scene.coordinator.devices()[0].is_available
        token = issue_token(LedgerAddress.of_file(tmp_path / DATABASE_NAME, "test"), "robot-2", clock=clock)
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
        token = issue_token(LedgerAddress.of_file(tmp_path / DATABASE_NAME, "test"), "robot-9", clock=clock)
        assert (await scene.join("robot-9", token=token)).replies[0].accepted
        recorded = scene.coordinator._ledger.of_kind(EventKind.ENROLMENT)
        assert [event.data["accepted"] for event in recorded] == [False, False, False, True]
        assert sum("further ones are not" in record.getMessage() for record in caplog.records) == 1
