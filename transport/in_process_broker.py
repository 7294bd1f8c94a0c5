"""A broker inside this process, with seeded faults: what mosquitto is to `MqttBus`, for tests and simulation."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from protocol.clock import Clock
from transport.clock import SystemClock
from transport.faults import Faults
from transport.patterns import matches
from transport.ports import NO_PROPERTIES, Delivery, Will

logger = logging.getLogger(__name__)
BACKLOG_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Letter:
    """One published message as the broker keeps it. `expires_at` is the clock's monotonic time."""

    topic: str
    payload: bytes
    retain: bool = False
    expires_at: float | None = None
    response_topic: str | None = None
    correlation_data: bytes | None = None
    user_properties: Mapping[str, str] = field(default_factory=lambda: NO_PROPERTIES, hash=False)


class Client(Protocol):
    """What the broker needs of a connected bus."""

    @property
    def client_id(self) -> str:
        """The name of its session."""
        ...

    @property
    def will(self) -> Will | None:
        """What to publish, retained, when it dies."""
        ...

    @property
    def session_expiry_seconds(self) -> int:
        """How long its session outlives the connection."""
        ...

    @property
    def patterns(self) -> Iterable[str]:
        """What it is subscribed to."""
        ...

    def receive(self, delivery: Delivery) -> None:
        """Take one message."""
        ...

    def taken_over(self) -> None:
        """Another client connected with the same client id."""
        ...


@dataclass
class _Session:
    patterns: set[str] = field(default_factory=set)
    client: Client | None = None
    ends_at: float | None = None
    backlog: deque[Letter] = field(default_factory=lambda: deque(maxlen=BACKLOG_LIMIT))
    on_the_way: dict[asyncio.Task[None], Letter] = field(default_factory=dict)


class InProcessBroker:
    """Retained messages, wills, persistent sessions and message expiry, as MQTT 5 has them.

    Args:
        clock: time for faults and expiry.
        faults: what goes wrong on the way to subscribers; may be replaced at any time.
        seed: the same seed and the same calls give the same faults.
    """

    def __init__(self, *, clock: Clock | None = None, faults: Faults | None = None, seed: int = 0) -> None:
        self.faults = faults or Faults()
        self.starts = 1
        """How often the broker was started, counted from its making."""
        self.running = asyncio.Event()
        self.running.set()
        self._clock = clock or SystemClock()
        self._random = Random(seed)  # noqa: S311 - repeatable faults, not a secret
        self._sessions: dict[str, _Session] = {}
        self._retained: dict[str, Letter] = {}
        self._absent: list[Client] = []

    def stop(self, *, forget: bool = False) -> None:
        """Go away as a restarting broker does: connections break, sessions and retained messages are kept.

        Args:
            forget: keep nothing, as a broker without persistence does.
        """
        self.running.clear()
        for session in self._sessions.values():
            if session.client is not None:
                self._absent.append(session.client)
                self._part(session)
        if forget:
            self._sessions.clear()
            self._retained.clear()

    def start(self) -> None:
        """Come back; every client that was connected reconnects and renews its subscriptions."""
        self.starts += 1
        self.running.set()
        returning, self._absent = self._absent, []
        for client in returning:
            self.attach(client)

    def attach(self, client: Client) -> None:
        """Connect a client: resume its session if it has one, renew its subscriptions, deliver what waited."""
        session = self._sessions.get(client.client_id)
        if session is not None and session.client is not None:
            session.client.taken_over()
            self.detach(session.client, gracefully=False)
            session = self._sessions.get(client.client_id)
        if session is None or self._is_over(session) or client.session_expiry_seconds == 0:
            session = _Session()
            self._sessions[client.client_id] = session
        session.client = client
        waiting = list(session.backlog)
        session.backlog.clear()
        for letter in waiting:
            self._transmit(session, letter, retained=False)
        self.subscribe(client, client.patterns)

    def detach(self, client: Client, *, gracefully: bool) -> None:
        """Disconnect a client; without grace its will is published."""
        if client in self._absent:
            self._absent.remove(client)
        session = self._sessions.get(client.client_id)
        if session is None or session.client is not client:
            return
        self._part(session)
        if session.ends_at is None:
            del self._sessions[client.client_id]
        if not gracefully and client.will is not None:
            self.publish(Letter(client.will.topic, client.will.payload, retain=True))

    def subscribe(self, client: Client, patterns: Iterable[str]) -> None:
        """Add to a connected client's subscriptions; retained messages follow at once."""
        session = self._sessions[client.client_id]
        wanted = set(patterns)
        session.patterns |= wanted
        for letter in list(self._retained.values()):
            if any(matches(pattern, letter.topic) for pattern in wanted):
                self._transmit(session, letter, retained=True)

    def unsubscribe(self, client: Client, patterns: Iterable[str]) -> None:
        """Remove from a connected client's subscriptions."""
        session = self._sessions.get(client.client_id)
        if session is not None and session.client is client:
            session.patterns -= set(patterns)

    def publish(self, letter: Letter) -> None:
        """Keep the message if it is to be retained (an empty one clears its topic), and send it on its way."""
        if letter.retain:
            self._retained.pop(letter.topic, None)
            if letter.payload:
                self._retained[letter.topic] = letter
        for session in list(self._sessions.values()):
            if any(matches(pattern, letter.topic) for pattern in session.patterns):
                self._transmit(session, letter, retained=False)

    def _transmit(self, session: _Session, letter: Letter, *, retained: bool) -> None:
        if self._is_over(session) or self._has_expired(letter):
            return
        if session.client is None:
            session.backlog.append(letter)
            return
        for seconds in self.faults.arrivals(self._random):
            if seconds <= 0:
                self._arrive(session, letter, retained=retained)
                continue
            task = asyncio.ensure_future(self._arrive_later(session, letter, seconds, retained=retained))
            session.on_the_way[task] = letter
            task.add_done_callback(lambda done: session.on_the_way.pop(done, None))

    async def _arrive_later(
        self, session: _Session, letter: Letter, seconds: float, *, retained: bool
    ) -> None:
        await self._clock.sleep(seconds)
        self._arrive(session, letter, retained=retained)

    def _arrive(self, session: _Session, letter: Letter, *, retained: bool) -> None:
        if session.client is None or self._has_expired(letter):
            return
        session.client.receive(
            Delivery(
                letter.topic,
                letter.payload,
                retained,
                letter.response_topic,
                letter.correlation_data,
                letter.user_properties,
            )
        )

    def _part(self, session: _Session) -> None:
        """Break a session's connection; what was on its way is repeated to a persistent session that returns."""
        client, session.client = session.client, None
        keep_seconds = client.session_expiry_seconds if client is not None else 0
        session.ends_at = self._clock.monotonic() + keep_seconds if keep_seconds else None
        for task, letter in list(session.on_the_way.items()):
            task.cancel()
            if keep_seconds and letter not in session.backlog:
                session.backlog.append(letter)
        session.on_the_way.clear()

    def _is_over(self, session: _Session) -> bool:
        if session.client is not None:
            return False
        return session.ends_at is None or self._clock.monotonic() >= session.ends_at

    def _has_expired(self, letter: Letter) -> bool:
        return letter.expires_at is not None and self._clock.monotonic() >= letter.expires_at
