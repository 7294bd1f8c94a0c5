"""Two coordinators of one site on one database: when the owner dies, the other goes on with its goals."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import SecretStr

from benchmarks.postgresql import ManagedPostgresql
from coordinator.goals import GoalStatus
from coordinator.ledger.database import LedgerAddress
from coordinator.main import Settings, open_coordinator
from coordinator.site import Site
from parley.compose import EXIT_LEDGER_LOST
from protocol.messages import PresenceStatus
from tests.coordinator_fakes import SILENT, FakeDevice, scripted, vacancy
from transport.clock import SystemClock
from transport.mqtt_bus import MqttBus
from transport.ports import Will

PLAN = "one robot / look for vacant space"
# A coordinator as a process of its own. It takes goals from its standard input, one a line.
OWNER = """
import asyncio, sys
from coordinator.ledger import writer
from coordinator.main import Settings, open_coordinator
from inference.scripted_model import ScriptedModel
from parley import compose

writer.RETRY_SECONDS = 1.0

async def main(settings):
    loop = asyncio.get_running_loop()
    async with compose.open_coordinator(settings, ScriptedModel(lambda _: sys.argv[2]), on_lost=compose._end_at_once) as it:
        print(it.epoch, flush=True)
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            goal = it.submit(line)
            await it._ledger.durable()
            print(goal.goal_id, flush=True)

asyncio.run(main(Settings.model_validate_json(sys.argv[1])))
"""


@asynccontextmanager
async def owner(settings: Settings) -> AsyncIterator[asyncio.subprocess.Process]:
    told = settings.model_dump(mode="json")
    if settings.ledger is not None:
        told["ledger"] = settings.ledger.get_secret_value()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OWNER, json.dumps(told), PLAN,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(30):
        return (await process.stdout.readline()).decode().strip()


def settings_for(address: LedgerAddress, broker: str, folder: Path) -> Settings:
    return Settings(
        broker_url=broker,
        site_name=address.site,
        state_dir=folder,
        ledger=None if address.is_sqlite else SecretStr(address.url.render_as_string(hide_password=False)),
        open_enrolment=True,
        site=Site(),
        subtask_timeout_seconds=30,
    )


async def test_the_standby_finishes_the_goals_of_an_owner_that_was_killed(
    ledger_address: LedgerAddress, broker: str, tmp_path: Path, site: str
) -> None:
    settings = settings_for(ledger_address, broker, tmp_path)

    def bus(device_id: str, will: Will) -> MqttBus:
        return MqttBus(broker, f"{site}-{device_id}", will=will, session_expiry_seconds=60)

    async with asyncio.timeout(60), owner(settings) as first:
        epoch = int(await line(first))
        async with FakeDevice("robot-1", bus, site, SystemClock(), lambda _: SILENT) as robot:
            assert first.stdin is not None
            standby = open_coordinator(settings.model_copy(update={"standby": True}), scripted("refuse"))
            waiting = asyncio.ensure_future(standby.__aenter__())
            first.stdin.write(b"Look for vacant space.\n")
            goal_id = await line(first)
            while not robot.received:  # noqa: ASYNC110 - another process is waited for
                await asyncio.sleep(0.02)
            assert not waiting.done()
            first.send_signal(signal.SIGKILL)
            second = await waiting
            assert second.epoch > epoch
            await robot.report(robot.open, vacancy(True))
            goal = await second.wait(goal_id)
            assert goal.status is GoalStatus.COMPLETED
            assert goal.answer == "robot-1 has vacant space."
            assert len(robot.received) == 1, "it was not told twice"
            assert second.devices()[0].status is PresenceStatus.ONLINE
            await standby.__aexit__(None, None, None)


async def test_a_coordinator_whose_database_is_gone_ends_with_its_own_exit_code(
    broker: str, tmp_path: Path, site: str
) -> None:
    async with ManagedPostgresql(is_synced=False) as managed:
        settings = settings_for(LedgerAddress.parse(managed.url, site), broker, tmp_path)
        async with asyncio.timeout(60), owner(settings) as process:
            assert int(await line(process))
            await managed.kill()
            assert await process.wait() == EXIT_LEDGER_LOST
