"""Pursues a goal as LLMind 1.0 does: plans it, codes for one device after another, runs all of it as one state machine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from benchmarks.central.apis import CentralApis, Scope
from benchmarks.central.coder import CentralCoder, Script
from benchmarks.experiment1_costs import in_thread, own_seconds
from coordinator.allocator import Assignment, Progress, expand
from coordinator.answer import compose
from coordinator.fleet import DeviceState, Fleet
from coordinator.goals import GoalStatus, GoalView
from coordinator.planner import Planner
from coordinator.reassignment import ATTEMPTS_OUT_OF_RANGE
from coordinator.records import ExecutionRecord, Outcome
from coordinator.registry import Registry
from coordinator.site import Geography, Site, Spot
from demos.warehouse.floor import Point
from device_agent.drivers.port import Driver
from device_agent.executor import Execution, Executor
from device_agent.modes import present_modes
from device_agent.orders import Orders
from device_agent.profile import profile_of
from firmware_api_specs.thing_description import ThingDescription
from fsm.subtask import SubtaskState
from inference.metering import Usage
from inference.plan import PlanStep
from inference.ports import Encoder
from inference.routing import Router
from parley.agent_process import Minds
from protocol.clock import Clock
from protocol.messages import Presence, PresenceStatus
from transport.clock import SystemClock


@dataclass(frozen=True, slots=True)
class CentralRun:
    """How a goal ended.

    Attributes:
        view: the goal, as the coordinator shows its own.
        planning_seconds: processor time from the goal to its plan.
        language_seconds: processor time of the language work for each device.
        usage: what the model has cost, for the plan and for all devices.
        seconds: from the goal to the answer, on the wall.
    """

    view: GoalView
    planning_seconds: float
    language_seconds: dict[str, float]
    usage: Usage
    seconds: float


@dataclass(slots=True)
class _Script:
    """One sentence's place in the state machine: for which assignment, what was written, and how its parts ended."""

    assignment: Assignment
    written: Script
    ends: list[Execution] = field(default_factory=list)


class CentralSystem:
    """One process that knows everything and moves everything.

    Args:
        descriptions: the devices' APIs, by device.
        drivers: reach the devices.
        minds: the model, the index and the reader, the same that agents have.
        router: composes plans, the same that the coordinator has.
        encoder: the planner's.
        site: what there is besides devices, and where.
        places: where each device is, in metres.
        scope: among which functions those for a device are searched.
    """

    def __init__(  # noqa: PLR0917 - everything there is
        self,
        descriptions: Mapping[str, ThingDescription],
        drivers: Mapping[str, Driver],
        minds: Minds,
        router: Router | None,
        encoder: Encoder,
        site: Site,
        places: Mapping[str, Point],
        scope: Scope,
    ) -> None:
        self._clock: Clock = SystemClock()
        self._descriptions = descriptions
        self._drivers = drivers
        self._entities = site.entities
        self._planner = Planner(minds.model, site.entities, router, encoder)
        self._apis = CentralApis(descriptions, minds.index)
        self._coder = CentralCoder(self._apis, minds.model, minds.reader, scope)
        self._executors = {
            device_id: Executor(description, drivers[device_id], self._clock)
            for device_id, description in descriptions.items()
        }
        self._registry = _registry(descriptions, self._clock.now())
        self._fleet = Fleet(
            {kind.kind.casefold(): kind.device_names for kind in self._registry.kinds()},
            states={device_id: DeviceState(Spot(at=place)) for device_id, place in places.items()},
            geography=Geography(site),
        )
        self._usage = Usage()
        self._language: dict[str, float] = {}

    def prepare(self) -> None:
        """Index the APIs; not part of any goal's time.

        Raises:
            ModelError: the encoder or the index cannot be used.
        """
        self._apis.prepare()

    async def plan_only(self, goal: str) -> None:
        """Plan a goal and leave it at that."""
        await self._planner.plan(goal, self._registry.kinds())

    async def pursue(self, goal: str) -> CentralRun:
        """Pursue one goal to its end.

        Raises:
            ModelError: the encoder, the index or a model cannot be used.
        """
        self._usage, self._language = Usage(), {}
        began, began_at, spent = time.perf_counter(), self._clock.now(), own_seconds()
        plan = await self._planner.plan(goal, self._registry.kinds())
        planning_seconds = own_seconds() - spent
        self._usage += Usage(plan.model_calls, plan.prompt_tokens, plan.completion_tokens, plan.model_seconds)
        progress = Progress()
        for step_index, step in enumerate(plan.steps):
            await self._step(step_index, step, progress)
        answer = compose(progress.records)
        status, text = GoalStatus(answer.outcome), answer.text
        if not plan.steps:
            status, text = GoalStatus.REFUSED, plan.reason
        view = GoalView(
            goal_id="goal-central",
            goal=goal,
            status=status,
            answer=text,
            records=tuple(progress.records),
            claims=answer.claims,
            model_calls=self._usage.calls,
            prompt_tokens=self._usage.prompt_tokens,
            completion_tokens=self._usage.completion_tokens,
            created_at=began_at,
            ended_at=self._clock.now(),
        )
        seconds = time.perf_counter() - began
        return CentralRun(view, planning_seconds, dict(self._language), self._usage, seconds)

    async def _step(self, step_index: int, step: PlanStep, progress: Progress) -> None:
        """Code for one device after another, then run what was written in the same order."""
        assignments = expand(step_index, step, self._entities, self._fleet, progress)
        modes = await self._modes()
        state_machine = [await self._coded(one, modes) for one in assignments]
        for script in state_machine:
            await self._run(script)
            progress.take(script.assignment, _record(script))

    async def _modes(self) -> dict[str, Collection[str]]:
        return {
            device_id: await present_modes(description, self._drivers[device_id], self._clock)
            for device_id, description in self._descriptions.items()
        }

    async def _coded(self, assignment: Assignment, modes: Mapping[str, Collection[str]]) -> _Script:
        """Write for one assignment; what its device refuses is written for another one, as often as this project tries."""
        script = _Script(assignment, await self._written(assignment, modes))
        tried: set[str] = set()
        while not script.written.parts and assignment.problem is None and not assignment.is_bound:
            tried.add(assignment.device_id or "")
            # In turn: neighbours in a fleet are of different brands, whose values go differently far.
            names = list(self._fleet.of_kind(assignment.kind))
            place = names.index(assignment.device_id) if assignment.device_id in names else 0
            left = [name for name in names[place:] + names[:place] if name not in tried]
            if len(tried) == ATTEMPTS_OUT_OF_RANGE or not left:
                break
            assignment = replace(assignment, device_id=left[0])
            script = _Script(assignment, await self._written(assignment, modes))
        return script

    async def _written(
        self, assignment: Assignment, modes: Mapping[str, Collection[str]], feedback: str | None = None
    ) -> Script:
        """Write for one assignment, and charge its device with it."""
        device_id = assignment.device_id
        if device_id is None or assignment.problem is not None:
            return Script((), assignment.problem or "no device can do it")
        script, spent = await asyncio.to_thread(
            in_thread, partial(self._coder.write, device_id, assignment.sentence, modes, feedback=feedback)
        )
        self._language[device_id] = self._language.get(device_id, 0.0) + spent
        self._usage += script.usage
        return script

    async def _run(self, script: _Script) -> None:
        """Run one sentence's parts; where nothing has moved because the script was wrong, once more with a new one."""
        is_repairable = await self._run_parts(script)
        if is_repairable:
            why = script.ends[-1].sentence
            script.written = await self._written(script.assignment, await self._modes(), why)
            script.ends.clear()
            await self._run_parts(script)

    async def _run_parts(self, script: _Script) -> bool:
        """Run parts until one fails; returns whether another script may be tried."""
        for part in script.written.parts:
            executor, sentence = self._executors[part.device_id], script.assignment.sentence
            execution = await executor.execute(part.program, Orders(), sentence=sentence)
            script.ends.append(execution)
            if execution.state is not SubtaskState.END:
                return execution.is_repairable and len(script.ends) == 1
        return False


def _registry(descriptions: Mapping[str, ThingDescription], now: float) -> Registry:
    """Know all devices, and that they are there."""
    profiles = {
        device_id: profile_of(device_id, description) for device_id, description in descriptions.items()
    }
    registry = Registry(profiles)
    for device_id in profiles:
        registry.take_presence(Presence(device_id=device_id, session=1, status=PresenceStatus.ONLINE, at=now))
    return registry


def _record(script: _Script) -> ExecutionRecord:
    """Write down how a sentence ended, as the coordinator does from a device's report."""
    assignment, last = script.assignment, script.ends[-1] if script.ends else None
    outcome, reason = Outcome.NOT_EXECUTABLE, script.written.reason
    if last is not None:
        is_done = last.state is SubtaskState.END
        outcome, reason = (Outcome.COMPLETED, "") if is_done else (Outcome.FAILED, last.sentence)
    return ExecutionRecord(
        step=assignment.step,
        index=assignment.index,
        sentence=assignment.sentence,
        outcome=assignment.outcome or outcome,
        device_id=assignment.device_id,
        entity_kind=assignment.entity_kind,
        entity_id=assignment.entity_id,
        said=None if last is None else last.sentence,
        reason=(assignment.problem or reason).rstrip(".") or None,
        findings=tuple(finding for end in script.ends for finding in end.findings),
    )
