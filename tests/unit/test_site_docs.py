"""docs/site.md says what is so, and `parley site` does what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coordinator import allocation, fleet, travel
from coordinator.site import Site, model
from coordinator.site.bare import MAXIMUM_ENTITIES
from coordinator.site.drawing import draw
from parley.cli import app

PAGE = Path("docs/site.md").read_text("utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def written(folder: Path, text: str) -> Path:
    file = folder / "site.yaml"
    file.write_text(text, "utf-8")
    return file


def test_every_example_of_the_page_is_read(tmp_path: Path) -> None:
    short, whole = (Site.load(written(tmp_path, text)) for text in EXAMPLES)
    assert short.entities == {"shelf": ("1", "2", "3"), "station": ("north",)}
    assert whole.entities["shelf"] == ("007", "8")
    assert set(Site.model_fields) == whole.model_fields_set, "it says all that can be said"


def test_the_commands_of_the_page_print_what_it_shows() -> None:
    lines = [line for line in PAGE.splitlines() if line.startswith("$ parley site check")]
    for line in lines:
        result = CliRunner().invoke(app, line.split()[2:])
        assert result.exit_code == 0
        assert result.output.strip() in PAGE


def test_the_error_of_the_page_is_the_one_that_is_printed(tmp_path: Path) -> None:
    sound = Path("examples/site.yaml").read_text("utf-8")
    file = written(tmp_path, sound.replace("[16, 2]", "[16, x]"))
    result = CliRunner().invoke(app, ["site", "check", str(file)])
    assert result.exit_code == 1
    assert result.stderr.strip().removeprefix("Error: ").removeprefix(f"{tmp_path}/") in PAGE


def test_limits_and_figures_are_those_of_the_code() -> None:
    for figure in (model.MAXIMUM_ZONES, model.MAXIMUM_LINKS, model.MAXIMUM_DEVICES, MAXIMUM_ENTITIES):
        assert f"{figure:,}" in PAGE
    assert f"{model.MAXIMUM_KINDS} kinds" in PAGE
    assert f"less than {fleet.LOW_BATTERY_PERCENT:g} %" in PAGE
    assert f"last {travel.SUBTASK_SECONDS:g} seconds" in PAGE
    assert f"{allocation.DENSE_CELLS:,} pairs" in PAGE
    assert travel.METRES_PER_SECOND == 1
    assert allocation.EXACT_STOPS == 7


def test_a_site_is_shown_with_a_plan() -> None:
    result = CliRunner().invoke(app, ["site", "show", "examples/site.yaml"])
    assert result.exit_code == 0
    for shown in ("Small warehouse", "Europe/Vienna", "st1", "sh5", "robot-1 (charger A)", "north is up"):
        assert shown in result.output
    plan = draw(Site.load(Path("examples/site.yaml")))
    assert plan is not None
    assert plan.letters == {"sh": "shelf", "st": "station", "c": "charger"}
    (north,) = [number for number, line in enumerate(plan.lines) if "sh5" in line]
    (south,) = [number for number, line in enumerate(plan.lines) if "sh1" in line]
    assert north < south
    assert plan.lines[south].index("sh1") < plan.lines[south].index("sh3")


@pytest.mark.parametrize(
    ("shelves", "hidden"),
    [
        ("{id: 1, at: [0, 0]}, {id: 2, at: [0, 0]}", ("s2",)),
        ("{id: 1, at: [3, 3]}", ()),
        ("{id: 1, at: [0, 0]}, {id: 2, at: [0, 100000]}, {id: 3, at: [-5, 7]}", ()),
    ],
)
def test_what_has_no_room_in_the_plan_is_named(tmp_path: Path, shelves: str, hidden: tuple[str, ...]) -> None:
    plan = draw(Site.load(written(tmp_path, f"entities: {{shelf: [{shelves}]}}")), width=30)
    assert plan is not None
    assert set(plan.hidden) >= set(hidden)
    assert len(plan.lines) <= 24
    assert all(len(line) <= 30 for line in plan.lines)


def test_without_points_there_is_no_plan(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["site", "show", str(written(tmp_path, EXAMPLES[0]))])
    assert "no plan to draw" in result.output
