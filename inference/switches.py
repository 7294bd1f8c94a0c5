"""Finds where a sentence switches something on or off: "turn the lamp on", "switch off the fan", "lamp off"."""

from __future__ import annotations

import re

from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.values import spoken_choices
from inference.words import split_words

POWER = frozenset(
    "set switch turn power on off toggle device machine unit main state system the enabled enable".split()
)
"""Words of which nothing but a device's own switch is called."""

SWITCHED = re.compile(
    r"\b(?:turn|turned|switch|switched|put|flip|click)\b(?: (?P<behind>on|off)\b(?P<after>[^,.;!?]*)"
    r"|(?P<thing>[^,.;!?]*?) (?P<state>on|off)\b(?P<rest>[^,.;!?]*))"
    # "Lamp off", "lights on please".
    r"|^(?P<named>(?:[a-z]+ ){0,3})(?P<way>on|off)(?: (?:please|now|again|completely))*[.! ]*$"
)
_NAMES = frozenset("on power powered enabled enable state switch switched".split())
_NO_NAMES = frozenset("is set turned the".split())
_NOT = re.compile(r"(?:n['\u2019]t|\b(?:not|dont|never|when|if|once|after|before))(?: [\w'\u2019]+){0,2} $")
_NEXT = re.compile(r"\b(?:and|then|but)\b(?= (?:then )?(?:turn|switch|put|flip|click)\b)")
# What stands behind these says how or when, and not what is switched.
_HOW = re.compile(r" (?:at|to|with|in|for|by|until|till|from|after|before)\b.*")


def said_switch(parameter: Parameter, function: FunctionSignature, lower: str) -> bool | None:
    """Return what a sentence sets the switch to among the optional values of a function: the `on` of `set_state(on, brightness)`.

    None where another value is what is switched ("turn on the candle effect"), and where nothing or both is said.
    """
    name = set(split_words(parameter.readable_name)) - _NO_NAMES
    if parameter.kind is not ParameterKind.BOOLEAN or not name or not name <= _NAMES:
        return None
    others = {
        word.removesuffix("s")
        for other in function.parameters
        if other is not parameter
        for text in (other.readable_name, *spoken_choices(other))
        for word in split_words(text)
    }
    said = set()
    parts = [part.strip() for part in _NEXT.split(lower)]
    for match in (match for part in parts for match in SWITCHED.finditer(part)):
        thing = _HOW.sub("", " ".join(match[group] or "" for group in ("thing", "after", "named")))
        words = {word.removesuffix("s") for word in split_words(thing)}
        if others.isdisjoint(words) and not _NOT.search(match.string, 0, match.start()):
            said.add("on" in {match["behind"], match["state"], match["way"]})
    return said.pop() if len(said) == 1 else None
