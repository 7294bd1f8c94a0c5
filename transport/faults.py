"""What can go wrong between a broker and a subscriber, drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from protocol.errors import InputError


@dataclass(frozen=True, slots=True)
class Faults:
    """Faults on the way from the broker to each subscriber, decided for every message on its own.

    MQTT's QoS 1 repeats what was lost, so `loss` shows as lateness. `loss_for_good` is what QoS 1 does not cover, for
    example a receiver that crashes after it has acknowledged.

    Args:
        loss: probability that one transmission is lost and repeated after `redelivery_seconds`.
        duplication: probability that a message arrives twice, the copy up to `redelivery_seconds` later.
        reordering: probability that a message is held back, up to `redelivery_seconds`, so that later ones pass it.
        delay_seconds: time every message is on its way.
        loss_for_good: probability that a message never arrives.
        redelivery_seconds: the time after which a broker repeats itself.
    """

    loss: float = 0.0
    duplication: float = 0.0
    reordering: float = 0.0
    delay_seconds: float = 0.0
    loss_for_good: float = 0.0
    redelivery_seconds: float = 1.0

    def __post_init__(self) -> None:
        for name in ("duplication", "reordering", "loss_for_good"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"faults.{name}", getattr(self, name), "a probability from 0 to 1")
        if not 0 <= self.loss < 1:
            raise InputError("faults.loss", self.loss, "a probability from 0 to below 1 (see loss_for_good)")
        for name in ("delay_seconds", "redelivery_seconds"):
            if not getattr(self, name) >= 0:
                raise InputError(f"faults.{name}", getattr(self, name), "0 or more seconds")

    def arrivals(self, random: Random) -> list[float]:
        """Return after how many seconds one message arrives: once, twice, or never."""
        if random.random() < self.loss_for_good:
            return []
        arrivals = [self._one_arrival(random)]
        if random.random() < self.duplication:
            arrivals.append(self._one_arrival(random) + random.uniform(0, self.redelivery_seconds))
        return arrivals

    def _one_arrival(self, random: Random) -> float:
        seconds = self.delay_seconds
        while random.random() < self.loss:
            seconds += self.redelivery_seconds
        if random.random() < self.reordering:
            seconds += random.uniform(0, self.redelivery_seconds)
        return seconds
