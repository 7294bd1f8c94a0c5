"""When a device that does not know a subtask proves that it never begins: a case that the protocol's model has found."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

from coordinator.allocator import Assignment
from coordinator.course import Course
from coordinator.exchange import Exchange, Ports, WaitingTimes
from protocol.messages import Subtask
from transport.clock import FakeClock

TIMEOUT_SECONDS = 60.0


def exchange(clock: FakeClock, asked: list[str]) -> Exchange:
    """Return an exchange whose polls are called poll-1, poll-2, …, in the order in which they were sent."""
    numbers = itertools.count(1)

    def poll(*_: Any, **__: Any) -> Any:
        asked.append(f"poll-{next(numbers)}")
        return SimpleNamespace(identity=asked[-1])

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
        messenger=MagicMock(poll=poll),
        ledger=MagicMock(),
        clock=clock,
        timers=MagicMock(),
        times=WaitingTimes(subtask_timeout_seconds=TIMEOUT_SECONDS),
        is_open_question=lambda *_: False,
    )
    made = Exchange(subtask, Assignment(0, 0, "Bring tote T7.", kind="robot"), Course("goal-1"), ports)
    made._begin()
    return made


async def test_an_answer_to_what_was_asked_before_the_time_was_over_proves_nothing(clock: FakeClock) -> None:
    asked: list[str] = []
    one = exchange(clock, asked)
    one._poll()
    # The device says that it does not know the order; then the order arrives, and then the answer, too late.
    await clock.advance(TIMEOUT_SECONDS)
    one.take_denial("poll-1")
    assert not one.is_over
    assert asked == ["poll-1", "poll-2"], "it is asked again"


async def test_an_answer_to_what_was_asked_afterwards_does(clock: FakeClock) -> None:
    asked: list[str] = []
    one = exchange(clock, asked)
    await clock.advance(TIMEOUT_SECONDS)
    one._poll()
    one.take_denial("poll-1")
    assert one.is_over
