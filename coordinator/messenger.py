"""Sends messages to devices, again and again until the broker took them."""

from __future__ import annotations

import logging
import math
import uuid

from protocol.clock import Clock
from protocol.errors import OperatorError
from protocol.messages import Control, ControlCommand, Message, Subtask, encode
from protocol.topics import Channel, Topics
from transport.ports import MessageBus

logger = logging.getLogger(__name__)

_RETRY_SECONDS = 1.0


class Messenger:
    """Speaks to devices on behalf of one start of the coordinator.

    Args:
        bus: carries the messages.
        topics: of the site.
        clock: time.
        epoch: of this coordinator's start.
    """

    def __init__(self, bus: MessageBus, topics: Topics, clock: Clock, *, epoch: int) -> None:
        self.epoch = epoch
        self._bus = bus
        self._topics = topics
        self._clock = clock

    @property
    def is_connected(self) -> bool:
        """Whether the broker can be reached."""
        return self._bus.is_connected

    async def send(self, subtask: Subtask) -> None:
        """Hand a subtask to its device; it is void after its time-out. Whoever calls this bounds the time."""
        await self._publish(
            subtask.device_id, Channel.SUBTASK, subtask, subtask.subtask_id, subtask.timeout_seconds
        )

    async def tell(
        self,
        device_id: str,
        command: ControlCommand,
        *,
        expiry_seconds: float,
        subtask_id: str | None = None,
        approval_id: str | None = None,
        by: str | None = None,
    ) -> None:
        """Tell a device something besides work. Whoever calls this bounds the time.

        Args:
            device_id: whom.
            command: what.
            expiry_seconds: when the broker drops it if the device is away until then.
            subtask_id: what it is about; None for whatever the device is at.
            approval_id: the question that is answered, with `approve` and `deny`.
            by: the person behind it.
        """
        control = Control(
            control_id=uuid.uuid4().hex,
            device_id=device_id,
            command=command,
            epoch=self.epoch,
            subtask_id=subtask_id,
            approval_id=approval_id,
            by=by,
        )
        await self._publish(device_id, Channel.CONTROL, control, control.control_id, expiry_seconds)

    async def _publish(
        self, device_id: str, channel: Channel, message: Message, identity: str, expiry_seconds: float
    ) -> None:
        while True:
            try:
                await self._bus.publish(
                    self._topics.device(device_id, channel),
                    encode(message),
                    expiry_seconds=max(1, math.ceil(expiry_seconds)),
                    response_topic=self._topics.device(device_id, Channel.REPORT),
                    correlation_data=identity.encode(),
                )
            except OperatorError as error:
                logger.warning("%s could not be told: %s", device_id, error)
                await self._clock.sleep(_RETRY_SECONDS)
            else:
                return
