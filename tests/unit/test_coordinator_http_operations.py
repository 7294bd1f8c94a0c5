"""Operating a site over HTTP and in the chat: approvals, pauses, the emergency stop, traces."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from coordinator.app import create_app
from protocol.messages import ControlCommand, ReportStatus, StateVisit
from tests.coordinator_fakes import (
    CHECK_SHELVES,
    GOAL,
    SILENT,
    Reaction,
    Stage,
    asking,
    scripted,
    stage,
    vacancy,
)
from transport.clock import FakeClock

QUESTION = "\"May the robot do this: 'Lower fork'? It is marked as dangerous\""
DONE = "Shelf 1 has vacant space."
VISITS = (
    StateVisit(state="start", seconds=0.25),
    StateVisit(state="function_call_result_pending", seconds=2.0),
    StateVisit(state="end", seconds=0.0),
)


@asynccontextmanager
async def site(
    tmp_path: Path, clock: FakeClock, reaction: Reaction, *, shelves: int = 1
) -> AsyncIterator[tuple[Stage, httpx.AsyncClient]]:
    """One robot for each shelf."""
    entities = {"shelf": [str(number) for number in range(1, shelves + 1)]}
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=entities) as scene:
        for number in range(1, shelves + 1):
            await scene.join(f"robot-{number}", lambda _: reaction)
        transport = httpx.ASGITransport(create_app(scene.coordinator), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://parley") as client:
            yield scene, client


async def begin(scene: Stage, client: httpx.AsyncClient) -> str:
    goal_id: str = (await client.post("/v1/goals", json={"goal": GOAL})).json()["goal_id"]
    await scene.planned(goal_id)
    return goal_id


async def say(client: httpx.AsyncClient, *messages: str, **more: Any) -> httpx.Response:
    """Speak with the chat; the messages are the user's and the chat's in turn."""
    roles = ("user", "assistant")
    body = {
        "messages": [{"role": roles[n % 2], "content": text} for n, text in enumerate(messages)],
        "user": "Anna",
        **more,
    }
    async with asyncio.timeout(5):
        return await client.post("/v1/chat/completions", json=body)


def content(response: httpx.Response) -> str:
    text: str = response.json()["choices"][0]["message"]["content"]
    return text


def streamed(response: httpx.Response) -> str:
    lines = [line.removeprefix("data: ") for line in response.text.splitlines() if line]
    assert lines[-1] == "[DONE]"
    return "".join(json.loads(line)["choices"][0]["delta"].get("content", "") for line in lines[:-1])


# Approvals


async def test_approvals_are_listed_shown_and_decided(tmp_path: Path, clock: FakeClock) -> None:
    async with site(tmp_path, clock, asking(vacancy(True))) as (scene, client):
        goal_id = await begin(scene, client)
        (listed,) = (await client.get("/v1/approvals")).json()["approvals"]
        assert listed == {
            "approval_id": listed["approval_id"],
            "device_id": "robot-1",
            "subtask_id": f"{goal_id}-1",
            "goal_id": goal_id,
            "goal": GOAL,
            "question": 'May the robot do this: "Lower fork"? It is marked as dangerous.',
            "asked_at": clock.now(),
            "expires_at": clock.now() + 120,
            "status": "open",
            "by": None,
            "ended_at": None,
            "sentence": f"robot-1 asks {QUESTION} and waits for an answer until 22:15:20 UTC.",
        }
        goal = (await client.get(f"/v1/goals/{goal_id}")).json()
        assert goal["waiting"] == [listed["sentence"]]
        assert [one["status"] for one in goal["subtasks"]] == ["awaiting_approval"]
        address = f"/v1/approvals/{listed['approval_id']}"
        decided = await client.post(address, json={"decision": "approve", "by": "Anna"})
        assert decided.status_code == 200
        assert decided.json()["sentence"] == f"robot-1 asked {QUESTION}, and Anna allowed it."
        async with asyncio.timeout(5):
            assert (await scene.coordinator.wait(goal_id)).answer == DONE
        assert (await client.get("/v1/approvals")).json() == {"approvals": []}
        shown = (await client.get(address)).json()
        assert (shown["status"], shown["by"], shown["ended_at"]) == ("approved", "Anna", clock.now())
        events = [
            line.removeprefix("event: ")
            for line in (await client.get(f"/v1/goals/{goal_id}/events")).text.splitlines()
            if line.startswith("event: ")
        ]
        assert events[-4:] == [
            "approval_requested",
            "approval_ended",
            "subtask_ended",
            "goal_ended",
        ]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"decision": "maybe", "by": "Anna"}, "decision"),
        ({"decision": "approve"}, "by"),
        ({"decision": "approve", "by": ""}, "by"),
        ({"decision": "approve", "by": "\u200b"}, "by"),
        ({"decision": "approve", "by": "x" * 121}, "by"),
        ({"decision": "approve", "by": "Anna", "sure": True}, "sure"),
    ],
)
async def test_a_decision_needs_a_person(
    tmp_path: Path, clock: FakeClock, body: dict[str, Any], param: str
) -> None:
    async with site(tmp_path, clock, asking()) as (scene, client):
        await begin(scene, client)
        (approval,) = scene.coordinator.approvals.open()
        response = await client.post(f"/v1/approvals/{approval.approval_id}", json=body)
        assert (response.status_code, response.json()["error"]["param"]) == (400, param)
        assert scene.coordinator.approvals.is_open(approval.approval_id)


async def test_unknown_decided_and_expired_questions_have_their_own_errors(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with site(tmp_path, clock, asking(), shelves=2) as (scene, client):
        await begin(scene, client)
        first, second = scene.coordinator.approvals.open()
        yes = {"decision": "approve", "by": "Anna"}
        scene.coordinator.operations.decide(first.approval_id, "deny", "Ben")
        await clock.advance(121)
        found = {
            name: await client.post(f"/v1/approvals/{name}", json=yes)
            for name in ("unknown", first.approval_id, second.approval_id)
        }
        errors = [(one.status_code, one.json()["error"]["code"]) for one in found.values()]
        assert errors == [(404, "not_found"), (409, "conflict"), (410, "approval_expired")]
        messages = [one.json()["error"]["message"] for one in found.values()]
        assert "GET /v1/approvals" in messages[0]
        assert messages[1].endswith(f"robot-1 asked {QUESTION}, and Ben did not allow it.")
        assert messages[2].endswith(f"robot-2 asked {QUESTION}, and nobody answered in time.")


# The chat


async def test_the_chat_puts_the_question_and_takes_the_answer(tmp_path: Path, clock: FakeClock) -> None:
    async with site(tmp_path, clock, asking(vacancy(True))) as (scene, client):
        question = content(await say(client, GOAL))
        (approval,) = scene.coordinator.approvals.open()
        assert question == (
            f"robot-1 asks: {QUESTION}\n"
            f'Answer "yes" or "no" before 22:15:20 UTC. (approval {approval.approval_id})'
        )
        again = content(await say(client, GOAL, question, "Is that safe?"))
        assert again.startswith("I could not take that for an answer, so nothing has changed. Say ")
        assert again.endswith(f"\n\n{question}")
        assert scene.devices["robot-1"].controls == []
        answer = await say(client, GOAL, question, "Is that safe?", again, "Yes, please.")
        assert content(answer) == DONE
        assert answer.json()["choices"][0]["finish_reason"] == "stop"
        (control,) = scene.devices["robot-1"].controls
        assert (control.command, control.by) == (ControlCommand.APPROVE, "Anna")
        assert len(scene.coordinator.goals()) == 1


async def test_the_chat_puts_one_question_after_the_other(tmp_path: Path, clock: FakeClock) -> None:
    async with site(tmp_path, clock, asking(vacancy(True)), shelves=2) as (_, client):
        first = content(await say(client, GOAL))
        assert first.startswith("robot-1 asks")
        second = content(await say(client, GOAL, first, "yes"))
        assert second.startswith("robot-2 asks")
        last = content(await say(client, GOAL, first, "yes", second, "No."))
        assert last == "Shelf 1 has vacant space. Shelf 2 is unknown: Anna did not allow it."


async def test_the_stream_ends_with_the_question_and_goes_on_after_the_answer(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with site(tmp_path, clock, asking(vacancy(True))) as (_, client):
        first = streamed(await say(client, GOAL, stream=True))
        lines = first.splitlines()
        assert lines[0] == "Sent to robot-1: Move to shelf 1 and check it for vacant space."
        assert lines[-2] == f"robot-1 asks: {QUESTION}"
        second = streamed(await say(client, GOAL, first, "yes", stream=True))
        assert second == (
            f"robot-1 asked {QUESTION}, and Anna allowed it.\nrobot-1: I did it.\n\nShelf 1 has vacant space."
        )


async def test_an_answer_to_a_question_that_someone_else_has_answered_says_so(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with site(tmp_path, clock, asking(vacancy(True))) as (scene, client):
        question = content(await say(client, GOAL))
        (approval,) = scene.coordinator.approvals.open()
        scene.coordinator.operations.decide(approval.approval_id, "approve", "Ben")
        late = content(await say(client, GOAL, question, "no"))
        assert late == f"robot-1 asked {QUESTION}, and Ben allowed it.\n\n{DONE}"
        scene.devices["robot-1"].behaviour = lambda _: vacancy(False)
        other = content(await say(client, GOAL, question, GOAL))
        assert other == "Shelf 1 has no vacant space."


async def test_a_yes_to_a_question_that_nobody_knows_is_no_goal(tmp_path: Path, clock: FakeClock) -> None:
    async with site(tmp_path, clock, asking()) as (scene, client):
        question = content(await say(client, GOAL))
        (approval,) = scene.coordinator.approvals.open()
        unknown = question.replace(approval.approval_id, "other-1")
        response = await say(client, GOAL, unknown, "yes")
        assert (response.status_code, response.json()["error"]["param"]) == (404, "approval_id")
        assert len(scene.coordinator.goals()) == 1
        assert scene.coordinator.approvals.is_open(approval.approval_id)


async def test_a_yes_without_a_question_is_a_goal_like_any_other(tmp_path: Path, clock: FakeClock) -> None:
    async with site(tmp_path, clock, vacancy(True)) as (scene, client):
        assert content(await say(client, "Hello", "Hello!", "yes")) == DONE
        assert scene.coordinator.goals()[0].goal == "yes"


async def test_the_stream_tells_of_pauses(tmp_path: Path, clock: FakeClock) -> None:
    async with site(tmp_path, clock, SILENT) as (scene, client):
        following = asyncio.ensure_future(say(client, GOAL, stream=True))
        await scene.reach(lambda: bool(scene.coordinator.goals()) and bool(scene.devices["robot-1"].received))
        robot = scene.devices["robot-1"]
        goal_id = scene.coordinator.goals()[0].goal_id
        scene.coordinator.operations.pause_goal(goal_id, "Ben")
        await clock.settle()
        scene.coordinator.operations.resume_goal(goal_id, "Ben")
        await clock.settle()
        await robot.report(robot.open, vacancy(True))
        text = streamed(await following)
        assert text == (
            "Sent to robot-1: Move to shelf 1 and check it for vacant space.\n"
            "Ben paused this goal.\n"
            'robot-1 is paused: "Paused by Ben".\n'
            "Ben let this goal go on.\n"
            "robot-1: I did it.\n"
            f"\n{DONE}"
        )


# Pause, resume, cancel


async def test_goals_devices_and_subtasks_are_paused_resumed_and_cancelled(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with site(tmp_path, clock, SILENT) as (scene, client):
        goal_id = await begin(scene, client)
        robot = scene.devices["robot-1"]
        by = {"by": "Anna"}
        paused = await client.post(f"/v1/subtasks/{goal_id}-1/pause", json=by)
        assert (paused.status_code, paused.json()["subtask_id"]) == (202, f"{goal_id}-1")
        await clock.settle()
        device = (await client.get("/v1/devices")).json()["devices"][0]
        assert device["waiting"] == "robot-1 is paused and waits for being let go on."
        assert device["paused_by"] is None
        assert (await client.post(f"/v1/subtasks/{goal_id}-1/resume", json=by)).status_code == 202
        device = (await client.post("/v1/devices/robot-1/pause", json=by)).json()
        assert device["paused_by"] == "Anna"
        assert (await client.get("/v1/site")).json()["waiting"] == [
            "robot-1 was paused by Anna and waits for being let go on."
        ]
        resumed = await client.post("/v1/devices/robot-1/resume", json=by)
        assert (resumed.status_code, resumed.json()["paused_by"]) == (202, None)
        await clock.settle()
        assert (await client.get("/v1/site")).json()["waiting"] == [], "its report says that it goes on"
        goal = (await client.post(f"/v1/goals/{goal_id}/pause", json=by)).json()
        assert goal["waiting"][0] == "Anna paused this goal."
        assert (await client.post(f"/v1/goals/{goal_id}/resume", json=by)).json()["status"] == "running"
        await client.post(f"/v1/goals/{goal_id}/cancel", json=by)
        async with asyncio.timeout(5):
            ended = await scene.coordinator.wait(goal_id)
        assert ended.status == "cancelled"
        commands = [control.command for control in robot.controls]
        assert commands == [*[ControlCommand.PAUSE, ControlCommand.RESUME] * 3, ControlCommand.CANCEL]


@pytest.mark.parametrize(
    ("path", "body", "status", "param"),
    [
        ("/v1/goals/unknown/pause", {"by": "Anna"}, 404, "goal_id"),
        ("/v1/devices/unknown/resume", {"by": "Anna"}, 404, "device_id"),
        ("/v1/subtasks/unknown/cancel", {"by": "Anna"}, 404, "subtask_id"),
        ("/v1/devices/robot-1/resume", {"by": "Anna"}, 409, "device_id"),
        ("/v1/devices/robot-1/dance", {"by": "Anna"}, 400, "act"),
        ("/v1/devices/robot-1/pause", {}, 400, "by"),
        ("/v1/devices/robot-1/pause", {"by": "Anna", "why": "x"}, 400, "why"),
    ],
)
async def test_acts_that_cannot_be_done_are_refused(
    tmp_path: Path, clock: FakeClock, *, path: str, body: dict[str, str], status: int, param: str
) -> None:
    async with site(tmp_path, clock, SILENT) as (_, client):
        response = await client.post(path, json=body)
        assert (response.status_code, response.json()["error"]["param"]) == (status, param)


# The emergency stop


@pytest.mark.parametrize(
    ("body", "by"),
    [
        (b'{"by": "Anna"}', "Anna"),
        (b"", "someone over HTTP"),
        (b"{", "someone over HTTP"),
        (b"[" * 5000, "someone over HTTP"),
        (b'{"by": 7}', "someone over HTTP"),
        (b'{"engaged": false}', "someone over HTTP"),
        (b"\xff", "someone over HTTP"),
        (b'{"by": "\\u0000"}', "someone over HTTP"),
    ],
)
async def test_whatever_the_body_holds_the_site_is_stopped(
    tmp_path: Path, clock: FakeClock, body: bytes, by: str
) -> None:
    async with site(tmp_path, clock, SILENT) as (scene, client):
        goal_id = await begin(scene, client)
        stopped = await client.post("/v1/estop", content=body)
        assert stopped.status_code == 200
        assert stopped.json() == {
            "engaged": True,
            "by": by,
            "at": clock.now(),
            "sentence": f"The emergency stop was engaged by {by} at 2023-11-14 22:13 UTC.",
        }
        async with asyncio.timeout(5):
            await scene.coordinator.wait(goal_id)
        assert [one.by for one in scene.devices["robot-1"].stops] == [by]


async def test_the_stop_is_shown_refuses_goals_and_is_released(tmp_path: Path, clock: FakeClock) -> None:
    async with site(tmp_path, clock, vacancy(True)) as (_, client):
        assert (await client.get("/v1/estop")).json() == {
            "engaged": False,
            "by": None,
            "at": None,
            "sentence": "The emergency stop is not engaged.",
        }
        await client.post("/v1/estop", json={"by": "Anna"})
        health = await client.get("/healthz")
        assert (health.status_code, health.json()["emergency_stop"]) == (200, True)
        shown = (await client.get("/v1/site")).json()
        assert shown["emergency_stop"]["by"] == "Anna"
        assert shown["goals_under_way"] == []
        refused = content(await say(client, GOAL))
        assert "engaged by Anna" in refused
        assert "`parley release`" in refused
        assert streamed(await say(client, GOAL, stream=True)) == refused
        resumed = await client.post("/v1/devices/robot-1/resume", json={"by": "Anna"})
        assert (resumed.status_code, resumed.json()["error"]["code"]) == (409, "emergency_stopped")
        released = (await client.delete("/v1/estop", params={"by": "Ben"})).json()
        assert released["sentence"] == "The emergency stop was released by Ben at 2023-11-14 22:13 UTC."
        assert content(await say(client, GOAL)) == DONE


# Traces


async def test_a_trace_is_json_or_a_diagram(tmp_path: Path, clock: FakeClock) -> None:
    async with site(tmp_path, clock, replace(vacancy(True), visits=VISITS)) as (scene, client):
        goal = await scene.run()
        address = f"/v1/subtasks/{goal.goal_id}-1/trace"
        assert (await client.get(address)).json() == {
            "subtask_id": f"{goal.goal_id}-1",
            "goal_id": goal.goal_id,
            "device_id": "robot-1",
            "sentence": "Move to shelf 1 and check it for vacant space.",
            "status": "completed",
            "visits": [visit.model_dump() for visit in VISITS],
        }
        diagram = await client.get(address, params={"format": "mermaid"})
        assert diagram.headers["content-type"].startswith("text/plain")
        assert diagram.text == (
            "stateDiagram-v2\n"
            '    state "start<br/>0.25 s" as s1\n'
            '    state "function_call_result_pending<br/>2.00 s" as s2\n'
            '    state "end<br/>0.00 s" as s3\n'
            "    [*] --> s1\n"
            "    s1 --> s2: 1\n"
            "    s2 --> s3: 2\n"
            "    s3 --> [*]\n"
        )
        shown = (await client.get(f"/v1/goals/{goal.goal_id}")).json()
        assert "visits" not in shown["records"][0], "a goal is shown without the states of its runs"


async def test_a_trace_survives_a_restart_and_takes_a_late_report(tmp_path: Path, clock: FakeClock) -> None:
    async with site(tmp_path, clock, SILENT) as (scene, _):
        goal = await scene.run()
        robot = scene.devices["robot-1"]
        await robot.report(robot.open, replace(vacancy(True), visits=VISITS))
        await clock.settle()
    async with site(tmp_path, clock, SILENT) as (_, client):
        late = (await client.get(f"/v1/subtasks/{goal.goal_id}-1/trace")).json()
        assert (late["status"], len(late["visits"])) == ("completed", 3)


async def test_traces_that_there_are_not_are_refused_with_the_reason(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with site(tmp_path, clock, SILENT) as (scene, client):
        goal_id = await begin(scene, client)
        address = f"/v1/subtasks/{goal_id}-1/trace"
        running = await client.get(address)
        assert (running.status_code, running.json()["error"]["code"]) == (409, "conflict")
        assert "parley agent trace" in running.json()["error"]["message"]
        for unknown in ("/v1/subtasks/unknown/trace", f"/v1/subtasks/{goal_id}-2/trace"):
            assert (await client.get(unknown)).status_code == 404
        robot = scene.devices["robot-1"]
        await robot.report(robot.open, Reaction(status=ReportStatus.COMPLETED))
        await clock.settle()
        assert (await client.get(address)).json()["visits"] == []
        bare = await client.get(address, params={"format": "mermaid"})
        assert (bare.status_code, bare.json()["error"]["param"]) == (404, "subtask_id")
        assert (await client.get(address, params={"format": "png"})).status_code == 400


async def test_the_docs_name_every_way_to_operate(tmp_path: Path, clock: FakeClock) -> None:
    async with site(tmp_path, clock, SILENT) as (_, client):
        paths = (await client.get("/openapi.json")).json()["paths"]
        assert {
            "/v1/site",
            "/v1/estop",
            "/v1/approvals",
            "/v1/approvals/{approval_id}",
            "/v1/goals/{goal_id}/{act}",
            "/v1/devices/{device_id}/{act}",
            "/v1/subtasks/{subtask_id}/{act}",
            "/v1/subtasks/{subtask_id}/trace",
        } <= set(paths)
