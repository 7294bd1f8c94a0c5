"""Which devices there are, whether they can be reached, and what they say they can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from coordinator.allocator import natural
from inference.plan import KindProfile
from protocol.errors import ErrorCode, InputError
from protocol.messages import Presence, PresenceStatus, Profile
from protocol.text import clean_sentence

_MAXIMUM_DEVICES = 20_000
_MAXIMUM_ABILITIES = 64
_MAXIMUM_KINDS = 1000
_ABILITY_CHARACTERS = 160


class Change(StrEnum):
    """What a presence message changed."""

    NOTHING = "nothing"
    ONLINE = "online"
    RESTARTED = "restarted"
    GONE = "gone"


@dataclass(slots=True)
class Device:
    """What is known of one device. `session` is -1 and `status` None until its presence was seen."""

    device_id: str
    session: int = -1
    status: PresenceStatus | None = None
    since: float | None = None
    profile: Profile | None = None
    is_enrolled: bool = False

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


class Registry:
    """The devices of a site.

    Args:
        enrolled: devices that were let in before, with their profiles.
    """

    def __init__(self, enrolled: Mapping[str, Profile] | None = None) -> None:
        self._devices: dict[str, Device] = {}
        for device_id, profile in (enrolled or {}).items():
            self._devices[device_id] = Device(device_id, profile=profile, is_enrolled=True)

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
        if not device.is_online:
            return Change.GONE
        return Change.RESTARTED if is_new_session and not is_first else Change.ONLINE

    def take_profile(self, profile: Profile) -> None:
        """Take in what a device says of itself."""
        device = self._device(profile.device_id)
        if device is not None:
            device.profile = profile

    def enrol(self, profile: Profile) -> None:
        """Note that a device was let in."""
        device = self._device(profile.device_id)
        if device is not None:
            device.is_enrolled = True
            device.profile = profile

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
        return sorted(self._devices.values(), key=lambda device: natural(device.device_id))

    def available(self) -> list[Device]:
        """Return the devices that may be given work."""
        return [device for device in self.devices() if device.is_available]

    def kinds(self) -> list[KindProfile]:
        """Sum up the devices that were let in, for the planner: one entry per kind, abilities named once.

        Only those that may be given work now count. A kind of which there is none has count 0 and the names of all, so that a
        device which is away is told from one that does not exist, and nothing that is said of it is done by another.
        """
        members: dict[str, list[Device]] = {}
        for device in self.devices():
            if device.is_enrolled and device.profile is not None:
                members.setdefault(device.profile.kind.casefold(), []).append(device)
        here = {kind: [one for one in devices if one.is_available] for kind, devices in members.items()}
        largest = sorted(members, key=lambda kind: -len(here[kind]))[:_MAXIMUM_KINDS]
        return [_profile(kind, here[kind] or members[kind], len(here[kind])) for kind in sorted(largest)]

    def _device(self, device_id: str) -> Device | None:
        """Return the device, made on first sight; None when there are absurdly many."""
        device = self._devices.get(device_id)
        if device is None and len(self._devices) < _MAXIMUM_DEVICES:
            device = self._devices[device_id] = Device(device_id)
        return device


def _profile(kind: str, devices: list[Device], count: int) -> KindProfile:
    names = tuple(device.device_id for device in devices)
    return KindProfile(kind, count, _abilities(devices), names, about=_about(devices[0]))


def _about(device: Device) -> str:
    return f"{device.profile.title}. {device.profile.description}" if device.profile else ""


def _abilities(devices: list[Device]) -> tuple[str, ...]:
    """Name what any of the devices can do, each ability once."""
    named: dict[str, str] = {}
    for device in devices:
        for ability in device.profile.abilities if device.profile else ():
            text = clean_sentence(ability, _ABILITY_CHARACTERS)
            named.setdefault(text.casefold().rstrip(". "), text)
            if len(named) == _MAXIMUM_ABILITIES:
                return tuple(named.values())
    return tuple(named.values())
