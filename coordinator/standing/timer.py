"""One timer for all that waits for a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from protocol.clock import Clock
from transport.clock import within

LONGEST_NAP_SECONDS = 60.0
"""A machine's clock may be set while a nap is measured in elapsed time, so it is looked at again after this."""


class Timer:
    """Calls back at moments of the clock on the wall, one for each key.

    Args:
        clock: time.
        on_due: called with the key; its moment is forgotten before that.
    """

    def __init__(self, clock: Clock, on_due: Callable[[str], None]) -> None:
        self._clock = clock
        self._on_due = on_due
        self._moments: dict[str, float] = {}
        self._changed = asyncio.Event()

    def set(self, key: str, moment: float | None) -> None:
        """Call back for `key` at a moment (Unix seconds) instead of the one before; None for never."""
        if moment is None:
            self._moments.pop(key, None)
        elif self._moments.get(key) != moment:
            self._moments[key] = moment
            self._changed.set()

    async def run(self) -> None:
        """Keep time until cancelled."""
        while True:
            self._changed.clear()
            now = self._clock.now()
            for key in [key for key, moment in self._moments.items() if moment <= now]:
                del self._moments[key]
                self._on_due(key)
            if self._changed.is_set():
                continue
            earliest = min(self._moments.values(), default=None)
            if earliest is None:
                await self._changed.wait()
                continue
            nap = min(LONGEST_NAP_SECONDS, max(0.0, earliest - self._clock.now()))
            try:
                await within(self._clock, nap, self._wait())
            except TimeoutError:
                continue

    async def _wait(self) -> None:
        await self._changed.wait()
