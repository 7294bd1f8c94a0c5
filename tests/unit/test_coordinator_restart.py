"""A coordinator that is restarted goes on with its goals: devices and people notice nothing but the pause."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from coordinator.approvals import ApprovalStatus
from coordinator.goals import GoalStatus
from coordinator.ledger.events import EventKind
from inference.plan import PlanStep
from inference.scripted_model import ScriptedModel
from protocol.errors import ErrorCode
from protocol.messages import ControlCommand
from tests.coordinator_fakes import (
    CHECK_SHELVES,
    GOAL,
    SILENT,
    FakeDevice,
    Stage,
    asking,
    scripted,
    stage,
    vacancy,
)
from transport.clock import FakeClock

ONE_SHELF = {"shelf": ["1"]}
UNTIL = 60.0
FULL = "Shelf 1 has no vacant space."


@asynccontextmanager
async def restarted(
    old: Stage, folder: Path, clock: FakeClock, *, away_seconds: float = 1.0, is_crash: bool = True
) -> AsyncIterator[Stage]:
    """Let a coordinator die, and another one go on; the devices of the first are there all the time."""
    if is_crash and not old.ledger.lost.is_set():
        await old.ledger.durable()
        old.ledger.abandon()
    if is_crash:
        await old.coordinator.__aexit__(None, None, None)
    await clock.advance(away_seconds)
    async with stage(
        folder, scripted("refuse"), clock=clock, broker=old.broker, entities=ONE_SHELF, timeout_seconds=UNTIL
    ) as scene:
        scene.devices.update(old.devices)
        await clock.advance(1)
        yield scene


@asynccontextmanager
async def at_work(
    folder: Path, clock: FakeClock, *names: str, asks: bool = False
) -> AsyncIterator[tuple[Stage, str, FakeDevice]]:
    """A goal of which robot-1 has the only subtask."""
    async with stage(
        folder, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF, timeout_seconds=UNTIL
    ) as scene:
        robot = await scene.join("robot-1", lambda _: asking(vacancy(False)) if asks else SILENT)
        for name in names:
            await scene.join(name, lambda _: vacancy(True))
        goal_id = scene.coordinator.submit(GOAL).goal_id
        await scene.planned(goal_id)
        await scene.reach(lambda: bool(robot.received))
        await clock.settle()
        yield scene, goal_id, robot


async def test_what_a_device_was_at_is_sent_again_under_its_id_and_its_end_is_the_goals_end(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with at_work(tmp_path, clock) as (old, goal_id, robot), restarted(old, tmp_path, clock) as scene:
        assert len(robot.epochs) == 2
        assert robot.epochs[1] > robot.epochs[0]
        assert len(robot.received) == 1
        await robot.report(robot.open, vacancy(False))
        await clock.settle()
        goal = scene.coordinator.goal(goal_id)
        assert (goal.answer, goal.status) == (FULL, GoalStatus.COMPLETED)


async def test_what_ended_while_nobody_listened_is_heard_of(tmp_path: Path, clock: FakeClock) -> None:
    async with at_work(tmp_path, clock) as (old, goal_id, robot):
        await old.ledger.durable()
        old.ledger.abandon()
        await robot.report(robot.open, vacancy(False))
        async with restarted(old, tmp_path, clock) as scene:
            assert scene.coordinator.goal(goal_id).answer == FULL
            assert len(robot.received) == 1


async def test_once_its_time_is_over_a_device_is_only_asked(tmp_path: Path, clock: FakeClock) -> None:
    async with at_work(tmp_path, clock) as (old, goal_id, robot):
        sent = len(robot.epochs)
        async with restarted(old, tmp_path, clock, away_seconds=UNTIL + 5) as scene:
            assert len(robot.epochs) == sent
            assert robot.polls >= 1
            await robot.report(robot.open, vacancy(False))
            await clock.settle()
            assert scene.coordinator.goal(goal_id).answer == FULL


async def test_a_device_that_never_got_its_order_leaves_it_to_another(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with at_work(tmp_path, clock, "robot-2") as (old, goal_id, robot):
        # As if the order had never come.
        robot._open, robot.last = None, None
        async with restarted(old, tmp_path, clock, away_seconds=UNTIL + 5) as scene:
            goal = await scene.coordinator.wait(goal_id)
            assert goal.answer == "Shelf 1 has vacant space."
            assert [one.device_id for one in goal.subtasks] == ["robot-1", "robot-2"]
            assert len(goal.records) == 1


async def test_a_device_that_says_nothing_any_more_leaves_the_end_unknown(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with (
        at_work(tmp_path, clock, "robot-2") as (old, goal_id, _),
        restarted(old, tmp_path, clock, away_seconds=UNTIL + 5) as scene,
    ):
        await clock.advance_until(lambda: scene.is_over(goal_id), limit_seconds=20)
        goal = scene.coordinator.goal(goal_id)
        assert goal.answer == (
            "It is not known whether this was done for shelf 1: robot-1 did not answer in time."
        )
        assert scene.devices["robot-2"].received == [], "it might have been done, and must not be done twice"


async def test_a_goal_without_a_plan_is_planned_again(tmp_path: Path, clock: FakeClock) -> None:
    step = PlanStep("each", "move to shelf {shelf}", entity="shelf", kind="robot")
    async with stage(tmp_path, scripted("refuse"), clock=clock, entities=ONE_SHELF) as old:
        goal = old.coordinator.submit(GOAL, by="Ann", priority=3, steps=(step,))
        assert scene_has_no_plan(old, goal.goal_id)
        async with restarted(old, tmp_path, clock) as scene:
            await scene.join("robot-1", lambda _: vacancy(False))
            end = await scene.coordinator.wait(goal.goal_id)
            assert (end.status, end.by, end.priority) == (GoalStatus.COMPLETED, "Ann", 3)


def scene_has_no_plan(scene: Stage, goal_id: str) -> bool:
    return not scene.coordinator.goal(goal_id).plan


async def test_a_paused_goal_stays_paused_and_is_paused_again_at_its_device(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with at_work(tmp_path, clock) as (old, goal_id, robot):
        old.coordinator.operations.pause_goal(goal_id, "Anna")
        robot.controls.clear()
        async with restarted(old, tmp_path, clock, away_seconds=3 * 24 * 3600) as scene:
            assert robot.controls[0].command is ControlCommand.PAUSE
            assert scene.coordinator.goal(goal_id).waiting[0] == "Anna paused this goal."
            await clock.advance(600)
            assert not scene.is_over(goal_id)
            scene.coordinator.operations.resume_goal(goal_id, "Ben")
            await clock.settle()
            assert robot.controls[-1].command is ControlCommand.RESUME


async def test_a_cancelled_goal_ends_cancelled(tmp_path: Path, clock: FakeClock) -> None:
    async with at_work(tmp_path, clock) as (old, goal_id, robot):
        old.coordinator.operations.cancel_goal(goal_id, "Anna")
        async with restarted(old, tmp_path, clock) as scene:
            await clock.advance_until(lambda: scene.is_over(goal_id), limit_seconds=20)
            goal = scene.coordinator.goal(goal_id)
            assert goal.status is GoalStatus.CANCELLED
            assert (
                goal.answer
                == "Anna cancelled this goal. Not done for shelf 1: robot-1 was told to stop by Anna."
            )
            assert len(robot.received) == 1


async def test_a_stop_that_was_released_meanwhile_has_ended_the_goals_of_then(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with at_work(tmp_path, clock) as (old, goal_id, robot):
        robot.obeys = False
        for engaged in (True, False):
            old.coordinator.emergency_stop.switch(engaged=engaged, by="Anna")
        async with restarted(old, tmp_path, clock) as scene:
            await clock.advance_until(lambda: scene.is_over(goal_id), limit_seconds=20)
            goal = scene.coordinator.goal(goal_id)
            assert (goal.answer or "").startswith(
                "Anna engaged the emergency stop before this goal had ended."
            )
            assert goal.error_code is ErrorCode.EMERGENCY_STOPPED


async def test_an_answer_that_was_not_delivered_is_delivered(tmp_path: Path, clock: FakeClock) -> None:
    async with at_work(tmp_path, clock, asks=True) as (old, goal_id, robot):
        (question,) = old.coordinator.approvals.open()
        old.coordinator.approvals._deliver = lambda _: None
        old.coordinator.approvals.decide(question.approval_id, "approve", "Anna")
        assert robot.controls == []
        async with restarted(old, tmp_path, clock) as scene:
            assert {(one.command, one.by) for one in robot.controls} == {(ControlCommand.APPROVE, "Anna")}
            assert scene.coordinator.approvals.get(question.approval_id).status is ApprovalStatus.APPROVED
            assert scene.coordinator.goal(goal_id).answer == FULL


@pytest.mark.parametrize("is_begun", [True, False])
async def test_a_goal_that_is_too_old_is_not_begun_anew_and_says_so(
    tmp_path: Path, clock: FakeClock, is_begun: bool
) -> None:
    two = (
        PlanStep("each", "move to shelf {shelf}", entity="shelf", kind="robot"),
        PlanStep("each", "leave shelf {shelf}", entity="shelf", kind="robot"),
    )
    async with stage(
        tmp_path, ScriptedModel([]), clock=clock, entities=ONE_SHELF, timeout_seconds=UNTIL
    ) as old:
        robot = await old.join("robot-1", lambda _: SILENT) if is_begun else None
        goal_id = old.coordinator.submit(GOAL, steps=two).goal_id
        if robot is not None:
            await old.reach(lambda: bool(robot.received))
        async with restarted(old, tmp_path, clock, away_seconds=2 * 3600) as scene:
            if robot is not None:
                await robot.report(robot.open, replace(vacancy(False), findings=()))
            await clock.advance_until(lambda: scene.is_over(goal_id), limit_seconds=30)
            goal = scene.coordinator.goal(goal_id)
            assert "Nothing was heard of this goal for 2.0 h" in (goal.answer or "")
            assert "Give it again if it is still wanted." in (goal.answer or "")
            assert goal.status is (GoalStatus.PARTIAL if is_begun else GoalStatus.FAILED)
            if robot is not None:
                assert len(robot.received) == 1, "the second step is not begun"


async def test_leaving_in_good_order_leaves_goals_open_too(tmp_path: Path, clock: FakeClock) -> None:
    async with at_work(tmp_path, clock) as (old, goal_id, robot):
        await old.coordinator.__aexit__(None, None, None)
        kinds = [event.kind for event in old.ledger.of_goal(goal_id)]
        assert EventKind.GOAL_ENDED not in kinds
        old.ledger.close()
        async with restarted(old, tmp_path, clock, is_crash=False) as scene:
            await robot.report(robot.open, vacancy(False))
            await clock.settle()
            assert scene.coordinator.goal(goal_id).answer == FULL
