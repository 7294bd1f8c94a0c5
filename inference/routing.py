"""Finds which kind of device each part of a goal is for, by meaning and by the names of things.

A site of many unlike devices has more abilities than a small planning model can read. The encoder reads one at a time.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from inference.device_names import DeviceNames, means_all, names_several, telling
from inference.plan import KindProfile, Route
from inference.ports import Encoder
from inference.search_text import without_numbers
from inference.text import Sentence
from inference.words import clause_places

# Chosen on the sentences for several devices in the development part of evals/independent.
_ABOUT_WEIGHT = 0.2
_NAME_WEIGHT = 0.1
_LEAST_COSINE = 0.4
_LEAST_NAMED = 0.5
_ABOUT_AS_ABLE = 0.25
_IT = re.compile(r"\b(?:it|its|them)\b")
_THEN = re.compile(r"\b(?:then|after|afterwards|once|when|before|until|finally)\b")


@dataclass(frozen=True, slots=True)
class _Fit:
    kind: str
    score: float
    cosine: float
    named: float


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of the goal and the devices that it is for; `text` is set where it is not what stands there."""

    start: int
    end: int
    kinds: tuple[str, ...]
    said: frozenset[str]
    text: str = ""
    missing: str = ""


class Router:
    """Routes goals with a sentence encoder, which remembers the vectors of abilities."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def routes(
        self, goal: Sentence, kinds: Sequence[KindProfile], entities: Mapping[str, Sequence[str]]
    ) -> list[Route]:
        """Split a goal among the kinds, in the order in which it was said.

        A device that is named gets what is said of it, all that are named ("the lights") each the same, and what names a
        device that is not there says so. None where the goal speaks of the site's entities or of all of something without a
        name, which is for the planning model to quantify; where there is only one kind; and where nothing that can be done
        is near to what was said.

        Raises:
            ModelError: the encoder cannot run.
        """
        several = [kind.kind for kind in kinds if kind.count > 1]
        if len(kinds) < 2:  # noqa: PLR2004
            return []
        if _names_any(goal.lower, entities, "(?:s|es)?") or _names_any(goal.lower, several, "(?:s|es)"):
            return []
        names = DeviceNames.of(kinds)
        places = clause_places(goal.lower)
        clauses = [goal.lower[start:end] for start, end in places]
        if any(means_all(clause) and not names.fitting(names.said(clause)) for clause in clauses):
            return []
        parts: list[_Part] = []
        for place, fits in zip(places, self._fits(clauses, kinds), strict=True):
            _add(parts, place, fits, names, goal)
        return [route for number, part in enumerate(parts) for route in _routes(goal, parts, number, part)]

    def _fits(self, clauses: Sequence[str], kinds: Sequence[KindProfile]) -> list[list[_Fit]]:
        """Return for each clause the kinds that it fits, the best first."""
        asked = self._encoder.embed([without_numbers(clause) for clause in clauses])
        words = [_name_words(kind) for kind in kinds]
        abilities = [
            self._encoder.embed([f"{kind.kind}. {ability}" for ability in kind.abilities] or [kind.kind])
            for kind in kinds
        ]
        about = self._encoder.embed([f"{kind.kind}. {kind.about}" for kind in kinds])
        result = []
        for clause, vector in zip(clauses, asked, strict=True):
            named = _named(telling(clause), words)
            able = [float(np.max(vectors @ vector)) for vectors in abilities]
            fits = [
                _Fit(kind.kind, can + _ABOUT_WEIGHT * float(near @ vector) + _NAME_WEIGHT * name, can, name)
                for kind, can, near, name in zip(kinds, able, about, named, strict=True)
            ]
            result.append(sorted(fits, key=lambda fit: -fit.score))
        return result


def _routes(goal: Sentence, parts: Sequence[_Part], number: int, part: _Part) -> list[Route]:
    """Return a part's routes: one for each of its devices, or one that says which device is not there."""
    text = part.text or goal.text[part.start : part.end].strip()
    joint = goal.lower[parts[number - 1].end : part.end] if number else ""
    follows = _THEN.search(joint) is not None
    if part.missing:
        return [Route(text, None, part.missing, follows)]
    return [Route(text, kind, follows=follows) for kind in part.kinds]


def _add(
    parts: list[_Part], place: tuple[int, int], fits: Sequence[_Fit], names: DeviceNames, goal: Sentence
) -> None:
    """Add a clause to the parts: a part of its own, more of the last one, or that one again for another device."""
    start, end = place
    clause = goal.lower[start:end]
    said = names.said(clause)
    last = parts[-1] if parts else None
    if last is not None and last.said and names.is_all_name(clause) and (same := names.fitting(said)):
        kind = names.closest(last.said, same)[0]
        parts.append(_Part(start, end, (kind,), said | last.said, _again(last, kind, names, goal)))
        return
    best = fits[0]
    if best.cosine < _LEAST_COSINE and best.named < _LEAST_NAMED and not names.called(said):
        # "It is getting late" belongs to what is said beside it.
        if last is not None and not last.text:
            parts[-1] = replace(last, end=end)
        return
    before = frozenset().union(*(part.said for part in parts))
    if last is not None and last.said and not said and _refers(clause, last, fits):
        kinds, missing = last.kinds, ""
    else:
        kinds, missing = _meant(clause, said, before, fits, names)
    if last is not None and last.kinds == kinds and not missing and not last.missing and not last.text:
        parts[-1] = replace(last, end=end, said=last.said | said)
    else:
        parts.append(_Part(start if parts else 0, end, kinds, said, missing=missing))


def _refers(clause: str, last: _Part, fits: Sequence[_Fit]) -> bool:
    """Whether "it" in a clause is the device of the part before: one that can do about what is said as well as any."""
    scores = [fit.score for fit in fits if fit.kind in last.kinds]
    return _IT.search(clause) is not None and bool(scores) and max(scores) > fits[0].score - _ABOUT_AS_ABLE


def _meant(
    clause: str, said: frozenset[str], before: frozenset[str], fits: Sequence[_Fit], names: DeviceNames
) -> tuple[tuple[str, ...], str]:
    """Return the devices that a clause is for; or what it calls a device that is not there.

    Args:
        clause: the clause.
        said: the words of names in it.
        before: those in the clauses before it, which tell "the light" in the kitchen from that in the hall.
        fits: the devices, the likeliest first.
        names: what the devices are called.
    """
    fitting = names.fitting(said)
    if fitting and (means_all(clause) or names_several(clause, said)):
        return tuple(fitting), ""
    called = names.called(said)
    best = next(fit.kind for fit in fits if not called or fit.kind in called)
    if best in fitting and before - said:
        closest = names.closest(before, [kind for kind in fitting if not called or kind in called])
        best = next(fit.kind for fit in fits if fit.kind in closest)
    if not names.is_another(best, clause, said):
        return (best,), ""
    if fitting:
        return (next(fit.kind for fit in fits if fit.kind in fitting),), ""
    start, end = names.mention(clause, said)
    return (), clause[start:end]


def _again(part: _Part, kind: str, names: DeviceNames, goal: Sentence) -> str:
    """Say a part again for another device: "Turn off the lamp in the hall" and "the study" make "Turn off the study lamp"."""
    text = part.text or goal.text[part.start : part.end].strip()
    start, end = names.mention(text.lower(), part.said)
    return f"{text[:start]}{kind}{text[end:]}" if end else text


def _named(said: set[str], words: Sequence[set[str]]) -> list[float]:
    """Return how much each kind is named; a name says the more, the fewer kinds it belongs to."""
    common = {word: sum(word in known for known in words) for word in said}
    return [
        sum(math.log(1 + len(words) / common[word]) for word in said & known if common[word] < len(words))
        for known in words
    ]


def _name_words(kind: KindProfile) -> set[str]:
    return telling(" ".join((kind.kind, kind.about, *kind.device_names)))


def _names_any(lower: str, things: Iterable[str], ending: str) -> bool:
    """Whether a goal speaks of a kind of thing that the site has many of."""
    return any(re.search(rf"\b{re.escape(thing.lower())}{ending}\b", lower) for thing in things)
