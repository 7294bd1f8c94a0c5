"""Ten brands: what each Thing Description promises is what its firmware does, in the same world."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import pint
import pytest

from demos.warehouse.firmware import (
    VENDOR_NAMES,
    SimulatedFirmware,
    build_fleet,
    thing_description,
    vendor_of,
)
from demos.warehouse.floor import grid
from demos.warehouse.vendors import VENDORS, Operation, Role
from demos.warehouse.world import NETWORKS, WarehouseWorld
from device_agent.drivers.port import DriverError
from firmware_api_specs.check import check_file
from firmware_api_specs.names import is_technical, names
from firmware_api_specs.results import SAID_NO
from firmware_api_specs.thing_description import Action, ThingDescription
from protocol import messages
from protocol.errors import ErrorCode, InputError
from protocol.messages import Finding, Message
from transport.clock import FakeClock

AT_ONCE = math.inf
"""A time scale at which nothing takes any time."""

FINDING_OF = {
    Operation.CAPTURE: {"image"},
    Operation.VACANCY: {"vacant space"},
    Operation.ITEMS: {"items on the shelf"},
    Operation.NETWORKS: {"networks in range"},
    Operation.MAP: {"shelves on the map"},
    Operation.BATTERY: {"battery level"},
}
POSITION_FINDINGS = (["position"], ["position from the west wall", "position from the south wall"])

every_vendor = pytest.mark.parametrize("vendor", VENDOR_NAMES)


@cache
def _registry(units: tuple[tuple[str, str], ...]) -> pint.UnitRegistry:
    registry = pint.UnitRegistry()
    for unit, definition in units:
        registry.define(f"{unit} = {definition}")
    return registry


class Brand:
    """One brand's robot, driven by what its Thing Description says: values come in metres, degrees, m/s."""

    def __init__(self, vendor: str, *, shelves: int = 10, seed: int = 7) -> None:
        self.world = WarehouseWorld(
            shelves,
            ["robot-1"],
            seed=seed,
            clock=FakeClock(),
            time_scale=AT_ONCE,
            plan=grid(1, shelves, 1, 1),
        )
        self.robot = self.world.robots["robot-1"]
        self.firmware = SimulatedFirmware(vendor, self.world, "robot-1")
        self.description = ThingDescription.model_validate(thing_description(vendor))
        self.names = {function.operation: name for name, function in VENDORS[vendor].functions.items()}
        self.vendor = VENDORS[vendor]
        self._registry = _registry(tuple(sorted(self.description.units.items())))

    def action(self, operation: Operation) -> Action:
        return self.description.actions[self.names[operation]]

    def arguments(self, operation: Operation, values: Mapping[Role, Any]) -> dict[str, Any]:
        roles = self.vendor.functions[self.names[operation]].arguments
        units = {argument.name: argument.unit for argument in self.action(operation).arguments}
        return {native: self._in_unit(values[a.role], a.role, units[native]) for native, a in roles.items()}

    async def run(self, operation: Operation, values: Mapping[Role, Any] | None = None) -> Any:
        return await self.firmware.call(self.names[operation], self.arguments(operation, values or {}))

    async def refusal(self, operation: Operation, values: Mapping[Role, Any]) -> str:
        """Run what must be refused, in the brand's own way; returns what is then told to a person."""
        try:
            result = await self.run(operation, values)
        except DriverError as error:
            return error.message
        failure = self.action(operation).failure(result)
        assert failure is not None
        assert self.action(operation).vendor_message(result)
        return failure

    async def find(
        self, operation: Operation, values: Mapping[Role, Any] | None = None
    ) -> tuple[Finding, ...]:
        result = await self.run(operation, values)
        assert self.action(operation).failure(result) is None
        return self.action(operation).findings(result)

    def metres(self, value: float, unit: str | None) -> float:
        return float(self._registry.Quantity(value, unit).to("meter").magnitude)

    def _in_unit(self, value: Any, role: Role, unit: str | None) -> Any:
        if unit is None:
            return value
        if role is Role.SPEED and unit == "percent":
            return value / 2.0 * 100  # all robots have the same top speed of 2 m/s
        given = {Role.X: "meter", Role.Y: "meter", Role.ANGLE: "degree", Role.SPEED: "meter/second"}[role]
        return float(self._registry.Quantity(value, given).to(unit).magnitude)


VALUES = {
    Role.SHELF: 2,
    Role.STATION: 1,
    Role.TOTE: "T2",
    Role.X: 3.0,
    Role.Y: 2.5,
    Role.ANGLE: 20.0,
    Role.SPEED: 1.5,
    Role.NETWORK: "office",
    Role.SECRET: NETWORKS["office"],
}


def test_there_are_ten_brands_and_each_has_a_description() -> None:
    folder = files("firmware_api_specs") / "warehouse"
    assert {entry.name for entry in folder.iterdir()} == {f"{vendor}.td.json" for vendor in VENDOR_NAMES}
    assert len(VENDOR_NAMES) == 10


@every_vendor
def test_description_is_valid(vendor: str) -> None:
    assert check_file(str(files("firmware_api_specs") / "warehouse" / f"{vendor}.td.json")) == []


@every_vendor
def test_description_and_firmware_have_the_same_functions(vendor: str) -> None:
    brand = Brand(vendor)
    assert set(brand.description.actions) == set(brand.vendor.functions)
    assert set(brand.names) == set(Operation)
    assert {entry.name for entry in brand.description.affordances()} == {
        *brand.vendor.functions,
        *brand.firmware.property_names,
    }
    for name, function in brand.vendor.functions.items():
        arguments = brand.description.actions[name].arguments
        assert {argument.name for argument in arguments} == set(function.arguments)
        assert all(argument.required for argument in arguments)


@every_vendor
def test_every_text_also_stands_in_english(vendor: str) -> None:
    def described(node: Any) -> list[dict[str, Any]]:
        below = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        own = [node] if isinstance(node, dict) and isinstance(node.get("description"), str) else []
        return own + [entry for child in below for entry in described(child)]

    document = thing_description(vendor)
    language = VENDORS[vendor].language
    entries = described(document)
    assert len(entries) > 15
    for entry in entries:
        assert entry["descriptions"]["en"].isascii()
        assert entry["descriptions"][language] == entry["description"]
        assert language == "en" or entry["description"] != entry["descriptions"]["en"]
    assert 5 <= len(document["parley:abilities"]) <= 9


def test_notes_come_in_four_languages() -> None:
    spoken = [ThingDescription.model_validate(thing_description(vendor)).language for vendor in VENDOR_NAMES]
    assert {language: spoken.count(language) for language in spoken} == {"en": 4, "de": 2, "fr": 2, "zh": 2}
    assert spoken == [VENDORS[vendor].language for vendor in VENDOR_NAMES]


def test_no_two_brands_describe_a_function_in_the_same_words() -> None:
    texts = [
        action.english for vendor in VENDOR_NAMES for action in Brand(vendor).description.actions.values()
    ]
    assert len(set(texts)) == len(texts)


@every_vendor
def test_no_name_can_stand_in_plain_text_or_on_the_wire_by_chance(vendor: str) -> None:
    plain = [
        "Please help check if there are vacant spaces on the shelves.",
        *(field for kind in _messages() for field in kind.model_fields),
    ]
    for other in VENDOR_NAMES:
        description = ThingDescription.model_validate(thing_description(other))
        plain += [description.english, description.english_title, *description.abilities]
        for action in description.actions.values():
            plain += [action.english, action.english_title]
    text = "\n".join(plain).casefold()
    for name in names(ThingDescription.model_validate(thing_description(vendor))):
        assert is_technical(name)
        assert len(name) >= 5
        assert name.casefold() not in text


def _messages() -> list[type[Message]]:
    return [kind for kind in vars(messages).values() if isinstance(kind, type) and issubclass(kind, Message)]


@every_vendor
@pytest.mark.parametrize("operation", list(Operation))
async def test_every_function_runs(vendor: str, operation: Operation) -> None:
    brand = Brand(vendor)
    await brand.run(Operation.TO_SHELF, VALUES)
    if operation is Operation.PUT:
        await brand.run(Operation.PICK, VALUES)
    findings = [finding.what for finding in await brand.find(operation, VALUES)]
    if operation is Operation.POSITION:
        assert findings in POSITION_FINDINGS
    else:
        assert set(findings) == FINDING_OF.get(operation, set())


@every_vendor
async def test_vacancy_is_the_truth_at_every_shelf(vendor: str) -> None:
    brand = Brand(vendor)
    seen = set()
    for shelf_id, shelf in brand.world.truth().shelves.items():
        await brand.run(Operation.TO_SHELF, {Role.SHELF: int(shelf_id)})
        (finding,) = await brand.find(Operation.VACANCY, {Role.SHELF: int(shelf_id)})
        assert finding.present is shelf.has_vacancy
        if isinstance(finding.value, tuple):
            assert len(finding.value) == len(shelf.free)
        elif finding.value is not None:
            assert finding.value == len(shelf.free)
        seen.add(finding.present)
    assert seen == {True, False}


@every_vendor
@pytest.mark.parametrize("operation", [Operation.VACANCY, Operation.ITEMS])
async def test_a_shelf_cannot_be_seen_from_elsewhere(vendor: str, operation: Operation) -> None:
    brand = Brand(vendor)
    await brand.run(Operation.TO_SHELF, {Role.SHELF: 3})
    refusal = await brand.refusal(operation, {Role.SHELF: 4})
    assert refusal in {SAID_NO, "The robot is not standing at that shelf."}


@every_vendor
async def test_a_shelf_that_is_not_there_is_refused(vendor: str) -> None:
    brand = Brand(vendor)
    refusal = await brand.refusal(Operation.TO_SHELF, {Role.SHELF: 11})
    assert refusal in {SAID_NO, "There is no such shelf."}


@every_vendor
async def test_items_and_networks_are_the_truth(vendor: str) -> None:
    brand = Brand(vendor)
    await brand.run(Operation.TO_SHELF, VALUES)
    (items,) = await brand.find(Operation.ITEMS, VALUES)
    assert items.value == brand.world.truth().shelves["2"].items
    (networks,) = await brand.find(Operation.NETWORKS)
    assert networks.value == tuple(NETWORKS)


@every_vendor
async def test_coordinates_are_in_the_unit_that_the_description_names(vendor: str) -> None:
    brand = Brand(vendor)
    await brand.run(Operation.NAVIGATE, VALUES)
    assert (brand.robot.x, brand.robot.y) == pytest.approx((3.0, 2.5))
    findings = await brand.find(Operation.POSITION)
    values = [
        (value, finding.unit)
        for finding in findings
        for value in (finding.value if isinstance(finding.value, tuple) else (finding.value,))
    ]
    place = [brand.metres(float(value), unit) for value, unit in values if value is not None]
    assert place == pytest.approx([3.0, 2.5], abs=0.001)


@every_vendor
async def test_angle_speed_and_battery_are_in_the_units_that_the_description_names(vendor: str) -> None:
    brand = Brand(vendor)
    await brand.run(Operation.CAMERA, VALUES)
    assert brand.robot.camera_degrees == pytest.approx(20.0)
    await brand.run(Operation.SPEED, VALUES)
    assert brand.robot.speed == pytest.approx(1.5)
    brand.robot.battery = 0.64
    (battery,) = await brand.find(Operation.BATTERY)
    assert battery.value == 64
    assert battery.unit == "percent"


def test_units_and_answer_shapes_differ() -> None:
    units: set[str | None] = set()
    shapes = set()
    for vendor in VENDOR_NAMES:
        brand = Brand(vendor)
        for operation in (Operation.NAVIGATE, Operation.CAMERA, Operation.SPEED):
            units |= {argument.unit for argument in brand.action(operation).arguments}
        output = brand.action(Operation.VACANCY).output
        assert output is not None
        shapes.add(output.type)
    assert units >= {"meter", "millimeter", "centimeter", "cell", "foot", "degree", "radian", "percent"}
    assert shapes == {"array", "object", "boolean", "string", "integer"}


@every_vendor
async def test_radio(vendor: str) -> None:
    brand = Brand(vendor)
    await brand.find(Operation.WIFI, VALUES)
    assert brand.robot.network == "office"
    refusal = await brand.refusal(Operation.WIFI, {Role.NETWORK: "office", Role.SECRET: "guess"})
    assert "guess" not in refusal
    assert brand.robot.network == "office"
    assert brand.action(Operation.ACCESS_POINT).danger == "confirm"
    await brand.find(Operation.ACCESS_POINT)
    assert brand.robot.is_access_point
    assert brand.robot.network is None


@every_vendor
async def test_bad_arguments_are_refused_without_naming_the_api(vendor: str) -> None:
    brand = Brand(vendor)
    name = brand.names[Operation.TO_SHELF]
    ((native, _),) = brand.vendor.functions[name].arguments.items()
    cases: list[tuple[str, dict[str, Any], ErrorCode]] = [
        (name, {}, ErrorCode.NOT_EXECUTABLE),
        (name, {native: "2"}, ErrorCode.NOT_EXECUTABLE),
        (name, {native: True}, ErrorCode.NOT_EXECUTABLE),
        (name, {native: 2.5}, ErrorCode.NOT_EXECUTABLE),
        (name, {native: 0}, ErrorCode.OUT_OF_RANGE),
        (name, {native: 10_000}, ErrorCode.OUT_OF_RANGE),
        (name, {native: 2, "more": 1}, ErrorCode.NOT_EXECUTABLE),
        ("fly_away", {}, ErrorCode.NOT_EXECUTABLE),
    ]
    for called, arguments, code in cases:
        with pytest.raises(DriverError) as caught:
            await brand.firmware.call(called, arguments)
        assert caught.value.code is code
        assert name not in str(caught.value)
        assert native not in str(caught.value)
    assert (brand.robot.x, brand.robot.y) == brand.robot.dock


@pytest.mark.parametrize("operation", [Operation.NAVIGATE, Operation.CAMERA, Operation.SPEED])
@every_vendor
async def test_numbers_that_are_none_are_refused(vendor: str, operation: Operation) -> None:
    brand = Brand(vendor)
    for value in (math.nan, math.inf):
        arguments = dict.fromkeys(brand.vendor.functions[brand.names[operation]].arguments, value)
        with pytest.raises(DriverError):
            await brand.firmware.call(brand.names[operation], arguments)


@every_vendor
def test_runtime_hints_fit_the_function(vendor: str) -> None:
    brand = Brand(vendor)
    for operation in Operation:
        action = brand.action(operation)
        only_looks = operation in {
            Operation.VACANCY,
            Operation.ITEMS,
            Operation.NETWORKS,
            Operation.BATTERY,
            Operation.POSITION,
        }
        assert action.safe is only_looks
        assert action.idempotent is (operation not in {Operation.CAPTURE, Operation.PICK, Operation.PUT})
        assert action.danger == ("confirm" if operation is Operation.ACCESS_POINT else "none")
        assert action.forms[0]["href"] == f"actions/{brand.names[operation]}"
        assert action.forms[0]["htv:methodName"] == "POST"


def test_fleet_repeats_brands_after_the_tenth() -> None:
    robot_ids = [f"robot-{number}" for number in range(1, 13)]
    world = WarehouseWorld(2, robot_ids, seed=0, clock=FakeClock())
    fleet = build_fleet(world)
    assert list(fleet) == robot_ids
    assert [firmware.vendor for firmware in fleet.values()] == [*VENDOR_NAMES, *VENDOR_NAMES[:2]]
    assert vendor_of(10) == VENDOR_NAMES[0]


def test_unknown_brand_and_robot_are_named() -> None:
    with pytest.raises(InputError, match="acme"):
        thing_description("acme")
    world = WarehouseWorld(1, ["robot-1"], seed=0, clock=FakeClock())
    with pytest.raises(InputError, match="robot-9"):
        SimulatedFirmware("kestrel", world, "robot-9")
