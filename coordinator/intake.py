"""Takes in what arrives on the bus: checks it, and tells the room what it means. One bad message changes nothing."""

from __future__ import annotations

import logging
from typing import Protocol

from coordinator.dispatch import Dispatcher
from coordinator.emergency import EmergencySwitch
from coordinator.enrolment import Enrolment
from coordinator.ledger.events import EventKind
from coordinator.ledger.ledger import Ledger
from coordinator.registry import Change, Registry
from protocol.errors import MessageError, ParleyError
from protocol.log_fields import logging_about
from protocol.messages import (
    Attributes,
    CoordinatorPresence,
    EnrolmentReply,
    EnrolmentRequest,
    M,
    Presence,
    PresenceStatus,
    Profile,
    Report,
    decode,
    encode,
)
from protocol.text import clean_sentence
from protocol.topics import Channel, DeviceTopic, Topics
from transport.ports import Delivery

logger = logging.getLogger(__name__)

_PROBLEM_LIMIT = 1000


class Mail(Protocol):
    """What the intake may cause to be sent. Neither call waits."""

    def announce(self) -> None:
        """Say again who owns the site."""
        ...

    def reply(self, topic: str, payload: bytes) -> None:
        """Send an answer."""
        ...


class Intake:
    """Reads messages from devices and from other coordinators.

    Args:
        topics: of the site.
        epoch: of this coordinator's start.
        registry: learns of presence and profiles.
        dispatcher: learns of reports.
        enrolment: decides who joins.
        switch: learns of the emergency stop.
        ledger: where refusals and problems are written down.
        mail: for answers.
    """

    def __init__(
        self,
        *,
        topics: Topics,
        epoch: int,
        registry: Registry,
        dispatcher: Dispatcher,
        enrolment: Enrolment,
        switch: EmergencySwitch,
        ledger: Ledger,
        mail: Mail,
    ) -> None:
        self.displaced_by: int | None = None
        self._topics = topics
        self._epoch = epoch
        self._registry = registry
        self._dispatcher = dispatcher
        self._enrolment = enrolment
        self._switch = switch
        self._ledger = ledger
        self._mail = mail
        self._problems = 0
        self._replaced: set[tuple[str, int]] = set()

    @property
    def patterns(self) -> tuple[str, ...]:
        """What has to be subscribed to."""
        return (
            self._topics.device("+", Channel.PRESENCE),
            self._topics.device("+", Channel.PROFILE),
            self._topics.device("+", Channel.ATTRIBUTES),
            self._topics.device("+", Channel.REPORT),
            self._topics.enrol("+", Channel.ENROL_REQUEST),
            self._topics.coordinator_presence,
            self._topics.emergency_stop,
        )

    def take(self, delivery: Delivery) -> None:
        """Take in one message; whatever it holds, the site goes on."""
        try:
            self._dispatch(delivery)
        except ParleyError as error:
            self._note_problem(delivery.topic, str(error))
        except Exception:  # one message that nobody foresaw must not stop the site
            logger.exception("A message on %s could not be handled.", clean_sentence(delivery.topic))

    def _dispatch(self, delivery: Delivery) -> None:
        if delivery.topic == self._topics.coordinator_presence:
            self._take_coordinator(decode(CoordinatorPresence, delivery.payload, source=delivery.topic))
            return
        if delivery.topic == self._topics.emergency_stop:
            self._switch.take(delivery)
            return
        if not delivery.payload:
            # An empty retained message clears a topic; there is nothing in it to read.
            return
        address = self._topics.parse(delivery.topic)
        with logging_about(device_id=address.device_id):
            self._take_of_device(address, delivery)

    def _take_of_device(self, address: DeviceTopic, delivery: Delivery) -> None:
        match address.channel:
            case Channel.PRESENCE:
                presence = self._decode(Presence, delivery, address.device_id)
                self._take_presence(presence)
            case Channel.PROFILE:
                self._take_profile(self._decode(Profile, delivery, address.device_id))
            case Channel.ATTRIBUTES:
                # Telemetry: not written down. A standing goal's judgement of it is.
                self._registry.take_attributes(self._decode(Attributes, delivery, address.device_id))
            case Channel.REPORT:
                self._take_report(self._decode(Report, delivery, address.device_id))
            case _:
                self._take_enrolment(self._decode(EnrolmentRequest, delivery, address.device_id))

    def _decode(self, kind: type[M], delivery: Delivery, device_id: str) -> M:
        message = decode(kind, delivery.payload, source=delivery.topic)
        named = getattr(message, "device_id", None)
        if named != device_id:
            raise MessageError("device_id", named, f"{device_id}, as in the topic", source=delivery.topic)
        return message

    def _take_coordinator(self, presence: CoordinatorPresence) -> None:
        if presence.epoch > self._epoch and presence.status is PresenceStatus.ONLINE:
            self.displaced_by = presence.epoch
            self._note_problem(
                self._topics.coordinator_presence,
                f"Another coordinator (epoch {presence.epoch}) has taken over this site.",
            )
        elif presence.epoch == self._epoch and presence.status is PresenceStatus.LOST:
            # The broker took a broken connection for a death.
            self._mail.announce()

    def _take_presence(self, presence: Presence) -> None:
        change = self._registry.take_presence(presence)
        if change is Change.NOTHING:
            self._note_if_replaced(presence)
            return
        self._note_device(presence.device_id, presence.status.value)
        self._dispatcher.take_change(presence.device_id, change)

    def _note_if_replaced(self, presence: Presence) -> None:
        """Say, once for each, that an agent is not listened to because a newer one has its name."""
        device = self._registry.get(presence.device_id)
        about = (presence.device_id, presence.session)
        if (
            device is None
            or presence.session >= device.session
            or presence.status is not PresenceStatus.ONLINE
        ):
            return
        if about in self._replaced:
            return
        if len(self._replaced) >= _PROBLEM_LIMIT:
            self._replaced.clear()
        self._replaced.add(about)
        raise MessageError(
            "session",
            presence.session,
            f"{device.session} or more, which {presence.device_id} has come to",
            source=self._topics.device(presence.device_id, Channel.PRESENCE),
            remedy="If two agents run under this name, stop one or give it another --device-id.",
        )

    def _take_profile(self, profile: Profile) -> None:
        device = self._registry.get(profile.device_id)
        if device is not None and device.profile == profile:
            return
        self._registry.take_profile(profile)
        self._note_device(profile.device_id, "introduced")

    def _take_report(self, report: Report) -> None:
        device = self._registry.get(report.device_id)
        if device is None or not device.is_enrolled:
            raise MessageError("device_id", report.device_id, "a device that is enrolled here")
        self._dispatcher.take_report(report)

    def _take_enrolment(self, request: EnrolmentRequest) -> None:
        decision = self._enrolment.decide(request)
        if decision.accepted:
            self._registry.enrol(request.profile)
        data = {
            "device_id": request.device_id,
            "accepted": decision.accepted,
            "sentence": decision.sentence,
        }
        if decision.accepted or self._may_note():
            self._ledger.append(EventKind.ENROLMENT, data)
            logger.info("%s", decision.sentence)
        reply = EnrolmentReply(
            request_id=request.request_id,
            device_id=request.device_id,
            accepted=decision.accepted,
            sentence=decision.sentence,
            error_code=decision.error_code,
        )
        # Always to the device's own topic: a response topic chosen by the sender could point anywhere.
        self._mail.reply(self._topics.enrol(request.device_id, Channel.ENROL_REPLY), encode(reply))

    def _note_device(self, device_id: str, status: str) -> None:
        device = self._registry.get(device_id)
        is_available = device is not None and device.is_available
        self._ledger.append(
            EventKind.DEVICE, {"device_id": device_id, "status": status, "is_available": is_available}
        )

    def _note_problem(self, topic: str, sentence: str) -> None:
        """Write a problem down."""
        if not self._may_note():
            return
        data = {"topic": clean_sentence(topic, limit=200), "sentence": clean_sentence(sentence)}
        self._ledger.append(EventKind.PROBLEM, data)
        logger.warning("%s", data["sentence"])

    def _may_note(self) -> bool:
        """Count a problem or a refusal; a flood of them must fill neither the disk nor the log."""
        self._problems += 1
        if self._problems == _PROBLEM_LIMIT + 1:
            logger.error(
                "%d problems were recorded since the start; further ones are not. See who sends them, then restart.",
                _PROBLEM_LIMIT,
            )
        return self._problems <= _PROBLEM_LIMIT
