"""What every device is to do of one step, and who could take a share of it while it is under way."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from coordinator.allocator import Assignment, Fleet
from coordinator.dispatch import Hold
from coordinator.goal_state import CANCELLED
from coordinator.ledger.events import Event, EventKind
from coordinator.ledger.ledger import Ledger

_BEGUN_AT_ONCE = 32


class Wave:
    """The queues of all devices, each worked off by a task of its own.

    Args:
        tasks: where that is done.
        fleet: returns who can be had.
        work: works one device's queue off.

    Attributes:
        queues: what waits for each device; a device without work has none.
        holds: what each device has been given, or waits for.
        left: what could not be done by the device chosen.
        urgent: what the next device that can do it is to do, before what waits for that one.
        is_over: set when no device has work any more.
    """

    def __init__(
        self,
        tasks: asyncio.TaskGroup,
        fleet: Callable[[], Fleet],
        work: Callable[[str, Wave], Coroutine[Any, Any, None]],
    ) -> None:
        self.queues: dict[str, deque[Assignment]] = {}
        self.holds: dict[str, tuple[Assignment, Hold]] = {}
        self.left: list[Assignment] = []
        self.urgent: list[Assignment] = []
        self.is_over = asyncio.Event()
        self.fleet = fleet
        self._tasks = tasks
        self._work = work
        self._unbegun: deque[str] = deque()
        self._is_beginning = False

    def give(self, assignments: Sequence[Assignment]) -> None:
        """Add assignments to the queues of their devices, in the order of their turns; those without a device are left."""
        self.left.extend(one for one in assignments if one.device_id is None)
        for one in sorted(assignments, key=lambda one: one.turn):
            if one.device_id is None:
                continue
            if one.device_id in self.queues:
                self.queues[one.device_id].append(one)
            else:
                self.queues[one.device_id] = deque([one])
                self._unbegun.append(one.device_id)
        if self._unbegun and not self._is_beginning:
            self._is_beginning = True
            self._tasks.create_task(self._begin())
        if not self.queues:
            self.is_over.set()

    def movable(self) -> list[Assignment]:
        """Return what any device of its kind could still do: it waits, and was not begun."""
        held = [one for one, hold in self.holds.values() if not hold.is_begun and not hold.is_withdrawn]
        waiting = [*held, *(one for queue in self.queues.values() for one in queue)]
        return sorted((one for one in waiting if not one.is_bound), key=lambda one: one.index)

    def take_back(self, assignments: Sequence[Assignment], withdraw: Callable[[str, Hold], None]) -> None:
        """Take waiting assignments out of all queues.

        Args:
            assignments: some of `movable`.
            withdraw: takes back what a device has been given and has not begun.
        """
        taken = {one.index for one in assignments}
        for device_id, queue in self.queues.items():
            kept = [one for one in queue if one.index not in taken]
            queue.clear()
            queue.extend(kept)
            assignment, hold = self.holds.get(device_id, (None, None))
            if assignment is None or hold is None or hold.is_begun or hold.is_withdrawn:
                continue
            if assignment.index in taken:
                withdraw(device_id, hold)

    def step_back(self, withdraw: Callable[[str, Hold], None]) -> None:
        """Put what devices were given and have not begun back to the front of their queues, so that they choose anew."""
        for device_id, (assignment, hold) in tuple(self.holds.items()):
            if not hold.is_begun and not hold.is_withdrawn and device_id in self.queues:
                self.queues[device_id].appendleft(assignment)
                withdraw(device_id, hold)

    async def _begin(self) -> None:
        """Begin with a few devices at a time, so that the first of thousands have their orders before the last are looked at."""
        while self._unbegun:
            for _ in range(min(_BEGUN_AT_ONCE, len(self._unbegun))):
                self._tasks.create_task(self._work_off(self._unbegun.popleft()))
            await asyncio.sleep(0)
        self._is_beginning = False

    async def _work_off(self, device_id: str) -> None:
        try:
            await self._work(device_id, self)
        finally:
            del self.queues[device_id]
            self.holds.pop(device_id, None)
            if not self.queues:
                self.is_over.set()


class Newcomers:
    """The devices that have come, come back, or were paused or let go on, since they were last taken.

    Args:
        goal_id: of the goal that is worked at; somebody calling a part of it urgent is news, too.
    """

    def __init__(self, goal_id: str) -> None:
        self._goal_id = goal_id
        self._names: set[str] = set()
        self._came = asyncio.Event()

    def note(self, event: Event) -> None:
        """Take in an event."""
        data = event.data
        is_device = event.kind is EventKind.DEVICE and data.get("is_available")
        if is_device or (event.kind is EventKind.ENROLMENT and data.get("accepted")):
            self._names.add(data["device_id"])
            self._came.set()
        elif event.kind is EventKind.OPERATOR and data["what"] == "device" and data["did"] != CANCELLED:
            # It stands still from now on, or may go on: what waits is better divided otherwise.
            self._names.add(data["id"])
            self._came.set()
        elif event.kind is EventKind.OPERATOR and data["what"] == "part" and event.goal_id == self._goal_id:
            self._came.set()

    async def wait(self) -> None:
        """Wait until there is one."""
        await self._came.wait()

    def take(self) -> set[str]:
        """Return who has come, and begin anew."""
        self._came.clear()
        names, self._names = self._names, set()
        return names


@contextmanager
def newcomers(ledger: Ledger, goal_id: str) -> Iterator[Newcomers]:
    """Watch for devices that come while a goal is worked at, as long as the block runs."""
    came = Newcomers(goal_id)
    stop = ledger.observe(came.note)
    try:
        yield came
    finally:
        stop()
