"""Reads the other names that people give to entities: "S3" for shelf 3, where the site file says so."""

from __future__ import annotations

import re
from collections.abc import Mapping

_BEFORE = re.compile(
    r"([a-z]+)\s+(?:[\w.-]+(?:\s*,\s*|\s+(?:and|or|to|through)\s+|\s*,\s*and\s+))*$", re.IGNORECASE
)


def with_ids(goal: str, aliases: Mapping[str, tuple[str, str]]) -> str:
    """Return a goal with the ids of entities instead of their other names.

    "Swap shelves S3 and S9" becomes "Swap shelves 3 and 9", and "Look at S3" becomes "Look at shelf 3".

    Args:
        goal: a person's words.
        aliases: kind and id of each entity by its other names, casefolded.
    """
    if not aliases:
        return goal
    names = sorted(aliases, key=len, reverse=True)
    pattern = re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, names))})(?![\w-])", re.IGNORECASE)
    written = ""
    end = 0
    for match in pattern.finditer(goal):
        kind, entity_id = aliases[match[0].casefold()]
        written += goal[end : match.start()]
        written += entity_id if _is_named(written, kind) else f"{kind} {entity_id}"
        end = match.end()
    return written + goal[end:]


def _is_named(before: str, kind: str) -> bool:
    """Whether the kind stands before already, of this name or of a list that it belongs to."""
    found = _BEFORE.search(before)
    plural = f"{kind[:-1]}ves" if kind.endswith("f") else f"{kind}s"
    return found is not None and found[1].casefold() in {kind, plural}
