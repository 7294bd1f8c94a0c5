"""docs/thing-descriptions.md says what is so."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from firmware_api_specs.data_schema import EXTENSION_IRI, EXTENSION_PREFIX, DataSchema
from firmware_api_specs.loader import load
from firmware_api_specs.thing_description import Action, ThingDescription
from firmware_api_specs.units import to_common

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/thing-descriptions.md").read_text("utf-8")
LAMP = load(ROOT / "firmware_api_specs/examples/ceiling_lamp.td.json")
KESTREL = load(ROOT / "firmware_api_specs/warehouse/kestrel.td.json")
TERN = load(ROOT / "firmware_api_specs/warehouse/tern.td.json")


def contained(part: Any, whole: Any) -> bool:
    if isinstance(part, dict):
        return all(key in whole and contained(part[key], whole[key]) for key in part)
    if isinstance(part, list):
        return len(part) == len(whole) and all(map(contained, part, whole))
    return bool(part == whole)


def test_the_page_lists_every_term_of_ours_and_no_other() -> None:
    known = {
        field.alias
        for model in (ThingDescription, Action, DataSchema)
        for field in model.model_fields.values()
        if field.alias and field.alias.startswith(EXTENSION_PREFIX)
    }
    table = "\n".join(line for line in PAGE.splitlines() if line.startswith("|"))
    assert set(re.findall(r"parley:\w+", table)) == known
    assert EXTENSION_IRI in PAGE


def test_the_examples_are_parts_of_the_real_files() -> None:
    action, *parts = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert contained(json.loads("{" + action + "}"), LAMP.document["actions"])
    assert len(parts) == 4
    assert all(contained(json.loads("{" + part + "}"), KESTREL.document) for part in parts)
    (compensation,) = re.findall(r"An argument is given like this: `(.*)`", PAGE)
    assert json.loads(compensation) == TERN.document["actions"]["setSpeed"]["parley:onFailure"]


def test_the_diagram_shows_every_change_of_mode() -> None:
    (diagram,) = re.findall(r"```mermaid\n(.*?)```", PAGE, re.DOTALL)
    changes = {
        (mode, action.mode_to, name)
        for name, action in KESTREL.actions.items()
        for mode in action.modes_from or KESTREL.modes
        if action.mode_to not in {None, mode}
    }
    drawn = re.findall(r"(\w+) --> (\w+): (.*)", diagram)
    assert {
        (source, target, name) for source, target, names in drawn for name in names.split(", ")
    } == changes
    assert f"[*] --> {KESTREL.initial_mode}" in diagram


def test_the_unit_in_the_text_is_converted_as_it_says() -> None:
    assert to_common(2, "Raste", LAMP.units) == (30, "degree")
