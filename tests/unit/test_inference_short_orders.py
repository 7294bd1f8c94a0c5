"""What people say in short when they switch something."""

from __future__ import annotations

import pytest

from inference.short_orders import shut_down, spelled_out


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("heater off", "turn the heater off"),
        ("Garage fan on, please", "turn the garage fan on, please"),
        ("OK my desk lamp off.", "OK turn my desk lamp off."),
        ("It's late. Printer off", "It's late. turn the printer off"),
        ("Shut the mixer down", "turn the mixer off"),
        ("could you shut the mixer off", "could you turn the mixer off"),
        ("power down the amplifier", "turn off the amplifier"),
        ("kill the projector", "turn off the projector"),
        ("fire up the grill", "turn on the grill"),
        ("the pump in the cellar can go off now", "turn the pump in the cellar off now"),
        ("ok the screen should be switched off", "ok turn the screen off"),
        ("heating off!", "turn the heating off!"),
    ],
)
def test_short_orders_are_written_out(said: str, meant: str) -> None:
    assert spelled_out(said) == meant


@pytest.mark.parametrize(
    "said",
    [
        "carry on",
        "the lamp is on",
        "from now on",
        "heater and fan off",
        "turn the heater off",
        "we can go off to the beach",
        "the meeting can be on Monday",
        "shut the blinds",
        "five minutes off",
        "the printer's off",
        "what is on",
        "take the power off the grid",
    ],
)
def test_what_is_no_short_order_stays(said: str) -> None:
    assert spelled_out(said) == said


def test_of_a_device_without_a_switch_one_thing_alone_is_shut_down() -> None:
    assert shut_down("Shut it down again.") == "turn it off again."
    assert shut_down("Please shut the pump down.") == "Please turn the pump off."
    assert shut_down("Shut the whole thing down.") == "Shut the whole thing down."
