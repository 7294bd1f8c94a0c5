"""Which values every receiver of JSON can hold, and what can be read in a value."""

import math
from typing import Any

_DEEPEST = 9
_MOST_BITS = 1023


def is_plain(value: Any, depth: int = 0) -> bool:
    """Whether every receiver of JSON can hold a value."""
    if type(value) in {list, tuple}:
        return depth < _DEEPEST and all(is_plain(item, depth + 1) for item in value)
    if type(value) is dict:
        keys_are_text = all(type(key) is str for key in value)
        return depth < _DEEPEST and keys_are_text and is_plain([*value, *value.values()], depth)
    if type(value) is int:
        return value.bit_length() <= _MOST_BITS
    if type(value) is str:
        return value == value.encode(errors="replace").decode()
    return value is None or type(value) is bool or (type(value) is float and math.isfinite(value))


def texts(value: Any, depth: int = 0) -> str:
    """Return every text in a value."""
    if isinstance(value, (list, tuple)) and depth < _DEEPEST:
        return " ".join(texts(item, depth + 1) for item in value)
    if isinstance(value, dict) and depth < _DEEPEST:
        return texts([*value, *value.values()], depth)
    return value if type(value) is str else ""
