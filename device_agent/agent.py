"""The agent of one device: it says that it is there, takes one sentence at a time, and reports what came of it."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from opentelemetry.context import Context

from device_agent.attributes import AttributesPublisher
from device_agent.drivers.port import Driver
from device_agent.events import AgentEventKind, Observer
from device_agent.executor import APPROVAL_SECONDS, Execution, Executor
from device_agent.inbox import Inbox
from device_agent.joining import Membership
from device_agent.kept_runs import KeptRuns, RefusedRun
from device_agent.machine_call import until
from device_agent.modes import present_modes
from device_agent.pipeline import FunctionIndex, Pipeline, PipelineError, Program
from device_agent.profile import profile_of
from device_agent.readings import forget
from device_agent.repeatable import only_looks
from device_agent.reporter import Reporter
from device_agent.run_record import RunRecord
from device_agent.running import Running
from device_agent.store import KEY_NAME, AgentStore
from device_agent.tracing import note, span, trace_of
from firmware_api_specs.thing_description import ThingDescription
from fsm.subtask import SubtaskState
from inference.ports import LanguageModel, ModelError, Reader
from protocol.clock import Clock
from protocol.errors import ErrorCode, MessageError, OperatorError, shorten
from protocol.log_fields import logging_about
from protocol.messages import (
    Approval,
    Control,
    ControlCommand,
    CoordinatorPresence,
    EmergencyStop,
    EnrolmentReply,
    Presence,
    PresenceStatus,
    Report,
    ReportStatus,
    Subtask,
    decode,
    encode,
)
from protocol.topics import Channel, Topics
from rag.experience import Experience
from sandbox.seal import SnapshotSealer, load_or_create_key
from transport.ports import Delivery, MessageBus, Will

logger = logging.getLogger(__name__)
M = TypeVar("M", Subtask, Control)

# How long the agent waits at its end for what it does aside: bringing the machine to rest, and the last reports.
_LAST_THINGS_SECONDS = 3.0
PERSISTENT_SESSION_SECONDS = 3600


def lost_will(site: str, device_id: str, session: int, clock: Clock) -> Will:
    """Return the last will that an agent's bus must be given: presence "lost" of this session."""
    lost = Presence(device_id=device_id, session=session, status=PresenceStatus.LOST, at=clock.now())
    return Will(Topics(site).device(device_id, Channel.PRESENCE), encode(lost))


def client_id(site: str, device_id: str) -> str:
    """Return the name under which the broker keeps an agent's session while it is away."""
    return f"parley-{site}-{device_id}"


class DeviceAgent:
    """Speaks for one device.

    Args:
        device_id: the device's name at its site.
        description: its API, which never leaves the agent.
        bus: an open bus, made with `lost_will(…)` of the store's session and, over MQTT, `client_id(…)`.
        driver: reaches the machine.
        model: writes the programs.
        index: finds functions for a sentence; may be shared by agents of one process.
        store: the agent's memory, opened before the bus because the bus's will carries the session number.
        reader: see `Pipeline`; may be shared as well.
        archive: see `Pipeline`; of this agent alone.
        site: which site it belongs to.
        clock: for time-outs, expiry and times in messages.
        token: the one-time token from `parley enroll`, where the site wants one.
        approval_seconds: how long a person may take to agree to something dangerous.
        attributes_seconds: how often the device's readings are looked at and told when they changed; 0: never.
        on_event: told what happens, for observers on the same machine.
    """

    def __init__(  # noqa: PLR0917 - its ports, in the order of their use
        self,
        device_id: str,
        description: ThingDescription,
        bus: MessageBus,
        driver: Driver,
        model: LanguageModel,
        index: FunctionIndex,
        store: AgentStore,
        *,
        reader: Reader | None = None,
        archive: Experience | None = None,
        clock: Clock,
        site: str = "main",
        token: str | None = None,
        approval_seconds: float = APPROVAL_SECONDS,
        attributes_seconds: float = 0.0,
        on_event: Observer | None = None,
    ) -> None:
        self.device_id = device_id
        self.counters: Counter[str] = Counter()
        """How often each odd thing happened: `bad_message`, `stale_epoch`, `repeated_subtask`, `expired_subtask`, `double`."""
        self._bus = bus
        self._driver = driver
        self._store = store
        self._clock = clock
        self._topics = Topics(site)
        self._description = description
        self._reporter = Reporter(device_id, bus, store, self._topics, clock, on_event)
        self._membership = Membership(
            profile_of(device_id, description),
            bus,
            self._reporter,
            store,
            self._topics,
            clock,
            self.counters,
            token=token,
        )
        self._pipeline = Pipeline(device_id, description, model, index, reader=reader, archive=archive)
        self._runs = KeptRuns(store, SnapshotSealer(load_or_create_key(store.directory / KEY_NAME)))
        self._executor = Executor(
            description, driver, clock, keeper=self._runs, approval_seconds=approval_seconds
        )
        self._attributes = (
            AttributesPublisher(
                device_id,
                description,
                driver=driver,
                bus=bus,
                reporter=self._reporter,
                clock=clock,
                session=store.session,
                seconds=attributes_seconds,
            )
            if attributes_seconds > 0
            else None
        )
        self._emergency: EmergencyStop | None = None
        # Work that nobody waits for, kept so that it is not forgotten half done.
        self._background: set[asyncio.Task[None]] = set()
        # A thread of its own: the shared ones must stay free for the sandbox while many agents wait for one model.
        self._thinker = ThreadPoolExecutor(1, thread_name_prefix=f"{device_id} thinks")
        self._inbox = Inbox()
        self._running: Running | None = None
        # The traces that the subtasks in hand belong to.
        self._traces: dict[str, Context] = {}
        # What a crash has left and is not gone on with yet: people may ask for it and give it orders already.
        self._left: dict[str, Running] = {}

    @property
    def enrolled(self) -> asyncio.Event:
        """Set once a coordinator has accepted the device."""
        return self._membership.enrolled

    @property
    def session(self) -> int:
        """Counts the starts of this agent; part of everything it says of itself."""
        return self._store.session

    async def run(self) -> None:
        """Be the device's agent until cancelled; then the machine is at rest and presence says offline.

        Raises:
            EnrolmentRefusedError: the coordinator does not want this device.
            OperatorError: the broker or the state directory cannot be used.
        """
        own_presence = self._topics.device(self.device_id, Channel.PRESENCE)
        topics = [
            self._topics.device(self.device_id, Channel.SUBTASK),
            self._topics.device(self.device_id, Channel.CONTROL),
            own_presence,
            self._topics.enrol(self.device_id, Channel.ENROL_REPLY),
            self._topics.coordinator_presence,
        ]
        await self._prepare()
        membership, left = self._membership, self._left_by_a_crash()
        async with (
            # Apart from all else, so that an emergency waits behind no other message.
            self._bus.subscribe(self._topics.emergency_stop, own_presence) as alarms,
            self._bus.subscribe(*topics) as deliveries,
        ):
            try:
                connections = self._bus.connections
                await membership.publish_presence(PresenceStatus.ONLINE)
                for subtask_id in self._store.unfinished():
                    await self._finish(self._reporter.never_begun(subtask_id))
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._heed_alarms(alarms), name=f"{self.device_id} heeds alarms")
                    group.create_task(self._listen(deliveries), name=f"{self.device_id} listens")
                    group.create_task(membership.join(), name=f"{self.device_id} joins")
                    group.create_task(self._work(left), name=f"{self.device_id} works")
                    group.create_task(
                        membership.stay_known(connections), name=f"{self.device_id} stays known"
                    )
                    if self._attributes is not None:
                        group.create_task(self._attributes.run(), name=f"{self.device_id} tells its readings")
            except* OperatorError as errors:
                raise _first(errors) from errors
            finally:
                self._thinker.shutdown(wait=False, cancel_futures=True)
                await self._end_background()
                await membership.say_goodbye()

    async def _prepare(self) -> None:
        try:
            await asyncio.to_thread(self._pipeline.prepare)
        except ModelError as error:
            raise OperatorError(
                error.message, code=ErrorCode.ENCODER_UNAVAILABLE, remedy=error.remedy
            ) from error

    async def _end_background(self) -> None:
        if self._background:
            await asyncio.wait(self._background, timeout=_LAST_THINGS_SECONDS)
        for task in self._background:
            logger.warning("%s could not finish: %s", self.device_id, task.get_name())
            task.cancel()

    # Listening

    async def _listen(self, deliveries: AsyncIterator[Delivery]) -> None:
        async for delivery in deliveries:
            try:
                await self._handle(delivery)
            except MessageError as error:
                self.counters["bad_message"] += 1
                logger.warning("%s ignores a message: %s", self.device_id, error)
            except OperatorError as error:
                logger.warning("%s could not answer a message: %s", self.device_id, error)
            except Exception:  # one message that nobody foresaw must not stop the device
                self.counters["bad_message"] += 1
                logger.exception(
                    "%s could not handle a message on %s.", self.device_id, shorten(delivery.topic)
                )
        raise OperatorError(f"The connection of {self.device_id} to the broker was closed.")

    async def _handle(self, delivery: Delivery) -> None:
        if not delivery.payload:
            return  # a retained message was cleared
        if delivery.topic == self._topics.coordinator_presence:
            self._membership.meet_coordinator(
                decode(CoordinatorPresence, delivery.payload, source=delivery.topic)
            )
            return
        channel = self._topics.parse(delivery.topic).channel
        if channel is Channel.SUBTASK:
            subtask = self._own(decode(Subtask, delivery.payload, source=delivery.topic))
            await self._receive(subtask, trace_of(delivery.user_properties))
        elif channel is Channel.CONTROL:
            await self._obey(self._own(decode(Control, delivery.payload, source=delivery.topic)))
        elif channel is Channel.ENROL_REPLY:
            self._membership.hear_reply(decode(EnrolmentReply, delivery.payload, source=delivery.topic))
        elif channel is Channel.PRESENCE:
            await self._membership.hear_presence(decode(Presence, delivery.payload, source=delivery.topic))

    async def _heed_alarms(self, alarms: AsyncIterator[Delivery]) -> None:
        """Heed the emergency stop without ever waiting for anything else."""
        async for delivery in alarms:
            try:
                if not delivery.payload:
                    continue  # a retained message was cleared
                if delivery.topic != self._topics.emergency_stop:
                    with suppress(MessageError):  # `_handle` counts it
                        self._membership.hear_echo(decode(Presence, delivery.payload, source=delivery.topic))
                else:
                    self._heed(decode(EmergencyStop, delivery.payload, source=delivery.topic))
            except MessageError as error:
                self.counters["bad_message"] += 1
                logger.warning("%s ignores a message: %s", self.device_id, error)
            except Exception:  # as in `_listen`
                logger.exception("%s could not handle an alarm.", self.device_id)
        raise OperatorError(f"The connection of {self.device_id} to the broker was closed.")

    def _own(self, message: M) -> M:
        if message.device_id != self.device_id:
            raise MessageError("device_id", message.device_id, self.device_id)
        return message

    # Subtasks

    async def _receive(self, subtask: Subtask, trace: Context) -> None:
        subtask_id, reporter = subtask.subtask_id, self._reporter
        if not self._store.see_epoch(subtask.epoch):
            # Not a word of how it ends: the coordinator in office may have sent the same subtask, and would believe it.
            self.counters["stale_epoch"] += 1
            logger.warning("%s refuses %s: its coordinator was replaced.", self.device_id, subtask_id)
            return
        if not self._store.accept(subtask_id):
            self.counters["repeated_subtask"] += 1
            await reporter.send(self._status_of(subtask_id))
            return
        self._traces[subtask_id] = trace
        reporter.tell(AgentEventKind.SUBTASK_RECEIVED, subtask_id, subtask.sentence)
        if self._has_expired(subtask):
            await self._expire(subtask)
            return
        if self._emergency is not None:
            await self._finish(reporter.stopped(subtask_id, self._emergency))
            return
        replaced = self._inbox.put(subtask)
        if replaced is not None:
            await self._finish(reporter.superseded(replaced.subtask_id))
        if self._all_runs():
            await reporter.send(self._status_of(subtask_id))

    async def _obey(self, control: Control) -> None:
        if not self._store.see_epoch(control.epoch):
            self.counters["stale_epoch"] += 1
            return
        if control.command is ControlCommand.POLL:
            report = self._status_of(control.subtask_id)
            await self._reporter.send(report.model_copy(update={"in_reply_to": control.control_id}))
        elif control.command is ControlCommand.CANCEL:
            await self._cancel(control.subtask_id)
        else:
            running = self._run_of(control.subtask_id)
            if running is not None and control.command in {ControlCommand.PAUSE, ControlCommand.RESUME}:
                running.rest(control)
                if self._attributes is not None:
                    # Whoever pauses a machine wants to know how it stands, such as whether it carries something.
                    self._attributes.look_soon()
            elif running is not None:
                self._decide(running, control)
            await self._reporter.send(self._status_of(control.subtask_id))

    def _decide(self, running: Running, control: Control) -> None:
        """Pass the answer to a question on; whatever answers another question changes nothing."""
        approval, by = running.orders.approval, control.by or "a person"
        if approval is None or control.approval_id != approval.approval_id or self._is_too_late(approval):
            return
        # Recorded before anything moves because of it.
        self._store.record_decision(
            approval.approval_id,
            running.subtask_id,
            approval.question,
            control.command.value,
            by,
            self._clock.now(),
        )
        running.orders.decide(approval.approval_id, approve=control.command is ControlCommand.APPROVE)

    def _heed(self, message: EmergencyStop) -> None:
        """Stop at once, or take work again."""
        if not message.engaged:
            self._emergency = None
            return
        # The machine first: everything else can wait.
        self._do(self._executor.make_safe())
        self._emergency = message
        if self._running is not None:
            self._running.stop(message)
        logger.warning("%s: emergency stop, engaged by %s.", self.device_id, message.by)
        waiting = self._inbox.remove(None)
        if waiting is not None:
            self._do(self._finish(self._reporter.stopped(waiting.subtask_id, message)))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something without waiting for its end."""
        task = asyncio.get_running_loop().create_task(_unheard(work))
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _cancel(self, subtask_id: str | None) -> None:
        running = self._run_of(subtask_id)
        if running is not None:
            running.orders.cancel.set()
        waiting = self._inbox.remove(subtask_id)
        if waiting is not None:
            await self._finish(self._reporter.cancelled(waiting.subtask_id))
        elif subtask_id is not None and running is None:
            # Ended already: say so again. Never seen: its order may still be under way, and must not be run then.
            ended, cancelled = self._store.final_report(subtask_id), self._reporter.cancelled(subtask_id)
            await (self._reporter.send(ended) if ended is not None else self._finish(cancelled))

    def _all_runs(self) -> list[Running]:
        """List what is worked on, and what is to be gone on with."""
        return [*([] if self._running is None else [self._running]), *self._left.values()]

    def _run_of(self, subtask_id: str | None) -> Running | None:
        """Return the run of a subtask, or the one that is worked on."""
        return next((run for run in self._all_runs() if subtask_id in {None, run.subtask_id}), None)

    async def _work(self, left: Sequence[tuple[Running, RunRecord | RefusedRun]]) -> None:
        await self._membership.has_heard_site.wait()
        for running, kept in left:
            del self._left[running.subtask_id]
            await self._see_through(running, self._go_on(running, kept))
        while True:
            subtask = await self._inbox.take()
            if self._has_expired(subtask):
                await self._expire(subtask)
            else:
                running = Running(subtask.subtask_id, subtask.sentence, "Working out how to do it.")
                await self._see_through(running, self._carry_out(running))

    async def _see_through(self, running: Running, work: Coroutine[Any, Any, Report]) -> None:
        """Let one subtask come to its end, whatever that is."""
        self._running = running
        subtask_id, trace = running.subtask_id, self._traces.get(running.subtask_id)
        with logging_about(device_id=self.device_id, subtask_id=subtask_id):
            try:
                # The span ends before the report leaves: who hears of the end may switch this agent off at once.
                with span(
                    "subtask", of=trace or Context(), device_id=self.device_id, subtask_id=subtask_id
                ) as measured:
                    report = await work
                    note(
                        measured,
                        is_success=report.status is ReportStatus.COMPLETED,
                        sentence=running.sentence,
                        status=report.status.value,
                    )
                await self._finish(report)
            except Exception:  # a defect must cost one subtask, not the device
                logger.exception("%s could not carry out %s.", self.device_id, subtask_id)
                await self._finish(self._reporter.defect(subtask_id))
            finally:
                self._running = None
                if self._attributes is not None:
                    self._attributes.look_soon()

    async def _carry_out(self, running: Running) -> Report:
        """Write the program and run it; returns the final report."""
        subtask_id, reporter = running.subtask_id, self._reporter
        await reporter.send(reporter.under_way(running))
        try:
            program = await self._write(running)
        except PipelineError as error:
            running.charge(error.model_calls, error.usage)
            return reporter.without_program(running, error)
        if running.stopped_by is not None:
            return reporter.stopped(subtask_id, running.stopped_by)
        if program is None:
            return reporter.cancelled(subtask_id)
        execution = await self._run(running, program)
        if execution.is_repairable and running.orders.asked is None:
            program, execution = await self._run_another(running, program, execution)
        await self._learn(running.sentence, program, execution.state)
        return self._ended(running, execution)

    async def _run(self, running: Running, program: Program) -> Execution:
        subtask_id, reporter = running.subtask_id, self._reporter
        running.charge(program.model_calls, program.usage)
        running.is_repeatable = only_looks(program, self._description)
        running.told = "Doing it."
        reporter.tell(AgentEventKind.PROGRAM_WRITTEN, subtask_id, program.source)
        await reporter.send(reporter.under_way(running))
        with span("run") as measured:
            execution = await self._executor.execute(
                program,
                running.orders,
                partial(self._enter, running),
                subtask_id=subtask_id,
                sentence=running.sentence,
            )
            note(measured, is_success=execution.state is SubtaskState.END, calls=execution.calls_made)
        return execution

    async def _run_another(
        self, running: Running, program: Program, execution: Execution
    ) -> tuple[Program, Execution]:
        """Tell the model once why its program failed, and run what it writes then; returns what was run last, and its end."""
        try:
            another = await self._write(running, feedback=execution.sentence)
        except PipelineError as error:
            running.charge(error.model_calls, error.usage)
            return program, execution
        if another is None or another.source == program.source:
            return program, execution
        if running.is_repeatable and not only_looks(another, self._description):
            # The site may have begun to rely on it that nothing moves.
            running.charge(another.model_calls, another.usage)
            return program, execution
        return another, await self._run(running, another)

    def _left_by_a_crash(self) -> list[tuple[Running, RunRecord | RefusedRun]]:
        left: list[tuple[Running, RunRecord | RefusedRun]] = []
        for kept in self._runs.unfinished():
            running = Running(kept.subtask_id, "", "Going on after a restart.")
            if isinstance(kept, RunRecord):
                running.sentence, running.state = kept.sentence, kept.run.state
                running.orders.take_up(kept.approval, kept.rests_because)
            left.append((running, kept))
        self._left = {running.subtask_id: running for running, _ in left}
        return left

    async def _go_on(self, running: Running, kept: RunRecord | RefusedRun) -> Report:
        """Go on with a run that a crash has cut off; while the site is stopped it ends where it stands."""
        if isinstance(kept, RefusedRun):
            logger.error("%s: what was kept of %s is refused: %s", self.device_id, kept.subtask_id, kept.why)
            await self._executor.make_safe()
            return self._reporter.distrusted(kept.subtask_id)
        if self._emergency is not None:
            running.stop(self._emergency)
        running.charge(kept.model_calls, kept.usage)
        self._decide_as_before(running, kept)
        program = Program(kept.source, kept.function_names, kept.model_calls, 1.0, usage=kept.usage)
        running.is_repeatable = only_looks(program, self._description)
        with span("run", phase=kept.phase.value) as measured:
            execution = await self._executor.take_up(
                kept, program, running.orders, partial(self._enter, running)
            )
            note(measured, is_success=execution.state is SubtaskState.END, calls=execution.calls_made)
        if execution.state is not SubtaskState.END:
            await self._learn(running.sentence, program, execution.state)
        return self._ended(running, execution)

    def _decide_as_before(self, running: Running, kept: RunRecord) -> None:
        """Take an answer that was recorded just before the crash; one that would be too late by now is none."""
        approval = kept.approval
        if approval is None or self._is_too_late(approval):
            return
        decision = self._store.decision(approval.approval_id)
        if decision is not None:
            running.orders.decide(approval.approval_id, approve=decision == ControlCommand.APPROVE.value)

    def _is_too_late(self, approval: Approval) -> bool:
        return self._clock.now() > approval.expires_at

    def _enter(self, running: Running, state: SubtaskState) -> None:
        """Take note of a run's new state; a person who is waited for must hear of it."""
        must_be_told = running.enter(state)
        self._reporter.tell(AgentEventKind.STATE_CHANGED, running.subtask_id, state.value)
        if must_be_told:
            self._do(self._reporter.send(self._reporter.under_way(running)))

    def _ended(self, running: Running, execution: Execution) -> Report:
        asked = running.orders.asked
        if execution.error_code is ErrorCode.APPROVAL_EXPIRED and asked is not None:
            self._store.record_decision(
                asked.approval_id, running.subtask_id, asked.question, "expired", "nobody", self._clock.now()
            )
        return self._reporter.ended(running, execution)

    async def _write(self, running: Running, *, feedback: str | None = None) -> Program | None:
        """Write the program while polls are answered; None when cancelled.

        A thread cannot be stopped: after a cancellation the model finishes its answer and nobody looks at it.
        """
        writing = asyncio.ensure_future(self._write_for_present_mode(running, feedback))
        try:
            order = await until(running.orders, writing)
            return None if order is not None or running.orders.cancel.is_set() else writing.result()
        finally:
            writing.cancel()
            writing.add_done_callback(forget)

    async def _write_for_present_mode(self, running: Running, feedback: str | None) -> Program:
        modes = await present_modes(self._description, self._driver, self._clock)
        loop = asyncio.get_running_loop()

        def watcher(kind: AgentEventKind, text: str) -> None:
            # Observers live in the loop's thread, which may be gone: this one cannot be stopped while the model answers.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._reporter.tell, kind, running.subtask_id, text)

        write = partial(self._pipeline.write, running.sentence, modes, watcher=watcher)
        # The thread is to know what it works for: spans and lines of the log tell it.
        in_context = partial(contextvars.copy_context().run, write)
        return await loop.run_in_executor(
            self._thinker, in_context if feedback is None else partial(in_context, feedback=feedback)
        )

    async def _learn(self, sentence: str, program: Program, state: SubtaskState) -> None:
        """Tell the archive how a run ended, in the thread that asks it: what failed is forgotten before that is reported."""
        learn = partial(self._pipeline.learn, sentence, program, succeeded=state is SubtaskState.END)
        await asyncio.get_running_loop().run_in_executor(self._thinker, learn)

    def _has_expired(self, subtask: Subtask) -> bool:
        return self._clock.now() > subtask.issued_at + subtask.timeout_seconds

    async def _expire(self, subtask: Subtask) -> None:
        self.counters["expired_subtask"] += 1
        await self._finish(self._reporter.expired(subtask.subtask_id))

    def _status_of(self, subtask_id: str | None) -> Report:
        """Say where a subtask is, or the current one: running, waiting, the last one's end, or idle."""
        running, waiting = self._run_of(subtask_id), self._inbox.waiting
        if running is not None:
            return self._reporter.under_way(running)
        if waiting is not None and subtask_id in {None, waiting.subtask_id}:
            return self._reporter.queued(waiting.subtask_id)
        known = (
            self._store.last_final_report() if subtask_id is None else self._store.final_report(subtask_id)
        )
        return known or self._reporter.idle()

    async def _finish(self, report: Report) -> None:
        """Keep a final report, then send it."""
        self._reporter.keep(report)
        self._traces.pop(report.subtask_id or "", None)
        if self._running is not None and self._running.subtask_id == report.subtask_id:
            self._running = None
        await self._reporter.send(report)


def _first(errors: BaseExceptionGroup[OperatorError]) -> OperatorError:
    first: BaseException = errors
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    assert isinstance(first, OperatorError)  # noqa: S101 - `except*` caught nothing else
    return first


async def _unheard(work: Coroutine[Any, Any, None]) -> None:
    """Do something whose failure is nobody's but the log's."""
    try:
        await work
    except Exception:
        logger.exception("Something that was to be done aside has failed.")
