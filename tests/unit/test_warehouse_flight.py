"""The drone has a place at every moment: the world knows it, the drone's own API tells it, and the map shows it."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demos.warehouse.firmware import build_fleet
from demos.warehouse.flight import FlightState, Flyer
from demos.warehouse.floor import FloorPlan, Point, bundled
from demos.warehouse.machines import FLIGHT_SECONDS, build_machines, machine_description
from demos.warehouse.view import WorldFloor
from demos.warehouse.world import WarehouseWorld
from device_agent.attributes import told_properties
from device_agent.drivers.port import DriverError
from firmware_api_specs.loader import load
from transport.clock import FakeClock

PLAN = bundled()
metres = st.floats(0, 40)
places = st.tuples(metres, metres)


def hall(clock: FakeClock, plan: FloorPlan = PLAN) -> WarehouseWorld:
    return WarehouseWorld(len(plan.shelves), ["robot-1"], seed=2, clock=clock, time_scale=1.0, plan=plan)


@given(start=places, goal=places, seconds=st.floats(0.1, 60), share=st.floats(0, 1))
def test_it_is_on_the_straight_line_as_far_as_its_time_has_passed(
    start: Point, goal: Point, seconds: float, share: float
) -> None:
    now = [100.0]
    flyer = Flyer(start, lambda: now[0])
    flyer.set_off(goal, seconds)
    now[0] += share * seconds
    assert flyer.place == pytest.approx(
        (start[0] + share * (goal[0] - start[0]), start[1] + share * (goal[1] - start[1])), abs=1e-6
    )
    now[0] += seconds + 0.001
    assert flyer.place == pytest.approx(goal, abs=1e-6)
    assert flyer.way == ()


def test_who_is_sent_elsewhere_or_forced_down_does_not_arrive() -> None:
    now = [0.0]
    flyer = Flyer((0, 0), lambda: now[0])
    flyer.set_off((10, 0), 10)
    now[0] = 5
    flyer.set_off((5, 5), 10)
    assert not flyer.arrive((10, 0))
    now[0] = 10
    assert flyer.place == (5, 2.5)
    flyer.land()
    now[0] = 100
    assert not flyer.arrive((5, 5))
    assert (flyer.place, flyer.way, flyer.state) == ((5, 2.5), (), FlightState.GROUNDED)


async def test_the_drone_flies_from_its_pad_to_a_shelf_and_everyone_sees_where_it_is(
    clock: FakeClock,
) -> None:
    world = hall(clock)
    drone = build_machines(world)["drone-1"]
    floor = WorldFloor(world, build_fleet(world))
    pad, shelf = PLAN.drone_pad, PLAN.point(PLAN.shelves["7"])
    assert pad is not None
    assert any(place.at == pad for place in floor.picture().places)
    (mover,) = [mover for mover in floor.state().movers if mover.flies]
    assert (mover.name, mover.at, mover.state) == ("drone-1", pad, "charging")

    flight = asyncio.create_task(drone.call("flyToShelf", {"shelfNo": 7}))
    await clock.advance(FLIGHT_SECONDS / 2)
    halfway = ((pad[0] + shelf[0]) / 2, (pad[1] + shelf[1]) / 2)
    truth = world.truth().flyers["drone-1"]
    assert (truth.x, truth.y) == pytest.approx(halfway)
    assert (truth.at_shelf, truth.way) == (None, (shelf,))
    (mover,) = [mover for mover in floor.state().movers if mover.flies]
    assert (mover.at, mover.state, mover.way) == (pytest.approx(halfway, abs=0.01), "working", (shelf,))
    assert await drone.call("hoverPoint", {}) == pytest.approx(list(halfway), abs=0.01)

    await clock.advance(FLIGHT_SECONDS / 2)
    assert (await flight)["done"]
    assert world.truth().flyers["drone-1"].at_shelf == "7"
    assert await drone.call("hoverPoint", {}) == list(shelf)
    assert tuple((await drone.call("readShelfLabels", {}))["labelsRead"]) == world.shelf("7").items


async def test_forced_down_on_its_way_it_lies_there_and_reads_nothing(clock: FakeClock) -> None:
    world = hall(clock)
    drone = build_machines(world)["drone-1"]
    flight = asyncio.create_task(drone.call("flyToShelf", {"shelfNo": 1}))
    await clock.advance(FLIGHT_SECONDS / 4)
    await drone.make_safe()
    place = world.flyers["drone-1"].place
    await clock.advance(FLIGHT_SECONDS)
    with pytest.raises(DriverError, match="forced down"):
        await flight
    assert world.flyers["drone-1"].place == place
    assert world.truth().flyers["drone-1"].state is FlightState.GROUNDED
    assert not (await drone.call("readShelfLabels", {}))["done"]
    await drone.call("clearGrounding", {})
    assert (await drone.call("readShelfLabels", {}))["labelsRead"] == []


async def test_a_tour_ends_at_the_last_shelf_and_the_way_home_on_the_pad(clock: FakeClock) -> None:
    world = hall(clock)
    drone = build_machines(world)["drone-1"]
    tour = asyncio.create_task(drone.call("countBareShelves", {}))
    for _ in range(len(PLAN.shelves)):
        await clock.advance(FLIGHT_SECONDS)
    await tour
    assert world.truth().flyers["drone-1"].at_shelf == list(PLAN.shelves)[-1]
    home = asyncio.create_task(drone.call("backToPad", {}))
    await clock.advance(FLIGHT_SECONDS)
    await home
    assert world.flyers["drone-1"].place == PLAN.drone_pad
    assert await drone.call("flightState", {}) == "on_pad"


def test_what_the_drone_tells_of_itself_is_its_position_in_metres() -> None:
    (told,) = [
        each for each in told_properties(load(machine_description("skylark"))) if each.name == "hoverPoint"
    ]
    (finding,) = told.action.findings([3.5, 12.0])
    assert (finding.what, finding.value, finding.unit) == ("position", (3.5, 12.0), "meter")


def test_a_plan_without_a_pad_has_the_drone_in_its_middle(clock: FakeClock) -> None:
    world = hall(clock, PLAN.model_copy(update={"drone_pad": None}))
    build_machines(world)
    assert world.flyers["drone-1"].place == (PLAN.size[0] / 2, PLAN.size[1] / 2)
