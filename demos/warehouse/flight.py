"""What flies over the hall: in straight lines, above everything that stands or drives there. Metres, simulated seconds."""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import StrEnum

from demos.warehouse.floor import Point


class FlightState(StrEnum):
    """How something that can fly is."""

    ON_PAD = "on_pad"
    AIRBORNE = "airborne"
    GROUNDED = "grounded"


class Flyer:
    """Something that flies; where it is follows from when it set off, so nothing has to move it on.

    Args:
        pad: where it rests and charges.
        now: seconds of the world's time.

    Attributes:
        state: on its pad, in the air, or forced down.
    """

    def __init__(self, pad: Point, now: Callable[[], float]) -> None:
        self.pad = pad
        self.state = FlightState.ON_PAD
        self._now = now
        self._from = self._to = pad
        self._began_at = 0.0
        self._seconds = 0.0

    @property
    def place(self) -> Point:
        """Where it is now: over this point of the floor, or on it."""
        share = self._share()
        return (
            self._from[0] + share * (self._to[0] - self._from[0]),
            self._from[1] + share * (self._to[1] - self._from[1]),
        )

    @property
    def way(self) -> tuple[Point, ...]:
        """Where it is going; empty while it hovers or lies on the ground."""
        return () if math.isclose(self._share(), 1.0) else (self._to,)

    def set_off(self, to: Point, seconds: float) -> None:
        """Fly from where it is to another place."""
        self._from, self._to = self.place, to
        self._began_at, self._seconds = self._now(), seconds
        self.state = FlightState.AIRBORNE

    def arrive(self, at: Point) -> bool:
        """Be where it was going; False where it was forced down or sent elsewhere on the way."""
        if self.state is not FlightState.AIRBORNE or self._to != at:
            return False
        self._from = at
        return True

    def land(self) -> None:
        """Come down at once, wherever it is."""
        self._from = self._to = self.place
        self.state = FlightState.GROUNDED

    def _share(self) -> float:
        """Return how much of its way is behind it, 0 to 1."""
        if self._from == self._to or self._seconds <= 0:
            return 1.0
        return min(1.0, max(0.0, (self._now() - self._began_at) / self._seconds))
