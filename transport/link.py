"""One connection to an MQTT broker, from its handshake to its end."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Coroutine
from typing import Any, TypeVar

import aiomqtt

T = TypeVar("T")


class Link:
    """A live connection.

    aiomqtt leaves calls hanging when the connection breaks, and may forget that a caller was cancelled; `run` does neither.
    """

    def __init__(self, client: aiomqtt.Client) -> None:
        self.client = client
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.error: Exception | None = None
        self._calls: set[asyncio.Timeout] = set()

    def fail(self, error: Exception) -> None:
        """Mark the connection as broken; the first cause is kept."""
        if not self.lost.done():
            self.error = error
            self.lost.set_result(None)
            for call in self._calls:
                call.reschedule(-math.inf)

    async def run(self, call: Coroutine[Any, Any, T]) -> T:
        """Await `call` as long as the connection lasts. Whoever is cancelled meanwhile ends, also as the answer comes.

        Raises:
            MqttError: the connection broke before the answer came; nobody knows whether the broker acted.
        """
        cancellations = _cancellations()
        # A time-out that comes due when the connection breaks: unlike a task for each call, it costs next to nothing.
        deadline = asyncio.timeout(None)
        try:
            async with deadline:
                self._calls.add(deadline)
                if self.lost.done():
                    deadline.reschedule(-math.inf)
                answer = await call
                # aiomqtt waits with `asyncio.wait_for`. In Python 3.11 that returns an answer which comes together with a
                # cancellation and drops the latter: whoever was told to end would go on, and be waited for for ever.
                if _cancellations() > cancellations:
                    raise asyncio.CancelledError
                return answer
        except TimeoutError as error:
            if not deadline.expired():
                raise
            raise aiomqtt.MqttError("connection lost before the broker answered") from error
        finally:
            self._calls.discard(deadline)


def _cancellations() -> int:
    """Return how often the present task was asked to end."""
    task = asyncio.current_task()
    return 0 if task is None else task.cancelling()


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
