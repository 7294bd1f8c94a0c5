"""MQTT topics, with the protocol version in their second level: `parley/1/{site}/…`."""

from dataclasses import dataclass
from enum import StrEnum

from protocol.errors import InputError, MessageError
from protocol.messages import PROTOCOL_VERSION

_FORBIDDEN = set("/+#\x00 ")


class Channel(StrEnum):
    """The last level of a topic."""

    PRESENCE = "presence"
    PROFILE = "profile"
    ATTRIBUTES = "attributes"
    SUBTASK = "subtask"
    CONTROL = "control"
    REPORT = "report"
    ENROL_REQUEST = "request"
    ENROL_REPLY = "reply"


@dataclass(frozen=True, slots=True)
class DeviceTopic:
    """A parsed topic of one device."""

    site: str
    device_id: str
    channel: Channel


@dataclass(frozen=True, slots=True)
class Topics:
    """Builds and parses the topics of one site."""

    site: str = "main"

    def __post_init__(self) -> None:
        if not self.site or _FORBIDDEN & set(self.site):
            raise InputError("site", self.site, "a name without spaces, '/', '+' or '#'")

    @property
    def root(self) -> str:
        """Prefix of every topic of this site and protocol version."""
        return f"parley/{PROTOCOL_VERSION}/{self.site}"

    def device(self, device_id: str, channel: Channel) -> str:
        """Topic of one device, for example `parley/1/main/device/robot-1/subtask`; '+' stands for every device."""
        return f"{self.root}/device/{device_id}/{channel}"

    def enrol(self, device_id: str, channel: Channel) -> str:
        """Topic of an enrolment request or reply."""
        return f"{self.root}/enroll/{device_id}/{channel}"

    @property
    def coordinator_presence(self) -> str:
        """Retained topic that says which coordinator owns the site."""
        return f"{self.root}/coordinator/presence"

    @property
    def emergency_stop(self) -> str:
        """Retained topic that stops every device of the site."""
        return f"{self.root}/estop"

    @property
    def traffic(self) -> str:
        """Retained topic that says which places are out of use, and which devices are to stand where they are."""
        return f"{self.root}/traffic"

    def parse(self, topic: str) -> DeviceTopic:
        """Parse a device or enrolment topic.

        Raises:
            MessageError: another site, another version, or no topic of a device.
        """
        allowed = f"{self.root}/device|enroll/<device>/<channel>"
        prefix = self.root + "/"
        if not topic.startswith(prefix):
            raise MessageError("topic", topic, allowed)
        parts = topic.removeprefix(prefix).split("/")
        expected_levels = 3
        if len(parts) != expected_levels or parts[0] not in {"device", "enroll"}:
            raise MessageError("topic", topic, allowed)
        try:
            channel = Channel(parts[2])
        except ValueError as error:
            raise MessageError("topic", topic, allowed) from error
        return DeviceTopic(self.site, parts[1], channel)
