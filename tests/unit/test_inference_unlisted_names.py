"""Names of a sort that a device offers a choice of, and that are none of its choices."""

import pytest

from inference.signatures import Parameter, ParameterKind
from inference.text import prepare
from inference.unlisted_names import SaidName, said_name

TONGUE = Parameter("lang", ParameterKind.STRING, choices=("dutch", "thai", "chinese"))
SHADE = Parameter("colour", ParameterKind.STRING, choices=("red", "yellow", "blue", "off"))
ZONE = Parameter("area", ParameterKind.STRING, choices=("living room", "kitchen", "hall", "all"))
STYLE = Parameter("genre", ParameterKind.STRING, choices=("jazz", "electronic", "folk"))
GAME = Parameter("activity", ParameterKind.STRING, choices=("run", "swim", "tennis"))
MILK = Parameter("milk", ParameterKind.STRING, choices=("oat", "cow", "none"))
INPUT = Parameter("input", ParameterKind.STRING, choices=("hdmi 1", "hdmi 2", "usb"))
SIDE = Parameter("door", ParameterKind.STRING, choices=("left", "right", "both"))
DRAWER = Parameter("drawer", ParameterKind.STRING, choices=("UPPER", "LOWER"))


@pytest.mark.parametrize(
    ("parameter", "sentence", "name"),
    [
        (TONGUE, "say it in Greek", "greek"),
        (SHADE, "make the beacon purple", "purple"),
        (SHADE, "paint the strip dark green please", "green"),
        (ZONE, "mop the attic", "attic"),
        (ZONE, "bring me the box from the cellar", "cellar"),
        (STYLE, "put on some salsa", "salsa"),
        (GAME, "start a golf session", "golf"),
        (MILK, "a coffee with coconut milk", "coconut"),
        (INPUT, "switch over to HDMI 4", "hdmi 4"),
        (ZONE, "cellar to 15", "cellar"),
        (SIDE, "middle door up", "middle"),
        (Parameter("array", ParameterKind.STRING, choices=("east", "west")), "south roof's yield", "south"),
    ],
)
def test_a_name_that_is_no_choice_is_found(parameter: Parameter, sentence: str, name: str) -> None:
    assert said_name(parameter, prepare(sentence)) == SaidName(name)


@pytest.mark.parametrize(
    ("parameter", "sentence", "choice"),
    [
        (TONGUE, "say it in Mandarin", "chinese"),
        (SHADE, "make it crimson", "red"),
        (ZONE, "vacuum the lounge", "living room"),
        (ZONE, "go to the corridor", "hall"),
        (STYLE, "play some techno", "electronic"),
        (GAME, "go jogging", "run"),
        (DRAWER, "pause the bottom drawer", "lower"),
    ],
)
def test_a_name_that_means_the_same_stands_for_the_choice(
    parameter: Parameter, sentence: str, choice: str
) -> None:
    said = said_name(parameter, prepare(sentence))
    assert said is not None
    assert said.choice == choice


@pytest.mark.parametrize(
    ("parameter", "sentence"),
    [
        (TONGUE, "say Greek salad"),
        (SHADE, "peel an orange while it runs"),
        (SHADE, "call it 'in purple'"),
        (ZONE, "say that tea is served in the garden"),
        (INPUT, "switch to HDMI 2"),
        (SIDE, "right away"),
        # North is at the top of a map.
        (Parameter("lane", ParameterKind.STRING, choices=("north", "south")), "upper lane, deliver it"),
        (Parameter("pick", ParameterKind.STRING, choices=("red", "round")), "make it purple"),
        (Parameter("colour", ParameterKind.STRING, choices=("red", "blue", "custom")), "make it purple"),
        (Parameter("name", ParameterKind.STRING), "make it purple"),
    ],
)
def test_what_is_no_such_name_is_left_alone(parameter: Parameter, sentence: str) -> None:
    assert said_name(parameter, prepare(sentence)) is None


def test_a_name_within_a_text_for_another_value_is_none() -> None:
    sentence = prepare("start a list in purple")
    assert said_name(SHADE, sentence) == SaidName("purple")
    assert said_name(SHADE, sentence, [(13, 22)]) is None
