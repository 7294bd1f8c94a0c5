"""How far it is from devices to the places of subtasks, and between those."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

METRES_PER_SECOND = 1.0
"""How fast a device is taken to travel."""
SUBTASK_SECONDS = 20.0
"""How long a subtask is taken to last once the device is there."""

Floats: TypeAlias = NDArray[np.float64]


class Travel(Protocol):
    """Ways in metres. Devices are counted from 0, and so are the stops."""

    @property
    def stops(self) -> int:
        """How many stops there are."""

    @property
    def is_known(self) -> bool:
        """Whether any two ways differ; otherwise distance has no say."""

    @property
    def starts_at(self) -> Floats:
        """Where the devices are, shape (devices, 2), in metres; for looking around, not for distances."""

    @property
    def stops_at(self) -> Floats:
        """Where the stops are, shape (stops, 2), in metres."""

    def table(self) -> Floats:
        """Return the way from every device to every stop, shape (devices, stops)."""

    def onward(self, stop: int) -> Floats:
        """Return the way from one stop to every stop, shape (stops,)."""

    def route(self, device: int, queue: Sequence[int]) -> float:
        """Return the length of a device's way through stops, in order."""


class StraightTravel:
    """Straight lines between points. What has no known place is taken to be in the middle of what has.

    Args:
        starts: where the devices are, shape (devices, 2), in metres; NaN where that is not known.
        stops: where the stops are, likewise.
    """

    def __init__(self, starts: Floats, stops: Floats) -> None:
        self.starts_at, self.stops_at = _filled(starts, stops)
        self.stops = len(stops)
        both = np.concatenate([self.starts_at, self.stops_at])
        self.is_known = bool(len(both)) and bool(np.ptp(both, axis=0).any())

    def table(self) -> Floats:
        """See `Travel`."""
        return _lengths(self.starts_at[:, None, :] - self.stops_at[None, :, :])

    def onward(self, stop: int) -> Floats:
        """See `Travel`."""
        return _lengths(self.stops_at - self.stops_at[stop])

    def route(self, device: int, queue: Sequence[int]) -> float:
        """See `Travel`."""
        way = np.concatenate([self.starts_at[device : device + 1], self.stops_at[list(queue)]])
        return float(_lengths(np.diff(way, axis=0)).sum())


class TabledTravel:
    """Ways that were looked up. What is not known is taken to be as far as ways are on average.

    Args:
        outward: from every device to every stop, shape (devices, stops), in metres; NaN where that is not known.
        between: from every stop to every stop, likewise, with zeros on the diagonal.
        straight: where everything is.
    """

    def __init__(self, outward: Floats, between: Floats, straight: StraightTravel) -> None:
        known = outward[~np.isnan(outward)]
        average = float(known.mean()) if known.size else 0.0
        self._outward = np.where(np.isnan(outward), average, outward)
        self._between = np.where(np.isnan(between), average, between)
        self.stops = outward.shape[1]
        self.is_known = bool(np.ptp(self._outward) or np.ptp(self._between))
        self.starts_at, self.stops_at = straight.starts_at, straight.stops_at

    def table(self) -> Floats:
        """See `Travel`."""
        return self._outward

    def onward(self, stop: int) -> Floats:
        """See `Travel`."""
        onward: Floats = self._between[stop]
        return onward

    def route(self, device: int, queue: Sequence[int]) -> float:
        """See `Travel`."""
        if not queue:
            return 0.0
        stops = list(queue)
        return float(self._outward[device, stops[0]] + self._between[stops[:-1], stops[1:]].sum())


def _lengths(vectors: Floats) -> Floats:
    lengths: Floats = np.hypot(vectors[..., 0], vectors[..., 1])
    return lengths


def _filled(starts: Floats, stops: Floats) -> tuple[Floats, Floats]:
    both = np.concatenate([starts, stops]).astype(float)
    known = ~np.isnan(both).any(axis=1)
    middle = both[known].mean(axis=0) if known.any() else np.zeros(2)
    both[~known] = middle
    return both[: len(starts)], both[len(starts) :]
