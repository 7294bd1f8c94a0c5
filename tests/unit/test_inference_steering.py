"""Functions that undo each other, and a device's own switch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from inference.reading import UNREAD, FunctionReading
from inference.request import Request
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.steering import certain, steered
from inference.text import prepare

ON = Parameter("on", ParameterKind.BOOLEAN)
SPEED = Parameter("speed", ParameterKind.INTEGER, minimum=1, maximum=9, current="get_speed")
WARMTH = Parameter("warmth", ParameterKind.NUMBER, unit="degC", minimum=5, maximum=30, current="get_warmth")
AMOUNT = Parameter("amount", ParameterKind.INTEGER, required=False, minimum=1, maximum=9)
FAN = (
    FunctionSignature("set_power", "Switch the fan on or off.", (ON,)),
    FunctionSignature("increase_speed", "Blow more strongly.", (AMOUNT,)),
    FunctionSignature("decrease_speed", "Blow less strongly.", (AMOUNT,)),
    FunctionSignature("set_speed", "Set the speed.", (SPEED,)),
    FunctionSignature("stop_breeze", "End the natural breeze."),
    FunctionSignature("cancel_timer", "Delete the timer."),
)
STOVE = (
    FunctionSignature("turn_on", "Heat."),
    FunctionSignature("turn_off", "No more heat."),
    FunctionSignature("set_warmth", "Room temperature.", (WARMTH,)),
    FunctionSignature("start_boost", "Heat at full power."),
)


def steered_evidence(
    text: str, functions: Sequence[FunctionSignature], evidence: Mapping[str, float]
) -> dict[str, float]:
    readings = [FunctionReading(evidence.get(function.name, -2.0), ()) for function in functions]
    found = steered(readings, Request(prepare(text), functions), None)
    return {function.name: reading.evidence for function, reading in zip(functions, found, strict=True)}


@pytest.mark.parametrize(
    ("text", "taken_for", "meant"),
    [
        ("a bit faster", "set_speed", "increase_speed"),
        ("it is too fast for me", "increase_speed", "decrease_speed"),
        ("turn up the fan", "set_power", "increase_speed"),
        ("slow it down by 2", "set_speed", "decrease_speed"),
        ("turn the fan off", "stop_breeze", "set_power"),
        ("turn it off please", "cancel_timer", "set_power"),
    ],
)
def test_what_the_words_mean_is_likelier_than_what_it_was_taken_for(
    text: str, taken_for: str, meant: str
) -> None:
    found = steered_evidence(text, FAN, {taken_for: 4.0})
    assert max(found, key=lambda name: found[name]) == meant
    assert found[meant] == 4.0


@pytest.mark.parametrize(
    "text",
    [
        "turn off the timer",
        "turn the breeze off",
        "set the speed to 4",
        "make it faster, to 6",
        "turn it off at 9",
        "good night",
    ],
)
def test_what_is_said_of_a_part_or_with_a_value_is_left_to_the_reader(text: str) -> None:
    evidence = {function.name: float(number) for number, function in enumerate(FAN)}
    assert steered_evidence(text, FAN, evidence) == evidence


def test_of_two_switches_the_one_for_the_other_way_is_ruled_out() -> None:
    found = steered_evidence("turn the stove on", STOVE, {"turn_off": 2.0})
    assert found["turn_on"] == 2.0 > found["turn_off"]


def test_who_is_cold_wants_no_switch_but_warmth() -> None:
    found = steered_evidence("it's freezing in here", STOVE, {"start_boost": 3.0})
    assert found["set_warmth"] == 3.0 > found["start_boost"]


def test_what_was_not_read_stays_so() -> None:
    readings = [UNREAD] * len(FAN)
    assert steered(readings, Request(prepare("faster"), FAN), None) == readings


def test_what_goes_up_and_down_without_a_level_is_no_more_and_less() -> None:
    tunnels = (FunctionSignature("vpn_up", "Bring it up."), FunctionSignature("vpn_down", "Close it."))
    assert certain("take the server down", tunnels) == []


@pytest.mark.parametrize(
    ("text", "functions", "names"),
    [
        ("turn up the fan", FAN, ["increase_speed", "decrease_speed"]),
        ("turn it off", FAN, ["set_power"]),
        ("turn off the timer", FAN, []),
        ("i'm cold", STOVE, ["set_warmth"]),
        ("tell me the time", FAN, []),
    ],
)
def test_what_is_read_even_where_the_search_has_missed_it(
    text: str, functions: Sequence[FunctionSignature], names: list[str]
) -> None:
    assert [functions[index].name for index in certain(text, functions)] == names


def test_what_is_put_on_a_list_makes_no_list() -> None:
    name, item = Parameter("list", ParameterKind.STRING), Parameter("entry", ParameterKind.STRING)
    lists = (
        FunctionSignature("new_list", "Make a list.", (name,)),
        FunctionSignature("append_entry", "Add something.", (name, item)),
        FunctionSignature("read_list", "Read aloud.", (name,)),
    )
    found = steered_evidence("jot down nails on my tools list", lists, {"new_list": 3.0})
    assert max(found, key=lambda each: found[each]) == "append_entry"
    found = steered_evidence("make a list for the tools", lists, {"new_list": 3.0})
    assert max(found, key=lambda each: found[each]) == "new_list"


def test_what_is_told_somebody_is_sent_and_what_is_jotted_down_is_noted() -> None:
    person, body = (Parameter(name, ParameterKind.STRING, required=True) for name in ("recipient", "message"))
    functions = (
        FunctionSignature("sendMessage", "Sends a message.", (person, body)),
        FunctionSignature("save_note", "Saves a note.", (body,)),
        FunctionSignature("start_call", "Calls somebody.", (person,)),
    )
    sent = steered_evidence("tell Omar the pizza is here", functions, {"start_call": 1.0})
    assert sent["sendMessage"] > 1.0 > sent["start_call"]
    noted = steered_evidence("jot down that the pizza was good", functions, {"start_call": 1.0})
    assert noted["save_note"] > 1.0 > noted["start_call"]


def test_how_something_is_said_in_another_language_is_translated() -> None:
    text = Parameter("text", ParameterKind.STRING, required=True)
    functions = (
        FunctionSignature("translate", "Translates a text.", (text,)),
        FunctionSignature("speak", "Speaks.", (text,)),
    )
    found = steered_evidence("how do you say good morning in Thai", functions, {"speak": 2.0})
    assert found["translate"] > 0 > found["speak"]
