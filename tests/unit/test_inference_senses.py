"""Whether a sentence switches something on or off."""

from __future__ import annotations

import pytest

from inference.senses import said_sense
from inference.signatures import FunctionSignature, Parameter, ParameterKind


@pytest.mark.parametrize(
    ("text", "function", "switch", "sense"),
    [
        ("nobody should be able to open the gate", "set_lock", "locked", True),
        ("the guests may use the keypad again", "lock_keypad", "locked", False),
        ("unlock the keypad", "set_lock", "locked", False),
        ("don't forget to lock the shed", "set_lock", "locked", True),
        ("stop sending me alerts", "set_alerts", "enabled", False),
        ("don't stop recording", "set_recording", "recording", True),
        ("you can disturb me again", "set_quiet_time", "do_not_disturb", False),
        ("please do not disturb me", "set_quiet_time", "do_not_disturb", True),
        ("turn off do not disturb", "set_quiet_time", "do_not_disturb", False),
        ("i'll feed the cat myself from now on", "set_auto_feeding", "auto_feeding", False),
        ("we're back home", "set_absence", "away", False),
        ("the child lock can go off", "set_child_lock", "locked", False),
        ("stop watching us", "set_privacy", "privacy", True),
        ("keep the mower off the rose bed", "set_zone", "blocked", True),
        ("the robot is allowed back in the shed", "set_zone", "blocked", False),
        ("do not disturb until 8", "set_do_not_disturb", "enabled", True),
        ("no mowing between 10 pm and 7 am", "set_dnd", "enabled", True),
        ("turn off do not disturb", "set_do_not_disturb", "enabled", False),
        ("let it swing again", "set_swing", "swinging", True),
        ("it doesn't have to be quiet any more", "set_quiet", "quiet", False),
    ],
)
def test_the_sense_that_words_tell(text: str, function: str, switch: str, sense: bool) -> None:
    parameter = Parameter(switch, ParameterKind.BOOLEAN)
    assert said_sense(parameter, FunctionSignature(function, "", (parameter,)), text) is sense


@pytest.mark.parametrize(
    ("text", "function", "switch"),
    [
        ("we'll be back at eight", "set_absence", "away"),
        ("no lights and no noise", "set_night_mode", "night"),
        ("good morning", "set_lock", "locked"),
    ],
)
def test_what_tells_no_sense(text: str, function: str, switch: str) -> None:
    parameter = Parameter(switch, ParameterKind.BOOLEAN)
    assert said_sense(parameter, FunctionSignature(function, "", (parameter,)), text) is None


def test_what_stops_something_is_off_while_that_goes_on() -> None:
    parameter = Parameter("enabled", ParameterKind.BOOLEAN)
    function = FunctionSignature("set_rain_check", "Pause the sprinkler while it rains.", (parameter,))
    assert said_sense(parameter, function, "don't stop the sprinkler when it rains") is False
