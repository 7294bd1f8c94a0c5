"""Clocks: the machine's own, and one that tests move by hand."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from protocol.clock import Clock

T = TypeVar("T")
SETTLE_ROUNDS = 50


class SystemClock:
    """The machine's own time."""

    def now(self) -> float:
        """Return Unix time in seconds (UTC)."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` of real time."""
        await asyncio.sleep(seconds)


class FakeClock:
    """Time that moves only when told to.

    Sleepers wake in the order of their deadlines (first come, first served among equals), and each
    one gets to run until it waits again before the next is woken.

    Args:
        start: what `now()` returns at first, Unix seconds. `monotonic()` starts at 0.
    """

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self._start = start
        self._elapsed = 0.0
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> float:
        """Return the faked Unix time in seconds."""
        return self._start + self._elapsed

    def monotonic(self) -> float:
        """Return the seconds advanced so far."""
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has been advanced by `seconds`; zero or less only lets other tasks run."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._order), woken))
        await woken

    @property
    def sleepers(self) -> int:
        """How many tasks are asleep on this clock."""
        return sum(not woken.done() for _, _, woken in self._sleepers)

    async def advance(self, seconds: float) -> None:
        """Move time forward by `seconds`, waking everyone whose deadline passes, at exactly that deadline."""
        await self._run_to(self._elapsed + seconds, until=None)

    async def advance_until(self, reached: Callable[[], bool], *, limit_seconds: float = 3600.0) -> None:
        """Move time from deadline to deadline until `reached()` is true.

        Raises:
            TimeoutError: it was still false after `limit_seconds` of this clock's time.
        """
        await self._run_to(self._elapsed + limit_seconds, until=reached)
        if not reached():
            raise TimeoutError(f"not reached within {limit_seconds} s of fake time")

    async def settle(self) -> None:
        """Let every task that can run do so, without moving time."""
        for _ in range(SETTLE_ROUNDS):
            await asyncio.sleep(0)

    async def _run_to(self, target: float, *, until: Callable[[], bool] | None) -> None:
        await self.settle()
        while until is None or not until():
            while self._sleepers and self._sleepers[0][2].done():
                heapq.heappop(self._sleepers)
            if not self._sleepers or self._sleepers[0][0] > target:
                self._elapsed = target
                return
            deadline, _, woken = heapq.heappop(self._sleepers)
            self._elapsed = max(self._elapsed, deadline)
            woken.set_result(None)
            await self.settle()


async def within(clock: Clock, seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """Await `work` for at most `seconds` of `clock`; when time is up, or the caller is cancelled, so is it.

    Raises:
        TimeoutError: `work` had not finished in time.
    """
    if isinstance(clock, SystemClock):
        # The same without two tasks, which a bus that sends thousands of messages a second would notice.
        async with asyncio.timeout(None if math.isinf(seconds) else seconds):
            return await work
    task = asyncio.ensure_future(work)
    if math.isinf(seconds):
        timer = None
        waiting: set[asyncio.Future[Any]] = {task}
    else:
        timer = asyncio.ensure_future(clock.sleep(seconds))
        waiting = {task, timer}
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise TimeoutError(f"not finished within {seconds} s")
        return task.result()
    finally:
        await _end(task)
        if timer is not None:
            await _end(timer)


async def _end(task: asyncio.Future[Any]) -> None:
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
