"""Which way somebody wants a value to go: up with "louder" and "not bright enough", down with "too loud" and "a bit glaring"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from inference.parameter_words import is_comparative, is_said_of, stem, way_of
from inference.scales import said_steps
from inference.signatures import Parameter

_DEGREE = (
    r"(?:(?:(?:just |still |only )?a (?:little |tiny |wee |good )?(?:bit|touch|tad|shade|little|trifle)|slightly|somewhat|rather"
    r"|quite|pretty|fairly|really|very|so|awfully|terribly|horribly|bloody|way|much|far|kind of|sort of|getting|always|still|just"
    r"|all|absolutely|simply|too) )"
)
# What somebody says who wants it otherwise, and what it is called when it is wanted.
_COMPLAINTS = {
    "freezing": "cold", "frozen": "cold", "chilly": "cold", "shivering": "cold", "cold": "cold", "nippy": "cold",
    "boiling": "hot", "roasting": "hot", "sweltering": "hot", "sweating": "hot", "scorching": "hot", "hot": "hot",
    "glaring": "bright", "blinding": "bright", "dazzling": "bright",
    "dark": "dark", "dim": "dark", "gloomy": "dark",
    "loud": "loud", "noisy": "loud", "deafening": "loud", "blaring": "loud",
    "muggy": "humid", "humid": "humid", "dry": "dry",
}  # fmt: skip
_TOO = re.compile(r"\btoo (?!much\b|many\b|little\b|few\b)(\w+)")
_TOO_MUCH = re.compile(r"\btoo (much|many|little|few)\b")
_NOT_ENOUGH = re.compile(r"(?:\bnot|n['\u2019]t|\b(?:isnt|arent)) (?:\w+ ){0,2}?(?:(\w+) )?enough\b")
_NOT_SO = re.compile(r"\bnot (?:quite )?(?:so|as|that) (\w+)")
_STATE = re.compile(
    rf"(?:['\u2019]s|['\u2019]re|['\u2019]m|\b(?:is|are|am|im|its|feels?|looks?|sounds?|seems?|gets|getting)) {_DEGREE}*(\w+)"
)
_OPEN = re.compile(
    r"\b(?:if|when|whenever|once|while|until|till|unless|as soon as|whether|how|where|what|why)\b[^,;.!?]*$"
)
_COMPARED = re.compile(r"\b(?:(more|less) (\w+)|(more|less|\w+er)\b)")
_NO_WISH = re.compile(r"(?:\bno|\bany|\bonce|\bone|what['\u2019]s|\bnot|\bnever) $")
_TURNED = re.compile(
    r"\b(?:turn|turning|crank|bump|push|bring|ramp|nudge|dial|jack|pump|take|tone|knock|notch)"
    r"(?: [\w'-]+){0,5}? (up|down)\b(?!(?: \w+){1,3} (?:calls?|caller|offer|invitation|request|bed)\b)(?! to \w+ing\b)"
)
_NOT_TURNED = re.compile(r"\b(?:call|caller|offer|invitation|request|bed|and|then|off|on)\b")
_OPENED = re.compile(
    r"\b(?P<verb>open|close|shut)\b(?: [\w'\u2019-]+){0,5}?"
    r" (?:(?:just )?a (?:little|tiny|bit|touch|tad|crack|notch|gap|slit)|slightly|further|some more|more|wider)\b"
)
ALL_THE_WAY = re.compile(r"\b(?:all the way|right|fully|way) (up|down)\b")
"""Words that turn something up or down as far as it goes."""
_STEP = re.compile(r"\b(up|down) (?:just )?(?:a (?:bit|little|notch|touch|tad|step|smidgen)|some\b)")
_VERBS = {
    **dict.fromkeys("raise raising increase increasing boost strengthen intensify amplify".split(), ("", True)),
    **dict.fromkeys("lower lowering reduce reducing decrease decreasing weaken lessen".split(), ("", False)),
    "brighten": ("bright", True), "dim": ("bright", False), "darken": ("bright", False), "quieten": ("loud", False),
    "slow down": ("fast", False), "speed up": ("fast", True), "cool down": ("hot", False), "warm up": ("hot", True),
}  # fmt: skip
_CHANGING = re.compile(
    rf"\b({'|'.join(verb for verb in _VERBS if ' ' not in verb)})\b"
    r"|\b(slow|speed|cool|warm) (?:it |things |the room )?(down|up)\b"
)
_UNSEEN = re.compile(
    r"\b(?:can(?:no|['\u2019])?t|can not|can (?:hardly|barely|scarcely)|(?:hardly|barely)) (see|read|hear)\b"
)
# "The dim light" and "it is too dim" dim nothing.
_ADJECTIVE = re.compile(
    r"\b(?:the|a|an|too|so|is|very|more|less|bit|really|rather|quite|not|\w+['\u2019]s) $"
)
_FOR_SENSE = {"see": "bright", "read": "bright", "hear": "loud"}
_OF_TIME = frozenset({"late", "soon", "early", "long", "short", "far", "near", "close", "few"})


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted: more of what an adjective says, or less; of a wish without an adjective only which way."""

    adjective: str
    is_more: bool

    def way(self, parameter: Parameter | None = None) -> int | None:
        """Return 1 for up, 0 for down, None where nobody knows."""
        way = way_of(self.adjective, parameter) if self.adjective else 1
        return None if way is None else way if self.is_more else 1 - way

    def is_of(self, text: str) -> bool:
        """Whether it may be said of what a text describes: "louder" of a volume, but of no brightness."""
        return not self.adjective or is_said_of(self.adjective, text)


def wishes(lower: str) -> list[Wish]:
    """Return all that a text wants to be otherwise, the same wish once."""
    found = [
        *(Wish(stem(match[1]), is_more=False) for match in _TOO.finditer(lower) if _is_known(match[1])),
        *(Wish("", is_more=match[1] in {"little", "few"}) for match in _TOO_MUCH.finditer(lower)),
        *(Wish(_known(match[1]), is_more=True) for match in _NOT_ENOUGH.finditer(lower)),
        *(Wish(stem(match[1]), is_more=False) for match in _NOT_SO.finditer(lower) if _is_known(match[1])),
        *(
            Wish(_COMPLAINTS[match[1]], is_more=False)
            for match in _STATE.finditer(lower)
            if match[1] in _COMPLAINTS and not _OPEN.search(lower, 0, match.start())
        ),
        *(
            Wish("", is_more=match[1] == "up")
            for match in _TURNED.finditer(lower)
            if not _NOT_TURNED.search(match[0])
        ),
        *(
            Wish("", is_more=match[1] == "up")
            for match in (*_STEP.finditer(lower), *ALL_THE_WAY.finditer(lower))
        ),
        *(
            Wish("open" if match["verb"] == "open" else "close", is_more=True)
            for match in _OPENED.finditer(lower)
        ),
        *(
            Wish(*_VERBS[verb])
            for match in _CHANGING.finditer(lower)
            for verb in [match[1] or f"{match[2]} {match[3]}"]
            if verb in _VERBS and not _ADJECTIVE.search(lower, 0, match.start())
        ),
        *(Wish(_FOR_SENSE[match[1]], is_more=True) for match in _UNSEEN.finditer(lower)),
        *_compared(lower),
        *(Wish("", is_more=steps > 0) for steps in [said_steps(lower)] if steps is not None),
    ]
    return list(dict.fromkeys(found))


def wished_way(said: Sequence[Wish], parameter: Parameter, about: str = "") -> int | None:
    """Return 1 where a parameter is wanted to go up, 0 for down; None where nothing or both is said of it."""
    text = f"{parameter.readable_name} {parameter.unit or ''} {parameter.description} {about}"
    ways = {way for wish in said if wish.is_of(text) for way in [wish.way(parameter)] if way is not None}
    return ways.pop() if len(ways) == 1 else None


def _compared(lower: str) -> list[Wish]:
    found = []
    for match in _COMPARED.finditer(lower):
        is_compared = match[2] == "than" or lower.startswith(" than ", match.end())
        if is_compared or _NO_WISH.search(lower, 0, match.start()):
            continue
        word = match[1] or match[3]
        if word in {"more", "less"}:
            # "More light" is brighter, "more gentle" is gentler.
            adjective = "bright" if match[2] == "light" else _known(match[2])
            found.append(Wish(adjective, is_more=word == "more"))
        elif is_comparative(word) and word != "lower" and stem(word) not in _OF_TIME:
            found.append(Wish(stem(word), is_more=True))
    return found


def _is_known(word: str) -> bool:
    return way_of(word) is not None and stem(word) not in _OF_TIME


def _known(word: str | None) -> str:
    return stem(word) if word and _is_known(word) else ""
