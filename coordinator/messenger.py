"""Sends messages to devices, again and again until the broker took them."""

from __future__ import annotations

import asyncio
import logging
import math
import uuid
from collections import deque
from collections.abc import Callable
from functools import partial

from coordinator.ledger.ledger import Ledger
from coordinator.tracing import GoalTracer
from protocol.clock import Clock
from protocol.errors import OperatorError
from protocol.messages import Control, ControlCommand, Message, Subtask, encode
from protocol.topics import Channel, Topics
from transport.clock import within
from transport.ports import MessageBus

logger = logging.getLogger(__name__)

_RETRY_SECONDS = 1.0
# How many messages are under way to the broker at once; the rest wait here.
_SENDERS = 64
# A device chooses when its question expires; the wire's number has an end.
_LONGEST_EXPIRY_SECONDS = 7 * 24 * 3600


class Letter:
    """One message on its way to a device: `cancel` keeps it from being sent, where that is still possible.

    `position` is how far the ledger was written when it was decided on: that has to be on disk before it leaves.
    """

    __slots__ = (
        "channel",
        "device_id",
        "expiry_seconds",
        "identity",
        "is_wanted",
        "message",
        "on_sent",
        "position",
        "sender",
        "until",
    )

    def __init__(  # noqa: PLR0917 - one row of an outbox
        self,
        device_id: str,
        channel: Channel,
        message: Message,
        identity: str,
        expiry_seconds: float,
        until: float,
        position: int,
        on_sent: Callable[[], None] | None = None,
    ) -> None:
        self.device_id = device_id
        self.channel = channel
        self.message = message
        self.identity = identity
        self.expiry_seconds = expiry_seconds
        self.until = until
        self.position = position
        self.on_sent = on_sent
        self.is_wanted = True
        self.sender: asyncio.Task[None] | None = None

    def cancel(self) -> None:
        """Do not send it, or not again."""
        self.is_wanted = False
        if self.sender is not None:
            self.sender.cancel()

    def sent(self) -> None:
        """The broker has taken it."""
        if self.is_wanted and self.on_sent is not None:
            self.on_sent()
        self.is_wanted = False


class Messenger:
    """Speaks to devices on behalf of one start of the coordinator.

    Args:
        bus: carries the messages.
        topics: of the site.
        ledger: nothing is sent before what it was sent for is on disk.
        clock: time.
        epoch: of this coordinator's start.
        tracer: knows which trace a subtask belongs to.
    """

    def __init__(
        self,
        bus: MessageBus,
        topics: Topics,
        ledger: Ledger,
        clock: Clock,
        tracer: GoalTracer,
        *,
        epoch: int,
    ) -> None:
        self.epoch = epoch
        self._tracer = tracer
        self._ledger = ledger
        self._bus = bus
        self._topics = topics
        self._clock = clock
        self._newest: dict[str, asyncio.Task[None]] = {}
        self._orders: set[asyncio.Task[None]] = set()
        self._letters: deque[Letter] = deque()
        self._senders: set[asyncio.Task[None]] = set()

    @property
    def is_connected(self) -> bool:
        """Whether the broker can be reached."""
        return self._bus.is_connected

    @property
    def waiting(self) -> int:
        """How many messages wait for the broker."""
        return len(self._letters) + len(self._senders) + len(self._orders)

    def post(self, subtask: Subtask, *, until: float, on_sent: Callable[[], None]) -> Letter:
        """Have a subtask handed to its device, without waiting; it is void after its time-out.

        Args:
            subtask: the order.
            until: monotonic time after which it is not to be sent any more.
            on_sent: called when the broker has taken it.
        """
        left = subtask.issued_at + subtask.timeout_seconds - self._clock.now()
        return self._put(
            Letter(
                subtask.device_id,
                Channel.SUBTASK,
                subtask,
                subtask.subtask_id,
                left,
                until,
                self._ledger.position,
                on_sent,
            )
        )

    def poll(self, device_id: str, subtask_id: str, *, expiry_seconds: float) -> Letter:
        """Ask a device how a subtask stands, without waiting."""
        control = self._control(device_id, ControlCommand.POLL, subtask_id=subtask_id)
        until = self._clock.monotonic() + expiry_seconds
        return self._put(
            Letter(
                device_id,
                Channel.CONTROL,
                control,
                control.control_id,
                expiry_seconds,
                until,
                self._ledger.position,
            )
        )

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
            self._deliver(control, before, expiry_seconds, self._ledger.position),
            name=f"{command} {device_id}",
        )
        self._newest[device_id] = task
        self._orders.add(task)
        task.add_done_callback(partial(self._forget, device_id))

    async def close(self) -> None:
        """Give up what the broker has not taken."""
        self._letters.clear()
        waiting = (*self._orders, *self._senders)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    def _put(self, letter: Letter) -> Letter:
        self._letters.append(letter)
        self._have_sent()
        return letter

    def _have_sent(self) -> None:
        if self._letters and len(self._senders) < _SENDERS:
            sender = asyncio.create_task(self._send_letters())
            self._senders.add(sender)
            sender.add_done_callback(self._note_sender_end)

    def _note_sender_end(self, sender: asyncio.Task[None]) -> None:
        self._senders.discard(sender)
        if not sender.cancelled() and (error := sender.exception()) is not None:
            logger.error("A message could not be sent.", exc_info=error)
        self._have_sent()

    async def _send_letters(self) -> None:
        """Send letter after letter until there is none left."""
        while self._letters:
            letter = self._letters.popleft()
            if not letter.is_wanted:
                continue
            letter.sender = asyncio.current_task()
            try:
                is_sent = await self._send(letter)
            finally:
                letter.sender = None
            if is_sent:
                letter.sent()

    async def _send(self, letter: Letter) -> bool:
        return letter.until > self._clock.monotonic() and await self._publish(
            letter.device_id,
            letter.channel,
            letter.message,
            letter.identity,
            letter.expiry_seconds,
            position=letter.position,
            until=letter.until,
        )

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
        self, control: Control, before: asyncio.Task[None] | None, expiry_seconds: float, position: int
    ) -> None:
        async def deliver() -> None:
            if before is not None:
                await asyncio.wait({before})
            await self._publish(
                control.device_id,
                Channel.CONTROL,
                control,
                control.control_id,
                expiry_seconds,
                position=position,
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
        self,
        device_id: str,
        channel: Channel,
        message: Message,
        identity: str,
        expiry_seconds: float,
        *,
        position: int,
        until: float = math.inf,
    ) -> bool:
        """Publish a message, again and again until the broker took it or time is up; returns whether it took it."""
        await self._ledger.durable(position)
        payload = encode(message)
        while True:
            try:
                await self._bus.publish(
                    self._topics.device(device_id, channel),
                    payload,
                    expiry_seconds=math.ceil(min(max(expiry_seconds, 1), _LONGEST_EXPIRY_SECONDS)),
                    response_topic=self._topics.device(device_id, Channel.REPORT),
                    correlation_data=identity.encode(),
                    user_properties=self._tracer.properties_of(identity),
                )
            except OperatorError as error:
                logger.warning("%s could not be told: %s", device_id, error)
                if self._clock.monotonic() + _RETRY_SECONDS >= until:
                    return False
                await self._clock.sleep(_RETRY_SECONDS)
            else:
                return True
