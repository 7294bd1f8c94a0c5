"""A call's time-out does not run while its run is to pause: a machine may be held where it is by others meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from demos.warehouse.firmware import thing_description
from device_agent.machine_call import CallEnd, MachineCaller
from device_agent.orders import Orders
from firmware_api_specs.loader import load
from fsm.subtask import Trigger
from transport.clock import FakeClock

DESCRIPTION = load(thing_description("kestrel"))
AFFORDANCE = next(one for one in DESCRIPTION.affordances() if one.kind == "action")
SECONDS = AFFORDANCE.action.timeout_seconds


class Stuck:
    """A machine that never answers."""

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        del name, arguments
        await asyncio.get_running_loop().create_future()


async def calling(clock: FakeClock, orders: Orders) -> asyncio.Task[CallEnd]:
    caller = MachineCaller(DESCRIPTION, Stuck(), clock)  # type: ignore[arg-type]
    task = asyncio.create_task(caller.call(AFFORDANCE, {}, orders, "Drive on"))
    await clock.settle()
    return task


async def test_a_call_times_out_where_nobody_pauses_it(clock: FakeClock) -> None:
    task = await calling(clock, Orders())
    await clock.advance(SECONDS + 1)
    assert (await task).trigger is Trigger.CALL_TIMED_OUT


async def test_a_call_does_not_time_out_while_it_is_to_pause_and_has_all_its_time_afterwards(
    clock: FakeClock,
) -> None:
    orders = Orders()
    task = await calling(clock, orders)
    orders.pause("Ada has paused it.")
    await clock.advance(10 * SECONDS)
    assert not task.done()
    orders.resume()
    await clock.advance(SECONDS - 1)
    assert not task.done()
    await clock.advance(2)
    assert (await task).trigger is Trigger.CALL_TIMED_OUT


async def test_a_short_pause_gives_a_call_its_time_anew(clock: FakeClock) -> None:
    orders = Orders()
    task = await calling(clock, orders)
    await clock.advance(SECONDS - 1)
    orders.pause("Ada has paused it.")
    orders.resume()
    await clock.advance(2)
    assert not task.done()
    await clock.advance(SECONDS)
    assert (await task).trigger is Trigger.CALL_TIMED_OUT
