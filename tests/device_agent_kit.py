"""A small device, a search that needs no encoder, and a site to watch one agent at work."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from device_agent.agent import DeviceAgent, client_id, lost_will
from device_agent.drivers.port import Driver
from device_agent.drivers.simulated import SimulatedDriver
from device_agent.events import AgentEvent
from device_agent.executor import APPROVAL_SECONDS
from device_agent.store import AgentStore
from firmware_api_specs.loader import load
from firmware_api_specs.thing_description import ThingDescription
from inference.ports import LanguageModel
from inference.words import split_words
from protocol.clock import Clock
from protocol.messages import (
    Control,
    ControlCommand,
    CoordinatorPresence,
    EnrolmentReply,
    EnrolmentRequest,
    PresenceStatus,
    Report,
    ReportStatus,
    Subtask,
    decode,
    encode,
)
from protocol.topics import Channel, Topics
from rag.api_index import Candidate, Chunk, Retrieval
from rag.experience import Experience
from transport.ports import Delivery, MessageBus, Will

SPECS = Path(__file__).parent.parent / "firmware_api_specs"
LAMP_FILE = SPECS / "examples" / "ceiling_lamp.td.json"
WAREHOUSE = sorted((SPECS / "warehouse").glob("*.td.json"))
DEVICE = "lamp-1"
PATIENCE_SECONDS = 60.0
"""Real seconds after which a test that waits in vain fails."""


def lamp(**changes: Any) -> ThingDescription:
    """The example lamp: A set brightness, B turn head (dangerous), C check presence, D switch off, E, F readings."""
    document = json.loads(LAMP_FILE.read_text(encoding="utf-8"))
    if changes.keys() & {"actions", "properties"}:
        # What is said of the lamp's own actions and properties goes with them.
        for term in ("parley:initialMode", "parley:modeProperty", "parley:watches"):
            del document[term]
    document.update(changes)
    return load(document)


def silent_lamp() -> ThingDescription:
    """The example lamp without a property for its mode and without watches: only programs call its machine."""
    document = lamp().document
    del document["parley:modeProperty"], document["parley:watches"]
    return load(document)


def lamp_that_turns() -> ThingDescription:
    """A silent lamp whose head turns at any time and without asking; turning it twice is not turning it once."""
    document = silent_lamp().document
    turn = document["actions"]["drehe_kopf"]
    del turn["parley:modesFrom"], turn["parley:onFailure"]
    turn["parley:danger"] = "none"
    return load(document)


class WordIndex:
    """Finds functions by shared words; needs neither encoder nor database."""

    def __init__(self) -> None:
        self.chunks: dict[str, tuple[Chunk, ...]] = {}
        self.error: Exception | None = None

    def build(self, device_id: str, content_hash: str, chunks: Sequence[Chunk]) -> bool:
        self.chunks[device_id] = tuple(chunks)
        return True

    def retrieve_clauses(self, device_id: str, sentence: str, k: int) -> Retrieval:
        if self.error is not None:
            raise self.error
        words = set(split_words(sentence))
        scored = [
            Candidate(chunk.key, 1.0 - 0.5 ** (1 + len(words & set(split_words(chunk.text)))), 0.0, 0.0)
            for chunk in self.chunks[device_id]
        ]
        found = tuple(sorted(scored, key=lambda candidate: -candidate.probability)[:k])
        return Retrieval(found, (found,))


class Watched:
    """The coordinator's end of the wire, and everything that anybody published."""

    def __init__(self, bus: MessageBus, site: str, clock: Clock) -> None:
        self.bus = bus
        self.topics = Topics(site)
        self.clock = clock
        self.epoch = 1
        self.accepts = True
        self.answers_enrolment = True
        self.deliveries: list[Delivery] = []
        self.enrolments: list[EnrolmentRequest] = []
        self._changed = asyncio.Condition()
        self._count = 0

    async def collect(self, stream: AsyncIterator[Delivery]) -> None:
        async for delivery in stream:
            self.deliveries.append(delivery)
            if delivery.topic.startswith(f"{self.topics.root}/enroll/") and delivery.topic.endswith(
                "request"
            ):
                await self._answer(decode(EnrolmentRequest, delivery.payload))
            async with self._changed:
                self._changed.notify_all()

    async def _answer(self, request: EnrolmentRequest) -> None:
        self.enrolments.append(request)
        if not self.answers_enrolment:
            return
        reply = EnrolmentReply(
            request_id=request.request_id,
            device_id=request.device_id,
            accepted=self.accepts,
            sentence="Welcome." if self.accepts else "No token was given.",
        )
        await self.bus.publish(self.topics.enrol(request.device_id, Channel.ENROL_REPLY), encode(reply))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until what was published makes `condition` true."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._changed:
            await self._changed.wait_for(condition)

    def payloads(self, channel: Channel, device_id: str = DEVICE) -> list[bytes]:
        topic = self.topics.device(device_id, channel)
        return [delivery.payload for delivery in self.deliveries if delivery.topic == topic]

    def reports(self, subtask_id: str | None = "") -> list[Report]:
        found = [decode(Report, payload) for payload in self.payloads(Channel.REPORT)]
        return [report for report in found if subtask_id in {"", report.subtask_id}]

    def text(self) -> str:
        """All payloads of the site as one text."""
        return "\n".join(delivery.payload.decode() for delivery in self.deliveries)

    async def report(self, subtask_id: str, status: ReportStatus | None = None, number: int = 1) -> Report:
        """Wait for the `number`th report of a subtask with this status, or with any final one."""

        def matching() -> list[Report]:
            return [
                report
                for report in self.reports(subtask_id)
                if (report.status is status if status else report.status.is_final)
            ]

        await self.until(lambda: len(matching()) >= number)
        return matching()[number - 1]

    def subtask(self, sentence: str, subtask_id: str = "s1", **changes: Any) -> Subtask:
        fields: dict[str, Any] = {
            "subtask_id": subtask_id,
            "goal_id": "g1",
            "device_id": DEVICE,
            "sentence": sentence,
            "epoch": self.epoch,
            "issued_at": self.clock.now(),
            "timeout_seconds": 600.0,
        }
        return Subtask(**(fields | changes))

    async def order(self, sentence: str, subtask_id: str = "s1", **changes: Any) -> None:
        await self.send(Channel.SUBTASK, encode(self.subtask(sentence, subtask_id, **changes)))

    async def control(
        self,
        command: ControlCommand,
        subtask_id: str | None = None,
        control_id: str = "c1",
        epoch: int | None = None,
        **decision: str,
    ) -> None:
        message = Control(
            control_id=control_id,
            device_id=DEVICE,
            command=command,
            epoch=self.epoch if epoch is None else epoch,
            subtask_id=subtask_id,
            **decision,
        )
        await self.send(Channel.CONTROL, encode(message))

    async def send(self, channel: Channel, payload: bytes) -> None:
        await self.bus.publish(self.topics.device(DEVICE, channel), payload)

    async def poll_answer(self, control_id: str, subtask_id: str | None = None) -> Report:
        await self.control(ControlCommand.POLL, subtask_id, control_id)

        def answers() -> list[Report]:
            return [report for report in self.reports() if report.in_reply_to == control_id]

        await self.until(lambda: bool(answers()))
        return answers()[0]

    async def announce_coordinator(self, epoch: int) -> None:
        self.epoch = epoch
        presence = CoordinatorPresence(epoch=epoch, status=PresenceStatus.ONLINE, at=self.clock.now())
        await self.bus.publish(self.topics.coordinator_presence, encode(presence), retain=True)


@asynccontextmanager
async def watching(bus: MessageBus, site: str, clock: Clock) -> AsyncIterator[Watched]:
    """Subscribe to the whole site."""
    watched = Watched(bus, site, clock)
    async with bus.subscribe(f"{watched.topics.root}/#") as stream:
        collecting = asyncio.create_task(watched.collect(stream))
        try:
            yield watched
        finally:
            collecting.cancel()
            await asyncio.wait({collecting})


class AgentUnderTest:
    """A running agent and what it told its observer."""

    def __init__(self, agent: DeviceAgent, task: asyncio.Task[None], events: list[AgentEvent]) -> None:
        self.agent = agent
        self.task = task
        self.events = events

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.wait({self.task})


@asynccontextmanager
async def agent_running(
    make_bus: Callable[[str, Will], Any],
    site: str,
    state: Path,
    model: LanguageModel,
    clock: Clock,
    *,
    driver: Driver | None = None,
    description: ThingDescription | None = None,
    index: Any = None,
    token: str | None = None,
    archive: Experience | None = None,
    approval_seconds: float = APPROVAL_SECONDS,
    attributes_seconds: float = 0.0,
    wait_until_enrolled: bool = True,
) -> AsyncIterator[AgentUnderTest]:
    """Run an agent as a composition root would. `make_bus` gets the client id and the will."""
    description = description or silent_lamp()
    events: list[AgentEvent] = []
    with AgentStore(state) as store:
        bus = make_bus(client_id(site, DEVICE), lost_will(site, DEVICE, store.session, clock))
        async with bus:
            agent = DeviceAgent(
                DEVICE,
                description,
                bus,
                driver or SimulatedDriver(description, clock),
                model,
                index or WordIndex(),
                store,
                archive=archive,
                approval_seconds=approval_seconds,
                attributes_seconds=attributes_seconds,
                clock=clock,
                site=site,
                token=token,
                on_event=events.append,
            )
            running = AgentUnderTest(agent, asyncio.create_task(agent.run()), events)
            try:
                if wait_until_enrolled:
                    enrolled = asyncio.create_task(agent.enrolled.wait())
                    async with asyncio.timeout(PATIENCE_SECONDS):
                        await asyncio.wait({running.task, enrolled}, return_when=asyncio.FIRST_COMPLETED)
                    if running.task.done():
                        running.task.result()
                yield running
            finally:
                await running.stop()
