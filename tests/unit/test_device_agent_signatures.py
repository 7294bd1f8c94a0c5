"""What the model, the search and the type checker are told about a device."""

import ast
from pathlib import Path
from typing import Any

import pytest

from device_agent.signatures import chunks, index_key, signatures
from device_agent.stubs import stubs
from firmware_api_specs.loader import load
from firmware_api_specs.thing_description import ThingDescription
from inference.program_prompt import function_text
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from sandbox.session import type_check
from tests.device_agent_kit import WAREHOUSE, lamp

LEVEL = {"type": "integer", "parley:finding": "battery level"}


def test_the_model_reads_english_and_property_reads_are_functions() -> None:
    by_name = {function.name: function for function in signatures(lamp())}
    assert list(by_name) == [
        "setze_helligkeit",
        "drehe_kopf",
        "pruefe_anwesenheit",
        "schalte_aus",
        "temperatur_kopf",
        "betriebsart",
    ]
    brightness = by_name["setze_helligkeit"]
    assert brightness.description == "Set brightness. Sets the brightness in ten steps"
    assert brightness.parameters[0] == Parameter(
        "stufe",
        ParameterKind.INTEGER,
        True,
        "Stufe",
        0,
        10,
        description="the brightness wanted",
        english_name="level",
    )
    assert brightness.parameters[1].choices == ("sofort", "sanft")
    assert not brightness.parameters[1].required
    assert by_name["temperatur_kopf"].parameters == ()
    assert by_name["temperatur_kopf"].description == (
        "Returns the current value. Temperature. How warm the head of the lamp is"
    )


def test_what_has_no_english_is_read_word_by_word() -> None:
    document = lamp().document
    action = document["actions"]["pruefe_anwesenheit"]
    del action["titles"], action["descriptions"]
    action["title"], action["description"] = "Anwesenheit prüfen", "Erkennt, ob eine Person im Raum ist."
    by_name = {function.name: function for function in signatures(load(document))}
    function = by_name["pruefe_anwesenheit"]
    assert function.description == "Presence check. Detect, whether person in room is"
    assert function.readable_name == "check presence"
    assert "check presence" in function_text(function)
    assert "check presence" in {c.key: c for c in chunks(load(document))}["pruefe_anwesenheit"].text


def test_chunks_hold_both_languages_and_split_names_but_no_forms() -> None:
    by_key = {chunk.key: f"{chunk.text}\n{chunk.words}" for chunk in chunks(lamp())}
    text = by_key["setze_helligkeit"]
    for part in ("setze helligkeit", "Sets the brightness", "Setzt die Helligkeit", "the brightness wanted"):
        assert part in text
    assert "parley:driver" not in text
    assert "href" not in text
    assert set(by_key) == {function.name for function in signatures(lamp())}


def test_a_property_that_repeats_an_action_is_not_searched_for() -> None:
    look = {"title": "Look", "forms": [{"href": "x"}]}
    told = {"type": "object", "properties": {"all": {"type": "array", "items": [LEVEL]}}}
    takes = {"type": "object", "properties": {"of": {"type": "string"}}}
    properties = {"level": {**LEVEL, "forms": [{"href": "x"}]}}
    for action, found in (
        ({"output": told}, ["look"]),
        ({"output": told, "input": takes}, ["look", "level"]),
        ({"output": {"type": "string", "parley:finding": "mode"}}, ["look", "level"]),
        ({}, ["look", "level"]),
    ):
        description = lamp(actions={"look": look | action}, properties=properties)
        assert [chunk.key for chunk in chunks(description)] == found
        assert [function.name for function in signatures(description)] == ["look", "level"]


def test_the_index_key_follows_the_description() -> None:
    assert index_key(lamp()) == index_key(lamp())
    assert index_key(lamp()) != index_key(lamp(**{"parley:abilities": ["It shines."]}))


@pytest.mark.parametrize("path", WAREHOUSE, ids=lambda path: path.name)
def test_every_brand_has_valid_stubs_and_one_chunk_for_each_function(path: Path) -> None:
    description = load(path)
    functions = signatures(description)
    tree = ast.parse(stubs(functions))
    assert [node.name for node in tree.body if isinstance(node, ast.FunctionDef)] == [
        f.name for f in functions
    ]
    found = [chunk.key for chunk in chunks(description)]
    assert [name for name in found if name in description.actions] == list(description.actions)
    # Battery and place are told by functions of their own, so that their properties would be a second way to say it.
    repeated = {watch.property for watch in description.watches}
    assert repeated.isdisjoint(found)
    assert set(found) <= {function.name for function in functions}
    assert all(function.description for function in functions)


NUMBER = {"type": "number", "unit": "percent", "description": "x", "forms": [{"href": "x"}]}


def device(function: str, arguments: dict[str, Any], **properties: Any) -> ThingDescription:
    action = {
        "title": "Do",
        "input": {"type": "object", "properties": arguments},
        "forms": [{"href": "x"}],
    }
    return lamp(actions={function: action}, properties=properties)


@pytest.mark.parametrize(
    ("function", "arguments", "properties", "currents"),
    [
        ("set_light", ("brightness",), {"brightness": {}}, ["brightness"]),
        ("set_light", ("brightnessLevel",), {"brightness_level": {}}, ["brightness_level"]),
        ("setBrightness", ("level",), {"brightness": {}}, ["brightness"]),
        ("adjust_brightness", ("level", "level2"), {"brightness": {}}, [None, None]),
        ("set_light", ("fooBar",), {"foo_bar": {}, "FooBar": {}}, [None]),
        ("set_light", ("foo_bar",), {"foo_bar": {}, "FooBar": {}}, ["foo_bar"]),
        ("set_light", ("level",), {"level": {"type": "integer"}}, [None]),
        ("set_light", ("level",), {"level": {"unit": "lux"}}, [None]),
        ("set_light", ("level",), {"level": {"writeOnly": True}}, [None]),
        ("set_light", ("level",), {"level": {"enum": [1.0, 2.0]}}, [None]),
        ("set_light", ("level",), {"brightness": {}}, [None]),
    ],
)
def test_an_argument_is_linked_to_the_one_property_that_tells_its_present_value(
    function: str, arguments: tuple[str, ...], properties: dict[str, Any], currents: list[str | None]
) -> None:
    description = device(
        function,
        {name: {"type": "number", "unit": "percent"} for name in arguments},
        **{name: NUMBER | changes for name, changes in properties.items()},
    )
    assert [parameter.current for parameter in signatures(description)[0].parameters] == currents


def test_a_pure_number_and_a_member_of_an_object_are_linked_too() -> None:
    bare = {"type": "number", "unit": "dimensionless"}
    description = device(
        "tune",
        {"gain": {"type": "number"}, "color": {"type": "object", "properties": {"red": bare, "gain": bare}}},
        gain={**NUMBER, **bare},
        color_red={**NUMBER, **bare},
    )
    gain, red, inner_gain = signatures(description)[0].parameters
    assert (gain.current, red.current, inner_gain.current) == ("gain", "color_red", None)
    assert (red.path, red.unit) == (("color", "red"), None)


@pytest.mark.parametrize(
    ("name", "schema", "unit"),
    [
        ("delay_sec", {}, "second"),
        ("distanceMm", {}, "millimeter"),
        ("TempC", {}, "degC"),
        ("delta_m", {}, "meter"),
        ("m", {}, None),
        ("sleep_min", {"description": "Minutes until it goes off."}, "minute"),
        ("sleep_min", {"description": "The least."}, "minute"),
        ("sleep_min", {}, "minute"),
        ("timer_min", {}, "minute"),
        ("offTimerMin", {}, "minute"),
        ("min", {}, None),
        ("flow_min", {}, None),
        ("flow_min", {"description": "Minutes of flow."}, "minute"),
        ("wavelength_nm", {}, "nanometer"),
        ("cap_gb", {}, "gigabyte"),
        ("CapMB", {}, "megabyte"),
        ("delay_sec", {"unit": "ms"}, "millisecond"),
        ("delay_sec", {"unit": "dimensionless"}, None),
        ("flow", {"unit": "l/minute"}, "liter/minute"),
        ("turn", {"unit": "Raste"}, "Raste"),
    ],
)
def test_units_are_spelled_in_full_also_where_only_the_name_has_them(
    name: str, schema: dict[str, Any], unit: str | None
) -> None:
    description = device("act", {name: {"type": "number", **schema}})
    assert [parameter.unit for parameter in signatures(description)[0].parameters] == [unit]


def test_lists_times_and_objects_are_described_as_the_notation_needs_them() -> None:
    description = device(
        "plan",
        {
            "zones": {
                "type": "array",
                "items": {"type": "string", "enum": ["A", "B"]},
                "minItems": 2,
                "maxItems": 4,
                "uniqueItems": True,
            },
            "at": {"type": "string", "format": "time", "minLength": 8, "maxLength": 8},
            "box": {"type": "object", "properties": {"w": {"type": "integer"}}, "required": ["w"]},
        },
    )
    zones, at, width = signatures(description)[0].parameters
    assert (zones.many, zones.choices, zones.minimum_items, zones.maximum_items, zones.unique_items) == (
        True, ("A", "B"), 2, 4, True,
    )  # fmt: skip
    assert (at.format, at.with_seconds) == ("time", True)
    assert (width.path, width.required, width.needed_with) == (("box", "w"), False, ("box",))
    assert "box w" in chunks(description)[0].words


def test_a_duration_is_described_as_seconds_and_has_no_present_value() -> None:
    timer = {"type": "string", "description": "Duration as MM:SS"}
    description = device("soak", {"duration": timer}, duration={**NUMBER, **timer})
    (parameter,) = signatures(description)[0].parameters
    assert (parameter.kind, parameter.format, parameter.unit, parameter.layout, parameter.current) == (
        ParameterKind.STRING, "duration", "second", "MM:SS", None,
    )  # fmt: skip
    assert parameter.is_quantity
    assert not parameter.has_direction


def test_a_texts_pattern_and_that_of_a_lists_items_are_passed_on() -> None:
    text = {"type": "string", "pattern": "^[A-Z]-[0-9]$", "minLength": 3, "maxLength": 8}
    description = device(
        "dock",
        {"berth": text, "berths": {"type": "array", "items": text}, "note": {"type": "string"}},
    )
    berth, berths, note = signatures(description)[0].parameters
    assert berth.pattern == berths.pattern == "^[A-Z]-[0-9]$"
    assert (berth.minimum_length, berth.maximum_length) == (3, 8)
    assert (berth.many, berths.many, note.pattern) == (False, True, None)


def test_a_function_whose_name_begins_with_an_underscore_can_be_called() -> None:
    written = stubs(
        [FunctionSignature("_RST", ""), FunctionSignature("__go", ""), FunctionSignature("go", "")]
    )
    assert type_check("_RST()\n__go()\ngo()\n", written) == []
    for wrong in ("_RST(1)", "_STOP()", "RST()"):
        assert type_check(wrong, written), wrong


def test_stubs_hold_lists_and_each_object_once() -> None:
    function = FunctionSignature(
        "paint",
        "",
        (
            Parameter("names", ParameterKind.STRING, choices=("a", "b"), many=True),
            Parameter("red", ParameterKind.INTEGER, path=("color", "red")),
            Parameter("blue", ParameterKind.INTEGER, False, path=("color", "blue")),
            Parameter("x", ParameterKind.INTEGER, False, path=("place", "x")),
        ),
    )
    written = stubs([function])
    assert type_check("paint(names=['a', 'b'], color={'red': 1})", written) == []
    for wrong in (
        "paint(names='a', color={})",
        "paint(names=['c'], color={})",
        "paint(names=[])",
        "paint(names=[], color=1)",
    ):
        assert type_check(wrong, written), wrong


def test_stubs_let_the_checker_find_wrong_arguments() -> None:
    function = FunctionSignature(
        "go",
        "",
        (
            Parameter("speed", ParameterKind.NUMBER),
            Parameter("mode", ParameterKind.STRING, required=False, choices=("slow", "fast")),
            Parameter("scale", ParameterKind.NUMBER, required=False, choices=(0.5, 1.0)),
        ),
    )
    written = stubs([function])
    assert type_check("go(speed=1)\ngo(speed=1.5, mode='fast', scale=0.5)\n", written) == []
    for wrong in ("go()", "go(1)", "go(speed='1')", "go(speed=1, mode='faster')", "stop()"):
        assert type_check(wrong, written), wrong
