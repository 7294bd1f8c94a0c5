"""Keeps standing goals: acts when they are due or broken, waits for the effect, gives up, and tells people."""

from __future__ import annotations

import logging

from coordinator.goals import GoalStatus, GoalView
from coordinator.ledger.events import EventKind
from coordinator.registry import Device
from coordinator.standing.book import Book
from coordinator.standing.calendar_words import say_moment
from coordinator.standing.corrections import Course, Move
from coordinator.standing.disputes import Disputes
from coordinator.standing.errands import Errands
from coordinator.standing.life import Change, Standing, StandingStatus
from coordinator.standing.occurrences import due_now
from coordinator.standing.orders import orders_for, say_broken, say_values
from coordinator.standing.ports import Host
from coordinator.standing.schedule import Once, Schedule
from coordinator.standing.timer import Timer
from coordinator.standing.watcher import EVERY_DEVICE, Judged, Watcher
from coordinator.standing.watching import Judgement
from coordinator.wording import listing, quoted
from protocol.clock import Clock
from protocol.text import clean_sentence

logger = logging.getLogger(__name__)

_QUESTION_CHARACTERS = 560
_SHOWN_OCCURRENCES = 3


class Keeper:
    """Runs all standing goals of a site from one timer and what devices tell.

    Args:
        book: their states.
        host: takes goals and knows devices.
        clock: time.
    """

    def __init__(self, book: Book, host: Host, clock: Clock) -> None:
        self._book = book
        self._host = host
        self._clock = clock
        self.timer = Timer(clock, self.attend)
        self._watchers: dict[str, Watcher] = {}
        self._errands = Errands(book, host, clock, self._after)
        self._disputes = Disputes(book, self._errands)

    def start(self) -> None:
        """Take up what the ledger says; once, before anything else."""
        self._errands.start()
        for state in self._book.live():
            self.begin(state.standing_id)

    def take_end(self, goal_id: str) -> None:
        """Take in that a goal has ended, if it is one of a standing goal."""
        self._errands.take_end(goal_id)

    def begin(self, standing_id: str) -> None:
        """Begin to keep a standing goal, or begin anew after it was changed."""
        state = self._book.get(standing_id)
        watch = state.request.watch
        if watch is None:
            self._watchers.pop(standing_id, None)
        else:
            now = self._clock.now()
            watcher = self._watchers[standing_id] = Watcher(watch, state, now)
            for device in self._host.devices():
                watcher.take(device, now)
        self.attend(standing_id)

    def attend(self, standing_id: str) -> None:
        """Do what is to be done for a standing goal now, and set the timer for the next time."""
        try:
            self._attend(self._book.get(standing_id))
        except (
            Exception
        ):  # the others, and the devices that tell something, must not suffer from a defect in one
            logger.exception("The standing goal %s could not be attended to.", standing_id)

    def _attend(self, state: Standing) -> None:
        if state.status.is_final:
            self.timer.set(state.standing_id, None)
            self._watchers.pop(state.standing_id, None)
        elif state.request.schedule is not None:
            self._attend_schedule(state, state.request.schedule)
        else:
            self._attend_watch(state)

    def attend_all(self) -> None:
        """Look at all of them, because something has changed for all, such as the emergency stop."""
        for state in self._book.live():
            self.attend(state.standing_id)

    def take_attributes(self, device: Device) -> None:
        """Take in what a device tells."""
        for standing_id, watcher in list(self._watchers.items()):
            if watcher.take(device, self._clock.now()):
                self.attend(standing_id)

    def next_at(self, state: Standing) -> float | None:
        """Return when a standing goal is due next (Unix seconds); None where it is bound to no time, or not active."""
        if state.request.schedule is None or state.status is not StandingStatus.ACTIVE:
            return None
        return state.request.schedule.next_after(max(state.handled_until, self._clock.now()))

    def values(self, standing_id: str) -> dict[str, float | str]:
        """Return the watched values that are known, by device."""
        watcher = self._watchers.get(standing_id)
        return {} if watcher is None else watcher.values()

    # Bound to time

    def _attend_schedule(self, state: Standing, schedule: Schedule) -> None:
        if state.status is not StandingStatus.ACTIVE:
            self.timer.set(state.standing_id, None)
            return
        now = self._clock.now()
        due = due_now(schedule, state.handled_until, now)
        if due.missed:
            self._skip(state, due.missed, "I was not running then")
        if due.occurrence is not None:
            self._fire_occurrence(state, due.occurrence, now)
        state = self._book.get(state.standing_id)
        following = schedule.next_after(max(state.handled_until, now))
        if following is None:
            is_once = isinstance(schedule.timing, Once)
            self._end(state, f"{quoted(state.request.text)} has come to its end.", is_notice=not is_once)
        self.timer.set(state.standing_id, following)

    def _fire_occurrence(self, state: Standing, occurrence: float, now: float) -> None:
        hindrance = "the emergency stop is engaged" if self._host.emergency_stop.is_engaged else ""
        if any(not order.is_over for orders in state.orders.values() for order in orders):
            hindrance = hindrance or "it is still under way from the last time"
        if hindrance:
            self._skip(state, (occurrence,), hindrance)
            return
        action = state.request.action or ""
        moment = say_moment(occurrence, now, state.request.zone)
        late = f", {now - occurrence:.0f} s late" if now - occurrence > 1 else ""
        sentence = f"Due {moment} ({state.request.zone}){late}: {quoted(action)}."
        self._errands.fire(state, [_capital(action)], sentence, occurrence=occurrence)

    def _skip(self, state: Standing, missed: tuple[float, ...], why: str) -> None:
        now, zone = self._clock.now(), state.request.zone
        shown = listing([say_moment(each, now, zone) for each in missed[-_SHOWN_OCCURRENCES:]])
        count = f"{len(missed)} times, the last of them " if len(missed) > _SHOWN_OCCURRENCES else ""
        sentence = f"I did not do {quoted(state.request.action or '')} {count}{shown} ({zone}): {why}."
        self._book.change(
            state.standing_id,
            Change.MISSED,
            sentence,
            is_notice=True,
            occurrence=missed[-1],
            count=len(missed),
        )

    # Bound to a condition

    def _attend_watch(self, state: Standing) -> None:
        standing_id, now, until = state.standing_id, self._clock.now(), state.request.until
        if until is not None and now > until:
            self._end(state, f"{quoted(state.request.text)} has come to its end.")
            self.attend(standing_id)
            return
        watcher = self._watchers[standing_id]
        for change in watcher.look(now):
            state = self._book.get(standing_id)
            if not state.status.is_final:
                self._note(state, watcher, change)
        wakes = [moment for moment in (watcher.next_look(), until) if moment is not None]
        for line, values in watcher.broken().items():
            state = self._book.get(standing_id)
            if (
                state.status is not StandingStatus.ACTIVE
                or self._host.emergency_stop.is_engaged
                or state.question is not None
            ):
                break
            if not watcher.watch.is_told:
                wake = self._correct(state, watcher, line, values)
                wakes += [] if wake is None else [wake]
        state = self._book.get(standing_id)
        if state.status.is_final:
            self.attend(standing_id)
            return
        # The end itself still belongs to the time in which it holds.
        self.timer.set(standing_id, max(min(wakes), now + 0.001) if wakes else None)

    def _note(self, state: Standing, watcher: Watcher, change: Judged) -> None:
        standing_id, device_id, watch = state.standing_id, change.device_id, watcher.watch
        is_heard = state.status is StandingStatus.ACTIVE
        value = watcher.value(device_id)
        if change.judgement is Judgement.UNKNOWN:
            minutes = f"{watch.stale_seconds / 60:.0f} minutes"
            sentence = f"{device_id} has not told its {watch.attribute} for {minutes}, so I do not know it."
            self._book.change(standing_id, Change.UNKNOWN, sentence, is_notice=is_heard, device_id=device_id)
            return
        if value is None:
            return
        if change.judgement is Judgement.MET:
            is_last = not watcher.broken() or not watch.is_kept
            lines = [EVERY_DEVICE if watch.is_kept else device_id] if is_last else []
            sentence = f"The {watch.attribute} of {device_id} is {watch.limits.say(value)} again."
            self._book.change(standing_id, Change.MET, sentence, device_id=device_id, lines=lines)
            return
        sentence = say_broken(watch, device_id, value)
        self._book.change(
            standing_id,
            Change.BROKEN,
            sentence,
            is_notice=is_heard and watch.is_kept,
            device_id=device_id,
            value=value,
        )
        if is_heard and watch.is_kept:
            self._disputes.take_broken(watch, change, value)
        elif is_heard and watch.is_told:
            self._errands.fire(state, [], sentence, device_ids=[device_id], is_notice=True)
            if watch.is_once:
                self._end(self._book.get(standing_id), "It was wanted once.", is_notice=False)

    def _correct(
        self, state: Standing, watcher: Watcher, line: str, values: dict[str, float | str]
    ) -> float | None:
        """Correct what is broken, wait, or give up; returns when to look again."""
        watch, now = watcher.watch, self._clock.now()
        excess = sum(watch.limits.excess(value) for value in values.values())
        course = state.courses.get(line, Course())
        decision = course.decide(
            now, excess, watcher.told_at(list(values)), watch.cadence_seconds, is_repeated=watch.is_kept
        )
        if decision.move is Move.WAIT:
            return decision.until
        measured = clean_sentence(say_values(watch, values))
        if decision.move is Move.GIVE_UP:
            sentence = f"I have given up on this: {measured}, and {decision.reason}."
            self._book.change(state.standing_id, Change.GIVEN_UP, sentence, is_notice=True)
            return None
        before = self._progress(course, watch.limits.unit, excess)
        orders = orders_for(state.request, watch, values, watcher.kinds(), before)
        what = (
            " and ".join(quoted(order) for order in orders) if state.request.action else "I plan what to do"
        )
        sentence = f"{_capital(measured)}. I act: {what}."
        self._errands.fire(
            state,
            orders,
            sentence,
            line=line,
            device_ids=list(values),
            excess=excess,
            is_notice=not watch.is_kept,
        )
        state = self._book.get(state.standing_id)
        if watch.is_once and not state.status.is_final:
            self._end(state, "It was wanted once.", is_notice=False)
        course = state.courses.get(line, Course())
        decision = course.decide(
            now, excess, watcher.told_at(list(values)), watch.cadence_seconds, is_repeated=watch.is_kept
        )
        return decision.until if decision.move is Move.WAIT else now

    @staticmethod
    def _progress(course: Course, unit: str | None, excess: float) -> str:
        if not course.rounds or course.rounds[-1].has_failed:
            return ""
        last = course.rounds[-1].excess
        gain = f"{abs(last - excess):.3g}{f' {unit}' if unit else ''}"
        return f"The last correction brought it {gain} {'nearer' if excess < last else 'farther away'}."

    # What comes of it

    def _after(self, state: Standing, goal: GoalView) -> None:
        """Go on after a goal has ended."""
        watcher = self._watchers.get(state.standing_id)
        if watcher is not None and state.status is StandingStatus.ACTIVE:
            self._ask_if_refused(state, watcher, goal)
            paused = self._disputes.take_correction(state, goal) if watcher.watch.is_kept else None
            if paused is not None:
                self.attend(paused.standing_id)
        if not state.status.is_final:
            self.attend(state.standing_id)

    def _ask_if_refused(self, state: Standing, watcher: Watcher, goal: GoalView) -> None:
        """Ask the person what to do where nobody has said it and the planner knows nothing."""
        broken = watcher.broken().get(EVERY_DEVICE)
        is_stopped = self._host.emergency_stop.is_engaged
        if (
            state.request.action is not None
            or goal.status is not GoalStatus.REFUSED
            or not broken
            or is_stopped
        ):
            return
        measured = _capital(say_values(watcher.watch, broken))
        sentence = f"{measured}, and should be {watcher.watch.limits.words}. I found nothing to do about it:"
        self._book.change(
            state.standing_id,
            Change.ASKED,
            f"{clean_sentence(f'{sentence} {goal.answer}', _QUESTION_CHARACTERS)} What shall I do?",
            is_notice=True,
        )

    def _end(self, state: Standing, sentence: str, *, is_notice: bool = True) -> None:
        data = {"status": StandingStatus.ENDED.value, "sentence": sentence, "notice": is_notice, "by": None}
        self._book.append(EventKind.STANDING_ENDED, state.standing_id, data)


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
