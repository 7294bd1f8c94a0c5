"""Expands a plan's quantified step into one sentence per device, and gives each to the device that does it soonest. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from coordinator.allocation import allocate, least_loaded
from coordinator.conditions import About, decide, fill_quotes
from coordinator.fleet import Fleet, sentence_key
from coordinator.records import ExecutionRecord, Outcome
from coordinator.site.geography import Spot
from coordinator.travel import SUBTASK_SECONDS
from inference.plan import PlanStep
from protocol.text import SENTENCE_LIMIT, clean_sentence

__all__ = [
    "NOTHING_TO_QUOTE",
    "STEP_BEFORE_FAILED",
    "Assignment",
    "Fleet",
    "Progress",
    "expand",
    "fill",
    "natural",
    "placeholders",
    "spread",
]

STEP_BEFORE_FAILED = "the step before it did not succeed"
NOTHING_TO_QUOTE = "what had to be found out before is not known"
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9 _-]*)\}")


@dataclass(frozen=True, slots=True)
class Assignment:
    """One sentence, and the device that is to get it.

    Attributes:
        device_id: None where no device can be had, with `problem` saying why.
        is_bound: only this device will do; otherwise the sentence may go to another one until it was sent.
        problem: why it is not to be sent, a clause.
        outcome: how it ends unsent; None where it is to be sent, or where only a device is missing.
        turn: its place among what the device gets of this step.
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
    outcome: Outcome | None = None
    turn: int = 0

    @property
    def about(self) -> About:
        """What it is about."""
        return About(self.entity_kind, self.entity_id, self.device_id if self.is_bound else None)


@dataclass(slots=True)
class Progress:
    """What the steps so far mean for the next: who deals with an entity goes on with it, what failed is left alone.

    Attributes:
        records: how everything has ended so far, for conditions and quotes.
    """

    failed: set[tuple[str, str]] = field(default_factory=set)
    dealing: dict[tuple[str, str, str], str] = field(default_factory=dict)
    records: list[ExecutionRecord] = field(default_factory=list)

    def take(self, assignment: Assignment, record: ExecutionRecord) -> None:
        """Take in how one assignment ended."""
        self.records.append(record)
        if record.outcome is not Outcome.CONDITION_NOT_MET:
            self.note(assignment, record.device_id, is_completed=record.outcome is Outcome.COMPLETED)

    def note(self, assignment: Assignment, device_id: str | None, *, is_completed: bool) -> None:
        """Take in who has dealt with an entity, or that it failed."""
        if assignment.entity_kind is None or assignment.entity_id is None:
            return
        entity = (assignment.entity_kind, assignment.entity_id)
        if not is_completed or device_id is None:
            self.failed.add(entity)
        else:
            self.dealing[(*entity, (assignment.kind or "").casefold())] = device_id

    def has_failed(self, assignment: Assignment) -> bool:
        """Whether an earlier step failed at the entity that an assignment is about."""
        return (assignment.entity_kind, assignment.entity_id) in self.failed

    def dealt_by(self, assignment: Assignment) -> str | None:
        """Return the device of the kind that has dealt with the entity; None where there is none."""
        if assignment.entity_kind is None or assignment.entity_id is None:
            return None
        entity = (assignment.entity_kind, assignment.entity_id)
        return self.dealing.get((*entity, (assignment.kind or "").casefold()))


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
    blank = Assignment(step_index, 0, step.sentence, kind=step.kind)
    match step.quantifier:
        case "named":
            named = replace(blank, kind=None, device_id=step.device or "", is_bound=True)
            wanted = [named]
        case "every" if fleet.of_kind(step.kind):
            wanted = [
                replace(blank, index=index, device_id=name, is_bound=True)
                for index, name in enumerate(fleet.of_kind(step.kind))
            ]
        case "each":
            wanted = _each(blank, step, entities)
        case _:
            wanted = [blank]
    group = [one.about for one in wanted]
    settled = [_settled(one, step, group, fleet, progress) for one in wanted]
    fresh = [one for one in settled if one.problem is None and not one.is_bound]
    found = {one.index: one for one in spread(fresh, fleet)}
    return [found.get(one.index, one) for one in settled]


def _each(blank: Assignment, step: PlanStep, entities: Mapping[str, Sequence[str]]) -> list[Assignment]:
    kind = step.entity or ""
    return [
        replace(
            blank,
            index=index,
            sentence=fill(step.sentence, kind, entity_id),
            entity_kind=kind,
            entity_id=entity_id,
        )
        for index, entity_id in enumerate(step.entity_ids or entities.get(kind, ()))
    ]


def _settled(
    assignment: Assignment, step: PlanStep, group: Sequence[About], fleet: Fleet, progress: Progress
) -> Assignment:
    """Return what is certain before devices are chosen: that it is not to be done, its words, and who is bound to it."""
    if step.condition is not None:
        earlier = [record for record in progress.records if record.step == step.condition.step]
        verdict = decide(step.condition, assignment.about, group, earlier)
        if verdict.holds is not True:
            outcome = Outcome.SKIPPED if verdict.holds is None else Outcome.CONDITION_NOT_MET
            return replace(assignment, problem=verdict.reason, outcome=outcome)
    if step.follows and progress.has_failed(assignment):
        return replace(assignment, problem=STEP_BEFORE_FAILED, outcome=Outcome.SKIPPED)
    sentence = fill_quotes(assignment.sentence, assignment.about, progress.records)
    if sentence is None:
        return replace(assignment, problem=NOTHING_TO_QUOTE, outcome=Outcome.SKIPPED)
    assignment = replace(assignment, sentence=clean_sentence(sentence, SENTENCE_LIMIT))
    if (device_id := progress.dealt_by(assignment)) is not None:
        assignment = replace(assignment, device_id=device_id, is_bound=True)
    if not assignment.is_bound:
        return assignment
    device_id = assignment.device_id or ""
    return replace(
        assignment, problem=fleet.problem_of(device_id) or fleet.barrier(assignment.sentence, device_id)
    )


def spread(assignments: Sequence[Assignment], fleet: Fleet) -> list[Assignment]:
    """Give unbound assignments to devices of their kind so that all are done as soon as can be, with little travel.

    Where nothing is known but how much waits for each device, they are dealt out in turn to those who are free first.
    """
    given: dict[tuple[int, int], Assignment] = {}
    groups: dict[tuple[str, ...], list[Assignment]] = {}
    # Looked up by a few words: a tuple of thousands of names is slow to look up by.
    group_of: dict[tuple[str, str], list[Assignment]] = {}
    for one in assignments:
        kind, key = (one.kind or "").casefold(), sentence_key(one.sentence)
        if fleet.is_divided:
            barrier = fleet.barrier_for_all(kind, one.sentence)
            if barrier is not None:
                given[one.step, one.index] = replace(one, device_id=None, problem=barrier)
            else:
                groups.setdefault(fleet.reaching(kind, key, one.sentence), []).append(one)
            continue
        sort = (kind, key if key in fleet.declined else "")
        if sort not in group_of:
            group_of[sort] = groups.setdefault(fleet.best_for(*sort), [])
        group_of[sort].append(one)
    for devices, group in groups.items():
        for one in _divided(group, devices, fleet):
            given[one.step, one.index] = one
    return [given[one.step, one.index] for one in assignments]


def _divided(assignments: Sequence[Assignment], devices: Sequence[str], fleet: Fleet) -> list[Assignment]:
    """Divide assignments among devices that can all do them."""
    if not devices:
        return [replace(one, device_id=None, problem=fleet.nobody(one.kind)) for one in assignments]
    # Of devices that are alike in all else, the emptier one comes first.
    devices = sorted(devices, key=lambda name: fleet.state(name).load)
    states = [fleet.state(name) for name in devices]
    ready = [state.queued * SUBTASK_SECONDS for state in states]
    if fleet.geography is None or not fleet.weighs_ways:
        queues = least_loaded(ready, len(assignments))
    else:
        stops = [_spot(one, fleet) for one in assignments]
        queues = allocate(ready, fleet.geography.travel([state.spot for state in states], stops))
    return [
        replace(assignments[stop], device_id=name, problem=None, turn=turn)
        for name, queue in zip(devices, queues, strict=True)
        for turn, stop in enumerate(queue)
    ]


def _spot(assignment: Assignment, fleet: Fleet) -> Spot | None:
    """Return where an assignment takes its device first."""
    if fleet.geography is None:
        return None
    if assignment.entity_kind is not None and assignment.entity_id is not None:
        return fleet.geography.entity(assignment.entity_kind, assignment.entity_id)
    return fleet.geography.mentioned(assignment.sentence)
