"""The paper's JSON form becomes a Thing Description."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from firmware_api_specs.check import check_file
from firmware_api_specs.importer import import_paper
from firmware_api_specs.loader import load
from firmware_api_specs.paper_types import argument_schema, plain_words
from protocol.errors import InputError

MOVE = {
    "name": "moveToShelf",
    "input_argument": "num",
    "input_type": "int (1..N)",
    "output": "True/False with a message",
    "notes": "Drives to the shelf with this number.",
    "programming_language": "C++",
}


def imported(tmp_path: Path, *functions: Any) -> dict[str, Any]:
    file = tmp_path / "shelf_robot.json"
    file.write_text(json.dumps(list(functions)))
    return import_paper(file)


def test_the_result_loads_and_passes_the_checks(tmp_path: Path) -> None:
    document = imported(tmp_path, MOVE)
    file = tmp_path / "out.td.json"
    file.write_text(json.dumps(document))
    assert check_file(file) == []
    description = load(document)
    assert description.title == "Shelf robot"
    assert description.abilities == ("Drives to the shelf with this number.",)
    action = description.actions["moveToShelf"]
    assert (action.title, action.safe, action.idempotent) == ("Move to shelf", False, False)
    assert action.programming_language == "C++"
    (argument,) = action.arguments
    assert (argument.name, argument.type, argument.minimum, argument.maximum) == ("num", "integer", 1, None)
    assert action.failure([False, "blocked"]) is not None
    assert action.failure([True, "done"]) is None
    assert action.findings([True, "done"]) == ()


def test_objects_lists_and_times_can_be_passed(tmp_path: Path) -> None:
    kinds = {"color": {"red": "int", "blue": "int"}, "zones": "list of string", "at": "HH:MM"}
    document = imported(
        tmp_path, {**MOVE, "input_argument": kinds, "input_type": None, "output": {"at": {"x": "int"}}}
    )
    file = tmp_path / "out.td.json"
    file.write_text(json.dumps(document))
    assert check_file(file) == []
    action = load(document).actions["moveToShelf"]
    assert [(argument.path, argument.is_list, argument.clock) for argument in action.arguments] == [
        (("color", "red"), False, None),
        (("color", "blue"), False, None),
        (("zones",), True, None),
        (("at",), False, "HH:MM"),
    ]
    assert [finding.value for finding in action.findings({"at": {"x": 3}})] == [3]


def test_a_finding_is_marked_only_where_the_output_names_it(tmp_path: Path) -> None:
    told = {
        **MOVE,
        "output": {"success": "bool", "msg": "str", "vacant_positions": "int", "charging": "bool"},
    }
    action = load(imported(tmp_path, told)).actions["moveToShelf"]
    result = {"success": True, "msg": "m", "vacant_positions": 2, "charging": False}
    assert [finding.what for finding in action.findings(result)] == ["vacant positions", "charging"]
    untold = imported(tmp_path, {**MOVE, "output": "True if vacant, False otherwise"})
    assert "parley:" not in json.dumps(untold["actions"]["moveToShelf"]["output"])


@pytest.mark.parametrize(
    ("notes", "language"),
    [
        ("机器人移动到指定货架。", "zh"),
        ("Bewegt den Roboter zum Regal mit der Nummer.", "de"),
        ("Déplace le robot vers l'étagère.", "fr"),
        ("Moves the robot to the shelf.", "en"),
    ],
)
def test_notes_keep_their_language(notes: str, language: str, tmp_path: Path) -> None:
    description = load(imported(tmp_path, {**MOVE, "notes": notes}))
    assert description.language == language
    assert description.actions["moveToShelf"].native == notes
    assert description.document["actions"]["moveToShelf"]["descriptions"] == {language: notes}
    assert description.actions["moveToShelf"].is_glossed == (language != "en")


@pytest.mark.parametrize(
    ("names", "types", "expected"),
    [
        ("x, y", "float, float", {"x": "number", "y": "number"}),
        ("x, y", "float", {"x": "number", "y": "number"}),
        (["ssid", "password"], ["std::string", "char*"], {"ssid": "string", "password": "string"}),
        ({"on": "logical"}, None, {"on": "boolean"}),
        ("None", "None", {}),
        (None, None, {}),
        ("mode, n", "string (a, b), uint8_t [1, 9]", {"mode": "string", "n": "integer"}),
    ],
)
def test_arguments_in_many_spellings(
    names: Any, types: Any, expected: dict[str, str], tmp_path: Path
) -> None:
    document = imported(tmp_path, {**MOVE, "input_argument": names, "input_type": types})
    properties = document["actions"]["moveToShelf"].get("input", {}).get("properties", {})
    assert {name: schema["type"] for name, schema in properties.items()} == expected


@pytest.mark.parametrize(
    ("text", "schema"),
    [
        ("int (1..N)", {"type": "integer", "minimum": 1}),
        ("float [0, 1]", {"type": "number", "minimum": 0, "maximum": 1}),
        ("double from -90 to 90", {"type": "number", "minimum": -90, "maximum": 90}),
        ("int32_t", {"type": "integer"}),
        ("Boolean", {"type": "boolean"}),
        ("list of int", {"type": "array", "items": {"type": "integer"}}),
        ("Strings[]", {"type": "array", "items": {"type": "string"}}),
        ("std::vector<float>", {"type": "array", "items": {"type": "number"}}),
        (
            "list of integers from 1 to 5",
            {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 5}},
        ),
        ("char[]", {"type": "string"}),
        ("HH:MM", {"type": "string", "format": "time"}),
        ("time (hh:mm:ss)", {"type": "string", "format": "time", "minLength": 8}),
        ({"r": "int"}, {"type": "object", "properties": {"r": {"type": "integer"}}, "required": ["r"]}),
        ({"r": "quaternion"}, None),
        ({}, None),
        ("list of quaternion", None),
        ("real time", None),
        ("quaternion", None),
        (7, None),
    ],
)
def test_types_and_ranges(text: Any, schema: dict[str, Any] | None) -> None:
    assert argument_schema(text) == schema


def test_names_become_words() -> None:
    assert plain_words("NavigateToShelf") == "navigate to shelf"
    assert plain_words("connect_to_WiFi") == "connect to wi fi"
    assert plain_words("scanHTTPPort") == "scan http port"


@pytest.mark.parametrize(
    ("functions", "field"),
    [
        ([5], "$[0]"),
        ([{**MOVE, "name": ""}], "$[0].name"),
        ([{**MOVE, "input_type": "quaternion"}], "$[0].input_type"),
        ([{**MOVE, "input_type": "int, int"}], "$[0].input_type"),
        ([{**MOVE, "input_argument": "a, a", "input_type": "int, int"}], "$[0].input_argument"),
        ([MOVE, MOVE], "$[1].name"),
        ([{**MOVE, "colour": "red"}], "$[0].colour"),
        ([{**MOVE, "notes": 5}], "$[0].notes"),
        ([], "$"),
    ],
)
def test_what_is_not_the_form_is_refused(functions: list[Any], field: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        imported(tmp_path, *functions)
    assert caught.value.field == field
    assert "shelf_robot.json" in str(caught.value)
