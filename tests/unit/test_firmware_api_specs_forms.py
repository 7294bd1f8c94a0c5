"""URI variables, names that programs cannot write, inputs that are no object, and the action that brings to rest."""

from __future__ import annotations

import json
from typing import Any

import pytest

from firmware_api_specs.check import examine
from firmware_api_specs.forms import form_variables, template_variables
from firmware_api_specs.loader import load, load_json
from firmware_api_specs.names import leaked_names, names
from firmware_api_specs.parameters import Sent
from firmware_api_specs.schema import ArgumentError, check_arguments, result_problem
from firmware_api_specs.thing_description import ThingDescription
from protocol.errors import ErrorCode, InputError

SIZE = {"type": "string", "enum": ["small", "large"], "description": "how big"}
CUPS = {"type": "integer", "minimum": 1, "maximum": 5}


def td(actions: dict[str, Any] | None = None, **terms: Any) -> dict[str, Any]:
    return {
        "@context": ["https://www.w3.org/2022/wot/td/v1.1", {"parley": "urn:parley:td:1#"}],
        "title": "Kiosk",
        "securityDefinitions": {"nosec_sc": {"scheme": "nosec"}},
        "security": "nosec_sc",
        "parley:abilities": ["It serves."],
        "actions": actions or {"serve": action("serve")},
        **terms,
    }


def action(href: str, **terms: Any) -> dict[str, Any]:
    return {"description": "Serves.", "forms": [{"href": href}], **terms}


def problems(document: dict[str, Any]) -> list[str]:
    return [str(problem) for problem in examine(document, "kiosk")[1]]


def only(document: dict[str, Any]) -> Any:
    (affordance,) = load(document).affordances()
    return affordance


@pytest.mark.parametrize(
    ("template", "variables"),
    [
        ("shelf", {}),
        ("rooms/{room}/serve{?size,cups}", {"room": True, "size": False, "cups": False}),
        (
            "{+path}{/a}{.b}{;c}{#d}{&e}",
            dict.fromkeys("a b c".split(), True) | {"path": True, "d": False, "e": False},
        ),
        ("x{?list*,name:3}", {"list": False, "name": False}),
        ("x{?gr%C3%B6%C3%9Fe,drink-id}", {"größe": False, "drink-id": False}),
        ("{a}{?a}", {"a": True}),
    ],
)
def test_templates_tell_what_they_need(template: str, variables: dict[str, bool]) -> None:
    assert template_variables(template) == variables


@pytest.mark.parametrize("template", ["x{", "x}", "{a}{b", "{}", "{a,}", "{a b}", "{!a}", "{a:0}", "{{a}}"])
def test_a_malformed_template_is_an_error_where_it_stands(template: str) -> None:
    with pytest.raises(ValueError, match="brace"):
        template_variables(template)
    (problem,) = problems(td({"serve": action(template)}))
    assert problem.startswith("error: $.actions.serve.forms[0].href is ")


def test_topics_are_templates_too() -> None:
    form = {"href": "mqtt://broker", "mqv:topic": "kiosk/{room}", "mqv:filter": ["a", "b"]}
    assert form_variables(form) == {"room": True}


def test_uri_variables_are_arguments_beside_the_input() -> None:
    serve = action(
        "rooms/{room}/serve{?size,cups}",
        uriVariables={"room": {"type": "string"}, "size": SIZE, "cups": CUPS},
        input={"type": "object", "properties": {"sugar": {"type": "boolean"}}, "required": ["sugar"]},
    )
    made = only(td({"serve": serve})).action
    assert {argument.name: argument.required for argument in made.arguments} == {
        "sugar": True,
        "room": True,
        "size": False,
        "cups": False,
    }
    assert made.parameters.sort({"room": "hall", "cups": 2, "sugar": False}) == Sent(
        {"room": "hall", "cups": 2}, has_payload=True, payload={"sugar": False}
    )
    check_arguments(made, {"room": "hall", "cups": 2, "sugar": False})
    for wrong, code in (({"cups": 6}, ErrorCode.OUT_OF_RANGE), ({"size": "huge"}, ErrorCode.OUT_OF_RANGE)):
        with pytest.raises(ArgumentError) as caught:
            check_arguments(made, {"room": "hall", "sugar": True, **wrong})
        assert caught.value.code is code
    with pytest.raises(ArgumentError, match="room is None"):
        check_arguments(made, {"sugar": True})


def test_variables_of_the_thing_are_arguments_where_a_form_has_them() -> None:
    document = td(
        {"serve": action("{kiosk}/serve"), "close": action("close")},
        uriVariables={"kiosk": {"type": "integer"}},
    )
    found = {
        one.name: [argument.name for argument in one.action.arguments] for one in load(document).affordances()
    }
    assert found == {"serve": ["kiosk"], "close": []}


def test_a_reading_may_take_variables() -> None:
    level = {
        "type": "integer",
        "description": "level",
        "forms": [{"href": "level{?of}"}],
        "uriVariables": {"of": SIZE},
    }
    found = load(td(properties={"level": level})).affordance("level")
    assert [argument.choices for argument in found.action.arguments] == [("small", "large")]
    assert found.action.operation == "readproperty"


def test_variables_of_forms_for_other_operations_are_no_arguments() -> None:
    forms = [{"href": "serve"}, {"href": "serve/{id}", "op": "queryaction"}]
    assert only(td({"serve": {"description": "Serves.", "forms": forms}})).action.arguments == ()


@pytest.mark.parametrize("kind", ["integer", "number", "string", "boolean"])
def test_an_input_that_is_no_object_is_one_argument(kind: str) -> None:
    document = td({"serve": action("serve", input={"type": kind, "unit": "percent"})})
    made = only(document).action
    (argument,) = made.arguments
    assert (argument.name, argument.type, argument.required) == ("value", kind, True)
    assert made.parameters.sort({"value": 3}) == Sent({}, has_payload=True, payload=3)
    assert problems(document) == []


def test_an_input_of_no_known_type_is_not_offered() -> None:
    assert load(td({"serve": action("serve", input={"description": "?"})})).affordances() == ()


def test_names_that_programs_cannot_write_are_written_another_way() -> None:
    serve = action(
        "serve{?cup-size}",
        uriVariables={"cup-size": SIZE},
        input={"type": "object", "properties": {"class": CUPS, "cup_size": CUPS}, "required": ["class"]},
    )
    description = load(
        td({"make-drink": serve, "make_drink": action("b"), "2nd": action("c"), "import": action("d")})
    )
    assert [(one.name, one.key) for one in description.affordances()] == [
        ("make_drink_2", "make-drink"),
        ("make_drink", "make_drink"),
        ("_2nd", "2nd"),
        ("import_", "import"),
    ]
    made = description.affordance("make_drink_2").action
    assert [argument.name for argument in made.arguments] == ["class_", "cup_size", "cup_size_2"]
    assert made.parameters is not None
    assert made.parameters.sort({"class_": 1, "cup_size": 2, "cup_size_2": "small"}) == Sent(
        {"cup-size": "small"}, has_payload=True, payload={"class": 1, "cup_size": 2}
    )
    assert description.affordance("make-drink").name == "make_drink_2"
    assert examine(description.document, "kiosk")[1] == []


def test_neither_the_vendors_names_nor_the_programs_leave_the_device() -> None:
    serve = action("serve{?cup-size}", uriVariables={"cup-size": SIZE}, input={"type": "integer"})
    api_names = names(load(td({"make-drink": serve})))
    assert leaked_names("a make-drink b make_drink c cup-size d cup_size e", api_names) == [
        "cup-size",
        "cup_size",
        "make-drink",
        "make_drink",
    ]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (
            td({"serve": action("{room}/serve")}),
            (
                "error: $.actions.serve.forms[0].href is 'room'; allowed: in braces only names under uriVariables: there are "
                "none."
            ),
        ),
        (
            td({"serve": action("serve", uriVariables={"size": SIZE})}),
            (
                "warning: $.actions.serve.uriVariables.size is 'size'; allowed: a name that stands in braces in a form; this "
                "one is never sent."
            ),
        ),
        (
            td(
                {
                    "serve": action(
                        "serve{?size}", uriVariables={"size": {"type": "string", "parley:success": True}}
                    )
                }
            ),
            (
                'error: $.actions.serve.uriVariables.size["parley:success"] is True; allowed: this term only in outputs and '
                "properties."
            ),
        ),
        (
            td(
                {
                    "serve": action(
                        "serve{?cups}", uriVariables={"cups": {"type": "integer", "minimum": 3, "maximum": 1}}
                    )
                }
            ),
            "error: $.actions.serve.uriVariables.cups.minimum is 3.0; allowed: at most 1, which is maximum.",
        ),
        (
            td({"serve": action("serve{?cups}", uriVariables={"cups": {"type": "null"}})}),
            (
                "warning: $.actions.serve.uriVariables.cups.type is 'null'; allowed: a type that a program can pass: see the "
                "input of actions."
            ),
        ),
        (
            td(**{"parley:safeAction": "halt"}),
            "error: $[\"parley:safeAction\"] is 'halt'; allowed: an action of this thing: serve.",
        ),
        (
            td({"serve": action("serve", input={"type": "integer"})}, **{"parley:safeAction": "serve"}),
            (
                "error: $[\"parley:safeAction\"] is 'serve'; allowed: an action that needs no argument: nobody can be asked "
                "for one then."
            ),
        ),
    ],
    ids=["undeclared", "unsent", "mark", "bounds", "type", "no action", "argument"],
)
def test_what_is_wrong_is_said_where_it_stands(document: dict[str, Any], said: str) -> None:
    assert problems(document) == [said]


def test_the_safe_action_may_have_arguments_that_can_be_left_out() -> None:
    document = td(
        {"serve": action("serve{?size}", uriVariables={"size": SIZE})}, **{"parley:safeAction": "serve"}
    )
    assert problems(document) == []
    assert load(document).safe_action == "serve"


def test_variables_get_a_gloss_like_inputs() -> None:
    document = td(
        {
            "serve": action(
                "serve{?size}", uriVariables={"size": {"type": "string", "description": "Öffnet das Ventil"}}
            )
        }
    )
    (argument,) = only(document).action.arguments
    assert argument.english.lower() == "open valve"


@pytest.mark.parametrize(
    ("result", "problem"),
    [
        ({"ok": True, "left": 3}, None),
        ({"ok": True}, None),
        ({"ok": "yes"}, "$.ok: 'yes' is not of type 'boolean'"),
        ({"left": 3}, "$: 'ok' is a required property"),
        (None, "$: None is not of type 'object'"),
        ({"ok": True, "left": float("inf")}, "a number is not finite"),
    ],
)
def test_results_are_held_against_what_was_promised(result: Any, problem: str | None) -> None:
    output = {
        "type": "object",
        "properties": {"ok": {"type": "boolean", "parley:success": True}, "left": {"type": "integer"}},
        "required": ["ok"],
    }
    found = result_problem(only(td({"serve": action("serve", output=output)})).action.output, result)
    assert found == problem


def test_nothing_promised_means_that_anything_goes() -> None:
    assert result_problem(None, float("nan")) is None


def test_a_description_may_come_as_bytes() -> None:
    assert isinstance(
        load_json(b"\xef\xbb\xbf" + json.dumps(td()).encode(), "http://kiosk"), ThingDescription
    )
    with pytest.raises(InputError, match="http://kiosk: line 1 column 1 is"):
        load_json(b"<html>", "http://kiosk")


def reading(schema: dict[str, Any], value: Any) -> list[tuple[str, Any]]:
    level = {"forms": [{"href": "level"}], **schema}
    description = load(td(properties={"water-level": level}))
    findings = description.affordance("water_level").action.findings(value)
    return [(finding.what, finding.value) for finding in findings]


@pytest.mark.parametrize(
    ("schema", "value", "findings"),
    [
        ({"type": "integer", "title": "Level of the water."}, 3, [("level of the water", 3)]),
        (
            {"type": "boolean", "title": "Wasserstand", "titles": {"en": "Water is low"}},
            False,
            [("water is low", False)],
        ),
        ({"type": "number", "title": "CO2 here", "unit": "percent"}, 1.5, [("CO2 here", 1.5)]),
        (
            {
                "type": "object",
                "title": "Supplies",
                "properties": {
                    "w": {"type": "integer", "title": "Water"},
                    "b": {"type": "integer"},
                    "x": {"type": "null"},
                },
            },
            {"w": 7, "b": 3, "x": None},
            [("water", 7)],
        ),
        ({"type": "integer"}, 3, []),
        ({"type": "integer", "title": "The water-level"}, 3, []),
        ({"type": "array", "title": "Levels", "items": {"type": "integer"}}, [1], []),
        (
            {
                "type": "object",
                "properties": {"w": {"type": "integer", "title": "Water", "parley:finding": "depth"}},
            },
            {"w": 7},
            [("depth", 7)],
        ),
        ({"type": "string", "title": "Note", "parley:message": True}, "hello", []),
    ],
    ids=[
        "title",
        "english",
        "capitals",
        "members",
        "no title",
        "name of the API",
        "list",
        "marked",
        "message",
    ],
)
def test_a_reading_without_marks_is_told_by_its_title(
    schema: dict[str, Any], value: Any, findings: list[tuple[str, Any]]
) -> None:
    assert reading(schema, value) == findings


@pytest.mark.parametrize(
    ("form", "place"),
    [
        ({}, "href"),
        ({"href": 5}, "href"),
        ({"href": "x", "op": 5}, "op"),
        ({"href": "x", "op": []}, "op"),
        ({"href": "x", "contentType": None}, "contentType"),
        ({"href": "x", "security": "lock"}, "security"),
        ({"href": "x", "security": [5]}, "security"),
    ],
)
def test_terms_of_a_form_have_the_right_kind(form: dict[str, Any], place: str) -> None:
    (problem,) = problems(td({"serve": {"description": "Serves.", "forms": [form]}}))
    assert problem.startswith(f"error: $.actions.serve.forms[0].{place} is ")
