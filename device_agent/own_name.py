"""Says "it" where a sentence names the device that it is for: a device's functions do not repeat whose functions they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from inference.device_names import NameWord, name_words, runs, telling, thing_of, words_of_name
from inference.text import prepare

_PLACE = r"(?:in|of|at|inside|near|by)"
_ARTICLE = r"(?:the|my|our|your|this|that)"
# Not "on": "show lobby on the display".
_LINKS = re.compile(rf"(?:'s)?(?:\s+{_PLACE})?(?:\s+{_ARTICLE})?\s+", re.IGNORECASE)
_IN_FRONT = re.compile(
    rf"(?P<place>\b{_PLACE}\s+)?(?P<article>(?:\b(?:each|every|all|both)\s+)?(?:\b{_ARTICLE}\s+)?)$",
    re.IGNORECASE,
)
# "The south tower lift" is not the tower lift, and "a lamp" or "another lamp" need not be this one.
_OF_ANOTHER = re.compile(
    rf"\b(?:{_ARTICLE}\s+(?!each|every|all|both)[^\W\d_]+|an?|another|other|any|some|no)\s+$", re.IGNORECASE
)
_SPLIT = re.compile(rf"\s+{_PLACE}\s+", re.IGNORECASE)
# What may follow a name; another noun would make it a part of something else: "the oven light".
_AFTER = re.compile(
    r"$|\s*[,.;:!?]|(?P<owner>'s\b)|\s+(?:to|at|on|off|in|into|by|for|from|and|then|with|without|please|now|is|are|was|up|down|"
    r"until|till|when|while|if|as|so|again|back|should|must|can|may|or|but|after|before)\b|\s+\d",
    re.IGNORECASE,
)


def without_own_name(sentence: str, names: Iterable[str], functions: str) -> str:
    """Replace the mentions of a device in a sentence.

    "Turn on the air conditioner in the study" becomes "Turn on it" for that air conditioner. Words that its functions speak
    of stay, since they tell one function from another: "the kitchen light" becomes "the light" where there is a function
    about the light. What stands between quotation marks stays as well, and so does what may be no name: "light up the hall".

    Args:
        sentence: a person's words.
        names: title, kind and name of the device.
        functions: all that its description says of its functions.
    """
    called = {name: words_of_name(name) for name in names}
    own = frozenset().union(*called.values())
    # "Lamp two" is "lamp 2" where lamps have numbers.
    is_numbered = any(" " in word for word in own)
    given = " ".join((prepare(sentence).text if is_numbered else sentence).split())
    said = given
    spots = [spot for spot in name_words(said) if (spot.marked & own if spot.marked else spot.word in own)]
    things = {thing_of(name) for name in called}
    is_thing_said = any(spot.word in things for spot in spots)
    for mention in reversed(runs(said, spots, _LINKS)):
        is_place = is_thing_said and not any(spot.word in things for spot in mention)
        said = _without(said, mention, called.values(), telling(functions), is_place=is_place)
    return said if said != given else " ".join(sentence.split())


def _without(
    sentence: str,
    mention: Sequence[NameWord],
    names: Iterable[frozenset[str]],
    spoken_of: set[str],
    *,
    is_place: bool,
) -> str:
    """Replace one mention; one that only says where the device is (`is_place`) is left out or stays."""
    start, end = mention[0].span[0], mention[-1].span[1]
    after = _AFTER.match(sentence, end)
    before = _IN_FRONT.search(sentence, 0, start)
    plain = {spot.word for spot in mention}
    words = plain.union(*(spot.marked for spot in mention))
    if after is None or before is None or _OF_ANOTHER.search(sentence, 0, start) or plain <= spoken_of:
        return sentence
    if before["place"] and not plain & spoken_of:
        return f"{sentence[: before.start()].rstrip()}{sentence[end:]}"
    # Without an article one word may be a verb, or stand behind an adjective; and "welcome to the lobby" says nothing of
    # the lobby display that is spoken of beside it.
    is_name = bool(before[0]) or (len(words) > 1 and any(name <= words for name in names))
    if is_place or not is_name:
        return sentence
    split = _SPLIT.search(sentence, start, end)
    thing = [spot for spot in mention if split is None or spot.span[1] <= split.start()][-1]
    if thing.word in spoken_of:
        return f"{sentence[:start]}{sentence[slice(*thing.bare)]}{sentence[end:]}"
    begin = before.start("article")
    if after["owner"]:
        return f"{sentence[:begin]}its{sentence[after.end() :]}"
    return f"{sentence[:begin]}it{sentence[end:]}"
