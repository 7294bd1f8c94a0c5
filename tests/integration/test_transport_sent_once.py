"""Messages that may not be sent twice: they leave now or not at all, and a missing acknowledgement is said to be one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from protocol.errors import ErrorCode, OperatorError
from transport.broker import ManagedBroker
from transport.in_process_broker import InProcessBroker
from transport.in_process_bus import InProcessBus
from transport.mqtt_bus import MqttBus
from transport.ports import DeliveryUnknownError

pytestmark = pytest.mark.broker
CONNECT_ACKNOWLEDGED = bytes([0x20, 3, 0, 0, 0])
PUBLISH = 0x30


class Deaf:
    """A broker that lets clients in and hangs up, or falls silent, at the first message."""

    def __init__(self, *, hangs_up: bool) -> None:
        self.published = 0
        self.came_back = asyncio.Event()
        self._connections = 0
        self._hangs_up = hangs_up

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        async with server:
            yield f"mqtt://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(CONNECT_ACKNOWLEDGED)
        self._connections += 1
        if self._connections > 1:
            self.came_back.set()
        while packet := await reader.read(4096):
            if packet[0] & 0xF0 == PUBLISH:
                self.published += 1
                if self._hangs_up:
                    break
        writer.close()


@pytest.mark.parametrize("hangs_up", [True, False])
async def test_without_an_acknowledgement_nobody_knows_and_nothing_is_sent_again(*, hangs_up: bool) -> None:
    deaf = Deaf(hangs_up=hangs_up)
    async with deaf.serving() as url, MqttBus(url, "orders", publish_timeout_seconds=1.0) as bus:
        with pytest.raises(DeliveryUnknownError) as caught:
            await bus.publish("machine/orders", b"1", resend=False)
        assert caught.value.code is ErrorCode.UNKNOWN_OUTCOME
        if hangs_up:
            async with asyncio.timeout(10):
                await deaf.came_back.wait()
    assert deaf.published == 1


async def test_without_a_connection_nothing_leaves(site: str) -> None:
    async with ManagedBroker() as broker, MqttBus(broker.url, "orders") as bus:
        await bus.publish(f"{site}/orders", b"1", resend=False)
        await broker.stop()
        # The first of these may find that the connection has just broken.
        with pytest.raises(OperatorError):
            await bus.publish(f"{site}/orders", b"2", resend=False)
        with pytest.raises(OperatorError, match="was not sent") as caught:
            await bus.publish(f"{site}/orders", b"3", resend=False)
        assert not isinstance(caught.value, DeliveryUnknownError)


async def test_the_in_process_bus_does_not_wait_either(site: str) -> None:
    broker = InProcessBroker()
    async with InProcessBus(broker, "orders") as bus, bus.subscribe(f"{site}/#") as heard:
        await bus.publish(f"{site}/orders", b"1", resend=False)
        assert (await anext(heard)).payload == b"1"
        broker.stop()
        with pytest.raises(OperatorError, match="was not sent"):
            await bus.publish(f"{site}/orders", b"2", resend=False)
