"""The properties of a publish as they go over the wire (MQTT 5, section 3.3.2.3).

paho's own properties know those of every packet, and look each name up in tables while they write them: that costs more than
all else in a publish.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

from paho.mqtt.properties import Properties, VariableByteIntegers

_EXPIRY = struct.Struct("!BI")
_FIELD = struct.Struct("!BH")
_LENGTH = struct.Struct("!H")
_EXPIRY_IDENTIFIER = 0x02
_RESPONSE_TOPIC_IDENTIFIER = 0x08
_CORRELATION_DATA_IDENTIFIER = 0x09
_USER_PROPERTY_IDENTIFIER = 0x26


class PublishProperties(Properties):
    """What a publish carries beside its topic and payload, written once.

    Args:
        expiry_seconds: after which the broker drops what nobody has taken.
        response_topic: where an answer is expected.
        correlation_data: what an answer carries.
        user_properties: texts that travel beside the payload.

    Raises:
        struct.error: a text is longer than 65,535 bytes, or the expiry is no number of 32 bits.
    """

    _packed: bytes

    def __init__(
        self,
        expiry_seconds: int | None,
        response_topic: str | None,
        correlation_data: bytes | None,
        user_properties: Mapping[str, str],
    ) -> None:
        parts: list[bytes] = []
        if expiry_seconds is not None:
            parts.append(_EXPIRY.pack(_EXPIRY_IDENTIFIER, expiry_seconds))
        if response_topic is not None:
            parts += _field(_RESPONSE_TOPIC_IDENTIFIER, response_topic.encode())
        if correlation_data is not None:
            parts += _field(_CORRELATION_DATA_IDENTIFIER, correlation_data)
        for name, value in user_properties.items():
            text = value.encode()
            parts += _field(_USER_PROPERTY_IDENTIFIER, name.encode())
            parts += (_LENGTH.pack(len(text)), text)
        body = b"".join(parts)
        # Neither paho's tables of names are made nor its attributes set: it asks for nothing but the bytes.
        length: bytes = VariableByteIntegers.encode(len(body))  # type: ignore[no-untyped-call]
        object.__setattr__(self, "_packed", length + body)

    def __str__(self) -> str:
        return self._packed.hex()

    def pack(self) -> bytes:
        """Return the bytes, their length first."""
        return self._packed


def _field(identifier: int, value: bytes) -> tuple[bytes, bytes]:
    return _FIELD.pack(identifier, len(value)), value
