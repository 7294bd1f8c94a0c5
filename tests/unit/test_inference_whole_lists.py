"""What people say once of several things is said in full of each."""

from __future__ import annotations

import pytest

from inference.device_names import DeviceNames
from inference.plan import KindProfile
from inference.whole_lists import with_whole_lists


def _kind(kind: str, about: str = "") -> KindProfile:
    return KindProfile(kind, 1, ("It works.",), (kind.replace(" ", "-"),), about)


NAMES = DeviceNames.of(
    [
        _kind("study light"),
        _kind("attic light"),
        _kind("cellar light"),
        _kind("front gate"),
        _kind("stable gate", "Stable gate. Lock on the way to the meadow, also called the back gate."),
        _kind("lawnmower"),
        _kind("boiler"),
        _kind("projector"),
    ]
)


@pytest.mark.parametrize(
    ("said", "whole"),
    [
        (
            "How full are the boiler, the mower and the projector?",
            "How full is the boiler and How full is the lawnmower and How full is the projector?",
        ),
        ("Are the boiler and the projector both on?", "is the boiler on and is the projector on?"),
        ("are the front gate and the back gate shut", "is the front gate shut and is the back gate shut"),
        ("shut the front and the back gate", "shut the front gate and the back gate"),
        ("is the front gate shut and the boiler on", "is the front gate shut and is the boiler on"),
        (
            "what are the pressure and the humidity in the cellar?",
            "what is the pressure in the cellar and what is the humidity in the cellar?",
        ),
        ("put both lights, attic and cellar, on", "put the attic light on and put the cellar light on"),
        ("attic, cellar and study lights on", "the attic light, the cellar light and the study light on"),
        ("set the attic and the study to 19 degrees", "set the attic to 19 degrees and set the study to 19 degrees"),
        ("turn down the sound and the boiler", "turn down the sound and turn down the boiler"),
        ("start the lawnmower and stop the boiler", "start the lawnmower and stop the boiler"),
        ("all lights except the study light off", "all lights off except the study light"),
        ("shut every gate but the front gate", "shut every gate except the front gate"),
        (
            "turn on all lights but the study light to 20",
            "turn on all lights but the study light to 20",
        ),
        ("no lights on in the attic please", "all lights off in the attic please"),
        ("every light in the whole house on", "every light on"),
        ("write 'no lights on, the boiler' on a note", "write 'no lights on, the boiler' on a note"),
        ("mow the lawn and the meadow", "mow the lawn and the meadow"),
    ],
)  # fmt: skip
def test_lists_are_said_in_full(said: str, whole: str) -> None:
    assert with_whole_lists(said, NAMES) == whole
