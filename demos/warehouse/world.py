"""The simulated warehouse: shelves with a true occupancy, totes, and robots that need time to do things.

The world knows no vendor. It works in metres, degrees, seconds of simulated time and fractions; each vendor's firmware
(`firmware.py`) translates. Everything random is drawn from the seed when the world is built. Without a floor plan the
hall is open: robots drive as they like, and there are neither stations nor totes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from demos.warehouse.flight import Flyer
from demos.warehouse.floor import FloorPlan, Point
from demos.warehouse.goods import Goods
from demos.warehouse.state import (
    REACH_METRES,
    SLOTS_PER_SHELF,
    Mode,
    Refusal,
    RefusedError,
    Robot,
    Shelf,
)
from demos.warehouse.traffic import Traffic
from demos.warehouse.truth import FlyerTruth, RobotTruth, ShelfTruth, WorldTruth
from protocol.clock import Clock

SHELVES_PER_ROW = 5
CHARGE_SECONDS = 600.0
"""Simulated seconds from empty to full."""
HANDLING_SECONDS = 5.0
"""Simulated seconds that a robot needs for picking up a tote or putting it down."""

NETWORKS = {"hall-north": "pallet7", "hall-south": "forklift", "office": "stapler42"}
"""Wireless networks in the hall, with the secret that each wants."""

_GOODS = (
    "box of bolts",
    "blue tote",
    "carton of gloves",
    "crate of bearings",
    "roll of wrap",
    "drum of paint",
    "bag of washers",
    "case of filters",
)


class WarehouseWorld:
    """A hall of shelves "1"…"N" and the robots in it.

    Args:
        shelf_count: number of shelves, at least 1.
        robot_ids: who drives here.
        seed: decides occupancy and battery levels. With two shelves or more, one has room and one is full.
        clock: what waiting is done on.
        time_scale: simulated seconds that pass in one second of `clock`.
        plan: the hall's lanes, shelves, stations and totes; `shelf_count` must be the number of its shelves.
    """

    def __init__(
        self,
        shelf_count: int,
        robot_ids: Sequence[str],
        *,
        seed: int,
        clock: Clock,
        time_scale: float = 60.0,
        plan: FloorPlan | None = None,
    ) -> None:
        if shelf_count < 1:
            raise ValueError(f"shelf_count is {shelf_count}; allowed: at least 1")
        if time_scale <= 0:
            raise ValueError(f"time_scale is {time_scale}; allowed: more than 0")
        if plan is not None and shelf_count != len(plan.shelves):
            raise ValueError(
                f"shelf_count is {shelf_count}; allowed: {len(plan.shelves)}, as in the floor plan"
            )
        self.plan = plan
        self._clock = clock
        self._time_scale = time_scale
        draw = random.Random(seed)
        self.shelves = _stock_shelves(_fronts(shelf_count, plan), draw)
        self.goods = Goods(plan, self.shelves) if plan is not None else None
        rows = (shelf_count - 1) // SHELVES_PER_ROW + 1
        self.width, self.depth = plan.size if plan is not None else (24.0, 4.0 * rows + 4.0)
        """Metres, the largest x and the largest y."""
        self.robots: dict[str, Robot] = {}
        for index, robot_id in enumerate(robot_ids):
            dock = (1.0 + 2.0 * (index % 10), 0.5)
            if plan is not None:
                dock = plan.point(plan.homes[index % len(plan.homes)])
            self.robots[robot_id] = Robot(
                robot_id, *dock, dock=dock, battery=round(draw.uniform(0.6, 1.0), 2)
            )
        self.traffic = Traffic(plan, self.robots, self.spend, self.now)
        self.machines: dict[str, Callable[[], Mapping[str, Any]]] = {}
        """How the machines that are no robots stand, by name."""
        self.flyers: dict[str, Flyer] = {}
        """What flies here, by name."""

    def truth(self) -> WorldTruth:
        """Return the state of everything, for judges."""
        return WorldTruth(
            shelves={
                shelf_id: ShelfTruth(has_vacancy=bool(shelf.free), free=shelf.free, items=shelf.items)
                for shelf_id, shelf in self.shelves.items()
            },
            robots={
                robot_id: RobotTruth(
                    x=robot.x,
                    y=robot.y,
                    at_shelf=self.shelf_at(robot.place),
                    battery=robot.battery,
                    speed=robot.speed,
                    camera_degrees=robot.camera_degrees,
                    network=robot.network,
                    is_access_point=robot.is_access_point,
                    is_charging=robot.is_charging,
                    images=robot.images,
                    load=robot.load,
                    way=robot.way,
                    is_blind=robot.is_blind,
                    mode=robot.mode,
                    mode_refusals=robot.mode_refusals,
                )
                for robot_id, robot in self.robots.items()
            },
            machines={name: dict(state()) for name, state in self.machines.items()},
            flyers={
                name: FlyerTruth(
                    x=flyer.place[0],
                    y=flyer.place[1],
                    at_shelf=self.shelf_at(flyer.place),
                    state=flyer.state,
                    way=flyer.way,
                )
                for name, flyer in self.flyers.items()
            },
            totes={} if self.goods is None else self.goods.places,
            closed_aisles=tuple(sorted(self.traffic.closed_aisles)),
            out_of_use=tuple(sorted(self.traffic.out_of_use)),
            picks={} if self.goods is None else dict(self.goods.picks),
            entries=tuple(self.traffic.entries),
            collisions=tuple(self.traffic.collisions),
        )

    async def drive_to(self, robot_id: str, x: float, y: float) -> None:
        """Drive along the aisles to a place (metres). A later order to the same robot overrules this one.

        Raises:
            RefusedError: the place is outside the hall, the battery ran down, or the robot was stopped on the way.
        """
        if not (0 <= x <= self.width and 0 <= y <= self.depth):
            raise RefusedError(Refusal.OUTSIDE)
        robot = self.robots[robot_id]
        await self.traffic.drive(robot, (x, y), order=_set_off(robot))

    async def drive_to_shelf(self, robot_id: str, shelf_id: str) -> None:
        """Drive to the front of a shelf.

        Raises:
            RefusedError: no such shelf, or as `drive_to`.
        """
        shelf = self.shelf(shelf_id)
        await self.drive_to(robot_id, shelf.x, shelf.y)

    async def drive_to_station(self, robot_id: str, station_id: str) -> None:
        """Drive to a packing station, and wait there for a free bay.

        Raises:
            RefusedError: no such station, or as `drive_to`.
        """
        if self.plan is None or station_id not in self.plan.stations:
            raise RefusedError(Refusal.NO_SUCH_STATION)
        robot = self.robots[robot_id]
        order = _set_off(robot)
        await self.traffic.wait_for_bay(robot, station_id, order=order)
        await self.traffic.drive(robot, self.plan.point(self.plan.stations[station_id].at), order=order)

    async def pick_tote(self, robot_id: str, tote_id: str) -> None:
        """Take a tote from the shelf or the station that the robot stands at.

        Raises:
            RefusedError: no such tote, it is elsewhere, the robot carries one already, or it was stopped.
        """
        if self.goods is None:
            raise RefusedError(Refusal.NO_SUCH_TOTE)
        tote = self.goods.find(tote_id)
        robot = self.robots[robot_id]
        await self._handle(robot)
        self.goods.pick(robot, tote, self.place_of(robot))

    async def put_tote(self, robot_id: str) -> None:
        """Put down the tote that the robot carries, on the shelf or at the station that it stands at.

        Raises:
            RefusedError: it carries nothing, there is no room, or it was stopped.
        """
        robot = self.robots[robot_id]
        if self.goods is None or robot.load is None:
            raise RefusedError(Refusal.NOT_LOADED)
        await self._handle(robot)
        self.goods.put(robot, self.place_of(robot))

    async def deliver_tote(self, robot_id: str, tote_id: str, station_id: str) -> None:
        """Fetch a tote from where it is and bring it to a packing station; one that is there already stays there.

        Raises:
            RefusedError: as for each part of the way, or another robot carries the tote.
        """
        if self.goods is None:
            raise RefusedError(Refusal.NO_SUCH_TOTE)
        tote = self.goods.find(tote_id)
        if self.plan is None or station_id not in self.plan.stations:
            raise RefusedError(Refusal.NO_SUCH_STATION)
        place = self.goods.places[tote]
        if place == f"station {station_id}":
            return
        if self.robots[robot_id].load != tote:
            kind, _, name = place.partition(" ")
            if kind == "shelf":
                await self.drive_to_shelf(robot_id, name)
            elif kind == "station":
                await self.drive_to_station(robot_id, name)
            else:
                raise RefusedError(Refusal.TOTE_ELSEWHERE)
            await self.pick_tote(robot_id, tote)
        await self.drive_to_station(robot_id, station_id)
        await self.put_tote(robot_id)

    def place_of(self, robot: Robot) -> str | None:
        """Return what a robot stands at: "shelf 3", "station 2", or None."""
        shelf_id = self.shelf_at(robot.place)
        if shelf_id is not None:
            return f"shelf {shelf_id}"
        for station_id, station in self.plan.stations.items() if self.plan is not None else ():
            if self.plan is not None and _is_near(robot.place, self.plan.point(station.at)):
                return f"station {station_id}"
        return None

    async def look_for_vacancy(self, robot_id: str, shelf_id: str) -> tuple[str, ...]:
        """Return the labels of a shelf's free positions, as its camera sees them.

        Raises:
            RefusedError: no such shelf, or the robot stands elsewhere.
        """
        shelf = await self._look_at(robot_id, shelf_id, seconds=3.0)
        return shelf.free

    async def scan_items(self, robot_id: str, shelf_id: str) -> tuple[str, ...]:
        """Return what lies on a shelf.

        Raises:
            RefusedError: no such shelf, or the robot stands elsewhere.
        """
        shelf = await self._look_at(robot_id, shelf_id, seconds=5.0)
        return shelf.items

    async def capture_image(self, robot_id: str) -> str:
        """Take a picture; returns its reference."""
        await self.spend(1.0)
        robot = self.robots[robot_id]
        robot.images += 1
        return f"{robot_id}-{robot.images:04d}.jpg"

    async def set_camera(self, robot_id: str, degrees: float) -> None:
        """Turn the camera to an angle above (positive) or below the horizon."""
        await self.spend(1.0)
        self.robots[robot_id].camera_degrees = degrees

    async def dock(self, robot_id: str) -> None:
        """Drive to the robot's own dock and charge until full.

        Raises:
            RefusedError: stopped or overruled on the way or while charging.
        """
        robot = self.robots[robot_id]
        await self.drive_to(robot_id, *robot.dock)
        robot.is_charging = True
        order = robot.motion
        await self.spend((1.0 - robot.battery) * CHARGE_SECONDS)
        if robot.motion != order:
            raise RefusedError(Refusal.STOPPED)
        robot.battery = 1.0

    async def become_access_point(self, robot_id: str) -> None:
        """Leave the network and open one of the robot's own."""
        await self.spend(2.0)
        robot = self.robots[robot_id]
        robot.is_access_point = True
        robot.network = None

    async def join_network(self, robot_id: str, name: str, secret: str) -> None:
        """Join a wireless network of the hall.

        Raises:
            RefusedError: no such network here, or a wrong secret; the old connection stays.
        """
        await self.spend(3.0)
        if name not in NETWORKS:
            raise RefusedError(Refusal.NO_SUCH_NETWORK)
        if NETWORKS[name] != secret:
            raise RefusedError(Refusal.WRONG_SECRET)
        robot = self.robots[robot_id]
        robot.network = robot.last_network = name
        robot.is_access_point = False

    async def scan_networks(self, robot_id: str) -> tuple[str, ...]:  # noqa: ARG002 - every corner hears all of them
        """Return the names of the wireless networks in range."""
        await self.spend(4.0)
        return tuple(NETWORKS)

    async def map_layout(self, robot_id: str) -> int:  # noqa: ARG002 - the scanner turns, the robot stays
        """Survey the hall by turning the scanner; returns the number of shelves seen."""
        await self.spend(60.0)
        return len(self.shelves)

    async def set_speed(self, robot_id: str, metres_per_second: float) -> None:
        """Set the driving speed; takes effect at once, on a running drive too."""
        self.robots[robot_id].speed = metres_per_second

    async def stop(self, robot_id: str) -> None:
        """Stop all motion at once. An access point goes back to its last network, so that people can reach it."""
        self.halt(robot_id)
        robot = self.robots[robot_id]
        if robot.is_access_point:
            robot.is_access_point = False
            robot.network = robot.last_network

    def halt(self, robot_id: str) -> None:
        """Stop all motion at once; a running drive ends where the robot stands."""
        self.robots[robot_id].motion += 1

    def enter(self, robot_id: str, mode: Mode) -> None:
        """Set a robot's mode."""
        self.robots[robot_id].enter(mode)

    async def battery(self, robot_id: str) -> float:
        """Return the charge, 0 to 1."""
        return self.robots[robot_id].battery

    async def position(self, robot_id: str) -> tuple[float, float]:
        """Return where the robot stands, metres from the south-west corner: east, north."""
        robot = self.robots[robot_id]
        return (robot.x, robot.y)

    async def _handle(self, robot: Robot) -> None:
        order = robot.motion
        await self.spend(HANDLING_SECONDS)
        if robot.motion != order:
            raise RefusedError(Refusal.STOPPED)

    async def _look_at(self, robot_id: str, shelf_id: str, *, seconds: float) -> Shelf:
        shelf = self.shelf(shelf_id)
        robot = self.robots[robot_id]
        if not _is_near(robot.place, (shelf.x, shelf.y)):
            raise RefusedError(Refusal.NOT_AT_SHELF)
        await self.spend(seconds)
        if not _is_near(robot.place, (shelf.x, shelf.y)):
            raise RefusedError(Refusal.NOT_AT_SHELF)
        return shelf

    def now(self) -> float:
        """Return the seconds of the world's time since its clock began."""
        return self._clock.monotonic() * self._time_scale

    def shelf(self, shelf_id: str) -> Shelf:
        """Return a shelf.

        Raises:
            RefusedError: no such shelf.
        """
        shelf = self.shelves.get(shelf_id)
        if shelf is None:
            raise RefusedError(Refusal.NO_SUCH_SHELF)
        return shelf

    def shelf_at(self, place: Point) -> str | None:
        """Return the shelf whose front is at a place, None where there is none."""
        return next((key for key, shelf in self.shelves.items() if _is_near(place, (shelf.x, shelf.y))), None)

    async def spend(self, simulated_seconds: float) -> None:
        """Wait for seconds of the world's time."""
        await self._clock.sleep(simulated_seconds / self._time_scale)


def _set_off(robot: Robot) -> int:
    """Overrule what a robot was told before; returns the number of the new order."""
    robot.motion += 1
    robot.is_charging = False
    robot.bay = None
    return robot.motion


def _fronts(count: int, plan: FloorPlan | None) -> dict[str, Point]:
    """Return where the front of each shelf is."""
    if plan is not None:
        return {shelf_id: plan.point(waypoint) for shelf_id, waypoint in plan.shelves.items()}
    return {
        str(index + 1): (2.0 + 4.0 * (index % SHELVES_PER_ROW), 4.0 + 4.0 * (index // SHELVES_PER_ROW))
        for index in range(count)
    }


def _stock_shelves(fronts: dict[str, Point], draw: random.Random) -> dict[str, Shelf]:
    has_room = [draw.choice((True, False)) for _ in fronts]
    if len(fronts) > 1 and len(set(has_room)) == 1:
        odd_one = draw.randrange(len(fronts))
        has_room[odd_one] = not has_room[odd_one]
    shelves = {}
    for (shelf_id, front), room in zip(fronts.items(), has_room, strict=True):
        labels = [f"{'AB'[slot // 3]}{slot % 3 + 1}" for slot in range(SLOTS_PER_SHELF)]
        free = set(draw.sample(labels, draw.randint(1, SLOTS_PER_SHELF))) if room else set()
        slots = {label: None if label in free else draw.choice(_GOODS) for label in labels}
        shelves[shelf_id] = Shelf(shelf_id, *front, slots=slots)
    return shelves


def _is_near(place: Point, other: Point) -> bool:
    return abs(place[0] - other[0]) + abs(place[1] - other[1]) <= REACH_METRES
