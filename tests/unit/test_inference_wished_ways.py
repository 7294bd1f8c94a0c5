"""Which way somebody wants a value to go."""

from __future__ import annotations

import pytest

from inference.signatures import Parameter, ParameterKind
from inference.wished_ways import Wish, wished_way, wishes

VOLUME = Parameter("volume", ParameterKind.INTEGER, minimum=0, maximum=40, current="get_volume")
LIGHT = Parameter("brightness", ParameterKind.INTEGER, minimum=0, maximum=100, current="get_brightness")
HEAT = Parameter("target", ParameterKind.NUMBER, unit="degC", minimum=5, maximum=30, current="get_target")
STEAM = Parameter("steam", ParameterKind.INTEGER, minimum=0, maximum=5, current="get_steam")
MILL = Parameter(
    "fineness", ParameterKind.INTEGER, description="1 is the finest, 9 the coarsest.", minimum=1, maximum=9
)


@pytest.mark.parametrize(
    ("text", "parameter", "way"),
    [
        ("a touch louder", VOLUME, 1),
        ("the speaker is way too loud", VOLUME, 0),
        ("not so loud please", VOLUME, 0),
        ("it isn't loud enough", VOLUME, 1),
        ("i can hardly hear the news", VOLUME, 1),
        ("turn the record player down", VOLUME, 0),
        ("crank it up", VOLUME, 1),
        ("a bit down, it's blaring", VOLUME, 0),
        ("the lamp is rather glaring", LIGHT, 0),
        ("dim the lights a little", LIGHT, 0),
        ("it's getting dark in here", LIGHT, 1),
        ("less light", LIGHT, 0),
        ("i'm shivering", HEAT, 1),
        ("it's boiling in the attic", HEAT, 0),
        ("a bit less warm", HEAT, 0),
        ("the air should be wetter", STEAM, 1),
        ("grind it finer", MILL, 0),
        ("somewhat coarser", MILL, 1),
    ],
)
def test_the_way_that_words_tell(text: str, parameter: Parameter, way: int) -> None:
    assert wished_way(wishes(text), parameter) == way


@pytest.mark.parametrize(
    ("text", "parameter"),
    [
        ("turn down the incoming call", VOLUME),
        ("when it's dark, close the curtains", LIGHT),
        ("no more light", LIGHT),
        ("the dim light in the hall", LIGHT),
        ("a bit later", VOLUME),
        ("make it louder", LIGHT),
        ("louder, no, quieter", VOLUME),
        ("it is more than enough", VOLUME),
    ],
)
def test_what_tells_no_way(text: str, parameter: Parameter) -> None:
    assert wished_way(wishes(text), parameter) is None


def test_a_wish_is_told_once() -> None:
    assert wishes("turn it up, up a bit") == [Wish("", is_more=True)]
