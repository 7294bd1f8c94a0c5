"""Finds what a goal says of the site: entities ("shelves 2 to 5"), devices ("robot 3") and kinds of them ("all robots")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from inference.plan import KindProfile
from inference.text import canonical_words
from inference.units import UNIT_BY_WORD
from inference.words import quoted_places

__all__ = ["Mention", "Vocabulary", "find_mentions", "plural_of"]

_WORD = re.compile(r"[,;:!?()\"“”]|[^\s,;:!?()\"“”]*[^\s,;:!?()\"“”.'\u2019]|[.'\u2019]+")
_ALL = frozenset({"all", "each", "every", "both"})
_OPEN = frozenset({"any", "a", "an", "some", "one", "either", "another"})
_ARTICLES = frozenset({"the", "of", "these", "those", "our", "my", "your", "this", "that", "its", "their"})
_JOINTS = frozenset({",", "and", "or", "&", "plus"})
_RANGE = frozenset({"to", "through", "thru", "until", "till", "-", "\u2013"})
_NUMBER_MARKS = frozenset({"number", "numbers", "no", "nr", "#", "between", "from"})
_EXCEPT = re.compile(
    r"[,\s]*\b(?:except(?: for)?|excluding|apart from|other than|besides|save|but not|but for|but|without)\s+(?:the |number )*"
)
_PREFIXED = re.compile(r"([a-z]{1,3})\d{1,4}")
_ID_LIKE = re.compile(r"[a-z]{0,3}-?\d{1,5}[a-z]?")
_ADDRESSED = frozenset({",", ":", "!", "should", "must", "shall", "has", "needs", "ought"})
_COUNTED = frozenset({"first", "last"})
_LONGEST_NAME_WORDS = 5
_SHORTEST_HEAD = 3


@dataclass(frozen=True, slots=True)
class Mention:
    """Words of a goal that mean entities or devices of the site.

    Attributes:
        start, end: where they stand, with their article or quantifier.
        what: `entity`, `kind` (devices of one kind, whichever) or `device` (devices by their names).
        name: the kind of entity or of device; empty for devices of a list that are of no common kind.
        ids: entities or devices that are named; none where all are meant or where it stays open which.
        spared: entities that are left out.
        number: `all` ("each shelf", "the shelves"), `some` ("any robot", "a shelf"), or `the` for those that are named, or
            the one that was spoken of.
        is_distributive: each, every, all or both was said, or several are listed.
        unknown: an id that was named and that the site does not have.
    """

    start: int
    end: int
    what: Literal["entity", "kind", "device"]
    name: str
    ids: tuple[str, ...] = ()
    spared: tuple[str, ...] = ()
    number: Literal["all", "some", "the"] = "the"
    is_distributive: bool = False
    unknown: str = ""


def plural_of(noun: str) -> str:
    """Return the plural of an English noun: shelf, box and bay make shelves, boxes and bays."""
    if noun.endswith("f") and not noun.endswith(("ff", "oof", "ief")):
        return f"{noun[:-1]}ves"
    if noun.endswith("y") and noun[-2:-1] not in set("aeiou"):
        return f"{noun[:-1]}ies"
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return f"{noun}es"
    return f"{noun[:-3]}men" if noun.endswith("man") else f"{noun}s"


@dataclass(frozen=True, slots=True)
class _Noun:
    what: Literal["entity", "kind"]
    name: str
    is_plural: bool


@dataclass(frozen=True)
class Vocabulary:
    """What the site's entities and devices are called."""

    kinds: Sequence[KindProfile]
    entities: Mapping[str, Sequence[str]]

    @cached_property
    def nouns(self) -> dict[str, _Noun]:
        """Every name of a kind of entity or device, in the singular and the plural.

        A kind may be called by its last word ("the lamps" for reading lamps) where no other kind ends in it.
        """
        found: dict[str, _Noun] = {}
        heads: dict[str, list[str]] = {}
        for profile in self.kinds:
            words = canonical_words(profile.kind)
            for spelling in (words, profile.kind.lower()):
                found[spelling] = _Noun("kind", profile.kind, is_plural=False)
                found[plural_of(spelling)] = _Noun("kind", profile.kind, is_plural=True)
            heads.setdefault(words.split()[-1] if words else "", []).append(profile.kind)
        taken = {word for entity in self.entities for word in canonical_words(entity).split()}
        for head, kinds in heads.items():
            if len(kinds) == 1 and len(head) >= _SHORTEST_HEAD and head not in taken and head.isalpha():
                found.setdefault(head, _Noun("kind", kinds[0], is_plural=False))
                found.setdefault(plural_of(head), _Noun("kind", kinds[0], is_plural=True))
        for entity in self.entities:
            words = canonical_words(entity)
            found.setdefault(words, _Noun("entity", entity, is_plural=False))
            found.setdefault(plural_of(words), _Noun("entity", entity, is_plural=True))
        found.pop("", None)
        return found

    @cached_property
    def noun_pattern(self) -> re.Pattern[str]:
        """Matches any of the nouns in a prepared goal in lower case, the longest first."""
        names = sorted(self.nouns, key=len, reverse=True)
        return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, names)) or '(?!)'})(?![\w]|-[a-z0-9])")

    @cached_property
    def ids(self) -> dict[str, dict[str, str]]:
        """The ids of each kind of entity by their lower-case spelling."""
        return {entity: {one.lower(): one for one in ids} for entity, ids in self.entities.items()}

    @cached_property
    def entity_of_id(self) -> dict[str, str]:
        """The kind of entity of each id that needs no noun beside it: "T7" can only be a tote."""
        owners: dict[str, list[str]] = {}
        for entity, ids in self.ids.items():
            for one in ids:
                if re.search(r"[a-z]", one) and re.search(r"\d", one):
                    owners.setdefault(one, []).append(entity)
        return {one: kinds[0] for one, kinds in owners.items() if len(kinds) == 1}

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """The kind of entity that each beginning of an id stands for, where all of them have it: T of T1 to T8."""
        found: dict[str, set[str]] = {}
        for entity, ids in self.ids.items():
            begun = {match[1] if (match := _PREFIXED.fullmatch(one)) else "" for one in ids}
            if len(begun) == 1 and len(ids) > 1:
                found.setdefault(begun.pop(), set()).add(entity)
        return {prefix: entities.pop() for prefix, entities in found.items() if prefix and len(entities) == 1}

    @cached_property
    def devices(self) -> dict[str, str]:
        """Every spelling of a device's name, where it is more than what its kind is called."""
        found: dict[str, str] = {}
        for profile in self.kinds:
            for name in profile.device_names:
                for spelling in (name.lower(), canonical_words(name)):
                    if spelling and spelling not in self.nouns and not spelling.isdigit():
                        found.setdefault(spelling, name)
        return found

    @cached_property
    def kind_of(self) -> dict[str, str]:
        """The kind of each device."""
        return {name: profile.kind for profile in self.kinds for name in profile.device_names}

    @cached_property
    def numbered(self) -> dict[str, dict[str, str]]:
        """The devices of each kind by their number or letter: robot-3 is robot 3."""
        found: dict[str, dict[str, str]] = {}
        for profile in self.kinds:
            marks: dict[str, list[str]] = {}
            for name in profile.device_names:
                if mark := re.search(r"(?:[\W_]|(?<=[^\W\d_])(?=\d))(\d+|[a-z])$", name.lower()):
                    marks.setdefault(str(int(mark[1])) if mark[1].isdigit() else mark[1], []).append(name)
            found[profile.kind] = {mark: names[0] for mark, names in marks.items() if len(names) == 1}
        return found


@dataclass(frozen=True, slots=True)
class _Listed:
    ids: tuple[str, ...] = ()
    end: int = 0
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class _Determined:
    start: int
    count: int | None
    number: Literal["all", "some", "the"]
    is_all: bool


def find_mentions(lower: str, vocabulary: Vocabulary) -> list[Mention]:
    """Return all mentions of a prepared goal in order; what is quoted is none."""
    return _Goal(lower, vocabulary).mentions()


class _Goal:
    """Reads one goal."""

    def __init__(self, lower: str, vocabulary: Vocabulary) -> None:
        self._lower = lower
        self._vocabulary = vocabulary
        self._places = [match.span() for match in _WORD.finditer(lower)]
        self._words = [lower[start:end] for start, end in self._places]

    def mentions(self) -> list[Mention]:
        quoted = quoted_places(self._lower)
        found: list[Mention] = []
        every = [*self._devices(), *self._nouns(), *self._bare_ids()]
        for mention in sorted(every, key=lambda one: (one.start, -one.end)):
            is_quoted = any(left < mention.start < right for left, right in quoted)
            if not is_quoted and (not found or mention.start >= found[-1].end):
                found.append(mention)
        return self._joined(found)

    def _joined(self, found: Sequence[Mention]) -> list[Mention]:
        """Make one of devices that are listed: "lamp-1, lamp-2 and the fan"."""
        result: list[Mention] = []
        for mention in found:
            last = result[-1] if result else None
            if last is not None and mention.what == last.what == "device":
                between = set(re.findall(r"\w+|&", self._lower[last.end : mention.start]))
                if between <= {"and", "or", "&"} and len(self._lower[last.end : mention.start]) <= len(
                    ", and "
                ):
                    name = last.name if last.name == mention.name else ""
                    ids = tuple(dict.fromkeys((*last.ids, *mention.ids)))
                    result[-1] = replace(last, end=mention.end, name=name, ids=ids, is_distributive=True)
                    continue
            result.append(mention)
        return result

    def _devices(self) -> Iterator[Mention]:
        spellings = self._vocabulary.devices
        for number, (start, _) in enumerate(self._places):
            for last in range(min(len(self._places), number + _LONGEST_NAME_WORDS) - 1, number - 1, -1):
                end = self._places[last][1]
                if name := spellings.get(self._lower[start:end]):
                    begin = self._places[self._article(number)][0]
                    yield Mention(begin, end, "device", self._vocabulary.kind_of[name], (name,))
                    break

    def _nouns(self) -> Iterator[Mention]:
        numbers = {start: number for number, (start, _) in enumerate(self._places)}
        for match in self._vocabulary.noun_pattern.finditer(self._lower):
            noun = self._vocabulary.nouns[match[0]]
            if match.start() in numbers:
                after = self._word_from(match.end())
                read = self._entity if noun.what == "entity" else self._kind
                mention = read(noun, numbers[match.start()], after, match.end())
                if mention is not None:
                    yield mention

    def _entity(self, noun: _Noun, first: int, after: int, end: int) -> Mention:
        known = self._vocabulary.ids[noun.name]
        before = self._determined(first, is_plural=noun.is_plural)
        listed = self._listed(after, known, is_plural=noun.is_plural, noun=noun.name)
        mention = Mention(before.start, listed.end or end, "entity", noun.name, unknown=listed.unknown)
        if listed.ids or listed.unknown:
            is_several = len(listed.ids) > 1
            return replace(mention, ids=listed.ids, is_distributive=before.is_all or is_several)
        if (
            first > 0
            and (word := self._words[first - 1]) in known
            and not (noun.is_plural and word.isdigit())
        ):
            # "The north tunnel" and "the 3 shelf", as the third is read.
            return replace(mention, start=self._places[self._article(first - 1)][0], ids=(known[word],))
        counted = first - 2
        if before.count and counted >= 0 and noun.is_plural and self._words[counted] in _COUNTED:
            ids = tuple(known.values())
            chosen = ids[: before.count] if self._words[counted] == "first" else ids[-before.count :]
            return replace(
                mention, start=self._places[self._article(counted)][0], ids=chosen, is_distributive=True
            )
        spared = self._spared(noun.name, end)
        return replace(
            mention,
            end=spared.end or end,
            spared=spared.ids,
            number=before.number,
            is_distributive=before.is_all,
        )

    def _kind(self, noun: _Noun, first: int, after: int, end: int) -> Mention | None:
        before = self._determined(first, is_plural=noun.is_plural)
        listed = self._listed(after, self._vocabulary.numbered[noun.name], is_plural=noun.is_plural)
        if listed.ids:
            is_several = len(listed.ids) > 1
            return Mention(
                before.start, listed.end, "device", noun.name, listed.ids, is_distributive=is_several
            )
        is_bare = before.start == self._places[first][0] and not noun.is_plural
        if is_bare and not self._is_addressed(after) and " " not in self._lower[before.start : end]:
            # "Vacuum the hall" is no order for the vacuum.
            return None
        return Mention(
            before.start, end, "kind", noun.name, number=before.number, is_distributive=before.is_all
        )

    def _is_addressed(self, after: int) -> bool:
        """Whether somebody is spoken to or of who has to do something: "robot, …" and "robot must …"."""
        return after < len(self._words) and self._words[after] in _ADDRESSED

    def _bare_ids(self) -> Iterator[Mention]:
        for number, word in enumerate(self._words):
            if entity := self._vocabulary.entity_of_id.get(word):
                listed = self._listed(number, self._vocabulary.ids[entity], is_plural=True)
                start = self._places[number][0]
                is_several = len(listed.ids) > 1
                yield Mention(start, listed.end, "entity", entity, listed.ids, is_distributive=is_several)
            elif (prefix := _PREFIXED.fullmatch(word)) and (
                entity := self._vocabulary.prefixes.get(prefix[1])
            ):
                yield Mention(*self._places[number], "entity", entity, unknown=word)

    def _determined(self, first: int, *, is_plural: bool) -> _Determined:
        """Read what stands before a noun: where that begins, a count, the number that it gives, and whether all were said."""
        place, count, is_all, is_one = first, None, False, False
        number: Literal["all", "some", "the"] = "all" if is_plural else "the"
        while place > 0:
            word = self._words[place - 1]
            if word == "1" and (not is_plural or self._words[place] == "of"):
                number, is_one = "some", True
            elif word.isdigit() and is_plural and count is None:
                count = int(word)
            elif word in _ALL:
                number, is_all = "all", True
            elif word in _OPEN and not (word in {"a", "an"} and is_plural):
                is_one = is_one or self._words[place] == "of" or not is_plural
                number = "some" if is_one else "all"
            elif word not in _ARTICLES:
                break
            place -= 1
        number = "some" if is_one else number
        while place < first and self._words[place] == "of":
            # "The roofs of the carriages" begins at the carriages.
            place += 1
        return _Determined(self._places[place][0], count, number, is_all)

    def _article(self, first: int) -> int:
        place = first
        while place > 0 and self._words[place - 1] in _ARTICLES - {"of"}:
            place -= 1
        return place

    def _listed(self, after: int, known: Mapping[str, str], *, is_plural: bool, noun: str = "") -> _Listed:
        """Read a list of ids that begins at a word; where a noun is given, ids that are not known are told."""
        found: list[str] = []
        ordered = list(known)
        has_digits = any(any(map(str.isdigit, one)) for one in known)
        unknown, end, place, is_range = "", 0, after, False
        while place < len(self._words):
            word = self._words[place].removeprefix("#")
            said = self._vocabulary.nouns.get(word)
            if word in _NUMBER_MARKS or (found and said is not None and said.name == noun):
                place += 1
                continue
            low, high = (
                next(
                    (
                        (low, high)
                        for low, high in (word.split(mark, 1) for mark in "-\u2013" if mark in word)
                    ),
                    ("", ""),
                )
                if word not in known
                else ("", "")
            )
            is_known = word in known or (low in known and high in known)
            is_foreign = (
                bool(noun)
                and has_digits
                and not is_known
                and word not in self._vocabulary.entity_of_id
                and _ID_LIKE.fullmatch(word) is not None
            )
            following = self._words[place + 1] if place + 1 < len(self._words) else ""
            is_amount = word.isdigit() and (following in UNIT_BY_WORD or following == "times")
            if not (is_known or is_foreign) or is_amount or (word == "a" and not is_plural):
                break
            if is_foreign:
                unknown = unknown or word
            elif low:
                found += [known[one] for one in ordered[ordered.index(low) : ordered.index(high) + 1]]
            elif is_range and found:
                since = ordered.index(found[-1].lower())
                found += [known[one] for one in ordered[since + 1 : ordered.index(word) + 1]] or [known[word]]
            else:
                found.append(known[word])
            end = self._places[place][1]
            joint = place + 1
            while joint < len(self._words) and self._words[joint] in _JOINTS:
                joint += 1
            is_range = joint == place + 1 and joint < len(self._words) and self._words[joint] in _RANGE
            if is_range and not is_plural:
                break
            if joint + is_range == place + 1:
                break
            place = joint + is_range
        return _Listed(tuple(dict.fromkeys(found)), end, unknown)

    def _spared(self, entity: str, end: int) -> _Listed:
        """Read what is left out behind "all shelves"."""
        exception = _EXCEPT.match(self._lower, end)
        if exception is None:
            return _Listed()
        place = self._word_from(exception.end())
        noun = self._vocabulary.nouns.get(self._words[place]) if place < len(self._words) else None
        place += noun is not None and noun.name == entity
        return self._listed(place, self._vocabulary.ids[entity], is_plural=True)

    def _word_from(self, place: int) -> int:
        return next((n for n, (start, _) in enumerate(self._places) if start >= place), len(self._words))
