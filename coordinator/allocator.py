"""Expands a plan's quantified step into one sentence per device: balanced, and only for devices that can be had. Pure."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from coordinator.wording import listing
from inference.plan import PlanStep

STEP_BEFORE_FAILED = "the step before it did not succeed"
_NAMED_PAUSED = 3
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9 _-]*)\}")


@dataclass(frozen=True, slots=True)
class Assignment:
    """One sentence, and the device that is to get it.

    Attributes:
        device_id: None where no device can be had, with `problem` saying why.
        is_bound: only this device will do; otherwise the sentence may go to another one until it was sent.
    """

    step: int
    index: int
    sentence: str
    kind: str | None = None
    device_id: str | None = None
    entity_kind: str | None = None
    entity_id: str | None = None
    is_bound: bool = False
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Fleet:
    """The devices that may get work now, by kind (in lower case), each list in natural order.

    `problems` says of devices that exist but may not get work why that is so; `paused` lists, by kind, what is said of
    those that only wait for a person to let them go on.
    """

    by_kind: Mapping[str, Sequence[str]]
    problems: Mapping[str, str] = field(default_factory=dict)
    paused: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def of_kind(self, kind: str | None) -> Sequence[str]:
        """Return the devices of one kind."""
        return self.by_kind.get((kind or "").casefold(), ())

    def without(self, device_ids: Collection[str]) -> Fleet:
        """Return the fleet without some devices."""
        if not device_ids:
            return self
        by_kind = {
            kind: [name for name in names if name not in device_ids] for kind, names in self.by_kind.items()
        }
        return replace(self, by_kind=by_kind)

    def nobody(self, kind: str | None) -> str:
        """Say that no device of a kind can be had, and which of them wait for a person."""
        text = f"no {kind or 'device'} is online and free"
        paused = self.paused.get((kind or "").casefold(), ())
        if not paused:
            return text
        more = [f"{len(paused) - _NAMED_PAUSED} more are paused"] if len(paused) > _NAMED_PAUSED else []
        return f"{text}: {listing([*paused[:_NAMED_PAUSED], *more])}"

    def problem_of(self, device_id: str) -> str | None:
        """Return why a device may not get work, or None when it may."""
        if any(device_id in names for names in self.by_kind.values()):
            return None
        return self.problems.get(device_id, f"{device_id} is not known here")


@dataclass(slots=True)
class Progress:
    """What the steps so far mean for the next: who deals with an entity goes on with it, what failed is left alone."""

    failed: set[tuple[str, str]] = field(default_factory=set)
    dealing: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def note(self, assignment: Assignment, device_id: str | None, *, is_completed: bool) -> None:
        """Take in how one assignment ended."""
        if assignment.entity_kind is None or assignment.entity_id is None:
            return
        entity = (assignment.entity_kind, assignment.entity_id)
        if not is_completed or device_id is None:
            self.failed.add(entity)
        else:
            self.dealing[(*entity, (assignment.kind or "").casefold())] = device_id


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key that puts robot-2 before robot-10."""
    return tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", name) if part
    )


def fill(sentence: str, entity_kind: str, entity_id: str) -> str:
    """Put an entity into the sentence's placeholder: "move to shelf {shelf}" → "move to shelf 3"."""
    return sentence.replace(f"{{{entity_kind}}}", entity_id)


def placeholders(sentence: str) -> set[str]:
    """Return the names in braces."""
    return set(_PLACEHOLDER.findall(sentence))


def expand(
    step_index: int,
    step: PlanStep,
    entities: Mapping[str, Sequence[str]],
    fleet: Fleet,
    progress: Progress,
) -> list[Assignment]:
    """Turn one step into assignments, in the order in which answers list them.

    Args:
        step_index: position of the step in the plan.
        step: what the plan says.
        entities: the site's entities.
        fleet: the devices that may get work now.
        progress: what the steps before it came to.
    """
    if step.quantifier == "named":
        return [_bound(step_index, 0, step, step.device or "", fleet)]
    names = fleet.of_kind(step.kind)
    if step.quantifier == "each":
        return _expand_each(step_index, step, entities, fleet, progress)
    blank = Assignment(step_index, 0, step.sentence, kind=step.kind)
    if not names:
        return [replace(blank, problem=fleet.nobody(step.kind))]
    if step.quantifier == "every":
        return [
            replace(blank, index=index, device_id=name, is_bound=True) for index, name in enumerate(names)
        ]
    return [replace(blank, device_id=names[0])]


def _expand_each(
    step_index: int,
    step: PlanStep,
    entities: Mapping[str, Sequence[str]],
    fleet: Fleet,
    progress: Progress,
) -> list[Assignment]:
    entity_kind = step.entity or ""
    fresh: list[Assignment] = []
    settled: list[Assignment] = []
    for index, entity_id in enumerate(step.entity_ids or entities.get(entity_kind, ())):
        assignment = Assignment(
            step_index,
            index,
            fill(step.sentence, entity_kind, entity_id),
            kind=step.kind,
            entity_kind=entity_kind,
            entity_id=entity_id,
        )
        device_id = progress.dealing.get((entity_kind, entity_id, (step.kind or "").casefold()))
        if (entity_kind, entity_id) in progress.failed:
            settled.append(replace(assignment, problem=STEP_BEFORE_FAILED))
        elif device_id is None:
            fresh.append(assignment)
        else:
            problem = fleet.problem_of(device_id)
            settled.append(replace(assignment, device_id=device_id, is_bound=True, problem=problem))
    return sorted([*settled, *spread(fresh, fleet)], key=lambda assignment: assignment.index)


def spread(assignments: Sequence[Assignment], fleet: Fleet) -> list[Assignment]:
    """Give unbound assignments to the devices of their kind round robin, so that no device gets two more than another."""
    result = []
    turns: dict[str, deque[str]] = {}
    for assignment in assignments:
        kind = (assignment.kind or "").casefold()
        turn = turns.setdefault(kind, deque(fleet.of_kind(kind)))
        if not turn:
            result.append(replace(assignment, device_id=None, problem=fleet.nobody(assignment.kind)))
            continue
        result.append(replace(assignment, device_id=turn[0], problem=None))
        turn.rotate(-1)
    return result


def _bound(step_index: int, index: int, step: PlanStep, device_id: str, fleet: Fleet) -> Assignment:
    return Assignment(
        step_index,
        index,
        step.sentence,
        device_id=device_id,
        is_bound=True,
        problem=fleet.problem_of(device_id),
    )
