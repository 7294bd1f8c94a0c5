"""Topic patterns, broker addresses, waits, and the table of subscribers."""

from __future__ import annotations

import asyncio
from random import Random
from unittest.mock import Mock

import aiomqtt
import pytest

from protocol.errors import InputError
from transport.backoff import Backoff
from transport.link import Link
from transport.mqtt_url import MqttUrl
from transport.patterns import matches
from transport.ports import Delivery
from transport.subscriptions import Subscriptions


@pytest.mark.parametrize(
    ("pattern", "topic", "expected"),
    [
        ("a/b", "a/b", True),
        ("a/b", "a/bc", False),
        ("a/+", "a/b", True),
        ("a/+", "a/b/c", False),
        ("a/+", "a", False),
        ("a/#", "a", True),
        ("a/#", "a/b/c", True),
        ("+/+", "/a", True),
        ("#", "$SYS/load", False),
        ("$SYS/#", "$SYS/load", True),
    ],
)
def test_patterns_match_as_in_mqtt(pattern: str, topic: str, *, expected: bool) -> None:
    assert matches(pattern, topic) is expected


def test_an_address_is_parsed_and_its_text_hides_the_password() -> None:
    url = MqttUrl.parse("mqtts://me:p%40ss@broker.example")
    assert url == MqttUrl("broker.example", 8883, tls=True, username="me", password="p@ss")
    assert str(url) == "mqtts://broker.example:8883"
    assert "p@ss" not in repr(url)
    assert str(MqttUrl.parse("mqtt://[::1]:1999/")) == "mqtt://[::1]:1999"
    assert MqttUrl.parse("mqtt://localhost").port == 1883


@pytest.mark.parametrize(
    "url", ["localhost:1883", "http://h", "mqtt://", "mqtt://me:secret@h:port", "mqtt://me:secret@h/path"]
)
def test_a_bad_address_is_refused_without_showing_the_password(url: str) -> None:
    with pytest.raises(InputError, match="broker URL") as caught:
        MqttUrl.parse(url)
    assert "secret" not in str(caught.value)


def test_waits_grow_up_to_the_limit_and_differ() -> None:
    backoff = Backoff(first_seconds=1, limit_seconds=10, factor=2)
    random = Random(5)
    for attempt, longest in enumerate([1, 2, 4, 8, 10, 10]):
        waits = {backoff.delay(attempt, random) for _ in range(20)}
        assert len(waits) == 20
        assert all(longest / 2 <= wait <= longest for wait in waits)
    assert backoff.delay(100_000, random) <= 10


async def test_early_messages_are_held_for_their_first_subscriber_up_to_a_limit() -> None:
    table = Subscriptions(hold_limit=2)
    for name in ("old", "work", "other"):
        table.dispatch(Delivery(name, name.encode()))
    everything_held = table.open(["old", "work"])
    other = table.open(["other"])
    table.end_all()
    assert [one.topic async for one in everything_held] == ["work"]
    assert [one.topic async for one in other] == ["other"]
    assert [one async for one in other] == []


async def test_messages_of_a_closed_subscription_are_not_held() -> None:
    table = Subscriptions(hold_limit=10)
    first = table.open(["x", "y"])
    second = table.open(["y"])
    assert table.patterns == ["x", "y"]
    assert table.close(first) == ["x"]
    table.dispatch(Delivery("x", b"unwanted"))
    third = table.open(["x"])
    table.end_all()
    assert [one async for one in third] == []
    assert table.close(second) == ["y"]


async def test_a_waiting_reader_is_woken_by_the_end() -> None:
    table = Subscriptions(hold_limit=10)
    stream = table.open(["x"])
    reading = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    table.end_all()
    with pytest.raises(StopAsyncIteration):
        await reading


async def test_a_call_that_is_cancelled_as_its_answer_comes_ends() -> None:
    link = Link(Mock())
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    # As aiomqtt waits. In Python 3.11 this returns the answer and forgets the cancellation.
    calling = asyncio.create_task(link.run(asyncio.wait_for(answer, 60)))
    await asyncio.sleep(0)
    answer.set_result("subscribed")
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling


async def test_a_call_whose_connection_breaks_as_its_answer_comes_is_not_taken_for_cancelled() -> None:
    link = Link(Mock())
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    calling = asyncio.create_task(link.run(asyncio.wait_for(answer, 60)))
    await asyncio.sleep(0)
    answer.set_result("subscribed")
    link.fail(aiomqtt.MqttError("gone"))
    # Which of the two it learns depends on the version of Python; both are true.
    (outcome,) = await asyncio.gather(calling, return_exceptions=True)
    assert outcome == "subscribed" or isinstance(outcome, aiomqtt.MqttError)
    assert calling.cancelling() == 0
