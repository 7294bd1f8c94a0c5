"""Decides which reported value a person means, of which devices: by their names, the unit, and the encoder.

Names of devices and kinds are looked for as they are. What is left of the person's words is compared by meaning with the names of
what devices report, and only with what has a unit that fits. Where nothing is near enough, or two things are about as near, the
person is asked.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coordinator.registry import Device
from coordinator.standing.calendar_words import DoubtError
from coordinator.wording import listing, plural
from inference.ports import Encoder
from inference.text import canonical_words
from inference.units import convert, pint_name
from protocol.messages import Finding
from protocol.text import clean_sentence

# Chosen on the phrases of tests/integration/test_standing_subjects.py; see docs/standing-goals.md.
_LEAST_COSINE = 0.45
_LEAST_MARGIN = 0.08
_LEAST_DEVICE_MARGIN = 0.12
_FUNCTION_WORDS = re.compile(
    r"\b(?:the|a|an|every|each|all|any|no|our|my|its|their|of|in|on|at|for|from|by|one)\b|['\u2019]s\b|(?<=s)['\u2019]"
)
_QUANTIFIED = re.compile(r"\b(?:every|each|all|any|an?|no|its|their)\b")
_DEFINITE = re.compile(r"\b(?:the|our|my|this|that)\b")
_SHOWN = 6
# Each is read by the encoder, which takes milliseconds.
_COMPARED_TITLES = 100
_CACHED_TEXTS = 4096


@dataclass(frozen=True, slots=True)
class Subject:
    """What a phrase means.

    Attributes:
        attribute: casefolded name of what is reported.
        unit: in which it is reported, as devices write it.
        device_ids: of these devices; empty for every one (of the kind) that reports it.
        kind: casefolded; None for any.
    """

    attribute: str
    unit: str | None
    device_ids: tuple[str, ...] = ()
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class _Candidate:
    device: Device
    attribute: str
    finding: Finding


class Subjects:
    """Finds subjects among the devices of a site. Blocking: the encoder runs.

    Args:
        encoder: compares meanings; without one, only words that are the same count.
    """

    def __init__(self, encoder: Encoder | None) -> None:
        self._encoder = encoder
        self._vectors: dict[str, NDArray[np.float32]] = {}

    def find(
        self,
        phrase: str,
        devices: Sequence[Device],
        *,
        unit: str | None,
        is_text: bool = False,
        around: str = "",
    ) -> Subject:
        """Find what a phrase means.

        Args:
            phrase: lower case, such as "every upload" or "the cold store".
            devices: those of the site.
            unit: the unit that was said (pint's long spelling), if any.
            is_text: a word is watched for, not an amount.
            around: other words of the sentence, in which "its" may find its device.

        Raises:
            DoubtError: nothing fits, or several things do.
        """
        known = [device for device in devices if device.is_enrolled]
        names = _named(phrase, known)
        kind = None if names else _kind(phrase, known) or (_kind(around, known) if _is_its(phrase) else None)
        meant = [device for device in known if device.device_id in names] if names else known
        if kind is not None:
            meant = [device for device in meant if device.profile and device.profile.kind.casefold() == kind]
        candidates = [
            _Candidate(device, name, finding)
            for device in meant
            for name, finding in device.attributes.items()
            if _fits(finding, unit, is_text=is_text)
        ]
        if not candidates:
            raise DoubtError(_nothing_reported(phrase, meant or known, unit))
        rest = _without(
            phrase, [*_spellings(meant if names else ()), *([kind, plural(kind)] if kind else [])]
        )
        if not names:
            candidates = _in_place(rest, candidates)
        attribute, scores = self._attribute(phrase, rest, candidates)
        candidates = [one for one in candidates if one.attribute == attribute]
        device_ids: tuple[str, ...] = tuple(device.device_id for device in meant) if names else ()
        if not names and _means_one(phrase, attribute, kind):
            device_ids = (self._one_device(phrase, attribute, candidates, scores),)
        return Subject(attribute, candidates[0].finding.unit, device_ids, None if device_ids else kind)

    def _attribute(
        self, phrase: str, rest: str, candidates: Sequence[_Candidate]
    ) -> tuple[str, dict[tuple[str, str], float]]:
        """Choose the attribute; also returns how near each candidate is."""
        names = sorted({one.attribute for one in candidates})
        if not rest:
            if len(names) == 1:
                return names[0], {}
            raise DoubtError(
                f'Which value do you mean with "{phrase}": {listing(names[:_SHOWN])}?', *names[:_SHOWN]
            )
        scores: dict[tuple[str, str], float] = {}
        titles = {one.device.profile.title for one in candidates if one.device.profile}
        for one in candidates:
            if len(titles) > _COMPARED_TITLES:
                scores[one.device.device_id, one.attribute] = self._cosine(rest, one.attribute)
                continue
            title = canonical_words(one.device.profile.title if one.device.profile else one.device.device_id)
            texts = (one.attribute, f"{title} {one.attribute}", title)
            scores[one.device.device_id, one.attribute] = max(self._cosine(rest, text) for text in texts)
        best = {name: max(score for (_, other), score in scores.items() if other == name) for name in names}
        ranked = sorted(names, key=lambda name: -best[name])
        first = best[ranked[0]]
        near = [name for name in ranked if first - best[name] < _LEAST_MARGIN]
        if first < _LEAST_COSINE:
            raise DoubtError(
                f'I am not sure what "{phrase}" is among what devices report: {listing(ranked[:_SHOWN])}. Which one do you mean?',
                *ranked[:_SHOWN],
            )
        if len(near) > 1 and ranked[0] != rest:
            raise DoubtError(
                f'Which value do you mean with "{phrase}": {listing(near[:_SHOWN])}?', *near[:_SHOWN]
            )
        return ranked[0], scores

    @staticmethod
    def _one_device(
        phrase: str, attribute: str, candidates: Sequence[_Candidate], scores: dict[tuple[str, str], float]
    ) -> str:
        if len(candidates) == 1:
            return candidates[0].device.device_id
        ranked = sorted(candidates, key=lambda one: -scores.get((one.device.device_id, attribute), 0.0))
        first, second = (scores.get((one.device.device_id, attribute), 0.0) for one in ranked[:2])
        if first - second >= _LEAST_DEVICE_MARGIN:
            return ranked[0].device.device_id
        named = [one.device.device_id for one in candidates]
        more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
        raise DoubtError(
            f"{len(named)} devices report {attribute} ({', '.join(named[:_SHOWN])}{more})."
            f' Which one do you mean with "{phrase}", or all?',
            f"every {attribute}",
            *(f"the {attribute} of {name}" for name in named[: _SHOWN - 1]),
        )

    def _cosine(self, left: str, right: str) -> float:
        if self._encoder is None:
            ours, theirs = set(left.split()), set(right.split())
            return len(ours & theirs) / math.sqrt(len(ours) * len(theirs)) if ours and theirs else 0.0
        missing = [text for text in dict.fromkeys((left, right)) if text not in self._vectors]
        if missing:
            if len(self._vectors) > _CACHED_TEXTS:
                self._vectors.clear()
                missing = list(dict.fromkeys((left, right)))
            for text, row in zip(missing, self._encoder.embed(missing), strict=True):
                self._vectors[text] = row
        return float(self._vectors[left] @ self._vectors[right])


def _means_one(phrase: str, attribute: str, kind: str | None) -> bool:
    """Say whether a phrase speaks of one thing: "the upload", and not "every upload", "uploads" or "the uploads"."""
    nouns = [*attribute.split(), *(kind.split() if kind else ())]
    is_plural = any(_holds(phrase, plural(noun)) for noun in nouns)
    return not is_plural and _DEFINITE.search(phrase) is not None and _QUANTIFIED.search(phrase) is None


def _in_place(rest: str, candidates: list[_Candidate]) -> list[_Candidate]:
    """Keep those whose device bears a word that was said: "the hall" is where the climate sensor of the hall is."""
    said = set(rest.split()) - {word for one in candidates for word in one.attribute.split()}
    placed = [
        one
        for one in candidates
        if one.device.profile and said & set(canonical_words(one.device.profile.title).split())
    ]
    return placed or candidates


def _is_its(phrase: str) -> bool:
    return phrase.startswith(("its ", "their "))


def _spellings(devices: Sequence[Device]) -> list[str]:
    found = []
    for device in devices:
        title = device.profile.title.casefold() if device.profile else ""
        found += [device.device_id.casefold(), canonical_words(device.device_id), title]
    return [text for text in dict.fromkeys(found) if text]


def _holds(phrase: str, name: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", phrase) is not None


def _named(phrase: str, devices: Sequence[Device]) -> frozenset[str]:
    return frozenset(
        device.device_id for device in devices if any(_holds(phrase, name) for name in _spellings([device]))
    )


def _kind(phrase: str, devices: Sequence[Device]) -> str | None:
    kinds = {device.profile.kind.casefold() for device in devices if device.profile}
    found = [kind for kind in kinds if _holds(phrase, kind) or _holds(phrase, plural(kind))]
    return max(found, key=len, default=None)


def _without(phrase: str, names: Sequence[str]) -> str:
    for name in sorted(names, key=len, reverse=True):
        phrase = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", " ", phrase)
    return " ".join(re.sub(r"[^\w ]", " ", _FUNCTION_WORDS.sub(" ", phrase)).split())


def _fits(finding: Finding, unit: str | None, *, is_text: bool) -> bool:
    if is_text:
        return isinstance(finding.value, str)
    if isinstance(finding.value, bool) or not isinstance(finding.value, int | float):
        return False
    if unit is None:
        return True
    return finding.unit is not None and convert(0.0, unit, pint_name(finding.unit)) is not None


def _nothing_reported(phrase: str, devices: Sequence[Device], unit: str | None) -> str:
    reported = sorted({name for device in devices for name in device.attributes})
    if not reported:
        return f'No device reports a value of its own now, so I cannot watch "{phrase}". What shall I do instead?'
    measure = f" in a unit that fits {unit}" if unit else ""
    shown = clean_sentence(listing(reported[:_SHOWN]))
    return f'No device reports what "{phrase}" could be{measure}. They report {shown}. Which one do you mean?'
