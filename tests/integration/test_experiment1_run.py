"""Experiment 1 with two robots: both systems, the bundled models, a real broker, one seed."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.experiment1 import Plan, run_all
from benchmarks.experiment1_rows import RowFile, System
from demos.warehouse.run import DEFAULT_GOAL

pytestmark = [pytest.mark.model, pytest.mark.broker]


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_THREADS", "1")


async def test_both_systems_answer_and_do_the_same_language_work(tmp_path: Path) -> None:
    rows = RowFile(tmp_path / "rows.jsonl")
    plan = Plan([2], 1, DEFAULT_GOAL, 100.0, [System.PARLEY, System.CENTRAL])
    await run_all(plan, rows, Console(quiet=True))
    ours, central = rows.rows
    assert ours.is_right, ours.problems
    assert central.is_right, central.problems
    # One plan, which the model may not be asked for, and one program for each device, from the same prompts.
    assert ours.model_calls == central.model_calls
    for row in rows.rows:
        assert row.model_calls in {2, 3}
        assert row.language_seconds.keys() == row.world_seconds.keys() == {"robot-1", "robot-2"}
        assert min(row.planning_seconds, *row.language_seconds.values()) > 0
    assert (ours.prompt_tokens, ours.completion_tokens) == (central.prompt_tokens, central.completion_tokens)
    assert ours.world_seconds == pytest.approx(central.world_seconds)
    assert {"robot-1", "robot-2"} == central.language_seconds.keys()
    assert ours.modelled_seconds(10, with_world=True) < central.modelled_seconds(10, with_world=True)
    # All of it is there already.
    again = RowFile(tmp_path / "rows.jsonl")
    await run_all(plan, again, Console(quiet=True))
    assert len(again.rows) == 2
