"""Power is lost at every point of a program: nothing that must not be repeated is, and nothing is lost."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from device_agent.executor import Executor
from device_agent.kept_runs import KeptRuns, RefusedRun
from device_agent.orders import Orders
from device_agent.pipeline import Program
from device_agent.run_record import Phase, RunRecord
from device_agent.store import AgentStore
from fsm.subtask import SubtaskRun, SubtaskState
from protocol.errors import ErrorCode
from sandbox.seal import KEY_BYTES, SnapshotSealer
from tests.power_loss_runner import FEEDER, ONCE, SOURCE, SUBTASK
from tests.process_kit import run_to_end
from transport.clock import FakeClock

pytestmark = pytest.mark.e2e

WHOLE = ["read_level", "set_level", ONCE, "set_level", ONCE, "read_level"]
KEY = bytes(range(KEY_BYTES))


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("power")
    command = [sys.executable, "-m", "tests.power_loss_runner", str(folder)]
    told = run_to_end(command, timeout_seconds=240)
    assert told.returncode == 0, told.stderr
    return [json.loads(line) for line in told.stdout.splitlines()]


def begun(life: Mapping[str, Any]) -> list[str]:
    return [line.split()[1] for line in life["calls"] if line.startswith("begin")]


def test_power_is_really_lost_at_every_point(lives: list[dict[str, Any]]) -> None:
    once = [life for life in lives if len(life["lost"]) == 1]
    assert [life["lost"] for life in once] == [[number] for number in range(1, len(once) + 1)]
    assert all(life["killed"] == [True, False] for life in once)
    assert len(once) > 6 * len(WHOLE), "before and after every record and every movement"
    twice = [life for life in lives if len(life["lost"]) == 2]
    assert sum(life["killed"] == [True, True, False] for life in twice) > 10
    assert begun(lives[0]) == WHOLE


def test_what_must_not_be_repeated_is_never_begun_twice(lives: list[dict[str, Any]]) -> None:
    for life in lives:
        given = [line for line in life["calls"] if line.startswith(f"begin {ONCE}")]
        assert len(given) == len(set(given)), life["lost"]


def test_every_run_has_one_honest_end(lives: list[dict[str, Any]]) -> None:
    for life in lives:
        report, calls = life["report"], begun(life)
        assert life["kept"] == 0, "nothing is left over"
        shortened = [name for name, before in zip(calls, [None, *calls], strict=False) if name != before]
        if report["status"] == "completed":
            assert report["error_code"] is None
            assert shortened == WHOLE, life["lost"]
            assert life["calls"].count(f"end {ONCE}") == 2
        else:
            assert report["error_code"] == "unknown_outcome", life["lost"]
            assert "Give food. Whether it was done is not known." in report["sentence"]
            assert shortened == WHOLE[: len(shortened)]
            assert life["calls"][-1] == "safe"


def test_only_a_cut_off_call_that_must_not_be_repeated_has_an_unknown_outcome(
    lives: list[dict[str, Any]],
) -> None:
    unknown = [life for life in lives if life["report"]["error_code"] is not None]
    assert unknown, "some lives are cut off while food is given"
    assert sum(life["report"]["status"] == "completed" for life in lives) > len(lives) / 2
    for life in unknown:
        # All that was begun before was ended, and at most the last call was not.
        assert life["report"]["sentence"].count("Set the level".lower()) <= 1 + life["calls"].count(
            "end set_level"
        )
        assert f"end {ONCE}" not in life["calls"][-1:], "the machine was brought to rest afterwards"


def record(subtask_id: str = SUBTASK, **changed: Any) -> RunRecord:
    run = SubtaskRun(SubtaskState.VERIFYING)
    fields: dict[str, Any] = {
        "subtask_id": subtask_id, "sentence": "Feed.", "source": SOURCE, "function_names": (ONCE,),
        "model_calls": 1, "phase": Phase.BEGUN, "run": run, "snapshot": b"\x00\nbytes",
    }  # fmt: skip
    return RunRecord(**(fields | changed))


def kept(folder: Path, *records: RunRecord) -> AgentStore:
    store = AgentStore(folder)
    for one in records:
        store.accept(one.subtask_id)
        KeptRuns(store, SnapshotSealer(KEY)).keep(one)
    return store


def test_a_record_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    first, second = record("a", result={"x": [1, None]}), record("b", failure="It failed.")
    with kept(tmp_path, first, second) as store:
        assert KeptRuns(store, SnapshotSealer(KEY)).unfinished() == [first, second]


@pytest.mark.parametrize("forgery", ["another key", "another subtask", "a flipped bit", "cut short"])
def test_a_forged_record_is_refused(tmp_path: Path, forgery: str) -> None:
    with kept(tmp_path, record("a"), record("b", source="read_level()\n")) as store:
        (_, first), (_, second) = store.kept_runs()
        forged = {
            "another subtask": second,
            "a flipped bit": first[:-40] + bytes([first[-40] ^ 1]) + first[-39:],
            "cut short": first[:-1],
        }
        store.keep_run("a", forged.get(forgery, first))
        key = bytes(KEY_BYTES) if forgery == "another key" else KEY
        refused = KeptRuns(store, SnapshotSealer(key)).unfinished()[0]
        assert isinstance(refused, RefusedRun)
        assert refused.subtask_id == "a"


async def test_a_paused_program_that_was_changed_is_not_taken_up(tmp_path: Path, clock: FakeClock) -> None:
    class Untouched:
        calls = 0
        rests = 0

        async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
            self.calls += 1

        async def make_safe(self) -> None:
            self.rests += 1

    machine, orders = Untouched(), Orders()
    run = SubtaskRun(SubtaskState.PAUSED, None, None, 1, 1)
    executor = Executor(FEEDER, machine, clock)
    paused = record(phase=Phase.PAUSED, run=run, rests_because="Someone paused it.")
    program = Program(SOURCE, (ONCE,), 1, 1.0)
    going = asyncio.create_task(executor.take_up(paused, program, orders))
    await clock.settle()
    assert orders.wants_rest == "Someone paused it."
    orders.resume()
    execution = await going
    assert (execution.state, execution.error_code) == (SubtaskState.FAILED, ErrorCode.SNAPSHOT_REFUSED)
    assert (machine.calls, machine.rests) == (0, 1)
