"""How an agent becomes and stays known at its site: presence, enrolment and profile."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import Counter
from typing import Any

from device_agent.reporter import Reporter
from device_agent.store import AgentStore
from protocol.clock import Clock
from protocol.errors import ErrorCode, OperatorError
from protocol.messages import (
    CoordinatorPresence,
    EnrolmentReply,
    EnrolmentRequest,
    Presence,
    PresenceStatus,
    Profile,
    encode,
)
from protocol.topics import Channel, Topics
from transport.ports import MessageBus

logger = logging.getLogger(__name__)

ENROLMENT_RETRY_SECONDS = 5.0
RECONNECT_LOOK_SECONDS = 1.0


class EnrolmentRefusedError(OperatorError):
    """The coordinator does not let this device join; the text says why."""

    default_code = ErrorCode.ENROLMENT_REFUSED


class Membership:
    """One device's place at its site.

    Args:
        profile: what the device says of itself.
        bus: open.
        reporter: publishes on the device's own channels.
        store: remembers the highest epoch of a coordinator, and counts the starts of this agent.
        topics: of the site.
        clock: for the time between two tries, and times in messages.
        counters: `stale_epoch` and `double` are counted here.
        token: the one-time token, where the site wants one.
    """

    def __init__(  # noqa: PLR0917 - its ports
        self,
        profile: Profile,
        bus: MessageBus,
        reporter: Reporter,
        store: AgentStore,
        topics: Topics,
        clock: Clock,
        counters: Counter[str],
        *,
        token: str | None,
    ) -> None:
        self.enrolled = asyncio.Event()
        """Set once a coordinator has accepted the device."""
        self.has_heard_site = asyncio.Event()
        """Set once all is heard that the broker keeps for the site, an emergency stop above all; no work begins before."""
        self._device_id = profile.device_id
        self._profile = profile
        self._bus = bus
        self._reporter = reporter
        self._store = store
        self._topics = topics
        self._clock = clock
        self._counters = counters
        self._token = token
        self._reply: asyncio.Future[EnrolmentReply] | None = None
        self._request_id = ""
        self._epoch_enrolled_at = -1
        self._ask_to_join = asyncio.Event()
        self._doubles: set[int] = set()
        self._began_at = clock.now()

    async def join(self) -> None:
        """Enrol, and again whenever a new coordinator takes over the site; does not end.

        Raises:
            EnrolmentRefusedError: the coordinator does not want this device.
        """
        while True:
            reply = await self._enrol()
            if not reply.accepted:
                raise EnrolmentRefusedError(
                    f"{self._device_id} may not join: {reply.sentence}",
                    remedy="Ask the site's operator for a token (`parley enroll`).",
                )
            await self._publish_profile()
            self.enrolled.set()
            logger.info("%s has joined: %s", self._device_id, reply.sentence)
            await self._ask_to_join.wait()

    async def stay_known(self, connections: int) -> None:
        """Introduce the device again after every reconnect: the broker has called it lost, or knows nothing any more.

        Args:
            connections: how many connections the bus had made when the device introduced itself last.
        """
        while True:
            await self._clock.sleep(RECONNECT_LOOK_SECONDS)
            now = self._bus.connections
            is_known = now == connections and self.has_heard_site.is_set()
            if is_known or not self._bus.is_connected:
                continue
            try:
                await self.publish_presence(PresenceStatus.ONLINE)
                if self.enrolled.is_set():
                    await self._reporter.publish(Channel.PROFILE, self._profile, retain=True)
            except OperatorError as error:
                logger.warning("%s could not say that it is back: %s", self._device_id, error)
            else:
                connections = now

    async def publish_presence(self, status: PresenceStatus) -> None:
        """Say whether the device's agent is there.

        Raises:
            OperatorError: the broker cannot be reached.
        """
        presence = Presence(
            device_id=self._device_id, session=self._store.session, status=status, at=self._clock.now()
        )
        await self._reporter.publish(Channel.PRESENCE, presence, retain=True)

    async def say_goodbye(self) -> None:
        """Say that the agent goes, if anyone can hear it."""
        try:
            await self.publish_presence(PresenceStatus.OFFLINE)
        except OperatorError as error:
            logger.warning("%s could not say goodbye: %s", self._device_id, error)

    # What is heard

    def hear_reply(self, reply: EnrolmentReply) -> None:
        """Take the answer to the enrolment that is under way; any other is ignored."""
        if self._reply is None or self._reply.done() or reply.request_id != self._request_id:
            return
        self._reply.set_result(reply)

    def meet_coordinator(self, presence: CoordinatorPresence) -> None:
        """Join again where a new coordinator has taken over."""
        if not self._store.see_epoch(presence.epoch):
            self._counters["stale_epoch"] += 1
        elif presence.status is PresenceStatus.ONLINE and presence.epoch > self._epoch_enrolled_at:
            self._ask_to_join.set()

    async def hear_presence(self, presence: Presence) -> None:
        """Correct what is said of this device, and notice another agent that speaks for it.

        Raises:
            OperatorError: the broker cannot be reached.
        """
        if presence.session == self._store.session and presence.status is PresenceStatus.LOST:
            # The broker published our will while the connection was away; we are back.
            await self.publish_presence(PresenceStatus.ONLINE)
        elif (
            presence.session != self._store.session
            and presence.status is PresenceStatus.ONLINE
            and presence.at >= self._began_at  # not an earlier start of ours, delivered late
        ):
            self._meet_double(presence.session)

    def hear_echo(self, presence: Presence) -> None:
        """Take note of our own presence: what the broker keeps comes before what is published later."""
        if presence.session == self._store.session and presence.status is PresenceStatus.ONLINE:
            self.has_heard_site.set()

    def _meet_double(self, session: int) -> None:
        """Say that someone else speaks for this device: the broker lets only one of two at a time stay connected."""
        self._counters["double"] += 1
        if session not in self._doubles:
            self._doubles = {session}
            logger.error(
                "device_id is %r, and another running agent has it too; allowed: one agent for each name. "
                "Stop one of them or start it with another --device-id.",
                self._device_id,
            )

    # Enrolment

    async def _enrol(self) -> EnrolmentReply:
        """Ask until someone answers: the coordinator may be started after its devices."""
        self._reply = asyncio.get_running_loop().create_future()
        self._request_id = uuid.uuid4().hex
        request = EnrolmentRequest(
            request_id=self._request_id,
            device_id=self._device_id,
            token=self._token,
            profile=self._profile,
        )
        while True:
            self._ask_to_join.clear()
            self._epoch_enrolled_at = self._store.epoch
            try:
                await self._bus.publish(
                    self._topics.enrol(self._device_id, Channel.ENROL_REQUEST),
                    encode(request),
                    expiry_seconds=round(ENROLMENT_RETRY_SECONDS),
                    response_topic=self._topics.enrol(self._device_id, Channel.ENROL_REPLY),
                )
            except OperatorError as error:
                logger.warning("%s could not ask to join: %s", self._device_id, error)
            patience = asyncio.ensure_future(self._clock.sleep(ENROLMENT_RETRY_SECONDS))
            again = asyncio.ensure_future(self._ask_to_join.wait())
            waiting: set[asyncio.Future[Any]] = {self._reply, patience, again}
            try:
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            finally:
                patience.cancel()
                again.cancel()
            if self._reply.done():
                return self._reply.result()

    async def _publish_profile(self) -> None:
        while True:
            try:
                await self._reporter.publish(Channel.PROFILE, self._profile, retain=True)
            except OperatorError as error:
                logger.warning("%s could not show its profile: %s", self._device_id, error)
                await self._clock.sleep(ENROLMENT_RETRY_SECONDS)
            else:
                return
