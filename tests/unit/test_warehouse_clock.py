"""A hall's clock runs in real time and can be put forward."""

from __future__ import annotations

import asyncio

import pytest

from demos.warehouse.hall_clock import HallClock
from transport.clock import within


async def test_who_waits_for_a_moment_that_is_leapt_over_wakes_and_others_go_on_waiting() -> None:
    clock = HallClock()
    soon, late = asyncio.ensure_future(clock.sleep(3600)), asyncio.ensure_future(clock.sleep(90_000))
    await asyncio.sleep(0)
    before = clock.now()
    clock.put_forward(3601)
    await soon
    assert clock.now() >= before + 3601
    assert not late.done()
    clock.put_forward(90_000)
    await late


async def test_what_takes_too_long_by_a_leap_is_ended() -> None:
    clock = HallClock()
    waiting = asyncio.ensure_future(within(clock, 60, asyncio.Event().wait()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    clock.put_forward(61)
    with pytest.raises(TimeoutError):
        await waiting


async def test_nothing_is_waited_for_in_no_time_and_nobody_goes_back() -> None:
    clock = HallClock()
    await clock.sleep(0)
    await clock.sleep(1e-9)
    with pytest.raises(ValueError, match="forward only"):
        clock.put_forward(-1)
