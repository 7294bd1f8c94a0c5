"""The in-process broker: time-dependent behaviour and faults, on a fake clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from protocol.errors import ErrorCode, InputError, OperatorError
from transport.clock import FakeClock
from transport.faults import Faults
from transport.in_process_broker import InProcessBroker
from transport.in_process_bus import InProcessBus
from transport.ports import Delivery, Will


async def taken(stream: AsyncIterator[Delivery], clock: FakeClock) -> list[bytes]:
    """Everything that has arrived by now."""
    payloads: list[bytes] = []
    while True:
        reading = asyncio.ensure_future(anext(stream))
        await clock.settle()
        if not reading.done():
            reading.cancel()
            await asyncio.wait({reading})
            return payloads
        payloads.append(reading.result().payload)


async def test_delay_is_measured_on_the_given_clock(clock: FakeClock) -> None:
    broker = InProcessBroker(clock=clock, faults=Faults(delay_seconds=2))
    async with InProcessBus(broker, "a", clock=clock) as bus, bus.subscribe("x") as stream:
        await bus.publish("x", b"1")
        await clock.advance(1.9)
        assert await taken(stream, clock) == []
        await clock.advance(0.2)
        assert await taken(stream, clock) == [b"1"]


async def test_lost_transmissions_are_repeated_and_lost_for_good_is_not(clock: FakeClock) -> None:
    broker = InProcessBroker(clock=clock, faults=Faults(loss=0.5, redelivery_seconds=3), seed=1)
    async with InProcessBus(broker, "a", clock=clock) as bus, bus.subscribe("x") as stream:
        for number in range(40):
            await bus.publish("x", bytes([number]))
        at_once = await taken(stream, clock)
        assert 0 < len(at_once) < 40
        await clock.advance(300)
        late = await taken(stream, clock)
        assert sorted(at_once + late) == [bytes([number]) for number in range(40)]
        broker.faults = Faults(loss_for_good=1)
        await bus.publish("x", b"gone")
        await clock.advance(300)
        assert await taken(stream, clock) == []


async def test_duplicates_and_overtaking_happen(clock: FakeClock) -> None:
    broker = InProcessBroker(clock=clock, faults=Faults(duplication=1, reordering=0.5), seed=2)
    async with InProcessBus(broker, "a", clock=clock) as bus, bus.subscribe("x") as stream:
        for number in range(20):
            await bus.publish("x", bytes([number]))
        await clock.advance(10)
        seen = await taken(stream, clock)
    assert sorted(seen) == sorted(bytes([number]) for number in range(20) for _ in range(2))
    first_arrivals = list(dict.fromkeys(seen))
    assert first_arrivals != sorted(first_arrivals)


async def test_messages_expire_before_an_absent_session_returns(clock: FakeClock) -> None:
    broker = InProcessBroker(clock=clock)
    async with InProcessBus(broker, "sender", clock=clock) as sender:
        async with (
            InProcessBus(broker, "agent", clock=clock, session_expiry_seconds=100) as agent,
            agent.subscribe("x"),
        ):
            pass
        await sender.publish("x", b"short", expiry_seconds=10)
        await sender.publish("x", b"long", expiry_seconds=50)
        await clock.advance(20)
        async with (
            InProcessBus(broker, "agent", clock=clock, session_expiry_seconds=100) as agent,
            agent.subscribe("x") as stream,
        ):
            assert await taken(stream, clock) == [b"long"]


async def test_an_absent_session_ends_after_its_time(clock: FakeClock) -> None:
    broker = InProcessBroker(clock=clock)
    async with InProcessBus(broker, "sender", clock=clock) as sender:
        async with (
            InProcessBus(broker, "agent", clock=clock, session_expiry_seconds=5) as agent,
            agent.subscribe("x"),
        ):
            pass
        await clock.advance(5)
        await sender.publish("x", b"too late")
        async with (
            InProcessBus(broker, "agent", clock=clock, session_expiry_seconds=5) as agent,
            agent.subscribe("x") as stream,
        ):
            assert await taken(stream, clock) == []


async def test_what_is_on_its_way_to_a_persistent_session_survives_its_death(clock: FakeClock) -> None:
    broker = InProcessBroker(clock=clock, faults=Faults(delay_seconds=5))
    async with (
        InProcessBus(broker, "sender", clock=clock) as sender,
        InProcessBus(broker, "agent", clock=clock, session_expiry_seconds=60) as agent,
        agent.subscribe("x"),
    ):
        await sender.publish("x", b"under way")
        await agent.kill()
        async with (
            InProcessBus(broker, "agent", clock=clock, session_expiry_seconds=60) as again,
            again.subscribe("x") as stream,
        ):
            await clock.advance(5)
            assert await taken(stream, clock) == [b"under way"]


async def test_publishing_waits_for_a_broker_that_is_away_and_gives_up_in_time(clock: FakeClock) -> None:
    broker = InProcessBroker(clock=clock)
    async with (
        InProcessBus(broker, "a", clock=clock, publish_timeout_seconds=30, outbox_limit=2) as bus,
        bus.subscribe("x") as stream,
    ):
        broker.stop()
        assert not bus.is_connected
        patient = asyncio.create_task(bus.publish("x", b"1"))
        await clock.advance(29)
        assert not patient.done()
        broker.start()
        await patient
        assert bus.is_connected
        assert await taken(stream, clock) == [b"1"]
        broker.stop()
        waiting = [asyncio.create_task(bus.publish("x", b"2")) for _ in range(2)]
        await clock.settle()
        with pytest.raises(OperatorError) as caught:
            await bus.publish("x", b"3")
        assert caught.value.code is ErrorCode.BUSY
        await clock.advance(30)
        for task in waiting:
            with pytest.raises(OperatorError, match="stayed away"):
                await task


async def test_no_broker_at_start_is_an_operator_error(clock: FakeClock) -> None:
    broker = InProcessBroker(clock=clock)
    broker.stop()
    starting = asyncio.create_task(
        InProcessBus(broker, "a", clock=clock, connect_timeout_seconds=4).__aenter__()
    )
    await clock.advance(4)
    with pytest.raises(OperatorError, match="4 s"):
        await starting


async def test_a_second_bus_with_the_same_id_throws_the_first_one_out(clock: FakeClock) -> None:
    broker = InProcessBroker(clock=clock)
    async with (
        InProcessBus(broker, "watcher", clock=clock) as watcher,
        watcher.subscribe("presence") as presence,
        InProcessBus(broker, "device", clock=clock, will=Will("presence", b"old one lost")) as old,
        InProcessBus(broker, "device", clock=clock, will=Will("presence", b"new one lost")) as new,
    ):
        assert await taken(presence, clock) == [b"old one lost"]
        assert not old.is_connected
        assert new.is_connected


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"loss": 1.0}, "loss"),
        ({"duplication": -0.1}, "duplication"),
        ({"reordering": 2.0}, "reordering"),
        ({"delay_seconds": float("nan")}, "delay_seconds"),
    ],
)
def test_impossible_faults_are_refused(fields: dict[str, float], name: str) -> None:
    with pytest.raises(InputError, match=f"faults.{name}"):
        Faults(**fields)
