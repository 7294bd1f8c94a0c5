"""The conversation with one device about one subtask: send, listen, poll when silent, stop waiting when time is up."""

from __future__ import annotations

import asyncio
import logging
import math
import uuid
from dataclasses import dataclass, field

from coordinator.allocator import Assignment, Fleet
from coordinator.journal import EventKind, Journal
from coordinator.records import ExecutionRecord, Outcome
from coordinator.registry import Change, Registry
from coordinator.wording import quoted
from protocol.clock import Clock
from protocol.errors import ErrorCode, OperatorError
from protocol.messages import Control, ControlCommand, Message, Report, ReportStatus, Subtask, encode
from protocol.topics import Channel, Topics
from transport.clock import within
from transport.ports import MessageBus

logger = logging.getLogger(__name__)

BROKER_AWAY = "the message broker could not be reached"
_POLL_SHARES = (0.5, 0.75)
_RETRY_SECONDS = 1.0
_LATE_LIMIT = 10_000
_REASONS = {
    ReportStatus.SUPERSEDED: "{device} dropped it for a newer subtask",
    ReportStatus.CANCELLED: "{device} was told to stop",
}


@dataclass(frozen=True, slots=True)
class WaitingTimes:
    """How long to wait for devices, in seconds.

    Attributes:
        subtask_timeout_seconds: after this a subtask's outcome is unknown and the goal goes on without it.
        poll_wait_seconds: how long a device that never finished an earlier subtask has for saying that it is free.
    """

    subtask_timeout_seconds: float = 120.0
    poll_wait_seconds: float = 2.0


@dataclass(slots=True)
class _Pending:
    """A subtask that was not yet answered with a final report."""

    goal_id: str
    subtask: Subtask
    is_sent: bool = False
    heard_at: float | None = None
    last_report: Report | None = None
    final: Report | None = None
    is_lost: bool = False
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    again: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class _Occupation:
    """What a device is busy with. Stale: nobody waits for it any more, yet the device never said that it ended."""

    subtask_id: str
    is_stale: bool = False


class Dispatcher:
    """Talks with devices. A device never gets a second subtask before the end of the first is known.

    Args:
        bus: carries the messages.
        topics: of the site.
        registry: who can be had.
        journal: where everything is written down, before it is sent.
        clock: time.
        epoch: of this coordinator's start.
        times: how long to wait.
    """

    def __init__(
        self,
        bus: MessageBus,
        topics: Topics,
        registry: Registry,
        journal: Journal,
        clock: Clock,
        *,
        epoch: int,
        times: WaitingTimes,
    ) -> None:
        self._bus = bus
        self._topics = topics
        self._registry = registry
        self._journal = journal
        self._clock = clock
        self._epoch = epoch
        self._times = times
        self._pending: dict[str, _Pending] = {}
        self._occupied: dict[str, _Occupation] = {}
        self._unanswered: dict[str, str] = {}
        self._released = asyncio.Event()

    @property
    def is_connected(self) -> bool:
        """Whether the broker can be reached."""
        return self._bus.is_connected

    def fleet(self) -> Fleet:
        """Return who may get work now, idle devices first, and why others may not."""
        by_kind: dict[str, list[str]] = {}
        problems: dict[str, str] = {}
        for device in self._registry.devices():
            occupation = self._occupied.get(device.device_id)
            if not device.is_available or device.profile is None:
                problems[device.device_id] = device.problem
            elif occupation is not None and occupation.is_stale:
                problems[device.device_id] = f"{device.device_id} is still busy with an earlier subtask"
            else:
                by_kind.setdefault(device.profile.kind.casefold(), []).append(device.device_id)
        for names in by_kind.values():
            names.sort(key=lambda name: name in self._occupied)
        return Fleet(by_kind, problems)

    async def refresh(self) -> None:
        """Ask the devices that never finished an earlier subtask whether they are free by now."""
        stale = [
            device.device_id for device in self._registry.available() if self._is_stale(device.device_id)
        ]
        if not stale:
            return
        try:
            await within(self._clock, self._times.poll_wait_seconds, self._ask_until_free(stale))
        except TimeoutError:
            logger.info("Still busy with earlier subtasks: %s.", ", ".join(filter(self._is_stale, stale)))

    async def execute(self, goal_id: str, subtask_id: str, assignment: Assignment) -> ExecutionRecord | str:
        """Send one sentence and wait for its end.

        Returns:
            What is known about the end; or, where nothing was sent because the device cannot be had, the reason.
        """
        device_id = assignment.device_id or ""
        problem = await self._occupy(device_id, subtask_id)
        if problem is not None:
            return problem
        began = self._clock.monotonic()
        subtask = Subtask(
            subtask_id=subtask_id,
            goal_id=goal_id,
            device_id=device_id,
            sentence=assignment.sentence,
            epoch=self._epoch,
            issued_at=self._clock.now(),
            timeout_seconds=self._times.subtask_timeout_seconds,
        )
        pending = self._pending[subtask_id] = _Pending(goal_id, subtask)
        about = {
            "subtask_id": subtask_id,
            "device_id": device_id,
            "sentence": assignment.sentence,
            "step": assignment.step,
            "entity_kind": assignment.entity_kind,
            "entity_id": assignment.entity_id,
        }
        try:
            self._journal.append(EventKind.SUBTASK_ASSIGNED, about, goal_id=goal_id)
            await within(self._clock, self._times.subtask_timeout_seconds, self._converse(pending, about))
        except TimeoutError:
            logger.info("%s did not end %s in time.", device_id, subtask_id)
        finally:
            del self._pending[subtask_id]
            self._leave(pending)
        return self._record(pending, assignment, self._clock.monotonic() - began)

    def take_report(self, report: Report) -> None:
        """Take in what an enrolled device reports."""
        pending = self._pending.get(report.subtask_id or "")
        if pending is not None and pending.subtask.device_id == report.device_id:
            self._take_expected(pending, report)
        elif report.subtask_id in self._unanswered and report.status.is_final:
            goal_id = self._unanswered.pop(report.subtask_id)
            self._journal.append(EventKind.LATE_REPORT, _brief(report), goal_id=goal_id)
        self._free_if_done(report)
        if report.status is ReportStatus.IDLE and report.in_reply_to is not None:
            self._send_again(report.device_id)

    def take_change(self, device_id: str, change: Change) -> None:
        """Take in that a device went away or came back."""
        for pending in self._pending.values():
            if pending.subtask.device_id != device_id:
                continue
            if change is Change.GONE:
                pending.is_lost = True
                pending.ended.set()
            elif change is Change.RESTARTED:
                # It may have lost the subtask with its last session. It knows those it has seen, so asking twice
                # cannot make it work twice.
                pending.again.set()
        self._wake()

    def note_unfinished(self, goal_id: str, subtask_id: str, device_id: str) -> None:
        """Note, after a restart, a subtask whose end was never recorded: the device may still be at it."""
        self._occupied[device_id] = _Occupation(subtask_id, is_stale=True)
        self._remember_unanswered(subtask_id, goal_id)

    async def _occupy(self, device_id: str, subtask_id: str) -> str | None:
        while True:
            device = self._registry.get(device_id)
            if device is None or not device.is_available:
                return f"{device_id} is not known here" if device is None else device.problem
            occupation = self._occupied.get(device_id)
            if occupation is None:
                self._occupied[device_id] = _Occupation(subtask_id)
                return None
            if occupation.is_stale:
                return f"{device_id} is still busy with an earlier subtask"
            await self._released.wait()

    def _leave(self, pending: _Pending) -> None:
        """Stop waiting: the device is free, or nobody knows."""
        device_id = pending.subtask.device_id
        if pending.final is not None:
            self._occupied.pop(device_id, None)
        else:
            self._occupied[device_id] = _Occupation(pending.subtask.subtask_id, is_stale=True)
            self._remember_unanswered(pending.subtask.subtask_id, pending.goal_id)
        self._wake()

    def _remember_unanswered(self, subtask_id: str, goal_id: str) -> None:
        if len(self._unanswered) >= _LATE_LIMIT:
            del self._unanswered[next(iter(self._unanswered))]
        self._unanswered[subtask_id] = goal_id

    def _wake(self) -> None:
        released, self._released = self._released, asyncio.Event()
        released.set()

    def _is_stale(self, device_id: str) -> bool:
        occupation = self._occupied.get(device_id)
        return occupation is not None and occupation.is_stale

    async def _ask_until_free(self, device_ids: list[str]) -> None:
        for device_id in device_ids:
            occupation = self._occupied.get(device_id)
            if occupation is not None and occupation.is_stale:
                await self._poll(device_id, occupation.subtask_id)
        while any(self._is_stale(device_id) for device_id in device_ids):
            await self._released.wait()

    async def _converse(self, pending: _Pending, about: dict[str, object]) -> None:
        async with asyncio.TaskGroup() as tasks:
            helpers = [
                tasks.create_task(self._send(pending, about)),
                tasks.create_task(self._poll_when_silent(pending)),
            ]
            await pending.ended.wait()
            for helper in helpers:
                helper.cancel()

    async def _send(self, pending: _Pending, about: dict[str, object]) -> None:
        while True:
            await self._publish(
                pending.subtask.device_id,
                Channel.SUBTASK,
                pending.subtask,
                math.ceil(self._times.subtask_timeout_seconds),
            )
            if not pending.is_sent:
                pending.is_sent = True
                self._journal.append(EventKind.SUBTASK_SENT, about, goal_id=pending.goal_id)
            await pending.again.wait()
            pending.again.clear()

    async def _poll_when_silent(self, pending: _Pending) -> None:
        timeout = self._times.subtask_timeout_seconds
        began = self._clock.monotonic()
        for share in _POLL_SHARES:
            await self._clock.sleep(began + share * timeout - self._clock.monotonic())
            silent_since = began if pending.heard_at is None else pending.heard_at
            if self._clock.monotonic() - silent_since >= timeout / 4:
                await self._poll(pending.subtask.device_id, pending.subtask.subtask_id)

    async def _poll(self, device_id: str, subtask_id: str) -> None:
        control = Control(
            control_id=uuid.uuid4().hex,
            device_id=device_id,
            command=ControlCommand.POLL,
            epoch=self._epoch,
            subtask_id=subtask_id,
        )
        await self._publish(
            device_id, Channel.CONTROL, control, math.ceil(self._times.subtask_timeout_seconds)
        )

    async def _publish(self, device_id: str, channel: Channel, message: Message, expiry_seconds: int) -> None:
        """Publish until the broker took it; whoever calls this bounds the time."""
        identity = message.subtask_id if isinstance(message, Subtask) else getattr(message, "control_id", "")
        while True:
            try:
                await self._bus.publish(
                    self._topics.device(device_id, channel),
                    encode(message),
                    expiry_seconds=expiry_seconds,
                    response_topic=self._topics.device(device_id, Channel.REPORT),
                    correlation_data=identity.encode(),
                )
            except OperatorError as error:
                logger.warning("%s could not be told: %s", device_id, error)
                await self._clock.sleep(_RETRY_SECONDS)
            else:
                return

    def _take_expected(self, pending: _Pending, report: Report) -> None:
        pending.heard_at = self._clock.monotonic()
        if pending.final is not None:
            return
        last = pending.last_report
        pending.last_report = report
        if last is None or (last.status, last.sentence) != (report.status, report.sentence):
            self._journal.append(EventKind.REPORT, _brief(report), goal_id=pending.goal_id)
        if report.status.is_final:
            pending.final = report
            pending.ended.set()

    def _free_if_done(self, report: Report) -> None:
        """Free a device of a stale subtask: it reported its end, or it answered a poll and is not at work."""
        occupation = self._occupied.get(report.device_id)
        if occupation is None or not occupation.is_stale:
            return
        is_its_end = report.subtask_id == occupation.subtask_id and report.status.is_final
        is_at_rest = report.in_reply_to is not None and (
            report.status.is_final or report.status is ReportStatus.IDLE
        )
        if is_its_end or is_at_rest:
            del self._occupied[report.device_id]
            self._wake()

    def _send_again(self, device_id: str) -> None:
        """A device that ought to be at work says it has none: the subtask was lost on the way."""
        for pending in self._pending.values():
            if pending.subtask.device_id == device_id and pending.is_sent:
                pending.heard_at = self._clock.monotonic()
                pending.again.set()

    def _record(self, pending: _Pending, assignment: Assignment, seconds: float) -> ExecutionRecord:
        device_id = pending.subtask.device_id
        last = pending.last_report
        base = ExecutionRecord(
            step=assignment.step,
            sentence=assignment.sentence,
            outcome=Outcome.SILENT,
            subtask_id=pending.subtask.subtask_id,
            device_id=device_id,
            entity_kind=assignment.entity_kind,
            entity_id=assignment.entity_id,
            reason=f"{device_id} did not answer in time",
            error_code=ErrorCode.DEVICE_SILENT,
            model_calls=last.model_calls if last else 0,
            seconds=round(seconds, 3),
        )
        if pending.final is not None:
            return base.model_copy(update=_end_of(pending.final))
        if pending.is_lost:
            return base.model_copy(
                update={"outcome": Outcome.LOST, "reason": f"{device_id} was lost before it answered"}
            )
        if not pending.is_sent or not self._bus.is_connected:
            return base.model_copy(
                update={
                    "outcome": Outcome.BROKER_UNAVAILABLE,
                    "reason": BROKER_AWAY,
                    "error_code": ErrorCode.BROKER_UNAVAILABLE,
                }
            )
        return base


def _end_of(report: Report) -> dict[str, object]:
    """What a final report says about the end of a subtask, as fields of the record."""
    is_completed = report.status is ReportStatus.COMPLETED
    reason = _REASONS.get(report.status, "{device} said {words}")
    return {
        "outcome": Outcome.of_report(report.status),
        "said": report.sentence,
        "reason": None
        if is_completed
        else reason.format(device=report.device_id, words=quoted(report.sentence)),
        "findings": report.findings if is_completed else (),
        "error_code": report.error_code,
    }


def _brief(report: Report) -> dict[str, object]:
    return {
        "subtask_id": report.subtask_id,
        "device_id": report.device_id,
        "status": report.status.value,
        "sentence": report.sentence,
        "model_calls": report.model_calls,
    }
