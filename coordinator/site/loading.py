"""Reads site files, and says of what is wrong in which file and line it stands.

YAML is read without guessing: every bare word stays the text that was written, until the field it stands in wants a number.
So shelf 007 stays "007", a shelf may be called no, and 1:30 is no number of seconds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from coordinator.site.bare import EXAMPLE, check_entities
from coordinator.site.model import Entity, Link, Site, Zone
from protocol.errors import ErrorCode, InputError

MAXIMUM_BYTES = 8 * 1024 * 1024
_MAXIMUM_DEPTH = 16
_FIELDS = frozenset(field.alias or name for name, field in Site.model_fields.items())
# It reads every value as text. The one written in C is not in every build.
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

Path_ = tuple[str | int, ...]
Lines = Mapping[Path_, int]


def read_site(path: Path) -> Site:
    """Read a site file; see `Site.load`."""
    try:
        with path.open("rb") as file:
            content = file.read(MAXIMUM_BYTES + 1)
    except OSError as error:
        raise InputError(
            "site file",
            str(path),
            f"a readable file ({error.strerror})",
            remedy=f"Write one like {EXAMPLE}.",
        ) from error
    if len(content) > MAXIMUM_BYTES:
        raise InputError(
            "site file", "more", f"at most {MAXIMUM_BYTES} bytes", source=str(path), code=ErrorCode.TOO_LARGE
        )
    if path.suffix == ".json":
        return site_of(_json(content, str(path)), source=str(path))
    data, lines = _yaml(content, str(path))
    return site_of(data, source=str(path), lines=lines)


def site_of(data: object, *, source: str | None = None, lines: Lines | None = None) -> Site:
    """Build a site from data; see `Site.from_mapping`.

    Args:
        data: of either form.
        source: the file it came from.
        lines: the line in which each entry stands.
    """
    if not isinstance(data, Mapping) or (data and not _FIELDS.intersection(data)):
        bare = check_entities(data, source=source)
        return Site.model_validate({"entities": bare})
    try:
        return Site.model_validate(data)
    except ValidationError as error:
        raise _explained(error, source, lines or {}) from error


def _json(content: bytes, source: str) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputError("site file", "no JSON", f"JSON like {EXAMPLE} ({error})", source=source) from error


def _yaml(content: bytes, source: str) -> tuple[object, Lines]:
    try:
        node = yaml.compose(content.decode(), Loader=_LOADER)
    except UnicodeDecodeError as error:
        raise InputError("site file", "other bytes", "YAML in UTF-8", source=source) from error
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = source if mark is None else f"{source}, line {mark.line + 1}"
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise InputError("site file", "no YAML", f"YAML 1.2 ({problem})", source=where) from error
    if node is None:
        raise InputError("site file", "empty", "at least one field such as entities", source=source)
    reader = _Reader(source)
    return reader.read(node, ()), reader.lines


class _Reader:
    """Turns YAML nodes into plain data and notes the line of each."""

    def __init__(self, source: str) -> None:
        self.lines: dict[Path_, int] = {}
        self._source = source
        self._seen: set[int] = set()

    def read(self, node: Any, path: Path_) -> object:
        line = node.start_mark.line + 1
        self.lines[path] = line
        if id(node) in self._seen or len(path) > _MAXIMUM_DEPTH:
            what = "a reference with *" if id(node) in self._seen else "deep nesting"
            raise self._error(path, what, "everything written out where it belongs", line)
        if isinstance(node, yaml.ScalarNode):
            return node.value
        self._seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self.read(one, (*path, index)) for index, one in enumerate(node.value)]
        found: dict[str, object] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else "a list or mapping as a name"
            if not isinstance(key, yaml.ScalarNode) or name in found:
                raise self._error((*path, name), "given again", "each name once", key.start_mark.line + 1)
            found[name] = self.read(value, (*path, name))
            self.lines[*path, name] = key.start_mark.line + 1
        return found

    def _error(self, path: Path_, value: str, allowed: str, line: int) -> InputError:
        return InputError(_dotted(path), value, allowed, source=f"{self._source}, line {line}")


def _explained(error: ValidationError, source: str | None, lines: Lines) -> InputError:
    """Turn the first problem into one that names file, line, field, value and what is allowed."""
    # What does not fit together is only looked for where every single entry is right.
    first = error.errors(include_url=False)[0]
    context = first.get("ctx", {})
    stands, value, allowed = first["loc"], first.get("input"), first["msg"]
    is_unknown = first["type"] == "extra_forbidden"
    if first["type"] == "misfit":
        stands, value, allowed = context["path"], context["value"], context["allowed"]
    elif is_unknown:
        value, allowed = stands[-1], f"only these fields: {_fields_at(stands)}"
    elif first["type"] == "missing":
        value = "missing"
    stands = tuple(part for part in stands if not _is_type(part))
    line = next((lines[stands[:end]] for end in range(len(stands), 0, -1) if stands[:end] in lines), None)
    where = source if line is None or source is None else f"{source}, line {line}"
    field = _dotted(stands[:-1] if is_unknown else stands) or "site"
    return InputError(field, value, _allowed(allowed), source=where)


def _is_type(part: str | int) -> bool:
    """Whether a part of a path is no name but says which of several types was tried."""
    return isinstance(part, str) and ("[" in part or part == "constrained-str")


def _allowed(message: str) -> str:
    return message.removeprefix("Input should be ").removesuffix(".")


def _fields_at(path: Path_) -> str:
    """Name the fields that may stand where a path leads."""
    models: dict[str | int, type[BaseModel]] = {"zones": Zone, "entities": Entity, "links": Link}
    model: type[BaseModel] = models.get(path[0], Site) if len(path) > 1 else Site
    return ", ".join(field.alias or name for name, field in model.model_fields.items())


def _dotted(path: Path_) -> str:
    return ".".join(str(part) for part in path)
