"""The values that one standing goal watches, as its devices tell them."""

from __future__ import annotations

import heapq
import itertools
import math
from dataclasses import dataclass

from coordinator.registry import Device
from coordinator.standing.life import Standing
from coordinator.standing.request import Watch
from coordinator.standing.watching import Judgement, Watched

SHOWN_VALUES = 100
"""Of more devices than this the values are not listed."""

_LEAST_SECONDS = 0.001
EVERY_DEVICE = ""
"""The line of corrections that are for all broken values together."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A change: which device's value became broken, met or unknown; since when it was outside, where it is broken."""

    device_id: str
    judgement: Judgement
    since: float


class Watcher:
    """Watches for one standing goal.

    Args:
        watch: the condition.
        state: what was broken or unknown before a restart still is.
        now: Unix seconds; what is never told from now on becomes unknown in time.
    """

    def __init__(self, watch: Watch, state: Standing, now: float) -> None:
        self.watch: Watch = watch
        self._values = {
            device_id: Watched(
                told_at=now, is_broken=device_id in state.broken, is_unknown=device_id in state.unknown
            )
            for device_id in {*state.broken, *state.unknown, *watch.device_ids}
        }
        self._kinds: dict[str, str] = {}
        self._told: set[str] = set()
        self._broken: set[str] = set(state.broken)
        # Of ten thousand devices only those are judged that have told something or whose time has come: the next look at each
        # stands in a heap, and never later than it has to be.
        self._looks: list[tuple[float, str]] = []
        self._look_at: dict[str, float] = {}
        for device_id in self._values:
            self._plan_look(device_id, now)

    def take(self, device: Device, now: float) -> bool:
        """Take in what a device tells; returns whether it is watched. `look` judges it."""
        device_id = device.device_id
        kind = device.profile.kind if device.profile else None
        if not device.is_enrolled or not self.watch.covers(device_id, kind):
            return False
        finding = device.attributes.get(self.watch.attribute)
        known = self._values.get(device_id)
        value = None if finding is None else self.watch.limits.value_of(finding)
        if known is None and value is None:
            return False
        if kind is not None:
            self._kinds[device_id] = kind
        # What the broker kept may be old. Later messages are new: they count from when they come, whatever the device's clock.
        at = now if device_id in self._told else min(now, device.attributes_at or now)
        if value is not None:
            self._told.add(device_id)
        self._values[device_id] = (known or Watched(told_at=at)).take(value, at)
        self._push(device_id, now)
        return True

    def look(self, now: float) -> list[Judged]:
        """Judge what has been told and what time alone may have changed; returns what has changed."""
        changes = []
        while self._looks and self._looks[0][0] <= now:
            moment, device_id = heapq.heappop(self._looks)
            if self._look_at.get(device_id) != moment:
                continue
            del self._look_at[device_id]
            before = self._values[device_id]
            after, judgement = before.look(self.watch, now)
            self._values[device_id] = after
            (self._broken.add if after.is_broken else self._broken.discard)(device_id)
            self._plan_look(device_id, now)
            if judgement is not None:
                since = now if before.suspected_at is None else before.suspected_at
                changes.append(Judged(device_id, judgement, since))
        return changes

    def next_look(self) -> float | None:
        """Return when time alone may change a judgement (Unix seconds)."""
        while self._looks and self._look_at.get(self._looks[0][1]) != self._looks[0][0]:
            heapq.heappop(self._looks)
        return self._looks[0][0] if self._looks else None

    def _plan_look(self, device_id: str, now: float) -> None:
        moment = self._values[device_id].next_look(self.watch)
        if moment is not None:
            # Sums of times are rounded: a look that came a hair too early must not be repeated for ever.
            self._push(device_id, max(moment, now + _LEAST_SECONDS))

    def _push(self, device_id: str, moment: float) -> None:
        if moment < self._look_at.get(device_id, math.inf):
            self._look_at[device_id] = moment
            heapq.heappush(self._looks, (moment, device_id))

    def broken(self) -> dict[str, dict[str, float | str]]:
        """Return the broken values of devices, by line."""
        values = {
            device_id: value
            for device_id in sorted(self._broken)
            if (value := self._values[device_id].value) is not None
        }
        if self.watch.is_kept:
            return {EVERY_DEVICE: values} if values else {}
        return {device_id: {device_id: value} for device_id, value in values.items()}

    def value(self, device_id: str) -> float | str | None:
        """Return a device's value; None while it is unknown."""
        one = self._values.get(device_id)
        return None if one is None else one.value

    def values(self) -> dict[str, float | str]:
        """Return the values that are known, of `SHOWN_VALUES` devices at most, the broken ones first."""
        names = itertools.chain(sorted(self._broken), self._values)
        known = ((name, value) for name in names if (value := self._values[name].value) is not None)
        shown: dict[str, float | str] = {}
        for name, value in known:
            if len(shown) == SHOWN_VALUES:
                break
            shown[name] = value
        return shown

    def told_at(self, device_ids: list[str]) -> float:
        """Return when the value was told that was told longest ago."""
        return min((self._values[device_id].told_at for device_id in device_ids), default=0.0)

    def kinds(self) -> dict[str, str]:
        """Return the kinds of the devices."""
        return dict(self._kinds)
