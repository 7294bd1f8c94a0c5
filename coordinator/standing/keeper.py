"""Keeps standing goals: acts when they are due or broken, follows what comes of it, and tells people.

Everything is recorded before it is done. An order that was recorded and became no goal, because the coordinator stopped in between,
becomes one at the next start, so that no occurrence and no correction is done twice or lost.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from coordinator.goals import GoalStatus, GoalView
from coordinator.ledger.events import EventKind
from coordinator.records import Outcome
from coordinator.registry import Device
from coordinator.standing.book import Book
from coordinator.standing.calendar_words import say_moment
from coordinator.standing.conflicts import Correction, undo_each_other
from coordinator.standing.corrections import EFFECT_SECONDS, Course, Move
from coordinator.standing.life import Change, Standing, StandingStatus
from coordinator.standing.occurrences import CATCH_UP_SECONDS, due_now
from coordinator.standing.orders import orders_for, say_broken, say_objection, say_values
from coordinator.standing.ports import Host
from coordinator.standing.timer import Timer
from coordinator.standing.watcher import EVERY_DEVICE, Judged, Watcher
from coordinator.standing.watching import Judgement
from coordinator.wording import listing, quoted
from protocol.clock import Clock
from protocol.errors import InputError, ParleyError
from protocol.text import clean_sentence

_REMEMBERED_CORRECTIONS = 64
_LINE_ENDS = frozenset({GoalStatus.FAILED, GoalStatus.REFUSED, GoalStatus.CANCELLED})


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
        self._open: dict[str, str] = {}
        self._corrections: list[Correction] = []

    def start(self) -> None:
        """Take up what the ledger says; once, before anything else."""
        for state in self._book.all():
            for line, index, order in self._book.unsubmitted(state):
                self._take_up(state, line, index, order.text)
            for goal_id in self._book.get(state.standing_id).open_goals():
                self._open[goal_id] = state.standing_id
        for goal_id in list(self._open):
            self.take_end(goal_id)
        for state in self._book.live():
            self.begin(state.standing_id)

    def begin(self, standing_id: str) -> None:
        """Begin to keep a standing goal, or begin anew after it was changed."""
        state = self._book.get(standing_id)
        if state.request.watch is not None:
            now = self._clock.now()
            watcher = self._watchers[standing_id] = Watcher(state, now)
            for device in self._host.devices():
                watcher.take(device, now)
        self.attend(standing_id)

    def attend(self, standing_id: str) -> None:
        """Do what is to be done for a standing goal now, and set the timer for the next time."""
        state = self._book.get(standing_id)
        if state.status.is_final:
            self.timer.set(standing_id, None)
            self._watchers.pop(standing_id, None)
        elif state.request.schedule is not None:
            self._attend_schedule(state)
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

    def _attend_schedule(self, state: Standing) -> None:
        schedule = state.request.schedule
        assert schedule is not None
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
            self._end(state, "There is no time left for it.", is_notice=False)
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
        self._fire(state, [f"{action[:1].upper()}{action[1:]}"], sentence, occurrence=occurrence)

    def _skip(self, state: Standing, missed: tuple[float, ...], why: str) -> None:
        now, zone = self._clock.now(), state.request.zone
        shown = listing([say_moment(each, now, zone) for each in missed[-3:]])
        count = f"{len(missed)} times, the last of them " if len(missed) > len(missed[-3:]) else ""
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
            self._end(state, "Its time is over.")
            self.attend(standing_id)
            return
        watcher = self._watchers[standing_id]
        for change in watcher.look(now):
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
            sentence = f"{device_id} has not told its {watch.attribute} for {watch.stale_seconds / 60:.0f} minutes, so I do not know it."
            self._book.change(standing_id, Change.UNKNOWN, sentence, is_notice=is_heard, device_id=device_id)
            return
        assert value is not None
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
            self._object(state, watcher, change)
        elif is_heard and watch.is_told:
            self._fire(state, [], sentence, devices=[device_id], is_notice=True)
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
            self.give_up(state, f"I have given up on this: {measured}, and {decision.reason}.")
            return None
        before = self._progress(course, watch.limits.unit, excess)
        orders = orders_for(state.request, values, watcher.kinds(), before)
        what = (
            " and ".join(quoted(order) for order in orders) if state.request.action else "I plan what to do"
        )
        sentence = f"{measured[:1].upper()}{measured[1:]}. I act: {what}."
        self._fire(
            state,
            orders,
            sentence,
            line=line,
            devices=list(values),
            excess=excess,
            is_notice=not watch.is_kept,
        )
        if watch.is_once and not self._book.get(state.standing_id).status.is_final:
            self._end(self._book.get(state.standing_id), "It was wanted once.", is_notice=False)
        return None

    @staticmethod
    def _progress(course: Course, unit: str | None, excess: float) -> str:
        if not course.rounds or course.rounds[-1].has_failed:
            return ""
        last = course.rounds[-1].excess
        gain = f"{abs(last - excess):.3g}{f' {unit}' if unit else ''}"
        return f"The last correction brought it {gain} {'nearer' if excess < last else 'farther away'}."

    def _object(self, state: Standing, watcher: Watcher, change: Judged) -> None:
        """Stop the correction after which a device began to miss its own target, if there is one."""
        value = watcher.value(change.device_id)
        assert value is not None
        for other in reversed(self._book.live()):
            watch = other.request.watch
            course = other.courses.get(EVERY_DEVICE)
            if (
                other.status is not StandingStatus.ACTIVE
                or watch is None
                or not watch.is_kept
                or course is None
            ):
                continue
            if (
                not course.rounds
                or change.since < course.rounds[-1].started_at
                or change.device_id in other.corrected
            ):
                continue
            ended = course.rounds[-1].ended_at
            if ended is not None and change.since > ended + EFFECT_SECONDS:
                continue
            is_near = watch.attribute == watcher.watch.attribute or change.device_id in self._at_work(other)
            if is_near:
                objection = say_objection(watcher.watch, change.device_id, value)
                self._stop_for(other, change.device_id, objection)
                return

    def _stop_for(self, state: Standing, device_id: str, objection: str) -> None:
        self._book.change(
            state.standing_id, Change.OBJECTED, objection, is_notice=True, device_id=device_id, goal_id=None
        )
        for goal_id in state.open_goals():
            with suppress(InputError):
                self._host.operations.cancel_goal(goal_id, f"the objection of {device_id}")
        self.give_up(
            self._book.get(state.standing_id),
            f"I have stopped correcting {quoted(state.request.text)}, because {device_id} objects. What was changed stays"
            " as it is; tell me what to do.",
        )

    def give_up(self, state: Standing, sentence: str) -> None:
        """Stop acting, and tell the person."""
        self._book.change(state.standing_id, Change.GIVEN_UP, sentence, is_notice=True)

    # Orders and what comes of them

    def _fire(
        self,
        state: Standing,
        orders: list[str],
        sentence: str,
        *,
        line: str = EVERY_DEVICE,
        devices: list[str] | None = None,
        occurrence: float | None = None,
        excess: float | None = None,
        is_notice: bool = False,
    ) -> None:
        data = {
            "sentence": sentence,
            "notice": is_notice,
            "line": line,
            "orders": orders,
            "devices": devices or [],
            "occurrence": occurrence,
            "excess": excess,
        }
        state = self._book.append(EventKind.STANDING_FIRED, state.standing_id, data)
        for index, order in enumerate(orders):
            self._submit(state, line, index, order)

    def _submit(self, state: Standing, line: str, index: int, text: str) -> None:
        try:
            goal = self._host.submit(text, by=state.by, chat_id=state.chat_id, standing_id=state.standing_id)
        except ParleyError as error:
            self._submitted(state, line, index, None, f"{quoted(text)} was not begun: {error}")
            return
        self._submitted(state, line, index, goal.goal_id, f"Began {quoted(text)}.")
        self._open[goal.goal_id] = state.standing_id
        if goal.is_final:
            self.take_end(goal.goal_id)

    def _submitted(self, state: Standing, line: str, index: int, goal_id: str | None, sentence: str) -> None:
        data: dict[str, Any] = {"line": line, "index": index, "goal_id": goal_id, "at": self._clock.now()}
        self._book.change(state.standing_id, Change.SUBMITTED, sentence, is_notice=goal_id is None, **data)

    def _take_up(self, state: Standing, line: str, index: int, text: str) -> None:
        """Make a goal of an order that was recorded before the coordinator stopped, unless it is one already."""
        known = {*self._open, *state.goal_ids}
        for event in self._book.goals_since(state):
            if event.goal_id is not None and event.goal_id not in known and event.data["goal"] == text:
                self._submitted(state, line, index, event.goal_id, f"Began {quoted(text)}.")
                return
        if state.status.is_final or self._clock.now() - (state.fired_at or 0.0) <= CATCH_UP_SECONDS:
            self._submit(state, line, index, text)
        else:
            self._submitted(
                state,
                line,
                index,
                None,
                f"{quoted(text)} was not begun: I was not running, and now it is late.",
            )

    def take_end(self, goal_id: str) -> None:
        """Take in that a goal has ended, if it is one of a standing goal."""
        standing_id = self._open.get(goal_id)
        goal = self._host.goal(goal_id) if standing_id is not None else None
        if standing_id is None or goal is None or not goal.is_final:
            return
        del self._open[goal_id]
        state = self._book.get(standing_id)
        has_failed = goal.status in _LINE_ENDS
        is_timed = state.request.schedule is not None
        answer = goal.answer or f"It ended: {goal.status}."
        sentence = f"{quoted(state.request.action or goal.goal)}: {answer}"
        state = self._book.change(
            standing_id,
            Change.DONE,
            clean_sentence(sentence),
            is_notice=is_timed or (has_failed and state.request.action is not None),
            goal_id=goal_id,
            has_failed=has_failed,
        )
        self._note_objections(state, goal)
        if not is_timed:
            self._after_correction(state, goal)
        if not state.status.is_final:
            self.attend(standing_id)

    def _note_objections(self, state: Standing, goal: GoalView) -> None:
        for record in goal.records:
            if record.outcome in {Outcome.NOT_EXECUTABLE, Outcome.FAILED} and record.device_id:
                why = (record.said or record.reason or "it gave no reason").rstrip(".")
                self._book.change(
                    state.standing_id,
                    Change.OBJECTED,
                    f"{record.device_id} did not do {quoted(record.sentence)}: {why}.",
                    is_notice=True,
                    device_id=record.device_id,
                    goal_id=goal.goal_id,
                )

    def _after_correction(self, state: Standing, goal: GoalView) -> None:
        watcher = self._watchers.get(state.standing_id)
        if watcher is None or state.status is not StandingStatus.ACTIVE:
            return
        broken = watcher.broken()
        if (
            state.request.action is None
            and goal.status is GoalStatus.REFUSED
            and broken
            and not self._host.emergency_stop.is_engaged
        ):
            measured = say_values(watcher.watch, broken[EVERY_DEVICE])
            self._book.change(
                state.standing_id,
                Change.ASKED,
                clean_sentence(
                    f"{measured[:1].upper()}{measured[1:]}, and should be {watcher.watch.limits.words}. I found nothing to do"
                    f" about it: {goal.answer} What shall I do?"
                ),
                is_notice=True,
            )
        if watcher.watch.is_kept:
            self._corrections.append(Correction(state.standing_id, frozenset(self._devices_of(goal))))
            del self._corrections[:-_REMEMBERED_CORRECTIONS]
            self._stop_undoing()

    def _stop_undoing(self) -> None:
        pair = undo_each_other(self._corrections)
        if pair is None:
            return
        older, younger = sorted((self._book.get(each) for each in pair), key=lambda one: one.created_at)
        if younger.status is StandingStatus.ACTIVE:
            sentence = (
                f"{quoted(younger.request.text)} and {quoted(older.request.text)} undo each other, so I have paused the first, which"
                " is the younger one. Change one of them, and let it go on."
            )
            self._book.change(younger.standing_id, Change.PAUSED, sentence, is_notice=True, by=None)
            self.attend(younger.standing_id)

    def _at_work(self, state: Standing) -> set[str]:
        orders = [order for orders in state.orders.values() for order in orders]
        goals = [self._host.goal(order.goal_id) for order in orders if order.goal_id is not None]
        return {device_id for goal in goals for device_id in self._devices_of(goal)}

    @staticmethod
    def _devices_of(goal: GoalView) -> set[str]:
        return {subtask.device_id for subtask in goal.subtasks if subtask.device_id}

    def _end(self, state: Standing, sentence: str, *, is_notice: bool = True) -> None:
        data = {"status": StandingStatus.ENDED.value, "sentence": sentence, "notice": is_notice, "by": None}
        self._book.append(EventKind.STANDING_ENDED, state.standing_id, data)
