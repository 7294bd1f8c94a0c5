"""Says "it" where a sentence names the device that it is for: a device's functions do not repeat whose functions they are."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from inference.device_names import NameWord, name_words, runs, telling, thing_of_name, words_of_name
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
# "Set the study to 21 degrees" means what is there, "show Welcome to the lobby" does not.
_OBJECT = re.compile(
    r"(?:^|[,.;:!?]\s+|\b(?:and|then|please|you)\s+)(?:[^\W\d_]+\s+)?(?:(?:on|off|up|down)\s+)?$",
    re.IGNORECASE,
)
_SPLIT = re.compile(rf"\s+{_PLACE}\s+", re.IGNORECASE)
# What may follow a name; another noun would make it a part of something else: "the oven light".
_AFTER = re.compile(
    r"$|\s*[,.;:!?]|(?P<owner>'s\b)|\s+(?:to|at|on|off|in|into|by|for|from|and|then|with|without|please|now|is|are|was|up|down|"
    r"until|till|when|while|if|as|so|again|back|should|must|can|may|or|but|after|before)\b|\s+\d",
    re.IGNORECASE,
)


def without_own_name(sentence: str, names: Collection[str], functions: str) -> str:
    """Replace the mentions of a device in a sentence.

    "Turn on the air conditioner in the study" becomes "Turn on it" for that air conditioner. Words that its functions speak
    of stay, since they tell one function from another: "the kitchen light" becomes "the light" where there is a function
    about the light. What stands between quotation marks stays as well, and so does what may be no name: "light up the hall".

    Args:
        sentence: a person's words.
        names: title, kind and name of the device.
        functions: all that its description says of its functions.
    """
    device = _Device(
        frozenset(map(words_of_name, names)),
        frozenset(map(thing_of_name, names)),
        frozenset(telling(functions)),
    )
    # "Lamp two" is "lamp 2" where lamps have numbers.
    given = " ".join((prepare(sentence).text if device.is_numbered else sentence).split())
    spots = device.spots(given)
    is_thing_said = any(spot.word in device.things for spot in spots)
    said = given
    for mention in reversed(runs(given, spots, _LINKS)):
        said = device.without(said, mention, is_thing_said=is_thing_said)
    return said.strip() if said != given else " ".join(sentence.split())


@dataclass(frozen=True, slots=True)
class _Device:
    """The words of each of a device's names, what it is without where it is, and what its functions speak of."""

    names: frozenset[frozenset[str]]
    things: frozenset[str]
    spoken_of: frozenset[str]

    @property
    def words(self) -> frozenset[str]:
        return frozenset().union(*self.names)

    @property
    def is_numbered(self) -> bool:
        return any(" " in word for word in self.words)

    def spots(self, sentence: str) -> list[NameWord]:
        """Find its words; "lamp 3" has none of lamp 2."""
        own = self.words
        return [
            spot for spot in name_words(sentence) if (spot.marked & own if spot.marked else spot.word in own)
        ]

    def without(self, sentence: str, mention: Sequence[NameWord], *, is_thing_said: bool) -> str:
        """Leave one mention out, shorten it, or say "it" instead.

        Args:
            sentence: the sentence, as it was up to the end of the mention.
            mention: words that stand together.
            is_thing_said: whether the sentence anywhere says what the device is, not only where.
        """
        start, end = mention[0].span[0], mention[-1].span[1]
        after = _AFTER.match(sentence, end)
        before = _IN_FRONT.search(sentence, 0, start)
        plain = {spot.word for spot in mention}
        # "The stove light" of a stove that has one tells its functions apart, but the number of "lamp 2" would be a value.
        is_telling = plain <= self.spoken_of and not any(spot.marked for spot in mention)
        if after is None or before is None or is_telling or _OF_ANOTHER.search(sentence, 0, start):
            return sentence
        if before["place"] and not after["owner"] and not plain & self.spoken_of:
            return f"{sentence[: before.start()].rstrip()}{sentence[end:]}"
        begin = before.start("article")
        is_thing = bool(plain & self.things) or (not is_thing_said and _OBJECT.search(sentence, 0, begin))
        # Without an article one word may be a verb, or stand behind an adjective.
        words = plain.union(*(spot.marked for spot in mention))
        if not is_thing or not (before[0] or (len(words) > 1 and any(name <= words for name in self.names))):
            return sentence
        split = _SPLIT.search(sentence, start, end)
        thing = [spot for spot in mention if split is None or spot.span[1] <= split.start()][-1]
        if thing.word in self.spoken_of:
            return f"{sentence[:start]}{sentence[slice(*thing.bare)]}{sentence[end:]}"
        if after["owner"]:
            return f"{sentence[:begin]}its{sentence[after.end() :]}"
        return f"{sentence[:begin]}it{sentence[end:]}"
