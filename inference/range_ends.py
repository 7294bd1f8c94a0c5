"""Tells which values are the two ends of a range, "8 till 12", and which parameters take its beginning and its end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from inference.signatures import Parameter
from inference.text import Sentence, canonical_words
from inference.words import Place

_RANGE_JOINT = re.compile(r" ?(?:to|till|til|until|through|thru|up to|-|\u2013)(?: the)? ?")
_BEGINS = frozenset(
    "start from begin beginning since source origin pickup low lo min minimum lower first".split()
)
ENDS = frozenset(
    "end to until stop finish till destination target dropoff high hi max maximum upper last".split()
)


# "Set zone 2 to 18" is no range from 2.
_RANGE = re.compile(r"(?<!\w)(?:between(?: the)?|from|at|to|of|within|in)(?: the)? $")


def end_of_range(parameter: Parameter, parameters: Sequence[Parameter], sentence: Sentence) -> str | None:
    """Return the end of the only range of a sentence that a parameter takes: of "between 19 and 24" the low one 19.

    None unless another one of a function's parameters takes the other end, and these are the only such pair.
    """
    ways = [way for other in parameters if (way := range_order(parameter, other)) is not None]
    if len(ways) != 1 or not _is_only_pair(parameters):
        return None
    ends = _said_ends(sentence)
    return None if ends is None else ends[0 if ways[0] else 1]


def _is_only_pair(parameters: Sequence[Parameter]) -> bool:
    return sum(range_order(one, other) is True for one in parameters for other in parameters) == 1


def _said_ends(sentence: Sentence) -> tuple[str, str] | None:
    """Return the quantities that are the ends of the only range of a sentence, "between 18 and 22"; None where none are."""
    lower, found = sentence.lower, list[tuple[str, str]]()
    texts = [quantity.text for quantity in sentence.quantities]
    for one, other in pairwise(texts):
        for match in re.finditer(
            rf"(?<![\w.]){re.escape(one)}(?P<joint>[^\d,;]{{1,10}}){re.escape(other)}(?!\w)", lower
        ):
            first, last = (match.start(), match.start("joint")), (match.end("joint"), match.end())
            if is_range(first, last, sentence) and _RANGE.search(lower[: first[0]]):
                found.append((one, other))
    return found[0] if len(found) == 1 else None


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
    # What both are called by tells nothing: `target_low` and `target_high`.
    ours, theirs = ours - theirs, theirs - ours
    if ours & _BEGINS and theirs & ENDS:
        return True
    return False if ours & ENDS and theirs & _BEGINS else None
