"""One call to a machine: its time-out, what is watched meanwhile, and what its end means."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any

from device_agent.drivers.port import Driver, DriverError
from device_agent.orders import Orders
from device_agent.readings import forget, reading_of
from device_agent.report_text import without_names
from device_agent.tracing import note, span
from firmware_api_specs.safeguards import Watch
from firmware_api_specs.thing_description import Affordance, ThingDescription
from fsm.subtask import Trigger
from protocol.clock import Clock
from protocol.errors import ErrorCode

logger = logging.getLogger(__name__)

WATCH_SECONDS = 5.0
# How long a call that was told to stop may take to do so before the machine is brought to rest without it.
WIND_DOWN_SECONDS = 1.0
_WATCH_READ_SECONDS = 2.0
_UNREAD = "What is watched cannot be read"


@dataclass(frozen=True, slots=True)
class CallEnd:
    """How a call ended.

    Attributes:
        trigger: `call_returned`, `call_failed`, `call_timed_out`, `watch_tripped`, `cancel` or `emergency_stop`.
        result: what the machine returned.
        failure: why it failed, in words.
        code: the same, for programs.
    """

    trigger: Trigger
    result: Any = None
    failure: str = ""
    code: ErrorCode | None = None


class MachineCaller:
    """Makes calls for runs.

    Args:
        description: of the machine.
        driver: reaches it.
        clock: for time-outs.
    """

    def __init__(self, description: ThingDescription, driver: Driver, clock: Clock) -> None:
        self._description = description
        self._driver = driver
        self._clock = clock
        keys = {watch.property for watch in description.watches}
        self._readable = {
            each.key: each.name
            for each in description.affordances()
            if each.kind == "property" and each.key in keys
        }
        self._stragglers: set[asyncio.Future[Any]] = set()

    async def call(
        self, affordance: Affordance, arguments: Mapping[str, Any], orders: Orders, title: str
    ) -> CallEnd:
        """Make one call and wait for its end, its time-out, an order to stop, or a watch; never raises for the machine."""
        with span("call", step=title) as measured:
            end = await self._call(affordance, arguments, orders, title)
            note(measured, is_success=end.trigger is Trigger.CALL_RETURNED, end=end.trigger.value)
            return end

    async def _call(
        self, affordance: Affordance, arguments: Mapping[str, Any], orders: Orders, title: str
    ) -> CallEnd:
        # What came while something else was being ended: a call that is begun may move at once.
        if orders.to_stop is not None:
            return CallEnd(orders.to_stop)
        seconds = affordance.action.timeout_seconds
        calling = asyncio.ensure_future(self._driver.call(affordance.name, dict(arguments)))
        timer = asyncio.ensure_future(self._patience(seconds, orders))
        watching = asyncio.ensure_future(self._watch(orders))
        try:
            stopped = await until(orders, calling, timer, watching)
            if stopped is not None:
                return CallEnd(stopped)
            if watching.done() and not calling.done():
                return CallEnd(Trigger.WATCH_TRIPPED, failure=watching.result(), code=ErrorCode.WATCH_TRIPPED)
            if not calling.done():
                failure = f"{title} did not finish within {seconds:g} seconds."
                return CallEnd(Trigger.CALL_TIMED_OUT, failure=failure, code=ErrorCode.CALL_TIMED_OUT)
            return self._end(affordance, calling, title)
        finally:
            # An emergency does not wait for what reacts slowly; `wind_down` does, once the machine rests.
            for task in (timer, watching, calling):
                task.cancel()
                task.add_done_callback(forget)
            self._stragglers = {task for task in (calling, watching) if not task.done()}
            if not orders.emergency.is_set():
                await self.wind_down()

    async def _patience(self, seconds: float, orders: Orders) -> None:
        """Wait for as long as a call may take; time in which it was to pause does not count, and it gets all of it again."""
        while True:
            rests = orders.rests
            await self._clock.sleep(seconds)
            if orders.may_go_on.is_set() and orders.rests == rests:
                return
            await orders.may_go_on.wait()

    async def wind_down(self) -> None:
        """Give calls that were told to stop a moment to tidy up; one that ignores that is left behind."""
        tasks, self._stragglers = self._stragglers, set()
        if not tasks:
            return
        _, stuck = await asyncio.wait(tasks, timeout=WIND_DOWN_SECONDS)
        for _ in stuck:
            logger.error("A call does not react to being stopped.")

    async def tripped(self) -> Watch | None:
        """Read what is watched once; returns the first watch that trips. What cannot be read does not trip."""
        for watch in self._description.watches:
            name = self._readable.get(watch.property)
            if name is None:
                continue
            value = await reading_of(self._driver, self._clock, name, _WATCH_READ_SECONDS, _UNREAD)
            if watch.trips(value):
                return watch
        return None

    def _end(self, affordance: Affordance, calling: asyncio.Future[Any], title: str) -> CallEnd:
        try:
            result = calling.result()
        except DriverError as error:
            logger.info("A call failed: %s", error)
            code = ErrorCode.CALL_FAILED if error.code is DriverError.default_code else error.code
            failure = f"{title} failed. {without_names(self._description, error.message)}"
            return CallEnd(Trigger.CALL_FAILED, failure=failure, code=code)
        # A driver is vendor code: whatever it raises, also where it cancels itself, is a failed call and not our end.
        except (Exception, asyncio.CancelledError):
            logger.exception("The driver failed in a way it should not.")
            failure = f"{title} failed. The driver of the machine has a defect."
            return CallEnd(Trigger.CALL_FAILED, failure=failure, code=ErrorCode.CALL_FAILED)
        try:
            # What is kept and what the program is given must be the same, also after a restart.
            result = json.loads(json.dumps(result, allow_nan=False))
        except (TypeError, ValueError, RecursionError) as error:
            logger.warning("The driver's result is no JSON value: %s", error)
            failure = f"{title} gave an answer that cannot be read."
            return CallEnd(Trigger.CALL_FAILED, failure=failure, code=ErrorCode.CALL_FAILED)
        if message := affordance.action.vendor_message(result):
            logger.info("The machine says: %s", message)
        told = affordance.action.failure(result)
        if told is not None:
            failure = f"{title} failed. {without_names(self._description, told)}"
            return CallEnd(Trigger.CALL_FAILED, failure=failure, code=ErrorCode.CALL_FAILED)
        return CallEnd(Trigger.CALL_RETURNED, result)

    async def _watch(self, orders: Orders) -> str:
        """Look again and again while a call is made; ends with the reason when the run must stop."""
        while True:
            await self._clock.sleep(WATCH_SECONDS)
            watch = await self.tripped()
            if watch is not None and watch.then == "stop":
                return watch.because
            if watch is not None:
                orders.pause(watch.because)


async def until(orders: Orders, *awaited: Awaitable[Any]) -> Trigger | None:
    """Wait for the first of some awaitables, or an order to stop; returns the order's trigger, None where there was none.

    What is awaited is neither cancelled nor looked at.
    """
    cancelled = asyncio.ensure_future(orders.cancel.wait())
    halted = asyncio.ensure_future(orders.emergency.wait())
    tasks = {asyncio.ensure_future(each) for each in awaited}
    try:
        await asyncio.wait({*tasks, cancelled, halted}, return_when=asyncio.FIRST_COMPLETED)
        if orders.emergency.is_set():
            return Trigger.EMERGENCY_STOP
        # What has ended has ended: a cancellation that comes with it comes too late.
        ended = any(task.done() for task in tasks)
        return Trigger.CANCEL if orders.cancel.is_set() and not ended else None
    finally:
        cancelled.cancel()
        halted.cancel()
