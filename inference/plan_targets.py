"""Decides for whom an order is: each of some entities, every device of a kind, any one of them, or devices by their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from inference.capability import Ability
from inference.mentions import Mention, plural_of
from inference.orders import Order
from inference.plan_tasks import CannotBeDoneError, Reading, Target
from inference.text import canonical_words

# What is done with several things together, so that none of them can be dealt with alone.
_TOGETHER = re.compile(
    r"\b(?:swap|exchange|interchange|switch places|compare|connect|join|between|with each other|against each other)\b"
)
# "It" is about the thing that was spoken of, "there" is not.
_IT = re.compile(r"\b(?:it|them|these|those)\b")
_ASKS = re.compile(
    r"(?:(?:tell|show) me |i want to know |say |find out )?(?:how|what|which|is|are|was|were|do|does|did|has|have)\b"
)
_WHICH_ONE = re.compile(r"\b(?:which|what)\s+$")


class Targets:
    """Decides for whom the orders of a goal are."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def target(self, order: Order, mention: Mention | None, ability: Ability) -> Target:
        entities = [one for one in order.mentions if one.what == "entity"]
        if mention is not None and mention.what == "device":
            return Target("named", devices=mention.ids, mention=mention, is_several=len(mention.ids) > 1)
        several = [one for one in entities if self._is_several(one, order)]
        if mention is not None and mention.number == "all" and not (several and not mention.is_distributive):
            return Target("every", mention=mention, is_several=True)
        return self._about(order, entities, several, ability) or self._referred(order, mention, ability)

    @staticmethod
    def of_named(order: Order) -> Target:
        """Return for which device an order is, whatever it is about: the one that it names, else any one."""
        mention = next((one for one in order.mentions if one.what != "entity"), None)
        if mention is not None and mention.what == "device":
            return Target("named", devices=mention.ids, mention=mention, is_several=len(mention.ids) > 1)
        return Target("one", mention=mention)

    def _about(
        self, order: Order, entities: Sequence[Mention], several: Sequence[Mention], ability: Ability
    ) -> Target | None:
        """Return with which entities something is to be done; None where an order names none, or only together."""
        singles = [one for one in entities if one.ids]
        vague = next((one for one in entities if self._is_vague(one)), None)
        if vague is not None and not several and not (singles and self._reading.is_place(vague)):
            return self._one_of(vague)
        if (known := self._object(order, singles, ability)) is not None:
            return known
        is_joint = _TOGETHER.search(self._reading.lower, order.start, order.end) is not None
        if (several and is_joint) or (not several and len({one.name for one in singles}) < len(singles)):
            return None
        chosen = next(iter(several or singles), None)
        return None if chosen is None else self._each(chosen)

    def _is_vague(self, mention: Mention) -> bool:
        """Whether one is meant and it is not said which: "the shelf"."""
        is_asked = _WHICH_ONE.search(self._reading.lower, 0, mention.start) is not None
        return mention.number == "the" and not mention.ids and not is_asked

    def _object(self, order: Order, singles: Sequence[Mention], ability: Ability) -> Target | None:
        """Return what "it" is in "find T4 and bring it to station 2": what was spoken of, unless that was only a place."""
        last = self._reading.tasks[-1].target if self._reading.tasks else None
        if last is None or last.entity is None or last.quantifier != "each" or not singles:
            return None
        is_thing = last.mention is not None and not self._reading.is_place(last.mention)
        is_another = all(one.name != last.entity and self._reading.is_place(one) for one in singles)
        refers = _IT.search(self._reading.lower, order.start, singles[0].start) is not None
        can = ability.speaks_of(canonical_words(last.entity))
        return replace(last, mention=None) if is_thing and is_another and refers and can else None

    def _one_of(self, mention: Mention) -> Target:
        """Return the entity that "the shelf" is: the only one, or the one that was spoken of; or ask which."""
        ids = self._reading.vocabulary.entities[mention.name]
        before = [task.target for task in self._reading.tasks if task.target.entity == mention.name]
        if len(ids) == 1:
            return Target("each", mention.name, tuple(ids), mention=mention)
        if before:
            return replace(before[-1], mention=mention)
        noun = canonical_words(mention.name)
        raise CannotBeDoneError(
            f"Which {noun} do you mean? There are {plural_of(noun)} {self._reading.listed(mention.name)}.",
            is_question=True,
        )

    def _referred(self, order: Order, mention: Mention | None, ability: Ability) -> Target:
        """Return what "it", "them" and "there" mean: what the task before is about, if this can be about that."""
        last = self._reading.tasks[-1].target if self._reading.tasks else None
        if last is not None and self._reading.refers(order):
            is_there = re.search(r"\bthere\b", self._reading.lower[order.start : order.end]) is not None
            if last.quantifier == "each" and (
                is_there or ability.speaks_of(canonical_words(last.entity or ""))
            ):
                return replace(last, mention=None)
            if (
                last.quantifier in {"named", "every"}
                and mention is None
                and self._reading.tasks[-1].kind == ability.kind
            ):
                return replace(last, mention=None)
        several = {profile.kind for profile in self._reading.vocabulary.kinds if profile.count > 1}
        if (
            mention is None
            and ability.kind in several
            and _ASKS.match(self._reading.lower, order.start, order.end)
        ):
            # A question that any of several could answer for itself is for all of them.
            return Target("every")
        return Target("one", mention=mention)

    def _each(self, mention: Mention) -> Target:
        ids = mention.ids
        if mention.spared:
            ids = tuple(
                one for one in self._reading.vocabulary.entities[mention.name] if one not in mention.spared
            )
        is_several = mention.number == "all" or len(ids) > 1
        return Target("each", mention.name, ids, mention=mention, is_several=is_several)

    def _is_several(self, mention: Mention, order: Order) -> bool:
        if mention.ids:
            return len(mention.ids) > 1
        if _WHICH_ONE.search(self._reading.lower, 0, mention.start) and mention.number == "the":
            # "Which tote is on shelf 3?" asks about the shelf, "which tote is open?" about all totes.
            return not any(one.ids for one in order.mentions) and not self._reading.refers(order)
        if mention.number == "some":
            # "Is there space on any shelf?" asks about all of them.
            said = self._reading.lower[mention.start : mention.end]
            return said.startswith("any ") and bool(
                re.search(r"\b(?:is|are|has|have|does|do|if|whether)\b", self._reading.lower[: mention.start])
            )
        return mention.number == "all"
