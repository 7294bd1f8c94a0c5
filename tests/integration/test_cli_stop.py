"""Processes end when told to: at once, with exit code 0, and without a traceback."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
@pytest.mark.parametrize("command", ["broker", "coordinator"])
def test_a_process_stops_cleanly(tmp_path: Path, command: str, number: signal.Signals) -> None:
    arguments = {
        "broker": ["--port", "0"],
        # Nobody answers at the broker's address nor at the model's: the coordinator stays up all the same.
        "coordinator": ["--port", "0", "--broker-url", "mqtt://127.0.0.1:9", "--state-dir", str(tmp_path)],
    }
    child = subprocess.Popen(
        [sys.executable, "-m", "parley", command, *arguments[command]],
        env=os.environ | {"PARLEY_OPENAI_BASE_URL": "http://127.0.0.1:9/v1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert child.stdout is not None
    lines = []
    for line in child.stdout:
        lines.append(line)
        if "://127.0.0.1:" in line and "No connection" not in line:
            break
    child.send_signal(number)
    rest, _ = child.communicate(timeout=20)
    text = "".join(lines) + rest
    assert child.returncode == 0, text
    assert "Traceback" not in text
