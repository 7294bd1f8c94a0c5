"""The judges of conversations about the hall look at the world, and rows of a long run are taken up again."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.warehouse_hall import CASES, read_rows
from benchmarks.warehouse_hours import counted, hour
from benchmarks.warehouse_judging import Seen, all_at, at, refused
from benchmarks.warehouse_words import WORDS
from demos.warehouse.state import Mode
from demos.warehouse.truth import RobotTruth, ShelfTruth, WorldTruth


def world(*, empty: int = 0, battery: float = 0.5, **totes: str) -> WorldTruth:
    shelves = {
        str(number): ShelfTruth(
            has_vacancy=number <= empty, free=(), items=() if number <= empty else ("tin",)
        )
        for number in range(1, 5)
    }
    robots = {
        name: RobotTruth(
            x=0, y=0, at_shelf=None, battery=charge, speed=1, camera_degrees=0, network=None,
            is_access_point=False, is_charging=False, images=0, mode=Mode.READY, mode_refusals=0,
        )
        for name, charge in (("robot-1", battery), ("robot-2", 0.7))
    }  # fmt: skip
    return WorldTruth(shelves=shelves, robots=robots, totes={"T1": "shelf 1", "T2": "shelf 2", **totes})


def seen(*answers: str, moments: tuple[WorldTruth, ...] = (), before: WorldTruth | None = None) -> Seen:
    return Seen(before or world(), moments or (world(),), answers)


def test_every_conversation_has_a_name_of_its_own() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)
    assert len(WORDS) == 10


def test_a_tote_must_be_there_and_no_other_elsewhere() -> None:
    assert at("T1", "station 1")(seen("", moments=(world(T1="station 1"),))) is None
    assert "not brought" in str(at("T1", "station 1")(seen("")))
    assert "moved too" in str(at("T1", "station 1")(seen("", moments=(world(T1="station 1", T2="belt"),))))
    assert all_at(("T1", "T2"), "belt")(seen("", moments=(world(T1="belt", T2="belt"),))) is None


def test_a_refusal_changes_nothing_and_says_why() -> None:
    assert refused(seen("No device here can do that.")) is None
    assert refused(seen("Done.")) == "gives no reason"
    assert "changed" in str(refused(seen("I cannot.", moments=(world(T1="belt"),))))


def test_counts_must_be_those_of_their_hour_and_no_more() -> None:
    moments = (world(), world(empty=1), world(empty=3))
    right = "Number of empty shelves: drone-1 1. Number of empty shelves: drone-1 3."
    assert counted(1, 2)(seen(right, moments=moments)) is None
    assert counted(1)(seen(right, moments=moments)) == "told [1, 3], right is [1]"
    assert counted(1, 2)(seen("Number of empty shelves: 2.", moments=moments)) == "told [2], right is [1, 3]"


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("It is robot-1.", True),
        ("Battery: robot-1 50 %, robot-2 70 %.", True),
        ("It is robot-2.", False),
        ("Battery: robot-1 40 %, robot-2 70 %.", False),
    ],
)
def test_the_emptiest_is_named_alone_or_with_what_it_has(answer: str, *, is_right: bool) -> None:
    judge = next(case.judge for case in WORDS if case.name == "emptiest")
    assert (judge(seen(answer)) is None) is is_right


async def test_an_hour_needs_a_clock_that_can_be_put_forward() -> None:
    stage: Any = SimpleNamespace(clock=None)
    with pytest.raises(TypeError, match="put forward"):
        await hour(stage)


def test_rows_are_read_back(tmp_path: Path) -> None:
    rows = [{"case": "bring", "seed": 0, "problem": None, "answers": ["é"]}]
    (tmp_path / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    assert read_rows(tmp_path / "rows.jsonl") == rows
    assert read_rows(tmp_path / "none.jsonl") == read_rows(None) == []
