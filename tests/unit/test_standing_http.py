"""Standing goals over HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from coordinator.app import create_app
from coordinator.http_standing import _as_stream
from protocol.messages import Finding
from tests.coordinator_fakes import Stage, scripted, stage
from tests.wifi_world import tell
from transport.clock import FakeClock

BY = {"by": "Anna"}


@asynccontextmanager
async def site(tmp_path: Path, clock: FakeClock) -> AsyncIterator[tuple[Stage, httpx.AsyncClient]]:
    async with stage(tmp_path, scripted("named client-1 / lower your window"), clock=clock) as scene:
        client_1 = await scene.join("client-1", kind="client")
        await tell(scene, client_1, Finding(what="Upload time", value=12.5, unit="s"))
        transport = httpx.ASGITransport(create_app(scene.coordinator), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://parley") as client:
            yield scene, client


async def test_a_sentence_is_read_accepted_listed_and_operated(tmp_path: Path, clock: FakeClock) -> None:
    async with site(tmp_path, clock) as (_, client):
        response = await client.post("/v1/standing", json={"text": "keep every upload under 16 s", **BY})
        assert response.status_code == 201
        added = response.json()
        view = added["standing"]
        path = response.headers["location"]
        assert path == f"/v1/standing/{view['standing_id']}"
        assert added["confirmation"].startswith("I will keep the upload time of every device")
        assert view["values"] == {"client-1": 12.5}
        assert (await client.get(path)).json() == view
        assert (await client.get("/v1/standing")).json()["standing"] == [view]
        assert (await client.post(f"{path}/pause", json=BY)).json()["status"] == "paused"
        assert (await client.post(f"{path}/resume", json=BY)).json()["status"] == "active"
        changed = await client.put(path, json={"text": "under 12 s", **BY})
        assert changed.json()["when"].endswith("under 12 s")
        answered = await client.post(f"{path}/answer", json={"text": "lower its window", **BY})
        assert answered.json()["action"] == "lower its window"
        assert (await client.post(f"{path}/cancel", json=BY)).json()["status"] == "cancelled"
        assert (await client.get("/v1/standing")).json() == {"standing": []}
        assert len((await client.get("/v1/standing?ended=true")).json()["standing"]) == 1


@pytest.mark.parametrize(
    ("body", "is_standing", "question"),
    [
        ({"text": "every day check the shelves"}, True, "At what time shall I do it every day?"),
        ({"text": "check the shelves"}, False, None),
        ({"text": "every day at nine check the shelves", "dry_run": True}, True, None),
    ],
)
async def test_what_is_not_accepted_says_why(
    tmp_path: Path, clock: FakeClock, body: dict[str, object], is_standing: bool, question: str | None
) -> None:
    async with site(tmp_path, clock) as (_, client):
        response = await client.post("/v1/standing", json={**body, **BY})
        assert response.status_code == 200
        assert response.json()["is_standing"] is is_standing
        assert response.json()["question"] == question
        assert response.json()["standing"] is None
        assert (await client.get("/v1/standing")).json() == {"standing": []}


@pytest.mark.parametrize(
    ("request_line", "body", "status"),
    [
        ("GET /v1/standing/standing-0", None, 404),
        ("POST /v1/standing/standing-0/pause", BY, 404),
        ("POST /v1/standing", {"text": "x"}, 400),
        ("POST /v1/standing", {"text": "x", "time_zone": "Mars/Olympus", **BY}, 400),
        ("GET /v1/notices", None, 400),
    ],
)
async def test_what_is_wrong_is_refused(
    tmp_path: Path, clock: FakeClock, request_line: str, body: dict[str, str] | None, status: int
) -> None:
    method, path = request_line.split()
    async with site(tmp_path, clock) as (_, client):
        response = await client.request(method, path, json=body, headers={"last-event-id": "-1"})
        assert response.status_code == status, response.text
        assert response.json()["error"]["message"]


async def test_what_contradicts_or_has_ended_is_a_conflict(tmp_path: Path, clock: FakeClock) -> None:
    async with site(tmp_path, clock) as (_, client):
        await client.post("/v1/standing", json={"text": "keep every upload under 16 s", **BY})
        response = await client.post("/v1/standing", json={"text": "keep every upload above 20 s", **BY})
        assert response.status_code == 409
        path = (await client.get("/v1/standing")).json()["standing"][0]["standing_id"]
        await client.post(f"/v1/standing/{path}/cancel", json=BY)
        assert (await client.post(f"/v1/standing/{path}/resume", json=BY)).status_code == 409


async def test_notices_are_server_sent_events(tmp_path: Path, clock: FakeClock) -> None:
    async with site(tmp_path, clock) as (scene, client):
        await client.post("/v1/standing", json={"text": "tell me when the upload exceeds 16 s", **BY})
        await tell(scene, scene.devices["client-1"], Finding(what="Upload time", value=20, unit="s"))
        await clock.advance(10)
        async with aclosing(_as_stream(scene.coordinator.standing.notices(after=0))) as stream:  # type: ignore[type-var]
            assert await anext(stream) == ": follows\n\n"
            text = await anext(stream)
        number, kind, data = text.strip().split("\n")
        assert number.startswith("id: ")
        assert kind == "event: standing_fired"
        assert json.loads(data.removeprefix("data: "))["sentence"] == (
            "The upload time of client-1 is 20 s, which is above 16 s."
        )
