"""What Prometheus is told: counted events, the moment's load, and no label without an end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from httpx import ASGITransport, AsyncClient
from prometheus_client.parser import text_string_to_metric_families

from coordinator.app import create_app
from coordinator.ledger.events import Event, EventKind
from coordinator.metrics import Load, Metrics
from coordinator.registry import Device
from protocol.messages import PresenceStatus
from tests.coordinator_fakes import CHECK_SHELVES, GOAL, scripted, stage, vacancy
from transport.clock import FakeClock

LOAD = Load(1, 2, 3, 4, 55, 6, is_broker_connected=True, is_stopped=False, epoch=7)


def devices() -> list[Device]:
    return [
        Device("a"),
        Device("b", status=PresenceStatus.LOST, is_enrolled=True),
        Device("c", status=PresenceStatus.ONLINE, is_enrolled=True),
        Device("d", status=PresenceStatus.ONLINE),
        Device("e", status=PresenceStatus.OFFLINE),
    ]


def taken(*events: tuple[float, EventKind, dict[str, Any]]) -> Metrics:
    metrics = Metrics(lambda: LOAD, devices)
    for seq, (at, kind, data) in enumerate(events, 1):
        metrics.take(Event(seq, at, "goal-1", kind, data))
    return metrics


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_events_are_counted() -> None:
    record = {
        "outcome": "completed",
        "subtask_id": "s1",
        "seconds": 4.0,
        "model_calls": 1,
        "prompt_tokens": 90,
    }
    metrics = taken(
        (10.0, EventKind.GOAL_ACCEPTED, {"goal": "x"}),
        (12.0, EventKind.GOAL_PLANNED, {"model_calls": 2, "prompt_tokens": 40, "model_seconds": 1.5}),
        (15.0, EventKind.SUBTASK_ENDED, record),
        (16.0, EventKind.SUBTASK_ENDED, {"outcome": "no_device", "subtask_id": None}),
        (20.0, EventKind.GOAL_ENDED, {"status": "partial"}),
        (21.0, EventKind.GOAL_ENDED, {"status": "failed"}),
    )
    assert value(metrics, "parley_goals_accepted_total") == 1
    assert value(metrics, "parley_goals_total", status="partial") == 1
    assert value(metrics, "parley_goals_total", status="completed") == 0
    assert value(metrics, "parley_goal_seconds_sum") == 10
    assert value(metrics, "parley_goal_seconds_count") == 1
    assert value(metrics, "parley_planning_seconds_sum") == 2
    assert value(metrics, "parley_subtasks_total", outcome="completed") == 1
    assert value(metrics, "parley_subtasks_total", outcome="no_device") == 1
    assert value(metrics, "parley_subtask_seconds_count") == 1
    assert value(metrics, "parley_model_calls_total", side="planner") == 2
    assert value(metrics, "parley_model_tokens_total", side="devices", kind="prompt") == 90
    assert value(metrics, "parley_model_seconds_total", side="planner") == 1.5


def test_the_moment_is_told() -> None:
    metrics = taken()
    assert value(metrics, "parley_under_way", queue="messages") == 3
    assert value(metrics, "parley_under_way", queue="approvals") == 6
    assert value(metrics, "parley_ledger_seq") == 55
    assert value(metrics, "parley_ledger_lag") == 4
    assert value(metrics, "parley_broker_connected") == 1
    assert value(metrics, "parley_emergency_stop") == 0
    assert value(metrics, "parley_epoch") == 7
    counted = {
        status: value(metrics, "parley_devices", status=status)
        for status in ("available", "unseen", "lost", "offline", "not_introduced", "not_enrolled")
    }
    assert counted == {
        "available": 0,
        "unseen": 1,
        "lost": 1,
        "offline": 1,
        "not_introduced": 1,
        "not_enrolled": 1,
    }


async def test_a_coordinator_serves_what_it_counts_without_ids(tmp_path: Path, clock: FakeClock) -> None:
    async with stage(tmp_path, scripted(CHECK_SHELVES), clock=clock) as scene:
        await scene.join("robot-1", lambda _: vacancy(True))
        app = create_app(scene.coordinator)
        goal = scene.coordinator.submit(GOAL)
        await clock.advance_until(lambda: scene.coordinator.goal(goal.goal_id).is_final)
        async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
            answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert goal.goal_id not in answer.text
    assert "robot-1" not in answer.text
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert samples["parley_goals_total", "completed"] == 1
    assert samples["parley_subtasks_total", "completed"] == 4
    assert samples["parley_devices", "available"] == 1
    assert samples["parley_ledger_seq",] > 10
    assert samples["parley_under_way", "goals"] == 0


def test_two_coordinators_in_one_process_count_apart() -> None:
    counted = [taken((1.0, EventKind.GOAL_ACCEPTED, {"goal": "x"})) for _ in range(2)]
    assert [value(metrics, "parley_goals_accepted_total") for metrics in counted] == [1, 1]
