"""Sends messages to devices, again and again until the broker took them."""

from __future__ import annotations

import asyncio
import logging
import math
import uuid
from functools import partial

from coordinator.ledger.ledger import Ledger
from protocol.clock import Clock
from protocol.errors import OperatorError
from protocol.messages import Control, ControlCommand, Message, Subtask, encode
from protocol.topics import Channel, Topics
from transport.clock import within
from transport.ports import MessageBus

logger = logging.getLogger(__name__)

_RETRY_SECONDS = 1.0
# A device chooses when its question expires; the wire's number has an end.
_LONGEST_EXPIRY_SECONDS = 7 * 24 * 3600


class Messenger:
    """Speaks to devices on behalf of one start of the coordinator.

    Args:
        bus: carries the messages.
        topics: of the site.
        ledger: nothing is sent before what it was sent for is on disk.
        clock: time.
        epoch: of this coordinator's start.
    """

    def __init__(
        self, bus: MessageBus, topics: Topics, ledger: Ledger, clock: Clock, *, epoch: int
    ) -> None:
        self.epoch = epoch
        self._ledger = ledger
        self._bus = bus
        self._topics = topics
        self._clock = clock
        self._newest: dict[str, asyncio.Task[None]] = {}
        self._orders: set[asyncio.Task[None]] = set()

    @property
    def is_connected(self) -> bool:
        """Whether the broker can be reached."""
        return self._bus.is_connected

    async def send(self, subtask: Subtask) -> None:
        """Hand a subtask to its device; it is void after its time-out. Whoever calls this bounds the time."""
        await self._publish(
            subtask.device_id, Channel.SUBTASK, subtask, subtask.subtask_id, subtask.timeout_seconds
        )

    async def poll(self, device_id: str, subtask_id: str, *, expiry_seconds: float) -> None:
        """Ask a device how a subtask stands. Whoever calls this bounds the time."""
        control = self._control(device_id, ControlCommand.POLL, subtask_id=subtask_id)
        await self._publish(device_id, Channel.CONTROL, control, control.control_id, expiry_seconds)

    def order(
        self,
        device_id: str,
        command: ControlCommand,
        *,
        by: str,
        expiry_seconds: float,
        subtask_id: str | None = None,
        approval_id: str | None = None,
    ) -> None:
        """Tell a device what a person wants, without waiting. A device gets its orders in the order of these calls.

        Args:
            device_id: whom.
            command: what.
            by: the person.
            expiry_seconds: how long it waits here for the broker, and then there for the device, before it is void.
            subtask_id: what it is about; None for whatever the device is at.
            approval_id: the question that is answered, with `approve` and `deny`.
        """
        control = self._control(device_id, command, subtask_id=subtask_id, approval_id=approval_id, by=by)
        before = self._newest.get(device_id)
        task = asyncio.create_task(
            self._deliver(control, before, expiry_seconds), name=f"{command} {device_id}"
        )
        self._newest[device_id] = task
        self._orders.add(task)
        task.add_done_callback(partial(self._forget, device_id))

    async def close(self) -> None:
        """Give up the orders that the broker has not taken."""
        waiting = tuple(self._orders)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    def _control(
        self,
        device_id: str,
        command: ControlCommand,
        *,
        subtask_id: str | None,
        approval_id: str | None = None,
        by: str | None = None,
    ) -> Control:
        return Control(
            control_id=uuid.uuid4().hex,
            device_id=device_id,
            command=command,
            epoch=self.epoch,
            subtask_id=subtask_id,
            approval_id=approval_id,
            by=by,
        )

    async def _deliver(
        self, control: Control, before: asyncio.Task[None] | None, expiry_seconds: float
    ) -> None:
        async def deliver() -> None:
            if before is not None:
                await asyncio.wait({before})
            await self._publish(
                control.device_id, Channel.CONTROL, control, control.control_id, expiry_seconds
            )

        try:
            await within(self._clock, expiry_seconds, deliver())
        except TimeoutError:
            logger.warning(
                "%s was not told to %s: the broker stayed away.", control.device_id, control.command
            )

    def _forget(self, device_id: str, task: asyncio.Task[None]) -> None:
        self._orders.discard(task)
        if self._newest.get(device_id) is task:
            del self._newest[device_id]

    async def _publish(
        self, device_id: str, channel: Channel, message: Message, identity: str, expiry_seconds: float
    ) -> None:
        await self._ledger.durable()
        while True:
            try:
                await self._bus.publish(
                    self._topics.device(device_id, channel),
                    encode(message),
                    expiry_seconds=math.ceil(min(max(expiry_seconds, 1), _LONGEST_EXPIRY_SECONDS)),
                    response_topic=self._topics.device(device_id, Channel.REPORT),
                    correlation_data=identity.encode(),
                )
            except OperatorError as error:
                logger.warning("%s could not be told: %s", device_id, error)
                await self._clock.sleep(_RETRY_SECONDS)
            else:
                return
