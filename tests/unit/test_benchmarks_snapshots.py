"""The measurement of what keeping programs costs measures something."""

import pytest

from benchmarks import snapshots


def test_every_step_takes_time_and_a_larger_program_more_bytes() -> None:
    costs = snapshots.measure_calls(rounds=1)
    assert [cost.program for cost in costs] == list(snapshots.PROGRAMS)
    for cost in costs:
        assert set(cost.microseconds) == set(snapshots.STEPS)
        assert min(cost.microseconds.values()) > 0
        assert cost.ratio > 0
    small, _, large = costs
    assert 0 < small.snapshot_bytes < large.snapshot_bytes


def test_paused_programs_take_more_memory_as_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "PAUSED", (1, 3))
    one, three = snapshots.measure_memory()
    assert three["snapshots_bytes"] == pytest.approx(3 * one["snapshots_bytes"], rel=0.01)
    assert three["workers_bytes"] > 10 * three["snapshots_bytes"]
