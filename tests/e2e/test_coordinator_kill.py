"""The coordinator is killed at every event of a goal of four robots: every goal ends, nothing is done twice, no answer is wrong.

On PostgreSQL every fourth event is taken, so that both databases together fit into a test's time; the points differ only in
what the ledger had committed, which is the same there. `STRIDE` in the environment changes that: 1 takes all.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import pytest

from tests.coordinator_kill_runner import SHELVES
from tests.process_kit import run_to_end

pytestmark = [pytest.mark.e2e, pytest.mark.broker]

LANES = 2
EVERY_EVENT = {
    "goal_accepted",
    "goal_planned",
    "step_expanded",
    "subtask_assigned",
    "subtask_sent",
    "report",
    "subtask_ended",
    "goal_ended",
}
ANSWER = "Shelves 2 and 4 have vacant space. Shelves 1 and 3 have none. Done: "


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def lives(
    request: pytest.FixtureRequest, broker: str, tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, Any]]:
    is_sqlite = request.param == "sqlite"
    ledger = "sqlite" if is_sqlite else request.getfixturevalue("postgresql")
    stride = os.environ.get("STRIDE", "1" if is_sqlite else "4")
    folder = tmp_path_factory.mktemp("kill")
    arguments = [str(folder), broker, ledger, str(LANES), stride]
    command = [sys.executable, "-m", "tests.coordinator_kill_runner", *arguments]
    told = run_to_end(command, timeout_seconds=850)
    assert told.returncode == 0, told.stderr
    found = [json.loads(line) for line in told.stdout.splitlines()]
    for life in found:
        life["stride"] = int(stride)
    return found


def test_the_coordinator_is_really_killed_at_every_event(lives: list[dict[str, Any]]) -> None:
    whole = [life for life in lives if life["ends"] == ["survived"]]
    assert whole, "the enumeration ends where the goal has no more events"
    # How many reports a goal takes differs a little from life to life.
    points = range(1, len(whole[0]["kinds"]) - 4, whole[0]["stride"])
    assert points[-1] > 30
    for how in ("before", "after"):
        once = [life for life in lives if life["how"] == how and len(life["kills"]) == 1]
        killed = {life["kills"][0] for life in once if life["ends"] == ["killed"]}
        assert killed.issuperset(points), how
    assert set(whole[0]["kinds"]) == EVERY_EVENT
    assert any(life["ends"] == ["killed", "killed"] for life in lives), "some lives are cut off twice"


def test_no_subtask_is_executed_twice_and_none_is_lost(lives: list[dict[str, Any]]) -> None:
    for life in lives:
        done = [line.split()[:2] for line in life["world"]]
        for shelf in SHELVES:
            assert done.count(["carry", shelf]) == 1, (life["how"], life["kills"], life["world"])
            assert ["look", shelf] in done


def test_every_goal_ends_with_an_answer_that_the_world_bears_out(lives: list[dict[str, Any]]) -> None:
    for life in lives:
        assert life["status"] == "completed", (life["how"], life["kills"], life["answer"])
        assert life["answer"].startswith(ANSWER)
        carried = {(line.split()[1], line.split()[2]) for line in life["world"] if line.startswith("carry")}
        claimed = {(one["entity_id"], one["device_id"]) for one in life["records"] if one["step"] == 1}
        assert claimed == carried
        assert len(life["records"]) == 2 * len(SHELVES)
        assert life["kinds"].count("goal_ended") == life["kinds"].count("goal_planned") == 1
        assert len(life["assigned"]) == len(set(life["assigned"])) == 2 * len(SHELVES)


def test_a_coordinator_that_stands_by_takes_over(lives: list[dict[str, Any]]) -> None:
    taken_over = [life for life in lives if life["how"] == "standby"]
    assert len(taken_over) == LANES
    for life in taken_over:
        assert life["ends"] == ["killed"]
        assert life["opened_at"] - life["killed_at"] < 10, (
            "seconds from the owner's death to the next one's start"
        )
