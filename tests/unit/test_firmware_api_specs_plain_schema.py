"""Plain forms of JSON Schemas: what people export is read, and nothing is allowed that was not."""

from __future__ import annotations

import copy
from typing import Any

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from firmware_api_specs.plain_schema import plain_document, plain_input, plain_output
from firmware_api_specs.schema import result_problem
from tests.device_agent_kit import lamp

TEXT = {"type": "string"}
WHOLE = {"type": "integer"}
NUMBER = {"type": "number"}
NULL = {"type": "null"}
POINT = {"type": "object", "properties": {"x": NUMBER}, "required": ["x"]}


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ({"type": ["string", "null"]}, TEXT),
        ({"type": ["null", "integer"], "default": None, "minimum": 1}, WHOLE | {"minimum": 1}),
        ({"type": ["integer", "number"]}, NUMBER),
        ({"type": ["string", "integer"], "minimum": 0}, WHOLE | {"minimum": 0}),
        ({"type": ["string", "integer"]}, TEXT),
        ({"type": ["array", "string"], "items": TEXT}, {"type": "array", "items": TEXT}),
        ({"type": ["string", "integer"], "enum": [1, 2]}, WHOLE | {"enum": [1, 2]}),
        ({"anyOf": [WHOLE, NULL], "title": "Speed"}, WHOLE | {"title": "Speed"}),
        ({"oneOf": [NULL, TEXT], "description": "d", "default": None}, TEXT | {"description": "d"}),
        ({"anyOf": [WHOLE, NUMBER]}, NUMBER),
        ({"anyOf": [{"type": "array"}, TEXT]}, TEXT),
        ({"anyOf": [TEXT, {"enum": ["a", "b"]}]}, TEXT | {"enum": ["a", "b"]}),
        ({"anyOf": [TEXT, NULL], "type": "string"}, TEXT),
        ({"anyOf": [{"const": "a"}, {"const": "b"}]}, TEXT | {"oneOf": [{"const": "a"}, {"const": "b"}]}),
        ({"enum": ["a", None]}, TEXT | {"enum": ["a"]}),
        ({"type": "string", "enum": ["a", None]}, TEXT | {"enum": ["a"]}),
        ({"enum": [1, 2.5]}, NUMBER | {"enum": [1, 2.5]}),
        ({"enum": ["auto", 1, 2]}, WHOLE | {"enum": [1, 2]}),
        ({"enum": [True, False]}, {"type": "boolean", "enum": [True, False]}),
        ({"const": "on"}, TEXT | {"const": "on"}),
        ({"properties": {"x": NUMBER}, "required": ["x"]}, POINT),
        ({"items": TEXT}, {"type": "array", "items": TEXT}),
        ({"minimum": 3}, NUMBER | {"minimum": 3}),
        ({"allOf": [WHOLE, {"minimum": 3}]}, WHOLE | {"minimum": 3}),
        ({"type": "number", "minimum": 0, "exclusiveMinimum": True}, NUMBER | {"exclusiveMinimum": 0}),
        (
            {"type": "array", "prefixItems": [NUMBER | {"title": "x"}, NUMBER]},
            {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2},
        ),
        ({"type": "array", "items": {"anyOf": [TEXT, NULL]}}, {"type": "array", "items": TEXT}),
        # What cannot be put together stays, and programs cannot pass it.
        ({"anyOf": [WHOLE | {"minimum": 3}], "minimum": 1}, {"anyOf": [WHOLE | {"minimum": 3}], "minimum": 1}),
        ({"$ref": "#/$defs/none"}, {"$ref": "#/$defs/none"}),
        ({"$ref": "https://example.org/x.json"}, {"$ref": "https://example.org/x.json"}),
        ({"type": "swiftness"}, {"type": "swiftness"}),
        ({"type": "null"}, NULL),
        ({"type": ["integer", "swiftness"]}, {"type": ["integer", "swiftness"]}),
    ],
)  # fmt: skip
def test_a_schema_has_one_type(written: dict[str, Any], plain: dict[str, Any]) -> None:
    before = copy.deepcopy(written)
    assert plain_input(written) == plain
    assert plain_input(written, guess=True) == plain | plain_input(plain, guess=True)
    assert written == before


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ({"type": "float"}, NUMBER),
        ({"type": "Int"}, WHOLE),
        ({"type": "str"}, TEXT),
        ({"type": "bool"}, {"type": "boolean"}),
        ({"type": "dict", "properties": {"x": NUMBER}, "required": ["x"]}, POINT),
        ({"type": "list", "items": TEXT}, {"type": "array", "items": TEXT}),
        ({"type": "list of int"}, {"type": "array", "items": WHOLE}),
        ({"type": ["float", "None"]}, NUMBER),
        ({"type": "string", "enum": ["a"], "default": ""}, TEXT | {"enum": ["a"]}),
        ({"type": "integer", "default": 5, "maximum": 9}, WHOLE | {"default": 5, "maximum": 9}),
        ({"type": "string", "enum": ["a", "a", 1]}, TEXT | {"enum": ["a"]}),
        ({"description": "What to say."}, TEXT | {"description": "What to say."}),
        ({"default": 3}, WHOLE | {"default": 3}),
        ({"type": "array"}, {"type": "array", "items": TEXT}),
        ({"type": "array", "default": [1.5]}, {"type": "array", "default": [1.5], "items": NUMBER}),
        (
            {"type": "array", "description": "Three numbers."},
            {"type": "array", "description": "Three numbers.", "items": NUMBER},
        ),
        ({"type": "object", "properties": {"x": NUMBER | {"required": True}}}, POINT),
    ],
)
def test_what_is_meant_is_read_where_it_may_be_guessed(
    written: dict[str, Any], plain: dict[str, Any]
) -> None:
    assert plain_input(written, guess=True) == plain


@pytest.mark.parametrize(
    "written",
    [
        {"type": "float"},
        {"description": "d"},
        {"type": "array"},
        {"type": "string", "enum": ["a"], "default": ""},
    ],
)
def test_nothing_is_guessed_in_a_thing_description(written: dict[str, Any]) -> None:
    assert plain_input(written) == written


def test_references_lead_into_the_schema_and_the_document_around_it() -> None:
    written = {
        "type": "object",
        "properties": {
            "a": {"$ref": "#/$defs/A", "description": "d"},
            "b": {"$ref": "#/schemaDefinitions/B"},
        },
        "$defs": {"A": {"anyOf": [{"$ref": "#/$defs/C"}, NULL]}, "C": WHOLE},
    }
    plain = plain_input(written, within={"schemaDefinitions": {"B": TEXT}})
    assert plain["properties"] == {"a": WHOLE | {"description": "d"}, "b": TEXT}


def test_references_without_end_stay() -> None:
    tree = {"type": "object", "properties": {"name": TEXT, "below": {"$ref": "#/$defs/Tree"}}}
    written = {"type": "object", "properties": {"tree": {"$ref": "#/$defs/Tree"}}, "$defs": {"Tree": tree}}
    assert plain_input(written) == written
    wide: dict[str, Any] = {
        f"L{n}": {"properties": {f"p{i}": {"$ref": f"#/$defs/L{n + 1}"} for i in range(20)}} for n in range(9)
    }
    assert plain_input({"$ref": "#/$defs/L0", "$defs": wide})["type"] == "object"


def test_that_one_of_two_must_be_given_is_kept_for_the_check() -> None:
    either = [{"required": ["x"]}, {"required": ["y"]}]
    written = {"type": "object", "properties": {"x": NUMBER, "y": NUMBER}, "oneOf": either}
    plain = plain_input(written)
    assert plain == plain_input(plain)
    assert "oneOf" not in plain
    assert not jsonschema.Draft7Validator(plain).is_valid({"x": 1, "y": 2})
    assert jsonschema.Draft7Validator(plain).is_valid({"x": 1})


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ({"type": ["number", "null"]}, NUMBER | {"nullable": True}),
        ({"anyOf": [NUMBER, NULL], "unit": "degC"}, NUMBER | {"unit": "degC", "nullable": True}),
        ({"enum": ["a", None]}, {"enum": ["a"], "nullable": True}),
        ({"type": ["number", "string"]}, {}),
        ({"anyOf": [NUMBER, TEXT]}, {"anyOf": [NUMBER, TEXT]}),
        ({"type": "null"}, NULL),
        ({"description": "d"}, {"description": "d"}),
    ],
)
def test_results_keep_all_that_may_come(written: dict[str, Any], plain: dict[str, Any]) -> None:
    assert plain_output(written) == plain
    assert plain_output(plain) == plain


def test_a_thing_description_loads_however_its_values_are_written() -> None:
    switch = {
        "title": "Fade",
        "input": {
            "type": "object",
            "properties": {"level": {"type": ["integer", "null"], "maximum": 9}},
            "required": ["level"],
        },
        "output": {"anyOf": [NUMBER, NULL], "parley:finding": "level"},
        "forms": [{"href": "parley:driver/fade"}],
    }
    described = lamp(
        actions={"fade": switch},
        properties={
            "level": {
                "type": ["integer", "null"],
                "readOnly": True,
                "forms": [{"href": "parley:driver/level"}],
            }
        },
        **{"parley:safeAction": None},
    )
    action = described.actions["fade"]
    assert [(one.type, one.maximum, one.required) for one in action.arguments] == [("integer", 9, True)]
    assert described.document["actions"]["fade"] == switch
    assert described.properties["level"].type == "integer"
    assert [result_problem(action.output, result) for result in (1.5, None)] == [None, None]
    assert result_problem(action.output, "much") is not None


@pytest.mark.parametrize(
    "broken",
    [{}, {"actions": 3}, {"actions": {"a": 3}}, {"actions": {"a": {"input": [1]}}}, {"uriVariables": 1}],
)
def test_what_is_no_description_comes_back_as_it_is(broken: dict[str, Any]) -> None:
    assert plain_document(broken) == broken


names = st.sampled_from(["a", "b", "c"])
scalars = st.one_of(
    st.just({"type": "boolean"}),
    st.fixed_dictionaries({"type": st.just("string")}, optional={"enum": st.just(["x", "y"]), "minLength": st.just(1)}),
    st.fixed_dictionaries(
        {"type": st.sampled_from(["integer", "number"])},
        optional={"minimum": st.just(1), "maximum": st.just(5), "default": st.just(2), "unit": st.just("meter")},
    ),
)  # fmt: skip
plain_schemas = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"type": st.just("array"), "items": inner}),
        st.dictionaries(names, inner, min_size=1).map(
            lambda members: {"type": "object", "properties": members, "required": sorted(members)}
        ),
    ),
    max_leaves=6,
)
written_schemas = st.recursive(
    st.one_of(
        scalars,
        st.sampled_from(
            [NULL, {}, {"type": ["integer", "null"]}, {"type": "float"}, {"type": ["string", "number", "null"], "minimum": 2},
             {"enum": ["a", 1, None]}, {"const": 2}, {"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}, {"type": "array"},
             {"type": "integer", "default": None, "exclusiveMaximum": True, "maximum": 4}, {"required": ["a"]}]
        ),
    ),
    lambda inner: st.one_of(
        st.dictionaries(st.sampled_from(["anyOf", "oneOf", "allOf"]), st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda items: {"type": "array", "items": items}, inner),
        st.builds(lambda items: {"type": "array", "items": items}, st.lists(inner, min_size=1, max_size=2)),
        st.dictionaries(names, inner).map(lambda members: {"type": "object", "properties": members}),
        st.builds(lambda left, right: {**left, **right}, inner, inner),
    ),
    max_leaves=8,
)  # fmt: skip
values = st.recursive(
    st.sampled_from([None, True, 0, 1, 2, 3.5, 7, "a", "x", ""]),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(names, inner, max_size=2)),
    max_leaves=5,
)
DEFINITIONS = {"A": {"type": ["integer", "null"]}, "B": {"anyOf": [{"$ref": "#/$defs/A"}, TEXT]}}


@given(plain_schemas)
def test_plain_schemas_stay_as_they_are(schema: dict[str, Any]) -> None:
    assert plain_input(schema) == plain_input(schema, guess=True) == plain_output(schema) == schema


@given(written_schemas, st.booleans())
def test_the_plain_form_of_a_plain_form_is_itself(written: dict[str, Any], guess: bool) -> None:
    schema = {"type": "object", "properties": {"v": written}, "$defs": DEFINITIONS}
    plain = plain_input(schema, guess=guess)
    assert plain_input(plain, guess=guess) == plain
    told = plain_output(schema)
    assert plain_output(told) == told


@given(written_schemas, values)
@example({"oneOf": [{"type": ["integer", "null"]}, {"$ref": "#/$defs/A"}]}, 0)
def test_what_fits_the_plain_form_fits_the_schema(written: dict[str, Any], value: Any) -> None:
    schema = {"type": "object", "properties": {"v": written}, "$defs": DEFINITIONS}
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError:
        return
    if jsonschema.Draft202012Validator(plain_input(schema)).is_valid({"v": value}):
        assert jsonschema.Draft202012Validator(schema).is_valid({"v": value})
