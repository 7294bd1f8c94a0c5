"""What the executor does when an emergency comes at an awkward moment."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from device_agent.drivers.simulated import SimulatedDriver
from device_agent.executor import Execution, Executor
from device_agent.orders import Orders
from device_agent.pipeline import Program
from fsm.subtask import SubtaskState
from protocol.errors import ErrorCode
from tests.device_agent_kit import PATIENCE_SECONDS, lamp
from transport.clock import FakeClock

LAMP = lamp()
SET, TURN, OFF = "setze_helligkeit", "drehe_kopf", "schalte_aus"
TURNING = f"{SET}(stufe=5)\n{TURN}(rasten=1)\n"


class SlowToStop(SimulatedDriver):
    """A machine whose head goes on for a while when it is told to stop, and moves once more at the end."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(LAMP, clock)
        self.may_stop = asyncio.Event()
        self.told_to_stop = asyncio.Event()
        self.is_moving = False

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        answer = await super().call(name, arguments)
        if name == TURN:
            self.is_moving = True
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.told_to_stop.set()
                await self.may_stop.wait()
                self.is_moving = True
                raise
        return answer

    async def make_safe(self) -> None:
        await super().make_safe()
        self.is_moving = False


class Bench:
    """A run that has come to the middle of turning the head."""

    def __init__(self, clock: FakeClock) -> None:
        self.driver = SlowToStop(clock)
        self.orders = Orders()
        self._executor = Executor(LAMP, self.driver, clock)

    def _observe(self, state: SubtaskState) -> None:
        if state is SubtaskState.AWAITING_APPROVAL and self.orders.approval is not None:
            self.orders.decide(self.orders.approval.approval_id, approve=True)

    async def start(self) -> asyncio.Task[Execution]:
        program = Program(TURNING, (SET, TURN, OFF), model_calls=0, confidence=1.0)
        run = asyncio.create_task(self._executor.execute(program, self.orders, self._observe))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self.names[-1:] != [TURN]:
                self.driver.called.clear()
                await self.driver.called.wait()
        return run

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.driver.calls]


async def ended(run: asyncio.Task[Execution]) -> Execution:
    async with asyncio.timeout(PATIENCE_SECONDS):
        execution = await run
    assert (execution.state, execution.error_code) == (SubtaskState.FAILED, ErrorCode.EMERGENCY_STOPPED)
    return execution


async def test_a_call_that_moves_once_more_before_it_stops_leaves_the_machine_at_rest(
    clock: FakeClock,
) -> None:
    bench = Bench(clock)
    run = await bench.start()
    bench.orders.emergency.set()
    await bench.driver.told_to_stop.wait()
    await clock.settle()
    assert not bench.driver.is_moving, "at rest before the call has stopped"
    bench.driver.may_stop.set()
    execution = await ended(run)
    assert not bench.driver.is_moving
    assert execution.sentence.startswith("Emergency stop.")
    assert "Done before: Set brightness." in execution.sentence


async def test_nothing_is_done_to_make_up_for_a_failed_call_once_the_stop_is_engaged(
    clock: FakeClock,
) -> None:
    bench = Bench(clock)
    run = await bench.start()
    await clock.settle()
    await clock.advance(10)  # the time-out of the call, for which its description has a way to make up
    await bench.driver.told_to_stop.wait()
    bench.orders.emergency.set()
    bench.driver.may_stop.set()
    await ended(run)
    assert OFF not in bench.names
    assert not bench.driver.is_moving
