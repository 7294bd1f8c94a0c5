"""Simulated firmware: one brand's functions, names, units and answers on top of the vendor-neutral world.

What differs between brands is data (`vendors.py`); this file only interprets it. A failure comes back in the brand's
own output shape where that shape can express one, else as a `DriverError`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from demos.warehouse.faults import RobotFaults
from demos.warehouse.state import Refusal, RefusedError
from demos.warehouse.vendor_modes import VENDOR_MODES, Rule
from demos.warehouse.vendor_readings import VENDOR_READINGS
from demos.warehouse.vendors import (
    DONE_TEXT,
    REFUSAL_TEXT,
    VENDORS,
    Function,
    Operation,
    Role,
    Vendor,
)
from demos.warehouse.world import WarehouseWorld
from device_agent.drivers.port import DriverError
from protocol.errors import ErrorCode, InputError

logger = logging.getLogger(__name__)

VENDOR_NAMES: tuple[str, ...] = tuple(VENDORS)
"""The ten brands, in the order in which a fleet uses them."""

_JSON_TYPES: dict[str, tuple[type, ...]] = {
    "integer": (int,),
    "number": (int, float),
    "string": (str,),
    "boolean": (bool,),
}


def vendor_of(robot_index: int) -> str:
    """Return the brand of the robot with this index in a fleet; brands repeat after the tenth."""
    return VENDOR_NAMES[robot_index % len(VENDOR_NAMES)]


@cache
def thing_description(vendor: str) -> dict[str, Any]:
    """Return a brand's Thing Description as plain JSON. Callers must not change it.

    Raises:
        InputError: no such brand.
    """
    if vendor not in VENDORS:
        raise InputError("vendor", vendor, "one of " + ", ".join(VENDOR_NAMES))
    path = files("firmware_api_specs") / "warehouse" / f"{vendor}.td.json"
    description: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return description


class SimulatedFirmware:
    """One robot of one brand; a `device_agent` driver. It keeps its mode, and refuses what the mode forbids.

    Args:
        vendor: the brand, one of `VENDOR_NAMES`.
        world: where the robot stands.
        robot_id: which robot of the world it is.
        faults: what is wrong with it; may be changed while it runs.
    """

    def __init__(
        self, vendor: str, world: WarehouseWorld, robot_id: str, *, faults: RobotFaults | None = None
    ) -> None:
        self._actions: dict[str, Any] = thing_description(vendor)["actions"]
        if robot_id not in world.robots:
            raise InputError("robot_id", robot_id, "one of " + ", ".join(world.robots))
        self.vendor = vendor
        self.robot_id = robot_id
        self.faults = faults or RobotFaults()
        self._brand: Vendor = VENDORS[vendor]
        self._modes = VENDOR_MODES[vendor]
        self._readings = VENDOR_READINGS[vendor]
        self._world = world

    @property
    def function_names(self) -> frozenset[str]:
        """What this brand calls its functions."""
        return frozenset(self._brand.functions)

    @property
    def property_names(self) -> frozenset[str]:
        """What this brand calls the properties that can be read: its mode, its battery's charge, its place and its load."""
        modes, readings = self._modes, self._readings
        return frozenset({modes.mode_property, modes.battery_property, readings.position, readings.load})

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Run one function to its end, or read a property; returns the brand's own JSON result.

        Raises:
            DriverError: no such function, wrong arguments, a fault, or a refusal that the output shape cannot express.
        """
        await self.faults.before_call()
        if name in self.property_names:
            _check_arguments({}, arguments)
            return self._read(name)
        function = self._brand.functions.get(name)
        if function is None:
            raise DriverError("The machine has no such function.", code=ErrorCode.NOT_EXECUTABLE)
        _check_arguments(self._actions[name].get("input", {}), arguments)
        try:
            value = await self._run(function, arguments)
        except RefusedError as error:
            logger.debug("%s refused: %s", self.robot_id, error)
            text, plain = (REFUSAL_TEXT[language][error.refusal] for language in (self._brand.language, "en"))
            return self._brand.envelope.refused(text, plain)
        return self._brand.envelope.done(DONE_TEXT[self._brand.language], function.result(value))

    async def make_safe(self) -> None:
        """Stop all motion."""
        if not self.faults.dead:
            self._world.halt(self.robot_id)

    def _read(self, name: str) -> str | float | list[float]:
        robot = self._world.robots[self.robot_id]
        if name == self._modes.mode_property:
            return self._modes.words[robot.mode]
        if name == self._readings.position:
            return self._readings.place(robot.x, robot.y)
        if name == self._readings.load:
            return self._readings.weight(robot.load_kilograms)
        return self._modes.charge(robot.battery)

    async def _run(self, function: Function, arguments: Mapping[str, Any]) -> Any:
        """Run a function where the mode allows it, and enter the mode it leads to.

        Raises:
            RefusedError: the mode forbids it, or the world does.
        """
        robot = self._world.robots[self.robot_id]
        rule = self._modes.rules.get(function.operation, Rule())
        if robot.mode not in rule.allowed_in:
            robot.mode_refusals += 1
            raise RefusedError(Refusal.WRONG_MODE)
        before, motion = robot.mode, robot.motion
        if rule.leads_to is not None and rule.sets_off:
            self._world.enter(self.robot_id, rule.leads_to)
        change = robot.mode_changes
        try:
            value = await self._act(function, arguments)
        except RefusedError:
            if rule.sets_off and robot.motion == motion and robot.mode_changes == change:
                self._world.enter(self.robot_id, before)  # it was refused before it moved
            raise
        # What has set the mode meanwhile, an emergency stop above all, is newer than this call.
        if rule.leads_to is not None and robot.mode_changes == change:
            self._world.enter(self.robot_id, rule.leads_to)
        return value

    async def _act(self, function: Function, arguments: Mapping[str, Any]) -> Any:
        given = {
            argument.role: arguments[native]
            if argument.factor is None
            else arguments[native] * argument.factor
            for native, argument in function.arguments.items()
        }
        return await self._operations[function.operation](given)

    @property
    def _operations(self) -> dict[Operation, Callable[[dict[Role, Any]], Awaitable[Any]]]:
        world, robot = self._world, self.robot_id
        return {
            Operation.NAVIGATE: lambda given: world.drive_to(robot, given[Role.X], given[Role.Y]),
            Operation.TO_SHELF: lambda given: world.drive_to_shelf(robot, str(given[Role.SHELF])),
            Operation.TO_STATION: lambda given: world.drive_to_station(robot, str(given[Role.STATION])),
            Operation.PICK: lambda given: world.pick_tote(robot, str(given[Role.TOTE])),
            Operation.PUT: lambda _: world.put_tote(robot),
            Operation.DELIVER: lambda given: world.deliver_tote(
                robot, str(given[Role.TOTE]), str(given[Role.STATION])
            ),
            Operation.CAPTURE: lambda _: world.capture_image(robot),
            Operation.CAMERA: lambda given: world.set_camera(robot, given[Role.ANGLE]),
            Operation.VACANCY: lambda given: world.look_for_vacancy(robot, str(given[Role.SHELF])),
            Operation.ITEMS: lambda given: world.scan_items(robot, str(given[Role.SHELF])),
            Operation.DOCK: lambda _: world.dock(robot),
            Operation.ACCESS_POINT: lambda _: world.become_access_point(robot),
            Operation.WIFI: lambda given: world.join_network(robot, given[Role.NETWORK], given[Role.SECRET]),
            Operation.NETWORKS: lambda _: world.scan_networks(robot),
            Operation.MAP: lambda _: world.map_layout(robot),
            Operation.SPEED: lambda given: world.set_speed(robot, given[Role.SPEED]),
            Operation.STOP: lambda _: world.stop(robot),
            Operation.BATTERY: lambda _: world.battery(robot),
            Operation.POSITION: lambda _: world.position(robot),
        }


def build_fleet(world: WarehouseWorld) -> dict[str, SimulatedFirmware]:
    """Give every robot of a world its firmware, brand after brand."""
    return {
        robot_id: SimulatedFirmware(vendor_of(index), world, robot_id)
        for index, robot_id in enumerate(world.robots)
    }


def _check_arguments(schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> None:
    """Refuse what the brand's own input schema does not allow; the text names no argument."""
    properties: dict[str, Any] = schema.get("properties", {})
    if set(arguments) - set(properties):
        raise DriverError(
            "The machine was given an argument it does not know.", code=ErrorCode.NOT_EXECUTABLE
        )
    if set(schema.get("required", ())) - set(arguments):
        raise DriverError("The machine was given too few arguments.", code=ErrorCode.NOT_EXECUTABLE)
    for native, value in arguments.items():
        expected = properties[native]
        kind: str = expected["type"]
        is_stray_boolean = isinstance(value, bool) and kind != "boolean"
        if is_stray_boolean or not isinstance(value, _JSON_TYPES[kind]):
            raise DriverError(f"The machine wants {_article(kind)} there.", code=ErrorCode.NOT_EXECUTABLE)
        if isinstance(value, int | float) and not (
            expected.get("minimum", value) <= value <= expected.get("maximum", value)
        ):
            raise DriverError("A value lies outside what the machine allows.", code=ErrorCode.OUT_OF_RANGE)


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
