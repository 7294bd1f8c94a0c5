"""The hall's traffic service: what a coordinator announces keeps robots out, or has them stand, and costs them no order."""

from __future__ import annotations

import asyncio

from demos.warehouse.firmware import build_fleet
from demos.warehouse.floor import bundled
from demos.warehouse.site import site_of
from demos.warehouse.traffic_service import TrafficService
from demos.warehouse.view import WorldFloor
from demos.warehouse.world import WarehouseWorld
from protocol.messages import ClosedPlace, TrafficNotice, encode
from protocol.topics import Topics
from transport.clock import FakeClock
from transport.ports import Delivery

HALL = bundled()
TOPICS = Topics("test")


def hall(clock: FakeClock) -> tuple[WarehouseWorld, TrafficService]:
    world = WarehouseWorld(len(HALL.shelves), ["robot-1"], seed=0, clock=clock, time_scale=1.0, plan=HALL)
    return world, TrafficService(HALL, world.traffic, TOPICS)


def told(*places: str, standing: tuple[str, ...] = (), epoch: int = 1) -> Delivery:
    closed = tuple(ClosedPlace(name=name, sentence=f"{name} is out of use.") for name in places)
    notice = TrafficNotice(epoch=epoch, closed=closed, standing=standing, at=0.0)
    return Delivery(TOPICS.traffic, encode(notice))


async def test_a_robot_goes_round_an_aisle_that_was_announced_as_closed(clock: FakeClock) -> None:
    world, service = hall(clock)
    robot = world.robots["robot-1"]
    robot.x, robot.y = HALL.point("B south")
    service.take(told("aisle B", "shelf 3"))
    assert world.truth().out_of_use == ("B",)
    drive = asyncio.create_task(world.drive_to("robot-1", *HALL.point("station 2")))
    await clock.advance(80.0)
    await drive
    assert {one.part for one in world.truth().entries} == {"A"}


async def test_a_robot_in_an_aisle_that_is_closed_leaves_it_the_shortest_way(clock: FakeClock) -> None:
    world, service = hall(clock)
    robot = world.robots["robot-1"]
    robot.x, robot.y = HALL.point("B1")
    service.take(told("aisle B"))
    drive = asyncio.create_task(world.drive_to("robot-1", *HALL.point("station 2")))
    await clock.advance(3.5)
    assert robot.y <= HALL.point("B south")[1]
    await clock.advance(80.0)
    await drive
    assert world.place_of(robot) == "station 2"


async def test_a_robot_stands_where_it_is_and_goes_on_with_the_same_order(clock: FakeClock) -> None:
    world, service = hall(clock)
    drive = asyncio.create_task(world.drive_to("robot-1", *HALL.point("A1")))
    await clock.advance(2.0)
    service.take(told(standing=("robot-1",)))
    await clock.advance(2.0)
    there = world.robots["robot-1"].place
    await clock.advance(600.0)
    assert world.robots["robot-1"].place == there
    assert not drive.done()
    (shown,) = WorldFloor(world, build_fleet(world)).state().movers
    assert (shown.state, bool(shown.way)) == ("stopped", True), "it is seen to stand, and where it was going"
    service.take(told())
    await clock.advance(20.0)
    await drive
    assert world.robots["robot-1"].place == HALL.point("A1")


def test_what_an_older_coordinator_says_and_what_cannot_be_read_changes_nothing(clock: FakeClock) -> None:
    world, service = hall(clock)
    service.take(told("lift", epoch=3))
    service.take(told("aisle A", epoch=2))
    service.take(Delivery(TOPICS.traffic, b"{"))
    assert world.truth().out_of_use == ("lift",)


def test_the_site_of_the_hall_names_its_parts_and_joins_its_places(clock: FakeClock) -> None:
    site = site_of(hall(clock)[0])
    assert {"aisle A", "aisle B", "aisle C", "aisle M", "gate", "lift"} <= set(site.zones)
    assert len(site.links) == len(HALL.lanes)
    assert site.zones["aisle B"].area == (13.0, 4.5, 17.0, 19.5)
