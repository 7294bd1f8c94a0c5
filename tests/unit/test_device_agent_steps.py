"""Which arguments are changes of either sign."""

from __future__ import annotations

from dataclasses import replace

import pytest

from device_agent.signatures import signatures
from device_agent.steps import is_step
from inference.signatures import Parameter, ParameterKind
from tests.device_agent_kit import lamp


def signed(description: str = "", name: str = "x", low: float = -5, high: float = 5) -> Parameter:
    return Parameter(name, ParameterKind.NUMBER, minimum=low, maximum=high, description=description)


@pytest.mark.parametrize(
    ("parameter", "function"),
    [
        (signed("Negative goes back."), "seek"),
        (signed("Positive is up."), "lift"),
        (signed("negative = down"), "fly"),
        (signed("Minus means darker"), "dim"),
        (signed("How far: positive up, negative down."), "fly"),
        (signed(name="panDegrees"), "pan by"),
        (signed(name="delta_m"), "fly"),
    ],
)
def test_a_step_is_known_by_its_name_or_by_what_is_said_of_its_sign(
    parameter: Parameter, function: str
) -> None:
    assert is_step(parameter, function)


@pytest.mark.parametrize(
    ("parameter", "function"),
    [
        (signed("Chamber setpoint."), "set temperature"),
        (signed("Basement floors are negative."), "call car"),
        (signed("Negative floors are basements."), "call car"),
        # Which way is "down" then? Nobody should guess.
        (signed("Positive goes down."), "move by"),
        (signed("Positive = towards the sample."), "move by"),
        (signed(name="step", low=0), "move by"),
        (Parameter("delta", ParameterKind.NUMBER), "move by"),
        (replace(signed(name="offset"), current="get_offset"), "set clock"),
        (Parameter("delta", ParameterKind.STRING, minimum=-1, maximum=1), "move by"),
    ],
)
def test_what_may_be_a_value_of_its_own_is_no_step(parameter: Parameter, function: str) -> None:
    assert not is_step(parameter, function)


def test_a_description_tells_which_arguments_are_steps() -> None:
    fade = {"type": "integer", "minimum": -9, "maximum": 9, "description": "Minus means darker."}
    turn = {"type": "integer", "minimum": -90, "maximum": 90}
    description = lamp(
        actions={
            name: {
                "title": name,
                "description": name,
                "input": {"type": "object", "properties": {"much": schema}, "required": ["much"]},
                "forms": [{"href": name}],
            }
            for name, schema in (("fade", fade), ("turn_to", turn), ("turn_by", turn))
        },
        properties={},
    )
    found = {one.name: one.parameters[0].is_step for one in signatures(description)}
    assert found == {"fade": True, "turn_to": False, "turn_by": True}
