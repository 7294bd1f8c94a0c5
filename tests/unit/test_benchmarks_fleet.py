"""What the simulated devices of the fleet's measurement say is what the protocol allows."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from benchmarks.fleet_devices import answer, device_name, in_turn
from benchmarks.ledger import bare_rate
from protocol.messages import Report, ReportStatus, decode


def test_a_device_answers_a_subtask_with_a_final_report_and_a_poll_while_idle_with_that() -> None:
    done = decode(Report, answer(device_name(7), "goal-1-7", None, 1))
    assert (done.device_id, done.subtask_id, done.status) == (
        "robot-00007",
        "goal-1-7",
        ReportStatus.COMPLETED,
    )
    assert done.findings[0].value == 55
    idle = decode(Report, answer(device_name(7), None, "poll-1", 2))
    assert (idle.status, idle.subtask_id, idle.in_reply_to) == (ReportStatus.IDLE, None, "poll-1")


@pytest.mark.parametrize("at_once", [1, 3, 10])
async def test_everything_is_done_once_and_no_more_at_a_time_than_allowed(at_once: int) -> None:
    done: list[int] = []
    under_way = most = 0

    async def one(number: int) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        done.append(number)
        under_way -= 1

    await in_turn([partial(one, number) for number in range(8)], at_once)
    assert sorted(done) == list(range(8))
    assert most == min(at_once, 8)


def test_bare_sqlite_is_quicker_with_many_events_in_a_commit() -> None:
    assert bare_rate(100, 0.2) > bare_rate(1, 0.2)
