"""`parley standing` against a served coordinator; what people read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.operate_kit import scene

pytestmark = pytest.mark.broker


async def test_a_standing_goal_is_added_listed_changed_and_cancelled(
    tmp_path: Path, broker: str, site: str
) -> None:
    async with scene(tmp_path, broker, site) as here:
        assert (await here.parley("standing", "list")).startswith("There are no standing goals.")
        zone = ("--time-zone", "Europe/Berlin", "--by", "Anna")
        dry = await here.parley(
            "standing", "add", "every weekday at nine check the shelves", "--dry-run", *zone
        )
        assert dry.startswith("I will do that every weekday at 09:00 (Europe/Berlin), next ")
        assert len(dry.splitlines()) == 1
        added = await here.parley("standing", "add", "every weekday at nine check the shelves", *zone)
        confirmation, standing_id = added.splitlines()
        assert confirmation == dry.strip()
        listed = await here.parley("standing", "list")
        assert "active" in listed
        changed = await here.parley("standing", "change", standing_id, "every weekday at ten")
        assert changed.startswith("I will do that every weekday at 10:00 (Europe/Berlin)")
        paused = await here.parley("standing", "pause", standing_id)
        assert paused == f"{standing_id} is paused.\n"
        resumed = await here.parley("standing", "resume", standing_id)
        assert resumed.startswith(f"{standing_id} is active, next at ")
        assert await here.parley("standing", "cancel", standing_id) == f"{standing_id} is cancelled.\n"
        assert f"{standing_id}: " in await here.parley("standing", "list", "--ended")
        again = await here.parley("standing", "cancel", standing_id, code=1)
        assert "This one is cancelled." in again


async def test_what_is_not_clear_is_asked(tmp_path: Path, broker: str, site: str) -> None:
    async with scene(tmp_path, broker, site) as here:
        question = await here.parley("standing", "add", "start the dishwasher at 22:00", code=1)
        assert question.endswith("At 22:00 start the dishwasher")
        ordinary = await here.parley("standing", "add", "check the shelves", code=1)
        assert "it is an ordinary goal" in ordinary
        answer = await here.parley("standing", "answer", "standing-0", "go", code=1)
        assert "GET /v1/standing lists them" in answer
