"""The exchange with one device about one subtask: send, listen, ask when silent, stop waiting when time is up.

It is state and timers, no task of its own. Time in which the device waits for a person, because it was paused or asked for
approval, does not count.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass

from coordinator.allocator import Assignment
from coordinator.course import Course
from coordinator.ending import Ending, record_of
from coordinator.goal_state import PAUSED, SubtaskState
from coordinator.ledger.events import EventKind
from coordinator.ledger.ledger import Ledger
from coordinator.messenger import Letter, Messenger
from coordinator.records import ExecutionRecord
from coordinator.timers import INSTANT_SECONDS, Timer, Timers
from protocol.clock import Clock
from protocol.messages import ControlCommand, Report, ReportStatus, Subtask

CANCEL_EXPIRY_SECONDS = 3600.0
_POLL_SHARES = (0.5, 0.75)
_COORDINATOR = "the coordinator"


@dataclass(frozen=True, slots=True)
class WaitingTimes:
    """How long to wait for devices, in seconds.

    Attributes:
        subtask_timeout_seconds: after this a subtask's outcome is unknown and the goal goes on without it.
        poll_wait_seconds: how long a device that never finished an earlier subtask has for saying that it is free.
        stop_wait_seconds: how long a device that was told to stop has for saying that it has; and, after a restart of the
            coordinator, how long devices at work have for coming back and for telling of what is over.
    """

    subtask_timeout_seconds: float = 120.0
    poll_wait_seconds: float = 2.0
    stop_wait_seconds: float = 15.0


@dataclass(frozen=True, slots=True)
class Ports:
    """What every exchange needs.

    Attributes:
        messenger: speaks to the device.
        ledger: where everything is written down, before it is sent.
        clock: time.
        timers: calls back when time is up.
        times: how long to wait.
        is_open_question: whether a person may still answer the question with this id, of this device.
    """

    messenger: Messenger
    ledger: Ledger
    clock: Clock
    timers: Timers
    times: WaitingTimes
    is_open_question: Callable[[str, str], bool]


class Exchange:
    """One subtask at one device, from its order to its end.

    Args:
        subtask: the order.
        assignment: what it was made from.
        course: of its goal.
        ports: what it needs.
        recalled: where it stood when the coordinator was restarted; None for a new one.

    Attributes:
        paused_by: who paused this subtask alone.
        cancelled_by: who cancelled it.
        is_handed_over: it was cancelled to have another device do it.
        decided_by: who answered its last question.
        final: the device's final report.
        is_held: a person has paused the device as a whole; it may still be at the step that it was at.
        is_suspect: the device was asked how it stands and did not answer.
        on_suspicion: called when it becomes that.
    """

    def __init__(
        self,
        subtask: Subtask,
        assignment: Assignment,
        course: Course,
        ports: Ports,
        *,
        recalled: SubtaskState | None = None,
    ) -> None:
        self.subtask = subtask
        self.course = course
        self.paused_by: str | None = None
        self.cancelled_by: str | None = None
        self.is_handed_over = False
        self.decided_by: str | None = None
        self.final: Report | None = None
        self.is_held = False
        self.is_suspect = False
        self.on_suspicion: Callable[[], None] | None = None
        self._assignment = assignment
        self._messenger = ports.messenger
        self._ledger = ports.ledger
        self._clock = ports.clock
        self._timers = ports.timers
        self._times = ports.times
        self._is_open_question = ports.is_open_question
        self._last: Report | None = None
        self._is_repeatable = None if recalled is None else recalled.is_repeatable
        self._is_recalled = self._may_have_gone_on = recalled is not None
        self._is_begun = False
        self._is_sent = recalled is not None and recalled.status != "assigned"
        self._is_lost = False
        self._is_resumed = False
        self._is_taken_back = False
        self._is_waiting_for_person = False
        self._letter: Letter | None = None
        self._timer: Timer | None = None
        # How long it may take in all, the part of that since the last extension, and when to ask a silent device.
        self._patience = self._span = self._times.subtask_timeout_seconds
        self._marks: list[float] = []
        self._used = 0.0
        self._began = self._since = self._heard_at = self._clock.monotonic()
        self._polled_at: float | None = None
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if recalled is not None:
            self.cancelled_by = recalled.cancelled_by
            self.is_handed_over = recalled.is_handed_over
            if recalled.pause is not None and recalled.pause.did == PAUSED:
                self.paused_by = recalled.pause.by

    @property
    def device_id(self) -> str:
        """Whom it is held with."""
        return self.subtask.device_id

    @property
    def subtask_id(self) -> str:
        """What it is about."""
        return self.subtask.subtask_id

    @property
    def is_over(self) -> bool:
        """Whether it is certain that the device is not at it any more."""
        return self.final is not None

    @property
    def is_paused(self) -> bool:
        """Whether the device said last that it is paused."""
        return self._last is not None and self._last.status is ReportStatus.PAUSED

    async def run(self) -> ExecutionRecord:
        """See it through to its end, and say what is known about that."""
        try:
            if not self._ended.done():
                self._begin()
                await self._ended
        finally:
            self._close()
        if self.course.halt is not None and self.final is None:
            # Its order may still lie at the broker, or in the memory of a device that was switched off.
            self._cancel(self.course.halt.by)
        return self._record(self._clock.monotonic() - self._began)

    # How it begins

    def _begin(self) -> None:
        self._is_begun = True
        self._began = self._since = self._heard_at = self._clock.monotonic()
        self._allow(self._times.subtask_timeout_seconds)
        if self._is_recalled:
            self._take_up()
        else:
            self._ledger.append(EventKind.SUBTASK_ASSIGNED, self._about(), goal_id=self.subtask.goal_id)
            self._post()
        self.course.watch(self.subtask_id, self._halt)
        if self.course.halt is not None:
            self._halt()
        else:
            self._wait_on()

    def _take_up(self) -> None:
        """Go on after a restart. A device knows the orders that it has seen, so one that is sent twice is not run twice."""
        left = self.subtask.issued_at + self.subtask.timeout_seconds - self._clock.now()
        if self._may_have_gone_on:
            self._allow(max(left, self._times.stop_wait_seconds))
        if left > 0:
            self._post()
        # The answer to this also says whether a person's decision or order has been lost.
        self._poll()

    def _about(self) -> dict[str, object]:
        return {
            "subtask_id": self.subtask_id,
            "device_id": self.device_id,
            "sentence": self.subtask.sentence,
            "step": self._assignment.step,
            "index": self._assignment.index,
            "entity_kind": self._assignment.entity_kind,
            "entity_id": self._assignment.entity_id,
            "issued_at": self.subtask.issued_at,
            "timeout_seconds": self.subtask.timeout_seconds,
        }

    # What happens meanwhile

    def take(self, report: Report) -> None:
        """Take in what the device reports of this subtask."""
        self._hear()
        if self.final is not None:
            return
        last, self._last = self._last, report
        if report.status is not ReportStatus.PAUSED:
            self._is_resumed = False
        if report.is_repeatable is not None:
            self._is_repeatable = report.is_repeatable
        if report.status.is_final:
            self.final = report
            self._end()
            return
        if last is None or (last.status, last.sentence) != (report.status, report.sentence):
            self._ledger.append(EventKind.REPORT, brief(report), goal_id=self.subtask.goal_id)
        self._extend_if_at_it(report)
        self.note_waiting()

    def take_denial(self) -> None:
        """The device has no work: asked about this subtask, it does not know it."""
        self._hear()
        if self._is_overdue and self._is_begun:
            self._take_back()
        else:
            self.send_again()

    def lose(self) -> None:
        """The device is gone."""
        self._is_lost = True
        self._end()

    def send_again(self) -> None:
        """The device may not have the order: it has restarted, or says that it has no work.

        It knows the orders it has seen, so asking twice cannot make it work twice.
        """
        if self._is_overdue and self._is_begun:
            self._poll()
        elif self._is_begun:
            self._post()

    def note_change(self) -> None:
        """A person has answered, or has let the device go on: from now on its time counts again."""
        self._is_resumed = self.is_paused
        self.note_waiting()

    @property
    def _is_overdue(self) -> bool:
        return self._clock.now() >= self.subtask.issued_at + self.subtask.timeout_seconds

    def _hear(self) -> None:
        self._heard_at = self._clock.monotonic()
        self._polled_at = None
        self.is_suspect = False

    def _extend_if_at_it(self, report: Report) -> None:
        """Give a device that is at it after a restart the time in which nobody has listened to it."""
        if self._may_have_gone_on and report.status is ReportStatus.ONGOING:
            self._may_have_gone_on = False
            if self._is_begun:
                self._account()
                self._allow(self._times.subtask_timeout_seconds)
                self._wait_on()

    def _allow(self, seconds: float) -> None:
        """Wait for so long from now on."""
        self._span, self._patience = seconds, self._used + seconds
        self._marks = [self._used + share * seconds for share in _POLL_SHARES]

    # Sending

    def _post(self) -> None:
        if self._letter is not None and self._letter.is_wanted:
            return
        until = self._clock.monotonic() + self._times.subtask_timeout_seconds
        self._letter = self._messenger.post(self.subtask, until=until, on_sent=self._note_sent)

    def _note_sent(self) -> None:
        if not self._is_sent:
            self._is_sent = True
            about = {"subtask_id": self.subtask_id, "device_id": self.device_id}
            self._ledger.append(
                EventKind.SUBTASK_SENT,
                {**about, "sentence": self.subtask.sentence},
                goal_id=self.subtask.goal_id,
            )

    def _poll(self) -> None:
        if self._polled_at is None:
            self._polled_at = self._clock.monotonic()
        self._messenger.poll(
            self.device_id, self.subtask_id, expiry_seconds=self._times.subtask_timeout_seconds
        )

    def _take_back(self) -> None:
        """Have the device say what became of an order that it did not know when its time was over.

        The order may still reach it, and its clock may be behind: only its own word that it never began, which it keeps, proves
        that it never will.
        """
        if self._is_taken_back or self.course.halt is not None or self._ended.done():
            return
        self._is_taken_back = True
        self._cancel(_COORDINATOR)
        self._end_soon()

    def _cancel(self, by: str) -> None:
        self._messenger.order(
            self.device_id,
            ControlCommand.CANCEL,
            subtask_id=self.subtask_id,
            by=by,
            expiry_seconds=CANCEL_EXPIRY_SECONDS,
        )

    # Time

    def _account(self) -> None:
        now = self._clock.monotonic()
        if not self._is_waiting_for_person:
            self._used += now - self._since
        self._since = now

    def note_waiting(self) -> None:
        """Take in whether the device waits for a person by now; it costs nothing while it does not."""
        is_waiting = self._waits_until() is not None
        if not self._is_begun or self._ended.done() or (not is_waiting and not self._is_waiting_for_person):
            return
        self._wait_on()

    def _wait_on(self) -> None:
        """Set the timer for what is due next."""
        if self._is_taken_back or self.course.halt is not None:
            return  # it ends soon, whatever the device says meanwhile
        if self._timer is not None:
            self._timer.cancel()
        self._account()
        waits_until = self._waits_until()
        self._is_waiting_for_person = waits_until is not None
        if waits_until is not None:
            # A lost report would otherwise leave both sides waiting for ever.
            left = min(self._times.subtask_timeout_seconds / 2, waits_until - self._clock.now())
        else:
            left = (self._marks[0] if self._marks else self._patience) - self._used
        self._timer = self._timers.after(left, self._come_due)

    def _come_due(self) -> None:
        """Have a silent device polled, and end the exchange when time is up."""
        if self._ended.done():
            return
        was_waiting_for_person = self._is_waiting_for_person
        self._account()
        if was_waiting_for_person:
            self._poll()
        elif self._marks and self._used >= self._marks[0] - INSTANT_SECONDS:
            del self._marks[0]
            self._ask_if_silent()
        if self._used >= self._patience - INSTANT_SECONDS:
            self._end()
        else:
            self._wait_on()

    def _ask_if_silent(self) -> None:
        quarter = self._span / 4
        now = self._clock.monotonic()
        if self._polled_at is not None and now - self._polled_at >= quarter - INSTANT_SECONDS:
            self.is_suspect = True
            if self.on_suspicion is not None:
                self.on_suspicion()
        if now - self._heard_at >= quarter - INSTANT_SECONDS:
            self._poll()

    def _waits_until(self) -> float | None:
        """Until when (Unix seconds) the device waits for a person; None when it waits for nobody."""
        last = self._last
        if self.is_held:
            return math.inf
        if last is None:
            return None
        if last.status is ReportStatus.PAUSED and not self._is_resumed:
            return math.inf
        if last.status is not ReportStatus.AWAITING_APPROVAL or last.approval is None:
            return None
        is_open = self._is_open_question(last.approval.approval_id, self.device_id)
        left = last.approval.expires_at - self._clock.now()
        return last.approval.expires_at if is_open and left > INSTANT_SECONDS else None

    # The end

    def _halt(self) -> None:
        """The goal is not to go on: do not send, tell the device, and give it a little time to say that it has stopped."""
        halt = self.course.halt
        if halt is None or self._ended.done():
            return
        if not halt.is_known_to_devices:
            self._cancel(halt.by)
        self._end_soon()

    def _end_soon(self) -> None:
        """Send its order no more, and give the device a little time to say how it has ended."""
        if self._letter is not None:
            self._letter.cancel()
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._timers.after(self._times.stop_wait_seconds, self._end)

    def _end(self) -> None:
        if not self._ended.done():
            self._ended.set_result(None)

    def _close(self) -> None:
        self.course.unwatch(self.subtask_id)
        self.on_suspicion = None
        if self._timer is not None:
            self._timer.cancel()
        if self._letter is not None:
            self._letter.cancel()

    def _record(self, seconds: float) -> ExecutionRecord:
        return record_of(
            Ending(
                subtask=self.subtask,
                assignment=self._assignment,
                final=self.final,
                last=self._last,
                halt=self.course.halt,
                is_repeatable=self._is_repeatable,
                is_lost=self._is_lost,
                is_told=self._is_sent and self._messenger.is_connected,
                decided_by=self.decided_by,
                cancelled_by=self.cancelled_by,
                is_handed_over=self.is_handed_over,
                seconds=seconds,
            )
        )


def brief(report: Report) -> dict[str, object]:
    """Return what the ledger keeps of a report that is no end, or comes too late to be one."""
    return {
        "subtask_id": report.subtask_id,
        "device_id": report.device_id,
        "status": report.status.value,
        "sentence": report.sentence,
        "model_calls": report.model_calls,
        "is_repeatable": report.is_repeatable,
    }
