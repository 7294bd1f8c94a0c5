"""What is known while the plan of one goal is composed: its words, what they say of the site, and the tasks made so far."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from inference.capability import Ability, Capabilities
from inference.mentions import Mention, Vocabulary, find_mentions
from inference.orders import Comparison, Order
from inference.plan import Condition
from inference.subtask_words import SLOT, without_asides, without_courtesy
from inference.text import Sentence, canonical_words

_REFERS = re.compile(r"\b(?:it|its|them|they|their|there|those|these|each|both)\b")
_PREPOSED = re.compile(r"\b(?:to|into|onto|in|on|at|from|of|near|by|for|inside|towards)\s+(?:[a-z]+ing )?$")
_LISTED = 20
_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Target:
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
class Task:
    """Orders in a row that are one sentence for the same devices.

    Attributes:
        cuts: stretches that are not said to the device.
        form: an order as it was said, or what is to be found out: whether something is so, or an amount.
        is_referring: it is about what the task before is about ("… and close it").
        actor: who is to do it, where the target says with what.
        lead: words that are said once before, for several: "bring T1 to shelf 1, T2 to shelf 2".
        quoted: where something is named by what a task before has found ("the shelf that has space"), and that task.
    """

    start: int
    end: int
    kind: str
    target: Target
    ability: Ability
    follows: bool = False
    condition: Condition | None = None
    form: Literal["order", "whether", "amount"] = "order"
    comparison: Comparison | None = None
    cuts: tuple[tuple[int, int], ...] = ()
    is_referring: bool = False
    is_together: bool = False
    actor: Mention | None = None
    lead: str = ""
    quoted: tuple[tuple[int, int], int] | None = None


class CannotBeDoneError(Exception):
    """A part of the goal is refused, or has to be asked about; the message says why."""

    def __init__(self, reason: str, *, is_question: bool = False) -> None:
        super().__init__(reason)
        self.is_question = is_question


class Reading:
    """One goal as far as it is read.

    Attributes:
        goal: the prepared goal.
        lower: its words in lower case.
        vocabulary: what the site's entities and devices are called.
        capabilities: what the devices can do.
        mentions: what the goal says of the site.
        tasks: what was made of it so far.
    """

    def __init__(self, goal: Sentence, vocabulary: Vocabulary, capabilities: Capabilities) -> None:
        self.goal = goal
        self.lower = goal.lower
        self.vocabulary = vocabulary
        self.capabilities = capabilities
        self.mentions = find_mentions(goal.lower, vocabulary)
        self.tasks: list[Task] = []

    def refers(self, order: Order) -> bool:
        """Whether an order speaks of something that was spoken of before."""
        return _REFERS.search(self.lower, order.start, order.end) is not None

    def asked(
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
        text = self.lower[:end]
        for left, right, instead in sorted(changes, reverse=True):
            if start <= left and right <= end:
                text = text[:left] + instead + text[right:]
        said = " ".join(text[start:].split())
        return without_courtesy(without_asides(said)) or said

    def text(
        self,
        start: int,
        end: int,
        mention: Mention | None,
        cuts: Sequence[tuple[int, int]] = (),
        others: Sequence[tuple[int, int, str]] = (),
    ) -> str:
        """Return the person's words with `SLOT` where `mention` stands, and with `others` changed."""
        changes = [*((left, right, " ") for left, right in cuts), *others]
        if mention is not None and start <= mention.start and mention.end <= end:
            changes.append((mention.start, mention.end, SLOT))
        text = self.goal.text[:end]
        for left, right, instead in sorted(changes, reverse=True):
            text = text[:left] + instead + text[right:]
        return without_courtesy(" ".join(text[start:].split()))

    def nobody(self, text: str) -> str:
        """Say that no device can do something, and what comes nearest to it."""
        near = "; ".join(
            f"{one.kind}: {one.text.lower().rstrip('. ').removeprefix('it ')}"
            for one in self.capabilities.ranked(text)[:_NEAREST]
        )
        return f"No device here can do that: {text!r}. What comes nearest: {near}."

    def listed(self, entity: str) -> str:
        ids = self.vocabulary.entities[entity]
        return ", ".join(ids[:_LISTED]) + (" …" if len(ids) > _LISTED else "")

    def kind_of(self, mention: Mention) -> str:
        return mention.name if mention.what == "kind" else self.vocabulary.kind_of[mention.ids[0]]

    def is_place(self, mention: Mention) -> bool:
        """Whether it is said where or whither, and not what: "at shelf 3"."""
        return _PREPOSED.search(self.lower, 0, mention.start) is not None
