"""Tells which numbers stand for "closed", "open", "off" and "silent": as a description says, or as is usual for what opens.

A device that opens to a percentage has no function for closing; "close the blind" sets that percentage to 0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from inference.signatures import FunctionSignature, Parameter
from inference.text import canonical_words
from inference.words import split_words

_CLOSED, _OPEN, _OFF, _SILENT = "closed", "open", "off", "silent"
_STATE_BY_WORD = {
    **dict.fromkeys(("closed", "close", "closes", "shut"), _CLOSED),
    **dict.fromkeys(("open", "opened", "opens"), _OPEN),
    **dict.fromkeys(("off", "dark", "out"), _OFF),
    **dict.fromkeys(("silent", "mute", "muted", "mutes", "silence", "silenced"), _SILENT),
}
_WORD = rf"(?P<word>{'|'.join(_STATE_BY_WORD)})\b"
_NUMBER = r"(?<![\d.,-])(?P<number>-?\d+(?:\.\d+)?)(?![\d]|\.\d)"
_BETWEEN = r"(?:is|are|means?|for|to|the|it|at|as|fully|completely|totally|quite|all|way|turn(?:s|ed)?|switch(?:es|ed)?)"
# As in "0 is closed", "0 switches the fan off" and "0 (shut)".
_NUMBER_FIRST = re.compile(
    rf"{_NUMBER}\s*(?:%|percent)?[\s=:(-]+(?:{_BETWEEN}\s+){{0,4}}(?:[a-z]+\s+(?=off\b|out\b))?{_WORD}"
)
# "closed at 0", "off = 0", but not "how far open: 0 is ..."
_WORD_FIRST = re.compile(rf"(?<!far )(?<!much )\b{_WORD}(?:\s+(?:is|at|means))?[ :=(]+{_NUMBER}")
_OPENING = re.compile(
    r"\b(?:blinds?|shutters?|curtains?|drapes?|windows?|vents?|vanes?|dampers?|valves?|doors?|gates?|covers?|awnings?|shades?|skylights?"
    r"|hatch(?:es)?|louvers?|louvres?|sluices?|lids?|sunroof)\b"
)
_OPENING_NAMES = frozenset(
    "position pos opening openness open percent percentage pct level value aperture".split()
)
_CLOSING_NAMES = frozenset("closed closing closure".split())
_TURNED_DOWN = re.compile(
    r"\b(?:brightness|volume|loudness|speed|power|intensity|dim(?:mer|ming)?|heat(?:ing)?|fan|strength|flow|steam|suction|vibration|massage)\b"
)
_LOUDNESS = re.compile(r"\b(?:volume|loudness|sound)\b")
_MEASURED = frozenset({"percent", None})
_VERBS: Mapping[str, frozenset[str]] = {
    _CLOSED: frozenset({"close", "shut"}),
    _OPEN: frozenset({"open"}),
    _OFF: frozenset("off stop power switch toggle shutdown deactivate disable".split()),
    _SILENT: frozenset({"mute", "unmute", "silence"}),
}
_COMMON = frozenset("turn set to go start on up down all the a".split())


def with_states(functions: Sequence[FunctionSignature], about: str) -> tuple[FunctionSignature, ...]:
    """Give the functions' quantities the numbers that words for a state mean, unless another function is there for that state.

    Args:
        functions: all of a device.
        about: the device's title, which often is all that tells what opens.
    """
    return tuple(
        replace(
            function,
            parameters=tuple(
                replace(parameter, states=_kept(_states(parameter, function, about), function, functions))
                if parameter.required
                and parameter.is_quantity
                and not parameter.many
                and not parameter.is_step
                else parameter
                for parameter in function.parameters
            ),
        )
        for function in functions
    )


def _states(parameter: Parameter, function: FunctionSignature, about: str) -> dict[str, float]:
    low, high = parameter.minimum, parameter.maximum
    if low is None or high is None or low >= high or parameter.format or parameter.clock or parameter.channel:
        return {}
    is_only = sum(other.is_quantity for other in function.parameters) == 1
    told = _told(f"{parameter.description}. {function.description if is_only else ''}".lower(), low, high)
    name = canonical_words(parameter.readable_name)
    called = f"{name} {canonical_words(function.readable_name)}"
    if low == 0 and parameter.unit in _MEASURED:
        told = (
            _usual_ends(
                name.split(), f"{called} {function.description} {parameter.description} {about}", high
            )
            | told
        )
        if _TURNED_DOWN.search(called):
            told = {_OFF: low} | told
    if low == 0 and _LOUDNESS.search(called):
        told = {_SILENT: low} | told
    if (_CLOSED in told) != (_OPEN in told):
        known, other = (_CLOSED, _OPEN) if _CLOSED in told else (_OPEN, _CLOSED)
        if told[known] in {low, high}:
            told[other] = high if told[known] == low else low
    return told


def _usual_ends(name: Sequence[str], words: str, high: float) -> dict[str, float]:
    """Return which end is open for what opens by so much; nothing for what opens nothing, or where numbers are explained."""
    if name[-1] not in _OPENING_NAMES | _CLOSING_NAMES or not _OPENING.search(words.lower()):
        return {}
    if any(map(str.isdigit, words)):
        return {}
    ends = (_OPEN, _CLOSED) if _CLOSING_NAMES & set(name) else (_CLOSED, _OPEN)
    return dict(zip(ends, (0.0, high), strict=True))


def _told(text: str, low: float, high: float) -> dict[str, float]:
    """Read the numbers that a description gives for states; none of a state that it gives two for."""
    found: dict[str, set[float]] = {}
    named = set()
    for match in _NUMBER_FIRST.finditer(text):
        named.add(match.start("number"))
        found.setdefault(_STATE_BY_WORD[match["word"]], set()).add(float(match["number"]))
    for match in _WORD_FIRST.finditer(text):
        if match.start("number") not in named:
            found.setdefault(_STATE_BY_WORD[match["word"]], set()).add(float(match["number"]))
    return {
        state: numbers.pop()
        for state, numbers in found.items()
        if len(numbers) == 1 and low <= min(numbers) <= high
    }


def _kept(
    states: Mapping[str, float], function: FunctionSignature, functions: Sequence[FunctionSignature]
) -> tuple[tuple[str, float], ...]:
    """Leave out the states that another function of the same thing is there for: `turn_off` beside `set_brightness`."""
    words = set(split_words(function.readable_name))
    words |= {word for parameter in function.parameters for word in split_words(parameter.readable_name)}
    others = [set(split_words(other.readable_name)) for other in functions if other is not function]
    return tuple(
        (state, number)
        for state, number in states.items()
        if not any(
            other & _VERBS[state]
            and (not other - _VERBS[state] - _COMMON or (other - _COMMON) & (words - _COMMON))
            for other in others
        )
    )
