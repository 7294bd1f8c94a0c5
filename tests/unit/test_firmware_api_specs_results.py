"""What a result means in plain words."""

from __future__ import annotations

from typing import Any

import pytest

from firmware_api_specs.results import SAID_NO, UNREADABLE
from firmware_api_specs.thing_description import Action, ThingDescription
from protocol.messages import Finding


def action_with(output: dict[str, Any] | None, **units: str) -> Action:
    body: dict[str, Any] = {"forms": [{"href": "x:look"}]}
    if output is not None:
        body["output"] = output
    return ThingDescription.model_validate(
        {
            "@context": ["https://www.w3.org/2022/wot/td/v1.1", {"parley": "urn:parley:td:1#"}],
            "title": "Thing",
            "security": "none",
            "securityDefinitions": {"none": {"scheme": "nosec"}},
            "parley:units": units,
            "actions": {"look": body},
        }
    ).actions["look"]


FLAG_TEXT_COUNT = {
    "type": "array",
    "items": [
        {"type": "boolean", "parley:success": True},
        {"type": "string", "parley:message": True},
        {"type": "integer", "parley:finding": "vacant space", "parley:findingType": "presence"},
    ],
}


def test_a_list_of_flag_message_and_count() -> None:
    action = action_with(FLAG_TEXT_COUNT)
    assert action.findings([True, "look() done", 3]) == (Finding(what="vacant space", present=True, value=3),)
    assert action.findings([True, "look() done", 0]) == (
        Finding(what="vacant space", present=False, value=0),
    )
    assert action.failure([True, "look() done", 0]) is None
    assert action.vendor_message([True, "look()\ndone", 0]) == "look() done"


def test_a_false_flag_is_a_failure_that_keeps_the_vendors_text_at_home() -> None:
    assert action_with(FLAG_TEXT_COUNT).failure([False, "moveToShelf: E17"]) == SAID_NO


@pytest.mark.parametrize("result", [None, {}, [], "True", [1, "x", 2], [True, "x"], [True, "x", "many"]])
def test_an_answer_that_cannot_be_read_is_never_taken_for_success(result: Any) -> None:
    assert action_with(FLAG_TEXT_COUNT).failure(result) == UNREADABLE


def test_an_action_without_output_never_fails_by_its_result() -> None:
    action = action_with(None)
    assert action.failure({"anything": 1}) is None
    assert action.findings({"anything": 1}) == ()


@pytest.mark.parametrize(
    ("schema", "result", "present"),
    [
        ({"type": "boolean"}, True, True),
        ({"type": "boolean"}, False, False),
        ({"type": "number"}, 0.0, False),
        ({"type": "array", "items": {"type": "object"}}, [{}], True),
        ({"type": "array", "items": {"type": "object"}}, [], False),
        ({"type": "string", "parley:presentWhen": ["FREE", "PART"]}, "PART", True),
        ({"type": "string", "parley:presentWhen": ["FREE", "PART"]}, "FULL", False),
        ({"type": "boolean", "parley:presentWhen": [False]}, False, True),
        ({"type": "integer", "parley:presentWhen": [1]}, True, False),
    ],
)
def test_what_counts_as_present(schema: dict[str, Any], result: Any, present: bool) -> None:
    marked = {**schema, "parley:finding": "vacant space", "parley:findingType": "presence"}
    (finding,) = action_with(marked).findings(result)
    assert finding.present is present


def test_present_labels_are_listed() -> None:
    schema = {
        "type": "array",
        "items": {"type": "string"},
        "parley:finding": "vacant space",
        "parley:findingType": "presence",
    }
    (finding,) = action_with(schema).findings(["A1", "A4"])
    assert finding == Finding(what="vacant space", present=True, value=("A1", "A4"))


@pytest.mark.parametrize(
    ("unit", "value", "shown", "shown_unit"),
    [
        ("meter", 2.5, 2.5, "meter"),
        ("cell", 7, 3.5, "meter"),
        ("fraction", 0.29, 29, "percent"),
        ("dimensionless", 0.5, 0.5, None),
    ],
)
def test_vendor_units_leave_as_units_that_everybody_knows(
    unit: str, value: float, shown: float, shown_unit: str | None
) -> None:
    schema = {"type": "number", "unit": unit, "parley:finding": "distance"}
    (finding,) = action_with(schema, cell="0.5 meter", fraction="100 percent").findings(value)
    assert finding == Finding(what="distance", value=shown, unit=shown_unit)


def test_a_list_of_numbers_is_converted_too() -> None:
    schema = {"type": "array", "items": {"type": "number", "unit": "cell"}, "parley:finding": "position"}
    (finding,) = action_with(schema, cell="0.5 meter").findings([2, 3])
    assert finding == Finding(what="position", value=(1, 1.5), unit="meter")


def test_marks_inside_a_list_of_objects_are_gathered() -> None:
    schema = {
        "type": "array",
        "items": {"type": "object", "properties": {"id": {"type": "string", "parley:finding": "items"}}},
    }
    assert action_with(schema).findings([{"id": "T1"}, {"id": "T2"}]) == (
        Finding(what="items", value=("T1", "T2")),
    )
    assert action_with(schema).failure([]) is None


def test_constants_are_told_by_their_english_titles() -> None:
    schema = {
        "type": "string",
        "parley:finding": "state",
        "oneOf": [{"const": "ST_LAD", "title": "lädt", "titles": {"en": "charging"}}],
    }
    assert action_with(schema).findings("ST_LAD") == (Finding(what="state", value="charging"),)


def test_numbers_that_json_cannot_carry_are_left_out() -> None:
    action = action_with({"type": "number", "unit": "meter", "parley:finding": "distance"})
    assert action.findings(float("nan")) == ()
    assert action.failure(float("inf")) == UNREADABLE


def test_text_of_a_device_is_one_capped_line() -> None:
    (finding,) = action_with({"type": "string", "parley:finding": "image"}).findings(
        "a\n\x1b[31m" + "b" * 500
    )
    assert isinstance(finding.value, str)
    assert "\n" not in finding.value
    assert "\x1b" not in finding.value
    assert len(finding.value) <= 120


def test_an_optional_field_may_stay_away_but_not_a_required_one() -> None:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {"level": {"type": "integer", "parley:finding": "battery level"}},
    }
    assert action_with(schema).failure({}) is None
    assert action_with({**schema, "required": ["level"]}).failure({}) == UNREADABLE
