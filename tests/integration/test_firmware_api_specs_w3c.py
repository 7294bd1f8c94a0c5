"""Our Thing Descriptions against the JSON Schema that W3C publishes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from firmware_api_specs.check import check_file
from firmware_api_specs.importer import import_paper
from tests.node_kit import installed_folder

ROOT = Path(__file__).parents[2]
DESCRIPTIONS = sorted((ROOT / "firmware_api_specs").rglob("*.td.json"))
EXAMPLE = ROOT / "firmware_api_specs/examples/ceiling_lamp.td.json"

Validate = Callable[[Any], list[str]]


@pytest.fixture(scope="session")
def validate() -> Validate:
    """Lists what the W3C schema finds wrong; installs the schema's npm package when it is missing."""
    schema = (
        installed_folder() / "node_modules/wot-thing-description-types/schema/td-json-schema-validation.json"
    )
    validator = jsonschema.Draft7Validator(json.loads(schema.read_text("utf-8")))
    return lambda document: [
        f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(document)
    ]


@pytest.mark.parametrize("path", DESCRIPTIONS, ids=lambda path: path.stem)
def test_every_bundled_description_satisfies_the_w3c_schema(path: Path, validate: Validate) -> None:
    assert validate(json.loads(path.read_text("utf-8"))) == []


@pytest.mark.parametrize("path", DESCRIPTIONS, ids=lambda path: path.stem)
def test_every_bundled_description_passes_our_own_checks(path: Path) -> None:
    assert [str(problem) for problem in check_file(path)] == []


def test_the_ten_vendors_are_there() -> None:
    assert len([path for path in DESCRIPTIONS if path.parent.name == "warehouse"]) == 10


def test_an_imported_description_satisfies_the_w3c_schema(tmp_path: Path, validate: Validate) -> None:
    file = tmp_path / "robot.json"
    file.write_text(
        json.dumps(
            [{"name": "moveToShelf", "input_argument": "num", "input_type": "int", "output": "True, message"}]
        )
    )
    assert validate(import_paper(file)) == []


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda td: td.pop("title"), "$"),
        (lambda td: td.update(title=5), "$.title"),
        (lambda td: td.pop("securityDefinitions"), "$"),
        (lambda td: td["actions"]["drehe_kopf"].pop("forms"), "$.actions.drehe_kopf"),
        (lambda td: td["actions"]["drehe_kopf"].update(safe="no"), "$.actions.drehe_kopf.safe"),
        (
            lambda td: td["actions"]["drehe_kopf"]["input"].update(type="map"),
            "$.actions.drehe_kopf.input.type",
        ),
        (lambda td: td.update({"@context": "https://example.org/"}), "$['@context']"),
    ],
)
def test_what_the_w3c_schema_refuses_we_refuse_too(
    change: Callable[[dict[str, Any]], Any], place: str, validate: Validate, tmp_path: Path
) -> None:
    document = json.loads(EXAMPLE.read_text("utf-8"))
    change(document)
    assert any(line.startswith(place) for line in validate(document)), validate(document)
    file = tmp_path / "changed.td.json"
    file.write_text(json.dumps(document))
    assert any(problem.is_error for problem in check_file(file))
