"""What counts as right."""

from __future__ import annotations

from typing import Any

import pytest

from evals.grading import grade, same_value
from tests.evals_kit import KILN, call, item, wanted


def test_the_expected_call_is_exact() -> None:
    graded = grade(item(expected=[wanted("set_heat", heat=60)]), [call("set_heat", heat=60)])
    assert (graded.exact, graded.device, graded.action, graded.is_refused) == (True, True, True, False)


def test_a_wrong_argument_leaves_the_action_right() -> None:
    graded = grade(item(expected=[wanted("set_heat", heat=60)]), [call("set_heat", heat=61)])
    assert (graded.exact, graded.device, graded.action) == (False, True, True)


def test_a_wrong_action_leaves_the_device_right() -> None:
    graded = grade(item(expected=[wanted("set_heat", heat=60)]), [call("cool_down")])
    assert (graded.exact, graded.device, graded.action) == (False, True, False)


def test_the_same_action_of_another_device_is_wrong() -> None:
    other = KILN.model_copy(update={"id": "kiln 2"})
    graded = grade(item(expected=[wanted("cool_down")], devices=[KILN, other]), [call("cool_down", "kiln 2")])
    assert (graded.exact, graded.device, graded.action) == (False, False, False)


def test_a_call_too_many_is_wrong() -> None:
    graded = grade(item(expected=[wanted("cool_down")]), [call("cool_down"), call("cool_down")])
    assert not graded.exact
    assert not graded.action


def test_other_values_that_are_accepted_are_right() -> None:
    asked = item(expected=[wanted("set_heat", accept={"heat": [59, 61]}, heat=60)])
    assert [grade(asked, [call("set_heat", heat=heat)]).exact for heat in (58, 59, 60, 61)] == [
        False,
        True,
        True,
        True,
    ]


def test_an_argument_may_be_left_out_only_where_null_is_accepted() -> None:
    strict = item(expected=[wanted("label", text="hot", lines=2)])
    lenient = item(expected=[wanted("label", accept={"lines": [None]}, text="hot", lines=2)])
    assert not grade(strict, [call("label", text="hot")]).exact
    assert grade(lenient, [call("label", text="hot")]).exact
    assert not grade(lenient, [call("label", text="hot", lines=3)]).exact


def test_an_argument_that_nobody_asked_for_is_wrong_unless_accepted() -> None:
    strict = item(expected=[wanted("label", text="hot")])
    lenient = item(expected=[wanted("label", accept={"lines": [1, None]}, text="hot")])
    assert not grade(strict, [call("label", text="hot", lines=1)]).exact
    assert grade(lenient, [call("label", text="hot", lines=1)]).exact
    assert grade(lenient, [call("label", text="hot")]).exact


def test_calls_are_paired_off_in_the_only_way_that_works() -> None:
    # The first call fits both expected ones, the second only the first of them.
    asked = item(expected=[wanted("set_heat", accept={"heat": [2]}, heat=1), wanted("set_heat", heat=2)])
    assert grade(asked, [call("set_heat", heat=2), call("set_heat", heat=1)]).exact
    assert grade(asked, [call("set_heat", heat=2), call("set_heat", heat=2)]).exact
    assert not grade(asked, [call("set_heat", heat=1), call("set_heat", heat=1)]).exact


def test_nothing_called_is_right_where_nothing_is_expected() -> None:
    graded = grade(item(), [])
    assert (graded.exact, graded.is_refused, graded.has_calls_expected) == (True, True, False)


def test_a_breakdown_is_wrong_and_no_refusal() -> None:
    graded = grade(item(), None)
    assert (graded.exact, graded.device, graded.action, graded.is_refused) == (False, False, False, False)


@pytest.mark.parametrize(
    ("left", "right", "schema", "is_same"),
    [
        (1, 1.0, {}, True),
        (0.333333333, 1 / 3, {}, True),
        (0.3333, 1 / 3, {}, False),
        (0, 1e-12, {}, True),
        (1, True, {}, False),
        (0, False, {}, False),
        ("1", 1, {}, False),
        (" Hall B ", "hall b", {}, True),
        ("hall  b", "hall b", {}, False),
        ("RAKU", "raku", {"enum": ["raku"]}, False),
        ("raku", "raku", {"enum": ["raku"]}, True),
        ([1, "A"], [1.0, "a"], {}, True),
        ([1, 2], [2, 1], {}, False),
        ([1], [1, 1], {}, False),
        (["A"], ["a"], {"items": {"enum": ["a"]}}, False),
        ({"x": 1}, {"x": 1.0}, {}, True),
        ({"x": 1}, {"y": 1}, {}, False),
        ({"x": "A"}, {"x": "a"}, {"properties": {"x": {"enum": ["a"]}}}, False),
        (None, 0, {}, False),
    ],
)
def test_values_are_compared_as_documented(
    left: Any, right: Any, schema: dict[str, Any], is_same: bool
) -> None:
    assert same_value(left, right, schema) is is_same
    assert same_value(right, left, schema) is is_same


def test_the_choices_of_an_action_are_compared_exactly() -> None:
    asked = item(expected=[wanted("fire", program="Glaze")])
    assert grade(asked, [call("fire", program="Glaze")]).exact
    assert not grade(asked, [call("fire", program="glaze")]).exact
