"""Runs one step of a plan: every device at once, each with one sentence at a time, until all ends are known."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, partial

from coordinator.allocator import STEP_BEFORE_FAILED, Assignment, Fleet, Progress, expand, spread
from coordinator.course import Course
from coordinator.dispatch import Dispatcher, Hold
from coordinator.ending import BROKER_AWAY
from coordinator.goal_state import URGENT_PRIORITY, GoalState, assignments_as_data
from coordinator.ledger.events import EventKind
from coordinator.ledger.ledger import Ledger
from coordinator.past import Past
from coordinator.reassignment import may_go_elsewhere
from coordinator.records import ExecutionRecord, Outcome
from coordinator.urgency import concerns
from coordinator.wave import Wave, newcomers
from inference.plan import PlanStep
from protocol.errors import ErrorCode

_GATHERING_SECONDS = 0.25


class Round:
    """The steps of one goal, one after another.

    Args:
        course: of the goal whose steps these are.
        dispatcher: talks with the devices.
        ledger: where the ends are written down.
        entities: the site's entities by kind.
        state: where the goal stands; after a restart, what is begun or ended there is not begun again.
    """

    def __init__(
        self,
        course: Course,
        dispatcher: Dispatcher,
        ledger: Ledger,
        entities: Mapping[str, Sequence[str]],
        state: GoalState,
    ) -> None:
        self._course = course
        self._dispatcher = dispatcher
        self._ledger = ledger
        self._entities = entities
        self._state = state
        self._past = Past(state)
        self._subtasks = len(state.subtasks)
        self._progress = Progress()
        self._ended: dict[int, ExecutionRecord] = {}

    async def run(self, step_index: int, step: PlanStep) -> list[ExecutionRecord]:
        """Run one step; returns its records in the order in which answers list them."""
        self._ended = {}
        waiting = self._recalled(step_index)
        if waiting is None:
            await self._dispatcher.refresh()
            waiting = await self._expanded(step_index, step)
            data = {"step": step_index, "assignments": assignments_as_data(waiting)}
            self._ledger.append(EventKind.STEP_EXPANDED, data, goal_id=self._course.goal_id)
        while waiting:
            left = await self._wave(waiting)
            if self._course.halt is not None:
                for assignment in left:
                    self._give_up(assignment)
                break
            # Who could not be had is not in the fleet any more, so what is left finds another device or a problem.
            waiting = self._spread(left)
        return [self._ended[index] for index in sorted(self._ended)]

    async def _expanded(self, step_index: int, step: PlanStep) -> list[Assignment]:
        """Turn a step into assignments; where weighing all ways takes long, beside everything else."""
        fleet = self._fleet()
        count = len(step.entity_ids or self._entities.get(step.entity or "", ()))
        work = partial(expand, step_index, step, dict(self._entities), fleet, self._progress)
        return await asyncio.to_thread(work) if fleet.takes_long(step.kind, count) else work()

    def _divided(self, waiting: Sequence[Assignment], fleet: Fleet) -> list[Assignment]:
        """Divide at once, and by load alone where weighing all ways would hold everything else up."""
        kinds = {one.kind for one in waiting}
        is_long = any(fleet.takes_long(kind, len(waiting)) for kind in kinds)
        return spread(waiting, fleet.unmapped() if is_long else fleet)

    def _fleet(self) -> Fleet:
        return self._dispatcher.fleet(self._course.priority)

    def _recalled(self, step_index: int) -> list[Assignment] | None:
        """Return what is left of a step that was begun before a restart; None for one that was not."""
        past = self._past.step(step_index)
        if past is None:
            return None
        for assignment, record in past.ended:
            self._ended[assignment.index] = record
            self._progress.take(assignment, record)
        fleet = self._fleet()
        kept = [one for one in past.left if self._stays(one, fleet)]
        moved = [one for one in past.left if not self._stays(one, fleet)]
        waiting = [*past.under_way, *kept, *self._spread(moved)]
        return sorted(waiting, key=lambda one: one.index)

    def _stays(self, assignment: Assignment, fleet: Fleet) -> bool:
        """Whether what was not begun before a restart is still for the device that it was meant for."""
        if assignment.outcome is not None:
            return True
        has_been_tried = bool(self._state.attempts(assignment.step, assignment.index))
        device_id = assignment.device_id
        return device_id is not None and not has_been_tried and fleet.problem_of(device_id) is None

    def _spread(self, left: Sequence[Assignment]) -> list[Assignment]:
        """Find devices for what has none any more; what was tried once goes to another device than then."""
        fleet = self._fleet()
        bound = [assignment for assignment in left if assignment.is_bound]
        free = [assignment for assignment in left if not assignment.is_bound]
        found = [*bound]
        by_tried: dict[frozenset[str], list[Assignment]] = {}
        for one in free:
            tried = frozenset(attempt.device_id for attempt in self._state.attempts(one.step, one.index))
            by_tried.setdefault(tried, []).append(one)
        for tried, group in by_tried.items():
            found += self._divided(group, fleet.without(tried))
        return sorted(found, key=lambda one: one.index)

    def skip(self, step_index: int, step: PlanStep) -> ExecutionRecord:
        """Leave a step out because the one before it came to nothing, or because the goal was halted."""
        assignment = Assignment(
            step_index,
            0,
            step.sentence,
            device_id=step.device,
            problem=STEP_BEFORE_FAILED,
            outcome=Outcome.SKIPPED,
        )
        known = self._past.skipped(step_index)
        if known is not None:
            return known
        self._ended = {}
        self._give_up(assignment)
        return self._ended[0]

    async def _wave(self, assignments: Sequence[Assignment]) -> list[Assignment]:
        """Work through the assignments, all devices at once; returns what could not be sent to the device chosen."""
        given = []
        for assignment in assignments:
            if assignment.problem is not None or assignment.device_id is None:
                self._give_up(assignment)
            else:
                given.append(assignment)
        async with asyncio.TaskGroup() as tasks:
            wave = Wave(tasks, cache(self._fleet), self._work)
            tasks.create_task(self._see_through(wave, given))
        return sorted([*wave.left, *wave.urgent], key=lambda assignment: assignment.index)

    async def _see_through(self, wave: Wave, given: Sequence[Assignment]) -> None:
        """Begin the work, and have devices that come meanwhile take their share, until nothing is left to be shared."""
        with self._dispatcher.workload.shown(self._course.priority, wave.queues):
            wave.give(self._in_turn(given))
            sharing = asyncio.create_task(self._share(wave))
            try:
                await wave.is_over.wait()
            finally:
                sharing.cancel()

    async def _share(self, wave: Wave) -> None:
        """Divide anew what is not begun, whenever a device that could do it has come or come back."""
        with newcomers(self._ledger, self._course.goal_id) as came:
            while True:
                await came.wait()
                self._hurry(wave)
                # Where the whole site comes back at once, it is looked at once.
                await self._dispatcher.clock.sleep(_GATHERING_SECONDS)
                names = came.take()
                fleet = self._fleet()
                kinds = {kind for kind, members in fleet.by_kind.items() if not names.isdisjoint(members)}
                waiting = [
                    one
                    for one in wave.movable()
                    if (one.kind or "").casefold() in kinds or one.device_id in names
                ]
                # Only those who have not tried it yet; what has been tried is left where it is.
                waiting = [one for one in waiting if not self._state.attempts(one.step, one.index)]
                if waiting:
                    wave.take_back(waiting, self._dispatcher.withdraw)
                    wave.give(self._in_turn(self._divided(waiting, self._fleet())))

    def _is_urgent(self, assignment: Assignment) -> bool:
        return bool(self._state.urgent) and concerns(assignment, self._state.urgent)

    def _in_turn(self, assignments: Sequence[Assignment]) -> list[Assignment]:
        """Return assignments with those first in their device's turn that a person called urgent."""
        return [replace(one, turn=-1) if self._is_urgent(one) else one for one in assignments]

    def _hurry(self, wave: Wave) -> None:
        """Have what is urgent and was not begun done next: at once by a device that is idle, else by the first that is free."""
        urgent = [one for one in wave.movable() if self._is_urgent(one)]
        if not urgent:
            return
        fleet = self._fleet()
        busy = {name for name, state in fleet.states.items() if state.queued or state.stands_still}
        wave.take_back(urgent, self._dispatcher.withdraw)
        for one in urgent:
            tried = {attempt.device_id for attempt in self._state.attempts(one.step, one.index)}
            given = self._divided([one], fleet.without(busy | tried))[0]
            if given.device_id is None:
                wave.urgent.append(one)
            else:
                busy.add(given.device_id)
                wave.give([given])
        if wave.urgent:
            wave.step_back(self._dispatcher.withdraw)

    def _next(self, device_id: str, wave: Wave) -> Assignment | None:
        """Return what a device is to do next: what is urgent and can be done by it, else what is first in its queue."""
        for one in wave.urgent:
            tried = {attempt.device_id for attempt in self._state.attempts(one.step, one.index)}
            fleet = self._fleet()
            is_able = device_id in fleet.of_kind(one.kind) and not fleet.state(device_id).stands_still
            if is_able and device_id not in tried:
                wave.urgent.remove(one)
                return replace(one, device_id=device_id)
        queue = wave.queues[device_id]
        return queue.popleft() if queue else None

    async def _work(self, device_id: str, wave: Wave) -> None:
        """Give one device its sentences one by one; what it cannot get any more is left."""
        queue = wave.queues[device_id]
        while (assignment := self._next(device_id, wave)) is not None:
            hold = Hold(urgency=URGENT_PRIORITY if self._is_urgent(assignment) else 0)
            wave.holds[device_id] = (assignment, hold)
            end = await self._dispatcher.execute(
                self._course,
                self._subtask_id(assignment),
                assignment,
                on_suspicion=partial(self._relieve, device_id, wave),
                hold=hold,
            )
            if hold.is_withdrawn:
                continue
            if isinstance(end, str):
                rest = [assignment, *queue]
                queue.clear()
                wave.left.extend(replace(one, problem=end if one.is_bound else None) for one in rest)
            elif self._course.halt is None and may_go_elsewhere(assignment, end, self._state, wave.fleet):
                self._record(end.model_copy(update={"is_reassigned": True}))
                again = replace(assignment, problem=None)
                if end.is_handed_over:
                    self._pass_on(again, wave)
                else:
                    wave.left.append(again)
            else:
                self._note(assignment, end)

    def _pass_on(self, assignment: Assignment, wave: Wave) -> None:
        """Give what one device was to do to another one at once, where one can be found."""
        given = self._spread([assignment])[0]
        if given.device_id is None or given.problem is not None:
            wave.left.append(assignment)
        else:
            wave.give(self._in_turn([given]))

    def _subtask_id(self, assignment: Assignment) -> str:
        """Name the next attempt; one that was under way before a restart keeps its name."""
        open_attempt = self._past.take_open(assignment)
        if open_attempt is not None:
            return open_attempt
        self._subtasks += 1
        return f"{self._course.goal_id}-{self._subtasks}"

    def _relieve(self, device_id: str, wave: Wave) -> None:
        """A device does not answer: what waits for it, and may be done by others, is done by those."""
        moved = [one for one in wave.queues.get(device_id, ()) if not one.is_bound]
        if not moved:
            return
        fleet = self._fleet().without({device_id})
        given = [one for one in self._divided(moved, fleet) if one.device_id is not None]
        wave.take_back(given, self._dispatcher.withdraw)
        wave.give(given)

    def _give_up(self, assignment: Assignment) -> None:
        """Record that an assignment was never sent, and why."""
        reason = assignment.problem or "no device was left that could do it"
        outcome = Outcome.NO_DEVICE
        code: ErrorCode | None = ErrorCode.NO_CAPABLE_DEVICE
        halt = self._course.halt
        if halt is not None:
            reason, outcome, code = halt.reason, Outcome.SKIPPED, halt.error_code
        elif assignment.outcome is not None:
            outcome = assignment.outcome
            code = None if outcome is Outcome.CONDITION_NOT_MET else ErrorCode.NOT_EXECUTABLE
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
            index=assignment.index,
        )
        self._note(assignment, record)

    def _note(self, assignment: Assignment, record: ExecutionRecord) -> None:
        self._ended[assignment.index] = record
        self._progress.take(assignment, record)
        self._record(record)

    def _record(self, record: ExecutionRecord) -> None:
        self._ledger.append(EventKind.SUBTASK_ENDED, record.stored(), goal_id=self._course.goal_id)
