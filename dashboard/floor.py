"""What the floor map draws: a fixed picture of the site, and what moves on it. Metres, east and north."""

from __future__ import annotations

from typing import Protocol

from pydantic import BaseModel, ConfigDict

from dashboard.live import Live

Point = tuple[float, float]


class Label(BaseModel):
    """Something that stands still, and its name."""

    model_config = ConfigDict(frozen=True)

    name: str
    kind: str
    at: Point


class FloorPicture(BaseModel):
    """What does not move. `narrow` are lanes on which nobody can pass."""

    model_config = ConfigDict(frozen=True)

    size: Point
    lanes: tuple[tuple[Point, Point], ...] = ()
    narrow: tuple[tuple[Point, Point], ...] = ()
    places: tuple[Label, ...] = ()


class Mover(BaseModel):
    """Something that moves, as it is now.

    Attributes:
        state: decides the colour: `idle`, `working`, `charging`, `stopped` or `lost`.
        load: what it carries.
        way: where it is going, place after place.
        note: what is wrong with it; empty when nothing is.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    at: Point
    state: str = "idle"
    load: str | None = None
    way: tuple[Point, ...] = ()
    note: str = ""


class FloorState(BaseModel):
    """Everything that moves, and what is closed."""

    model_config = ConfigDict(frozen=True)

    movers: tuple[Mover, ...] = ()
    closed: tuple[tuple[Point, Point], ...] = ()
    places: dict[str, str] = {}
    """What is to be written beside a place, by its name."""


class FloorSource(Protocol):
    """Where the map comes from."""

    def picture(self) -> FloorPicture:
        """Return what does not move."""
        ...

    def state(self) -> FloorState:
        """Return what moves, as it is now."""
        ...


class AttributesSource:
    """Draws devices where they last said they were. Moves as often as they tell.

    Args:
        live: what devices told.
        margin_metres: how much is drawn around the outermost device.
    """

    def __init__(self, live: Live, *, margin_metres: float = 2.0) -> None:
        self._live = live
        self._margin = margin_metres

    def picture(self) -> FloorPicture:
        """Return an empty floor, as large as the devices need."""
        places = [mover.at for mover in self.state().movers] or [(0.0, 0.0)]
        return FloorPicture(
            size=(
                max(10.0, max(place[0] for place in places) + self._margin),
                max(10.0, max(place[1] for place in places) + self._margin),
            )
        )

    def state(self) -> FloorState:
        """Return every device that says where it is in metres."""
        return FloorState(
            movers=tuple(
                Mover(name=device.device_id, at=place, state=state_of(self._live, device.device_id))
                for device in self._live.devices
                if (place := _place(device.attribute("position"))) is not None
            )
        )


def state_of(live: Live, device_id: str) -> str:
    """Return the state of a device by which it is coloured."""
    device = live.device(device_id)
    if device is None or device.status != "online":
        return "lost"
    if device.paused_by is not None or live.site.emergency_stop.engaged:
        return "stopped"
    return "idle" if live.work_of(device_id) is None else "working"


def _place(finding: object) -> Point | None:
    value = getattr(finding, "value", None)
    pair = 2
    if not isinstance(value, tuple) or len(value) != pair:
        return None
    east, north = value
    if isinstance(east, str | bool) or isinstance(north, str | bool):
        return None
    return (float(east), float(north))
