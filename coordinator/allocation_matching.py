"""Matches devices with subtasks, one each: the latest end as early as it can be, then the least travel. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from coordinator.travel import METRES_PER_SECOND, Floats

_TOLERANCE_SECONDS = 1e-6

Integers = NDArray[np.int64]


def match(
    metres: Floats, ready_seconds: Floats, latest_seconds: float | None = None
) -> tuple[Integers, Integers]:
    """Give every subtask to a device of its own.

    Args:
        metres: from every device to every subtask, shape (devices, subtasks), no fewer devices than subtasks.
        ready_seconds: when each device is free, shape (devices,).
        latest_seconds: arrive everywhere by then, which must be possible; None: as early as can be.

    Returns:
        The devices and, likewise ordered, their subtasks.
    """
    ends = ready_seconds[:, None] + metres / METRES_PER_SECOND
    latest = _earliest_end(ends) if latest_seconds is None else latest_seconds
    rows, columns = linear_sum_assignment(np.where(ends > latest + _TOLERANCE_SECONDS, np.inf, metres))
    return rows.astype(np.int64), columns.astype(np.int64)


def _earliest_end(ends: Floats) -> float:
    """Return the smallest level at which all subtasks can be matched, by halving."""
    # No subtask can be done before the device that is best for it could do it.
    levels = np.unique(ends[ends >= ends.min(axis=0).max()])
    low, high = 0, len(levels) - 1
    while low < high:
        middle = (low + high) // 2
        graph = csr_array(ends <= levels[middle])
        is_full = bool((maximum_bipartite_matching(graph, perm_type="row") >= 0).all())
        low, high = (low, middle) if is_full else (middle + 1, high)
    return float(levels[low])
