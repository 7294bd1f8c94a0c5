"""The simulated warehouse: shelves with a true occupancy, and robots that need time to do things.

The world knows no vendor. It works in metres, degrees, seconds of simulated time and fractions; each vendor's firmware
(`firmware.py`) translates. Everything random is drawn from the seed when the world is built.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from protocol.clock import Clock

SHELVES_PER_ROW = 5
SLOTS_PER_SHELF = 6
TOP_SPEED = 2.0
"""Metres per simulated second."""
REACH_METRES = 0.3
"""A robot this near to a shelf's front stands at the shelf."""
BATTERY_PER_METRE = 0.0005
"""Fraction of a full battery that one metre costs."""
CHARGE_SECONDS = 600.0
"""Simulated seconds from empty to full."""
MOTION_STEP_SECONDS = 1.0
"""Simulated seconds between two looks at whether a driving robot was stopped."""

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


class Mode(StrEnum):
    """What state a robot is in. Its vendor has words of its own for it, and decides what it allows."""

    READY = "ready"
    DOCKED = "docked"
    STOPPED = "stopped"
    ACCESS_POINT = "access point"


class Refusal(StrEnum):
    """Why a robot did not do something."""

    NO_SUCH_SHELF = "no such shelf"
    NOT_AT_SHELF = "not at the shelf"
    OUTSIDE = "outside the hall"
    STOPPED = "stopped on the way"
    BATTERY_EMPTY = "battery empty"
    NO_SUCH_NETWORK = "no such network"
    WRONG_SECRET = "wrong secret"  # noqa: S105 - a reason, not a secret
    WRONG_MODE = "wrong mode"


class RefusedError(Exception):
    """A robot cannot do that here and now; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(slots=True)
class Shelf:
    """One shelf. `slots` maps the label of each position to what lies there, None where it is free."""

    shelf_id: str
    x: float
    y: float
    slots: dict[str, str | None]

    @property
    def free(self) -> tuple[str, ...]:
        """Labels of the positions with nothing on them."""
        return tuple(label for label, goods in self.slots.items() if goods is None)

    @property
    def items(self) -> tuple[str, ...]:
        """What lies on the shelf, in the order of its positions."""
        return tuple(goods for goods in self.slots.values() if goods is not None)


@dataclass(slots=True)
class Robot:
    """One robot's state. Metres, degrees, metres per simulated second; `battery` is 0 to 1."""

    robot_id: str
    x: float
    y: float
    dock: tuple[float, float]
    battery: float
    speed: float = 1.0
    camera_degrees: float = 0.0
    network: str | None = "hall-north"
    last_network: str = "hall-north"
    is_access_point: bool = False
    is_charging: bool = False
    images: int = 0
    load_kilograms: float = 0.0
    """What people have put on its deck; no robot of this world loads itself."""
    mode: Mode = Mode.READY
    mode_refusals: int = 0
    """Counts what it was told to do and did not, because its mode forbade it."""
    motion: int = field(default=0, repr=False)
    """Counts orders to move or stop; a drive that sees it change has been overruled."""
    mode_changes: int = field(default=0, repr=False)
    """Counts what has set the mode; whoever sees it change has been overruled."""


class ShelfTruth(BaseModel):
    """What is really on one shelf."""

    model_config = ConfigDict(frozen=True)

    has_vacancy: bool
    free: tuple[str, ...]
    items: tuple[str, ...]


class RobotTruth(BaseModel):
    """How one robot really stands: metres, degrees, metres per second, battery 0 to 1."""

    model_config = ConfigDict(frozen=True)

    x: float
    y: float
    at_shelf: str | None
    battery: float
    speed: float
    camera_degrees: float
    network: str | None
    is_access_point: bool
    is_charging: bool
    images: int
    mode: Mode
    mode_refusals: int


class WorldTruth(BaseModel):
    """The whole state of the world, for judges only: no robot ever sees this."""

    model_config = ConfigDict(frozen=True)

    shelves: dict[str, ShelfTruth]
    robots: dict[str, RobotTruth]


class WarehouseWorld:
    """A hall of shelves "1"…"N" and the robots in it.

    Args:
        shelf_count: number of shelves, at least 1.
        robot_ids: who drives here.
        seed: decides occupancy and battery levels. With two shelves or more, one has room and one is full.
        clock: what waiting is done on.
        time_scale: simulated seconds that pass in one second of `clock`.
    """

    def __init__(
        self,
        shelf_count: int,
        robot_ids: Sequence[str],
        *,
        seed: int,
        clock: Clock,
        time_scale: float = 60.0,
    ) -> None:
        if shelf_count < 1:
            raise ValueError(f"shelf_count is {shelf_count}; allowed: at least 1")
        if time_scale <= 0:
            raise ValueError(f"time_scale is {time_scale}; allowed: more than 0")
        self._clock = clock
        self._time_scale = time_scale
        draw = random.Random(seed)
        self.shelves = _stock_shelves(shelf_count, draw)
        rows = (shelf_count - 1) // SHELVES_PER_ROW + 1
        self.width = 24.0
        """Metres, the largest x."""
        self.depth = 4.0 * rows + 4.0
        """Metres, the largest y."""
        self.robots: dict[str, Robot] = {}
        for index, robot_id in enumerate(robot_ids):
            dock = (1.0 + 2.0 * (index % 10), 0.5)
            self.robots[robot_id] = Robot(
                robot_id, *dock, dock=dock, battery=round(draw.uniform(0.6, 1.0), 2)
            )

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
                    at_shelf=self._shelf_before(robot),
                    battery=robot.battery,
                    speed=robot.speed,
                    camera_degrees=robot.camera_degrees,
                    network=robot.network,
                    is_access_point=robot.is_access_point,
                    is_charging=robot.is_charging,
                    images=robot.images,
                    mode=robot.mode,
                    mode_refusals=robot.mode_refusals,
                )
                for robot_id, robot in self.robots.items()
            },
        )

    async def drive_to(self, robot_id: str, x: float, y: float) -> None:
        """Drive along the aisles to a place (metres). A later order to the same robot overrules this one.

        Raises:
            RefusedError: the place is outside the hall, the battery ran down, or the robot was stopped on the way.
        """
        robot = self.robots[robot_id]
        if not (0 <= x <= self.width and 0 <= y <= self.depth):
            raise RefusedError(Refusal.OUTSIDE)
        robot.motion += 1
        robot.is_charging = False
        order = robot.motion
        while (remaining := abs(x - robot.x) + abs(y - robot.y)) > 0:
            if robot.battery <= 0:
                raise RefusedError(Refusal.BATTERY_EMPTY)
            distance = min(remaining, robot.speed * MOTION_STEP_SECONDS)
            await self._spend(distance / robot.speed)
            if robot.motion != order:
                raise RefusedError(Refusal.STOPPED)
            _advance(robot, x, y, distance, is_last=distance == remaining)

    async def drive_to_shelf(self, robot_id: str, shelf_id: str) -> None:
        """Drive to the front of a shelf.

        Raises:
            RefusedError: no such shelf, or as `drive_to`.
        """
        shelf = self._shelf(shelf_id)
        await self.drive_to(robot_id, shelf.x, shelf.y)

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
        await self._spend(1.0)
        robot = self.robots[robot_id]
        robot.images += 1
        return f"{robot_id}-{robot.images:04d}.jpg"

    async def set_camera(self, robot_id: str, degrees: float) -> None:
        """Turn the camera to an angle above (positive) or below the horizon."""
        await self._spend(1.0)
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
        await self._spend((1.0 - robot.battery) * CHARGE_SECONDS)
        if robot.motion != order:
            raise RefusedError(Refusal.STOPPED)
        robot.battery = 1.0

    async def become_access_point(self, robot_id: str) -> None:
        """Leave the network and open one of the robot's own."""
        await self._spend(2.0)
        robot = self.robots[robot_id]
        robot.is_access_point = True
        robot.network = None

    async def join_network(self, robot_id: str, name: str, secret: str) -> None:
        """Join a wireless network of the hall.

        Raises:
            RefusedError: no such network here, or a wrong secret; the old connection stays.
        """
        await self._spend(3.0)
        if name not in NETWORKS:
            raise RefusedError(Refusal.NO_SUCH_NETWORK)
        if NETWORKS[name] != secret:
            raise RefusedError(Refusal.WRONG_SECRET)
        robot = self.robots[robot_id]
        robot.network = robot.last_network = name
        robot.is_access_point = False

    async def scan_networks(self, robot_id: str) -> tuple[str, ...]:  # noqa: ARG002 - every corner hears all of them
        """Return the names of the wireless networks in range."""
        await self._spend(4.0)
        return tuple(NETWORKS)

    async def map_layout(self, robot_id: str) -> int:  # noqa: ARG002 - the scanner turns, the robot stays
        """Survey the hall by turning the scanner; returns the number of shelves seen."""
        await self._spend(60.0)
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
        robot = self.robots[robot_id]
        robot.mode = mode
        robot.mode_changes += 1

    async def battery(self, robot_id: str) -> float:
        """Return the charge, 0 to 1."""
        return self.robots[robot_id].battery

    async def position(self, robot_id: str) -> tuple[float, float]:
        """Return where the robot stands, metres from the south-west corner: east, north."""
        robot = self.robots[robot_id]
        return (robot.x, robot.y)

    async def _look_at(self, robot_id: str, shelf_id: str, *, seconds: float) -> Shelf:
        shelf = self._shelf(shelf_id)
        robot = self.robots[robot_id]
        if not _is_before(robot, shelf):
            raise RefusedError(Refusal.NOT_AT_SHELF)
        await self._spend(seconds)
        if not _is_before(robot, shelf):
            raise RefusedError(Refusal.NOT_AT_SHELF)
        return shelf

    def _shelf(self, shelf_id: str) -> Shelf:
        shelf = self.shelves.get(shelf_id)
        if shelf is None:
            raise RefusedError(Refusal.NO_SUCH_SHELF)
        return shelf

    def _shelf_before(self, robot: Robot) -> str | None:
        return next((key for key, shelf in self.shelves.items() if _is_before(robot, shelf)), None)

    async def _spend(self, simulated_seconds: float) -> None:
        await self._clock.sleep(simulated_seconds / self._time_scale)


def _stock_shelves(count: int, draw: random.Random) -> dict[str, Shelf]:
    has_room = [draw.choice((True, False)) for _ in range(count)]
    if count > 1 and len(set(has_room)) == 1:
        odd_one = draw.randrange(count)
        has_room[odd_one] = not has_room[odd_one]
    shelves = {}
    for index, room in enumerate(has_room):
        labels = [f"{'AB'[slot // 3]}{slot % 3 + 1}" for slot in range(SLOTS_PER_SHELF)]
        free = set(draw.sample(labels, draw.randint(1, SLOTS_PER_SHELF))) if room else set()
        shelf_id = str(index + 1)
        shelves[shelf_id] = Shelf(
            shelf_id,
            x=2.0 + 4.0 * (index % SHELVES_PER_ROW),
            y=4.0 + 4.0 * (index // SHELVES_PER_ROW),
            slots={label: None if label in free else draw.choice(_GOODS) for label in labels},
        )
    return shelves


def _is_before(robot: Robot, shelf: Shelf) -> bool:
    return abs(robot.x - shelf.x) + abs(robot.y - shelf.y) <= REACH_METRES


def _advance(robot: Robot, x: float, y: float, distance: float, *, is_last: bool) -> None:
    """Move first along the cross aisle (x), then up the aisle (y)."""
    robot.battery = max(0.0, robot.battery - distance * BATTERY_PER_METRE)
    if is_last:
        robot.x, robot.y = x, y
        return
    across = min(distance, abs(x - robot.x))
    along = distance - across
    robot.x += across if x > robot.x else -across
    robot.y += along if y > robot.y else -along
