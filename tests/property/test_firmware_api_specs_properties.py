"""What must hold for any description and any result."""

from __future__ import annotations

import contextlib
import json
import math
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_api_specs.canonical import content_hash
from firmware_api_specs.check import examine
from firmware_api_specs.loader import load
from firmware_api_specs.schema import ArgumentError, check_arguments
from firmware_api_specs.thing_description import ThingDescription
from protocol.errors import ErrorCode
from protocol.messages import Finding, Report, ReportStatus, decode, encode
from protocol.text import clean_sentence

FOLDER = Path(__file__).parents[2] / "firmware_api_specs"
EXAMPLE = load(FOLDER / "examples/ceiling_lamp.td.json")
BUNDLED = [load(path) for path in sorted(FOLDER.rglob("*.td.json"))]

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["BELEGT", "LEER", "erfolg"])
)
json_values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8) | st.just("erfolg"), inner, max_size=4)
    ),
    max_leaves=12,
)


def _is_finite(value: object) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


finite_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)

names = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True)
texts = st.text(min_size=1, max_size=20).filter(clean_sentence)
leaf_schemas = st.one_of(
    st.fixed_dictionaries({"type": st.just("boolean")}, optional={"parley:success": st.booleans()}),
    st.fixed_dictionaries({"type": st.just("string")}, optional={"parley:message": st.booleans()}),
    st.fixed_dictionaries(
        {"type": st.sampled_from(["integer", "number"])},
        optional={
            "unit": st.sampled_from(["meter", "cell", "percent"]),
            "minimum": st.integers(-9, 9),
            "parley:finding": texts,
            "parley:findingType": st.sampled_from(["presence", "value"]),
        },
    ),
    st.fixed_dictionaries(
        {"type": st.just("string"), "parley:finding": texts, "parley:findingType": st.just("presence")},
        # A JSON document cannot hold an infinite number, nor one that is none.
        optional={"parley:presentWhen": st.lists(scalars.filter(_is_finite), min_size=1, max_size=3)},
    ),
)
output_schemas = st.recursive(
    leaf_schemas,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"type": st.just("array"), "items": inner | st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"type": st.just("array"), "items": inner, "parley:finding": texts}),
        st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.dictionaries(names, inner, max_size=3)},
            optional={"required": st.lists(names, max_size=2)},
        ),
    ),
    max_leaves=6,
)


def description_with(output: Any, extra: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "@context": ["https://www.w3.org/2022/wot/td/v1.1", {"parley": "urn:parley:td:1#"}],
        "title": "Thing",
        "security": "none",
        "securityDefinitions": {"none": {"scheme": "nosec"}},
        "parley:units": {"cell": "0.5 m"},
        "actions": {"look": {"output": output, "forms": [{"href": "x:look"}]}},
        **(extra or {}),
    }


def shuffled(value: Any, random: Any) -> Any:
    if isinstance(value, dict):
        keys = list(value)
        random.shuffle(keys)
        return {key: shuffled(value[key], random) for key in keys}
    return [shuffled(member, random) for member in value] if isinstance(value, list) else value


@settings(max_examples=150, deadline=None)
@given(
    output_schemas, st.dictionaries(st.from_regex(r"ext:[a-z]{1,5}", fullmatch=True), finite_json, max_size=3)
)
def test_a_description_comes_back_as_it_was(output: Any, extra: dict[str, Any]) -> None:
    document = description_with(output, extra)
    description = ThingDescription.model_validate(document)
    assert description.document == document
    dumped = json.loads(description.model_dump_json(by_alias=True, exclude_unset=True))
    assert dumped == json.loads(json.dumps(document))
    assert ThingDescription.model_validate(dumped).content_hash == description.content_hash


@settings(max_examples=200, deadline=None)
@given(finite_json, st.randoms(use_true_random=False))
def test_the_hash_does_not_see_the_order_of_keys(value: Any, random: Any) -> None:
    assert content_hash(shuffled(value, random)) == content_hash(value)


@settings(max_examples=100, deadline=None)
@given(finite_json, finite_json)
def test_the_hash_sees_every_other_change(left: Any, right: Any) -> None:
    same = json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)
    if same:
        assert content_hash(left) == content_hash(right)
    elif left != right:
        assert content_hash(left) != content_hash(right)


@settings(max_examples=300, deadline=None)
@given(output_schemas, json_values)
def test_reading_a_result_never_raises_and_fits_the_wire(output: Any, result: Any) -> None:
    action = ThingDescription.model_validate(description_with(output)).actions["look"]
    findings = action.findings(result)
    assert all(isinstance(finding, Finding) for finding in findings)
    failure = action.failure(result)
    assert failure is None or failure.strip()
    report = Report(
        report_id="r",
        device_id="d",
        session=0,
        subtask_id="s",
        status=ReportStatus.COMPLETED,
        sentence="Done.",
        findings=findings,
        error_code=ErrorCode.CALL_FAILED,
        at=0.0,
    )
    assert decode(Report, encode(report)).findings == findings


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(BUNDLED), st.data())
def test_bundled_descriptions_read_any_result(description: ThingDescription, data: st.DataObject) -> None:
    affordance = data.draw(st.sampled_from(description.affordances()))
    result = data.draw(json_values)
    affordance.action.findings(result)
    affordance.action.failure(result)
    affordance.action.vendor_message(result)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(BUNDLED), st.data())
def test_arguments_are_accepted_or_refused_with_a_reason(
    description: ThingDescription, data: st.DataObject
) -> None:
    action = data.draw(st.sampled_from(description.affordances())).action
    known = [argument.name for argument in action.arguments]
    given_arguments: dict[str, Any] = data.draw(
        st.dictionaries(st.sampled_from([*known, "other"]), json_values, max_size=3)
    )
    with contextlib.suppress(ArgumentError):
        check_arguments(action, given_arguments)
        assert set(given_arguments) <= set(known)
        for argument in action.arguments:
            assert argument.name in given_arguments or not argument.required
            if argument.name in given_arguments and argument.minimum is not None:
                assert given_arguments[argument.name] >= argument.minimum


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_checking_a_damaged_description_never_raises(data: st.DataObject) -> None:
    document = EXAMPLE.document
    value: Any = document
    while True:
        inner = (
            [key for key in value if value[key] and isinstance(value[key], dict | list)]
            if isinstance(value, dict)
            else [index for index, member in enumerate(value) if member and isinstance(member, dict | list)]
        )
        if not inner or data.draw(st.booleans()):
            break
        value = value[data.draw(st.sampled_from(inner))]
    place = data.draw(st.sampled_from(sorted(value) if isinstance(value, dict) else range(len(value))))
    value[place] = data.draw(finite_json)
    description, problems = examine(document, "damaged")
    assert description is not None or any(problem.is_error for problem in problems)
    assert all(str(problem) for problem in problems)
