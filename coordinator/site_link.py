"""The coordinator's connection to its site: opens the bus, takes in what arrives, and says who owns the site."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from coordinator.emergency import EmergencySwitch
from coordinator.intake import Intake
from coordinator.ledger.ledger import Ledger
from protocol.clock import Clock
from protocol.errors import OperatorError
from protocol.messages import CoordinatorPresence, PresenceStatus, encode
from protocol.topics import Topics
from transport.clock import within
from transport.ports import MessageBus, Will

logger = logging.getLogger(__name__)

_WATCH_SECONDS = 0.5
_TOLD_SECONDS = 2.0
_REMIND_SECONDS = 2.0
_RESUBSCRIBE_SECONDS = 5.0


class Bus(MessageBus, AbstractAsyncContextManager[Any], Protocol):
    """A message bus that the coordinator opens and closes itself."""


def own_presence(epoch: int, status: PresenceStatus, at: float) -> bytes:
    """Return the retained message that says which coordinator owns a site."""
    return encode(CoordinatorPresence(epoch=epoch, status=status, at=at))


def coordinator_will(topics: Topics, epoch: int, at: float) -> Will:
    """Return the last will that a coordinator's bus is to be made with."""
    return Will(topics.coordinator_presence, own_presence(epoch, PresenceStatus.LOST, at))


class SiteLink:
    """Holds the bus. Is the intake's way to answer.

    Args:
        bus: not yet opened; made with `coordinator_will`.
        topics: of the site.
        epoch: of this coordinator's start.
        ledger: nothing is said before what it rests on is on disk.
        clock: time.
        switch: the emergency stop, which a broker may forget.
        spawn: runs work in the background.
        traffic: returns what the site is told of closed places and paused devices; None where there is nothing to tell.

    Attributes:
        problem: why nothing can be heard from the site; None while it can.
    """

    def __init__(
        self,
        bus: Bus,
        topics: Topics,
        ledger: Ledger,
        clock: Clock,
        switch: EmergencySwitch,
        *,
        epoch: int,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        traffic: Callable[[], bytes | None],
    ) -> None:
        self.problem: str | None = None
        self._bus = bus
        self._topics = topics
        self._ledger = ledger
        self._clock = clock
        self._switch = switch
        self._epoch = epoch
        self._spawn = spawn
        self._traffic = traffic
        self._unheard = 0
        self._heard = asyncio.Event()
        self._connected = asyncio.Event()

    @property
    def is_connected(self) -> bool:
        """Whether the broker can be reached."""
        return self._bus.is_connected

    async def connected_within(self, seconds: float) -> bool:
        """Wait for the broker; returns whether it was there in time."""
        if self._bus.is_connected:
            return True
        try:
            await within(self._clock, seconds, self._connected.wait())
        except TimeoutError:
            return False
        return True

    async def serve(self, intake: Intake) -> None:
        """Open the bus and take in what arrives, until cancelled."""
        try:
            async with self._bus:
                while not await self._listen(intake):
                    await self._clock.sleep(_RESUBSCRIBE_SECONDS)
        except OperatorError as error:
            self._note_problem(error)

    async def watch(self) -> None:
        """Tell the site who owns it after every (re)connection: a broker without persistence forgets it."""
        announced = 0
        remind_at = math.inf
        while True:
            if not self._bus.is_connected:
                self._connected.clear()
            elif self._bus.connections != announced:
                # Counted, because a broker may be away for less than the time between two looks.
                announced = self._bus.connections
                self._connected.set()
                self.announce()
                self.tell_traffic()
                remind_at = self._clock.monotonic() + _REMIND_SECONDS
            elif self._clock.monotonic() >= remind_at:
                # By now the broker has delivered what it kept. A stop that it forgot is not released by that.
                remind_at = math.inf
                if self._switch.is_engaged:
                    self._switch.publish()
            await self._clock.sleep(_WATCH_SECONDS)

    def announce(self) -> None:
        """Say, retained, that this coordinator owns the site."""
        payload = own_presence(self._epoch, PresenceStatus.ONLINE, self._clock.now())
        self._spawn(self._tell(self._topics.coordinator_presence, payload, retain=True))

    def tell_traffic(self) -> None:
        """Say, retained, which places are out of use and which devices are to stand where they are."""
        self._unheard += 1
        self._spawn(self._tell_traffic())

    async def traffic_told(self) -> bool:
        """Wait a little until the site was told; returns whether it was."""
        if not self.is_connected:
            return not self._unheard
        try:
            await within(self._clock, _TOLD_SECONDS, self._until_told())
        except TimeoutError:
            return False
        return True

    async def _until_told(self) -> None:
        while self._unheard:
            await self._heard.wait()

    def reply(self, topic: str, payload: bytes) -> None:
        """Send an answer without waiting for the broker."""
        self._spawn(self._tell(topic, payload))

    async def _listen(self, intake: Intake) -> bool:
        """Take in what arrives until the bus ends; returns whether it did, and was not merely unable to subscribe."""
        try:
            async with self._bus.subscribe(*intake.patterns) as deliveries:
                self.problem = None
                try:
                    async for delivery in deliveries:
                        intake.take(delivery)
                finally:
                    if intake.displaced_by is None:
                        await self._say_goodbye()
        except OperatorError as error:
            self._note_problem(error)
            return False
        return True

    def _note_problem(self, error: OperatorError) -> None:
        self.problem = str(error)
        logger.error("%s", error)

    async def _say_goodbye(self) -> None:
        if not self._bus.is_connected:
            return
        payload = own_presence(self._epoch, PresenceStatus.OFFLINE, self._clock.now())
        try:
            # In its own short time: leaving must not hang on a broker that has just gone.
            async with asyncio.timeout(2):
                await self._bus.publish(self._topics.coordinator_presence, payload, retain=True)
        except (OperatorError, TimeoutError) as error:
            logger.info("The site could not be told that its coordinator leaves: %s", error)

    async def _tell_traffic(self) -> None:
        try:
            await self._ledger.durable()
            # Read last, so that of two acts in a row the later one is what the site keeps.
            payload = self._traffic()
            if payload is not None:
                await self._bus.publish(self._topics.traffic, payload, retain=True)
            self._unheard = 0
            heard, self._heard = self._heard, asyncio.Event()
            heard.set()
        except OperatorError as error:
            logger.warning("The site's traffic could not be told what is out of use: %s", error)

    async def _tell(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        try:
            await self._ledger.durable()
            await self._bus.publish(topic, payload, retain=retain)
        except OperatorError as error:
            logger.warning("%s", error)
