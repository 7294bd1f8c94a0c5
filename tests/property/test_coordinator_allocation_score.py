"""Allocations: everything once, never worse than round robin, the best there is where it is small, and the same every time."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.allocation import EXACT_STOPS, Queues, Score, allocate, earliest_first, round_robin, score
from coordinator.allocation_large import along_curve, matched_in_blocks
from coordinator.travel import SUBTASK_SECONDS, StraightTravel, TabledTravel

coordinates = st.integers(0, 50).map(float) | st.just(float("nan"))
points = st.tuples(coordinates, coordinates)
sizes = {"min_size": 1, "max_size": 6}


def straight(starts: list[tuple[float, float]], stops: list[tuple[float, float]]) -> StraightTravel:
    return StraightTravel(np.array(starts).reshape(-1, 2), np.array(stops).reshape(-1, 2))


def everything(queues: Queues) -> list[int]:
    return sorted(stop for queue in queues for stop in queue)


@given(st.lists(points, min_size=1, max_size=12), st.lists(points, max_size=30), st.data())
@settings(deadline=None)
def test_each_subtask_is_given_once_and_never_worse_than_in_turn(
    starts: list[tuple[float, float]], stops: list[tuple[float, float]], data: st.DataObject
) -> None:
    loads = data.draw(st.lists(st.integers(0, 4), min_size=len(starts), max_size=len(starts)))
    ready = [load * SUBTASK_SECONDS for load in loads]
    travel = straight(starts, stops)
    queues = allocate(ready, travel)
    assert everything(queues) == list(range(len(stops)))
    if travel.is_known:
        in_turn = score(round_robin(len(starts), len(stops)), np.array(ready), travel)
        assert score(queues, np.array(ready), travel) <= in_turn
    assert allocate(ready, straight(starts, stops)) == queues


def best_of_all(ready: list[float], travel: StraightTravel) -> Score:
    """Try everything."""
    devices, found = len(ready), []
    for owners in product(range(devices), repeat=travel.stops):
        ways, seconds = 0.0, 0.0
        for device in range(devices):
            mine = [stop for stop, owner in enumerate(owners) if owner == device]
            if mine:
                way = min(travel.route(device, order) for order in permutations(mine))
                ways += way
                seconds = max(seconds, ready[device] + len(mine) * SUBTASK_SECONDS + way)
        found.append(Score(round(seconds, 6), round(ways, 6)))
    return min(found)


@given(st.lists(points, min_size=1, max_size=3), st.lists(points, min_size=1, max_size=4), st.integers(0, 3))
@settings(deadline=None, max_examples=40)
def test_a_small_allocation_is_the_best_there_is(
    starts: list[tuple[float, float]], stops: list[tuple[float, float]], load: int
) -> None:
    ready = [load * SUBTASK_SECONDS, *[0.0] * (len(starts) - 1)]
    travel = straight(starts, stops)
    found = score(allocate(ready, travel), np.array(ready), travel)
    assert found.seconds == pytest.approx(best_of_all(ready, travel).seconds, abs=1e-5)
    if travel.is_known:
        assert found.metres == pytest.approx(best_of_all(ready, travel).metres, abs=1e-4)


@pytest.mark.parametrize(("devices", "stops"), [(1, 300), (700, 700), (700, 450), (30, 900)])
def test_many_subtasks_are_divided_without_looking_at_every_pair(devices: int, stops: int) -> None:
    random = np.random.default_rng(devices)
    ready = random.integers(0, 3, devices) * SUBTASK_SECONDS
    travel = StraightTravel(random.uniform(0, 90, (devices, 2)), random.uniform(0, 90, (stops, 2)))
    queues = (along_curve if stops > devices else matched_in_blocks)(ready, travel)
    assert everything(queues) == list(range(stops))
    assert stops > devices or max(map(len, queues)) == 1
    allocated = score(allocate(ready.tolist(), travel), ready, travel)
    assert allocated.seconds < 0.7 * score(round_robin(devices, stops), ready, travel).seconds or devices == 1


def test_the_device_that_is_free_first_and_near_goes_first() -> None:
    travel = straight([(0, 0), (100, 0)], [(1, 0), (99, 0), (2, 0)])
    assert earliest_first(np.zeros(2), travel) == [[0, 2], [1]]
    assert allocate([10 * SUBTASK_SECONDS, 0.0], travel)[0] == []


def test_ways_that_are_not_known_count_like_the_average() -> None:
    outward = np.array([[4.0, 8.0], [np.nan, np.nan]])
    between = np.array([[0.0, np.nan], [np.nan, 0.0]])
    travel = TabledTravel(outward, between, straight([(0, 0), (0, 0)], [(0, 0), (0, 0)]))
    assert travel.table()[1].tolist() == [6.0, 6.0]
    assert travel.route(0, [0, 1]) == 10.0
    assert allocate([0.0, 0.0], travel) == [[0], [1]]


@given(st.lists(points, **sizes), st.lists(points, min_size=0, max_size=EXACT_STOPS + 2))
@settings(deadline=None, max_examples=30)
def test_where_no_place_is_known_the_load_alone_decides(
    starts: list[tuple[float, float]], stops: list[tuple[float, float]]
) -> None:
    nowhere = [(float("nan"), float("nan"))]
    travel = straight(nowhere * len(starts), nowhere * len(stops))
    assert allocate([0.0] * len(starts), travel) == round_robin(len(starts), len(stops))
