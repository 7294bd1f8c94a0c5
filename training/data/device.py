"""Chooses the functions of one device that a block of questions is about, twins next to each other."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from inference.notation import MAXIMUM_CANDIDATES
from training.data.examples import Realised
from training.data.kinship import is_same, kinship, said_words
from training.data.made_up import made_up_family
from training.data.pools import PoolDraw
from training.data.splits import Split
from training.data.vendor import clear_vendor, pick_vendor, realise
from training.lexicon import Family, FunctionWords

WAREHOUSE_SHARE, MADE_UP_SHARE = 0.25, 0.06
_COUNTS, _COUNT_WEIGHTS = (1, 2, 3, 4, 5, 6, 7, 8), (3, 5, 7, 10, 13, 14, 14, 34)


@dataclass(frozen=True)
class Device:
    """What is shown of one device, and what it lacks.

    Attributes:
        family: the lexicon's device.
        shown: the candidates, in the order of the description.
        absent: functions of the family that are not shown, the nearest relatives of shown ones first.
        kinds: what people call the device.
        vocabulary: every word that has to do with what is shown.
    """

    family: Family
    shown: tuple[Realised, ...]
    absent: tuple[FunctionWords, ...]
    kinds: tuple[str, ...]
    vocabulary: frozenset[str]

    def can(self, words: FunctionWords) -> bool:
        """Whether a shown function does what another function does."""
        return any(is_same(one.words, words) for one in self.shown)


class Devices:
    """Invents devices of the given families, forever and reproducibly."""

    def __init__(
        self,
        families: Sequence[Family],
        rng: random.Random,
        split: Split,
        warehouse_share: float = WAREHOUSE_SHARE,
        clear_share: float = 0.0,
    ) -> None:
        """`clear_share` of the devices come from vendors who describe them well, and their words mean something."""
        self.families = [family for family in families if len(family.functions) >= 3]
        self._rng = rng
        self._split = split
        self._warehouse_share = warehouse_share
        self._clear_share = clear_share
        self._robots = [family for family in self.families if family.field_name == "warehouse"]
        self._by_field: dict[str, list[Family]] = {}
        for family in self.families:
            self._by_field.setdefault(family.field_name, []).append(family)

    def device(self) -> Device:
        """Invent one device."""
        rng = self._rng
        is_clear = rng.random() < self._clear_share
        family = self._family(is_clear=is_clear)
        anchor = rng.choice(family.functions)
        near = sorted(
            (one for one in family.functions if one is not anchor),
            key=lambda one: -kinship(anchor, one) - rng.random() * 2.5,
        )
        count = rng.choices(_COUNTS, _COUNT_WEIGHTS)[0]
        # The wanted function is missing and its twin is there: the hardest reason to refuse.
        hides_anchor = rng.random() < 0.4 and len(near) > 1
        pool = near if hides_anchor else [anchor, *near]
        if rng.random() < 0.5:
            pool = _pair_first(pool, rng)
        chosen, absent = pool[:count], pool[count:]
        if hides_anchor:
            absent.insert(0, anchor)
        chosen += self._guests(family, chosen, count)
        rng.shuffle(chosen)
        vendor = clear_vendor(rng) if is_clear else pick_vendor(rng, self._split)
        draw = PoolDraw(rng)
        shown = tuple(realise(words, rng, vendor, family.kind, draw) for words in chosen)
        vocabulary = frozenset().union(*(said_words(one.words) for one in shown))
        return Device(family, shown, tuple(absent), (family.kind, *family.names), vocabulary)

    def _family(self, *, is_clear: bool) -> Family:
        rng = self._rng
        chance = rng.random()
        if chance < MADE_UP_SHARE and not is_clear:
            return made_up_family(rng)
        if self._robots and chance < MADE_UP_SHARE + self._warehouse_share:
            return rng.choice(self._robots)
        return rng.choice(self.families)

    def _guests(self, family: Family, chosen: Sequence[FunctionWords], count: int) -> list[FunctionWords]:
        """Functions of another device of the field, where the device has room for them and they are no second way to the same."""
        rng, room = self._rng, min(count, MAXIMUM_CANDIDATES) - len(chosen)
        if room <= 0:
            if len(chosen) == MAXIMUM_CANDIDATES or rng.random() < 0.75:
                return []
            room = 1
        neighbours = self._by_field.get(family.field_name) or self.families
        other = rng.choice(neighbours)
        if other is family:
            return []
        guests: list[FunctionWords] = []
        for words in rng.sample(other.functions, len(other.functions)):
            if len(guests) == room:
                break
            if not any(is_same(words, one) for one in (*family.functions, *guests)):
                guests.append(words)
        return guests


def _pair_first(pool: list[FunctionWords], rng: random.Random) -> list[FunctionWords]:
    """Make sure that something can be said of the thing that another function names ("move to shelf 3 and check it")."""
    followers = [
        words for words in pool if words.references and any(one.required for one in words.parameters)
    ]
    if not followers:
        return pool
    follower = rng.choice(followers)
    keys = {one.key for one in follower.parameters if one.required}
    leaders = [
        words for words in pool if words is not follower and keys == {one.key for one in words.parameters}
    ]
    front = [follower, *leaders[:1]]
    return [*front, *(words for words in pool if words not in front)]
