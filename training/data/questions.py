"""Asks questions about one device: programs, refusals, and requests in which something is missing."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial

from inference.notation import LETTERS
from training.data.checking import is_usable, written
from training.data.clauses import fill
from training.data.device import Device
from training.data.examples import Clause, Question
from training.data.programs import (
    Wish,
    changed,
    for_each,
    not_but,
    one_call,
    repeated,
    several,
    thought_better,
)
from training.data.refusals import Refusals
from training.data.sentences import Speaker, dressed, new_speaker, pieces, prepared
from training.data.splits import Split
from training.lexicon import Family

_PROGRAMS: dict[str, tuple[int, Callable[[Device, Speaker], Wish | None]]] = {
    "one": (37, one_call),
    "change": (32, changed),
    "correction": (3, thought_better),
    "not but": (3, not_but),
    "two": (16, partial(several, count=2)),
    "each": (4, for_each),
    "twice": (2, partial(repeated, times=2)),
    "three": (5, partial(several, count=3)),
    "four": (2, partial(several, count=4)),
    "thrice": (1, partial(repeated, times=3)),
}
_OTHERS = {"refuse": 15, "ask": 4}
KINDS: Mapping[str, int] = {**{kind: weight for kind, (weight, _) in _PROGRAMS.items()}, **_OTHERS}
"""How often each kind of question is asked, for a model that writes programs."""
_COMPARES = re.compile(r"\b(?:up|down|more|less|further|\w{3,}er)\b")
_TRIES = 6


class Questions:
    """Writes questions about devices; `made` and `thrown` count, for each kind, what was written and what could not be used."""

    def __init__(
        self, families: list[Family], rng: random.Random, split: Split, kinds: Mapping[str, int] = KINDS
    ) -> None:
        self.made: Counter[str] = Counter()
        self.thrown: Counter[str] = Counter()
        self._refusals = Refusals(families)
        self._rng = rng
        self._split = split
        self._kinds = kinds

    def ask(self, device: Device) -> Question | None:
        """Write one question; None where nothing of the chosen kind can be said of the device."""
        kind = self._rng.choices(list(self._kinds), list(self._kinds.values()))[0]
        for _ in range(_TRIES):
            speaker = new_speaker(self._rng, self._split, device.kinds, device.family.remarks)
            draft = self._draft(kind, device, speaker)
            if draft is None:
                continue
            question, calls = draft
            self.made[kind] += 1
            if is_usable(question.sentence, question.answer, calls, device.shown):
                return question
            self.thrown[kind] += 1
        return None

    def _draft(
        self, kind: str, device: Device, speaker: Speaker
    ) -> tuple[Question, tuple[Clause, ...]] | None:
        if kind == "refuse":
            return self._refusal(device, speaker)
        if kind == "ask":
            return _missing(device, speaker)
        wish = _PROGRAMS[kind][1](device, speaker)
        if wish is None:
            return None
        answer = written(wish.calls, device.shown)
        return _question(wish, answer, (f"calls-{min(len(wish.calls), 3)}", kind), speaker), wish.calls

    def _refusal(self, device: Device, speaker: Speaker) -> tuple[Question, tuple[Clause, ...]] | None:
        refusal = self._refusals.write(device, speaker)
        if refusal is None:
            return None
        clauses = refusal.clauses or (Clause(refusal.text, refusal.text, None, {}),)
        wish = Wish(refusal.text, clauses, (), refusal.plain)
        return _question(wish, "refuse", ("refuse", refusal.kind), speaker), ()


def _missing(device: Device, speaker: Speaker) -> tuple[Question, tuple[Clause, ...]] | None:
    """A request without something that the function needs."""
    rng = speaker.rng
    able = [
        (index, text)
        for index, one in enumerate(device.shown)
        for text in one.words.missing
        # "make it brighter" lacks nothing where the present value is known.
        if any(p.required for p in one.signature.parameters)
        and not (any(p.is_quantity for p in one.signature.parameters) and _COMPARES.search(text))
    ]
    if not able:
        return None
    index, template = rng.choice(able)
    one = device.shown[index]
    filled = fill(template, one, rng, speaker.manner)
    if filled is None:
        return None
    text, values = filled
    numbered = enumerate(zip(one.keys, one.signature.parameters, strict=True), start=1)
    lacking = [number for number, (key, parameter) in numbered if parameter.required and key not in values]
    if not lacking:
        return None
    wish = Wish(text, (Clause(text, text, index, {}),), ())
    return _question(wish, f"ask {LETTERS[index]}.{lacking[0]}", ("ask",), speaker), ()


def _question(wish: Wish, answer: str, tags: tuple[str, ...], speaker: Speaker) -> Question:
    kept = frozenset(
        word
        for clause in wish.clauses
        for value in clause.values.values()
        for word in value.spoken.lower().split()
    )
    typed = dressed(wish.text, speaker, kept, plain=wish.plain)
    sentence = prepared(typed)
    return Question(typed, sentence, answer, pieces(sentence, wish.clauses), tags)
