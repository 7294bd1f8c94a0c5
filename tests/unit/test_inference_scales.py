"""Choices that are steps of a scale, and changes by steps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.notation import PlannedCall
from inference.program_source import python_source, written_calls
from inference.scales import RelativeChoice, said_steps, scale_of
from inference.signatures import Parameter, ParameterKind, Scalar
from inference.text import prepare
from inference.values import decode_value

HEAT = Parameter("heat", ParameterKind.STRING, choices=("auto", "low", "medium", "high"), current="get_heat")


@pytest.mark.parametrize(
    ("choices", "scale"),
    [
        (("low", "medium", "high"), ("low", "medium", "high")),
        (("max", "medium", "min"), ("min", "medium", "max")),
        (("off", "breeze", "gale", "turbo"), ("off", "breeze", "gale", "turbo")),
        ((60, 15, 30), (15, 30, 60)),
        (("auto", "slow", "fast"), ("slow", "fast", "auto")),
        (("red", "green"), ()),
        (("low", "high", "medium"), ()),
        (("small", "oval"), ()),
        ((True, False), ()),
    ],
)
def test_which_choices_are_a_scale(choices: tuple[Scalar, ...], scale: tuple[Scalar, ...]) -> None:
    assert scale_of(choices)[0] == scale


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("one notch less", -1),
        ("a size bigger please", 1),
        ("two levels up", 2),
        ("turn it down by three steps", -3),
        ("two steps forward", None),
        ("one level up and two levels down", None),
    ],
)
def test_steps_are_counted(text: str, steps: int | None) -> None:
    assert said_steps(text) == steps


@given(st.sampled_from(HEAT.choices), st.integers(-4, 4).filter(bool))
def test_the_program_takes_the_choice_so_many_steps_away(present: str, steps: int) -> None:
    change = RelativeChoice("get_heat", *scale_of(HEAT.choices), steps)
    found = eval(change.expression("now"), {"now": present})
    order = ("low", "medium", "high")
    if present == "auto":
        assert found == ("high" if steps > 0 else "low")
    else:
        assert found == order[min(2, max(0, order.index(present) + steps))]


def test_a_program_reads_the_present_choice_first() -> None:
    value = decode_value(HEAT, "down", prepare("one notch less heat"), {})
    source = python_source([PlannedCall("set_heat", {"heat": value}, {})])
    assert source.startswith("heat = get_heat()\nset_heat(heat=(")
    ((name, arguments),) = written_calls(source, ["set_heat"])
    assert (name, arguments["heat"] in HEAT.choices) == ("set_heat", True)
