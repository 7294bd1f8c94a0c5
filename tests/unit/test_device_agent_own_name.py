"""What a device makes of a sentence that names it: "it", where its name tells none of its functions apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_agent.own_name import without_own_name
from device_agent.pipeline import Pipeline
from inference.text import prepare
from tests.device_agent_kit import WordIndex, lamp
from tests.reader_kit import ObedientModel, ScriptedReader

PORCH = (("Porch lantern", "lantern", "porch-lantern"), "Switch on or off. Set the brightness.")
STOVE = (
    ("Stove", "stove", "stove"),
    "Heat to a temperature. Switch the stove light on or off. Open the door.",
)
LIFT = (("North tower lift", "north tower lift", "lift-n"), "Call to a floor. Take the lift out of service.")
COOLER = (("Air conditioner", "air conditioner", "study-cooler"), "Set the temperature. Set the air flow.")
LAMP_2 = (("Lamp two", "lamp 2", "lamp-2"), "Switch on or off. Set the brightness.")
BOARD = (("Lobby board", "lobby board", "lobby-board"), "Show a message. Clear the board.")
SWEEPER = (("Sweeping robot", "sweeping robot", "sweeper"), "Start sweeping. Go back to the dock.")
HATCH = (("Roof hatch", "roof hatch", "roof-hatch"), "Open the hatch. Close the hatch.")


def said(device: tuple[tuple[str, ...], str], sentence: str) -> str:
    names, functions = device
    return without_own_name(sentence, names, functions)


@pytest.mark.parametrize(
    ("device", "sentence", "replaced"),
    [
        (PORCH, "Switch on the porch lantern", "Switch on it"),
        (PORCH, "switch the lantern on the table on", "switch it on the table on"),
        (PORCH, "switch on the lantern in the porch at 6 pm", "switch on it at 6 pm"),
        (PORCH, "set the brightness of the porch lantern to 40 percent", "set the brightness to 40 percent"),
        (PORCH, "dim the lantern, please", "dim it, please"),
        (PORCH, "dim the porch lantern and switch it off later", "dim it and switch it off later"),
        (PORCH, "Dim our lantern 20 percent", "Dim it 20 percent"),
        (PORCH, "is the porch lantern on?", "is it on?"),
        (PORCH, "porch lantern on", "it on"),
        (PORCH, "switch off all lanterns", "switch off it"),
        (PORCH, "switch off all the lanterns", "switch off it"),
        (PORCH, "switch every lantern off", "switch it off"),
        (PORCH, "It is dark in the porch, switch on the lantern", "It is dark, switch on it"),
        (COOLER, "set the study to 21 degrees", "set it to 21 degrees"),
        (COOLER, "switch on the air conditioner in the study", "switch on it"),
        (COOLER, "set the temperature in the study to 20", "set the temperature to 20"),
        (SWEEPER, "send the sweeping robot back to the dock", "send it back to the dock"),
    ],
)
def test_a_device_that_is_named_is_it(
    device: tuple[tuple[str, ...], str], sentence: str, replaced: str
) -> None:
    assert said(device, sentence) == replaced


@pytest.mark.parametrize(
    ("device", "sentence", "replaced"),
    [
        (PORCH, "set the porch lantern's brightness to 5", "set its brightness to 5"),
        (PORCH, "set the brightness of the porch's lantern to 5", "set the brightness to 5"),
        (SWEEPER, "clear the robot's dust box", "clear its dust box"),
        (SWEEPER, "look in the robot's dust box", "look in its dust box"),
    ],
)
def test_what_a_device_has_is_its_own(
    device: tuple[tuple[str, ...], str], sentence: str, replaced: str
) -> None:
    assert said(device, sentence) == replaced


@pytest.mark.parametrize(
    ("device", "sentence", "replaced"),
    [
        (STOVE, "switch on the stove light", "switch on the stove light"),
        (STOVE, "heat the stove to 180 degrees", "heat the stove to 180 degrees"),
        (LIFT, "call the north tower lift to floor 3", "call the lift to floor 3"),
        (LIFT, "call the lift in the north tower to floor 3", "call the lift to floor 3"),
        (LIFT, "call the lift to floor 3", "call the lift to floor 3"),
        (BOARD, "clear the lobby board", "clear the board"),
        (BOARD, "show Welcome to the lobby on the lobby board", "show Welcome to the lobby on the board"),
        (HATCH, "open the hatch of the roof by half", "open the hatch by half"),
        (HATCH, "close the roof hatches", "close the hatches"),
    ],
)
def test_what_its_functions_speak_of_stays(
    device: tuple[tuple[str, ...], str], sentence: str, replaced: str
) -> None:
    assert said(device, sentence) == replaced


@pytest.mark.parametrize(
    ("device", "sentence"),
    [
        # Another device of this kind, or one of its parts.
        (LIFT, "hold the doors of the south tower lift"),
        (LIFT, "the east tower lift"),
        (PORCH, "switch on the garden lantern"),
        (PORCH, "switch on a lantern"),
        (PORCH, "switch on another lantern"),
        (PORCH, "switch on some lanterns"),
        (PORCH, "switch on the old lantern"),
        (PORCH, "clean the porch floor"),
        (PORCH, "clean the lantern glass"),
        (LAMP_2, "switch on lamp 3"),
        (LAMP_2, "set lamp three to 50"),
        (PORCH, "switch lantern 2 on"),
        (SWEEPER, "drive to the robot workshop"),
        # No name at all.
        (PORCH, "make tea"),
        (HATCH, "roof the hut"),
        (SWEEPER, "Robot, start sweeping"),
        (COOLER, "air the hall"),
        (LIFT, "lift it to level 4"),
        ((("Light", "light", "light-1"), "Glow."), "light up the hall"),
        # A person's own words.
        (PORCH, 'say "the porch lantern is on"'),
        (PORCH, "say 'the porch lantern is on'"),
        (PORCH, "say “the porch lantern is on”"),
        (BOARD, "show Welcome to the lobby"),
        (BOARD, "show lobby closed"),
    ],
)
def test_what_does_not_name_the_device_stays(device: tuple[tuple[str, ...], str], sentence: str) -> None:
    assert said(device, sentence) == sentence


def test_spaces_are_single_and_numbers_stay_words_where_nothing_is_replaced() -> None:
    assert said(LAMP_2, "  wait two   minutes ") == "wait two minutes"
    assert said(LAMP_2, "dim lamp two by  five percent") == "dim it by 5 percent"


@pytest.mark.parametrize(
    "sentence",
    ["switch on lamp 2", "switch on lamp two", "switch on the second lamp", "switch on lamp no. 2"],
)
def test_a_number_in_a_name_is_no_value(sentence: str) -> None:
    assert said(LAMP_2, sentence) == "switch on it"


def test_without_a_name_or_functions_nothing_is_replaced() -> None:
    assert without_own_name("switch on the lamp", (), "") == "switch on the lamp"
    assert without_own_name("switch on the lamp", ("", "12"), "") == "switch on the lamp"
    assert without_own_name("", ("lamp",), "") == ""


DEVICES = st.sampled_from([PORCH, STOVE, LIFT, COOLER, LAMP_2, BOARD, SWEEPER, HATCH])
WORDS = st.sampled_from(
    "the The my a all in of on at and , . porch lantern lanterns lantern's stove light north tower lift doors study "
    "conditioner air lamp 2 3 two lobby board welcome to switch set it \" ' roof hatch robot 40 percent".split()
)
SENTENCES = st.lists(WORDS, max_size=12).map(" ".join)
NAMELESS = st.lists(
    st.sampled_from("switch it on to 5 percent , please heat in an hour é 'wait'".split()), max_size=12
)


@given(device=DEVICES, sentence=SENTENCES)
def test_what_is_replaced_once_stays(device: tuple[tuple[str, ...], str], sentence: str) -> None:
    once = said(device, sentence)
    assert said(device, once) == once


@given(device=DEVICES, sentence=SENTENCES)
def test_only_words_of_the_name_and_what_leads_to_them_are_taken_away(
    device: tuple[tuple[str, ...], str], sentence: str
) -> None:
    given_words = prepare(sentence).text.split()
    kept = prepare(said(device, sentence)).text.split()
    own = {word for name in device[0] for word in prepare(name).lower.replace("-", " ").split()}
    lead = {"the", "my", "all", "in", "of", "at", "a"}
    for word in set(given_words):
        bare = word.lower().removesuffix("'s").removesuffix("s").strip(",.\"'")
        if bare not in own | lead | {""}:
            assert sum(word.strip(",.") == one.strip(",.") for one in kept) >= given_words.count(word)


@given(device=DEVICES, words=NAMELESS)
def test_nothing_changes_where_no_name_is_said(device: tuple[tuple[str, ...], str], words: list[str]) -> None:
    assert said(device, " ".join(words)) == " ".join(words)


@given(device=DEVICES, words=st.lists(WORDS.filter(lambda word: word not in "\"'"), max_size=8))
def test_what_is_quoted_stays(device: tuple[tuple[str, ...], str], words: list[str]) -> None:
    quotation = f'"{" ".join(words)}"'
    assert quotation in said(device, f"show {quotation} now")


@pytest.mark.parametrize(
    ("sentence", "read"),
    [
        # "Head of the lamp": its functions speak of the lamp, whose kind and English title are its names too.
        ("set the brightness of the ceiling lamp to 5", "set the brightness of the lamp to 5"),
        ("set the brightness of the Deckenleuchte to 5", "set the brightness to 5"),
        ("set the brightness of lamp 1 to 5", "set the brightness of lamp to 5"),
        ("set the brightness of lamp 2 to 5", "set the brightness of lamp 2 to 5"),
    ],
)
def test_the_reader_hears_of_no_name_that_its_functions_do_not_know(sentence: str, read: str) -> None:
    reader = ScriptedReader({"setze_helligkeit": {"stufe": "5"}})
    pipeline = Pipeline("lamp-1", lamp(), ObedientModel(), WordIndex(), reader=reader, least_confidence=0.0)
    pipeline.prepare()
    program = pipeline.write(sentence)
    assert program.source == "setze_helligkeit(stufe=5)\n"
    assert [one.lower for one in reader.read_sentences] == [read]
