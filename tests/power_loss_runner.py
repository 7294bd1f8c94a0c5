"""Loses power at every point of a program, for tests/e2e/test_power_loss.py: `python -m tests.power_loss_runner FOLDER`.

Each process really is one (forked from this one, so that it need not import everything again), and is really killed. What
it did to the machine stands in a file that every call is written to before and after it moves anything.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from device_agent.executor import Executor
from device_agent.kept_runs import KeptRuns, RefusedRun
from device_agent.orders import Orders
from device_agent.pipeline import Program
from device_agent.run_record import RunRecord
from device_agent.store import AgentStore
from firmware_api_specs.loader import load
from fsm.subtask import SubtaskState
from protocol.messages import Report, ReportStatus
from sandbox.seal import SnapshotSealer, load_or_create_key
from transport.clock import SystemClock

SUBTASK = "feed-1"
SOURCE = "level = read_level()\nset_level(level=level + 5)\ngive(grams=20)\nset_level(level=3)\ngive(grams=10)\nread_level()\n"
ONCE = "give"
"""The function that must not be repeated: what it has given is gone."""


def _action(safe: bool, idempotent: bool, argument: str | None = None, **terms: Any) -> dict[str, Any]:
    action: dict[str, Any] = {"safe": safe, "idempotent": idempotent, "forms": [{"href": "x"}], **terms}
    if argument:
        action["input"] = {
            "type": "object",
            "properties": {argument: {"type": "integer"}},
            "required": [argument],
        }
    return action


FEEDER = load(
    {
        "@context": [
            "https://www.w3.org/2022/wot/td/v1.1",
            {"parley": "urn:parley:td:1#", "@language": "en"},
        ],
        "title": "Feeder",
        "description": "Feeds fish.",
        "security": "nosec_sc",
        "securityDefinitions": {"nosec_sc": {"scheme": "nosec"}},
        "parley:kind": "feeder",
        "parley:abilities": ["It feeds."],
        "actions": {
            "read_level": _action(True, True, title="Read the level", output={"type": "integer"}),
            "set_level": _action(
                False, True, "level", title="Set the level", **{"parley:onFailure": "retry"}
            ),
            "give": _action(False, False, "grams", title="Give food"),
        },
    }
)


class Power:
    """Counts the points at which power may be lost, and loses it at one of them."""

    def __init__(self, lost_at: int) -> None:
        self.points = 0
        self._lost_at = lost_at

    def point(self) -> None:
        """Pass a point."""
        self.points += 1
        if self.points == self._lost_at:
            os.kill(os.getpid(), signal.SIGKILL)


class Machine:
    """A driver that writes down what it does."""

    def __init__(self, file: Path, power: Power) -> None:
        self._file = file
        self._power = power

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Do it."""
        self._power.point()
        self._write(f"begin {name} {json.dumps(dict(arguments))}")
        self._power.point()
        self._write(f"end {name}")
        self._power.point()
        return 7 if name == "read_level" else None

    async def make_safe(self) -> None:
        """Rest."""
        self._write("safe")

    def _write(self, line: str) -> None:
        with self._file.open("a") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())


class Keeper:
    """Keeps records, with a point on either side."""

    def __init__(self, runs: KeptRuns, power: Power) -> None:
        self._runs = runs
        self._power = power

    def keep(self, record: RunRecord) -> None:
        """Keep one."""
        self._power.point()
        self._runs.keep(record)
        self._power.point()


async def live(folder: Path, power: Power) -> None:
    """Be the agent's executor for one life: go on with what was left, or begin."""
    clock = SystemClock()
    with AgentStore(folder) as store:
        runs = KeptRuns(store, SnapshotSealer(load_or_create_key(folder / "snapshot.key")))
        machine = Machine(folder / "calls.txt", power)
        executor = Executor(FEEDER, machine, clock, keeper=Keeper(runs, power))
        left = runs.unfinished()
        program = Program(SOURCE, tuple(each.name for each in FEEDER.affordances()), 1, 1.0)
        if left and isinstance(left[0], RefusedRun):
            await machine.make_safe()
            (folder / "refused.txt").write_text(left[0].why)
            return
        power.point()
        if left:
            assert isinstance(left[0], RunRecord)
            execution = await executor.take_up(left[0], program, Orders())
        elif store.accept(SUBTASK) or store.unfinished():
            execution = await executor.execute(
                program, Orders(), subtask_id=SUBTASK, sentence="Feed the fish."
            )
        else:
            return
        power.point()
        status = ReportStatus.COMPLETED if execution.state is SubtaskState.END else ReportStatus.FAILED
        store.finish(
            Report(
                report_id="r",
                device_id="feeder",
                session=store.session,
                subtask_id=SUBTASK,
                status=status,
                sentence=execution.sentence,
                error_code=execution.error_code,
                at=clock.now(),
            )
        )
        power.point()


def life(folder: Path, lost_at: int) -> bool:
    """Live once in a process of its own; returns whether it was killed."""
    child = os.fork()
    if child == 0:
        power, status = Power(lost_at), 1
        try:
            asyncio.run(live(folder, power))
            (folder / "points.txt").write_text(str(power.points))
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return os.WTERMSIG(status) == signal.SIGKILL
    if os.WEXITSTATUS(status) != 0:
        raise RuntimeError(f"a life in {folder} failed")
    return False


def outcome(folder: Path, killed: list[bool]) -> dict[str, Any]:
    """Say what came of a folder's lives."""
    with AgentStore(folder) as store:
        report = store.final_report(SUBTASK)
        kept = len(store.kept_runs())
    calls = folder / "calls.txt"
    return {
        "killed": killed,
        "calls": calls.read_text().splitlines() if calls.exists() else [],
        "report": None if report is None else report.model_dump(mode="json"),
        "kept": kept,
    }


def lives(folder: Path, *lost_at: int) -> dict[str, Any]:
    """Live several times in one folder, and say what came of it."""
    folder.mkdir()
    return outcome(folder, [life(folder, point) for point in lost_at])


def main(folder: Path, tell: Callable[[str], None] = print) -> None:
    """Lose power at every point once, and at some points twice; one JSON object a line."""
    tell(json.dumps({"lost": [], **lives(folder / "whole", 0)}))
    points = int((folder / "whole" / "points.txt").read_text())
    for point in range(1, points + 1):
        tell(json.dumps({"lost": [point], **lives(folder / f"p{point}", point, 0)}))
    for first in range(3, points + 1, 9):
        for second in range(2, points - first + 4, 9):
            told = lives(folder / f"p{first}-{second}", first, second, 0)
            tell(json.dumps({"lost": [first, second], **told}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
