"""Composes the plan of a goal from its parts, without a language model.

Each order of a goal goes to the kind of device that can do it best; what it says of the site ("shelves 2 to 5", "all
lamps", "robot 3") decides for whom it is; "if …" makes it wait for what is found out first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from inference.capability import Ability, Capabilities, is_going
from inference.mentions import Mention, Vocabulary, find_mentions, plural_of
from inference.orders import Comparison, Order, Proviso, comparison_in, split_orders
from inference.plan import Condition, KindProfile, PlanAnswer, PlanStep
from inference.ports import Encoder
from inference.routing import Router
from inference.subtask_words import (
    SLOT,
    about_entity,
    asks_whether,
    capitalised,
    for_device,
    for_each_device,
    is_about_actor,
    moving_first,
    reports_amount,
    without_asides,
    without_courtesy,
)
from inference.text import Sentence, canonical_words

__all__ = ["PlanComposer"]

_EVERYTHING = re.compile(
    r"\b(?:everything|everybody|everyone|(?:all|every|each)(?: of)?(?: the| our| my)? (?:devices?|machines?|units?|equipment))\b"
)
# What is done with several things together, so that none of them can be dealt with alone.
_TOGETHER = re.compile(
    r"\b(?:swap|exchange|interchange|switch places|compare|connect|join|between|with each other|against each other)\b"
)
_TOWARDS = re.compile(r"\b(?:to|into|onto|in|on|at)\s+$")
_RELATIVE = re.compile(
    r"\s*,?\s+(?:(?P<who>that|which|who)\s+(?=\w)|(?P<whose>whose)\s+|(?P<where>where)\s+|(?=(?:below|under|above|over)\b))"
)
_AVAILABLE = re.compile(r"(?:is|are)\s+(?:free|idle|available|nearest|closest|near|not busy|ready)\b")
_MODAL = re.compile(r",?\s+(?:should|must|shall|has to|have to|needs to|need to|ought to)\b")
_REFERS = re.compile(r"\b(?:it|its|them|they|their|there|those|these|each|both)\b")
_NEAR = re.compile(r"\b(?:near|around|close to|next to|beside|within|in the area of|by)\s+$")
# "… medicine and samples to ward 3": what begins so is no order of its own.
_NO_VERB_FIRST = re.compile(
    r"(?:a|an|the|some|any|no|my|our|your|its|their|this|that|these|those|\d+|to|into|onto|in|on|at|of|from|for|with|by|near|"
    r"between|under|over|until|as|so|also|too|him|her|us)\b"
)
_SHARE = "percent"
_BATTERY = "battery level"


@dataclass(frozen=True, slots=True)
class _Target:
    """For whom an order is: as in `PlanStep`, with the mention that says so; `devices` for those that are named."""

    quantifier: Literal["each", "every", "one", "named"]
    entity: str | None = None
    ids: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    mention: Mention | None = None
    is_several: bool = False

    @property
    def is_loop(self) -> bool:
        return self.quantifier == "each" and len(self.ids) != 1


@dataclass(slots=True)
class _Task:
    """Orders in a row that are one sentence for the same devices.

    Attributes:
        cuts: stretches that are not said to the device.
        form: an order as it was said, or what is to be found out: whether something is so, or an amount.
        is_referring: it is about what the task before is about ("… and close it").
    """

    start: int
    end: int
    kind: str
    target: _Target
    ability: Ability
    follows: bool = False
    condition: Condition | None = None
    form: Literal["order", "whether", "amount"] = "order"
    comparison: Comparison | None = None
    cuts: tuple[tuple[int, int], ...] = ()
    is_referring: bool = False
    is_together: bool = False


class _CannotBeDoneError(Exception):
    """A part of the goal is refused, or has to be asked about; the message says why."""

    def __init__(self, reason: str, *, is_question: bool = False) -> None:
        super().__init__(reason)
        self.is_question = is_question


class PlanComposer(Router):
    """Composes plans with a sentence encoder, which remembers the vectors of abilities; plain parts of goals it routes."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__(encoder)
        self._known = _Known((), {}, encoder)

    def compose(
        self, goal: Sentence, kinds: Sequence[KindProfile], entities: Mapping[str, Sequence[str]]
    ) -> PlanAnswer | None:
        """Compose a plan, a refusal or a question; None where routes say it all, or where it is unsure what is meant.

        Raises:
            ModelError: the encoder cannot run.
        """
        known = self._site(kinds, entities)
        composition = _Composition(goal, known.vocabulary, known.capabilities)
        if len(kinds) > 1 and composition.is_plain() and (routes := self.routes(goal, kinds, entities)):
            able = [known.capabilities.may_be_able(route.text, route.kind) for route in routes if route.kind]
            return None if any(able) or len(able) < len(routes) else composition.refusal(goal.text)
        try:
            composition.read()
        except _CannotBeDoneError as refusal:
            return PlanAnswer("ask" if refusal.is_question else "refuse", (), str(refusal), None)
        steps = composition.steps()
        return PlanAnswer("plan", steps, "", None) if steps else None

    def _site(self, kinds: Sequence[KindProfile], entities: Mapping[str, Sequence[str]]) -> _Known:
        """Return what is known of a site; it is read anew only where devices have come or gone."""
        if self._known.kinds != tuple(kinds) or self._known.entities != entities:
            self._known = _Known(tuple(kinds), dict(entities), self._encoder)
        return self._known


class _Known:
    """What the devices and entities of a site are called, and what the devices can do."""

    def __init__(
        self, kinds: tuple[KindProfile, ...], entities: Mapping[str, Sequence[str]], encoder: Encoder
    ) -> None:
        self.kinds = kinds
        self.entities = entities
        self.vocabulary = Vocabulary(kinds, entities)
        self.capabilities = Capabilities(encoder, kinds)


class _Composition:
    """Composes one plan."""

    def __init__(self, goal: Sentence, vocabulary: Vocabulary, capabilities: Capabilities) -> None:
        self._goal = goal
        self._lower = goal.lower
        self._vocabulary = vocabulary
        self._capabilities = capabilities
        self._mentions = find_mentions(goal.lower, vocabulary)
        self._tasks: list[_Task] = []

    def is_plain(self) -> bool:
        """Whether a goal says nothing of entities, of several devices of a kind, or of what must be so."""
        single = {profile.kind for profile in self._vocabulary.kinds if profile.count <= 1}
        is_single = all(one.what != "entity" and one.name in single for one in self._mentions)
        return (
            is_single
            and _EVERYTHING.search(self._lower) is None
            and all(order.proviso is None for order in split_orders(self._goal, self._mentions))
        )

    def refusal(self, text: str) -> PlanAnswer:
        """Refuse what nobody can do."""
        return PlanAnswer("refuse", (), self._nobody(text), None)

    def read(self) -> None:
        """Make tasks of all orders."""
        for mention in self._mentions:
            if mention.unknown:
                noun = canonical_words(mention.name)
                raise _CannotBeDoneError(
                    f"There is no {noun} {mention.unknown.upper()} on this site. "
                    f"It has {plural_of(noun)} {self._listed(mention.name)}."
                )
        for order in split_orders(self._goal, self._mentions):
            self._take(order)

    def steps(self) -> tuple[PlanStep, ...]:
        """Return the steps; a condition speaks of the step that finds out."""
        result: list[PlanStep] = []
        begins: list[int] = []
        for task in self._tasks:
            begins.append(len(result))
            condition = task.condition and replace(task.condition, step=begins[task.condition.step])
            result += [replace(step, condition=condition) for step in self._worded(task)]
        return tuple(result)

    # One order.

    def _take(self, order: Order) -> None:
        condition = self._condition(order)
        everything = _EVERYTHING.search(self._lower, order.start, order.end)
        if everything is not None and not any(one.what != "entity" for one in order.mentions):
            self._take_everything(order, everything, condition)
            return
        if condition is None and self._is_more_of_the_same(order):
            self._tasks[-1].end = order.end
            return
        cut = self._relative(order)
        task = self._task(order, (cut,) if cut else ())
        task.condition = condition
        if cut is not None:
            self._restrict(task, cut)
        last = self._tasks[-1] if self._tasks else None
        if (
            last is not None
            and condition == last.condition
            and last.form == "order"
            and self._goes_on(last, task, order)
        ):
            last.end = task.end
            return
        self._tasks.append(task)

    def _task(self, order: Order, cuts: tuple[tuple[int, int], ...] = ()) -> _Task:
        text = self._asked(order.start, order.end, order.mentions, cuts)
        named = [one for one in order.mentions if one.what != "entity"]
        ranked = self._capabilities.ranked(text)
        mention = self._actor(order, named, ranked) if named else None
        ability = ranked[0]
        if mention is not None:
            ability = next(one for one in ranked if one.kind == self._kind_of(mention))
        if not self._capabilities.is_able(text, ability, is_named=mention is not None):
            raise _CannotBeDoneError(self._nobody(text))
        target = self._target(order, mention, ability)
        task = _Task(order.start, order.end, ability.kind, target, ability, order.follows, cuts=cuts)
        if target.quantifier == "each" and target.mention is None:
            task.is_referring = True
        return task

    def _actor(self, order: Order, named: Sequence[Mention], ranked: Sequence[Ability]) -> Mention:
        """Return which of the devices that are spoken of is to do it: who is addressed, else who can best."""
        if len(named) == 1:
            return named[0]
        for mention in named:
            if is_about_actor(self._text(order.start, order.end, mention)):
                return mention
        place = {one.kind: number for number, one in enumerate(ranked)}
        return min(named, key=lambda one: place[self._kind_of(one)])

    def _kind_of(self, mention: Mention) -> str:
        return mention.name if mention.what == "kind" else self._vocabulary.kind_of[mention.ids[0]]

    def _target(self, order: Order, mention: Mention | None, ability: Ability) -> _Target:
        entities = [one for one in order.mentions if one.what == "entity"]
        if mention is not None and mention.what == "device":
            return _Target("named", devices=mention.ids, mention=mention, is_several=len(mention.ids) > 1)
        several = [one for one in entities if self._is_several(one)]
        if mention is not None and mention.number == "all" and not (several and not mention.is_distributive):
            return _Target("every", mention=mention, is_several=True)
        singles = [one for one in entities if one.ids]
        is_joint = _TOGETHER.search(self._lower, order.start, order.end) is not None
        if (several and is_joint) or (not several and len({one.name for one in singles}) < len(singles)):
            return _Target("one", mention=mention)
        chosen = next(iter(several or singles), None)
        if chosen is not None:
            return self._each(chosen)
        vague = next((one for one in entities if one.number == "the"), None)
        return self._one_of(vague) if vague is not None else self._referred(order, mention, ability)

    def _one_of(self, mention: Mention) -> _Target:
        """Return the entity that "the shelf" is: the only one, or the one that was spoken of; or ask which."""
        ids = self._vocabulary.entities[mention.name]
        before = [task.target for task in self._tasks if task.target.entity == mention.name]
        if len(ids) == 1:
            return _Target("each", mention.name, tuple(ids), mention=mention)
        if before:
            return replace(before[-1], mention=mention)
        noun = canonical_words(mention.name)
        raise _CannotBeDoneError(
            f"Which {noun} do you mean? There are {plural_of(noun)} {self._listed(mention.name)}.",
            is_question=True,
        )

    def _referred(self, order: Order, mention: Mention | None, ability: Ability) -> _Target:
        """Return what "it", "them" and "there" mean: what the task before is about, if this can be about that."""
        last = self._tasks[-1].target if self._tasks else None
        if last is not None and _REFERS.search(self._lower, order.start, order.end):
            is_there = re.search(r"\bthere\b", self._lower[order.start : order.end]) is not None
            if last.quantifier == "each" and (
                is_there or ability.speaks_of(canonical_words(last.entity or ""))
            ):
                return replace(last, mention=None)
            if (
                last.quantifier in {"named", "every"}
                and mention is None
                and self._tasks[-1].kind == ability.kind
            ):
                return replace(last, mention=None)
        return _Target("one", mention=mention)

    def _each(self, mention: Mention) -> _Target:
        ids = mention.ids
        if mention.spared:
            ids = tuple(one for one in self._vocabulary.entities[mention.name] if one not in mention.spared)
        is_several = mention.number == "all" or len(ids) > 1
        return _Target("each", mention.name, ids, mention=mention, is_several=is_several)

    def _is_several(self, mention: Mention) -> bool:
        if mention.ids:
            return len(mention.ids) > 1
        if mention.number == "some":
            # "Is there space on any shelf?" asks about all of them.
            said = self._lower[mention.start : mention.end]
            return said.startswith("any ") and bool(
                re.search(r"\b(?:is|are|has|have|does|do|if|whether)\b", self._lower[: mention.start])
            )
        return mention.number == "all"

    # What belongs together.

    def _is_more_of_the_same(self, order: Order) -> bool:
        """Whether a stretch is no order of its own: "… medicine and samples to ward 3"."""
        if not self._tasks or order.is_new_sentence or order.mentions or self._tasks[-1].form != "order":
            return False
        return _NO_VERB_FIRST.match(self._lower, order.start, order.end) is not None

    def _goes_on(self, last: _Task, task: _Task, order: Order) -> bool:
        """Whether an order belongs into the sentence of the one before: for the same devices about the same thing."""
        if last.kind != task.kind or last.is_together:
            return False
        if task.is_referring:
            return True
        before, now = last.target, task.target
        if now.mention is not None or (now.quantifier == "one" and any(one.ids for one in order.mentions)):
            is_same = (now.quantifier, now.entity, now.ids, now.devices) == (
                before.quantifier, before.entity, before.ids, before.devices
            )  # fmt: skip
            return is_same and now.quantifier != "one"
        return not before.is_loop or _REFERS.search(self._lower, order.start, order.end) is not None

    # Conditions.

    def _condition(self, order: Order) -> Condition | None:
        if order.is_otherwise:
            before = next((one.condition for one in reversed(self._tasks) if one.condition is not None), None)
            if before is None or before.comparison is None:
                return before and replace(before, is_present=not before.is_present)
            turned = _TURNED.get(before.comparison)
            if turned is None:
                raise _CannotBeDoneError(
                    "Please say what to do otherwise in a goal of its own.", is_question=True
                )
            return replace(before, comparison=turned)
        return None if order.proviso is None else self._found_out(order.proviso)

    def _found_out(self, proviso: Proviso) -> Condition:
        """Add the task that finds out what a proviso says."""
        comparison = comparison_in(self._goal, proviso.start, proviso.end)
        mentions = tuple(
            one for one in self._mentions if proviso.start <= one.start and one.end <= proviso.end
        )
        cuts = ((comparison.start, comparison.end),) if comparison else ()
        task = self._task(Order(proviso.start, proviso.end, mentions), cuts)
        task.form, task.comparison = ("amount" if comparison else "whether"), comparison
        self._tasks.append(task)
        return self._holds(comparison, is_present=proviso.is_present)

    def _holds(self, comparison: Comparison | None, *, is_present: bool = True) -> Condition:
        """Return the condition that the last task has found what it was to find."""
        step = len(self._tasks) - 1
        if comparison is None:
            return Condition(step, is_present=is_present)
        said = comparison.comparison
        return Condition(
            step,
            comparison=said if is_present else _TURNED.get(said, said),
            value=comparison.value,
            unit=comparison.unit,
        )

    def _relative(self, order: Order) -> tuple[int, int] | None:
        """Return where it is said which of all are meant: "robots whose battery is below 20 percent"."""
        for mention in order.mentions:
            if mention.what == "device" or mention.ids:
                continue
            found = _RELATIVE.match(self._lower, mention.end, order.end)
            if found is None or _AVAILABLE.match(self._lower, found.end()):
                continue
            modal = _MODAL.search(self._lower, found.end(), order.end)
            end = modal.start() if modal else order.end
            if (
                found["who"]
                or found["whose"]
                or found["where"]
                or comparison_in(self._goal, mention.end, end)
            ):
                return mention.end, end
        return None

    def _restrict(self, task: _Task, cut: tuple[int, int]) -> None:
        """Put what finds out which are meant before a task, and make the task depend on it."""
        start, end = cut
        comparison = comparison_in(self._goal, start, end)
        mention = task.target.mention
        if mention is None or task.condition is not None or task.target.quantifier not in {"each", "every"}:
            task.cuts = ()
            return
        order = Order(
            mention.start,
            end,
            tuple(one for one in self._mentions if mention.start <= one.start and one.end <= end),
        )
        text = self._asked(order.start, order.end, order.mentions)
        ranked = self._capabilities.ranked(text)
        ability = next((one for one in ranked if one.kind == task.kind), ranked[0])
        if task.target.quantifier == "each":
            ability = ranked[0]
        finding = _Task(
            mention.start, end, ability.kind, task.target, ability,
            form="amount" if comparison else "whether", comparison=comparison,
            cuts=((comparison.start, comparison.end),) if comparison else (),
        )  # fmt: skip
        self._tasks.append(finding)
        task.condition = self._holds(comparison)

    def _take_everything(self, order: Order, said: re.Match[str], condition: Condition | None) -> None:
        """Give an order to every device of each kind that can carry it out."""
        comparison = comparison_in(self._goal, said.end(), order.end)
        if any(_NEAR.search(self._lower, order.start, one.start) for one in order.mentions):
            where = self._lower[said.start() : order.end]
            raise _CannotBeDoneError(
                f"I cannot tell which devices are meant by {where!r}. Please name the devices or their kinds.",
                is_question=True,
            )
        cuts = ((comparison.start, comparison.end),) if comparison else ()
        mention = Mention(said.start(), said.end(), "kind", "", number="all", is_distributive=True)
        text = self._asked(order.start, order.end, (mention,), cuts)
        able = [
            one
            for one in self._capabilities.ranked(text)
            if self._capabilities.is_able(text, one, is_named=False)
        ]
        if not able:
            raise _CannotBeDoneError(self._nobody(text))
        for number, ability in enumerate(able):
            target = _Target("every", mention=replace(mention, name=ability.kind), is_several=True)
            task = _Task(
                order.start, order.end, ability.kind, target, ability, order.follows, condition, cuts=cuts
            )
            if comparison is not None:
                finding = replace(task, form="amount", comparison=comparison, end=comparison.end)
                self._tasks.append(replace(finding, start=said.start(), condition=None))
                task.condition = self._holds(comparison)
            task.is_together = number > 0 and comparison is None
            self._tasks.append(task)

    # Words.

    def _asked(
        self,
        start: int,
        end: int,
        mentions: Sequence[Mention],
        cuts: Sequence[tuple[int, int]] = (),
    ) -> str:
        """Return what is asked for, for comparison with abilities: without ids, and without who is to do it."""
        changes = [
            (one.start, one.end, f"a {canonical_words(one.name)}" if one.what == "entity" else " ")
            for one in mentions
        ]
        changes += [(left, right, " ") for left, right in cuts]
        text = self._lower[:end]
        for left, right, instead in sorted(changes, reverse=True):
            if start <= left and right <= end:
                text = text[:left] + instead + text[right:]
        return without_courtesy(" ".join(text[start:].split())) or text[start:].strip()

    def _text(
        self, start: int, end: int, mention: Mention | None, cuts: Sequence[tuple[int, int]] = ()
    ) -> str:
        """Return the person's words with `SLOT` where `mention` stands."""
        changes = [(left, right, " ") for left, right in cuts]
        if mention is not None and start <= mention.start and mention.end <= end:
            changes.append((mention.start, mention.end, SLOT))
        text = self._goal.text[:end]
        for left, right, instead in sorted(changes, reverse=True):
            text = text[:left] + instead + text[right:]
        return without_courtesy(" ".join(text[start:].split()))

    def _worded(self, task: _Task) -> list[PlanStep]:
        target = task.target
        text = without_asides(self._text(task.start, task.end, target.mention, task.cuts))
        if task.form == "amount" and task.comparison is not None:
            text = self._amount(text, task)
        elif task.form == "whether":
            text = asks_whether(re.sub(rf"^{SLOT}\s*,?\s*(?:that|which|who|where)\s+", f"{SLOT} ", text))
        text = text.replace("{", "(").replace("}", ")")
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
            if self._capabilities.goes_to(task.kind, noun) and not self._is_going(task, noun):
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

    def _shared_out(self, task: _Task, sentence: str) -> list[PlanStep]:
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
            for one in self._mentions
            if task.start <= one.start
            and one.end <= task.end
            and one.what == "entity"
            and one.name != target.entity
            and len(one.ids) > 1
            and _TOWARDS.search(self._lower, task.start, one.start)
        ]
        if not places or len(target.ids) < 2:  # noqa: PLR2004 - several things
            return [step]
        place = places[0]
        said = self._goal.text[place.start : place.end]
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

    def _amount(self, text: str, task: _Task) -> str:
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

    def _is_going(self, task: _Task, noun: str) -> bool:
        """Whether the task is to go there, and nothing else."""
        text = self._asked(task.start, task.end, [one for one in self._mentions if one.what == "entity"])
        best = next(one for one in self._capabilities.ranked(text) if one.kind == task.kind)
        return is_going(best.text, noun)

    def _nobody(self, text: str) -> str:
        able = "; ".join(
            f"{profile.kind}: {', '.join(one.lower().rstrip('. ').removeprefix('it ') for one in profile.abilities[:10])}"
            for profile in self._vocabulary.kinds
            if profile.count
        )
        return f"No device here can do that: {text!r}. What they can do: {able}."

    def _listed(self, entity: str) -> str:
        ids = self._vocabulary.entities[entity]
        return ", ".join(ids[:20]) + (" …" if len(ids) > 20 else "")  # noqa: PLR2004 - enough to see the pattern


_TURNED: dict[str, Literal["<", "<=", ">", ">="]] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def _sentence(text: str) -> str:
    return capitalised(" ".join(text.split()).rstrip(" .,;:")) + "."
