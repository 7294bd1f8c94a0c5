"""Writes the tasks of a goal as steps of a plan, each with a sentence for one device."""

from __future__ import annotations

import re
from dataclasses import replace

from inference.capability import is_going
from inference.plan import PlanStep
from inference.plan_tasks import Reading, Target, Task
from inference.subtask_words import (
    ACTOR,
    SLOT,
    about_entity,
    asks_whether,
    capitalised,
    for_device,
    for_each_device,
    moving_first,
    reports_amount,
    without_actor,
    without_asides,
)
from inference.text import canonical_words

_TOWARDS = re.compile(r"\b(?:to|into|onto|in|on|at)\s+$")
_WHITHER = re.compile(r"\b(?:to|into|onto|towards)\s+(?:[a-z]+ing )?$")
_SHARE = "percent"
_BATTERY = "battery level"
QUOTE = "\ue013"
"""Stands around the number of a task whose finding is quoted."""


class TaskWriter:
    """Words the tasks of a goal."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def steps(self, task: Task) -> list[PlanStep]:
        target, text = task.target, self._said(task)
        if target.quantifier == "named":
            return [
                PlanStep(
                    "named",
                    _sentence(for_device(text, device)),
                    device=device,
                    follows=task.follows,
                    is_together=number > 0,
                )
                for number, device in enumerate(target.devices)
            ]
        if target.quantifier == "each" and target.entity is not None:
            noun = canonical_words(target.entity)
            sentence = about_entity(text, noun, target.entity, is_several=target.is_several)
            if f"{{{target.entity}}}" not in sentence:
                return [PlanStep("one", _sentence(sentence), kind=task.kind, follows=task.follows)]
            is_goal = target.mention is not None and _WHITHER.search(
                self._reading.lower, 0, target.mention.start
            )
            if (
                not is_goal
                and self._reading.capabilities.goes_to(task.kind, noun)
                and not self._is_going(task, noun)
            ):
                sentence = moving_first(sentence, noun, target.entity)
            return self._shared_out(task, _sentence(sentence))
        sentence = for_each_device(text, canonical_words(task.kind), is_several=target.is_several)
        return [
            PlanStep(
                target.quantifier,
                _sentence(sentence),
                kind=task.kind,
                follows=task.follows,
                is_together=task.is_together,
            )
        ]

    def _said(self, task: Task) -> str:
        """Return what is said to the devices of a task, with `SLOT` for what they are to do it with."""
        others = []
        if task.quoted is not None:
            others.append((*task.quoted[0], f"{QUOTE}{task.quoted[1]}{QUOTE}"))
        actor = task.actor
        if actor is not None and task.start <= actor.start and actor.end <= task.end:
            others.append((actor.start, actor.end, ACTOR))
        others += self._nouns(task)
        text = without_asides(
            self._reading.text(task.start, task.end, task.target.mention, task.cuts, others)
        )
        if actor is not None:
            text = without_actor(text, ACTOR, self._reading.goal.text[actor.start : actor.end])
        text = task.lead + self._there(text, task)
        if task.target.quantifier in {"named", "every"} and task.target.mention is None:
            text = _named_again(text, task.target)
        if task.form == "amount" and task.comparison is not None:
            text = self._amount(_named_again(text, task.target), task)
        elif task.form == "whether":
            text = asks_whether(
                re.sub(rf"^{SLOT}\s*,?\s*(?:that|which|who)\s+", f"{SLOT} ", _named_again(text, task.target))
            )
        return text.replace("{", "(").replace("}", ")")

    def _nouns(self, task: Task) -> list[tuple[int, int, str]]:
        """Say what a label is of where only the label is said: a device that gets "bring T6" has not seen the site's totes."""
        return [
            (one.start, one.end, f"{canonical_words(one.name)} {one.ids[0]}")
            for one in self._reading.mentions
            if one.what == "entity"
            and len(one.ids) == 1
            and one is not task.target.mention
            and task.start <= one.start
            and one.end <= task.end
            and self._reading.lower[one.start : one.end] == one.ids[0].lower()
            and any(letter.isdigit() for letter in one.ids[0])
        ]

    def _there(self, text: str, task: Task) -> str:
        """Say where "there" is, where that was told before: "if shelf 3 is empty, bring T7 there"."""
        number = task.condition.step if task.condition is not None else self._reading.tasks.index(task) - 1
        place = self._reading.tasks[number].target if 0 <= number < len(self._reading.tasks) else None
        if place is None or place.entity in {None, task.target.entity} or len(place.ids) != 1:
            return text
        said = f"{canonical_words(place.entity or '')} {place.ids[0]}"
        text = re.sub(r"\b(to|into|onto|in|on|at|from) it\b", rf"\1 {said}", text, flags=re.IGNORECASE)
        return re.sub(r"\bthere\b(?! (?:is|are)\b)", f"to {said}", text, flags=re.IGNORECASE)

    def _shared_out(self, task: Task, sentence: str) -> list[PlanStep]:
        """Share several things out among several places: "bring T1 to T4 to stations 1 and 2"."""
        target = task.target
        step = PlanStep(
            "each",
            sentence,
            target.entity,
            target.ids,
            task.kind,
            follows=task.follows,
            is_together=task.is_together,
        )
        places = [
            one
            for one in self._reading.mentions
            if task.start <= one.start
            and one.end <= task.end
            and one.what == "entity"
            and one.name != target.entity
            and len(one.ids) > 1
            and _TOWARDS.search(self._reading.lower, task.start, one.start)
        ]
        if not places or len(target.ids) < 2:  # noqa: PLR2004 - several things
            return [step]
        place = places[0]
        said = self._reading.goal.text[place.start : place.end]
        noun = canonical_words(place.name)
        return [
            replace(
                step,
                sentence=sentence.replace(said, f"{noun} {one}"),
                entity_ids=target.ids[number :: len(place.ids)],
                is_together=number > 0,
            )
            for number, one in enumerate(place.ids[: len(target.ids)])
        ]

    def _amount(self, text: str, task: Task) -> str:
        """Ask for the amount that is compared."""
        comparison = task.comparison
        rest = re.sub(rf"^{SLOT}\s*,?\s*(?:whose|that|which|who)\s*", "", text).strip()
        is_own = task.target.quantifier == "every" and task.target.mention is not None
        if rest in {"", SLOT}:
            rest = _BATTERY if comparison is not None and comparison.unit == _SHARE else "state"
        if is_own and SLOT not in rest:
            return f"report your {re.sub(r'^(?:the|its|their) ', '', rest)}"
        if SLOT in text and SLOT not in rest:
            rest = f"{rest} of {SLOT}"
        return reports_amount(rest, comparison.adjective if comparison is not None else "")

    def _is_going(self, task: Task, noun: str) -> bool:
        """Whether the task is to go there, and nothing else."""
        text = self._reading.asked(
            task.start, task.end, [one for one in self._reading.mentions if one.what == "entity"]
        )
        best = next(one for one in self._reading.capabilities.ranked(text) if one.kind == task.kind)
        return is_going(best.text, noun)


def _named_again(text: str, target: Target) -> str:
    """Put `SLOT` for "it" and "they" where a condition is about what the order is about."""
    if SLOT in text or target.quantifier == "one":
        return text
    again = re.sub(
        r"\b(?:its|their) ((?:[a-z-]+ )?[a-z-]+?)(?= (?:is|are|has|have)\b|$)",
        rf"the \1 of {SLOT}",
        text,
        count=1,
        flags=re.IGNORECASE,
    )
    return (
        again if again != text else re.sub(r"\b(?:it|they|them)\b", SLOT, text, count=1, flags=re.IGNORECASE)
    )


def _sentence(text: str) -> str:
    return capitalised(" ".join(text.split()).rstrip(" .,;:")) + "."
