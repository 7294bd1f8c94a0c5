"""What devices are called, and which of them a part of a goal names: "the light in the kitchen", "all lights", "pump B"."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from inference.plan import KindProfile
from inference.text import prepare
from inference.thing_words import names_told, same_thing, thing_described
from inference.units import UNIT_BY_WORD
from inference.words import quoted_places, split_words

_PLURAL_LENGTH = 4
_SHORT_PLURALS = frozenset({"tvs", "acs", "pcs"})
_NOT_TELLING = frozenset(
    """
    a an the and or for from with that this it its is are was be all any per you your our my me we us i s in on at of to up by
    off as so no do if am pm
    """.split()
)
_DAYS = (
    r"seconds?|minutes?|hours?|days?|nights?|mornings?|noon|afternoons?|evenings?|weeks?|weekdays?|weekends?|months?|times?|ways|sides|directions|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|right|the (?:time|way)"
)
_ALL = re.compile(
    rf"\b(?:each|every|(?<!\bat )(?<!\bafter )all)\b(?!\s+(?:\d+\s+|other\s+)?(?:{_DAYS})\b)"
    r"|\b(?:both(?! (?:ways|sides|directions|ends|hands|channels|times|days)\b)|everything|everywhere)\b"
)
_ANY = re.compile(r"\bany\b(?!\s*(?:more|time|moment|longer)\b)")
_PLACES = r"(?:in|of|at|on|for|from|near|by)"
_PLACE = re.compile(rf"\s+{_PLACES}\s+")
_ARTICLES = r"(?:the|a|an|my|our|your|this|that)"
# "The lamp on the desk" is a name, "the lamp on night glow" is not.
_LINKS = re.compile(
    rf"(?:'s)?(?:\s+(?!on\s+(?!{_ARTICLES}\b)){_PLACES})?(?:\s+{_ARTICLES})?\s+", re.IGNORECASE
)
_LETTERS = re.compile(r"[^\W\d_]+")
_VERB_FOLLOWS = re.compile(
    rf"\s+(?:{_ARTICLES}|these|those|all|both|every|each|it|them|up|down)\b", re.IGNORECASE
)
_VERB_PLACE = re.compile(
    r"(?:^|[,.;:!?]\s|\b(?:please|you|to|just|also|now|then|and|not|don't|never|must|should)\s+)$",
    re.IGNORECASE,
)
# A number or a letter: "pump 2", "pumps A, B and C", "pump no. 2"; not that of "pump 2 ml", "pump 2.5" or "2:30".
_MARK = r"(?:\d+|(?<![^\W_])[^\W\d_])(?![\w:'%°]|\.\d)"
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
_CODE_FIRST = re.compile(r"^[a-z]\d+_(?=[a-z]{2})", re.IGNORECASE)
_MARKS = re.compile(
    rf"(?:(?:\s+(?:number|no\.?|nr\.?))?\s*#?\s*(?=\d)|[\s-])({_MARK}(?:(?:,\s?|,?\s+(?:and|or)\s+){_MARK})*)"
)
_JOINED = re.compile(r"\w+(?:-\w+)+|[^\W_]+(?:_\w+)+")
_MARK_BEFORE = re.compile(rf"(?<![\w.:'])({_MARK})[\s-]$")
_NEXT_WORD = re.compile(r"\s*([^\W\d_]+|%|°)")
_NO_NAME = frozenset("am pm times more less".split())
_AFTER_LETTER = frozenset("to and or with at by on off in of for from until till then is please now".split())


# Of more devices of one kind nobody says the names.
_MAXIMUM_SIBLINGS = 200


@dataclass(frozen=True, slots=True)
class NameWord:
    """A word that a name may have, and where it stands in a text.

    Attributes:
        word: in the singular.
        marked: the word with each number or letter beside it, "pump 2" or "floor 3"; without their word these tell nothing.
        bare: where the word begins and ends.
        span: the same, with the numbers and letters.
    """

    word: str
    marked: frozenset[str]
    bare: tuple[int, int]
    span: tuple[int, int]

    @property
    def words(self) -> frozenset[str]:
        """The word itself and with each number or letter."""
        return self.marked | {self.word}

    def unmarked(self) -> NameWord:
        """Return the word without what stands beside it."""
        return NameWord(self.word, frozenset(), self.bare, self.bare)


@dataclass(frozen=True, slots=True)
class Sibling:
    """A device that shares its kind with others and has a name of its own.

    Attributes:
        profile: as if it were the only one of a kind that is called like it.
        kind: the kind that it shares.
        own: the words of which one must be said to mean just this one.
    """

    profile: KindProfile
    kind: str
    own: frozenset[str]


@dataclass(frozen=True)
class DeviceNames:
    """The names by which single devices are known, by their kind; each name is a set of words.

    Attributes:
        names: the names.
        own: for siblings, the words of which one must be said.
        also: what devices are besides what their kind says: a "television" is a TV, and a media player may be a speaker.
    """

    names: dict[str, tuple[frozenset[str], ...]]
    own: dict[str, frozenset[str]] = field(default_factory=dict)
    also: dict[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, kinds: Sequence[KindProfile], siblings: Sequence[Sibling] = ()) -> DeviceNames:
        """Collect the names of siblings, of devices that are the only ones of their kind, and of kinds that are away."""
        single = [kind for kind in (*kinds, *(one.profile for one in siblings)) if kind.count <= 1]
        names = {
            kind.kind: _longest({words_of_name(name) for name in (kind.kind, *_single(kind.device_names))})
            for kind in single
        }
        others = _other_names(kinds, single, names)
        aliases = {kind.kind: [words_of_name(name) for name in names_told(kind.about)] for kind in single}
        return cls(
            {kind: (*names[kind], *others[kind], *aliases[kind]) for kind in names},
            {sibling.profile.kind: sibling.own for sibling in siblings},
            {kind: frozenset(found.values()) for kind, found in others.items()},
        )

    @cached_property
    def _words(self) -> dict[str, frozenset[str]]:
        return {kind: frozenset().union(*names) for kind, names in self.names.items()}

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset().union(*self._words.values())

    def words(self, kind: str) -> frozenset[str]:
        """Return all words of a device's names; none for a kind of several."""
        return self._words.get(kind, frozenset())

    def said(self, clause: str) -> frozenset[str]:
        """Return the words of a clause that names of devices have; numbers and letters where names have such there."""
        return frozenset().union(*(spot.words for spot in self._spots(clause)))

    def fitting(self, said: frozenset[str]) -> list[str]:
        """Return the devices whose names have all of these words, and of "pumps 1 and 2" one; none where nothing is said."""
        plain = {word for word in said if not _is_marked(word)}
        marks = _marks_by_word(said)
        return [
            kind
            for kind, words in self._words.items()
            if said
            and plain <= words
            and all(words & choices for choices in marks.values())
            and said & self.own.get(kind, said)
        ]

    def called(self, said: frozenset[str]) -> list[str]:
        """Return the devices of which a whole name is said, of two words at least, but for those that are a part of another's."""
        whole = {
            kind: max(found, key=len)
            for kind, names in self.names.items()
            if (found := [name for name in names if len(name) > 1 and name <= said])
        }
        return [kind for kind, name in whole.items() if not any(name < other for other in whole.values())]

    def things(self, clause: str) -> frozenset[str]:
        """Return what a clause names that a device is, without its place: "light" of "the light in the study"."""
        return self._things & self.said(clause)

    def thing_places(self, clause: str) -> list[tuple[str, int, int]]:
        """Return the same things with where each stands."""
        return [(spot.word, *spot.bare) for spot in self._spots(clause) if spot.word in self._things]

    @cached_property
    def _things(self) -> frozenset[str]:
        return frozenset().union(*map(self.heads, self.names))

    def heads(self, kind: str) -> frozenset[str]:
        """Return what a device is, without where it is: a light."""
        return frozenset({thing_of_name(kind)}) & self.words(kind) | self.also.get(kind, frozenset())

    def is_another(self, kind: str, clause: str, said: frozenset[str]) -> bool:
        """Whether a clause speaks of something like a device, but by a name that belongs to others.

        "The curtain in the study" is not the one in the hall, nor is "room 3" room 2; but "the lift doors" are not another
        lift, and "ice for the bar" is no other ice maker.
        """
        words = self.words(kind)
        start, end = self.mention(clause, said)
        thing = thing_of(clause[start:end])
        others = (self.said(clause[start:end]) & said) - words
        is_like = thing in self.heads(kind) or (
            thing in words and any(_is_marked(word) and _unmarked(word) == thing for word in others)
        )
        is_whole = any(name <= said for name in self.names.get(kind, ()))
        return is_like and not is_whole and bool(others)

    def is_all_name(self, clause: str) -> bool:
        """Whether a clause says nothing but a name: "the study"."""
        return bool(telling(clause)) and telling(clause) <= self.said(clause)

    def closest(self, said: frozenset[str], kinds: Sequence[str]) -> list[str]:
        """Return those of some devices whose names have the most of the words that are said."""
        most = max((len(said & self.words(kind)) for kind in kinds), default=0)
        return [kind for kind in kinds if len(said & self.words(kind)) == most]

    def mention(self, clause: str, said: frozenset[str]) -> tuple[int, int]:
        """Return where the words that are `said` stand in a clause, with what links them: the longest such run."""
        spots = [spot for spot in self._spots(clause) if spot.words & said]
        places = [(run[0].span[0], run[-1].span[1]) for run in runs(clause, spots)]
        return max(places, key=lambda place: place[1] - place[0], default=(0, 0))

    @cached_property
    def _numbered(self) -> frozenset[str]:
        return frozenset(_unmarked(word) for word in self._known if _is_marked(word))

    def _spots(self, clause: str) -> Iterator[NameWord]:
        """Find the words of names in a clause."""
        for spot in name_words(clause):
            if self._is_in_code(clause, spot.bare[0]):
                continue
            # "Lamp 7" is said even where there are only 1 to 3, but "lamp 40" is not where lamps have no numbers.
            if spot.marked and spot.word in self._numbered:
                yield spot
            elif spot.word in self._known:
                yield spot.unmarked()

    def without_codes(self, clause: str) -> str:
        """Return a clause without codes that have a word of a name in them: the station LASER-OUT is no laser."""
        return _JOINED.sub(lambda match: " " if self._is_code(match[0]) else match[0], clause)

    def _is_in_code(self, clause: str, place: int) -> bool:
        return any(
            one.start() <= place < one.end() and self._is_code(one[0]) for one in _JOINED.finditer(clause)
        )

    def _is_code(self, joined: str) -> bool:
        """Whether words that are joined are no name ("laser-out", "pump_a7"): "hall-lamp" is one of two words of names."""
        words = [_singular(word.casefold()) for word in _LETTERS.findall(joined) if len(word) > 1]
        known = [word for word in words if word in self._known]
        return bool(known) and len(known) < len(words)


def told_apart(kinds: Sequence[KindProfile]) -> list[Sibling]:
    """Return the devices that words of their names tell from others of their kind.

    "hall-lamp" and "kitchen-lamp" are such devices of the kind "lamp"; "robot-1" and "robot-2" are not.
    """
    apart: list[Sibling] = []
    taken = {kind.kind for kind in kinds}
    for kind in kinds:
        words = {name: words_of_name(name) for name in kind.device_names[:_MAXIMUM_SIBLINGS]}
        shared = words_of_name(kind.kind).union(frozenset.intersection(*words.values()) if words else ())
        for name in words if kind.count > 1 else ():
            title = " ".join(split_words(name))
            own = frozenset(word for word in words[name] - shared if not _is_marked(word))
            if own and title not in taken:
                taken.add(title)
                profile = replace(kind, kind=title, count=1, device_names=(name,), about="")
                apart.append(Sibling(profile, kind.kind, own))
    return apart


def means_all(clause: str) -> bool:
    """Whether a clause speaks of all of something: "all lights", but not "all the way" or "every day"."""
    return _ALL.search(clause) is not None


def means_any(clause: str) -> bool:
    """Whether a clause leaves open which one of something it speaks of."""
    return _ANY.search(clause) is not None


def means_several(clause: str, said: frozenset[str], things: Collection[str]) -> bool:
    """Whether a clause has one of some things in the plural, or numbers or letters for several: "pumps 1 and 2"."""
    plural = {_singular(word) for word in split_words(clause) if word != _singular(word)}
    return bool(plural & said & set(things)) or any(len(marks) > 1 for marks in _marks_by_word(said).values())


def telling(text: str) -> set[str]:
    """Return the words that tell things apart, in the singular; no numbers and no single letters."""
    return {word for word in map(_singular, split_words(text)) if _is_telling(word)}


def thing_of(text: str) -> str:
    """Return what a name is a name of: "light" of "the kitchen light" and of "the light in the study"; empty if nothing."""
    words = [word for word in map(_singular, split_words(_PLACE.split(text)[0])) if _is_telling(word)]
    return words[-1] if words else ""


@lru_cache(maxsize=4096)
def words_of_name(name: str) -> frozenset[str]:
    """Return the words of a device's name, also with their numbers and letters: "Pump two" has "pump" and "pump 2"."""
    return frozenset().union(*(spot.words for spot in name_words(_as_in_goals(name))))


@lru_cache(maxsize=4096)
def thing_of_name(name: str) -> str:
    """Return what a device is by its name: "pump" of "Pump two"."""
    return thing_of(_as_in_goals(name))


def _as_in_goals(name: str) -> str:
    """Write a name's words as they stand in a prepared goal: with digits, "the second floor" too, but no "h1_"."""
    plain = _CODE_FIRST.sub("", _ORDINAL.sub("", name))
    return prepare(f"the {' '.join(split_words(plain))}").lower


def name_words(text: str) -> Iterator[NameWord]:
    """Find the words that a name may have; in "open the door" and "light it" the verb is none, nor is what is quoted."""
    taken = 0
    quoted = quoted_places(text)
    for match in _LETTERS.finditer(text):
        word = _singular(match[0].casefold())
        if not _is_telling(word):
            continue
        start, end = bare = match.span()
        if any(left < start < right for left, right in quoted):
            continue
        if _VERB_FOLLOWS.match(text, end) and _VERB_PLACE.search(text, 0, start):
            continue
        marked: set[str] = set()
        before = _MARK_BEFORE.search(text, taken, start)
        if before is not None and before[1] != "a" and match[0].casefold() == word:
            # "The 3 floor", but not "2 lamps" or "a lamp".
            start = before.start(1)
            marked.add(f"{word} {before[1].casefold()}")
        after = _MARKS.match(text, end)
        if after is not None and _is_name(text, after):
            taken = end = after.end()
            marked |= {f"{word} {mark.casefold()}" for mark in re.findall(_MARK, after[1])}
        yield NameWord(word, frozenset(marked), bare, (start, end))


def runs(text: str, spots: Iterable[NameWord], links: re.Pattern[str] = _LINKS) -> list[list[NameWord]]:
    """Put words together that are linked as in "the light in the kitchen"; a word that comes again begins another name."""
    found: list[list[NameWord]] = []
    for spot in spots:
        last = found[-1] if found else []
        is_linked = bool(last) and (
            spot.span[0] <= last[-1].span[1] or links.fullmatch(text, last[-1].span[1], spot.span[0])
        )
        if is_linked and all(spot.word != one.word for one in last):
            last.append(spot)
        else:
            found.append([spot])
    return found


def _is_name(text: str, marks: re.Match[str]) -> bool:
    """Whether a number or letter behind a word may belong to its name: not that of "lamp 2 percent" or "give the pump a rest"."""
    following = _NEXT_WORD.match(text, marks.end())
    if following is None:
        return True
    if marks[1][-1].isdigit():
        return following[1].casefold() not in _NO_NAME | UNIT_BY_WORD.keys()
    return marks[1] != "a" or following[1].casefold() in _AFTER_LETTER


def _other_names(
    kinds: Sequence[KindProfile],
    single: Sequence[KindProfile],
    names: Mapping[str, Sequence[frozenset[str]]],
) -> dict[str, dict[frozenset[str], str]]:
    """Return what else devices may be called, and what each is by that name.

    Nothing is called by a word that another device has or speaks of: a lamp is no "light" where others have lights.
    """
    found = {kind.kind: _called_besides(kind, names[kind.kind]) for kind in single}
    things = {kind: {*others.values(), thing_of_name(kind)} for kind, others in found.items()}
    told = {kind.kind: telling(" ".join((kind.kind, kind.about, *kind.abilities))) for kind in kinds}
    return {
        kind: {
            name: thing
            for name, thing in others.items()
            if not any(thing in told[other] - things.get(other, set()) for other in told if other != kind)
        }
        for kind, others in found.items()
    }


def _called_besides(kind: KindProfile, names: Sequence[frozenset[str]]) -> dict[frozenset[str], str]:
    found: dict[frozenset[str], str] = {}
    title, _, description = kind.about.partition(". ")
    own, described = thing_of_name(kind.kind), _singular(thing_described(description))
    if described and described != own:
        found[words_of_name(title) & words_of_name(description) - {own} | {described}] = described
    for name in (*names, *found):
        for other, same in same_thing(name).items():
            if (thing := thing_of_name(other)) and thing != own:
                found = {name - same | words_of_name(other): thing} | found
    return found


def _single(device_names: Sequence[str]) -> Sequence[str]:
    return device_names if len(device_names) == 1 else ()


def _longest(names: Collection[frozenset[str]]) -> tuple[frozenset[str], ...]:
    """Return the names that are not a part of another: what is called "door" for short is still the "server room door"."""
    return tuple(name for name in names if not any(name < other for other in names))


def _marks_by_word(said: Collection[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for word in said:
        if _is_marked(word):
            found.setdefault(_unmarked(word), set()).add(word)
    return found


def _is_marked(word: str) -> bool:
    return " " in word


def _unmarked(marked: str) -> str:
    return marked.partition(" ")[0]


def _is_telling(word: str) -> bool:
    return word.isalpha() and (len(word) > 1 or not word.isascii()) and word not in _NOT_TELLING


def _singular(word: str) -> str:
    if word in _SHORT_PLURALS:
        return word[:-1]
    if len(word) < _PLURAL_LENGTH or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > _PLURAL_LENGTH:
        return f"{word[:-3]}y"
    return (
        word.removesuffix("es") if word.endswith(("ches", "shes", "xes", "sses")) else word.removesuffix("s")
    )
