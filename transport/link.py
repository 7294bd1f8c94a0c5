"""One connection to an MQTT broker, from its handshake to its end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any, TypeVar

import aiomqtt

T = TypeVar("T")


class Link:
    """A live connection. aiomqtt leaves calls hanging when the connection breaks; `run` does not."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self.client = client
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.error: Exception | None = None

    def fail(self, error: Exception) -> None:
        """Mark the connection as broken; the first cause is kept."""
        if not self.lost.done():
            self.error = error
            self.lost.set_result(None)

    async def run(self, call: Coroutine[Any, Any, T]) -> T:
        """Await `call` as long as the connection lasts.

        Raises:
            MqttError: the connection broke before the answer came; nobody knows whether the broker acted.
        """
        task = asyncio.ensure_future(call)
        waiting: set[asyncio.Future[Any]] = {task, self.lost}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise aiomqtt.MqttError("connection lost before the broker answered")
            return task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})


async def connect(client: aiomqtt.Client) -> None:
    """Open the connection; a failed handshake leaves no socket behind.

    Never cancelled half-way by the caller: the handshake runs in a thread and would complete behind our back.

    Raises:
        MqttError: no connection.
    """
    try:
        await client.__aenter__()
    except BaseException:
        cut(client)
        raise


async def leave(client: aiomqtt.Client, *, gracefully: bool) -> None:
    """Close the connection: with a goodbye, or as a crash would."""
    if gracefully:
        with contextlib.suppress(aiomqtt.MqttError):
            await client.__aexit__(None, None, None)
    cut(client)


def cut(client: aiomqtt.Client) -> None:
    """Close the socket without a goodbye. aiomqtt has no public way to do so and leaks it after some failures."""
    client._client._sock_close()  # noqa: SLF001
