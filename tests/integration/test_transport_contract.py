"""What every `MessageBus` must do, run on MQTT with a real mosquitto and on the in-process bus alike."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

import pytest

from protocol.errors import InputError, OperatorError
from transport.in_process_broker import InProcessBroker
from transport.in_process_bus import InProcessBus
from transport.mqtt_bus import MqttBus
from transport.ports import Delivery, Will

pytestmark = pytest.mark.broker

Bus = MqttBus | InProcessBus


class MakeBus(Protocol):
    def __call__(self, name: str, *, will: Will | None = None, session_expiry_seconds: int = 0) -> Bus: ...


@pytest.fixture(params=["mqtt", "in-process"])
def make_bus(request: pytest.FixtureRequest, site: str) -> MakeBus:
    if request.param == "mqtt":
        url = request.getfixturevalue("broker")

        def mqtt(name: str, *, will: Will | None = None, session_expiry_seconds: int = 0) -> Bus:
            return MqttBus(url, f"{site}-{name}", will=will, session_expiry_seconds=session_expiry_seconds)

        return mqtt
    shared: list[InProcessBroker] = []

    def in_process(name: str, *, will: Will | None = None, session_expiry_seconds: int = 0) -> Bus:
        if not shared:
            shared.append(InProcessBroker())
        return InProcessBus(shared[0], name, will=will, session_expiry_seconds=session_expiry_seconds)

    return in_process


async def following(stream: AsyncIterator[Delivery]) -> Delivery:
    return await asyncio.wait_for(anext(stream), 10)


async def test_a_request_and_its_reply_keep_their_properties(make_bus: MakeBus, site: str) -> None:
    async with make_bus("a") as asking, make_bus("b") as answering:
        assert asking.is_connected
        async with (
            answering.subscribe(f"{site}/+/ask") as questions,
            asking.subscribe(f"{site}/reply") as replies,
        ):
            await asking.publish(
                f"{site}/x/ask",
                "frei? 空".encode(),
                response_topic=f"{site}/reply",
                correlation_data=b"\x00\xff7",
                user_properties={"traceparent": "00-ab-cd-01", "für": "空"},
                expiry_seconds=60,
            )
            question = await following(questions)
            assert question == Delivery(
                f"{site}/x/ask",
                "frei? 空".encode(),
                False,
                f"{site}/reply",
                b"\x00\xff7",
                {"traceparent": "00-ab-cd-01", "für": "空"},
            )
            assert question.response_topic is not None
            await answering.publish(
                question.response_topic, b"yes", correlation_data=question.correlation_data
            )
            assert await following(replies) == Delivery(f"{site}/reply", b"yes", False, None, b"\x00\xff7")


async def test_messages_of_one_publisher_arrive_in_order(make_bus: MakeBus, site: str) -> None:
    async with make_bus("a") as sender, make_bus("b") as receiver, receiver.subscribe(f"{site}/#") as stream:
        await asyncio.gather(*(sender.publish(f"{site}/n", str(number).encode()) for number in range(200)))
        assert [int((await following(stream)).payload) for _ in range(200)] == list(range(200))


async def test_a_retained_message_waits_for_late_subscribers_until_cleared(
    make_bus: MakeBus, site: str
) -> None:
    async with make_bus("a") as bus:
        await bus.publish(f"{site}/state", b"old", retain=True)
        await bus.publish(f"{site}/state", b"new", retain=True)
        async with bus.subscribe(f"{site}/state") as stream:
            late = await following(stream)
            assert (late.payload, late.retained) == (b"new", True)
            await bus.publish(f"{site}/state", b"newest", retain=True)
            live = await following(stream)
            assert (live.payload, live.retained) == (b"newest", False)
        await bus.publish(f"{site}/state", b"", retain=True)
        async with bus.subscribe(f"{site}/#") as stream:
            await bus.publish(f"{site}/marker", b"1")
            assert (await following(stream)).topic == f"{site}/marker"


async def test_each_subscription_gets_what_it_asked_for_and_nothing_else(
    make_bus: MakeBus, site: str
) -> None:
    async with (
        make_bus("a") as bus,
        bus.subscribe(f"{site}/+/report") as reports,
        bus.subscribe(f"{site}/r1/#", f"{site}/end") as of_one,
    ):
        for topic in ("r1/report", "r2/report", "r1/profile", "end"):
            await bus.publish(f"{site}/{topic}", topic.encode())
        # Overlapping subscriptions may bring a message twice; nothing may be missing and nothing foreign.
        seen = [await following(of_one)]
        while seen[-1].payload != b"end":
            seen.append(await following(of_one))
        assert list(dict.fromkeys(one.payload for one in seen)) == [b"r1/report", b"r1/profile", b"end"]
        first_two = {(await following(reports)).payload}
        while first_two != {b"r1/report", b"r2/report"}:
            first_two.add((await following(reports)).payload)
            assert first_two <= {b"r1/report", b"r2/report"}


async def test_a_closed_subscription_hears_no_more(make_bus: MakeBus, site: str) -> None:
    async with make_bus("a") as bus:
        async with bus.subscribe(f"{site}/x") as first:
            await bus.publish(f"{site}/x", b"1")
            assert (await following(first)).payload == b"1"
        await bus.publish(f"{site}/x", b"2")
        async with bus.subscribe(f"{site}/x") as second:
            await bus.publish(f"{site}/x", b"3")
            assert (await following(second)).payload == b"3"


async def test_the_will_is_published_for_the_dead_and_not_for_the_polite(
    make_bus: MakeBus, site: str
) -> None:
    async with make_bus("watcher") as watcher, watcher.subscribe(f"{site}/presence") as stream:
        async with make_bus("polite", will=Will(f"{site}/presence", b"polite lost")):
            pass
        async with make_bus("dead", will=Will(f"{site}/presence", b"dead lost")) as dying:
            await dying.kill()
            assert not dying.is_connected
            assert (await following(stream)).payload == b"dead lost"
        async with watcher.subscribe(f"{site}/presence") as late:
            assert (await following(late)).retained


async def test_a_persistent_session_delivers_what_came_while_away(make_bus: MakeBus, site: str) -> None:
    async with make_bus("sender") as sender:
        async with make_bus("agent", session_expiry_seconds=60) as agent, agent.subscribe(f"{site}/work"):
            pass
        await sender.publish(f"{site}/work", b"while away 1")
        await sender.publish(f"{site}/work", b"while away 2")
        async with (
            make_bus("agent", session_expiry_seconds=60) as agent,
            agent.subscribe(f"{site}/other") as other,
            agent.subscribe(f"{site}/work") as work,
        ):
            assert [(await following(work)).payload for _ in range(2)] == [b"while away 1", b"while away 2"]
            await sender.publish(f"{site}/other", b"now")
            assert (await following(other)).payload == b"now"


async def test_without_a_persistent_session_nothing_is_kept(make_bus: MakeBus, site: str) -> None:
    async with make_bus("sender") as sender:
        async with make_bus("agent") as agent, agent.subscribe(f"{site}/work"):
            pass
        await sender.publish(f"{site}/work", b"while away")
        async with make_bus("agent") as agent, agent.subscribe(f"{site}/work") as work:
            await sender.publish(f"{site}/work", b"now")
            assert (await following(work)).payload == b"now"


async def test_closing_the_bus_ends_iteration_and_refuses_further_use(make_bus: MakeBus, site: str) -> None:
    bus = make_bus("a")
    async with bus:
        async with bus.subscribe(f"{site}/x") as stream:
            await bus.publish(f"{site}/x", b"last")
            assert (await following(stream)).payload == b"last"
            await bus.__aexit__(None, None, None)
            assert [one async for one in stream] == []
        with pytest.raises(OperatorError, match="closed"):
            await bus.publish(f"{site}/x", b"too late")
        with pytest.raises(OperatorError, match="closed"):
            async with bus.subscribe(f"{site}/x"):
                pytest.fail("subscribed on a closed bus")


async def test_bad_topics_and_patterns_are_refused_before_they_reach_the_broker(make_bus: MakeBus) -> None:
    async with make_bus("a") as bus:
        for topic in ("", "a/+/b", "a/#"):
            with pytest.raises(InputError, match="topic"):
                await bus.publish(topic, b"x")
        for pattern in ("", "a#", "a/#/b", "+a/b"):
            with pytest.raises(InputError, match="pattern"):
                async with bus.subscribe(pattern):
                    pytest.fail(f"subscribed to {pattern!r}")
        assert bus.is_connected
