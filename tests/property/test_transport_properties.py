"""Laws of the transport: patterns agree with paho's, and faults keep QoS 1's promise."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st
from paho.mqtt.client import topic_matches_sub
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from protocol.errors import InputError
from transport.clock import FakeClock
from transport.faults import Faults
from transport.in_process_broker import InProcessBroker
from transport.in_process_bus import InProcessBus
from transport.patterns import Patterns, check_pattern, check_topic, matches
from transport.publish_properties import PublishProperties

levels = st.sampled_from(["a", "b", "", "$x", "ä"])
topics = st.lists(levels, min_size=1, max_size=4).map("/".join)
patterns = st.lists(st.one_of(levels, st.just("+")), min_size=1, max_size=4).flatmap(
    lambda parts: st.sampled_from(["/".join(parts), "/".join([*parts, "#"])])
)
probabilities = st.floats(0, 0.6)
faults = st.builds(
    Faults,
    loss=probabilities,
    duplication=probabilities,
    reordering=probabilities,
    delay_seconds=st.floats(0, 2),
    redelivery_seconds=st.floats(0.01, 2),
)


@given(patterns.filter(bool), topics.filter(bool))
@settings(max_examples=300, deadline=None)
def test_matching_agrees_with_paho(pattern: str, topic: str) -> None:
    check_pattern(pattern)
    check_topic(topic)
    assert matches(pattern, topic) == bool(topic_matches_sub(pattern, topic))
    assert Patterns([pattern]).match(topic) == matches(pattern, topic)


@given(
    st.none() | st.integers(0, 2**32 - 1),
    st.none() | topics,
    st.none() | st.binary(max_size=300),
    st.dictionaries(st.text(max_size=20), st.text(max_size=200), max_size=3),
)
@settings(deadline=None)
def test_properties_of_a_publish_are_written_as_paho_writes_them(
    expiry_seconds: int | None,
    response_topic: str | None,
    correlation_data: bytes | None,
    user_properties: dict[str, str],
) -> None:
    told = {
        "MessageExpiryInterval": expiry_seconds,
        "ResponseTopic": response_topic,
        "CorrelationData": correlation_data,
        "UserProperty": list(user_properties.items()) or None,
    }
    expected = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    for name, value in told.items():
        if value is not None:
            setattr(expected, name, value)
    written = PublishProperties(expiry_seconds, response_topic, correlation_data, user_properties)
    assert written.pack() == expected.pack()  # type: ignore[no-untyped-call]


@given(st.text(st.characters(exclude_categories=()), max_size=12))
def test_any_text_is_a_topic_or_an_input_error(text: str) -> None:
    try:
        check_topic(text)
    except InputError:
        return
    assert matches(text, text)


async def _arrivals(plan: Faults, seed: int, count: int) -> list[int]:
    clock = FakeClock()
    broker = InProcessBroker(clock=clock, faults=plan, seed=seed)
    async with InProcessBus(broker, "a", clock=clock) as bus, bus.subscribe("x") as stream:
        for number in range(count):
            await bus.publish("x", bytes([number]))
        await clock.advance(1000)
        await bus.__aexit__(None, None, None)
        return [delivery.payload[0] async for delivery in stream]


@given(faults, st.integers(0, 2**32), st.integers(0, 8))
@settings(max_examples=40, deadline=None)
def test_faults_never_lose_a_message_and_repeat_from_their_seed(plan: Faults, seed: int, count: int) -> None:
    seen = asyncio.run(_arrivals(plan, seed, count))
    assert set(seen) == set(range(count))
    assert asyncio.run(_arrivals(plan, seed, count)) == seen
    if plan.duplication == 0:
        assert len(seen) == count


@given(st.integers(0, 2**32), st.floats(0.1, 0.9))
@settings(max_examples=20, deadline=None)
def test_loss_for_good_only_takes_away(seed: int, probability: float) -> None:
    seen = asyncio.run(_arrivals(Faults(loss_for_good=probability), seed, 30))
    assert seen == sorted(set(seen))
    assert set(seen) <= set(range(30))
