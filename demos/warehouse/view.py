"""Shows a simulated hall on the dashboard: the world itself draws the map."""

from __future__ import annotations

from dashboard.floor import FloorPicture, FloorState, Label, Mover
from dashboard.views import Point
from demos.warehouse.firmware import SimulatedFirmware
from demos.warehouse.flight import FlightState, Flyer
from demos.warehouse.state import Mode, Robot
from demos.warehouse.world import WarehouseWorld

_STATES = {Mode.DOCKED: "charging", Mode.STOPPED: "stopped"}
_FLIGHT_STATES = {FlightState.ON_PAD: "charging", FlightState.GROUNDED: "stopped"}


class WorldFloor:
    """The hall as it truly is: what a camera under its roof would see.

    Args:
        world: the hall.
        fleet: the robots' firmware, which knows what is wrong with each.
    """

    def __init__(self, world: WarehouseWorld, fleet: dict[str, SimulatedFirmware]) -> None:
        self._world = world
        self._fleet = fleet

    def picture(self) -> FloorPicture:
        """Return the lanes, the shelves and the stations."""
        world, plan = self._world, self._world.plan
        shelves = tuple(
            Label(name=f"shelf {shelf_id}", kind="shelf", at=(shelf.x, shelf.y))
            for shelf_id, shelf in world.shelves.items()
        )
        if plan is None:
            return FloorPicture(size=(world.width, world.depth), places=shelves)
        stations = tuple(
            Label(name=f"station {name}", kind="station", at=plan.point(station.at))
            for name, station in plan.stations.items()
        )
        chargers = tuple(
            Label(name="charger", kind="charger", at=plan.point(at)) for at in plan.chargers.values()
        )
        door = (
            (Label(name="dock door", kind="door", at=plan.point(plan.dock_door)),) if plan.dock_door else ()
        )
        pads = tuple(
            Label(name=f"pad of {name}", kind="charger", at=flyer.pad) for name, flyer in world.flyers.items()
        )
        lanes = [
            (plan.point(lane.between[0]), plan.point(lane.between[1]), lane.narrow) for lane in plan.lanes
        ]
        return FloorPicture(
            size=plan.size,
            lanes=tuple((start, end) for start, end, is_narrow in lanes if not is_narrow),
            narrow=tuple((start, end) for start, end, is_narrow in lanes if is_narrow),
            places=(*chargers, *pads, *shelves, *stations, *door),
        )

    def state(self) -> FloorState:
        """Return where every robot and the drone are, what is closed, and which totes are where."""
        world, plan = self._world, self._world.plan
        movers = (
            *(self._mover(robot) for robot in world.robots.values()),
            *(_flying(name, flyer) for name, flyer in world.flyers.items()),
        )
        if plan is None or world.goods is None:
            return FloorState(movers=movers)
        places: dict[str, str] = {}
        for station in plan.stations:
            places[f"station {station}"] = " ".join(world.goods.at(f"station {station}"))
        for shelf_id in world.shelves:
            places[f"shelf {shelf_id}"] = " ".join(world.goods.at(f"shelf {shelf_id}"))
        if plan.dock_door is not None:
            door = world.machines["dock-door"]().values() if "dock-door" in world.machines else ()
            places["dock door"] = " ".join([*map(str, door), *world.goods.at("dock door")])
        closed: tuple[tuple[Point, Point], ...] = tuple(
            (plan.point(lane.between[0]), plan.point(lane.between[1]))
            for lane in plan.lanes
            if lane.part in world.traffic.closed_aisles | world.traffic.out_of_use
        )
        return FloorState(movers=movers, closed=closed, places=places)

    def _mover(self, robot: Robot) -> Mover:
        faults = self._fleet[robot.robot_id].faults
        notes = [
            text
            for text, is_so in (
                ("out of order", faults.dead),
                ("out of reach", faults.silent),
                ("its next call fails", faults.failing_calls > 0),
                ("its scanner is wrong", robot.is_blind),
            )
            if is_so
        ]
        state = _STATES.get(robot.mode, "working" if robot.way else "idle")
        if robot.robot_id in self._world.traffic.standing:
            state = "stopped"
        return Mover(
            name=robot.robot_id,
            at=_rounded(robot.place),
            state="lost" if faults.dead or faults.silent else state,
            load=robot.load,
            way=robot.way,
            note=", ".join(notes),
        )


def _flying(name: str, flyer: Flyer) -> Mover:
    return Mover(
        name=name,
        at=_rounded(flyer.place),
        state=_FLIGHT_STATES.get(flyer.state, "working" if flyer.way else "idle"),
        way=flyer.way,
        flies=True,
    )


def _rounded(place: Point) -> Point:
    return (round(place[0], 2), round(place[1], 2))
