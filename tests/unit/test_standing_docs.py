"""docs/standing-goals.md says what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coordinator.standing.corrections import EFFECT_SECONDS, FAILURES, ROUNDS
from coordinator.standing.occurrences import CATCH_UP_SECONDS
from coordinator.standing.request import CADENCE_SECONDS, DEBOUNCE_SECONDS, STALE_SECONDS
from coordinator.standing.schedule import SHORTEST_INTERVAL_SECONDS
from coordinator.standing.subjects import _LEAST_COSINE, _LEAST_MARGIN
from parley.cli import app
from tests.unit.test_standing_reading import sure

PAGE = (Path(__file__).parents[2] / "docs/standing-goals.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("sentence", blocks("text")[0].splitlines())
def test_every_sentence_is_read_surely(sentence: str) -> None:
    assert sure(sentence).confirmation.startswith("I will ")


def test_the_code_runs() -> None:
    (code,) = blocks("python")
    exec(compile(code, "docs/standing-goals.md", "exec"), {})


def test_the_commands_exist() -> None:
    (console,) = blocks("console")
    commands = [line.split()[3] for line in console.splitlines() if line.startswith("$ parley standing ")]
    assert len(commands) == 6
    for command in commands:
        assert CliRunner().invoke(app, ["standing", command, "--help"]).exit_code == 0


def test_the_confirmation_is_what_is_said() -> None:
    assert sure("every weekday at nine check the shelves").confirmation in PAGE


def test_the_figures_are_those_of_the_code() -> None:
    assert (CATCH_UP_SECONDS, STALE_SECONDS) == (900, 900)
    assert "15 minutes late" in PAGE
    assert "| 15 minutes |" in PAGE
    assert f"| {DEBOUNCE_SECONDS:g} s, or" in PAGE
    assert f"| {CADENCE_SECONDS:g} s, or" in PAGE
    assert f"or {EFFECT_SECONDS:g} s have passed" in PAGE
    assert f"{SHORTEST_INTERVAL_SECONDS:g} s is the shortest interval" in PAGE
    assert (FAILURES, ROUNDS) == (3, 3)
    assert f"under {_LEAST_COSINE}, or two values within {_LEAST_MARGIN} of" in PAGE
