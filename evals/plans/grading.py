"""Compares a plan with the expected steps by structure: quantifier, devices, entities, and what the sentence speaks of.

Plans that make the same devices do the same count as equal: all ids listed or none; one of a kind that has one device,
every one of it, or that device by name; a step for each of one entity, or for one device with that entity in its words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from evals.plans.sites import ExpectedStep, Goal, GradedSite
from inference.plan import PlanStep

_EXACT_WORD_LETTERS = 3


@dataclass(frozen=True, slots=True)
class PlanGrade:
    """What is right about one plan.

    Attributes:
        exact: all steps are right and in order, and there are no others; or it was refused as expected.
        devices: the right devices are chosen, step by step.
        right_steps: how many of the expected steps are in the plan, in order.
        is_refused: there is no plan, on purpose.
    """

    exact: bool
    devices: bool
    right_steps: int
    is_refused: bool


@dataclass(frozen=True, slots=True)
class _Choice:
    """Whom a step is for, in a form that is the same for plans that mean the same."""

    quantifier: str
    target: str
    entity: str | None
    entity_ids: frozenset[str]


def grade_plan(
    goal: Goal, steps: Sequence[PlanStep], site: GradedSite, *, is_broken: bool = False
) -> PlanGrade:
    """Grade the steps that were planned for a goal; a planner that broke down is wrong and has not refused."""
    if is_broken:
        return PlanGrade(exact=False, devices=False, right_steps=0, is_refused=False)
    chosen = [_chosen(step, site) for step in steps]
    wanted = [_wanted(step, site) for step in goal.steps]
    all_words = {word for step in goal.steps for word in step.words}
    right = 0
    for step in steps:
        if right < len(goal.steps) and _is_right(step, goal.steps[right], site, all_words):
            right += 1
    return PlanGrade(
        exact=right == len(goal.steps) == len(steps),
        devices=[choice.target for choice in chosen] == [choice.target for choice in wanted],
        right_steps=right,
        is_refused=not steps,
    )


def _is_right(
    step: PlanStep, expected: ExpectedStep, site: GradedSite, all_words: set[tuple[str, ...]]
) -> bool:
    if _chosen(step, site) != _wanted(expected, site):
        return False
    said = _said(step)
    # What another step has to do must not be done by this one as well; short words are in every sentence.
    foreign = [
        word
        for word in all_words - set(expected.words)
        if all(len(one) > _EXACT_WORD_LETTERS for one in word)
    ]
    return all(speaks_of(said, word) for word in _needed(step, expected)) and not any(
        speaks_of(said, word) for word in foreign
    )


def _needed(step: PlanStep, expected: ExpectedStep) -> list[tuple[str, ...]]:
    """List the words that the sentence needs; where the step is not tied to its one entity, the sentence must name it."""
    words = list(expected.words)
    is_tied = (step.quantifier, step.entity, step.entity_ids) == (
        "each",
        expected.entity,
        expected.entity_ids,
    )
    if len(expected.entity_ids) == 1 and not is_tied:
        words.append((f"{expected.entity} {expected.entity_ids[0]}".lower(),))
    return words


def _said(step: PlanStep) -> str:
    sentence = step.sentence
    if step.quantifier == "each" and len(step.entity_ids) == 1:
        sentence = sentence.replace(f"{{{step.entity}}}", step.entity_ids[0])
    return sentence.lower()


def speaks_of(said: str, word: Sequence[str]) -> bool:
    """Whether one of the alternatives begins a word of the sentence; short ones and numbers must be whole words."""
    return any(
        re.search(
            rf"(?<!\w){re.escape(one)}"
            + (r"(?!\w)" if len(one) <= _EXACT_WORD_LETTERS or one[-1].isdigit() else ""),
            said,
        )
        for one in word
    )


def _chosen(step: PlanStep, site: GradedSite) -> _Choice:
    return _choice(step.quantifier, step.device or step.kind or "", step.entity, step.entity_ids, site)


def _wanted(step: ExpectedStep, site: GradedSite) -> _Choice:
    return _choice(step.quantifier, step.target, step.entity, step.entity_ids, site)


def _choice(
    quantifier: str, target: str, entity: str | None, entity_ids: Sequence[str], site: GradedSite
) -> _Choice:
    ids = frozenset(entity_ids)
    if quantifier == "each":
        if len(ids) == 1:
            quantifier, entity, ids = "one", None, frozenset()
        elif ids == frozenset(site.site.entities.get(entity or "", ())):
            ids = frozenset()
    else:
        entity, ids = None, frozenset()
    if site.counts.get(target) == 1:
        target = f"{target.replace(' ', '-')}-1"
        quantifier = "named" if quantifier != "each" else quantifier
    return _Choice(quantifier, target, entity, ids)
