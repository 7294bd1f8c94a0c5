"""Divides places to go to among devices: least time to completion first, least total travel then. Pure, deterministic.

Every device does its queue in order; one subtask takes `SUBTASK_SECONDS` where it happens, and `METRES_PER_SECOND` is how fast a
device gets there. Neither is known of real devices, so both only weigh distance against work; what comes out is an order of
preference and no promise. Exact where that is affordable (`EXACT_STOPS`), else the best of several candidates, of which round
robin is one: so an allocation is never worse than that.

The solvers' library is slow to load, and sites without a map never ask it: it is loaded by the first who does, or ahead of that
by `load_solvers`.
"""

# ruff: noqa: PLC0415 - see above.

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module

import numpy as np

from coordinator.travel import METRES_PER_SECOND, SUBTASK_SECONDS, Floats, Travel

EXACT_STOPS = 7
"""Up to so many subtasks, and `EXACT_COLUMNS` ways to give some of them to a device, the allocation is the best there is."""
EXACT_COLUMNS = 2_000
DENSE_CELLS = 250_000
"""Up to so many pairs of a device and a subtask, all are looked at; above, only those near each other."""
_IMPROVED_MOVES = 1_500
_IMPROVEMENTS = 200

Queues = list[list[int]]
"""For every device the subtasks that it does, in order."""


@dataclass(frozen=True, slots=True, order=True)
class Score:
    """What an allocation comes to; the smaller is the better one.

    Attributes:
        seconds: until the last subtask is done.
        metres: that all devices travel together.
    """

    seconds: float
    metres: float


def score(queues: Queues, ready_seconds: Floats, travel: Travel) -> Score:
    """Return what an allocation comes to; devices without new work do not count."""
    latest, metres = 0.0, 0.0
    for device, queue in enumerate(queues):
        if queue:
            way = travel.route(device, queue)
            metres += way
            seconds = ready_seconds[device] + len(queue) * SUBTASK_SECONDS + way / METRES_PER_SECOND
            latest = max(latest, float(seconds))
    return Score(round(latest, 6), round(metres, 6))


def allocate(ready_seconds: Sequence[float], travel: Travel) -> Queues:
    """Divide all subtasks among the devices.

    Args:
        ready_seconds: how long each device is at other work before, in seconds; there must be a device.
        travel: the ways from the devices to the subtasks, and between those.
    """
    ready = np.asarray(ready_seconds, dtype=float)
    devices, stops = len(ready), travel.stops
    by_load = least_loaded(ready, stops)
    if stops == 0 or not travel.is_known:
        return by_load
    from coordinator.allocation_exact import exact
    from coordinator.allocation_large import along_curve, matched_in_blocks

    if stops <= EXACT_STOPS and devices * (2**stops - 1) <= EXACT_COLUMNS:
        return exact(ready, travel)
    candidates = [by_load, round_robin(devices, stops)]
    is_dense = devices * stops <= DENSE_CELLS
    if stops <= devices:
        candidates.append(matched(ready, travel) if is_dense else matched_in_blocks(ready, travel))
    else:
        candidates.append(along_curve(ready, travel))
    if is_dense:
        candidates.append(earliest_first(ready, travel))
    best = min(candidates, key=lambda queues: score(queues, ready, travel))
    return improved(best, ready, travel) if stops * (devices + stops) <= _IMPROVED_MOVES else best


def load_solvers() -> None:
    """Load what dividing needs where there is a map: about a second, once, so that no goal has to wait for it."""
    for name in ("allocation_exact", "allocation_large", "allocation_matching"):
        import_module(f"coordinator.{name}")


def round_robin(devices: int, stops: int) -> Queues:
    """Deal the subtasks out in turn."""
    return [list(range(device, stops, devices)) for device in range(devices)]


def least_loaded(ready_seconds: Sequence[float] | Floats, stops: int) -> Queues:
    """Give each subtask to the device that is free first; where all are free alike, that is round robin."""
    queues: Queues = [[] for _ in ready_seconds]
    free_at = [(float(seconds), device) for device, seconds in enumerate(ready_seconds)]
    heapq.heapify(free_at)
    for stop in range(stops):
        seconds, device = free_at[0]
        queues[device].append(stop)
        heapq.heapreplace(free_at, (seconds + SUBTASK_SECONDS, device))
    return queues


def matched(ready_seconds: Floats, travel: Travel) -> Queues:
    """Give each device one subtask at most: the smallest latest end there is, then the least travel with that."""
    from coordinator.allocation_matching import match

    queues: Queues = [[] for _ in ready_seconds]
    devices, stops = match(travel.table(), ready_seconds)
    for device, stop in zip(devices.tolist(), stops.tolist(), strict=True):
        queues[device].append(stop)
    return queues


def earliest_first(ready_seconds: Floats, travel: Travel) -> Queues:
    """Again and again give the subtask that can be done first to the device that can do it first."""
    queues: Queues = [[] for _ in ready_seconds]
    free_at = ready_seconds.astype(float).copy()
    ends = free_at[:, None] + travel.table() / METRES_PER_SECOND + SUBTASK_SECONDS
    nearest = ends.argmin(axis=1)
    rows = np.arange(len(free_at))
    for _ in range(travel.stops):
        device = int(ends[rows, nearest].argmin())
        stop = int(nearest[device])
        queues[device].append(stop)
        free_at[device] = ends[device, stop]
        ends[:, stop] = np.inf
        onward = free_at[device] + travel.onward(stop) / METRES_PER_SECOND + SUBTASK_SECONDS
        ends[device] = np.where(np.isinf(ends[device]), np.inf, onward)
        stale = nearest == stop
        stale[device] = True
        nearest[stale] = ends[stale].argmin(axis=1)
    return queues


def improved(queues: Queues, ready_seconds: Floats, travel: Travel) -> Queues:
    """Move single subtasks to where they do better, as long as that helps; bounded, so it may stop short of the best."""
    loads = _Loads(queues, ready_seconds, travel)
    for _ in range(_IMPROVEMENTS):
        better = min(((loads.after(move), move) for move in _moves(loads.queues)), default=None)
        if better is None or better[0] >= loads.score():
            break
        loads.make(better[1])
    return loads.queues


Move = tuple[int, list[int], int, list[int]]
"""Two devices and the queues that they get."""


class _Loads:
    """An allocation, and for each device what it comes to, so that a move is judged by the two devices that it concerns."""

    def __init__(self, queues: Queues, ready_seconds: Floats, travel: Travel) -> None:
        self.queues = list(queues)
        self._ready, self._travel = ready_seconds.tolist(), travel
        loads = [self._load(device, queue) for device, queue in enumerate(queues)]
        self._seconds = [seconds for seconds, _ in loads]
        self._metres = [metres for _, metres in loads]

    def score(self) -> Score:
        return Score(round(max(self._seconds), 6), round(sum(self._metres), 6))

    def after(self, move: Move) -> Score:
        source, rest, target, gained = move
        latest = sorted(range(len(self._seconds)), key=lambda device: -self._seconds[device])[:3]
        others = max(
            (self._seconds[device] for device in latest if device not in {source, target}), default=0.0
        )
        changed = [self._load(target, gained)]
        before = self._metres[target]
        if source != target:
            changed.append(self._load(source, rest))
            before += self._metres[source]
        seconds = max(others, *(one for one, _ in changed))
        metres = sum(self._metres) - before + sum(one for _, one in changed)
        return Score(round(seconds, 6), round(metres, 6))

    def make(self, move: Move) -> None:
        source, rest, target, gained = move
        for device, queue in ((source, rest), (target, gained)):
            self.queues[device] = queue
            self._seconds[device], self._metres[device] = self._load(device, queue)

    def _load(self, device: int, queue: Sequence[int]) -> tuple[float, float]:
        if not queue:
            return 0.0, 0.0
        metres = self._travel.route(device, queue)
        return self._ready[device] + len(queue) * SUBTASK_SECONDS + metres / METRES_PER_SECOND, metres


def _moves(queues: Queues) -> Iterator[Move]:
    """Yield every allocation that differs in the place of one subtask."""
    for source, queue in enumerate(queues):
        for index, stop in enumerate(queue):
            rest = queue[:index] + queue[index + 1 :]
            for target in range(len(queues)):
                base = rest if target == source else queues[target]
                for position in range(len(base) + 1):
                    moved = [*base[:position], stop, *base[position:]]
                    yield source, moved if target == source else rest, target, moved
