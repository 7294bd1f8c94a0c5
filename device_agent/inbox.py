"""The paper's queue of one: a newer subtask replaces one that has not started; the replaced one is handed back."""

from __future__ import annotations

import asyncio

from protocol.messages import Subtask


class Inbox:
    """Holds at most one subtask that waits for its turn."""

    def __init__(self) -> None:
        self._waiting: Subtask | None = None
        self._filled = asyncio.Event()

    @property
    def waiting(self) -> Subtask | None:
        """The subtask that has not started."""
        return self._waiting

    def put(self, subtask: Subtask) -> Subtask | None:
        """Queue a subtask; returns the one it replaces."""
        replaced, self._waiting = self._waiting, subtask
        self._filled.set()
        return replaced

    def remove(self, subtask_id: str | None = None) -> Subtask | None:
        """Take the waiting subtask out, if it is the one named, or whichever it is; it will not be run."""
        if self._waiting is None or subtask_id not in {None, self._waiting.subtask_id}:
            return None
        removed, self._waiting = self._waiting, None
        self._filled.clear()
        return removed

    async def take(self) -> Subtask:
        """Wait for a subtask and take it; from now on it counts as started."""
        while True:
            await self._filled.wait()
            taken = self.remove()
            if taken is not None:
                return taken
