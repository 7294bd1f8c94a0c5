"""Tells when a number without a sign lies below 0: "45 degrees down" where -90 is straight down, "2 floors below ground".

Only a description tells what lies below 0, of storeys alone everybody knows: those below the ground.
"""

from __future__ import annotations

import re
from functools import lru_cache

from inference.signatures import Parameter
from inference.text import Sentence
from inference.turning import said_turns

_OPPOSITES = {
    word: other
    for pair in (
        "up down",
        "left right",
        "forward backward",
        "north south",
        "east west",
        "clockwise counterclockwise",
        "out in",
        "open closed",
    )
    for one, two in [pair.split()]
    for word, other in ((one, two), (two, one))
}
_FORMS = (
    (r"(?:counter|anti)[- _]?clock[- _]?wise|ccw", "counterclockwise"),
    (r"clock[- _]?wise|cw", "clockwise"),
    (r"(?:up|down|left|right|forward|backward|north|south|east|west)wards?", ""),
    (r"backwards?|back|reverse", "backward"),
    (r"forwards?|ahead", "forward"),
    (r"upper|raised?|above|higher", "up"),
    (r"lowered|below|lower", "down"),
)
_WORD = re.compile(r"(?:counter|anti)[- _]clock[- _]?wise|clock[- _]wise|[a-z]+")
_BELOW = r"(?:negative|minus|below (?:0|zero)|[-\u2212]\d+(?:\.\d+)?(?: ?(?:°|deg(?:rees?)?|%|percent))?)"
_ABOVE = r"(?:positive|plus|above (?:0|zero)|\+ ?\d+(?:\.\d+)?(?: ?(?:°|deg(?:rees?)?|%|percent))?)"
_IS = (
    r"(?: (?:values?|numbers?|angles?|degrees))?(?: (?:is|are|for|means?|goe?s?|moves?|turns?|tilts?|pans?|looks?|points?))*"
    r"[ =:(]+(?:(?:to the|straight|fully|all the way|far|hard|completely) )*"
)
_SIGNED = re.compile(rf"(?:(?P<below>{_BELOW})|{_ABOVE}){_IS}(?P<way>{_WORD.pattern})")
_WAY_FIRST = re.compile(
    rf"(?<![\w-])(?P<way>{_WORD.pattern})(?: (?:is|are|when|if|=))+ (?:(?P<below>{_BELOW})|{_ABOVE})(?![\w-])"
)
_WAY_BEHIND = re.compile(
    rf"(?: degrees?| notches| steps)? (?:to (?:the|its|your|my) )?(?P<way>{_WORD.pattern})"
)
_STOREY = re.compile(r"\b(?:floor|level|storey|story|deck|basement|landing)s?\b")
_UNDERGROUND = re.compile(
    r"\b(?:below (?:the )?(?:ground|street|surface|earth)|under(?: the |-| )?ground|underneath the ground"
    r"|(?:sub-?)?basements?|cellars?|subterranean)\b"
)


def lies_below(parameter: Parameter, near: str) -> bool:
    """Whether the words around a number without a sign say that it is below 0; `near` is the part of the sentence they are."""
    if parameter.is_step or parameter.minimum is None or parameter.minimum >= 0:
        return False
    about = f"{parameter.readable_name} {parameter.description}".lower().replace("_", " ")
    if _UNDERGROUND.search(near) and _STOREY.search(about):
        return True
    signs = dict(_signs(parameter.description.lower()))
    said = {way for word in _WORD.findall(near) for way in [_plain(word)] if way in signs}
    said |= {"clockwise" if way else "counterclockwise" for way, _ in said_turns(near)} & signs.keys()
    return {signs[way] for way in said} == {False}


def tells_sign(parameter: Parameter, word: str) -> bool:
    """Whether a description tells the sign of a value by such a word: "up", where below 0 is down."""
    has_both = parameter.minimum is not None and parameter.minimum < 0 and not parameter.is_step
    return has_both and _plain(word) in dict(_signs(parameter.description.lower()))


def said_with_way(parameter: Parameter, sentence: Sentence) -> list[str]:
    """Return the amounts that a way stands behind of which the description tells the sign, as a value is written for them.

    Of "20 degrees left and 5 down" the first is how far something pans, where left is negative, the second how far it tilts.
    """
    signs = dict(_signs(parameter.description.lower()))
    if not signs or not parameter.is_quantity or parameter.many or (parameter.minimum or 0) >= 0:
        return []
    found = []
    for quantity in sentence.quantities:
        said = re.search(
            rf"(?<![\w.]){re.escape(quantity.text)}(?!\.\d|\w){_WAY_BEHIND.pattern}", sentence.lower
        )
        way = _plain(said["way"]) if said else None
        if way in signs and quantity.value > 0:
            turned = f"{'up' if signs[way] else 'down'} {quantity.text}"
            found.append(turned if parameter.is_step else quantity.text)
    return found


@lru_cache(maxsize=256)
def _signs(description: str) -> tuple[tuple[str, bool], ...]:
    """Read which ways a description calls positive, and which negative; the opposite of one is the other."""
    signs: dict[str, bool] = {}
    for match in (*_SIGNED.finditer(description), *_WAY_FIRST.finditer(description)):
        way = _plain(match["way"])
        if way in _OPPOSITES:
            is_positive = match["below"] is None
            signs[way] = is_positive
            signs.setdefault(_OPPOSITES[way], not is_positive)
    return tuple(signs.items())


def _plain(word: str) -> str:
    for pattern, way in _FORMS:
        if re.fullmatch(pattern, word):
            return way or re.sub(r"wards?$", "", word)
    return word
