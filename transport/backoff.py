"""How long to wait before knocking again."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential waits with jitter, so that a fleet that lost its broker does not return as one wave.

    Args:
        first_seconds: the longest first wait.
        limit_seconds: no wait is longer than this.
        factor: how much longer each next wait may be.
    """

    first_seconds: float = 0.2
    limit_seconds: float = 15.0
    factor: float = 2.0

    def delay(self, attempt: int, random: Random) -> float:
        """Return the seconds to wait before retry number `attempt` (from 0): half fixed, half random."""
        # The exponent is capped because a broker may stay away for weeks.
        longest = min(self.limit_seconds, self.first_seconds * self.factor ** min(attempt, 64))
        return longest * random.uniform(0.5, 1.0)
