"""The modes of the ten brands: what each Thing Description promises, and what the firmware really lets a robot do."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from typing import Any

import pytest

from demos.warehouse.firmware import VENDOR_NAMES, SimulatedFirmware, thing_description
from demos.warehouse.floor import grid
from demos.warehouse.state import Mode
from demos.warehouse.vendor_modes import VENDOR_MODES
from demos.warehouse.vendors import VENDORS, Operation, Role
from demos.warehouse.world import WarehouseWorld
from device_agent.drivers.port import DriverError
from device_agent.modes import automaton_of
from firmware_api_specs.loader import load
from firmware_api_specs.safeguards import Compensation
from fsm.modes import CallModes
from transport.clock import FakeClock

VALUES = {
    Role.SHELF: 2,
    Role.STATION: 1,
    Role.TOTE: "T2",
    Role.X: 3.0,
    Role.Y: 2.5,
    Role.ANGLE: 0.1,
    Role.SPEED: 1.0,
}
SECRETS = {Role.NETWORK: "office", Role.SECRET: "stapler42"}
every_vendor = pytest.mark.parametrize("vendor", VENDOR_NAMES)


class Brand:
    """One brand's robot. Nothing takes time unless a clock is given."""

    def __init__(self, vendor: str, clock: FakeClock | None = None) -> None:
        scale = math.inf if clock is None else 60.0
        self.world = WarehouseWorld(
            4, ["robot-1"], seed=3, clock=clock or FakeClock(), time_scale=scale, plan=grid(2, 2, 1, 1)
        )
        self.robot = self.world.robots["robot-1"]
        self.firmware = SimulatedFirmware(vendor, self.world, "robot-1")
        self.description = load(thing_description(vendor))
        self.automaton = automaton_of(self.description)
        self.modes = VENDOR_MODES[vendor]
        self.functions = {
            function.operation: (name, function) for name, function in VENDORS[vendor].functions.items()
        }

    def name(self, operation: Operation) -> str:
        return self.functions[operation][0]

    def arguments(self, operation: Operation) -> dict[str, Any]:
        given: Mapping[Role, Any] = VALUES | SECRETS
        return {
            native: given[argument.role]
            if argument.factor is None
            else given[argument.role] / argument.factor
            for native, argument in self.functions[operation][1].arguments.items()
        }

    async def run(self, operation: Operation) -> str | None:
        """Run a function; returns why it failed in the words that a person would be told."""
        name = self.name(operation)
        if operation in {Operation.PICK, Operation.PUT}:
            self._stand_ready(is_loaded=operation is Operation.PUT)
        try:
            result = await self.firmware.call(name, self.arguments(operation))
        except DriverError as error:
            return error.message
        return self.description.actions[name].failure(result)

    def _stand_ready(self, *, is_loaded: bool) -> None:
        """Put the robot before the shelf of tote T2, with the tote or without."""
        goods, shelf = self.world.goods, self.world.shelves["2"]
        assert goods is not None
        self.robot.x, self.robot.y = shelf.x, shelf.y
        if is_loaded and self.robot.load is None:
            goods.pick(self.robot, "T2", "shelf 2")
        elif not is_loaded and self.robot.load is not None:
            goods.put(self.robot, "shelf 2")

    async def mode(self) -> str:
        told = await self.firmware.call(self.modes.mode_property, {})
        assert isinstance(told, str)
        return told


@every_vendor
def test_the_description_promises_what_the_firmware_does(vendor: str) -> None:
    brand = Brand(vendor)
    words = brand.modes.words
    assert brand.description.modes == tuple(words.values())
    assert brand.description.initial_mode == words[Mode.READY]
    assert brand.description.mode_property == brand.modes.mode_property
    for operation in Operation:
        rule = brand.modes.rules.get(operation)
        allowed = (
            None if rule is None else frozenset(words[mode] for mode in rule.allowed_in if mode in words)
        )
        expected = CallModes(
            allowed_in=None if allowed == set(words.values()) else allowed,
            leads_to=None if rule is None or rule.leads_to is None else words[rule.leads_to],
        )
        assert brand.automaton.of(brand.name(operation)) == expected, operation


@every_vendor
def test_everything_can_be_done_at_first_and_a_stop_always_and_every_mode_can_be_left(vendor: str) -> None:
    brand = Brand(vendor)
    ready = brand.modes.words[Mode.READY]
    for operation in Operation:
        assert brand.automaton.of(brand.name(operation)).allows(ready)
    for mode in brand.automaton.modes:
        assert brand.automaton.of(brand.name(Operation.STOP)).allows(mode)
        assert brand.automaton.reachable([mode]) == brand.automaton.modes


def test_brands_differ_in_what_their_modes_allow() -> None:
    tables = {
        vendor: {operation: (set(rule.allowed_in), rule.leads_to) for operation, rule in modes.rules.items()}
        for vendor, modes in VENDOR_MODES.items()
    }
    assert all(tables[one] != tables[other] for one in tables for other in tables if one < other)
    spoken = [word for modes in VENDOR_MODES.values() for word in modes.words.values()]
    assert len(set(spoken)) > 0.8 * len(spoken)
    assert {len(modes.words) for modes in VENDOR_MODES.values()} == {3, 4}


@every_vendor
async def test_what_the_demo_does_is_allowed(vendor: str) -> None:
    brand = Brand(vendor)
    errand = (Operation.TO_SHELF, Operation.VACANCY, Operation.ITEMS, Operation.CAPTURE, Operation.DOCK)
    for operation in (*errand, *errand, Operation.NAVIGATE):
        assert await brand.run(operation) is None
    assert brand.robot.mode_refusals == 0


@every_vendor
async def test_an_emergency_stop_forbids_driving_until_it_is_released(vendor: str) -> None:
    brand = Brand(vendor)
    assert await brand.run(Operation.STOP) is None
    assert await brand.mode() == brand.modes.words[Mode.STOPPED]
    place = (brand.robot.x, brand.robot.y)
    failure = await brand.run(Operation.TO_SHELF)
    assert failure is not None
    assert not any(name in failure for name in brand.automaton.calls)
    assert (brand.robot.x, brand.robot.y) == place
    assert brand.robot.mode_refusals == 1
    releases = [
        operation
        for operation, rule in brand.modes.rules.items()
        if Mode.STOPPED in rule.allowed_in and rule.leads_to not in {None, Mode.STOPPED}
    ]
    assert await brand.run(releases[0]) is None
    assert await brand.run(Operation.TO_SHELF) is None


@every_vendor
async def test_an_access_point_is_left_by_joining_a_network(vendor: str) -> None:
    brand = Brand(vendor)
    await brand.run(Operation.ACCESS_POINT)
    assert await brand.mode() == brand.modes.words[Mode.ACCESS_POINT]
    assert brand.robot.network is None
    assert await brand.run(Operation.DOCK) is not None
    assert await brand.run(Operation.WIFI) is None
    assert await brand.mode() == brand.modes.words[Mode.READY]
    assert brand.robot.network == "office"


@every_vendor
async def test_a_refusal_is_in_the_brands_own_language_and_shape(vendor: str) -> None:
    brand = Brand(vendor)
    await brand.run(Operation.STOP)
    name, arguments = brand.name(Operation.NAVIGATE), brand.arguments(Operation.NAVIGATE)
    if vendor in {"yunlu", "dromo", "ardoise"}:
        with pytest.raises(DriverError, match="in its present mode"):
            await brand.firmware.call(name, arguments)
        return
    told = brand.description.actions[name].vendor_message(await brand.firmware.call(name, arguments))
    words = {"en": "present mode", "de": "Betriebszustand", "fr": "état actuel", "zh": "当前状态"}
    assert told is not None
    assert words[brand.description.language] in told


async def test_the_dock_is_left_when_the_robot_sets_off_and_not_when_it_cannot(clock: FakeClock) -> None:
    brand = Brand("kestrel", clock)
    brand.robot.mode = Mode.DOCKED
    refused = asyncio.create_task(brand.firmware.call("move_to_shelf", {"shelf_num": 99}))
    await clock.settle()
    assert (await refused)[0] is False
    assert await brand.mode() == "docked"
    drive = asyncio.create_task(brand.run(Operation.TO_SHELF))
    await clock.advance(2 / 60)
    assert await brand.mode() == "ready"
    drive.cancel()
    await asyncio.wait({drive})
    assert await brand.mode() == "ready"


async def test_an_emergency_stop_outlasts_what_ends_after_it(clock: FakeClock) -> None:
    brand = Brand("hafenbot", clock)
    surveying = asyncio.create_task(brand.run(Operation.MAP))
    await clock.advance(30 / 60)
    assert await brand.run(Operation.STOP) is None
    await clock.advance(1)
    assert await surveying is None
    assert await brand.mode() == "NOTHALT"
    docking = asyncio.create_task(brand.run(Operation.DOCK))
    await clock.advance(1 / 60)
    assert await brand.run(Operation.STOP) is None
    await clock.advance(20)
    assert await docking is not None
    assert await brand.mode() == "NOTHALT"


@every_vendor
async def test_being_brought_to_rest_changes_no_mode(vendor: str) -> None:
    brand = Brand(vendor)
    await brand.run(Operation.DOCK)
    before = await brand.mode()
    await brand.firmware.make_safe()
    assert await brand.mode() == before


@every_vendor
async def test_properties_are_told_as_described(vendor: str) -> None:
    brand = Brand(vendor)
    for mode in brand.modes.words:
        brand.robot.mode = mode
        reading = brand.description.affordance(brand.modes.mode_property).action
        (finding,) = reading.findings(await brand.mode())
        assert finding.what == "state of operation"
        assert isinstance(finding.value, str)
        assert finding.value.isascii()
    brand.robot.battery = 0.64
    charge = await brand.firmware.call(brand.modes.battery_property, {})
    (finding,) = brand.description.affordance(brand.modes.battery_property).action.findings(charge)
    assert (finding.what, finding.value, finding.unit) == ("battery level", 64, "percent")
    with pytest.raises(DriverError):
        await brand.firmware.call(brand.modes.battery_property, {"of": 1})


@every_vendor
async def test_the_battery_is_watched(vendor: str) -> None:
    brand = Brand(vendor)
    for battery, trips in ((0.6, False), (0.25, False), (0.02, True)):
        brand.robot.battery = battery
        for watch in brand.description.watches:
            assert watch.trips(await brand.firmware.call(watch.property, {})) is trips
    assert {watch.then for watch in brand.description.watches} >= {"pause"}


@every_vendor
async def test_a_compensation_works_in_every_mode_that_a_failure_can_leave(vendor: str) -> None:
    brand = Brand(vendor)
    failing = {
        name: action.on_failure
        for name, action in brand.description.actions.items()
        if isinstance(action.on_failure, Compensation)
    }
    assert failing
    for name, compensation in failing.items():
        call = brand.automaton.of(name)
        left = {mode for mode in brand.automaton.modes if call.allows(mode)} | (
            {call.leads_to} if call.leads_to else set()
        )
        for mode, word in brand.modes.words.items():
            if word in left:
                brand.robot.mode = mode
                result = await brand.firmware.call(compensation.action, compensation.arguments)
                assert brand.description.actions[compensation.action].failure(result) is None
