"""The measurement of what checking and keeping programs costs measures something."""

from collections.abc import Collection

import pytest

from benchmarks import safety_overhead
from benchmarks.safety_overhead import BARE, MODEL, STEPS, WITH_KEEPER, WITHOUT_KEEPER
from device_agent.pipeline import Program
from firmware_api_specs.loader import load

FUNCTIONS = tuple(each.name for each in load(safety_overhead.SPEC).affordances())
SOURCE = "capture_image()\ncapture_image()\n"


def write(sentence: str, modes: Collection[str]) -> Program:
    assert sentence.startswith("Drive to shelf ")
    assert modes
    return Program(SOURCE, FUNCTIONS, model_calls=1, confidence=1.0)


async def test_every_step_takes_time_and_every_call_is_kept() -> None:
    overhead = await safety_overhead.measure_calls(write, rounds=2)
    assert (overhead.calls, set(overhead.steps_seconds)) == (2, set(STEPS))
    assert overhead.records >= 2 * overhead.calls + 1
    assert min(overhead.steps_seconds.values()) > 0
    beside = overhead.beside_seconds
    assert set(beside) == {BARE, WITHOUT_KEEPER, WITH_KEEPER, MODEL}
    assert 0 < beside[BARE] < overhead.seconds
    assert beside[BARE] < beside[WITHOUT_KEEPER]


async def test_paused_programs_hold_bytes_and_no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safety_overhead, "PAUSED", (0, 1, 5))
    none, one, five = await safety_overhead.measure_memory(write)
    assert [row.paused for row in (none, one, five)] == [0, 1, 5]
    assert none.kept_bytes == 0 < one.kept_bytes
    assert five.kept_bytes == pytest.approx(5 * one.kept_bytes, rel=0.01)
    # One starts with the pool; were any held, there would be five.
    assert none.workers == one.workers == five.workers
    assert none.resident_bytes > 0
