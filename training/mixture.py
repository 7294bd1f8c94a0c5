"""Mixes both tasks into one stream of blocks, and keeps some device families out of training."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from training.data.blocks import DeviceExamples
from training.data.examples import Block
from training.data.ranking import Ranker
from training.data.splits import Split, bucket
from training.lexicon import Family
from training.plan_examples import PlanExamples

PLAN_SHARE = 0.26
HELD_OUT_PERCENT = 9


def split_families(families: Sequence[Family]) -> tuple[list[Family], list[Family]]:
    """Split into training and held-out families, by a hash of the name; the split does not depend on the seed."""
    held = [
        family
        for family in families
        if bucket(family.names[0]) < HELD_OUT_PERCENT and family.field_name != "warehouse"
    ]
    return [family for family in families if family not in held], held


def favoured(families: Sequence[Family], begin: str, times: int) -> list[Family]:
    """Repeat families of the lexicon files whose names begin so, that they are drawn so many times as often."""
    often = [family for family in families if family.field_name.startswith(begin)]
    return [*families, *((times - 1) * often)]


def blocks(
    families: Sequence[Family],
    seed: str | random.Random,
    split: Split = Split.TRAIN,
    ranker: Ranker | None = None,
) -> Iterator[Block]:
    """Stream blocks of both tasks, reproducibly from the seed, in the wording of a split.

    All chance comes from the seed. Whoever passes a generator may seed it again between two blocks: what follows is
    then what a new stream with that seed would give.
    """
    rng = seed if isinstance(seed, random.Random) else random.Random(seed)
    devices, plans = DeviceExamples(families, rng, split, ranker), PlanExamples(families, rng)
    while True:
        block = plans.block() if rng.random() < PLAN_SHARE else devices.block()
        if block.items:
            yield block


def texts(families: Sequence[Family], seed: str, count: int) -> Iterator[str]:
    """Stream whole texts for the tokenizer."""
    stream = blocks(families, seed)
    for _ in range(count):
        block = next(stream)
        yield block.prefix + "".join(question + answer for question, answer in block.items)
