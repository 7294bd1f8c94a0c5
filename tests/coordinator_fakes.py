"""A coordinator on an in-process broker with scripted devices: what the coordinator's tests share."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from coordinator.coordinator import Coordinator, CoordinatorSettings, coordinator_will
from coordinator.exchange import WaitingTimes
from coordinator.goals import GoalView
from coordinator.ledger.database import DATABASE_NAME, LedgerAddress
from coordinator.ledger.ledger import Ledger, open_ledger
from coordinator.site import Site
from inference.ports import Encoder, LanguageModel
from inference.routing import Router
from inference.scripted_model import ScriptedModel
from protocol.clock import Clock
from protocol.errors import ErrorCode, MessageError
from protocol.messages import (
    Approval,
    Control,
    ControlCommand,
    CoordinatorPresence,
    EmergencyStop,
    EnrolmentReply,
    EnrolmentRequest,
    Finding,
    Presence,
    PresenceStatus,
    Profile,
    Report,
    ReportStatus,
    StateVisit,
    Subtask,
    decode,
    encode,
)
from protocol.topics import Channel, Topics
from transport.clock import FakeClock
from transport.in_process_broker import InProcessBroker
from transport.in_process_bus import InProcessBus
from transport.ports import Delivery, Will

CHECK_SHELVES = "each shelf / robot / move to shelf {shelf} and check it for vacant space"
GOAL = "Please help check if there are vacant spaces on the shelves."


@dataclass(frozen=True)
class Reaction:
    """What a fake device does with a subtask. Without a status it never reports an end.

    With `asks` it first wants to be allowed to.
    """

    status: ReportStatus | None = ReportStatus.COMPLETED
    sentence: str = "I did it."
    findings: tuple[Finding, ...] = ()
    error_code: ErrorCode | None = None
    model_calls: int = 1
    visits: tuple[StateVisit, ...] = ()
    is_repeatable: bool | None = None
    has_begun: bool | None = None
    asks: str | None = None
    seconds_to_answer: float = 120.0


def vacancy(present: bool) -> Reaction:
    """Report whether there is vacant space."""
    return Reaction(findings=(Finding(what="vacant space", present=present),))


SILENT = Reaction(status=None)
MAY_I = 'May the robot do this: "Lower fork"? It is marked as dangerous.'


def asking(reaction: Reaction | None = None, *, seconds: float = 120.0) -> Reaction:
    """Ask a person first."""
    return replace(reaction or Reaction(), asks=MAY_I, seconds_to_answer=seconds)


Behaviour = Callable[[str], Reaction]


class FakeDevice:
    """A device agent that does what a test says, over any bus."""

    def __init__(
        self,
        device_id: str,
        make_bus: Callable[[str, Will], Any],
        site: str,
        clock: Clock,
        behaviour: Behaviour = lambda _: Reaction(),
        *,
        kind: str = "robot",
        abilities: tuple[str, ...] = ("It can check a shelf for vacant space.",),
        token: str | None = None,
        session: int = 1,
        obeys: bool = True,
    ) -> None:
        self.device_id = device_id
        self.behaviour = behaviour
        self.received: list[Subtask] = []
        self.epochs: list[int] = []
        self.polls = 0
        self.controls: list[Control] = []
        self.stops: list[EmergencyStop] = []
        self.obeys = obeys
        self.standing: Report | None = None
        self._asked: dict[str, Reaction] = {}
        self.replies: list[EnrolmentReply] = []
        self.last: Report | None = None
        self.overlaps = 0
        self._open: str | None = None
        self._topics = Topics(site)
        self._clock = clock
        self._token = token
        self._epoch = -1
        self.session = session
        self._numbers = itertools.count(1)
        self.profile = Profile(
            device_id=device_id, title=device_id, kind=kind, description=f"A {kind}.", abilities=abilities
        )
        self.bus = make_bus(
            device_id,
            Will(self._topic(Channel.PRESENCE), self._presence(PresenceStatus.LOST)),
        )
        self._stack = AsyncExitStack()
        self._task: asyncio.Task[None] | None = None

    def _topic(self, channel: Channel) -> str:
        return self._topics.device(self.device_id, channel)

    def _presence(self, status: PresenceStatus) -> bytes:
        return encode(
            Presence(device_id=self.device_id, session=self.session, status=status, at=self._clock.now())
        )

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self.bus)
        deliveries = await self._stack.enter_async_context(
            self.bus.subscribe(
                self._topic(Channel.SUBTASK),
                self._topic(Channel.CONTROL),
                self._topics.enrol(self.device_id, Channel.ENROL_REPLY),
                self._topics.coordinator_presence,
                self._topics.emergency_stop,
            )
        )
        self._task = asyncio.create_task(self._listen(deliveries))
        await self.introduce()
        return self

    async def introduce(self) -> None:
        await self.bus.publish(
            self._topic(Channel.PRESENCE), self._presence(PresenceStatus.ONLINE), retain=True
        )
        request = EnrolmentRequest(
            request_id=f"{self.device_id}-joins-{self.session}",
            device_id=self.device_id,
            token=self._token,
            profile=self.profile,
        )
        await self.bus.publish(self._topics.enrol(self.device_id, Channel.ENROL_REQUEST), encode(request))
        await self.bus.publish(self._topic(Channel.PROFILE), encode(self.profile), retain=True)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end()
        await self._stack.aclose()

    async def kill(self) -> None:
        """Die without a goodbye."""
        await self._end()
        await self.bus.kill()

    async def _end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _listen(self, deliveries: AsyncIterator[Delivery]) -> None:
        async for delivery in deliveries:
            if delivery.topic == self._topics.coordinator_presence:
                await self._meet(delivery.payload)
                continue
            if delivery.topic == self._topics.emergency_stop:
                await self._stop_at_once(delivery.payload)
                continue
            match delivery.topic.rsplit("/", 1)[1]:
                case Channel.SUBTASK:
                    await self._take(decode(Subtask, delivery.payload))
                case Channel.CONTROL:
                    control = decode(Control, delivery.payload)
                    if control.command is ControlCommand.POLL:
                        self.polls += 1
                        await self.answer_poll(control)
                    else:
                        self.controls.append(control)
                        if self.obeys:
                            await self._obey(control)
                case _:
                    self.replies.append(decode(EnrolmentReply, delivery.payload))

    async def _meet(self, payload: bytes) -> None:
        """Join again when a coordinator has started, as agents do."""
        try:
            presence = decode(CoordinatorPresence, payload)
        except MessageError:
            return
        if presence.status is PresenceStatus.ONLINE and presence.epoch > self._epoch:
            self._epoch = presence.epoch
            await self.introduce()

    async def _take(self, subtask: Subtask) -> None:
        self.epochs.append(subtask.epoch)
        if self.last is not None and self.last.subtask_id == subtask.subtask_id:
            await self.bus.publish(self._topic(Channel.REPORT), encode(self.last))
            return
        if any(subtask.subtask_id == seen.subtask_id for seen in self.received):
            return
        self.overlaps += self._open is not None
        self._open = subtask.subtask_id
        self.received.append(subtask)
        reaction = self.behaviour(subtask.sentence)
        if reaction.status is None:
            if reaction.is_repeatable is not None:
                at_it = Reaction(status=ReportStatus.ONGOING, sentence="I am at it.")
                await self.report(subtask.subtask_id, replace(at_it, is_repeatable=reaction.is_repeatable))
            return
        await self.report(subtask.subtask_id, Reaction(status=ReportStatus.ONGOING, sentence="I am at it."))
        if reaction.asks is not None:
            await self.ask(subtask.subtask_id, reaction)
            return
        await self.report(subtask.subtask_id, reaction)

    async def ask(self, subtask_id: str, reaction: Reaction, approval_id: str | None = None) -> None:
        """Ask a person before going on."""
        approval = Approval(
            approval_id=approval_id or f"{self.device_id}-asks-{next(self._numbers)}",
            question=reaction.asks or MAY_I,
            expires_at=self._clock.now() + reaction.seconds_to_answer,
        )
        self._asked[approval.approval_id] = replace(reaction, asks=None)
        waiting = Reaction(status=ReportStatus.AWAITING_APPROVAL, sentence="I wait for a person's answer.")
        await self.report(subtask_id, waiting, approval)

    async def _obey(self, control: Control) -> None:
        if control.approval_id is not None:
            reaction = self._asked.pop(control.approval_id, None)
            if reaction is None or self._open is None:
                return
            if control.command is ControlCommand.DENY:
                reaction = Reaction(
                    status=ReportStatus.NOT_EXECUTABLE,
                    sentence=f"{control.by} did not allow it.",
                    error_code=ErrorCode.APPROVAL_DENIED,
                )
            await self.report(self._open, reaction)
        elif self._open is None or control.subtask_id not in {None, self._open}:
            if control.command is ControlCommand.CANCEL and control.subtask_id is not None:
                await self._give_back(control.subtask_id)
        elif control.command is ControlCommand.PAUSE:
            await self.pause(f"Paused by {control.by}.")
        elif control.command is ControlCommand.RESUME:
            await self.report(self._open, Reaction(status=ReportStatus.ONGOING, sentence="I go on."))
        else:
            stopped = Reaction(
                status=ReportStatus.CANCELLED, sentence="I stopped.", error_code=ErrorCode.CANCELLED
            )
            await self.report(self._open, stopped)

    async def _give_back(self, subtask_id: str) -> None:
        """Say what became of a subtask that is to be cancelled; what never came is kept as cancelled, as agents do."""
        if self.last is not None and self.last.subtask_id == subtask_id:
            await self.bus.publish(self._topic(Channel.REPORT), encode(self.last))
            return
        given_back = Reaction(
            status=ReportStatus.CANCELLED,
            sentence="Cancelled before it was started.",
            error_code=ErrorCode.CANCELLED,
            has_begun=False,
        )
        await self.report(subtask_id, given_back)

    async def pause(self, sentence: str) -> None:
        """Say that the open subtask is paused."""
        await self.report(self.open, Reaction(status=ReportStatus.PAUSED, sentence=sentence))

    @property
    def open(self) -> str:
        """The subtask it is at."""
        assert self._open is not None
        return self._open

    async def _stop_at_once(self, payload: bytes) -> None:
        try:
            stop = decode(EmergencyStop, payload)
        except MessageError:
            return
        self.stops.append(stop)
        if stop.engaged and self._open is not None and self.obeys:
            stopped = Reaction(
                status=ReportStatus.FAILED,
                sentence=f"Stopped: {stop.by} engaged the emergency stop.",
                error_code=ErrorCode.EMERGENCY_STOPPED,
            )
            await self.report(self._open, stopped)

    async def answer_poll(self, control: Control) -> None:
        if self.standing is not None:
            repeated = self.standing.model_copy(update={"in_reply_to": control.control_id})
            await self.bus.publish(self._topic(Channel.REPORT), encode(repeated))
            return
        if self._open is not None:
            return
        if self.last is not None and control.subtask_id in {None, self.last.subtask_id}:
            report = self.last.model_copy(update={"in_reply_to": control.control_id})
        else:
            report = self._report(None, Reaction(status=ReportStatus.IDLE, sentence="I am idle."))
            report = report.model_copy(update={"in_reply_to": control.control_id})
        await self.bus.publish(self._topic(Channel.REPORT), encode(report))

    async def report(self, subtask_id: str, reaction: Reaction, approval: Approval | None = None) -> None:
        report = self._report(subtask_id, reaction).model_copy(update={"approval": approval})
        is_waiting = report.status in {ReportStatus.PAUSED, ReportStatus.AWAITING_APPROVAL}
        self.standing = report if is_waiting else None
        if report.status.is_final:
            self.last = report
            if self._open == subtask_id:
                self._open = None
        await self.bus.publish(self._topic(Channel.REPORT), encode(report))

    def _report(self, subtask_id: str | None, reaction: Reaction) -> Report:
        assert reaction.status is not None
        return Report(
            report_id=f"{self.device_id}-{self.session}-{next(self._numbers)}",
            device_id=self.device_id,
            session=self.session,
            subtask_id=subtask_id,
            status=reaction.status,
            sentence=reaction.sentence,
            findings=reaction.findings,
            error_code=reaction.error_code,
            model_calls=reaction.model_calls,
            visits=reaction.visits,
            is_repeatable=reaction.is_repeatable,
            has_begun=reaction.has_begun,
            at=self._clock.now(),
        )


@dataclass
class Stage:
    """A broker, a coordinator, and devices that join it."""

    broker: InProcessBroker
    coordinator: Coordinator
    clock: FakeClock
    topics: Topics
    ledger: Ledger
    stack: AsyncExitStack
    devices: dict[str, FakeDevice] = field(default_factory=dict)

    def make_bus(self, client_id: str, will: Will) -> InProcessBus:
        return InProcessBus(self.broker, client_id, will=will, session_expiry_seconds=600, clock=self.clock)

    async def join(
        self, device_id: str, behaviour: Behaviour = lambda _: Reaction(), **more: Any
    ) -> FakeDevice:
        device = FakeDevice(device_id, self.make_bus, self.topics.site, self.clock, behaviour, **more)
        await self.stack.enter_async_context(device)
        self.devices[device_id] = device
        await self.clock.settle()
        return device

    async def reach(self, reached: Callable[[], bool]) -> None:
        """Wait, without moving time, until something holds; planning runs in a real thread."""
        async with asyncio.timeout(5):
            while not reached():  # noqa: ASYNC110 - what is waited for has no event of its own
                await asyncio.sleep(0.001)

    async def planned(self, goal_id: str) -> None:
        await self.reach(lambda: bool(self.coordinator.goal(goal_id).plan) or self.is_over(goal_id))
        await self.clock.settle()

    def is_over(self, goal_id: str) -> bool:
        return self.coordinator.goal(goal_id).is_final

    async def run(self, goal: str = GOAL) -> GoalView:
        """Run a goal to its end, moving time as needed."""
        goal_id = self.coordinator.submit(goal).goal_id
        await self.planned(goal_id)
        await self.clock.advance_until(lambda: self.is_over(goal_id))
        return self.coordinator.goal(goal_id)


def scripted(*answers: str | Exception) -> ScriptedModel:
    """A model that gives the answers in order, the last one again and again."""
    rest = list(answers)
    return ScriptedModel(lambda _: rest.pop(0) if len(rest) > 1 else rest[0])


@asynccontextmanager
async def stage(
    directory: Path,
    model: LanguageModel,
    *,
    clock: FakeClock,
    broker: InProcessBroker | None = None,
    entities: Mapping[str, list[str]] | None = None,
    is_open: bool = True,
    timeout_seconds: float = 60.0,
    site_name: str = "test",
    router: Router | None = None,
    encoder: Encoder | None = None,
) -> AsyncIterator[Stage]:
    broker = broker or InProcessBroker(clock=clock)
    topics = Topics(site_name)
    site = Site.from_mapping({"shelf": ["1", "2", "3", "4"]} if entities is None else dict(entities))
    address = LedgerAddress.of_file(directory / DATABASE_NAME, site_name)
    async with open_ledger(address, clock, is_inline=True) as ledger:
        bus = InProcessBus(
            broker,
            f"coordinator-{ledger.epoch}",
            will=coordinator_will(topics, ledger.epoch, clock.now()),
            clock=clock,
            session_expiry_seconds=600,
        )
        settings = CoordinatorSettings(
            is_open=is_open, times=WaitingTimes(subtask_timeout_seconds=timeout_seconds)
        )
        async with (
            AsyncExitStack() as stack,
            Coordinator(
                bus=bus,
                ledger=ledger,
                topics=topics,
                site=site,
                model=model,
                router=router,
                encoder=encoder,
                clock=clock,
                settings=settings,
            ) as coordinator,
        ):
            await clock.settle()
            yield Stage(broker, coordinator, clock, topics, ledger, stack)
            await stack.aclose()
