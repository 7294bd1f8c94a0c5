"""`parley stop`, `approve`, `pause` and their like against a real broker and a served coordinator; what people read, exactly."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coordinator.app import create_app
from coordinator.coordinator import Coordinator
from coordinator.main import Settings, open_coordinator
from coordinator.site import Site
from parley.cli import app
from parley.serving import serving
from protocol.messages import ControlCommand
from tests.coordinator_fakes import CHECK_SHELVES, GOAL, SILENT, FakeDevice, asking, scripted, vacancy
from transport.clock import SystemClock
from transport.mqtt_bus import MqttBus
from transport.ports import Will

pytestmark = pytest.mark.broker


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Scene:
    """A served coordinator with one robot, and the command line beside it."""

    coordinator: Coordinator
    robot: FakeDevice
    broker: str
    site: str
    url: str

    async def parley(self, *arguments: str, code: int = 0) -> str:
        """Run a command as its own user would; returns what it prints."""
        more = (
            ("--broker-url", self.broker, "--site", self.site)
            if arguments[0] in {"stop", "release"}
            else ("--coordinator-url", self.url)
        )
        result = await asyncio.to_thread(CliRunner().invoke, app, [*arguments, *more])
        assert result.exit_code == code, result.output
        return " ".join(result.output.split()) if code else result.output

    async def begin(self) -> str:
        goal_id = self.coordinator.submit(GOAL).goal_id
        async with asyncio.timeout(10):
            while not self.robot.received:  # noqa: ASYNC110 - the device is another process's in real life
                await asyncio.sleep(0.01)
        return goal_id

    async def end(self, goal_id: str) -> str | None:
        async with asyncio.timeout(10):
            return (await self.coordinator.wait(goal_id)).answer


@asynccontextmanager
async def scene(tmp_path: Path, broker: str, site: str) -> AsyncIterator[Scene]:
    def make_bus(device_id: str, will: Will) -> MqttBus:
        return MqttBus(broker, f"{site}-{device_id}", will=will, session_expiry_seconds=60)

    settings = Settings(
        broker_url=broker,
        state_dir=tmp_path,
        site=Site.from_mapping({"shelf": ["1"]}),
        site_name=site,
        open_enrolment=True,
    )
    async with (
        open_coordinator(settings, scripted(CHECK_SHELVES)) as coordinator,
        serving(create_app(coordinator), "127.0.0.1", 0) as url,
        FakeDevice("robot-1", make_bus, site, SystemClock(), lambda _: SILENT) as robot,
    ):
        assert await coordinator.wait_for_devices(1, timeout_seconds=10)
        yield Scene(coordinator, robot, broker, site, url)


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
            'robot-1 asked "May I lower the fork onto the pallet?", and Anna allowed it.\n'
        )
        assert await here.end(goal_id) == "Shelf 1 has vacant space."
        again = await here.parley("deny", question.approval_id, "--by", "Ben", code=1)
        assert again == (
            f"Error: approval_id is '{question.approval_id}'; allowed: a question that is open. "
            'robot-1 asked "May I lower the fork onto the pallet?", and Anna allowed it.'
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
        async with asyncio.timeout(10):
            while here.coordinator.emergency_stop.is_engaged:  # noqa: ASYNC110 - it hears of it from the broker
                await asyncio.sleep(0.01)


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
