"""What the model, the search and the type checker are told about a device."""

import ast
from pathlib import Path

import pytest

from device_agent.signatures import chunks, index_key, signatures
from device_agent.stubs import stubs
from firmware_api_specs.loader import load
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from sandbox.session import type_check
from tests.device_agent_kit import WAREHOUSE, lamp


def test_the_model_reads_english_and_property_reads_are_functions() -> None:
    by_name = {function.name: function for function in signatures(lamp())}
    assert list(by_name) == ["setze_helligkeit", "drehe_kopf", "pruefe_anwesenheit", "temperatur_kopf"]
    brightness = by_name["setze_helligkeit"]
    assert brightness.description == "Set brightness. Sets the brightness in ten steps"
    assert brightness.parameters[0] == Parameter(
        "stufe", ParameterKind.INTEGER, True, "Stufe", 0, 10, description="the brightness wanted"
    )
    assert brightness.parameters[1].choices == ("sofort", "sanft")
    assert not brightness.parameters[1].required
    assert by_name["temperatur_kopf"].parameters == ()
    assert by_name["temperatur_kopf"].description == "Temperature. How warm the head of the lamp is"


def test_a_description_without_english_shows_its_own_language() -> None:
    document = lamp().document
    action = document["actions"]["pruefe_anwesenheit"]
    del action["titles"], action["descriptions"]
    by_name = {function.name: function for function in signatures(load(document))}
    assert by_name["pruefe_anwesenheit"].description.startswith("Anwesenheit prüfen")


def test_chunks_hold_both_languages_and_split_names_but_no_forms() -> None:
    by_key = {chunk.key: chunk.text for chunk in chunks(lamp())}
    text = by_key["setze_helligkeit"]
    for part in ("setze helligkeit", "Sets the brightness", "Setzt die Helligkeit", "the brightness wanted"):
        assert part in text
    assert "parley:driver" not in text
    assert "href" not in text
    assert set(by_key) == {function.name for function in signatures(lamp())}


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
    assert [chunk.key for chunk in chunks(description)] == [function.name for function in functions]
    assert all(function.description for function in functions)


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
