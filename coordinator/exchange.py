"""The exchange with one device about one subtask: send, listen, ask when silent, stop waiting when time is up.

Time in which the device waits for a person, because it was paused or asked for approval, does not count.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass

from coordinator.allocator import Assignment
from coordinator.course import Course
from coordinator.ledger.events import EventKind
from coordinator.ledger.ledger import Ledger
from coordinator.messenger import Messenger
from coordinator.records import ExecutionRecord, Outcome
from coordinator.wording import quoted
from protocol.clock import Clock
from protocol.errors import ErrorCode
from protocol.messages import ControlCommand, Report, ReportStatus, Subtask
from transport.clock import within

BROKER_AWAY = "the message broker could not be reached"
CANCEL_EXPIRY_SECONDS = 3600.0
_POLL_SHARES = (0.5, 0.75)
# Below this, what is left of a time is rounding.
_INSTANT_SECONDS = 1e-3


@dataclass(frozen=True, slots=True)
class WaitingTimes:
    """How long to wait for devices, in seconds.

    Attributes:
        subtask_timeout_seconds: after this a subtask's outcome is unknown and the goal goes on without it.
        poll_wait_seconds: how long a device that never finished an earlier subtask has for saying that it is free.
        stop_wait_seconds: how long a device that was told to stop has for saying that it has.
    """

    subtask_timeout_seconds: float = 120.0
    poll_wait_seconds: float = 2.0
    stop_wait_seconds: float = 15.0


class Exchange:
    """One subtask at one device, from its order to its end.

    Args:
        subtask: the order.
        assignment: what it was made from.
        course: of its goal.
        messenger: speaks to the device.
        ledger: where everything is written down, before it is sent.
        clock: time.
        times: how long to wait.
        is_open_question: whether a person may still answer the question with this id.

    Attributes:
        paused_by: who paused this subtask alone.
        cancelled_by: who cancelled it.
        decided_by: who answered its last question.
    """

    def __init__(
        self,
        subtask: Subtask,
        assignment: Assignment,
        course: Course,
        *,
        messenger: Messenger,
        ledger: Ledger,
        clock: Clock,
        times: WaitingTimes,
        is_open_question: Callable[[str], bool],
    ) -> None:
        self.subtask = subtask
        self.course = course
        self.paused_by: str | None = None
        self.cancelled_by: str | None = None
        self.decided_by: str | None = None
        self.final: Report | None = None
        self._assignment = assignment
        self._messenger = messenger
        self._ledger = ledger
        self._clock = clock
        self._times = times
        self._is_open_question = is_open_question
        self._last: Report | None = None
        self._heard_at: float | None = None
        self._is_sent = False
        self._is_lost = False
        self._is_resumed = False
        self._ended = asyncio.Event()
        self._again = asyncio.Event()
        self._changed = asyncio.Event()
        self._poll_due = asyncio.Event()

    @property
    def device_id(self) -> str:
        """Whom it is held with."""
        return self.subtask.device_id

    @property
    def subtask_id(self) -> str:
        """What it is about."""
        return self.subtask.subtask_id

    @property
    def is_paused(self) -> bool:
        """Whether the device said last that it is paused."""
        return self._last is not None and self._last.status is ReportStatus.PAUSED

    async def run(self) -> ExecutionRecord:
        """Hold the exchange to its end, and say what is known about that."""
        about = {
            "subtask_id": self.subtask_id,
            "device_id": self.device_id,
            "sentence": self.subtask.sentence,
            "step": self._assignment.step,
            "entity_kind": self._assignment.entity_kind,
            "entity_id": self._assignment.entity_id,
        }
        began = self._clock.monotonic()
        self._ledger.append(EventKind.SUBTASK_ASSIGNED, about, goal_id=self.subtask.goal_id)
        async with asyncio.TaskGroup() as tasks:
            sending = tasks.create_task(self._send(about))
            helpers = [
                sending,
                tasks.create_task(self._poll_when_due()),
                tasks.create_task(self._keep_time()),
                tasks.create_task(self._halt(sending)),
            ]
            await self._ended.wait()
            for helper in helpers:
                helper.cancel()
        if self.course.halt is not None and self.final is None:
            # Its order may still lie at the broker, or in the memory of a device that was switched off.
            self._cancel(self.course.halt.by)
        return self._record(self._clock.monotonic() - began)

    # What happens meanwhile

    def take(self, report: Report) -> None:
        """Take in what the device reports of this subtask."""
        self._heard_at = self._clock.monotonic()
        if self.final is not None:
            return
        last, self._last = self._last, report
        if report.status is not ReportStatus.PAUSED:
            self._is_resumed = False
        if last is None or (last.status, last.sentence) != (report.status, report.sentence):
            self._ledger.append(EventKind.REPORT, brief(report), goal_id=self.subtask.goal_id)
        if report.status.is_final:
            self.final = report
            self._ended.set()
        self._changed.set()

    def lose(self) -> None:
        """The device is gone."""
        self._is_lost = True
        self._ended.set()

    def send_again(self) -> None:
        """The device may not have the order: it has restarted, or says that it has no work.

        It knows the orders it has seen, so asking twice cannot make it work twice.
        """
        if self._is_sent:
            self._heard_at = self._clock.monotonic()
        self._again.set()

    def note_change(self) -> None:
        """A person has answered, or has let the device go on: from now on its time counts again."""
        self._is_resumed = self.is_paused
        self._changed.set()

    # Helpers of the exchange

    async def _send(self, about: dict[str, object]) -> None:
        while True:
            await self._messenger.send(self.subtask)
            if not self._is_sent:
                self._is_sent = True
                self._ledger.append(EventKind.SUBTASK_SENT, about, goal_id=self.subtask.goal_id)
            await self._again.wait()
            self._again.clear()

    async def _halt(self, sending: asyncio.Task[None]) -> None:
        await self.course.halted.wait()
        sending.cancel()
        self._changed.set()
        if self.course.halt is not None and not self.course.halt.is_known_to_devices:
            self._cancel(self.course.halt.by)

    def _cancel(self, by: str) -> None:
        self._messenger.order(
            self.device_id,
            ControlCommand.CANCEL,
            subtask_id=self.subtask_id,
            by=by,
            expiry_seconds=CANCEL_EXPIRY_SECONDS,
        )

    async def _poll_when_due(self) -> None:
        while True:
            await self._poll_due.wait()
            self._poll_due.clear()
            await self._messenger.poll(
                self.device_id,
                self.subtask_id,
                expiry_seconds=self._times.subtask_timeout_seconds,
            )

    async def _keep_time(self) -> None:
        """Have a silent device polled, and end the exchange when time is up."""
        timeout = self._times.subtask_timeout_seconds
        marks = [share * timeout for share in _POLL_SHARES]
        used, started = 0.0, self._clock.monotonic()
        while used < timeout - _INSTANT_SECONDS and self.course.halt is None:
            self._changed.clear()
            began = self._clock.monotonic()
            waits_until = self._waits_until()
            if waits_until is not None:
                # A lost report would otherwise leave both sides waiting for ever.
                left = min(timeout / 2, waits_until - self._clock.now())
                if not await self._changes_within(left):
                    self._poll_due.set()
                continue
            await self._changes_within((marks[0] if marks else timeout) - used)
            used += self._clock.monotonic() - began
            if marks and used >= marks[0] - _INSTANT_SECONDS:
                del marks[0]
                silent_since = started if self._heard_at is None else self._heard_at
                if self._clock.monotonic() - silent_since >= timeout / 4:
                    self._poll_due.set()
        if self.course.halt is not None:
            await self._clock.sleep(self._times.stop_wait_seconds)
        self._ended.set()

    def _waits_until(self) -> float | None:
        """Until when (Unix seconds) the device waits for a person; None when it waits for nobody."""
        last = self._last
        if last is None:
            return None
        if last.status is ReportStatus.PAUSED and not self._is_resumed:
            return math.inf
        if last.status is not ReportStatus.AWAITING_APPROVAL or last.approval is None:
            return None
        is_open = self._is_open_question(last.approval.approval_id)
        left = last.approval.expires_at - self._clock.now()
        return last.approval.expires_at if is_open and left > _INSTANT_SECONDS else None

    async def _changes_within(self, seconds: float) -> bool:
        try:
            await within(self._clock, max(seconds, _INSTANT_SECONDS), self._changed.wait())
        except TimeoutError:
            return False
        return True

    # The end

    def _record(self, seconds: float) -> ExecutionRecord:
        base = ExecutionRecord(
            step=self._assignment.step,
            sentence=self._assignment.sentence,
            outcome=Outcome.SILENT,
            subtask_id=self.subtask_id,
            device_id=self.device_id,
            entity_kind=self._assignment.entity_kind,
            entity_id=self._assignment.entity_id,
            reason=f"{self.device_id} did not answer in time",
            error_code=ErrorCode.DEVICE_SILENT,
            model_calls=self._last.model_calls if self._last else 0,
            seconds=round(seconds, 3),
        )
        if self.final is not None:
            return base.model_copy(update=self._end_of(self.final))
        if self._is_lost:
            reason = f"{self.device_id} was lost before it answered"
            return base.model_copy(update={"outcome": Outcome.LOST, "reason": reason})
        if not self._is_sent or not self._messenger.is_connected:
            return base.model_copy(
                update={
                    "outcome": Outcome.BROKER_UNAVAILABLE,
                    "reason": BROKER_AWAY,
                    "error_code": ErrorCode.BROKER_UNAVAILABLE,
                }
            )
        if self.course.halt is not None:
            return base.model_copy(update={"reason": f"{self.device_id} {self.course.halt.silence}"})
        return base

    def _end_of(self, report: Report) -> dict[str, object]:
        """What a final report says about the end of the subtask, as fields of the record."""
        is_completed = report.status is ReportStatus.COMPLETED
        return {
            "outcome": Outcome.of_report(report.status),
            "said": report.sentence,
            "reason": None if is_completed else self._reason(report),
            "findings": report.findings if is_completed else (),
            "error_code": report.error_code,
            "visits": report.visits,
        }

    def _reason(self, report: Report) -> str:
        if report.error_code is ErrorCode.EMERGENCY_STOPPED:
            return f"{self.device_id} was stopped by the emergency stop"
        if report.error_code is ErrorCode.APPROVAL_DENIED:
            return f"{self.decided_by or 'a person'} did not allow it"
        if report.error_code is ErrorCode.APPROVAL_EXPIRED:
            return "nobody allowed it in time"
        if report.status is ReportStatus.SUPERSEDED:
            return f"{self.device_id} dropped it for a newer subtask"
        if report.status is ReportStatus.CANCELLED:
            by = self.course.halt.by if self.course.halt is not None else self.cancelled_by
            return f"{self.device_id} was told to stop" + (f" by {by}" if by else "")
        return f"{self.device_id} said {quoted(report.sentence)}"


def brief(report: Report) -> dict[str, object]:
    """Return what the ledger keeps of a report that is no end, or comes too late to be one."""
    return {
        "subtask_id": report.subtask_id,
        "device_id": report.device_id,
        "status": report.status.value,
        "sentence": report.sentence,
        "model_calls": report.model_calls,
    }
