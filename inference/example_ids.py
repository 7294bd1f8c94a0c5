"""Writes the identifier that a description gives as an example for what somebody calls by its name: `light.kitchen`."""

from __future__ import annotations

import re

from inference.signatures import Parameter
from inference.text import canonical_words

_ID = re.compile(r"(?<![\w.@/-])([a-z][a-z_]*)\.([a-z][a-z0-9_]*)(?![\w@/(]|\.\w)")
_ABOUT = frozenset("id ids entity entities".split())
_BEFORE = re.compile(r"^(?:the|my|our|your) ")


def example_id(parameter: Parameter, words: str) -> str | None:
    """Return the example that words mean: `light.kitchen` for "kitchen" and "kitchen light"; None where there is none."""
    if _ABOUT.isdisjoint(canonical_words(parameter.readable_name).split()):
        return None
    said = _BEFORE.sub("", canonical_words(words))
    found = set()
    for kind, name in _ID.findall(parameter.description):
        thing = canonical_words(name)
        noun = canonical_words(kind)
        if said in {thing, f"{thing} {noun}", f"{noun} {thing}", f"{thing} {noun}s"}:
            found.add(f"{kind}.{name}")
    return found.pop() if len(found) == 1 else None
