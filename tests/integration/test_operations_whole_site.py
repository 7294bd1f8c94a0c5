"""A coordinator and a real agent with its sandbox: what people do at one end is obeyed at the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coordinator.approvals import Approval
from coordinator.goals import GoalStatus, GoalView
from coordinator.ledger.events import EventKind
from firmware_api_specs.loader import load
from firmware_api_specs.names import leaked_names, names
from firmware_api_specs.thing_description import ThingDescription
from inference.scripted_model import ScriptedModel
from protocol.errors import ErrorCode
from tests.coordinator_fakes import Stage, scripted, stage
from tests.device_agent_kit import DEVICE, PATIENCE_SECONDS, agent_running, lamp
from transport.clock import FakeClock

TURN = "one lamp / turn the head by 2"
LOOK = "one lamp / check presence"


def plain_lamp() -> ThingDescription:
    """The example lamp without modes and watches, so that nothing but programs calls its machine."""
    document = lamp().document
    for term in ("parley:initialMode", "parley:modeProperty", "parley:watches"):
        document.pop(term, None)
    for action in document["actions"].values():
        action.pop("parley:modesFrom", None)
        action.pop("parley:modeTo", None)
    return load(document)


LAMP = plain_lamp()


class GatedDriver:
    """A machine whose calls wait for the test."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.times_made_safe = 0

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        del arguments
        self.calls.append(name)
        await self.gate.wait()
        return {"erfolg": True, "winkel_neu": 30.0} if name == "drehe_kopf" else "BELEGT"

    async def make_safe(self) -> None:
        self.times_made_safe += 1


@dataclass
class Scene:
    """A site with one lamp."""

    stage: Stage
    driver: GatedDriver

    async def until(self, reached: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not reached():  # noqa: ASYNC110 - sandbox and model run in real threads
                await asyncio.sleep(0.002)

    async def question(self) -> Approval:
        await self.until(lambda: bool(self.stage.coordinator.approvals.open()))
        return self.stage.coordinator.approvals.open()[0]

    async def end(self, goal_id: str) -> GoalView:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.stage.coordinator.wait(goal_id)


@asynccontextmanager
async def site(tmp_path: Path, clock: FakeClock, plan: str, program: str) -> AsyncIterator[Scene]:
    async with stage(tmp_path / "site", scripted(plan), clock=clock, entities={}) as scene:
        driver = GatedDriver()
        async with agent_running(
            scene.make_bus,
            scene.topics.site,
            tmp_path / "lamp",
            ScriptedModel(lambda _: program),
            clock,
            driver=driver,
            description=LAMP,
        ):
            await clock.settle()
            yield Scene(scene, driver)


async def test_a_dangerous_step_waits_for_a_person_and_its_run_can_be_traced(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with site(tmp_path, clock, TURN, "B( 2)") as scene:
        coordinator = scene.stage.coordinator
        goal_id = coordinator.submit("Turn the lamp's head by 2.").goal_id
        question = await scene.question()
        await clock.advance(20)
        assert scene.driver.calls == []
        assert coordinator.goal(goal_id).waiting == (question.sentence,)
        assert coordinator.goal(goal_id).subtasks[0].status == "awaiting_approval"
        coordinator.operations.decide(question.approval_id, "approve", "Anna")
        goal = await scene.end(goal_id)
        assert goal.status is GoalStatus.COMPLETED
        assert scene.driver.calls == ["drehe_kopf"]
        visits = {visit.state: visit.seconds for visit in coordinator.trace(f"{goal_id}-1").visits}
        assert visits["awaiting_approval"] == 20
        assert "end" in visits
        written = " ".join(str(event.data) for event in coordinator._ledger.of_goal(goal_id))
        assert not leaked_names(written, names(LAMP))


async def test_a_denied_step_is_not_done_and_the_answer_names_who_denied_it(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with site(tmp_path, clock, TURN, "B( 2)") as scene:
        coordinator = scene.stage.coordinator
        goal_id = coordinator.submit("Turn the lamp's head by 2.").goal_id
        coordinator.operations.decide((await scene.question()).approval_id, "deny", "Anna")
        goal = await scene.end(goal_id)
        assert goal.answer == f"Not done for {DEVICE}: Anna did not allow it."
        assert goal.error_code is ErrorCode.APPROVAL_DENIED
        assert scene.driver.calls == []


async def test_a_question_that_nobody_answers_is_a_no(tmp_path: Path, clock: FakeClock) -> None:
    async with site(tmp_path, clock, TURN, "B( 2)") as scene:
        coordinator = scene.stage.coordinator
        goal_id = coordinator.submit("Turn the lamp's head by 2.").goal_id
        question = await scene.question()
        await clock.advance(question.expires_at - clock.now() + 1)
        goal = await scene.end(goal_id)
        assert goal.answer == f"Not done for {DEVICE}: nobody allowed it in time."
        assert scene.driver.calls == []


async def test_a_paused_device_rests_between_two_steps_and_goes_on_when_told(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with site(tmp_path, clock, LOOK, "C();C()") as scene:
        coordinator = scene.stage.coordinator
        scene.driver.gate.clear()
        goal_id = coordinator.submit("Is somebody there?").goal_id
        await scene.until(lambda: len(scene.driver.calls) == 1)
        coordinator.operations.pause_device(DEVICE, "Anna")
        await clock.settle()
        scene.driver.gate.set()
        await scene.until(lambda: bool(coordinator.goal(goal_id).waiting))
        assert "Anna" in coordinator.goal(goal_id).waiting[0]
        await clock.advance(300)
        assert len(scene.driver.calls) == 1
        assert not scene.stage.is_over(goal_id)
        coordinator.operations.resume_device(DEVICE, "Ben")
        goal = await scene.end(goal_id)
        assert goal.status is GoalStatus.COMPLETED
        assert len(scene.driver.calls) == 2
        states = [visit.state for visit in coordinator.trace(f"{goal_id}-1").visits]
        assert "paused" in states


async def test_the_emergency_stop_reaches_the_machine_in_the_middle_of_a_step(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with site(tmp_path, clock, LOOK, "C()") as scene:
        coordinator = scene.stage.coordinator
        scene.driver.gate.clear()
        goal_id = coordinator.submit("Is somebody there?").goal_id
        await scene.until(lambda: len(scene.driver.calls) == 1)
        await coordinator.operations.stop_everything("Anna")
        goal = await scene.end(goal_id)
        assert scene.driver.times_made_safe >= 1
        assert goal.status is GoalStatus.FAILED
        assert goal.answer == (
            "Anna engaged the emergency stop before this goal had ended. "
            f"Not done: {DEVICE} was stopped by the emergency stop."
        )
        assert coordinator.submit("Is somebody there?").status is GoalStatus.REFUSED
        await coordinator.operations.release_stop("Ben")
        scene.driver.gate.set()
        again = await scene.end(coordinator.submit("Is somebody there?").goal_id)
        assert again.status is GoalStatus.COMPLETED
        assert len(scene.driver.calls) == 2, "what was stopped has not gone on by itself"


async def test_a_cancelled_goal_stops_the_machine(tmp_path: Path, clock: FakeClock) -> None:
    async with site(tmp_path, clock, LOOK, "C()") as scene:
        coordinator = scene.stage.coordinator
        scene.driver.gate.clear()
        goal_id = coordinator.submit("Is somebody there?").goal_id
        await scene.until(lambda: len(scene.driver.calls) == 1)
        coordinator.operations.cancel_goal(goal_id, "Anna")
        goal = await scene.end(goal_id)
        assert goal.answer == (f"Anna cancelled this goal. Not done: {DEVICE} was told to stop by Anna.")
        assert scene.driver.times_made_safe >= 1
        assert [event.data["did"] for event in coordinator._ledger.of_kind(EventKind.OPERATOR)] == [
            "cancelled"
        ]
