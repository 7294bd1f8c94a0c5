"""Which abilities of devices come nearest to what was said, by the sentence encoder; word by word without one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inference.plan import KindProfile
from inference.ports import Encoder
from inference.search_text import without_numbers
from inference.words import split_words
from protocol.text import clean_sentence

MOST_NAMED = 5
_MOST_READ = 2000
_SHORT = 120


@dataclass(frozen=True, slots=True)
class NearAbility:
    """An ability of a kind of device; `nearness` is a cosine."""

    kind: str
    ability: str
    nearness: float


def nearest_abilities(text: str, kinds: Sequence[KindProfile], encoder: Encoder | None) -> list[NearAbility]:
    """Return the abilities that come nearest to a sentence, the nearest first, `MOST_NAMED` at most. Blocking.

    Raises:
        ModelError: the encoder cannot run.
    """
    known = [(kind.kind, ability) for kind in kinds if kind.count for ability in kind.abilities][:_MOST_READ]
    if not known:
        return []
    if encoder is None:
        said = set(split_words(text))
        scores = [len(said & set(split_words(ability))) / (1 + len(said)) for _, ability in known]
    else:
        asked = encoder.embed([without_numbers(text)])[0]
        scores = list(map(float, encoder.embed([f"{kind}. {ability}" for kind, ability in known]) @ asked))
    order = np.argsort(-np.asarray(scores), kind="stable")[:MOST_NAMED]
    return [NearAbility(known[index][0], known[index][1], scores[index]) for index in order]


def refusal(text: str, kinds: Sequence[KindProfile], encoder: Encoder | None) -> str:
    """Say that no enrolled device can do something, and what comes nearest to it."""
    near = nearest_abilities(text, kinds, encoder)
    if not near:
        return (
            f'No enrolled device can do this: "{clean_sentence(text, _SHORT)}". None has said what it can do.'
        )
    able = "; ".join(f"{one.kind}: {clean_sentence(one.ability, _SHORT).rstrip('.')}" for one in near)
    return f"No enrolled device can do that. What comes nearest: {able}."
