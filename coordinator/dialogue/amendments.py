"""Reads a message that amends the goal before it: "sorry, I meant station 3", or "T8" where it was asked which tote. Pure.

Nothing is amended on a guess: the message says nothing else, and it fits one place of the goal only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from coordinator.dialogue.names import Mention, Names
from coordinator.wording import plural
from inference.words import split_words

_MARKS = frozenset(
    "sorry no nope oops wait actually pardon correction meant mean rather instead mistake".split()
)
_BESIDE = frozenset(
    """
    i it that is was should be my the a an to at from of on in into make not but and please well oh ah hm ok okay hold excuse me
    said wrong one there other than you know
    """.split()
)
_NOT = re.compile(r"\b(?:not|instead of|rather than)(?: (?:to|at|from|the|in|on))*\s*$", re.IGNORECASE)
_NAMING = frozenset("the a an please i mean meant it is that one to at of take use number make".split())


def corrected(text: str, goal: str, names: Names) -> str | None:
    """Return the goal with what a message says was meant; None where the message is no such correction.

    Args:
        text: the person's words.
        goal: what the person said before, references filled in.
        names: of the site.
    """
    mentions = names.mentions(text)
    said = _words_beside(text, mentions)
    if not mentions or not set(said) & _MARKS or not set(said) <= _MARKS | _BESIDE:
        return None
    wrong = [one for one in mentions if _NOT.search(text[: one.start])]
    meant = [one for one in mentions if one not in wrong]
    if len(meant) != 1 or len(wrong) > 1:
        return None
    alike = [one for one in names.mentions(goal) if one.kind == meant[0].kind and one.name != meant[0].name]
    if wrong:
        alike = [one for one in alike if one.name == wrong[0].name]
    return _put(goal, alike[0], meant[0].name) if len(alike) == 1 else None


def clarified(text: str, goal: str, names: Names, entities: Mapping[str, Sequence[str]]) -> str | None:
    """Return the goal with what a message names instead of what was not clear; None where the message does more than name.

    Args:
        text: the person's words.
        goal: what the person said before and was asked about.
        names: of the site.
        entities: labels by kind, of which one may be said alone.
    """
    mentions = [one for one in names.mentions(text) if one.sort == "entity"]
    found = [(one.kind, one.name) for one in mentions]
    words = _words_beside(text, mentions)
    if not found:
        own = {(kind, label) for kind, labels in entities.items() for label in labels}
        alone = [
            word
            for word in re.findall(r"[\w-]+", text)
            if any(word.casefold() == label.casefold() for _, label in own)
        ]
        found = [
            (kind, f"{kind} {label}")
            for word in alone
            for kind, label in own
            if label.casefold() == word.casefold()
        ]
        taken = {part for word in alone for part in split_words(word)}
        words = [word for word in words if word not in taken]
    # "3" is the number of many a thing, but only one of them was asked about.
    found = [one for one in found if _vague(goal, one[0])]
    if len(found) != 1 or not set(words) <= _NAMING:
        return None
    kind, name = found[0]
    open_ones = list(_vague(goal, kind))
    if len(open_ones) != 1:
        return None
    return f"{goal[: open_ones[0].start()]}{name}{goal[open_ones[0].end() :]}"


def _vague(goal: str, kind: str) -> list[re.Match[str]]:
    """Return where a goal speaks of one thing of a kind without saying which."""
    noun = rf"(?:{re.escape(kind)}|{re.escape(plural(kind))})"
    return list(
        re.finditer(
            rf"\b(?:the|a|an|some|any|that|this|one)\s+{noun}\b(?!\s+(?:[A-Z]{{0,3}}-?\d|[A-Z]\b))",
            goal,
            re.IGNORECASE,
        )
    )


def _words_beside(text: str, mentions: Sequence[Mention]) -> list[str]:
    for one in sorted(mentions, key=lambda one: -one.start):
        text = f"{text[: one.start]} {text[one.end :]}"
    return split_words(text)


def _put(goal: str, mention: Mention, name: str) -> str:
    return f"{goal[: mention.start]}{name}{goal[mention.end :]}"
