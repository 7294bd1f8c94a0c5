"""The warehouse: time, motion, and what robots cannot do."""

from __future__ import annotations

import asyncio

import pytest

from demos.warehouse.state import Refusal, RefusedError
from demos.warehouse.world import NETWORKS, WarehouseWorld
from transport.clock import FakeClock


def warehouse(clock: FakeClock, shelves: int = 4, robots: int = 2) -> WarehouseWorld:
    robot_ids = [f"robot-{number}" for number in range(1, robots + 1)]
    return WarehouseWorld(shelves, robot_ids, seed=1, clock=clock, time_scale=60.0)


async def test_driving_takes_the_time_that_the_way_needs(clock: FakeClock) -> None:
    world = warehouse(clock)
    robot, shelf = world.robots["robot-1"], world.shelves["4"]
    metres = abs(shelf.x - robot.x) + abs(shelf.y - robot.y)
    drive = asyncio.create_task(world.drive_to_shelf("robot-1", "4"))
    await clock.advance(metres / 60 - 0.001)
    assert not drive.done()
    assert world.truth().robots["robot-1"].at_shelf is None
    await clock.advance(0.002)
    await drive
    assert world.truth().robots["robot-1"].at_shelf == "4"


async def test_a_faster_robot_arrives_earlier(clock: FakeClock) -> None:
    world = warehouse(clock)
    await world.set_speed("robot-1", 2.0)
    robot, shelf = world.robots["robot-1"], world.shelves["4"]
    metres = abs(shelf.x - robot.x) + abs(shelf.y - robot.y)
    drive = asyncio.create_task(world.drive_to_shelf("robot-1", "4"))
    await clock.advance(metres / 120 + 0.001)
    assert drive.done()
    await drive


async def test_emergency_stop_ends_a_drive_where_it_is(clock: FakeClock) -> None:
    world = warehouse(clock)
    drive = asyncio.create_task(world.drive_to_shelf("robot-1", "4"))
    await clock.advance(5 / 60)
    await world.stop("robot-1")
    stopped_at = await world.position("robot-1")
    await clock.advance(1)
    with pytest.raises(RefusedError) as caught:
        await drive
    assert caught.value.refusal is Refusal.STOPPED
    assert await world.position("robot-1") == stopped_at
    assert stopped_at != world.robots["robot-1"].dock


async def test_an_emergency_stop_brings_an_access_point_back_to_its_last_network(clock: FakeClock) -> None:
    world = warehouse(clock)
    joining = asyncio.create_task(world.join_network("robot-1", "office", NETWORKS["office"]))
    await clock.advance(1)
    await joining
    opening = asyncio.create_task(world.become_access_point("robot-1"))
    await clock.advance(1)
    await opening
    world.halt("robot-1")
    assert world.truth().robots["robot-1"].is_access_point
    await world.stop("robot-1")
    truth = world.truth().robots["robot-1"]
    assert (truth.is_access_point, truth.network) == (False, "office")


async def test_a_newer_order_overrules_the_older_one(clock: FakeClock) -> None:
    world = warehouse(clock)
    first = asyncio.create_task(world.drive_to_shelf("robot-1", "4"))
    await clock.advance(3 / 60)
    second = asyncio.create_task(world.drive_to_shelf("robot-1", "1"))
    await clock.advance(2)
    with pytest.raises(RefusedError):
        await first
    await second
    assert world.truth().robots["robot-1"].at_shelf == "1"


async def test_an_empty_battery_ends_the_drive(clock: FakeClock) -> None:
    world = warehouse(clock)
    world.robots["robot-1"].battery = 0.002
    drive = asyncio.create_task(world.drive_to_shelf("robot-1", "4"))
    await clock.advance(2)
    with pytest.raises(RefusedError) as caught:
        await drive
    assert caught.value.refusal is Refusal.BATTERY_EMPTY
    assert world.truth().robots["robot-1"].battery == 0


async def test_docking_charges_until_full(clock: FakeClock) -> None:
    world = warehouse(clock)
    world.robots["robot-1"].battery = 0.5
    docking = asyncio.create_task(world.dock("robot-1"))
    await clock.advance(299 / 60)
    assert not docking.done()
    assert world.truth().robots["robot-1"].is_charging
    await clock.advance(2 / 60)
    await docking
    assert world.truth().robots["robot-1"].battery == 1.0


async def test_leaving_the_dock_ends_charging(clock: FakeClock) -> None:
    world = warehouse(clock)
    world.robots["robot-1"].battery = 0.5
    docking = asyncio.create_task(world.dock("robot-1"))
    await clock.advance(1 / 60)
    drive = asyncio.create_task(world.drive_to_shelf("robot-1", "1"))
    await clock.advance(20)
    with pytest.raises(RefusedError):
        await docking
    await drive
    truth = world.truth().robots["robot-1"]
    assert not truth.is_charging
    assert truth.battery < 0.5


@pytest.mark.parametrize(("x", "y"), [(-1.0, 1.0), (1.0, -1.0), (25.0, 1.0), (1.0, 999.0)])
async def test_places_outside_the_hall_are_refused(clock: FakeClock, x: float, y: float) -> None:
    world = warehouse(clock)
    with pytest.raises(RefusedError) as caught:
        await world.drive_to("robot-1", x, y)
    assert caught.value.refusal is Refusal.OUTSIDE


async def test_driving_off_while_looking_spoils_the_look(clock: FakeClock) -> None:
    world = warehouse(clock)
    robot, shelf = world.robots["robot-1"], world.shelves["1"]
    robot.x, robot.y = shelf.x, shelf.y
    look = asyncio.create_task(world.look_for_vacancy("robot-1", "1"))
    await clock.advance(1 / 60)
    drive = asyncio.create_task(world.drive_to_shelf("robot-1", "2"))
    await clock.advance(2)
    await drive
    with pytest.raises(RefusedError) as caught:
        await look
    assert caught.value.refusal is Refusal.NOT_AT_SHELF


async def test_only_the_robot_that_is_told_moves(clock: FakeClock) -> None:
    world = warehouse(clock)
    before = world.truth()
    drive = asyncio.create_task(world.drive_to_shelf("robot-1", "2"))
    await clock.advance(2)
    await drive
    after = world.truth()
    assert after.robots["robot-2"] == before.robots["robot-2"]
    assert after.shelves == before.shelves


async def test_wrong_network_or_secret_leaves_the_connection(clock: FakeClock) -> None:
    world = warehouse(clock)
    for name, secret, refusal in [
        ("nowhere", "x", Refusal.NO_SUCH_NETWORK),
        ("office", "x", Refusal.WRONG_SECRET),
    ]:
        join = asyncio.create_task(world.join_network("robot-1", name, secret))
        await clock.advance(1)
        with pytest.raises(RefusedError) as caught:
            await join
        assert caught.value.refusal is refusal
    assert world.truth().robots["robot-1"].network == "hall-north"
    assert "hall-north" in NETWORKS


def test_impossible_worlds_are_refused(clock: FakeClock) -> None:
    with pytest.raises(ValueError, match="shelf_count is 0"):
        WarehouseWorld(0, [], seed=0, clock=clock)
    with pytest.raises(ValueError, match="time_scale is 0"):
        WarehouseWorld(1, [], seed=0, clock=clock, time_scale=0)
