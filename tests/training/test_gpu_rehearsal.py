"""The GPU configuration as it is written, on the processor: a worker, the compiled model, one call and the next."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

REHEARSAL = "--device cpu --tiny --threads 1"


def call(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PART": "train", "WORKERS": "1"} | variables
    command = ["training/run.sh", folder, "gpu"]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_the_gpu_configuration_runs_and_goes_on(tiny_run: Path, tmp_path: Path) -> None:
    shutil.copy(tiny_run / "tokenizer.json", tmp_path)
    first = call(tmp_path, TRAIN_OPTIONS=f"{REHEARSAL} --steps 3", STOP_AFTER="0")
    assert first.returncode == 3, first.stderr
    assert "not finished, start it again: 0 steps" in first.stdout
    assert {"checkpoint.pt", "model-f16.gguf", "model-q8_0.gguf"} <= {
        path.name for path in tmp_path.iterdir()
    }
    second = call(tmp_path, TRAIN_OPTIONS=f"{REHEARSAL} --steps 3", STOP_AFTER="30")
    assert second.returncode == 0, second.stderr
    assert "embeddings start from word vectors" in second.stdout
    assert json.loads((tmp_path / "log.jsonl").read_text().splitlines()[-1])["step"] == 3
    assert len(json.loads((tmp_path / "parity.json").read_text())["continuations"]) == 200
