"""Who gets a device next, where several goals want it: the more urgent goal, then who came first."""

from __future__ import annotations

import asyncio

from coordinator.course import Course


class Queueing:
    """Those who wait for devices. Waking one device's queue costs nothing to the others."""

    def __init__(self) -> None:
        self._queues: dict[str, dict[int, tuple[Course, asyncio.Future[None]]]] = {}

    def is_first(self, device_id: str, course: Course, place: int) -> bool:
        """Whether nobody else who may go on comes before this one.

        Args:
            device_id: what is wanted.
            course: of the goal that wants it.
            place: when it came: a number that only grows.
        """
        mine = (-course.priority, place)
        return all(
            mine <= (-other.priority, number)
            for number, (other, _) in self._queues.get(device_id, {}).items()
            if other.paused_by is None and other.halt is None
        )

    async def wait(self, device_id: str, course: Course, place: int) -> None:
        """Wait until it is worth looking again."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue = self._queues.setdefault(device_id, {})
        queue[place] = (course, woken)
        try:
            await woken
        finally:
            # By now the queue may be another one: this device's was empty meanwhile.
            queue = self._queues.get(device_id, {})
            queue.pop(place, None)
            if not queue:
                self._queues.pop(device_id, None)

    def count(self, device_id: str, priority: int) -> int:
        """Return how many wait for a device that come before a newcomer of this priority."""
        return sum(course.priority >= priority for course, _ in self._queues.get(device_id, {}).values())

    def wake(self, device_id: str) -> None:
        """Have those who wait for one device look again, the first first."""
        queue = self._queues.get(device_id, {})
        for _, (_, woken) in sorted(queue.items(), key=lambda one: (-one[1][0].priority, one[0])):
            if not woken.done():
                woken.set_result(None)

    def wake_all(self) -> None:
        """Have everyone look again."""
        for device_id in tuple(self._queues):
            self.wake(device_id)
