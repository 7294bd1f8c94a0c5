"""Tells which values are the two ends of a range, "8 till 12", and which parameters take its beginning and its end."""

from __future__ import annotations

import re

from inference.signatures import Parameter
from inference.text import Sentence, canonical_words
from inference.words import Place

_RANGE_JOINT = re.compile(r" ?(?:to|till|til|until|through|thru|up to|-|\u2013)(?: the)? ?")
_BEGINS = frozenset(
    "start from begin beginning since source origin pickup low lo min minimum lower first".split()
)
_ENDS = frozenset(
    "end to until stop finish till destination target dropoff high hi max maximum upper last".split()
)


def is_range(first: Place, last: Place, sentence: Sentence) -> bool:
    """Whether two places are the ends of a range: "8 till 12", "between 18 and 22", "from R1 to R3"."""
    lower = sentence.lower
    between = lower[first[1] : last[0]]
    if _RANGE_JOINT.fullmatch(between):
        return True
    return between == " and " and re.search(r"(?<!\w)between (?:the )?$", lower[: first[0]]) is not None


def range_order(one: Parameter, other: Parameter) -> bool | None:
    """Say which of two parameters is the beginning of a range: the first (True), the other (False); None where neither is."""
    if (one.kind, one.format, one.unit) != (other.kind, other.format, other.unit):
        return None
    ours, theirs = (set(canonical_words(each.readable_name).split()) for each in (one, other))
    if ours & _BEGINS and theirs & _ENDS:
        return True
    return False if ours & _ENDS and theirs & _BEGINS else None
