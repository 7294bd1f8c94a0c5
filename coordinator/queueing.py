"""Who gets a device next, where several want it: what is more urgent, then who came first."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from coordinator.course import Course


@dataclass(frozen=True, slots=True)
class Turn:
    """Someone's place in a queue.

    Attributes:
        course: of the goal that wants the device; its priority may change while it waits.
        urgency: what is added to that.
        place: when it came: a number that only grows.
    """

    course: Course
    urgency: int
    place: int

    @property
    def rank(self) -> tuple[int, int]:
        """The lower comes first."""
        return (-self.course.priority - self.urgency, self.place)


class Queueing:
    """Those who wait for devices. Waking one device's queue costs nothing to the others."""

    def __init__(self) -> None:
        self._queues: dict[str, dict[int, tuple[Turn, asyncio.Future[None]]]] = {}

    def is_first(self, device_id: str, turn: Turn) -> bool:
        """Whether nobody else who may go on comes before this one."""
        return all(
            turn.rank <= other.rank
            for other, _ in self._queues.get(device_id, {}).values()
            if other.course.paused_by is None and other.course.halt is None
        )

    async def wait(self, device_id: str, turn: Turn) -> None:
        """Wait until it is worth looking again."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue = self._queues.setdefault(device_id, {})
        queue[turn.place] = (turn, woken)
        try:
            await woken
        finally:
            # By now the queue may be another one: this device's was empty meanwhile.
            queue = self._queues.get(device_id, {})
            queue.pop(turn.place, None)
            if not queue:
                self._queues.pop(device_id, None)

    def count(self, device_id: str, priority: int) -> int:
        """Return how many wait for a device that come before a newcomer of this priority."""
        waiting = (turn for turn, _ in self._queues.get(device_id, {}).values())
        return sum(turn.course.priority + turn.urgency >= priority for turn in waiting)

    def wake(self, device_id: str) -> None:
        """Have those who wait for one device look again, the first first."""
        queue = self._queues.get(device_id, {})
        for _, woken in sorted(queue.values(), key=lambda one: one[0].rank):
            if not woken.done():
                woken.set_result(None)

    def wake_all(self) -> None:
        """Have everyone look again."""
        for device_id in tuple(self._queues):
            self.wake(device_id)
