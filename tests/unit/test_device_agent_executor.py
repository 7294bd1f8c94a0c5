"""Programs under the state machine: results, failures, time-outs, cancellation, and a machine that is left at rest."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from device_agent.drivers.port import DriverError
from device_agent.drivers.simulated import SimulatedDriver, SimulatedFaults
from device_agent.executor import Execution, Executor
from device_agent.orders import Orders
from device_agent.pipeline import Program
from firmware_api_specs.loader import load
from firmware_api_specs.names import leaked_names, names
from firmware_api_specs.thing_description import ThingDescription
from fsm.subtask import SubtaskState
from protocol.errors import ErrorCode
from protocol.messages import Finding
from sandbox.session import Limits
from tests.device_agent_kit import PATIENCE_SECONDS, silent_lamp
from tests.executor_kit import Records
from transport.clock import FakeClock


def plain_lamp() -> ThingDescription:
    """The example lamp without safeguards: no modes, nothing is watched, tried again, compensated or asked about."""
    document = silent_lamp().document
    del document["parley:initialMode"]
    for action in document["actions"].values():
        for term in ("parley:onFailure", "parley:modesFrom", "parley:modeTo"):
            action.pop(term, None)
    document["actions"]["drehe_kopf"]["parley:danger"] = "forbid"
    return load(document)


LAMP = plain_lamp()
FUNCTIONS = tuple(affordance.name for affordance in LAMP.affordances())
BRIGHT = "setze_helligkeit(stufe=5)\n"
LOOK = "pruefe_anwesenheit()\n"


def program(source: str, functions: tuple[str, ...] = FUNCTIONS) -> Program:
    return Program(source, functions, model_calls=1, confidence=1.0)


class Bench:
    """A simulated lamp and an executor for it."""

    def __init__(self, clock: FakeClock, **answers: Any) -> None:
        self.clock = clock
        self.driver = SimulatedDriver(LAMP, clock, answers, SimulatedFaults())
        self.executor = Executor(LAMP, self.driver, clock, Limits(seconds=0.5), keeper=Records())
        self.orders = Orders()
        self.states: list[SubtaskState] = []

    def start(self, source: str, functions: tuple[str, ...] = FUNCTIONS) -> asyncio.Task[Execution]:
        return asyncio.create_task(
            self.executor.execute(program(source, functions), self.orders, self.states.append)
        )

    async def run(self, source: str, functions: tuple[str, ...] = FUNCTIONS) -> Execution:
        async with asyncio.timeout(PATIENCE_SECONDS):
            execution = await self.start(source, functions)
        assert not leaked_names(execution.sentence, names(LAMP))
        return execution

    async def until_called(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.driver.called.wait()
        await self.clock.settle()


async def test_a_program_is_verified_runs_through_the_papers_states_and_reports_what_it_found(
    clock: FakeClock,
) -> None:
    bench = Bench(clock, pruefe_anwesenheit="BELEGT", temperatur_kopf=41.5)
    execution = await bench.run(BRIGHT + LOOK + "temperatur_kopf()\n")
    assert execution.state is SubtaskState.END
    assert execution.error_code is None
    assert execution.findings == (
        Finding(what="person in the room", present=True),
        Finding(what="temperature of the lamp", value=41.5, unit="degree_Celsius"),
    )
    assert execution.sentence.startswith("Done: Set brightness, then check presence, then temperature.")
    assert "Person in the room: yes." in execution.sentence
    assert bench.states == [
        SubtaskState.VERIFYING,
        SubtaskState.PREPROCESSING,
        SubtaskState.CALL_PENDING,
        SubtaskState.CALL_PENDING,
        SubtaskState.CALL_PENDING,
        SubtaskState.POSTPROCESSING,
        SubtaskState.END,
    ]
    assert bench.driver.calls == [
        ("setze_helligkeit", {"stufe": 5}),
        ("pruefe_anwesenheit", {}),
        ("temperatur_kopf", {}),
    ]
    assert bench.driver.times_made_safe == 0


async def test_results_steer_the_program(clock: FakeClock) -> None:
    bench = Bench(clock, pruefe_anwesenheit="LEER")
    await bench.run(f"if pruefe_anwesenheit() == 'LEER':\n    {BRIGHT}")
    assert [name for name, _ in bench.driver.calls] == ["pruefe_anwesenheit", "setze_helligkeit"]


async def test_the_first_failure_stops_the_program_and_keeps_what_was_found(clock: FakeClock) -> None:
    bench = Bench(clock, pruefe_anwesenheit="LEER")
    bench.driver.faults.failing.add("setze_helligkeit")
    execution = await bench.run(LOOK + BRIGHT + LOOK)
    assert (execution.state, execution.error_code) == (SubtaskState.FAILED, ErrorCode.CALL_FAILED)
    assert execution.sentence.startswith("Set brightness failed.")
    assert "Done before: Check presence." in execution.sentence
    assert execution.findings == (Finding(what="person in the room", present=False),)
    assert len(bench.driver.calls) == 2
    assert bench.driver.times_made_safe == 1


async def test_a_program_cannot_swallow_a_failure(clock: FakeClock) -> None:
    bench = Bench(clock)
    bench.driver.faults.failing.add("setze_helligkeit")
    swallowing = f"try:\n    {BRIGHT}except BaseException:\n    pass\nfinally:\n    {LOOK}"
    execution = await bench.run(swallowing)
    assert execution.state is SubtaskState.FAILED
    assert [name for name, _ in bench.driver.calls] == ["setze_helligkeit"]


async def test_a_result_that_says_no_is_a_failure_and_the_vendors_words_stay_here(clock: FakeClock) -> None:
    bench = Bench(clock, setze_helligkeit=[False, "setze_helligkeit kaputt"])
    execution = await bench.run(BRIGHT)
    assert (execution.state, execution.error_code) == (SubtaskState.FAILED, ErrorCode.CALL_FAILED)
    assert "kaputt" not in execution.sentence


async def test_a_result_of_the_wrong_shape_is_a_failure(clock: FakeClock) -> None:
    execution = await Bench(clock, setze_helligkeit="fine").run(BRIGHT)
    assert (execution.state, execution.error_code) == (SubtaskState.FAILED, ErrorCode.CALL_FAILED)


async def test_a_result_that_is_no_json_is_a_failure(clock: FakeClock) -> None:
    execution = await Bench(clock, setze_helligkeit=[True, object()]).run(BRIGHT)
    assert execution.state is SubtaskState.FAILED


async def test_a_call_that_hangs_times_out_by_its_description(clock: FakeClock) -> None:
    bench = Bench(clock)
    bench.driver.faults.hanging.add("setze_helligkeit")
    running = bench.start(BRIGHT + LOOK)
    await bench.until_called()
    await clock.advance(4.9)
    assert not running.done()
    await clock.advance(0.2)
    async with asyncio.timeout(PATIENCE_SECONDS):
        execution = await running
    assert (execution.state, execution.error_code) == (SubtaskState.FAILED, ErrorCode.CALL_TIMED_OUT)
    assert execution.sentence == "Set brightness did not finish within 5 seconds."
    assert bench.driver.times_made_safe == 1
    assert len(bench.driver.calls) == 1


async def test_cancelling_a_hanging_call_ends_it_and_makes_the_machine_safe(clock: FakeClock) -> None:
    bench = Bench(clock)
    bench.driver.faults.hanging.add("setze_helligkeit")
    running = bench.start(BRIGHT + LOOK)
    await bench.until_called()
    bench.orders.cancel.set()
    async with asyncio.timeout(PATIENCE_SECONDS):
        execution = await running
    assert (execution.state, execution.error_code) == (SubtaskState.CANCELLED, ErrorCode.CANCELLED)
    assert bench.driver.times_made_safe == 1
    assert len(bench.driver.calls) == 1


async def test_cancelled_before_the_start_nothing_is_touched(clock: FakeClock) -> None:
    bench = Bench(clock)
    bench.orders.cancel.set()
    execution = await bench.run(BRIGHT)
    assert execution.state is SubtaskState.CANCELLED
    assert bench.driver.calls == []


async def test_stopping_the_agent_in_a_call_leaves_the_machine_at_rest(clock: FakeClock) -> None:
    bench = Bench(clock)
    bench.driver.faults.hanging.add("setze_helligkeit")
    running = bench.start(BRIGHT)
    await bench.until_called()
    running.cancel()
    async with asyncio.timeout(PATIENCE_SECONDS):
        await asyncio.wait({running})
    assert running.cancelled()
    assert bench.driver.times_made_safe == 1


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("setze_helligkeit(stufe=11)\n", ErrorCode.OUT_OF_RANGE),
        ("setze_helligkeit(stufe=5.5)\n", ErrorCode.MODEL_OUTPUT_INVALID),
        ("setze_helligkeit(level=5)\n", ErrorCode.MODEL_OUTPUT_INVALID),
        ("setze_helligkeit(5)\n", ErrorCode.NOT_EXECUTABLE),
    ],
)
async def test_every_call_is_checked_when_it_is_made(source: str, code: ErrorCode, clock: FakeClock) -> None:
    bench = Bench(clock)
    execution = await bench.run(source)
    assert (execution.state, execution.error_code) == (SubtaskState.FAILED, code)
    assert bench.driver.calls == []


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("drehe_kopf(rasten=1)\n", ErrorCode.DANGER_FORBIDDEN),
        ("open('/etc/passwd')\n", ErrorCode.MODEL_OUTPUT_INVALID),
        ("while True:\n    pass\n", ErrorCode.MODEL_OUTPUT_INVALID),
        ("def f(:\n", ErrorCode.MODEL_OUTPUT_INVALID),
        ("unbekannt()\n", ErrorCode.MODEL_OUTPUT_INVALID),
        ("x" * 20_000, ErrorCode.MODEL_OUTPUT_INVALID),
    ],
)
async def test_a_program_that_does_not_pass_the_verifier_never_begins(
    source: str, code: ErrorCode, clock: FakeClock
) -> None:
    bench = Bench(clock)
    execution = await bench.run(source)
    assert (execution.state, execution.error_code) == (SubtaskState.FAILED, code)
    assert execution.sentence.startswith("Not executable, because ")
    assert SubtaskState.PREPROCESSING not in bench.states
    assert bench.driver.calls == []
    assert bench.driver.times_made_safe == 0, "nothing has moved"


@pytest.mark.parametrize(
    "source",
    [
        "n = 1\nwhile n > 0:\n    n = n + 1\n",
        "1 / 0\n",
        "x = [1]\nx[5]\n",
        "[0] * 10**9\n",
        "# " + "x" * 20_000,
        "setze_helligkeit(stufe='a' * 20000)\n",
    ],
)
async def test_a_program_that_misbehaves_where_no_verifier_sees_it_fails_without_a_call(
    source: str, clock: FakeClock
) -> None:
    bench = Bench(clock)
    execution = await bench.run(source, ("setze_helligkeit",))
    assert (execution.state, execution.error_code) == (SubtaskState.FAILED, ErrorCode.MODEL_OUTPUT_INVALID)
    assert bench.driver.calls == []
    assert bench.driver.times_made_safe == 1


class Rude:
    """A driver with every bad manner."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error
        self.entered = asyncio.Event()
        self.released = asyncio.Event()

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        self.entered.set()
        if self.error is not None:
            raise self.error
        while not self.released.is_set():
            try:
                await self.released.wait()
            except asyncio.CancelledError:
                continue

    async def make_safe(self) -> None:
        raise RuntimeError("not even this")


@pytest.mark.parametrize(
    "error", [RuntimeError("setze_helligkeit broke"), DriverError("setze_helligkeit says no")]
)
async def test_a_driver_that_raises_anything_is_a_failed_call_in_plain_words(
    error: Exception, clock: FakeClock
) -> None:
    executor = Executor(LAMP, Rude(error), clock)
    execution = await executor.execute(program(BRIGHT), Orders())
    assert (execution.state, execution.error_code) == (SubtaskState.FAILED, ErrorCode.CALL_FAILED)
    assert not leaked_names(execution.sentence, names(LAMP))


async def test_a_driver_that_ignores_being_stopped_does_not_hold_up_the_end(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("device_agent.machine_call.WIND_DOWN_SECONDS", 0.01)
    driver, orders = Rude(), Orders()
    running = asyncio.create_task(Executor(LAMP, driver, clock).execute(program(BRIGHT), orders))
    await driver.entered.wait()
    orders.cancel.set()
    async with asyncio.timeout(PATIENCE_SECONDS):
        execution = await running
    assert execution.state is SubtaskState.CANCELLED
    driver.released.set()
    await clock.settle()
