"""When to correct what is broken, when to wait for the effect, and when to give up. Pure.

Rounds, as in the paper: a round of corrections is over when its goals have ended, and its effect is awaited before the next
begins: until every broken value has been told anew, or for `EFFECT_SECONDS`, after which one that was not told has not changed.
Two rounds begin at least the watch's cadence apart. Given up is after `FAILURES` rounds in a row of which nothing was done, and
when the last `ROUNDS` rounds have not brought the values nearer to their limits: the trend over them, a straight line through how
far the values were outside, falls by less than a fiftieth of it each round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import fmean, linear_regression

EFFECT_SECONDS = 60.0
FAILURES = 3
ROUNDS = 3
_LEAST_PROGRESS_SHARE = 0.02


class Move(StrEnum):
    """What to do next."""

    WAIT = "wait"
    ACT = "act"
    GIVE_UP = "give_up"


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do, and until when to wait (Unix seconds; None: until something happens), or why to give up."""

    move: Move
    until: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Round:
    """One round of corrections.

    Attributes:
        started_at: Unix seconds.
        excess: how far outside the limits the broken values were together when it began.
        ended_at: when the last of its goals ended; None while one is under way.
        has_failed: whether nothing of it was done.
    """

    started_at: float
    excess: float
    ended_at: float | None = None
    has_failed: bool = False


@dataclass(frozen=True, slots=True)
class Course:
    """The rounds since the values were last all met. One that `is_settled` only awaits the end of its last round."""

    rounds: tuple[Round, ...] = ()
    is_settled: bool = False

    def begin(self, at: float, excess: float) -> Course:
        """Begin a round."""
        return Course((*self.rounds, Round(at, excess)))

    def end(self, at: float, *, has_failed: bool) -> Course:
        """End the round under way."""
        return Course((*self.rounds[:-1], replace(self.rounds[-1], ended_at=at, has_failed=has_failed)))

    @property
    def is_under_way(self) -> bool:
        """Whether a round has not ended."""
        return bool(self.rounds) and self.rounds[-1].ended_at is None

    @property
    def failures(self) -> int:
        """How many of the last rounds in a row have failed."""
        count = 0
        for one in reversed(self.rounds):
            if not one.has_failed:
                break
            count += 1
        return count

    def decide(  # noqa: PLR0911 - one return a decision
        self, now: float, excess: float, told_at: float, cadence_seconds: float, *, is_repeated: bool
    ) -> Decision:
        """Decide what to do while something is broken.

        Args:
            now: Unix seconds.
            excess: how far outside their limits the broken values are together.
            told_at: when the broken value that was told longest ago was told.
            cadence_seconds: shortest time between the beginnings of two rounds.
            is_repeated: corrections are made until the values are met; otherwise once, and again only where that failed.
        """
        if not self.rounds:
            return Decision(Move.ACT)
        last = self.rounds[-1]
        if last.ended_at is None:
            return Decision(Move.WAIT)
        if self.failures >= FAILURES:
            return Decision(Move.GIVE_UP, reason=f"{FAILURES} attempts in a row have failed")
        if not is_repeated and not last.has_failed:
            return Decision(Move.WAIT)
        may_act_at = last.started_at + cadence_seconds
        if not last.has_failed and told_at <= last.ended_at:
            may_act_at = max(may_act_at, last.ended_at + EFFECT_SECONDS)
        if now < may_act_at:
            return Decision(Move.WAIT, until=may_act_at)
        if has_stalled([one.excess for one in self.rounds if not one.has_failed] + [excess]):
            return Decision(Move.GIVE_UP, reason=f"the last {ROUNDS} corrections have not brought it nearer")
        return Decision(Move.ACT)


def has_stalled(excesses: Sequence[float]) -> bool:
    """Say whether the trend over the last `ROUNDS` corrections is no improvement.

    Args:
        excesses: before each correction, and after the last one.
    """
    recent = excesses[-ROUNDS - 1 :]
    if len(recent) <= ROUNDS:
        return False
    slope = linear_regression(range(len(recent)), recent).slope
    return slope > -_LEAST_PROGRESS_SHARE * fmean(recent)
