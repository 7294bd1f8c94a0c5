"""The seam between rooms and whatever carries their messages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from protocol.errors import ErrorCode, OperatorError

NO_PROPERTIES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as it arrived. At-least-once: the same message may arrive again.

    `user_properties` are what the sender wrote beside the payload, such as the trace that a message belongs to. Nothing that
    is done may depend on them: anyone can write them, and a broker need not pass them on.
    """

    topic: str
    payload: bytes
    retained: bool = False
    response_topic: str | None = None
    correlation_data: bytes | None = None
    user_properties: Mapping[str, str] = field(default_factory=lambda: NO_PROPERTIES, hash=False)


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker publishes, retained, when this client dies without saying goodbye."""

    topic: str
    payload: bytes


class DeliveryUnknownError(OperatorError):
    """A message that may not be sent twice was sent, and the broker did not confirm it: it may have arrived or not."""

    default_code = ErrorCode.UNKNOWN_OUTCOME


class MessageBus(Protocol):
    """Publish and subscribe, at least once.

    A bus is used as an async context manager. After a lost connection it reconnects by itself with jittered
    backoff and renews its subscriptions; what is published meanwhile waits in a bounded outbox.
    """

    async def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        retain: bool = False,
        expiry_seconds: int | None = None,
        response_topic: str | None = None,
        correlation_data: bytes | None = None,
        user_properties: Mapping[str, str] = NO_PROPERTIES,
        resend: bool = True,
    ) -> None:
        """Hand one message to the broker with QoS 1; returns once the broker has acknowledged it.

        Args:
            topic: where to.
            payload: the message.
            retain: whether the broker keeps it for later subscribers.
            expiry_seconds: after which the broker drops what nobody has taken.
            response_topic: where an answer is expected.
            correlation_data: what an answer carries.
            user_properties: texts that travel beside the payload.
            resend: whether it may wait for a connection and be sent again where no acknowledgement came. Without it
                the message leaves at most once, now.

        Raises:
            OperatorError: the outbox is full or the broker stayed away longer than the bus allows; nothing arrived
                where `resend` is false.
            DeliveryUnknownError: `resend` is false, and no acknowledgement came.
        """
        ...

    def subscribe(self, *patterns: str) -> AbstractAsyncContextManager[AsyncIterator[Delivery]]:
        """Receive what matches any of `patterns` ('+' and '#' as in MQTT) while the context is open."""
        ...

    @property
    def is_connected(self) -> bool:
        """Whether the broker can be reached just now."""
        ...

    @property
    def connections(self) -> int:
        """How often a connection was made so far. A broker may have forgotten everything at each new one."""
        ...
