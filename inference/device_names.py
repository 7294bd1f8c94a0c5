"""What devices are called, and which of them a part of a goal names: "the light in the kitchen", "all lights", "the study"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from inference.plan import KindProfile
from inference.words import split_words

_PLURAL_LENGTH = 4
_NOT_TELLING = frozenset(
    """
    a an the and or for from with that this it its is are was be all any per you your our my me we us i s in on at of to up by
    off as so no do if am pm
    """.split()
)
_ALL = re.compile(r"\b(?:each|every|all|both|any|everything|everywhere)\b")
_PLACE = re.compile(r"\s+(?:in|of|at|on|for|from|near|by)\s+")
_LINKS = r"(?:\s+(?:in|of|at|on|for|from|near|by))?(?:\s+(?:the|a|an|my|our|your|this|that))?\s+"


@dataclass(frozen=True)
class DeviceNames:
    """The words by which single devices are known, by their kind."""

    words: dict[str, frozenset[str]]

    @classmethod
    def of(cls, kinds: Sequence[KindProfile]) -> DeviceNames:
        """Collect the names of the devices that are the only ones of their kind."""
        return cls(
            {
                kind.kind: frozenset(telling(" ".join((kind.kind, *kind.device_names))))
                for kind in kinds
                if kind.count == 1
            }
        )

    def said(self, clause: str) -> frozenset[str]:
        """Return the words of a clause that names of devices have."""
        known = frozenset().union(*self.words.values()) if self.words else frozenset()
        return frozenset(telling(clause)) & known

    def fitting(self, said: frozenset[str]) -> list[str]:
        """Return the devices whose names have all of these words; none where no word is said."""
        return [kind for kind, words in self.words.items() if said and said <= words]

    def called(self, said: frozenset[str]) -> list[str]:
        """Return the devices whose whole name is said, of two words at least, but for those that are a part of another's."""
        whole = [kind for kind, words in self.words.items() if len(words) > 1 and words <= said]
        return [kind for kind in whole if not any(self.words[kind] < self.words[other] for other in whole)]

    def is_another(self, kind: str, clause: str, said: frozenset[str]) -> bool:
        """Whether a clause speaks of something like a device, but by a name that belongs to others.

        "The curtain in the study" is not the one in the hall; "the lift doors" are not another lift.
        """
        words = self.words.get(kind, frozenset())
        start, end = self.mention(clause, said)
        named = telling(clause[start:end]) & said
        thing = telling(_PLACE.split(clause[start:end])[0].split()[-1]) if named else set()
        return bool(thing & words) and bool(named - words) and bool(words - said)

    def is_all_name(self, clause: str) -> bool:
        """Whether a clause says nothing but a name: "the study"."""
        return bool(telling(clause)) and telling(clause) <= self.said(clause)

    def closest(self, said: frozenset[str], kinds: Sequence[str]) -> list[str]:
        """Return those of some devices whose names have the most of the words that are said."""
        most = max((len(said & self.words[kind]) for kind in kinds), default=0)
        return [kind for kind in kinds if len(said & self.words[kind]) == most]

    def mention(self, clause: str, said: frozenset[str]) -> tuple[int, int]:
        """Return where the words that are `said` stand in a clause, with what links them: the longest such run."""
        spots = [
            match.span()
            for match in re.finditer(r"[^\W\d_]+", clause)
            if _singular(match[0].casefold()) in said
        ]
        runs: list[tuple[int, int]] = []
        for start, end in spots:
            if runs and re.fullmatch(_LINKS, clause[runs[-1][1] : start]):
                runs[-1] = (runs[-1][0], end)
            else:
                runs.append((start, end))
        return max(runs, key=lambda run: run[1] - run[0], default=(0, 0))


def means_all(clause: str) -> bool:
    """Whether a clause speaks of all of something."""
    return _ALL.search(clause) is not None


def names_several(clause: str, said: frozenset[str]) -> bool:
    """Whether a clause has a word of a name in the plural."""
    return any(word != _singular(word) and _singular(word) in said for word in split_words(clause))


def telling(text: str) -> set[str]:
    """Return the words that tell things apart, in the singular."""
    words = {_singular(word) for word in split_words(text)}
    return {word for word in words if word.isalpha()} - _NOT_TELLING


def _singular(word: str) -> str:
    return word.removesuffix("s") if len(word) >= _PLURAL_LENGTH else word
