"""The coordinator over a real mosquitto, in real time: start without a broker, deaths, garbage, restarts."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coordinator.app import create_app
from coordinator.coordinator import Coordinator
from coordinator.enrolment import issue_token
from coordinator.goals import GoalStatus, GoalView
from coordinator.main import Settings, open_coordinator
from coordinator.site import Site
from parley.serving import serving
from protocol.errors import ErrorCode, OperatorError
from protocol.messages import CoordinatorPresence, PresenceStatus, decode
from protocol.topics import Channel, Topics
from tests.coordinator_fakes import (
    CHECK_SHELVES,
    GOAL,
    SILENT,
    Behaviour,
    FakeDevice,
    Reaction,
    scripted,
    vacancy,
)
from tests.ports import free_port
from transport.broker import ManagedBroker
from transport.clock import SystemClock
from transport.mqtt_bus import MqttBus
from transport.ports import Will

pytestmark = pytest.mark.broker


def settings(directory: Path, url: str, site: str, **more: Any) -> Settings:
    return Settings(
        broker_url=url,
        state_dir=directory,
        site=Site.from_mapping({"shelf": ["1", "2", "3"]}),
        site_name=site,
        open_enrolment=more.pop("open_enrolment", True),
        **more,
    )


def device(
    url: str, site: str, name: str, behaviour: Behaviour = lambda _: Reaction(), **more: Any
) -> FakeDevice:
    def make_bus(device_id: str, will: Will) -> MqttBus:
        return MqttBus(url, f"{site}-{device_id}", will=will, session_expiry_seconds=60)

    return FakeDevice(name, make_bus, site, SystemClock(), behaviour, **more)


def full(_: str) -> Reaction:
    return vacancy(False)


async def soon(reached: Callable[[], bool], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not reached():  # noqa: ASYNC110 - real processes have no event to wait for
            await asyncio.sleep(0.01)


async def end_of(coordinator: Coordinator, goal: GoalView, seconds: float = 20.0) -> GoalView:
    async with asyncio.timeout(seconds):
        return await coordinator.wait(goal.goal_id)


async def test_a_killed_robot_makes_an_honest_partial_answer(tmp_path: Path, broker: str, site: str) -> None:
    async with (
        open_coordinator(settings(tmp_path, broker, site), scripted(CHECK_SHELVES)) as coordinator,
        device(broker, site, "robot-1", lambda _: vacancy(True)),
        device(broker, site, "robot-2", lambda _: SILENT) as victim,
        device(broker, site, "robot-3", full),
    ):
        assert await coordinator.wait_for_devices(3, timeout_seconds=10)
        goal = coordinator.submit(GOAL)
        await soon(lambda: bool(victim.received))
        await victim.kill()
        goal = await end_of(coordinator, goal)
        assert goal.status is GoalStatus.PARTIAL
        assert goal.answer == (
            "Shelf 1 has vacant space. Shelf 3 has none. Shelf 2 is unknown: robot-2 was lost before it answered."
        )


async def test_garbage_on_every_topic_is_recorded_and_changes_nothing(
    tmp_path: Path, broker: str, site: str
) -> None:
    topics = Topics(site)
    garbage = [b"\xff\x00", b"[]", b'{"v": 99}', b'{"v": 1, "device_id": 5}', b"x" * 70_000, b""]
    async with (
        open_coordinator(settings(tmp_path, broker, site), scripted(CHECK_SHELVES)) as coordinator,
        device(broker, site, "robot-1", full) as robot,
    ):
        assert await coordinator.wait_for_devices(1, timeout_seconds=10)
        places = [
            topics.device("robot-1", Channel.REPORT),
            topics.device("robot-1", Channel.PRESENCE),
            topics.device("robot-1", Channel.PROFILE),
            topics.enrol("robot-1", Channel.ENROL_REQUEST),
        ]
        for place in places:
            for payload in garbage:
                await robot.bus.publish(place, payload)
        await robot.bus.publish(topics.coordinator_presence, b"garbage")
        # A report in the name of another device, and one of a device that never enrolled.
        other = device(broker, site, "robot-9")
        report = other._report("goal-x-1", Reaction())
        for name in ("robot-1", "robot-9"):
            from_whom = topics.device(name, Channel.REPORT)
            await robot.bus.publish(from_whom, report.model_dump_json(exclude_none=True).encode())
        wrong = 4 * (len(garbage) - 1) + 1 + 2
        await soon(lambda: len(coordinator.problems()) >= wrong)
        sentences = [event.data["sentence"] for event in coordinator.problems()]
        assert len(sentences) == wrong
        assert any("v is 99" in text and "same Parley version" in text for text in sentences)
        assert any("65536" in text for text in sentences)
        assert any("as in the topic" in text for text in sentences)
        assert any("enrolled" in text for text in sentences)
        goal = await end_of(coordinator, coordinator.submit(GOAL))
        assert goal.answer == "Shelves 1, 2 and 3 have no vacant space."


async def test_a_coordinator_starts_without_a_broker_and_works_when_there_is_one(
    tmp_path: Path, site: str
) -> None:
    port = free_port()
    url = f"mqtt://127.0.0.1:{port}"
    async with open_coordinator(settings(tmp_path, url, site), scripted(CHECK_SHELVES)) as coordinator:
        health = coordinator.health()
        assert not health.is_ok
        assert "broker" in health.problems[0]
        goal = coordinator.submit(GOAL)
        async with ManagedBroker(port), device(url, site, "robot-1", full):
            goal = await end_of(coordinator, goal, 40)
        assert goal.answer == "Shelves 1, 2 and 3 have no vacant space."


async def test_a_broker_that_goes_in_mid_goal_is_reported_and_one_that_returns_is_used(
    tmp_path: Path, site: str
) -> None:
    async with ManagedBroker() as managed:
        chosen = settings(tmp_path, managed.url, site, subtask_timeout_seconds=4.0)
        async with (
            open_coordinator(chosen, scripted(CHECK_SHELVES)) as coordinator,
            device(managed.url, site, "robot-1", lambda _: SILENT) as robot,
        ):
            assert await coordinator.wait_for_devices(1, timeout_seconds=10)
            goal = coordinator.submit(GOAL)
            await soon(lambda: bool(robot.received))
            await managed.kill()
            goal = await end_of(coordinator, goal)
            assert goal.status is GoalStatus.FAILED
            assert goal.error_code is ErrorCode.BROKER_UNAVAILABLE
            robot.behaviour = full
            await managed.start()
            await soon(lambda: coordinator.health().is_ok and robot.bus.is_connected, 30)
            await robot.report(robot.received[0].subtask_id, full(""))
            # The broker forgot the robot with its death; an agent introduces itself again after a reconnect.
            await robot.introduce()
            again = await end_of(coordinator, coordinator.submit(GOAL))
            assert again.answer == "Shelves 1, 2 and 3 have no vacant space."


async def test_enrolled_devices_and_goals_outlive_a_restart_and_the_epoch_grows(
    tmp_path: Path, broker: str, site: str
) -> None:
    token = issue_token(settings(tmp_path, broker, site).database, "robot-1")
    chosen = settings(tmp_path, broker, site, open_enrolment=False)
    async with device(broker, site, "robot-1", full, token=token) as robot:
        async with open_coordinator(chosen, scripted(CHECK_SHELVES)) as coordinator:
            assert await coordinator.wait_for_devices(1, timeout_seconds=10)
            first = await end_of(coordinator, coordinator.submit(GOAL))
            epoch = coordinator.epoch
        async with open_coordinator(chosen, scripted(CHECK_SHELVES)) as coordinator:
            assert coordinator.epoch > epoch
            assert await coordinator.wait_for_devices(1, timeout_seconds=10)
            assert coordinator.goal(first.goal_id) == first
            second = await end_of(coordinator, coordinator.submit(GOAL))
            assert second.status is GoalStatus.COMPLETED
        assert [subtask.epoch for subtask in robot.received] == [epoch] * 3 + [coordinator.epoch] * 3


async def test_the_site_knows_who_owns_it(tmp_path: Path, broker: str, site: str) -> None:
    topics = Topics(site)
    async with (
        MqttBus(broker, f"{site}-watcher") as watcher,
        watcher.subscribe(topics.coordinator_presence) as deliveries,
        asyncio.timeout(10),
    ):
        async with open_coordinator(settings(tmp_path, broker, site), scripted("refuse")) as coordinator:
            hello = decode(CoordinatorPresence, (await anext(deliveries)).payload)
            assert (hello.status, hello.epoch) == (PresenceStatus.ONLINE, coordinator.epoch)
        goodbye = decode(CoordinatorPresence, (await anext(deliveries)).payload)
        assert (goodbye.status, goodbye.epoch) == (PresenceStatus.OFFLINE, coordinator.epoch)


async def test_one_state_directory_serves_one_coordinator(tmp_path: Path, broker: str, site: str) -> None:
    chosen = settings(tmp_path, broker, site)
    async with open_coordinator(chosen, scripted("refuse")):
        with pytest.raises(OperatorError, match="Another coordinator"):
            async with open_coordinator(chosen, scripted("refuse")):
                pass
    async with open_coordinator(chosen, scripted("refuse")) as coordinator:
        assert coordinator.goals() == []


async def test_a_port_in_use_is_an_error_with_a_remedy(tmp_path: Path, broker: str, site: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        chosen = settings(tmp_path, broker, site, port=taken.getsockname()[1])
        async with open_coordinator(chosen, scripted("refuse")) as coordinator:
            with pytest.raises(OperatorError, match="Choose another address or port"):
                async with serving(create_app(coordinator), chosen.host, chosen.port):
                    pass


async def test_a_missing_model_is_an_error_with_a_remedy(
    tmp_path: Path, broker: str, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLEY_MODEL", str(tmp_path / "missing.gguf"))
    with pytest.raises(OperatorError, match=r"missing\.gguf") as caught:
        async with open_coordinator(settings(tmp_path, broker, site)):
            pass
    assert caught.value.code is ErrorCode.MODEL_UNAVAILABLE
    assert caught.value.remedy
