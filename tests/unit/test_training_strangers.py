"""Which functions of other devices a sentence is read with."""

from __future__ import annotations

import random

import numpy as np

from inference.reader_input import FunctionTokens
from training.lexicon import FunctionWords
from training.nearness import Nearness, key
from training.strangers import Strangers


def words(family: str, name: str, *says: str) -> FunctionWords:
    return FunctionWords(family, (name,), (), (), says, (), (), ())


WATER = words("orchard", "water trees", "water the trees")
MOW = words("mower", "mow area")
SOAK = words("bed", "soak roots", "water the trees")
STAMP = words("desk", "stamp letter")
# The cosines of these with the first are 1, 0.5, 0.5 and 0.1.
ANGLES = dict(zip((WATER, MOW, SOAK, STAMP), (1.0, 0.5, 0.5, 0.1), strict=True))
NEARNESS = Nearness(
    np.array([[cosine, (1 - cosine**2) ** 0.5] for cosine in ANGLES.values()], dtype=np.float32),
    {key(one): place for place, one in enumerate(ANGLES)},
)


def tokens(number: int) -> FunctionTokens:
    return FunctionTokens((number,), ())


def shown(*functions: FunctionWords) -> Strangers:
    strangers = Strangers(NEARNESS)
    for number, one in enumerate(functions):
        strangers.remember(one, tokens(number))
    return strangers


def test_a_near_function_of_another_device_is_picked() -> None:
    assert shown(STAMP, MOW).pick([WATER], random.Random(1)) == tokens(1)


def test_what_is_far_or_the_same_is_not_picked() -> None:
    assert shown(STAMP, WATER).pick([WATER], random.Random(1)) is None


def test_what_people_ask_for_in_the_same_words_is_not_picked() -> None:
    assert shown(SOAK).pick([WATER], random.Random(1)) is None


def test_nothing_is_picked_for_what_the_search_does_not_know() -> None:
    assert shown(MOW).pick([words("other", "sing")], random.Random(1)) is None
    assert shown(words("other", "sing")).pick([WATER], random.Random(1)) is None


def test_all_near_functions_have_their_turn() -> None:
    strangers, rng = shown(MOW, MOW, STAMP), random.Random(1)
    assert {strangers.pick([WATER], rng) for _ in range(20)} == {tokens(0), tokens(1)}
