"""How long a device is waited for: exactly its time-out, not counting the time in which it waited for a person."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.allocator import Assignment
from coordinator.course import Course
from coordinator.exchange import Exchange, Ports, WaitingTimes
from coordinator.ledger.database import LedgerAddress
from coordinator.ledger.ledger import open_ledger
from coordinator.messenger import Messenger
from coordinator.records import Outcome
from coordinator.timers import Timers
from coordinator.tracing import GoalTracer
from protocol.messages import Approval, Report, ReportStatus, Subtask
from protocol.topics import Topics
from transport.clock import FakeClock
from transport.in_process_broker import InProcessBroker
from transport.in_process_bus import InProcessBus

TIMEOUT_SECONDS = 60.0
# What a device says, and for how many seconds it says nothing else. A question stays open for 40 s.
STAYS = st.lists(
    st.tuples(
        st.sampled_from([ReportStatus.ONGOING, ReportStatus.PAUSED, ReportStatus.AWAITING_APPROVAL]),
        # Parts that add up exactly: a hair before a time-out is not told apart from it.
        st.integers(1, 100 * 128).map(lambda parts: parts / 128),
    ),
    max_size=8,
)
QUESTION_SECONDS = 40.0


def counted(status: ReportStatus, seconds: float) -> float:
    """How much of a stay counts against the time-out."""
    if status is ReportStatus.PAUSED:
        return 0.0
    return max(0.0, seconds - QUESTION_SECONDS) if status is ReportStatus.AWAITING_APPROVAL else seconds


def expected_end(stays: list[tuple[ReportStatus, float]]) -> float:
    """When the wait must be over, for a device that stays in its last state but never waits in it for ever."""
    now, used = 0.0, 0.0
    for status, seconds in stays:
        cost = counted(status, seconds)
        if used + cost >= TIMEOUT_SECONDS:
            return now + (seconds - cost) + (TIMEOUT_SECONDS - used)
        now, used = now + seconds, used + cost
    return now + TIMEOUT_SECONDS - used


async def wait_for_end(stays: list[tuple[ReportStatus, float]], folder: Path) -> tuple[float, Outcome]:
    clock = FakeClock()
    numbers = itertools.count()
    address = LedgerAddress.of_file(folder / "ledger.sqlite3", "test")
    async with (
        open_ledger(address, clock, is_inline=True) as ledger,
        InProcessBus(InProcessBroker(clock=clock), "coordinator", clock=clock) as bus,
    ):
        timers = Timers(clock)
        exchange = Exchange(
            Subtask(
                subtask_id="goal-1",
                goal_id="goal",
                device_id="robot-1",
                sentence="Go.",
                epoch=1,
                issued_at=clock.now(),
                timeout_seconds=TIMEOUT_SECONDS,
            ),
            Assignment(0, 0, "Go."),
            Course("goal"),
            Ports(
                messenger=Messenger(bus, Topics("test"), ledger, clock, GoalTracer(), epoch=1),
                ledger=ledger,
                clock=clock,
                timers=timers,
                times=WaitingTimes(subtask_timeout_seconds=TIMEOUT_SECONDS),
                is_open_question=lambda _approval, _device: True,
            ),
        )
        ticking = asyncio.create_task(timers.run())
        running = asyncio.ensure_future(exchange.run())
        ended_at: list[float] = []
        running.add_done_callback(lambda _: ended_at.append(clock.monotonic()))
        await clock.settle()
        # At the end the device works on, so that it does not wait for ever.
        for status, seconds in [*stays, (ReportStatus.ONGOING, TIMEOUT_SECONDS + 1)]:
            if running.done():
                break
            approval = Approval(
                approval_id=f"a-{next(numbers)}",
                question="May I?",
                expires_at=clock.now() + QUESTION_SECONDS,
            )
            report = Report(
                report_id=f"r-{next(numbers)}",
                device_id="robot-1",
                session=1,
                subtask_id="goal-1",
                status=status,
                sentence="So it is.",
                approval=approval if status is ReportStatus.AWAITING_APPROVAL else None,
                at=clock.now(),
            )
            exchange.take(report)
            await clock.advance(seconds)
        record = await running
        ticking.cancel()
    return ended_at[0], record.outcome


@settings(max_examples=60, deadline=None)
@given(STAYS)
def test_only_time_in_which_nobody_is_waited_for_counts(stays: list[tuple[ReportStatus, float]]) -> None:
    with TemporaryDirectory() as folder:
        ended_at, outcome = asyncio.run(wait_for_end(stays, Path(folder)))
    assert outcome is Outcome.SILENT
    assert abs(ended_at - expected_end(stays)) < 0.1
