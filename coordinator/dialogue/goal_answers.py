"""Answers to questions about goals and what came of them, made of the ledger's records. What is not recorded is unknown.

"Check shelf 3", given 2 minutes ago, is under way; robot-1 is at "Move to shelf 3".
robot-2 did not do "Move to shelf 2": robot-2 said "My wheel is blocked". That was 2 minutes ago, at 14:05.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from coordinator.dialogue.fleet_answers import counted
from coordinator.dialogue.moments import ago, moment, span
from coordinator.dialogue.past import Past, Work, is_open
from coordinator.goals import GoalStatus, GoalView
from coordinator.records import ExecutionRecord, Outcome
from coordinator.standing.view import StandingView
from coordinator.wording import quoted
from protocol.text import clean_sentence

_MOST_GOALS = 5
_TEXT = 120
_ANSWER = 400
_HOW_IT_ENDED = {
    GoalStatus.COMPLETED: "was completed",
    GoalStatus.PARTIAL: "was done in part",
    GoalStatus.FAILED: "failed",
    GoalStatus.REFUSED: "was refused",
    GoalStatus.CANCELLED: "was cancelled",
}


def title(goal: GoalView) -> str:
    """Quote what a goal says."""
    return quoted(clean_sentence(goal.goal, _TEXT))


@dataclass(frozen=True, slots=True)
class GoalAnswers:
    """Answers about goals.

    Attributes:
        past: the ledger.
        now: Unix seconds.
        zone: of the site.
    """

    past: Past
    now: float
    zone: ZoneInfo

    def activity(self, standing: Sequence[StandingView]) -> str:
        """Say what is under way."""
        goals = self.past.under_way()
        sentences = [self.progress(goal) for goal in goals[:_MOST_GOALS]] or ["Nothing is under way."]
        if len(goals) > _MOST_GOALS:
            sentences.insert(0, f"{len(goals)} goals are under way; the oldest {_MOST_GOALS} are these.")
        active = sum(one.status == "active" for one in standing)
        if active:
            sentences.append(f"{counted(active, 'standing goal')} {'is' if active == 1 else 'are'} in force.")
        return " ".join(sentences)

    def progress(self, goal: GoalView) -> str:
        """Say how far a goal is, or how it ended."""
        if goal.is_final:
            return self.outcome(goal)
        at_work = [
            f"{subtask.device_id} is at {quoted(clean_sentence(subtask.sentence, _TEXT))}"
            for subtask in goal.subtasks
            if subtask.device_id is not None and is_open(subtask)
        ]
        text = f"{title(goal)}, given {ago(goal.created_at, self.now)}, is under way"
        if not goal.plan:
            text += " and is being planned"
        elif len(at_work) > _MOST_GOALS:
            text += f"; {len(at_work)} devices are at work on it"
        elif at_work:
            text += f"; {', '.join(at_work)}"
        ended = sum(not is_open(subtask) for subtask in goal.subtasks)
        if ended:
            text += f"; {ended} of {counted(len(goal.subtasks), 'subtask')} {'has' if ended == 1 else 'have'} ended so far"
        return " ".join([f"{text}.", *goal.waiting[:_MOST_GOALS]])

    def device_activity(self, device_id: str) -> str:
        """Say what a device is at, or was at last."""
        at_work = self.past.at_work().get(device_id)
        if at_work is not None:
            goal, subtask = at_work
            said = f" and says {quoted(subtask.said)}" if subtask.said else ""
            return f"{device_id} is at {quoted(clean_sentence(subtask.sentence, _TEXT))}{said}, for {title(goal)}."
        last = next(self.past.works(lambda record: record.device_id == device_id), None)
        if last is None:
            return f"{device_id} is at nothing, and the records of the last goals have no work of it."
        return f"{device_id} is at nothing now. Last of all: {self._work(last)}"

    def outcome(self, goal: GoalView) -> str:
        """Say how a goal ended, with its answer."""
        if not goal.is_final:
            return self.progress(goal)
        how = _HOW_IT_ENDED.get(goal.status, "ended")
        when = f" {ago(goal.ended_at, self.now)}" if goal.ended_at is not None else ""
        return (
            f"{title(goal)} {how}{when}. {clean_sentence(goal.answer or 'No answer is recorded.', _ANSWER)}"
        )

    def about(self, name: str) -> str:
        """Say what came of the newest goal that was about something."""
        goal = next((one for one in self.past.newest() if speaks_of(one, name)), None)
        if goal is None:
            return f"No record of the last goals speaks of {name}, so nothing is known of it here."
        return self.outcome(goal)

    def device_result(self, device_id: str) -> str:
        """Say what a device's last work came to."""
        last = next(self.past.works(lambda record: record.device_id == device_id), None)
        if last is None:
            return f"The records of the last goals have no work of {device_id}."
        return self._work(last)

    def failure_of_device(self, device_id: str) -> str:
        """Say why a device's newest failed work failed."""
        last = next(
            self.past.works(
                lambda record: record.device_id == device_id and record.outcome is not Outcome.COMPLETED
            ),
            None,
        )
        if last is None:
            return f"No failure of {device_id} is on record among the last goals."
        return self._work(last)

    def failure_of(self, goal: GoalView) -> str:
        """Say why a goal was not done, in the words of its records."""
        if not goal.is_final:
            return f"Nothing has failed so far. {self.progress(goal)}"
        if goal.status is GoalStatus.COMPLETED:
            return f"Nothing failed: {title(goal)} was completed."
        reasons = list(
            dict.fromkeys(
                record.reason
                for record in goal.records
                if record.reason and record.outcome is not Outcome.COMPLETED and not record.is_reassigned
            )
        )
        if not reasons:
            return self.outcome(goal)
        how = _HOW_IT_ENDED.get(goal.status, "ended")
        shown = "; ".join(reasons[:_MOST_GOALS])
        more = f"; and {len(reasons) - _MOST_GOALS} more reasons" if len(reasons) > _MOST_GOALS else ""
        return f"{title(goal)} {how}: {shown}{more}."

    def failure_about(self, kind: str, label: str) -> str:
        """Say why something of an entity is not known or was not done."""
        last = next(
            self.past.works(lambda record: (record.entity_kind, record.entity_id) == (kind, label)), None
        )
        if last is None:
            return f"The records of the last goals have nothing about {kind} {label}."
        if last.record.outcome is Outcome.COMPLETED:
            return f"Nothing failed there: {self._work(last)}"
        return self._work(last)

    def when(self, name: str) -> str:
        """Say when something or some device was last worked on."""
        last = next(self.past.works(lambda record: is_about(record, name)), None)
        if last is None:
            return f"The records of the last goals have nothing about {name}, so it is not known when."
        took = f" It took {span(last.record.seconds)}." if last.record.seconds >= 1 else ""
        return f"{self._work(last)}{took}"

    def goal_time(self, goal: GoalView) -> str:
        """Say when a goal was given and ended, and how long it took."""
        given = f"{title(goal)} was given {moment(goal.created_at, self.now, self.zone)}"
        if goal.ended_at is None:
            ended = sum(not is_open(subtask) for subtask in goal.subtasks)
            done = (
                f", {ended} of {counted(len(goal.subtasks), 'subtask')} ended so far" if goal.subtasks else ""
            )
            return f"{given}, and has not ended{done}; how long the rest takes is not known."
        return f"{given}; it ended after {span(goal.ended_at - goal.created_at)}."

    def time_left(self) -> str:
        """Say of what is under way since when it is, and how much of it has ended."""
        goals = self.past.under_way()
        if not goals:
            return "Nothing is under way, so nothing is to be waited for."
        more = f" {len(goals) - _MOST_GOALS} more are under way." if len(goals) > _MOST_GOALS else ""
        return f"{' '.join(map(self.goal_time, goals[:_MOST_GOALS]))}{more}"

    def history(self, since: float, said: str, device_id: str | None) -> str:
        """Sum up the goals since a moment."""
        goals = [one for one in self.past.newest() if one.created_at >= since]
        if device_id is not None:
            goals = [one for one in goals if any(record.device_id == device_id for record in one.records)]
        whose = f" of {device_id}" if device_id is not None else ""
        if not goals:
            return f"No goal{whose} {said} is on record."
        counts = Counter(goal.status for goal in goals)
        kinds = ", ".join(f"{count} {status.value}" for status, count in counts.items())
        newest = " ".join(
            f"{title(goal)} {_HOW_IT_ENDED.get(goal.status, 'is under way')} ({ago(goal.created_at, self.now)})."
            for goal in goals[:_MOST_GOALS]
        )
        intro = "The newest: " if len(goals) > _MOST_GOALS else ""
        return f"{counted(len(goals), 'goal')}{whose} {said}: {kinds}. {intro}{newest}"

    def standing(self, views: Sequence[StandingView]) -> str:
        """List the standing goals."""
        if not views:
            return "There are no standing goals."
        lines = []
        for one in views[:_MOST_GOALS]:
            due = f", next {one.next_time} ({one.time_zone})" if one.next_time else ""
            state = "" if one.status == "active" else f" ({one.status.replace('_', ' ')})"
            lines.append(f"{quoted(clean_sentence(one.text, _TEXT))}{state}{due}")
        more = f"; and {len(views) - _MOST_GOALS} more" if len(views) > _MOST_GOALS else ""
        return f"{counted(len(views), 'standing goal')}: {'; '.join(lines)}{more}."

    def _work(self, work: Work) -> str:
        """Say what one subtask came to."""
        record = work.record
        who = record.device_id or "No device"
        what = quoted(clean_sentence(record.sentence, _TEXT))
        when = f"That was {moment(work.at, self.now, self.zone)}, for {title(work.goal)}."
        if record.outcome is Outcome.COMPLETED:
            said = f" and said {quoted(record.said)}" if record.said else ""
            return f"{who} did {what}{said}. {when}"
        reason = record.reason or "no reason is recorded"
        if record.is_unknown:
            return f"It is not known whether {who} did {what}: {reason}. {when}"
        return f"{who} did not do {what}: {reason}. {when}"


def speaks_of(goal: GoalView, name: str) -> bool:
    """Whether a goal or its records are about something."""
    return _has(goal.goal, name) or any(is_about(record, name) for record in goal.records)


def is_about(record: ExecutionRecord, name: str) -> bool:
    """Whether a record is about a device, an entity, or a thing that its sentence names."""
    if record.device_id == name:
        return True
    if (
        record.entity_kind is not None
        and f"{record.entity_kind} {record.entity_id}".casefold() == name.casefold()
    ):
        return True
    return _has(record.sentence, name)


def _has(text: str, name: str) -> bool:
    padded = f" {' '.join(''.join(c if c.isalnum() or c in '-_' else ' ' for c in text.casefold()).split())} "
    return f" {name.casefold()} " in padded
