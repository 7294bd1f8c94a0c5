"""The agent of one device: it says that it is there, takes one sentence at a time, and reports what came of it."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from device_agent.drivers.port import Driver
from device_agent.events import AgentEvent, AgentEventKind, Observer, notify
from device_agent.executor import APPROVAL_SECONDS, Execution, Executor
from device_agent.inbox import Inbox
from device_agent.kept_runs import KeptRuns, RefusedRun
from device_agent.machine_call import forget, until
from device_agent.modes import present_modes
from device_agent.orders import Orders
from device_agent.pipeline import FunctionIndex, Pipeline, PipelineError, Program
from device_agent.profile import profile_of
from device_agent.run_record import RunRecord
from device_agent.store import KEY_NAME, AgentStore
from firmware_api_specs.thing_description import ThingDescription
from fsm.subtask import SubtaskState
from inference.ports import LanguageModel, ModelError, Reader
from protocol.clock import Clock
from protocol.errors import ErrorCode, MessageError, OperatorError, shorten
from protocol.messages import (
    Control,
    ControlCommand,
    CoordinatorPresence,
    EmergencyStop,
    EnrolmentReply,
    EnrolmentRequest,
    Finding,
    Message,
    Presence,
    PresenceStatus,
    Report,
    ReportStatus,
    StateVisit,
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

ENROLMENT_RETRY_SECONDS = 5.0
RECONNECT_LOOK_SECONDS = 1.0
PERSISTENT_SESSION_SECONDS = 3600

_STATUS = {
    SubtaskState.END: ReportStatus.COMPLETED,
    SubtaskState.FAILED: ReportStatus.FAILED,
    SubtaskState.CANCELLED: ReportStatus.CANCELLED,
    SubtaskState.UNKNOWN_OUTCOME: ReportStatus.FAILED,
}
# The states in which a run waits for a person.
_WAITING = {
    SubtaskState.PAUSED: ReportStatus.PAUSED,
    SubtaskState.AWAITING_APPROVAL: ReportStatus.AWAITING_APPROVAL,
}
# The model has spoken and there is nothing to run; anything else without a program is a failure of ours.
_NOT_EXECUTABLE = {
    ErrorCode.NOT_EXECUTABLE,
    ErrorCode.NEEDS_CLARIFICATION,
    ErrorCode.OUT_OF_RANGE,
    ErrorCode.DANGER_FORBIDDEN,
    ErrorCode.MODE_FORBIDDEN,
    ErrorCode.APPROVAL_DENIED,
    ErrorCode.APPROVAL_EXPIRED,
    ErrorCode.MODEL_OUTPUT_INVALID,
}


class EnrolmentRefusedError(OperatorError):
    """The coordinator does not let this device join; the text says why."""

    default_code = ErrorCode.ENROLMENT_REFUSED


def lost_will(site: str, device_id: str, session: int, clock: Clock) -> Will:
    """Return the last will that an agent's bus must be given: presence "lost" of this session."""
    lost = Presence(device_id=device_id, session=session, status=PresenceStatus.LOST, at=clock.now())
    return Will(Topics(site).device(device_id, Channel.PRESENCE), encode(lost))


def client_id(site: str, device_id: str) -> str:
    """Return the name under which the broker keeps an agent's session while it is away."""
    return f"parley-{site}-{device_id}"


@dataclass(slots=True)
class _Running:
    """The subtask that is being worked on; `told` is what is said of it to whoever asks."""

    subtask_id: str
    sentence: str
    told: str
    orders: Orders = field(default_factory=Orders)
    state: SubtaskState = SubtaskState.START
    model_calls: int = 0
    stopped_by: EmergencyStop | None = None

    def stop(self, message: EmergencyStop) -> None:
        """End it because of an emergency; a release that follows at once does not change that."""
        self.stopped_by = message
        self.orders.emergency.set()


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
        on_event: Observer | None = None,
    ) -> None:
        self.device_id = device_id
        self.counters: Counter[str] = Counter()
        """How often each odd thing happened: `bad_message`, `stale_epoch`, `repeated_subtask`, `expired_subtask`, `double`."""
        self.enrolled = asyncio.Event()
        self._bus = bus
        self._driver = driver
        self._store = store
        self._clock = clock
        self._topics = Topics(site)
        self._token = token
        self._on_event = on_event
        self._description = description
        self._profile = profile_of(device_id, description)
        self._pipeline = Pipeline(device_id, description, model, index, reader=reader, archive=archive)
        self._runs = KeptRuns(store, SnapshotSealer(load_or_create_key(store.directory / KEY_NAME)))
        self._executor = Executor(
            description, driver, clock, keeper=self._runs, approval_seconds=approval_seconds
        )
        self._emergency: EmergencyStop | None = None
        # Set once everything is heard that the broker keeps of the emergency stop; no work is taken up before.
        self._knows_emergency = asyncio.Event()
        # Work that nobody waits for, kept so that it is not forgotten half done.
        self._background: set[asyncio.Task[None]] = set()
        # A thread of its own: the shared ones must stay free for the sandbox while many agents wait for one model.
        self._thinker = ThreadPoolExecutor(1, thread_name_prefix=f"{device_id} thinks")
        self._inbox = Inbox()
        self._running: _Running | None = None
        self._enrolment: asyncio.Future[EnrolmentReply] | None = None
        self._enrolment_id = ""
        self._epoch_enrolled_at = -1
        self._ask_to_join = asyncio.Event()
        self._doubles: set[int] = set()
        self._began_at = clock.now()

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
        async with (
            # Apart from all else, so that an emergency waits behind no other message.
            self._bus.subscribe(self._topics.emergency_stop, own_presence) as alarms,
            self._bus.subscribe(*topics) as deliveries,
        ):
            try:
                connections = self._bus.connections
                await self._publish_presence(PresenceStatus.ONLINE)
                await self._report_what_a_crash_left()
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._heed_alarms(alarms), name=f"{self.device_id} heeds alarms")
                    group.create_task(self._listen(deliveries), name=f"{self.device_id} listens")
                    group.create_task(self._join(), name=f"{self.device_id} joins")
                    group.create_task(self._work(), name=f"{self.device_id} works")
                    group.create_task(self._stay_known(connections), name=f"{self.device_id} stays known")
            except* OperatorError as errors:
                raise _first(errors) from errors
            finally:
                self._thinker.shutdown(wait=False, cancel_futures=True)
                await self._say_goodbye()

    async def _stay_known(self, connections: int) -> None:
        """Introduce the device again after every reconnect: the broker has called it lost, or knows nothing any more."""
        while True:
            await self._clock.sleep(RECONNECT_LOOK_SECONDS)
            now = self._bus.connections
            is_known = now == connections and self._knows_emergency.is_set()
            if is_known or not self._bus.is_connected:
                continue
            try:
                await self._publish_presence(PresenceStatus.ONLINE)
                if self.enrolled.is_set():
                    await self._publish(Channel.PROFILE, self._profile, retain=True)
            except OperatorError as error:
                logger.warning("%s could not say that it is back: %s", self.device_id, error)
            else:
                connections = now

    async def _prepare(self) -> None:
        try:
            await asyncio.to_thread(self._pipeline.prepare)
        except ModelError as error:
            raise OperatorError(
                error.message, code=ErrorCode.ENCODER_UNAVAILABLE, remedy=error.remedy
            ) from error

    async def _say_goodbye(self) -> None:
        try:
            await self._publish_presence(PresenceStatus.OFFLINE)
        except OperatorError as error:
            logger.warning("%s could not say goodbye: %s", self.device_id, error)

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
            self._meet_coordinator(decode(CoordinatorPresence, delivery.payload, source=delivery.topic))
            return
        channel = self._topics.parse(delivery.topic).channel
        if channel is Channel.SUBTASK:
            await self._receive(self._own(decode(Subtask, delivery.payload, source=delivery.topic)))
        elif channel is Channel.CONTROL:
            await self._obey(self._own(decode(Control, delivery.payload, source=delivery.topic)))
        elif channel is Channel.ENROL_REPLY:
            self._hear_reply(decode(EnrolmentReply, delivery.payload, source=delivery.topic))
        elif channel is Channel.PRESENCE:
            presence = decode(Presence, delivery.payload, source=delivery.topic)
            if presence.session == self.session and presence.status is PresenceStatus.LOST:
                # The broker published our will while the connection was away; we are back.
                await self._publish_presence(PresenceStatus.ONLINE)
            elif (
                presence.session != self.session
                and presence.status is PresenceStatus.ONLINE
                and presence.at >= self._began_at  # not an earlier start of ours, delivered late
            ):
                self._meet_double(presence.session)

    async def _heed_alarms(self, alarms: AsyncIterator[Delivery]) -> None:
        """Heed the emergency stop without ever waiting for anything else."""
        async for delivery in alarms:
            try:
                if delivery.topic != self._topics.emergency_stop:
                    self._note_echo(delivery)
                elif delivery.payload:
                    self._heed(decode(EmergencyStop, delivery.payload, source=delivery.topic))
            except MessageError as error:
                self.counters["bad_message"] += 1
                logger.warning("%s ignores a message: %s", self.device_id, error)
            except Exception:  # as in `_listen`
                logger.exception("%s could not handle an alarm.", self.device_id)
        raise OperatorError(f"The connection of {self.device_id} to the broker was closed.")

    def _note_echo(self, delivery: Delivery) -> None:
        """What the broker keeps comes before what is published later, such as our own presence."""
        if not delivery.payload or self._knows_emergency.is_set():
            return
        with suppress(MessageError):  # `_handle` counts it
            presence = decode(Presence, delivery.payload, source=delivery.topic)
            if presence.session == self.session and presence.status is PresenceStatus.ONLINE:
                self._knows_emergency.set()

    def _meet_double(self, session: int) -> None:
        """Say that someone else speaks for this device: the broker lets only one of two at a time stay connected."""
        self.counters["double"] += 1
        if session not in self._doubles:
            self._doubles = {session}
            logger.error(
                "device_id is %r, and another running agent has it too; allowed: one agent for each name. "
                "Stop one of them or start it with another --device-id.",
                self.device_id,
            )

    def _own(self, message: M) -> M:
        if message.device_id != self.device_id:
            raise MessageError("device_id", message.device_id, self.device_id)
        return message

    def _meet_coordinator(self, presence: CoordinatorPresence) -> None:
        if not self._store.see_epoch(presence.epoch):
            self.counters["stale_epoch"] += 1
        elif presence.status is PresenceStatus.ONLINE and presence.epoch > self._epoch_enrolled_at:
            self._ask_to_join.set()

    # Joining

    async def _join(self) -> None:
        """Enrol, and again whenever a new coordinator takes over the site."""
        while True:
            reply = await self._enrol()
            if not reply.accepted:
                raise EnrolmentRefusedError(
                    f"{self.device_id} may not join: {reply.sentence}",
                    remedy="Ask the site's operator for a token (`parley enroll`).",
                )
            await self._publish_profile()
            self.enrolled.set()
            logger.info("%s has joined: %s", self.device_id, reply.sentence)
            await self._ask_to_join.wait()

    async def _enrol(self) -> EnrolmentReply:
        """Ask until someone answers: the coordinator may be started after its devices."""
        self._enrolment = asyncio.get_running_loop().create_future()
        self._enrolment_id = uuid.uuid4().hex
        request = EnrolmentRequest(
            request_id=self._enrolment_id,
            device_id=self.device_id,
            token=self._token,
            profile=self._profile,
        )
        while True:
            self._ask_to_join.clear()
            self._epoch_enrolled_at = self._store.epoch
            try:
                await self._bus.publish(
                    self._topics.enrol(self.device_id, Channel.ENROL_REQUEST),
                    encode(request),
                    expiry_seconds=round(ENROLMENT_RETRY_SECONDS),
                    response_topic=self._topics.enrol(self.device_id, Channel.ENROL_REPLY),
                )
            except OperatorError as error:
                logger.warning("%s could not ask to join: %s", self.device_id, error)
            patience = asyncio.ensure_future(self._clock.sleep(ENROLMENT_RETRY_SECONDS))
            again = asyncio.ensure_future(self._ask_to_join.wait())
            waiting: set[asyncio.Future[Any]] = {self._enrolment, patience, again}
            try:
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            finally:
                patience.cancel()
                again.cancel()
            if self._enrolment.done():
                return self._enrolment.result()

    async def _publish_profile(self) -> None:
        while True:
            try:
                await self._publish(Channel.PROFILE, self._profile, retain=True)
            except OperatorError as error:
                logger.warning("%s could not show its profile: %s", self.device_id, error)
                await self._clock.sleep(ENROLMENT_RETRY_SECONDS)
            else:
                return

    def _hear_reply(self, reply: EnrolmentReply) -> None:
        if self._enrolment is None or self._enrolment.done() or reply.request_id != self._enrolment_id:
            return
        self._enrolment.set_result(reply)

    # Subtasks

    async def _receive(self, subtask: Subtask) -> None:
        if not self._store.see_epoch(subtask.epoch):
            self.counters["stale_epoch"] += 1
            await self._send(
                self._final(
                    subtask.subtask_id,
                    ReportStatus.NOT_EXECUTABLE,
                    "Refused: this order comes from a coordinator that has been replaced.",
                    ErrorCode.NOT_EXECUTABLE,
                )
            )
            return
        if not self._store.accept(subtask.subtask_id):
            self.counters["repeated_subtask"] += 1
            await self._send(self._status_of(subtask.subtask_id))
            return
        self._tell(AgentEventKind.SUBTASK_RECEIVED, subtask.subtask_id, subtask.sentence)
        if self._has_expired(subtask):
            await self._expire(subtask)
            return
        if self._emergency is not None:
            await self._finish(self._refused(subtask.subtask_id, self._emergency))
            return
        replaced = self._inbox.put(subtask)
        if replaced is not None:
            await self._finish(
                self._final(
                    replaced.subtask_id,
                    ReportStatus.SUPERSEDED,
                    "Replaced by a newer order before it was started.",
                    ErrorCode.SUPERSEDED,
                )
            )
        if self._running is not None:
            await self._send(self._status_of(subtask.subtask_id))

    async def _obey(self, control: Control) -> None:
        if not self._store.see_epoch(control.epoch):
            self.counters["stale_epoch"] += 1
            return
        if control.command is ControlCommand.POLL:
            report = self._status_of(control.subtask_id)
            await self._send(report.model_copy(update={"in_reply_to": control.control_id}))
        elif control.command is ControlCommand.CANCEL:
            await self._cancel(control.subtask_id)
        else:
            running = self._running
            if running is not None and control.subtask_id in {None, running.subtask_id}:
                self._order(running, control)
            await self._send(self._status_of(control.subtask_id))

    def _order(self, running: _Running, control: Control) -> None:
        """Pass an order on to the run that it is about."""
        by, orders = control.by or "a person", running.orders
        if control.command is ControlCommand.PAUSE:
            orders.pause(f"{by[0].upper()}{by[1:]} has paused it.")
        elif control.command is ControlCommand.RESUME:
            orders.resume()
        elif orders.approval is not None and control.approval_id == orders.approval.approval_id:
            approval, decision = orders.approval, control.command.value
            # Recorded before anything moves because of it.
            self._store.record_decision(
                approval.approval_id, running.subtask_id, approval.question, decision, by, self._clock.now()
            )
            orders.decide(approval.approval_id, approve=control.command is ControlCommand.APPROVE)

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
            self._do(self._finish(self._refused(waiting.subtask_id, message)))

    def _refused(self, subtask_id: str, emergency: EmergencyStop) -> Report:
        return self._final(
            subtask_id,
            ReportStatus.NOT_EXECUTABLE,
            f"Refused: the emergency stop is engaged by {emergency.by}. Release it first.",
            ErrorCode.EMERGENCY_STOPPED,
        )

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something without waiting for its end."""
        task = asyncio.get_running_loop().create_task(_unheard(work))
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _cancel(self, subtask_id: str | None) -> None:
        running = self._running
        if running is not None and subtask_id in {None, running.subtask_id}:
            running.orders.cancel.set()
        waiting = self._inbox.remove(subtask_id)
        if waiting is not None:
            await self._finish(self._cancelled(waiting.subtask_id))
        elif subtask_id is not None and (running is None or running.subtask_id != subtask_id):
            # Ended already: say so again. Never seen: its order may still be under way, and must not be run then.
            ended = self._store.final_report(subtask_id)
            await (self._send(ended) if ended is not None else self._finish(self._cancelled(subtask_id)))

    def _cancelled(self, subtask_id: str) -> Report:
        return self._final(
            subtask_id, ReportStatus.CANCELLED, "Cancelled before it was started.", ErrorCode.CANCELLED
        )

    async def _work(self) -> None:
        await self._knows_emergency.wait()
        await self._go_on_with_what_was_left()
        while True:
            subtask = await self._inbox.take()
            running = _Running(subtask.subtask_id, subtask.sentence, "Working out how to do it.")
            if self._has_expired(subtask):
                await self._expire(subtask)
            else:
                await self._see_through(running, self._carry_out(running))

    async def _see_through(self, running: _Running, work: Coroutine[Any, Any, Report]) -> None:
        """Let one subtask come to its end, whatever that is."""
        self._running = running
        try:
            await self._finish(await work)
        except Exception:  # a defect must cost one subtask, not the device
            logger.exception("%s could not carry out %s.", self.device_id, running.subtask_id)
            await self._finish(
                self._final(
                    running.subtask_id,
                    ReportStatus.FAILED,
                    "The agent has a defect and could not carry this out.",
                    ErrorCode.INTERNAL,
                )
            )
        finally:
            self._running = None

    async def _carry_out(self, running: _Running) -> Report:
        """Write the program and run it; returns the final report."""
        subtask_id = running.subtask_id
        await self._send(self._status_of(subtask_id))
        try:
            program = await self._write(running)
        except PipelineError as error:
            running.model_calls = error.model_calls
            failed = error.code not in _NOT_EXECUTABLE
            status = ReportStatus.FAILED if failed else ReportStatus.NOT_EXECUTABLE
            return self._final(subtask_id, status, error.message, error.code, model_calls=error.model_calls)
        if running.stopped_by is not None:
            return self._refused(subtask_id, running.stopped_by)
        if program is None:
            return self._cancelled(subtask_id)
        running.model_calls = program.model_calls
        running.told = "Doing it."
        self._tell(AgentEventKind.PROGRAM_WRITTEN, subtask_id, program.source)
        await self._send(self._status_of(subtask_id))
        execution = await self._executor.execute(
            program,
            running.orders,
            partial(self._enter, running),
            subtask_id=subtask_id,
            sentence=running.sentence,
        )
        await self._learn(running.sentence, program, execution.state)
        return self._ended(running, execution)

    async def _go_on_with_what_was_left(self) -> None:
        """Go on with the runs that a crash has cut off; while the site is stopped they end where they stand."""
        for one in self._runs.unfinished():
            if isinstance(one, RefusedRun):
                logger.error(
                    "%s: what was kept of %s is refused: %s", self.device_id, one.subtask_id, one.why
                )
                self._do(self._executor.make_safe())
                await self._finish(self._cannot_go_on(one.subtask_id))
            else:
                running = _Running(one.subtask_id, one.sentence, "Going on after a restart.")
                if self._emergency is not None:
                    running.stop(self._emergency)
                await self._see_through(running, self._take_up(running, one))

    def _cannot_go_on(self, subtask_id: str) -> Report:
        text = "The agent was restarted, and what it had kept of this cannot be trusted; what was done is not known."
        return self._final(subtask_id, ReportStatus.FAILED, text, ErrorCode.SNAPSHOT_REFUSED)

    async def _take_up(self, running: _Running, record: RunRecord) -> Report:
        running.model_calls = record.model_calls
        program = Program(record.source, record.function_names, record.model_calls, 1.0)
        execution = await self._executor.take_up(
            record, program, running.orders, partial(self._enter, running)
        )
        if execution.state is not SubtaskState.END:
            await self._learn(running.sentence, program, execution.state)
        return self._ended(running, execution)

    def _enter(self, running: _Running, state: SubtaskState) -> None:
        """Take note of a run's new state; a person who is waited for must hear of it."""
        was_waiting = running.state in _WAITING
        running.state = state
        self._tell(AgentEventKind.STATE_CHANGED, running.subtask_id, state.value)
        asks = state is SubtaskState.AWAITING_APPROVAL and running.orders.approval is not None
        if asks or state is SubtaskState.PAUSED or (was_waiting and not state.is_final):
            self._do(self._send(self._status_of(running.subtask_id)))

    def _ended(self, running: _Running, execution: Execution) -> Report:
        asked = running.orders.asked
        if execution.error_code is ErrorCode.APPROVAL_EXPIRED and asked is not None:
            self._store.record_decision(
                asked.approval_id, running.subtask_id, asked.question, "expired", "nobody", self._clock.now()
            )
        status = _STATUS[execution.state]
        if execution.error_code in _NOT_EXECUTABLE and not execution.has_begun:
            status = ReportStatus.NOT_EXECUTABLE
        return self._final(
            running.subtask_id,
            status,
            execution.sentence,
            execution.error_code,
            findings=execution.findings,
            model_calls=running.model_calls,
            visits=execution.visits,
        )

    async def _write(self, running: _Running) -> Program | None:
        """Write the program while polls are answered; None when cancelled.

        A thread cannot be stopped: after a cancellation the model finishes its answer and nobody looks at it.
        """
        writing = asyncio.ensure_future(self._write_for_present_mode(running.sentence))
        try:
            order = await until(running.orders, writing)
            return None if order is not None or running.orders.cancel.is_set() else writing.result()
        finally:
            writing.cancel()
            writing.add_done_callback(forget)

    async def _write_for_present_mode(self, sentence: str) -> Program:
        modes = await present_modes(self._description, self._driver, self._clock)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thinker, self._pipeline.write, sentence, modes)

    async def _learn(self, sentence: str, program: Program, state: SubtaskState) -> None:
        """Tell the archive how a run ended, in the thread that asks it: what failed is forgotten before that is reported."""
        learn = partial(self._pipeline.learn, sentence, program, succeeded=state is SubtaskState.END)
        await asyncio.get_running_loop().run_in_executor(self._thinker, learn)

    def _has_expired(self, subtask: Subtask) -> bool:
        return self._clock.now() > subtask.issued_at + subtask.timeout_seconds

    async def _expire(self, subtask: Subtask) -> None:
        self.counters["expired_subtask"] += 1
        await self._finish(
            self._final(
                subtask.subtask_id,
                ReportStatus.NOT_EXECUTABLE,
                "Not started: this order arrived after its time was over.",
                ErrorCode.NOT_EXECUTABLE,
            )
        )

    async def _report_what_a_crash_left(self) -> None:
        """Report the subtasks that were taken on and not begun; what was begun is gone on with."""
        for subtask_id in self._store.unfinished():
            await self._finish(
                self._final(
                    subtask_id,
                    ReportStatus.FAILED,
                    "The agent was restarted before this ended; it had not been started.",
                    ErrorCode.UNKNOWN_OUTCOME,
                )
            )

    # Reporting

    def _status_of(self, subtask_id: str | None) -> Report:
        """Say where a subtask is, or the current one: running, waiting, the last one's end, or idle."""
        running, waiting = self._running, self._inbox.waiting
        if running is not None and subtask_id in {None, running.subtask_id}:
            return self._status_of_run(running)
        if waiting is not None and subtask_id in {None, waiting.subtask_id}:
            return self._report(waiting.subtask_id, ReportStatus.QUEUED, "Waiting for its turn.")
        known = (
            self._store.last_final_report() if subtask_id is None else self._store.final_report(subtask_id)
        )
        return known or self._report(None, ReportStatus.IDLE, "Nothing to do.")

    def _status_of_run(self, running: _Running) -> Report:
        orders, told, status = running.orders, running.told, ReportStatus.ONGOING
        if running.state is SubtaskState.PAUSED and orders.wants_rest:
            status, told = ReportStatus.PAUSED, f"Paused. {orders.wants_rest}"
        elif running.state is SubtaskState.AWAITING_APPROVAL and orders.approval is not None:
            status, told = ReportStatus.AWAITING_APPROVAL, orders.approval.question
        elif orders.wants_rest:
            told = f"{told} It will pause after this step."
        report = self._report(running.subtask_id, status, told, model_calls=running.model_calls)
        approval = orders.approval if status is ReportStatus.AWAITING_APPROVAL else None
        return report.model_copy(update={"approval": approval})

    def _final(
        self,
        subtask_id: str,
        status: ReportStatus,
        sentence: str,
        code: ErrorCode | None,
        *,
        findings: tuple[Finding, ...] = (),
        model_calls: int = 0,
        visits: tuple[StateVisit, ...] = (),
    ) -> Report:
        report = self._report(subtask_id, status, sentence, code, findings=findings, model_calls=model_calls)
        return report.model_copy(update={"visits": visits})

    def _report(
        self,
        subtask_id: str | None,
        status: ReportStatus,
        sentence: str,
        code: ErrorCode | None = None,
        *,
        findings: tuple[Finding, ...] = (),
        model_calls: int = 0,
    ) -> Report:
        return Report(
            report_id=uuid.uuid4().hex,
            device_id=self.device_id,
            session=self.session,
            subtask_id=subtask_id,
            status=status,
            sentence=sentence,
            findings=findings,
            error_code=code,
            model_calls=model_calls,
            at=self._clock.now(),
        )

    async def _finish(self, report: Report) -> None:
        """Keep a final report before it is sent: whatever happens then, it can be sent again."""
        self._store.finish(report)
        if report.subtask_id is not None:
            self._tell(AgentEventKind.FINISHED, report.subtask_id, report.sentence, report.status.value)
        if self._running is not None and self._running.subtask_id == report.subtask_id:
            self._running = None
        await self._send(report)

    async def _send(self, report: Report) -> None:
        try:
            await self._publish(Channel.REPORT, report)
        except OperatorError as error:
            # Final reports are kept and repeated when polled, so a broker that is away costs nothing but time.
            logger.warning("%s could not report: %s", self.device_id, error)

    async def _publish_presence(self, status: PresenceStatus) -> None:
        presence = Presence(
            device_id=self.device_id, session=self.session, status=status, at=self._clock.now()
        )
        await self._publish(Channel.PRESENCE, presence, retain=True)

    async def _publish(self, channel: Channel, message: Message, *, retain: bool = False) -> None:
        await self._bus.publish(self._topics.device(self.device_id, channel), encode(message), retain=retain)

    def _tell(self, kind: AgentEventKind, subtask_id: str, text: str, status: str | None = None) -> None:
        notify(
            self._on_event,
            AgentEvent(kind, self.device_id, subtask_id, text, self._clock.now(), status),
        )


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
