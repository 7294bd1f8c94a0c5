"""Gives the graded goals to a real coordinator, and compares what its devices are sent with what they should be.

The devices are scripted agents on the broker in this process: they join, and report every subtask done.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from coordinator.coordinator import Coordinator, CoordinatorSettings, coordinator_will
from coordinator.exchange import WaitingTimes
from coordinator.ledger.database import DATABASE_NAME, LedgerAddress
from coordinator.ledger.ledger import open_ledger
from evals.plans.grading import speaks_of
from evals.plans.sites import ExpectedStep, Goal, GradedSite
from evals.scores import Count
from inference.ports import LanguageModel
from inference.routing import Router
from protocol.errors import OperatorError
from protocol.messages import (
    EnrolmentRequest,
    Presence,
    PresenceStatus,
    Profile,
    Report,
    ReportStatus,
    Subtask,
    decode,
    encode,
)
from protocol.topics import Channel, Topics
from transport.clock import SystemClock, within
from transport.in_process_broker import InProcessBroker
from transport.in_process_bus import InProcessBus
from transport.ports import Delivery, Will

_SITE = "evals"
_JOIN_SECONDS = 60.0
_GOAL_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Sent:
    """A subtask that a device got."""

    device_id: str
    kind: str
    sentence: str


class ScriptedAgent:
    """Stands in for a device agent: it joins, and has done at once what it is told."""

    def __init__(
        self,
        profile: Profile,
        broker: InProcessBroker,
        topics: Topics,
        clock: SystemClock,
        sent: list[Sent],
    ) -> None:
        self._profile = profile
        self._topics = topics
        self._clock = clock
        self._sent = sent
        self._numbers = itertools.count(1)
        will = Will(self._topic(Channel.PRESENCE), self._presence(PresenceStatus.LOST))
        self._bus = InProcessBus(broker, profile.device_id, will=will, clock=clock)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Join, and work until left."""
        async with self._bus, self._bus.subscribe(self._topic(Channel.SUBTASK)) as deliveries:
            device_id = self._profile.device_id
            request = EnrolmentRequest(
                request_id=f"{device_id}-joins", device_id=device_id, profile=self._profile
            )
            await self._bus.publish(
                self._topic(Channel.PRESENCE), self._presence(PresenceStatus.ONLINE), retain=True
            )
            await self._bus.publish(self._topics.enrol(device_id, Channel.ENROL_REQUEST), encode(request))
            await self._bus.publish(self._topic(Channel.PROFILE), encode(self._profile), retain=True)
            listening = asyncio.create_task(self._listen(deliveries))
            try:
                yield
            finally:
                listening.cancel()
                await asyncio.wait({listening})

    def _topic(self, channel: Channel) -> str:
        return self._topics.device(self._profile.device_id, channel)

    def _presence(self, status: PresenceStatus) -> bytes:
        return encode(
            Presence(device_id=self._profile.device_id, session=1, status=status, at=self._clock.now())
        )

    async def _listen(self, deliveries: AsyncIterator[Delivery]) -> None:
        async for delivery in deliveries:
            subtask = decode(Subtask, delivery.payload)
            self._sent.append(Sent(self._profile.device_id, self._profile.kind, subtask.sentence))
            report = Report(
                report_id=f"{self._profile.device_id}-{next(self._numbers)}",
                device_id=self._profile.device_id,
                session=1,
                subtask_id=subtask.subtask_id,
                status=ReportStatus.COMPLETED,
                sentence="I did it.",
                at=self._clock.now(),
            )
            await self._bus.publish(self._topic(Channel.REPORT), encode(report))


@asynccontextmanager
async def open_site(
    site: GradedSite, model: LanguageModel, router: Router | None
) -> AsyncIterator[tuple[Coordinator, list[Sent]]]:
    """Start a coordinator with all devices of a site; yields it, and the list to which what is sent is added.

    Raises:
        OperatorError: not all devices joined.
    """
    clock, topics, sent = SystemClock(), Topics(_SITE), list[Sent]()
    broker = InProcessBroker(clock=clock)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        address = LedgerAddress.of_file(folder / DATABASE_NAME, _SITE)
        ledger = await stack.enter_async_context(open_ledger(address, clock))
        coordinator = await stack.enter_async_context(
            Coordinator(
                bus=InProcessBus(
                    broker,
                    "coordinator",
                    will=coordinator_will(topics, ledger.epoch, clock.now()),
                    clock=clock,
                ),
                ledger=ledger,
                topics=topics,
                site=site.site,
                model=model,
                router=router,
                clock=clock,
                settings=CoordinatorSettings(is_open=True, times=WaitingTimes()),
            )
        )
        profiles = [
            Profile(
                device_id=name,
                title=name,
                kind=profile.kind,
                description=f"A {profile.kind}.",
                abilities=profile.abilities,
            )
            for profile in site.fleet()
            for name in profile.device_names
        ]
        for profile in profiles:
            agent = ScriptedAgent(profile, broker, topics, clock, sent)
            await stack.enter_async_context(agent.at_work())
        if not await coordinator.wait_for_devices(len(profiles), timeout_seconds=_JOIN_SECONDS):
            raise OperatorError(f"Not all {len(profiles)} devices joined within {_JOIN_SECONDS:g} s.")
        yield coordinator, sent


async def sent_for(coordinator: Coordinator, sent: list[Sent], goal: Goal) -> list[Sent]:
    """Pursue a goal to its end; returns what the devices were sent."""
    sent.clear()
    view = coordinator.submit(goal.text)
    await within(SystemClock(), _GOAL_SECONDS, coordinator.wait(view.goal_id))
    return list(sent)


def is_as_expected(goal: Goal, sent: Sequence[Sent], site: GradedSite) -> bool:
    """Whether the devices got each expected subtask once and nothing else, and in the order of the steps if one was said."""
    rest = list(sent)
    for step in goal.steps:
        for accepted in _subtasks(step, site):
            found = next((one for one in rest if _fits(one, accepted, step)), None)
            if found is None:
                return False
            rest.remove(found)
    return not rest and _is_in_order(goal, sent, site)


def _subtasks(step: ExpectedStep, site: GradedSite) -> list[tuple[str | None, str | None]]:
    """Return the device and the entity of each subtask of a step; None for any device of its kind, and for no entity."""
    if step.quantifier == "each":
        return [
            (None, f"{step.entity} {one}") for one in step.entity_ids or site.site.entities[step.entity or ""]
        ]
    if step.quantifier == "every":
        return [
            (f"{step.target.replace(' ', '-')}-{number + 1}", None)
            for number in range(site.counts[step.target])
        ]
    return [(step.target if step.quantifier == "named" else None, None)]


def _fits(one: Sent, accepted: tuple[str | None, str | None], step: ExpectedStep) -> bool:
    device, entity = accepted
    if device is not None and one.device_id != device:
        return False
    if device is None and one.kind != step.target:
        return False
    words = [*step.words, *([(entity.lower(),)] if entity else [])]
    return all(speaks_of(one.sentence.lower(), word) for word in words)


def _is_in_order(goal: Goal, sent: Sequence[Sent], site: GradedSite) -> bool:
    """Whether the subtasks of different kinds of devices came in the order of the steps, where an order was said."""
    if not re.search(r"\bthen\b", goal.text):
        return True
    place = 0
    for step in goal.steps:
        count = len(_subtasks(step, site))
        part = sent[place : place + count]
        if not all(any(_fits(one, accepted, step) for accepted in _subtasks(step, site)) for one in part):
            return False
        place += count
    return True


async def through_coordinator(
    model: LanguageModel, work: Sequence[tuple[GradedSite, Goal]], router: Router | None
) -> list[tuple[Goal, bool]]:
    """Give every goal to a coordinator with its site's devices; returns whether the right subtasks were sent."""
    results = []
    for site, group in itertools.groupby(work, key=lambda pair: pair[0]):
        async with open_site(site, model, router) as (coordinator, sent):
            for _, goal in group:
                got = await sent_for(coordinator, sent, goal)
                results.append((goal, is_as_expected(goal, got, site)))
    return results


def sent_counts(results: Sequence[tuple[Goal, bool]]) -> dict[str, Count]:
    """Count the goals whose subtasks were right, of all and of each half."""
    rows = {"total": results}
    for part in ("dev", "test"):
        rows[part] = [one for one in results if one[0].part == part]
    return {name: Count(sum(right for _, right in some), len(some)) for name, some in rows.items() if some}
