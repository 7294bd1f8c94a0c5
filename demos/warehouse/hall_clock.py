"""Real time that can be put forward, so that a hall's hours need not be waited for."""

from __future__ import annotations

import asyncio
import time


class HallClock:
    """The machine's own time, and what it was put forward by. Whoever waits for a moment that is leapt over wakes at once."""

    def __init__(self) -> None:
        self._ahead_seconds = 0.0
        self._leap = asyncio.Event()

    def now(self) -> float:
        """Return Unix time in seconds (UTC)."""
        return time.time() + self._ahead_seconds

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""
        return time.monotonic() + self._ahead_seconds

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds`, in real time or by leaps."""
        until = self.monotonic() + seconds
        while (left := until - self.monotonic()) > 0:
            try:
                async with asyncio.timeout(left):
                    await self._leap.wait()
            except TimeoutError:
                return
        await asyncio.sleep(0)

    def put_forward(self, seconds: float) -> None:
        """Let `seconds` pass at once.

        Raises:
            ValueError: they are negative.
        """
        if seconds < 0:
            raise ValueError(f"a clock goes forward only, not by {seconds} s")
        self._ahead_seconds += seconds
        self._leap.set()
        self._leap = asyncio.Event()
