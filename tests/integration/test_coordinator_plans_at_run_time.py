"""Plans on a bus with scripted devices: conditions, quotes, who gets what, who comes later, and a site that changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from coordinator.goals import GoalStatus, GoalView
from coordinator.ledger.events import EventKind
from coordinator.site import Site
from inference.plan import Condition, PlanStep
from protocol.errors import ErrorCode, InputError, OperatorError
from protocol.messages import Attributes, Finding, ReportStatus, encode
from protocol.topics import Channel
from tests.coordinator_fakes import SILENT, FakeDevice, Reaction, Stage, scripted, stage, vacancy
from transport.clock import FakeClock

CHECK = PlanStep("each", "Check shelf {shelf} for vacant space.", entity="shelf", kind="robot")
HALL = {
    "entities": {
        "shelf": [
            {"id": "1", "at": [0, 0], "aliases": ["front shelf"]},
            {"id": "2", "at": [100, 0]},
            {"id": "3", "at": [102, 0]},
        ],
        "station": [{"id": "1", "at": [50, 0]}],
    },
    "devices": {"robot-1": "shelf 2", "robot-2": "front shelf"},
}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


async def run(scene: Stage, *steps: PlanStep, **more: Any) -> GoalView:
    goal_id = scene.coordinator.submit("Do as planned.", steps=steps, **more).goal_id
    await scene.planned(goal_id)
    await scene.clock.advance_until(lambda: scene.is_over(goal_id))
    return scene.coordinator.goal(goal_id)


async def tell(device: FakeDevice, scene: Stage, **told: Any) -> None:
    findings = tuple(
        Finding(what=what.replace("_", " "), value=value, unit="%" if what == "battery_level" else None)
        for what, value in told.items()
    )
    message = Attributes(
        device_id=device.device_id, session=device.session, attributes=findings, at=scene.clock.now()
    )
    topic = scene.topics.device(device.device_id, Channel.ATTRIBUTES)
    await device.bus.publish(topic, encode(message), retain=True)
    await scene.clock.settle()


def got(device: FakeDevice) -> list[str]:
    return [subtask.sentence for subtask in device.received]


def has_space(sentence: str) -> Reaction:
    return vacancy("shelf 2" in sentence) if sentence.startswith("Check") else Reaction(sentence="Done.")


async def test_what_depends_on_a_finding_is_done_where_it_holds_and_the_rest_is_told(
    tmp_path: Path, clock: FakeClock
) -> None:
    bring = PlanStep(
        "each",
        "Bring a tote to shelf {shelf}.",
        entity="shelf",
        kind="carrier",
        condition=Condition(0, "vacant space", is_present=True),
    )
    otherwise = PlanStep(
        "each",
        "Put a sign on shelf {shelf}.",
        entity="shelf",
        kind="carrier",
        condition=Condition(0, "vacant space", is_present=False),
    )
    say = PlanStep("one", "Show: {answer 1}.", kind="display")
    home = PlanStep("one", "Drive home.", kind="carrier")
    async with stage(tmp_path, scripted("refuse"), clock=clock, entities={"shelf": ["1", "2"]}) as scene:
        await scene.join("robot-1", has_space)
        carrier = await scene.join("carrier-1", kind="carrier")
        display = await scene.join("display-1", kind="display")
        goal = await run(scene, CHECK, bring, otherwise, say, home)
        assert goal.status is GoalStatus.COMPLETED
        assert got(carrier) == ["Bring a tote to shelf 2.", "Put a sign on shelf 1.", "Drive home."]
        assert got(display) == ["Show: shelf 1 has no vacant space, shelf 2 has vacant space."]
        assert 'Shelf 1 had no vacant space, so this was not done: "Bring a tote to shelf 1".' in (
            goal.answer or ""
        )
        assert 'Shelf 2 had vacant space, so this was not done: "Put a sign on shelf 2".' in (
            goal.answer or ""
        )


async def test_what_depends_on_something_that_nobody_knows_is_left_and_said_to_be_unknown(
    tmp_path: Path, clock: FakeClock
) -> None:
    ring = PlanStep(
        "one", "Ring the bell.", kind="bell", condition=Condition(0, "vacant space", is_present=False)
    )
    quote = PlanStep("one", "Say {answer 1}.", kind="bell", follows=False)
    async with stage(tmp_path, scripted("refuse"), clock=clock, entities={"shelf": ["1", "2"]}) as scene:
        await scene.join("robot-1", lambda one: SILENT if "shelf 2" in one else vacancy(present=False))
        bell = await scene.join("bell-1", kind="bell")
        goal = await run(scene, CHECK, ring, quote)
        assert goal.status is GoalStatus.PARTIAL
        assert got(bell) == ["Say no vacant space."]
        assert "it is not known whether shelf 2 has no vacant space" in (goal.answer or "")
        only = await run(scene, PlanStep("one", "Say {answer 2}.", kind="bell"))
        assert only.status is GoalStatus.FAILED
        assert "what had to be found out before is not known" in (only.answer or "")


async def test_work_goes_to_who_is_near_has_power_and_is_able(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted("refuse"), clock=clock, entities=HALL) as scene:
        robots = [await scene.join(f"robot-{number}", has_space) for number in (1, 2, 3)]
        await tell(robots[2], scene, position="station 1", battery_level=12)
        await run(scene, CHECK)
        assert [got(robot) for robot in robots] == [
            ["Check shelf 2 for vacant space.", "Check shelf 3 for vacant space."],
            ["Check shelf 1 for vacant space."],
            [],
        ], "the homes of the first two count, the third has to be charged"
        await tell(robots[0], scene, position=(0.0, 5.0))
        await tell(robots[1], scene, position="shelf 3")
        await tell(robots[2], scene, position="station 1", battery_level=80)
        await run(scene, PlanStep("one", "Fetch the tote from station 1.", kind="robot"))
        assert got(robots[2]) == ["Fetch the tote from station 1."]
        unable = Reaction(status=ReportStatus.NOT_EXECUTABLE, error_code=ErrorCode.NOT_EXECUTABLE)
        robots[2].behaviour = lambda _: unable
        await run(scene, PlanStep("one", "Fetch 2 totes from station 1.", kind="robot"))
        assert len(got(robots[2])) == 2
        await run(scene, PlanStep("one", "Fetch 3 totes from station 1.", kind="robot"))
        assert len(got(robots[2])) == 2, "it has said that it cannot do that"


async def test_a_device_that_comes_later_takes_its_share_of_what_waits(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(
        tmp_path, scripted("refuse"), clock=clock, entities={"shelf": [str(n) for n in range(1, 7)]}
    ) as scene:
        first = await scene.join("robot-1", lambda _: SILENT)
        goal_id = scene.coordinator.submit("Check all.", steps=(CHECK,)).goal_id
        await scene.planned(goal_id)
        assert len(got(first)) == 1
        second = await scene.join("robot-2", has_space)
        await scene.join("door-1", kind="door")
        await clock.advance(1)
        assert len(got(first)) == 1
        assert len(got(second)) >= 2
        await first.report(first.open, vacancy(present=True))
        first.behaviour = has_space
        await clock.advance_until(lambda: scene.is_over(goal_id))
        goal = scene.coordinator.goal(goal_id)
        assert goal.status is GoalStatus.COMPLETED
        assert sorted([*got(first), *got(second)]) == [
            f"Check shelf {n} for vacant space." for n in range(1, 7)
        ]


async def test_what_waits_for_a_busy_device_goes_to_one_that_comes(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted("refuse"), clock=clock, entities={"shelf": ["1"]}) as scene:
        first = await scene.join("robot-1", lambda _: SILENT)
        long = scene.coordinator.submit("Sweep.", steps=(PlanStep("one", "Sweep.", kind="robot"),)).goal_id
        await scene.planned(long)
        waiting = scene.coordinator.submit("Check.", steps=(CHECK,)).goal_id
        await scene.planned(waiting)
        second = await scene.join("robot-2", has_space)
        await clock.advance(1)
        assert scene.is_over(waiting)
        assert got(first) == ["Sweep."]
        assert got(second) == ["Check shelf 1 for vacant space."]
        assert not scene.is_over(long)


async def test_the_more_urgent_goal_gets_a_device_first_and_what_runs_is_not_interrupted(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(tmp_path, scripted("refuse"), clock=clock, entities={"shelf": ["1", "2"]}) as scene:
        robot = await scene.join("robot-1", lambda _: SILENT)
        ids = []
        for text, priority in (("first", 0), ("later", 0), ("urgent", 5)):
            step = PlanStep("one", f"Do the {text}.", kind="robot")
            ids.append(scene.coordinator.submit(text, steps=(step,), priority=priority).goal_id)
            await scene.planned(ids[-1])
        assert got(robot) == ["Do the first."]
        robot.behaviour = lambda _: Reaction()
        await robot.report(robot.open, Reaction())
        await clock.advance_until(lambda: all(scene.is_over(one) for one in ids))
        assert got(robot) == ["Do the first.", "Do the urgent.", "Do the later."]


async def test_a_site_that_is_read_again_is_seen_by_the_next_step_and_written_down(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with stage(tmp_path, scripted("refuse"), clock=clock, entities={"shelf": ["1"]}) as scene:
        robot = await scene.join("robot-1", has_space)
        coordinator = scene.coordinator
        with pytest.raises(OperatorError, match="without a site file"):
            await coordinator.reload_site("Anna")
        file = tmp_path / "site.yaml"
        file.write_text("entities: {shelf: [1, 2], station: [A]}", "utf-8")
        coordinator._read_site = lambda: Site.load(file)
        changes = await coordinator.reload_site("Anna")
        assert changes == {
            "added": {"shelf": ["2"], "station": ["A"]},
            "removed": {},
            "changed": ["entities"],
        }
        assert (await run(scene, CHECK)).status is GoalStatus.COMPLETED
        assert len(got(robot)) == 2
        (event,) = scene.ledger.of_kind(EventKind.SITE_CHANGED)
        assert event.data["by"] == "Anna"
        file.write_text("entities: {shelf: [1, 1]}", "utf-8")
        with pytest.raises(InputError, match="each shelf once"):
            await coordinator.reload_site("Anna")
        assert coordinator.site.entities["shelf"] == ("1", "2")


async def test_many_places_are_weighed_beside_everything_else(tmp_path: Path, clock: FakeClock) -> None:
    shelves = [{"id": str(number), "at": [number * 10, 0]} for number in range(12)]
    hall = {"entities": {"shelf": shelves}, "devices": {f"robot-{n}": [n * 40, 0] for n in range(3)}}
    async with stage(tmp_path, scripted("refuse"), clock=clock, entities=hall) as scene:
        robots = [await scene.join(f"robot-{number}", has_space) for number in range(3)]
        goal_id = scene.coordinator.submit("Check all.", steps=(CHECK,)).goal_id
        await scene.reach(lambda: any(robot.received for robot in robots))
        await clock.advance_until(lambda: scene.is_over(goal_id))
        assert scene.coordinator.goal(goal_id).status is GoalStatus.COMPLETED
        where = [[int(one.split()[2]) * 10 for one in got(robot)] for robot in robots]
        assert sorted(at for one in where for at in one) == [number * 10 for number in range(12)]
        assert max(where[0]) < min(where[1]) <= max(where[1]) < min(where[2]), "each in its own part"
