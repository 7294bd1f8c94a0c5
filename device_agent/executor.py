"""Runs one checked program: every effect the state machine asks for, and nothing else.

The machine (`fsm.subtask`) decides; this file does: it opens the sandbox, calls the driver under the description's
time-out, hands results back, and brings the machine to rest whenever the end is not a success. Stopping the agent
itself (task cancellation) also leaves the machine at rest.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from device_agent.checks import check_call
from device_agent.drivers.port import Driver, DriverError
from device_agent.pipeline import Program
from device_agent.report_text import done, step_title, stopped, without_names
from firmware_api_specs.thing_description import ThingDescription
from fsm.subtask import Effect, Event, SubtaskRun, SubtaskState, Trigger, step
from protocol.clock import Clock
from protocol.errors import ErrorCode, ParleyError, ReportAndStop
from protocol.messages import Finding
from sandbox.errors import SandboxUnavailableError
from sandbox.session import (
    DEFAULT_LIMITS,
    Finished,
    Limits,
    PendingCall,
    SandboxSession,
    open_session,
)

logger = logging.getLogger(__name__)

_FINDING_LIMIT = 64
# How long a call that was told to stop may take to do so before the machine is brought to rest without it.
_WIND_DOWN_SECONDS = 1.0
_MAKE_SAFE_SECONDS = 10.0

StateObserver = Callable[[SubtaskState], None]


@dataclass(frozen=True, slots=True)
class Execution:
    """How a program ended.

    Attributes:
        state: a final state.
        sentence: what was done and found, and why it stopped, in plain language.
        findings: what the machine saw or measured, in order.
        calls_made: how many calls the program made.
        error_code: why it did not succeed.
    """

    state: SubtaskState
    sentence: str
    findings: tuple[Finding, ...]
    calls_made: int
    error_code: ErrorCode | None = None


@dataclass(slots=True)
class _Work:
    """What the executor holds while one program runs."""

    program: Program
    cancel: asyncio.Event
    observer: StateObserver | None
    run: SubtaskRun = field(default_factory=SubtaskRun)
    session: SandboxSession | None = None
    call: PendingCall | None = None
    result: Any = None
    titles: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    failure: str = ""
    code: ErrorCode | None = None


class Executor:
    """Runs programs on one machine, one at a time.

    Args:
        description: the device's API: time-outs, dangers, and what results mean.
        driver: reaches the machine.
        clock: for the time-outs of calls.
        limits: what a program may use in the sandbox.
    """

    def __init__(
        self, description: ThingDescription, driver: Driver, clock: Clock, limits: Limits = DEFAULT_LIMITS
    ) -> None:
        self._description = description
        self._driver = driver
        self._clock = clock
        self._limits = limits

    async def execute(
        self, program: Program, cancel: asyncio.Event, observer: StateObserver | None = None
    ) -> Execution:
        """Run a program to its end; never raises for what the program or the machine does.

        Args:
            program: what to run.
            cancel: when set, the program stops, also in the middle of a call, and the machine is brought to rest.
            observer: is told every new state.
        """
        work = _Work(program, cancel, observer)
        event = Event(Trigger.CANCEL if cancel.is_set() else Trigger.BEGIN)
        try:
            while True:
                for effect in self._advance(work, event):
                    event = await self._perform(work, effect)
                if work.run.state.is_final:
                    return self._execution(work)
        except BaseException:
            # The agent is being stopped, or this code is wrong: either way the machine must not go on moving.
            await asyncio.shield(self._abandon(work))
            raise

    def _advance(self, work: _Work, event: Event) -> tuple[Effect, ...]:
        before = work.run.state
        work.run, effects = step(work.run, event)
        if work.observer is not None and (work.run.state is not before or event.trigger is Trigger.CALL_MADE):
            work.observer(work.run.state)
        return effects

    async def _perform(self, work: _Work, effect: Effect) -> Event:
        match effect:
            case Effect.PREPARE:
                return await self._prepare(work)
            case Effect.START_CALL:
                return await self._call(work)
            case Effect.RESUME_PROGRAM:
                return await self._resume(work)
            case Effect.STOP_PROGRAM | Effect.RELEASE:
                await self._close(work)
            case Effect.MAKE_SAFE:
                await self._make_safe()
            case Effect.REPORT:
                pass
        return Event(Trigger.RELEASED)

    async def _prepare(self, work: _Work) -> Event:
        try:
            work.session = await asyncio.to_thread(
                open_session, work.program.source, work.program.function_names, self._limits
            )
        except ParleyError as error:
            self._fail(work, error, "The program could not be started.")
            return Event(Trigger.PREPARATION_FAILED)
        return await self._run_program(work, work.session.start)

    async def _resume(self, work: _Work) -> Event:
        session, result = work.session, work.result
        assert session is not None  # noqa: S101 - the table resumes only what it has started
        return await self._run_program(work, lambda: session.resume(result))

    async def _run_program(self, work: _Work, turn: Callable[[], PendingCall | Finished]) -> Event:
        """Let the program run to its next call or its end."""
        try:
            reached = await asyncio.to_thread(turn)
        except ParleyError as error:
            self._fail(work, error, "The program did not run to its end.")
            return Event(Trigger.PROGRAM_FAILED)
        if work.cancel.is_set() and isinstance(reached, PendingCall):
            return Event(Trigger.CANCEL)
        if isinstance(reached, Finished):
            return Event(Trigger.PROGRAM_FINISHED)
        work.call = reached
        return Event(Trigger.CALL_MADE, reached.call_id)

    async def _call(self, work: _Work) -> Event:
        call = work.call
        assert call is not None  # noqa: S101 - the table starts only calls that were made
        title = step_title(self._description, call.name)
        try:
            if call.positional:
                raise ReportAndStop(f"{title} was given values without names.")
            affordance = check_call(self._description, call.name, call.arguments)
        except ParleyError as error:
            self._fail(work, error, f"{title} was not allowed as the program wrote it.")
            return Event(Trigger.CALL_FAILED, call.call_id)
        trigger = await self._drive(work, call, affordance.action.timeout_seconds)
        if trigger is Trigger.CALL_TIMED_OUT:
            work.failure = f"{title} did not finish within {affordance.action.timeout_seconds:g} seconds."
            work.code = ErrorCode.CALL_TIMED_OUT
        elif trigger is Trigger.CALL_FAILED:
            work.failure = f"{title} failed. {work.failure}"
        elif trigger is Trigger.CALL_RETURNED:
            failure = affordance.action.failure(work.result)
            if message := affordance.action.vendor_message(work.result):
                logger.info("The machine says: %s", message)
            if failure is not None:
                work.failure = f"{title} failed. {without_names(self._description, failure)}"
                work.code = ErrorCode.CALL_FAILED
                return Event(Trigger.CALL_FAILED, call.call_id)
            work.titles.append(title)
            work.findings += affordance.action.findings(work.result)
        return Event(trigger, None if trigger is Trigger.CANCEL else call.call_id)

    async def _drive(self, work: _Work, call: PendingCall, timeout_seconds: float) -> Trigger:
        """Wait for the machine, the time-out or a cancellation, whichever comes first."""
        calling = asyncio.ensure_future(self._driver.call(call.name, dict(call.arguments)))
        timer = asyncio.ensure_future(self._clock.sleep(timeout_seconds))
        cancelled = asyncio.ensure_future(work.cancel.wait())
        try:
            await asyncio.wait({calling, timer, cancelled}, return_when=asyncio.FIRST_COMPLETED)
            if not calling.done():
                return Trigger.CANCEL if cancelled.done() else Trigger.CALL_TIMED_OUT
            work.result = calling.result()
        except DriverError as error:
            logger.info("A call failed: %s", error)
            work.failure, work.code = without_names(self._description, error.message), error.code
            if error.code is DriverError.default_code:
                work.code = ErrorCode.CALL_FAILED
            return Trigger.CALL_FAILED
        except Exception:  # a driver is vendor code: whatever it raises is a failed call, not our end
            logger.exception("The driver failed in a way it should not.")
            work.failure, work.code = "The driver of the machine has a defect.", ErrorCode.CALL_FAILED
            return Trigger.CALL_FAILED
        finally:
            await _wind_down(calling, timer, cancelled)
        return Trigger.CALL_RETURNED

    async def _close(self, work: _Work) -> None:
        session, work.session = work.session, None
        if session is not None:
            await asyncio.to_thread(session.close)

    async def _make_safe(self) -> None:
        resting = asyncio.ensure_future(self._driver.make_safe())
        try:
            await asyncio.wait({resting}, timeout=_MAKE_SAFE_SECONDS)
            if not resting.done():
                logger.error("The machine could not be brought to rest within %s s.", _MAKE_SAFE_SECONDS)
            elif error := resting.exception():
                logger.error("The machine could not be brought to rest: %s", error)
        finally:
            await _wind_down(resting)

    async def _abandon(self, work: _Work) -> None:
        await self._make_safe()
        await self._close(work)

    def _fail(self, work: _Work, error: ParleyError, what: str) -> None:
        """Note why the program ends. Only errors that are made for people go on the wire in their own words."""
        logger.info("%s %s", what, error)
        work.code = ErrorCode.INTERNAL if isinstance(error, SandboxUnavailableError) else error.code
        told = isinstance(error, ReportAndStop)
        work.failure = without_names(self._description, error.message) if told else what

    def _execution(self, work: _Work) -> Execution:
        findings = tuple(work.findings[:_FINDING_LIMIT])
        state, code = work.run.state, work.code
        if state is SubtaskState.END:
            sentence = done(work.titles, findings)
        elif state is SubtaskState.CANCELLED:
            code = ErrorCode.CANCELLED
            sentence = stopped("Cancelled.", work.titles, findings)
        else:
            sentence = stopped(work.failure, work.titles, findings)
        sentence = without_names(self._description, sentence)
        return Execution(
            state, sentence, findings, work.run.calls_made, None if state is SubtaskState.END else code
        )


async def _wind_down(*tasks: asyncio.Future[Any]) -> None:
    """Cancel what still runs and give it a moment to tidy up; a driver that ignores that is left behind."""
    running = {task for task in tasks if not task.done()}
    for task in running:
        task.cancel()
    if running:
        _, stuck = await asyncio.wait(running, timeout=_WIND_DOWN_SECONDS)
        for task in stuck:
            logger.error("A call does not react to being stopped.")
            task.add_done_callback(_forget)
    for task in tasks:
        if task.done():
            _forget(task)


def _forget(task: asyncio.Future[Any]) -> None:
    """Look at a task's end, so that nobody is told that it was never looked at."""
    if not task.cancelled():
        task.exception()
