"""`parley eval` as people run it, with the bundled model."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.evals_kit import ITEMS
from tests.process_kit import run_to_end

pytestmark = [pytest.mark.e2e, pytest.mark.model]
TIMEOUT_SECONDS = 300


def evaluate(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return run_to_end(
        [sys.executable, "-m", "parley", "eval", *arguments],
        timeout_seconds=TIMEOUT_SECONDS,
        env=os.environ | {"PARLEY_THREADS": "1"} | variables,
    )


def last_line(result: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return report


def test_items_are_answered_graded_and_reported() -> None:
    result = evaluate(str(ITEMS), "--json", "--show", "9")
    assert result.returncode == 0, result.stderr
    report = last_line(result)
    assert report["total"]["items"] == 7
    assert set(report["tags"]) == {"single", "no argument", "refusal", "several", "context"}
    assert set(report["baselines"]) == {"always_refuse", "shared_words", "rules"}
    assert report["baselines"]["always_refuse"]["exact"] == 1
    assert 0 < report["seconds"]["p50"] <= report["seconds"]["p95"]
    assert (report["broken"], report["left_out"]) == (0, 0)
    # How good the model is, is measured elsewhere; here it only has to have been asked.
    assert report["total"]["exact"] > report["baselines"]["always_refuse"]["exact"]
    assert "always refuse" in result.stdout
    assert "7/7" in result.stderr
    assert result.stdout.count("  expected ") == 7 - report["total"]["exact"]


def test_another_model_can_be_chosen_and_baselines_left_out(tmp_path: Path) -> None:
    no_model = tmp_path / "model.gguf"
    no_model.write_text("this is no model")
    arguments = (str(ITEMS), "--limit", "1", "--no-baselines", "--json")
    broken = evaluate(*arguments, "--model", str(no_model))
    assert broken.returncode == 1
    assert "model.gguf" in broken.stderr
    # The option wins over the environment.
    whole = evaluate(*arguments, "--model", "inference/weights/parley.gguf", PARLEY_MODEL=str(no_model))
    assert whole.returncode == 0, whole.stderr
    assert last_line(whole)["baselines"] == {}
    assert last_line(whole)["total"]["items"] == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "bad.jsonl, line 1: text is "),
        (
            '{"id": "1", "utterance": "Go", "devices": [{"id": "d"}]}',
            "expected is 'missing'; allowed: a value",
        ),
    ],
)
def test_a_wrong_file_is_explained_before_any_model_is_loaded(
    tmp_path: Path, text: str, message: str
) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text(text, encoding="utf-8")
    result = evaluate(str(file), PARLEY_MODEL="/nowhere")
    assert result.returncode == 2
    assert result.stdout == ""
    assert message in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_file_that_does_not_exist_is_wrong_usage() -> None:
    result = evaluate("no/such/file.jsonl")
    assert result.returncode == 2
    assert "no/such/file.jsonl" in result.stderr
