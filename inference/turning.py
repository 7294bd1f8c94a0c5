"""Tells which way something is to turn: for what turns, left is counterclockwise and right is clockwise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from inference.words import Place

_COUNTER = r"(?:counter|anti)[- _]?clock[- _]?wise|ccw|acw"
_TURN = re.compile(rf"(?<![a-z])(?:(?P<counter>{_COUNTER})|clock[- _]?wise|cw)(?![a-z])")
_VERB = r"(?:turn|rotate|spin|yaw|pivot|swivel|twist|revolve|swing|pirouette)(?:s|ing|ed)?"
_END = r"(?=\s*(?:$|[,.;!?])| (?:by|about|around|through|for|and|then|at|now|please|a|until|till|slowly|quickly|\d))"
# "Turn left", "spin it to the left", "a left turn"; but "turn the left burner off" turns nothing to the left.
_SIDEWAYS = re.compile(
    rf"\b{_VERB}(?: (?!off\b|on\b|left\b|right\b)[\w.'\u2019-]+){{0,6}}? (?P<side>left|right)(?:wards?)?{_END}"
    rf"|\b(?P<before>left|right)(?:-hand)? (?:turn|spin|rotation|pirouette)\b"
)
_CLOCKWISE, _COUNTERCLOCKWISE, _LEFT, _RIGHT = "clockwise", "counterclockwise", "left", "right"
_OPPOSITES = {"north": "south", "east": "west", _RIGHT: _LEFT, _CLOCKWISE: _COUNTERCLOCKWISE}
_OPPOSITES |= {second: first for first, second in _OPPOSITES.items()}
_SIGN = re.compile(
    r"\b(?:(?P<positive>positive|plus)|negative|minus)(?: (?:values?|numbers?|angles?|degrees))?"
    r"(?: (?:is|are|means?|goe?s?|moves?|turns?|rotates?|spins?|pans?))*[ =:]+(?:to the )?(?P<way>[a-z]+)"
    r"|(?<![a-z])(?P<first>[a-z]+) (?:is|when|if|=) (?:(?P<plus>positive|plus)|negative|minus)"
)


def said_turns(lower: str) -> Iterator[tuple[bool, Place]]:
    """Give each turn that a text speaks of: whether it is clockwise, and where it says so."""
    for match in _TURN.finditer(lower):
        yield match["counter"] is None, match.span()
    for match in _SIDEWAYS.finditer(lower):
        yield _RIGHT in {match["side"], match["before"]}, match.span("side" if match["side"] else "before")


def said_turn(lower: str) -> bool | None:
    """Whether a text speaks of turning clockwise; None where it speaks of no turn, or of both."""
    ways = {way for way, _ in said_turns(lower)}
    return ways.pop() if len(ways) == 1 else None


def turn_of_name(words: str) -> bool | None:
    """Whether what has such a name turns clockwise: "rotate ccw" and "turn left" do not; None where it does not turn."""
    named = said_turn(words)
    return said_turn(words.replace("_", " ")) if named is None else named


def turning_choices(choices: Sequence[str], lower: str) -> Mapping[str, tuple[bool, Place]]:
    """Return the choices that a text names by another word for the same turn: `clockwise` of "turn right".

    With each comes whether it is meant, which the one for the other turn is not, and where that is said.
    """
    ways = {_way(choice): choice for choice in choices}
    clockwise, counter = ways.get(_CLOCKWISE), ways.get(_COUNTERCLOCKWISE)
    if clockwise is None or counter is None:
        if re.search(r"\b(?:left|right)\b", lower) or not {_LEFT, _RIGHT} <= ways.keys():
            return {}
        clockwise, counter = ways[_RIGHT], ways[_LEFT]
    turns = list(said_turns(lower))
    others = {counter if way else clockwise: (False, place) for way, place in turns}
    return others | {clockwise if way else counter: (True, place) for way, place in turns}


def has_signed_ways(description: str) -> bool:
    """Whether a description says what a number below or above 0 means, by ways that are opposite: "positive is clockwise"."""
    return bool(_signs(description)) and "absolute" not in description.lower()


def said_sign(description: str, lower: str) -> bool | None:
    """Whether words say a number above 0 of what a description says the sign of; None where they say nothing or both."""
    signs = _signs(description)
    said = {word for each in re.findall(r"[a-z]+", _TURN.sub(" ", lower)) for word in [_plain(each)]}
    said |= {_CLOCKWISE if way else _COUNTERCLOCKWISE for way, _ in said_turns(lower)}
    if {_CLOCKWISE, _COUNTERCLOCKWISE}.isdisjoint(signs):
        said |= {_RIGHT if each == _CLOCKWISE else _LEFT for each in said & {_CLOCKWISE, _COUNTERCLOCKWISE}}
    found = {signs[word] for word in said if word in signs}
    return found.pop() if len(found) == 1 else None


def _signs(description: str) -> Mapping[str, bool]:
    """Read which ways a description calls positive, and take the opposite ways for negative."""
    signs: dict[str, bool] = {}
    text = _TURN.sub(lambda match: _COUNTERCLOCKWISE if match["counter"] else _CLOCKWISE, description.lower())
    for match in _SIGN.finditer(text):
        way = _plain(match["way"] or match["first"])
        if way in _OPPOSITES:
            is_positive = bool(match["positive"] or match["plus"])
            signs[way] = is_positive
            signs.setdefault(_OPPOSITES[way], not is_positive)
    return signs


def _plain(word: str) -> str:
    short = re.sub(r"wards?$", "", word)
    return short if short in _OPPOSITES else word


def _way(choice: str) -> str:
    turn = _TURN.fullmatch(choice)
    return choice if turn is None else _COUNTERCLOCKWISE if turn["counter"] else _CLOCKWISE
