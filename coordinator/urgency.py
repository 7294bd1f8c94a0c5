"""What of a goal concerns one thing, such as a tote, and how far that has come. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from coordinator.allocator import Assignment
from coordinator.goal_state import GoalState
from coordinator.wording import plural
from inference.plan import PlanStep
from inference.words import split_words


@dataclass(frozen=True, slots=True)
class Part:
    """What of an open goal concerns one thing.

    Attributes:
        goal_id: of the goal.
        begun: devices that are at it, each with its sentence.
        waiting: sentences that wait for a device.
        later: sentences of steps that have not been begun.
        others: how much else waits in the goal.
    """

    goal_id: str
    begun: tuple[tuple[str, str], ...] = ()
    waiting: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    others: int = 0

    @property
    def is_open(self) -> bool:
        """Whether anything of it is left to be done."""
        return bool(self.begun or self.waiting or self.later)


def concerns(assignment: Assignment, names: Collection[str]) -> bool:
    """Whether an assignment is about one of some things: that is its entity, or stands in its sentence."""
    if assignment.entity_id is not None and assignment.entity_id.casefold() in _folded(names):
        return True
    return any(says(assignment.sentence, name) for name in names)


def says(sentence: str, name: str) -> bool:
    """Whether a sentence has the words of a name, one after the other."""
    words, wanted = split_words(sentence), split_words(name)
    size = len(wanted)
    return bool(size) and any(words[place : place + size] == wanted for place in range(len(words) - size + 1))


def part_of(state: GoalState, name: str, kind: str | None = None) -> Part:
    """Return what of a goal concerns a thing.

    Args:
        state: of the goal.
        name: the thing's label, such as "T9".
        kind: what it is, where that is known: a step over all of that kind that is not begun concerns it too.
    """
    ended = {(end["step"], end.get("index", 0)) for end in state.ends if not end.get("is_reassigned")}
    begun, waiting, others = [], [], 0
    for step in state.expanded.values():
        for one in step:
            if (one.step, one.index) in ended or one.problem is not None:
                continue
            attempt = next((each for each in state.attempts(one.step, one.index) if each.is_open), None)
            if not concerns(one, {name}):
                others += attempt is None
            elif attempt is None:
                waiting.append(one.sentence)
            else:
                begun.append((attempt.device_id, one.sentence))
    later = [
        step.sentence.replace(f"{{{step.entity}}}", name)
        for index, step in enumerate(state.plan or ())
        if index not in state.expanded and _is_about(step, name, kind)
    ]
    if state.plan is None and state.refusal is None and says(state.goal, name):
        later.append(state.goal)
    return Part(state.goal_id, tuple(begun), tuple(waiting), tuple(later), others)


def _is_about(step: PlanStep, name: str, kind: str | None) -> bool:
    if says(step.sentence, name) or name.casefold() in _folded(step.entity_ids):
        return True
    return kind is not None and step.entity in {kind, plural(kind)} and not step.entity_ids


def _folded(names: Collection[str]) -> set[str]:
    return {name.casefold() for name in names}
