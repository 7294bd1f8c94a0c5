"""What the judge of abilities is fitted on, and that the fit learns it."""

from __future__ import annotations

import itertools
import random

import numpy as np

from inference.encoder import HashEncoder
from training.ability_examples import DEEDS, examples
from training.fit_judge import fit, table
from training.lexicon import read_lexicon

FAMILIES = read_lexicon()


def test_examples_are_repeatable_and_of_both_kinds() -> None:
    first = list(itertools.islice(examples(FAMILIES, random.Random(1)), 400))
    assert first == list(itertools.islice(examples(FAMILIES, random.Random(1)), 400))
    assert 0.25 < sum(one.is_met for one in first) / len(first) < 0.6
    assert all(one.request and ". " in one.ability for one in first)
    assert not any("{" in one.request + one.ability for one in first)


def test_no_deed_stands_in_two_groups() -> None:
    deeds = [deed for group in DEEDS for deed in group]
    assert len(deeds) == len(set(deeds))


def test_a_fit_learns_what_tells_the_examples_apart() -> None:
    chosen = list(itertools.islice(examples(FAMILIES, random.Random(2)), 600))
    given, met = table(chosen, HashEncoder(64))
    weight, bias = fit(given, met, 0.1)
    right = ((given @ weight + bias > 0) == (met > 0)).mean()
    assert right > 0.65
    assert np.isfinite(weight).all()
