"""The HTTP driver against the warehouse's own server, and against machines that misbehave."""

from collections.abc import Callable

import httpx
import pytest

from demos.warehouse.firmware import VENDOR_NAMES, build_fleet, thing_description
from demos.warehouse.server import create_app
from demos.warehouse.world import WarehouseWorld
from device_agent.drivers.http_driver import HttpDriver
from device_agent.drivers.port import DriverError
from device_agent.drivers.simulated import example
from firmware_api_specs.loader import load
from protocol.errors import ErrorCode, InputError
from transport.clock import SystemClock

KESTREL = load(thing_description("kestrel"))
MOVE = {"shelf_num": 2}


def world_of(robots: int) -> WarehouseWorld:
    ids = [f"robot-{number}" for number in range(1, robots + 1)]
    return WarehouseWorld(3, ids, seed=1, clock=SystemClock(), time_scale=1000)


def answering(reply: Callable[[httpx.Request], httpx.Response]) -> HttpDriver:
    return HttpDriver(KESTREL, "http://robot", transport=httpx.MockTransport(reply))


@pytest.mark.parametrize("index", range(len(VENDOR_NAMES)), ids=VENDOR_NAMES)
async def test_every_brand_reports_its_battery_over_http(index: int) -> None:
    world = world_of(len(VENDOR_NAMES))
    robot_id = f"robot-{index + 1}"
    description = load(thing_description(VENDOR_NAMES[index]))
    transport = httpx.ASGITransport(create_app(world, build_fleet(world)))
    async with HttpDriver(description, f"http://world/robots/{robot_id}", transport=transport) as driver:
        reading = next(
            affordance
            for affordance in description.affordances()
            if "battery" in affordance.name.lower() or "battery" in affordance.action.english.lower()
            if not affordance.action.arguments and affordance.action.safe
        )
        result = await driver.call(reading.name, {})
        findings = reading.action.findings(result)
    assert [finding.what for finding in findings] == ["battery level"]
    assert findings[0].value == pytest.approx(world.robots[robot_id].battery * 100, abs=1)


async def test_a_wrong_argument_never_reaches_the_machine_and_is_refused_without_names() -> None:
    requests: list[httpx.Request] = []

    def note(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json=True)

    async with answering(note) as driver:
        for arguments in ({"nonsense": 1}, {}, {"shelf_num": "two"}):
            with pytest.raises(DriverError) as error:
                await driver.call("move_to_shelf", arguments)
            assert error.value.code is ErrorCode.CALL_FAILED
            assert "shelf_num" not in str(error.value)
            assert "nonsense" not in str(error.value)
        with pytest.raises(DriverError) as error:
            await driver.call("move_to_shelf", {"shelf_num": 100})
        assert error.value.code is ErrorCode.OUT_OF_RANGE
        with pytest.raises(DriverError):
            await driver.call("no_such_function", {})
    assert requests == []


async def test_a_simulated_robot_comes_to_rest_by_the_convention_of_its_world() -> None:
    world = world_of(1)
    transport = httpx.ASGITransport(create_app(world, build_fleet(world)))
    async with HttpDriver(KESTREL, "http://world/robots/robot-1", transport=transport) as driver:
        before = world.robots["robot-1"].motion
        await driver.make_safe()
    assert world.robots["robot-1"].motion == before + 1


@pytest.mark.parametrize(
    ("response", "code"),
    [
        (
            httpx.Response(503, json={"detail": "move_to_shelf broke", "code": "call_failed"}),
            ErrorCode.CALL_FAILED,
        ),
        (httpx.Response(400, json={"detail": "x", "code": "out_of_range"}), ErrorCode.OUT_OF_RANGE),
        (httpx.Response(500, text="<html>"), ErrorCode.CALL_FAILED),
        (httpx.Response(200, text="not json"), ErrorCode.CALL_FAILED),
        (httpx.Response(404, json=["odd"]), ErrorCode.CALL_FAILED),
        (httpx.Response(200, content=b" " * 2_000_000), ErrorCode.CALL_FAILED),
    ],
    ids=["fault", "range", "html", "text", "odd", "huge"],
)
async def test_a_machine_that_misbehaves_is_a_plain_error(response: httpx.Response, code: ErrorCode) -> None:
    async with answering(lambda _: response) as driver:
        with pytest.raises(DriverError) as error:
            await driver.call("move_to_shelf", MOVE)
    assert error.value.code is code
    assert "move_to_shelf" not in str(error.value)


async def test_a_machine_that_is_away_is_an_error_for_calls_and_none_for_rest() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route", request=request)

    async with answering(refuse) as driver:
        with pytest.raises(DriverError, match="cannot be reached"):
            await driver.call("move_to_shelf", MOVE)
        await driver.make_safe()


async def test_an_address_that_is_not_http_falls_back_to_the_usual_one() -> None:
    document = thing_description("kestrel") | {}
    actions = {
        name: action | {"forms": [{"href": f"parley:driver/{name}", "op": "invokeaction"}]}
        for name, action in document["actions"].items()
    }
    seen: list[str] = []

    def note(request: httpx.Request) -> httpx.Response:
        seen.append(f"{request.method} {request.url}")
        return httpx.Response(200, json=example(KESTREL.affordance("move_to_shelf").action.output))

    description = load(document | {"actions": actions})
    async with HttpDriver(description, "http://robot/", transport=httpx.MockTransport(note)) as driver:
        await driver.call("move_to_shelf", MOVE)
    assert seen == ["POST http://robot/actions/move_to_shelf"]


def test_an_address_of_another_kind_is_refused() -> None:
    with pytest.raises(InputError, match="device_url"):
        HttpDriver(KESTREL, "ftp://robot")
