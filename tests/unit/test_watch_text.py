"""Goals and devices in words: money, time, what is not told, and how goals are followed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from coordinator.accounting import Account, Expense, Money
from coordinator.goals import GoalStatus, GoalView
from coordinator.views import DeviceView
from parley.transcript import transcript
from parley.watch import changes
from parley.watch_text import cost_text, device_row, goal_page, goal_row
from protocol.messages import Finding


def goal(**fields: Any) -> dict[str, Any]:
    view = GoalView(
        **{"goal_id": "goal-1", "goal": "Shine.", "status": GoalStatus.RUNNING, "created_at": 1.0} | fields
    )
    told: dict[str, Any] = view.model_dump(mode="json")
    return told


def device(**fields: Any) -> dict[str, Any]:
    known: dict[str, Any] = {
        "device_id": "lamp-1",
        "status": "online",
        "is_enrolled": True,
        "is_available": True,
        "since": 1.0,
        "title": "Lamp",
        "kind": "lamp",
        "description": "A lamp.",
        "abilities": (),
        "paused_by": None,
        "waiting": None,
    }
    told: dict[str, Any] = DeviceView(**known | fields).model_dump(mode="json")
    return told


def test_money_stands_before_tokens_and_tokens_before_calls() -> None:
    money = Money(planner=0.01, devices=0.002, total=0.012, currency="EUR")
    assert cost_text(goal(model_calls=3, account=Account(money=money))) == "0.012 EUR"
    assert cost_text(goal(model_calls=3, prompt_tokens=40, completion_tokens=2)) == "42 tokens"
    assert cost_text(goal(model_calls=3)) == "3 model calls"
    assert cost_text(goal()) == ""


def test_a_page_says_which_tokens_nobody_told() -> None:
    account = Account(
        planner=Expense(
            model_calls=2, prompt_tokens=9, completion_tokens=1, model_seconds=75.0, untold_calls=1
        ),
        money=Money(planner=0.01, devices=0.0, total=0.01, currency="EUR"),
    )
    page = goal_page(
        goal(
            by="Anna", account=account, waiting=("lamp-1 asks.",), status=GoalStatus.COMPLETED, seconds=3725.0
        )
    )
    assert "Given by Anna." in page
    assert "Waits:\n  lamp-1 asks." in page
    assert "2 calls, 9 tokens read, 1 written, 1 min 15 s, of which 1 did not tell its tokens." in page
    assert "Devices' models: not called." in page
    assert "Cost: 0.01 EUR (planning 0.01, devices 0)." in page
    assert "Time: 1 h 2 min in all; planning 0.0 s" in page


def test_a_goal_that_waits_for_people_says_so_in_the_list() -> None:
    row = goal_row(goal(waiting=("lamp-1 asks.",), goal="Shine " * 40))
    assert row[1] == "running (waits)"
    assert len(row[-1]) <= 60
    assert row[-1].endswith("…")


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "idle"),
        ({"doing": "Shine."}, "at work"),
        ({"paused_by": "Anna"}, "paused by Anna"),
        ({"waiting": "lamp-1 asks."}, "waits for a person"),
        ({"is_available": False, "status": "lost"}, "lost"),
        ({"is_available": False, "status": None}, "not seen"),
        ({"is_available": False, "is_enrolled": False}, "not enrolled"),
        ({"is_available": False}, "not introduced"),
    ],
)
def test_the_state_of_a_device(fields: dict[str, Any], state: str) -> None:
    assert device_row(device(**fields))[2] == state


def test_a_place_may_be_a_name() -> None:
    told = (
        Finding(what="Battery level", value=7.25, unit="percent"),
        Finding(what="position", value="shelf 3"),
    )
    assert device_row(device(attributes=told))[3:5] == ("7.25 %", "shelf 3")


def test_goals_are_followed_by_their_changes() -> None:
    looks: Iterator[list[dict[str, Any]]] = iter(
        [
            [goal()],
            [goal()],
            [goal(goal_id="goal-2"), goal(status=GoalStatus.COMPLETED)],
            [goal(goal_id="goal-2"), goal(status=GoalStatus.COMPLETED)],
        ]
    )
    pauses: list[float] = []
    followed = changes(lambda: next(looks), pauses.append)
    seen = [(one["goal_id"], one["status"]) for one in (next(followed) for _ in range(3))]
    assert seen == [("goal-1", "running"), ("goal-1", "completed"), ("goal-2", "running")]
    assert len(pauses) == 2


def test_a_transcript_leaves_out_what_it_does_not_know() -> None:
    events = [
        {"at": 0.0, "kind": "goal_accepted", "data": {"goal": "Shine.", "by": "Anna"}},
        {"at": 1.0, "kind": "goal_planned", "data": {"steps": [], "refusal": {"reason": "No lamp can."}}},
        {"at": 2.0, "kind": "a_kind_of_tomorrow", "data": {}},
        {
            "at": 3.0,
            "kind": "subtask_ended",
            "data": {"device_id": None, "outcome": "no_device", "said": None, "reason": "nobody is here"},
        },
        {
            "at": 4.0,
            "kind": "late_report",
            "data": {"device_id": "lamp-1", "status": "not_executable", "sentence": "Too dark."},
        },
        {"at": 5.0, "kind": "operator", "data": {"sentence": "Anna paused this goal."}},
    ]
    assert list(transcript(events)) == [
        "00:00:00  Anna: Shine.",
        "00:00:01  plan: No lamp can.",
        "00:00:03  coordinator: (no device) nobody is here.",
        "00:00:04  lamp-1, too late: (not executable) Too dark.",
        "00:00:05  operation: Anna paused this goal.",
    ]
