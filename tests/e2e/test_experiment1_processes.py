"""Experiment 1 with its agent in a process of its own, which has its own models and reaches its robot over HTTP."""

from __future__ import annotations

import pytest
from rich.console import Console

from benchmarks.experiment1 import Plan, run_all
from benchmarks.experiment1_rows import RowFile, System
from demos.warehouse.run import DEFAULT_GOAL

pytestmark = [pytest.mark.model, pytest.mark.broker, pytest.mark.e2e]


async def test_an_agents_process_runs_one_goal_after_another_and_forgets_the_one_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PARLEY_THREADS", "1")
    rows = RowFile(None)
    await run_all(Plan([1], 2, DEFAULT_GOAL, 100.0, [System.PARLEY_PROCESSES]), rows, Console(quiet=True))
    assert [row.seed for row in rows.rows] == [0, 1]
    for row in rows.rows:
        assert row.is_right, row.problems
        # The program is written each time: what was done for the seed before is not remembered.
        assert row.model_calls >= 1
        assert row.language_seconds["robot-1"] > 0
        assert row.world_seconds["robot-1"] > 0
