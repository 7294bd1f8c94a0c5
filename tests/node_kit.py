"""What the tests need from npm: installed once for all test workers, and a real WoT server to talk to."""

from __future__ import annotations

import copy
import fcntl
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

FOLDER = Path(__file__).parent / "node"
_LOCK = FOLDER / "package-lock.json"
_INSTALLED = FOLDER / "node_modules" / ".package-lock.json"
_REMEDY = "Remedy: apt-get install nodejs npm"
_INSTALL_SECONDS = 300


def installed_folder() -> Path:
    """Return `tests/node` with exactly the packages of its lock file; a machine without npm fails loudly."""
    with _LOCK.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test workers share the folder
        if not _is_installed():
            npm = _program("npm")
            done = subprocess.run(
                [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                cwd=FOLDER,
                capture_output=True,
                text=True,
                timeout=_INSTALL_SECONDS,
                check=False,
            )
            assert done.returncode == 0, f"npm ci in tests/node failed:\n{done.stderr}"
    return FOLDER


@dataclass(frozen=True, slots=True)
class CoffeeMachine:
    """A running coffee machine of node-wot."""

    url: str
    document: dict[str, Any]
    process: subprocess.Popen[str]

    @property
    def described(self) -> dict[str, Any]:
        """A copy of its Thing Description, as it was served at the start."""
        return copy.deepcopy(self.document)

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return self.url.rpartition("/")[0]

    def served(self) -> list[dict[str, Any]]:
        """Everything that was asked for, by the machine's own account."""
        served: list[dict[str, Any]] = httpx.get(f"{self.url}/properties/servedDrinks").json()
        return served

    def post(self, path: str) -> int:
        """Order something past all of our code; returns the status of the answer."""
        return httpx.post(f"{self.url}/{path}").status_code

    def switch_off(self) -> None:
        """Kill the process: from then on nobody listens at its address."""
        self.process.kill()
        self.process.wait()


@contextmanager
def coffee_machine() -> Iterator[CoffeeMachine]:
    """Start a coffee machine on a free port of this computer."""
    folder = installed_folder()
    process = subprocess.Popen(
        [_program("node"), "coffee_machine.js"], cwd=folder, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("READY "), "the coffee machine did not start; its own words are above"
        url = line.split()[1]
        yield CoffeeMachine(url, httpx.get(url).json(), process)
    finally:
        process.kill()
        process.communicate()


def _is_installed() -> bool:
    if not _INSTALLED.exists():
        return False
    wanted = json.loads(_LOCK.read_text("utf-8"))["packages"]
    wanted.pop("")
    return bool(json.loads(_INSTALLED.read_text("utf-8"))["packages"] == wanted)


def _program(name: str) -> str:
    found = shutil.which(name)
    assert found is not None, f"{name} is missing, and some tests need a program from npm. {_REMEDY}"
    return found
