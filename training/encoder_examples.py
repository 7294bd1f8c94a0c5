"""Writes what the sentence encoder is tuned on: the functions of a device, and clauses that mean one of them or none."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inference.search_text import search_text, without_numbers
from training.data.clauses import absolute, corrected, implying, relative
from training.data.device import Device as ShownDevice
from training.data.examples import Clause, Realised
from training.data.kinship import is_same, said_words
from training.data.made_up import made_up_family
from training.data.orders import is_order
from training.data.pools import PoolDraw
from training.data.programs import IMPLIED_SHARE
from training.data.refusals import Refusals
from training.data.sentences import Speaker, dressed, new_speaker
from training.data.splits import Split, phrases
from training.data.vendor import clear_vendor, pick_vendor, realise
from training.lexicon import Family, FunctionWords, spin

NONE = -1
"""The target of a clause that means no function of the device."""

_MADE_UP_SHARE = 0.03
_NONE_SHARE = 0.13
_MOST_FUNCTIONS = 14
# Most descriptions are written to be understood; the rest are codes, stumps and foreign names, of which little is learned.
_CLEAR_SHARE = 0.6


@dataclass(frozen=True)
class Device:
    """One device as one vendor ships it: search texts of its functions, clauses, and the index that each clause means."""

    functions: list[str]
    clauses: list[str]
    targets: list[int]


def devices(families: Sequence[Family], rng: random.Random, clauses: int, split: Split) -> Iterator[Device]:
    """Stream devices with `clauses` clauses each, reproducibly."""
    usable = [family for family in families if len(family.functions) >= 3]
    by_field: dict[str, list[Family]] = {}
    for family in usable:
        by_field.setdefault(family.field_name, []).append(family)
    refusals = Refusals(usable)
    while True:
        device = _device(usable, by_field, rng, split)
        texts, targets = [], []
        for _ in range(clauses * 4):
            if len(texts) == clauses:
                break
            speaker = new_speaker(rng, split, device.kinds, device.family.remarks)
            if rng.random() < _NONE_SHARE:
                refusal, target = refusals.write(device, speaker), NONE
                # A half-fitting sentence has a clause that means something, and a value out of range means its function.
                if refusal is None or refusal.clauses or refusal.kind in {"out of range", "relative", "not"}:
                    continue
                text, plain = refusal.text, refusal.plain
            else:
                target = rng.randrange(len(device.shown))
                said = _said(target, device.shown[target], speaker)
                if not said:
                    continue
                text, plain = said, not is_order(said)
            texts.append(without_numbers(dressed(text, speaker, plain=plain)))
            targets.append(target)
        if len(texts) == clauses:
            yield Device([search_text(one.signature) for one in device.shown], texts, targets)


def _device(
    families: Sequence[Family], by_field: dict[str, list[Family]], rng: random.Random, split: Split
) -> ShownDevice:
    """Invent a device with most of its family's functions, and sometimes some of a neighbour's."""
    family = made_up_family(rng) if rng.random() < _MADE_UP_SHARE else rng.choice(families)
    pool: list[FunctionWords] = list(family.functions)
    rng.shuffle(pool)
    count = max(2, min(len(pool) - rng.choice((0, 1, 1, 2)), _MOST_FUNCTIONS))
    shown, absent = pool[:count], pool[count:]
    if rng.random() < 0.4:
        other = rng.choice(by_field.get(family.field_name, families))
        guests = rng.sample(other.functions, min(6, len(other.functions)))
        shown += [words for words in guests if not any(is_same(words, one) for one in pool)]
    vendor = clear_vendor(rng) if rng.random() < _CLEAR_SHARE else pick_vendor(rng, split)
    draw = PoolDraw(rng)
    return ShownDevice(
        family,
        tuple(realise(words, rng, vendor, family.kind, draw) for words in shown),
        tuple(absent),
        (family.kind, *family.names),
        frozenset().union(*(said_words(words) for words in shown)),
    )


def _said(index: int, realised: Realised, speaker: Speaker) -> str | None:
    """Say something that means a function: an order, a question, a change, or a request that lacks something."""
    rng, words = speaker.rng, realised.words
    chance = rng.random()
    clause: Clause | None = None
    if words.implied and rng.random() < IMPLIED_SHARE:
        clause = implying(index, realised, speaker.split, rng, speaker.manner)
        if clause is not None:
            return clause.text
    if chance < 0.07 and words.missing:
        return spin(rng.choice(words.missing), rng)
    if chance < 0.10 and words.references:
        return spin(rng.choice(words.references), rng)
    if chance < 0.22 and (words.raises or words.lowers):
        clause = relative(index, realised, rng, speaker.manner, known=rng.random() < 0.5)
    else:
        is_whole = chance < 0.48 and bool(words.questions)
        allowed = phrases(words.questions if is_whole else words.says, speaker.split)
        if allowed:
            clause = absolute(rng.choice(allowed), index, realised, rng, speaker.manner, is_whole=is_whole)
        if clause is not None and rng.random() < 0.04:
            clause = corrected(clause, realised, rng, speaker.manner) or clause
    return clause.text if clause is not None and "{" not in clause.text else None
