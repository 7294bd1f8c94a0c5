"""What goals cost, read from their events: calls, tokens, seconds, money."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.accounting import Account, AccountBook, Expense, Prices
from coordinator.ledger.events import Event, EventKind
from protocol.errors import InputError

PLAN = {"steps": [], "model_calls": 2, "prompt_tokens": 300, "completion_tokens": 20, "model_seconds": 1.5}


def booked(*events: tuple[float, EventKind, dict[str, Any]]) -> Account:
    book = AccountBook()
    for seq, (at, kind, data) in enumerate(events, 1):
        book.take(Event(seq, at, "goal-1", kind, data))
    return book.account


def ended(subtask_id: str, calls: int = 1, tokens: int = 50) -> dict[str, Any]:
    return {
        "subtask_id": subtask_id,
        "model_calls": calls,
        "prompt_tokens": tokens,
        "completion_tokens": tokens // 10,
        "model_seconds": 0.5,
    }


def test_the_plan_and_the_devices_are_charged_apart() -> None:
    account = booked(
        (0.0, EventKind.GOAL_ACCEPTED, {"goal": "x"}),
        (2.0, EventKind.GOAL_PLANNED, PLAN),
        (2.5, EventKind.SUBTASK_ASSIGNED, {"subtask_id": "s1"}),
        (3.0, EventKind.SUBTASK_ASSIGNED, {"subtask_id": "s2"}),
        (5.0, EventKind.SUBTASK_ENDED, ended("s1")),
        (6.0, EventKind.SUBTASK_ENDED, ended("s2", calls=2, tokens=100)),
        (9.0, EventKind.GOAL_ENDED, {}),
    )
    assert account.planner == Expense(
        model_calls=2, prompt_tokens=300, completion_tokens=20, model_seconds=1.5
    )
    assert account.devices == Expense(
        model_calls=3, prompt_tokens=150, completion_tokens=15, model_seconds=1.0
    )
    assert account.seconds.model_dump() == {"planning": 2.0, "devices": 3.5, "people": 0.0, "waiting": 3.5}
    assert account.money is None


def test_time_that_people_take_is_not_the_devices() -> None:
    account = booked(
        (0.0, EventKind.GOAL_ACCEPTED, {"goal": "x"}),
        (1.0, EventKind.GOAL_PLANNED, PLAN),
        (1.0, EventKind.SUBTASK_ASSIGNED, {"subtask_id": "s1"}),
        (2.0, EventKind.APPROVAL_REQUESTED, {"approval_id": "a1"}),
        (12.0, EventKind.APPROVAL_ENDED, {"approval_id": "a1"}),
        (13.0, EventKind.OPERATOR, {"what": "goal", "did": "paused"}),
        (33.0, EventKind.OPERATOR, {"what": "device", "did": "paused"}),
        (34.0, EventKind.OPERATOR, {"what": "goal", "did": "resumed"}),
        (36.0, EventKind.SUBTASK_ENDED, ended("s1")),
    )
    assert account.seconds.model_dump() == {"planning": 1.0, "devices": 4.0, "people": 31.0, "waiting": 0.0}


def test_models_that_do_not_tell_their_tokens_are_counted_as_such() -> None:
    account = booked(
        (0.0, EventKind.GOAL_ACCEPTED, {"goal": "x"}),
        (1.0, EventKind.GOAL_PLANNED, PLAN | {"prompt_tokens": 0, "completion_tokens": 0}),
        (2.0, EventKind.SUBTASK_ENDED, {"subtask_id": None, "model_calls": 0}),
        (3.0, EventKind.SUBTASK_ENDED, {"subtask_id": "s1", "model_calls": 3}),
    )
    assert (account.planner.untold_calls, account.devices.untold_calls) == (2, 3)


def test_tokens_come_to_money() -> None:
    prices = Prices.from_environment(
        {
            "PARLEY_PROMPT_PRICE": "2",
            "PARLEY_COMPLETION_PRICE": "8.5",
            "PARLEY_DEVICE_PROMPT_PRICE": "1",
            "PARLEY_DEVICE_COMPLETION_PRICE": "",
            "PARLEY_PRICE_CURRENCY": "EUR",
        }
    )
    account = Account(
        planner=Expense(prompt_tokens=1_000_000, completion_tokens=200_000),
        devices=Expense(prompt_tokens=500_000, completion_tokens=900_000),
    )
    money = prices.of(account).money
    assert money is not None
    assert (money.planner, money.devices, money.total, money.currency) == (3.7, 0.5, 4.2, "EUR")


def test_without_prices_nothing_is_said_of_money() -> None:
    prices = Prices.from_environment({"PARLEY_PRICE_CURRENCY": "EUR"})
    assert prices.of(Account()).money is None


@pytest.mark.parametrize("given", ["-1", "cheap", "nan", "inf"])
def test_a_price_that_is_none_is_named(given: str) -> None:
    with pytest.raises(InputError, match="PARLEY_PROMPT_PRICE"):
        Prices.from_environment({"PARLEY_PROMPT_PRICE": given, "PARLEY_PRICE_CURRENCY": "EUR"})


def test_a_price_needs_a_currency() -> None:
    with pytest.raises(InputError, match="PARLEY_PRICE_CURRENCY"):
        Prices.from_environment({"PARLEY_PROMPT_PRICE": "1"})


_STEPS = st.lists(
    st.tuples(
        st.floats(0, 100),
        st.sampled_from(
            [
                (EventKind.GOAL_PLANNED, PLAN),
                (EventKind.SUBTASK_ASSIGNED, {"subtask_id": "s1"}),
                (EventKind.SUBTASK_ASSIGNED, {"subtask_id": "s2"}),
                (EventKind.SUBTASK_ENDED, ended("s1")),
                (EventKind.SUBTASK_ENDED, ended("s2")),
                (EventKind.APPROVAL_REQUESTED, {"approval_id": "a1"}),
                (EventKind.APPROVAL_ENDED, {"approval_id": "a1"}),
                (EventKind.OPERATOR, {"what": "goal", "did": "paused"}),
                (EventKind.OPERATOR, {"what": "goal", "did": "resumed"}),
                (EventKind.REPORT, {}),
            ]
        ),
    ),
    max_size=30,
)


@given(_STEPS)
def test_where_the_time_went_adds_up_to_how_long_it_took(
    steps: list[tuple[float, tuple[EventKind, dict[str, Any]]]],
) -> None:
    times = itertools.accumulate(seconds for seconds, _ in steps)
    events = [(at, kind, data) for at, (_, (kind, data)) in zip(times, steps, strict=True)]
    account = booked((0.0, EventKind.GOAL_ACCEPTED, {"goal": "x"}), *events)
    took = events[-1][0] if events else 0.0
    assert sum(account.seconds.model_dump().values()) == pytest.approx(took, abs=0.01)
