"""Who is at work on what. A device never gets a second subtask before the end of the first is known."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable
from dataclasses import dataclass

from coordinator.allocator import Assignment, Fleet
from coordinator.approvals import Approvals
from coordinator.course import Course
from coordinator.exchange import Exchange, Ports, WaitingTimes, brief
from coordinator.fleet import DeviceState, state_of
from coordinator.goal_state import SubtaskState
from coordinator.ledger.events import EventKind
from coordinator.ledger.ledger import Ledger
from coordinator.messenger import Messenger
from coordinator.queueing import Queueing, Turn
from coordinator.reassignment import UNABLE
from coordinator.records import ExecutionRecord
from coordinator.registry import Change, Device, Registry
from coordinator.site.closures import places_in
from coordinator.site.current import CurrentSite
from coordinator.site.geography import Spot
from coordinator.timers import Timers
from coordinator.workload import Declined, Workload
from protocol.clock import Clock
from protocol.messages import Report, ReportStatus, Subtask
from transport.clock import within

logger = logging.getLogger(__name__)

_LATE_LIMIT = 10_000
WITHDRAWN = "it was given to another device"


@dataclass(slots=True)
class Hold:
    """One sentence that waits for its device. Until it was begun it can be withdrawn, to be given to another one.

    Attributes:
        urgency: by how much it comes before the rest of its goal.
        is_begun: its device has it.
        is_withdrawn: it is not for this device any more.
    """

    urgency: int = 0
    is_begun: bool = False
    is_withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Holding:
    """Why a device gets no work: a person paused it, or has it stand still for a while (`standstill`), as `because` says."""

    by: str
    standstill: str | None = None
    because: str = ""


@dataclass(slots=True)
class _Occupation:
    """What a device is busy with. Stale: nobody waits for it any more, yet the device never said that it ended."""

    subtask_id: str
    is_stale: bool = False
    is_paused: bool = False


class Dispatcher:
    """Gives devices their subtasks and takes in what they report.

    Args:
        messenger: speaks to devices.
        registry: who can be had.
        approvals: learns what devices ask.
        ledger: where everything is written down, before it is sent.
        clock: time.
        site: the places that devices and work are at.
        timers: calls back when time is up.
        times: how long to wait.

    Attributes:
        was_ever_held: whether any device was ever paused as a whole.
    """

    def __init__(
        self,
        messenger: Messenger,
        registry: Registry,
        approvals: Approvals,
        ledger: Ledger,
        clock: Clock,
        *,
        site: CurrentSite,
        timers: Timers,
        times: WaitingTimes,
    ) -> None:
        self._messenger = messenger
        self._registry = registry
        self._approvals = approvals
        self._ledger = ledger
        self._clock = clock
        self._times = times
        self._ports = Ports(messenger, ledger, clock, timers, times, approvals.is_open)
        self._exchanges: dict[str, Exchange] = {}
        self._at: dict[str, dict[str, Exchange]] = {}
        self._occupied: dict[str, _Occupation] = {}
        self.was_ever_held = False
        self._held: dict[str, Holding] = {}
        self._kept_clear: dict[str, str] = {}
        self._unanswered: dict[str, str] = {}
        self._released = asyncio.Event()
        self._queueing = Queueing()
        self._site = site
        self._declined = Declined()
        self.workload = Workload()
        self.clock = clock
        self._places = itertools.count()

    @property
    def is_connected(self) -> bool:
        """Whether the broker can be reached."""
        return self._messenger.is_connected

    # Who can be had

    def fleet(self, priority: int = 0) -> Fleet:
        """Return who may get work now, idle devices first, what is known of them, and why others may not.

        Args:
            priority: of the goal that asks; work of less urgent ones does not count as before it.
        """
        states: dict[str, DeviceState] = {}
        by_kind: dict[str, list[str]] = {}
        paused: dict[str, list[str]] = {}
        problems: dict[str, str] = {}
        for device in self._registry.devices():
            kind = "" if device.profile is None else device.profile.kind.casefold()
            problem = self._problem(device.device_id)
            if problem is None:
                by_kind.setdefault(kind, []).append(device.device_id)
                states[device.device_id] = self._state(device, priority)
                continue
            problems[device.device_id] = problem
            if device.is_available and self.pause_of(device.device_id) is not None:
                paused.setdefault(kind, []).append(problem)
        for names in by_kind.values():
            names.sort(key=lambda name: name in self._occupied)
        return Fleet(by_kind, problems, paused, states, self._site.geography)

    def _state(self, device: Device, priority: int) -> DeviceState:
        name = device.device_id
        waiting = self._queueing.count(name, priority) + self.workload.before(name, priority)
        geography = self._site.geography
        return state_of(
            device.attributes,
            home=geography.home(name),
            geography=geography,
            queued=waiting + (name in self._occupied),
            declined=self._declined.of(name),
            stands_still=self.standstill_of(name) is not None,
        )

    def hold(self, device_id: str, by: str, *, standstill: str | None = None, because: str = "") -> None:
        """Give a device no more work, until it is released.

        Args:
            device_id: whom.
            by: who says so.
            standstill: of what it is a part; its work then waits and is not given up.
            because: what stands still, such as "everything near station 2".
        """
        self._held[device_id] = Holding(by, standstill, because)
        self.was_ever_held = True
        self._note_held(device_id)
        self._wake(device_id)

    def held(self) -> tuple[str, ...]:
        """Return the devices that are paused as a whole."""
        return tuple(self._held)

    def _note_held(self, device_id: str) -> None:
        for exchange in self.exchanges(device_id=device_id):
            exchange.is_held = self.standstill_of(device_id) is not None
            exchange.note_waiting()

    def keep_clear(self, standstill: str, place: str | None) -> None:
        """Begin nothing that leads to a place, as long as a standstill lasts; None ends that."""
        if place is None:
            self._kept_clear.pop(standstill, None)
            self.wake()
        else:
            self._kept_clear[standstill] = place

    def standstill_of(self, device_id: str) -> str | None:
        """Return the standstill that a device is part of; None where it is part of none."""
        holding = self._held.get(device_id)
        return None if holding is None else holding.standstill

    def release(self, device_id: str) -> None:
        """Let a device have work again."""
        self._held.pop(device_id, None)
        self._note_held(device_id)
        self._wake(device_id)

    def standing_still(self, standstill: str) -> tuple[str, ...]:
        """Return who is part of a standstill."""
        return tuple(name for name, holding in self._held.items() if holding.standstill == standstill)

    def spot_of(self, device: Device) -> Spot | None:
        """Return where a device is, as far as is known."""
        return self._state(device, 0).spot

    def held_by(self, device_id: str) -> str | None:
        """Return who paused a device; None while it is not."""
        holding = self._held.get(device_id)
        return None if holding is None else holding.by

    def pause_of(self, device_id: str) -> str | None:
        """Say, as a clause, that a device or its subtask is paused; None when neither is."""
        holding = self._held.get(device_id)
        if holding is not None and holding.standstill is not None:
            return f"{device_id} stands still because {holding.by} stopped {holding.because}"
        if holding is not None:
            return f"{device_id} was paused by {holding.by}"
        occupation = self._occupied.get(device_id)
        return f"{device_id} is paused" if occupation is not None and occupation.is_paused else None

    def exchanges(self, *, goal_id: str | None = None, device_id: str | None = None) -> list[Exchange]:
        """Return what is under way, of one goal or one device where named."""
        exchanges = self._exchanges if device_id is None else self._at.get(device_id, {})
        return [one for one in exchanges.values() if goal_id in {None, one.course.goal_id}]

    def exchange(self, subtask_id: str) -> Exchange | None:
        """Return what is under way about one subtask."""
        return self._exchanges.get(subtask_id)

    def wake(self) -> None:
        """Have all who wait for devices look again, because of what happened to their goals."""
        self._queueing.wake_all()

    def _wake(self, device_id: str) -> None:
        """Have those look again who wait for one device: others do not care, and there may be thousands of them."""
        self._queueing.wake(device_id)
        released, self._released = self._released, asyncio.Event()
        released.set()

    def withdraw(self, device_id: str, hold: Hold) -> None:
        """Take back what waits for a device: whoever waits for it learns so."""
        hold.is_withdrawn = True
        self._queueing.wake(device_id)

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

    # Subtasks

    async def execute(
        self,
        course: Course,
        subtask_id: str,
        assignment: Assignment,
        *,
        on_suspicion: Callable[[], None] | None = None,
        hold: Hold | None = None,
    ) -> ExecutionRecord | str:
        """Send one sentence and wait for its end; or wait on for that of one that was recalled after a restart.

        Args:
            course: of the goal.
            subtask_id: what it is to be called.
            assignment: the sentence, and the device.
            on_suspicion: called when the device does not say how it stands although it was asked.
            hold: learns that it was begun, and may be withdrawn before.

        Returns:
            What is known about the end; or, where nothing was sent because the device cannot be had or the goal was
            halted, the reason.
        """
        exchange = self._exchanges.get(subtask_id)
        if exchange is None:
            device_id = assignment.device_id or ""
            problem = await self._occupy(course, assignment, subtask_id, hold or Hold())
            if problem is not None:
                return problem
            subtask = Subtask(
                subtask_id=subtask_id,
                goal_id=course.goal_id,
                device_id=device_id,
                sentence=assignment.sentence,
                epoch=self._messenger.epoch,
                issued_at=self._clock.now(),
                timeout_seconds=self._times.subtask_timeout_seconds,
            )
            exchange = self._open(Exchange(subtask, assignment, course, self._ports))
        exchange.on_suspicion = on_suspicion
        try:
            return await exchange.run()
        finally:
            self._close(exchange)

    def recall(self, course: Course, assignment: Assignment, state: SubtaskState) -> None:
        """Take up, after a restart, a subtask whose end is not known; from now on what its device reports is heard.

        `execute` with its id waits for its end.
        """
        subtask = Subtask(
            subtask_id=state.subtask_id,
            goal_id=course.goal_id,
            device_id=state.device_id,
            sentence=state.sentence,
            epoch=self._messenger.epoch,
            issued_at=state.issued_at,
            timeout_seconds=state.timeout_seconds or self._times.subtask_timeout_seconds,
        )
        self._occupied[state.device_id] = _Occupation(state.subtask_id, is_paused=state.status == "paused")
        self._open(Exchange(subtask, assignment, course, self._ports, recalled=state))

    def _open(self, exchange: Exchange) -> Exchange:
        exchange.is_held = self.standstill_of(exchange.device_id) is not None
        self._exchanges[exchange.subtask_id] = exchange
        self._at.setdefault(exchange.device_id, {})[exchange.subtask_id] = exchange
        return exchange

    def _close(self, exchange: Exchange) -> None:
        self._exchanges.pop(exchange.subtask_id, None)
        here = self._at.get(exchange.device_id, {})
        here.pop(exchange.subtask_id, None)
        if not here:
            self._at.pop(exchange.device_id, None)
        self._leave(exchange)

    def take_report(self, report: Report) -> None:
        """Take in what an enrolled device reports.

        Raises:
            InputError: it asks under an id that another device has.
        """
        goal_id = self._unanswered.get(report.subtask_id or "")
        exchange = self._exchanges.get(report.subtask_id or "")
        if exchange is not None and exchange.device_id == report.device_id:
            goal_id = exchange.course.goal_id
            exchange.take(report)
            self._note_ability(exchange.subtask.sentence, report)
        elif report.subtask_id in self._unanswered and report.status.is_final:
            del self._unanswered[report.subtask_id]
            visits = [visit.model_dump(mode="json") for visit in report.visits]
            self._ledger.append(EventKind.LATE_REPORT, {**brief(report), "visits": visits}, goal_id=goal_id)
        self._note_pause(report)
        self._free_if_done(report)
        if report.status is ReportStatus.IDLE and report.in_reply_to is not None:
            for one in self.exchanges(device_id=report.device_id):
                one.take_denial()
        self._approvals.take_report(report, goal_id)
        if exchange is not None and report.status is ReportStatus.AWAITING_APPROVAL:
            exchange.note_waiting()

    def _note_ability(self, sentence: str, report: Report) -> None:
        """Remember what a device says it cannot do, so that others are asked first."""
        if report.status is ReportStatus.NOT_EXECUTABLE and report.error_code in UNABLE:
            self._declined.note(report.device_id, sentence)
        elif report.status is ReportStatus.COMPLETED:
            self._declined.forget(report.device_id, sentence)

    def take_change(self, device_id: str, change: Change) -> None:
        """Take in that a device went away or came back."""
        for exchange in self.exchanges(device_id=device_id):
            if change is Change.GONE:
                exchange.lose()
            elif change is Change.RESTARTED:
                exchange.send_again()
        if change is Change.RESTARTED:
            self._declined.forget(device_id)
        if change is Change.GONE:
            self._approvals.withdraw(device_id)
        self._wake(device_id)

    def note_unfinished(self, goal_id: str, subtask_id: str, device_id: str) -> None:
        """Note, after a restart, a subtask whose end was never recorded: the device may still be at it."""
        self._occupied[device_id] = _Occupation(subtask_id, is_stale=True)
        self._remember_unanswered(subtask_id, goal_id)

    async def _occupy(
        self, course: Course, assignment: Assignment, subtask_id: str, hold: Hold
    ) -> str | None:
        """Wait until the goal may go on and the device is free, and take it; or say why that will not be."""
        device_id = assignment.device_id or ""
        place = next(self._places)
        turn = Turn(course, hold.urgency, place)
        while True:
            if course.halt is not None:
                return course.halt.reason
            if hold.is_withdrawn:
                return WITHDRAWN
            problem = self._problem(device_id) or self._barrier(device_id, assignment.sentence)
            if problem is not None:
                return problem
            is_free = course.paused_by is None and device_id not in self._occupied
            is_free = is_free and not self._stands_still(device_id, assignment.sentence)
            if is_free and self._queueing.is_first(device_id, turn):
                self._occupied[device_id] = _Occupation(subtask_id)
                hold.is_begun = True
                return None
            await self._queueing.wait(device_id, turn)

    def _problem(self, device_id: str) -> str | None:
        """Say why a device gets no work, not even after what it is at."""
        device = self._registry.get(device_id)
        if device is None:
            return f"{device_id} is not known here"
        if not device.is_available:
            return device.problem
        # Who stands still for a while keeps its work.
        pause = None if self.standstill_of(device_id) is not None else self.pause_of(device_id)
        if pause is None and self._is_stale(device_id):
            return f"{device_id} is still busy with an earlier subtask"
        return pause

    def _barrier(self, device_id: str, sentence: str) -> str | None:
        """Say why a device cannot go where a sentence leads now."""
        if not self._site.closed:
            return None
        return self.fleet().barrier(sentence, device_id)

    def _stands_still(self, device_id: str, sentence: str) -> bool:
        """Whether work has to wait because its device or the place that it leads to is to stand still."""
        if self.standstill_of(device_id) is not None:
            return True
        kept = set(self._kept_clear.values())
        site = self._site.site
        return bool(kept) and any(
            place in kept or site.zone_of.get(place) in kept for place in places_in(sentence, site)
        )

    def _leave(self, exchange: Exchange) -> None:
        """Stop waiting: the device is free, or nobody knows."""
        device_id = exchange.device_id
        if exchange.is_over:
            self._free(device_id)
            return
        occupation = self._occupied.setdefault(device_id, _Occupation(exchange.subtask_id))
        occupation.is_stale = True
        self._remember_unanswered(exchange.subtask_id, exchange.course.goal_id)
        self._wake(device_id)

    def _free(self, device_id: str) -> None:
        self._occupied.pop(device_id, None)
        self._wake(device_id)

    def _remember_unanswered(self, subtask_id: str, goal_id: str) -> None:
        if len(self._unanswered) >= _LATE_LIMIT:
            del self._unanswered[next(iter(self._unanswered))]
        self._unanswered[subtask_id] = goal_id

    def _is_stale(self, device_id: str) -> bool:
        occupation = self._occupied.get(device_id)
        return occupation is not None and occupation.is_stale

    async def _ask_until_free(self, device_ids: list[str]) -> None:
        for device_id in device_ids:
            occupation = self._occupied.get(device_id)
            if occupation is not None and occupation.is_stale:
                self._messenger.poll(
                    device_id,
                    occupation.subtask_id,
                    expiry_seconds=self._times.subtask_timeout_seconds,
                )
        while any(self._is_stale(device_id) for device_id in device_ids):
            await self._released.wait()

    def _note_pause(self, report: Report) -> None:
        occupation = self._occupied.get(report.device_id)
        if occupation is None or report.subtask_id != occupation.subtask_id:
            return
        is_paused = report.status is ReportStatus.PAUSED
        if is_paused != occupation.is_paused:
            occupation.is_paused = is_paused
            self._wake(report.device_id)

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
            self._free(report.device_id)
