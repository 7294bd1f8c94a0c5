"""A site of separate processes, as docs/getting-started.md builds it: broker, world, coordinator, agents with tokens."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from demos.warehouse.judge import judge_text
from demos.warehouse.truth import WorldTruth
from tests.ports import free_port

pytestmark = [pytest.mark.e2e, pytest.mark.model, pytest.mark.broker, pytest.mark.xdist_group("site")]
PARLEY = [sys.executable, "-m", "parley"]
PATIENCE_SECONDS = 60.0
SPECS = ("kestrel", "brockmann", "yunlu")


@contextmanager
def process(log: Path, *arguments: str, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as file:
        child = subprocess.Popen(
            [*PARLEY, *arguments],
            env=os.environ | variables,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
    try:
        yield child
    finally:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(15)
        finally:
            child.kill()


def wait_for(what: str, check: Any, child: subprocess.Popen[bytes], log: Path) -> Any:
    """Ask until `check` says something true; a child that has ended, or took too long, fails with its log."""
    never = threading.Event()
    for _ in range(int(PATIENCE_SECONDS / 0.1)):
        try:
            if found := check():
                return found
        except httpx.TransportError:
            pass
        assert child.poll() is None, f"waiting for {what}: {log.read_text()}"
        never.wait(0.1)
    raise AssertionError(f"{what} took too long: {log.read_text()}")


class Site:
    """Addresses of a running site."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.stack = stack
        self.world_url = f"http://127.0.0.1:{free_port()}"
        self.coordinator_url = f"http://127.0.0.1:{free_port()}"
        self.broker_url = ""

    def start(self, name: str, *arguments: str, **variables: str) -> tuple[subprocess.Popen[bytes], Path]:
        log = self.folder / f"{name}.log"
        return self.stack.enter_context(process(log, *arguments, **variables)), log

    def agent(self, number: int, token: str | None) -> tuple[subprocess.Popen[bytes], Path]:
        """Start an agent the way docker-compose.yml does: by environment variables."""
        variables = {"PARLEY_TOKEN": token} if token else {}
        return self.start(
            f"agent-{number}-{bool(token)}",
            "agent",
            "--spec",
            f"firmware_api_specs/warehouse/{SPECS[number - 1]}.td.json",
            PARLEY_DEVICE_ID=f"robot-{number}",
            PARLEY_DEVICE_URL=f"{self.world_url}/robots/robot-{number}",
            PARLEY_BROKER_URL=self.broker_url,
            PARLEY_STATE_DIR=str(self.folder / "state"),
            **variables,
        )

    def token(self) -> str:
        result = subprocess.run(
            [*PARLEY, "enroll", "--state-dir", str(self.folder / "state")],
            capture_output=True,
            text=True,
            check=True,
        )
        return result.stdout.strip()

    def available(self) -> list[str]:
        devices = httpx.get(f"{self.coordinator_url}/v1/devices").json()["devices"]
        return [device["device_id"] for device in devices if device["is_available"]]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with ExitStack() as stack:
        site = Site(tmp_path_factory.mktemp("site"), stack)
        child, log = site.start("broker", "broker", "--port", "0")
        site.broker_url = wait_for(
            "the broker",
            lambda: (found := re.search(r"mqtt://\S+", log.read_text())) and found[0],
            child,
            log,
        )
        port = site.world_url.rpartition(":")[2]
        child, log = site.start(
            "world",
            "world",
            "--robots",
            "3",
            "--shelves",
            "3",
            "--port",
            port,
            "--time-scale",
            "200",
            "--seed",
            "4",
        )
        wait_for("the world", lambda: httpx.get(f"{site.world_url}/healthz").is_success, child, log)
        port = site.coordinator_url.rpartition(":")[2]
        state = str(site.folder / "state")
        child, log = site.start(
            "coordinator",
            *("coordinator", "--port", port, "--entity", "shelf=1,2,3"),
            *("--broker-url", site.broker_url, "--state-dir", state),
        )
        wait_for(
            "the coordinator", lambda: httpx.get(f"{site.coordinator_url}/healthz").is_success, child, log
        )
        for number in (1, 2):
            child, log = site.agent(number, site.token())
            robot = f"robot-{number}"
            wait_for(robot, lambda robot=robot: robot in site.available(), child, log)
        yield site


def truth(site: Site) -> WorldTruth:
    return WorldTruth.model_validate(httpx.get(f"{site.world_url}/world").json())


def test_a_goal_over_http_moves_robots_in_other_processes(site: Site) -> None:
    goal = httpx.post(
        f"{site.coordinator_url}/v1/goals",
        json={"goal": "Please help check if there are vacant spaces on the shelves."},
    ).json()
    address = f"{site.coordinator_url}/v1/goals/{goal['goal_id']}"
    with httpx.stream("GET", f"{address}/events", timeout=PATIENCE_SECONDS) as stream:
        kinds = [line.removeprefix("event: ") for line in stream.iter_lines() if line.startswith("event: ")]
    view = httpx.get(address).json()
    assert kinds[0] == "goal_accepted"
    assert kinds[-1] == "goal_ended"
    assert view["status"] == "completed", view["answer"]
    assert view["model_calls"] > 0
    assert judge_text(view["answer"], truth(site)) == []


def test_the_readmes_python_example_works(site: Site, tmp_path: Path) -> None:
    block = re.search(r"```python\n(.*?)```", Path("README.md").read_text("utf-8"), re.DOTALL)
    assert block is not None
    program = block[1].replace("http://127.0.0.1:8080", site.coordinator_url)
    assert site.coordinator_url in program
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, result.stderr
    assert judge_text(result.stdout.strip(), truth(site)) == []


def test_the_command_for_an_agent_without_a_token_says_why_it_may_not_join(site: Site) -> None:
    result = subprocess.run(
        [*PARLEY, "agent", "--spec", "firmware_api_specs/warehouse/tern.td.json", "--device-id", "stranger"],
        env=os.environ
        | {"PARLEY_BROKER_URL": site.broker_url, "PARLEY_STATE_DIR": str(site.folder / "other")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 1
    assert "stranger" in result.stderr
    assert "parley enroll" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_agent_that_is_interrupted_says_goodbye(site: Site) -> None:
    child, log = site.agent(3, site.token())
    wait_for("robot-3", lambda: "robot-3" in site.available(), child, log)
    child.send_signal(signal.SIGINT)
    assert child.wait(20) == 0, log.read_text()
    devices = httpx.get(f"{site.coordinator_url}/v1/devices").json()["devices"]
    assert {device["device_id"]: device["status"] for device in devices}["robot-3"] == "offline"
