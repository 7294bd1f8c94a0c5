"""What the training side says, and how what llama.cpp says differs from it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

TIE = 1e-2
"""Logits closer than this may change places through rounding alone."""

CONTINUED_TOKENS = 24


@dataclass(frozen=True)
class Greedy:
    """A prompt and its continuation.

    Attributes:
        prompt: the whole prompt.
        text: the continuation, without the end token.
        ends: how many characters are written after each token, without the end token.
        gaps: by how much the best logit exceeded the next one, for each token and the end token.
    """

    prompt: str
    text: str
    ends: list[int]
    gaps: list[float]

    def gap_at_difference(self, other: str) -> float:
        """How sure PyTorch was where `other` begins to differ from the text."""
        pairs = zip(self.text, other, strict=False)
        same = next((place for place, (own, their) in enumerate(pairs) if own != their), None)
        if same is None:
            same = min(len(self.text), len(other))
        token = next((number for number, end in enumerate(self.ends) if end > same), len(self.ends))
        return self.gaps[min(token, len(self.gaps) - 1)]


@dataclass(frozen=True)
class Expected:
    """What the training side says: token ids by string, and continuations."""

    tokens: dict[str, list[int]]
    continuations: list[Greedy]

    def save(self, path: Path) -> None:
        """Write as JSON, atomically."""
        temporary = path.with_suffix(".tmp")
        temporary.write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")
        temporary.replace(path)

    @classmethod
    def load(cls, path: Path) -> Expected:
        """Read what `save` wrote."""
        saved = json.loads(path.read_text(encoding="utf-8"))
        return cls(saved["tokens"], [Greedy(**one) for one in saved["continuations"]])


@dataclass(frozen=True)
class Texts:
    """How continuations compare; `differing` holds each with what llama.cpp wrote instead."""

    total: int
    ties: int
    differing: list[tuple[Greedy, str]]

    def describe(self) -> str:
        """Say the counts in one line."""
        identical = self.total - self.ties - len(self.differing)
        return f"{identical} of {self.total} texts identical, {self.ties} differ at a tie, {len(self.differing)} differ"


def compare(expected: list[Greedy], written: list[str]) -> Texts:
    """Sort continuations into identical, differing at a tie, and differing."""
    pairs = [(one, text) for one, text in zip(expected, written, strict=True) if one.text != text]
    differing = [(one, text) for one, text in pairs if one.gap_at_difference(text) >= TIE]
    return Texts(len(expected), len(pairs) - len(differing), differing)
