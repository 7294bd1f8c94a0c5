"""The driver that goes by forms, over a real mosquitto: orders, answers, readings, and brokers that are away."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from device_agent.drivers.forms_driver import FormsDriver
from device_agent.drivers.http_binding import HttpBinding
from device_agent.drivers.mqtt_binding import MqttBinding
from device_agent.drivers.port import DriverError
from firmware_api_specs.loader import load
from protocol.errors import ErrorCode, InputError
from tests.forms_kit import thing
from transport.broker import ManagedBroker
from transport.clock import FakeClock, SystemClock
from transport.mqtt_bus import MqttBus
from transport.ports import Delivery, MessageBus

pytestmark = pytest.mark.broker
CLOCK = SystemClock()
Answer = Callable[[MessageBus, Delivery], Awaitable[None]]


def form(broker: str, topic: str, **terms: Any) -> dict[str, Any]:
    return {"href": broker, "mqv:topic": topic, **terms}


def kettle(broker: str, site: str, **terms: Any) -> dict[str, Any]:
    """A kettle that listens to `<site>/boil`, answers, and tells its temperature."""
    answered = form(broker, f"{site}/boil", op="invokeaction", **{"parley:responseTopic": f"{site}/answers"})
    actions = {
        "boil": {
            "description": "Boils water.",
            "input": {"type": "object", "properties": {"cups": {"type": "integer", "maximum": 4}}},
            "output": {"type": "object", "properties": {"done": {"type": "boolean"}}, "required": ["done"]},
            "forms": [answered],
        },
        "beep": {"description": "Beeps.", "forms": [form(broker, f"{site}/beep")]},
        "keep-warm": {
            "description": "Keeps a cup warm.",
            "uriVariables": {"cup": {"type": "string"}},
            "input": {"type": "integer", "unit": "degree_Celsius"},
            "forms": [form(broker, f"{site}/cups/{{cup}}/warm", contentType="text/plain")],
        },
    }
    told = {"href": f"{broker}/{site}/temperature", "op": ["readproperty", "observeproperty"]}
    properties = {
        "temperature": {"type": "number", "unit": "degree_Celsius", "description": "Now.", "forms": [told]}
    }
    return thing(actions, properties=properties, **{"parley:safeAction": "beep"}, **terms)


@asynccontextmanager
async def driving(
    document: dict[str, Any], clock: Any = CLOCK, environment: dict[str, str] | None = None
) -> AsyncIterator[FormsDriver]:
    binding = MqttBinding(
        lambda url: MqttBus(
            url, f"driver-{id(document)}", connect_timeout_seconds=2, publish_timeout_seconds=2
        ),
        clock,
    )
    async with FormsDriver(
        load(document), [HttpBinding(clock), binding], clock, environment=environment or {}
    ) as made:
        yield made


@asynccontextmanager
async def machine(broker: str, site: str, answer: Answer) -> AsyncIterator[list[Delivery]]:
    """A machine at the broker: it keeps what it is told, and answers."""
    heard: list[Delivery] = []

    async def listen(orders: AsyncIterator[Delivery], bus: MessageBus) -> None:
        async for order in orders:
            heard.append(order)
            await answer(bus, order)

    async with MqttBus(broker, f"{site}-machine") as bus, bus.subscribe(f"{site}/#") as orders:
        listening = asyncio.create_task(listen(orders, bus))
        try:
            yield heard
        finally:
            listening.cancel()
            await asyncio.wait({listening})


async def well_done(bus: MessageBus, order: Delivery) -> None:
    if order.response_topic is not None:
        # Another client's answer comes first, and must not be taken for ours.
        await bus.publish(order.response_topic, b'{"done": false}', correlation_data=b"other")
        await bus.publish(order.response_topic, b'{"done": true}', correlation_data=order.correlation_data)


async def in_silence(bus: MessageBus, order: Delivery) -> None:
    """Answer nothing."""


async def until(condition: Callable[[], bool], broker: str, site: str) -> None:
    """Wait until one more message has gone through the broker and `condition` holds."""
    async with (
        asyncio.timeout(10),
        MqttBus(broker, f"{site}-waiting") as bus,
        bus.subscribe(f"{site}/tick") as ticks,
    ):
        while True:
            await bus.publish(f"{site}/tick", b"")
            await anext(ticks)
            if condition():
                return


async def test_an_order_is_published_and_its_own_answer_comes_back(broker: str, site: str) -> None:
    async with machine(broker, site, well_done) as heard, driving(kettle(broker, site)) as calling:
        assert await calling.call("boil", {"cups": 2}) == {"done": True}
        assert await calling.call("boil", {}) == {"done": True}
    orders = [order for order in heard if order.topic == f"{site}/boil"]
    assert [json.loads(order.payload) for order in orders] == [{"cups": 2}, {}]
    assert orders[0].correlation_data != orders[1].correlation_data
    assert not any(order.retained for order in heard)


async def test_values_fill_a_topic_and_a_single_one_may_be_text(broker: str, site: str) -> None:
    async with machine(broker, site, in_silence) as heard, driving(kettle(broker, site)) as calling:
        assert await calling.call("keep_warm", {"cup": "blau 1", "value": 60}) is None
        await until(lambda: f"{site}/cups/blau 1/warm" in [order.topic for order in heard], broker, site)
        (order,) = [order for order in heard if order.topic.endswith("warm")]
        assert order.payload == b"60"
        for cup in ("a/b", "+", "#", "", "\x00"):
            with pytest.raises(DriverError) as caught:
                await calling.call("keep_warm", {"cup": cup, "value": 60})
            assert caught.value.code is ErrorCode.OUT_OF_RANGE


async def test_what_does_not_fit_is_never_published(broker: str, site: str) -> None:
    async with machine(broker, site, in_silence) as heard, driving(kettle(broker, site)) as calling:
        with pytest.raises(DriverError):
            await calling.call("boil", {"cups": 5})
        await until(lambda: bool(heard), broker, site)
    assert {order.topic for order in heard} == {f"{site}/tick"}


async def test_a_reading_is_the_message_that_the_broker_keeps(broker: str, site: str) -> None:
    async with MqttBus(broker, f"{site}-sensor") as bus, driving(kettle(broker, site)) as calling:
        await bus.publish(f"{site}/temperature", b"81.5", retain=True)
        assert await calling.call("temperature", {}) == 81.5
        await bus.publish(f"{site}/temperature", b"82", retain=True)
        assert await calling.call("temperature", {}) == 82
        await bus.publish(f"{site}/temperature", b'"hot"', retain=True)
        with pytest.raises(DriverError, match="cannot be read"):
            await calling.call("temperature", {})


class Alarm(FakeClock):
    """A clock that tells when somebody begins to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.waiting.set()
        await super().sleep(seconds)


async def in_time(calling: FormsDriver, clock: Alarm, *call: Any) -> DriverError:
    """Call while nobody answers; time is moved by hand once the driver waits for the machine."""
    clock.waiting.clear()
    task = asyncio.create_task(calling.call(*call))
    async with asyncio.timeout(10):
        await clock.waiting.wait()
    await clock.advance(61)
    (result,) = await asyncio.gather(task, return_exceptions=True)
    assert isinstance(result, DriverError)
    return result


async def test_silence_is_unknown_for_an_order_and_nothing_for_a_reading(broker: str, site: str) -> None:
    clock = Alarm()
    async with machine(broker, site, in_silence), driving(kettle(broker, site), clock) as calling:
        order = await in_time(calling, clock, "boil", {})
        reading = await in_time(calling, clock, "temperature", {})
    assert (order.code, order.message) == (
        ErrorCode.UNKNOWN_OUTCOME,
        "The machine did not answer within 60 seconds.",
    )
    assert reading.code is ErrorCode.CALL_TIMED_OUT


async def test_it_comes_to_rest_and_is_found_again_when_its_broker_returns(
    site: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with ManagedBroker() as own, driving(kettle(own.url, site)) as calling:
        async with machine(own.url, site, in_silence) as heard:
            await calling.make_safe()
            await until(lambda: f"{site}/beep" in [order.topic for order in heard], own.url, site)
        await own.stop()
        for _ in range(2):
            with pytest.raises(DriverError):
                await calling.call("beep", {})
        with caplog.at_level(logging.ERROR):
            await calling.make_safe()
        assert "could not be brought to rest" in caplog.text
        await own.start()
        async with asyncio.timeout(20), machine(own.url, site, well_done):
            while (await asyncio.gather(calling.call("boil", {}), return_exceptions=True)) != [
                {"done": True}
            ]:
                pass


async def test_a_broker_that_is_away_is_passed_over(broker: str, site: str) -> None:
    document = kettle(broker, site)
    (answered,) = document["actions"]["boil"]["forms"]
    document["actions"]["boil"]["forms"] = [{**answered, "href": "mqtt://127.0.0.1:9"}, answered]
    async with machine(broker, site, well_done), driving(document) as calling:
        assert await calling.call("boil", {}) == {"done": True}


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"mqv:controlPacket": "mqv:subscribe"}, "invokeaction by subscribe"),
        ({"mqv:qos": "quality:2"}, "it wants a quality of service other than 0 or 1"),
        ({"contentType": "application/cbor"}, "it speaks application/cbor"),
        ({"mqv:topic": ""}, "it names no topic"),
        ({"mqv:topic": "kettle/+"}, "topic is 'kettle/+'; allowed: a topic name without '+'"),
        ({"op": "queryaction"}, "it has no form for this"),
        ({"href": "kettle"}, "a relative address without a base"),
    ],
)
async def test_forms_that_cannot_be_kept_are_not_taken(terms: dict[str, Any], reason: str) -> None:
    document = thing(
        {"beep": {"description": "Beeps.", "forms": [form("mqtt://broker", "kettle/beep", **terms)]}}
    )
    del document["base"]
    with pytest.raises(InputError) as caught:
        async with driving(document):
            pass
    assert str(caught.value).startswith("forms is 'none that can be used'; allowed: at least one")
    assert f"beep: {reason}" in str(caught.value)


async def test_a_result_must_have_a_way_back() -> None:
    beep = {
        "description": "Beeps.",
        "output": {"type": "boolean"},
        "forms": [form("mqtt://broker", "kettle/beep")],
    }
    with pytest.raises(InputError, match="its result is described, and no parley:responseTopic"):
        async with driving(thing({"beep": beep})):
            pass


async def test_user_and_password_go_to_the_broker(site: str) -> None:
    seen: list[str] = []

    def refuse(url: str) -> Any:
        seen.append(url)
        return MqttBus("mqtt://127.0.0.1:9", "x", connect_timeout_seconds=0.1)

    document = kettle(
        "mqtt://broker:1884", site, securityDefinitions={"lock": {"scheme": "basic"}}, security="lock"
    )
    binding = MqttBinding(refuse, CLOCK)
    environment = {"PARLEY_CREDENTIAL_LOCK": "ann:p@ss:word"}
    async with FormsDriver(load(document), [binding], CLOCK, environment=environment) as calling:
        with pytest.raises(DriverError, match="cannot be reached"):
            await calling.call("beep", {})
    assert seen == ["mqtt://ann:p%40ss%3Aword@broker:1884"]
