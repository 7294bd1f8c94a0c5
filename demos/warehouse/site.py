"""Describes a hall as a site file would: what goals may speak of, where it is, and which ways lead there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from coordinator.site import Site
from demos.warehouse.floor import FloorPlan, Lane
from demos.warehouse.machines import PACKING_STATION
from demos.warehouse.world import WarehouseWorld

_HALF_AN_AISLE_METRES = 2.0
_MARGIN_METRES = 0.5
_STANDING = {"arm-1": PACKING_STATION, "belt-1": PACKING_STATION}
"""Where the machines stand that tell no place themselves."""


def site_of(world: WarehouseWorld) -> Site:
    """Describe a hall."""
    plan = world.plan
    if plan is None:
        fronts = [{"id": name, "at": (shelf.x, shelf.y)} for name, shelf in world.shelves.items()]
        return Site.model_validate({"entities": {"shelf": fronts}})
    aisle_of = {end: lane.aisle for lane in plan.lanes if lane.aisle for end in lane.between}
    named = _named_waypoints(plan)
    homes: dict[str, Any] = {name: place for name, place in _STANDING.items() if name in world.machines}
    if plan.dock_door is not None and "dock-door" in world.machines:
        homes["dock-door"] = plan.point(plan.dock_door)
    return Site.model_validate(
        {
            "name": "the warehouse",
            "zones": {
                **{name: {"area": _area(plan, lanes)} for name, lanes in plan.parts.items()},
                **{name: {"area": _around(plan, name)} for name in plan.waypoints if name not in named},
            },
            "entities": {
                "shelf": [
                    {
                        "id": shelf_id,
                        "at": plan.point(at),
                        "zone": f"aisle {aisle_of[at]}",
                        "aliases": [f"S{shelf_id}"],
                    }
                    for shelf_id, at in plan.shelves.items()
                ],
                "station": [
                    {"id": name, "at": plan.point(station.at)} for name, station in plan.stations.items()
                ],
                "tote": list(plan.totes),
            },
            "links": [_link(plan, lane, named) for lane in plan.lanes],
            "devices": homes,
        }
    )


def _named_waypoints(plan: FloorPlan) -> dict[str, str]:
    """Return what stands at waypoints, as goals call it; the others are zones of their own."""
    return {
        **{at: f"shelf {shelf_id}" for shelf_id, at in plan.shelves.items()},
        **{station.at: f"station {name}" for name, station in plan.stations.items()},
    }


def _link(plan: FloorPlan, lane: Lane, named: dict[str, str]) -> dict[str, Any]:
    one, other = lane.between
    metres = max(math.dist(plan.point(one), plan.point(other)), lane.seconds or 0.0)
    link: dict[str, Any] = {"between": [named.get(one, one), named.get(other, other)], "metres": metres}
    part = next((name for name, lanes in plan.parts.items() if lane in lanes), None)
    return link if part is None else {**link, "through": part}


def _area(plan: FloorPlan, lanes: Sequence[Lane]) -> tuple[float, float, float, float]:
    """Return the rectangle of an aisle, without the crossings at its ends."""
    points = [plan.point(end) for lane in lanes for end in lane.between]
    west, east = _span([point[0] for point in points])
    south, north = _span([point[1] for point in points])
    return west, south, east, north


def _span(values: Sequence[float]) -> tuple[float, float]:
    first, last = min(values), max(values)
    if last - first > _HALF_AN_AISLE_METRES:
        return first + _MARGIN_METRES, last - _MARGIN_METRES
    return first - _HALF_AN_AISLE_METRES, last + _HALF_AN_AISLE_METRES


def _around(plan: FloorPlan, waypoint: str) -> tuple[float, float, float, float]:
    east, north = plan.point(waypoint)
    return (
        east - _MARGIN_METRES,
        north - _MARGIN_METRES,
        east + _MARGIN_METRES,
        north + _MARGIN_METRES,
    )
