"""What the reader says in PyTorch, and how what it says in llama.cpp differs from it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from inference.reader_input import is_pointed_at_choices
from inference.reading import FunctionReading, SlotReading
from inference.signatures import FunctionSignature
from inference.words import Place, clause_places
from training.data.device import Devices
from training.data.questions import KINDS, Questions
from training.data.splits import Split
from training.lexicon import Family

EVIDENCE_WITHIN = 0.2
"""By how much the logit of a function being asked for may differ: llama.cpp's weights are rounded to eight bits."""

LEAST_SAME = 0.98
"""The share of readings whose evidence must differ by less, and of pointers that must point at the same place."""


@dataclass(frozen=True)
class Read:
    """A sentence read with one function.

    Attributes:
        typed: what the person wrote.
        function: the function.
        clause: the clause that is in question, as (start, end) in the prepared sentence; None for all of it.
        tokens: both as the reader's token ids.
        evidence: the logit of the function being asked for.
        pointers: where each pointer of each parameter points; see `pointed`.
    """

    typed: str
    function: FunctionSignature
    clause: Place | None
    tokens: list[int]
    evidence: float
    pointers: list[str]


_READS = TypeAdapter(list[Read])


def save(reads: Sequence[Read], path: Path) -> None:
    """Write as JSON, atomically."""
    temporary = path.with_suffix(".tmp")
    temporary.write_bytes(_READS.dump_json(list(reads)))
    temporary.replace(path)


def load(path: Path) -> list[Read]:
    """Read what `save` wrote."""
    return _READS.validate_json(path.read_bytes())


Asked = tuple[str, FunctionSignature, Place | None]
"""What a person wrote, a function that it is read with, and the clause in question."""


def pairs(families: Sequence[Family], seed: str, count: int) -> list[Asked]:
    """Return sentences, each with one function of the device that it is said to, half the time one that it asks for.

    Of half of those with several clauses one is in question.
    """
    rng = random.Random(seed)
    devices = Devices(families, rng, Split.UNSEEN, 0.0)
    questions = Questions(devices.families, rng, Split.UNSEEN, KINDS)
    found: list[Asked] = []
    while len(found) < count:
        device = devices.device()
        question = questions.ask(device)
        if question is None:
            continue
        wanted = [index for piece in question.pieces for index in piece.wanted]
        index = rng.choice(wanted) if wanted and rng.random() < 0.5 else rng.randrange(len(device.shown))
        places = clause_places(question.sentence.lower)
        clause = rng.choice(places) if len(places) > 1 and rng.random() < 0.5 else None
        found.append((question.typed, device.shown[index].signature, clause))
    return found


def pointed(reading: FunctionReading) -> list[str]:
    """Return where the pointers of all parameters point: at a choice, or at a first and a last word and which way."""
    return [place for slot in reading.slots for place in _pointed(slot)]


def _pointed(slot: SlotReading) -> Iterable[str]:
    if is_pointed_at_choices(slot.parameter):
        return [_likeliest({"": slot.left_out, **slot.choices})]
    places = [str(int(np.argmax(slot.firsts))), str(int(np.argmax(slot.lasts)))]
    return [*places, _likeliest(dict(slot.ways))] if slot.ways else places


def _likeliest(shares: dict[str, float]) -> str:
    return max(shares, key=lambda words: shares[words])


@dataclass(frozen=True)
class Comparison:
    """How both say the same.

    Attributes:
        total: readings compared.
        wrong_tokens: those whose token ids differ, each with what llama.cpp made of it.
        differences: of evidence, for each reading with the same token ids.
        pointers: how many were compared, in the same readings; `same` how many of them agree.
    """

    total: int
    wrong_tokens: list[tuple[Read, list[int]]]
    differences: list[float]
    pointers: int
    same: int

    @property
    def near(self) -> int:
        """How many readings have nearly the same evidence."""
        return sum(difference <= EVIDENCE_WITHIN for difference in self.differences)

    @property
    def is_good(self) -> bool:
        """Whether they are as they must be."""
        return (
            not self.wrong_tokens
            and self.near >= LEAST_SAME * self.total
            and self.same >= LEAST_SAME * self.pointers
        )

    def describe(self) -> str:
        """Say the counts in one line."""
        right = self.total - len(self.wrong_tokens)
        return (
            f"token ids of {right} of {self.total} inputs identical, evidence of {self.near} within {EVIDENCE_WITHIN} "
            f"(at most {max(self.differences, default=0.0):.3f}), {self.same} of {self.pointers} pointers at the same place"
        )


def compare(expected: Sequence[Read], found: Sequence[Read]) -> Comparison:
    """Compare what PyTorch says with what llama.cpp says of the same pairs."""
    both = list(zip(expected, found, strict=True))
    alike = [(one, other) for one, other in both if one.tokens == other.tokens]
    places = [pair for one, other in alike for pair in zip(one.pointers, other.pointers, strict=True)]
    return Comparison(
        total=len(both),
        wrong_tokens=[(one, other.tokens) for one, other in both if one.tokens != other.tokens],
        differences=[abs(one.evidence - other.evidence) for one, other in alike],
        pointers=len(places),
        same=sum(one == other for one, other in places),
    )
