"""Puts clauses into a sentence and dresses it the way people speak to machines."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from inference.text import Sentence, prepare
from inference.words import split_clauses
from training.data import wording
from training.data.examples import Clause, Piece
from training.data.orders import about_it, is_order
from training.data.spelling import contracted, dictated, typo
from training.data.splits import Split, carriers
from training.data.units import UNIT_DEFINITIONS
from training.data.values import Manner
from training.lexicon import spin

_ASKING = frozenset(
    "is are what how could can would does which where do who when will has have did why was shall may might".split()
)
_JOINING = re.compile(r"\b(?:and|then|after|afterwards|before|while)\b")
_ADDRESSES = re.compile(r"\b(?:me|us|you|your|yourself)\b")
_OF_ONESELF = (
    "i have",
    "i need to",
    "i would like to",
    "i want to",
    "we ",
    "let us",
    "can we",
    "could we",
    "help me",
    "the plan",
    "what we",
)
_ALWAYS_KEPT = frozenset({"then", "after", "before", "while", "afterwards", "twice", "times"})
_REMARK_SHARE = 0.22
_SPACED_MARK = re.compile(r" ([,.;:])")


@dataclass(frozen=True)
class Speaker:
    """Who speaks, to what kind of device, with the wording of which split, and what is remarked besides."""

    rng: random.Random
    split: Split
    manner: Manner
    kinds: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    def pick(self, texts: tuple[str, ...]) -> str:
        """One of the texts that the split allows."""
        return self.rng.choice(carriers(texts, self.split))

    def pick_joining(self, texts: tuple[str, ...]) -> str:
        """The same for texts that join orders: what is dictated has no punctuation, so words must do it."""
        if self.manner.is_dictated:
            texts = tuple(text for text in texts if _JOINING.search(text) and text.count(" , ") < 2)
        return self.pick(texts)


def new_speaker(
    rng: random.Random, split: Split, kinds: tuple[str, ...], remarks: tuple[str, ...] = ()
) -> Speaker:
    """Somebody who types, or dictates."""
    is_dictated = rng.random() < 0.12
    words_share = 0.9 if is_dictated else rng.choice((0.0, 0.1, 0.1, 0.5))
    return Speaker(rng, split, Manner(words_share, is_dictated), kinds, remarks)


def joined(clauses: Sequence[Clause], speaker: Speaker, *, referring: bool) -> str:
    """Join clauses in the order in which they are to be done; `referring` where a later one needs the one before."""
    rng, texts = speaker.rng, [clause.text for clause in clauses]
    orders = all(is_order(text) for text in texts) and not any(clause.is_whole for clause in clauses)
    if orders and not referring and len(clauses) == 2 and rng.random() < 0.5:
        return speaker.pick_joining(wording.FIRST_THEN).format(*texts)
    if (
        not any(clause.is_whole for clause in clauses[:-1])
        and not referring
        and len(clauses) == 3
        and rng.random() < 0.5
    ):
        return speaker.pick_joining(wording.SEVERAL).format(*texts)
    text = texts[0]
    for clause in clauses[1:]:
        if clause.is_whole:
            joiner = rng.choice((" . ", " , ", " ; ", " and "))
        elif speaker.manner.is_dictated:
            joiner = speaker.pick(wording.DICTATED_JOINERS)
        else:
            joiner = (
                rng.choice((" and ", " , then ", " and then "))
                if rng.random() < 0.4
                else speaker.pick(wording.JOINERS)
            )
        text += joiner + clause.text
    return text


def dressed(text: str, speaker: Speaker, kept: frozenset[str] = frozenset(), *, plain: bool = False) -> str:
    """Add politeness, names, reasons, mistakes and punctuation; `kept` are words that stay spelt as they are.

    `plain` leaves out what only fits in front of or behind an order.
    """
    rng, kept = speaker.rng, kept | _ALWAYS_KEPT
    if speaker.remarks and not plain and rng.random() < _REMARK_SHARE:
        return _finished(_with_remark(text, speaker), speaker, kept)
    order = is_order(text) and not plain
    chance = rng.random()
    if order and chance < 0.27:
        before = speaker.pick(wording.BEFORE)
        # "I need to show me the speed" is said by nobody.
        is_odd = before.startswith(_OF_ONESELF) and _ADDRESSES.search(text)
        text = f"{'please' if is_odd else before} {text}"
    elif order and chance < 0.34:
        text = f"{speaker.pick(wording.ABOUT_DEVICE).format(k=rng.choice(speaker.kinds))} {about_it(text)}"
    elif 0.34 <= chance < 0.38:
        text = f"{speaker.pick(wording.TO_DEVICE).format(k=rng.choice(speaker.kinds))} {text}"
    elif order and chance < 0.42:
        text = f"{speaker.pick(wording.REASONS_BEFORE)} {text}"
    if not plain and rng.random() < 0.09:
        text = f"{text}{rng.choice(('', ' ,'))} {speaker.pick(wording.AFTER)}"
    elif order and rng.random() < 0.06:
        text = f"{text}{rng.choice(('', ' ,'))} {speaker.pick(wording.REASONS_AFTER)}"
    return _finished(text, speaker, kept)


def _with_remark(text: str, speaker: Speaker) -> str:
    """Say something beside a wish that asks for nothing."""
    rng, remark = speaker.rng, spin(speaker.pick(speaker.remarks), speaker.rng)
    joint = rng.choice((" , ", " , ", " . ", " ; ", " , so ", " and "))
    if rng.random() < 0.75:
        return f"{remark}{joint}{text}"
    return f"{text}{rng.choice((' , ', ' . ', ' , because ', ' since '))}{remark}"


def _finished(text: str, speaker: Speaker, kept: frozenset[str]) -> str:
    """Add contractions, mistakes and punctuation."""
    rng = speaker.rng
    if rng.random() < 0.4:
        text = contracted(text)
    if rng.random() < 0.08:
        text = typo(text, rng, kept)
        if rng.random() < 0.2:
            text = typo(text, rng, kept)
    if speaker.manner.is_dictated:
        return dictated(text, rng)
    return _punctuated(text, rng)


def _punctuated(text: str, rng: random.Random) -> str:
    text = _SPACED_MARK.sub(r"\1", text)
    asks = text.split(maxsplit=1)[0] in _ASKING
    text += rng.choice(("?", "?", "", "?", ".")) if asks else rng.choice((".", ".", ".", "", "", "!"))
    if rng.random() < 0.5:
        text = text[:1].upper() + text[1:]
        text = re.sub(r"(?<=[.!?] )[a-z]", lambda match: match[0].upper(), text)
        text = re.sub(r"\bi\b", "I", text)
    return text


def prepared(typed: str) -> Sentence:
    """Prepare a sentence the way the run-time does."""
    return prepare(typed, UNIT_DEFINITIONS)


def _share(part: str, words: set[str], own: set[str], clause: Clause) -> float:
    """Return how much of a part is said by a clause; all of it where only a reason stands beside the clause."""
    return 1.0 if clause.text.lower() in part else len(words & own) / len(words)


def pieces(sentence: Sentence, clauses: Sequence[Clause]) -> tuple[Piece, ...]:
    """Split a sentence as the agent's search does, and find the clause that each piece comes from."""
    parts = split_clauses(sentence.lower)
    meant = tuple(clause.function for clause in clauses if clause.function is not None)
    if len(parts) < 2:
        return (Piece(sentence.lower, " ".join(clause.phrase for clause in clauses), meant),)
    said = [(set(clause.text.lower().split()), clause) for clause in clauses]
    result = []
    for part in parts:
        words = set(part.split())
        best, clause = max(
            ((_share(part, words, own, one), number) for number, (own, one) in enumerate(said)),
            default=(0.0, -1),
        )
        if best <= 0.5:
            result.append(Piece(part, part, ()))
            continue
        origin = said[clause][1]
        result.append(Piece(part, origin.phrase, () if origin.function is None else (origin.function,)))
    return tuple(result)
