"""Ties the room together: listens on the bus, accepts goals, runs them, and writes everything down."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from coordinator.accounting import Prices
from coordinator.allocation import load_solvers
from coordinator.approvals import Approval, Approvals
from coordinator.course import Course
from coordinator.dispatch import Dispatcher
from coordinator.emergency import HOW_TO_RELEASE, EmergencySwitch
from coordinator.enrolment import Enrolment
from coordinator.exchange import WaitingTimes
from coordinator.goal_book import GoalBook
from coordinator.goal_state import GoalState
from coordinator.goals import GoalStatus, GoalView, view
from coordinator.intake import Intake
from coordinator.ledger.events import Event, EventKind, Observer
from coordinator.ledger.ledger import Ledger
from coordinator.messenger import Messenger
from coordinator.metrics import Load
from coordinator.operations import Operations
from coordinator.plan_data import plan_as_data
from coordinator.planner import Planner
from coordinator.premises import Premises
from coordinator.pursuit import Pursuit, PursuitPorts
from coordinator.recovery import Recovery
from coordinator.registry import AttributesObserver, Device, Registry
from coordinator.site import Site
from coordinator.site.current import CurrentSite
from coordinator.site_link import Bus, SiteLink, coordinator_will, own_presence
from coordinator.standing.standing_goals import StandingGoals
from coordinator.standstill import Standstills
from coordinator.timers import Timers
from coordinator.traces import Trace, goal_of
from coordinator.traces import trace as find_trace
from coordinator.tracing import GoalTracer
from coordinator.traffic import TrafficNotices
from coordinator.urgency import Part, part_of
from inference.plan import KindProfile, PlanStep
from inference.ports import Encoder, LanguageModel
from inference.routing import Router
from protocol.clock import Clock
from protocol.errors import ErrorCode, InputError, OperatorError
from protocol.messages import Subtask
from protocol.text import SENTENCE_LIMIT, clean_sentence
from protocol.topics import Topics
from rag.directory import Directory
from transport.clock import within

logger = logging.getLogger(__name__)

__all__ = ["Bus", "Coordinator", "CoordinatorSettings", "Health", "coordinator_will", "own_presence"]


@dataclass(frozen=True, slots=True)
class CoordinatorSettings:
    """How a coordinator behaves.

    Attributes:
        is_open: devices may join without a token.
        times: how long to wait for devices.
        unfinished_goals: how many goals may be under way at once before new ones are turned away.
        resume_limit_seconds: a goal of which nothing was heard for longer than this, because the coordinator was away,
            is not gone on with: what devices were at is asked about, and nothing more is begun.
        prices: what tokens cost.
        time_zone: name of the zone of times of day where a person names none, such as Europe/Berlin.
    """

    is_open: bool = False
    times: WaitingTimes = field(default_factory=WaitingTimes)
    unfinished_goals: int = 64
    resume_limit_seconds: float = 3600.0
    time_zone: str = "UTC"
    prices: Prices = field(default_factory=Prices)


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the coordinator can do its work, and what is in its way. An emergency stop is no illness."""

    is_broker_connected: bool
    is_model_loaded: bool
    is_stopped: bool
    model: str
    epoch: int
    devices_online: int
    problems: tuple[str, ...]

    @property
    def is_ok(self) -> bool:
        """Whether nothing is in the way."""
        return not self.problems


class Coordinator:
    """Runs goals on the devices of one site. Use as an async context manager.

    Opening it does not wait for the broker: goals are accepted at once and wait for it, up to the time-out.

    Args:
        bus: not yet opened; made with `coordinator_will`.
        ledger: of the site, which it owns.
        topics: of the site.
        site: what exists there besides devices.
        read_site: reads it again; None where it was given and not read.
        model: plans goals.
        router: see `Planner`.
        encoder: decides what people mean that standing goals watch; see `StandingGoals`.
        directory: see `Planner`.
        clock: time.
        settings: how to behave.
    """

    def __init__(
        self,
        *,
        bus: Bus,
        ledger: Ledger,
        topics: Topics,
        site: Site,
        read_site: Callable[[], Site] | None = None,
        model: LanguageModel,
        router: Router | None = None,
        encoder: Encoder | None = None,
        directory: Directory | None = None,
        clock: Clock,
        settings: CoordinatorSettings | None = None,
    ) -> None:
        self.topics = topics
        self._site = CurrentSite(site)
        self._read_site = read_site
        self.epoch = ledger.epoch
        self.settings = settings or CoordinatorSettings()
        self.clock = clock
        self._model = model
        self._ledger = ledger
        self.encoder = encoder
        self._book = GoalBook(ledger)
        self._tracer = GoalTracer()
        ledger.observe(self._tracer.take)
        self._timers = Timers(clock)
        self._courses: dict[str, Course] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._background: set[asyncio.Task[Any]] = set()
        self._model_problem: str | None = None
        self._enrolment = Enrolment(ledger, clock, is_open=self.settings.is_open)
        self._registry = Registry(self._enrolment.enrolled())
        self._messenger = Messenger(bus, topics, ledger, clock, self._tracer, epoch=self.epoch)
        self.approvals = Approvals(ledger, clock, goal_text=self._goal_text, deliver=self._deliver)
        self._dispatcher = Dispatcher(
            self._messenger,
            self._registry,
            self.approvals,
            ledger,
            clock,
            site=self._site,
            timers=self._timers,
            times=self.settings.times,
        )
        self.emergency_stop = EmergencySwitch(bus, topics, ledger, clock, on_engaged=self._end_all)
        self.operations = Operations(
            courses=self._courses,
            dispatcher=self._dispatcher,
            approvals=self.approvals,
            switch=self.emergency_stop,
            registry=self._registry,
            messenger=self._messenger,
            ledger=ledger,
            book=self._book,
            clock=clock,
            on_hold=lambda: self._link.tell_traffic(),  # noqa: PLW0108 - the link is opened after this
        )
        self._link = SiteLink(
            bus,
            topics,
            ledger,
            clock,
            self.emergency_stop,
            epoch=self.epoch,
            spawn=self._spawn,
            traffic=TrafficNotices(self._site, self._dispatcher, epoch=self.epoch, clock=clock).payload,
        )
        self.premises = Premises(
            site=self._site,
            ledger=ledger,
            dispatcher=self._dispatcher,
            operations=self.operations,
            link=self._link,
            clock=clock,
        )
        self.standstills = Standstills(
            site=self._site,
            ledger=ledger,
            registry=self._registry,
            dispatcher=self._dispatcher,
            operations=self.operations,
            clock=clock,
        )
        self._intake = Intake(
            topics=topics,
            epoch=self.epoch,
            registry=self._registry,
            dispatcher=self._dispatcher,
            enrolment=self._enrolment,
            switch=self.emergency_stop,
            ledger=ledger,
            mail=self._link,
        )
        self._pursuit_ports = PursuitPorts(
            link=self._link,
            ledger=ledger,
            registry=self._registry,
            planner=Planner(
                model, self._site.entities, router, encoder, directory, aliases=self._site.aliases
            ),
            dispatcher=self._dispatcher,
            site=self._site,
            times=self.settings.times,
            clock=clock,
            note_model_problem=self._note_model_problem,
            tracer=self._tracer,
        )

        self.standing = StandingGoals(self, ledger, clock, encoder=encoder, zone=self.settings.time_zone)

    async def __aenter__(self) -> Self:
        recovery = Recovery(
            self._ledger,
            self._book,
            self._dispatcher,
            self.operations,
            self.clock,
            resume_limit_seconds=self.settings.resume_limit_seconds,
        )
        recovered = recovery.run()
        self._ledger.append(EventKind.COORDINATOR_STARTED, {"epoch": self.epoch})
        self._spawn(self._timers.run())
        for course in recovered:
            self._pursue(course)
        self._spawn(self._link.serve(self._intake))
        self._spawn(self._link.watch())
        self._spawn(self.approvals.watch())
        self._spawn(self.standing.run())
        if self._site.geography.is_mapped:
            self._spawn(asyncio.to_thread(load_solvers))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave: goals under way stay open for the next start, and the site learns that nobody owns it now."""
        tasks = [*self._running.values(), *self._background]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.emergency_stop.close()
        await self._messenger.close()

    # Goals

    def submit(
        self,
        goal: str,
        *,
        by: str | None = None,
        chat_id: str | None = None,
        standing_id: str | None = None,
        priority: int = 0,
        steps: tuple[PlanStep, ...] = (),
    ) -> GoalView:
        """Accept a goal. Once `durable` has returned it is on disk and will end one way or another.

        While the emergency stop is engaged it has ended already: it is refused, and its answer says how to release.

        Args:
            goal: what is wanted, in plain words.
            by: who wants it.
            chat_id: the chat in which it was said.
            standing_id: the standing goal that calls for it.
            priority: of goals that compete for a device, the one with the higher number comes first.
            steps: the plan, where it is known already; no model is asked then.

        Raises:
            InputError: the text is empty or too long.
            OperatorError: too many goals are under way, or another coordinator has taken over the site.
        """
        text = clean_sentence(goal, limit=SENTENCE_LIMIT + 1)
        if not text:
            raise InputError("goal", goal, f"a sentence of 1 to {SENTENCE_LIMIT} characters")
        if len(text) > SENTENCE_LIMIT:
            raise InputError("goal", f"{len(goal)} characters", f"1 to {SENTENCE_LIMIT} characters")
        if self._intake.displaced_by is not None:
            raise OperatorError(
                f"Another coordinator (epoch {self._intake.displaced_by}) has taken over this site.",
                code=ErrorCode.BUSY,
                remedy="Send the goal there, or stop that one and restart this one.",
            )
        if len(self._running) >= self.settings.unfinished_goals:
            raise OperatorError(
                f"{len(self._running)} goals are under way, and no more are accepted.",
                code=ErrorCode.BUSY,
                remedy="Try again when one has ended.",
            )
        goal_id = f"goal-{uuid.uuid4().hex[:12]}"
        accepted: dict[str, Any] = {
            "goal": text,
            "by": by,
            "chat_id": chat_id,
            "standing_id": standing_id,
            "priority": priority,
        }
        if steps:
            accepted["steps"] = plan_as_data(steps)
        self._ledger.append(EventKind.GOAL_ACCEPTED, accepted, goal_id=goal_id)
        course = Course(goal_id, priority=priority)
        if self.emergency_stop.is_engaged:
            answer = f"Nothing was done. {self.emergency_stop.sentence} {HOW_TO_RELEASE}"
            refused = Pursuit(course, self._state(goal_id), self._pursuit_ports)
            refused.end(GoalStatus.REFUSED, answer, error_code=ErrorCode.EMERGENCY_STOPPED)
        else:
            self._pursue(course)
        return self.goal(goal_id)

    def _pursue(self, course: Course) -> None:
        goal_id = course.goal_id
        self._courses[goal_id] = course
        pursuit = Pursuit(course, self._state(goal_id), self._pursuit_ports)
        task = asyncio.create_task(pursuit.run(), name=goal_id)
        self._running[goal_id] = task
        task.add_done_callback(self._forget)

    async def durable(self) -> None:
        """Wait until everything that was recorded before this call is on disk. Nothing is promised before that."""
        await self._ledger.durable()

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task.get_name(), None)
        self._courses.pop(task.get_name(), None)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("The end of %s could not be recorded.", task.get_name(), exc_info=error)

    def goal(self, goal_id: str) -> GoalView:
        """Return the present state of a goal.

        Raises:
            InputError: there is no such goal (code `not_found`).
        """
        return view(self._state(goal_id), self.settings.prices)

    def _state(self, goal_id: str) -> GoalState:
        state = self._book.find(goal_id)
        if state is None:
            raise InputError(
                "goal_id",
                goal_id,
                "the id of a goal given here",
                code=ErrorCode.NOT_FOUND,
                remedy="GET /v1/goals lists them.",
            )
        return state

    def goals(self, *, limit: int = 50) -> list[GoalView]:
        """Return the newest goals, newest first."""
        accepted = self._ledger.of_kind(EventKind.GOAL_ACCEPTED, limit=limit)
        return [self.goal(event.goal_id) for event in reversed(accepted) if event.goal_id is not None]

    def part(self, goal_id: str, name: str, kind: str | None = None) -> Part:
        """Return what of a goal concerns a thing, such as "T9"; see `part_of`.

        Raises:
            InputError: there is no such goal (code `not_found`).
        """
        return part_of(self._state(goal_id), name, kind)

    def log(self, goal_id: str) -> list[Event]:
        """Return everything that was written down of a goal, oldest first.

        Raises:
            InputError: there is no such goal (code `not_found`).
        """
        self._state(goal_id)
        return self._ledger.of_goal(goal_id)

    async def events(self, goal_id: str, *, after: int = 0) -> AsyncGenerator[Event, None]:
        """Follow a goal's events with a `seq` above `after`, up to and including its end.

        Raises:
            InputError: there is no such goal (code `not_found`).
        """
        state = self._state(goal_id)
        if state.is_final:
            for event in self._ledger.of_goal(goal_id, after=after):
                yield event
            return
        # A number from elsewhere must not make the stream wait for an end that it would skip.
        after = min(after, state.last_seq)
        while True:
            changed = self._ledger.next_change(goal_id)
            for event in self._ledger.of_goal(goal_id, after=after):
                after = event.seq
                yield event
                if event.kind is EventKind.GOAL_ENDED:
                    return
            await changed.wait()

    async def wait(self, goal_id: str) -> GoalView:
        """Wait until a goal has ended and return it."""
        self._state(goal_id)
        await self._book.ended(goal_id)
        return self.goal(goal_id)

    async def wait_for_question(self, goal_id: str) -> Approval | None:
        """Wait until a device asks something for a goal and return the question, or None once the goal has ended."""
        if self._state(goal_id).is_final:
            return None
        async with aclosing(self.events(goal_id)) as events:
            async for _ in events:
                if asked := self.approvals.open(goal_id):
                    return asked[0]
        return None

    def last_event(self, goal_id: str) -> int:
        """Return the `seq` of a goal's newest event, 0 when there is none."""
        state = self._book.find(goal_id)
        return 0 if state is None else state.last_seq

    def trace(self, subtask_id: str) -> Trace:
        """Return the states that a subtask's run went through, as its device reported them at the end.

        Raises:
            InputError: there is no such subtask (code `not_found`), or it has not ended (`conflict`).
        """
        return find_trace(self._ledger.of_goal(goal_of(subtask_id)), subtask_id)

    def _goal_text(self, goal_id: str) -> str | None:
        state = self._book.find(goal_id)
        return None if state is None else state.goal

    def _deliver(self, approval: Approval) -> None:
        self.operations.deliver(approval)

    def _end_all(self, by: str) -> None:
        self.operations.end_all(by)

    # The site

    @property
    def site(self) -> Site:
        """What exists at the site besides devices, as it is now."""
        return self._site.site

    async def reload_site(self, by: str) -> dict[str, Any]:
        """Read the site again; plans made and steps begun from now on see what has changed.

        Returns:
            What came, what went, and which fields have changed; the same is written down where that is anything.

        Raises:
            InputError: the site file cannot be read or is wrong; the site stays as it was.
            OperatorError: the site was not read from a file.
        """
        if self._read_site is None:
            raise OperatorError(
                "This coordinator was started without a site file, so there is nothing to read again.",
                code=ErrorCode.CONFLICT,
                remedy="Start it with --site-file.",
            )
        changes = self._site.replace(await asyncio.to_thread(self._read_site))
        if changes["changed"]:
            self._ledger.append(EventKind.SITE_CHANGED, {"by": clean_sentence(by, 120), **changes})
            await self._ledger.durable()
        return changes

    # Observation

    def on_event(self, observer: Observer) -> Callable[[], None]:
        """Call `observer` for every event from now on; returns a function that ends it."""
        return self._ledger.observe(observer)

    def on_attributes(self, observer: AttributesObserver) -> Callable[[], None]:
        """Call `observer` with each device that tells what it measures; returns a function that ends it."""
        return self._registry.on_attributes(observer)

    def devices(self) -> list[Device]:
        """Return every device that was ever seen or enrolled."""
        return self._registry.devices()

    def device(self, device_id: str) -> Device:
        """Return one device.

        Raises:
            InputError: there is no such device (code `not_found`).
        """
        return self._registry.find(device_id)

    def doing(self, device_id: str) -> list[Subtask]:
        """Return the subtasks that a device is at, or is about to be, oldest first."""
        return [exchange.subtask for exchange in self._dispatcher.exchanges(device_id=device_id)]

    def goals_under_way(self) -> list[str]:
        """Return the ids of the goals that have not ended, oldest first."""
        return list(self._running)

    def problems(self, *, limit: int = 100) -> list[Event]:
        """Return the newest recorded problems, such as messages that could not be read."""
        return self._ledger.of_kind(EventKind.PROBLEM, limit=limit)

    def kinds(self) -> list[KindProfile]:
        """Sum up the devices that were let in; see `Registry.kinds`."""
        return self._registry.kinds()

    @property
    def ledger(self) -> Ledger:
        """Where everything is written down."""
        return self._ledger

    @property
    def model_name(self) -> str:
        """The name of the planning model."""
        return self._model.name

    def load(self) -> Load:
        """Say how much is under way at this moment."""
        return Load(
            goals=len(self._running),
            subtasks=len(self._dispatcher.exchanges()),
            messages=self._messenger.waiting,
            events_not_durable=self._ledger.lag,
            ledger_seq=self._ledger.seq,
            approvals=len(self.approvals.open()),
            is_broker_connected=self._link.is_connected,
            is_stopped=self.emergency_stop.is_engaged,
            epoch=self.epoch,
        )

    def health(self) -> Health:
        """Say whether broker and model are there."""
        problems = []
        if not self._link.is_connected or self._link.problem is not None:
            problems.append(self._link.problem or "The message broker cannot be reached.")
        if self._model_problem is not None:
            problems.append(self._model_problem)
        if self._intake.displaced_by is not None:
            problems.append(
                f"Another coordinator (epoch {self._intake.displaced_by}) has taken over this site."
            )
        return Health(
            is_broker_connected=self._link.is_connected,
            is_model_loaded=self._model_problem is None,
            is_stopped=self.emergency_stop.is_engaged,
            model=self._model.name,
            epoch=self.epoch,
            devices_online=self._registry.available_count,
            problems=tuple(problems),
        )

    async def wait_for_devices(self, count: int, *, timeout_seconds: float) -> bool:
        """Wait until `count` devices may be given work; returns whether they were there in time."""
        try:
            await within(self.clock, timeout_seconds, self._until_available(count))
        except TimeoutError:
            return self._registry.available_count >= count
        return True

    async def _until_available(self, count: int) -> None:
        while True:
            changed = self._ledger.next_change()
            if self._registry.available_count >= count:
                return
            await changed.wait()

    async def traffic_told(self) -> bool:
        """Wait a little until the site's traffic was told what is out of use and who is to stand; returns whether it was."""
        return await self._link.traffic_told()

    def announce(self) -> None:
        """Say, retained, that this coordinator owns the site."""
        self._link.announce()

    def _note_model_problem(self, problem: str | None) -> None:
        self._model_problem = problem

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._note_background_end)

    def _note_background_end(self, task: asyncio.Task[Any]) -> None:
        self._background.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("Work in the background failed.", exc_info=error)
