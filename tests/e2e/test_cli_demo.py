"""The demo as a newcomer runs it: real processes, a real broker, the real model."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from demos.warehouse.firmware import VENDOR_NAMES, thing_description
from demos.warehouse.run import DEFAULT_GOAL
from firmware_api_specs.loader import load
from firmware_api_specs.names import leaked_names, names
from tests.process_kit import run_to_end
from transport.mqtt_bus import MqttBus

pytestmark = [pytest.mark.e2e, pytest.mark.model, pytest.mark.broker]
PARLEY = [sys.executable, "-m", "parley"]
TIMEOUT_SECONDS = 180


def demo(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [*PARLEY, "demo", "warehouse", "--json", *arguments]
    return run_to_end(command, timeout_seconds=TIMEOUT_SECONDS, env=os.environ | variables)


def last_line(result: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    summary: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return summary


class Listener:
    """Hears everything that anyone publishes at a broker while the context is open."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.heard: list[tuple[str, str]] = []

    @contextmanager
    def listening(self) -> Iterator[None]:
        ready, stop = threading.Event(), threading.Event()
        thread = threading.Thread(target=lambda: asyncio.run(self._listen(ready, stop)))
        thread.start()
        assert ready.wait(10)
        try:
            yield
        finally:
            stop.set()
            thread.join(10)

    async def _listen(self, ready: threading.Event, stop: threading.Event) -> None:
        async with MqttBus(self._url, f"listener-{os.getpid()}") as bus, bus.subscribe("#") as deliveries:
            ready.set()

            async def collect() -> None:
                async for delivery in deliveries:
                    self.heard.append((delivery.topic, delivery.payload.decode()))

            task = asyncio.create_task(collect())
            await asyncio.to_thread(stop.wait)
            task.cancel()


def test_the_goal_of_the_paper_is_answered_as_the_world_is() -> None:
    result = demo("--robots", "4", "--seed", "1")
    assert result.returncode == 0, result.stdout + result.stderr
    summary = last_line(result)
    assert set(summary) == {"outcome", "answer", "world_agrees", "subtasks", "model_calls", "seconds"}
    assert summary["outcome"] == "completed"
    assert summary["world_agrees"] is True
    assert summary["subtasks"] >= 4
    assert summary["model_calls"] > summary["subtasks"] / 2


def test_on_a_terminal_it_takes_further_goals_until_an_empty_line() -> None:
    leader, follower = pty.openpty()
    child = subprocess.Popen(
        [*PARLEY, "demo", "warehouse", "--robots", "2"],
        env=os.environ | {"COLUMNS": "120", "TERM": "xterm"},
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
    )
    os.close(follower)
    replies = [DEFAULT_GOAL.encode() + b"\n", b"\n"]
    shown = b""
    try:
        # Who shows nothing for so long hangs.
        while select.select([leader], [], [], TIMEOUT_SECONDS)[0]:
            shown += os.read(leader, 4096)
            while replies and shown.count(b"Goal?") > 2 - len(replies):
                os.write(leader, replies.pop(0))
        pytest.fail(shown.decode(errors="replace"))
    except OSError:
        # A terminal whose other side has been closed cannot be read any more.
        assert child.wait(30) == 0, shown.decode(errors="replace")
    finally:
        os.close(leader)
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    assert shown.count(b"agrees") == 2


def test_no_brands_names_are_heard_on_the_wire(broker: str) -> None:
    listener = Listener(broker)
    with listener.listening():
        result = demo("--robots", str(len(VENDOR_NAMES)), "--seed", "2", "--broker-url", broker)
    assert last_line(result)["subtasks"] >= len(VENDOR_NAMES), result.stderr
    sentences = [text for topic, text in listener.heard if topic.endswith("/subtask")]
    assert len(sentences) >= len(VENDOR_NAMES)
    for vendor in VENDOR_NAMES:
        api_names = names(load(thing_description(vendor)))
        assert api_names
        leaks = {
            name for topic, text in listener.heard for name in leaked_names(f"{topic} {text}", api_names)
        }
        assert leaks == set(), vendor


def test_a_robot_that_dies_leaves_an_honest_partial_answer() -> None:
    result = demo("--robots", "4", "--seed", "3", "--kill", "robot-2")
    assert result.returncode == 1, result.stdout + result.stderr
    summary = last_line(result)
    assert summary["outcome"] == "partial"
    assert "unknown" in summary["answer"]
    assert "robot-2" in summary["answer"]


def test_a_broken_model_is_reported_not_hidden(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"not a model")
    result = demo(PARLEY_MODEL=str(broken), PARLEY_OPENAI_BASE_URL="")
    assert result.returncode == 1
    assert str(broken) in result.stderr
    assert "Traceback" not in result.stderr


def test_a_broker_that_is_away_is_one_line_with_the_remedy() -> None:
    result = demo("--broker-url", "mqtt://127.0.0.1:9")
    assert result.returncode == 1
    assert "mqtt://127.0.0.1:9" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_goal_that_no_robot_can_do_is_refused_with_a_reason() -> None:
    result = demo("--goal", "Write a poem about the sea.")
    assert result.returncode == 1
    summary = last_line(result)
    assert summary["outcome"] == "refused"
    assert summary["subtasks"] == 0
    assert summary["answer"]
