"""Which occurrences of a schedule are due now, and which were missed. Pure.

No occurrence is done twice: each lies after the one that was handled last, and handling is recorded before anything is done. Of
those that passed while nobody looked, the newest is caught up with if it is late by no more than `CATCH_UP_SECONDS`; the others
are skipped, and people are told.
"""

from __future__ import annotations

from dataclasses import dataclass

from coordinator.standing.schedule import Schedule

CATCH_UP_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Due:
    """What is due: `occurrence` (Unix seconds; None for nothing) is to be done, `missed` is not."""

    occurrence: float | None = None
    missed: tuple[float, ...] = ()

    @property
    def handled_until(self) -> float | None:
        """The newest of them all."""
        return max((*self.missed, *(() if self.occurrence is None else (self.occurrence,))), default=None)


def due_now(schedule: Schedule, handled_until: float, now: float) -> Due:
    """Say what is due.

    Args:
        schedule: says when.
        handled_until: the occurrence that was handled last, or when the goal was accepted (Unix seconds).
        now: Unix seconds.
    """
    past = schedule.between(handled_until, now)
    if not past:
        return Due()
    if now - past[-1] <= CATCH_UP_SECONDS:
        return Due(past[-1], tuple(past[:-1]))
    return Due(None, tuple(past))
