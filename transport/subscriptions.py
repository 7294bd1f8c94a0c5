"""Who in this process wants which messages."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterable
from typing import Self

from protocol.errors import shorten
from transport.patterns import Patterns, check_pattern, matches
from transport.ports import Delivery

logger = logging.getLogger(__name__)


class Subscription:
    """The messages of one subscriber, in order of arrival; ends when the bus closes."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        self.patterns = patterns
        self._patterns = Patterns(patterns)
        self._queue: asyncio.Queue[Delivery | None] = asyncio.Queue()
        self._ended = False

    def wants(self, topic: str) -> bool:
        """Whether any pattern covers `topic`."""
        return self._patterns.match(topic)

    def put(self, delivery: Delivery) -> None:
        """Queue one message for the subscriber."""
        self._queue.put_nowait(delivery)

    def end(self) -> None:
        """Let the subscriber read what is queued, then stop its iteration."""
        self._queue.put_nowait(None)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Delivery:
        if self._ended or (delivery := await self._queue.get()) is None:
            self._ended = True
            raise StopAsyncIteration
        return delivery


class Subscriptions:
    """Dispatches arriving messages to all subscribers that want them.

    A persistent session brings messages before anyone in this process has subscribed. They are held (up to
    `hold_limit`, oldest dropped first) for the first subscriber that wants them.
    """

    def __init__(self, *, hold_limit: int) -> None:
        self._open: list[Subscription] = []
        self._held: deque[Delivery] = deque()
        self._hold_limit = hold_limit
        self._released: set[str] = set()

    @property
    def patterns(self) -> list[str]:
        """Every pattern someone is subscribed to, once."""
        return list(dict.fromkeys(pattern for one in self._open for pattern in one.patterns))

    def open(self, patterns: Iterable[str]) -> Subscription:
        """Add a subscriber.

        Raises:
            InputError: a pattern is malformed.
        """
        subscription = Subscription(tuple(patterns))
        for pattern in subscription.patterns:
            check_pattern(pattern)
        self._open.append(subscription)
        self._released.difference_update(subscription.patterns)
        waiting, self._held = self._held, deque()
        for delivery in waiting:
            (subscription.put if subscription.wants(delivery.topic) else self._held.append)(delivery)
        return subscription

    def close(self, subscription: Subscription) -> list[str]:
        """Remove a subscriber; returns its patterns that nobody wants any more."""
        self._open.remove(subscription)
        still = set(self.patterns)
        unwanted = [pattern for pattern in subscription.patterns if pattern not in still]
        self._released.update(unwanted)
        return unwanted

    def dispatch(self, delivery: Delivery) -> None:
        """Give one message to every subscriber that wants it."""
        wanted = False
        for subscription in self._open:
            if subscription.wants(delivery.topic):
                subscription.put(delivery)
                wanted = True
        if wanted or any(matches(pattern, delivery.topic) for pattern in self._released):
            return
        self._held.append(delivery)
        if len(self._held) > self._hold_limit:
            dropped = self._held.popleft()
            logger.warning("Nobody subscribed to %s in time; its message is dropped.", shorten(dropped.topic))

    def end_all(self) -> None:
        """End every subscriber's iteration; the bus is closing."""
        for subscription in self._open:
            subscription.end()
