"""Which devices there are, whether they can be reached, and what they say they can do."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from coordinator.allocator import natural
from inference.plan import KindProfile
from protocol.errors import ErrorCode, InputError
from protocol.messages import Attributes, Finding, Presence, PresenceStatus, Profile
from protocol.text import clean_sentence

_MAXIMUM_DEVICES = 20_000
_MAXIMUM_ABILITIES = 64
_MAXIMUM_KINDS = 1000
_ABILITY_CHARACTERS = 160


NaturalKey = tuple[Any, str]
"""Where a device stands among others: by its name's words and numbers, then by the name itself."""


class Change(StrEnum):
    """What a presence message changed."""

    NOTHING = "nothing"
    ONLINE = "online"
    RESTARTED = "restarted"
    GONE = "gone"


@dataclass(slots=True, eq=False)
class Device:
    """What is known of one device. `session` is -1 and `status` None until its presence was seen.

    Attributes:
        attributes: what it measures of itself, by the casefolded name in plain words: "battery level", "position", "load".
        attributes_at: when it told that, Unix seconds; None while it has not.
        attributes_session: the start of its agent that told it.
    """

    device_id: str
    session: int = -1
    status: PresenceStatus | None = None
    since: float | None = None
    profile: Profile | None = None
    is_enrolled: bool = False
    attributes: Mapping[str, Finding] = field(default_factory=dict)
    attributes_at: float | None = None
    attributes_session: int = -1

    @property
    def is_online(self) -> bool:
        """Whether its agent is connected."""
        return self.status is PresenceStatus.ONLINE

    @property
    def is_available(self) -> bool:
        """Whether it may be given work: enrolled, online and introduced."""
        return self.is_enrolled and self.is_online and self.profile is not None

    @property
    def problem(self) -> str:
        """Why it is not available, as a clause; empty when it is."""
        if not self.is_enrolled:
            return f"{self.device_id} is not enrolled"
        if not self.is_online:
            return f"{self.device_id} is not online"
        return "" if self.profile is not None else f"{self.device_id} has not said what it can do"


AttributesObserver = Callable[[Device], None]


class Registry:
    """The devices of a site. What is asked of all of them is kept up to date with each message, and not worked out anew.

    Args:
        enrolled: devices that were let in before, with their profiles.
    """

    def __init__(self, enrolled: Mapping[str, Profile] | None = None) -> None:
        self._devices: dict[str, Device] = {}
        self._all = InOrder()
        self._available = InOrder()
        self._kinds: dict[str, _Kind] = {}
        self._kind_of: dict[str, str] = {}
        self._observers: list[AttributesObserver] = []
        for profile in sorted((enrolled or {}).values(), key=lambda profile: natural(profile.device_id)):
            self.enrol(profile)

    def take_presence(self, presence: Presence) -> Change:
        """Take in a presence message; one of an older session changes nothing."""
        device = self._device(presence.device_id)
        if device is None or presence.session < device.session:
            return Change.NOTHING
        is_new_session = presence.session > device.session
        before = device.status
        if not is_new_session and presence.status is before:
            return Change.NOTHING
        is_first = device.session < 0
        device.session, device.status, device.since = presence.session, presence.status, presence.at
        if device.attributes_session < device.session:
            # The agent was started anew and has not looked yet: what was told before is not known any more.
            device.attributes, device.attributes_at = {}, None
        self._sort(device)
        if not device.is_online:
            return Change.GONE
        return Change.RESTARTED if is_new_session and not is_first else Change.ONLINE

    def take_profile(self, profile: Profile) -> None:
        """Take in what a device says of itself."""
        device = self._device(profile.device_id)
        if device is not None:
            device.profile = profile
            self._sort(device, is_introduced_anew=True)

    def take_attributes(self, message: Attributes) -> bool:
        """Take in what a device measures of itself; returns whether it counts: not where a newer start told it before."""
        device = self._device(message.device_id)
        if device is None or message.session < max(device.session, device.attributes_session):
            return False
        device.attributes = {finding.what.casefold(): finding for finding in message.attributes}
        device.attributes_at, device.attributes_session = message.at, message.session
        for observer in tuple(self._observers):
            observer(device)
        return True

    def on_attributes(self, observer: AttributesObserver) -> Callable[[], None]:
        """Call `observer` whenever a device has told what it measures; returns a function that ends it."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    def enrol(self, profile: Profile) -> None:
        """Note that a device was let in."""
        device = self._device(profile.device_id)
        if device is not None:
            device.is_enrolled = True
            device.profile = profile
            self._sort(device, is_introduced_anew=True)

    def get(self, device_id: str) -> Device | None:
        """Return one device; None when there is none of this name."""
        return self._devices.get(device_id)

    def find(self, device_id: str) -> Device:
        """Return one device.

        Raises:
            InputError: there is no such device (code `not_found`).
        """
        device = self.get(device_id)
        if device is None:
            raise InputError(
                "device_id",
                device_id,
                "the name of a device of this site",
                code=ErrorCode.NOT_FOUND,
                remedy="GET /v1/devices lists them.",
            )
        return device

    def devices(self) -> list[Device]:
        """Return every device in natural order of their names."""
        return self._all.devices()

    def available(self) -> list[Device]:
        """Return the devices that may be given work."""
        return self._available.devices()

    @property
    def available_count(self) -> int:
        """How many devices may be given work."""
        return len(self._available)

    def kinds(self) -> list[KindProfile]:
        """Sum up the devices that were let in, for the planner: one entry per kind, abilities named once.

        Only those that may be given work now count. A kind of which there is none has count 0 and the names of all, so that a
        device which is away is told from one that does not exist, and nothing that is said of it is done by another.
        """
        largest = sorted(self._kinds, key=lambda kind: -len(self._kinds[kind].here))[:_MAXIMUM_KINDS]
        return [self._kinds[kind].profile for kind in sorted(largest)]

    def _device(self, device_id: str) -> Device | None:
        """Return the device, made on first sight; None when there are absurdly many."""
        device = self._devices.get(device_id)
        if device is None and len(self._devices) < _MAXIMUM_DEVICES:
            device = self._devices[device_id] = Device(device_id)
            self._all.add(device)
        return device

    def _sort(self, device: Device, *, is_introduced_anew: bool = False) -> None:
        """Put a device where it belongs now."""
        was_available = device in self._available
        self._available.put(device, is_member=device.is_available)
        known = device.profile if device.is_enrolled else None
        kind = None if known is None else known.kind.casefold()
        before = self._kind_of.get(device.device_id)
        if kind == before and device.is_available == was_available and not is_introduced_anew:
            return
        if before is not None and before != kind:
            self._kinds[before].take_out(device)
            if not len(self._kinds[before].members):
                del self._kinds[before]
            del self._kind_of[device.device_id]
        if kind is not None:
            self._kinds.setdefault(kind, _Kind(kind)).put(device)
            self._kind_of[device.device_id] = kind


class InOrder:
    """A set of devices in natural order of their names."""

    def __init__(self) -> None:
        self._keys: list[NaturalKey] = []
        self._members: list[Device] = []
        self._ids: set[str] = set()

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, device: Device) -> bool:
        return device.device_id in self._ids

    def put(self, device: Device, *, is_member: bool) -> None:
        """Have a device in here, or not."""
        if is_member:
            self.add(device)
        else:
            self.discard(device)

    def add(self, device: Device) -> None:
        """Add a device, once."""
        if device not in self:
            key = natural(device.device_id), device.device_id
            place = bisect_left(self._keys, key)
            self._keys.insert(place, key)
            self._members.insert(place, device)
            self._ids.add(device.device_id)

    def discard(self, device: Device) -> None:
        """Take a device out, where it is in here."""
        if device in self:
            place = bisect_left(self._keys, (natural(device.device_id), device.device_id))
            del self._keys[place], self._members[place]
            self._ids.discard(device.device_id)

    def devices(self) -> list[Device]:
        """Return them in order."""
        return list(self._members)


class _Kind:
    """The devices of one kind that were let in, and the profile that sums them up, made when it is asked for."""

    def __init__(self, kind: str) -> None:
        self.members = InOrder()
        self.here = InOrder()
        self._kind = kind
        self._profile: KindProfile | None = None

    def put(self, device: Device) -> None:
        self.members.add(device)
        self.here.put(device, is_member=device.is_available)
        self._profile = None

    def take_out(self, device: Device) -> None:
        self.members.discard(device)
        self.here.discard(device)
        self._profile = None

    @property
    def profile(self) -> KindProfile:
        if self._profile is None:
            devices = (self.here if len(self.here) else self.members).devices()
            self._profile = _profile(self._kind, devices, len(self.here))
        return self._profile


def _profile(kind: str, devices: list[Device], count: int) -> KindProfile:
    names = tuple(device.device_id for device in devices)
    return KindProfile(kind, count, _abilities(devices), names, about=_about(devices[0]))


def _about(device: Device) -> str:
    return f"{device.profile.title}. {device.profile.description}" if device.profile else ""


def _abilities(devices: list[Device]) -> tuple[str, ...]:
    """Name what any of the devices can do, each ability once."""
    named: dict[str, str] = {}
    # Thousands of devices of one make say the same of themselves.
    said = dict.fromkeys(device.profile.abilities for device in devices if device.profile)
    for abilities in said:
        for ability in abilities:
            text = clean_sentence(ability, _ABILITY_CHARACTERS)
            named.setdefault(text.casefold().rstrip(". "), text)
            if len(named) == _MAXIMUM_ABILITIES:
                return tuple(named.values())
    return tuple(named.values())
