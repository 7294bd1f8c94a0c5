"""Names of colours become what devices take."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_agent.color_channels import with_channels
from inference.colors import color_value, color_words, said_colors
from inference.signatures import Channel, Parameter, ParameterKind


def number(name: str, most: float | None = 255, path: tuple[str, ...] = ()) -> Parameter:
    return Parameter(name, ParameterKind.INTEGER, minimum=0, maximum=most, path=path)


@pytest.mark.parametrize(
    ("sentence", "colors"),
    [
        ("make the lamp red", {"red": (255, 0, 0)}),
        ("turn the light blue", {"blue": (0, 0, 255)}),
        ("make it light blue", {"light blue": (173, 216, 230)}),
        ("dark green please", {"dark green": (0, 100, 0)}),
        ("green, like a meadow", {"green": (0, 255, 0)}),
        ("navy blue it is", {"navy blue": (0, 0, 128)}),
        ("a light red glow", {"light red": (255, 128, 128)}),
        ("a bright orange", {"bright orange": (255, 165, 0)}),
        ("alternate red and blue", {"red": (255, 0, 0), "blue": (0, 0, 255)}),
        ("set lamp 2 red", {"red": (255, 0, 0)}),
        ("red 10, green 20, blue 30", {}),
        ("10 red and 20 green", {}),
        ("it is dark, turn the light on", {}),
    ],
)
def test_the_colors_of_a_sentence(sentence: str, colors: dict[str, tuple[int, int, int]]) -> None:
    assert {color.text: color.rgb for color in said_colors(sentence)} == colors


def test_red_green_and_blue_are_channels_together_and_scaled_to_the_bounds() -> None:
    parameters = with_channels([number("red", 1000), number("green", 100), number("blue"), number("seconds")])
    assert [one.channel for one in parameters] == [Channel.RED, Channel.GREEN, Channel.BLUE, None]
    values = [color_value(one, "orange", "make it orange") for one in parameters]
    assert values == [1000, 65, 0, None]


@pytest.mark.parametrize(
    "parameters",
    [
        [number("red"), number("green")],
        [number("r"), number("theta")],
        [number("value")],
        [number("red_alarm"), number("green_level"), number("blue_delay")],
        [replace(number("red"), choices=(0, 1)), number("green"), number("blue")],
        [replace(number("r"), kind=ParameterKind.STRING, format="duration"), number("g"), number("b")],
    ],
)
def test_what_only_looks_like_a_part_of_a_color_is_none(parameters: list[Parameter]) -> None:
    assert not any(one.channel for one in with_channels(parameters))


def test_members_of_one_object_belong_together() -> None:
    members = [number(name, path=("front", name)) for name in "rgb"]
    strays = [number("r", path=("back", "r")), number("g", path=("back", "g"))]
    channels = [one.channel for one in with_channels([*members, *strays])]
    assert channels == [Channel.RED, Channel.GREEN, Channel.BLUE, None, None]


def test_hue_and_saturation_are_shares_of_their_bounds() -> None:
    hue, saturation = with_channels([number("hue", 360), number("saturation", 1000)])
    assert color_value(hue, "blue", "blue") == 240
    assert color_value(saturation, "blue", "blue") == 1000
    unbounded = replace(hue, maximum=None)
    assert color_value(unbounded, "green", "green") == 120


def test_a_list_of_three_is_a_color_where_it_is_called_one() -> None:
    plain = Parameter(
        "color", ParameterKind.INTEGER, many=True, minimum_items=3, maximum_items=3, maximum=255
    )
    (listed,) = with_channels([plain])
    assert listed.channel is Channel.RGB
    assert color_value(listed, "purple", "purple now") == [128, 0, 128]
    (position,) = with_channels([replace(plain, name="position")])
    assert position.channel is None


@pytest.mark.parametrize(
    ("description", "pattern", "channel"),
    [
        ("as hex code", None, Channel.HEX),
        ("e.g. #FF0000", None, Channel.HEX),
        ("", "^#[0-9a-f]{6}$", Channel.HEX),
        ("", None, Channel.NAME),
        ("", "^[a-z]+$", None),
    ],
)
def test_texts_are_codes_or_names(description: str, pattern: str | None, channel: Channel | None) -> None:
    text = Parameter("color", ParameterKind.STRING, description=description, pattern=pattern)
    (marked,) = with_channels([text])
    assert marked.channel is channel


def test_a_code_is_written_and_a_name_stays_as_it_was_said() -> None:
    code = Parameter("color", ParameterKind.STRING, channel=Channel.HEX)
    assert color_value(code, "dark green", "dark green") == "#006400"
    name = replace(code, channel=Channel.NAME)
    assert color_words(name, "make it dark green") == ["dark green"]
    assert color_value(name, "dark green", "make it dark green") is None


def test_white_has_tones_within_the_bounds() -> None:
    kelvin = Parameter(
        "temperature", ParameterKind.INTEGER, unit="kelvin", minimum=3000, maximum=6000, description="color"
    )
    (tone,) = with_channels([kelvin])
    assert color_words(tone, "make it warm white") == ["warm white"]
    assert color_value(tone, "warm white", "make it warm white") == 3000
    assert color_value(tone, "neutral white", "neutral white") == 4000
    (room,) = with_channels([replace(kelvin, description="of the cryostat")])
    assert room.channel is None


@given(st.sampled_from(["red", "teal", "hot pink", "light grey", "pale yellow"]), st.integers(1, 65535))
def test_every_channel_stays_within_its_bounds(words: str, most: int) -> None:
    parameters = with_channels([number(name, most) for name in ("r", "g", "b")])
    values = [color_value(one, words, f"make it {words}") for one in parameters]
    assert all(isinstance(value, int) and 0 <= value <= most for value in values)
