"""What there is in the hall, and why a robot may not do something. Metres, degrees, simulated seconds, fractions."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from demos.warehouse.floor import Point

SLOTS_PER_SHELF = 6
TOP_SPEED = 2.0
"""Metres per simulated second."""
REACH_METRES = 0.3
"""A robot this near to a shelf's front stands at the shelf."""
TOTE_KILOGRAMS = 8.0


class Mode(StrEnum):
    """What state a robot is in. Its vendor has words of its own for it, and decides what it allows."""

    READY = "ready"
    DOCKED = "docked"
    STOPPED = "stopped"
    ACCESS_POINT = "access point"


class Refusal(StrEnum):
    """Why a robot did not do something."""

    NO_SUCH_SHELF = "no such shelf"
    NO_SUCH_STATION = "no such station"
    NO_SUCH_TOTE = "no such tote"
    NOT_AT_SHELF = "not at the shelf"
    TOTE_ELSEWHERE = "the tote is elsewhere"
    LOADED = "carries a tote already"
    NOT_LOADED = "carries no tote"
    NO_ROOM = "no room there"
    OUTSIDE = "outside the hall"
    BLOCKED = "the way is blocked"
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
    """One robot's state. Metres, degrees, metres per simulated second; `battery` is 0 to 1.

    Attributes:
        dock: where it charges.
        load: the tote that it carries.
        lane: the narrow lane that it is on.
        part: the part of the hall that it drives in, such as an aisle.
        bay: the station whose bay it has.
        way: where it is going, waypoint by waypoint; empty while it stands.
        is_blind: its scanner is wrong, so that it does not see who is in its way.
        motion: counts orders to move or stop; a drive that sees it change has been overruled.
        mode_changes: counts what has set the mode; whoever sees it change has been overruled.
        mode_refusals: counts what it was told to do and did not, because its mode forbade it.
    """

    robot_id: str
    x: float
    y: float
    dock: Point
    battery: float
    speed: float = 1.0
    camera_degrees: float = 0.0
    network: str | None = "hall-north"
    last_network: str = "hall-north"
    is_access_point: bool = False
    is_charging: bool = False
    images: int = 0
    load: str | None = None
    load_kilograms: float = 0.0
    lane: str | None = None
    part: str | None = None
    bay: str | None = None
    way: tuple[Point, ...] = ()
    is_blind: bool = False
    mode: Mode = Mode.READY
    mode_refusals: int = 0
    motion: int = field(default=0, repr=False)
    mode_changes: int = field(default=0, repr=False)

    @property
    def place(self) -> Point:
        """Where it stands."""
        return (self.x, self.y)

    def enter(self, mode: Mode) -> None:
        """Set the mode."""
        self.mode = mode
        self.mode_changes += 1
