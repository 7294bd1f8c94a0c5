"""`parley stop`, `approve`, `pause` and their like against a real broker and a served coordinator; what people read, exactly."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from parley.cli import app
from protocol.messages import ControlCommand
from tests.coordinator_fakes import GOAL, asking, vacancy
from tests.operate_kit import scene
from tests.ports import free_port

pytestmark = pytest.mark.broker
QUESTION = "\"May the robot do this: 'Lower fork'? It is marked as dangerous\""


async def test_a_question_is_listed_and_answered(tmp_path: Path, broker: str, site: str) -> None:
    async with scene(tmp_path, broker, site) as here:
        assert await here.parley("approvals") == "No device asks anything.\n"
        here.robot.behaviour = lambda _: asking(vacancy(True))
        goal_id = await here.begin()
        async with asyncio.timeout(10):
            question = await here.coordinator.wait_for_question(goal_id)
        assert question is not None
        assert await here.parley("approvals") == (
            f"{question.approval_id}  {question.sentence} Goal: {GOAL}\n"
            "Answer with `parley approve ID` or `parley deny ID`.\n"
        )
        assert await here.parley("approve", question.approval_id, "--by", "Anna") == (
            f"robot-1 asked {QUESTION}, and Anna allowed it.\n"
        )
        assert await here.end(goal_id) == "Shelf 1 has vacant space."
        again = await here.parley("deny", question.approval_id, "--by", "Ben", code=1)
        assert again == (
            f"Error: approval_id is '{question.approval_id}'; allowed: a question that is open. "
            f"robot-1 asked {QUESTION}, and Anna allowed it."
        )
        unknown = await here.parley("approve", "a/b c", code=1)
        assert "/v1/approvals/a" in unknown or "approval_id is 'a/b c'" in unknown


async def test_a_device_is_paused_let_go_on_and_its_goal_cancelled(
    tmp_path: Path, broker: str, site: str
) -> None:
    async with scene(tmp_path, broker, site) as here:
        goal_id = await here.begin()
        assert await here.parley("pause", "device", "robot-1") == "Told device robot-1 to pause.\n"
        assert await here.parley("resume", "device", "robot-1") == "Told device robot-1 to go on.\n"
        assert (
            await here.parley("pause", "subtask", f"{goal_id}-1") == f"Told subtask {goal_id}-1 to pause.\n"
        )
        assert (
            await here.parley("cancel", "goal", goal_id, "--by", "Anna") == f"Told goal {goal_id} to stop.\n"
        )
        assert await here.end(goal_id) == (
            "Anna cancelled this goal. Not done for shelf 1: robot-1 was told to stop by Anna."
        )
        assert [control.command for control in here.robot.controls] == [
            ControlCommand.PAUSE,
            ControlCommand.RESUME,
            ControlCommand.PAUSE,
            ControlCommand.CANCEL,
        ]
        ended = await here.parley("cancel", "goal", goal_id, code=1)
        assert ended == (
            f"Error: goal_id is '{goal_id}'; allowed: a goal that is under way. It has ended: cancelled."
        )


async def test_the_emergency_stop_goes_straight_to_the_broker(tmp_path: Path, broker: str, site: str) -> None:
    async with scene(tmp_path, broker, site) as here:
        goal_id = await here.begin()
        assert await here.parley("stop", "--by", "Anna") == (
            f"The emergency stop of site {site} is engaged: every machine comes to rest, and no work is taken.\n"
            "Release it with `parley release`.\n"
        )
        assert await here.end(goal_id) == (
            "Anna engaged the emergency stop before this goal had ended. "
            "Not done for shelf 1: robot-1 was stopped by the emergency stop."
        )
        assert here.coordinator.emergency_stop.is_engaged
        assert await here.parley("release", "--by", "Ben") == (
            f"The emergency stop of site {site} is released. Give goals again; nothing goes on by itself.\n"
        )
        await here.until(lambda: not here.coordinator.emergency_stop.is_engaged)


def test_a_stop_that_reaches_nobody_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parley.operate._BROKER_SECONDS", 0.5)
    address = f"mqtt://127.0.0.1:{free_port()}"
    result = CliRunner().invoke(app, ["stop", "--broker-url", address])
    assert result.exit_code == 1
    text = " ".join(result.stderr.split())
    assert text.startswith(f"Error: Nothing was stopped: No MQTT broker answers at {address}")
    assert "Use the machines' own stops now." in text


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("http://127.0.0.1:9", "No coordinator answers at http://127.0.0.1:9"),
        ("nonsense", "allowed: an address such as http://127.0.0.1:8080"),
    ],
)
def test_a_coordinator_that_is_not_there_is_named(url: str, part: str) -> None:
    result = CliRunner().invoke(app, ["approvals", "--coordinator-url", url])
    assert result.exit_code == 1
    assert part in " ".join(result.stderr.split())


@pytest.mark.parametrize("by", ["\u200b", "x" * 200])
async def test_no_name_keeps_a_person_from_stopping(broker: str, site: str, by: str) -> None:
    arguments = ["stop", "--by", by, "--broker-url", broker, "--site", site]
    result = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    assert result.exit_code == 0, result.output
