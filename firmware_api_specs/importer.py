"""Turns the JSON form of the LLMind 2.0 paper (its figures 9, 22 and 24) into a Thing Description.

That form is a list of functions, each with `name`, `input_argument`, `input_type`, `output`, `notes` and perhaps
`programming_language`. It says nothing of units, safety or what an answer means, so the result is valid but careful:
nothing is called safe or repeatable, and a finding is marked only where the output names it. `check_file` then says
what a person should add.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from firmware_api_specs.data_schema import EXTENSION_IRI
from firmware_api_specs.gloss import gloss_name, language_of
from firmware_api_specs.names import is_technical
from firmware_api_specs.paper_types import argument_schema, output_schema, plain_words
from firmware_api_specs.reading import read_json
from protocol.errors import InputError

_TERMS = ("name", "input_argument", "input_type", "output", "notes", "programming_language")
_NOTHING = {"", "none", "null", "n/a", "void", "-"}


def import_paper(path: str | Path) -> dict[str, Any]:
    """Read a file in the paper's form and return a Thing Description as a JSON object.

    Raises:
        InputError: not that form; names the file, the place, the value and what is allowed.
    """
    source = str(path)
    data, repeated = read_json(Path(path))
    if repeated:
        first = repeated[0]
        raise InputError(first.path, first.value, first.allowed, source=source)
    functions = data if isinstance(data, list) else [data]
    if not functions:
        raise InputError("$", data, "a list with at least one function", source=source)
    actions: dict[str, Any] = {}
    for index, function in enumerate(functions):
        place = f"$[{index}]" if isinstance(data, list) else "$"
        name, action = _action(function, place, source)
        if name in actions:
            raise InputError(f"{place}.name", name, "a name that no other function has", source=source)
        actions[name] = action
    stem = Path(path).name.split(".")[0]
    title = plain_words(stem).capitalize() or "Device"
    context = {"parley": EXTENSION_IRI}
    languages = {language for action in actions.values() for language in action["descriptions"]}
    if len(languages) == 1:
        context["@language"] = languages.pop()
    return {
        "@context": ["https://www.w3.org/2022/wot/td/v1.1", context],
        "id": "urn:parley:imported:" + (re.sub(r"[^A-Za-z0-9]+", "-", stem).strip("-").lower() or "device"),
        "title": title,
        "securityDefinitions": {"nosec_sc": {"scheme": "nosec"}},
        "security": "nosec_sc",
        "parley:kind": "device",
        "parley:abilities": _abilities(actions),
        "actions": actions,
    }


def _action(function: Any, place: str, source: str) -> tuple[str, dict[str, Any]]:
    if not isinstance(function, dict):
        raise InputError(place, function, "an object with " + ", ".join(_TERMS), source=source)
    for term in function:
        if term not in _TERMS:
            raise InputError(f"{place}.{term}", function[term], "only " + ", ".join(_TERMS), source=source)
    name = function.get("name")
    if not isinstance(name, str) or not name.strip():
        raise InputError(f"{place}.name", name, "the name of the function", source=source)
    notes = function.get("notes") or ""
    if not isinstance(notes, str):
        raise InputError(f"{place}.notes", notes, "a text", source=source)
    words = plain_words(name)
    language = language_of(notes or words)
    title = words.capitalize()
    action: dict[str, Any] = {
        "title": title,
        "titles": {_language_of_name(name, language): title},
        "description": notes or title,
        "descriptions": {language: notes or title},
    }
    properties = _arguments(function, place, source, language)
    if properties:
        action["input"] = {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }
    output = output_schema(function.get("output"))
    if output is not None:
        action["output"] = output
    action |= {"safe": False, "idempotent": False, "synchronous": True}
    action |= {"parley:timeoutSeconds": 60, "parley:danger": "none", "parley:onFailure": "stop"}
    programming_language = function.get("programming_language")
    if programming_language:
        action["parley:programmingLanguage"] = str(programming_language)
    action["forms"] = [{"href": f"parley:driver/{name.strip()}", "op": "invokeaction"}]
    return name.strip(), action


def _arguments(function: Mapping[str, Any], place: str, source: str, language: str) -> dict[str, Any]:
    raw = function.get("input_argument")
    kinds: list[Any]
    if isinstance(raw, dict):
        names, kinds = list(raw), list(raw.values())
    else:
        names, kinds = _listed(raw), _listed(function.get("input_type"))
    if len(kinds) == 1 and len(names) > 1:
        kinds = kinds * len(names)
    if len(kinds) != len(names):
        allowed = f"one type for each of the {len(names)} arguments"
        raise InputError(f"{place}.input_type", function.get("input_type"), allowed, source=source)
    schemas: dict[str, Any] = {}
    for name, kind in zip(names, kinds, strict=True):
        schema = argument_schema(kind)
        if schema is None:
            allowed = "a type such as int, float, string or bool"
            raise InputError(f"{place}.input_type", kind, allowed, source=source)
        if not isinstance(name, str) or name in schemas:
            raise InputError(f"{place}.input_argument", name, "each argument's name once", source=source)
        words = plain_words(name).capitalize()
        schemas[name] = {
            **schema,
            "description": words,
            "descriptions": {_language_of_name(name, language): words},
        }
    return schemas


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return list(value.values())
    text = str(value).strip()
    if text.lower() in _NOTHING:
        return []
    # A comma inside brackets belongs to a range or a list of choices.
    return [part.strip() for part in re.split(r"[,;](?![^(\[{]*[)\]}])", text) if part.strip()]


def _language_of_name(name: str, language: str) -> str:
    """Tell whether a name is in the language of its function's notes, or in English as so often."""
    return language if gloss_name(name, language) else "en"


def _abilities(actions: Mapping[str, Any]) -> list[str]:
    """Take the notes as abilities, English ones only and none that holds a name of the API."""
    technical = [name for name in actions if is_technical(name)]
    return [
        action["description"]
        for action in actions.values()
        if "en" in action["descriptions"] and not any(name in action["description"] for name in technical)
    ]
