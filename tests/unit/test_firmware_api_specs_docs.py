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


def contained(part: Any, whole: Any) -> bool:
    if isinstance(part, dict):
        return all(key in whole and contained(part[key], whole[key]) for key in part)
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


def test_the_example_is_part_of_the_real_file() -> None:
    (block,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert contained(json.loads("{" + block + "}"), LAMP.document["actions"])


def test_the_unit_in_the_text_is_converted_as_it_says() -> None:
    assert to_common(2, "Raste", LAMP.units) == (30, "degree")
