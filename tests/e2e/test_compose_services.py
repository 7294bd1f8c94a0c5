"""The services of docker-compose.yml: their command lines, variables and health checks run as they are written.

There are no containers here: services are processes of this machine, and their host names and ports are ours. Two of the
robots are enough; the others differ in names alone.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from demos.warehouse.judge import judge_text
from demos.warehouse.truth import WorldTruth
from tests.e2e.test_cli_processes import process, wait_for
from tests.ports import free_port

pytestmark = [pytest.mark.e2e, pytest.mark.model, pytest.mark.broker, pytest.mark.xdist_group("site")]

SERVICES: dict[str, Any] = yaml.safe_load(Path("docker-compose.yml").read_text("utf-8"))["services"]
ROBOTS = [name for name in SERVICES if name.startswith("robot-")][:2]
PATIENCE_SECONDS = 120.0


class Compose:
    """Runs services here."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._ports: dict[str, str] = {}
        self._running: dict[str, tuple[subprocess.Popen[bytes], Path]] = {}

    def here(self, text: str) -> str:
        """Say where a service is reached here: containers have addresses of their own, processes ports."""
        text = re.sub(r"\b(?:mosquitto|world|coordinator|127\.0\.0\.1):(\d+)", self._address, text)
        return re.sub(r"^(1883|80[89]0)$", lambda found: self._port(found[1]), text)

    def _address(self, found: re.Match[str]) -> str:
        return f"127.0.0.1:{self._port(found[1])}"

    def _port(self, inside: str) -> str:
        if inside not in self._ports:
            self._ports[inside] = str(free_port())
        return self._ports[inside]

    def environment(self, name: str) -> dict[str, str]:
        given = {key: self.here(value) for key, value in SERVICES[name].get("environment", {}).items()}
        return given | {"PARLEY_STATE_DIR": str(self._folder / name), "PARLEY_THREADS": "1"}

    def start(self, name: str, *command: str) -> None:
        arguments = command or [self.here(str(each)) for each in SERVICES[name]["command"]]
        log = self._folder / f"{name}.log"
        child = self._stack.enter_context(process(log, *arguments, **self.environment(name)))
        self._running[name] = (child, log)

    def until_healthy(self, name: str) -> None:
        """Run a service's own health check until it passes."""
        test = SERVICES[name]["healthcheck"]["test"]
        assert test[:2] == ["CMD", "python"]
        check = [sys.executable, *map(self.here, test[2:])]
        wait_for(
            f"{name} to be healthy",
            lambda: (
                subprocess.run(
                    check, env=os.environ | self.environment(name), capture_output=True, check=False
                ).returncode
                == 0
            ),
            *self._running[name],
        )

    def ended(self, name: str) -> tuple[int, str]:
        child, log = self._running[name]
        return child.wait(PATIENCE_SECONDS), log.read_text("utf-8")


@pytest.fixture(scope="module")
def compose(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compose]:
    with ExitStack() as stack:
        compose = Compose(tmp_path_factory.mktemp("compose"), stack)
        compose.start("mosquitto", "broker", "--port", compose.here("1883"))
        compose.start("world")
        compose.until_healthy("world")
        compose.start("coordinator")
        compose.until_healthy("coordinator")
        wanted = ["--robots", str(len([name for name in SERVICES if name.startswith("robot-")]))]
        command = SERVICES["first-goal"]["command"]
        place = command.index("--robots")
        assert command[place : place + 2] == wanted
        compose.start("first-goal", *command[: place + 1], str(len(ROBOTS)), *command[place + 2 :])
        for name in ROBOTS:
            compose.start(name)
        yield compose


def test_the_shelf_check_is_played_by_itself_and_its_answer_is_true(compose: Compose) -> None:
    code, said = compose.ended("first-goal")
    assert code == 0, said
    answer = next(line for line in said.splitlines() if line.startswith("Answer "))
    truth = WorldTruth.model_validate(httpx.get(f"http://{compose.here('world:8090')}/world").json())
    assert judge_text(answer.removeprefix("Answer "), truth) == []
    assert "Watch it at http://localhost:8080/ui/" in said


def test_robots_are_healthy_once_they_have_joined(compose: Compose) -> None:
    compose.ended("first-goal")
    for name in ROBOTS:
        compose.until_healthy(name)


def test_people_find_the_dashboard_with_the_shelves_and_the_robots_on_its_map(compose: Compose) -> None:
    compose.ended("first-goal")
    coordinator = f"http://{compose.here('coordinator:8080')}"
    page = httpx.get(f"{coordinator}/ui/", follow_redirects=True)
    assert page.status_code == 200
    found = re.search(r'data-picture="([^"]+)"', page.text) or re.search(
        r'"data-picture":\s*"([^"]+)"', page.text
    )
    assert found is not None
    picture = httpx.get(f"{coordinator}{found[1]}").json()
    assert {place["name"] for place in picture["places"]} == {f"shelf {number}" for number in range(1, 6)}


def test_the_command_that_breaks_a_robot_works_as_it_is_written(compose: Compose) -> None:
    comment = Path("docker-compose.yml").read_text("utf-8").partition("\nx-parley")[0]
    code = re.search(r'python -c "(.+)"$', comment, re.MULTILINE)
    assert code is not None
    program = compose.here(code[1].replace('\\"', '"'))
    subprocess.run([sys.executable, "-c", program], check=True)
    faults = httpx.get(f"http://{compose.here('world:8090')}/robots/robot-1/faults").json()
    assert faults["dead"] is True
