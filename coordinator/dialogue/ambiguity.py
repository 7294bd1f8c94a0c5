"""Asks which device is meant where a goal names one of several by what they all are: "the lamp", of three lamps. Pure.

Devices that no name tells apart, such as robots with numbers, are as good as one another: any of them will do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from coordinator.dialogue.memory import ChatMemory
from coordinator.dialogue.questions import OpenQuestion, which
from coordinator.wording import plural
from inference.device_names import DeviceNames, means_all, means_any, thing_of_name, told_apart
from inference.plan import KindProfile
from inference.words import split_words

_MOST_ASKED = 8
_FOLLOWS = (
    r"(?=\W*$|[,.;!?]|\s+(?:to|in|on|off|at|by|up|down|for|and|then|please|now|again|until|with|from|a|an|the|is|half|fully|"
    r"completely|slightly|\d))"
)


def which_device(text: str, kinds: Sequence[KindProfile], memory: ChatMemory) -> str | OpenQuestion:
    """Return the goal, with the device's name where the chat spoke of just one such; or the question which one is meant."""
    siblings = told_apart(kinds)
    names = DeviceNames.of(kinds, siblings)
    lower = text.casefold()
    if len(names.names) < 2 or means_all(lower) or means_any(lower):  # noqa: PLR2004 - one cannot be mistaken
        return text
    said = names.said(lower)
    fitting = [kind for kind in names.names if said and said <= names.words(kind)]
    things = {thing_of_name(kind) for kind in fitting}
    # Whatever else was said of them would have told them apart.
    if not 1 < len(fitting) <= _MOST_ASKED or len(things) != 1:
        return text
    thing = things.pop()
    match = re.search(rf"\b(?:the|my|our) {re.escape(thing)}\b{_FOLLOWS}", text, re.IGNORECASE)
    if match is None or plural(thing) in lower:
        return text
    spoken = [words for turn in memory.newest_first() if (words := split_words(turn.goal or ""))][:1]
    recent = [kind for kind in fitting if spoken and _is_run(split_words(kind), spoken[0])]
    if len(recent) == 1:
        return f"{text[: match.start()]}the {recent[0]}{text[match.end() :]}"
    template = f"{text[: match.start()]}the {{}}{text[match.end() :]}"
    return which(f"Which {thing} do you mean?", sorted(fitting), template)


def _is_run(name: Sequence[str], words: Sequence[str]) -> bool:
    size = len(name)
    return any(list(words[place : place + size]) == list(name) for place in range(len(words) - size + 1))
