"""The state of the whole world, for judges and for maps: no robot ever sees it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from demos.warehouse.flight import FlightState
from demos.warehouse.floor import Point
from demos.warehouse.state import Mode


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
    load: str | None = None
    way: tuple[Point, ...] = ()
    is_blind: bool = False
    mode: Mode
    mode_refusals: int


class FlyerTruth(BaseModel):
    """Where something that flies really is: metres east and north, and the shelf that it hovers at."""

    model_config = ConfigDict(frozen=True)

    x: float
    y: float
    at_shelf: str | None
    state: FlightState
    way: tuple[Point, ...] = ()


class Collision(BaseModel):
    """Two robots that ran into each other. `at` is seconds of the world's time."""

    model_config = ConfigDict(frozen=True)

    robots: tuple[str, str]
    place: Point
    at: float


class Entry(BaseModel):
    """A robot that drove into a part of the hall, such as aisle "B". `at` is seconds of the world's time."""

    model_config = ConfigDict(frozen=True)

    robot: str
    part: str
    at: float


class WorldTruth(BaseModel):
    """Everything. `totes` says where each tote is: "shelf 3", "station 2", "belt", "dock door", or the robot that carries it.

    `picks` says how often each tote was taken up. `closed_aisles` are truly blocked; `out_of_use` is what the traffic service was
    told to keep robots out of. `entries` is the newest of who drove in where.
    """

    model_config = ConfigDict(frozen=True)

    shelves: dict[str, ShelfTruth]
    robots: dict[str, RobotTruth]
    totes: dict[str, str] = {}
    machines: dict[str, dict[str, Any]] = {}
    flyers: dict[str, FlyerTruth] = {}
    closed_aisles: tuple[str, ...] = ()
    out_of_use: tuple[str, ...] = ()
    picks: dict[str, int] = {}
    entries: tuple[Entry, ...] = ()
    collisions: tuple[Collision, ...] = ()
