"""Composes the plan of a goal from its parts, without a language model.

Each order of a goal goes to the kind of device that can do it best; what it says of the site ("shelves 2 to 5", "all
lamps", "robot 3") decides for whom it is; "if …" makes it wait for what is found out first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from inference.all_switched import says_all_switched
from inference.capability import Ability, Capabilities
from inference.device_names import telling
from inference.mentions import Mention, Vocabulary, plural_of
from inference.orders import Comparison, Order, Proviso, comparison_in, split_orders
from inference.plan import Condition, KindProfile, PlanAnswer, PlanStep, Route
from inference.plan_targets import Targets
from inference.plan_tasks import CannotBeDoneError, Reading, Target, Task
from inference.plan_wholes import who_counts_all
from inference.plan_wording import QUOTE, TaskWriter
from inference.ports import Encoder
from inference.routing import Router, is_home
from inference.subtask_words import is_about_actor
from inference.text import Sentence, canonical_words

__all__ = ["PlanComposer"]

_EVERYTHING = re.compile(
    r"\b(?:everything|everybody|everyone|(?:all|every|each)(?: of)?(?: the| our| my)? (?:devices?|machines?|units?|equipment))\b"
)
_RELATIVE = re.compile(
    r"\s*,?\s+(?:(?P<who>that|which|who)\s+(?=\w)|(?P<whose>whose)\s+|(?P<where>where)\s+|(?=(?:below|under|above|over)\b))"
)
_AVAILABLE = re.compile(r"(?:is|are)\s+(?:free|idle|available|nearest|closest|near|not busy|ready)\b")
_ABOUT_AS_ABLE = 0.05
_MODAL = re.compile(r",?\s+(?:should|must|shall|has to|have to|needs to|need to|ought to)\b")
_NEAR = re.compile(r"\b(?:near|around|close to|next to|beside|within|in the area of|by|at|in|on|from)\s+$")
# "… medicine and samples to ward 3": what begins so is no order of its own.
_NO_VERB_FIRST = re.compile(
    r"(?:a|an|the|some|any|no|my|our|your|its|their|this|that|these|those|\d+|to|into|onto|in|on|at|of|from|for|with|by|near|"
    r"between|under|over|until|as|so|also|too|him|her|us)\b"
)
_FORBIDS = re.compile(r"(?:and |but |so |please )*(?:do not|don't|never|under no circumstances)\b")
_PREPOSITION = re.compile(r"\s+(?:to|into|onto|in|on|at|from)\b")
_PLACED = re.compile(
    r"\b(?:in|inside|on|at|of|around) (?:the |my |our )?((?!time\b|once\b|home\b|house\b|site\b|all\b|off\b)[a-z]+(?: [a-z]+)?)$"
)
_QUOTED = re.compile(rf"{QUOTE}(\d+){QUOTE}")


class PlanComposer(Router):
    """Composes plans with a sentence encoder, which remembers the vectors of abilities; plain parts of goals it routes."""

    def __init__(self, encoder: Encoder, at_home: Encoder | None = None) -> None:
        """Compose with an encoder; where each device is the only one of its kind, another one routes if it is given."""
        super().__init__(encoder)
        self._at_home = Router(at_home or encoder)
        self._known = _Known((), {}, encoder)

    def routes(
        self, goal: Sentence, kinds: Sequence[KindProfile], entities: Mapping[str, Sequence[str]]
    ) -> list[Route]:
        """Split a goal among the kinds; see `Router.routes`.

        Raises:
            ModelError: the encoder cannot run.
        """
        if is_home(kinds, entities):
            return self._at_home.routes(goal, kinds, entities)
        return super().routes(goal, kinds, entities)

    def compose(
        self, goal: Sentence, kinds: Sequence[KindProfile], entities: Mapping[str, Sequence[str]]
    ) -> PlanAnswer | None:
        """Compose a plan, a refusal or a question; None where routes say it all, or where it is unsure what is meant.

        Raises:
            ModelError: the encoder cannot run.
        """
        if is_home(kinds, entities) and says_all_switched(goal.lower) and self.routes(goal, kinds, entities):
            return None
        known = self._site(kinds, entities)
        composition = _Composition(goal, known.vocabulary, known.capabilities)
        if len(kinds) > 1 and composition.is_plain():
            routes = self.routes(goal, kinds, entities)
            at_home = is_home(kinds, entities)
            able = [
                known.capabilities.may_be_able(
                    route.text, route.kind, is_home=at_home, is_named=composition.names(route.kind)
                )
                for route in routes
                if route.kind
            ]
            if able and not any(able) and len(able) == len(routes):
                return composition.refusal(goal.text)
            if routes or at_home:
                return None
        try:
            composition.read()
        except CannotBeDoneError as refusal:
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
        self._reading = Reading(goal, vocabulary, capabilities)
        self._targets = Targets(self._reading)
        self._writer = TaskWriter(self._reading)

    def is_plain(self) -> bool:
        """Whether a goal says nothing of entities, of several devices of a kind, or of what must be so."""
        single = {profile.kind for profile in self._reading.vocabulary.kinds if profile.count <= 1}
        is_single = all(one.what != "entity" and one.name in single for one in self._reading.mentions)
        return (
            is_single
            and _EVERYTHING.search(self._reading.lower) is None
            and all(
                order.proviso is None for order in split_orders(self._reading.goal, self._reading.mentions)
            )
        )

    def names(self, kind: str) -> bool:
        """Whether a goal names a kind of device, or one of its devices."""
        return any(
            one.what != "entity" and self._reading.kind_of(one) == kind for one in self._reading.mentions
        )

    def refusal(self, text: str) -> PlanAnswer:
        """Refuse what nobody can do."""
        return PlanAnswer("refuse", (), self._reading.nobody(text), None)

    def read(self) -> None:
        """Make tasks of all orders."""
        for mention in self._reading.mentions:
            if mention.unknown:
                noun = canonical_words(mention.name)
                raise CannotBeDoneError(
                    f"There is no {noun} {mention.unknown.upper()} on this site. "
                    f"It has {plural_of(noun)} {self._reading.listed(mention.name)}."
                )
        for order in split_orders(self._reading.goal, self._reading.mentions):
            self._take(order)
        if not self._reading.tasks and _FORBIDS.match(self._reading.lower):
            raise CannotBeDoneError("That only says what is not to be done, and nothing of it is being done.")

    def steps(self) -> tuple[PlanStep, ...]:
        """Return the steps; a condition speaks of the step that finds out."""
        result: list[PlanStep] = []
        begins: list[int] = []
        for task in self._reading.tasks:
            begins.append(len(result))
            condition = task.condition and replace(task.condition, step=begins[task.condition.step])
            for step in self._writer.steps(task):
                sentence = _QUOTED.sub(lambda match: f"{{answer {begins[int(match[1])] + 1}}}", step.sentence)
                result.append(replace(step, sentence=sentence, condition=condition))
        return tuple(result)

    # One order.

    def _take(self, order: Order) -> None:
        if _FORBIDS.match(self._reading.lower, order.start, order.end):
            return
        everything = _EVERYTHING.search(self._reading.lower, order.start, order.end)
        if everything is not None and not any(one.what != "entity" for one in order.mentions):
            self._take_everything(order, everything, self._condition(order))
            return
        if order.proviso is None and self._is_more_of_the_same(order):
            self._reading.tasks[-1].end = order.end
            return
        whole = self._whole(order)
        if whole is not None:
            condition = self._condition(order)
            target = self._targets.of_named(order)
            task = Task(order.start, order.end, whole.kind, target, whole, order.follows, condition)
            self._reading.tasks.append(task)
            return
        cut = self._relative(order)
        quoted = self._quoted(order) if cut is None else None
        lead = self._lead(order)
        is_said_first = order.is_otherwise or (
            order.proviso is not None and order.proviso.start < order.start
        )
        before = self._condition(order) if is_said_first else None
        task = self._task(order, (cut,) if cut else (), lead=lead)
        task.quoted = quoted
        condition = task.condition = before or self._condition(order, task.target)
        if cut is not None:
            self._restrict(task, cut)
        last = self._reading.tasks[-1] if self._reading.tasks else None
        if (
            last is not None
            and not lead
            and condition == last.condition
            and last.form == "order"
            and self._goes_on(last, task, order)
        ):
            last.end = task.end
            return
        self._reading.tasks.append(task)

    def _task(
        self,
        order: Order,
        cuts: tuple[tuple[int, int], ...] = (),
        *,
        lead: str = "",
        asked: str = "",
        among: Target | None = None,
    ) -> Task:
        """Find out who can do it, and for whom it is.

        Args:
            order: what is to be done.
            cuts: stretches of it that only say of whom.
            lead: words that are said once before.
            asked: what is to be found out, where nothing is to be done.
            among: what "it" and "they" are.
        """
        text = asked or lead.lower() + self._reading.asked(order.start, order.end, order.mentions, cuts)
        named = [one for one in order.mentions if one.what != "entity"]
        ranked = self._reading.capabilities.ranked(text)
        mention = self._actor(order, named, ranked) if named else None
        ability = ranked[0]
        if mention is not None:
            ability = next(one for one in ranked if one.kind == self._reading.kind_of(mention))
        elif among is not None and among.mention is not None and among.mention.what != "entity":
            ability = next(one for one in ranked if one.kind == self._reading.kind_of(among.mention))
        else:
            ability = self._going_on(order, text, ranked)
        is_believed = mention is not None or among is not None or self._is_aside(order, ability)
        if not self._reading.capabilities.is_able(text, ability, is_named=is_believed):
            raise CannotBeDoneError(self._reading.nobody(text))
        target = self._targets.target(order, mention, ability) if among is None else among
        task = Task(
            order.start, order.end, ability.kind, target, ability, order.follows, cuts=cuts, lead=lead
        )
        task.is_referring = target.quantifier == "each" and target.mention is None
        task.actor = mention if mention is not target.mention else None
        return task

    def _whole(self, order: Order) -> Ability | None:
        """Return who does with all entities at once what an order says, where it says that it does."""
        kinds = self._reading.vocabulary.kinds
        named = {self._reading.kind_of(one) for one in order.mentions if one.what != "entity"}
        return who_counts_all(
            self._reading.asked(order.start, order.end, order.mentions),
            self._reading.lower[order.start : order.end],
            order.mentions,
            [profile for profile in kinds if profile.kind in named or not named],
            self._reading.capabilities,
        )

    def _going_on(self, order: Order, text: str, ranked: Sequence[Ability]) -> Ability:
        """Return who does it where nobody is named: "… and wait there", which nobody offers, goes on with the task before."""
        best = ranked[0]
        last = self._reading.tasks[-1] if self._reading.tasks else None
        if last is None or order.mentions:
            return best
        if self._is_still_told(order, last):
            told = next(one for one in ranked if one.kind == last.kind)
            if self._reading.capabilities.is_able(text, told, is_named=True):
                return told
        if not self._reading.refers(order):
            return best
        same = next(one for one in ranked if one.kind == last.kind)
        is_clear = best.cosine - same.cosine > _ABOUT_AS_ABLE
        return best if is_clear and self._reading.capabilities.is_able(text, best, is_named=False) else same

    def _is_aside(self, order: Order, ability: Ability) -> bool:
        """Whether an order only goes on with the one before: "… and wait there"."""
        last = self._reading.tasks[-1] if self._reading.tasks else None
        return (
            last is not None
            and last.kind == ability.kind
            and not order.mentions
            and (self._reading.refers(order) or self._is_still_told(order, last))
        )

    def _is_still_told(self, order: Order, last: Task) -> bool:
        """Whether those who were told to do what comes before are told this too: "let the drone go there and take a picture"."""
        told = last.actor or last.target.mention
        return (
            not order.is_new_sentence
            and told is not None
            and told.what != "entity"
            and is_about_actor(self._reading.text(last.start, last.end, told))
        )

    def _actor(self, order: Order, named: Sequence[Mention], ranked: Sequence[Ability]) -> Mention:
        """Return which of the devices that are spoken of is to do it: who is addressed, else who can best."""
        if len(named) == 1:
            return named[0]
        for mention in named:
            if is_about_actor(self._reading.text(order.start, order.end, mention)):
                return mention
        place = {one.kind: number for number, one in enumerate(ranked)}
        return min(named, key=lambda one: place[self._reading.kind_of(one)])

    # What belongs together.

    def _is_more_of_the_same(self, order: Order) -> bool:
        """Whether a stretch is no order of its own: "… medicine and samples to ward 3"."""
        if (
            not self._reading.tasks
            or order.is_new_sentence
            or order.mentions
            or self._reading.tasks[-1].form != "order"
        ):
            return False
        return _NO_VERB_FIRST.match(self._reading.lower, order.start, order.end) is not None

    def _goes_on(self, last: Task, task: Task, order: Order) -> bool:
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
        return not before.is_loop or self._reading.refers(order)

    # Conditions.

    def _condition(self, order: Order, target: Target | None = None) -> Condition | None:
        if order.is_otherwise:
            before = next(
                (one.condition for one in reversed(self._reading.tasks) if one.condition is not None), None
            )
            if before is None or before.comparison is None:
                return before and replace(before, is_present=not before.is_present)
            turned = _TURNED.get(before.comparison)
            if turned is None:
                raise CannotBeDoneError(
                    "Please say what to do otherwise in a goal of its own.", is_question=True
                )
            return replace(before, comparison=turned)
        return None if order.proviso is None else self._found_out(order.proviso, target)

    def _found_out(self, proviso: Proviso, target: Target | None) -> Condition:
        """Add the task that finds out what a proviso says; what it calls "it" is what the order is about."""
        comparison = comparison_in(self._reading.goal, proviso.start, proviso.end)
        mentions = tuple(
            one for one in self._reading.mentions if proviso.start <= one.start and one.end <= proviso.end
        )
        cuts = ((comparison.start, comparison.end),) if comparison else ()
        order = Order(proviso.start, proviso.end, mentions)
        asked = f"check {'' if comparison else 'whether '}{self._reading.asked(proviso.start, proviso.end, mentions, cuts)}"
        is_about = (
            target is not None and target.quantifier != "one" and not mentions and self._reading.refers(order)
        )
        task = self._task(order, cuts, asked=asked, among=target if is_about else None)
        task.form, task.comparison = ("amount" if comparison else "whether"), comparison
        self._reading.tasks.append(task)
        return self._holds(comparison, is_present=proviso.is_present)

    def _holds(self, comparison: Comparison | None, *, is_present: bool = True) -> Condition:
        """Return the condition that the last task has found what it was to find."""
        step = len(self._reading.tasks) - 1
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
            if mention.what == "device" or mention.ids or mention.number == "the":
                continue
            found = _RELATIVE.match(self._reading.lower, mention.end, order.end)
            if found is None or _AVAILABLE.match(self._reading.lower, found.end()):
                continue
            modal = _MODAL.search(self._reading.lower, found.end(), order.end)
            end = modal.start() if modal else order.end
            comparison = comparison_in(self._reading.goal, mention.end, end)
            if comparison is not None:
                return mention.end, comparison.end
            if found["who"] or found["whose"] or (found["where"] and mention.what == "entity"):
                return mention.end, end
        return None

    def _quoted(self, order: Order) -> tuple[tuple[int, int], int] | None:
        """Return where the one entity stands that something is true of ("the shelf that has space"), and who finds it out."""
        for mention in order.mentions:
            found = _RELATIVE.match(self._reading.lower, mention.end, order.end)
            if found is None or mention.what != "entity" or mention.ids or mention.number != "the":
                continue
            modal = _MODAL.search(self._reading.lower, found.end(), order.end)
            end = modal.start() if modal else order.end
            looked = [
                number
                for number, task in enumerate(self._reading.tasks)
                if task.target.entity == mention.name and task.target.is_several
            ]
            if not looked:
                whole = replace(mention, number="all")
                text = self._reading.asked(mention.start, end, (mention,))
                task = self._task(
                    Order(mention.start, end, (whole,)), asked=f"check whether {_RELATIVE.sub(' ', text, 1)}"
                )
                task.form = "whether"
                self._reading.tasks.append(task)
                looked = [len(self._reading.tasks) - 1]
            return (mention.start, end), looked[-1]
        return None

    def _lead(self, order: Order) -> str:
        """Return the words that are said once for several: "bring" before "T2 to shelf 2"."""
        first = next(iter(order.mentions), None)
        last = self._reading.tasks[-1] if self._reading.tasks else None
        if first is None or first.what != "entity" or first.start != order.start or last is None:
            return ""
        if (
            last.target.mention is None
            or last.target.entity != first.name
            or not _PREPOSITION.match(self._reading.lower, first.end)
        ):
            return ""
        return last.lead or self._reading.goal.text[last.start : last.target.mention.start]

    def _restrict(self, task: Task, cut: tuple[int, int]) -> None:
        """Put what finds out which are meant before a task, and make the task depend on it."""
        start, end = cut
        comparison = comparison_in(self._reading.goal, start, end)
        mention = task.target.mention
        if mention is None or task.condition is not None or task.target.quantifier not in {"each", "every"}:
            task.cuts = ()
            return
        order = Order(
            mention.start,
            end,
            tuple(one for one in self._reading.mentions if mention.start <= one.start and one.end <= end),
        )
        text = _RELATIVE.sub(" ", self._reading.asked(order.start, order.end, order.mentions), 1)
        ranked = self._reading.capabilities.ranked(f"check whether {text}")
        ability = next((one for one in ranked if one.kind == task.kind), ranked[0])
        if task.target.quantifier == "each":
            ability = ranked[0]
        finding = Task(
            mention.start, end, ability.kind, task.target, ability,
            form="amount" if comparison else "whether", comparison=comparison,
            cuts=((comparison.start, comparison.end),) if comparison else (),
        )  # fmt: skip
        self._reading.tasks.append(finding)
        task.condition = self._holds(comparison)

    def _take_everything(self, order: Order, said: re.Match[str], condition: Condition | None) -> None:
        """Give an order to every device of each kind that can carry it out."""
        comparison = comparison_in(self._reading.goal, said.end(), order.end)
        if any(_NEAR.search(self._reading.lower, order.start, one.start) for one in order.mentions):
            where = self._reading.lower[said.start() : order.end]
            raise CannotBeDoneError(
                f"I cannot tell which devices are meant by {where!r}. Please name the devices or their kinds.",
                is_question=True,
            )
        place = _PLACED.search(self._reading.lower, order.start, order.end)
        there = self._devices_of(place[1]) if place is not None and comparison is None else None
        if place is not None and there == []:
            raise CannotBeDoneError(
                f"I cannot tell which devices are {place[0]!r}. Please name them.", is_question=True
            )
        cuts = ((comparison.start, comparison.end),) if comparison else ()
        mention = Mention(said.start(), said.end(), "kind", "", number="all", is_distributive=True)
        text = self._reading.asked(order.start, order.end, (mention,), cuts)
        able = [
            one
            for one in self._reading.capabilities.ranked(text)
            if self._reading.capabilities.is_able(text, one, is_named=False)
            and (there is None or one.kind in there)
        ]
        if not able:
            raise CannotBeDoneError(self._reading.nobody(text))
        for number, ability in enumerate(able):
            target = Target("every", mention=replace(mention, name=ability.kind), is_several=True)
            task = Task(
                order.start, order.end, ability.kind, target, ability, order.follows, condition, cuts=cuts
            )
            if comparison is not None:
                finding = replace(task, form="amount", comparison=comparison, end=comparison.end)
                self._reading.tasks.append(replace(finding, start=said.start(), condition=None))
                task.condition = self._holds(comparison)
            task.is_together = number > 0 and comparison is None
            self._reading.tasks.append(task)

    def _devices_of(self, place: str) -> list[str]:
        """Return the kinds of devices that are at a place by what they are called."""
        return [
            profile.kind
            for profile in self._reading.vocabulary.kinds
            if telling(place) <= telling(" ".join((profile.kind, profile.about, *profile.device_names[:1])))
        ]

    # Words.


_TURNED: dict[str, Literal["<", "<=", ">", ">="]] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
