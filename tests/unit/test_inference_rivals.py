"""Functions that one said word rules out."""

from __future__ import annotations

import pytest

from inference.rivals import ruled_out
from inference.signatures import FunctionSignature, Parameter, ParameterKind

LOCKED = Parameter("lock", ParameterKind.BOOLEAN)
SHADE = Parameter("shade", ParameterKind.STRING, choices=("left", "right", "all"))
VAN = (
    FunctionSignature("lock_hatch", "Bolt the hatch.", (LOCKED,)),
    FunctionSignature("set_shade", "Move a shade.", (SHADE,)),
    FunctionSignature("spin_cw", "Spin the seat."),
    FunctionSignature("spin_ccw", "Spin the seat."),
)


@pytest.mark.parametrize(
    ("text", "wanted", "others"),
    [
        ("turn the seat left", [3], [2]),
        ("close all shades", [1], [0, 2, 3]),
        ("unlock it", [0], [1, 2, 3]),
        ("open the hatch", [], []),
    ],
)
def test_a_word_rules_functions_out(text: str, wanted: list[int], others: list[int]) -> None:
    assert ruled_out(text, VAN) == (wanted, others)
