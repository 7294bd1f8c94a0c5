"""Whether a goal that is under way may go on: people pause it, cancel it, or stop the whole site."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from coordinator.goal_state import GoalStatus
from protocol.errors import ErrorCode

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Halt:
    """Why a goal ends before its work is done.

    Attributes:
        sentence: begins the answer.
        reason: why what was not begun was left out, a clause.
        silence: why the end of a subtask is not known where the device does not tell, a clause that follows its name.
        error_code: of the goal, and of what was left out.
        status: how the goal ends; None: by what was done.
        by: the person behind it.
        is_known_to_devices: they need not be told to stop.
    """

    sentence: str
    reason: str
    silence: str
    error_code: ErrorCode
    status: GoalStatus | None
    by: str
    is_known_to_devices: bool = False


def cancelled(by: str) -> Halt:
    """Return the halt of a goal that someone cancelled."""
    return Halt(
        sentence=f"{by} cancelled this goal.",
        reason="the goal was cancelled before",
        silence="was told to stop and did not say that it has",
        error_code=ErrorCode.CANCELLED,
        status=GoalStatus.CANCELLED,
        by=by,
    )


def emergency_stopped(by: str) -> Halt:
    """Return the halt of a goal during which someone engaged the emergency stop."""
    return Halt(
        sentence=f"{by} engaged the emergency stop before this goal had ended.",
        reason="the emergency stop was engaged before",
        silence="did not say whether the emergency stop has reached it",
        error_code=ErrorCode.EMERGENCY_STOPPED,
        status=None,
        by=by,
        is_known_to_devices=True,
    )


class HaltedError(Exception):
    """The goal was halted while something of it was awaited; raised and caught by the coordinator only."""


class Course:
    """One goal's way: open, paused, or halted for good.

    Args:
        goal_id: of the goal.
        priority: of goals that compete for a device, the one with the higher number comes first.

    Attributes:
        paused_by: who paused it; None while it may go on.
        halt: why it ends early; None while it does not.
        halted: set with `halt`.
    """

    def __init__(self, goal_id: str, *, priority: int = 0) -> None:
        self.goal_id = goal_id
        self.priority = priority
        self.paused_by: str | None = None
        self.halt: Halt | None = None
        self.halted = asyncio.Event()
        self._watchers: dict[str, Callable[[], None]] = {}

    def stop(self, halt: Halt) -> None:
        """End the goal early; the first reason stands."""
        if self.halt is None:
            self.halt = halt
            self.halted.set()
            for watcher in tuple(self._watchers.values()):
                watcher()

    def watch(self, name: str, watcher: Callable[[], None]) -> None:
        """Call `watcher` when the goal is halted, until `unwatch`."""
        self._watchers[name] = watcher

    def unwatch(self, name: str) -> None:
        """Call the watcher of this name no more."""
        self._watchers.pop(name, None)

    async def unless_halted(self, work: Coroutine[Any, Any, T]) -> T:
        """Await `work`, but no longer than until the goal is halted; then it is cancelled.

        Raises:
            HaltedError: the goal was halted first.
        """
        task = asyncio.ensure_future(work)
        halted = asyncio.ensure_future(self.halted.wait())
        waiting: set[asyncio.Future[Any]] = {task, halted}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise HaltedError
            return task.result()
        finally:
            for one in waiting:
                one.cancel()
            await asyncio.wait(waiting)
