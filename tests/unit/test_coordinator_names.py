"""Goals that name devices, from the router to the answer: each gets its own part, whatever becomes of the others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from coordinator.goals import GoalStatus
from coordinator.records import Outcome
from coordinator.registry import Registry
from inference.encoder import HashEncoder
from inference.routing import Router
from protocol.errors import ErrorCode
from protocol.messages import Presence, PresenceStatus, Profile, ReportStatus
from tests.coordinator_fakes import Reaction, Stage, scripted, stage
from transport.clock import FakeClock

LIGHT = ("Switch the light on or off.",)
DRAPES = ("Open or close the drapes.",)
STOVE = ("Heat the stove to a temperature.",)
BROKEN = Reaction(status=ReportStatus.FAILED, sentence="My motor is stuck.", error_code=ErrorCode.CALL_FAILED)


@asynccontextmanager
async def cottage(tmp_path: Path, clock: FakeClock, *broken: str) -> AsyncIterator[Stage]:
    """A site with two lights, drapes and a stove; no language model is asked there."""
    async with stage(
        tmp_path, scripted(AssertionError("asked")), clock=clock, entities={}, router=Router(HashEncoder())
    ) as scene:
        for kind, abilities in (
            ("attic light", LIGHT),
            ("cellar light", LIGHT),
            ("attic drapes", DRAPES),
            ("stove", STOVE),
        ):
            reaction = BROKEN if kind in broken else Reaction()
            await scene.join(
                kind.replace(" ", "-"), lambda _, reaction=reaction: reaction, kind=kind, abilities=abilities
            )
        yield scene


def told(scene: Stage) -> dict[str, list[str]]:
    """What each device was told."""
    sent = {name: [one.sentence for one in device.received] for name, device in scene.devices.items()}
    return {name: sentences for name, sentences in sent.items() if sentences}


async def test_each_device_gets_what_is_said_of_it(tmp_path: Path, clock: FakeClock) -> None:
    async with cottage(tmp_path, clock) as scene:
        goal = await scene.run("Switch on the light in the attic and heat the stove to 200 degrees")
        assert goal.status is GoalStatus.COMPLETED
        assert goal.model_calls == 2, "only the devices have asked"
        assert told(scene) == {
            "attic-light": ["Switch on the light in the attic"],
            "stove": ["heat the stove to 200 degrees"],
        }


async def test_a_part_that_does_not_follow_is_done_whatever_became_of_the_one_before(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with cottage(tmp_path, clock, "attic light") as scene:
        goal = await scene.run("Switch on the attic light and close the attic drapes")
        assert told(scene) == {
            "attic-light": ["Switch on the attic light"],
            "attic-drapes": ["close the attic drapes"],
        }
        assert (goal.status, goal.error_code) == (GoalStatus.PARTIAL, ErrorCode.CALL_FAILED)
        assert [record.outcome for record in goal.records] == [Outcome.FAILED, Outcome.COMPLETED]
        assert goal.answer == (
            'Not done: attic-light said "My motor is stuck". Done: attic-drapes says "I did it".'
        )


async def test_what_is_to_be_done_then_waits_for_what_comes_before(tmp_path: Path, clock: FakeClock) -> None:
    async with cottage(tmp_path, clock, "attic light") as scene:
        goal = await scene.run(
            "Switch on the attic light, then close the attic drapes and then heat the stove, switch on the cellar light"
        )
        assert set(told(scene)) == {"attic-light", "cellar-light"}
        assert [record.outcome for record in goal.records] == [
            Outcome.FAILED,
            Outcome.SKIPPED,
            Outcome.SKIPPED,
            Outcome.COMPLETED,
        ]
        assert goal.status is GoalStatus.PARTIAL


async def test_devices_of_one_part_do_not_wait_for_each_other(tmp_path: Path, clock: FakeClock) -> None:
    async with cottage(tmp_path, clock, "attic light") as scene:
        goal = await scene.run("Heat the stove, then switch off all lights, then close the attic drapes")
        assert [record.outcome for record in goal.records] == [
            Outcome.COMPLETED,
            Outcome.FAILED,
            Outcome.COMPLETED,
            # One light that is off is enough to go on, as one robot of several is.
            Outcome.COMPLETED,
        ]
        assert told(scene)["cellar-light"] == ["switch off all lights"]


async def test_all_devices_of_a_part_wait_for_what_comes_before(tmp_path: Path, clock: FakeClock) -> None:
    async with cottage(tmp_path, clock, "stove") as scene:
        goal = await scene.run("Heat the stove, then switch off all lights")
        assert told(scene) == {"stove": ["Heat the stove"]}
        assert [record.outcome for record in goal.records] == [
            Outcome.FAILED,
            Outcome.SKIPPED,
            Outcome.SKIPPED,
        ]


async def test_a_device_that_is_not_there_is_named_and_the_rest_is_done(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with cottage(tmp_path, clock) as scene:
        goal = await scene.run("Close the drapes in the cellar and switch on the cellar light")
        assert told(scene) == {"cellar-light": ["switch on the cellar light"]}
        assert (goal.status, goal.error_code) == (GoalStatus.PARTIAL, ErrorCode.NO_CAPABLE_DEVICE)
        assert goal.answer == (
            'Not done: drapes in the cellar is not known here. Done: cellar-light says "I did it".'
        )


async def test_where_nothing_that_is_named_is_there_the_goal_is_refused_with_every_reason(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with cottage(tmp_path, clock) as scene:
        goal = await scene.run("Close the cellar drapes and switch on the light in the pantry")
        assert told(scene) == {}
        assert (goal.status, goal.error_code) == (GoalStatus.REFUSED, ErrorCode.NO_CAPABLE_DEVICE)
        assert goal.answer == (
            "Nothing was done: cellar drapes is not known here and light in the pantry is not known here."
        )


async def test_what_is_said_of_a_device_that_is_away_is_done_by_no_other(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with cottage(tmp_path, clock) as scene:
        await scene.devices["cellar-light"].kill()
        await clock.settle()
        goal = await scene.run("Switch on the light in the cellar")
        assert told(scene) == {}
        assert goal.status is GoalStatus.REFUSED
        assert goal.answer == "Nothing was done: no cellar light is online and free."
        goal = await scene.run("Switch off all lights")
        assert told(scene) == {"attic-light": ["Switch off all lights"]}
        assert goal.status is GoalStatus.PARTIAL


def registry_of(**devices: str) -> Registry:
    registry = Registry()
    for device_id, state in devices.items():
        registry.enrol(
            Profile(
                device_id=device_id,
                title=device_id,
                kind="Gate",
                description="A gate.",
                abilities=(f"{device_id} opens.",),
            )
        )
        if state != "unseen":
            status = PresenceStatus.ONLINE if state == "online" else PresenceStatus.OFFLINE
            registry.take_presence(Presence(device_id=device_id, session=1, status=status, at=1.0))
    return registry


def test_a_kind_counts_and_speaks_for_those_that_are_there() -> None:
    (kind,) = registry_of(a="online", b="offline", c="unseen", d="online").kinds()
    assert (kind.kind, kind.count, kind.device_names) == ("gate", 2, ("a", "d"))
    assert kind.abilities == ("a opens.", "d opens.")


def test_a_kind_of_which_none_is_there_counts_nothing_and_keeps_its_names() -> None:
    (kind,) = registry_of(a="offline", b="unseen").kinds()
    assert (kind.kind, kind.count, kind.device_names) == ("gate", 0, ("a", "b"))
    assert kind.abilities == ("a opens.", "b opens.")


def test_a_device_that_was_never_let_in_has_no_name_here() -> None:
    registry = Registry()
    registry.take_presence(Presence(device_id="a", session=1, status=PresenceStatus.ONLINE, at=1.0))
    registry.take_profile(Profile(device_id="a", title="a", kind="gate", description="A gate.", abilities=()))
    assert registry.kinds() == []
