"""What was understood of a sentence that asks for something again and again, or under a condition. Plain data."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator

from coordinator.standing.limits import Limits
from coordinator.standing.schedule import Schedule

CADENCE_SECONDS = 60.0
DEBOUNCE_SECONDS = 5.0
STALE_SECONDS = 900.0


class Watch(BaseModel):
    """A condition on what devices report of themselves.

    Attributes:
        attribute: the name of what they report, casefolded: "upload time".
        device_ids: of which devices; empty for every one that reports it.
        kind: only devices of this kind, casefolded; None for any.
        limits: what the value must be.
        is_kept: it is wanted that the value stays within its limits; otherwise something is only done when it does not.
        is_once: it is over after the first time.
        is_told: the person wants to be told and nothing else.
        cadence_seconds: shortest time between the beginnings of two rounds of corrections.
        debounce_seconds: how long a value must be broken before it counts.
        stale_seconds: a value that was told longer ago is unknown.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    attribute: str
    device_ids: tuple[str, ...] = ()
    kind: str | None = None
    limits: Limits
    is_kept: bool = False
    is_once: bool = False
    is_told: bool = False
    cadence_seconds: float = Field(default=CADENCE_SECONDS, ge=0)
    debounce_seconds: float = Field(default=DEBOUNCE_SECONDS, ge=0)
    stale_seconds: float = Field(default=STALE_SECONDS, gt=0)

    def covers(self, device_id: str, kind: str | None) -> bool:
        """Say whether a device is watched, if it reports the attribute."""
        if self.device_ids:
            return device_id in self.device_ids
        return self.kind is None or (kind is not None and kind.casefold() == self.kind)


class StandingRequest(BaseModel):
    """A sentence that was read: complete, or with the question that has to be answered before it can be accepted.

    Attributes:
        text: the person's sentence.
        schedule: when it is due, for what is bound to time.
        watch: the condition, for what is bound to one; exactly one of the two is set where there is no question.
        until: Unix seconds after which it has ended, None for never.
        action: what is to be done, as the person said it; None where that is not said or nothing is.
        zone: the time zone the person speaks of.
        confirmation: one sentence that says exactly what was understood; empty where there is a question.
        question: what is unclear; None where all is clear.
        suggestions: sentences that would be clear.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    zone: str
    schedule: Schedule | None = None
    watch: Watch | None = None
    until: float | None = None
    action: str | None = None
    confirmation: str = ""
    question: str | None = None
    suggestions: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _is_complete(self) -> StandingRequest:
        if self.question is None and (self.schedule is None) == (self.watch is None):
            raise ValueError("one of schedule and watch, or a question")
        return self
