"""What is out of use and what stands still, over HTTP and on the command line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from coordinator.app import create_app
from parley.cli import app
from parley.serving import serving
from tests.coordinator_fakes import Stage, scripted, stage
from transport.clock import FakeClock

HALL: dict[str, Any] = {
    "zones": {"aisle A": None, "aisle B": None},
    "entities": {
        "shelf": [{"id": "1", "zone": "aisle A", "at": [1, 9]}, {"id": "2", "zone": "aisle B", "at": [9, 1]}],
        "station": [{"id": "2", "at": [9, 9], "aliases": ["packing"]}],
    },
}
NOTHING: dict[str, Any] = {"closed": [], "out_of_reach": [], "standstills": []}


@asynccontextmanager
async def hall(tmp_path: Path, clock: FakeClock) -> AsyncIterator[tuple[Stage, httpx.AsyncClient]]:
    async with stage(tmp_path, scripted("all / robot / check shelf 1"), clock=clock, entities=HALL) as scene:
        transport = httpx.ASGITransport(create_app(scene.coordinator), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://parley") as client:
            yield scene, client


async def conditions(client: httpx.AsyncClient) -> dict[str, Any]:
    response = await client.get("/v1/site/conditions")
    assert response.status_code == 200
    shown: dict[str, Any] = response.json()
    return shown


async def test_a_place_is_taken_out_of_use_and_put_back_by_any_of_its_names(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with hall(tmp_path, clock) as (scene, client):
        assert await conditions(client) == NOTHING
        at = clock.now()
        closed = await client.post("/v1/site/close", json={"place": "AISLE  b", "by": "Anna"})
        assert closed.status_code == 200
        assert closed.json() == {
            "closed": [{"place": "aisle B", "by": "Anna", "at": at}],
            "out_of_reach": ["shelf 2"],
            "standstills": [],
        }
        again = await client.post("/v1/site/close", json={"place": "aisle B", "by": "Ben"})
        assert again.json() == closed.json(), "who said it first stays"
        await client.post("/v1/site/close", json={"place": "Packing", "by": "Ben"})
        shown = await conditions(client)
        assert [(one["place"], one["by"]) for one in shown["closed"]] == [
            ("aisle B", "Anna"),
            ("station 2", "Ben"),
        ]
        assert shown["out_of_reach"] == ["shelf 2", "station 2"]
        glance = (await client.get("/v1/site")).json()["conditions"]
        assert glance[0] == "Aisle B is out of use, as Anna said."
        reopened = await client.post("/v1/site/reopen", json={"place": "aisle b", "by": "Cleo"})
        assert [one["place"] for one in reopened.json()["closed"]] == ["station 2"]
        idle = await client.post("/v1/site/reopen", json={"place": "aisle b", "by": "Cleo"})
        assert (idle.status_code, idle.json()) == (200, reopened.json()), "it was in use already"
        assert [one.place for one in scene.coordinator.premises.closed] == ["station 2"]


@pytest.mark.parametrize("act", ["close", "reopen"])
@pytest.mark.parametrize(
    ("body", "status", "parts"),
    [
        (
            {"place": "aisle Q", "by": "Anna"},
            404,
            ("place is 'aisle Q'", "a zone, or an entity such as shelf 3", "GET /v1/site/places"),
        ),
        ({"by": "Anna"}, 400, ("place", "/docs")),
        ({"place": "", "by": "Anna"}, 400, ("place is ''", "at least 1 character")),
        ({"place": "x" * 81, "by": "Anna"}, 400, ("place is 'xxx", "at most 80 characters")),
        ({"place": 7, "by": "Anna"}, 400, ("place is 7", "string")),
        ({"place": "aisle B"}, 400, ("by", "/docs")),
        ({"place": "aisle B", "by": "Anna", "until": "noon"}, 400, ("until", "/docs")),
    ],
)
async def test_what_is_no_place_is_refused_and_changes_nothing(
    tmp_path: Path, clock: FakeClock, *, act: str, body: dict[str, Any], status: int, parts: tuple[str, ...]
) -> None:
    async with hall(tmp_path, clock) as (scene, client):
        scene.coordinator.premises.close("aisle A", "Anna")
        before = await conditions(client)
        response = await client.post(f"/v1/site/{act}", json=body)
        error = response.json()["error"]
        assert response.status_code == status
        assert error["code"] == ("not_found" if status == 404 else "input_invalid")
        for part in parts:
            assert part in error["message"]
        assert await conditions(client) == before


async def test_a_standstill_is_shown_and_ended_and_exactly_those_go_on(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with hall(tmp_path, clock) as (scene, client):
        for name in ("robot-1", "robot-2", "robot-3"):
            await scene.join(name)
        await client.post("/v1/devices/robot-3/pause", json={"by": "Ben"})
        at = clock.now()
        begun = scene.coordinator.standstills.begin("everything", "Anna").standstill
        assert begun is not None
        (shown,) = (await conditions(client))["standstills"]
        assert shown == {
            "standstill_id": begun.standstill_id,
            "name": "everything",
            "place": None,
            "by": "Anna",
            "at": at,
            "devices": ["robot-1", "robot-2"],
        }
        assert (await client.get("/v1/site")).json()["conditions"] == [
            "Everything stands still, as Anna said."
        ]
        address = f"/v1/site/standstills/{begun.standstill_id}/resume"
        assert (await client.post(address, json={"by": ""})).status_code == 400
        assert len((await conditions(client))["standstills"]) == 1, "nobody said who lets it go on"
        assert (await client.post(address, json={"by": "Cleo"})).json() == NOTHING
        paused = {
            one["device_id"]: one["paused_by"] for one in (await client.get("/v1/devices")).json()["devices"]
        }
        assert paused == {"robot-1": None, "robot-2": None, "robot-3": "Ben"}
        for wrong in (begun.standstill_id, "standstill-0"):
            gone = await client.post(f"/v1/site/standstills/{wrong}/resume", json={"by": "Cleo"})
            error = gone.json()["error"]
            assert (gone.status_code, error["code"], error["param"]) == (404, "not_found", "standstill_id")
            for part in (
                f"standstill_id is '{wrong}'",
                "allowed: the id of a standstill",
                "/v1/site/conditions",
            ):
                assert part in error["message"]


async def test_nothing_goes_on_while_the_emergency_stop_is_engaged(tmp_path: Path, clock: FakeClock) -> None:
    async with hall(tmp_path, clock) as (scene, client):
        await scene.join("robot-1")
        begun = scene.coordinator.standstills.begin("everything", "Anna").standstill
        assert begun is not None
        await client.post("/v1/estop", json={"by": "Anna"})
        address = f"/v1/site/standstills/{begun.standstill_id}/resume"
        refused = await client.post(address, json={"by": "Anna"})
        assert refused.status_code == 409
        assert "emergency stop" in refused.json()["error"]["message"]
        assert len((await conditions(client))["standstills"]) == 1
        await client.request("DELETE", "/v1/estop", json={"by": "Anna"})
        assert (await client.post(address, json={"by": "Anna"})).json() == NOTHING


async def test_the_command_line_shows_a_running_site_and_what_is_out_of_use(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with hall(tmp_path, clock) as (scene, _):
        await scene.join("robot-1")
        async with serving(create_app(scene.coordinator), "127.0.0.1", 0) as url:

            async def show() -> str:
                arguments = ["site", "show", "--coordinator-url", url]
                result = await asyncio.to_thread(CliRunner().invoke, app, arguments)
                assert result.exit_code == 0, result.output
                return result.output

            quiet = await show()
            assert "Everything is in use, and nothing stands still." in quiet
            assert "aisle A, aisle B" in quiet
            scene.coordinator.premises.close("aisle B", "Anna")
            scene.coordinator.standstills.begin("everything", "Ben")
            told = await show()
        assert "Out of use: aisle B, said by Anna." in told
        assert "Nobody is sent to shelf 2." in told
        assert "Standing still: everything, said by Ben: robot-1." in told


async def test_without_a_coordinator_the_command_line_says_where_it_looked(tmp_path: Path) -> None:
    arguments = ["site", "show", "--coordinator-url", "http://127.0.0.1:9"]
    result = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    assert result.exit_code != 0
    assert "http://127.0.0.1:9" in f"{result.output}{result.exception}"
