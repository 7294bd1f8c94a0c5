"""MqttBus against a real mosquitto that restarts, stalls, vanishes or says no."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Self
from urllib.parse import urlsplit

import aiomqtt
import pytest

from protocol.errors import ErrorCode, OperatorError
from transport.backoff import Backoff
from transport.broker import ManagedBroker
from transport.mqtt_bus import MAXIMUM_PACKET_BYTES, MqttBus
from transport.ports import Delivery, Will

pytestmark = pytest.mark.broker
QUICK = Backoff(first_seconds=0.02, limit_seconds=0.1)


class Cable:
    """A TCP proxy in front of the broker that can be cut or stalled."""

    def __init__(self, broker_url: str) -> None:
        self._port = urlsplit(broker_url).port
        self._writers: set[asyncio.StreamWriter] = set()
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.asked = asyncio.Event()
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"mqtt://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writers |= {writer, far_writer}
        await asyncio.gather(
            self._pump(reader, far_writer, stallable=True), self._pump(far_reader, writer, stallable=False)
        )
        self._writers -= {writer, far_writer}

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, stallable: bool
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                if stallable:
                    self.asked.set()
                    if not self.flowing.is_set():
                        continue
                writer.write(data)
                await writer.drain()
        writer.close()


async def following(stream: AsyncIterator[Delivery]) -> Delivery:
    return await asyncio.wait_for(anext(stream), 10)


async def test_nagle_is_off_and_expiry_reaches_the_broker(broker: str, site: str) -> None:
    parts = urlsplit(broker)
    assert parts.hostname
    assert parts.port
    async with (
        aiomqtt.Client(parts.hostname, parts.port, protocol=aiomqtt.ProtocolVersion.V5) as plain,
        MqttBus(broker, f"{site}-a") as bus,
    ):
        assert bus._link is not None
        connection = bus._link.client._client.socket()
        assert isinstance(connection, socket.socket)
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
        await plain.subscribe(f"{site}/x", qos=1)
        await bus.publish(f"{site}/x", b"1", expiry_seconds=77)
        message = await asyncio.wait_for(anext(aiter(plain.messages)), 10)
        assert message.qos == 1
        assert message.properties is not None
        assert message.properties.MessageExpiryInterval == 77


async def test_no_broker_at_start_is_a_clear_error_in_time(site: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"mqtt://someone:secret@127.0.0.1:{probe.getsockname()[1]}"
        with pytest.raises(OperatorError, match=r"scripts/mosquitto") as caught:
            async with MqttBus(url, site, connect_timeout_seconds=0.3, backoff=QUICK):
                pytest.fail("connected to nothing")
    assert url.rpartition("@")[2] in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.code is ErrorCode.BROKER_UNAVAILABLE


async def test_a_broker_that_never_answers_is_given_up_on(site: str) -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(mute, "127.0.0.1", 0) as server:
        url = f"mqtt://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(OperatorError, match=url):
            async with MqttBus(url, site, connect_timeout_seconds=0.3):
                pytest.fail("connected to a mute server")


async def test_a_broker_that_refuses_the_client_fails_the_start_at_once(site: str) -> None:
    handshakes: list[bytes] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handshakes.append(await reader.read(1000))
        writer.write(bytes([0x20, 3, 0, 0x87, 0]))  # CONNACK: not authorized
        await reader.read()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        url = f"mqtt://someone:p%40ss@127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with asyncio.timeout(10):
            with pytest.raises(OperatorError, match="Not authorized") as caught:
                async with MqttBus(url, site, connect_timeout_seconds=60):
                    pytest.fail("accepted")
    assert handshakes[0].endswith(b"\x00\x07someone\x00\x04p@ss")
    assert "p@ss" not in str(caught.value)


async def test_both_sides_go_on_after_the_broker_restarts(site: str) -> None:
    async with (
        ManagedBroker() as broker,
        MqttBus(broker.url, f"{site}-s", backoff=QUICK, session_expiry_seconds=60) as sender,
        MqttBus(broker.url, f"{site}-r", backoff=QUICK, session_expiry_seconds=60) as receiver,
        receiver.subscribe(f"{site}/#") as stream,
    ):
        await sender.publish(f"{site}/state", b"kept", retain=True)
        assert (await following(stream)).payload == b"kept"
        await broker.stop()
        meanwhile = [
            asyncio.create_task(sender.publish(f"{site}/n", str(number).encode())) for number in range(20)
        ]
        await broker.start()
        await asyncio.wait_for(asyncio.gather(*meanwhile), 10)
        await sender.publish(f"{site}/n", b"end")
        seen: list[bytes] = []
        while b"end" not in seen:
            seen.append((await following(stream)).payload)
        assert [one for one in dict.fromkeys(seen) if one != b"kept"] == [
            *(str(number).encode() for number in range(20)),
            b"end",
        ]


async def test_a_message_cut_off_in_mid_publish_is_sent_again(broker: str, site: str) -> None:
    async with (
        Cable(broker) as cable,
        MqttBus(broker, f"{site}-r") as receiver,
        MqttBus(cable.url, f"{site}-s", backoff=QUICK) as sender,
        receiver.subscribe(f"{site}/x") as stream,
    ):
        cable.flowing.clear()
        cable.asked.clear()
        publishing = asyncio.create_task(sender.publish(f"{site}/x", b"precious"))
        await asyncio.wait_for(cable.asked.wait(), 10)
        assert not publishing.done()
        cable.flowing.set()
        cable.cut()
        await asyncio.wait_for(publishing, 10)
        assert (await following(stream)).payload == b"precious"


async def test_an_unanswered_publish_ends_in_an_error_not_a_hang(broker: str, site: str) -> None:
    async with (
        Cable(broker) as cable,
        MqttBus(cable.url, site, publish_timeout_seconds=0.2, backoff=QUICK) as bus,
    ):
        cable.flowing.clear()
        with pytest.raises(OperatorError, match="not acknowledged"):
            await bus.publish(f"{site}/x", b"1")
        cable.flowing.set()
        cable.cut()


async def test_the_outbox_is_bounded(broker: str, site: str) -> None:
    async with Cable(broker) as cable, MqttBus(cable.url, site, outbox_limit=2, backoff=QUICK) as bus:
        cable.flowing.clear()
        waiting = [asyncio.create_task(bus.publish(f"{site}/x", b"1")) for _ in range(2)]
        await asyncio.wait_for(cable.asked.wait(), 10)
        with pytest.raises(OperatorError) as caught:
            await bus.publish(f"{site}/x", b"3")
        assert caught.value.code is ErrorCode.BUSY
        cable.flowing.set()
        cable.cut()
        await asyncio.wait_for(asyncio.gather(*waiting), 10)
        await bus.publish(f"{site}/x", b"3")


async def test_a_cut_connection_sets_off_the_will_and_subscriptions_come_back(broker: str, site: str) -> None:
    will = Will(f"{site}/presence", b"lost")
    async with (
        Cable(broker) as cable,
        MqttBus(broker, f"{site}-w") as watcher,
        MqttBus(cable.url, f"{site}-d", will=will, backoff=QUICK) as device,
        watcher.subscribe(f"{site}/presence") as presence,
        device.subscribe(f"{site}/state", f"{site}/work") as stream,
    ):
        await watcher.publish(f"{site}/state", b"now", retain=True)
        assert (await following(stream)).payload == b"now"
        cable.cut()
        assert (await following(presence)).payload == b"lost"
        # The retained message comes again because the subscription was renewed.
        assert (await following(stream)).retained
        await watcher.publish(f"{site}/work", b"go on")
        assert (await following(stream)).payload == b"go on"


async def test_closing_does_not_wait_for_a_broker_that_is_gone(site: str) -> None:
    async with asyncio.timeout(10), ManagedBroker() as broker:
        async with MqttBus(broker.url, site, backoff=Backoff(first_seconds=1000, limit_seconds=1000)) as bus:
            await broker.kill()
            publishing = asyncio.create_task(bus.publish(f"{site}/x", b"never"))
        with pytest.raises(OperatorError, match="closed"):
            await publishing


async def test_a_cancelled_start_leaves_nothing_behind(broker: str, site: str) -> None:
    before = asyncio.all_tasks()
    for _ in range(5):
        starting = asyncio.create_task(MqttBus(broker, site).__aenter__())
        await asyncio.wait({starting}, timeout=0)
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
    left = asyncio.all_tasks() - before
    if left:
        await asyncio.wait(left, timeout=5)
    assert asyncio.all_tasks() == before
    async with MqttBus(broker, site) as bus:
        await bus.publish(f"{site}/x", b"alive")


@pytest.mark.parametrize("asked", ["subscribe", "unsubscribe"])
async def test_who_is_cancelled_as_the_broker_answers_ends(
    broker: str, site: str, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    answered = getattr(aiomqtt.Client, f"_on_{asked}")
    listening: set[asyncio.Task[None]] = set()

    def answered_and_cancelled(client: aiomqtt.Client, *answer: object) -> None:
        answered(client, *answer)
        for task in listening:
            task.cancel()

    async def listen(bus: MqttBus) -> None:
        async with bus.subscribe(f"{site}/x"):
            pass
        await asyncio.Event().wait()

    monkeypatch.setattr(aiomqtt.Client, f"_on_{asked}", answered_and_cancelled)
    async with MqttBus(broker, site) as bus:
        task = asyncio.create_task(listen(bus))
        listening.add(task)
        await asyncio.wait({task}, timeout=10)
        has_ended = task.done()
        listening.clear()
        task.cancel()
        await asyncio.wait({task})
        assert has_ended, "it goes on as if nobody had cancelled it"
        await bus.publish(f"{site}/x", b"alive")
        assert bus.connections == 1


async def test_what_no_message_can_be_is_dropped_by_the_broker(broker: str, site: str) -> None:
    async with (
        MqttBus(broker, f"{site}-receiver") as receiver,
        MqttBus(broker, f"{site}-sender") as sender,
        receiver.subscribe(f"{site}/#") as deliveries,
        asyncio.timeout(10),
    ):
        for size in (MAXIMUM_PACKET_BYTES - 200, 8 * MAXIMUM_PACKET_BYTES, 1):
            await sender.publish(f"{site}/a", b"x" * size)
        assert [len((await anext(deliveries)).payload) for _ in range(2)] == [MAXIMUM_PACKET_BYTES - 200, 1]
        assert receiver.connections == 1, "the connection was not lost over it"
