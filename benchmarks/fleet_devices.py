"""A process full of simulated devices for `benchmarks.fleet`: each answers a subtask at once with a final report.

They have no model and no machine: what is measured is the coordinator and the broker.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import aiomqtt

from protocol.messages import Finding, Presence, PresenceStatus, Report, ReportStatus, encode
from protocol.topics import Channel, Topics
from transport.mqtt_bus import NO_DELAY
from transport.mqtt_url import MqttUrl

SITE = "fleet"
BARE_SITE = "fleet-bare"
"""Where the same devices answer bare messages, of which the coordinator hears nothing."""
SESSION = 1
_AT_ONCE = 64
_CONNECTING_AT_ONCE = 32
_SUBSCRIBED_AT_ONCE = 500


def device_name(number: int) -> str:
    """Return the name of one device of the fleet."""
    return f"robot-{number:05d}"


def new_client(url: str, client_id: str) -> aiomqtt.Client:
    """Return a bare client, not yet connected."""
    address = MqttUrl.parse(url)
    client = aiomqtt.Client(
        address.host,
        address.port,
        identifier=client_id,
        protocol=aiomqtt.ProtocolVersion.V5,
        socket_options=[NO_DELAY],
        max_inflight_messages=1000,
        timeout=120,
    )
    # It warns of more than ten publishes at once otherwise.
    client.pending_calls_threshold = sys.maxsize
    return client


async def in_turn(work: Sequence[Callable[[], Awaitable[Any]]], at_once: int) -> None:
    """Do everything, so many things at a time."""
    rest = iter(work)

    async def do() -> None:
        for one in rest:
            await one()

    await asyncio.gather(*(do() for _ in range(at_once)))


def answer(device_id: str, subtask_id: str | None, in_reply_to: str | None, number: int) -> bytes:
    """Return the report that a device makes."""
    is_done = subtask_id is not None
    return encode(
        Report(
            report_id=f"{device_id}-{number}",
            device_id=device_id,
            session=SESSION,
            subtask_id=subtask_id,
            status=ReportStatus.COMPLETED if is_done else ReportStatus.IDLE,
            sentence="The battery level is 55 %." if is_done else "I am idle.",
            findings=(Finding(what="battery level", value=55, unit="%"),) if is_done else (),
            is_repeatable=True if is_done else None,
            in_reply_to=in_reply_to,
            at=time.time(),
        )
    )


class Devices:
    """Devices that share one connection, or one device with its own."""

    def __init__(self, client: aiomqtt.Client, names: Sequence[str]) -> None:
        self._client = client
        self._topics = {site: Topics(site) for site in (SITE, BARE_SITE)}
        self._names = names
        self._last: dict[str, str] = {}
        self._count = 0
        self._answers: set[asyncio.Task[None]] = set()

    async def join(self) -> None:
        """Subscribe, then say that all are there."""
        wanted = [
            (topics.device(name, channel), 1)
            for topics in self._topics.values()
            for name in self._names
            for channel in (Channel.SUBTASK, Channel.CONTROL)
        ]
        for begin in range(0, len(wanted), _SUBSCRIBED_AT_ONCE):
            await self._client.subscribe(wanted[begin : begin + _SUBSCRIBED_AT_ONCE])
        await in_turn([partial(self._say_hello, name) for name in self._names], _AT_ONCE)

    async def _say_hello(self, name: str) -> None:
        presence = Presence(device_id=name, session=SESSION, status=PresenceStatus.ONLINE, at=time.time())
        topic = self._topics[SITE].device(name, Channel.PRESENCE)
        await self._client.publish(topic, encode(presence), 1, retain=True)

    async def listen(self) -> None:
        """Answer whatever comes."""
        async for message in self._client.messages:
            *_, site, _, name, channel = str(message.topic).split("/")
            data = json.loads(message.payload) if isinstance(message.payload, bytes) else {}
            report_to = self._topics[site].device(name, Channel.REPORT)
            if channel == Channel.SUBTASK:
                self._last[name] = data["subtask_id"]
                self._report(report_to, name, data["subtask_id"], None)
            else:
                self._report(report_to, name, self._last.get(name), data["control_id"])

    def _report(self, topic: str, name: str, subtask_id: str | None, in_reply_to: str | None) -> None:
        self._count += 1
        publish = self._client.publish(topic, answer(name, subtask_id, in_reply_to, self._count), 1)
        task = asyncio.ensure_future(publish)
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)


async def run(url: str, first: int, count: int, *, has_own_connections: bool) -> None:
    """Be `count` devices until standard input ends."""
    names = [device_name(number) for number in range(first, first + count)]
    groups = [[name] for name in names] if has_own_connections else [names]
    async with AsyncExitStack() as stack:
        listening: list[asyncio.Task[None]] = []

        async def begin(group: list[str]) -> None:
            client = await stack.enter_async_context(new_client(url, f"fleet-{group[0]}"))
            devices = Devices(client, group)
            listening.append(asyncio.create_task(devices.listen()))
            await devices.join()

        await in_turn([partial(begin, group) for group in groups], _CONNECTING_AT_ONCE)
        print("ready", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)


def main() -> None:
    """Run from the command line; `benchmarks.fleet` does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("first", type=int)
    parser.add_argument("count", type=int)
    parser.add_argument("--own-connections", action="store_true")
    arguments = parser.parse_args()
    asyncio.run(
        run(arguments.url, arguments.first, arguments.count, has_own_connections=arguments.own_connections)
    )


if __name__ == "__main__":
    main()
