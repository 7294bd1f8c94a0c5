"""Baselines without understanding: what a figure is worth is seen beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evals.items import Action, Call, Device, Item
from inference.text import Sentence, canonical_words, prepare
from inference.units import convert
from inference.words import split_words

_STOP_WORDS = frozenset(
    """
    a all am an and any are as at be been but by can could did do does for from had has have he her his how i if in into
    is it its just let may me might must my no not now of off on or our out please shall she should so some than that the
    their them then there these they this those to up us was we were what when which while who will with would you your
    """.split()
)


def always_refuse(_: Item) -> list[Call]:
    """Call nothing, whatever was said."""
    return []


def shared_words(item: Item) -> list[Call]:
    """Call the action that shares most words with the sentence, with the first fitting values; nothing if none does."""
    said = telling_words(item.utterance)
    best: tuple[int, Device, Action] | None = None
    for device in item.addressed:
        for action in device.actions:
            described = f"{action.name} {action.description} {device.title}"
            shared = len(said & telling_words(described))
            if shared and (best is None or shared > best[0]):
                best = (shared, device, action)
    if best is None:
        return []
    _, device, action = best
    sentence = prepare(item.utterance)
    arguments: dict[str, Any] = {}
    for name, schema in action.arguments.items():
        value = _first_fitting(schema, sentence)
        if value is not None:
            arguments[name] = value
    return [Call(device=device.id, action=action.name, arguments=arguments)]


def telling_words(text: str) -> frozenset[str]:
    """Return the words of a text that say what it is about."""
    return frozenset(split_words(text)) - _STOP_WORDS


def _first_fitting(schema: Mapping[str, Any], sentence: Sentence) -> Any:
    for choice in schema.get("enum") or ():
        if f" {canonical_words(str(choice))} " in f" {canonical_words(sentence.lower)} ":
            return choice
    if schema.get("enum"):
        return None
    match schema.get("type"):
        case "integer" | "number":
            return _first_number(schema, sentence)
        case "boolean":
            return not {"off", "no", "not", "without"} & set(sentence.lower.split())
        case "string":
            words = [word.strip(",.;:!?\"'") for word in sentence.text.split()]
            return next((word for word in words[1:] if word and not word.islower()), None)
    return None


def _first_number(schema: Mapping[str, Any], sentence: Sentence) -> int | float | None:
    for quantity in sentence.quantities:
        value = convert(quantity.value, quantity.unit, schema.get("unit"))
        if value is None:
            continue
        low, high = schema.get("minimum"), schema.get("maximum")
        if (low is None or value >= low) and (high is None or value <= high):
            return round(value) if schema.get("type") == "integer" else value
    return None
