"""The model of the protocol can fail: with any one safeguard switched off, spin finds what goes wrong."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHECK = ROOT / "scripts" / "check-protocol"
MODEL = (ROOT / "formal" / "protocol.pml").read_text()

# What is switched off, and a line of the way to the flaw that must be told.
SAFETY = {
    "DEDUP": "device 0 calls its machine for 0",
    "PERSISTED_EPOCH": "crashes and starts again",
    "EPOCH_CHECK": "device 0 hears of epoch 2",
    "RECORD_BEFORE_CALL": "device 0 crashes and starts again",
    "UNKNOWN_OUTCOME": "device 0 crashes and starts again",
    "SILENCE_TO_REPLACED": "device 0 refuses order 0 of epoch 1",
    "MEMORY_OF_CANCEL": "device 0 is to stop 0, which it never saw",
    "POLL_BEFORE_REASSIGNING": "the time of subtask 0 is over",
    "RECALL_BEFORE_REASSIGNING": "device 0 says that it does not know 0",
    "LEDGER_BEFORE_SENDING": "coordinator 2 takes the site",
    "FENCE": "coordinator 2 takes the site",
    "SAME_SUBTASK_AFTER_RESTART": "coordinator 2 takes the site",
    "PROOF_OF_COMPLETION": "coordinator 1 answers goal 0: 1",
}
LIVENESS = {
    "TAKE_UP": "coordinator 2 takes the site",
    "END_OF_WHAT_WAS_NOT_BEGUN": "device 0 crashes and starts again",
}


def check(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([CHECK, *arguments], capture_output=True, text=True, check=False, timeout=300)


@pytest.mark.parametrize(("safeguard", "told"), [*SAFETY.items(), *LIVENESS.items()])
def test_without_a_safeguard_a_flaw_is_found_and_told(safeguard: str, told: str) -> None:
    found = check("--without", safeguard)
    assert found.returncode == 1, found.stdout + found.stderr
    assert "DOES NOT HOLD" in found.stdout
    assert "assertion violated" in found.stdout or "acceptance cycle" in found.stdout
    assert told in found.stdout


def test_with_all_safeguards_a_small_configuration_holds() -> None:
    found = check("shared-device")
    assert found.returncode == 0, found.stdout + found.stderr
    assert re.search(r"shared-device +[\d,]{5,} states, depth +\d+, +[\d.]+ s  holds", found.stdout)


def test_an_unknown_configuration_is_named() -> None:
    found = check("three-devices")
    assert found.returncode == 2
    assert "configuration is 'three-devices'; allowed: two-devices, shared-device" in found.stderr


def test_every_safeguard_of_the_model_can_be_switched_off() -> None:
    assert set(re.findall(r"\bNO_([A-Z_]+)", MODEL)) == {*SAFETY, *LIVENESS}


def test_the_page_shows_every_configuration_and_names_real_files() -> None:
    page = (ROOT / "docs" / "protocol-model.md").read_text()
    listed = [line.split()[0] for line in check("--list").stdout.splitlines()]
    assert set(listed) == {
        *re.findall(r"^([a-z-]+) +[\d,]+ states.*holds$", page, re.MULTILINE),
        *SAFETY,
        *LIVENESS,
    }
    files = re.findall(r"`((?:coordinator|device_agent|formal|tests|scripts)/[\w./-]+)`", page)
    assert len(files) >= 5
    assert [name for name in files if not (ROOT / name).exists()] == []
