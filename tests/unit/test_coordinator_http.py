"""The HTTP API: one shape for every error, goals and their events, and OpenAI's own client against a real server."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
import uvicorn

from coordinator.app import create_app
from tests.coordinator_fakes import CHECK_SHELVES, GOAL, SILENT, Stage, scripted, stage, vacancy
from transport.clock import FakeClock

ANSWER = "Shelf 2 has vacant space. Shelves 1, 3 and 4 have none."


@asynccontextmanager
async def site(
    tmp_path: Path, clock: FakeClock, **more: Any
) -> AsyncIterator[tuple[Stage, httpx.AsyncClient]]:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, **more) as scene:
        for number in range(1, 5):
            await scene.join(f"robot-{number}", lambda sentence: vacancy("shelf 2 " in sentence))
        app = create_app(scene.coordinator, body_limit_bytes=4096)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://parley") as client:
            yield scene, client


async def finished(client: httpx.AsyncClient, goal_id: str) -> dict[str, Any]:
    async with asyncio.timeout(5):
        while True:
            goal: dict[str, Any] = (await client.get(f"/v1/goals/{goal_id}")).json()
            if goal["status"] not in {"accepted", "running"}:
                return goal
            await asyncio.sleep(0.005)


async def test_a_goal_is_accepted_followed_and_answered(tmp_path: Path, clock: FakeClock) -> None:
    async with site(tmp_path, clock) as (_, client):
        accepted = await client.post("/v1/goals", json={"goal": GOAL})
        assert accepted.status_code == 202
        goal_id = accepted.json()["goal_id"]
        assert accepted.headers["location"] == f"/v1/goals/{goal_id}"
        goal = await finished(client, goal_id)
        assert (goal["status"], goal["answer"]) == ("completed", ANSWER)
        assert goal["plan"] == ["each shelf / robot / Move to shelf {shelf} and check it for vacant space."]
        assert {subtask["status"] for subtask in goal["subtasks"]} == {"completed"}
        listed = (await client.get("/v1/goals")).json()["goals"]
        assert [one["goal_id"] for one in listed] == [goal_id]


def parse(stream: str) -> list[tuple[int, str, dict[str, Any]]]:
    events = []
    for block in stream.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
        events.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return events


async def test_events_stream_to_the_end_and_resume(tmp_path: Path, clock: FakeClock) -> None:
    async with site(tmp_path, clock) as (_, client):
        goal_id = (await client.post("/v1/goals", json={"goal": GOAL})).json()["goal_id"]
        async with asyncio.timeout(5):
            response = await client.get(f"/v1/goals/{goal_id}/events")
        assert response.headers["content-type"].startswith("text/event-stream")
        events = parse(response.text)
        assert events[0][1] == "goal_accepted"
        assert events[-1][1] == "goal_ended"
        assert events[-1][2]["answer"] == ANSWER
        assert [seq for seq, _, _ in events] == sorted({seq for seq, _, _ in events})
        assert sum(kind == "subtask_sent" for _, kind, _ in events) == 4
        middle = events[3][0]
        again = await client.get(f"/v1/goals/{goal_id}/events", headers={"Last-Event-ID": str(middle)})
        assert parse(again.text) == events[4:]


async def test_devices_show_what_they_say_of_themselves(tmp_path: Path, clock: FakeClock) -> None:
    async with site(tmp_path, clock) as (scene, client):
        await scene.devices["robot-3"].kill()
        await clock.settle()
        devices = (await client.get("/v1/devices")).json()["devices"]
        assert [one["device_id"] for one in devices] == [f"robot-{n}" for n in range(1, 5)]
        assert [one["status"] for one in devices] == ["online", "online", "lost", "online"]
        assert devices[0]["abilities"] == ["It can check a shelf for vacant space."]
        assert not devices[2]["is_available"]


async def test_health_follows_the_broker(tmp_path: Path, clock: FakeClock) -> None:
    async with site(tmp_path, clock) as (scene, client):
        good = await client.get("/healthz")
        assert (good.status_code, good.json()["status"]) == (200, "ok")
        assert good.json()["devices_available"] == 4
        scene.broker.stop()
        bad = await client.get("/healthz")
        assert bad.status_code == 503
        assert bad.json()["broker_connected"] is False
        assert bad.json()["problems"]


@pytest.mark.parametrize(
    ("request_line", "content", "status", "code", "param"),
    [
        ("POST /v1/goals", b"{", 400, "input_invalid", "body"),
        ("POST /v1/goals", b"[]", 400, "input_invalid", "body"),
        ("POST /v1/goals", b"\xff\xfe", 400, "input_invalid", "body"),
        ("POST /v1/goals", b"[" * 4000, 400, "input_invalid", "body"),
        ("POST /v1/goals", b"{}", 400, "input_invalid", "goal"),
        ("POST /v1/goals", b'{"goal": 5}', 400, "input_invalid", "goal"),
        ("POST /v1/goals", b'{"goal": ""}', 400, "input_invalid", "goal"),
        ("POST /v1/goals", b'{"goal": " \\n "}', 400, "input_invalid", "goal"),
        ("POST /v1/goals", b'{"goal": "\\ud800"}', 400, "input_invalid", "goal"),
        ("POST /v1/goals", b'{"goal": "' + b"x" * 601 + b'"}', 400, "input_invalid", "goal"),
        ("POST /v1/goals", b'{"goal": "go", "extra": 1}', 400, "input_invalid", "extra"),
        ("POST /v1/goals", b'{"goal": "' + b"x" * 5000 + b'"}', 413, "too_large", "body"),
        ("GET /v1/goals/goal-unknown", b"", 404, "not_found", "goal_id"),
        ("GET /v1/goals/goal-unknown/events", b"", 404, "not_found", "goal_id"),
        ("GET /v1/goals?limit=0", b"", 400, "input_invalid", "limit"),
        ("GET /nothing", b"", 404, "not_found", None),
        ("DELETE /v1/goals", b"", 405, "input_invalid", None),
        ("POST /v1/chat/completions", b'{"messages": []}', 400, "input_invalid", "messages"),
        (
            "POST /v1/chat/completions",
            b'{"messages": [{"role": "system", "content": "x"}]}',
            400,
            "input_invalid",
            "messages",
        ),
        (
            "POST /v1/chat/completions",
            b'{"model": "gpt-4", "messages": [{"role": "user", "content": "x"}]}',
            404,
            "not_found",
            "model",
        ),
        (
            "POST /v1/chat/completions",
            b'{"n": 2, "messages": [{"role": "user", "content": "x"}]}',
            400,
            "input_invalid",
            "n",
        ),
    ],
)
async def test_every_error_has_one_shape(
    tmp_path: Path,
    clock: FakeClock,
    *,
    request_line: str,
    content: bytes,
    status: int,
    code: str,
    param: str | None,
) -> None:
    async with site(tmp_path, clock) as (scene, client):
        response = await client.request(
            *request_line.split(), content=content, headers={"content-type": "application/json"}
        )
        assert response.status_code == status
        error = response.json()["error"]
        assert set(error) == {"message", "type", "code", "param"}
        assert (error["code"], error["param"]) == (code, param)
        assert len(error["message"]) > 10
        assert scene.coordinator.goals() == []


async def test_a_bad_resume_point_is_named(tmp_path: Path, clock: FakeClock) -> None:
    async with site(tmp_path, clock) as (_, client):
        goal_id = (await client.post("/v1/goals", json={"goal": GOAL})).json()["goal_id"]
        response = await client.get(f"/v1/goals/{goal_id}/events", headers={"Last-Event-ID": "-1"})
        assert response.status_code == 400
        assert response.json()["error"]["param"] == "Last-Event-ID"


async def test_an_oversized_body_without_a_length_is_refused_too(tmp_path: Path, clock: FakeClock) -> None:
    async def flood() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 1000

    async with site(tmp_path, clock) as (_, client):
        response = await client.post("/v1/goals", content=flood())
        assert response.status_code == 413
        assert "4096 bytes" in response.json()["error"]["message"]


async def test_the_docs_are_there(tmp_path: Path, clock: FakeClock) -> None:
    async with site(tmp_path, clock) as (_, client):
        assert (await client.get("/docs")).status_code == 200
        paths = (await client.get("/openapi.json")).json()["paths"]
        assert {"/v1/goals", "/v1/devices", "/healthz", "/v1/chat/completions"} <= set(paths)


@asynccontextmanager
async def served(scene: Stage) -> AsyncIterator[openai.AsyncOpenAI]:
    """Serve a coordinator on a free port, for the official client."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(create_app(scene.coordinator), log_level="warning", lifespan="off")
        server = uvicorn.Server(config)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        task = asyncio.create_task(server.serve(sockets=[listener]))
        port = listener.getsockname()[1]
        async with openai.AsyncOpenAI(
            base_url=f"http://127.0.0.1:{port}/v1", api_key="unused", max_retries=0
        ) as client:
            try:
                await scene.reach(lambda: server.started)
                yield client
            finally:
                server.should_exit = True
                await task


async def test_the_official_client_gets_the_answer(tmp_path: Path, clock: FakeClock) -> None:
    async with site(tmp_path, clock) as (scene, _), served(scene) as client:
        models = [model.id async for model in client.models.list()]
        assert models == ["parley"]
        done = await client.chat.completions.create(
            model="parley",
            messages=[{"role": "system", "content": "Be kind."}, {"role": "user", "content": GOAL}],
        )
        assert done.choices[0].message.content == ANSWER
        assert done.choices[0].finish_reason == "stop"
        assert done.usage is not None
        assert done.usage.total_tokens > 0
        assert done.id.removeprefix("chatcmpl-") == scene.coordinator.goals()[0].goal_id


async def test_the_official_client_streams_progress_then_answer_then_usage(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with site(tmp_path, clock) as (scene, _), served(scene) as client:
        text, usage, reasons = "", None, []
        stream = await client.chat.completions.create(
            model="parley",
            messages=[{"role": "user", "content": [{"type": "text", "text": GOAL}]}],
            stream=True,
            stream_options={"include_usage": True},
        )
        async for chunk in stream:
            usage = chunk.usage or usage
            for choice in chunk.choices:
                text += choice.delta.content or ""
                reasons.append(choice.finish_reason)
        assert "Sent to robot-2: Move to shelf 2 and check it for vacant space.\n" in text
        assert text.endswith(f"\n\n{ANSWER}")
        assert reasons[-1] == "stop"
        assert usage is not None
        assert usage.completion_tokens > 0


async def test_the_official_client_understands_our_errors(tmp_path: Path, clock: FakeClock) -> None:
    async with site(tmp_path, clock) as (scene, _), served(scene) as client:
        with pytest.raises(openai.NotFoundError) as caught:
            await client.chat.completions.create(model="gpt-4", messages=[{"role": "user", "content": "x"}])
        assert caught.value.param == "model"
        with pytest.raises(openai.BadRequestError) as bad:
            await client.chat.completions.create(model="parley", messages=[{"role": "user", "content": " "}])
        assert bad.value.code == "input_invalid"


async def test_a_client_that_hangs_up_does_not_end_the_goal(tmp_path: Path, clock: FakeClock) -> None:
    async with site(tmp_path, clock) as (scene, _):
        scene.devices["robot-1"].behaviour = lambda _: SILENT
        async with served(scene) as client:
            stream = await client.chat.completions.create(
                model="parley", messages=[{"role": "user", "content": GOAL}], stream=True
            )
            await anext(aiter(stream))
            await stream.close()
        goal_id = scene.coordinator.goals()[0].goal_id
        assert not scene.is_over(goal_id)
        await clock.advance_until(lambda: scene.is_over(goal_id))
        assert "Shelf 1 is unknown" in (scene.coordinator.goal(goal_id).answer or "")


@pytest.mark.parametrize(
    ("content", "content_type", "param", "remedy"),
    [
        (b'{"goal": "\xff"}', "application/json", "body", "UTF-8"),
        (b"[" * 3000, "application/json", "body", "without deep nesting"),
        (b'{"goal": ' + b"9" * 4000 + b"}", "application/json", "goal", "/docs"),
        (b'{"gaol": "x"}', "application/json", "goal", "/docs"),
        (b'{"goal": "\\ud800"}', "application/json", "goal", "/docs"),
        (b'{"goal": "x"}', "application/x-www-form-urlencoded", "body", "content-type: application/json"),
    ],
)
async def test_a_body_that_cannot_be_used_is_refused_with_its_remedy(
    tmp_path: Path, clock: FakeClock, *, content: bytes, content_type: str, param: str, remedy: str
) -> None:
    async with site(tmp_path, clock) as (scene, client):
        response = await client.post("/v1/goals", content=content, headers={"content-type": content_type})
        error = response.json()["error"]
        assert (response.status_code, error["param"], error["code"]) == (400, param, "input_invalid")
        assert remedy in error["message"]
        assert scene.coordinator.goals() == [], "nothing was accepted"


async def test_an_unknown_goal_is_refused_with_its_remedy(tmp_path: Path, clock: FakeClock) -> None:
    async with site(tmp_path, clock) as (_, client):
        error = (await client.get("/v1/goals/nope")).json()["error"]
        for part in ("goal_id is 'nope'", "allowed: the id of a goal", "GET /v1/goals"):
            assert part in error["message"]


async def test_a_stream_that_is_told_to_begin_after_its_end_ends_all_the_same(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        await scene.join("robot-1", lambda _: SILENT)
        goal = scene.coordinator.submit(GOAL)
        following = asyncio.ensure_future(_kinds(scene, goal.goal_id, after=10**17))
        await clock.advance_until(lambda: scene.coordinator.goal(goal.goal_id).is_final)
        async with asyncio.timeout(5):
            assert (await following)[-1] == "goal_ended"


async def _kinds(scene: Stage, goal_id: str, *, after: int) -> list[str]:
    return [event.kind.value async for event in scene.coordinator.events(goal_id, after=after)]
