"""The emergency stop of the site, as the coordinator sees it: anyone may engage it, also without the coordinator."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from coordinator.ledger.events import EventKind
from coordinator.ledger.ledger import Ledger
from coordinator.wording import date_and_time
from protocol.clock import Clock
from protocol.errors import ErrorCode, OperatorError
from protocol.messages import EmergencyStop, decode, encode
from protocol.topics import Topics
from transport.ports import Delivery, MessageBus

logger = logging.getLogger(__name__)

HOW_TO_RELEASE = "Release it with `parley release` or `DELETE /v1/estop`, then give the goal again."
_RETRY_SECONDS = 0.5


class EmergencySwitch:
    """Knows whether the stop is engaged, and publishes it retained.

    What the broker delivers is the truth, except while a message of our own is on its way there: that one comes later
    in the broker's order than whatever is delivered meanwhile.

    Args:
        bus: carries the message.
        topics: of the site.
        ledger: where it is written down; read back at the start, because a broker may forget.
        clock: time.
        on_engaged: called with the name of who engaged it.
    """

    def __init__(
        self,
        bus: MessageBus,
        topics: Topics,
        ledger: Ledger,
        clock: Clock,
        *,
        on_engaged: Callable[[str], None],
    ) -> None:
        self._bus = bus
        self._topic = topics.emergency_stop
        self._ledger = ledger
        self._clock = clock
        self._on_engaged = on_engaged
        self._publication: asyncio.Task[None] | None = None
        self._state: EmergencyStop | None = None
        for event in ledger.of_kind(EventKind.EMERGENCY_STOP, limit=1):
            self._state = EmergencyStop.model_validate(event.data)

    @property
    def state(self) -> EmergencyStop | None:
        """The last known message; None when there never was one."""
        return self._state

    @property
    def is_engaged(self) -> bool:
        """Whether every machine of the site is to be at rest."""
        return self._state is not None and self._state.engaged

    @property
    def sentence(self) -> str:
        """Say how it stands, for people."""
        if self._state is None:
            return "The emergency stop is not engaged."
        if not self._state.engaged:
            return f"The emergency stop was released by {self._state.by} at {date_and_time(self._state.at)}."
        return f"The emergency stop was engaged by {self._state.by} at {date_and_time(self._state.at)}."

    def switch(self, *, engaged: bool, by: str) -> asyncio.Task[None]:
        """Engage or release it here at once, and for the site as soon as the broker takes it.

        Returns:
            What ends when the broker has taken it.
        """
        message = EmergencyStop(engaged=engaged, by=by, at=self._clock.now())
        self._turn(message)
        return self.publish()

    def take(self, delivery: Delivery) -> None:
        """Take in what the site is told.

        Raises:
            MessageError: it cannot be read. An empty message, which clears the topic, releases nothing.
        """
        if self._publication is not None and not self._publication.done():
            return
        if not delivery.payload:
            if self.is_engaged:
                self.publish()
            return
        self._turn(decode(EmergencyStop, delivery.payload, source=delivery.topic))

    def publish(self) -> asyncio.Task[None]:
        """Publish the present state until the broker has taken it; replaces what was still on its way."""
        if self._publication is not None:
            self._publication.cancel()
        self._publication = asyncio.create_task(self._publish(), name="emergency stop")
        return self._publication

    async def close(self) -> None:
        """Stop publishing."""
        if self._publication is not None:
            self._publication.cancel()
            await asyncio.wait({self._publication})

    def _turn(self, message: EmergencyStop) -> None:
        was_engaged, is_first = self.is_engaged, self._state is None
        if was_engaged == message.engaged and not is_first:
            return
        self._state = message
        if is_first and not message.engaged:
            return
        self._ledger.append(EventKind.EMERGENCY_STOP, message.model_dump(mode="json"))
        logger.warning("%s", self.sentence)
        if message.engaged:
            self._on_engaged(message.by)

    async def _publish(self) -> None:
        while self._state is not None:
            try:
                await self._bus.publish(self._topic, encode(self._state), retain=True)
            except OperatorError as error:
                logger.warning("The site could not be told of the emergency stop: %s", error)
                await self._clock.sleep(_RETRY_SECONDS)
            else:
                return


def refusal(switch: EmergencySwitch) -> OperatorError:
    """Return the error with which something is refused while the stop is engaged."""
    return OperatorError(
        switch.sentence,
        code=ErrorCode.EMERGENCY_STOPPED,
        remedy="Release it first, with `parley release` or `DELETE /v1/estop`.",
    )
