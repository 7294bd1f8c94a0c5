"""A device does not know a subtask: that proves nothing, so its order is taken back before another device gets the work."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest

from coordinator.allocator import Assignment
from coordinator.course import Course, cancelled
from coordinator.exchange import Exchange, Ports, WaitingTimes
from coordinator.reassignment import is_safe_elsewhere
from coordinator.records import ExecutionRecord, Outcome
from coordinator.timers import Timers
from protocol.errors import ErrorCode
from protocol.messages import ControlCommand, Report, ReportStatus, Subtask
from transport.clock import FakeClock

TIMEOUT_SECONDS = 60.0
STOP_WAIT_SECONDS = 15.0


class Bench:
    """One exchange, begun, whose messages are noted: posts, polls, and orders with who gave them."""

    def __init__(self, clock: FakeClock) -> None:
        self.sent: list[tuple[str, ...]] = []
        subtask = Subtask(
            subtask_id="goal-1-1",
            goal_id="goal-1",
            device_id="robot-1",
            sentence="Bring tote T7.",
            epoch=1,
            issued_at=clock.now(),
            timeout_seconds=TIMEOUT_SECONDS,
        )
        ports = Ports(
            messenger=MagicMock(post=self._post, poll=self._poll, order=self._order),
            ledger=MagicMock(),
            clock=clock,
            timers=MagicMock(spec=Timers),
            times=WaitingTimes(subtask_timeout_seconds=TIMEOUT_SECONDS, stop_wait_seconds=STOP_WAIT_SECONDS),
            is_open_question=lambda *_: False,
        )
        self.timers: Any = ports.timers
        self.course = Course("goal-1")
        assignment = Assignment(0, 0, "Bring tote T7.", kind="robot")
        self.exchange = Exchange(subtask, assignment, self.course, ports)
        self.exchange._begin()
        self.sent.clear()

    def _post(self, *_: Any, **__: Any) -> Any:
        self.sent.append(("post",))
        return SimpleNamespace(is_wanted=False, cancel=lambda: None)

    def _poll(self, *_: Any, **__: Any) -> None:
        self.sent.append(("poll",))

    def _order(self, _: str, command: ControlCommand, *, by: str, subtask_id: str, **__: Any) -> None:
        self.sent.append((command.value, subtask_id, by))

    def hear(self, status: ReportStatus, *, has_begun: bool | None = None) -> None:
        """Have the device report."""
        code = ErrorCode.CANCELLED if status is ReportStatus.CANCELLED else None
        self.exchange.take(
            Report(
                report_id="report-1",
                device_id="robot-1",
                session=1,
                subtask_id="goal-1-1",
                status=status,
                sentence="So it is.",
                error_code=code,
                has_begun=has_begun,
                at=0.0,
            )
        )

    @property
    def record(self) -> ExecutionRecord:
        """What is known of the end."""
        return self.exchange._record(1.0)


@pytest.fixture
async def bench(clock: FakeClock) -> Bench:
    return Bench(clock)


@pytest.fixture
async def overdue(bench: Bench, clock: FakeClock) -> Bench:
    """Its time is over, and the device does not know it."""
    await clock.advance(TIMEOUT_SECONDS)
    bench.exchange.take_denial()
    return bench


async def test_within_its_time_it_is_sent_again(bench: Bench) -> None:
    bench.exchange.take_denial()
    assert bench.sent == [("post",)]


async def test_when_its_time_is_over_it_is_taken_back_once_and_what_comes_of_that_is_waited_for_a_little(
    overdue: Bench,
) -> None:
    bench = overdue
    bench.exchange.take_denial()
    assert bench.sent == [("cancel", "goal-1-1", "the coordinator")]
    assert not bench.exchange.is_over, "its clock may be behind, and its order on the way"
    seconds, what = bench.timers.after.call_args.args
    assert (seconds, what) == (STOP_WAIT_SECONDS, bench.exchange._end)
    set_before = bench.timers.after.call_count
    bench.hear(ReportStatus.ONGOING)
    bench.hear(ReportStatus.PAUSED)
    assert bench.timers.after.call_count == set_before, "nothing that it says prolongs the wait"
    assert not is_safe_elsewhere(bench.record)


@pytest.mark.parametrize(
    ("status", "has_begun", "outcome", "is_safe"),
    [
        (ReportStatus.CANCELLED, False, Outcome.SKIPPED, True),
        (ReportStatus.CANCELLED, True, Outcome.CANCELLED, False),
        (ReportStatus.CANCELLED, None, Outcome.CANCELLED, False),
        (ReportStatus.COMPLETED, None, Outcome.COMPLETED, False),
        (ReportStatus.FAILED, None, Outcome.FAILED, False),
    ],
)
async def test_only_what_the_device_itself_keeps_as_never_begun_goes_elsewhere(
    overdue: Bench, status: ReportStatus, has_begun: bool | None, outcome: Outcome, is_safe: bool
) -> None:
    bench = overdue
    bench.hear(status, has_begun=has_begun)
    assert bench.exchange.is_over
    assert (bench.record.outcome, is_safe_elsewhere(bench.record)) == (outcome, is_safe)


async def test_an_owner_that_did_not_take_it_back_itself_understands_what_came_of_that(bench: Bench) -> None:
    bench.hear(ReportStatus.CANCELLED, has_begun=False)
    assert bench.record.outcome is Outcome.SKIPPED


@pytest.mark.parametrize("whole_goal", [True, False])
async def test_what_a_person_cancelled_goes_nowhere(bench: Bench, whole_goal: bool) -> None:
    if whole_goal:
        bench.course.stop(cancelled("Ann"))
    else:
        bench.exchange.cancelled_by = "Ann"
    bench.hear(ReportStatus.CANCELLED, has_begun=False)
    assert bench.record.outcome is Outcome.CANCELLED
    assert bench.record.reason == "robot-1 was told to stop by Ann"


async def test_what_is_halted_is_not_taken_back_as_well(bench: Bench, clock: FakeClock) -> None:
    bench.course.stop(cancelled("Ann"))
    set_before = bench.timers.after.call_count
    await clock.advance(TIMEOUT_SECONDS)
    bench.exchange.take_denial()
    assert bench.sent == [("cancel", "goal-1-1", "Ann")]
    bench.hear(ReportStatus.PAUSED)
    assert bench.timers.after.call_count == set_before, "who pauses does not hold up the end of its goal"
