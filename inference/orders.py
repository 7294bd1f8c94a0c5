"""Splits a goal into orders: one thing to be done each, with what must be so before, and whether it waits for the one before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from inference.mentions import Mention
from inference.text import Sentence
from inference.words import clause_places, split_words

__all__ = ["Comparison", "Order", "Proviso", "comparison_in", "split_orders"]

Comparator = Literal["<", "<=", ">", ">=", "="]

_THEN = re.compile(r"\b(?:then|afterwards|after (?:that|this|it)|next|finally|lastly)\b")
_THEN_FIRST = re.compile(
    r"(?:and |but )*(?:then|after|afterwards|once|as soon as|finally|next|when (?:that|this|you|they|it|all))\b"
)
_PROVISO = re.compile(
    r"(?:and |but |then |so )*(?:only )?(?P<word>if|unless|in case|provided(?: that)?|as long as|where there (?=is|are|'s)|"
    r"when(?= (?!(?:you|they|it|that|this|all|both|i|we|done|finished|ready)\b)"
    r".*\b(?:is|are|has|have|gets|falls|drops|rises)\b))\s+"
)
_PROVISO_INSIDE = re.compile(
    r"[\s,]+(?:but )?(?:only )?(?P<word>if|unless|in case|provided(?: that)?|as long as|where there (?=is|are|'s))\s+"
)
_OTHERWISE = re.compile(r"(?:and |or |but )*(?:otherwise|or else|else|if not|if so)\b[\s,]*")
# "Check if" and "tell me if" ask; they make nothing depend on the answer.
_ASKS = re.compile(
    r"\b(?:check|checks|see|look|out|tell|tells|ask|know|report|reports|verify|determine|test|wonder|confirm|learn|say|says|"
    r"inspect|"
    r"(?:tell|show|let|inform|answer|wake|warn|alert|notify|ping|message|call|ring|remind) "
    r"(?:me|us|them|everyone|everybody|people)"
    r"(?: up)?(?: know)?)\s*$"
)
_SENTENCE_END = re.compile(r"[,;.!?:]|\bthen\b")
_NEGATION = re.compile(r"\b(?:no|not|never|nothing|nobody|none)\b|n't\b")
_FEWER = "below|under|beneath|less than|lower than|fewer than|smaller than"
_MORE = "above|over|beyond|more than|higher than|greater than|larger than|exceeds|exceed|exceeding"
_LOWERING = frozenset(
    "colder cooler shorter lighter slower younger emptier drier darker quieter narrower weaker".split()
)
_COMPARED = re.compile(
    rf"(?P<before>\b(?:is|are|be|has|have|gets|get|falls|fall|drops|drop|rises|rise|goes|go|stays|at)\s+)?"
    r"\b(?P<word>not (?:below|under|less than)|not (?:above|over|more than)|no (?:less|fewer) than|no more than|"
    rf"at least|at most|{_FEWER}|{_MORE}|exactly|equals|equal to|[a-z]+er than)\s+$"
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """How an amount must compare, and where that is said.

    Attributes:
        start, end: where it stands, with the verb before it.
        adjective: of "warmer than 25 degrees": "warm"; empty where an amount is spoken of by its name.
    """

    start: int
    end: int
    comparison: Comparator
    value: float
    unit: str | None
    adjective: str = ""


@dataclass(frozen=True, slots=True)
class Proviso:
    """What must be so for an order to be carried out.

    Attributes:
        start, end: where it stands, without "if".
        is_present: whether it must be so, or must not.
    """

    start: int
    end: int
    is_present: bool = True


@dataclass(frozen=True, slots=True)
class Order:
    """Something to be done.

    Attributes:
        start, end: where it stands in the goal, without its proviso.
        mentions: what it says of the site.
        follows: whether the order before has to succeed first.
        proviso: what must be so, where something must.
        is_otherwise: it is for when the proviso of the order before does not hold.
        is_new_sentence: a sentence ends before it.
    """

    start: int
    end: int
    mentions: tuple[Mention, ...]
    follows: bool = False
    proviso: Proviso | None = None
    is_otherwise: bool = False
    is_new_sentence: bool = False


def split_orders(goal: Sentence, mentions: Sequence[Mention]) -> list[Order]:
    """Split a goal at punctuation, "and" and "then", but not within what is mentioned."""
    lower = goal.lower
    places = _addressed(lower, _places(lower, mentions), mentions)
    orders: list[Order] = []
    waiting: Proviso | None = None
    end_before = 0
    number = 0
    while number < len(places):
        start, end = places[number]
        number += 1
        follows = bool(orders) and (
            _THEN.search(lower, end_before, start) is not None
            or _THEN_FIRST.match(lower, start, end) is not None
            or _THEN.search(lower, max(start, end - len("after that ")), end) is not None
        )
        is_new = bool(orders) and re.search(r"[.!?;]", lower[end_before:start]) is not None
        otherwise = _OTHERWISE.match(lower, start, end)
        if otherwise is not None and orders:
            if otherwise.end() < end:
                within = _within(mentions, otherwise.end(), end)
                orders.append(Order(otherwise.end(), end, within, is_otherwise="so" not in otherwise[0]))
                end_before = end
            continue
        proviso = _PROVISO.match(lower, start, end)
        if proviso is not None:
            waiting = _proviso(lower, proviso["word"], proviso.end(), end)
            end_before = end
            continue
        inside = next(
            (
                one
                for one in _PROVISO_INSIDE.finditer(lower, start, end)
                if not _ASKS.search(lower, start, one.start() + 1)
            ),
            None,
        )
        if inside is not None:
            until = end
            waiting = _proviso(lower, inside["word"], inside.end(), until)
            end = inside.start()
        orders.append(
            Order(start, end, _within(mentions, start, end), follows, waiting, is_new_sentence=is_new)
        )
        waiting, end_before = None, max(end, places[number - 1][1])
    return orders


def comparison_in(goal: Sentence, start: int, end: int) -> Comparison | None:
    """Find "below 20 percent", "at least 3 kg" or "warmer than 25 degrees" in a stretch of a goal."""
    lower = goal.lower
    for quantity in sorted(goal.quantities, key=lambda one: -len(one.text)):
        at = lower.find(quantity.text, start, end)
        if at < 0:
            continue
        found = _COMPARED.search(lower, start, at)
        if found is None:
            continue
        word = found["word"]
        adjective = ""
        if re.fullmatch(r"not (?:below|under|less than)|no (?:less|fewer) than|at least", word):
            comparison: Comparator = ">="
        elif re.fullmatch(r"not (?:above|over|more than)|no more than|at most", word):
            comparison = "<="
        elif re.fullmatch(_FEWER, word):
            comparison = "<"
        elif re.fullmatch(_MORE, word):
            comparison = ">"
        elif word in {"exactly", "equals", "equal to"}:
            comparison = "="
        else:
            adjective = word.split()[0]
            comparison = "<" if adjective in _LOWERING else ">"
            adjective = _plain(adjective)
        return Comparison(
            found.start(), at + len(quantity.text), comparison, quantity.value, quantity.unit, adjective
        )
    return None


def _plain(comparative: str) -> str:
    """Return the adjective of a comparative: hotter, drier and wider make hot, dry and wide."""
    stem = comparative.removesuffix("er")
    if stem.endswith("i"):
        return f"{stem[:-1]}y"
    if len(stem) > 2 and stem[-1] == stem[-2] and stem[-1] not in "ls":  # noqa: PLR2004 - a doubled consonant
        return stem[:-1]
    return (
        f"{stem}e"
        if re.search(r"[aeiou](?:d|g|s|t|c)$", stem) and stem not in {"hot", "wet", "big"}
        else stem
    )


def _proviso(lower: str, word: str, start: int, end: int) -> Proviso:
    """Read what must be so; "unless" and "no" turn it round."""
    if word.startswith("where"):
        # "Where there is space" says "there is space".
        start -= len("there ")
    is_present = (word == "unless") == (_NEGATION.search(lower, start, end) is not None)
    return Proviso(start, end, is_present)


def _places(lower: str, mentions: Sequence[Mention]) -> list[tuple[int, int]]:
    masked = lower
    for mention in mentions:
        masked = masked[: mention.start] + "q" * (mention.end - mention.start) + masked[mention.end :]
    return clause_places(masked)


def _addressed(
    lower: str, places: Sequence[tuple[int, int]], mentions: Sequence[Mention]
) -> list[tuple[int, int]]:
    """Join what says nothing but whom it is for ("robot 2, …", "…, both of you pumps") to what that one is to do."""
    result: list[tuple[int, int]] = []
    pending: int | None = None
    for number, (start, end) in enumerate(places):
        rest = lower[start:end]
        within = [one for one in mentions if start <= one.start and one.end <= end]
        for mention in within:
            rest = rest.replace(lower[mention.start : mention.end], " ")
        is_only_name = bool(within) and not set(split_words(rest)) - {
            "of",
            "you",
            "all",
            "both",
            "hey",
            "please",
            "dear",
            "the",
        }
        if is_only_name and within[0].what != "entity" and number + 1 < len(places) and pending is None:
            is_first = (
                not result or re.search(r"[.!?;]|\b(?:and|then)\b", lower[result[-1][1] : start]) is not None
            )
            if is_first:
                pending = start
                continue
        if is_only_name and result and pending is None:
            result[-1] = (result[-1][0], end)
            continue
        result.append((start if pending is None else pending, end))
        pending = None
    if pending is not None:
        result.append((pending, places[-1][1]))
    return result


def _within(mentions: Sequence[Mention], start: int, end: int) -> tuple[Mention, ...]:
    return tuple(mention for mention in mentions if start <= mention.start and mention.end <= end)
