"""JSON in one canonical spelling, so that equal documents have equal hashes."""

import hashlib
import json
from typing import Any

_EXACT_INTEGER_LIMIT = 2**53


def canonical_json(value: Any) -> str:
    """Write a JSON value with sorted keys, no white space, and whole numbers without a fraction."""
    return json.dumps(_normal(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def content_hash(value: Any) -> str:
    """Return "sha256:" and the hexadecimal digest of the canonical JSON."""
    return "sha256:" + hashlib.sha256(canonical_json(value).encode("utf-8", "surrogatepass")).hexdigest()


def _normal(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _normal(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_normal(member) for member in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT_INTEGER_LIMIT:
        return int(value)
    return value
