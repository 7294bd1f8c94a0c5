"""Reads JSON files strictly: what Python's parser would let pass in silence is found here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from firmware_api_specs.problems import Problem, Step, json_path
from protocol.errors import InputError

MAXIMUM_FILE_BYTES = 1024 * 1024
MAXIMUM_DEPTH = 48


class _Object(dict[str, Any]):
    """A JSON object that remembers the keys it was given more than once."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        seen: set[str] = set()
        self.repeated = [key for key, _ in pairs if key in seen or seen.add(key)]  # type: ignore[func-returns-value]


def read_json(path: Path) -> tuple[Any, list[Problem]]:
    """Read one JSON file and list the keys that stand in it twice.

    Raises:
        InputError: unreadable, too large, nested too deeply, or not JSON in UTF-8.
    """
    source = str(path)
    try:
        with path.open("rb") as file:
            raw = file.read(MAXIMUM_FILE_BYTES + 1)
    except OSError as error:
        raise InputError(
            "file", source, "a file that can be read", remedy=error.strerror and f"{error.strerror}."
        ) from error
    return parse_json(raw, source)


def parse_json(raw: bytes, source: str) -> tuple[Any, list[Problem]]:
    """Parse the JSON that came from `source` and list the keys that stand in it twice.

    Raises:
        InputError: too large, nested too deeply, or not JSON in UTF-8.
    """
    if len(raw) > MAXIMUM_FILE_BYTES:
        raise InputError("file", "a longer one", f"at most {MAXIMUM_FILE_BYTES} bytes", source=source)
    try:
        data = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_Object, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise InputError(
            f"line {error.lineno} column {error.colno}", error.msg, "JSON (RFC 8259)", source=source
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"byte {error.start}", raw[error.start : error.start + 8], "UTF-8", source=source
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError("file", str(error), "JSON (RFC 8259)", source=source) from error
    problems: list[Problem] = []
    return _plain(data, (), source, problems), problems


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _plain(value: Any, path: tuple[Step, ...], source: str, problems: list[Problem]) -> Any:
    if len(path) > MAXIMUM_DEPTH:
        raise InputError(
            json_path(path[:8]), "nested deeper", f"at most {MAXIMUM_DEPTH} levels", source=source
        )
    if isinstance(value, _Object):
        problems += [
            Problem(source, json_path((*path, key)), "there more than once", "each name once in an object")
            for key in value.repeated
        ]
        return {key: _plain(member, (*path, key), source, problems) for key, member in value.items()}
    if isinstance(value, list):
        return [_plain(member, (*path, index), source, problems) for index, member in enumerate(value)]
    return value
