"""Calls back at given times: one task and one heap, however many timers there are."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import math
from collections.abc import Callable

from protocol.clock import Clock
from transport.clock import within

logger = logging.getLogger(__name__)

# Below this, what is left of a time is rounding.
INSTANT_SECONDS = 1e-3


class Timer:
    """One call that is to come."""

    __slots__ = ("callback",)

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        """Let it not come; without effect once it has."""
        self.callback = None


class Timers:
    """Calls back at given times, while `run` runs.

    Args:
        clock: time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._numbers = itertools.count()
        self._heap: list[tuple[float, int, Timer]] = []
        self._sleeps_until = math.inf
        self._earlier = asyncio.Event()

    def after(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Call `callback` in `seconds` from now."""
        timer = Timer(callback)
        due = self._clock.monotonic() + max(seconds, 0.0)
        heapq.heappush(self._heap, (due, next(self._numbers), timer))
        if due < self._sleeps_until:
            self._earlier.set()
        return timer

    async def run(self) -> None:
        """Call back whatever is due, until cancelled."""
        while True:
            self._earlier.clear()
            self._call_due()
            left = self._until_next()
            self._sleeps_until = self._clock.monotonic() + left
            try:
                await within(self._clock, left, self._earlier.wait())
            except TimeoutError:
                continue
            finally:
                self._sleeps_until = -math.inf

    def _call_due(self) -> None:
        while self._heap and self._heap[0][0] <= self._clock.monotonic() + INSTANT_SECONDS:
            _, _, timer = heapq.heappop(self._heap)
            callback, timer.callback = timer.callback, None
            if callback is not None:
                try:
                    callback()
                except Exception:  # one timer's defect must not stop the others
                    logger.exception("What was due could not be done.")

    def _until_next(self) -> float:
        while self._heap and self._heap[0][2].callback is None:
            heapq.heappop(self._heap)
        return self._heap[0][0] - self._clock.monotonic() if self._heap else math.inf
