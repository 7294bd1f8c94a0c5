"""`parley goals`, `goal`, `devices` and `log` against a served coordinator over a real broker; what people read."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from protocol.messages import Attributes, Finding, encode
from protocol.topics import Channel, Topics
from tests.coordinator_fakes import GOAL, vacancy
from tests.operate_kit import Scene, scene

pytestmark = pytest.mark.broker


async def tell_attributes(here: Scene) -> None:
    message = Attributes(
        device_id="robot-1",
        session=here.robot.session,
        attributes=(
            Finding(what="battery level", value=64, unit="percent"),
            Finding(what="position", value=(2.0, 3.517), unit="meter"),
        ),
        at=1.0,
    )
    topic = Topics(here.site).device("robot-1", Channel.ATTRIBUTES)
    await here.robot.bus.publish(topic, encode(message), retain=True)
    await here.until(lambda: bool(here.coordinator.device("robot-1").attributes))


async def test_an_empty_site_says_what_to_do_next(tmp_path: Path, broker: str, site: str) -> None:
    async with scene(tmp_path, broker, site) as here:
        assert "POST /v1/goals" in await here.parley("goals")
        assert json.loads(await here.parley("goals", "--json")) == []
        unknown = await here.parley("log", "goal-0", code=1)
        assert "GET /v1/goals lists them" in unknown


async def test_a_goal_is_seen_from_its_list_to_its_transcript(tmp_path: Path, broker: str, site: str) -> None:
    async with scene(tmp_path, broker, site) as here:
        here.robot.behaviour = lambda _: vacancy(True)
        goal_id = await here.begin()
        await here.end(goal_id)
        listed = await here.parley("goals")
        assert re.search(rf"{goal_id}\s+completed\s+-\s+\d+\.\d s\s+\d+ tokens", listed)
        (as_json,) = json.loads(await here.parley("goals", "--json"))
        assert as_json["account"]["planner"]["model_calls"] == 1
        assert as_json["account"]["money"] is None

        page = await here.parley("goal", goal_id)
        assert page.startswith(f"{goal_id}: completed\n\nGoal: {GOAL}\n")
        assert "Answer: Shelf 1 has vacant space." in page
        assert "Plan:\n  1  each shelf / robot / " in page
        assert re.search(r"  robot-1  completed  .*: ", page)
        assert re.search(r"Planning model: 1 call, \d+ tokens read, \d+ written, ", page)

        log = await here.parley("log", goal_id)
        assert [re.sub(r"^\d\d:\d\d:\d\d  ", "", line).split(": ")[0] for line in log.splitlines()] == [
            "someone",
            "plan",
            "coordinator → robot-1",
            "robot-1",
            "robot-1",
            "answer",
        ]
        assert "answer: (completed) Shelf 1 has vacant space." in log
        logged = json.loads(await here.parley("log", goal_id, "--json"))
        kinds = [event["kind"] for event in logged["events"]]
        assert kinds[0] == "goal_accepted"
        assert kinds[-1] == "goal_ended"
        assert "subtask_sent" in kinds


async def test_devices_tell_their_battery_their_place_and_what_they_are_at(
    tmp_path: Path, broker: str, site: str
) -> None:
    async with scene(tmp_path, broker, site) as here:
        assert re.search(r"robot-1\s+robot\s+idle\s+-\s+-\s+-", await here.parley("devices"))
        await tell_attributes(here)
        await here.begin()
        table = " ".join((await here.parley("devices")).split())
        assert "robot-1 robot at work 64 % 2, 3.517 m Move to shelf 1" in table
        (device,) = json.loads(await here.parley("devices", "--json"))
        assert device["doing"].startswith("Move to shelf 1")
        assert device["goal_id"].startswith("goal-")
        assert device["attributes"][0] == {
            "what": "battery level",
            "present": None,
            "value": 64,
            "unit": "percent",
        }
        await here.parley("pause", "device", "robot-1", "--by", "Anna")
        assert "paused by Anna" in await here.parley("devices")
