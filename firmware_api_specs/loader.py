"""Loads Thing Descriptions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from firmware_api_specs.check import examine
from firmware_api_specs.problems import Problem
from firmware_api_specs.reading import parse_json, read_json
from firmware_api_specs.thing_description import ThingDescription
from protocol.errors import InputError


def load(source: str | Path | Mapping[str, Any]) -> ThingDescription:
    """Load one Thing Description from a file or from a JSON object.

    Raises:
        InputError: the first error found; names file, place, value and what is allowed. Warnings do not stop loading.
    """
    if isinstance(source, Mapping):
        return _checked(dict(source), [], "description")
    return _checked(*read_json(Path(source)), str(source))


def load_json(raw: bytes, source: str) -> ThingDescription:
    """Load one Thing Description from the bytes that came from `source`, an address for example.

    Raises:
        InputError: as for `load`.
    """
    return _checked(*parse_json(raw, source), source)


def _checked(document: Any, repeated: list[Problem], source: str) -> ThingDescription:
    description, problems = examine(document, source)
    problems = [*repeated, *problems]
    errors = [problem for problem in problems if problem.is_error]
    if errors:
        first = errors[0]
        more = f"More errors: {len(errors) - 1}. " if len(errors) > 1 else ""
        raise InputError(
            first.path, first.value, first.allowed, source=source, remedy=f"{more}See `parley spec check`."
        )
    assert description is not None  # noqa: S101 - no errors means that there is one
    return description
