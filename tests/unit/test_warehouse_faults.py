"""Injected faults do what they say, and no more."""

from __future__ import annotations

import asyncio
import math

import pytest
from pydantic import ValidationError

from demos.warehouse.faults import RobotFaults
from demos.warehouse.firmware import SimulatedFirmware
from demos.warehouse.world import WarehouseWorld
from device_agent.drivers.port import DriverError
from transport.clock import FakeClock


@pytest.fixture
def firmware(clock: FakeClock) -> SimulatedFirmware:
    world = WarehouseWorld(2, ["robot-1"], seed=0, clock=clock, time_scale=math.inf)
    return SimulatedFirmware("kestrel", world, "robot-1")


async def test_failing_calls_fail_as_often_as_asked(firmware: SimulatedFirmware) -> None:
    firmware.faults.failing_calls = 2
    for _ in range(2):
        with pytest.raises(DriverError, match="reported a fault"):
            await firmware.call("get_battery_status", {})
    assert (await firmware.call("get_battery_status", {}))[0] is True


async def test_a_hanging_call_ends_only_when_cancelled(firmware: SimulatedFirmware, clock: FakeClock) -> None:
    firmware.faults = RobotFaults(hanging_calls=1)
    hanging = asyncio.create_task(firmware.call("move_to_shelf", {"shelf_num": 1}))
    await clock.advance(100_000)
    assert not hanging.done()
    assert (await firmware.call("get_battery_status", {}))[0] is True
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging


async def test_a_silent_robot_answers_nothing_until_mended(
    firmware: SimulatedFirmware, clock: FakeClock
) -> None:
    firmware.faults.silent = True
    calls = [asyncio.create_task(firmware.call("get_battery_status", {})) for _ in range(3)]
    await clock.advance(100_000)
    assert not any(call.done() for call in calls)
    for call in calls:
        call.cancel()
    firmware.faults.silent = False
    assert (await firmware.call("get_battery_status", {}))[0] is True


async def test_a_dead_robot_fails_at_once_and_make_safe_never_raises(firmware: SimulatedFirmware) -> None:
    firmware.faults.dead = True
    with pytest.raises(DriverError, match="cannot be reached"):
        await firmware.call("get_battery_status", {})
    await firmware.make_safe()


async def test_make_safe_stops_a_drive(clock: FakeClock) -> None:
    world = WarehouseWorld(4, ["robot-1"], seed=0, clock=clock)
    firmware = SimulatedFirmware("kestrel", world, "robot-1")
    drive = asyncio.create_task(firmware.call("move_to_shelf", {"shelf_num": 4}))
    await clock.advance(3 / 60)
    firmware.faults.silent = True
    await firmware.make_safe()
    await clock.advance(10)
    assert await drive == [False, "The robot was stopped on the way."]


def test_a_fault_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValidationError):
        RobotFaults(failing_calls=-1)
    with pytest.raises(ValidationError):
        RobotFaults().failing_calls = -1
    with pytest.raises(ValidationError):
        RobotFaults.model_validate({"asleep": True})


def test_drawn_faults_depend_on_the_seed_only() -> None:
    robots = [f"robot-{number}" for number in range(40)]
    assert RobotFaults.draw(5, robots, 0.5) == RobotFaults.draw(5, robots, 0.5)
    assert RobotFaults.draw(5, robots, 0.5) != RobotFaults.draw(6, robots, 0.5)
    assert all(faults == RobotFaults() for faults in RobotFaults.draw(5, robots, 0.0).values())
    assert all(faults != RobotFaults() for faults in RobotFaults.draw(5, robots, 1.0).values())
