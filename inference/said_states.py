"""Finds the words of a sentence that set a number by naming a state: "close the blind", "the fan off", "mute the radio"."""

from __future__ import annotations

import re
from functools import lru_cache

from inference.signatures import Parameter

_SAID = {
    "closed": re.compile(
        r"\b(?P<said>close[ds]?|closing|shut|shutting)\b(?! (?:to|by|up|down|off)\b|-)"
        r"|\b(?P<rolled>roll|wind|put)\b(?=[^,.;!?]*?\bwindows?\b[^,.;!?]*?\bup\b| up\b[^,.;!?]*?\bwindows?\b)"
    ),
    "open": re.compile(
        r"(?<!\bthe )(?<!\ban )\b(?P<said>open|opened|opening)\b(?!-)"
        r"|\b(?P<rolled>roll|wind|put)\b(?=[^,.;!?]*?\bwindows?\b[^,.;!?]*?\bdown\b| down\b[^,.;!?]*?\bwindows?\b)"
    ),
    "off": re.compile(
        r"\b(?:turn|turned|switch|switched|shut|put|kill|flip)\b[^,.;!?]*?(?<!\w)(?P<said>off)\b"
        r"|\bput (?P<out>out)\b|\b(?:put|lights?) (?:[\w'\u2019]+ ){0,5}?(?P<behind>out)(?=\s*(?:$|[,.;!?]|please\b))"
        r"|(?<!\w)(?P<last>off)(?=\s*(?:$|[,.;!?]|(?:please|now|again|and|then|completely|entirely|thanks)\b))"
    ),
    "silent": re.compile(r"\b(?P<said>mute|muted|silence|silent)\b"),
}
_NOT = re.compile(
    r"(?:n['\u2019]t|\b(?:not|dont|never|when|if|once|after|before|is|are|until|while))(?: [\w'\u2019]+){0,3} $"
)
# "Take the cover off" and "nod off" switch nothing off.
_TAKEN = re.compile(
    r"\b(?:take|set|drop|pull|nod|doze|call|send|cut|wipe|clean|finish|pay|leave)\b[^,.;!?]*$"
)
_PARTLY = re.compile(
    r"\b(?:(?:a|one) (?:little|tiny|bit|touch|tad|crack|notch|gap|slit|smidgen)|slightly|partly|partially|partway|somewhat"
    r"|some|half|halfway|quarter|third|thirds|ajar|crack|more|less|further|wider)\b"
)


@lru_cache(maxsize=512)
def said_state(parameter: Parameter, lower: str) -> tuple[str, float] | None:
    """Return the words that a state of a parameter is said with, and its number.

    None where none or several are said, and where something is only opened a little.
    """
    if not parameter.states or _PARTLY.search(lower):
        return None
    found = {
        (next(words for words in match.groupdict().values() if words), number)
        for state, number in parameter.states
        for match in _SAID[state].finditer(lower)
        if not _NOT.search(lower, 0, match.start())
        and not (state == "off" and _TAKEN.search(lower, 0, match.start()))
    }
    return found.pop() if len(found) == 1 else None
