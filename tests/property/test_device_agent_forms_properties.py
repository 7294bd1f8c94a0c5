"""Whatever a value is: it arrives as it was, at the host that the description names, and under the description's names."""

from __future__ import annotations

import keyword
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from device_agent.drivers import contents
from device_agent.drivers.forms import expand, origin_of
from firmware_api_specs.data_schema import DataSchema
from firmware_api_specs.parameters import parameters_of
from firmware_api_specs.program_names import is_program_name, program_names

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
NASTY = st.one_of(
    TEXT, st.sampled_from(["..", ".", "../x", "@evil", "//evil", "%2e%2e", "a/../b", ":80", "?", "#", "\\"])
)
TEMPLATES = st.sampled_from(
    [
        "http://kiosk:8080/{a}",
        "http://kiosk:8080/x/{a}/y{?b}",
        "http://kiosk:8080{/a}",
        "http://kiosk:8080/x?z=1{&b}{#a}",
    ]
)
RESERVED = st.sampled_from(
    ["http://kiosk:8080{+a}", "http://kiosk:8080/{+a}/y", "http://kiosk:8080/x{#a}{?b}"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
NAMES = st.lists(
    st.one_of(st.text(min_size=1, max_size=8), st.sampled_from(["a-b", "a_b", "class", "2nd", "a b"])),
    unique=True,
)


@given(TEMPLATES, NASTY, st.one_of(NASTY, st.integers(), st.booleans()))
def test_a_value_arrives_as_it_was_or_is_refused(template: str, a: str, b: Any) -> None:
    try:
        address = expand(template, {"a": a, "b": b})
    except ValueError:
        segments = a.split("/")
        assert not a or {".", ".."} & set(segments), (template, a)
        return
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}" == "http://kiosk:8080"
    if "{#a}" not in template:
        assert a in unquote(parts.path)
    if "b}" in template:
        text = b if isinstance(b, str) else contents.write(b, contents.JSON).decode()
        assert parse_qs(parts.query, keep_blank_values=True, separator="&")["b"] == [text]


@given(RESERVED, NASTY)
def test_no_value_leads_to_another_host_or_up_the_path(template: str, a: str) -> None:
    try:
        address = expand(template, {"a": a, "b": 1})
    except ValueError:
        return
    assert origin_of(address) == "http://kiosk:8080"
    assert not {".", ".."} & set(unquote(urlsplit(address).path).split("/"))


@given(NAMES)
def test_every_name_gets_one_of_its_own_that_programs_can_write(names: list[str]) -> None:
    written = program_names(names)
    assert len(set(written)) == len(names)
    assert all(map(is_program_name, written))
    for name, program in zip(names, written, strict=True):
        if name.isidentifier() and name.isascii() and name.strip("_") and not keyword.iskeyword(name):
            assert program == name


@given(NAMES, NAMES, st.data())
def test_arguments_travel_under_the_names_of_the_description(
    members: list[str], variables: list[str], data: st.DataObject
) -> None:
    number = DataSchema(type="integer")
    entered = DataSchema(type="object", properties=dict.fromkeys(members, number))
    parameters = parameters_of(entered, dict.fromkeys(variables, number), dict.fromkeys(variables, False))
    assert parameters is not None
    known = list(parameters.schema.properties or {})
    assert len(known) == len(members) + len(variables)
    passed = {name: index for index, name in enumerate(data.draw(st.permutations(known)))}
    sent = parameters.sort(passed)
    assert set(sent.payload) == set(members)
    assert set(sent.variables) == set(variables)
    assert sorted([*sent.payload.values(), *sent.variables.values()]) == list(range(len(known)))


@given(JSON)
def test_json_is_read_as_it_was_written(value: Any) -> None:
    assert contents.read(contents.write(value, "application/json"), "application/td+json", None) == value
