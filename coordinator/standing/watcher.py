"""The values that one standing goal watches, as its devices tell them."""

from __future__ import annotations

from dataclasses import dataclass

from coordinator.registry import Device
from coordinator.standing.life import Standing
from coordinator.standing.request import Watch
from coordinator.standing.watching import Judgement, Watched

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

    def take(self, device: Device, now: float) -> bool:
        """Take in what a device tells; returns whether it is watched."""
        kind = device.profile.kind if device.profile else None
        if not device.is_enrolled or not self.watch.covers(device.device_id, kind):
            return False
        finding = device.attributes.get(self.watch.attribute)
        known = self._values.get(device.device_id)
        value = None if finding is None else self.watch.limits.value_of(finding)
        if known is None and value is None:
            return False
        if kind is not None:
            self._kinds[device.device_id] = kind
        # What the broker kept may be old. Later messages are new: they count from when they come, whatever the device's clock.
        at = now if device.device_id in self._told else min(now, device.attributes_at or now)
        if value is not None:
            self._told.add(device.device_id)
        self._values[device.device_id] = (known or Watched(told_at=at)).take(value, at)
        return True

    def look(self, now: float) -> list[Judged]:
        """Judge all values; returns what has changed."""
        changes = []
        for device_id, before in list(self._values.items()):
            after, judgement = before.look(self.watch, now)
            self._values[device_id] = after
            if judgement is not None:
                since = now if before.suspected_at is None else before.suspected_at
                changes.append(Judged(device_id, judgement, since))
        return changes

    def next_look(self) -> float | None:
        """Return when time alone changes a judgement (Unix seconds)."""
        moments = [
            moment for one in self._values.values() if (moment := one.next_look(self.watch)) is not None
        ]
        return min(moments, default=None)

    def broken(self) -> dict[str, dict[str, float | str]]:
        """Return the broken values of devices, by line."""
        values = {
            device_id: one.value
            for device_id, one in sorted(self._values.items())
            if one.is_broken and one.value is not None
        }
        if self.watch.is_kept:
            return {EVERY_DEVICE: values} if values else {}
        return {device_id: {device_id: value} for device_id, value in values.items()}

    def value(self, device_id: str) -> float | str | None:
        """Return a device's value; None while it is unknown."""
        one = self._values.get(device_id)
        return None if one is None else one.value

    def values(self) -> dict[str, float | str]:
        """Return all values that are known."""
        return {device_id: one.value for device_id, one in self._values.items() if one.value is not None}

    def told_at(self, device_ids: list[str]) -> float:
        """Return when the value was told that was told longest ago."""
        return min((self._values[device_id].told_at for device_id in device_ids), default=0.0)

    def kinds(self) -> dict[str, str]:
        """Return the kinds of the devices."""
        return dict(self._kinds)
