"""Writes what the sentence encoder is tuned on: the functions of a device, and clauses that mean one of them or none."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inference.search_text import search_text, without_numbers
from training.device_examples import AFTER, BEFORE, CHAT, Realised, fill, made_up_family, realise, typo
from training.lexicon import Family, FunctionWords, spin

NONE = -1
"""The target of a clause that means no function of the device."""


@dataclass(frozen=True)
class Device:
    """One device as one vendor ships it: search texts of its functions, clauses, and the index that each clause means."""

    functions: list[str]
    clauses: list[str]
    targets: list[int]


def devices(
    families: Sequence[Family], rng: random.Random, clauses: int, most_functions: int = 14
) -> Iterator[Device]:
    """Stream devices with `clauses` clauses each, reproducibly."""
    usable = [family for family in families if len(family.functions) >= 3]  # noqa: PLR2004 a choice needs some
    by_field: dict[str, list[Family]] = {}
    for family in usable:
        by_field.setdefault(family.field_name, []).append(family)
    while True:
        family = made_up_family(rng) if rng.random() < 0.03 else rng.choice(usable)
        pool = list(family.functions)
        rng.shuffle(pool)
        count = max(3, min(len(pool) - (rng.random() < 0.6), most_functions))
        shown, absent = pool[:count], pool[count:]
        # A device that does several things: functions of a relative fill the list up.
        if rng.random() < 0.35:
            other = rng.choice(by_field.get(family.field_name, usable))
            names = {name for words in shown for name in words.names}
            shown += [words for words in rng.sample(other.functions, min(4, len(other.functions))) if not names & set(words.names)]
        elif rng.random() < 0.5:
            absent = [*absent, *rng.choice(usable).functions[:2]]
        realised = [realise(words, rng) for words in shown]
        texts, targets = [], []
        for _ in range(clauses * 4):
            if len(texts) == clauses:
                break
            if rng.random() < 0.12:
                text, target = _foreign(absent, usable, {name for one in shown for name in one.names}, rng), NONE
            else:
                target = rng.randrange(len(realised))
                text = _clause(realised[target], rng)
            if text:
                texts.append(without_numbers(_dressed(text, rng)))
                targets.append(target)
        if len(texts) == clauses:
            yield Device([search_text(one.signature) for one in realised], texts, targets)


def _clause(realised: Realised, rng: random.Random) -> str | None:
    words = realised.words
    chance = rng.random()
    phrases: Sequence[str] = words.says
    if chance < 0.3 and words.questions:
        phrases = words.questions
    elif chance < 0.38 and words.missing:
        phrases = words.missing
    elif chance < 0.42 and words.references:
        phrases = words.references
    elif chance < 0.52 and (words.raises or words.lowers):
        phrases = [text for _, text in (*words.raises, *words.lowers)]
    if not phrases:
        return None
    filled = fill(rng.choice(phrases), realised, rng)
    return filled[0] if filled else None


def _foreign(
    absent: Sequence[FunctionWords], families: Sequence[Family], shown_names: set[str], rng: random.Random
) -> str | None:
    chance = rng.random()
    if chance < 0.1:
        return rng.choice(CHAT)
    if chance < 0.6 and absent:
        words = rng.choice(absent)
    else:
        words = rng.choice(rng.choice(families).functions)
    if shown_names & set(words.names):
        return None
    return _clause(realise(words, rng), rng) or spin(rng.choice(words.says), rng).replace("{", "").replace("}", "")


def _dressed(text: str, rng: random.Random) -> str:
    if rng.random() < 0.25:
        text = f"{rng.choice(BEFORE)} {text}"
    if rng.random() < 0.1:
        text = f"{text} {rng.choice(AFTER)}"
    return typo(text, rng) if rng.random() < 0.06 else text
