"""Words that set a number by naming a state."""

from __future__ import annotations

import pytest

from inference.said_states import said_state
from inference.signatures import Parameter, ParameterKind
from inference.text import prepare
from inference.values import decode_value

HATCH = Parameter(
    "opening", ParameterKind.INTEGER, minimum=0, maximum=100, states=(("closed", 0.0), ("open", 100.0))
)
HEAT = Parameter("level", ParameterKind.INTEGER, minimum=0, maximum=3, states=(("off", 0.0),))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("shut the rear hatch", 0),
        ("i want both hatches open", 100),
        ("wind the rear window down", 100),
        ("roll up the windows", 0),
        ("open the hatch a little", None),
        ("open the hatch halfway", None),
        ("don't close the hatch", None),
        ("is the hatch open", None),
        ("tell me when the hatch is closed", None),
        ("close hatch 1 and open hatch 2", None),
        ("drive close to the wall", None),
        ("the open hatch rattles", None),
    ],
)
def test_opening_and_closing(text: str, number: int | None) -> None:
    found = said_state(HATCH, text)
    assert (found and found[1]) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("turn off the seat warmer", 0),
        ("seat warmer off please", 0),
        ("put out the ring light", 0),
        ("set off at 8", None),
        ("take the cover off and raise it", None),
    ],
)
def test_switching_off(text: str, number: int | None) -> None:
    found = said_state(HEAT, text)
    assert (found and found[1]) == number


def test_the_words_stand_for_the_number() -> None:
    assert decode_value(HATCH, "shut", prepare("shut the hatch"), {}) == 0
