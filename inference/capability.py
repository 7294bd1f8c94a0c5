"""Finds which kind of device can do what is asked for, and judges whether it can: the right thing alone is not enough."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.mentions import plural_of
from inference.plan import KindProfile
from inference.ports import Encoder, ModelError
from inference.safetensors_file import read_safetensors
from inference.search_text import without_numbers
from inference.text import canonical_words

JUDGE_WEIGHTS = Path(__file__).parent / "weights" / "judge.safetensors"
"""What `python -m training.fit_judge` has learned: one weight for each feature, and a bias."""

_RESTORE = "Restore the file from the repository."
_WORD = re.compile(r"[a-z'-]+")
_EMPTY_WORDS = frozenset(
    """
    a an the of to in on at it its is are and or for from by with that this can be i you me my your please would could do does
    have has
    """.split()
)
# So many abilities of a kind, the nearest, are judged.
_JUDGED = 4
_PRODUCT_SCALE, _DIFFERENCE_SCALE, _COSINE_SCALE, _ALIGNMENT_SCALE, _LENGTH_SCALE = (
    20.0,
    10.0,
    4.0,
    2.0,
    0.125,
)
_SAME_WORD = 0.95
# Logits: a device that is named is believed to be meant with less.
_LEAST_ABLE, _LEAST_ABLE_NAMED = 0.2, -2.5
_LEAST_POSSIBLE, _LEAST_POSSIBLE_AT_HOME = -0.5, -1.5
_LEAST_COSINE, _SURE_COSINE = 0.3, 0.72
_LEAST_GOING = 0.45
# "Drives to", "goes over to", "makes its way to", "heads for"; whoever waits for a shelf does not go there.
_GOING = (
    r"(?:[a-z]+(?:\s+(?:over|up|down|out|back|right|straight|(?:its|the) way))?\s+(?:to|towards|between|along)"
    r"|(?:heads?|steers?|makes?|sets? (?:off|out)|leaves?)\s+for)"
)


@dataclass(frozen=True, slots=True)
class Ability:
    """How well a kind of device can do what is asked for.

    Attributes:
        kind: of the devices.
        text: the nearest of what they say they can do.
        cosine: how near it is, -1 to 1.
    """

    kind: str
    text: str
    cosine: float

    def speaks_of(self, noun: str) -> bool:
        """Whether it is about a kind of entity."""
        return (
            re.search(rf"\b(?:{re.escape(noun)}|{re.escape(plural_of(noun))})\b", self.text.lower())
            is not None
        )


class Capabilities:
    """What the devices of a site can do.

    Args:
        encoder: remembers the vectors of abilities and of their words.
        kinds: the devices.
        weights: of the judge.
    """

    def __init__(
        self,
        encoder: Encoder,
        kinds: Sequence[KindProfile],
        weights: Mapping[str, NDArray[np.float32]] | None = None,
    ) -> None:
        self._encoder = encoder
        self._kinds = kinds
        self._weights = judge_weights() if weights is None else weights
        self._vectors = {
            profile.kind: encoder.embed([ability_text(profile.kind, one) for one in _abilities(profile)])
            for profile in kinds
        }

    def ranked(self, request: str) -> list[Ability]:
        """Return every kind with its nearest ability, the best kind first.

        Raises:
            ModelError: the encoder cannot run.
        """
        asked = self._encoder.embed([without_numbers(request)])[0]
        found = []
        for profile in self._kinds:
            cosines = self._vectors[profile.kind] @ asked
            best = int(np.argmax(cosines))
            found.append(Ability(profile.kind, _abilities(profile)[best], float(cosines[best])))
        return sorted(found, key=lambda one: -one.cosine)

    def is_able(self, request: str, ability: Ability, *, is_named: bool) -> bool:
        """Whether a kind can do what is asked for; more is believed of one that is named.

        Raises:
            ModelError: the encoder cannot run.
        """
        if ability.cosine < _LEAST_COSINE and not is_named:
            return False
        if is_named and ability.cosine > _SURE_COSINE:
            return True
        return self.evidence(request, ability.kind) > (_LEAST_ABLE_NAMED if is_named else _LEAST_ABLE)

    def may_be_able(self, request: str, kind: str, *, is_home: bool, is_named: bool = False) -> bool:
        """Whether a kind might do what is asked for, where its device says itself whether it can.

        Args:
            request: what is asked for.
            kind: of the devices.
            is_home: the site has one device of each kind, and what people say there is short and seldom what devices say.
            is_named: the goal names the kind or one of its devices, so that none of the others is meant.

        Raises:
            ModelError: the encoder cannot run.
        """
        least = _LEAST_POSSIBLE_AT_HOME if is_home else _LEAST_POSSIBLE
        return self.evidence(request, kind) > (min(least, _LEAST_ABLE_NAMED) if is_named else least)

    def evidence(self, request: str, kind: str) -> float:
        """Return the judge's logit that devices of a kind can do what is asked for, 0 where both are as likely."""
        profile = next(one for one in self._kinds if one.kind == kind)
        plain = without_numbers(request)
        asked = self._encoder.embed([plain])[0]
        nearest = np.argsort(-(self._vectors[kind] @ asked))[:_JUDGED]
        rows = []
        for place in nearest:
            text = ability_text(kind, _abilities(profile)[place])
            rows.append(features(asked, self._vectors[kind][place], plain, text, self._encoder))
        logits = np.asarray(rows) @ self._weights["weight"] + self._weights["bias"]
        return float(logits.max())

    def goes_to(self, kind: str, noun: str) -> bool:
        """Whether a kind says that it goes to a kind of entity: "it drives to a shelf", but not "it moves a shelf"."""
        profile = next(one for one in self._kinds if one.kind == kind)
        said = [one for one in _abilities(profile) if is_going(one, noun)]
        if not said:
            return False
        wanted = self._encoder.embed([f"go to a {noun}"])[0]
        near = self._encoder.embed([ability_text(kind, one) for one in said]) @ wanted
        return bool(near.max() > _LEAST_GOING)


def is_going(ability: str, noun: str) -> bool:
    """Whether an ability is to go to a kind of entity and nothing else; what stands behind a comma is done besides."""
    return (
        re.match(
            rf"(?:it )?(?:can )?{_GOING}\s+"
            r"(?:(?:a|an|the|any|every|each|all|numbered|chosen|given|one|your)\s+){0,2}"
            rf"(?:[a-z]+ or (?:a |an )?)*(?:{re.escape(noun)}|{re.escape(plural_of(noun))})\b",
            ability.lower().split(",")[0],
        )
        is not None
    )


def ability_text(kind: str, ability: str) -> str:
    """Return an ability as it is compared with what is asked for."""
    return f"{kind}. {ability}"


def features(
    asked: NDArray[np.float32], able: NDArray[np.float32], request: str, ability: str, encoder: Encoder
) -> NDArray[np.float32]:
    """Return what the judge weighs: how two sentences differ as a whole, and how near their words are to each other.

    The first word of a request is mostly what is to be done, so that it counts apart.
    """
    words, others = telling_words(request), telling_words(ability)
    near = encoder.embed(words) @ encoder.embed(others).T
    mine, theirs = near.max(axis=1), near.max(axis=0)
    product = asked * able
    aligned = [
        mine[0], mine.min(), mine.mean(), mine[-1], theirs.min(), theirs.mean(),
        len(words) * _LENGTH_SCALE, float((mine > _SAME_WORD).mean()),
    ]  # fmt: skip
    return np.concatenate(
        [
            product * _PRODUCT_SCALE,
            np.abs(asked - able) * _DIFFERENCE_SCALE,
            [product.sum() * _COSINE_SCALE],
            np.asarray(aligned) * _ALIGNMENT_SCALE,
        ]
    ).astype(np.float32)


def telling_words(text: str) -> list[str]:
    """Return the words of a text that say something; all of them where none does."""
    words = _WORD.findall(text.lower())
    return [word for word in words if word not in _EMPTY_WORDS] or words or ["a"]


@lru_cache(maxsize=4)
def judge_weights(path: Path = JUDGE_WEIGHTS) -> Mapping[str, NDArray[np.float32]]:
    """Read the judge's weights: `weight` (features) and `bias` ().

    Raises:
        ModelError: the file is missing or damaged.
    """
    try:
        weights, _ = read_safetensors(path.read_bytes())
        return {"weight": weights["weight"].astype(np.float32), "bias": weights["bias"].astype(np.float32)}
    except OSError as error:
        raise ModelError(
            f"The judge's weights {path} cannot be read ({error.strerror}).", _RESTORE
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise ModelError(f"The judge's weights {path} are damaged ({error}).", _RESTORE) from error


def _abilities(profile: KindProfile) -> Sequence[str]:
    return profile.abilities or (canonical_words(profile.kind),)
