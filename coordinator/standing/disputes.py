"""What is done when corrections do harm: a device objects, or two standing goals undo each other.

Simple on purpose. The standing goal after whose correction another target is missed yields: its goals under way are cancelled,
what was done stays as it is (no device says how to undo it), and the person is told who objects, and why.
"""

from __future__ import annotations

from coordinator.goals import GoalView
from coordinator.standing.book import Book
from coordinator.standing.conflicts import Correction, undo_each_other
from coordinator.standing.corrections import EFFECT_SECONDS
from coordinator.standing.errands import Errands, devices_of
from coordinator.standing.life import Change, Standing, StandingStatus
from coordinator.standing.orders import say_objection
from coordinator.standing.request import Watch
from coordinator.standing.watcher import EVERY_DEVICE, Judged
from coordinator.wording import quoted

_REMEMBERED_CORRECTIONS = 64


class Disputes:
    """Settles them for all standing goals of a site.

    Args:
        book: their states.
        errands: their goals.
    """

    def __init__(self, book: Book, errands: Errands) -> None:
        self._book = book
        self._errands = errands
        self._corrections: list[Correction] = []

    def take_broken(self, watch: Watch, change: Judged, value: float | str) -> None:
        """Stop the correction after which a device began to miss its own target, if there is one.

        Args:
            watch: the target.
            change: which device misses it, and since when.
            value: what is measured.
        """
        for other in reversed(self._book.live()):
            if self._is_cause(other, watch, change):
                self._yield(other, change.device_id, say_objection(watch, change.device_id, value))
                return

    def _is_cause(self, other: Standing, watch: Watch, change: Judged) -> bool:
        """Say whether a device's target was met before the latest correction of another goal, and is missed since."""
        corrected = other.request.watch
        course = other.courses.get(EVERY_DEVICE)
        if (
            other.status is not StandingStatus.ACTIVE
            or corrected is None
            or course is None
            or not course.rounds
        ):
            return False
        last = course.rounds[-1]
        is_after = last.started_at <= change.since and (
            last.ended_at is None or change.since <= last.ended_at + EFFECT_SECONDS
        )
        if not corrected.is_kept or not is_after or change.device_id in other.corrected:
            return False
        return corrected.attribute == watch.attribute or change.device_id in self._errands.devices_at_work(
            other
        )

    def _yield(self, state: Standing, device_id: str, objection: str) -> None:
        standing_id = state.standing_id
        self._book.change(
            standing_id, Change.OBJECTED, objection, is_notice=True, device_id=device_id, goal_id=None
        )
        self._errands.cancel(state, f"the objection of {device_id}")
        sentence = (
            f"I have stopped correcting {quoted(state.request.text)}, because {device_id} objects. What was changed stays as"
            " it is; tell me what to do."
        )
        self._book.change(standing_id, Change.GIVEN_UP, sentence, is_notice=True)

    def take_correction(self, state: Standing, goal: GoalView) -> Standing | None:
        """Pause the younger of two standing goals that undo each other; returns it."""
        self._corrections.append(Correction(state.standing_id, frozenset(devices_of(goal))))
        del self._corrections[:-_REMEMBERED_CORRECTIONS]
        pair = undo_each_other(self._corrections)
        if pair is None:
            return None
        older, younger = sorted((self._book.get(each) for each in pair), key=lambda one: one.created_at)
        if younger.status is not StandingStatus.ACTIVE:
            return None
        sentence = (
            f"{quoted(younger.request.text)} and {quoted(older.request.text)} undo each other, so I have paused the first, which"
            " is the younger one. Change one of them, and let it go on."
        )
        return self._book.change(younger.standing_id, Change.PAUSED, sentence, is_notice=True, by=None)
