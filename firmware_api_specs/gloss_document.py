"""Adds glosses to a Thing Description where it says nothing in English."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from firmware_api_specs.data_schema import GLOSS_TAG
from firmware_api_specs.gloss import gloss, language_of

_TEXTS = (("title", "titles"), ("description", "descriptions"))
_GROUPS = ("actions", "properties", "events")
_SCHEMAS_OF_AFFORDANCES = ("input", "output", "data")
_VARIABLES = "uriVariables"
_LEVELS = 16
"""How deep schemas are followed; what lies below is kept as it is."""


def with_gloss(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of a document with a gloss, tagged `GLOSS_TAG`, for every title and description without English.

    What has not the structure of a Thing Description is left as it is, for the model to complain about.
    """
    declared = declared_language(document.get("@context"))
    made = _with_variables(_described(document, declared), declared)
    for group in _GROUPS:
        if isinstance(made.get(group), dict):
            made[group] = {name: _affordance(node, declared) for name, node in made[group].items()}
    return made


def declared_language(context: Any) -> str | None:
    """Return the `@language` that a context declares, if any."""
    for part in context if isinstance(context, list | tuple) else (context,):
        if isinstance(part, Mapping) and isinstance(part.get("@language"), str):
            return str(part["@language"])
    return None


def language_of_names(document: Mapping[str, Any]) -> str:
    """Tell in which language a document's names may be: the declared one, else that of its texts, else of the names."""
    declared = declared_language(document.get("@context"))
    if declared is not None:
        return declared
    nodes = {name: node for group in _GROUPS for name, node in (document.get(group) or {}).items()}
    texts = [text for node in nodes.values() for text in _native_texts(node)]
    return language_of(" ".join(texts or nodes).replace("_", " "))


def _native_texts(node: Any) -> Iterator[str]:
    for single, _ in _TEXTS:
        if isinstance(node, Mapping) and isinstance(node.get(single), str):
            yield node[single]


def _affordance(node: Any, declared: str | None) -> Any:
    if not isinstance(node, dict):
        return node
    made = _with_variables(_schema(node, declared, _LEVELS), declared)
    for name in _SCHEMAS_OF_AFFORDANCES:
        if name in made:
            made[name] = _schema(made[name], declared, _LEVELS)
    return made


def _with_variables(made: dict[str, Any], declared: str | None) -> dict[str, Any]:
    variables = made.get(_VARIABLES)
    if isinstance(variables, dict):
        made[_VARIABLES] = {name: _schema(schema, declared, _LEVELS) for name, schema in variables.items()}
    return made


def _schema(node: Any, declared: str | None, levels: int) -> Any:
    if not isinstance(node, dict) or not levels:
        return node
    made = _described(node, declared)
    if isinstance(made.get("properties"), dict):
        made["properties"] = {
            name: _schema(member, declared, levels - 1) for name, member in made["properties"].items()
        }
    for several in ("items", "oneOf"):
        below = made.get(several)
        if isinstance(below, list | tuple):
            made[several] = [_schema(member, declared, levels - 1) for member in below]
        elif isinstance(below, dict):
            made[several] = _schema(below, declared, levels - 1)
    return made


def _described(node: Mapping[str, Any], declared: str | None) -> dict[str, Any]:
    made = dict(node)
    for single, several in _TEXTS:
        text, translations = made.get(single), made.get(several, {})
        if not isinstance(text, str) or not isinstance(translations, dict):
            continue
        if any(isinstance(tag, str) and tag.lower().split("-")[0] == "en" for tag in translations):
            continue
        own = next((tag for tag, said in translations.items() if said == text), declared)
        glossed = gloss(text, own)
        if glossed != text:
            made[several] = {**translations, GLOSS_TAG: glossed}
    return made
