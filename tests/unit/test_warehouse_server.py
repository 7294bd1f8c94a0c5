"""The warehouse over HTTP: the same world, the same answers, clear errors."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator

import httpx
import pytest

from demos.warehouse.firmware import VENDOR_NAMES, SimulatedFirmware, build_fleet, thing_description
from demos.warehouse.server import MAXIMUM_BODY_BYTES, create_app
from demos.warehouse.truth import WorldTruth
from demos.warehouse.vendors import VENDORS, Operation
from demos.warehouse.world import WarehouseWorld
from device_agent.drivers.http_driver import HttpDriver
from firmware_api_specs.thing_description import ThingDescription
from transport.clock import FakeClock


@pytest.fixture
def world(clock: FakeClock) -> WarehouseWorld:
    return WarehouseWorld(4, ["robot-1", "robot-2", "robot-3"], seed=2, clock=clock, time_scale=math.inf)


@pytest.fixture
async def client(world: WarehouseWorld) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(world, build_fleet(world)))
    async with httpx.AsyncClient(transport=transport, base_url="http://world") as client:
        yield client


async def test_health_and_truth(client: httpx.AsyncClient, world: WarehouseWorld) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    assert WorldTruth.model_validate((await client.get("/world")).json()) == world.truth()


async def test_a_robot_is_driven_by_the_forms_of_its_description(
    client: httpx.AsyncClient, world: WarehouseWorld
) -> None:
    description = (await client.get("/robots/robot-2")).json()
    assert description == thing_description("brockmann")
    base = httpx.URL("http://world/robots/robot-2/")
    drive = base.join(description["actions"]["bewege_zu_regal"]["forms"][0]["href"])
    reply = await client.post(drive, json={"regal_nummer": 3})
    assert reply.status_code == 200
    assert reply.json() == {"erfolg_flag": True, "meldung_text": "Erledigt."}
    assert world.truth().robots["robot-2"].at_shelf == "3"


@pytest.mark.parametrize("vendor", VENDOR_NAMES)
async def test_every_brand_tells_the_truth_through_the_http_driver(vendor: str, clock: FakeClock) -> None:
    world = WarehouseWorld(4, ["robot-1"], seed=2, clock=clock, time_scale=math.inf)
    app = create_app(world, {"robot-1": SimulatedFirmware(vendor, world, "robot-1")})
    description = ThingDescription.model_validate(thing_description(vendor))
    functions = {function.operation: name for name, function in VENDORS[vendor].functions.items()}
    transport = httpx.ASGITransport(app)
    async with HttpDriver(description, "http://world/robots/robot-1", transport=transport) as driver:
        for shelf_id, shelf in world.truth().shelves.items():
            for operation in (Operation.TO_SHELF, Operation.VACANCY):
                name = functions[operation]
                (native,) = VENDORS[vendor].functions[name].arguments
                result = await driver.call(name, {native: int(shelf_id)})
            (finding,) = description.actions[name].findings(result)
            assert finding.present is shelf.has_vacancy


@pytest.mark.parametrize("index", range(3))
async def test_properties_are_read_by_the_forms_of_the_description(
    client: httpx.AsyncClient, world: WarehouseWorld, index: int
) -> None:
    robot_id = f"robot-{index + 1}"
    world.robots[robot_id].battery = 0.5
    document = (await client.get(f"/robots/{robot_id}")).json()
    base = httpx.URL(f"http://world/robots/{robot_id}/")
    read = {}
    for name, described in document["properties"].items():
        form = described["forms"][0]
        assert (form["op"], form["htv:methodName"]) == ("readproperty", "GET")
        read[name] = (await client.get(base.join(form["href"]))).json()
    told = read.pop(document["parley:modeProperty"])
    assert told == document["parley:initialMode"]
    assert 50 in read.values()
    assert len(read) == 3


async def test_a_call_that_the_mode_forbids_is_refused_as_the_brand_refuses(
    client: httpx.AsyncClient, world: WarehouseWorld
) -> None:
    await client.post("/robots/robot-1/actions/emergency_stop")
    reply = await client.post("/robots/robot-1/actions/move_to_shelf", json={"shelf_num": 1})
    assert reply.json() == [False, "The robot does not do that in its present mode."]
    await client.post("/robots/robot-3/actions/HaltNow")
    reply = await client.post("/robots/robot-3/actions/NavigateToShelf", json={"ShelfNumber": 1})
    assert reply.status_code == 503
    assert reply.json()["code"] == "call_failed"
    assert (await client.get("/robots/robot-3/properties/RunState")).json() == "Halted"
    assert [robot.mode_refusals for robot in world.truth().robots.values()] == [1, 0, 1]


async def test_results_of_every_shape_come_through(client: httpx.AsyncClient) -> None:
    assert (await client.post("/robots/robot-3/actions/HaltNow")).json() is True
    assert (await client.post("/robots/robot-1/actions/emergency_stop", json={})).json() == [True, "Done."]


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("/robots/robot-9/actions/move_to_shelf", b"{}", 404, "robot-1, robot-2, robot-3"),
        ("/robots/robot-1/actions/fly", b"{}", 404, "fly"),
        ("/robots/robot-1/actions/robot_mode", b"{}", 404, "robot_mode"),
        ("/robots/robot-1/actions/move_to_shelf", b"{", 400, "not JSON"),
        ("/robots/robot-1/actions/move_to_shelf", b"\xff", 400, "not JSON"),
        ("/robots/robot-1/actions/move_to_shelf", b"[1]", 400, "not a JSON object"),
        ("/robots/robot-1/actions/move_to_shelf", b"{}", 400, "too few"),
        ("/robots/robot-1/actions/move_to_shelf", b'{"shelf_num": 1000}', 400, "outside"),
        ("/robots/robot-1/actions/move_to_shelf", b" " * (MAXIMUM_BODY_BYTES + 1), 413, "longer than"),
        ("/robots/robot-1/faults", b'{"failing_calls": -1}', 422, "failing_calls"),
    ],
)
async def test_bad_requests_say_what_is_wrong(
    client: httpx.AsyncClient, path: str, body: bytes, status: int, words: str
) -> None:
    reply = await client.post(path, content=body, headers={"content-type": "application/json"})
    assert reply.status_code == status
    assert words in reply.text


async def test_an_unknown_property_is_named(client: httpx.AsyncClient) -> None:
    for name in ("weight", "move_to_shelf"):
        reply = await client.get(f"/robots/robot-1/properties/{name}")
        assert reply.status_code == 404
        assert name in reply.text


async def test_faults_are_injected_while_it_runs(client: httpx.AsyncClient) -> None:
    reply = await client.post("/robots/robot-1/faults", json={"failing_calls": 1})
    assert reply.json() == {"silent": False, "dead": False, "failing_calls": 1, "hanging_calls": 0}
    failed = await client.post("/robots/robot-1/actions/get_battery_status")
    assert failed.status_code == 503
    assert failed.json() == {"detail": "The machine reported a fault.", "code": "call_failed"}
    assert (await client.get("/robots/robot-1/faults")).json()["failing_calls"] == 0
    assert (await client.post("/robots/robot-1/actions/get_battery_status")).status_code == 200


async def test_a_robot_can_be_made_safe(client: httpx.AsyncClient, world: WarehouseWorld) -> None:
    before = world.robots["robot-1"].motion
    assert (await client.post("/robots/robot-1/safe")).status_code == 200
    assert world.robots["robot-1"].motion == before + 1
