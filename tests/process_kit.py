"""Runs a command that starts processes of its own, and leaves none of them behind."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress


def run_to_end(
    command: Sequence[str], *, timeout_seconds: float, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Wait for a command's end, with its output; what it started and left running is killed.

    `subprocess.run` reads from pipes until nobody holds them any more. After a time-out it kills the command alone, so that
    a process which that one had started keeps it waiting for ever. Hence files instead of pipes, and a group of processes.

    Raises:
        AssertionError: it did not end in time; says what it had written.
    """
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            start_new_session=True,
        )
        is_over = True
        try:
            process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            is_over = False
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for file in (output, errors):
            file.seek(0)
        told = subprocess.CompletedProcess(command, process.returncode, output.read(), errors.read())
    assert is_over, f"{command} did not end within {timeout_seconds} s:\n{told.stdout}\n{told.stderr}"
    return told
