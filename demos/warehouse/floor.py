"""The floor plan of a hall, as data: waypoints, lanes between them, and what stands where. Ways are found on it.

Places are metres from the south-west corner, east first. A lane is a straight stretch between two waypoints on which
robots can pass each other, unless it is `narrow`: then only one robot may be on it. A lane that belongs to an aisle is
closed with it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

import networkx as nx
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from protocol.errors import InputError

Point = tuple[float, float]
"""Metres east and north of the south-west corner."""

_DREAD = 100.0
"""How much longer a metre counts in a part that is closed, for a robot that stands in it and has to get out."""


class Lane(BaseModel):
    """A straight stretch between two waypoints.

    Attributes:
        between: its ends.
        aisle: the aisle it belongs to; None for lanes across.
        called: what people call a lane that belongs to no aisle, such as the lift; None for most.
        narrow: whether two robots cannot pass each other on it.
        seconds: how long the ride takes on a lane that is one, such as a lift; None where robots drive.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    between: tuple[str, str]
    aisle: str | None = None
    called: str | None = None
    narrow: bool = False
    seconds: float | None = Field(default=None, gt=0)

    @property
    def name(self) -> str:
        """Its name: that of its ends."""
        return " - ".join(self.between)

    @property
    def part(self) -> str | None:
        """The part of the hall with which it is closed: its aisle, or itself where it has a name."""
        return self.aisle or self.called


class Station(BaseModel):
    """Where people or machines work on totes. `bays` robots can stand there at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: str
    bays: int = Field(default=2, ge=1)
    room: int = Field(default=6, ge=1, description="How many totes fit there.")


@dataclass(frozen=True, slots=True)
class Leg:
    """One straight piece of a way: to where, and over which lane; None off the lanes."""

    to: Point
    lane: str | None = None


class FloorPlan(BaseModel):
    """A hall.

    Attributes:
        size: width and depth in metres.
        waypoints: places by name.
        lanes: how they are joined.
        shelves: waypoint of each shelf's front, by the shelf's id.
        stations: packing stations by id.
        chargers: waypoints of the chargers, by id.
        homes: waypoints where robots stand at first; more robots than homes share them.
        dock_door: the waypoint inside the dock door.
        drone_pad: where the drone rests; None for the middle of the hall.
        totes: the shelf that each tote stands on at first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: Point
    waypoints: dict[str, Point]
    lanes: tuple[Lane, ...]
    shelves: dict[str, str]
    stations: dict[str, Station] = {}
    chargers: dict[str, str] = {}
    homes: tuple[str, ...] = Field(min_length=1)
    dock_door: str | None = None
    drone_pad: Point | None = None
    totes: dict[str, str] = {}

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a plan from a YAML file.

        Raises:
            InputError: the file cannot be read, or an entry is wrong; the error names it.
        """
        try:
            data: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError) as error:
            raise InputError("floor plan", str(path), f"a readable YAML file ({error})") from error
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = ".".join(str(part) for part in first["loc"]) or "floor plan"
            raise InputError(field, first.get("input"), first["msg"], source=str(path)) from error

    @model_validator(mode="after")
    def _is_connected(self) -> Self:
        places = {
            "lanes": [end for lane in self.lanes for end in lane.between],
            "shelves": list(self.shelves.values()),
            "stations": [station.at for station in self.stations.values()],
            "chargers": list(self.chargers.values()),
            "homes": list(self.homes),
            "dock_door": [self.dock_door] if self.dock_door else [],
        }
        for what, names in places.items():
            if unknown := next((name for name in names if name not in self.waypoints), None):
                raise ValueError(f"{what} speaks of the waypoint {unknown!r}, which there is not")
        for tote, shelf in self.totes.items():
            if shelf not in self.shelves:
                raise ValueError(f"tote {tote} stands on shelf {shelf!r}, which there is not")
        if not nx.is_connected(self.graph):
            raise ValueError("there are waypoints that no lane joins to the others")
        return self

    @cached_property
    def graph(self) -> nx.Graph[str]:
        """The lanes as an undirected graph; `metres` is the cost of an edge."""
        graph: nx.Graph[str] = nx.Graph()
        graph.add_nodes_from(self.waypoints)
        for lane in self.lanes:
            first, second = lane.between
            length = math.dist(self.waypoints[first], self.waypoints[second])
            graph.add_edge(first, second, metres=max(length, lane.seconds or 0.0), lane=lane)
        return graph

    @cached_property
    def aisles(self) -> tuple[str, ...]:
        """The names of the aisles, in order."""
        return tuple(sorted({lane.aisle for lane in self.lanes if lane.aisle is not None}))

    @cached_property
    def parts(self) -> Mapping[str, tuple[Lane, ...]]:
        """The lanes of every part of the hall that can be closed, by what people call it: "aisle A", "lift"."""
        parts: dict[str, tuple[Lane, ...]] = {}
        for lane in self.lanes:
            if lane.part is not None:
                name = f"aisle {lane.aisle}" if lane.aisle is not None else lane.part
                parts[name] = (*parts.get(name, ()), lane)
        return parts

    @cached_property
    def crossings(self) -> frozenset[Point]:
        """The waypoints where lanes of different parts meet."""
        met: dict[str, set[str | None]] = {}
        for lane in self.lanes:
            for end in lane.between:
                met.setdefault(end, set()).add(lane.part)
        return frozenset(self.waypoints[name] for name, parts in met.items() if len(parts) > 1)

    def lane(self, name: str) -> Lane:
        """Return a lane by its name."""
        return self._lanes[name]

    def point(self, waypoint: str) -> Point:
        """Return where a waypoint is."""
        return self.waypoints[waypoint]

    def way(self, start: Point, goal: Point, *, closed: Collection[str] = ()) -> list[Leg] | None:
        """Find the shortest way over the lanes; None where what is closed leaves none.

        Args:
            start: where the robot is; off the lanes it goes straight to the nearest one first.
            goal: where it goes, likewise.
            closed: parts that must not be entered. A robot that stands in one may move in it, and leaves it the shortest way.
        """
        if start == goal:
            return []
        first = self._anchor(start, closed)
        left = first.lane.part if first.lane.part in closed else None
        closed = {part for part in closed if part != left}
        last = self._anchor(goal, closed)
        if last.lane.part in closed:
            return None
        if first.lane.name == last.lane.name:
            return _trimmed(start, [Leg(first.at), Leg(last.at, first.lane.name), Leg(goal)])
        passable = nx.subgraph_view(
            self.graph, filter_edge=lambda one, two: self.graph[one][two]["lane"].part not in closed
        )

        def weight(_: str, __: str, edge: Mapping[str, Any]) -> float:
            is_left = left is not None and edge["lane"].part == left
            return float(edge["metres"]) * (_DREAD if is_left else 1.0)

        dread = 1.0 if left is None else _DREAD
        best: tuple[float, list[str]] | None = None
        for here in first.lane.between:
            metres_to = nx.single_source_dijkstra_path_length(passable, here, weight=weight)
            ways_to = nx.single_source_dijkstra_path(passable, here, weight=weight)
            for there in set(last.lane.between) & metres_to.keys():
                total = (
                    math.dist(first.at, self.waypoints[here]) * dread
                    + metres_to[there]
                    + math.dist(last.at, self.waypoints[there])
                )
                if best is None or total < best[0]:
                    best = (total, ways_to[there])
        if best is None:
            return None
        names = best[1]
        legs = [Leg(first.at), Leg(self.waypoints[names[0]], first.lane.name)]
        for one, two in itertools.pairwise(names):
            legs.append(Leg(self.waypoints[two], self.graph[one][two]["lane"].name))
        return _trimmed(start, [*legs, Leg(last.at, last.lane.name), Leg(goal)])

    @cached_property
    def _lanes(self) -> dict[str, Lane]:
        return {lane.name: lane for lane in self.lanes}

    def _anchor(self, point: Point, closed: Collection[str]) -> _Anchor:
        """Return the nearest place on a lane; where lanes meet, on one that is open."""
        anchors = (
            _Anchor(lane, _nearest(point, *(self.waypoints[end] for end in lane.between)))
            for lane in self.lanes
        )
        return min(
            anchors,
            key=lambda anchor: (round(math.dist(point, anchor.at), 6), anchor.lane.part in closed),
        )


@dataclass(frozen=True, slots=True)
class _Anchor:
    lane: Lane
    at: Point


def bundled(name: str = "hall") -> FloorPlan:
    """Return a plan that ships with the demo."""
    return FloorPlan.load(Path(str(files("demos.warehouse") / "floors" / f"{name}.yaml")))


def grid(aisles: int, shelves_per_aisle: int, stations: int, homes: int) -> FloorPlan:
    """Make a plain hall of any size: aisles from south to north between two lanes across.

    Args:
        aisles: how many, 8 m apart, named A, B, … .
        shelves_per_aisle: how many shelves stand at each, 3 m apart; ids count on from aisle to aisle.
        stations: packing stations along the northern lane.
        homes: places for robots along the southern wall.
    """
    depth = 3.0 * (shelves_per_aisle + 1) + 6.0
    waypoints: dict[str, Point] = {}
    lanes: list[Lane] = []
    shelves: dict[str, str] = {}
    for index in range(aisles):
        east, letter = 4.0 + 8.0 * index, chr(ord("A") + index)
        column = [
            f"{letter} south",
            *(f"{letter}{row + 1}" for row in range(shelves_per_aisle)),
            f"{letter} north",
        ]
        for row, name in enumerate(column):
            waypoints[name] = (east, 3.0 + 3.0 * row)
        lanes += [Lane(between=pair, aisle=letter) for pair in itertools.pairwise(column)]
        shelves.update({str(len(shelves) + 1 + row): name for row, name in enumerate(column[1:-1])})
        if index:
            before = chr(ord(letter) - 1)
            lanes += [Lane(between=(f"{before} {end}", f"{letter} {end}")) for end in ("south", "north")]
    width = 8.0 * aisles
    lanes += _spurs(waypoints, "station", stations, aisles, north=depth - 1.0, end="north")
    lanes += _spurs(waypoints, "home", homes, aisles, north=1.0, end="south")
    return FloorPlan(
        size=(width, depth),
        waypoints=waypoints,
        lanes=tuple(lanes),
        shelves=shelves,
        stations={str(one + 1): Station(at=f"station {one + 1}") for one in range(stations)},
        chargers={str(one + 1): f"home {one + 1}" for one in range(homes)},
        homes=tuple(f"home {one + 1}" for one in range(homes)),
        totes={f"T{one + 1}": str(one % len(shelves) + 1) for one in range(len(shelves))},
    )


def _spurs(
    waypoints: dict[str, Point], what: str, count: int, aisles: int, *, north: float, end: str
) -> list[Lane]:
    """Place things along a wall and join each to the nearest end of an aisle."""
    lanes = []
    for index in range(count):
        name = f"{what} {index + 1}"
        waypoints[name] = (round((index + 0.5) * 8.0 * aisles / count, 2), north)
        column = min(range(aisles), key=lambda one: abs(4.0 + 8.0 * one - waypoints[name][0]))
        lanes.append(Lane(between=(name, f"{chr(ord('A') + column)} {end}")))
    return lanes


def _nearest(point: Point, first: Point, second: Point) -> Point:
    """Return the place between two points that is nearest to a third."""
    east, north = second[0] - first[0], second[1] - first[1]
    length = east * east + north * north
    if length == 0:
        return first
    share = ((point[0] - first[0]) * east + (point[1] - first[1]) * north) / length
    share = min(1.0, max(0.0, share))
    return (first[0] + share * east, first[1] + share * north)


def _trimmed(start: Point, legs: Iterable[Leg]) -> list[Leg]:
    """Leave out pieces that lead nowhere."""
    kept: list[Leg] = []
    here = start
    for leg in legs:
        if math.dist(here, leg.to) > 1e-9:  # noqa: PLR2004 - rounding
            kept.append(leg)
            here = leg.to
    return kept
