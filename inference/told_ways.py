"""Finds both ends of a way: "from 3 Mill Lane to Sunset Arena", "pass the last mail from Ann on to Bob".

A function that takes both as texts has one for where something comes from and one for where it goes: "from" and "to" tell them
apart. "Home" is a place of its own for whoever drives there.
"""

from __future__ import annotations

import re

from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import Sentence, canonical_words
from inference.words import Place

_FROM = frozenset("from origin source pickup start departure sender".split())
_TO = frozenset("to destination dropoff target recipient receiver end goal arrival".split())
_PART = (
    r"(?:(?:the|my|our) )?(?!(?:the|my|our) )"
    r"(?P<{}>[\w'\u2019.&-]+(?: (?!(?:and|then|please|from|to|on|by|for|at|with|in)\b)[\w'\u2019.&-]+){{0,4}})"
)
_END = r"(?=[.!?]?\s*$|[,;:!?]|\.\s| (?:and|then|please|by|for|at|with|on|in|now|today|tonight|tomorrow)\b)"
_WAY = re.compile(
    rf"(?<!\w)from {_PART.format('start')}(?: on| over| through)? (?:to|towards) {_PART.format('end')}{_END}"
)
_BACK = re.compile(rf"(?<!\w)to {_PART.format('end')} from {_PART.format('start')}{_END}")


# "Navigate home": no place is called so, and every driver has one.
_HOME = re.compile(
    r"(?<!\w)(?:navigate|drive|go|head|(?:take|get|bring|drive|guide|lead) (?:me|us)|directions|route|(?:the )?way)(?: back)?"
    r" (?P<end>home)(?=[.!?]?\s*$|[,;:!?]|\.\s| (?:and|then|please|now|via|by|but|from|at|the)\b)"
)
_PLACES = frozenset("place address location".split())


def told_ways(parameter: Parameter, function: FunctionSignature, sentence: Sentence) -> list[Place]:
    """Return where a sentence says what a function's text takes that is one end of a way; none where it has not both."""
    ends = [_end_of(each) for each in function.parameters]
    own = _end_of(parameter)
    name = canonical_words(parameter.readable_name).split()
    is_goal = _is_text(parameter) and (own == "end" or not _PLACES.isdisjoint(name))
    if home := [match.span("end") for match in _HOME.finditer(sentence.lower) if is_goal]:
        return home
    if own is None or sorted(end for end in ends if end) != ["end", "start"]:
        return []
    return [
        match.span(own)
        for pattern in (_WAY, _BACK)
        for match in pattern.finditer(sentence.lower)
        # "From 7 to 9" is a time.
        if not any(re.fullmatch(r"[\d:.]+(?: ?[ap]m)?", match[end]) for end in ("start", "end"))
    ]


def _is_text(parameter: Parameter) -> bool:
    is_any = not (parameter.choices or parameter.format or parameter.many)
    return parameter.kind is ParameterKind.STRING and is_any


def _end_of(parameter: Parameter) -> str | None:
    if not _is_text(parameter):
        return None
    words = canonical_words(parameter.readable_name).split()
    words = [
        "pickup" if words == ["pick", "up"] else "dropoff" if words == ["drop", "off"] else word
        for word in words
    ]
    is_start, is_end = not _FROM.isdisjoint(words), not _TO.isdisjoint(words)
    return None if is_start == is_end else "start" if is_start else "end"
