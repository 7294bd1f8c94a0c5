"""What was put off is looked at again: a machine may be in another mode by then. And what compensates is not cut short."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from device_agent.drivers.port import DriverError
from device_agent.executor import Execution, Executor
from device_agent.orders import Orders
from device_agent.pipeline import Program
from device_agent.run_record import RunRecord
from firmware_api_specs.loader import load
from firmware_api_specs.thing_description import ThingDescription
from fsm.subtask import SubtaskState
from protocol.errors import ErrorCode
from tests.device_agent_kit import PATIENCE_SECONDS
from transport.clock import FakeClock


def action(title: str, *, idempotent: bool = False, **terms: Any) -> dict[str, Any]:
    extension = {f"parley:{name}": value for name, value in terms.items()}
    return {"title": title, "idempotent": idempotent, "forms": [{"href": "x"}], **extension}


LIFT: ThingDescription = load(
    {
        "@context": [
            "https://www.w3.org/2022/wot/td/v1.1",
            {"parley": "urn:parley:td:1#", "@language": "en"},
        ],
        "title": "Lift",
        "description": "Lifts goods.",
        "security": "nosec_sc",
        "securityDefinitions": {"nosec_sc": {"scheme": "nosec"}},
        "parley:kind": "lift",
        "parley:abilities": ["It lifts."],
        "parley:initialMode": "down",
        "parley:modeProperty": "position",
        "properties": {
            "position": {
                "title": "Position",
                "type": "string",
                "enum": ["up", "down"],
                "observable": True,
                "readOnly": True,
                "forms": [{"href": "y"}],
            }
        },
        "actions": {
            "rise": action("Rise", modeTo="up"),
            "sink": action("Sink", modeTo="down"),
            "unload": action("Unload", idempotent=True, modesFrom=["up"]),
            "clamp": action("Clamp", onFailure={"compensate": "let_go"}),
            "let_go": action("Let go", idempotent=True),
        },
    }
)


class Machine:
    """Is where it is told to be; calls wait for their gates."""

    def __init__(self, position: str) -> None:
        self.position = position
        self.calls: list[str] = []
        self.gates: dict[str, asyncio.Event] = {}
        self.failing: set[str] = set()
        self.begun: dict[str, asyncio.Event] = {}

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        if name == "position":
            return self.position
        self.calls.append(name)
        self.begun.setdefault(name, asyncio.Event()).set()
        if name in self.gates:
            await self.gates[name].wait()
        if name in self.failing:
            raise DriverError("It is stuck.")
        self.position = {"rise": "up", "sink": "down"}.get(name, self.position)
        return None

    async def make_safe(self) -> None:
        self.calls.append("rest")

    async def until_called(self, name: str) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.begun.setdefault(name, asyncio.Event()).wait()


class Keeper:
    """Keeps the newest record."""

    def __init__(self) -> None:
        self.record: RunRecord | None = None

    def keep(self, record: RunRecord) -> None:
        self.record = RunRecord.from_bytes(record.to_bytes())


def program(source: str) -> Program:
    return Program(source, tuple(each.name for each in LIFT.affordances()), 1, 1.0)


async def ended(run: asyncio.Task[Execution]) -> Execution:
    async with asyncio.timeout(PATIENCE_SECONDS):
        return await run


async def test_after_a_pause_the_mode_is_looked_at_again(clock: FakeClock) -> None:
    machine, orders, paused = Machine("down"), Orders(), asyncio.Event()
    machine.gates["rise"] = asyncio.Event()

    def observe(state: SubtaskState) -> None:
        if state is SubtaskState.PAUSED:
            paused.set()

    executor = Executor(LIFT, machine, clock)
    run = asyncio.create_task(executor.execute(program("rise()\nunload()\n"), orders, observe))
    await machine.until_called("rise")
    orders.pause("Ada has paused it.")
    machine.gates["rise"].set()
    async with asyncio.timeout(PATIENCE_SECONDS):
        await paused.wait()
    machine.position = "down"  # someone sank it by hand meanwhile
    orders.resume()
    execution = await ended(run)
    assert (execution.state, execution.error_code) == (SubtaskState.FAILED, ErrorCode.MODE_FORBIDDEN)
    assert execution.sentence.startswith("Unload cannot be done any more: the lift is now in the mode down.")
    assert machine.calls == ["rise", "rest"]


async def test_a_call_is_repeated_after_a_restart_only_where_its_mode_still_allows_it(
    clock: FakeClock,
) -> None:
    machine, keeper = Machine("up"), Keeper()
    machine.gates["unload"] = asyncio.Event()
    executor = Executor(LIFT, machine, clock, keeper=keeper)
    run = asyncio.create_task(executor.execute(program("unload()\n"), Orders(), subtask_id="s"))
    await machine.until_called("unload")
    run.cancel()
    await asyncio.wait({run})
    assert keeper.record is not None
    for position, state, calls in (
        # It may have been done, and the lift sunk afterwards.
        ("down", SubtaskState.UNKNOWN_OUTCOME, ["rest"]),
        ("up", SubtaskState.END, ["unload"]),
    ):
        restarted = Machine(position)
        taken = Executor(LIFT, restarted, clock).take_up(keeper.record, program("unload()\n"), Orders())
        execution = await ended(asyncio.create_task(taken))
        assert (execution.state, restarted.calls) == (state, calls)


async def test_a_cancellation_lets_what_compensates_come_to_its_end(clock: FakeClock) -> None:
    machine, orders = Machine("down"), Orders()
    machine.failing.add("clamp")
    machine.gates["let_go"] = asyncio.Event()
    run = asyncio.create_task(Executor(LIFT, machine, clock).execute(program("clamp()\n"), orders))
    await machine.until_called("let_go")
    orders.cancel.set()
    await clock.settle()
    assert not run.done()
    machine.gates["let_go"].set()
    execution = await ended(run)
    assert execution.state is SubtaskState.FAILED
    assert "Then done: Let go." in execution.sentence


async def test_an_emergency_cuts_it_short(clock: FakeClock) -> None:
    machine, orders = Machine("down"), Orders()
    machine.failing.add("clamp")
    machine.gates["let_go"] = asyncio.Event()
    run = asyncio.create_task(Executor(LIFT, machine, clock).execute(program("clamp()\n"), orders))
    await machine.until_called("let_go")
    orders.emergency.set()
    execution = await ended(run)
    assert (execution.error_code, machine.calls[-1]) == (ErrorCode.EMERGENCY_STOPPED, "rest")
