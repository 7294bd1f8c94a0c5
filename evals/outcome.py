"""What came of one item."""

from __future__ import annotations

from dataclasses import dataclass

from evals.items import Call


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was called for one item.

    Attributes:
        calls: in the order in which they were made.
        seconds: from the sentence to the end of its last call.
        said: the report, answer or refusal.
        confidence: what the agent itself thought how likely its program was right (0 to 1); None where it wrote none, or
            where several devices did.
        is_broken: the item was not answered at all, through a defect or a time-out; that is no refusal.
    """

    calls: tuple[Call, ...]
    seconds: float
    said: str = ""
    is_broken: bool = False
    confidence: float | None = None
