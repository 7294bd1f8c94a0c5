"""Finds what a sentence lists: "zones 4, 6 and 9", "milk, eggs and bread"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from inference.text import Sentence
from inference.value_places import is_within, places_of
from inference.words import Place

_LISTED_TEXT = re.compile(
    r"(?:(?:the|a|an|some) )?((?!(?:please|thanks|thank|then|now|too|also|but|so|not|because|it|this|that|subject)\b)"
    r"[^\s,;:!?]*[^\s,;:!?.](?: [^\s,;:!?]*[^\s,;:!?.]){0,3}?)"
    r"(?=[,;:!?]| ?&| (?:and|plus|as well|on|onto|to|at|for|in|into|from|with|off|by|along|please|now|too|also|then)\b|\.?$|\. )"
)
_ARTICLE_BEFORE = re.compile(r"^(?:the|a|an|some|more) ")
_JOINT = re.compile(
    r" ?(?:,|&| and|, and| plus| as well as|,? then|,? and then)(?: (?:for|on|in|to|at|number|also))? "
)
# "Nobody gets out at 7, 8 or 9" shuts all three; of one number people would choose.
_ALTERNATIVE = re.compile(r",? (?:or|nor)(?: (?:for|on|in|to|at|number|also))? ")
_JOINT_BEFORE = re.compile(rf"(?:{_JOINT.pattern})$")
_LAST_JOINT = re.compile(r" (?:and|&) ")
_GOES_ON = re.compile(r"(?:,|,? (?:and|&)) ")
# A label: "A4", "00b2f7", "dock-3".
_LABEL_ALONE = re.compile(r"(?=[^\s,;:!?]*\d)[^\s,;:!?]*[^\s,;:!?.]")
_LABEL_BEFORE = re.compile(rf"(?:^|(?<=\s))({_LABEL_ALONE.pattern})$")
_NAME_BEFORE = re.compile(r"(?:^|(?<=[\s,;:]))([A-ZÀ-ÖØ-Þ][^\s,;:!?]*(?: [A-ZÀ-ÖØ-Þ][^\s,;:!?]*){0,3})$")


def listed_with(
    words: str, others: Sequence[str], sentence: Sentence, *, with_or: bool = False
) -> frozenset[str]:
    """Return a value and those that are listed together with it, none where it stands alone: of "zones 4, 6 and 9" all.

    Where several may be passed at once, an "or" lists as well, `with_or`.
    """
    listed, lower = {words}, sentence.lower
    while more := {
        other
        for other in others
        if other not in listed
        and any(
            _is_joined(lower, here, there, with_or=with_or)
            for one in listed
            for here in places_of(one, sentence)
            for there in places_of(other, sentence)
        )
    }:
        listed |= more
    return frozenset(listed) if len(listed) > 1 else frozenset()


def is_joined(words: str, others: Sequence[str]) -> bool:
    """Whether words are two other texts with an "and" or a comma between them."""
    return any(
        words.startswith(one)
        and words.endswith(other)
        and _is_joined(words, (0, len(one)), (len(words) - len(other), len(words)))
        for one in others
        for other in others
        if len(one) + len(other) < len(words)
    )


def ends_list(words: str, others: Sequence[str], sentence: Sentence) -> bool:
    """Whether words are the last two items of a list that another text stands in: "eggs and flour" of "milk, eggs and flour"."""
    lower = sentence.lower
    if len(_LAST_JOINT.findall(words)) != 1:
        return False
    return any(
        lower[there[1] : here[0]] == ", " and not _GOES_ON.match(lower, here[1])
        for here in places_of(words, sentence)
        for other in others
        for there in places_of(other, sentence)
    )


def listed_things(words: str, places: Sequence[Place], sentence: Sentence) -> list[str]:
    """Take a text that may be a list apart, and go on with it: "milk and eggs", "milk" in "milk, eggs and bread"."""
    parts = [part for part in _JOINT.split(words) if part]
    listed = (
        [*texts_before(parts[0], sentence), *parts, *texts_behind(parts[-1], places, sentence)]
        if parts
        else []
    )
    return list(dict.fromkeys(_ARTICLE_BEFORE.sub("", part) for part in listed)) or [words]


def texts_before(words: str, sentence: Sentence) -> list[str]:
    """Return what stands in a list before a label or name: for B4 in "A1, B2 and B4" the first two."""
    lower, found = sentence.lower, list[str]()
    start = next((start for start, _ in places_of(words, sentence)), 0)
    is_label = _LABEL_ALONE.fullmatch(words) is not None
    if not is_label and not sentence.text[start : start + 1].isupper():
        return []
    while joint := _JOINT_BEFORE.search(lower[:start]):
        shape = _LABEL_BEFORE if is_label else _NAME_BEFORE
        item = shape.search(sentence.text[: joint.start()])
        if item is None or (item.start() == 0 and not is_label):
            break
        start = item.start()
        found.append(lower[start : item.end()])
    return found[::-1]


def texts_behind(words: str, places: Sequence[Place], sentence: Sentence) -> list[str]:
    """Return what a list of texts goes on with in some parts of the sentence: of "milk, eggs and bread" eggs and bread.

    A label is followed by labels alone, wherever they stand.
    """
    lower, found, joints = sentence.lower, list[str](), ""
    end = next((end for _, end in places_of(words, sentence)), len(lower))
    if _LABEL_ALONE.fullmatch(words):
        while (joint := _JOINT.match(lower, end)) and (item := _LABEL_ALONE.match(lower, joint.end())):
            found.append(item[0])
            end = item.end()
        return found
    measured = {
        start
        for quantity in sentence.quantities
        if quantity.unit
        for start, _ in places_of(quantity.text, sentence)
    }
    while (joint := _JOINT.match(lower, end)) and (item := _LISTED_TEXT.match(lower, joint.end())):
        start, end = item.span(1)
        if start in measured or not is_within(item[1], places, sentence):
            break
        joints += joint[0]
        found.append(item[1])
    # "Milk, it is urgent" lists nothing; "milk, eggs" does.
    return found if re.search(r"\w|&", joints) or all(" " not in text for text in found) else []


def _is_joined(lower: str, one: Place, other: Place, *, with_or: bool = False) -> bool:
    """Whether nothing but "and" or a comma stands between two places, or "or" where that lists."""
    first, second = sorted((one, other))
    if with_or and _ALTERNATIVE.fullmatch(lower, first[1], second[0]):
        return True
    return _JOINT.fullmatch(lower, first[1], second[0]) is not None
