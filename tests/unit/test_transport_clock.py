"""The fake clock moves only by hand, wakes in order, and `within` bounds a wait."""

import asyncio

import pytest

from transport.clock import FakeClock, SystemClock, within


async def test_sleepers_wake_in_order_of_deadline_then_arrival(clock: FakeClock) -> None:
    woken: list[tuple[str, float]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.monotonic()))

    tasks = [asyncio.create_task(sleeper(*pair)) for pair in (("c", 3), ("a", 1), ("b", 1), ("never", 9))]
    await clock.advance(5)
    assert woken == [("a", 1), ("b", 1), ("c", 3)]
    assert clock.monotonic() == 5
    assert clock.sleepers == 1
    tasks[-1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert clock.sleepers == 0


async def test_one_advance_wakes_someone_who_sleeps_again(clock: FakeClock) -> None:
    ticks: list[float] = []

    async def ticker() -> None:
        while True:
            await clock.sleep(1)
            ticks.append(clock.now())

    task = asyncio.create_task(ticker())
    start = clock.now()
    await clock.advance(3.5)
    assert ticks == [start + 1, start + 2, start + 3]
    task.cancel()


async def test_advance_until_stops_at_the_moment_and_gives_up_at_the_limit(clock: FakeClock) -> None:
    task = asyncio.create_task(clock.sleep(7))
    await clock.advance_until(task.done)
    assert clock.monotonic() == 7
    with pytest.raises(TimeoutError, match="10"):
        await clock.advance_until(lambda: False, limit_seconds=10)
    assert clock.monotonic() == 17


async def test_within_returns_the_result_in_time(clock: FakeClock) -> None:
    async def work() -> str:
        await clock.sleep(1)
        return "done"

    waiting = asyncio.create_task(within(clock, 2, work()))
    await clock.advance(1)
    assert await waiting == "done"
    assert clock.sleepers == 0


async def test_within_cancels_the_work_when_time_is_up(clock: FakeClock) -> None:
    cancelled = asyncio.Event()

    async def work() -> None:
        try:
            await clock.sleep(100)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    waiting = asyncio.create_task(within(clock, 2, work()))
    await clock.advance(2)
    with pytest.raises(TimeoutError):
        await waiting
    assert cancelled.is_set()


async def test_within_passes_an_outside_cancellation_on(clock: FakeClock) -> None:
    waiting = asyncio.create_task(within(clock, 2, clock.sleep(100)))
    await clock.settle()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert clock.sleepers == 0


async def test_within_lets_an_error_through() -> None:
    async def work() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await within(SystemClock(), 5, work())
