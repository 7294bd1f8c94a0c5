"""The dashboard of a simulated hall: its map is the world itself, and buttons break things."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from dashboard.context import Context, Fault
from dashboard.inspection import Inspector
from dashboard.install import install
from demos.warehouse.faults import RobotFaults
from demos.warehouse.firmware import SimulatedFirmware
from demos.warehouse.view import WorldFloor
from demos.warehouse.world import WarehouseWorld

_ROBOTS = "/demo/robots/faults"
_AISLES = "/demo/aisles"
_LOW_BATTERY = 0.12
_EXAMPLES = (
    "Let the robots check if there are vacant spaces on the shelves.",
    "Where is T7 and which robots are free?",
    "Move robot-2 to shelf 1.",
)


class RobotFault(BaseModel):
    """What happens to one robot.

    Attributes:
        what: `dies` (each call fails), `network_cut` (nothing comes back from it), `call_fails` (its next call does),
            `battery_low`, `sensor_wrong` (it does not see who is in its way), or `mended`.
    """

    model_config = ConfigDict(extra="forbid")

    device_id: str
    what: Literal["dies", "network_cut", "call_fails", "battery_low", "sensor_wrong", "mended"]


class AisleFault(BaseModel):
    """Whether an aisle is blocked."""

    model_config = ConfigDict(extra="forbid")

    aisle: Annotated[str, Field(min_length=1, max_length=8)]
    is_blocked: bool


def add_pages(
    app: FastAPI,
    address: Callable[[], str],
    world: WarehouseWorld,
    fleet: dict[str, SimulatedFirmware],
    inspector: Inspector,
) -> Context:
    """Add the dashboard to a coordinator's application, and the routes behind its buttons.

    Args:
        app: before it is served.
        address: returns where it is served.
        world: the hall.
        fleet: its robots.
        inspector: looks inside their agents.
    """
    add_faults(app, world, fleet)
    aisles = world.plan.aisles if world.plan is not None else ()
    return install(
        app,
        address,
        floor=WorldFloor(world, fleet),
        inspector=inspector,
        faults=(
            Fault("It dies", _ROBOTS, {"what": "dies"}),
            Fault("Its network is cut", _ROBOTS, {"what": "network_cut"}),
            Fault("Its next call fails", _ROBOTS, {"what": "call_fails"}),
            Fault("Its battery is low", _ROBOTS, {"what": "battery_low"}),
            Fault("Its scanner is wrong", _ROBOTS, {"what": "sensor_wrong"}),
            Fault("It is mended", _ROBOTS, {"what": "mended"}),
            *(
                Fault(f"Block aisle {one}", _AISLES, {"aisle": one, "is_blocked": True}, is_of_device=False)
                for one in aisles
            ),
            *(
                Fault(f"Clear aisle {one}", _AISLES, {"aisle": one, "is_blocked": False}, is_of_device=False)
                for one in aisles
            ),
        ),
        breakable=tuple(fleet),
        examples=_EXAMPLES,
    )


def add_faults(app: FastAPI, world: WarehouseWorld, fleet: Mapping[str, SimulatedFirmware]) -> None:
    """Add the routes that break things, and the truth for whoever judges."""

    @app.get("/demo/world", tags=["demo"])
    async def truth() -> dict[str, Any]:
        """Show the world as it truly is."""
        return world.truth().model_dump(mode="json")

    @app.post(_ROBOTS, tags=["demo"])
    async def on_robot(fault: RobotFault) -> dict[str, str]:
        """Break a robot, or mend it."""
        if fault.device_id not in fleet:
            raise HTTPException(404, f"There is no robot {fault.device_id!r}; there are {', '.join(fleet)}.")
        robot, firmware = world.robots[fault.device_id], fleet[fault.device_id]
        if fault.what == "battery_low":
            robot.battery = _LOW_BATTERY
        elif fault.what == "sensor_wrong":
            robot.is_blind = True
        elif fault.what == "mended":
            robot.is_blind = False
            firmware.faults = RobotFaults()
        else:
            firmware.faults = RobotFaults(
                dead=fault.what == "dies",
                silent=fault.what == "network_cut",
                failing_calls=int(fault.what == "call_fails"),
            )
        return {"status": "ok"}

    @app.post(_AISLES, tags=["demo"])
    async def on_aisle(fault: AisleFault) -> dict[str, str]:
        """Block an aisle, or clear it."""
        aisles = world.plan.aisles if world.plan is not None else ()
        if fault.aisle not in aisles:
            raise HTTPException(
                404, f"There is no aisle {fault.aisle!r}; there are {', '.join(aisles) or 'none'}."
            )
        (world.traffic.closed_aisles.add if fault.is_blocked else world.traffic.closed_aisles.discard)(
            fault.aisle
        )
        return {"status": "ok"}
