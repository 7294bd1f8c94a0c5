"""Orders that cannot be followed: for another day, against themselves, or for an appliance that is not there."""

import pytest

from inference.missing_appliances import missing_appliance
from inference.not_doable import contradicts_itself, is_for_another_day
from inference.signatures import FunctionSignature, Parameter, ParameterKind

SWITCH = FunctionSignature("turn_on", "Turns the heater on.")
NOTE = FunctionSignature("note", "Takes a note.", (Parameter("text", ParameterKind.STRING),))


@pytest.mark.parametrize(
    "text",
    ["turn the heater on tomorrow", "heater on on sunday please", "switch it on on mondays and fridays"],
)
def test_what_is_wanted_on_another_day_is_not_done_now(text: str) -> None:
    assert is_for_another_day(text, [SWITCH])
    assert not is_for_another_day(text, [NOTE])


@pytest.mark.parametrize(
    "text",
    [
        "turn the heater on today",
        "turn it on until tomorrow",
        "charge it for friday",
        "we have guests on friday, turn the heater on",
        "turn the heater on so it is warm tomorrow",
    ],
)
def test_what_a_day_only_explains_is_done(text: str) -> None:
    assert not is_for_another_day(text, [SWITCH])


def test_an_order_and_its_opposite_cannot_both_be_followed() -> None:
    assert contradicts_itself("close the vent but keep it open")
    assert contradicts_itself("switch the pump on and leave it off at the same time")
    assert not contradicts_itself("open the vent and keep it open")
    assert not contradicts_itself("open the vent and then close it")


def test_an_appliance_that_no_device_is_is_missing() -> None:
    told = [{"washing", "machine", "laundry"}, {"fan", "bedroom"}]
    assert missing_appliance("is the dishwasher done", told) == "dishwasher"
    assert missing_appliance("start the washing machine", told) == ""
    assert missing_appliance("ventilator on", told) == ""
    assert missing_appliance("remind me to empty the dishwasher", told) == ""
    assert missing_appliance("switch on the kettle plug", told) == ""
