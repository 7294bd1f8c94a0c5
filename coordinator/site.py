"""What exists at a site besides devices: the entities that goals speak of, such as shelves and stations."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator

from protocol.errors import InputError

_KIND = re.compile(r"^[a-z][a-z0-9_-]{0,31}$")
_ENTITY = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$")
_MAXIMUM_ENTITIES = 10_000
_EXAMPLE = '{"shelf": ["1", "2"], "station": ["1"]}'


class Site(BaseModel):
    """The entities of one site, by kind (a singular noun), in the order in which answers list them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    entities: dict[str, tuple[str, ...]] = {}

    @field_validator("entities")
    @classmethod
    def _check(cls, entities: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        _check_entities(entities, source=None)
        return entities

    @classmethod
    def from_mapping(cls, data: object, *, source: str | None = None) -> Site:
        """Build a site from `{"shelf": ["1", "2"], "station": ["1"]}`.

        Raises:
            InputError: names the entry that is wrong and what is allowed.
        """
        return cls(entities=_check_entities(data, source=source))

    @classmethod
    def load(cls, path: Path) -> Site:
        """Read a site from a JSON file.

        Raises:
            InputError: the file cannot be read, is no JSON, or an entry is wrong.
        """
        try:
            data: Any = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise InputError(
                "site file",
                str(path),
                f"a readable file ({error.strerror})",
                remedy=f"Write one like {_EXAMPLE}.",
            ) from error
        except ValueError as error:
            raise InputError(
                "site file", "no JSON", f"JSON like {_EXAMPLE} ({error})", source=str(path)
            ) from error
        return cls.from_mapping(data, source=str(path))


def _check_entities(data: object, *, source: str | None) -> dict[str, tuple[str, ...]]:
    """Check foreign data and return it as entities, or say which entry is wrong."""
    if not isinstance(data, Mapping):
        raise InputError("site", data, f"an object like {_EXAMPLE}", source=source)
    entities: dict[str, tuple[str, ...]] = {}
    for kind, names in data.items():
        if not isinstance(kind, str) or not _KIND.fullmatch(kind):
            raise InputError(
                "site", kind, "kinds named by a lower-case singular noun such as 'shelf'", source=source
            )
        if not isinstance(names, list | tuple):
            raise InputError(kind, names, 'a list of names such as ["1", "2"]', source=source)
        if len(names) > _MAXIMUM_ENTITIES:
            raise InputError(kind, f"{len(names)} names", f"at most {_MAXIMUM_ENTITIES}", source=source)
        for index, name in enumerate(names):
            if not isinstance(name, str) or not _ENTITY.fullmatch(name):
                raise InputError(
                    f"{kind}.{index}",
                    name,
                    "a name in quotation marks, such as \"1\", of letters, digits, '.', '_' and '-'",
                    source=source,
                )
        if len(set(names)) != len(names):
            twice = next(name for name in names if list(names).count(name) > 1)
            raise InputError(kind, twice, "each name once", source=source)
        entities[kind] = tuple(names)
    return entities
