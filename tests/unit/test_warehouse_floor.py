"""The hall with lanes: ways, waiting, totes, bays and collisions."""

from __future__ import annotations

import asyncio
import math

import networkx as nx
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from demos.warehouse.floor import FloorPlan, bundled, grid
from demos.warehouse.state import Mode, Refusal, RefusedError
from demos.warehouse.world import WarehouseWorld
from protocol.errors import InputError
from transport.clock import FakeClock

HALL = bundled()


def hall(clock: FakeClock, robots: int = 2) -> WarehouseWorld:
    names = [f"robot-{number}" for number in range(1, robots + 1)]
    return WarehouseWorld(len(HALL.shelves), names, seed=4, clock=clock, time_scale=1.0, plan=HALL)


async def refusal(work: asyncio.Task[None]) -> Refusal:
    with pytest.raises(RefusedError) as caught:
        await work
    return caught.value.refusal


async def test_a_robot_keeps_to_the_lanes(clock: FakeClock) -> None:
    world = hall(clock)
    robot = world.robots["robot-1"]
    drive = asyncio.create_task(world.drive_to_shelf("robot-1", "7"))
    seen = []
    while not drive.done():
        await clock.advance(1.0)
        seen.append(robot.place)
    await drive
    assert world.place_of(robot) == "shelf 7"
    # Home is on a spur; from its end on, the robot drives along the southern lane and then up aisle B.
    on_lanes = [place for place in seen if place[1] >= 4.0]
    assert all(place[1] == 4.0 or place[0] == 15.0 for place in on_lanes)
    assert len(on_lanes) > 10


async def test_a_closed_aisle_cannot_be_entered_but_left(clock: FakeClock) -> None:
    world = hall(clock)
    drive = asyncio.create_task(world.drive_to_shelf("robot-1", "7"))
    await clock.advance(60.0)
    await drive
    world.traffic.closed_aisles.add("B")
    assert await refusal(asyncio.create_task(world.drive_to_shelf("robot-2", "6"))) is Refusal.BLOCKED
    leave = asyncio.create_task(world.drive_to("robot-1", *HALL.point("station 1")))
    await clock.advance(60.0)
    await leave
    assert world.place_of(world.robots["robot-1"]) == "station 1"


async def test_a_robot_goes_round_an_aisle_that_is_closed_under_way(clock: FakeClock) -> None:
    world = hall(clock)
    drive = asyncio.create_task(world.drive_to("robot-1", *HALL.point("station 2")))
    await clock.advance(4.0)
    world.traffic.closed_aisles.add("A")
    await clock.advance(80.0)
    await drive
    assert world.place_of(world.robots["robot-1"]) == "station 2"


async def test_nobody_enters_a_narrow_lane_while_another_is_on_it(clock: FakeClock) -> None:
    world = hall(clock)
    one, two = world.robots.values()
    one.x, one.y = HALL.point("gate west")
    two.x, two.y = HALL.point("gate east")
    drives = [
        asyncio.create_task(world.drive_to("robot-1", *HALL.point("goods in"))),
        asyncio.create_task(world.drive_to("robot-2", *HALL.point("C south"))),
    ]
    while not all(drive.done() for drive in drives):
        await clock.advance(0.5)
        assert one.lane is None or one.lane != two.lane
    await asyncio.gather(*drives)
    assert world.truth().collisions == ()


async def test_a_robot_without_eyes_collides_and_both_stand(clock: FakeClock) -> None:
    world = hall(clock)
    one, two = world.robots.values()
    one.x, one.y = HALL.point("gate west")
    two.x, two.y = HALL.point("gate east")
    two.is_blind = True
    drives = [
        asyncio.create_task(world.drive_to("robot-1", *HALL.point("goods in"))),
        asyncio.create_task(world.drive_to("robot-2", *HALL.point("C south"))),
    ]
    await clock.advance(30.0)
    assert [await refusal(drive) for drive in drives] == [Refusal.STOPPED, Refusal.STOPPED]
    (collision,) = world.truth().collisions
    assert collision.robots == ("robot-1", "robot-2")
    assert (one.mode, two.mode) == (Mode.STOPPED, Mode.STOPPED)


async def test_a_tote_is_brought_from_a_shelf_to_a_station(clock: FakeClock) -> None:
    world = hall(clock)
    assert world.truth().totes["T7"] == "shelf 3"
    before = world.truth().shelves["3"].items

    async def bring() -> None:
        await world.drive_to_shelf("robot-1", "3")
        await world.pick_tote("robot-1", "t7")
        assert world.truth().totes["T7"] == "robot-1"
        await world.drive_to_station("robot-1", "2")
        await world.put_tote("robot-1")

    work = asyncio.create_task(bring())
    await clock.advance(200.0)
    await work
    after = world.truth()
    assert after.totes["T7"] == "station 2"
    assert sorted([*after.shelves["3"].items, "tote T7"]) == sorted(before)
    assert after.robots["robot-1"].load is None


async def test_what_cannot_be_carried_is_refused(clock: FakeClock) -> None:
    world = hall(clock)

    async def order(work: asyncio.Task[None]) -> Refusal:
        await clock.advance(100.0)
        return await refusal(work)

    tasks = asyncio.create_task
    assert await order(tasks(world.pick_tote("robot-1", "T99"))) is Refusal.NO_SUCH_TOTE
    assert await order(tasks(world.pick_tote("robot-1", "T7"))) is Refusal.TOTE_ELSEWHERE
    assert await order(tasks(world.put_tote("robot-1"))) is Refusal.NOT_LOADED
    assert await order(tasks(world.drive_to_station("robot-1", "9"))) is Refusal.NO_SUCH_STATION
    robot = world.robots["robot-1"]
    robot.x, robot.y = HALL.point("A3")
    pick = tasks(world.pick_tote("robot-1", "T7"))
    await clock.advance(10.0)
    await pick
    assert await order(tasks(world.pick_tote("robot-1", "T4"))) is Refusal.LOADED
    robot.x, robot.y = HALL.point("home 1")
    assert await order(tasks(world.put_tote("robot-1"))) is Refusal.NO_ROOM
    assert world.truth().totes["T7"] == "robot-1"


async def test_a_robot_waits_for_a_bay_and_gives_up_in_the_end(clock: FakeClock) -> None:
    world = hall(clock, robots=3)
    for name in ("robot-1", "robot-2"):
        drive = asyncio.create_task(world.drive_to_station(name, "1"))
        await clock.advance(100.0)
        await drive
    late = asyncio.create_task(world.drive_to_station("robot-3", "1"))
    await clock.advance(20.0)
    assert world.robots["robot-3"].place == HALL.point("home 3")
    away = asyncio.create_task(world.drive_to_shelf("robot-1", "1"))
    await clock.advance(100.0)
    await asyncio.gather(late, away)
    assert world.place_of(world.robots["robot-3"]) == "station 1"
    never = asyncio.create_task(world.drive_to_station("robot-1", "1"))
    await clock.advance(200.0)
    assert await refusal(never) is Refusal.BLOCKED


@given(
    start=st.tuples(st.floats(0, 40), st.floats(0, 26)),
    goal=st.sampled_from(sorted(HALL.waypoints)),
    closed=st.sets(st.sampled_from(HALL.aisles)),
)
def test_every_way_leads_there_over_open_lanes_and_none_is_missed(
    start: tuple[float, float], goal: str, closed: set[str]
) -> None:
    way = HALL.way(start, HALL.point(goal), closed=closed)
    inside = HALL._anchor(start, closed).lane
    shut = closed - {inside.aisle}
    if way is None:
        left = nx.Graph([lane.between for lane in HALL.lanes if lane.aisle not in shut])
        assert goal not in left or not nx.has_path(left, inside.between[0], goal)
        return
    here = start
    for leg in way:
        assert leg.lane is None or HALL.lane(leg.lane).aisle not in shut
        here = leg.to
    assert math.dist(here, HALL.point(goal)) < 1e-9


def test_a_grid_of_any_size_is_a_hall() -> None:
    plan = grid(aisles=10, shelves_per_aisle=10, stations=10, homes=100)
    assert (len(plan.shelves), len(plan.stations), len(plan.homes)) == (100, 10, 100)
    assert plan.way(plan.point("home 1"), plan.point("J10")) is not None


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"shelves": {"1": "nowhere"}}, "nowhere"),
        ({"totes": {"T1": "99"}}, "T1"),
        ({"lanes": []}, "no lane joins"),
        ({"size": "large"}, "size"),
    ],
)
def test_a_wrong_plan_says_what_is_wrong(
    tmp_path_factory: pytest.TempPathFactory, change: dict[str, object], problem: str
) -> None:
    path = tmp_path_factory.mktemp("floor") / "floor.yaml"
    path.write_text(yaml.safe_dump({**HALL.model_dump(mode="json"), **change}), encoding="utf-8")
    with pytest.raises(InputError, match=problem):
        FloorPlan.load(path)


async def test_a_tote_is_delivered_from_wherever_it_is_and_stays_where_it_is_wanted(clock: FakeClock) -> None:
    world = hall(clock)
    for station in ("2", "2", "1"):
        work = asyncio.create_task(world.deliver_tote("robot-1", "T7", station))
        await clock.advance(300.0)
        await work
        assert world.truth().totes["T7"] == f"station {station}"
    other = asyncio.create_task(world.deliver_tote("robot-1", "T4", "9"))
    assert await refusal(other) is Refusal.NO_SUCH_STATION
    world.robots["robot-2"].x, world.robots["robot-2"].y = HALL.point("station 1")
    pick = asyncio.create_task(world.pick_tote("robot-2", "T7"))
    await clock.advance(10.0)
    await pick
    taken = asyncio.create_task(world.deliver_tote("robot-1", "T7", "3"))
    assert await refusal(taken) is Refusal.TOTE_ELSEWHERE
