"""Takes one goal from where it stands to its end, whether it has just been given or was cut off by a restart."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from coordinator.answer import Answer, compose
from coordinator.course import Course, HaltedError
from coordinator.dispatch import Dispatcher
from coordinator.ending import BROKER_AWAY
from coordinator.exchange import WaitingTimes
from coordinator.goal_state import GoalState, PlanRefusal
from coordinator.goals import GoalStatus, describe
from coordinator.ledger.events import EventKind
from coordinator.ledger.ledger import Ledger
from coordinator.plan_data import plan_as_data
from coordinator.planner import Plan, Planner
from coordinator.records import ExecutionRecord, Outcome
from coordinator.registry import Registry
from coordinator.rounds import Round
from coordinator.site.current import CurrentSite
from coordinator.site_link import SiteLink
from coordinator.tracing import GoalTracer
from coordinator.wording import listing
from inference.plan import PlanStep
from protocol.clock import Clock
from protocol.errors import ErrorCode, InternalError
from protocol.log_fields import logging_about
from transport.clock import within

logger = logging.getLogger(__name__)

_OLD_LAYOUT = (
    "An older version of the coordinator was at this goal and did not write its plan down, so its outcome is not"
    " fully known."
)


@dataclass(frozen=True, slots=True)
class PursuitPorts:
    """What it takes to pursue a goal.

    Attributes:
        link: to the site.
        ledger: where everything is written down.
        registry: the devices.
        planner: splits goals into steps.
        dispatcher: talks with the devices.
        site: what exists there besides devices.
        times: how long to wait.
        clock: time.
        note_model_problem: told why the model cannot be used, or that it can.
        tracer: knows which trace a goal belongs to.
    """

    link: SiteLink
    ledger: Ledger
    registry: Registry
    planner: Planner
    dispatcher: Dispatcher
    site: CurrentSite
    times: WaitingTimes
    clock: Clock
    note_model_problem: Callable[[str | None], None]
    tracer: GoalTracer


class Pursuit:
    """One goal under way.

    Args:
        course: whether it may go on.
        state: where it stands; kept up to date by its owner.
        ports: what it takes.
    """

    def __init__(self, course: Course, state: GoalState, ports: PursuitPorts) -> None:
        self._course = course
        self._state = state
        self._ledger = ports.ledger
        self._ports = ports

    async def run(self) -> None:
        """See the goal through to its end, which is recorded. Cancelled, it stays open for the next start."""
        with logging_about(goal_id=self._course.goal_id):
            await self._run()

    async def _run(self) -> None:
        try:
            await self._attempt()
        except HaltedError:
            self._end_halted(self._state.records())
        except Exception:  # an accepted goal must end in a recorded way, whatever went wrong
            logger.exception("Goal %s failed through a defect.", self._course.goal_id)
            self._end_early("This goal failed through a defect of the coordinator.")

    async def _attempt(self) -> None:
        if self._state.plan_lines and self._state.plan is None:
            self._end_early(_OLD_LAYOUT)
            return
        is_begun = bool(self._state.expanded)
        if is_begun:
            await self._await_devices()
        elif not await self._course.unless_halted(self._is_broker_there()):
            return
        if self._state.plan is None and self._state.refusal is None:
            self._note_plan(await self._course.unless_halted(self._make_plan()))
        refusal, plan = self._state.refusal, self._state.plan
        if refusal is not None or plan is None:
            self._end_refused(refusal)
            return
        self._conclude(await self._work_through(plan))

    async def _work_through(self, plan: tuple[PlanStep, ...]) -> list[ExecutionRecord]:
        records: list[ExecutionRecord] = []
        rounds = Round(
            self._course, self._ports.dispatcher, self._ledger, self._ports.site.entities, self._state
        )
        latest: list[ExecutionRecord] = []
        is_possible = True
        for index, step in enumerate(plan):
            if index and not step.is_together:
                is_possible = not step.follows or any(one.lets_next_follow for one in latest)
                latest = []
            is_wanted = is_possible and self._course.halt is None
            # What was begun before a restart is seen through in any case: its devices may still be at it.
            is_begun = index in self._state.expanded
            ended = await rounds.run(index, step) if is_wanted or is_begun else [rounds.skip(index, step)]
            latest += ended
            records += ended
        return records

    def _conclude(self, records: list[ExecutionRecord]) -> None:
        answer = compose(records)
        if self._course.halt is not None and answer.outcome != "completed":
            self._end_halted(records)
            return
        lacking = [record.reason for record in records if record.outcome is Outcome.NO_DEVICE]
        if lacking and all(record.outcome in {Outcome.NO_DEVICE, Outcome.SKIPPED} for record in records):
            reasons = listing(list(dict.fromkeys(reason for reason in lacking if reason)))
            self.end(
                GoalStatus.REFUSED,
                f"Nothing was done: {reasons}.",
                error_code=ErrorCode.NO_CAPABLE_DEVICE,
            )
            return
        self.end(GoalStatus(answer.outcome), answer.text, answer=answer, error_code=_code(answer, records))

    # Before the work

    async def _is_broker_there(self) -> bool:
        seconds = self._ports.times.subtask_timeout_seconds
        if await self._ports.link.connected_within(seconds):
            return True
        text = f"Nothing was done: {BROKER_AWAY} within {seconds:g} s."
        self.end(GoalStatus.FAILED, text, error_code=ErrorCode.BROKER_UNAVAILABLE)
        return False

    async def _await_devices(self) -> None:
        """After a restart, let the devices that are needed introduce themselves again."""
        needed = {one.device_id for step in self._state.expanded.values() for one in step if one.device_id}
        try:
            await within(
                self._ports.clock, self._ports.times.stop_wait_seconds, self._until_available(needed)
            )
        except TimeoutError:
            logger.info("Not all devices of %s are back.", self._course.goal_id)

    async def _until_available(self, device_ids: set[str]) -> None:
        while True:
            changed = self._ledger.next_change()
            device_ids = {name for name in device_ids if not self._is_available(name)}
            if not device_ids or self._course.halt is not None:
                return
            await changed.wait()

    def _is_available(self, device_id: str) -> bool:
        device = self._ports.registry.get(device_id)
        return device is not None and device.is_available

    async def _make_plan(self) -> Plan:
        # Right after a start or a reconnect the devices are still introducing themselves.
        try:
            await within(self._ports.clock, self._ports.times.poll_wait_seconds, self._until_anyone_is_here())
        except TimeoutError:
            logger.info("Nobody is here for %s.", self._course.goal_id)
        if self._state.given_steps:
            return Plan(steps=self._state.given_steps)
        with self._ports.tracer.planning(self._course.goal_id):
            return await self._ports.planner.plan(self._state.goal, self._ports.registry.kinds())

    async def _until_anyone_is_here(self) -> None:
        while True:
            changed = self._ledger.next_change()
            if self._ports.registry.available_count:
                return
            await changed.wait()

    def _note_plan(self, plan: Plan) -> None:
        self._ports.note_model_problem(plan.reason if plan.is_model_broken else None)
        data = {
            "steps": [describe(step) for step in plan.steps],
            "plan": plan_as_data(plan.steps),
            "model_calls": plan.model_calls,
            "prompt_tokens": plan.prompt_tokens,
            "completion_tokens": plan.completion_tokens,
            "model_seconds": plan.model_seconds,
        }
        if not plan.steps:
            data["refusal"] = {
                "reason": plan.reason,
                "error_code": plan.error_code.value if plan.error_code else None,
                "is_model_broken": plan.is_model_broken,
            }
        self._ledger.append(EventKind.GOAL_PLANNED, data, goal_id=self._course.goal_id)

    # The end

    def end(
        self,
        status: GoalStatus,
        text: str,
        *,
        answer: Answer | None = None,
        error_code: ErrorCode | None = None,
    ) -> None:
        """Record how the goal has ended."""
        data = {
            "status": status.value,
            "answer": text,
            "error_code": error_code.value if error_code else None,
            "claims": [claim.model_dump(mode="json") for claim in answer.claims] if answer else [],
        }
        self._ledger.append(EventKind.GOAL_ENDED, data, goal_id=self._course.goal_id)

    def _end_refused(self, refusal: PlanRefusal | None) -> None:
        if refusal is None:
            raise InternalError(f"Goal {self._course.goal_id} has neither a plan nor a reason for that.")
        status = GoalStatus.FAILED if refusal.is_model_broken else GoalStatus.REFUSED
        self.end(status, refusal.reason, error_code=refusal.error_code)

    def _end_halted(self, records: list[ExecutionRecord]) -> None:
        """End a goal that someone cancelled or stopped, and tell what came of it all the same."""
        halt = self._course.halt
        if halt is None:
            raise InternalError(f"Goal {self._course.goal_id} was not halted.")
        answer = (
            compose(records) if any(record.outcome is not Outcome.SKIPPED for record in records) else None
        )
        if answer is None:
            status, text = GoalStatus.FAILED, f"{halt.sentence} Nothing was done."
        else:
            status, text = GoalStatus(answer.outcome), f"{halt.sentence} {answer.text}"
        self.end(halt.status or status, text, answer=answer, error_code=halt.error_code)

    def _end_early(self, why: str) -> None:
        """End a goal as failed, and tell what had been found out before."""
        records = self._state.records()
        answer = compose(records) if records else None
        text = f"{why} Recorded before: {answer.text}" if answer else f"{why} Nothing was recorded."
        self.end(GoalStatus.FAILED, text, answer=answer, error_code=ErrorCode.UNKNOWN_OUTCOME)


def _code(answer: Answer, records: list[ExecutionRecord]) -> ErrorCode | None:
    """Return the code of a goal that did not fully succeed: that of its first failure."""
    if answer.outcome == "completed":
        return None
    return next((record.error_code for record in records if record.error_code), ErrorCode.UNKNOWN_OUTCOME)
