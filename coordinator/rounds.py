"""Runs one step of a plan: every device at once, each with one sentence at a time, until all ends are known."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace

from coordinator.allocator import STEP_BEFORE_FAILED, Assignment, Progress, expand, spread
from coordinator.course import Course
from coordinator.dispatch import Dispatcher
from coordinator.exchange import BROKER_AWAY
from coordinator.ledger.events import EventKind
from coordinator.ledger.ledger import Ledger
from coordinator.records import ExecutionRecord, Outcome
from inference.plan import PlanStep
from protocol.errors import ErrorCode


class Round:
    """The steps of one goal, one after another.

    Args:
        course: of the goal whose steps these are.
        dispatcher: talks with the devices.
        ledger: where the ends are written down.
        entities: the site's entities by kind.
    """

    def __init__(
        self, course: Course, dispatcher: Dispatcher, ledger: Ledger, entities: Mapping[str, Sequence[str]]
    ) -> None:
        self._course = course
        self._dispatcher = dispatcher
        self._ledger = ledger
        self._entities = entities
        self._progress = Progress()
        self._subtasks = 0
        self._ended: dict[int, ExecutionRecord] = {}

    async def run(self, step_index: int, step: PlanStep) -> list[ExecutionRecord]:
        """Run one step; returns its records in the order in which answers list them."""
        self._ended = {}
        await self._dispatcher.refresh()
        waiting = expand(step_index, step, self._entities, self._dispatcher.fleet(), self._progress)
        while waiting:
            left = await self._wave(waiting)
            if self._course.halt is not None:
                for assignment in left:
                    self._give_up(assignment)
                break
            # Who could not be had is not in the fleet any more, so what is left finds another device or a problem.
            fleet = self._dispatcher.fleet()
            bound = [assignment for assignment in left if assignment.is_bound]
            waiting = [*bound, *spread([one for one in left if not one.is_bound], fleet)]
        return [self._ended[index] for index in sorted(self._ended)]

    def skip(self, step_index: int, step: PlanStep) -> ExecutionRecord:
        """Leave a step out because the one before it came to nothing, or because the goal was halted."""
        assignment = Assignment(
            step_index, 0, step.sentence, device_id=step.device, problem=STEP_BEFORE_FAILED
        )
        self._ended = {}
        self._give_up(assignment)
        return self._ended[0]

    async def _wave(self, assignments: Sequence[Assignment]) -> list[Assignment]:
        """Work through the assignments, all devices at once; returns what could not be sent to the device chosen."""
        queues: dict[str, deque[Assignment]] = {}
        for assignment in assignments:
            if assignment.problem is not None or assignment.device_id is None:
                self._give_up(assignment)
            else:
                queues.setdefault(assignment.device_id, deque()).append(assignment)
        async with asyncio.TaskGroup() as tasks:
            workers = [tasks.create_task(self._work(queue)) for queue in queues.values()]
        left = [assignment for worker in workers for assignment in worker.result()]
        return sorted(left, key=lambda assignment: assignment.index)

    async def _work(self, queue: deque[Assignment]) -> list[Assignment]:
        """Give one device its sentences one by one; returns those it could not get any more."""
        while queue:
            self._subtasks += 1
            subtask_id = f"{self._course.goal_id}-{self._subtasks}"
            end = await self._dispatcher.execute(self._course, subtask_id, queue[0])
            if isinstance(end, str):
                return [replace(one, problem=end if one.is_bound else None) for one in queue]
            self._note(queue.popleft(), end)
        return []

    def _give_up(self, assignment: Assignment) -> None:
        """Record that an assignment was never sent, and why."""
        reason = assignment.problem or "no device was left that could do it"
        outcome, code = Outcome.NO_DEVICE, ErrorCode.NO_CAPABLE_DEVICE
        halt = self._course.halt
        if halt is not None:
            reason, outcome, code = halt.reason, Outcome.SKIPPED, halt.error_code
        elif reason == STEP_BEFORE_FAILED:
            outcome, code = Outcome.SKIPPED, ErrorCode.NOT_EXECUTABLE
        elif not self._dispatcher.is_connected:
            reason, outcome, code = BROKER_AWAY, Outcome.BROKER_UNAVAILABLE, ErrorCode.BROKER_UNAVAILABLE
        record = ExecutionRecord(
            step=assignment.step,
            sentence=assignment.sentence,
            outcome=outcome,
            device_id=assignment.device_id,
            entity_kind=assignment.entity_kind,
            entity_id=assignment.entity_id,
            reason=reason,
            error_code=code,
        )
        self._note(assignment, record)

    def _note(self, assignment: Assignment, record: ExecutionRecord) -> None:
        self._ended[assignment.index] = record
        self._progress.note(assignment, record.device_id, is_completed=record.outcome is Outcome.COMPLETED)
        self._ledger.append(EventKind.SUBTASK_ENDED, record.stored(), goal_id=self._course.goal_id)
