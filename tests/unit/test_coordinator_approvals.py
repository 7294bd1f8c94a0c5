"""Questions of devices to people: asked once, answered by someone, expired, withdrawn, and never lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from coordinator.approvals import ApprovalStatus
from coordinator.consent import ask, asked, read_answer
from coordinator.goals import GoalStatus, GoalView
from coordinator.ledger.events import EventKind
from protocol.errors import ErrorCode, InputError, OperatorError
from protocol.messages import ControlCommand, ReportStatus
from tests.coordinator_fakes import (
    CHECK_SHELVES,
    GOAL,
    SILENT,
    Reaction,
    Stage,
    asking,
    scripted,
    stage,
    vacancy,
)
from transport.clock import FakeClock
from transport.faults import Faults

ONE_SHELF = {"shelf": ["1"]}
QUESTION = "\"May the robot do this: 'Lower fork'? It is marked as dangerous\""
UNTIL = "22:15:20 UTC"


async def begin(scene: Stage) -> str:
    goal_id = scene.coordinator.submit(GOAL).goal_id
    await scene.planned(goal_id)
    return goal_id


async def end(scene: Stage, goal_id: str, *, limit_seconds: float = 3600.0) -> GoalView:
    await scene.clock.advance_until(lambda: scene.is_over(goal_id), limit_seconds=limit_seconds)
    return scene.coordinator.goal(goal_id)


async def test_a_question_is_shown_with_its_goal_and_an_approval_lets_the_device_go_on(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF) as scene:
        robot = await scene.join("robot-1", lambda _: asking(vacancy(True)))
        goal_id = await begin(scene)
        (approval,) = scene.coordinator.approvals.open()
        assert (approval.goal_id, approval.goal, approval.device_id) == (goal_id, GOAL, "robot-1")
        assert approval.expires_at == clock.now() + 120
        assert approval.sentence == f"robot-1 asks {QUESTION} and waits for an answer until {UNTIL}."
        assert scene.coordinator.goal(goal_id).waiting == (approval.sentence,)
        assert scene.coordinator.operations.waiting("robot-1") == approval.sentence
        decided = scene.coordinator.operations.decide(approval.approval_id, "approve", "Anna")
        goal = await end(scene, goal_id, limit_seconds=1)
        assert goal.answer == "Shelf 1 has vacant space."
        assert decided.sentence == f"robot-1 asked {QUESTION}, and Anna allowed it."
        (control,) = robot.controls
        assert (control.command, control.by) == (ControlCommand.APPROVE, "Anna")
        assert (control.approval_id, control.subtask_id) == (approval.approval_id, approval.subtask_id)
        (written,) = scene.coordinator._ledger.of_kind(EventKind.APPROVAL_ENDED)
        assert (written.data["by"], written.data["ended_at"]) == ("Anna", clock.now())


async def test_a_denial_ends_the_subtask_and_is_named_in_the_answer(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF) as scene:
        await scene.join("robot-1", lambda _: asking(vacancy(True)))
        goal_id = await begin(scene)
        (approval,) = scene.coordinator.approvals.open()
        denied = scene.coordinator.operations.decide(approval.approval_id, "deny", "Anna")
        goal = await end(scene, goal_id, limit_seconds=1)
        assert goal.answer == "Not done for shelf 1: Anna did not allow it."
        assert goal.error_code is ErrorCode.APPROVAL_DENIED
        assert denied.sentence == f"robot-1 asked {QUESTION}, and Anna did not allow it."


async def test_the_time_of_a_question_does_not_count_but_that_after_its_expiry_does(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(
        tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF, timeout_seconds=60
    ) as scene:
        await scene.join("robot-1", lambda _: asking(seconds=300))
        goal_id = await begin(scene)
        (approval,) = scene.coordinator.approvals.open()
        await clock.advance(359)
        assert not scene.is_over(goal_id)
        assert scene.coordinator.approvals.get(approval.approval_id).status is ApprovalStatus.EXPIRED
        goal = await end(scene, goal_id, limit_seconds=2)
        assert goal.answer == (
            "It is not known whether this was done for shelf 1: robot-1 did not answer in time."
        )


async def test_a_device_that_says_that_nobody_answered_is_believed(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF) as scene:
        robot = await scene.join("robot-1", lambda _: asking())
        goal_id = await begin(scene)
        expired = Reaction(
            status=ReportStatus.NOT_EXECUTABLE,
            sentence="Nobody answered.",
            error_code=ErrorCode.APPROVAL_EXPIRED,
        )
        await robot.report(robot.open, expired)
        goal = await end(scene, goal_id, limit_seconds=1)
        assert goal.answer == "Not done for shelf 1: nobody allowed it in time."
        (written,) = scene.coordinator._ledger.of_kind(EventKind.APPROVAL_ENDED)
        assert written.data["sentence"] == f"robot-1 asked {QUESTION}, and nobody answered in time."


async def test_a_question_is_answered_once(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF) as scene:
        robot = await scene.join("robot-1", lambda _: asking(), obeys=False)
        await begin(scene)
        (approval,) = scene.coordinator.approvals.open()
        decide = scene.coordinator.operations.decide
        with pytest.raises(InputError) as caught:
            decide("nothing", "approve", "Anna")
        assert caught.value.code is ErrorCode.NOT_FOUND
        decide(approval.approval_id, "deny", "Anna")
        with pytest.raises(InputError, match="Anna did not allow it") as caught:
            decide(approval.approval_id, "approve", "Ben")
        assert caught.value.code is ErrorCode.CONFLICT
        await clock.settle()
        assert [control.command for control in robot.controls] == [ControlCommand.DENY]


async def test_an_answer_that_comes_too_late_is_refused(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF) as scene:
        robot = await scene.join("robot-1", lambda _: asking(seconds=30))
        await begin(scene)
        (approval,) = scene.coordinator.approvals.open()
        await clock.advance(30)
        with pytest.raises(InputError, match="nobody answered in time") as caught:
            scene.coordinator.operations.decide(approval.approval_id, "approve", "Anna")
        assert caught.value.code is ErrorCode.APPROVAL_EXPIRED
        await clock.settle()
        assert robot.controls == []


async def test_an_answer_that_was_lost_is_given_again_when_the_device_still_asks(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(
        tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF, timeout_seconds=60
    ) as scene:
        robot = await scene.join("robot-1", lambda _: asking(vacancy(True)))
        goal_id = await begin(scene)
        (approval,) = scene.coordinator.approvals.open()
        scene.broker.faults = Faults(loss_for_good=1.0)
        scene.coordinator.operations.decide(approval.approval_id, "approve", "Anna")
        await clock.advance(1)
        assert robot.controls == []
        scene.broker.faults = Faults()
        goal = await end(scene, goal_id, limit_seconds=60)
        assert goal.answer == "Shelf 1 has vacant space."
        assert [control.by for control in robot.controls] == ["Anna"]


async def test_no_answer_is_taken_while_the_broker_is_away(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF) as scene:
        await scene.join("robot-1", lambda _: asking())
        await begin(scene)
        (approval,) = scene.coordinator.approvals.open()
        scene.broker.stop()
        with pytest.raises(OperatorError) as caught:
            scene.coordinator.operations.decide(approval.approval_id, "approve", "Anna")
        assert caught.value.code is ErrorCode.BROKER_UNAVAILABLE
        assert scene.coordinator.approvals.is_open(approval.approval_id)


async def test_questions_outlive_the_coordinator(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities={"shelf": ["1", "2"]}) as scene:
        broker = scene.broker
        robots = [await scene.join(f"robot-{number}", lambda _: asking(vacancy(True))) for number in (1, 2)]
        await begin(scene)
        first, second = scene.coordinator.approvals.open()
        scene.coordinator.operations.decide(first.approval_id, "deny", "Anna")
        await clock.settle()
        scene.ledger.abandon()
        await clock.advance(1)
        async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, broker=broker) as later:
            await clock.advance(1)
            assert later.coordinator.approvals.open() == [second]
            assert later.coordinator.approvals.get(first.approval_id).by == "Anna"
            later.coordinator.operations.decide(second.approval_id, "approve", "Ben")
            await clock.settle()
            assert [control.by for control in robots[1].controls] == ["Ben"]
            goal = later.coordinator.goals()[0]
            assert goal.status is GoalStatus.PARTIAL
            assert goal.answer == "Shelf 2 has vacant space. Shelf 1 is unknown: Anna did not allow it."


@pytest.mark.parametrize("how", ["lost", "stopped", "cancelled", "stop"])
async def test_a_question_that_has_become_idle_is_withdrawn(
    tmp_path: Path, clock: FakeClock, how: str
) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF) as scene:
        robot = await scene.join("robot-1", lambda _: asking())
        goal_id = await begin(scene)
        (approval,) = scene.coordinator.approvals.open()
        match how:
            case "lost":
                await robot.kill()
            case "stopped":
                await robot.report(robot.open, Reaction(status=ReportStatus.FAILED, sentence="I fell over."))
            case "cancelled":
                scene.coordinator.operations.cancel_goal(goal_id, "Anna")
            case _:
                await scene.coordinator.operations.stop_everything("Anna")
        await end(scene, goal_id, limit_seconds=1)
        assert scene.coordinator.approvals.open() == []
        ended = scene.coordinator.approvals.get(approval.approval_id)
        assert ended.sentence == f"robot-1 asked {QUESTION}, and waits for no answer any more."


async def test_what_was_cancelled_cannot_be_allowed_any_more(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF) as scene:
        deaf = await scene.join("robot-1", lambda _: asking(), obeys=False)
        goal_id = await begin(scene)
        (approval,) = scene.coordinator.approvals.open()
        scene.coordinator.operations.cancel_goal(goal_id, "Anna")
        await clock.settle()
        assert deaf.standing is not None
        await deaf.ask(deaf.open, asking(), approval.approval_id)
        await clock.settle()
        assert scene.coordinator.approvals.open() == []
        with pytest.raises(InputError, match="waits for no answer any more") as caught:
            scene.coordinator.operations.decide(approval.approval_id, "approve", "Ben")
        assert caught.value.code is ErrorCode.CONFLICT


async def test_a_question_of_a_device_that_came_back_can_be_answered(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF) as scene:
        robot = await scene.join("robot-1", lambda _: asking())
        await begin(scene)
        (approval,) = scene.coordinator.approvals.open()
        subtask_id = robot.open
        scene.coordinator.approvals.withdraw("robot-1")
        assert scene.coordinator.approvals.open() == []
        await robot.ask(subtask_id, asking(), approval.approval_id)
        await clock.settle()
        assert [one.approval_id for one in scene.coordinator.approvals.open()] == [approval.approval_id]


async def test_a_device_cannot_ask_under_the_id_of_another_ones_question(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(
        tmp_path, scripted(CHECK_SHELVES), clock=clock, entities={"shelf": ["1", "2"]}, timeout_seconds=60
    ) as scene:
        await scene.join("robot-1", lambda _: asking())
        thief = await scene.join("robot-2", lambda _: SILENT)
        await begin(scene)
        (approval,) = scene.coordinator.approvals.open()
        await thief.ask(thief.open, asking(), approval.approval_id)
        await clock.advance(61)
        assert scene.coordinator.approvals.open() == [approval]
        assert "an id of its own; robot-1 has this one" in scene.coordinator.problems()[0].data["sentence"]
        goal = scene.coordinator.goals()[0]
        assert "robot-2 did not answer in time" in [one.reason for one in goal.records]


async def test_a_newer_question_of_a_device_replaces_its_older_one(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF) as scene:
        robot = await scene.join("robot-1", lambda _: asking())
        await begin(scene)
        (older,) = scene.coordinator.approvals.open()
        await robot.ask(robot.open, asking(seconds=50), "newer")
        await clock.settle()
        assert [one.approval_id for one in scene.coordinator.approvals.open()] == ["newer"]
        assert scene.coordinator.approvals.get(older.approval_id).status is ApprovalStatus.WITHDRAWN


async def test_a_question_from_a_clock_that_is_wrong_is_no_question(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(
        tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF, timeout_seconds=60
    ) as scene:
        await scene.join("robot-1", lambda _: asking(seconds=-1e9))
        goal_id = await begin(scene)
        assert scene.coordinator.approvals.open() == []
        goal = await end(scene, goal_id, limit_seconds=61)
        assert goal.error_code is ErrorCode.DEVICE_SILENT


async def test_a_question_that_never_expires_can_be_answered(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF) as scene:
        await scene.join("robot-1", lambda _: asking(vacancy(True), seconds=1e15))
        goal_id = await begin(scene)
        (approval,) = scene.coordinator.approvals.open()
        assert approval.sentence.endswith("waits for an answer until 23:59:59 UTC.")
        scene.coordinator.operations.decide(approval.approval_id, "approve", "Anna")
        assert (await end(scene, goal_id, limit_seconds=1)).status is GoalStatus.COMPLETED


async def test_other_goals_wait_for_a_device_that_waits_for_an_answer(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF) as scene:
        robot = await scene.join("robot-1", lambda _: asking(vacancy(True)))
        first, second = await begin(scene), await begin(scene)
        await clock.advance(10)
        assert len(robot.received) == 1
        robot.behaviour = lambda _: vacancy(False)
        (approval,) = scene.coordinator.approvals.open()
        scene.coordinator.operations.decide(approval.approval_id, "approve", "Anna")
        async with asyncio.timeout(5):
            assert (await scene.coordinator.wait(first)).answer == "Shelf 1 has vacant space."
            assert (await scene.coordinator.wait(second)).answer == "Shelf 1 has no vacant space."


# The chat's words


@pytest.mark.parametrize(
    ("text", "decision"),
    [
        ("yes", "approve"),
        ("Yes.", "approve"),
        ("YES, please!", "approve"),
        ("approve", "approve"),
        ("Yes, go ahead.", "approve"),
        ("I approve it.", "approve"),
        ("OK, you may do that - yes", "approve"),
        ("no", "deny"),
        ("No!", "deny"),
        ("Deny it.", "deny"),
        ("No, the lift is still open.", "deny"),
        ("", None),
        ("ok", None),
        ("go ahead", None),
        ("yes?", None),
        ("yes 👎", None),
        ("yes and no", None),
        ("yes, but wait until Ben is out", None),
        ("I do not approve", None),
        ("don't say yes", None),
        ("approved by nobody", None),
        ("yesterday it worked", None),
        ("Check shelf 3.", None),
        ("yes 1", None),
    ],
)
def test_only_clear_words_are_an_answer(text: str, decision: str | None) -> None:
    assert read_answer(text) == decision


async def test_what_a_chat_asked_is_found_again_and_cannot_be_forged(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF) as scene:
        await scene.join("robot-1", lambda _: asking())
        await begin(scene)
        (approval,) = scene.coordinator.approvals.open()
        find = scene.coordinator.approvals.find
        text = ask(approval)
        assert text == (
            f"robot-1 asks: {QUESTION}\n"
            f'Answer "yes" or "no" before {UNTIL}. (approval {approval.approval_id})'
        )
        assert asked(text, find) == approval
        assert asked(f"Sent to robot-1: something\n\n{text}\n", find) == approval
        for forged in (
            "",
            text + " Sure?",
            text.replace("Lower fork", "Sing"),
            text.replace("robot-1", "robot-2"),
            text.splitlines()[1],
            text.replace(approval.approval_id, "unknown"),
        ):
            assert asked(forged, find) is None
