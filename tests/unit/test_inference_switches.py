"""The switch among the optional values of a function."""

from __future__ import annotations

import pytest

from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.switches import said_switch

ON = Parameter("on", ParameterKind.BOOLEAN, required=False)
MODE = Parameter("mode", ParameterKind.STRING, required=False, choices=("eco", "boost"))
HEATER = FunctionSignature("set_state", "Change the heater.", (ON, MODE))


@pytest.mark.parametrize(
    ("text", "is_on"),
    [
        ("heater off", False),
        ("turn the heater on", True),
        ("switch on the radiator at 20 degrees", True),
        ("turn the boost off", None),
        ("don't turn the heater off", None),
        ("set it to eco", None),
        ("turn it off, then switch it on", None),
        ("turn it off and switch it on", None),
    ],
)
def test_words_for_switching_set_the_switch(text: str, is_on: bool | None) -> None:
    assert said_switch(ON, HEATER, text) is is_on
