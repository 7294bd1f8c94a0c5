"""Finds what makes an order one that cannot be followed, whatever functions come near to it: another day, or its own opposite.

"Wake me tomorrow with the lamp" does not ask for the lamp now, and nothing can be locked and kept unlocked at the same time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from inference.day_texts import day_writing, named_days, tells_which
from inference.goal_clauses import is_statement
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.values import spoken_choices
from inference.words import clause_places, quoted_places

_TODAY = frozenset({"today", "yesterday"})
_TIME_WORD = re.compile(r"day|week|night|tomorrow|date|when")
_TIME_UNITS = frozenset({"second", "minute", "hour", "day"})
# What holds until then, is for then or is so because of then is done now.
_DONE_NOW = re.compile(
    r"(?<!\w)(?:for|until|till|til|by|before|since|from|through|to|of|not|than|about|as of|'s)(?: the)? $"
)
_REASON = re.compile(
    r"(?<!\w)(?:so|because|since|if|that|as|who|which|when|while|before|until|till|will|wo|is|are|was|be|going|gonna|has|have)(?!\w)"
    r"|['\u2019](?:ll|s|re|m)(?!\w)|n['\u2019]t(?!\w)"
)
_PRONOUN = (
    r"(?:it|them|that|this|(?:that|this|the) same(?: \w+)?|the (?:door|window|valve|gate|lamp|light|lid))"
)
_AT_ONCE = r"(?:\s+(?:at the same time|all the while|meanwhile|as well|too|also|please))*"
_OPPOSITES = (
    (r"(?:lock|bolt)", r"(?:unlocked|open|unbolted)"),
    (r"(?:unlock|unbolt)", r"(?:locked|bolted)"),
    (r"open(?: up)?", r"(?:shut|closed|locked)"),
    (r"(?:close|shut)", r"open"),
    (r"(?:turn|switch|put) (?:on|[^,.;]+? on)", r"(?:off|dark|switched off|turned off)"),
    (r"(?:turn|switch|put) (?:off|[^,.;]+? off)", r"(?:on|lit|switched on|turned on|running)"),
    (r"(?:start|run)", r"(?:stopped|off|paused)"),
    (r"(?:stop|pause)", r"(?:running|playing|going)"),
    (r"(?:raise|lift)", r"(?:down|lowered)"),
    (r"(?:lower|drop)", r"(?:up|raised)"),
    (r"mute", r"(?:unmuted|loud|audible)"),
    (r"unmute", r"(?:muted|silent)"),
)
_CONTRADICTIONS = [
    re.compile(
        rf"(?<![\w-]){order}(?![\w-])[^.;]*?(?:,| and| but| while| yet|, and|, but),? (?:also |still |yet )?"
        rf"(?:keep|keeping|leave|leaving|hold|holding) {_PRONOUN}(?: one| side)? {state}{_AT_ONCE}\s*[.!?]?$"
    )
    for order, state in _OPPOSITES
]


def contradicts_itself(lower: str) -> bool:
    """Whether a sentence asks for a state and for its opposite: "open the valve and keep it shut"."""
    return any(pattern.search(lower) for pattern in _CONTRADICTIONS)


def is_for_another_day(lower: str, functions: Iterable[FunctionSignature]) -> bool:
    """Whether a sentence asks for something on a later day, and the functions that it is taken for know no days."""
    if any(_takes_day(parameter) for function in functions for parameter in function.parameters):
        return False
    quoted = quoted_places(lower)
    return any(
        each.name not in _TODAY
        and re.search(r"day(?!\w)|days(?!\w)|tomorrow", each.text)
        and not any(start <= each.place[0] < end for start, end in quoted)
        and not tells_which(each.place, lower)
        and _is_ordered(lower, each.place)
        for each in named_days(lower)
    )


def _is_ordered(lower: str, place: tuple[int, int]) -> bool:
    """Whether the part of a sentence that a day stands in is an order for that day."""
    start, end = next(
        ((start, end) for start, end in clause_places(lower) if start <= place[0] < end), (0, len(lower))
    )
    clause, before, behind = lower[start:end], lower[start : place[0]], lower[place[1] : end]
    return not (
        is_statement(clause)
        or _DONE_NOW.search(before)
        or _REASON.search(before)
        or _REASON.search(behind)
        or behind.startswith(("'s", "\u2019s"))
        or not re.search(r"[a-z]{3}", before + behind)
    )


def _takes_day(parameter: Parameter) -> bool:
    """Whether a day may be a part of what a parameter takes."""
    if parameter.kind is ParameterKind.STRING and not parameter.choices and parameter.channel is None:
        return True
    choices: Sequence[str] = spoken_choices(parameter) if parameter.choices else ()
    return (
        parameter.clock is not None
        or parameter.unit in _TIME_UNITS
        or day_writing(parameter) is not None
        or any(
            _TIME_WORD.search(text.lower())
            for text in (*choices, parameter.readable_name, parameter.description)
        )
    )
