"""Answers to questions about devices, made of what they report and of who is at work on what. Bounded for large fleets.

4 robots: robot-1 and robot-2 are free; robot-3 is at work; robot-4 is not online.
412 devices: 380 are free; 30 are at work; 2 are not online.
The battery level of robot-2 was 55 % 8 seconds ago.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from coordinator.dialogue.moments import ago
from coordinator.dialogue.past import Past
from coordinator.registry import Device
from coordinator.wording import amount, listing, plural, quoted
from protocol.messages import Finding
from protocol.text import clean_sentence

MOST_NAMED = 8
FRESH_SECONDS = 120.0
"""Age up to which a reported value answers a question; for an older one a device is asked."""

POSITION = "position"
_SHORT = 160


def counted(count: int, noun: str) -> str:
    """Write "1 robot", "3 robots"."""
    return f"{count} {noun if count == 1 else plural(noun)}"


def some(names: Sequence[str]) -> str:
    """Name a few things and count the rest: "a, b and 12 more"."""
    if len(names) <= MOST_NAMED:
        return listing(list(names))
    return listing([*names[: MOST_NAMED - 1], f"{len(names) - MOST_NAMED + 1} more"])


@dataclass(frozen=True, slots=True)
class FleetAnswers:
    """Answers about devices.

    Attributes:
        past: who is at work on what.
        now: Unix seconds.
        paused_by: says who has paused a device, None while nobody has.
    """

    past: Past
    now: float
    paused_by: Callable[[str], str | None]

    def state(self, devices: Sequence[Device], noun: str) -> str:
        """Say who is free, at work, or away."""
        if not devices:
            return f"No {noun} is known here."
        at_work = self.past.at_work()
        groups: dict[str, list[str]] = {}
        for device in devices:
            groups.setdefault(self._group(device, device.device_id in at_work), []).append(device.device_id)
        if len(devices) == 1:
            return self._one(devices[0], next(iter(groups)))
        is_small = len(devices) <= MOST_NAMED
        parts = [
            f"{listing(names) if is_small else len(names)} {'is' if len(names) == 1 else 'are'} {group}"
            for group, names in groups.items()
        ]
        return f"{counted(len(devices), noun)}: {'; '.join(parts)}."

    def _one(self, device: Device, group: str) -> str:
        since = (
            f", since {ago(device.since, self.now)}"
            if device.since is not None and not device.is_online
            else ""
        )
        return f"{device.device_id} is {group}{since}."

    def _group(self, device: Device, is_at_work: bool) -> str:  # noqa: FBT001 - private
        if device.status is None:
            return "not seen since the start"
        if not device.is_online:
            return f"not online ({device.status.value})"
        if not device.is_available:
            return "not ready (not enrolled, or not introduced)"
        by = self.paused_by(device.device_id)
        if by is not None:
            return f"paused by {by}"
        return "at work" if is_at_work else "free"

    def place(self, devices: Sequence[Device]) -> str:
        """Say where devices are, as far as they have told."""
        if len(devices) == 1:
            device = devices[0]
            found = device.attributes.get(POSITION)
            if found is None or found.value is None:
                return f"{device.device_id} has not told where it is."
            return f"{device.device_id} told {self._age(device)} that its position is {_value(found)}.{self._away(device)}"
        by_place: dict[str, list[str]] = {}
        unknown: list[str] = []
        for device in devices:
            found = device.attributes.get(POSITION)
            if found is None or found.value is None:
                unknown.append(device.device_id)
            else:
                by_place.setdefault(_value(found), []).append(device.device_id)
        parts = [f"{some(names)}: {place}" for place, names in list(by_place.items())[:MOST_NAMED]]
        if len(by_place) > MOST_NAMED:
            parts.append(f"{len(by_place) - MOST_NAMED} more places")
        told = f"As they told last: {'; '.join(parts)}." if parts else ""
        missing = (
            f"{some(unknown)} {'has' if len(unknown) == 1 else 'have'} not told where they are."
            if unknown
            else ""
        )
        return " ".join(part for part in (told, missing) if part) or "No device is known here."

    def at_place(self, place: str, devices: Sequence[Device]) -> str | None:
        """Say who is at a place, None where no device has told of it."""
        there = [
            device
            for device in devices
            if (found := device.attributes.get(POSITION)) is not None
            and str(found.value).casefold() == place.casefold()
        ]
        if not there:
            return None
        verb = "is" if len(there) == 1 else "are"
        return f"{some([device.device_id for device in there])} {verb} at {place}, as told {self._age(there[0])}."

    def attribute(self, devices: Sequence[Device], key: str) -> str | None:
        """Say what devices told of one value; None unless one told it lately and is online."""
        fresh = [
            (device, device.attributes[key])
            for device in devices
            if key in device.attributes
            and self._is_fresh(device)
            and device.attributes[key].value is not None
        ]
        if not fresh:
            return None
        if len(fresh) == 1:
            device, found = fresh[0]
            return f"The {key} of {device.device_id} was {_value(found)} {self._age(device)}."
        values = [f"{device.device_id} {_value(found)}" for device, found in fresh[:MOST_NAMED]]
        if len(fresh) > MOST_NAMED:
            numbers = [found.value for _, found in fresh if isinstance(found.value, int | float)]
            if len(numbers) == len(fresh):
                unit = fresh[0][1].unit
                lowest, highest = amount(min(numbers), unit), amount(max(numbers), unit)
                return f"{key.capitalize()} of {len(fresh)} devices: from {lowest} to {highest}."
            values.append(f"and {len(fresh) - MOST_NAMED} more")
        silent = len(devices) - len(fresh)
        rest = f" {silent} {'has' if silent == 1 else 'have'} not told it lately." if silent else ""
        return f"{key.capitalize()}, as told lately: {', '.join(values)}.{rest}"

    def abilities(self, devices: Sequence[Device]) -> str:
        """Say what devices can do, in their own words."""
        known = [device for device in devices if device.profile is not None]
        if not known:
            return "No enrolled device has said what it can do."
        by_kind: dict[str, list[Device]] = {}
        for device in known:
            by_kind.setdefault(device.profile.kind.casefold() if device.profile else "", []).append(device)
        sentences = []
        left = MOST_NAMED
        for kind, members in list(by_kind.items())[:MOST_NAMED]:
            profile = members[0].profile
            own = () if profile is None else profile.abilities
            shown = [quoted(clean_sentence(one, _SHORT)) for one in own[: max(1, left)]]
            left -= len(shown)
            who = members[0].device_id if len(members) == 1 else counted(len(members), kind)
            verb = "says" if len(members) == 1 else "say"
            more = f" and {len(own) - len(shown)} more" if len(own) > len(shown) else ""
            sentences.append(f"{who} {verb}: {', '.join(shown) or 'nothing of abilities'}{more}.")
        if len(by_kind) > MOST_NAMED:
            sentences.append(f"There are {len(by_kind) - MOST_NAMED} more kinds of devices.")
        return " ".join(sentences)

    def _is_fresh(self, device: Device) -> bool:
        at = device.attributes_at
        return device.is_online and at is not None and self.now - at <= FRESH_SECONDS

    def _age(self, device: Device) -> str:
        return "at an unknown time" if device.attributes_at is None else ago(device.attributes_at, self.now)

    def _away(self, device: Device) -> str:
        return "" if device.is_online else " It is not online, so it may have moved."


def _value(found: Finding) -> str:
    return amount(found.value, found.unit) if found.value is not None else "unknown"
