"""Other words for what a device is."""

from __future__ import annotations

import pytest

from inference.thing_words import is_usual_part, same_thing, thing_described


@pytest.mark.parametrize(
    ("description", "thing"),
    [
        ("Small speaker in the study, mostly for news.", "speaker"),
        ("Speaker system in the den.", "speaker"),
        ("The hot water boiler of the flat.", "boiler"),
        ("Heats the room.", ""),
        ("Vacuuming and mopping robot.", ""),
        ("Controller for the blinds.", ""),
        ("", ""),
    ],
)
def test_a_description_says_what_a_device_is(description: str, thing: str) -> None:
    assert thing_described(description) == thing


def test_the_same_thing_has_several_names() -> None:
    assert "telly" in same_thing({"attic", "tv"})
    assert same_thing({"attic", "air", "conditioner"})["ac"] == {"air", "conditioner"}
    assert "heater" in same_thing({"radiator"})
    assert "radiator" not in same_thing({"heater"})
    assert not same_thing({"kiln"})


def test_some_things_have_parts_of_which_they_do_not_speak() -> None:
    assert is_usual_part("fan", {"purifier"})
    assert not is_usual_part("fan", {"kettle"})
