"""The message bus over MQTT 5."""

from __future__ import annotations

import asyncio
import logging
import math
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from random import Random
from types import TracebackType
from typing import Any, Self, TypeVar

import aiomqtt
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from protocol.clock import Clock
from protocol.errors import ErrorCode, OperatorError
from transport.backoff import Backoff
from transport.clock import SystemClock, within
from transport.link import Link, connect, leave
from transport.mqtt_url import MqttUrl
from transport.patterns import check_topic
from transport.ports import NO_PROPERTIES, Delivery, DeliveryUnknownError, Will
from transport.publish_properties import PublishProperties
from transport.subscriptions import Subscriptions

logger = logging.getLogger(__name__)
T = TypeVar("T")

# Without this option a QoS 1 round trip takes 90 ms instead of 1 ms (Nagle's algorithm against delayed ACKs).
NO_DELAY = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
HANDSHAKE_SECONDS = 5.0
# A connection that lasted this long counts as good: the next loss starts with short waits again.
STABLE_SECONDS = 10.0
CONCURRENT_CALLS = 64
HOLD_LIMIT = 1000
# The broker drops what is larger. Well above what the protocol accepts, so that messages which are merely too large
# still arrive and are reported, and no stranger can fill this process's memory.
MAXIMUM_PACKET_BYTES = 1024 * 1024
REFUSED = 0x80


class MqttBus:
    """A `MessageBus` over one MQTT 5 connection that is renewed whenever it breaks.

    A message whose acknowledgement was cut off is sent again after the reconnect: at least once, never silently
    lost. With a session that outlives the connection, closing a subscription leaves it standing at the broker, which
    collects messages until this client id returns.

    Args:
        url: `mqtt://[user:password@]host[:port]`, or `mqtts://` for TLS.
        client_id: unique at the broker; two clients with one id throw each other out.
        will: what the broker publishes, retained, when this client dies without a goodbye.
        session_expiry_seconds: how long the broker keeps the session of an absent client; 0 keeps none.
        clock: time for time-outs and waits between attempts.
        connect_timeout_seconds: how long the start may take before it fails.
        publish_timeout_seconds: how long one publish or subscribe may take, reconnects included.
        outbox_limit: how many publishes may be under way or waiting at once.
        keepalive_seconds: a silent connection is given up after about one and a half times this.
        backoff: the waits between attempts to reconnect.
        random: source of the jitter.
        tls_context: for `mqtts://`; the system's trusted authorities when None.
    """

    def __init__(
        self,
        url: str,
        client_id: str,
        *,
        will: Will | None = None,
        session_expiry_seconds: int = 0,
        clock: Clock | None = None,
        connect_timeout_seconds: float = 10.0,
        publish_timeout_seconds: float = 30.0,
        outbox_limit: int = 1000,
        keepalive_seconds: int = 20,
        backoff: Backoff | None = None,
        random: Random | None = None,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        self._url = MqttUrl.parse(url)
        self._client_id = client_id
        self._will = will
        self._session_expiry_seconds = session_expiry_seconds
        self._clock = clock or SystemClock()
        self._connect_timeout_seconds = connect_timeout_seconds
        self._publish_timeout_seconds = publish_timeout_seconds
        self._outbox_limit = outbox_limit
        self._keepalive_seconds = keepalive_seconds
        self._backoff = backoff or Backoff()
        self._random = random or Random()  # noqa: S311 - jitter, not a secret
        self._tls_context = tls_context
        self._subscriptions = Subscriptions(hold_limit=HOLD_LIMIT)
        self._outbox = 0
        self._link: Link | None = None
        self._linked = asyncio.Event()
        self._stopping = asyncio.Event()
        self._killed = False
        self._connections = 0
        self._last_error: Exception | None = None
        self._first_link: asyncio.Future[None] | None = None
        self._supervisor: asyncio.Task[None] | None = None

    @property
    def is_connected(self) -> bool:
        """Whether the broker can be reached just now."""
        return self._link is not None

    @property
    def connections(self) -> int:
        """How often a connection was made so far. A broker may have forgotten everything at each new one."""
        return self._connections

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            OperatorError: no broker answered within `connect_timeout_seconds`, or it refused this client.
        """
        self._first_link = asyncio.get_running_loop().create_future()
        self._supervisor = asyncio.create_task(self._stay_connected(), name=f"mqtt {self._client_id}")
        try:
            await within(self._clock, self._connect_timeout_seconds, self._first_connection())
        except TimeoutError as error:
            await self._stop()
            raise OperatorError(
                f"No MQTT broker answers at {self._url} within {self._connect_timeout_seconds:g} s"
                f" ({self._last_error or 'no answer'}).",
                remedy="Start one (`scripts/mosquitto`) or correct the broker URL.",
            ) from error
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say goodbye, so that the will is not published, and end all subscriptions."""
        await self._stop()

    async def kill(self) -> None:
        """Die as a crashed process does: no goodbye, so the broker publishes the will. For tests and chaos."""
        self._killed = True
        await self._stop()

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

        With `resend` false it is sent at most once, over the connection that is there.

        Raises:
            InputError: the topic cannot be published to.
            OperatorError: the outbox is full, the bus is closed, or no acknowledgement came within
                `publish_timeout_seconds`; with `resend` the message may have been delivered all the same.
            DeliveryUnknownError: `resend` is false, and no acknowledgement came.
        """
        check_topic(topic)
        if self._outbox >= self._outbox_limit:
            raise OperatorError(
                f"{self._outbox} messages already wait for the broker at {self._url}; no more are accepted.",
                code=ErrorCode.BUSY,
                remedy="Check that the broker runs.",
            )
        properties = PublishProperties(expiry_seconds, response_topic, correlation_data, user_properties)

        def send(client: aiomqtt.Client) -> Coroutine[Any, Any, None]:
            return client.publish(topic, payload, 1, retain, properties, timeout=math.inf)

        self._outbox += 1
        try:
            await (self._in_time if resend else self._once)(send, f"The message to {topic}")
        finally:
            self._outbox -= 1

    @asynccontextmanager
    async def subscribe(self, *patterns: str) -> AsyncIterator[AsyncIterator[Delivery]]:
        """Receive what matches any of `patterns`; the broker has confirmed them when the context is entered.

        Raises:
            InputError: a pattern is malformed.
            OperatorError: the broker refused a pattern or did not answer within `publish_timeout_seconds`.
        """
        subscription = self._subscriptions.open(patterns)
        try:
            refused = await self._in_time(lambda client: _subscribe(client, patterns), "The subscription")
            if refused:
                raise OperatorError(
                    f"The broker at {self._url} refuses a subscription to {', '.join(refused)}.",
                    remedy="Check the access rules of the broker for this user.",
                )
            yield subscription
        finally:
            unwanted = self._subscriptions.close(subscription)
            if unwanted and self._session_expiry_seconds == 0 and self._link is not None:
                await self._unsubscribe(self._link, unwanted)

    async def _unsubscribe(self, link: Link, patterns: list[str]) -> None:
        try:
            await link.run(link.client.unsubscribe(patterns))
        except aiomqtt.MqttError as error:
            # The session ends with the connection, and the subscription with it.
            self._lose(link, error)

    async def _in_time(self, operation: Callable[[aiomqtt.Client], Coroutine[Any, Any, T]], what: str) -> T:
        if self._supervisor is None or self._stopping.is_set():
            raise OperatorError(f"{what} was not sent: the connection to {self._url} is closed.")
        try:
            return await within(self._clock, self._publish_timeout_seconds, self._until_done(operation))
        except TimeoutError as error:
            raise OperatorError(
                f"{what} was not acknowledged by the broker at {self._url} within"
                f" {self._publish_timeout_seconds:g} s.",
                remedy="Check that the broker runs and accepts it.",
            ) from error

    async def _once(self, operation: Callable[[aiomqtt.Client], Coroutine[Any, Any, T]], what: str) -> T:
        link = self._link
        if link is None or self._stopping.is_set():
            raise OperatorError(
                f"{what} was not sent: there is no connection to {self._url} just now.",
                remedy="Check that the broker runs.",
            )
        try:
            return await within(self._clock, self._publish_timeout_seconds, link.run(operation(link.client)))
        except (TimeoutError, aiomqtt.MqttError) as error:
            if isinstance(error, aiomqtt.MqttError):
                self._lose(link, error)
            raise DeliveryUnknownError(
                f"{what} was not acknowledged by the broker at {self._url}; it may have arrived or not."
            ) from error

    async def _first_connection(self) -> None:
        supervisor, first_link = self._supervisor, self._first_link
        if supervisor is not None and first_link is not None:
            waiting: set[asyncio.Future[None]] = {supervisor, first_link}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            (first_link if first_link.done() else supervisor).result()

    async def _until_done(self, operation: Callable[[aiomqtt.Client], Coroutine[Any, Any, T]]) -> T:
        while True:
            await self._linked.wait()
            link = self._link
            if self._stopping.is_set() or link is None:
                raise OperatorError(f"The connection to {self._url} was closed before the broker answered.")
            try:
                return await link.run(operation(link.client))
            except aiomqtt.MqttError as error:
                self._lose(link, error)

    def _lose(self, link: Link, error: Exception) -> None:
        """Give a connection up; the supervisor makes the next one."""
        link.fail(error)
        if self._link is link:
            self._link = None
            self._linked.clear()

    async def _stay_connected(self) -> None:
        attempt = 0
        while not self._stopping.is_set():
            began = self._clock.monotonic()
            try:
                await self._one_connection()
            except aiomqtt.MqttError as error:
                self._note(error)
            if self._stopping.is_set():
                return
            if self._clock.monotonic() - began >= STABLE_SECONDS:
                attempt = 0
            await self._pause(self._backoff.delay(attempt, self._random))
            attempt += 1

    async def _pause(self, seconds: float) -> None:
        try:
            await within(self._clock, seconds, self._stopping.wait())
        except TimeoutError:
            return

    async def _one_connection(self) -> None:
        """Connect and serve until the connection breaks (raises its error) or the bus stops (returns)."""
        client = self._new_client()
        await connect(client)
        link = Link(client)
        receiving = asyncio.create_task(self._receive(link))
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await self._renew_subscriptions(link)
            self._link = link
            self._connections += 1
            self._linked.set()
            if self._first_link is not None and not self._first_link.done():
                self._first_link.set_result(None)
            logger.info("Connected to the broker at %s as %s.", self._url, self._client_id)
            waiting: set[asyncio.Future[Any]] = {link.lost, stopping, receiving}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if receiving.done():
                receiving.result()
            if not self._stopping.is_set():
                raise link.error or aiomqtt.MqttError("connection lost")
        finally:
            self._lose(link, aiomqtt.MqttError("connection closed"))
            receiving.cancel()
            stopping.cancel()
            await asyncio.wait({receiving, stopping})
            await leave(client, gracefully=self._stopping.is_set() and not self._killed)

    async def _renew_subscriptions(self, link: Link) -> None:
        if patterns := self._subscriptions.patterns:
            refused = await link.run(_subscribe(link.client, patterns))
            if refused:
                logger.error("The broker at %s now refuses to deliver %s.", self._url, ", ".join(refused))

    async def _receive(self, link: Link) -> None:
        try:
            async for message in link.client.messages:
                self._subscriptions.dispatch(_delivery(message))
        except aiomqtt.MqttError as error:
            self._lose(link, error.__cause__ if isinstance(error.__cause__, aiomqtt.MqttError) else error)

    def _note(self, error: aiomqtt.MqttError) -> None:
        self._last_error = error
        logger.warning("No connection to the broker at %s: %s. Trying again.", self._url, error)
        first = self._first_link
        if isinstance(error, MqttConnectError) and first is not None and not first.done():
            # The broker is there and does not want this client: waiting will not change its mind.
            first.set_exception(
                OperatorError(
                    f"The MQTT broker at {self._url} refuses {self._client_id}: {error.rc}.",
                    remedy="Check user, password and access rules.",
                )
            )

    def _new_client(self) -> aiomqtt.Client:
        properties = _properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = self._session_expiry_seconds
        properties.MaximumPacketSize = MAXIMUM_PACKET_BYTES
        will = aiomqtt.Will(self._will.topic, self._will.payload, qos=1, retain=True) if self._will else None
        tls = (self._tls_context or ssl.create_default_context()) if self._url.tls else None
        client = aiomqtt.Client(
            self._url.host,
            self._url.port,
            username=self._url.username,
            password=self._url.password,
            identifier=self._client_id,
            protocol=aiomqtt.ProtocolVersion.V5,
            will=will,
            clean_start=self._session_expiry_seconds == 0,
            properties=properties,
            keepalive=self._keepalive_seconds,
            timeout=min(HANDSHAKE_SECONDS, self._connect_timeout_seconds),
            max_inflight_messages=CONCURRENT_CALLS,
            max_concurrent_outgoing_calls=CONCURRENT_CALLS,
            socket_options=[NO_DELAY],
            tls_context=tls,
        )
        client.pending_calls_threshold = CONCURRENT_CALLS
        return client

    async def _stop(self) -> None:
        self._stopping.set()
        # Wakes whoever waits for a connection, to learn that there will be none.
        self._linked.set()
        if self._supervisor is not None:
            await asyncio.wait({self._supervisor})
        self._link = None
        self._linked.set()
        self._subscriptions.end_all()


async def _subscribe(client: aiomqtt.Client, patterns: tuple[str, ...] | list[str]) -> list[str]:
    """Subscribe with QoS 1; returns the patterns the broker refused."""
    answers: Sequence[ReasonCode | int] = await client.subscribe([(pattern, 1) for pattern in patterns])
    return [pattern for pattern, answer in zip(patterns, answers, strict=True) if _code(answer) >= REFUSED]


def _delivery(message: aiomqtt.Message) -> Delivery:
    properties = message.properties
    told = getattr(properties, "UserProperty", None)
    return Delivery(
        topic=str(message.topic),
        payload=bytes(message.payload),
        retained=message.retain,
        response_topic=getattr(properties, "ResponseTopic", None),
        correlation_data=getattr(properties, "CorrelationData", None),
        user_properties=dict(told) if told else NO_PROPERTIES,
    )


def _code(answer: ReasonCode | int) -> int:
    return int(answer.value) if isinstance(answer, ReasonCode) else answer


def _properties(packet: int) -> Properties:
    return Properties(packet)  # type: ignore[no-untyped-call]
