"""Goals from acceptance to answer, with scripted model and devices and a fake clock."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from coordinator.goals import GoalStatus
from coordinator.ledger.events import Event, EventKind
from coordinator.records import Outcome
from inference.ports import ModelError
from protocol.errors import ErrorCode, InputError, OperatorError
from protocol.messages import Finding, PresenceStatus, ReportStatus, StateVisit
from protocol.topics import Channel
from tests.coordinator_fakes import CHECK_SHELVES, GOAL, SILENT, Behaviour, Reaction, scripted, stage, vacancy
from transport.clock import FakeClock
from transport.faults import Faults


def shelves(*vacant: str) -> Behaviour:
    def react(sentence: str) -> Reaction:
        shelf = sentence.partition("shelf ")[2].partition(" ")[0]
        return vacancy(shelf in vacant)

    return react


async def test_the_goal_of_the_paper_is_answered_from_the_records(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        for number in range(1, 5):
            await scene.join(f"robot-{number}", shelves("2", "4"))
        goal = await scene.run()
        assert goal.answer == "Shelves 2 and 4 have vacant space. Shelves 1 and 3 have none."
        assert goal.status is GoalStatus.COMPLETED
        assert goal.error_code is None
        assert {claim.entity_id: claim.present for claim in goal.claims} == {
            "1": False,
            "2": True,
            "3": False,
            "4": True,
        }
        sent = {name: [one.sentence for one in device.received] for name, device in scene.devices.items()}
        assert sent == {
            f"robot-{n}": [f"Move to shelf {n} and check it for vacant space."] for n in range(1, 5)
        }
        assert goal.model_calls == 1 + 4


async def test_more_shelves_than_robots_are_done_in_waves_without_a_second_subtask_before_the_report(
    tmp_path: Path, clock: FakeClock
) -> None:
    names = [str(number) for number in range(1, 8)]
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities={"shelf": names}) as scene:
        for number in (1, 2, 3):
            await scene.join(f"robot-{number}", shelves("7"))
        goal = await scene.run()
        assert goal.answer == "Shelf 7 has vacant space. Shelves 1, 2, 3, 4, 5 and 6 have none."
        assert [len(device.received) for device in scene.devices.values()] == [3, 2, 2]
        assert all(device.overlaps == 0 for device in scene.devices.values())


async def test_a_silent_robot_is_polled_and_then_left_behind(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, timeout_seconds=60) as scene:
        for number in (1, 2, 4):
            await scene.join(f"robot-{number}", shelves("2"))
        silent = await scene.join("robot-3", lambda _: SILENT)
        goal = await scene.run()
        assert goal.status is GoalStatus.PARTIAL
        assert goal.answer == (
            "Shelf 2 has vacant space. Shelves 1 and 4 have none. "
            "Shelf 3 is unknown: robot-3 did not answer in time."
        )
        assert goal.error_code is ErrorCode.DEVICE_SILENT
        assert goal.seconds == pytest.approx(60, abs=1)
        assert silent.polls >= 1


async def test_a_late_report_is_recorded_and_changes_nothing(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities={"shelf": ["1"]}) as scene:
        robot = await scene.join("robot-1", lambda _: SILENT)
        goal = await scene.run()
        await robot.report(robot.received[0].subtask_id, vacancy(True))
        await robot.report(robot.received[0].subtask_id, vacancy(True))
        await clock.settle()
        kinds = [event.kind for event in scene.coordinator._ledger.of_goal(goal.goal_id)]
        assert kinds.count(EventKind.LATE_REPORT) == 1
        assert scene.coordinator.goal(goal.goal_id).answer == goal.answer
        assert goal.status is GoalStatus.FAILED


async def test_a_device_that_may_still_be_at_work_gets_nothing_new_until_it_says_it_is_free(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities={"shelf": ["1"]}) as scene:
        robot = await scene.join("robot-1", lambda _: SILENT)
        await scene.run()
        robot.behaviour = shelves("1")
        refused = await scene.run()
        assert refused.status is GoalStatus.REFUSED
        assert refused.error_code is ErrorCode.NO_CAPABLE_DEVICE
        assert len(robot.received) == 1
        await robot.report(robot.received[0].subtask_id, vacancy(False))
        goal = await scene.run()
        assert goal.answer == "Shelf 1 has vacant space."


async def test_a_lost_final_report_is_fetched_by_the_poll(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(
        tmp_path, scripted(CHECK_SHELVES), clock=clock, entities={"shelf": ["1"]}, timeout_seconds=60
    ) as scene:
        robot = await scene.join("robot-1", lambda _: SILENT)
        goal_id = scene.coordinator.submit(GOAL).goal_id
        await scene.planned(goal_id)
        # The robot has finished, but its report never reached the broker.
        robot.last = robot._report(robot.received[0].subtask_id, vacancy(True))
        robot._open = None
        await clock.advance_until(lambda: scene.is_over(goal_id))
        goal = scene.coordinator.goal(goal_id)
        # Had its time run out, the shelf would be unknown.
        assert goal.answer == "Shelf 1 has vacant space."


async def test_a_subtask_that_never_arrived_is_sent_again_when_the_poll_finds_the_device_idle(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities={"shelf": ["1"]}) as scene:
        robot = await scene.join("robot-1", shelves("1"))
        scene.broker.faults = Faults(loss_for_good=1.0)
        goal_id = scene.coordinator.submit(GOAL).goal_id
        await scene.planned(goal_id)
        await clock.advance(5)
        assert robot.received == []
        scene.broker.faults = Faults()
        await clock.advance_until(lambda: scene.is_over(goal_id))
        assert scene.coordinator.goal(goal_id).answer == "Shelf 1 has vacant space."
        assert len(robot.received) == 1


async def test_a_robot_that_restarted_without_a_will_is_asked_again_and_works_once(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities={"shelf": ["1"]}) as scene:
        forgetful = await scene.join("robot-1", lambda _: SILENT)
        goal_id = scene.coordinator.submit(GOAL).goal_id
        await scene.planned(goal_id)
        await scene.reach(lambda: bool(forgetful.received))
        # Its memory is gone, and nobody saw it die.
        forgetful.received.clear()
        forgetful.behaviour = shelves("1")
        forgetful.session = 2
        await forgetful.introduce()
        await clock.advance_until(lambda: scene.is_over(goal_id), limit_seconds=5)
        assert scene.coordinator.goal(goal_id).answer == "Shelf 1 has vacant space."
        assert len(forgetful.received) == 1


async def test_a_killed_robot_ends_its_subtask_at_once(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        for number in (1, 2, 3):
            await scene.join(f"robot-{number}", shelves("1"))
        victim = await scene.join("robot-4", lambda _: SILENT)
        goal_id = scene.coordinator.submit(GOAL).goal_id
        await scene.planned(goal_id)
        await scene.reach(lambda: bool(victim.received))
        await victim.kill()
        await clock.advance_until(lambda: scene.is_over(goal_id), limit_seconds=5)
        goal = scene.coordinator.goal(goal_id)
        assert goal.status is GoalStatus.PARTIAL
        assert goal.answer is not None
        assert goal.answer.endswith("Shelf 4 is unknown: robot-4 was lost before it answered.")


async def test_shelves_not_yet_sent_move_to_other_robots_when_one_is_lost(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        await scene.join("robot-1", shelves("4"))
        victim = await scene.join("robot-2", lambda _: SILENT)
        goal_id = scene.coordinator.submit(GOAL).goal_id
        await scene.planned(goal_id)
        await scene.reach(lambda: bool(victim.received))
        await victim.kill()
        await clock.advance_until(lambda: scene.is_over(goal_id), limit_seconds=5)
        assert scene.coordinator.goal(goal_id).answer == (
            "Shelf 4 has vacant space. Shelves 1 and 3 have none. "
            "Shelf 2 is unknown: robot-2 was lost before it answered."
        )


async def test_a_late_will_of_an_older_session_does_not_end_a_newer_one(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        robot = await scene.join("robot-1", session=7)
        robot.session = 6
        await robot.bus.publish(
            scene.topics.device("robot-1", Channel.PRESENCE),
            robot._presence(PresenceStatus.LOST),
            retain=True,
        )
        await clock.settle()
        assert [device.is_available for device in scene.coordinator.devices()] == [True]


async def test_an_agent_that_a_newer_one_has_replaced_is_named_once(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        robot = await scene.join("robot-1", session=7)
        robot.session = 6
        for _ in range(3):
            await robot.bus.publish(
                scene.topics.device("robot-1", Channel.PRESENCE), robot._presence(PresenceStatus.ONLINE)
            )
        await clock.settle()
        problems = [event.data["sentence"] for event in scene.coordinator.problems()]
        assert len(problems) == 1
        for part in ("robot-1", "session is 6", "7 or more", "--device-id"):
            assert part in problems[0]


async def test_failures_are_reported_with_the_device_own_words(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities={"shelf": ["1", "2"]}) as scene:

        def react(sentence: str) -> Reaction:
            if "shelf 1" in sentence:
                return vacancy(True)
            return Reaction(
                status=ReportStatus.NOT_EXECUTABLE,
                sentence="There is no such shelf.",
                error_code=ErrorCode.OUT_OF_RANGE,
            )

        for number in (1, 2):
            await scene.join(f"robot-{number}", react)
        goal = await scene.run()
        assert goal.answer == (
            'Shelf 1 has vacant space. Shelf 2 is unknown: robot-1 said "There is no such shelf".'
        )
        assert goal.error_code is ErrorCode.OUT_OF_RANGE
        assert [record.outcome for record in goal.records] == [Outcome.COMPLETED, Outcome.NOT_EXECUTABLE]
        tried = [(one.device_id, one.status) for one in goal.subtasks if "shelf 2" in one.sentence]
        assert tried == [("robot-2", "not_executable"), ("robot-1", "not_executable")]


async def test_every_device_reports_its_value(tmp_path: Path, clock: FakeClock) -> None:
    def level(value: int) -> Behaviour:
        return lambda _: Reaction(findings=(Finding(what="battery level", value=value, unit="%"),))

    async with stage(tmp_path, scripted("every robot / report your battery level"), clock=clock) as scene:
        await scene.join("robot-1", level(80))
        await scene.join("robot-2", level(55))
        await scene.join("door-1", kind="door")
        goal = await scene.run("What is the battery level of the robots?")
        assert goal.answer == "Battery level: robot-1 80 %, robot-2 55 %."
        assert scene.devices["door-1"].received == []


async def test_steps_run_in_order_and_a_shelf_stays_with_its_robot(tmp_path: Path, clock: FakeClock) -> None:
    plan = "each shelf / robot / move to shelf {shelf}\neach shelf / robot / check shelf {shelf}"
    async with stage(tmp_path, scripted(plan), clock=clock, entities={"shelf": ["1", "2"]}) as scene:
        await scene.join("robot-1")
        await scene.join(
            "robot-2",
            lambda text: Reaction(status=ReportStatus.FAILED, sentence="The way is blocked."),
        )
        goal = await scene.run()
        assert [one.sentence for one in scene.devices["robot-1"].received] == [
            "Move to shelf 1.",
            "Check shelf 1.",
        ]
        assert [one.sentence for one in scene.devices["robot-2"].received] == ["Move to shelf 2."]
        assert {(record.step, record.entity_id): record.outcome for record in goal.records} == {
            (0, "1"): Outcome.COMPLETED,
            (0, "2"): Outcome.FAILED,
            (1, "1"): Outcome.COMPLETED,
            (1, "2"): Outcome.SKIPPED,
        }
        assert goal.status is GoalStatus.PARTIAL


async def test_a_named_device_that_is_away_is_refused_by_name(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted("named robot-2 / check shelf 1"), clock=clock) as scene:
        await scene.join("robot-1")
        gone = await scene.join("robot-2")

        def leave_while_planning(event: Event) -> None:
            if event.kind is EventKind.GOAL_PLANNED:
                device = scene.coordinator._registry.get("robot-2")
                assert device is not None
                device.status = PresenceStatus.OFFLINE

        scene.coordinator.on_event(leave_while_planning)
        goal = await scene.run("robot-2 should check shelf 1")
        assert goal.status is GoalStatus.REFUSED
        assert goal.answer == "Nothing was done: robot-2 is not online."
        assert gone.received == []


async def test_a_refusal_of_the_model_is_told_with_its_reason(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted("refuse"), clock=clock) as scene:
        robot = await scene.join("robot-1")
        goal = await scene.run("Sing a song.")
        assert goal.status is GoalStatus.REFUSED
        assert goal.error_code is ErrorCode.NOT_EXECUTABLE
        assert goal.answer is not None
        assert "check a shelf for vacant space" in goal.answer
        assert robot.received == []


async def test_a_shelf_that_the_site_lacks_costs_no_model_call(tmp_path: Path, clock: FakeClock) -> None:
    model = scripted("refuse")
    async with stage(tmp_path, model, clock=clock) as scene:
        await scene.join("robot-1")
        goal = await scene.run("Check shelf 99 for vacant space.")
        assert goal.status is GoalStatus.REFUSED
        assert goal.model_calls == 0
        assert model.prompts == []


async def test_unusable_output_gets_one_repair_round(tmp_path: Path, clock: FakeClock) -> None:
    model = scripted("each shelf / dragon / fly", CHECK_SHELVES)
    async with stage(tmp_path, model, clock=clock) as scene:
        await scene.join("robot-1", shelves())
        goal = await scene.run()
        assert goal.status is GoalStatus.COMPLETED
        assert goal.model_calls == 2 + 4
        assert "dragon" in model.prompts[1].user


async def test_twice_unusable_output_is_refused(tmp_path: Path, clock: FakeClock) -> None:
    model = scripted("nonsense")
    async with stage(tmp_path, model, clock=clock) as scene:
        await scene.join("robot-1")
        goal = await scene.run()
        assert goal.status is GoalStatus.REFUSED
        assert goal.error_code is ErrorCode.MODEL_OUTPUT_INVALID
        assert len(model.calls) == 2


async def test_a_broken_model_fails_the_goal_and_shows_in_the_health(
    tmp_path: Path, clock: FakeClock
) -> None:
    broken = ModelError("The model file is missing.", "Set PARLEY_MODEL.")
    async with stage(tmp_path, scripted(broken, CHECK_SHELVES), clock=clock) as scene:
        await scene.join("robot-1", shelves())
        goal = await scene.run()
        assert goal.status is GoalStatus.FAILED
        assert goal.error_code is ErrorCode.MODEL_UNAVAILABLE
        assert goal.answer is not None
        assert "PARLEY_MODEL" in goal.answer
        assert not scene.coordinator.health().is_model_loaded
        assert (await scene.run()).status is GoalStatus.COMPLETED
        assert scene.coordinator.health().is_ok


async def test_without_devices_a_goal_is_refused_without_asking_the_model(
    tmp_path: Path, clock: FakeClock
) -> None:
    model = scripted(CHECK_SHELVES)
    async with stage(tmp_path, model, clock=clock) as scene:
        goal_id = scene.coordinator.submit(GOAL).goal_id
        await clock.advance(10)
        goal = scene.coordinator.goal(goal_id)
        assert goal.status is GoalStatus.REFUSED
        assert goal.error_code is ErrorCode.NO_CAPABLE_DEVICE
        assert model.calls == []


async def test_a_broker_that_stays_away_fails_the_goal_after_the_time_out(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, timeout_seconds=60) as scene:
        for number in (1, 2):
            await scene.join(f"robot-{number}", lambda _: SILENT)
        goal_id = scene.coordinator.submit(GOAL).goal_id
        await scene.planned(goal_id)
        scene.broker.stop()
        await clock.advance_until(lambda: scene.is_over(goal_id), limit_seconds=120)
        goal = scene.coordinator.goal(goal_id)
        assert goal.status is GoalStatus.FAILED
        assert goal.error_code is ErrorCode.BROKER_UNAVAILABLE
        assert goal.answer is not None
        assert "the message broker could not be reached" in goal.answer
        assert not scene.coordinator.health().is_ok


async def test_a_goal_given_while_the_broker_is_away_runs_when_it_is_back(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        await scene.join("robot-1", shelves("3"))
        scene.broker.stop()
        await clock.advance(2)
        goal_id = scene.coordinator.submit(GOAL).goal_id
        await clock.advance(20)
        assert not scene.is_over(goal_id)
        scene.broker.start()
        await clock.advance(1)
        await scene.planned(goal_id)
        await clock.advance_until(lambda: scene.is_over(goal_id))
        answer = scene.coordinator.goal(goal_id).answer
        assert answer == "Shelf 3 has vacant space. Shelves 1, 2 and 4 have none."


async def test_goals_survive_a_restart(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        await scene.join("robot-1", shelves("1"))
        silent = await scene.join("robot-2", lambda _: SILENT)
        goal_id = scene.coordinator.submit(GOAL).goal_id
        await scene.planned(goal_id)
        await scene.reach(lambda: len(scene.coordinator.goal(goal_id).records) == 2)
        epoch = scene.coordinator.epoch
        await scene.ledger.durable()
        # A crash writes nothing any more.
        scene.ledger.abandon()
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        assert scene.coordinator.epoch > epoch
        assert scene.coordinator.goal(goal_id).status is GoalStatus.RUNNING
        first = await scene.join("robot-1", shelves("1"), session=2)
        second = await scene.join("robot-2", shelves("1"), session=2)
        goal = await scene.coordinator.wait(goal_id)
        assert goal.answer == "Shelf 1 has vacant space. Shelves 2, 3 and 4 have none."
        assert first.received == []
        sent = second.received[0]
        assert (sent.subtask_id, sent.issued_at) == (
            silent.received[0].subtask_id,
            silent.received[0].issued_at,
        )
        assert sent.epoch > silent.received[0].epoch
        assert [one.goal_id for one in scene.coordinator.goals()] == [goal_id]
        names = [device.device_id for device in scene.coordinator.devices()]
        assert names == ["robot-1", "robot-2"]


async def test_what_a_device_was_at_when_its_coordinator_was_stopped_is_still_awaited(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock, entities={"shelf": ["1"]}) as scene:
        await scene.join("robot-1", lambda _: SILENT)
        goal_id = scene.coordinator.submit(GOAL).goal_id
        await scene.planned(goal_id)
        await scene.reach(lambda: bool(scene.devices["robot-1"].received))
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock):
        pass
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        robot = await scene.join("robot-1", lambda _: SILENT, session=2)
        assert scene.coordinator.goal(goal_id).status is GoalStatus.RUNNING
        await robot.report(
            f"{goal_id}-1", replace(vacancy(True), visits=(StateVisit(state="end", seconds=0),))
        )
        await clock.settle()
        trace = scene.coordinator.trace(f"{goal_id}-1")
        assert (trace.status, trace.visits[0].state) == ("completed", "end")
        assert scene.coordinator.goal(goal_id).answer == "Shelf 1 has vacant space."
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        assert scene.coordinator._ledger.cut_off_subtasks(limit=10) == []


async def test_two_goals_at_once_share_the_robots_one_sentence_at_a_time(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        await scene.join("robot-1", shelves("1"))
        await scene.join("robot-2", shelves("1"))
        first, second = (scene.coordinator.submit(GOAL).goal_id for _ in range(2))
        async with asyncio.timeout(5):
            ends = [await scene.coordinator.wait(first), await scene.coordinator.wait(second)]
        assert {end.answer for end in ends} == {"Shelf 1 has vacant space. Shelves 2, 3 and 4 have none."}
        assert all(device.overlaps == 0 for device in scene.devices.values())
        assert sum(len(device.received) for device in scene.devices.values()) == 8


async def test_duplicated_and_reordered_messages_change_nothing(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        for number in range(1, 5):
            await scene.join(f"robot-{number}", shelves("2"))
        scene.broker.faults = Faults(duplication=0.5, reordering=0.5)
        goal = await scene.run()
        assert goal.answer == "Shelf 2 has vacant space. Shelves 1, 3 and 4 have none."
        assert len(goal.records) == 4


@pytest.mark.parametrize("text", ["", "   ", "\n\x00", "x" * 601])
async def test_goals_that_are_no_sentence_are_turned_away(
    tmp_path: Path, clock: FakeClock, text: str
) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        with pytest.raises(InputError) as caught:
            scene.coordinator.submit(text)
        assert caught.value.field == "goal"
        assert scene.coordinator.goals() == []


async def test_a_newer_coordinator_displaces_this_one(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path / "old", scripted(CHECK_SHELVES), clock=clock) as old:
        await clock.advance(1)
        async with stage(tmp_path / "new", scripted(CHECK_SHELVES), clock=clock, broker=old.broker) as new:
            await clock.advance(1)
            assert new.coordinator.epoch > old.coordinator.epoch
            with pytest.raises(OperatorError, match="taken over"):
                old.coordinator.submit(GOAL)
            assert new.coordinator.health().is_ok


async def test_too_many_goals_at_once_are_turned_away(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        for _ in range(64):
            scene.coordinator.submit(GOAL)
        with pytest.raises(OperatorError) as caught:
            scene.coordinator.submit(GOAL)
        assert caught.value.code is ErrorCode.BUSY
