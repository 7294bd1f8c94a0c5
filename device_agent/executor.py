"""Runs one checked program: every effect the state machine asks for, and nothing else.

The machine (`fsm.subtask`) decides; this file does: it checks the program against the machine's present mode, asks a person
where that is needed, keeps the paused program before every call and after every result, calls the driver, hands results
back, and brings the machine to rest whenever the end is not a success. Stopping the agent itself (task cancellation) also
leaves the machine at rest.
"""

from __future__ import annotations

import ast
import asyncio
import json
import logging
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from device_agent.checks import DangerError, check_call, code_of
from device_agent.drivers.port import Driver
from device_agent.machine_call import CallEnd, MachineCaller, until
from device_agent.modes import automaton_of, mode_title, present_modes
from device_agent.orders import Orders
from device_agent.pipeline import Program
from device_agent.readings import forget
from device_agent.report_text import done, not_executable, step_title, stopped, without_names
from device_agent.run_record import KeptCall, Phase, RunKeeper, RunRecord
from device_agent.work import StateObserver, Work
from firmware_api_specs.safeguards import Compensation
from firmware_api_specs.thing_description import Affordance, ThingDescription
from fsm.flaws import Flaw
from fsm.modes import CallModes
from fsm.subtask import Effect, Event, SubtaskState, Trigger, step
from fsm.verifier import verify
from inference.program_source import parsed
from protocol.clock import Clock
from protocol.errors import ErrorCode, ParleyError, ReportAndStop
from protocol.messages import Approval, Finding, StateVisit
from sandbox.errors import SandboxUnavailableError, SnapshotRefusedError
from sandbox.session import (
    DEFAULT_LIMITS,
    Finished,
    Limits,
    PendingCall,
    SandboxSession,
    open_session,
    restore_session,
)

logger = logging.getLogger(__name__)

APPROVAL_SECONDS = 300.0
RETRY_SECONDS = (1.0, 4.0)
_FINDING_LIMIT = 64
_VISIT_LIMIT = 255  # and the state in which it ended
_MAKE_SAFE_SECONDS = 10.0
# What another program could do better.
_PROGRAMS_FAULT = frozenset(
    {ErrorCode.OUT_OF_RANGE, ErrorCode.MODEL_OUTPUT_INVALID, ErrorCode.MODE_FORBIDDEN}
)


@dataclass(frozen=True, slots=True)
class Execution:
    """How a program ended.

    Attributes:
        state: a final state.
        sentence: what was done and found, and why it stopped, in plain language.
        findings: what the machine saw or measured, in order.
        calls_made: how many calls the program made.
        error_code: why it did not succeed.
        visits: the states it has been in, in order, with the time spent in each.
        has_begun: whether any of the program has run; where it has not, nothing has moved.
        is_repairable: whether another program may be tried: this one was wrong, and nothing has moved because of it.
    """

    state: SubtaskState
    sentence: str
    findings: tuple[Finding, ...]
    calls_made: int
    error_code: ErrorCode | None = None
    visits: tuple[StateVisit, ...] = ()
    has_begun: bool = True
    is_repairable: bool = False


class Executor:
    """Runs programs on one machine, one at a time.

    Args:
        description: the device's API: time-outs, dangers, modes, and what results mean.
        driver: reaches the machine.
        clock: for the time-outs of calls.
        limits: what a program may use in the sandbox.
        keeper: where runs are kept for the case of a power loss; without one a run ends with the process.
        approval_seconds: how long a person may take to agree to something dangerous.
    """

    def __init__(
        self,
        description: ThingDescription,
        driver: Driver,
        clock: Clock,
        limits: Limits = DEFAULT_LIMITS,
        *,
        keeper: RunKeeper | None = None,
        approval_seconds: float = APPROVAL_SECONDS,
    ) -> None:
        self._description = description
        self._driver = driver
        self._clock = clock
        self._limits = limits
        self._keeper = keeper
        self._approval_seconds = approval_seconds
        self._caller = MachineCaller(description, driver, clock)
        self._automaton = automaton_of(description)
        self._dangers = {each.name: each.action.danger for each in description.affordances()}

    async def execute(
        self,
        program: Program,
        orders: Orders,
        observer: StateObserver | None = None,
        *,
        subtask_id: str = "",
        sentence: str = "",
    ) -> Execution:
        """Run a program to its end; never raises for what the program or the machine does.

        Args:
            program: what to run.
            orders: what people want meanwhile. A cancelled program stops, also in the middle of a call, and the machine is
                brought to rest.
            observer: is told every new state.
            subtask_id: whose program it is, for the records.
            sentence: what was asked for, for the records.
        """
        work = Work(subtask_id, sentence, program, orders, observer, self._clock.now())
        event = self._first(orders)
        if event.trigger is Trigger.BEGIN:
            self._keep(work, Phase.BEGUN)
        return await self._run(work, event=event)

    async def take_up(
        self, record: RunRecord, program: Program, orders: Orders, observer: StateObserver | None = None
    ) -> Execution:
        """Go on with a run that a crash or a loss of power has cut off.

        A call that may have reached the machine is made again where that does no harm; otherwise its outcome is unknown, and
        so is the run's.
        """
        work = Work.from_record(record, program, orders, observer, self._clock.now())
        event, effects = self._entry(work, record)
        if observer is not None:
            observer(work.run.state)
        return await self._run(work, event=event, effects=effects)

    def _entry(self, work: Work, record: RunRecord) -> tuple[Event | None, tuple[Effect, ...]]:
        """Say with which event, or else which effects, a kept run goes on."""
        orders = work.orders
        event: Event | None = None
        effects: tuple[Effect, ...] = ()
        match record.phase:
            case Phase.ISSUED if self._may_be_made_again(self._called(work)):
                event = Event(Trigger.TAKEN_UP, work.run.pending_call)
            case Phase.COMPENSATING if self._may_be_made_again(self._compensation(work)[0]):
                effects = (Effect.COMPENSATE,)
            case Phase.ISSUED | Phase.COMPENSATING:
                event = self._not_known(work, record.phase)
            case Phase.ENDING:
                is_success = work.run.outcome is SubtaskState.END
                effects = (*(() if is_success else (Effect.MAKE_SAFE,)), Effect.RELEASE)
            case _ if orders.emergency.is_set():
                event = Event(Trigger.EMERGENCY_STOP)
            case Phase.ASKING:
                effects = (Effect.ASK,)
            case Phase.PAUSED:
                effects = (Effect.REST,)
            case Phase.ANSWERED:
                event = Event(Trigger.CALL_RETURNED, work.run.pending_call)
            case _:
                event = self._first(orders)
        return event, effects

    def _called(self, work: Work) -> Affordance | None:
        """Return what the pending call calls; None where the description does not know it any more."""
        try:
            return None if work.call is None else self._description.affordance(work.call.name)
        except KeyError:
            return None

    def _compensation(self, work: Work) -> tuple[Affordance | None, dict[str, Any]]:
        """Return what is to be called because the last call failed, and with which arguments."""
        called = self._called(work)
        way = None if called is None else called.action.on_failure
        return (
            (self._description.affordance(way.action), way.arguments)
            if isinstance(way, Compensation)
            else (None, {})
        )

    def _may_be_made_again(self, affordance: Affordance | None) -> bool:
        return affordance is not None and self._is_repeatable(affordance)

    def _not_known(self, work: Work, phase: Phase) -> Event:
        """Note that a call may have reached the machine, and cannot be made again to be sure."""
        affordance = self._called(work) if phase is Phase.ISSUED else self._compensation(work)[0]
        title = "A step" if affordance is None else step_title(self._description, affordance.name)
        work.failure = (
            f"{work.failure} The agent was restarted while this was under way: {title}. "
            "Whether it was done is not known."
        ).lstrip()
        work.code = ErrorCode.UNKNOWN_OUTCOME
        return Event(Trigger.OUTCOME_UNKNOWN, work.run.pending_call)

    def _first(self, orders: Orders) -> Event:
        return Event(orders.to_stop or Trigger.BEGIN)

    async def _run(
        self, work: Work, *, event: Event | None = None, effects: tuple[Effect, ...] = ()
    ) -> Execution:
        work.orders.changed = partial(self._keep_orders, work)
        try:
            while True:
                if event is not None:
                    effects = self._advance(work, event)
                for effect in effects:
                    event = await self._perform(work, effect)
                if work.run.state.is_final:
                    return self._execution(work)
        except BaseException:
            # The agent is being stopped, or this code is wrong: either way the machine must not go on moving.
            await asyncio.shield(self._abandon(work))
            raise
        finally:
            work.orders.changed = None

    def _advance(self, work: Work, event: Event) -> tuple[Effect, ...]:
        before = work.run.state
        work.run, effects = step(work.run, event)
        # Each call is a visit of its own, although the state stays.
        has_moved = work.run.state is not before or event.trigger is Trigger.CALL_MADE
        if has_moved:
            now = self._clock.now()
            if len(work.visits) < _VISIT_LIMIT:
                work.visits.append(StateVisit(state=before.value, seconds=max(0.0, now - work.entered_at)))
            work.entered_at = now
        if event.trigger is Trigger.EMERGENCY_STOP and before is not SubtaskState.POSTPROCESSING:
            work.failure, work.code = f"Emergency stop. {work.failure}".rstrip(), ErrorCode.EMERGENCY_STOPPED
        is_over = work.run.state is SubtaskState.POSTPROCESSING and before is not SubtaskState.POSTPROCESSING
        # A program that has ended well does so again from its last result, which is kept.
        if is_over and work.run.outcome is not SubtaskState.END:
            self._keep(work, Phase.ENDING)
        if work.observer is not None and has_moved:
            work.observer(work.run.state)
        return effects

    async def _perform(self, work: Work, effect: Effect) -> Event:
        actions: dict[Effect, Callable[[Work], Awaitable[Event]]] = {
            Effect.VERIFY: self._verify,
            Effect.ASK: self._ask,
            Effect.PREPARE: self._prepare,
            Effect.START_CALL: self._call,
            Effect.WAIT: self._wait,
            Effect.RESUME_PROGRAM: self._resume,
            Effect.REST: self._rest,
            Effect.TAKE_UP: self._take_up,
            Effect.COMPENSATE: self._compensate,
        }
        if effect in actions:
            return await actions[effect](work)
        if effect is Effect.MAKE_SAFE:
            await self.make_safe()
        elif effect in {Effect.STOP_PROGRAM, Effect.RELEASE}:
            await self._close(work)
        return Event(Trigger.RELEASED)

    # Before the first call

    async def _verify(self, work: Work) -> Event:
        """Check the program again: the machine may be in another mode than when it was written."""
        asking = asyncio.ensure_future(present_modes(self._description, self._driver, self._clock))
        try:
            if (order := await until(work.orders, asking)) is not None:
                return Event(order)
            modes = asking.result()
        finally:
            asking.cancel()
            asking.add_done_callback(forget)
        # In a thread: what has many ways takes seconds, and nothing may make an emergency stop wait that long.
        checking = asyncio.ensure_future(asyncio.to_thread(self._flaws, work.program, modes))
        try:
            if (order := await until(work.orders, checking)) is not None:
                return Event(order)
            flaws = checking.result()
        finally:
            checking.add_done_callback(forget)
        if flaws:
            logger.info("The program must not run: %s", "; ".join(flaw.sentence for flaw in flaws))
            work.failure = not_executable(self._description, flaws)
            work.code = code_of(flaws)
            return Event(Trigger.REJECTED)
        steps = self._dangerous_steps(work.program)
        if not steps or work.run.is_approved:
            return Event(Trigger.VERIFIED)
        work.orders.approval = work.orders.asked = self._question(steps)
        return Event(Trigger.APPROVAL_NEEDED)

    def _question(self, steps: Sequence[str]) -> Approval:
        wanted = ", then ".join(f'"{title}"' for title in steps)
        question = f"May the {self._description.kind} do this: {wanted}? It is marked as dangerous."
        return Approval(
            approval_id=uuid.uuid4().hex,
            question=without_names(self._description, question),
            expires_at=self._clock.now() + self._approval_seconds,
        )

    def _flaws(self, program: Program, modes: frozenset[str]) -> tuple[Flaw, ...]:
        return verify(
            program.source,
            self._automaton,
            modes,
            danger={name: self._dangers[name] for name in program.function_names if name in self._dangers},
            maximum_calls=self._limits.calls,
            kind=self._description.kind,
        )

    async def _ask(self, work: Work) -> Event:
        """Ask a person; the question outlives a restart, and an answer is for this program alone."""
        orders = work.orders
        assert orders.approval is not None  # noqa: S101 - asked in `_verify`, or kept
        self._keep(work, Phase.ASKING)
        left = max(0.0, orders.approval.expires_at - self._clock.now())
        timer = asyncio.ensure_future(self._clock.sleep(left))
        decided = asyncio.ensure_future(orders.decided.wait())
        try:
            order = await until(orders, decided, timer)
        finally:
            timer.cancel()
            decided.cancel()
        approval, orders.approval = orders.approval, None
        if order is not None:
            return Event(order)
        if orders.decided.is_set() and orders.is_approved:
            return Event(Trigger.APPROVED)
        if orders.decided.is_set():
            work.failure, work.code = "Not done: a person said no.", ErrorCode.APPROVAL_DENIED
        else:
            logger.info("Nobody has answered %s.", approval.approval_id)
            work.failure = "Not done: nobody agreed to it in time."
            work.code = ErrorCode.APPROVAL_EXPIRED
        return Event(Trigger.NOT_APPROVED)

    def _dangerous_steps(self, program: Program) -> list[str]:
        called = {node.id for node in ast.walk(parsed(program.source)) if isinstance(node, ast.Name)}
        names = [name for name in program.function_names if name in called]
        return [step_title(self._description, name) for name in names if self._dangers.get(name) == "confirm"]

    async def _prepare(self, work: Work) -> Event:
        program = work.program
        try:
            order = await self._take_worker(
                work, lambda: open_session(program.source, program.function_names, self._limits)
            )
        except ParleyError as error:
            self._fail(work, error, "The program could not be started.")
            return Event(Trigger.PREPARATION_FAILED)
        session = work.session
        if order is not None or session is None:
            return Event(order or Trigger.PREPARATION_FAILED)
        return await self._run_program(work, session.start)

    async def _take_worker(self, work: Work, take: Callable[[], SandboxSession]) -> Trigger | None:
        """Get a worker into `work.session`, unless an order to stop comes first: the sandbox may be full.

        Raises:
            ParleyError: there is none, or it does not take the program.
        """
        taking = asyncio.ensure_future(asyncio.to_thread(take))
        try:
            order = await until(work.orders, taking)
            if taking.done():
                work.session = taking.result()
            return order
        finally:
            if work.session is None:
                taking.add_done_callback(_close_unused)

    # Between calls

    async def _resume(self, work: Work) -> Event:
        self._keep(work, Phase.ANSWERED)
        session = await self._restore(work)
        if isinstance(session, Event):
            return session
        return await self._run_program(work, lambda: session.resume(work.result))

    async def _run_program(self, work: Work, turn: Callable[[], PendingCall | Finished]) -> Event:
        """Let the program run to its next call or its end; an emergency does not wait for it."""
        running = asyncio.ensure_future(asyncio.to_thread(turn))
        try:
            order = await until(work.orders, running)
            if order is not None and not running.done():
                return Event(order)
            reached = running.result()
        except ParleyError as error:
            self._fail(work, error, "The program did not run to its end.")
            return Event(Trigger.PROGRAM_FAILED)
        finally:
            running.add_done_callback(forget)
        if isinstance(reached, Finished):
            return Event(Trigger.PROGRAM_FINISHED)
        work.reached = reached
        return await self._between_calls(work)

    async def _between_calls(self, work: Work) -> Event:
        """Go on with the call that the program stands at, unless someone or something is against it."""
        call = work.reached
        assert call is not None  # noqa: S101 - the program stands at one
        if (event := await self._look(work)) is not None:
            return event
        if work.orders.wants_rest:
            # Kept here already: where that fails, the program has failed and does not rest.
            return Event(Trigger.PAUSE if await self._put_away(work) else Trigger.PROGRAM_FAILED)
        return Event(Trigger.CALL_MADE, call.call_id)

    async def _look(self, work: Work) -> Event | None:
        """Look at what is watched before a call; returns what ends the run."""
        orders = work.orders
        if orders.to_stop is not None:
            return Event(orders.to_stop)
        looking = asyncio.ensure_future(self._caller.tripped())
        try:
            if (order := await until(orders, looking)) is not None:
                return Event(order)
            watch = looking.result()
        finally:
            looking.cancel()
            looking.add_done_callback(forget)
        if orders.to_stop is not None:
            return Event(orders.to_stop)
        if watch is not None and watch.then == "stop":
            work.failure, work.code = watch.because, ErrorCode.WATCH_TRIPPED
            return Event(Trigger.WATCH_TRIPPED)
        if watch is not None:
            orders.pause(watch.because)
        return None

    async def _rest(self, work: Work) -> Event:
        """Hold no worker until someone lets the program go on."""
        self._keep(work, Phase.PAUSED)
        going_on = asyncio.ensure_future(work.orders.may_go_on.wait())
        try:
            order = await until(work.orders, going_on)
        finally:
            going_on.cancel()
        return Event(Trigger.RESUME if order is None else order)

    async def _take_up(self, work: Work) -> Event:
        session = await self._restore(work)
        if isinstance(session, Event):
            return session
        work.reached = session.pending
        if not await self._suits_mode(work, session.pending.name):
            return Event(Trigger.PROGRAM_FAILED)
        return await self._between_calls(work)

    async def _suits_mode(self, work: Work, name: str) -> bool:
        """Whether a call that was put off is allowed in the mode the machine is in by now; where it tells none it may be."""
        modes = self._automaton.calls.get(name, CallModes()).allowed_in
        if modes is None or self._description.mode_property is None:
            return True
        asking = asyncio.ensure_future(present_modes(self._description, self._driver, self._clock))
        try:
            await until(work.orders, asking)
            present = asking.result() if asking.done() else modes
        finally:
            asking.cancel()
            asking.add_done_callback(forget)
        if present <= modes or len(present) > 1:
            return True
        title, mode = step_title(self._description, name), mode_title(self._description, *present)
        work.failure = (
            f"{title} cannot be done any more: the {self._description.kind} is now in the mode {mode}."
        )
        work.code = ErrorCode.MODE_FORBIDDEN
        return False

    # Calls

    async def _call(self, work: Work) -> Event:
        """Make the call that the program stands at, or the same one again."""
        if work.session is not None:
            reached = work.reached
            assert reached is not None  # noqa: S101 - the table starts only calls that were made
            title = step_title(self._description, reached.name)
            try:
                if reached.positional:
                    raise ReportAndStop(f"{title} was given values without names.")
                arguments = json.loads(json.dumps(dict(reached.arguments)))
                called = check_call(self._description, reached.name, arguments)
                if called.action.danger == "confirm" and not work.run.is_approved:
                    raise DangerError(f"{title} is dangerous, and nobody has agreed to it.")
            except (ParleyError, ValueError) as error:
                self._fail(work, error, f"{title} was not allowed as the program wrote it.")
                return Event(Trigger.CALL_FAILED, reached.call_id)
            work.call = KeptCall(call_id=reached.call_id, name=reached.name, arguments=arguments)
            if not await self._put_away(work):
                return Event(Trigger.CALL_FAILED, reached.call_id)
            # From here on the machine may have moved.
            self._keep(work, Phase.ISSUED)
        elif (event := await self._look(work)) is not None:
            return event
        elif work.call is not None and not await self._suits_mode(work, work.call.name):
            if work.run.retries:
                return Event(Trigger.CALL_FAILED, work.run.pending_call)
            # Cut off by a crash, and not made again: its own doing may be why the mode is another one.
            return self._not_known(work, Phase.ISSUED)
        call = work.call
        assert call is not None  # noqa: S101 - made above, or kept
        affordance = self._description.affordance(call.name)
        title = step_title(self._description, call.name)
        end = await self._caller.call(affordance, call.arguments, work.orders, title)
        return self._after(work, affordance, title, end)

    def _after(self, work: Work, affordance: Affordance, title: str, end: CallEnd) -> Event:
        """Note how a call ended, and say what that means."""
        work.has_moved |= not affordance.action.safe and end.code is not ErrorCode.OUT_OF_RANGE
        call = work.run.pending_call
        if end.trigger in {Trigger.CANCEL, Trigger.EMERGENCY_STOP}:
            return Event(end.trigger)
        if end.trigger is Trigger.CALL_RETURNED:
            work.result, work.failure, work.code = end.result, "", None
            work.titles.append(title)
            work.findings += affordance.action.findings(end.result)
            del work.findings[_FINDING_LIMIT:]  # what no report can hold need not be kept either
            return Event(end.trigger, call)
        work.failure, work.code = end.failure, end.code
        return (
            Event(end.trigger)
            if end.trigger is Trigger.WATCH_TRIPPED
            else self._failed(work, affordance, end)
        )

    def _failed(self, work: Work, affordance: Affordance, end: CallEnd) -> Event:
        """Say what the description wants done after a failure."""
        call, way = work.run.pending_call, affordance.action.on_failure
        # What the machine does not take now it will not take later.
        is_passing = end.code is not ErrorCode.OUT_OF_RANGE
        if (
            way == "retry"
            and is_passing
            and self._is_repeatable(affordance)
            and work.run.retries < len(RETRY_SECONDS)
        ):
            return Event(Trigger.CALL_MAY_BE_RETRIED, call)
        if way == "continue":
            work.failed.append(end.failure)
            work.failure, work.code, work.result = "", None, None
            return Event(Trigger.CALL_RETURNED, call)
        if isinstance(way, Compensation):
            return Event(Trigger.CALL_TO_BE_COMPENSATED, call)
        if end.code is ErrorCode.UNKNOWN_OUTCOME and not self._is_repeatable(affordance):
            return Event(Trigger.OUTCOME_UNKNOWN, call)
        return Event(end.trigger, call)

    def _is_repeatable(self, affordance: Affordance) -> bool:
        return affordance.action.safe or affordance.action.idempotent

    async def _wait(self, work: Work) -> Event:
        timer = asyncio.ensure_future(self._clock.sleep(RETRY_SECONDS[work.run.retries - 1]))
        try:
            order = await until(work.orders, timer)
        finally:
            timer.cancel()
        return Event(Trigger.RETRY_DUE, work.run.pending_call) if order is None else Event(order)

    async def _compensate(self, work: Work) -> Event:
        """Bring the machine into a defined state after a call that failed."""
        affordance, arguments = self._compensation(work)
        assert affordance is not None  # noqa: S101 - the table compensates nothing else
        self._keep(work, Phase.COMPENSATING)
        title = step_title(self._description, affordance.name)
        # A cancellation must not leave the machine half-way; an emergency may.
        orders = Orders()
        orders.emergency = work.orders.emergency
        end = await self._caller.call(affordance, arguments, orders, title)
        if end.trigger is Trigger.EMERGENCY_STOP:
            return Event(end.trigger)
        told = f"Then done: {title}." if end.trigger is Trigger.CALL_RETURNED else end.failure
        work.failure = f"{work.failure} {told}"
        return Event(Trigger.COMPENSATED)

    # What is kept

    async def _put_away(self, work: Work) -> bool:
        """Turn the paused program into bytes and give its worker back."""
        session, work.session = work.session, None
        assert session is not None  # noqa: S101 - asked only where there is one
        try:
            work.snapshot = await asyncio.to_thread(session.dump)
        except ParleyError as error:
            self._fail(work, error, "The program could not be kept at a step.")
            return False
        return True

    async def _restore(self, work: Work) -> SandboxSession | Event:
        """Take the kept program up again; returns what happened where that is not to be."""
        snapshot, names = work.snapshot, work.program.function_names
        try:
            order = await self._take_worker(work, lambda: restore_session(snapshot, names, self._limits))
        except ParleyError as error:
            self._fail(work, error, "The program could not be taken up again.")
            if isinstance(error, SnapshotRefusedError):
                work.code = ErrorCode.SNAPSHOT_REFUSED
            return Event(Trigger.PROGRAM_FAILED)
        if order is not None or work.session is None:
            return Event(order or Trigger.PROGRAM_FAILED)
        return work.session

    def _keep(self, work: Work, phase: Phase) -> None:
        if self._keeper is None:
            return
        work.kept = work.record(phase)
        self._keeper.keep(work.kept)

    def _keep_orders(self, work: Work) -> None:
        """Keep an order to pause or to go on as soon as it is given."""
        kept, wants_rest = work.kept, work.orders.wants_rest
        if self._keeper is None or kept is None or kept.rests_because == wants_rest:
            return
        work.kept = kept.model_copy(update={"rests_because": wants_rest})
        self._keeper.keep(work.kept)

    # The end

    async def _close(self, work: Work) -> None:
        session, work.session = work.session, None
        if session is not None:
            await asyncio.to_thread(session.close)
        await self._caller.wind_down()

    async def make_safe(self) -> None:
        """Bring the machine to rest; returns once it is, or has had its time, and never raises for the machine."""
        resting = asyncio.ensure_future(self._driver.make_safe())
        try:
            await asyncio.wait({resting}, timeout=_MAKE_SAFE_SECONDS)
            if not resting.done():
                logger.error("The machine could not be brought to rest within %s s.", _MAKE_SAFE_SECONDS)
            elif resting.cancelled():
                logger.error("The driver gave up bringing the machine to rest.")
            elif error := resting.exception():
                logger.error("The machine could not be brought to rest: %s", error)
        finally:
            resting.cancel()
            resting.add_done_callback(forget)

    async def _abandon(self, work: Work) -> None:
        await self.make_safe()
        await self._close(work)

    def _fail(self, work: Work, error: Exception, what: str) -> None:
        """Note why the program ends. Only errors that are made for people go on the wire in their own words."""
        logger.info("%s %s", what, error)
        code = error.code if isinstance(error, ParleyError) else ErrorCode.CALL_FAILED
        work.code = ErrorCode.INTERNAL if isinstance(error, SandboxUnavailableError) else code
        told = error.message if isinstance(error, ReportAndStop) else None
        work.failure = what if told is None else without_names(self._description, told)

    def _execution(self, work: Work) -> Execution:
        findings = tuple(work.findings)
        state, code = work.run.state, work.code
        if state is SubtaskState.END:
            code = None
            sentence = done(work.titles, findings)
            if work.failed:
                sentence = f"{sentence} Left out: {' '.join(work.failed)}"
        elif state is SubtaskState.CANCELLED:
            code = ErrorCode.CANCELLED
            sentence = stopped(f"Cancelled. {work.failure}".rstrip(), work.titles, findings)
        else:
            sentence = stopped(work.failure, work.titles, findings)
        sentence = without_names(self._description, sentence)
        visits = (*work.visits, StateVisit(state=state.value, seconds=0.0))
        has_begun = any(visit.state == SubtaskState.PREPROCESSING for visit in visits)
        is_repairable = state is SubtaskState.FAILED and code in _PROGRAMS_FAULT and not work.has_moved
        return Execution(
            state, sentence, findings, work.run.calls_made, code, visits, has_begun, is_repairable
        )


def _close_unused(taking: asyncio.Future[SandboxSession]) -> None:
    """Give a worker back that came after its run was stopped."""
    if not taking.cancelled() and taking.exception() is None:
        taking.result().close()
