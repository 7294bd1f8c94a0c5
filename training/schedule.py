"""How long a run goes on, and how its learning rate rises and falls."""

from __future__ import annotations

import time
from dataclasses import dataclass

WARM_UP_STEPS = 40
DECAY_SHARE = 0.45
# What writing the checkpoint and both GGUF files takes, with room to spare: 2 s of one core for 15 M parameters.
WRITING_SECONDS = 20.0


@dataclass(frozen=True)
class Schedule:
    """The end of a run.

    Attributes:
        minutes: training time of the whole run, over all its calls.
        steps: ends the run instead, where given; such a run can be repeated exactly.
        stop_at: when this call has to have written its files, in seconds of `time.time`; None: no limit.
    """

    minutes: float
    steps: int | None = None
    stop_at: float | None = None

    def progress(self, step: int, spent_seconds: float) -> float:
        """Share of the run that is behind it; 1 or more once it is finished."""
        return spent_seconds / (self.minutes * 60) if self.steps is None else step / self.steps

    def rate(self, step: int, spent_seconds: float) -> float:
        """Factor of the learning rate, 0 to 1: a short rise, a plateau, a straight fall to zero."""
        left = max(0.0, 1.0 - self.progress(step, spent_seconds))
        return min(1.0, (step + 1) / WARM_UP_STEPS) * min(1.0, left / DECAY_SHARE)

    def is_time_to_write(self) -> bool:
        """Whether this call must stop here to write its files before its limit."""
        return self.stop_at is not None and time.time() > self.stop_at - WRITING_SECONDS
