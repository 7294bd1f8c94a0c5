"""What the floor map draws: a fixed picture of the site, and what moves on it. Metres, east and north."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from dashboard.live import Live
from dashboard.views import DeviceInfo, Point

_EMPTY_METRES = 10.0


class Label(BaseModel):
    """Something that stands still, and its name."""

    model_config = ConfigDict(frozen=True)

    name: str
    kind: str
    at: Point


class Zone(BaseModel):
    """A part of the floor: its west, south, east and north ends."""

    model_config = ConfigDict(frozen=True)

    name: str
    area: tuple[float, float, float, float]


class FloorPicture(BaseModel):
    """What does not move.

    Attributes:
        origin: the south-west corner.
        size: from there, east and north.
        zones: parts of the floor.
        lanes: where movers go; on `narrow` ones nobody can pass.
        places: what stands there.
    """

    model_config = ConfigDict(frozen=True)

    origin: Point = (0.0, 0.0)
    size: Point
    zones: tuple[Zone, ...] = ()
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
        flies: whether it is above everything else, and drawn with another shape.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    at: Point
    state: str = "idle"
    load: str | None = None
    way: tuple[Point, ...] = ()
    note: str = ""
    flies: bool = False


class FloorState(BaseModel):
    """Everything that moves, and what is closed: lanes, and by their names zones and places (`shut`)."""

    model_config = ConfigDict(frozen=True)

    movers: tuple[Mover, ...] = ()
    closed: tuple[tuple[Point, Point], ...] = ()
    shut: tuple[str, ...] = ()
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
    """Draws the places of the site file that have coordinates, and devices where they last said they were.

    Args:
        live: what the site has, and what devices told.
        margin_metres: how much is drawn around the outermost place.
    """

    def __init__(self, live: Live, *, margin_metres: float = 2.0) -> None:
        self._live = live
        self._margin = margin_metres

    def picture(self) -> FloorPicture:
        """Return the places, on a floor as large as they and the devices need."""
        points = self._live.places.points()
        zones = tuple(
            Zone(name=name, area=zone.area)
            for name, zone in self._live.places.zones.items()
            if zone.area is not None
        )
        corners = [
            *points.values(),
            *(mover.at for mover in self.state().movers),
            *(corner for zone in zones for corner in (zone.area[:2], zone.area[2:])),
        ] or [(0.0, 0.0), (_EMPTY_METRES, _EMPTY_METRES)]
        west, south = (min(corner[axis] for corner in corners) - self._margin for axis in (0, 1))
        east, north = (max(corner[axis] for corner in corners) + self._margin for axis in (0, 1))
        return FloorPicture(
            origin=(west, south),
            size=(east - west, north - south),
            zones=zones,
            lanes=tuple(
                (points[start], points[end])
                for start, end in (way.between for way in self._live.places.links)
                if start in points and end in points
            ),
            places=tuple(Label(name=name, kind=name.partition(" ")[0], at=at) for name, at in points.items()),
        )

    def state(self) -> FloorState:
        """Return every device that says where it is: in metres, or at a place that has coordinates."""
        points = {name.casefold(): at for name, at in self._live.places.points().items()}
        shut = {name.casefold() for name in self._live.conditions.shut()}
        return FloorState(
            closed=tuple(
                (points[start], points[end])
                for way in self._live.places.links
                for start, end in [tuple(one.casefold() for one in way.between)]
                if start in points and end in points and shut & {start, end, (way.through or "").casefold()}
            ),
            movers=tuple(
                Mover(
                    name=device.device_id,
                    at=place,
                    state=state_of(self._live, device),
                    load=_load(device),
                    note=device.waiting or "",
                )
                for device in self._live.devices
                if (place := _place(device, points)) is not None
            ),
        )


def state_of(live: Live, device: DeviceInfo) -> str:
    """Return the state of a device by which it is coloured."""
    if device.status != "online":
        return "lost"
    if device.paused_by is not None or live.site.emergency_stop.engaged:
        return "stopped"
    return "idle" if device.doing is None else "working"


def _place(device: DeviceInfo, points: Mapping[str, Point]) -> Point | None:
    found = device.attribute("position")
    value = None if found is None else found.value
    if isinstance(value, str):
        return points.get(value.casefold())
    pair = 2
    if not isinstance(value, tuple) or len(value) != pair:
        return None
    east, north = value
    if isinstance(east, str | bool) or isinstance(north, str | bool):
        return None
    return (float(east), float(north))


def _load(device: DeviceInfo) -> str | None:
    """Return what the device carries, in words."""
    found = device.attribute("load")
    value = None if found is None else found.value
    if found is None or not value or isinstance(value, bool | tuple):
        return None
    return f"{value} {found.unit or ''}".strip()
