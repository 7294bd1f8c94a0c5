"""A command that hangs, or leaves a process behind, ends all the same."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.process_kit import run_to_end


def test_a_command_is_told_with_its_output_and_its_status() -> None:
    program = "import os, sys; print(os.environ['WORD']); print('oh', file=sys.stderr); sys.exit(3)"
    told = run_to_end([sys.executable, "-c", program], timeout_seconds=60, env=os.environ | {"WORD": "hello"})
    assert (told.returncode, told.stdout, told.stderr) == (3, "hello\n", "oh\n")


def test_a_process_that_is_left_behind_keeps_nobody_waiting_and_is_killed(tmp_path: Path) -> None:
    held = tmp_path / "held"
    os.mkfifo(held)
    with os.fdopen(os.open(held, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        command = ["sh", "-c", 'exec 3> "$0"; echo begun >&3; sleep 60 &', str(held)]
        assert run_to_end(command, timeout_seconds=50).returncode == 0
        # There is an end to read only once nobody is left who could write.
        os.set_blocking(file.fileno(), True)
        assert file.read() == b"begun\n"


def test_a_command_that_hangs_fails_with_what_it_wrote_although_its_child_lives_on() -> None:
    with pytest.raises(AssertionError, match=r"did not end within 2 s:\nbegun"):
        run_to_end(["sh", "-c", "echo begun; sleep 60 & wait"], timeout_seconds=2)
