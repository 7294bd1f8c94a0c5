"""Reading and checking Thing Descriptions."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from firmware_api_specs.check import check_file
from firmware_api_specs.loader import load
from firmware_api_specs.names import leaked_names, names
from firmware_api_specs.problems import Problem
from firmware_api_specs.schema import ArgumentError, check_arguments, describe
from protocol.errors import ErrorCode, InputError

FOLDER = Path(__file__).parents[2] / "firmware_api_specs"
PATH = FOLDER / "examples/ceiling_lamp.td.json"
DOCUMENT: dict[str, Any] = json.loads(PATH.read_text("utf-8"))
LAMP = load(PATH)

Change = Callable[[dict[str, Any]], Any]


def head(td: dict[str, Any]) -> Any:
    return td["actions"]["drehe_kopf"]


def notch(td: dict[str, Any]) -> Any:
    return head(td)["input"]["properties"]["rasten"]


def replace_notch(td: dict[str, Any], schema: dict[str, Any]) -> None:
    head(td)["input"]["properties"]["rasten"] = schema


def nested(member: dict[str, Any], **terms: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"inner": member}, **terms}


def angle(td: dict[str, Any]) -> Any:
    return head(td)["output"]["properties"]["winkel_neu"]


def level(td: dict[str, Any]) -> Any:
    return td["actions"]["setze_helligkeit"]["input"]


def changed(tmp_path: Path, change: Change) -> tuple[Path, list[Problem]]:
    document = copy.deepcopy(DOCUMENT)
    change(document)
    file = tmp_path / "lamp.td.json"
    file.write_text(json.dumps(document))
    return file, check_file(file)


HEAD = "$.actions.drehe_kopf"
LEVEL = "$.actions.setze_helligkeit.input"
PRESENCE = "$.actions.pruefe_anwesenheit"

ERRORS: list[tuple[str, Change, str, Any, str]] = [
    (
        "a mistyped term of ours",
        lambda td: head(td).update({"parley:dangr": "forbid"}),
        HEAD + '["parley:dangr"]',
        "forbid",
        "parley:danger",
    ),
    (
        "an unknown danger",
        lambda td: head(td).update({"parley:danger": "yes"}),
        HEAD + '["parley:danger"]',
        "yes",
        "'none', 'confirm' or 'forbid'",
    ),
    (
        "a time-out of text",
        lambda td: head(td).update({"parley:timeoutSeconds": "5"}),
        HEAD + '["parley:timeoutSeconds"]',
        "5",
        "a number",
    ),
    (
        "no time at all",
        lambda td: head(td).update({"parley:timeoutSeconds": 0}),
        HEAD + '["parley:timeoutSeconds"]',
        0,
        "greater than 0",
    ),
    (
        "a finding nobody can read",
        lambda td: angle(td).update({"parley:finding": " \t"}),
        HEAD + '.output.properties.winkel_neu["parley:finding"]',
        " \t",
        "people can read",
    ),
    ("no forms", lambda td: head(td).pop("forms"), HEAD + ".forms", None, "required"),
    (
        "minimum over maximum",
        lambda td: notch(td).update(minimum=7),
        HEAD + ".input.properties.rasten.minimum",
        7,
        "at most 6",
    ),
    (
        "bounds on a text",
        lambda td: notch(td).update(type="string"),
        HEAD + ".input.properties.rasten.minimum",
        -6,
        "no bound on a string",
    ),
    (
        "an unknown unit",
        lambda td: notch(td).update(unit="Schnörkel"),
        HEAD + ".input.properties.rasten.unit",
        "Schnörkel",
        "Stufe, Raste",
    ),
    (
        "a unit defined by nonsense",
        lambda td: td["parley:units"].update(Raste="15 wobbles"),
        '$["parley:units"].Raste',
        "15 wobbles",
        "0.5 m",
    ),
    (
        "a pattern that is none",
        lambda td: replace_notch(td, {"type": "string", "pattern": "["}),
        HEAD + ".input.properties.rasten.pattern",
        "[",
        "a regular expression",
    ),
    (
        "a unit that is not even Python",
        lambda td: td["parley:units"].update(Raste="["),
        '$["parley:units"].Raste',
        "[",
        "0.5 m",
    ),
    (
        "an argument that is not there",
        lambda td: head(td)["input"].update(required=["winkel"]),
        HEAD + ".input.required[0]",
        "winkel",
        "rasten",
    ),
    (
        "an argument required twice",
        lambda td: head(td)["input"].update(required=["rasten", "rasten"]),
        HEAD + ".input.required[1]",
        "rasten",
        "once",
    ),
    (
        "a choice without constant",
        lambda td: level(td)["properties"]["verlauf"]["oneOf"][0].pop("const"),
        LEVEL + ".properties.verlauf.oneOf[0].const",
        None,
        "constant",
    ),
    (
        "a choice of another type",
        lambda td: level(td)["properties"]["verlauf"]["oneOf"][0].update(const=5),
        LEVEL + ".properties.verlauf.oneOf[0].const",
        5,
        "string",
    ),
    (
        "a choice twice",
        lambda td: level(td)["properties"]["verlauf"]["oneOf"][0].update(const="sanft"),
        LEVEL + ".properties.verlauf.oneOf[1]",
        "sanft",
        "once",
    ),
    (
        "an enumeration of another type",
        lambda td: td["actions"]["pruefe_anwesenheit"]["output"].update(enum=["BELEGT", 1]),
        PRESENCE + ".output.enum[1]",
        1,
        "string",
    ),
    (
        "a default out of range",
        lambda td: notch(td).update(default=9),
        HEAD + ".input.properties.rasten.default",
        9,
        "allows",
    ),
    (
        "success on a number",
        lambda td: angle(td).update({"parley:success": True}),
        HEAD + '.output.properties.winkel_neu["parley:success"]',
        True,
        "boolean",
    ),
    (
        "a second success flag",
        lambda td: head(td)["output"]["properties"].update(ok={"type": "boolean", "parley:success": True}),
        HEAD + '.output.properties.ok["parley:success"]',
        True,
        "one success flag",
    ),
    (
        "a finding in an input",
        lambda td: notch(td).update({"parley:finding": "angle"}),
        HEAD + '.input.properties.rasten["parley:finding"]',
        "angle",
        "outputs",
    ),
    (
        "a finding that names the API",
        lambda td: angle(td).update({"parley:finding": "the winkel_neu"}),
        HEAD + '.output.properties.winkel_neu["parley:finding"]',
        "the winkel_neu",
        "plain language",
    ),
    (
        "presence in a text",
        lambda td: td["actions"]["pruefe_anwesenheit"]["output"].pop("parley:presentWhen"),
        PRESENCE + '.output["parley:presentWhen"]',
        None,
        "mean yes",
    ),
    (
        "presence by a value that never comes",
        lambda td: td["actions"]["pruefe_anwesenheit"]["output"].update({"parley:presentWhen": ["VOLL"]}),
        PRESENCE + '.output["parley:presentWhen"][0]',
        "VOLL",
        "allows",
    ),
    (
        "presentWhen without presence",
        lambda td: angle(td).update({"parley:presentWhen": [1]}),
        HEAD + '.output.properties.winkel_neu["parley:findingType"]',
        "value",
        "presence",
    ),
    (
        "a finding on an object",
        lambda td: head(td)["output"].update({"parley:finding": "state"}),
        HEAD + '.output["parley:finding"]',
        "state",
        "scalar",
    ),
    (
        "a mode nothing leads to",
        lambda td: head(td).update({"parley:modesFrom": ["blinkt"]}),
        HEAD + '["parley:modesFrom"][0]',
        "blinkt",
        "betriebsart lists: aus, an",
    ),
    (
        "a claim of no argument",
        lambda td: head(td).update({"parley:claims": ["aisle {gang}"]}),
        HEAD + '["parley:claims"][0]',
        "aisle {gang}",
        "rasten",
    ),
    (
        "an ability that names the API",
        lambda td: td["parley:abilities"].append("It can drehe_kopf."),
        '$["parley:abilities"][4]',
        "It can drehe_kopf.",
        "plain language",
    ),
    (
        "an action and a property of one name",
        lambda td: td["properties"].update(drehe_kopf=td["properties"]["temperatur_kopf"]),
        "$.properties.drehe_kopf",
        "drehe_kopf",
        "no action",
    ),
    (
        "our terms undeclared",
        lambda td: td.update({"@context": DOCUMENT["@context"][0]}),
        '$["@context"]',
        DOCUMENT["@context"][0],
        "urn:parley:td:1#",
    ),
    (
        "an undefined security scheme",
        lambda td: td.update(security="basic_sc"),
        "$.security",
        "basic_sc",
        "nosec_sc",
    ),
]


@pytest.mark.parametrize(
    ("change", "path", "value", "allowed"), [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS]
)
def test_an_error_names_file_place_value_and_what_is_allowed(
    change: Change, path: str, value: Any, allowed: str, tmp_path: Path
) -> None:
    file, problems = changed(tmp_path, change)
    found = [problem for problem in problems if problem.path == path]
    assert found, [str(problem) for problem in problems]
    assert found[0].is_error
    assert found[0].file == str(file)
    assert found[0].value == value
    assert allowed in found[0].allowed
    with pytest.raises(InputError) as caught:
        load(file)
    assert str(file) in str(caught.value)


WARNINGS: list[tuple[str, Change, str]] = [
    (
        "a number without unit",
        lambda td: notch(td).update(type="number") or notch(td).pop("unit"),
        HEAD + ".input.properties.rasten.unit",
    ),
    (
        "no English",
        lambda td: head(td).pop("descriptions") and head(td).pop("titles"),
        HEAD + ".descriptions",
    ),
    (
        "no description",
        lambda td: [head(td).pop(term) for term in ("title", "description")],
        HEAD + ".description",
    ),
    (
        "a list of anything",
        lambda td: notch(td).update(type="array") or [notch(td).pop(term) for term in ("minimum", "maximum")],
        HEAD + ".input.properties.rasten.items",
    ),
    (
        "a list of lists",
        lambda td: replace_notch(td, {"type": "array", "items": {"type": "array"}}),
        HEAD + ".input.properties.rasten.items.type",
    ),
    (
        "an object in an object in an object",
        lambda td: replace_notch(td, nested(nested(nested({"type": "boolean"})))),
        HEAD + ".input.properties.rasten.properties.inner.properties.inner.type",
    ),
    ("no abilities", lambda td: td.pop("parley:abilities"), '$["parley:abilities"]'),
    ("a flag that says nothing", lambda td: head(td).update(output={"type": "boolean"}), HEAD + ".output"),
]


@pytest.mark.parametrize(("change", "path"), [row[1:] for row in WARNINGS], ids=[row[0] for row in WARNINGS])
def test_a_warning_does_not_stop_loading(change: Change, path: str, tmp_path: Path) -> None:
    file, problems = changed(tmp_path, change)
    assert [(problem.path, problem.severity) for problem in problems] == [(path, "warning")]
    load(file)


@pytest.mark.parametrize(
    ("content", "place", "allowed"),
    [
        (b"{", "line 1 column 2", "JSON"),
        (b'{"title": NaN}', "file", "JSON"),
        (b"\xff\xfe", "byte 0", "UTF-8"),
        (b"[]", "$", "JSON object"),
        (b"[" * 2000 + b"]" * 2000, None, None),
        (b" " * (1024 * 1024 + 1), "file", "bytes"),
    ],
    ids=["cut off", "NaN", "not UTF-8", "a list", "deep", "huge"],
)
def test_a_file_that_is_no_description(
    content: bytes, place: str | None, allowed: str | None, tmp_path: Path
) -> None:
    file = tmp_path / "odd.json"
    file.write_bytes(content)
    (problem,) = check_file(file)
    assert problem.is_error
    assert place is None or problem.path == place
    assert allowed is None or allowed in problem.allowed
    with pytest.raises(InputError):
        load(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (problem,) = check_file(tmp_path / "none.td.json")
    assert problem.is_error
    assert "none.td.json" in problem.value


def test_a_key_that_stands_twice_is_found_where_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "lamp.td.json"
    text = PATH.read_text("utf-8")
    file.write_text(
        text.replace('"title": "Kopf drehen",', '"title": "Kopf drehen", "title": "Kopf wenden",')
    )
    assert [problem.path for problem in check_file(file)] == [HEAD + ".title"]


def test_unknown_standard_terms_are_kept() -> None:
    document = copy.deepcopy(DOCUMENT)
    document["support"] = "mailto:support@example.org"
    head(document)["uriVariables"] = {"p": {"type": "integer"}}
    assert load(document).document == document


def test_the_hash_follows_the_content_only() -> None:
    turned = dict(reversed(DOCUMENT.items()))
    assert load(turned).content_hash == LAMP.content_hash
    other = copy.deepcopy(DOCUMENT)
    notch(other)["maximum"] = 5
    assert load(other).content_hash != LAMP.content_hash
    notch(other)["maximum"] = 6.0
    assert load(other).content_hash == LAMP.content_hash


def test_affordances_are_actions_and_readings_without_forms() -> None:
    assert [(found.name, found.kind) for found in LAMP.affordances()] == [
        ("setze_helligkeit", "action"),
        ("drehe_kopf", "action"),
        ("pruefe_anwesenheit", "action"),
        ("schalte_aus", "action"),
        ("temperatur_kopf", "property"),
        ("betriebsart", "property"),
    ]
    assert all("forms" not in found.chunk for found in LAMP.affordances())
    reading = LAMP.affordance("temperatur_kopf").action
    assert reading.safe
    assert reading.arguments == ()
    assert [finding.unit for finding in reading.findings(40)] == ["degree_Celsius"]
    assert "Kopf drehen" in LAMP.affordance("drehe_kopf").retrieval_text
    assert "Turn head" in LAMP.affordance("drehe_kopf").retrieval_text


def test_arguments_carry_bounds_units_choices_and_both_languages() -> None:
    stufe, verlauf = LAMP.actions["setze_helligkeit"].arguments
    assert (stufe.name, stufe.required, stufe.minimum, stufe.maximum, stufe.unit) == (
        "stufe",
        True,
        0,
        10,
        "Stufe",
    )
    assert (stufe.native, stufe.english) == ("Gewünschte Helligkeit", "the brightness wanted")
    assert (verlauf.required, verlauf.choices) == (False, ("sofort", "sanft"))


def test_exclusive_bounds_of_integers_become_inclusive() -> None:
    document = copy.deepcopy(DOCUMENT)
    for term in ("minimum", "maximum"):
        notch(document).pop(term)
    notch(document).update(exclusiveMinimum=0, exclusiveMaximum=4)
    (argument,) = load(document).actions["drehe_kopf"].arguments
    assert (argument.minimum, argument.maximum) == (1, 3)


def test_exclusive_bounds_of_numbers_become_the_numbers_next_to_them() -> None:
    document = copy.deepcopy(DOCUMENT)
    replace_notch(document, {"type": "number", "exclusiveMinimum": 0, "maximum": 1})
    action = load(document).actions["drehe_kopf"]
    (argument,) = action.arguments
    assert argument.minimum is not None
    assert 0 < argument.minimum < 1e-300
    check_arguments(action, {"rasten": argument.minimum})


def test_lists_and_objects_are_taken_apart() -> None:
    document = copy.deepcopy(DOCUMENT)
    list_of_colors = {
        "type": "array",
        "description": "which",
        "items": {"type": "string", "enum": ["R", "G"]},
        "maxItems": 2,
    }
    color = nested({"type": "integer", "maximum": 255}, required=["inner"])
    color["properties"]["deep"] = nested({"type": "number", "unit": "percent"}, required=["inner"])
    replace_notch(document, nested({"type": "boolean"}))
    head(document)["input"]["properties"] |= {"colors": list_of_colors, "color": color}
    action = load(document).actions["drehe_kopf"]
    found = {argument.path: argument for argument in action.arguments}
    assert list(found) == [("rasten", "inner"), ("colors",), ("color", "inner"), ("color", "deep", "inner")]
    assert not any(argument.required for argument in action.arguments)
    assert action.required_objects == (("rasten",),)
    colors = found["colors",]
    assert (colors.is_list, colors.choices, colors.english, colors.schema.maximum_items) == (
        True,
        ("R", "G"),
        "which",
        2,
    )
    assert found["color", "inner"].needed_with == ("color",)
    assert found["color", "deep", "inner"].needed_with == ("color", "deep")
    check_arguments(action, {"rasten": {}, "colors": ["R"], "color": {"inner": 3}})


@pytest.mark.parametrize(
    ("arguments", "argument", "allowed"),
    [
        ({"rasten": {"inner": 300}}, "rasten.inner", "integer to 255"),
        ({"rasten": {"inner": "3"}}, "rasten.inner", "integer to 255"),
        ({"rasten": {"inner": 1, "numbers": [1, "x"]}}, "rasten.numbers.1", "number"),
        ({"rasten": {"inner": 1, "numbers": [float("nan")]}}, "rasten", "object"),
        ({"rasten": {"numbers": []}}, "rasten", "'inner' is a required property"),
    ],
)
def test_a_wrong_member_is_named_with_its_place(
    arguments: dict[str, Any], argument: str, allowed: str
) -> None:
    document = copy.deepcopy(DOCUMENT)
    replace_notch(document, nested({"type": "integer", "maximum": 255}, required=["inner"]))
    notch(document)["properties"]["numbers"] = {"type": "array", "items": {"type": "number"}}
    with pytest.raises(ArgumentError) as caught:
        check_arguments(load(document).actions["drehe_kopf"], arguments)
    assert (caught.value.argument, caught.value.allowed) == (argument, allowed)


@pytest.mark.parametrize(
    ("schema", "clock"),
    [
        ({"format": "time"}, "HH:MM"),
        ({"format": "time", "minLength": 8}, "HH:MM:SS"),
        ({"format": "time", "pattern": "^[0-2][0-9]:[0-5][0-9]:[0-5][0-9]$"}, "HH:MM:SS"),
        ({"pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}, "HH:MM"),
        ({"pattern": ".*"}, None),
        ({"pattern": "^[0-9:]+$"}, None),
        ({"description": "When to start (HH:MM)."}, "HH:MM"),
        ({"description": "When to start, hh:mm:ss."}, "HH:MM:SS"),
        ({"format": "time", "pattern": "[ap]m$"}, None),
        ({"format": "date", "description": "HH:MM"}, None),
        ({"format": "time", "enum": ["07:00", "19:00"]}, None),
        ({"format": "time", "maxLength": 4}, None),
        ({}, None),
    ],
)
def test_times_of_day_are_known_by_format_pattern_or_words(schema: dict[str, Any], clock: str | None) -> None:
    document = copy.deepcopy(DOCUMENT)
    replace_notch(document, {"type": "string", **schema})
    (argument,) = load(document).actions["drehe_kopf"].arguments
    assert argument.clock == clock


def test_an_action_that_needs_an_object_of_anything_is_not_offered() -> None:
    document = copy.deepcopy(DOCUMENT)
    replace_notch(document, {"type": "object"})
    assert "drehe_kopf" not in [found.name for found in load(document).affordances()]


@pytest.mark.parametrize(
    ("arguments", "argument", "code"),
    [
        ({"stufe": 11}, "stufe", ErrorCode.OUT_OF_RANGE),
        ({"stufe": 3, "verlauf": "jetzt"}, "verlauf", ErrorCode.OUT_OF_RANGE),
        ({"stufe": float("nan")}, "stufe", ErrorCode.OUT_OF_RANGE),
        ({"stufe": True}, "stufe", ErrorCode.MODEL_OUTPUT_INVALID),
        ({"stufe": "3"}, "stufe", ErrorCode.MODEL_OUTPUT_INVALID),
        ({"stufe": 3, "level": 3}, "level", ErrorCode.MODEL_OUTPUT_INVALID),
        ({}, "stufe", ErrorCode.NEEDS_CLARIFICATION),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], argument: str, code: ErrorCode) -> None:
    with pytest.raises(ArgumentError) as caught:
        check_arguments(LAMP.actions["setze_helligkeit"], arguments)
    assert (caught.value.argument, caught.value.code) == (argument, code)


def test_right_arguments_pass() -> None:
    check_arguments(LAMP.actions["setze_helligkeit"], {"stufe": 10, "verlauf": "sanft"})
    check_arguments(LAMP.actions["pruefe_anwesenheit"], {})


def test_allowed_values_are_said_in_words() -> None:
    stufe, verlauf = LAMP.actions["setze_helligkeit"].arguments
    assert describe(stufe.schema) == "integer from 0 to 10 Stufe"
    assert describe(verlauf.schema) == 'one of "sofort", "sanft"'


def test_names_are_all_the_names() -> None:
    assert names(LAMP) == {
        "setze_helligkeit",
        "stufe",
        "verlauf",
        "drehe_kopf",
        "rasten",
        "erfolg",
        "winkel_neu",
        "pruefe_anwesenheit",
        "schalte_aus",
        "temperatur_kopf",
        "betriebsart",
    }


def test_only_technical_names_count_as_leaks() -> None:
    api = {"move_to_shelf", "moveToShelf", "NavigateToShelf", "speed", "x"}
    assert leaked_names("Call moveToShelf or move_to_shelf at speed x.", api) == [
        "moveToShelf",
        "move_to_shelf",
    ]
    assert leaked_names("NavigateToShelf(3)", api) == ["NavigateToShelf"]
    assert leaked_names("I move to shelf 3.", api) == []
