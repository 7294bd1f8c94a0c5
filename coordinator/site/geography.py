"""Where places are and how far it is between them: along the site's links where it has such, else in straight lines. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from coordinator.allocation import DENSE_CELLS
from coordinator.site.closures import Closure, holder, is_open, places_in, within
from coordinator.site.model import Link, Site
from coordinator.travel import Floats, StraightTravel, TabledTravel, Travel
from coordinator.wording import listing

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_LONGEST_NAME_WORDS = 5
_NOWHERE = (float("nan"), float("nan"))

Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place: what links know it by, and its point in metres, as far as these are known."""

    name: str | None = None
    at: Point | None = None


class Geography:
    """The places of one site.

    Args:
        site: what its file says.
        closed: the places that are out of use, by name: no way leads into them or through them.
    """

    def __init__(self, site: Site, closed: Mapping[str, Closure] | None = None) -> None:
        self._site = site
        self._closed = dict(closed or {})
        self._spots: dict[str, Spot] = {}
        for name, zone in site.zones.items():
            self._spots[name.casefold()] = Spot(name.casefold(), zone.middle)
        for kind, members in site.kinds.items():
            for entity in members:
                within = site.zones.get(entity.zone) if entity.zone is not None else None
                at = entity.at or (within.middle if within else None)
                name = f"{kind} {entity.id}".casefold()
                spot = Spot(name, at)
                for other in (name, *(alias.casefold() for alias in entity.aliases)):
                    self._spots[other] = spot

    @property
    def is_mapped(self) -> bool:
        """Whether anything is known of where places are, so that ways can differ."""
        return bool(self._site.links) or any(spot.at is not None for spot in self._spots.values())

    def entity(self, kind: str, name: str) -> Spot | None:
        """Return where an entity is; None when there is none of this name."""
        return self._spots.get(f"{kind} {name}".casefold())

    def find(self, text: str) -> Spot | None:
        """Return the place that a text names, such as "shelf 3", one of its other names, or a zone."""
        plain = " ".join(text.split()).casefold().rstrip(".")
        return self._spots.get(plain) or self._spots.get(re.sub(r"[-_](?=\d)", " ", plain))

    def mentioned(self, sentence: str) -> Spot | None:
        """Return the first place that a sentence names; None where it names none."""
        words = [word.strip(",.;:!?\"'()") for word in sentence.casefold().split()]
        for first in range(len(words)):
            for end in range(min(len(words), first + _LONGEST_NAME_WORDS), first, -1):
                if (spot := self._spots.get(" ".join(words[first:end]))) is not None:
                    return spot
        return None

    @property
    def has_closures(self) -> bool:
        """Whether any place is out of use."""
        return bool(self._closed)

    def out_of_reach(self) -> list[str]:
        """Return the entities that nobody can go to because of what is closed, as the site file calls them, in its order."""
        if not self._closed:
            return []
        names = [f"{kind} {name}" for kind, members in self._site.entities.items() for name in members]
        return [
            name
            for name in names
            if holder(name, self._closed, self._site) is not None or self._is_cut_off(name)
        ]

    def barrier(self, sentence: str) -> str | None:
        """Say, as a clause, why nobody can go where a sentence leads; None where nothing that is closed is in the way."""
        if not self._closed:
            return None
        for place in places_in(sentence, self._site):
            closed = holder(place, self._closed, self._site)
            if closed == place:
                return f"{place} is out of use"
            if closed is not None:
                return f"{place} is in {closed}, which is out of use"
            if self._is_cut_off(place):
                return f"no way leads to {place} while {self._whatever_is_closed()} out of use"
        return None

    def reaches(self, start: Spot | None, sentence: str) -> bool:
        """Whether a device that is at `start` can come to all places that a sentence names; true where that is not known."""
        if not self._closed or start is None:
            return True
        here, _ = self._access(start)
        if here is None or self._is_closed(self._names_of_nodes[here]):
            # From within what is closed a device may leave.
            return True
        return all(
            self._open_parts[here] == self._open_parts[there]
            or self._all_parts[here] != self._all_parts[there]
            for place in places_in(sentence, self._site)
            if (there := self._nodes.get(place.casefold())) is not None
        )

    def is_near(self, spot: Spot, place: str, *, slack_metres: float = 0.0) -> bool | None:
        """Whether a device that is at `spot` is near a place or in it, as the site means that; None where that is not known.

        Args:
            spot: where it is.
            place: as the site file calls it.
            slack_metres: how much farther away it may be all the same.
        """
        inside = {name.casefold() for name in within(place, self._site)}
        if spot.name is not None:
            return spot.name in inside
        zone = self._site.zones.get(place)
        if spot.at is None:
            return None
        east, north = spot.at
        if zone is not None and zone.area is not None:
            west, south, far_east, far_north = zone.area
            away = math.hypot(
                max(west - east, 0.0, east - far_east), max(south - north, 0.0, north - far_north)
            )
            return away <= slack_metres
        points = [at for name in inside if (at := self._spots[name].at) is not None]
        if not points:
            return None
        reach = self._site.near_metres + slack_metres
        return any(math.dist(spot.at, point) <= reach for point in points)

    def _is_cut_off(self, place: str) -> bool:
        """Whether no open way leads to a place that ways lead to otherwise."""
        node = self._nodes.get(place.casefold())
        if node is None:
            return False
        same = self._open_parts == self._open_parts[node]
        was = self._all_parts == self._all_parts[node]
        # The smaller side of a site that a closure divides is the one that cannot be reached.
        return bool(same.sum() * 2 < (was & ~self._closed_nodes).sum())

    def _whatever_is_closed(self) -> str:
        names = list(self._closed)
        return f"{listing(names)} {'is' if len(names) == 1 else 'are'}"

    def _is_closed(self, name: str) -> bool:
        return holder(self._site.place_names[name], self._closed, self._site) is not None

    def home(self, device_id: str) -> Spot | None:
        """Return where a device is at the start; None where the site does not say."""
        home = self._site.devices.get(device_id)
        return self.find(home) if isinstance(home, str) else None if home is None else Spot(at=home)

    def travel(self, starts: Sequence[Spot | None], stops: Sequence[Spot | None]) -> Travel:
        """Return the ways from the starts to the stops and between those.

        Links are followed as long as there are not too many pairs; above `DENSE_CELLS` only straight lines count.
        """
        straight = StraightTravel(_points(starts), _points(stops))
        pairs = len(stops) * (len(starts) + len(stops))
        if not self._site.links or not pairs or pairs > DENSE_CELLS:
            return straight
        spots = [*starts, *stops]
        ways = self._ways(spots, spots[len(starts) :])
        return TabledTravel(ways[: len(starts)], ways[len(starts) :], straight)

    def _ways(self, sources: Sequence[Spot | None], targets: Sequence[Spot | None]) -> Floats:
        """Return the lengths of all ways, NaN where that is not known."""
        from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415 - slow to load; see coordinator.allocation

        access = {spot: self._access(spot) for spot in {*sources, *targets} if spot is not None}
        nodes = sorted({node for node, _ in access.values() if node is not None})
        row = {node: index for index, node in enumerate(nodes)}
        lengths = dijkstra(self._network, directed=False, indices=nodes) if nodes else np.empty((0, 0))
        ways = np.full((len(sources), len(targets)), np.nan)
        for i, source in enumerate(sources):
            for j, target in enumerate(targets):
                if source is None or target is None:
                    continue
                (a, to_a), (b, to_b) = access[source], access[target]
                ways[i, j] = _straight(source, target)
                if a is not None and b is not None and (a != b or np.isnan(ways[i, j])):
                    along = float(lengths[row[a], b]) + to_a + to_b
                    ways[i, j] = along if np.isfinite(along) else ways[i, j]
        return ways

    def _access(self, spot: Spot) -> tuple[int | None, float]:
        """Return the node of the network that a place is at or nearest to, and how far it is to that."""
        if spot.name in self._nodes:
            return self._nodes[spot.name], 0.0
        points = self._node_points
        if spot.at is None or np.isnan(points).all():
            return None, 0.0
        away = np.hypot(points[:, 0] - spot.at[0], points[:, 1] - spot.at[1])
        nearest = int(np.nanargmin(away))
        return nearest, float(away[nearest])

    @cached_property
    def _nodes(self) -> dict[str | None, int]:
        """The places that links join, each with its number. All names of a place are one node."""
        ends = (self._spots[end.casefold()].name for link in self._site.links for end in link.between)
        return {name: index for index, name in enumerate(dict.fromkeys(ends))}

    @cached_property
    def _node_points(self) -> Floats:
        return _points([self._spots[name or ""] for name in self._nodes])

    @cached_property
    def _names_of_nodes(self) -> list[str]:
        return [name or "" for name in self._nodes]

    @cached_property
    def _closed_nodes(self) -> NDArray[np.bool_]:
        return np.array([self._is_closed(name) for name in self._names_of_nodes], dtype=bool)

    @cached_property
    def _open_parts(self) -> NDArray[np.int32]:
        """Which part of the network each node belongs to, over the ways that are open."""
        return self._parts(self._network)

    @cached_property
    def _all_parts(self) -> NDArray[np.int32]:
        """The same with nothing closed."""
        return self._parts(self._joined(self._site.links))

    def _parts(self, network: csr_array) -> NDArray[np.int32]:
        from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 - slow to load

        parts: NDArray[np.int32] = connected_components(network, directed=False)[1]
        return parts

    @cached_property
    def _network(self) -> csr_array:
        return self._joined([link for link in self._site.links if is_open(link, self._closed, self._site)])

    def _joined(self, links: Sequence[Link]) -> csr_array:
        from scipy.sparse import csr_array  # noqa: PLC0415

        shortest: dict[tuple[int, int], float] = {}
        for one, other, metres in self._edges(links):
            shortest[one, other] = min(metres, shortest.get((one, other), metres))
        rows, columns = zip(*shortest, strict=True) if shortest else ((), ())
        size = len(self._nodes)
        return csr_array((list(shortest.values()), (rows, columns)), shape=(size, size), dtype=float)

    def _edges(self, links: Sequence[Link]) -> Iterator[tuple[int, int, float]]:
        for link in links:
            one, other = sorted(self._nodes[self._spots[end.casefold()].name] for end in link.between)
            yield one, other, link.metres


def _straight(one: Spot, other: Spot) -> float:
    if one == other and one.name is not None:
        return 0.0
    if one.at is None or other.at is None:
        return float("nan")
    return float(np.hypot(one.at[0] - other.at[0], one.at[1] - other.at[1]))


def _points(spots: Sequence[Spot | None]) -> Floats:
    points = [spot.at if spot is not None and spot.at is not None else _NOWHERE for spot in spots]
    return np.array(points, dtype=float).reshape(-1, 2)
