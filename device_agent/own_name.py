"""Says "it" where a sentence names the device that it is for: a device's functions do not repeat whose functions they are."""

from __future__ import annotations

import re
from collections.abc import Iterable

from inference.device_names import telling

_WORD = re.compile(r"[^\W\d_]+")
_QUOTED = re.compile(r"[\"“][^\"”]*[\"”]")
_PLACE = r"(?:in|of|at|inside|near|by)"
_ARTICLE = r"(?:the|my|our|your|this|that)"
_LINK = re.compile(rf"\s+(?:{_PLACE}\s+)?(?:{_ARTICLE}\s+)?", re.IGNORECASE)
_IN_FRONT = re.compile(rf"(?P<place>\b{_PLACE}\s+)?(?P<article>\b{_ARTICLE}\s+)?$", re.IGNORECASE)
# "The south tower lift" is not the tower lift.
_OF_ANOTHER = re.compile(rf"\b{_ARTICLE}\s+[^\W\d_]+\s+$", re.IGNORECASE)
_SPLIT = re.compile(rf"\s+{_PLACE}\s+", re.IGNORECASE)
# What may follow a name; another noun would make it a part of something else: "the oven light".
_AFTER = re.compile(
    r"$|\s*[,.;:!?]|(?P<owner>'s\b)|\s+(?:to|at|on|off|in|into|by|for|from|and|then|with|without|please|now|is|are|was|up|down|"
    r"until|till|when|while|if|as|so|again|back|should|must|can|may|or|but|after|before|\d)",
    re.IGNORECASE,
)


def without_own_name(sentence: str, names: Iterable[str], functions: str) -> str:
    """Replace the mentions of a device in a sentence.

    "Turn on the air conditioner in the study" becomes "Turn on it" for that air conditioner. Words that its functions speak
    of stay, since they tell one function from another: "the kitchen light" becomes "the light" where there is a function
    about the light. What stands between quotation marks stays as well.

    Args:
        sentence: a person's words.
        names: title, kind and name of the device.
        functions: all that its description says of its functions.
    """
    own, spoken_of = telling(" ".join(names)), telling(functions)
    said = sentence
    for start, end in reversed(_mentions(sentence, own)):
        said = _without(said, start, end, spoken_of)
    return " ".join(said.split())


def _mentions(sentence: str, own: set[str]) -> list[tuple[int, int]]:
    quoted = [match.span() for match in _QUOTED.finditer(sentence)]
    runs: list[tuple[int, int]] = []
    for match in _WORD.finditer(sentence):
        if not telling(match[0]) & own or any(start < match.end() <= end for start, end in quoted):
            continue
        if runs and _LINK.fullmatch(sentence[runs[-1][1] : match.start()]):
            runs[-1] = (runs[-1][0], match.end())
        else:
            runs.append(match.span())
    return runs


def _without(sentence: str, start: int, end: int, spoken_of: set[str]) -> str:
    after = _AFTER.match(sentence, end)
    before = _IN_FRONT.search(sentence, 0, start)
    if after is None or before is None or _OF_ANOTHER.search(sentence, 0, start):
        return sentence
    thing = _SPLIT.split(sentence[start:end])[0].split()[-1]
    if telling(sentence[start:end]) <= spoken_of:
        return sentence
    if before["place"] and not telling(sentence[start:end]) & spoken_of:
        return f"{sentence[: before.start()]}{sentence[end:]}"
    if telling(thing) & spoken_of:
        return f"{sentence[:start]}{thing}{sentence[end:]}"
    if after["owner"]:
        return f"{sentence[: before.start('article') if before['article'] else start]}its{sentence[after.end() :]}"
    return f"{sentence[: before.start('article') if before['article'] else start]}it{sentence[end:]}"
