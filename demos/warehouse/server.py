"""Serves a warehouse over HTTP: the robots' own interfaces for agents, and the truth and the faults for judges.

The address of a robot, `/robots/{id}/`, is the base against which the forms of its Thing Description are resolved.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

from demos.warehouse.faults import RobotFaults
from demos.warehouse.firmware import SimulatedFirmware, build_fleet, thing_description
from demos.warehouse.truth import WorldTruth
from demos.warehouse.world import WarehouseWorld
from device_agent.drivers.port import DriverError
from protocol.errors import ErrorCode
from transport.clock import SystemClock

MAXIMUM_BODY_BYTES = 64 * 1024
_SHUTDOWN_SECONDS = 2
"""A silent robot's calls never end; the server does not wait for them longer than this."""

_STATUS = {ErrorCode.CALL_FAILED: 503, ErrorCode.NOT_EXECUTABLE: 400, ErrorCode.OUT_OF_RANGE: 400}


def create_app(world: WarehouseWorld, fleet: Mapping[str, SimulatedFirmware]) -> FastAPI:
    """Build the HTTP application around a world and the firmware of each of its robots."""
    app = FastAPI(title="Simulated warehouse")
    app.include_router(_robot_routes(fleet))
    app.include_router(_judge_routes(world, fleet))

    @app.exception_handler(DriverError)
    async def refuse(_: Request, error: DriverError) -> JSONResponse:
        return JSONResponse({"detail": error.message, "code": error.code}, _STATUS.get(error.code, 500))

    @app.get("/healthz")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    return app


def _robot_routes(fleet: Mapping[str, SimulatedFirmware]) -> APIRouter:
    """What a robot itself would serve."""
    routes = APIRouter(prefix="/robots/{robot_id}")

    @routes.get("")
    async def describe(robot_id: str) -> dict[str, Any]:
        return thing_description(_robot(fleet, robot_id).vendor)

    @routes.post("/actions/{name}")
    async def call(robot_id: str, name: str, request: Request) -> Any:
        firmware = _robot(fleet, robot_id)
        if name not in firmware.function_names:
            raise HTTPException(404, f"{robot_id} has no function {name!r}.")
        return JSONResponse(await firmware.call(name, await _arguments(request)))

    @routes.get("/properties/{name}")
    async def read(robot_id: str, name: str) -> Any:
        firmware = _robot(fleet, robot_id)
        if name not in firmware.property_names:
            raise HTTPException(404, f"{robot_id} has no property {name!r}.")
        return JSONResponse(await firmware.call(name, {}))

    @routes.post("/safe")
    async def make_safe(robot_id: str) -> dict[str, str]:
        await _robot(fleet, robot_id).make_safe()
        return {"status": "ok"}

    return routes


def _judge_routes(world: WarehouseWorld, fleet: Mapping[str, SimulatedFirmware]) -> APIRouter:
    """What no robot would serve: the truth, and the power to break things."""
    routes = APIRouter()

    @routes.get("/world")
    async def truth() -> WorldTruth:
        return world.truth()

    @routes.get("/robots/{robot_id}/faults")
    async def show_faults(robot_id: str) -> RobotFaults:
        return _robot(fleet, robot_id).faults

    @routes.post("/robots/{robot_id}/faults")
    async def set_faults(robot_id: str, faults: RobotFaults) -> RobotFaults:
        _robot(fleet, robot_id).faults = faults
        return faults

    return routes


def _robot(fleet: Mapping[str, SimulatedFirmware], robot_id: str) -> SimulatedFirmware:
    if robot_id not in fleet:
        raise HTTPException(404, f"There is no robot {robot_id!r}; there are {', '.join(fleet)}.")
    return fleet[robot_id]


def serve(*, robots: int, shelves: int, seed: int, host: str, port: int, time_scale: float = 60.0) -> None:
    """Serve a new warehouse until interrupted; its robots are called robot-1, robot-2 and so on."""
    robot_ids = [f"robot-{number}" for number in range(1, robots + 1)]
    world = WarehouseWorld(shelves, robot_ids, seed=seed, clock=SystemClock(), time_scale=time_scale)
    uvicorn.run(
        create_app(world, build_fleet(world)),
        host=host,
        port=port,
        log_config=None,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )


async def _arguments(request: Request) -> dict[str, Any]:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAXIMUM_BODY_BYTES:
            raise HTTPException(413, f"The body is longer than {MAXIMUM_BODY_BYTES} bytes.")
    if not body.strip():
        return {}
    try:
        arguments = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "The body is not JSON in UTF-8.") from error
    if not isinstance(arguments, dict):
        raise HTTPException(400, "The body is not a JSON object of arguments.")
    return arguments
