"""A served coordinator over a real broker with one robot, and the command line beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from coordinator.app import create_app
from coordinator.coordinator import Coordinator
from coordinator.main import Settings, open_coordinator
from coordinator.site import Site
from parley.cli import app
from parley.serving import serving
from tests.coordinator_fakes import CHECK_SHELVES, GOAL, SILENT, FakeDevice, scripted
from transport.clock import SystemClock
from transport.mqtt_bus import MqttBus
from transport.ports import Will


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
        before = len(self.robot.received)
        goal_id = self.coordinator.submit(GOAL).goal_id
        await self.until(lambda: len(self.robot.received) > before)
        return goal_id

    async def until(self, reached: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not reached():  # noqa: ASYNC110 - what is waited for comes from other connections
                await asyncio.sleep(0.01)

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
