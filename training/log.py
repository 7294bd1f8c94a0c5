"""The log of a run, `log.jsonl`: one line for every few steps, from which the curves are drawn."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol


class Progress(Protocol):
    """What a run says of how far it has come."""

    step: int
    spent_seconds: float
    tokens: int


class Log:
    """Appends to the file; lines beyond `step` are dropped first.

    A run that was killed wrote them after its last checkpoint, and takes those steps again.
    """

    def __init__(self, path: Path, step: int) -> None:
        self._path = path
        self._losses: list[float] = []
        if path.exists():
            lines = path.read_text().splitlines(keepends=True)
            path.write_text("".join(line for line in lines if json.loads(line)["step"] <= step))

    def add(self, loss: float) -> None:
        """Note the loss of a step."""
        self._losses.append(loss)

    def write(self, progress: Progress, checked: Mapping[str, float]) -> None:
        """Write and print the mean loss since the last line, and what else was measured."""
        entry = {
            "step": progress.step,
            "seconds": round(progress.spent_seconds),
            "tokens": progress.tokens,
            "loss": round(sum(self._losses) / len(self._losses), 4),
        }
        line = json.dumps(entry | dict(checked))
        self._losses.clear()
        print(line, flush=True)
        with self._path.open("a") as log:
            log.write(line + "\n")
