"""What a person does with a message: gives a goal, asks about the records, gives an order about what is under way.

A sentence encoder and a small linear head decide, fitted by `python -m training.dialogue_acts` on sentences of our own. A goal
that is mistaken for a question is not done, and one that is mistaken for an order ends another: so whatever is not clearly
something else is a goal. `python -m evals.dialogue` measures it.
"""

from __future__ import annotations

import json
import logging
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from inference.ports import Encoder
from inference.words import split_words

logger = logging.getLogger(__name__)

HEAD_FILE = Path(__file__).with_name("acts.npz")
WORD_FEATURES = 1024
"""Length of the part of the features that tells words and pairs of words, by their hashes."""

_WORD_WEIGHT = 0.5
_LONGEST = 300
_LEAST_PROBE_COSINE = 0.98


class Act(StrEnum):
    """What a message is. Those that begin with "ask" are answered from records, the orders are about what is under way."""

    GOAL = "goal"
    ASK_ACTIVITY = "ask_activity"
    ASK_FAILURE = "ask_failure"
    ASK_PLACE = "ask_place"
    ASK_FREE = "ask_free"
    ASK_OUTCOME = "ask_outcome"
    ASK_ABILITY = "ask_ability"
    ASK_WHEN = "ask_when"
    ASK_HISTORY = "ask_history"
    ASK_STANDING = "ask_standing"
    ASK_ATTRIBUTE = "ask_attribute"
    ASK_SITE = "ask_site"
    STOP = "stop"
    PAUSE = "pause"
    RESUME = "resume"
    REASSIGN = "reassign"
    REPEAT = "repeat"
    URGENT = "urgent"
    CLOSE_PLACE = "close_place"
    REOPEN_PLACE = "reopen_place"
    SMALL_TALK = "small_talk"

    @property
    def is_question(self) -> bool:
        """Whether it is answered from records."""
        return self.value.startswith("ask_")

    @property
    def is_order(self) -> bool:
        """Whether it changes what is under way."""
        return not self.is_question and self not in {Act.GOAL, Act.SMALL_TALK}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message was taken for.

    Attributes:
        act: what it is taken for; a goal where nothing else is certain enough.
        likeliest: what it would be if a mistake cost the same either way.
        certainty: how probable it is that the message is nothing for the devices, 0 to 1.
    """

    act: Act
    likeliest: Act
    certainty: float


class MessageReader(Protocol):
    """Says what a message is."""

    def read(self, text: str) -> Reading:
        """Read one message; blocking.

        Raises:
            ModelError: the encoder cannot run.
        """
        ...


@dataclass(frozen=True, slots=True)
class Head:
    """A fitted linear layer over `features`.

    Attributes:
        acts: what the columns stand for.
        weights: shape (features, acts).
        bias: shape (acts,).
        least_certainty: by `group_of` its act, below which a message is a goal.
        probe: a sentence and its vector, by which an encoder is told that the head was not fitted for.
    """

    acts: tuple[Act, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    least_certainty: dict[str, float]
    probe: tuple[str, NDArray[np.float32]]

    @classmethod
    def load(cls, path: Path = HEAD_FILE) -> Head:
        """Read the head that ships with the coordinator."""
        with np.load(path, allow_pickle=False) as file:
            about: dict[str, Any] = json.loads(str(file["about"]))
            return cls(
                tuple(Act(act) for act in about["acts"]),
                file["weights"].astype(np.float32),
                file["bias"].astype(np.float32),
                {group: float(least) for group, least in about["least_certainty"].items()},
                (about["probe"], file["probe"].astype(np.float32)),
            )

    def probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the probability of each act; shape (texts, acts)."""
        logits = features @ self.weights + self.bias
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares: NDArray[np.float32] = powers / powers.sum(axis=1, keepdims=True)
        return shares


class ActReader:
    """Reads messages with an encoder and the head that was fitted for it."""

    def __init__(self, encoder: Encoder, head: Head) -> None:
        self._encoder = encoder
        self._head = head

    @classmethod
    def open(cls, encoder: Encoder) -> ActReader | None:
        """Open the reader for an encoder; None where the shipped head was fitted for another one.

        Raises:
            ModelError: the encoder cannot run.
        """
        head = Head.load()
        sentence, vector = head.probe
        if encoder.dimensions == len(vector):
            cosine = float(encoder.embed([sentence])[0] @ vector)
            if cosine >= _LEAST_PROBE_COSINE:
                return cls(encoder, head)
        logger.warning(
            "Every message of a chat is taken for a goal: the sentence encoder %s is not the one that reads them.",
            encoder.identity,
        )
        return None

    def read(self, text: str) -> Reading:
        """Read one message; blocking."""
        shares = self._head.probabilities(features(self._encoder, [text]))[0]
        return decide(self._head, shares)


def decide(head: Head, shares: NDArray[np.float32]) -> Reading:
    """Choose the act of a message from the probabilities of all.

    Questions are weighed together before one of them is chosen, and so are orders.
    """
    by_group: dict[str, float] = {}
    for act, share in zip(head.acts, shares, strict=True):
        by_group[group_of(act)] = by_group.get(group_of(act), 0.0) + float(share)
    rest = {group: share for group, share in by_group.items() if group != "goal"}
    group = max(rest, key=lambda one: rest[one])
    certainty = certainty_of(group, by_group)
    best = max(
        (float(share), act) for act, share in zip(head.acts, shares, strict=True) if group_of(act) == group
    )[1]
    likeliest = best if rest[group] > by_group["goal"] else Act.GOAL
    return Reading(best if certainty >= head.least_certainty[group] else Act.GOAL, likeliest, certainty)


def certainty_of(group: str, by_group: Mapping[str, float]) -> float:
    """Return how certain it is that a message is nothing for the devices.

    What could be a question about a value could as well be one for a device, so it does not count as evidence for others.
    """
    return 1.0 - by_group["goal"] - (0.0 if group == "attribute" else by_group["attribute"])


def group_of(act: Act) -> str:
    """Return the group that an act is weighed in: "goal", "attribute", "question", "order" or "small_talk"."""
    if act is Act.ASK_ATTRIBUTE:
        return "attribute"
    if act.is_question:
        return "question"
    return "order" if act.is_order else act.value


def features(encoder: Encoder, texts: list[str]) -> NDArray[np.float32]:
    """Return what the head reads of texts: the encoder's vector, then words and pairs of words; a row each."""
    cut = [text[:_LONGEST] for text in texts]
    words = np.stack([_word_vector(text) for text in cut])
    return np.hstack([encoder.embed(cut), np.float32(_WORD_WEIGHT) * words])


@lru_cache(maxsize=1024)
def _word_vector(text: str) -> NDArray[np.float32]:
    vector = np.zeros(WORD_FEATURES, dtype=np.float32)
    words = split_words(text)
    pairs = zip(["^", *words], [*words, "$"], strict=True)
    for one in {*words, *(" ".join(pair) for pair in pairs), *("?" if "?" in text else "")}:
        vector[zlib.crc32(one.encode("utf-8", errors="replace")) % WORD_FEATURES] += 1
    length = np.linalg.norm(vector)
    return vector / length if length else vector
