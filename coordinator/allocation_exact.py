"""The best division of a few subtasks among devices, by the HiGHS solver. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from coordinator.travel import METRES_PER_SECOND, SUBTASK_SECONDS, Floats, Travel
from protocol.errors import InternalError

_TOLERANCE = 1e-6
# A little for the rank of the device, so that of equals the first is chosen: less than any difference that matters.
_RANK_METRES = 1e-7


@dataclass(frozen=True, slots=True)
class _Column:
    """One device that does some of the stops in the order that is shortest."""

    device: int
    queue: tuple[int, ...]
    metres: float
    ends_at: float


def exact(ready_seconds: Floats, travel: Travel) -> list[list[int]]:
    """Return the allocation with the least time to completion, and of those the one with the least travel.

    Every set of stops that a device could do is a column, with the shortest way through it; the solver covers each stop
    once with one column a device at most. The least time is found by halving over the ends of the columns.
    """
    columns = list(_columns(ready_seconds, travel))
    devices, stops = len(ready_seconds), travel.stops
    ends = np.array([column.ends_at for column in columns])
    costs = np.array([column.metres + _RANK_METRES * column.device for column in columns])
    levels = np.unique(ends)
    low, high = 0, len(levels) - 1
    chosen = _cover(columns, ends <= levels[high] + _TOLERANCE, costs, devices, stops)
    while low < high:
        middle = (low + high) // 2
        found = _cover(columns, ends <= levels[middle] + _TOLERANCE, costs, devices, stops)
        if found is None:
            low = middle + 1
        else:
            high, chosen = middle, found
    if chosen is None:
        raise InternalError("No allocation covers all subtasks.")
    queues: list[list[int]] = [[] for _ in range(devices)]
    for column in chosen:
        queues[column.device] = list(column.queue)
    return queues


def _columns(ready_seconds: Floats, travel: Travel) -> Iterator[_Column]:
    outward = travel.table()
    between = np.array([travel.onward(stop) for stop in range(travel.stops)])
    for device, ready in enumerate(ready_seconds):
        for queue, metres in _shortest_ways(outward[device], between):
            work = len(queue) * SUBTASK_SECONDS + metres / METRES_PER_SECOND
            yield _Column(device, queue, metres, float(ready) + work)


def _shortest_ways(first: Floats, between: Floats) -> Iterator[tuple[tuple[int, ...], float]]:
    """Yield for every set of stops the shortest way through it, after Held and Karp."""
    stops = len(first)
    ways: dict[tuple[frozenset[int], int], tuple[float, tuple[int, ...]]] = {
        (frozenset({stop}), stop): (float(first[stop]), (stop,)) for stop in range(stops)
    }
    for size in range(1, stops + 1):
        for chosen in combinations(range(stops), size):
            members = frozenset(chosen)
            if size > 1:
                for last in chosen:
                    before = members - {last}
                    ways[members, last] = min(
                        (ways[before, one][0] + float(between[one, last]), (*ways[before, one][1], last))
                        for one in sorted(before)
                    )
            metres, queue = min(ways[members, last] for last in chosen)
            yield queue, metres


def _cover(
    columns: list[_Column],
    allowed: np.ndarray[tuple[int], np.dtype[np.bool_]],
    costs: Floats,
    devices: int,
    stops: int,
) -> list[_Column] | None:
    """Cover every stop once by allowed columns, with the least travel; None where that cannot be."""
    open_columns = [column for column, is_open in zip(columns, allowed, strict=True) if is_open]
    if not open_columns:
        return None
    rows = [stops + column.device for column in open_columns]
    entries = [(row, index) for index, row in enumerate(rows)]
    entries += [(stop, index) for index, column in enumerate(open_columns) for stop in column.queue]
    matrix = csr_array(
        (np.ones(len(entries)), tuple(np.array(entries).T)), shape=(stops + devices, len(open_columns))
    )
    lower = np.concatenate([np.ones(stops), np.zeros(devices)])
    result = milp(
        costs[allowed],
        constraints=LinearConstraint(matrix, lower, np.ones(stops + devices)),
        integrality=np.ones(len(open_columns), dtype=np.int64),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 0.0},
    )
    if result.x is None:
        return None
    return [column for column, share in zip(open_columns, result.x, strict=True) if share > 0.5]  # noqa: PLR2004 - it is 0 or 1
