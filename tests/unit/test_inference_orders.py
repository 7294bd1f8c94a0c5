"""Goals are split into orders, with what must be so before and what follows what."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.mentions import Vocabulary, find_mentions
from inference.orders import Order, comparison_in, split_orders
from inference.plan import KindProfile
from inference.text import prepare

VOCABULARY = Vocabulary(
    (KindProfile("robot", 2, (), ("robot-1", "robot-2")), KindProfile("door", 2, (), ("door-1", "door-2"))),
    {"shelf": ("1", "2", "3")},
)


def orders(goal: str) -> list[Order]:
    prepared = prepare(goal)
    return split_orders(prepared, find_mentions(prepared.lower, VOCABULARY))


def said(goal: str) -> list[str]:
    return [prepare(goal).text[one.start : one.end] for one in orders(goal)]


@pytest.mark.parametrize(
    ("goal", "parts"),
    [
        ("Check shelves 1 and 2", ["Check shelves 1 and 2"]),
        ("Check shelf 1 and open the doors", ["Check shelf 1", "open the doors"]),
        ("robot 1, go to shelf 2", ["robot 1, go to shelf 2"]),
        ("Stop, all of you robots", ["Stop, all of you robots"]),
        ("Open the doors. robot 2, stop.", ["Open the doors", "robot 2, stop"]),
        ("Check if there is space on shelf 2", ["Check if there is space on shelf 2"]),
        ("Tell me if door 1 is open", ["Tell me if door 1 is open"]),
    ],
)
def test_a_goal_is_split_where_something_else_is_to_be_done(goal: str, parts: list[str]) -> None:
    assert said(goal) == parts


def test_only_then_waits_for_what_was_before() -> None:
    assert [one.follows for one in orders("check shelf 1 and open the doors, then stop robot 1")] == [
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("goal", "condition", "is_present"),
    [
        ("If shelf 1 is empty, open the doors", "shelf 1 is empty", True),
        ("open the doors if shelf 1 is empty", "shelf 1 is empty", True),
        ("open the doors unless shelf 1 is empty", "shelf 1 is empty", False),
        ("if there is no space on shelf 1, open the doors", "there is no space on shelf 1", False),
        ("only if shelf 1 is empty, open the doors", "shelf 1 is empty", True),
        ("when shelf 1 is empty, open the doors", "shelf 1 is empty", True),
    ],
)
def test_what_must_be_so(goal: str, condition: str, is_present: bool) -> None:
    (order,) = orders(goal)
    assert order.proviso is not None
    lower = prepare(goal).lower
    assert lower[order.proviso.start : order.proviso.end] == condition
    assert lower[order.start : order.end] == "open the doors"
    assert order.proviso.is_present is is_present


def test_what_is_to_be_done_otherwise() -> None:
    first, second = orders("if shelf 1 is empty, open the doors, otherwise stop robot 2")
    assert (first.is_otherwise, second.is_otherwise, second.proviso) == (False, True, None)


@pytest.mark.parametrize(
    ("text", "comparison", "value", "unit", "adjective"),
    [
        ("the battery is below 20 percent", "<", 20.0, "percent", ""),
        ("it holds at least 3 kg", ">=", 3.0, "kilogram", ""),
        ("its speed is not above 2 meters per second", "<=", 2.0, "meter/second", ""),
        ("it is warmer than 25 degrees", ">", 25.0, "degree", "warm"),
        ("it is hotter than 80 °c", ">", 80.0, "degC", "hot"),
        ("it is drier than 30 %", "<", 30.0, "percent", "dry"),
        ("it is colder than 5 degrees", "<", 5.0, "degree", "cold"),
        ("it is wider than 2 m", ">", 2.0, "meter", "wide"),
    ],
)
def test_amounts_are_compared(text: str, comparison: str, value: float, unit: str, adjective: str) -> None:
    found = comparison_in(prepare(text), 0, len(text))
    assert found is not None
    assert (found.comparison, found.value, found.unit, found.adjective) == (
        comparison,
        value,
        unit,
        adjective,
    )


def test_an_amount_that_is_only_said_is_not_compared() -> None:
    assert comparison_in(prepare("dim it to 20 percent"), 0, 20) is None


@settings(deadline=None)
@given(st.text(max_size=100))
def test_any_text_can_be_split(text: str) -> None:
    found = orders(text)
    assert all(0 <= one.start <= one.end <= len(prepare(text).lower) for one in found)
