"""Experiment 1's time model, its rows, its table and its picture; the judge it asks is the demo's."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.experiment1_costs import (
    Work,
    centralised_seconds,
    distributed_seconds,
    in_thread,
)
from benchmarks.experiment1_fleet import Hall, Setting
from benchmarks.experiment1_picture import picture
from benchmarks.experiment1_rows import Row, RowFile, System, summarise
from benchmarks.experiment1_table import ratios, table
from demos.warehouse.vendors import VENDORS, Operation
from protocol.errors import InputError

WORK = Work(0.5, {"robot-1": 0.25, "robot-2": 0.5}, {"robot-1": 20.0, "robot-2": 8.0})


def row(system: System = System.PARLEY, robots: int = 2, seed: int = 0, **changes: Any) -> Row:
    told: dict[str, Any] = {
        "goal": "Count.",
        "time_scale": 50.0,
        "load": 1.0,
        "outcome": "completed",
        "answer": "Shelf 1 has vacant space.",
        "problems": (),
        "seconds": 2.0,
        "model_calls": 3,
        "prompt_tokens": 600,
        "completion_tokens": 40,
        "model_seconds": 0.5,
        "planning_seconds": WORK.planning_seconds,
        "language_seconds": WORK.language_seconds,
        "world_seconds": WORK.world_seconds,
    }
    return Row(system, robots, seed, **{**told, **changes})


def test_with_a_processor_each_the_slowest_device_counts() -> None:
    # robot-1 thinks less and drives longer: it is the last one, until processors are slow enough.
    assert distributed_seconds(WORK) == 0.5 + 0.25 + 20
    assert distributed_seconds(WORK, 10, with_world=False) == 10 * (0.5 + 0.5)
    assert distributed_seconds(WORK, 100) == 100 * 0.5 + 100 * 0.5 + 8


def test_one_processor_does_everything_in_turn() -> None:
    assert centralised_seconds(WORK, 10) == 10 * 1.25 + 28
    assert centralised_seconds(WORK, 10, is_serial=False) == 10 * 1.25 + 20
    assert centralised_seconds(WORK, 10, with_world=False) == 12.5


def test_what_had_no_device_is_only_planned() -> None:
    assert distributed_seconds(Work(0.5), 2) == centralised_seconds(Work(0.5), 2) == 1.0


seconds = st.floats(0, 1e3)
devices = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), seconds)


@given(st.builds(Work, seconds, devices, devices), st.floats(1, 100))
def test_devices_that_think_for_themselves_are_never_later(work: Work, factor: float) -> None:
    assert distributed_seconds(work, factor) <= centralised_seconds(work, factor) * (1 + 1e-9)


def test_processor_time_is_that_of_the_work() -> None:
    def work() -> str:
        end = time.thread_time() + 0.02
        while time.thread_time() < end:
            pass
        return "done"

    result, spent = in_thread(work)
    assert result == "done"
    assert 0.02 <= spent < 1.0


async def test_a_robot_is_charged_with_its_motions_and_nobody_with_other_waits() -> None:
    hall = Hall.of(Setting(robots=2, seed=3, time_scale=1e6))
    driver = hall.fleet["robot-2"]
    functions = VENDORS[driver.vendor].functions
    move = next(name for name, function in functions.items() if function.operation is Operation.TO_SHELF)
    await driver.call(move, dict.fromkeys(functions[move].arguments, 2))
    robot, shelf = hall.world.robots["robot-2"], hall.world.shelves["2"]
    assert (robot.x, robot.y) == (shelf.x, shelf.y)
    away = abs(robot.dock[0] - shelf.x) + abs(robot.dock[1] - shelf.y)
    assert hall.clock.busy_seconds == {"robot-2": pytest.approx(away / robot.speed)}
    await hall.clock.sleep(0.001)
    assert hall.clock.busy_seconds == {"robot-2": pytest.approx(away / robot.speed)}


def test_the_seed_says_which_brand_is_first() -> None:
    halls = [Hall.of(Setting(robots=3, seed=seed, time_scale=1.0)) for seed in range(10)]
    assert len({hall.fleet["robot-1"].vendor for hall in halls}) == 10
    assert halls[1].fleet["robot-1"].vendor == halls[0].fleet["robot-2"].vendor


@pytest.mark.parametrize(
    ("changes", "is_right"),
    [
        ({}, True),
        ({"problems": None}, False),
        ({"problems": ("shelf 2 is left out",)}, False),
        ({"outcome": "partial"}, False),
    ],
)
def test_right_is_what_was_completed_and_what_the_world_agrees_with(
    changes: dict[str, Any], is_right: bool
) -> None:
    assert row(**changes).is_right is is_right


def test_an_experiment_is_taken_up_where_it_was_broken_off(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    first, second = row(seed=0), row(System.CENTRAL, seed=1, problems=None)
    rows = RowFile(path)
    rows.add(first)
    RowFile(path).add(second)
    again = RowFile(path)
    assert again.rows == [first, second]
    assert again.has(second.key)
    assert not again.has(row(seed=2).key)
    assert not again.has(row(time_scale=20.0).key)


def test_a_file_with_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(f"{row().line()}\n{{}}\n", "utf-8")
    with pytest.raises(InputError, match="line 2"):
        RowFile(path)


def rows_of_both() -> list[Row]:
    rows = []
    for robots in (1, 10):
        language = {f"robot-{number}": 0.25 for number in range(robots)}
        world = dict.fromkeys(language, 8.0)
        for seed in range(4):
            common = {
                "planning_seconds": 0.05,
                "language_seconds": language,
                "world_seconds": world,
                "seconds": 1.0 + robots,
            }
            rows.append(row(System.PARLEY, robots, seed, **common))
            outcome = "partial" if robots == 10 and seed == 0 else "completed"
            rows.append(row(System.CENTRAL, robots, seed, outcome=outcome, **common))
    return rows


def test_the_table_has_a_line_for_each_size_and_system_with_the_papers_figures() -> None:
    text = table(summarise(rows_of_both(), 10), 10)
    lines = text.splitlines()
    assert [line.split(" | ")[:3] for line in lines[2:]] == [
        ["| 1", System.PARLEY, "4 of 4"],
        ["| 1", System.CENTRAL, "4 of 4"],
        ["| 10", System.PARLEY, "4 of 4"],
        ["| 10", System.CENTRAL, "3 of 4"],
    ]
    assert "51 % to 100 %" in lines[2]  # Wilson's interval of 4 of 4
    assert lines[4].endswith("| 0.30 | 3.0 | 11.0 | 94.3 %, 22 s |")
    assert lines[5].endswith("| 2.55 | 25.5 | 105.5 | 60.3 %, 433 s |")
    assert {line.count("|") for line in lines} == {lines[0].count("|")}


def test_ratios_compare_sizes_and_systems() -> None:
    text = ratios(summarise(rows_of_both(), 10), 10)
    assert (
        f"- {System.PARLEY}, N = 10 to N = 1: wall 5.50, modelled 1.00, modelled x 10 with world 1.00" in text
    )
    assert f"- {System.CENTRAL}, N = 10 to N = 1: wall 5.50, modelled 8.50" in text
    assert (
        f"- N = 10, {System.CENTRAL} to {System.PARLEY}: wall 1.00, modelled 8.50, modelled x 10 with world 9.59"
        in text
    )


def test_the_picture_is_drawn_from_the_same_figures() -> None:
    namespace = "{http://www.w3.org/2000/svg}"
    tree = ET.fromstring(picture(summarise(rows_of_both(), 10), 10))
    lines = [line.attrib["points"].split() for line in tree.iter(f"{namespace}polyline")]
    # Two systems of two sizes in two panels, and the paper's lines of three sizes.
    assert sum(len(line) == 2 for line in lines) >= 4
    assert sum(len(line) == 3 for line in lines) == 4
    width, height = map(float, tree.attrib["viewBox"].split()[2:])
    for line in lines:
        for x, y in (map(float, point.split(",")) for point in line):
            assert 0 <= x <= width
            assert 0 <= y <= height
