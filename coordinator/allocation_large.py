"""Divides very many subtasks among devices without looking at every pair: memory grows with their number, not its square."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from coordinator.allocation_matching import match
from coordinator.travel import METRES_PER_SECOND, SUBTASK_SECONDS, Floats, Travel

_BLOCK = 200
_OFFSETS = (_BLOCK, _BLOCK // 2)
_NEIGHBOURS = 4
_CURVE_LEVELS = 16

_Integers = NDArray[np.int64]


def matched_in_blocks(ready_seconds: Floats, travel: Travel) -> list[list[int]]:
    """Give each device one subtask at most, by exact matching among neighbours.

    Subtasks and devices are lined up along a space-filling curve and cut into blocks. In each the latest end is made as
    early as can be, then the blocks are laid anew and the way is made short without a later end than the latest of all.
    """
    stop_order, device_order = _curve_orders(travel.stops_at, travel.starts_at)
    ranks = np.linspace(0, len(device_order), len(stop_order), endpoint=False).astype(np.int64)
    by = np.empty(len(stop_order), dtype=np.int64)
    by[stop_order] = device_order[ranks]
    whole = _Matching(by, ready_seconds, travel)
    for offset in _OFFSETS:
        whole.settle(stop_order, offset, by_end=True)
    for offset in _OFFSETS:
        whole.settle(stop_order, offset, by_end=False)
    queues: list[list[int]] = [[] for _ in ready_seconds]
    for stop, device in enumerate(whole.by.tolist()):
        queues[device].append(stop)
    return queues


class _Matching:
    """Who does what, while it is made better block by block.

    Args:
        by: the device of each stop, each device once.
    """

    def __init__(self, by: _Integers, ready_seconds: Floats, travel: Travel) -> None:
        self.by = by
        self._ready, self._starts, self._stops = ready_seconds, travel.starts_at, travel.stops_at

    def settle(self, stop_order: _Integers, offset: int, *, by_end: bool) -> None:
        """Match the stops of each block anew with its own devices and with idle ones near it."""
        latest = None if by_end else float(self._ends(self.by, np.arange(len(self.by))).max())
        idle = np.setdiff1d(np.arange(len(self._ready)), self.by)
        tree = cKDTree(self._column(idle)) if len(idle) else None
        is_idle = np.zeros(len(self._ready), dtype=bool)
        is_idle[idle] = True
        for first in range(offset - _BLOCK, len(stop_order), _BLOCK):
            block = stop_order[max(first, 0) : first + _BLOCK]
            if not len(block):
                continue
            devices = self.by[block]
            if tree is not None:
                near = np.unique(tree.query(self._stops_column(block), k=min(_NEIGHBOURS, len(idle)))[1])
                found = idle[near]
                devices = np.concatenate([devices, found[is_idle[found]]])
            ways = np.hypot(*(self._starts[devices, None] - self._stops[None, block]).transpose(2, 0, 1))
            rows, columns = match(ways, self._ready[devices], latest)
            is_idle[devices] = True
            self.by[block[columns]] = devices[rows]
            is_idle[self.by[block]] = False

    def _ends(self, devices: _Integers, stops: _Integers) -> Floats:
        ways = np.hypot(*(self._starts[devices] - self._stops[stops]).T)
        ends: Floats = self._ready[devices] + ways / METRES_PER_SECOND
        return ends

    def _column(self, devices: _Integers) -> Floats:
        # Time that a device is not free yet counts like a way of as many seconds.
        return np.column_stack([self._starts[devices], self._ready[devices] * METRES_PER_SECOND])

    def _stops_column(self, stops: _Integers) -> Floats:
        return np.column_stack([self._stops[stops], np.zeros(len(stops))])


def along_curve(ready_seconds: Floats, travel: Travel) -> list[list[int]]:
    """Cut a curve through all stops into one piece for each device, by how much time it has, and take pieces that are near.

    Devices are lined up along the same curve, so that a piece goes to a device that is not far from it.
    """
    starts, stops = travel.starts_at, travel.stops_at
    stop_order, device_order = _curve_orders(stops, starts)
    way = np.hypot(*np.diff(stops[stop_order], axis=0, prepend=stops[stop_order[:1]]).T)
    work = np.cumsum(SUBTASK_SECONDS + way / METRES_PER_SECOND)
    shares = _shares(ready_seconds[device_order], float(work[-1]))
    cuts = np.searchsorted(work, np.cumsum(shares)[:-1] - SUBTASK_SECONDS / 2)
    queues: list[list[int]] = [[] for _ in ready_seconds]
    for device, piece in zip(device_order.tolist(), np.split(stop_order, cuts), strict=True):
        queue = piece.tolist()
        if travel.route(device, queue[::-1]) < travel.route(device, queue):
            queue.reverse()
        queues[device] = queue
    return queues


def _shares(ready_seconds: Floats, work_seconds: float) -> Floats:
    """Return how much of the work each device gets, so that all end together; who is busy until then gets none."""
    free = np.sort(ready_seconds)
    levels = (work_seconds + np.cumsum(free)) / np.arange(1, len(free) + 1)
    working = int(np.count_nonzero(free < levels))
    shares: Floats = np.maximum(levels[max(working, 1) - 1] - ready_seconds, 0.0)
    return shares


def _curve_orders(one: Floats, other: Floats) -> tuple[_Integers, _Integers]:
    """Return the orders of two sets of points along one Hilbert curve through both."""
    both = np.concatenate([one, other])
    low = both.min(axis=0)
    span = float(np.ptp(both, axis=0).max()) or 1.0
    cells = np.minimum((both - low) / span * 2**_CURVE_LEVELS, 2**_CURVE_LEVELS - 1).astype(np.int64)
    along = _hilbert(cells[:, 0], cells[:, 1])
    return np.argsort(along[: len(one)], kind="stable"), np.argsort(along[len(one) :], kind="stable")


def _hilbert(x: _Integers, y: _Integers) -> _Integers:
    """Return how far along the Hilbert curve each cell lies."""
    along = np.zeros_like(x)
    side = 1 << (_CURVE_LEVELS - 1)
    while side:
        right, upper = (x & side) > 0, (y & side) > 0
        along += side * side * ((3 * right) ^ upper)
        mirrored = ~upper & right
        x, y = np.where(mirrored, side - 1 - x, x), np.where(mirrored, side - 1 - y, y)
        x, y = np.where(upper, x, y), np.where(upper, y, x)
        side >>= 1
    return along
