"""A site file that is read again: over HTTP, from the command line, and by a signal; and what a restart keeps of a plan."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from coordinator.allocator import Assignment
from coordinator.app import create_app
from coordinator.goal_state import GoalState
from coordinator.past import Past
from coordinator.records import Outcome
from coordinator.site import Site
from parley.cli import app
from parley.compose import _reread_site_on_hangup
from parley.serving import serving
from tests.coordinator_fakes import Stage, scripted, stage
from transport.clock import FakeClock

TWO = "time_zone: UTC\nentities: {shelf: [1, 2], charger: [A]}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "site.yaml"
    path.write_text(TWO, "utf-8")
    return path


def reading(scene: Stage, file: Path) -> None:
    scene.coordinator._read_site = lambda: Site.load(file)


def rewrite(file: Path, text: str) -> None:
    file.write_text(text, "utf-8")


async def seen(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not reached():  # noqa: ASYNC110 - a signal and a thread have no event of ours
            await asyncio.sleep(0.01)


async def test_over_http_the_site_is_shown_and_read_again(
    tmp_path: Path, clock: FakeClock, file: Path
) -> None:
    async with stage(tmp_path, scripted("refuse"), clock=clock, entities={"shelf": ["1"]}) as scene:
        transport = httpx.ASGITransport(create_app(scene.coordinator))
        async with httpx.AsyncClient(transport=transport, base_url="http://parley") as client:

            async def reload(body: dict[str, Any]) -> httpx.Response:
                return await client.post("/v1/site/reload", json=body)

            without = await reload({"by": "Anna"})
            assert without.status_code == 409
            assert without.json()["error"]["code"] == "conflict"
            reading(scene, file)
            changed = (await reload({"by": "Anna"})).json()
            assert changed["added"] == {"shelf": ["2"], "charger": ["A"]}
            assert changed["changed"] == ["time_zone", "entities"]
            shown = (await client.get("/v1/site/places")).json()
            assert shown["entities"]["shelf"] == [{"id": "1"}, {"id": "2"}]
            assert Site.from_mapping(shown).entities == scene.coordinator.site.entities
            assert (await reload({"by": "Anna"})).json() == {"added": {}, "removed": {}, "changed": []}
            rewrite(file, "entities: {shelf: [1, -]}")
            wrong = await reload({"by": "Anna"})
            assert wrong.status_code == 400
            assert "line 1" in wrong.json()["error"]["message"]
            assert (await reload({})).status_code == 400


async def test_the_command_line_tells_what_has_changed(tmp_path: Path, clock: FakeClock, file: Path) -> None:
    async with stage(tmp_path, scripted("refuse"), clock=clock, entities={"shelf": ["1", "9"]}) as scene:
        reading(scene, file)
        async with serving(create_app(scene.coordinator), "127.0.0.1", 0) as url:
            arguments = ["site", "reload", "--by", "Anna", "--coordinator-url", url]
            first = await asyncio.to_thread(CliRunner().invoke, app, arguments)
            again = await asyncio.to_thread(CliRunner().invoke, app, arguments)
        told = "The site was read again: added shelf 2; added charger A; removed shelf 9; changed time_zone."
        assert first.output.strip() == told
        assert again.output.strip() == "The site was read again: nothing has changed."


async def test_a_hangup_signal_has_the_file_read_again_and_a_wrong_one_changes_nothing(
    tmp_path: Path, clock: FakeClock, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with stage(tmp_path, scripted("refuse"), clock=clock, entities={"shelf": ["1"]}) as scene:
        reading(scene, file)
        with _reread_site_on_hangup(scene.coordinator):
            os.kill(os.getpid(), signal.SIGHUP)
            await seen(lambda: "charger" in scene.coordinator.site.entities)
            rewrite(file, "entities: {Shelf: [1]}")
            os.kill(os.getpid(), signal.SIGHUP)
            await seen(lambda: "The site stays as it was." in caplog.text)
        assert scene.coordinator.site.entities["shelf"] == ("1", "2")


def test_after_a_restart_what_was_not_called_for_is_not_done() -> None:
    uncalled = Assignment(
        0, 0, "Bring it.", kind="robot", problem="shelf 1 had no space", outcome=Outcome.CONDITION_NOT_MET
    )
    nobody = Assignment(0, 1, "Bring it.", kind="robot", problem="no robot is online and free")
    state = GoalState("goal-1", "Bring it.", created_at=0.0, first_seq=1, expanded={0: (uncalled, nobody)})
    past = Past(state).step(0)
    assert past is not None
    first, second = past.left
    assert (first.problem, first.outcome) == ("shelf 1 had no space", Outcome.CONDITION_NOT_MET)
    assert second.problem is None, "by now there may be somebody"
