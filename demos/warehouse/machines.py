"""The machines of the hall that are no robots: a drone that reads shelves, an arm, a conveyor belt and the dock door.

Each is a `device_agent` driver over the world, with the functions that its Thing Description names. Their results have
one shape: `{"done": …, "note": …}` and what was found out.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from functools import cache, partial
from importlib.resources import files
from typing import Any, Protocol

from demos.warehouse.faults import RobotFaults
from demos.warehouse.flight import FlightState, Flyer
from demos.warehouse.floor import Point
from demos.warehouse.goods import Goods
from demos.warehouse.state import RefusedError
from demos.warehouse.world import WarehouseWorld
from device_agent.drivers.port import DriverError
from protocol.errors import ErrorCode

PACKING_STATION = "station 1"
"""The station that arm and belt serve."""
BELT_METRES = 20.0
FLIGHT_SECONDS = 4.0
"""Simulated seconds that the drone takes from one shelf to the next."""
MOVE_SECONDS = 6.0
"""Simulated seconds that the arm takes for a tote, and the door for opening or closing."""

MACHINES = {"drone-1": "skylark", "arm-1": "gripmaster", "belt-1": "bandit", "dock-door": "portcullis"}
"""What stands in the hall, and which description each has."""

_Function = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any] | None]]


class Machine(Protocol):
    """One machine's functions and properties, in its own names."""

    @property
    def functions(self) -> Mapping[str, _Function]:
        """What it can do."""
        ...

    @property
    def properties(self) -> Mapping[str, Any]:
        """How it stands."""
        ...

    def halt(self) -> None:
        """Stop at once."""
        ...


@cache
def machine_description(name: str) -> dict[str, Any]:
    """Return a machine's Thing Description as plain JSON. Callers must not change it."""
    path = files("firmware_api_specs") / "machines" / f"{name}.td.json"
    description: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return description


class MachineFirmware:
    """Drives one machine; a `device_agent` driver.

    Args:
        description: the name of its Thing Description.
        machine: what is driven.
        faults: what is wrong with it; may be changed while it runs.
    """

    def __init__(self, description: str, machine: Machine, *, faults: RobotFaults | None = None) -> None:
        self.description = description
        self.faults = faults or RobotFaults()
        self._actions: dict[str, Any] = machine_description(description)["actions"]
        self._machine = machine

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Run one function to its end, or read a property.

        Raises:
            DriverError: no such function, its state forbids it, or a fault.
        """
        await self.faults.before_call()
        if name in self._machine.properties:
            return self._machine.properties[name]
        function = self._machine.functions.get(name)
        if function is None:
            raise DriverError("The machine has no such function.", code=ErrorCode.NOT_EXECUTABLE)
        allowed = self._actions[name].get("parley:modesFrom")
        if allowed is not None and next(iter(self._machine.properties.values())) not in allowed:
            return {"done": False, "note": "The machine does not do that in its present state."}
        try:
            found = await function(arguments)
        except RefusedError as error:
            return {"done": False, "note": f"That cannot be done: {error.refusal}."}
        return {"done": True, "note": "Done.", **(found or {})}

    async def make_safe(self) -> None:
        """Stop at once."""
        if not self.faults.dead:
            self._machine.halt()


class Drone:
    """Flies along the shelves and reads them."""

    def __init__(self, world: WarehouseWorld, goods: Goods, flyer: Flyer) -> None:
        self._world = world
        self._goods = goods
        self._flyer = flyer
        self._battery = 1.0

    @property
    def functions(self) -> Mapping[str, _Function]:
        """What it can do."""
        return {
            "flyToShelf": self._fly,
            "readShelfLabels": self._read,
            "searchForTote": self._search,
            "countBareShelves": self._count,
            "backToPad": self._return,
            "forceDown": self._force_down,
            "clearGrounding": self._clear,
        }

    @property
    def properties(self) -> Mapping[str, Any]:
        """How it stands; the state comes first."""
        return {
            "flightState": self._flyer.state.value,
            "packCharge": round(self._battery * 100),
            "hoverPoint": [round(metres, 2) for metres in self._flyer.place],
        }

    def halt(self) -> None:
        """Land at once."""
        if self._flyer.state is FlightState.AIRBORNE:
            self._flyer.land()

    async def _fly(self, given: Mapping[str, Any]) -> None:
        await self._hop(self._front(str(given["shelfNo"])))

    async def _read(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        shelf_id = self._world.shelf_at(self._flyer.place)
        return {"labelsRead": [] if shelf_id is None else list(self._world.shelf(shelf_id).items)}

    async def _search(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        tote = self._goods.find(str(given["toteLabel"]))
        await self._tour()
        return {"seenAt": self._goods.places[tote]}

    async def _count(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        await self._tour()
        return {"bareTotal": sum(not shelf.items for shelf in self._world.shelves.values())}

    async def _return(self, _: Mapping[str, Any]) -> None:
        await self._hop(self._flyer.pad)
        self._flyer.state, self._battery = FlightState.ON_PAD, 1.0

    async def _force_down(self, _: Mapping[str, Any]) -> None:
        self._flyer.land()

    async def _clear(self, _: Mapping[str, Any]) -> None:
        self._flyer.state = FlightState.AIRBORNE

    async def _tour(self) -> None:
        for shelf_id in self._world.shelves:
            await self._hop(self._front(shelf_id))

    def _front(self, shelf_id: str) -> Point:
        shelf = self._world.shelf(shelf_id)
        return (shelf.x, shelf.y)

    async def _hop(self, to: Point) -> None:
        self._flyer.set_off(to, FLIGHT_SECONDS)
        await self._world.spend(FLIGHT_SECONDS)
        self._battery = max(0.0, self._battery - 0.002)
        if not self._flyer.arrive(to):
            raise DriverError("The drone was forced down on the way.", code=ErrorCode.CALL_FAILED)


class Belt:
    """Carries totes from the packing station to the dock door while it runs."""

    def __init__(self, world: WarehouseWorld, goods: Goods) -> None:
        self._world = world
        self._goods = goods
        self._pace = 0.5
        self._is_running = False
        self._way: dict[str, float] = {}
        self._settled_at = world.now()

    @property
    def functions(self) -> Mapping[str, _Function]:
        """What it can do."""
        return {
            "startBelt": self._start,
            "haltBelt": self._stop,
            "setBeltPace": self._set_pace,
            "countBeltTotes": self._count,
        }

    @property
    def properties(self) -> Mapping[str, Any]:
        """How it stands; the state comes first."""
        self.settle()
        return {"beltState": "running" if self._is_running else "halted", "beltTotes": len(self._way)}

    def halt(self) -> None:
        """Stop the belt."""
        self.settle()
        self._is_running = False

    def load(self, tote_id: str) -> None:
        """Take a tote at the near end."""
        self.settle()
        self._goods.move(tote_id, "belt")
        self._way[tote_id] = 0.0

    def settle(self) -> None:
        """Reckon how far everything has come since the last time."""
        now = self._world.now()
        if self._is_running:
            for tote_id in list(self._way):
                self._way[tote_id] += (now - self._settled_at) * self._pace
                if self._way[tote_id] >= BELT_METRES:
                    self._goods.move(tote_id, "dock door")
                    del self._way[tote_id]
        self._settled_at = now

    async def _start(self, _: Mapping[str, Any]) -> None:
        self.settle()
        self._is_running = True

    async def _stop(self, _: Mapping[str, Any]) -> None:
        self.halt()

    async def _set_pace(self, given: Mapping[str, Any]) -> None:
        self.settle()
        self._pace = float(given["pace"])

    async def _count(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        self.settle()
        return {"toteTotal": len(self._way)}


class Arm:
    """Lays totes from the packing station on the belt."""

    def __init__(self, world: WarehouseWorld, goods: Goods, belt: Belt) -> None:
        self._world = world
        self._goods = goods
        self._belt = belt
        self._state = "at_rest"

    @property
    def functions(self) -> Mapping[str, _Function]:
        """What it can do."""
        return {
            "toteOntoBelt": self._move,
            "countStationTotes": self._count,
            "foldArm": self._fold,
            "lockArm": self._lock,
            "unlockArm": self._unlock,
        }

    @property
    def properties(self) -> Mapping[str, Any]:
        """How it stands."""
        return {"armState": self._state}

    def halt(self) -> None:
        """Lock the joints if it is under way."""
        if self._state == "raised":
            self._state = "locked"

    async def _move(self, given: Mapping[str, Any]) -> None:
        tote = self._goods.find(str(given["toteLabel"]))
        if tote not in self._goods.at(PACKING_STATION):
            raise DriverError("That tote is not at the packing station.", code=ErrorCode.CALL_FAILED)
        self._state = "raised"
        await self._world.spend(MOVE_SECONDS)
        if self._state != "raised":
            raise DriverError("The arm was stopped.", code=ErrorCode.CALL_FAILED)
        self._belt.load(tote)

    async def _count(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"toteTotal": len(self._goods.at(PACKING_STATION))}

    async def _fold(self, _: Mapping[str, Any]) -> None:
        await self._world.spend(MOVE_SECONDS / 2)
        self._state = "at_rest"

    async def _lock(self, _: Mapping[str, Any]) -> None:
        self._state = "locked"

    async def _unlock(self, _: Mapping[str, Any]) -> None:
        self._state = "raised"


class Door:
    """The dock door. It moves slowly, and can be stopped halfway."""

    def __init__(self, world: WarehouseWorld) -> None:
        self._world = world
        self._state = "shut"
        self._orders = 0

    @property
    def functions(self) -> Mapping[str, _Function]:
        """What it can do."""
        return {
            "raiseDoor": lambda _: self._turn("wide"),
            "lowerDoor": lambda _: self._turn("shut"),
            "arrestDoor": self._arrest,
            "askDoor": self._ask,
        }

    @property
    def properties(self) -> Mapping[str, Any]:
        """How it stands."""
        return {"doorState": self._state}

    def halt(self) -> None:
        """Stop a door that moves."""
        self._orders += 1

    async def _turn(self, state: str) -> None:
        self._orders += 1
        order, before = self._orders, self._state
        if state == before:
            return
        self._state = "jammed"
        await self._world.spend(MOVE_SECONDS)
        if order != self._orders:
            raise DriverError("The door was stopped halfway.", code=ErrorCode.CALL_FAILED)
        self._state = state

    async def _arrest(self, _: Mapping[str, Any]) -> None:
        self.halt()
        self._state = "jammed"

    async def _ask(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"isWide": self._state == "wide"}


def build_machines(world: WarehouseWorld) -> dict[str, MachineFirmware]:
    """Give a hall with a floor plan its machines, by device id."""
    if world.goods is None or world.plan is None:
        raise ValueError("the world has no floor plan, so that there is nothing for the machines to stand at")
    belt = Belt(world, world.goods)
    width, depth = world.plan.size
    flyer = world.flyers["drone-1"] = Flyer(world.plan.drone_pad or (width / 2, depth / 2), world.now)
    machines: dict[str, Machine] = {
        "drone-1": Drone(world, world.goods, flyer),
        "arm-1": Arm(world, world.goods, belt),
        "belt-1": belt,
        "dock-door": Door(world),
    }
    for name, machine in machines.items():
        world.machines[name] = partial(getattr, machine, "properties")
    return {name: MachineFirmware(MACHINES[name], machine) for name, machine in machines.items()}
