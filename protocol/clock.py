"""Time is handed in. Rooms ask a `Clock`; tests hand in a fake one and never sleep."""

from typing import Protocol


class Clock(Protocol):
    """A source of time and of waiting."""

    def now(self) -> float:
        """Return Unix time in seconds (UTC), for records that people read."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only ever grow, for measuring and for deadlines."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` of this clock's time."""
        ...
