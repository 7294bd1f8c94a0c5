"""What people do to a running site: pause, resume, cancel, and stop everything; with scripted devices and a fake clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from coordinator.goals import GoalStatus, GoalView
from coordinator.ledger.events import EventKind
from coordinator.records import Outcome
from protocol.errors import ErrorCode, InputError, OperatorError
from protocol.messages import ControlCommand, EmergencyStop, ReportStatus, encode
from tests.coordinator_fakes import (
    CHECK_SHELVES,
    GOAL,
    SILENT,
    FakeDevice,
    Reaction,
    Stage,
    scripted,
    stage,
    vacancy,
)
from transport.clock import FakeClock
from transport.in_process_broker import InProcessBroker
from transport.in_process_bus import InProcessBus

ONE_SHELF = {"shelf": ["1"]}
RESTED = "2023-11-14 22:13 UTC"


async def begin(scene: Stage, goal: str = GOAL) -> str:
    """Give a goal and wait until its first sentences have arrived."""
    goal_id = scene.coordinator.submit(goal).goal_id
    await scene.planned(goal_id)
    return goal_id


async def end(scene: Stage, goal_id: str, *, limit_seconds: float = 3600.0) -> GoalView:
    await scene.clock.advance_until(lambda: scene.is_over(goal_id), limit_seconds=limit_seconds)
    return scene.coordinator.goal(goal_id)


def told(device: FakeDevice) -> list[ControlCommand]:
    return [control.command for control in device.controls]


# Time


async def test_the_time_of_a_pause_does_not_count_against_the_time_out(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(
        tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF, timeout_seconds=60
    ) as scene:
        robot = await scene.join("robot-1", lambda _: SILENT)
        goal_id = await begin(scene)
        await clock.advance(10)
        scene.coordinator.operations.pause_subtask(robot.open, "Anna")
        await clock.advance(300)
        assert not scene.is_over(goal_id)
        assert robot.polls > 8, "a paused device is asked now and then, in case its report was lost"
        scene.coordinator.operations.resume_subtask(robot.open, "Ben")
        await clock.advance(45)
        assert not scene.is_over(goal_id)
        await robot.report(robot.open, vacancy(True))
        goal = await end(scene, goal_id, limit_seconds=1)
        assert goal.answer == "Shelf 1 has vacant space."
        assert [(one.command, one.by) for one in robot.controls] == [
            (ControlCommand.PAUSE, "Anna"),
            (ControlCommand.RESUME, "Ben"),
        ]


async def test_after_a_pause_only_what_was_left_of_the_time_is_left(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(
        tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF, timeout_seconds=60
    ) as scene:
        robot = await scene.join("robot-1", lambda _: SILENT)
        goal_id = await begin(scene)
        await clock.advance(10)
        await robot.pause("The battery is low.")
        await clock.advance(200)
        await robot.report(robot.open, Reaction(status=ReportStatus.ONGOING, sentence="I go on."))
        await clock.advance(49)
        assert not scene.is_over(goal_id)
        goal = await end(scene, goal_id, limit_seconds=2)
        assert (
            goal.answer
            == "It is not known whether this was done for shelf 1: robot-1 did not answer in time."
        )


async def test_a_device_that_ignores_being_let_go_on_is_not_waited_for_for_ever(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(
        tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF, timeout_seconds=60
    ) as scene:
        robot = await scene.join("robot-1", lambda _: SILENT)
        goal_id = await begin(scene)
        scene.coordinator.operations.pause_subtask(robot.open, "Anna")
        await clock.advance(200)
        robot.obeys = False
        scene.coordinator.operations.resume_subtask(robot.open, "Anna")
        goal = await end(scene, goal_id, limit_seconds=61)
        assert goal.error_code is ErrorCode.DEVICE_SILENT


# Goals


async def test_a_paused_goal_begins_nothing_more_until_it_is_let_go_on(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities={"shelf": ["1", "2"]}) as scene:
        robot = await scene.join("robot-1", lambda _: SILENT)
        goal_id = await begin(scene)
        first = robot.open
        scene.coordinator.operations.pause_goal(goal_id, "Anna")
        await clock.settle()
        assert told(robot) == [ControlCommand.PAUSE]
        assert scene.coordinator.goal(goal_id).waiting == (
            "Anna paused this goal.",
            'robot-1 is paused: "Paused by Anna".',
        )
        await robot.report(first, vacancy(True))
        await clock.advance(200)
        assert len(robot.received) == 1, "the second shelf waits"
        assert scene.coordinator.goal(goal_id).waiting == ("Anna paused this goal.",)
        robot.behaviour = lambda _: vacancy(False)
        scene.coordinator.operations.resume_goal(goal_id, "Anna")
        goal = await end(scene, goal_id, limit_seconds=1)
        assert goal.answer == "Shelf 1 has vacant space. Shelf 2 has none."
        assert goal.waiting == ()


async def test_a_cancelled_goal_tells_what_was_done_and_what_was_not(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(
        tmp_path, scripted(CHECK_SHELVES), clock=clock, entities={"shelf": ["1", "2", "3"]}
    ) as scene:
        await scene.join("robot-1", lambda sentence: vacancy(True) if "shelf 1 " in sentence else SILENT)
        busy = await scene.join("robot-2", lambda _: SILENT)
        goal_id = await begin(scene)
        await scene.reach(lambda: len(scene.coordinator.goal(goal_id).records) == 1)
        scene.coordinator.operations.cancel_goal(goal_id, "Anna")
        goal = await end(scene, goal_id, limit_seconds=1)
        assert goal.status is GoalStatus.CANCELLED
        assert goal.error_code is ErrorCode.CANCELLED
        assert goal.answer == (
            "Anna cancelled this goal. Shelf 1 has vacant space. "
            "Shelf 2 is unknown: robot-2 was told to stop by Anna. "
            "Shelf 3 is unknown: robot-1 was told to stop by Anna."
        )
        assert [(one.command, one.by) for one in busy.controls] == [(ControlCommand.CANCEL, "Anna")]


async def test_what_a_cancelled_goal_had_not_begun_is_named(tmp_path: Path, clock: FakeClock) -> None:
    plan = "each shelf / robot / move to shelf {shelf}\neach shelf / robot / check shelf {shelf}"
    async with stage(tmp_path, scripted(plan), clock=clock, entities={"shelf": ["1", "2"]}) as scene:
        await scene.join("robot-1", lambda _: SILENT)
        goal_id = await begin(scene)
        scene.coordinator.operations.cancel_goal(goal_id, "Anna")
        goal = await end(scene, goal_id, limit_seconds=1)
        assert goal.answer == (
            "Anna cancelled this goal. Not done for shelf 1: robot-1 was told to stop by Anna. "
            "Not done for shelf 2: the goal was cancelled before. Not done: the goal was cancelled before."
        )
        assert [record.outcome for record in goal.records] == [
            Outcome.CANCELLED,
            Outcome.SKIPPED,
            Outcome.SKIPPED,
        ]


async def test_a_device_that_does_not_stop_is_not_waited_for_long(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(
        tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF, timeout_seconds=600
    ) as scene:
        robot = await scene.join("robot-1", lambda _: SILENT, obeys=False)
        goal_id = await begin(scene)
        scene.coordinator.operations.cancel_goal(goal_id, "Anna")
        goal = await end(scene, goal_id, limit_seconds=16)
        assert goal.answer == (
            "Anna cancelled this goal. It is not known whether this was done for shelf 1: "
            "robot-1 was told to stop and did not say that it has."
        )
        assert told(robot) == [ControlCommand.CANCEL, ControlCommand.CANCEL]


async def test_a_goal_can_be_cancelled_before_it_is_planned(tmp_path: Path, clock: FakeClock) -> None:
    model = scripted(CHECK_SHELVES)
    async with stage(tmp_path, model, clock=clock) as scene:
        scene.broker.stop()
        goal_id = scene.coordinator.submit(GOAL).goal_id
        await clock.advance(1)
        scene.coordinator.operations.cancel_goal(goal_id, "Anna")
        goal = await end(scene, goal_id, limit_seconds=1)
        assert goal.answer == "Anna cancelled this goal. Nothing was done."
        assert goal.status is GoalStatus.CANCELLED
        assert model.calls == []


# Devices


async def test_a_paused_device_gets_no_work_and_others_do_it(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        paused = await scene.join("robot-1", lambda _: vacancy(True))
        await scene.join("robot-2", lambda _: vacancy(False))
        scene.coordinator.operations.pause_device("robot-1", "Anna")
        goal = await scene.run()
        assert goal.answer == "Shelves 1, 2, 3 and 4 have no vacant space."
        assert paused.received == []
        assert scene.coordinator.operations.waiting("robot-1") == (
            "robot-1 was paused by Anna and waits for being let go on."
        )
        scene.coordinator.operations.resume_device("robot-1", "Anna")
        assert (await scene.run()).answer == "Shelves 1 and 3 have vacant space. Shelves 2 and 4 have none."


async def test_a_goal_for_paused_devices_only_is_refused_with_the_names_of_who_paused_them(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        for number in range(1, 6):
            await scene.join(f"robot-{number}")
            scene.coordinator.operations.pause_device(f"robot-{number}", "Anna")
        goal = await scene.run()
        assert goal.status is GoalStatus.REFUSED
        assert goal.answer == (
            "Nothing was done: no robot is online and free: robot-1 was paused by Anna, robot-2 was paused by Anna, "
            "robot-3 was paused by Anna and 2 more are paused."
        )


async def test_work_that_waits_for_a_device_moves_on_when_that_is_paused(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF) as scene:
        first = await scene.join("robot-1", lambda _: SILENT)
        goal_ids = [await begin(scene)]
        goal_ids.append(await begin(scene))
        await scene.join("robot-2", lambda _: vacancy(True))
        assert len(first.received) == 1
        scene.coordinator.operations.pause_device("robot-1", "Anna")
        goal = await end(scene, goal_ids[1], limit_seconds=5)
        assert goal.answer == "Shelf 1 has vacant space."
        assert goal.records[0].device_id == "robot-2"
        assert not scene.is_over(goal_ids[0])
        scene.coordinator.operations.cancel_device("robot-1", "Ben")
        goal = await end(scene, goal_ids[0], limit_seconds=5)
        assert goal.answer == "Not done for shelf 1: robot-1 was told to stop by Ben."


async def test_a_pause_of_a_device_outlives_the_coordinator(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        for number in (1, 2):
            await scene.join(f"robot-{number}")
            scene.coordinator.operations.pause_device(f"robot-{number}", "Anna")
        scene.coordinator.operations.resume_device("robot-2", "Anna")
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        assert scene.coordinator.operations.paused_by("robot-1") == "Anna"
        assert scene.coordinator.operations.paused_by("robot-2") is None


async def test_who_lets_one_thing_go_on_does_not_lift_the_pauses_of_others(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF) as scene:
        robot = await scene.join("robot-1", lambda _: SILENT)
        goal_id = await begin(scene)
        operations = scene.coordinator.operations
        operations.pause_goal(goal_id, "Anna")
        operations.pause_device("robot-1", "Ben")
        await clock.settle()
        operations.resume_goal(goal_id, "Anna")
        await clock.settle()
        assert told(robot) == [ControlCommand.PAUSE, ControlCommand.PAUSE]
        with pytest.raises(InputError, match="Ben paused robot-1 as a whole") as caught:
            operations.resume_subtask(robot.open, "Anna")
        assert caught.value.code is ErrorCode.CONFLICT
        operations.resume_device("robot-1", "Ben")
        await clock.settle()
        assert told(robot)[2:] == [ControlCommand.RESUME]


async def test_a_stale_subtask_of_a_device_can_be_let_go_on_too(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF) as scene:
        robot = await scene.join("robot-1", lambda _: SILENT)
        await begin(scene)
        await robot.pause("The battery is low.")
        await clock.settle()
        # A crash of the coordinator writes nothing any more; the device waits on.
        scene.ledger.abandon()
        broker = scene.broker
        async with stage(
            tmp_path / "copy", scripted(CHECK_SHELVES), clock=clock, broker=broker, entities=ONE_SHELF
        ) as later:
            later.coordinator._dispatcher.note_unfinished("goal-x", robot.open, "robot-1")
            refreshing = asyncio.ensure_future(later.coordinator._dispatcher.refresh())
            await clock.advance(3)
            assert refreshing.done()
            assert later.coordinator.operations.waiting("robot-1") == (
                "robot-1 is paused and waits for being let go on."
            )
            later.coordinator.operations.resume_device("robot-1", "Anna")
            await clock.settle()
            assert told(robot) == [ControlCommand.RESUME]
            assert later.coordinator.operations.waiting("robot-1") is None


# Refusals


def acts(scene: Stage, name: str) -> dict[str, Callable[[str, str], None]]:
    operations = scene.coordinator.operations
    return {act: getattr(operations, f"{act}_{name}") for act in ("pause", "resume", "cancel")}


@pytest.mark.parametrize("name", ["goal", "device", "subtask"])
@pytest.mark.parametrize("act", ["pause", "resume", "cancel"])
async def test_what_is_unknown_is_refused(tmp_path: Path, clock: FakeClock, name: str, act: str) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        with pytest.raises(InputError) as caught:
            acts(scene, name)[act]("nothing-7", "Anna")
        assert caught.value.code is ErrorCode.NOT_FOUND
        assert caught.value.field == f"{name}_id"


@pytest.mark.parametrize("act", ["pause", "resume", "cancel"])
async def test_what_has_ended_is_refused_with_how_it_ended(
    tmp_path: Path, clock: FakeClock, act: str
) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF) as scene:
        await scene.join("robot-1", lambda _: vacancy(True))
        goal = await scene.run()
        for name, identity in (("goal", goal.goal_id), ("subtask", f"{goal.goal_id}-1")):
            with pytest.raises(InputError, match="It has ended: completed") as caught:
                acts(scene, name)[act](identity, "Anna")
            assert caught.value.code is ErrorCode.CONFLICT


async def test_doing_the_same_again_is_refused_and_written_down_once(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF) as scene:
        robot = await scene.join("robot-1", lambda _: SILENT)
        goal_id = await begin(scene)
        for name, identity in (("goal", goal_id), ("device", "robot-1"), ("subtask", robot.open)):
            does = acts(scene, name)
            with pytest.raises(InputError) as caught:
                does["resume"](identity, "Anna")
            assert caught.value.code is ErrorCode.CONFLICT
            does["pause"](identity, "Anna")
            with pytest.raises(InputError) as caught:
                does["pause"](identity, "Ben")
            assert caught.value.code is ErrorCode.CONFLICT
            does["resume"](identity, "Ben")
            await clock.settle()
        written = [event.data["sentence"] for event in scene.coordinator._ledger.of_kind(EventKind.OPERATOR)]
        subtask = 'robot-1\'s subtask "Move to shelf 1 and check it for vacant space"'
        assert written == [
            "Anna paused this goal.",
            "Ben let this goal go on.",
            "Anna paused robot-1.",
            "Ben let robot-1 go on.",
            f"Anna paused {subtask}.",
            f"Ben let go on {subtask}.",
        ]


async def test_nothing_is_promised_while_the_broker_is_away(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF) as scene:
        robot = await scene.join("robot-1", lambda _: SILENT)
        await begin(scene)
        scene.broker.stop()
        for act in (
            lambda: scene.coordinator.operations.pause_device("robot-1", "Anna"),
            lambda: scene.coordinator.operations.cancel_subtask(robot.open, "Anna"),
        ):
            with pytest.raises(OperatorError, match="robot-1 cannot be told") as caught:
                act()
            assert caught.value.code is ErrorCode.BROKER_UNAVAILABLE
        assert scene.coordinator._ledger.of_kind(EventKind.OPERATOR) == []


# The emergency stop


async def test_the_emergency_stop_ends_goals_honestly_and_refuses_new_ones(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(
        tmp_path, scripted(CHECK_SHELVES), clock=clock, entities={"shelf": ["1", "2", "3"]}
    ) as scene:
        await scene.join("robot-1", lambda sentence: vacancy(True) if "shelf 1 " in sentence else SILENT)
        deaf = await scene.join("robot-2", lambda _: SILENT, obeys=False)
        goal_id = await begin(scene)
        await scene.reach(lambda: len(scene.coordinator.goal(goal_id).records) == 1)
        await scene.coordinator.operations.stop_everything("Anna")
        goal = await end(scene, goal_id, limit_seconds=16)
        assert goal.status is GoalStatus.PARTIAL
        assert goal.error_code is ErrorCode.EMERGENCY_STOPPED
        assert goal.answer == (
            "Anna engaged the emergency stop before this goal had ended. Shelf 1 has vacant space. "
            "Shelf 2 is unknown: robot-2 did not say whether the emergency stop has reached it. "
            "Shelf 3 is unknown: robot-1 was stopped by the emergency stop."
        )
        assert told(deaf) == [ControlCommand.CANCEL], "its order must not be run when the stop is released"
        refused = scene.coordinator.submit(GOAL)
        assert refused.status is GoalStatus.REFUSED
        assert refused.error_code is ErrorCode.EMERGENCY_STOPPED
        assert refused.answer == (
            f"Nothing was done. The emergency stop was engaged by Anna at {RESTED}. Release it with `parley release` or "
            "`DELETE /v1/estop`, then give the goal again."
        )
        await scene.coordinator.operations.release_stop("Ben")
        scene.devices["robot-1"].behaviour = lambda _: vacancy(False)
        assert (await scene.run()).answer == "Shelves 1, 2 and 3 have no vacant space."


async def press(scene: Stage, *, engaged: bool, by: str = "Cleo") -> None:
    """Do what `parley stop` and `parley release` do."""
    message = EmergencyStop(engaged=engaged, by=by, at=scene.clock.now())
    await scene.devices["robot-1"].bus.publish(scene.topics.emergency_stop, encode(message), retain=True)
    await scene.clock.settle()


async def test_a_stop_from_elsewhere_counts_as_much(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF) as scene:
        robot = await scene.join("robot-1", lambda _: SILENT)
        goal_id = await begin(scene)
        await press(scene, engaged=True)
        goal = await end(scene, goal_id, limit_seconds=1)
        assert goal.status is GoalStatus.FAILED
        assert goal.answer == (
            "Cleo engaged the emergency stop before this goal had ended. "
            "Not done for shelf 1: robot-1 was stopped by the emergency stop."
        )
        assert told(robot) == [], "it knows already"
        await press(scene, engaged=True, by="Dora")
        assert scene.coordinator.emergency_stop.sentence.startswith("The emergency stop was engaged by Cleo")
        await press(scene, engaged=False)
        assert not scene.coordinator.emergency_stop.is_engaged
        kinds = [
            event.data["engaged"] for event in scene.coordinator._ledger.of_kind(EventKind.EMERGENCY_STOP)
        ]
        assert kinds == [True, False]


async def test_a_stop_outlives_coordinator_and_broker(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        await scene.coordinator.operations.stop_everything("Anna")
    forgetful = InProcessBroker(clock=clock)
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, broker=forgetful) as scene:
        assert scene.coordinator.submit(GOAL).status is GoalStatus.REFUSED
        await clock.advance(3)
        late = await scene.join("robot-1")
        assert [one.engaged for one in late.stops] == [True], "the coordinator has told the broker again"


async def test_a_release_while_the_coordinator_was_away_is_believed(tmp_path: Path, clock: FakeClock) -> None:
    broker = InProcessBroker(clock=clock)
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, broker=broker) as scene:
        await scene.coordinator.operations.stop_everything("Anna")
    released = EmergencyStop(engaged=False, by="Ben", at=clock.now())
    async with InProcessBus(broker, "a phone", clock=clock) as phone:
        await phone.publish(scene.topics.emergency_stop, encode(released), retain=True)
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, broker=broker) as scene:
        await clock.advance(5)
        assert scene.coordinator.emergency_stop.sentence == (
            f"The emergency stop was released by Ben at {RESTED}."
        )
        robot = await scene.join("robot-1")
        assert [one.engaged for one in robot.stops] == [False]


async def test_an_empty_message_releases_nothing(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        robot = await scene.join("robot-1")
        await press(scene, engaged=True)
        await robot.bus.publish(scene.topics.emergency_stop, b"", retain=True)
        await clock.advance(1)
        assert scene.coordinator.emergency_stop.is_engaged
        await robot.bus.publish(scene.topics.emergency_stop, b"nonsense", retain=True)
        await clock.settle()
        assert scene.coordinator.emergency_stop.is_engaged
        assert "estop" in scene.coordinator.problems()[0].data["topic"]


async def test_a_stop_without_a_broker_says_that_the_devices_do_not_know_and_tells_them_later(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities=ONE_SHELF) as scene:
        robot = await scene.join("robot-1", lambda _: SILENT)
        goal_id = await begin(scene)
        scene.broker.stop()
        stopping = scene.coordinator.operations.stop_everything("Anna")
        errors: list[OperatorError] = []

        async def stop() -> None:
            try:
                await stopping
            except OperatorError as error:
                errors.append(error)

        scene.coordinator._spawn(stop())
        await clock.advance_until(lambda: bool(errors), limit_seconds=6)
        assert "the devices do not know it yet" in errors[0].message
        assert errors[0].remedy is not None
        assert "machines' own stops" in errors[0].remedy
        assert scene.coordinator.submit(GOAL).status is GoalStatus.REFUSED
        assert (await end(scene, goal_id, limit_seconds=30)).status is GoalStatus.FAILED
        scene.broker.start()
        await clock.advance(2)
        assert robot.last is not None
        assert robot.last.error_code is ErrorCode.EMERGENCY_STOPPED


async def test_nothing_goes_on_while_the_stop_is_engaged(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        await scene.join("robot-1")
        scene.coordinator.operations.pause_device("robot-1", "Anna")
        await scene.coordinator.operations.stop_everything("Anna")
        with pytest.raises(OperatorError, match="engaged by Anna") as caught:
            scene.coordinator.operations.resume_device("robot-1", "Ben")
        assert caught.value.code is ErrorCode.EMERGENCY_STOPPED


async def test_release_and_stop_in_quick_succession_end_stopped(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        await scene.join("robot-1")
        operations = scene.coordinator.operations
        await operations.stop_everything("Anna")
        for _ in range(5):
            await operations.release_stop("Anna")
            await operations.stop_everything("Anna")
            assert scene.coordinator.emergency_stop.is_engaged
        await clock.advance(1)
        assert scene.coordinator.emergency_stop.is_engaged
