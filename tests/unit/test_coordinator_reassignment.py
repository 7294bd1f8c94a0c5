"""What a device has not done goes to another one where that is safe, and only there; who is silent holds up nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from coordinator.goals import GoalStatus, GoalView
from coordinator.reassignment import is_safe_elsewhere
from coordinator.records import ExecutionRecord, Outcome
from inference.plan import PlanStep
from protocol.errors import ErrorCode
from protocol.messages import ReportStatus
from tests.coordinator_fakes import (
    CHECK_SHELVES,
    GOAL,
    SILENT,
    Behaviour,
    FakeDevice,
    Reaction,
    Stage,
    scripted,
    stage,
    vacancy,
)
from transport.clock import FakeClock

ONE_SHELF = {"shelf": ["1"]}
REPEATABLE = Reaction(status=None, is_repeatable=True)
MOVING = Reaction(status=None, is_repeatable=False)


def refusing(code: ErrorCode) -> Reaction:
    return Reaction(status=ReportStatus.NOT_EXECUTABLE, sentence="I cannot.", error_code=code)


async def run_on_two(
    tmp_path: Path, clock: FakeClock, first: Reaction, *, plan: str = CHECK_SHELVES, kill: bool = False
) -> tuple[GoalView, FakeDevice]:
    """Have one sentence go to robot-1, beside which there is robot-2; returns the goal's end and robot-2."""
    async with stage(
        tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF, timeout_seconds=60
    ) as scene:
        one = await scene.join("robot-1", lambda _: first)
        two = await scene.join("robot-2", lambda _: vacancy(True))
        goal_id = scene.coordinator.submit(GOAL).goal_id
        await scene.planned(goal_id)
        await scene.reach(lambda: bool(one.received))
        await clock.settle()
        if kill:
            await one.kill()
        await clock.advance_until(lambda: scene.is_over(goal_id))
        return scene.coordinator.goal(goal_id), two


@pytest.mark.parametrize("kill", [True, False])
async def test_what_only_looks_is_done_by_another_device_when_one_falls_silent(
    tmp_path: Path, clock: FakeClock, kill: bool
) -> None:
    goal, two = await run_on_two(tmp_path, clock, REPEATABLE, kill=kill)
    assert goal.answer == "Shelf 1 has vacant space."
    assert goal.status is GoalStatus.COMPLETED
    assert [one.device_id for one in goal.records] == ["robot-2"]
    assert [one.device_id for one in goal.subtasks] == ["robot-1", "robot-2"]
    assert len(two.received) == 1


@pytest.mark.parametrize("reaction", [MOVING, SILENT])
@pytest.mark.parametrize("kill", [True, False])
async def test_what_may_have_moved_something_is_not_done_again(
    tmp_path: Path, clock: FakeClock, reaction: Reaction, kill: bool
) -> None:
    goal, two = await run_on_two(tmp_path, clock, reaction, kill=kill)
    assert two.received == []
    assert (goal.answer or "").startswith("It is not known whether this was done for shelf 1: robot-1 ")


@pytest.mark.parametrize(
    ("code", "is_tried"),
    [
        (ErrorCode.NOT_EXECUTABLE, True),
        (ErrorCode.OUT_OF_RANGE, True),
        (ErrorCode.MODE_FORBIDDEN, True),
        (ErrorCode.APPROVAL_DENIED, False),
        (ErrorCode.APPROVAL_EXPIRED, False),
        (ErrorCode.DANGER_FORBIDDEN, False),
        (ErrorCode.NEEDS_CLARIFICATION, False),
        (ErrorCode.EMERGENCY_STOPPED, False),
    ],
)
async def test_what_one_device_cannot_do_another_one_tries_unless_a_person_was_against_it(
    tmp_path: Path, clock: FakeClock, code: ErrorCode, is_tried: bool
) -> None:
    goal, two = await run_on_two(tmp_path, clock, refusing(code))
    assert len(two.received) == int(is_tried)
    assert (goal.status is GoalStatus.COMPLETED) == is_tried


async def test_who_was_named_is_not_replaced(tmp_path: Path, clock: FakeClock) -> None:
    named = PlanStep("named", "go to the charger", device="robot-1")
    async with stage(tmp_path, scripted("refuse"), clock=clock) as scene:
        await scene.join("robot-1", lambda _: refusing(ErrorCode.NOT_EXECUTABLE))
        two = await scene.join("robot-2")
        goal = await scene.coordinator.wait(scene.coordinator.submit(GOAL, steps=(named,)).goal_id)
        assert two.received == []
        assert goal.answer == 'Not done: robot-1 said "I cannot".'


async def test_there_is_one_more_try_and_not_a_third(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF) as scene:
        for number in (1, 2, 3):
            await scene.join(f"robot-{number}", lambda _: refusing(ErrorCode.NOT_EXECUTABLE))
        goal = await scene.run()
        assert sum(len(robot.received) for robot in scene.devices.values()) == 2
        assert [record.outcome for record in goal.records] == [Outcome.NOT_EXECUTABLE]


async def test_a_value_that_is_out_of_range_for_many_is_tried_on_more_of_them(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF) as scene:
        for number in range(1, 5):
            await scene.join(f"robot-{number}", lambda _: refusing(ErrorCode.OUT_OF_RANGE))
        await scene.join("robot-5", lambda _: vacancy(True))
        goal = await scene.run()
        assert goal.answer == "Shelf 1 has vacant space."
        assert len(goal.subtasks) == 5


async def test_not_every_device_of_a_large_site_is_asked_for_what_is_out_of_range(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF) as scene:
        for number in range(1, 16):
            await scene.join(f"robot-{number}", lambda _: refusing(ErrorCode.OUT_OF_RANGE))
        goal = await scene.run()
        assert sum(len(robot.received) for robot in scene.devices.values()) == 12
        assert goal.error_code is ErrorCode.OUT_OF_RANGE


async def test_what_waits_for_a_suspected_device_is_done_by_others_before_its_time_is_up(
    tmp_path: Path, clock: FakeClock
) -> None:
    names = [str(number) for number in range(1, 7)]
    async with stage(
        tmp_path, scripted(CHECK_SHELVES), clock=clock, entities={"shelf": names}, timeout_seconds=60
    ) as scene:
        silent = await scene.join("robot-1", lambda _: SILENT)
        await scene.join("robot-2", lambda _: vacancy(True))
        goal_id = scene.coordinator.submit(GOAL).goal_id
        await scene.planned(goal_id)
        await clock.advance(46)
        assert silent.polls >= 1
        assert len(silent.received) == 1
        assert len(scene.devices["robot-2"].received) == 5, "all but what the silent one is at"
        await clock.advance_until(lambda: scene.is_over(goal_id), limit_seconds=20)
        assert scene.coordinator.goal(goal_id).status is GoalStatus.PARTIAL


async def hold_up(scene: Stage, *priorities: int) -> tuple[FakeDevice, list[str]]:
    """Give goals that all want robot-1, which is at another one; returns it and their ids."""
    robot = await scene.join("robot-1", lambda _: SILENT)
    first = scene.coordinator.submit(GOAL).goal_id
    await scene.planned(first)
    await scene.reach(lambda: bool(robot.received))
    robot.behaviour = done
    ids = []
    for priority in priorities:
        ids.append(scene.coordinator.submit(GOAL, priority=priority).goal_id)
        await scene.planned(ids[-1])
    return robot, ids


def done(_: str) -> Reaction:
    return vacancy(True)


async def test_of_goals_that_want_one_device_the_more_urgent_comes_first_and_then_who_came_first(
    tmp_path: Path, clock: FakeClock
) -> None:
    behaviour: Behaviour = done
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF) as scene:
        robot, ids = await hold_up(scene, 0, 5, 0, 5)
        robot.behaviour = behaviour
        await robot.report(robot.open, vacancy(True))
        await scene.reach(lambda: len(robot.received) == 5)
        order = [subtask.goal_id for subtask in robot.received[1:]]
        assert order == [ids[1], ids[3], ids[0], ids[2]]
        assert robot.overlaps == 0


async def test_a_paused_goal_lets_others_pass(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF) as scene:
        robot, ids = await hold_up(scene, 9, 0)
        scene.coordinator.operations.pause_goal(ids[0], "Anna")
        await robot.report(robot.open, vacancy(True))
        await scene.reach(lambda: len(robot.received) == 2)
        assert robot.received[1].goal_id == ids[1]
        scene.coordinator.operations.resume_goal(ids[0], "Anna")
        await scene.reach(lambda: len(robot.received) == 3)


@pytest.mark.parametrize(
    ("outcome", "code", "is_repeatable", "expected"),
    [
        (Outcome.SILENT, ErrorCode.DEVICE_SILENT, True, True),
        (Outcome.SILENT, ErrorCode.DEVICE_SILENT, None, False),
        (Outcome.LOST, ErrorCode.DEVICE_SILENT, False, False),
        (Outcome.SUPERSEDED, ErrorCode.SUPERSEDED, None, True),
        (Outcome.FAILED, ErrorCode.CALL_FAILED, True, False),
        (Outcome.FAILED, ErrorCode.UNKNOWN_OUTCOME, None, False),
        (Outcome.CANCELLED, ErrorCode.CANCELLED, True, False),
    ],
)
def test_only_what_certainly_did_not_happen_or_does_no_harm_twice_is_safe_elsewhere(
    outcome: Outcome, code: ErrorCode, is_repeatable: bool | None, expected: bool
) -> None:
    record = ExecutionRecord(
        step=0,
        sentence="Go.",
        outcome=outcome,
        subtask_id="goal-1",
        device_id="robot-1",
        error_code=code,
        is_repeatable=is_repeatable,
    )
    assert is_safe_elsewhere(record) is expected
