"""Carries out forms over MQTT: orders are published, readings are the retained messages of a topic.

The terms are those of W3C's MQTT binding. It has none for the answer to an order, so a form may say `parley:responseTopic`:
the machine answers there, with the correlation data of the order (MQTT 5).
"""

from __future__ import annotations

import asyncio
import logging
import math
import re
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from device_agent.drivers import contents
from device_agent.drivers.binding import UNREADABLE, AnswerLostError, Call, NotReachedError
from device_agent.drivers.forms import Form
from device_agent.drivers.port import DriverError
from firmware_api_specs.data_schema import DataSchema
from firmware_api_specs.forms import texts
from firmware_api_specs.thing_description import Action
from protocol.clock import Clock
from protocol.errors import ErrorCode, InputError, OperatorError
from transport.clock import within
from transport.patterns import check_pattern, check_topic
from transport.ports import Delivery, DeliveryUnknownError, MessageBus

logger = logging.getLogger(__name__)

RESPONSE_TOPIC = "parley:responseTopic"
_PACKETS = {"invokeaction": "publish", "readproperty": "subscribe"}
_SERVED_QUALITIES = {"0", "1"}
_CORRELATION_BYTES = 16
_EXPRESSION = re.compile(r"\{([^{}]*)\}")
_NOT_IN_A_LEVEL = frozenset("/+#\x00")

_NONE = (None, None)

OpenBus = Callable[[str], AbstractAsyncContextManager[MessageBus]]


class MqttBinding:
    """Calls machines over MQTT 5 brokers; each broker is connected to when it is first needed.

    Args:
        open_bus: makes a connection to a broker, whose URL may carry user and password.
        clock: for the time until an answer or a reading must have come.
    """

    schemes = frozenset({"mqtt", "mqtts"})

    def __init__(self, open_bus: OpenBus, clock: Clock) -> None:
        self._open_bus = open_bus
        self._clock = clock
        self._buses: dict[str, MessageBus] = {}
        self._opening = asyncio.Lock()
        self._stack = AsyncExitStack()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._stack.aclose()

    async def stop_running(self) -> None:
        """Nothing goes on here that could be cancelled."""

    def unfit(self, form: Form, action: Action) -> str | None:
        """Say why a form cannot be used, or return None."""
        if form.operation not in _PACKETS:
            return f"{form.operation} is not asked over MQTT"
        usual = _PACKETS[form.operation]
        packet = str(form.terms.get("mqv:controlPacket", usual)).removeprefix("mqv:")
        quality = str(form.terms.get("mqv:qos", "1")).removeprefix("quality:")
        spoken = contents.is_spoken(form.content_type) and contents.is_spoken(form.response_content_type)
        tells = form.operation == "readproperty" or action.output is None or RESPONSE_TOPIC in form.terms
        reasons = (
            (packet != usual, f"{form.operation} by {packet}"),
            (quality not in _SERVED_QUALITIES, "it wants a quality of service other than 0 or 1"),
            (not spoken, f"it speaks {form.content_type}"),
            (
                any(credential.scheme != "basic" for credential in form.credentials),
                "only user and password can be shown to a broker",
            ),
            (not tells, f"its result is described, and no {RESPONSE_TOPIC} says where it comes"),
        )
        return next((reason for is_so, reason in reasons if is_so), None) or _wrong_topic(form)

    async def carry_out(self, form: Form, call: Call) -> Any:
        """Run one call to its end and return the machine's JSON result.

        Raises:
            NotReachedError: nothing was sent.
            AnswerLostError: nobody knows what happened.
            DriverError: the machine has told nothing, or what it told cannot be read.
        """
        topics = _filled(form, call.sent.variables)
        bus = await self._bus(form)
        if form.operation == "readproperty":
            return await self._read(bus, form, call, topics)
        (topic,) = topics
        if RESPONSE_TOPIC not in form.terms:
            await self._publish(bus, form, call, topic)
            return None
        answer_topic, correlation = str(form.terms[RESPONSE_TOPIC]), secrets.token_bytes(_CORRELATION_BYTES)
        async with AsyncExitStack() as stack:
            answers = await _listening(stack, bus, (answer_topic,))
            await self._publish(bus, form, call, topic, (answer_topic, correlation))
            try:
                answer = await within(
                    self._clock,
                    call.timeout_seconds,
                    _first(answers, correlation),
                )
            except TimeoutError as error:
                raise AnswerLostError(
                    f"The machine did not answer within {call.timeout_seconds:g} seconds."
                ) from error
        return _readable(answer, form, call.action.output)

    async def _read(self, bus: MessageBus, form: Form, call: Call, filters: tuple[str, ...]) -> Any:
        async with AsyncExitStack() as stack:
            messages = await _listening(stack, bus, filters)
            try:
                told = await within(self._clock, call.timeout_seconds, _first(messages))
            except TimeoutError as error:
                raise DriverError("The machine has not told this.", code=ErrorCode.CALL_TIMED_OUT) from error
        return _readable(told, form, call.action.output)

    async def _publish(
        self,
        bus: MessageBus,
        form: Form,
        call: Call,
        topic: str,
        reply: tuple[str | None, bytes | None] = _NONE,
    ) -> None:
        try:
            payload = contents.write(call.sent.payload, form.content_type) if call.sent.has_payload else b""
        except ValueError as error:
            logger.warning("A call is not made: %s", error)
            raise DriverError(
                "The order cannot be written as the machine wants it.", code=ErrorCode.CALL_FAILED
            ) from error
        try:
            await bus.publish(
                topic,
                payload,
                retain=form.terms.get("mqv:retain") is True,
                # A machine that comes back tomorrow must not do what was wanted today.
                expiry_seconds=math.ceil(call.timeout_seconds),
                response_topic=reply[0],
                correlation_data=reply[1],
                resend=False,
            )
        except DeliveryUnknownError as error:
            logger.warning("%s", error)
            raise AnswerLostError from error
        except OperatorError as error:
            logger.warning("%s", error)
            raise NotReachedError from error

    async def _bus(self, form: Form) -> MessageBus:
        url = _broker_url(form)
        async with self._opening:
            bus = self._buses.get(url)
            if bus is None:
                try:
                    bus = await self._stack.enter_async_context(self._open_bus(url))
                except OperatorError as error:
                    logger.warning("%s", error)
                    raise NotReachedError from error
                self._buses[url] = bus
        if not bus.is_connected:
            raise NotReachedError
        return bus


async def _listening(
    stack: AsyncExitStack, bus: MessageBus, patterns: tuple[str, ...]
) -> AsyncIterator[Delivery]:
    try:
        return await stack.enter_async_context(bus.subscribe(*patterns))
    except OperatorError as error:
        logger.warning("%s", error)
        raise NotReachedError from error


async def _first(deliveries: AsyncIterator[Delivery], correlation: bytes | None = None) -> Delivery:
    """Return the first message, or the first that answers the order with this correlation data."""
    async for delivery in deliveries:
        if correlation in {None, delivery.correlation_data}:
            return delivery
    raise AnswerLostError


def _readable(delivery: Delivery, form: Form, schema: DataSchema | None) -> Any:
    try:
        return contents.read(delivery.payload, form.response_content_type, schema)
    except ValueError as error:
        logger.warning("A message on %s: %s", delivery.topic, error)
        raise DriverError(UNREADABLE, code=ErrorCode.CALL_FAILED) from error


def _broker_url(form: Form) -> str:
    """Return the broker's address with the credentials for it."""
    parts = urlsplit(form.href)
    host = parts.netloc.rpartition("@")[2]
    for credential in form.credentials:
        user, _, password = credential.secret.partition(":")
        host = f"{quote(user, safe='')}:{quote(password, safe='')}@{host}"
    return f"{parts.scheme.lower()}://{host}"


def _topics(form: Form) -> tuple[str, ...]:
    """Return the templates of the topic to publish to, or of the filters to subscribe to."""
    terms = ("mqv:topic",) if form.operation == "invokeaction" else ("mqv:filter", "mqv:topic")
    for term in terms:
        if form.terms.get(term):
            return texts(form.terms[term]) or ()
    in_address = unquote(urlsplit(form.href).path).lstrip("/")
    return (in_address,) if in_address else ()


def _wrong_topic(form: Form) -> str | None:
    """Say what is wrong with a form's topics."""
    topics = _topics(form)
    is_publishing = form.operation == "invokeaction"
    if not topics or (is_publishing and len(topics) > 1):
        return "it names no topic" if not topics else "an order goes to one topic"
    check = check_topic if is_publishing else check_pattern
    try:
        for topic in topics:
            check(_EXPRESSION.sub("x", topic))
        if is_publishing and RESPONSE_TOPIC in form.terms:
            check_topic(str(form.terms[RESPONSE_TOPIC]))
    except InputError as error:
        return str(error)
    return None


def _filled(form: Form, variables: Mapping[str, Any]) -> tuple[str, ...]:
    """Put values into the topics of a form; each fills one level or a part of one."""

    def value(matched: re.Match[str]) -> str:
        told = variables.get(matched[1])
        text = told if isinstance(told, str) else contents.write(told, contents.JSON).decode()
        if told is None or not text or not _NOT_IN_A_LEVEL.isdisjoint(text):
            logger.warning("A call is not made: %r cannot stand in a topic.", text)
            raise DriverError("A value cannot stand in the machine's topic.", code=ErrorCode.OUT_OF_RANGE)
        return text

    return tuple(_EXPRESSION.sub(value, topic) for topic in _topics(form))
