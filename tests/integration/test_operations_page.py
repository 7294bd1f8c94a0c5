"""docs/operations.md shows what people really read: its outputs are compared with those of a site that lives through it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from coordinator.answer import compose
from coordinator.records import ExecutionRecord, Outcome
from protocol.messages import StateVisit
from tests.coordinator_fakes import GOAL, SILENT, asking, vacancy
from tests.operate_kit import Scene, scene

pytestmark = pytest.mark.broker

PAGE = Path("docs/operations.md").read_text("utf-8")
BLOCK = re.compile(r"^```(console|text|mermaid)\n(.*?)^```", re.MULTILINE | re.DOTALL)
VISITS = tuple(
    StateVisit(state=state, seconds=seconds)
    for state, seconds in (
        ("start", 0.0002),
        ("preprocessing_in_progress", 0.0184),
        ("awaiting_approval", 7.31),
        ("function_call_result_pending", 4.106),
        ("function_call_result_pending", 1.534),
        ("postprocessing_in_progress", 0.0021),
        ("end", 0.0),
    )
)
WHAT_DIFFERS = (
    (re.compile(r"goal-[0-9a-f]{12}"), "GOAL"),
    (re.compile(r"7c41e09a|robot-1-asks-\d+"), "ASKED"),
    (re.compile(r"\d{2}:\d{2}:\d{2} UTC"), "TIME"),
    (re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2} UTC"), "DATE"),
)


def same(line: str) -> str:
    """A line without what differs from run to run, and without who speaks in a chat."""
    line = re.sub(r"^(person|parley) {3}", "", line).strip()
    for pattern, word in WHAT_DIFFERS:
        line = pattern.sub(word, line)
    return line


async def live(here: Scene) -> set[str]:
    """Do what the page tells of; returns every line that people read meanwhile."""
    read: list[str] = [GOAL, "Yes, please."]

    async def parley(*arguments: str) -> None:
        shown = " ".join(arguments)
        read.append(f"$ parley {shown}" if arguments == ("approvals",) else f"$ parley {shown} --by Anna")
        more = () if arguments == ("approvals",) else ("--by", "Anna")
        read.append(await here.parley(*arguments, *more))

    async with httpx.AsyncClient(base_url=here.url) as client:

        async def say(*messages: str) -> str:
            turns = [
                {"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(messages)
            ]
            answer = await client.post("/v1/chat/completions", json={"messages": turns})
            text: str = answer.json()["choices"][0]["message"]["content"]
            return text

        here.robot.behaviour = lambda _: asking(replace(vacancy(True), visits=VISITS))
        goal_id = await here.begin()
        async with asyncio.timeout(10):
            question = await here.coordinator.wait_for_question(goal_id)
        assert question is not None
        await parley("approvals")
        await parley("approve", question.approval_id)
        await here.end(goal_id)
        trace = f"/v1/subtasks/{goal_id}-1/trace?format=mermaid"
        read.append((await client.get(trace)).text)
        asked = await say(GOAL)
        read += [asked, await say(GOAL, asked, "Yes, please.")]

        here.robot.behaviour = lambda _: SILENT
        goal_id = await here.begin()
        await parley("pause", "device", "robot-1")
        await here.until(lambda: len(here.coordinator.goal(goal_id).waiting) == 1)
        await client.post(f"/v1/goals/{goal_id}/pause", json={"by": "Anna"})
        read += here.coordinator.goal(goal_id).waiting
        await parley("resume", "device", "robot-1")
        await parley("cancel", "goal", goal_id)
        read.append(await here.end(goal_id) or "")

        goal_id = await here.begin()
        await parley("stop")
        read.append(await here.end(goal_id) or "")
        read.append(here.coordinator.submit(GOAL).answer or "")
        read += ["$ parley release --by Ben", await here.parley("release", "--by", "Ben")]
    silent = ExecutionRecord(
        step=0,
        sentence=GOAL,
        outcome=Outcome.SILENT,
        subtask_id="goal-1-1",
        device_id="robot-3",
        entity_kind="shelf",
        entity_id="3",
        reason="robot-3 did not answer in time",
    )
    read.append(compose([silent]).text)
    return {same(line) for text in read for line in text.splitlines()}


# What `parley agent trace` prints is compared in test_agent_trace.py.
async def test_every_output_on_the_page_is_what_people_read(tmp_path: Path, broker: str, site: str) -> None:
    async with scene(tmp_path, broker, site) as here:
        read = {line.replace(f"site {site} ", "site main ") for line in await live(here)}
    blocks = [block[2] for block in BLOCK.finditer(PAGE) if "$ parley agent trace" not in block[2]]
    shown = [same(line) for block in blocks for line in block.splitlines()]
    assert len(shown) > 30
    assert [line for line in shown if line not in read] == []


async def test_every_address_on_the_page_exists(tmp_path: Path, broker: str, site: str) -> None:
    async with scene(tmp_path, broker, site) as here, httpx.AsyncClient(base_url=here.url) as client:
        paths = (await client.get("/openapi.json")).json()["paths"]
    known = {
        (method.upper(), path.replace("{act}", act))
        for path, methods in paths.items()
        for method in methods
        for act in ("pause", "resume", "cancel")
    }
    named = set(re.findall(r"`(GET|POST|DELETE) (/v1/[\w/{}]+)`", PAGE))
    assert len(named) >= 9
    assert named <= known
