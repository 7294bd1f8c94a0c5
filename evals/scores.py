"""Adds up grades: counts, shares and how sure they are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from evals.grading import Grade

_Z_95_PERCENT = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Count:
    """`right` out of `total`."""

    right: int
    total: int

    @property
    def share(self) -> float | None:
        """The share that is right, 0 to 1; None of nothing."""
        return self.right / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The Wilson score interval: it holds the true share with 95 % confidence. None of nothing."""
        if not self.total:
            return None
        share, spread = self.right / self.total, _Z_95_PERCENT**2 / self.total
        centre = (share + spread / 2) / (1 + spread)
        half = math.sqrt(share * (1 - share) * spread + spread**2 / 4) / (1 + spread)
        return max(0.0, centre - half), min(1.0, centre + half)


@dataclass(frozen=True, slots=True)
class Scores:
    """What is right about a set of items.

    Attributes:
        exact: items with all expected calls and nothing else.
        device: of the items that expect calls, those with the right devices.
        action: of the items that expect calls, those with the right actions.
        arguments: of the items with the right actions, those with the right arguments too.
        refusal_precision: of the items where nothing was called, those that expect nothing.
        refusal_recall: of the items that expect nothing, those where nothing was called.
    """

    exact: Count
    device: Count
    action: Count
    arguments: Count
    refusal_precision: Count
    refusal_recall: Count

    @classmethod
    def of(cls, grades: Sequence[Grade]) -> Scores:
        """Add up."""
        wanted = [grade for grade in grades if grade.has_calls_expected]
        unwanted = [grade for grade in grades if not grade.has_calls_expected]
        chosen = [grade for grade in wanted if grade.action]
        refused = [grade for grade in grades if grade.is_refused]
        return cls(
            exact=_count(grade.exact for grade in grades),
            device=_count(grade.device for grade in wanted),
            action=_count(grade.action for grade in wanted),
            arguments=_count(grade.exact for grade in chosen),
            refusal_precision=_count(not grade.has_calls_expected for grade in refused),
            refusal_recall=_count(grade.is_refused for grade in unwanted),
        )

    def as_json(self) -> dict[str, Any]:
        """Return every count as `name` (how many are right), `name_of`, `name_share` and `name_interval`."""
        written: dict[str, Any] = {"items": self.exact.total}
        for name in ("exact", "device", "action", "arguments", "refusal_precision", "refusal_recall"):
            count: Count = getattr(self, name)
            written[name] = count.right
            written[f"{name}_of"] = count.total
            written[f"{name}_share"] = None if count.share is None else round(count.share, 4)
            interval = count.interval
            written[f"{name}_interval"] = interval and [round(end, 4) for end in interval]
        return written


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of `values` does not exceed; 0 of none."""
    if not values:
        return 0.0
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def _count(answers: Iterable[bool]) -> Count:
    listed = list(answers)
    return Count(sum(listed), len(listed))
