"""Which way something is to turn."""

from __future__ import annotations

import pytest

from inference.turning import has_signed_ways, said_sign, said_turn, turn_of_name, turning_choices


@pytest.mark.parametrize(
    ("text", "is_clockwise"),
    [
        ("turn left 90 degrees", False),
        ("spin to the right", True),
        ("rotate the platform 30 degrees to the left", False),
        ("yaw right by a quarter", True),
        ("do a left turn", False),
        ("twist it anti-clockwise", False),
        ("a quarter counter clockwise please", False),
        ("30 degrees clockwise", True),
        ("turn the left burner off", None),
        ("turn off the light on the left", None),
        ("move left 40 centimetres", None),
        ("turn left and then turn right", None),
    ],
)
def test_left_is_counterclockwise_for_what_turns(text: str, is_clockwise: bool | None) -> None:
    assert said_turn(text) is is_clockwise


@pytest.mark.parametrize(
    ("name", "is_clockwise"),
    [
        ("rotate_counter_clockwise", False),
        ("spin cw", True),
        ("turn_left", False),
        ("move_left", None),
        ("stop", None),
    ],
)
def test_names_tell_which_way_a_function_turns(name: str, is_clockwise: bool | None) -> None:
    assert turn_of_name(name) is is_clockwise


@pytest.mark.parametrize(
    ("choices", "text", "named"),
    [
        (["clockwise", "counterclockwise"], "swivel left", {"counterclockwise"}),
        (["counter clockwise", "clockwise"], "rotate the tray counter-clockwise", {"counter clockwise"}),
        (["ccw", "cw"], "spin right by 20", {"cw"}),
        (["left", "right"], "turn 40 degrees clockwise", {"right"}),
        (["left", "right"], "move left and turn clockwise", set()),
        (["on", "off"], "turn left", set()),
    ],
)
def test_a_turn_names_the_choice_that_means_it(choices: list[str], text: str, named: set[str]) -> None:
    found = turning_choices(choices, text)
    assert {choice for choice, (is_meant, _) in found.items() if is_meant} == named


@pytest.mark.parametrize(
    ("description", "text", "sign"),
    [
        ("Positive is clockwise.", "turn it 90 degrees counterclockwise", False),
        ("positive values turn left", "turn 20 degrees right", False),
        ("degrees, negative = counter-clockwise", "rotate 15 degrees to the right", True),
        ("East is positive", "go 20 metres west", False),
        ("Positive is right", "rotate it anticlockwise", False),
        ("Positive is clockwise", "turn it by 20", None),
        ("How far", "turn left", None),
    ],
)
def test_a_description_tells_the_sign_of_a_way(description: str, text: str, sign: bool | None) -> None:
    assert said_sign(description, text) is sign


def test_the_sign_of_a_position_is_no_step() -> None:
    assert has_signed_ways("Pan in degrees; positive is right")
    assert not has_signed_ways("Absolute position, positive is right")
    assert not has_signed_ways("Positive goes down")
