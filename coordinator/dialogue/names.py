"""Finds what a sentence speaks of: devices as people call them, entities of the site, and things with a number or name.

"Robot 2" is the device `robot-2`, "shelf 3" an entity of the site, and "tote T7" a thing that only people know of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from coordinator.registry import Device
from coordinator.wording import plural
from inference.units import UNIT_BY_WORD
from inference.words import split_words

Sort = Literal["device", "entity", "thing"]
_LABELLED = re.compile(
    r"\b(?P<noun>[^\W\d_]{2,}) #?(?P<labels>(?:[A-Z]{1,3}-?\d+|\d+[A-Za-z]?|[A-Z])\b"
    r"(?:(?:, | and | or )(?:[A-Z]{1,3}-?\d+|\d+[A-Za-z]?|[A-Z])\b(?! [a-z]+s\b))*)(?![.:]\d|%| %)"
)
_NO_NOUN = frozenset(
    """
    to at by for from in on of off up down and or the a an is are was than with about after before between until till every each
    all last next first times only just under over above below per minus plus its my our your this that then i it you we they
    least most around again back do did does can could now when where why how which who what
    """.split()
)
_TOKEN = re.compile(r"(?<![\w-])[A-Za-z]{1,3}-?\d+\w?(?![\w-])")
_MOST_WORDS = 5
_IN = frozenset({"in", "of", "at", "on"})
_MAXIMUM_FOUND = 50
# What a number may count or measure, and is no name of.
_COUNTED = re.compile(r"\s*%|\s+(?!(?:is|was|has|does)\b)(?:\w*s|m|cm|km|kg|g|l|times?)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mention:
    """Something that a sentence names.

    Attributes:
        sort: a device, an entity of the site, or something that only the words tell of.
        name: the device's id; or kind and label, "shelf 3".
        kind: what it is: "robot", "shelf", "tote".
        start: where its name begins in the sentence.
        end: where it ends.
    """

    sort: Sort
    name: str
    kind: str
    start: int
    end: int


class Names:
    """Knows the names of a site's devices and entities.

    Args:
        entities: labels by kind.
    """

    def __init__(self, entities: Mapping[str, Sequence[str]]) -> None:
        self._entities = {
            kind.casefold(): (kind, {label.casefold(): label for label in labels})
            for kind, labels in entities.items()
        }
        self._kinds: dict[str, str] = {plural(kind): kind for kind in self._entities}
        self._alone = self._telling_labels()
        self._spoken: dict[str, list[str]] = {}
        self._device_kinds: dict[str, str] = {}

    def _telling_labels(self) -> dict[str, tuple[str, str]]:
        """Return kind and label by the labels that say without a noun what they are of: "T7", but not "7"."""
        kinds: dict[str, list[tuple[str, str]]] = {}
        for kind, labels in self._entities.values():
            for folded, label in labels.items():
                if _TOKEN.fullmatch(label):
                    kinds.setdefault(folded, []).append((kind, label))
        return {folded: found[0] for folded, found in kinds.items() if len(found) == 1}

    def learn(self, devices: Iterable[Device]) -> None:
        """Take in devices; those that are known cost next to nothing."""
        for device in devices:
            kind = device.profile.kind.casefold() if device.profile else ""
            if self._device_kinds.get(device.device_id) == kind:
                continue
            self._device_kinds[device.device_id] = kind
            names = {device.device_id, *({device.profile.title} if device.profile else ())}
            for name in names:
                spoken = self._spoken.setdefault(" ".join(split_words(name)), [])
                if device.device_id not in spoken:
                    spoken.append(device.device_id)
            if kind:
                self._kinds[plural(kind)] = kind

    def kind_of(self, device_id: str) -> str:
        """Return what a device is, "device" where it has not said."""
        return self._device_kinds.get(device_id) or "device"

    def kind_named(self, text: str) -> str | None:
        """Return the kind of device of which a sentence speaks in general: "robot" of "which robots are free?"."""
        words = split_words(text)
        phrases = {" ".join(words[start : start + size]) for size in (1, 2, 3) for start in range(len(words))}
        known = set(self._device_kinds.values()) - {""}
        found = [kind for kind in known if " ".join(split_words(kind)) in phrases or plural(kind) in phrases]
        return max(found, key=len, default=None)

    def mentions(self, text: str) -> list[Mention]:
        """Return what a sentence names, in its order, each once."""
        found = self._devices(text)
        taken = [(one.start, one.end) for one in found]
        for match in _LABELLED.finditer(text):
            if len(found) >= _MAXIMUM_FOUND:
                break
            if _covers(taken, match):
                continue
            found += self._labelled(match)
        taken = [(one.start, one.end) for one in found]
        for match in _TOKEN.finditer(text):
            if (
                len(found) < _MAXIMUM_FOUND
                and match[0].casefold() in self._alone
                and not _covers(taken, match)
            ):
                kind, label = self._alone[match[0].casefold()]
                found.append(Mention("entity", f"{kind} {label}", kind, *match.span()))
        unique = {(one.sort, one.name): one for one in sorted(found, key=lambda one: one.start, reverse=True)}
        return sorted(unique.values(), key=lambda one: one.start)

    def stranger(self, text: str) -> tuple[str, list[str]] | None:
        """Return a name such as "robot 9" where devices of that kind are numbered and none is called so, and how they are called.

        "A robot 3 times" names none.
        """
        for one in self.mentions(text):
            if one.sort != "thing" or _COUNTED.match(text, one.end):
                continue
            known = [
                name
                for name, kind in self._device_kinds.items()
                if kind == one.kind and re.fullmatch(rf"{re.escape(kind)}[ _-]?\d+", name, re.IGNORECASE)
            ]
            if known:
                return one.name, known
        return None

    def _labelled(self, match: re.Match[str]) -> list[Mention]:
        noun = match["noun"].casefold()
        if noun in _NO_NOUN or noun in UNIT_BY_WORD:
            return []
        kind = self._kinds.get(noun) or (noun if noun in self._entities else _singular(noun))
        found: list[Mention] = []
        for label in re.split(r", | and | or ", match["labels"]):
            start = match.start() + match[0].index(label) if found else match.start()
            end = match.start() + match[0].index(label) + len(label)
            devices = self._spoken.get(" ".join(split_words(f"{kind} {label}")), [])
            if devices:
                found += [Mention("device", one, self.kind_of(one), start, end) for one in devices[:1]]
            elif kind in self._entities and label.casefold() in self._entities[kind][1]:
                own, labels = self._entities[kind]
                found.append(Mention("entity", f"{own} {labels[label.casefold()]}", own, start, end))
            elif label.casefold() not in self._alone:
                found.append(Mention("thing", f"{kind} {label}", kind, start, end))
        return found

    def _devices(self, text: str) -> list[Mention]:
        """Find whole names of devices, the longest first; "the lamp in the hall" is the "hall lamp"."""
        places = [(match.start(), match.end()) for match in re.finditer(r"[^\W_]+", text)]
        words = [word for start, end in places for word in [" ".join(split_words(text[start:end]))]]
        found: list[Mention] = []
        taken: set[int] = set()
        for size in range(_MOST_WORDS, 0, -1):
            for first in range(len(words) - size + 1):
                span = range(first, first + size)
                if len(found) >= _MAXIMUM_FOUND or taken & set(span):
                    continue
                devices = self._spoken.get(" ".join(words[first : first + size])) or self._turned(
                    words[first : first + size]
                )
                if devices:
                    taken |= set(span)
                    place = (places[first][0], places[first + size - 1][1])
                    found.append(Mention("device", devices[0], self.kind_of(devices[0]), *place))
        return found

    def _turned(self, words: Sequence[str]) -> list[str]:
        for place, word in enumerate(words):
            if word in _IN and 0 < place < len(words) - 1:
                where = [one for one in words[place + 1 :] if one not in {"the", "my", "our"}]
                return self._spoken.get(" ".join((*where, *words[:place])), []) if where else []
        return []


def _covers(taken: Sequence[tuple[int, int]], match: re.Match[str]) -> bool:
    return any(start < match.end() and match.start() < end for start, end in taken)


def _singular(noun: str) -> str:
    return noun[:-1] if noun.endswith("s") and not noun.endswith("ss") else noun
