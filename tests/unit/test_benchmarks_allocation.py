"""The benchmark of allocation runs, and what it reports is in order."""

from __future__ import annotations

import json

import pytest

from benchmarks.allocation import main


def test_small_sizes_are_measured_in_every_way(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--sizes", "4x3", "12x3", "--seeds", "2", "--json"])
    rows = json.loads(capsys.readouterr().out.splitlines()[-1])
    small = {row["way"]: row for row in rows if row["subtasks"] == 4}
    assert set(small) == {"in turn", "by load", "allocated", "best there is"}
    assert small["allocated"]["makespan_seconds"] == small["best there is"]["makespan_seconds"]
    assert small["allocated"]["travel_metres"] == pytest.approx(
        small["best there is"]["travel_metres"], abs=0.1
    )
    larger = {row["way"]: row["makespan_seconds"] for row in rows if row["subtasks"] == 12}
    assert larger["allocated"] < larger["in turn"]
