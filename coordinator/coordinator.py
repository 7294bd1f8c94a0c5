"""Ties the room together: listens on the bus, accepts goals, runs them, and writes everything down."""

from __future__ import annotations

import asyncio
import logging
import math
import uuid
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Protocol, Self

from coordinator.answer import Answer, compose
from coordinator.approvals import Approval, Approvals
from coordinator.course import Course, HaltedError
from coordinator.dispatch import Dispatcher
from coordinator.emergency import HOW_TO_RELEASE, EmergencySwitch
from coordinator.enrolment import Enrolment
from coordinator.exchange import BROKER_AWAY, WaitingTimes
from coordinator.goals import GoalStatus, GoalView, describe, view
from coordinator.intake import Intake
from coordinator.ledger.events import Event, EventKind, Observer
from coordinator.ledger.ledger import Ledger
from coordinator.messenger import Messenger
from coordinator.operations import Operations
from coordinator.plan_data import plan_as_data
from coordinator.planner import Plan, Planner
from coordinator.records import ExecutionRecord, Outcome
from coordinator.registry import AttributesObserver, Device, Registry
from coordinator.rounds import Round
from coordinator.site import Site
from coordinator.traces import Trace, goal_of
from coordinator.traces import trace as find_trace
from coordinator.wording import listing
from inference.plan import PlanStep
from inference.ports import LanguageModel
from inference.routing import Router
from protocol.clock import Clock
from protocol.errors import ErrorCode, InputError, InternalError, OperatorError
from protocol.messages import CoordinatorPresence, PresenceStatus, encode
from protocol.text import SENTENCE_LIMIT, clean_sentence
from protocol.topics import Topics
from transport.clock import within
from transport.ports import MessageBus, Will

logger = logging.getLogger(__name__)

_WATCH_SECONDS = 0.5
_REMIND_SECONDS = 2.0
_RESUBSCRIBE_SECONDS = 5.0
_RECALLED_SUBTASKS = 1000
_RESTARTED = "The coordinator was restarted before this goal had ended, so its outcome is not fully known."
_STOPPED = "The coordinator was stopped before this goal had ended, so its outcome is not fully known."


class Bus(MessageBus, AbstractAsyncContextManager[Any], Protocol):
    """A message bus that the coordinator opens and closes itself."""


@dataclass(frozen=True, slots=True)
class CoordinatorSettings:
    """How a coordinator behaves.

    Attributes:
        is_open: devices may join without a token.
        times: how long to wait for devices.
        unfinished_goals: how many goals may be under way at once before new ones are turned away.
    """

    is_open: bool = False
    times: WaitingTimes = field(default_factory=WaitingTimes)
    unfinished_goals: int = 64


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


def own_presence(epoch: int, status: PresenceStatus, at: float) -> bytes:
    """Return the retained message that says which coordinator owns a site."""
    return encode(CoordinatorPresence(epoch=epoch, status=status, at=at))


def coordinator_will(topics: Topics, epoch: int, at: float) -> Will:
    """Return the last will that a coordinator's bus is to be made with."""
    return Will(topics.coordinator_presence, own_presence(epoch, PresenceStatus.LOST, at))


class Coordinator:
    """Runs goals on the devices of one site. Use as an async context manager.

    Opening it does not wait for the broker: goals are accepted at once and wait for it, up to the time-out.

    Args:
        bus: not yet opened; made with `coordinator_will`.
        ledger: of the site, which it owns.
        topics: of the site.
        site: what exists there besides devices.
        model: plans goals.
        router: see `Planner`.
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
        model: LanguageModel,
        router: Router | None = None,
        clock: Clock,
        settings: CoordinatorSettings | None = None,
    ) -> None:
        self.topics = topics
        self.site = site
        self.epoch = ledger.epoch
        self.settings = settings or CoordinatorSettings()
        self.clock = clock
        self._bus = bus
        self._model = model
        self._ledger = ledger
        self._enrolment = Enrolment(ledger, clock, is_open=self.settings.is_open)
        self._registry = Registry(self._enrolment.enrolled())
        self._planner = Planner(model, site.entities, router)
        self._messenger = Messenger(bus, topics, self._ledger, clock, epoch=self.epoch)
        self.approvals = Approvals(self._ledger, clock, goal_text=self._goal_text, deliver=self._deliver)
        self._dispatcher = Dispatcher(
            self._messenger, self._registry, self.approvals, self._ledger, clock, times=self.settings.times
        )
        self.emergency_stop = EmergencySwitch(bus, topics, self._ledger, clock, on_engaged=self._end_all)
        self._courses: dict[str, Course] = {}
        self.operations = Operations(
            courses=self._courses,
            dispatcher=self._dispatcher,
            approvals=self.approvals,
            switch=self.emergency_stop,
            registry=self._registry,
            messenger=self._messenger,
            ledger=self._ledger,
            clock=clock,
        )
        self._running: dict[str, asyncio.Task[None]] = {}
        self._background: set[asyncio.Task[Any]] = set()
        self._connected = asyncio.Event()
        self._bus_problem: str | None = None
        self._model_problem: str | None = None
        self._intake = Intake(
            topics=topics,
            epoch=self.epoch,
            registry=self._registry,
            dispatcher=self._dispatcher,
            enrolment=self._enrolment,
            switch=self.emergency_stop,
            ledger=self._ledger,
            mail=self,
        )

    async def __aenter__(self) -> Self:
        self._recover()
        self._ledger.append(EventKind.COORDINATOR_STARTED, {"epoch": self.epoch})
        self._spawn(self._serve())
        self._spawn(self._watch_connection())
        self._spawn(self.approvals.watch())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End: goals under way are marked as failed, and the site learns that nobody owns it now."""
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
        if self.emergency_stop.is_engaged:
            answer = f"Nothing was done. {self.emergency_stop.sentence} {HOW_TO_RELEASE}"
            self._end(goal_id, GoalStatus.REFUSED, answer, error_code=ErrorCode.EMERGENCY_STOPPED)
            return self.goal(goal_id)
        course = self._courses[goal_id] = Course(goal_id, priority=priority)
        task = asyncio.create_task(self._pursue(course, text, steps), name=goal_id)
        self._running[goal_id] = task
        task.add_done_callback(self._forget)
        return self.goal(goal_id)

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
        state = view(self._ledger.of_goal(goal_id))
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

    async def events(self, goal_id: str, *, after: int = 0) -> AsyncGenerator[Event, None]:
        """Follow a goal's events with a `seq` above `after`, up to and including its end.

        Raises:
            InputError: there is no such goal (code `not_found`).
        """
        if self.goal(goal_id).is_final:
            for event in self._ledger.of_goal(goal_id, after=after):
                yield event
            return
        # A number from elsewhere must not make the stream wait for an end that it would skip.
        after = min(after, self._ledger.of_goal(goal_id)[-1].seq)
        while True:
            changed = self._ledger.next_change()
            for event in self._ledger.of_goal(goal_id, after=after):
                after = event.seq
                yield event
                if event.kind is EventKind.GOAL_ENDED:
                    return
            await changed.wait()

    async def wait(self, goal_id: str) -> GoalView:
        """Wait until a goal has ended and return it."""
        async for _ in self.events(goal_id):
            pass
        return self.goal(goal_id)

    async def wait_for_question(self, goal_id: str) -> Approval | None:
        """Wait until a device asks something for a goal and return the question, or None once the goal has ended."""
        if self.goal(goal_id).is_final:
            return None
        async with aclosing(self.events(goal_id)) as events:
            async for _ in events:
                if asked := self.approvals.open(goal_id):
                    return asked[0]
        return None

    def last_event(self, goal_id: str) -> int:
        """Return the `seq` of a goal's newest event, 0 when there is none."""
        return max((event.seq for event in self._ledger.of_goal(goal_id)), default=0)

    def trace(self, subtask_id: str) -> Trace:
        """Return the states that a subtask's run went through, as its device reported them at the end.

        Raises:
            InputError: there is no such subtask (code `not_found`), or it has not ended (`conflict`).
        """
        return find_trace(self._ledger.of_goal(goal_of(subtask_id)), subtask_id)

    def _goal_text(self, goal_id: str) -> str | None:
        accepted = next(iter(self._ledger.of_goal(goal_id)), None)
        return None if accepted is None else str(accepted.data.get("goal", "")) or None

    def _deliver(self, approval: Approval) -> None:
        self.operations.deliver(approval)

    def _end_all(self, by: str) -> None:
        self.operations.end_all(by)

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

    def goals_under_way(self) -> list[str]:
        """Return the ids of the goals that have not ended, oldest first."""
        return list(self._running)

    def problems(self, *, limit: int = 100) -> list[Event]:
        """Return the newest recorded problems, such as messages that could not be read."""
        return self._ledger.of_kind(EventKind.PROBLEM, limit=limit)

    @property
    def model_name(self) -> str:
        """The name of the planning model."""
        return self._model.name

    def health(self) -> Health:
        """Say whether broker and model are there."""
        problems = []
        if not self._bus.is_connected or self._bus_problem is not None:
            problems.append(self._bus_problem or "The message broker cannot be reached.")
        if self._model_problem is not None:
            problems.append(self._model_problem)
        if self._intake.displaced_by is not None:
            problems.append(
                f"Another coordinator (epoch {self._intake.displaced_by}) has taken over this site."
            )
        return Health(
            is_broker_connected=self._bus.is_connected,
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

    # The life of one goal

    async def _pursue(self, course: Course, text: str, steps: tuple[PlanStep, ...]) -> None:
        records: list[ExecutionRecord] = []
        goal_id = course.goal_id
        try:
            await self._attempt(course, text, steps, records)
        except HaltedError:
            self._end_halted(course, records)
        except asyncio.CancelledError:
            self._end_early(goal_id, _STOPPED, records)
            raise
        except Exception:  # an accepted goal must end in a recorded way, whatever went wrong
            logger.exception("Goal %s failed through a defect.", goal_id)
            self._end_early(goal_id, "This goal failed through a defect of the coordinator.", records)

    async def _attempt(
        self, course: Course, goal: str, steps: tuple[PlanStep, ...], records: list[ExecutionRecord]
    ) -> None:
        goal_id = course.goal_id
        seconds = self.settings.times.subtask_timeout_seconds
        if not await course.unless_halted(self._is_broker_there(seconds)):
            text = f"Nothing was done: {BROKER_AWAY} within {seconds:g} s."
            self._end(goal_id, GoalStatus.FAILED, text, error_code=ErrorCode.BROKER_UNAVAILABLE)
            return
        plan = Plan(steps=steps) if steps else await course.unless_halted(self._plan(goal))
        self._note_plan(goal_id, plan)
        if not plan.steps:
            status = GoalStatus.FAILED if plan.is_model_broken else GoalStatus.REFUSED
            self._end(goal_id, status, plan.reason, error_code=plan.error_code)
            return
        rounds = Round(course, self._dispatcher, self._ledger, self.site.entities)
        latest: list[ExecutionRecord] = []
        is_possible = True
        for index, step in enumerate(plan.steps):
            if index and not step.is_together:
                is_possible = not step.follows or any(one.outcome is Outcome.COMPLETED for one in latest)
                latest = []
            is_wanted = is_possible and course.halt is None
            ended = await rounds.run(index, step) if is_wanted else [rounds.skip(index, step)]
            latest += ended
            records += ended
        answer = compose(records)
        if course.halt is not None and answer.outcome != "completed":
            self._end_halted(course, records)
            return
        lacking = [record.reason for record in records if record.outcome is Outcome.NO_DEVICE]
        if lacking and all(record.outcome in {Outcome.NO_DEVICE, Outcome.SKIPPED} for record in records):
            reasons = listing(list(dict.fromkeys(reason for reason in lacking if reason)))
            self._end(
                goal_id,
                GoalStatus.REFUSED,
                f"Nothing was done: {reasons}.",
                error_code=ErrorCode.NO_CAPABLE_DEVICE,
            )
            return
        self._end(
            goal_id, GoalStatus(answer.outcome), answer.text, answer=answer, error_code=_code(answer, records)
        )

    async def _plan(self, goal: str) -> Plan:
        # Right after a start or a reconnect the devices are still introducing themselves.
        await self.wait_for_devices(1, timeout_seconds=self.settings.times.poll_wait_seconds)
        return await self._planner.plan(goal, self._registry.kinds())

    def _end_halted(self, course: Course, records: list[ExecutionRecord]) -> None:
        """End a goal that someone cancelled or stopped, and tell what came of it all the same."""
        halt = course.halt
        if halt is None:
            raise InternalError(f"Goal {course.goal_id} was not halted.")
        answer = (
            compose(records) if any(record.outcome is not Outcome.SKIPPED for record in records) else None
        )
        if answer is None:
            status, text = GoalStatus.FAILED, f"{halt.sentence} Nothing was done."
        else:
            status, text = GoalStatus(answer.outcome), f"{halt.sentence} {answer.text}"
        self._end(course.goal_id, halt.status or status, text, answer=answer, error_code=halt.error_code)

    async def _is_broker_there(self, seconds: float) -> bool:
        if self._bus.is_connected:
            return True
        try:
            await within(self.clock, seconds, self._connected.wait())
        except TimeoutError:
            return False
        return True

    def _note_plan(self, goal_id: str, plan: Plan) -> None:
        self._model_problem = plan.reason if plan.is_model_broken else None
        data = {
            "steps": [describe(step) for step in plan.steps],
            "model_calls": plan.model_calls,
            "prompt_tokens": plan.prompt_tokens,
            "completion_tokens": plan.completion_tokens,
        }
        self._ledger.append(EventKind.GOAL_PLANNED, data, goal_id=goal_id)

    def _end(
        self,
        goal_id: str,
        status: GoalStatus,
        text: str,
        *,
        answer: Answer | None = None,
        error_code: ErrorCode | None = None,
    ) -> None:
        data = {
            "status": status.value,
            "answer": text,
            "error_code": error_code.value if error_code else None,
            "claims": [claim.model_dump(mode="json") for claim in answer.claims] if answer else [],
        }
        self._ledger.append(EventKind.GOAL_ENDED, data, goal_id=goal_id)

    def _end_early(self, goal_id: str, why: str, records: list[ExecutionRecord]) -> None:
        """End a goal as failed, and tell what had been found out before."""
        answer = compose(records) if records else None
        text = f"{why} Recorded before: {answer.text}" if answer else f"{why} Nothing was recorded."
        self._end(goal_id, GoalStatus.FAILED, text, answer=answer, error_code=ErrorCode.UNKNOWN_OUTCOME)

    def _recover(self) -> None:
        """End the goals that a previous run of the coordinator left open, honestly, and await late reports of theirs.

        A run that was stopped in good order has ended its goals itself; what devices were at goes on all the same.
        """
        for event in self._ledger.cut_off_subtasks(limit=_RECALLED_SUBTASKS):
            self._dispatcher.note_unfinished(
                event.goal_id or "", event.data["subtask_id"], event.data["device_id"]
            )
        for goal_id in self._ledger.unfinished_goals():
            state = view(self._ledger.of_goal(goal_id))
            self._end_early(goal_id, _RESTARTED, list(state.records) if state else [])
            logger.warning("Goal %s was not finished when the coordinator last stopped.", goal_id)

    # The bus

    async def _serve(self) -> None:
        """Open the bus and take in what arrives, until cancelled."""
        try:
            async with self._bus:
                while not await self._listen():
                    await self.clock.sleep(_RESUBSCRIBE_SECONDS)
        except OperatorError as error:
            self._note_bus_problem(error)

    async def _listen(self) -> bool:
        """Take in what arrives until the bus ends; returns whether it did, and was not merely unable to subscribe."""
        try:
            async with self._bus.subscribe(*self._intake.patterns) as deliveries:
                self._bus_problem = None
                try:
                    async for delivery in deliveries:
                        self._intake.take(delivery)
                finally:
                    await self._say_goodbye()
        except OperatorError as error:
            self._note_bus_problem(error)
            return False
        return True

    def _note_bus_problem(self, error: OperatorError) -> None:
        self._bus_problem = str(error)
        logger.error("%s", error)

    async def _watch_connection(self) -> None:
        """Tell the site who owns it after every (re)connection: a broker without persistence forgets it."""
        announced = 0
        remind_at = math.inf
        while True:
            if not self._bus.is_connected:
                self._connected.clear()
            elif self._bus.connections != announced:
                # Counted, because a broker may be away for less than the time between two looks.
                announced = self._bus.connections
                self._connected.set()
                self.announce()
                remind_at = self.clock.monotonic() + _REMIND_SECONDS
            elif self.clock.monotonic() >= remind_at:
                # By now the broker has delivered what it kept. A stop that it forgot is not released by that.
                remind_at = math.inf
                if self.emergency_stop.is_engaged:
                    self.emergency_stop.publish()
            await self.clock.sleep(_WATCH_SECONDS)

    def announce(self) -> None:
        """Say, retained, that this coordinator owns the site."""
        payload = own_presence(self.epoch, PresenceStatus.ONLINE, self.clock.now())
        self._spawn(self._tell(self.topics.coordinator_presence, payload, retain=True))

    def reply(self, topic: str, payload: bytes) -> None:
        """Send an answer without waiting for the broker."""
        self._spawn(self._tell(topic, payload))

    async def _say_goodbye(self) -> None:
        if not self._bus.is_connected or self._intake.displaced_by is not None:
            return
        payload = own_presence(self.epoch, PresenceStatus.OFFLINE, self.clock.now())
        try:
            # In its own short time: leaving must not hang on a broker that has just gone.
            async with asyncio.timeout(2):
                await self._bus.publish(self.topics.coordinator_presence, payload, retain=True)
        except (OperatorError, TimeoutError) as error:
            logger.info("The site could not be told that its coordinator leaves: %s", error)

    async def _tell(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        await self._ledger.durable()
        try:
            await self._bus.publish(topic, payload, retain=retain)
        except OperatorError as error:
            logger.warning("%s", error)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._note_background_end)

    def _note_background_end(self, task: asyncio.Task[Any]) -> None:
        self._background.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("Work in the background failed.", exc_info=error)


def _code(answer: Answer, records: list[ExecutionRecord]) -> ErrorCode | None:
    """Return the code of a goal that did not fully succeed: that of its first failure."""
    if answer.outcome == "completed":
        return None
    return next((record.error_code for record in records if record.error_code), ErrorCode.UNKNOWN_OUTCOME)
