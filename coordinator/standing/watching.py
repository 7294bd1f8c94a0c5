"""What is known of one watched value: met, suspected, broken, or unknown. A pure step from state to state.

A value is broken once it has been outside its limits for the watch's `debounce_seconds`, and met again once it is inside by the
margin (see `limits`). One that was told longer ago than `stale_seconds`, or is not told any more, is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from coordinator.standing.request import Watch


class Judgement(StrEnum):
    """What has become of a value."""

    BROKEN = "broken"
    MET = "met"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Watched:
    """One value of one device.

    Attributes:
        value: in the unit of the limits; None while unknown.
        told_at: when it was told last, Unix seconds.
        suspected_at: since when it has been outside, while it is not broken yet.
        is_broken: whether it counts as broken.
        is_unknown: whether people were told that it is unknown.
    """

    value: float | str | None = None
    told_at: float = 0.0
    suspected_at: float | None = None
    is_broken: bool = False
    is_unknown: bool = False

    def take(self, value: float | str | None, at: float) -> Watched:
        """Take in what was told; None where the device does not tell it any more, which is unknown after a while."""
        return replace(self, value=None) if value is None else replace(self, value=value, told_at=at)

    def look(self, watch: Watch, now: float) -> tuple[Watched, Judgement | None]:
        """Judge; returns the state after it, and what has changed."""
        if now - self.told_at >= watch.stale_seconds:
            state = replace(self, value=None, suspected_at=None, is_unknown=True)
            return state, None if self.is_unknown else Judgement.UNKNOWN
        if self.value is None:
            return self, None
        state = replace(self, is_unknown=False)
        if watch.limits.is_met(self.value, was_broken=self.is_broken):
            state = replace(state, suspected_at=None, is_broken=False)
            return state, Judgement.MET if self.is_broken else None
        if self.is_broken:
            return state, None
        since = now if self.suspected_at is None else self.suspected_at
        if now - since >= watch.debounce_seconds:
            return replace(state, suspected_at=None, is_broken=True), Judgement.BROKEN
        return replace(state, suspected_at=since), None

    def next_look(self, watch: Watch) -> float | None:
        """Return when time alone changes the judgement (Unix seconds); None where it does not."""
        stale = None if self.is_unknown else self.told_at + watch.stale_seconds
        if self.suspected_at is None or stale is None:
            return stale
        return min(stale, self.suspected_at + watch.debounce_seconds)
