"""What a text may be is read out of its description where that lists all of it."""

from __future__ import annotations

import pytest

from device_agent.told_choices import with_told_choices
from inference.example_ids import example_id
from inference.signatures import Parameter, ParameterKind
from inference.text import prepare
from inference.values import decode_value


@pytest.mark.parametrize(
    ("description", "choices", "rest"),
    [
        ("One of: jet, mist, shower", "jet mist shower", ""),
        ("Spray pattern. Must be one of [jet, mist]. Stays set.", "jet mist", "Spray pattern. Stays set."),
        ("Either 'indoor' or 'outdoor'", "indoor outdoor", ""),
        ("Nozzle; possible values are JET, MIST and FLAT_FAN", "JET MIST FLAT_FAN", "Nozzle"),
        ("cool | heat | dry", "cool heat dry", ""),
        ("Mode: auto|manual", "auto manual", "Mode"),
        ('"solid", "blink" or "pulse"', "solid blink pulse", ""),
        ("ON or OFF", "ON OFF", ""),
        ("on, off or auto", "on off auto", ""),
        ("Allowed values: v1.2, v1.3", "v1.2 v1.3", ""),
    ],
)
def test_a_closed_list_makes_choices(description: str, choices: str, rest: str) -> None:
    found = with_told_choices(Parameter("mode", ParameterKind.STRING, description=description))
    assert (found.choices, found.description) == (tuple(choices.split()), rest)


@pytest.mark.parametrize(
    "description",
    [
        "Day, e.g. 'today' or 'tomorrow'",
        "Such as jazz, rock, blues",
        "Film, series or actor",
        "today, tomorrow, or a weekday",
        "Either a street or a town",
        "Either name or number",
        "One of the saved scenes",
        "One of: jet, mist, etc.",
        "One of your lists or a new one",
        "HH:MM, 24 hours",
        "Name of the artist or band",
        "Station or stop",
        "IP or MAC",
        "File name | title | index",
        "Message that is read out to the guests, then shown on the panel",
    ],
)
def test_examples_and_kinds_of_texts_are_no_choices(description: str) -> None:
    assert not with_told_choices(Parameter("what", ParameterKind.STRING, description=description)).choices


def test_what_the_schema_restricts_is_left_alone() -> None:
    listed = Parameter("mode", ParameterKind.STRING, choices=("a", "b"), description="One of: c, d")
    number = Parameter("mode", ParameterKind.INTEGER, description="One of: 1, 2")
    assert (with_told_choices(listed), with_told_choices(number)) == (listed, number)


def test_an_identifier_is_written_as_the_description_gives_it() -> None:
    valve = Parameter("entity_id", ParameterKind.STRING, description="e.g. valve.back_garden, valve.pool")
    said = prepare("open the back garden valve and the shed")
    assert decode_value(valve, "back garden", said, {}) == "valve.back_garden"
    assert decode_value(valve, "the back garden valve", said, {}) == "valve.back_garden"
    assert decode_value(valve, "shed", said, {}) == "shed"
    manual = Parameter("document", ParameterKind.STRING, description="e.g. manual.pdf")
    assert example_id(manual, "pdf") is None
