"""The message bus over an `InProcessBroker`: no network, faults on request, any clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

from protocol.clock import Clock
from protocol.errors import ErrorCode, OperatorError
from transport.clock import SystemClock, within
from transport.in_process_broker import InProcessBroker, Letter
from transport.patterns import check_topic
from transport.ports import NO_PROPERTIES, Delivery, Will
from transport.subscriptions import Subscriptions

HOLD_LIMIT = 1000


class InProcessBus:
    """A `MessageBus` with the behaviour of `MqttBus`, for tests and simulation.

    Args:
        broker: shared by all buses that are to hear one another.
        client_id: name of the session; a second bus with the same one throws this one out.
        will: what the broker publishes, retained, when this bus dies.
        session_expiry_seconds: how long the broker keeps the session of an absent client; 0 keeps none.
        clock: time for time-outs and message expiry; the broker should have the same one.
        connect_timeout_seconds: how long the start may take before it fails.
        publish_timeout_seconds: how long a publish or subscribe waits for an absent broker.
        outbox_limit: how many publishes may wait at once.
    """

    def __init__(
        self,
        broker: InProcessBroker,
        client_id: str,
        *,
        will: Will | None = None,
        session_expiry_seconds: int = 0,
        clock: Clock | None = None,
        connect_timeout_seconds: float = 10.0,
        publish_timeout_seconds: float = 30.0,
        outbox_limit: int = 1000,
    ) -> None:
        self.client_id = client_id
        self.will = will
        self.session_expiry_seconds = session_expiry_seconds
        self._broker = broker
        self._clock = clock or SystemClock()
        self._connect_timeout_seconds = connect_timeout_seconds
        self._publish_timeout_seconds = publish_timeout_seconds
        self._outbox_limit = outbox_limit
        self._outbox = 0
        self._open = False
        self._starts_before = broker.starts
        self._subscriptions = Subscriptions(hold_limit=HOLD_LIMIT)

    @property
    def is_connected(self) -> bool:
        """Whether the broker can be reached just now."""
        return self._open and self._broker.running.is_set()

    @property
    def connections(self) -> int:
        """How often a connection was made so far: at the opening, and whenever the broker came back."""
        return self._broker.starts - self._starts_before

    @property
    def patterns(self) -> list[str]:
        """What this bus is subscribed to."""
        return self._subscriptions.patterns

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            OperatorError: the broker was away for `connect_timeout_seconds`.
        """
        await self._wait_for_broker(self._connect_timeout_seconds, "The connection")
        self._open = True
        self._starts_before = self._broker.starts - 1
        self._broker.attach(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say goodbye, so that the will is not published, and end all subscriptions."""
        self._close(gracefully=True)

    async def kill(self) -> None:
        """Die as a crashed process does: the broker publishes the will. For tests and chaos."""
        self._close(gracefully=False)

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
        """Hand one message to the broker; with `resend` false only where the broker is there just now.

        Raises:
            InputError: the topic cannot be published to.
            OperatorError: the outbox is full, the bus is closed, or the broker stayed away for
                `publish_timeout_seconds`.
        """
        check_topic(topic)
        if self._outbox >= self._outbox_limit:
            raise OperatorError(
                f"{self._outbox} messages already wait for the broker; no more are accepted.",
                code=ErrorCode.BUSY,
            )
        if not (resend or self.is_connected):
            raise OperatorError(f"The message to {topic} was not sent: there is no connection just now.")
        self._outbox += 1
        try:
            await self._ready(f"The message to {topic}")
        finally:
            self._outbox -= 1
        expires_at = None if expiry_seconds is None else self._clock.monotonic() + expiry_seconds
        self._broker.publish(
            Letter(
                topic, payload, retain, expires_at, response_topic, correlation_data, dict(user_properties)
            )
        )

    @asynccontextmanager
    async def subscribe(self, *patterns: str) -> AsyncIterator[AsyncIterator[Delivery]]:
        """Receive what matches any of `patterns` while the context is open.

        Raises:
            InputError: a pattern is malformed.
            OperatorError: the bus is closed, or the broker stayed away for `publish_timeout_seconds`.
        """
        subscription = self._subscriptions.open(patterns)
        try:
            await self._ready("The subscription")
            self._broker.subscribe(self, patterns)
            yield subscription
        finally:
            unwanted = self._subscriptions.close(subscription)
            if self.session_expiry_seconds == 0:
                self._broker.unsubscribe(self, unwanted)

    def receive(self, delivery: Delivery) -> None:
        """Take one message from the broker."""
        self._subscriptions.dispatch(delivery)

    def taken_over(self) -> None:
        """Another bus connected with this client id: this one is finished."""
        self._open = False
        self._subscriptions.end_all()

    async def _ready(self, what: str) -> None:
        # Gives way even when the broker is there, as a network would.
        await asyncio.sleep(0)
        if self._open and not self._broker.running.is_set():
            await self._wait_for_broker(self._publish_timeout_seconds, what)
        if not self._open:
            raise OperatorError(f"{what} was not sent: the connection is closed.")

    async def _wait_for_broker(self, seconds: float, what: str) -> None:
        try:
            await within(self._clock, seconds, self._broker.running.wait())
        except TimeoutError as error:
            raise OperatorError(
                f"{what} failed: the in-process broker stayed away for {seconds:g} s.", remedy="Start it."
            ) from error

    def _close(self, *, gracefully: bool) -> None:
        if self._open:
            self._open = False
            self._broker.detach(self, gracefully=gracefully)
        self._subscriptions.end_all()
