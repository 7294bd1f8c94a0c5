"""The short form of a site: the entities by kind and nothing else, as `--entity` and older files have it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from protocol.errors import InputError

KIND_PATTERN = r"^[a-z][a-z0-9_-]{0,31}$"
ENTITY_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$"
MAXIMUM_ENTITIES = 10_000
EXAMPLE = '{"shelf": ["1", "2"], "station": ["1"]}'


def check_entities(data: object, *, source: str | None) -> dict[str, tuple[str, ...]]:
    """Check foreign data and return it as entities.

    Raises:
        InputError: names the entry that is wrong and what is allowed.
    """
    if not isinstance(data, Mapping):
        raise InputError("site", data, f"an object like {EXAMPLE}", source=source)
    entities: dict[str, tuple[str, ...]] = {}
    for kind, names in data.items():
        if not isinstance(kind, str) or not re.fullmatch(KIND_PATTERN, kind) or "\n" in kind:
            raise InputError(
                "site", kind, "kinds named by a lower-case singular noun such as 'shelf'", source=source
            )
        if not isinstance(names, list | tuple):
            raise InputError(kind, names, 'a list of names such as ["1", "2"]', source=source)
        if len(names) > MAXIMUM_ENTITIES:
            raise InputError(kind, f"{len(names)} names", f"at most {MAXIMUM_ENTITIES}", source=source)
        for index, name in enumerate(names):
            if not isinstance(name, str) or not re.fullmatch(ENTITY_PATTERN, name) or "\n" in name:
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
