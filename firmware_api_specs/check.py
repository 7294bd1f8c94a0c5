"""Finds everything that is wrong with a Thing Description: its JSON, its structure, and how its parts fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from firmware_api_specs.checks import check_description
from firmware_api_specs.problems import Problem, Step, json_path
from firmware_api_specs.reading import read_json
from firmware_api_specs.thing_description import ThingDescription
from protocol.errors import InputError

_WORDS = {
    "missing": "a value, this term is required",
    "bool_type": "true or false",
    "string_type": "a text",
    "string_too_short": "a text that is not empty",
    "float_type": "a number",
    "int_type": "a whole number",
    "dict_type": "a JSON object",
    "model_type": "a JSON object",
    "model_attributes_type": "a JSON object",
    "tuple_type": "a list",
    "extra_forbidden": "nothing under this name",
}


def check_file(path: str | Path) -> list[Problem]:
    """List everything that is wrong with a file, errors first; an empty list means that it is good."""
    try:
        document, problems = read_json(Path(path))
    except InputError as error:
        return [Problem(str(path), error.field, error.value, error.allowed)]
    problems += examine(document, str(path))[1]
    return sorted(problems, key=lambda problem: not problem.is_error)


def examine(document: Any, file: str) -> tuple[ThingDescription | None, list[Problem]]:
    """Check a parsed document; the description is None where its structure is wrong."""
    try:
        description = ThingDescription.model_validate(document)
    except ValidationError as error:
        return None, [_problem(detail, document, file) for detail in error.errors(include_url=False)]
    return description, check_description(description, file)


def _problem(detail: Any, document: Any, file: str) -> Problem:
    kind, context = detail["type"], detail.get("ctx", {})
    steps, value = _locate(document, detail["loc"])
    if kind == "parley_term":
        term = context["term"]
        return Problem(file, json_path((*steps, term)), value[term], f"{context['allowed']}")
    if kind == "missing":
        return Problem(file, json_path((*steps, detail["loc"][-1])), None, _WORDS[kind])
    allowed = _WORDS.get(kind)
    if kind == "literal_error":
        allowed = f"one of {context['expected']}"
    return Problem(file, json_path(steps), value, allowed or detail["msg"])


def _locate(document: Any, location: tuple[Step, ...]) -> tuple[list[Step], Any]:
    """Follow an error's location, leaving out the steps that name a branch of the model, not a place."""
    steps: list[Step] = []
    value = document
    for step in location:
        is_key = isinstance(value, dict) and step in value
        is_index = isinstance(value, list) and isinstance(step, int) and step < len(value)
        if is_key or is_index:
            value = value[step]
            steps.append(step)
    return steps, value
