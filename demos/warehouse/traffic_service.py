"""The hall's traffic service: it hears from the coordinator what is out of use and who is to stand, and leads the robots so.

Fleets share such a layer of their map: a coordinator announces a zone as blocked, as with the zone sets of VDA 5050, and whatever
plans ways keeps out of it; and it has vehicles pause on their way without losing their order, as with `startPause`. Here one
retained message tells all of it, so that a service that starts later knows it too.
"""

from __future__ import annotations

import asyncio
import logging

from demos.warehouse.floor import FloorPlan
from demos.warehouse.traffic import Traffic
from protocol.errors import MessageError, OperatorError
from protocol.messages import TrafficNotice, decode
from protocol.topics import Topics
from transport.ports import Delivery, MessageBus

logger = logging.getLogger(__name__)

_RETRY_SECONDS = 1.0


class TrafficService:
    """Keeps the ways of a hall's robots out of what was announced, and has robots stand.

    Args:
        plan: the hall.
        traffic: finds the ways.
        topics: of the site.
    """

    def __init__(self, plan: FloorPlan, traffic: Traffic, topics: Topics) -> None:
        self._traffic = traffic
        self._topic = topics.traffic
        self._epoch = 0
        self._parts = {name.casefold(): lanes[0].part for name, lanes in plan.parts.items()}

    async def serve(self, bus: MessageBus) -> None:
        """Take in what is announced, until cancelled."""
        while True:
            try:
                async with bus.subscribe(self._topic) as deliveries:
                    async for delivery in deliveries:
                        self.take(delivery)
            except OperatorError as error:
                logger.warning("The traffic service hears nothing: %s", error)
            await asyncio.sleep(_RETRY_SECONDS)

    def take(self, delivery: Delivery) -> None:
        """Take in one announcement, which replaces the one before; one that cannot be read changes nothing."""
        try:
            message = decode(TrafficNotice, delivery.payload, source=delivery.topic)
        except MessageError as error:
            logger.warning("%s", error)
            return
        if message.epoch < self._epoch:
            return
        self._epoch = message.epoch
        named = (self._parts.get(one.name.casefold()) for one in message.closed)
        # A shelf or a station that is out of use closes no lane: nobody is sent there, and the others drive past.
        self._traffic.standing = set(message.standing)
        self._traffic.out_of_use = {part for part in named if part is not None}
