"""The coordinator's own questions: which one, yes or no, or what to do about it. The next message of the chat answers. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from inference.words import split_words

_MOST_SHOWN = 6
_YES = frozenset("yes yeah yep sure ok okay please do go ahead correct right exactly that is it".split())
_YES_HEADS = frozenset("yes yeah yep sure ok okay correct right exactly".split())
_NO_HEADS = frozenset("no nope neither none nothing nobody cancel".split())
_NEVER_MIND = re.compile(r"^\W*(?:never ?mind|forget (?:it|about it|that)|drop it|leave it)\b", re.IGNORECASE)
# "The red box" or "tote T8": a name and nothing to do.
_NAMING = re.compile(
    r"\W*(?:(?:the|my|our|this|that)\s+[\w-]+(?:\s[\w-]+){0,2}|[^\W\d_]+\s(?:[A-Za-z]{0,3}-?\d+\w?|[A-Z]))\W*$",
    re.IGNORECASE,
)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
_POINTING = frozenset(
    "the a an one ones please take use i mean meant it is to that this on in of at number no with for".split()
)

Purpose = Literal[
    "goal",
    "cancel",
    "pause",
    "resume",
    "urgent",
    "reassign",
    "repeat",
    "standing_answer",
    "close",
    "reopen",
    "go_on",
]


class Choice(BaseModel):
    """One possible answer: what is shown, and what it stands for."""

    model_config = ConfigDict(frozen=True)

    label: str
    value: str


class OpenQuestion(BaseModel):
    """A question of the coordinator. Nothing has been done, and nothing is until it is answered.

    Attributes:
        text: as it was put, without the choices.
        choices: what may be answered; for yes or no, the value of yes and that of no.
        purpose: what the value of the answer is for.
        is_yes_no: whether yes and no are the answers.
        template: for a goal, what is submitted: "{}" is replaced by the value; for a standing goal's question what was said.
    """

    model_config = ConfigDict(frozen=True)

    text: str
    choices: tuple[Choice, ...] = ()
    purpose: Purpose = "goal"
    is_yes_no: bool = False
    template: str = "{}"

    def ask(self) -> str:
        """Put the question."""
        if self.is_yes_no:
            return f'{self.text} Answer "yes" or "no".'
        if not self.choices:
            return self.text
        labels = [choice.label for choice in self.choices[:_MOST_SHOWN]]
        more = len(self.choices) - len(labels)
        shown = f"{'; '.join(labels)}{f'; or one of {more} more' if more else ''}"
        return f"{self.text} ({shown})"


class Answered(BaseModel):
    """How a message answers a question: with a value, or by leaving it (`value` None)."""

    model_config = ConfigDict(frozen=True)

    value: str | None


def read_answer(question: OpenQuestion, text: str) -> Answered | None:
    """Read a message as an answer; None when it is none, so that it is to be taken for what it is by itself."""
    if _NEVER_MIND.match(text):
        return Answered(value=None)
    words = split_words(text)
    if not words:
        return None
    if question.is_yes_no:
        return _yes_or_no(question, words)
    if not question.choices:
        return Answered(value=text.strip(" .!?,")) if _NAMING.match(text) else None
    if words[0] in _NO_HEADS and set(words) <= _NO_HEADS | _POINTING | {"of", "them", "those"}:
        return Answered(value=None)
    chosen = _chosen(question.choices, words)
    return None if chosen is None else Answered(value=chosen.value)


def _yes_or_no(question: OpenQuestion, words: Sequence[str]) -> Answered | None:
    if words[0] in _NO_HEADS and not set(words) & _YES_HEADS:
        return Answered(value=question.choices[1].value if len(question.choices) > 1 else None)
    if words[0] in _YES_HEADS and set(words) <= _YES:
        return Answered(value=question.choices[0].value)
    return None


def _chosen(choices: Sequence[Choice], words: Sequence[str]) -> Choice | None:
    """Find the one choice that a message names: by its words, by those that only it has, or by its place."""
    said = set(words)
    labels = [split_words(choice.label) for choice in choices]
    whole = [choice for choice, label in zip(choices, labels, strict=True) if _is_run(label, words)]
    if len(whole) > 1:
        whole = [
            one for one in whole if not any(one.label in other.label for other in whole if other is not one)
        ]
    if len(whole) == 1:
        return whole[0]
    ordinal = [place for place, word in enumerate(_ORDINALS) if word in said]
    if said <= _POINTING | set(_ORDINALS) | {"last"}:
        if len(ordinal) == 1 and ordinal[0] < len(choices):
            return choices[ordinal[0]]
        return choices[-1] if "last" in said and choices else None
    rest = said - _POINTING
    # A message with other words than those of the choices is something else: perhaps a new goal.
    if not rest or not rest <= {word for label in labels for word in label}:
        return None
    fitting = [choice for choice, label in zip(choices, labels, strict=True) if rest <= set(label)]
    return fitting[0] if len(fitting) == 1 else None


def _is_run(label: Sequence[str], words: Sequence[str]) -> bool:
    """Whether the words of a label stand in a message one after the other, with hardly anything else beside them."""
    size = len(label)
    stands = any(list(words[place : place + size]) == list(label) for place in range(len(words) - size + 1))
    return stands and set(words) - set(label) <= _POINTING


def which(text: str, names: Sequence[str], template: str = "{}") -> OpenQuestion:
    """Ask which of several names is meant; the goal is the template with that name."""
    return OpenQuestion(
        text=text, choices=tuple(Choice(label=one, value=one) for one in names), template=template
    )
