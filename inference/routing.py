"""Finds which kind of device each part of a goal is for, by meaning and by the names of things.

A site of many unlike devices has more abilities than a small planning model can read. The encoder reads one at a time.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from inference.device_names import (
    DeviceNames,
    Sibling,
    means_all,
    means_any,
    means_several,
    telling,
    thing_of,
    told_apart,
)
from inference.goal_clauses import (
    asked,
    begins_statement,
    goal_places,
    is_around,
    is_left_alone,
    is_statement,
    leads,
    refers,
    speaks_of_it,
)
from inference.plan import KindProfile, PlanAnswer, Route
from inference.ports import Encoder
from inference.rooms import ROOM, Room, only_room, placed, rooms_in, without_rooms
from inference.search_text import without_numbers
from inference.text import UNIT_BY_WORD, Sentence, prepare
from inference.thing_words import is_usual_part

# Chosen on the sentences for several devices in the development part of evals/independent.
_ABOUT_WEIGHT = 0.2
_NAME_WEIGHT = 0.1
_LEAST_COSINE = 0.4
_LEAST_ALONE = 0.35
_LEAST_NAMED = 0.5
_ABOUT_AS_ABLE = 0.25
_NEARLY_AS_GOOD = 0.1
_GOOD_ENOUGH = 0.15
_ABOUT_THE_SAME = 0.08
_ITS = re.compile(r"\b(?:its|their)\s+$")
_THEN = re.compile(r"\bthen\b")
_SO = re.compile(r"\bso\b")
_THEN_FIRST = re.compile(r"(?:and |then )*(?:then|after|afterwards|once|when|as soon as|if|finally|next)\b")
_THEN_LAST = re.compile(r"\b(?:then|afterwards|after (?:that|this))$")
# "The light in the cellar" is none of those that stand in other rooms.
_PLACED = re.compile(
    r"\s+(?:in|inside) (?:the|my|our) (?!(?:morning|afternoon|evening|night|day|daytime|dark|meantime|background|way|end|middle|"
    r"same|usual|right|left|other|next|first|last)\b)([^\W\d_]+)"
)
_OF_KIND = re.compile(
    r"\b(?:the|my|our) (?!(?:nearest|closest|next|other|first|last|free|idle|available|same|usual|right|left|whole|main|new|old|"
    r"big|small|little|second|third)\b)([^\W\d_]+) $"
)
_NAME_FIRST = re.compile(
    r"(?:(?:in|of|at|on|for|from|near|by|with)\s+)?(?:the|a|an|my|our|your|this|that)?\s*"
)
# "At the gate, …" begins with where something is to be done.
_PLACE_FIRST = re.compile(r"(?:in|at|on|inside|outside|under|above|by|near|for|from|until|till) ")
_NUMBER_BEHIND = re.compile(r"\s(\d+)(?=\s|$)")
_WORD_BEFORE = re.compile(r"([^\W\d_]+) $")
# What stands behind the last of a list is said of each ("mill, saw and drill can all go on").
_SHORT_NAME = re.compile(r"(?:the |my |our )?[^\W_]+(?: [^\W_]+)?")
_OF_ALL = re.compile(
    r"(?:the |my |our )?[^\W_]+(?: (?!can|could|may|should|must|shall|will|have|need|are|all|both|each)[^\W_]+)? "
    r"(?P<modal>can|could|may|should|must|shall|will|have to|need to|are to)? ?(?:all|both|each) "
    r"(?P<rest>(?!(?:the|of|my|our|day|night|right|over|in)\b).+)"
)
_EACH = re.compile(r"\b(?:every|each|all|both)\s+(?:of\s+)?(?:the\s+|my\s+|our\s+)?([^\W\d_]+)")
_ALSO = re.compile(r"(?:\W|\b(?:too|also|as well|please)\b)*$")
# "Turn the lamp" says too little: "… and the heater off".
_OPEN = re.compile(
    r"(?:please |could you |can you |would you )*(?:set|turn|switch|put|bring|change|adjust|keep|make)\s+(?:the|my|our|your)?\s*"
)


_LIST_JOINT = re.compile(r"\s*(?:,|,?\s*and)\s*")
_LIST_REST = re.compile(
    r"\s*(?:on|off|open|closed?|shut|up|down|to|at|in|out|please|all|both|can|should|must|need)\b"
)
# "Dim the lights in the den and the hall to 30 percent" says how much once.
_VERB_FIRST = re.compile(r"(?:please )?[^\W\d_]+ (?:(?:the|my|our|your) )?")
_AMOUNT = re.compile(r"\s*(?:(?:down |up )?to|at|by) (?:about |around )?-?\d")
_ALL_ROOMS = re.compile(r"(?:(?:in|of) )?(?:both|all)(?: of)?(?: the| my| our)? ")
_ROAMS = re.compile(r"\b(?:rooms|(?:a|given|each|one|certain|some) room|areas|zones)\b")
_TO_AMOUNT = re.compile(r"\b(?:to|at|by) -?\d[\d.]*$")
_TO_MEASURE = re.compile(r"\b(?:to|at|by) -?\d[\d.]* ?([^\W\d_]+|%)", re.IGNORECASE)
# "Fast mode", "off again in 10 minutes", "no swing": how something is to be, and not what is to be.
_SHORT_WISH = re.compile(
    r"(?:and |also |then |now )*(?:(?:no|not|off|on|with|without|at|to|up|down|about|level|speed|mode|full|half|low|high|medium|"
    r"maximum|minimum|max|min|auto|automatic|\d[\d.]*)\b.*"
    r"|(?!(?:set|turn|switch|put|make|start|stop|open|close|go|run|use|choose|pick|select|change|add|play|show|tell|get|give|keep|"
    r"let|have|the|a|an)\b)(?:[\w-]+ ){1,3}(?:mode|speed|level|setting|program|programme|cycle|volume|degrees|percent|on|off|"
    r"auto|low|medium|high|max|min|\d+)(?: (?:please|again|too|as well))?)"
)
# A number word has become a digit: "the bedroom 1".
_UNIT_BEHIND = rf"(?! ?(?:[%°:.]\w|{'|'.join(map(re.escape, sorted(UNIT_BY_WORD)))}|times?)(?:\b|$))"
_ROOMS_ONE = re.compile(rf"\b(?:the|my|our) {ROOM} (?P<one>1|ones?)\b{_UNIT_BEHIND}")
_ONE_OF_ROOM = re.compile(rf"\b(?:the|my|our) (?P<one>1|ones?) (?:in|on|at|of) (?:the |my |our )?{ROOM}")
_OF_IT = re.compile(
    r"(?:and |then )*(?:please )?(?:have|let|make|keep|get|set|put|leave|turn) (?:it|them|its|their)\b"
)
_PLACED_RIGHT = re.compile(r" (?:in|on|at|of|from|inside) (?:(?:the|my|our|your) )?")
_IN_THERE = re.compile(r"\s+(?:in|over|out|up|down) there(?=$| (?:on|off|up|down|to|at|please)\b|[.,!?])")


@dataclass(frozen=True, slots=True)
class _Fit:
    kind: str
    score: float
    cosine: float
    named: float


@dataclass(frozen=True, slots=True)
class _Clause:
    """A clause of the goal in lower case.

    Attributes:
        said: the words of names in it.
        fits: the kinds that it fits, the best first.
        spared: the devices that it leaves out ("all lights except …"), which its text does not name any more.
        is_remark: it asks for nothing, by how it is said.
    """

    start: int
    end: int
    text: str
    said: frozenset[str]
    fits: tuple[_Fit, ...]
    spared: frozenset[str]
    is_remark: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of the goal and the devices that it is for.

    `text` is set where it is not what stands there. An open part still lacks its end. One that is together with the part before
    repeats it for another device.
    """

    start: int
    end: int
    kinds: tuple[str, ...]
    said: frozenset[str]
    text: str = ""
    missing: str = ""
    is_open: bool = False
    is_together: bool = False


class Router:
    """Routes goals with a sentence encoder, which remembers the vectors of abilities."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def compose(
        self, goal: Sentence, kinds: Sequence[KindProfile], entities: Mapping[str, Sequence[str]]
    ) -> PlanAnswer | None:
        """Plan a goal that is more than parts for single devices; None where this router only finds routes.

        Raises:
            ModelError: the encoder cannot run.
        """
        del goal, kinds, entities
        return None

    def routes(
        self, goal: Sentence, kinds: Sequence[KindProfile], entities: Mapping[str, Sequence[str]]
    ) -> list[Route]:
        """Split a goal among the kinds, in the order in which it was said.

        A device that is named gets what is said of it, all that are named ("the lights") each the same, and what names a
        device that is not there says so. None where the goal speaks of the site's entities or of all of something without a
        name, which is for the planning model to quantify; where there is only one kind; and where nothing that can be done
        is near to what was said.

        Raises:
            ModelError: the encoder cannot run.
        """
        several = [kind.kind for kind in kinds if kind.count > 1]
        if len(kinds) < 2 or _names_any(goal.lower, entities, "(?:s|es)?"):  # noqa: PLR2004
            return []
        siblings = told_apart(kinds)
        names = DeviceNames.of(kinds, siblings)
        goal = _with_things(goal, names)
        clauses = self._clauses(goal.lower, kinds, siblings, names)
        at_home = is_home(kinds, entities)
        unnamed = [clause.text for clause in clauses if not names.fitting(clause.said)]
        if not at_home and any(
            means_all(one) or means_any(one) or _names_any(one, several, "(?:s|es)") for one in unnamed
        ):
            return []
        division = _Division(goal, kinds, siblings, names, clauses)
        for number in range(len(clauses)):
            division.add(number)
        # Where each device is the only one of its kind, the nearest knows best whether it can do what is near to nothing.
        return division.routes() or (_nearest(goal, clauses, kinds) if at_home else [])

    def _clauses(
        self, lower: str, kinds: Sequence[KindProfile], siblings: Sequence[Sibling], names: DeviceNames
    ) -> list[_Clause]:
        """Return the clauses of a goal with the kinds and siblings that each fits, the best first."""
        places, spared = goal_places(lower, names)
        texts = [lower[start:end] for start, end in places]
        remarks = [
            is_statement(text) or leads(lower, places, number, names) for number, text in enumerate(texts)
        ]
        for number in reversed(range(len(texts) - 1)):
            joint = lower[places[number][1] : places[number + 1][0]]
            remarks[number] |= remarks[number + 1] and begins_statement(
                texts[number], texts[number + 1], joint
            )
        plain = [names.without_codes(asked(text)) for text in texts]
        vectors = self._asked(plain, remarks)
        abilities = {kind.kind: self._abilities(kind) for kind in kinds}
        about = dict(
            zip(
                abilities,
                self._encoder.embed([f"{kind.kind}. {kind.about}" for kind in kinds]),
                strict=True,
            )
        )
        # Siblings can do what their kind can, but have names of their own.
        base = {kind.kind: kind.kind for kind in kinds} | {one.profile.kind: one.kind for one in siblings}
        words = [_name_words(kind) for kind in (*kinds, *(one.profile for one in siblings))]
        result = []
        for number, (start, end) in enumerate(places):
            text, vector = texts[number], vectors[number]
            named = _named(telling(plain[number]), words)
            able = {kind: float(np.max(known @ vector)) for kind, known in abilities.items()}
            near = {kind: _ABOUT_WEIGHT * float(text_vector @ vector) for kind, text_vector in about.items()}
            fits = [
                _Fit(kind, able[of] + near[of] + _NAME_WEIGHT * name, able[of], name)
                for (kind, of), name in zip(base.items(), named, strict=True)
            ]
            fits.sort(key=lambda fit: -fit.score)
            said = names.said(text)
            result.append(_Clause(start, end, text, said, tuple(fits), spared[number], remarks[number]))
        return result

    def _asked(self, texts: Sequence[str], remarks: Sequence[bool]) -> NDArray[np.float32]:
        """Return the vectors of clauses; what "it" is in "it is cold in the study, turn it up" stands in the remark before."""
        vectors = self._encoder.embed([without_numbers(text) for text in texts])
        result = vectors.copy()
        for number in range(1, len(texts)):
            is_placed = _PLACE_FIRST.match(texts[number - 1]) is not None
            if remarks[number - 1] and not remarks[number] and (is_placed or refers(texts[number])):
                first = number
                while first > 0 and remarks[first - 1]:
                    first -= 1
                whole = without_numbers(", ".join(texts[first : number + 1]))
                both = self._encoder.embed([whole])[0] + vectors[first : number + 1].sum(axis=0)
                result[number] = both / np.linalg.norm(both)
        return result

    def _abilities(self, kind: KindProfile) -> NDArray[np.float32]:
        return self._encoder.embed([f"{kind.kind}. {ability}" for ability in kind.abilities] or [kind.kind])


class _Division:
    """Makes parts of the clauses of a goal, one clause after another."""

    def __init__(
        self,
        goal: Sentence,
        kinds: Sequence[KindProfile],
        siblings: Sequence[Sibling],
        names: DeviceNames,
        clauses: Sequence[_Clause],
    ) -> None:
        self._goal = goal
        self._names = names
        self._clauses = clauses
        self._several = {kind.kind for kind in kinds if kind.count > 1}
        self._ids = {one.profile.kind: one.profile.device_names[0] for one in siblings}
        # These are meant only where they are named: they are away, or one of several.
        self._only_named = {kind.kind for kind in kinds if kind.count == 0} | self._ids.keys()
        self._told = {
            kind.kind: telling(" ".join((kind.kind, kind.about, *kind.abilities)))
            for kind in (*kinds, *(one.profile for one in siblings))
        }
        self._called_like = {
            kind.kind: _name_words(kind) for kind in (*kinds, *(one.profile for one in siblings))
        }
        self._able_text = {
            kind.kind: " ".join(kind.abilities).lower()
            for kind in (*kinds, *(one.profile for one in siblings))
        }
        # These go to rooms, so that a room does not say which of them is meant.
        self._roaming = {kind for kind, text in self._able_text.items() if _ROAMS.search(text)}
        self._parts: list[_Part] = []
        # Where a remark began that belongs to the next part, and the words of names in remarks.
        self._begin: int | None = 0
        self._setting: frozenset[str] = frozenset()
        self._rooms: list[Room] = []
        # Whom "it" may mean: the devices of the last part, or one of those that a remark has named.
        self._latest: tuple[str, ...] = ()
        self._hinted: tuple[str, ...] = ()

    def add(self, number: int) -> None:
        """Take in a clause: a part of its own, more of the last one, or that one again for another device."""
        clause = self._clauses[number]
        if is_left_alone(clause.text) and len(self._clauses) > 1:
            return
        if self._add_lacking_room(clause):
            return
        if self._is_remark(clause):
            self._add_remark(clause)
        elif _SHORT_NAME.fullmatch(clause.text) and (rest := self._said_of_all(number)):
            self._add_listed(clause, rest)
        elif not self._repeat(clause):
            self._add_order(clause, next(iter(self._clauses[number + 1 :]), None))

    def routes(self) -> list[Route]:
        """Return a route for each device of each part, or one that says which device is not there."""
        return [route for number in range(len(self._parts)) for route in self._routes(number)]

    def _routes(self, number: int) -> list[Route]:
        part = self._parts[number]
        text, follows = (
            _IN_THERE.sub("", self._text(part)),
            number > 0 and self._follows(self._parts[number - 1], part),
        )
        if part.missing:
            return [Route(text, None, part.missing, follows=follows)]
        return [
            Route(
                text,
                kind,
                device=self._ids.get(kind),
                follows=follows,
                is_together=part.is_together or place > 0,
            )
            for place, kind in enumerate(part.kinds)
        ]

    def _follows(self, before: _Part, part: _Part) -> bool:
        lower = self._goal.lower
        return (
            _THEN.search(lower, before.end, part.start) is not None
            or _THEN_FIRST.match(lower, before.start) is not None
            or _THEN_FIRST.match(lower, part.start) is not None
            or _THEN_LAST.search(lower, part.start, part.end) is not None
        )

    def _is_remark(self, clause: _Clause) -> bool:
        """Whether a clause asks for nothing: "it is getting late", or "the hall is dark" beside what is to be done there."""
        best = clause.fits[0]
        if clause is not self._clauses[-1] and not self._parts and only_room(clause.text):
            return True
        if best.cosine < _LEAST_COSINE and best.named < _LEAST_NAMED and not self._names.called(clause.said):
            return True
        return clause.is_remark and not all(one.is_remark for one in self._clauses)

    def _add_remark(self, clause: _Clause) -> None:
        self._setting |= clause.said
        self._rooms += rooms_in(clause.text)
        fitting = self._names.fitting(clause.said)
        self._hinted = tuple(fitting) or self._hinted
        last = self._parts[-1] if self._parts else None
        is_new_sentence = last is not None and re.search(r"[.!?;]", self._goal.lower[last.end : clause.start])
        if last is None or (is_new_sentence and clause is not self._clauses[-1]):
            if self._is_told_of(clause):
                self._begin = clause.start if self._begin is None else self._begin
            elif clause is self._clauses[0]:
                self._begin = None
        elif not last.text:
            self._parts[-1] = replace(last, end=clause.end)

    def _said_of_all(self, number: int) -> str:
        """Return what is said behind the last of a list ("pump, mill and lamp can all go on") of one before the last."""
        if not telling(self._clauses[number].text) & self._called_like[self._clauses[number].fits[0].kind]:
            return ""
        for clause in self._clauses[number + 1 :]:
            if found := _OF_ALL.fullmatch(clause.text):
                return f"{found['modal'] or ''} {found['rest']}".strip()
            if _SHORT_NAME.fullmatch(clause.text) is None:
                break
        return ""

    def _add_listed(self, clause: _Clause, rest: str) -> None:
        kinds, missing = self._meant(clause, clause.said)
        text = f"{self._goal.text[clause.start : clause.end].strip()} {rest}"
        is_together = bool(self._parts) and clause is not self._clauses[0]
        self._parts.append(
            _Part(clause.start, clause.end, kinds, clause.said, text, missing, is_together=is_together)
        )
        self._latest, self._begin = kinds, None

    def _is_told_of(self, remark: _Clause) -> bool:
        """Whether an order needs the remark before it: that names something, or is what "it" means in the order."""
        orders = (one for one in self._clauses if one.start > remark.start and not one.is_remark)
        order = next(orders, None)
        if not remark.is_remark or order is None or refers(order.text):
            return True
        if _SO.search(self._goal.lower, remark.end, order.start):
            return False
        is_aside = is_around(remark.text) or not is_statement(remark.text)
        is_named = bool(self._names.things(remark.text)) if is_around(remark.text) else bool(remark.said)
        return not is_aside or is_named or _PLACE_FIRST.match(remark.text) is not None

    def _repeat(self, clause: _Clause) -> bool:
        """Say the last part again where a clause only names other devices: "… and the study", "… and both fans off"."""
        last = self._parts[-1] if self._parts else None
        same = self._names.fitting(clause.said)
        start, end = self._mention(clause)
        is_first = _NAME_FIRST.fullmatch(clause.text, 0, start) is not None
        is_all_rooms = _ALL_ROOMS.fullmatch(clause.text, 0, start) and not self._names.things(clause.text)
        if last is None or not last.said or not same or not (is_first or is_all_rooms):
            return False
        if not telling(clause.text[start:end]) <= clause.said:
            return False
        rest = self._goal.text[clause.start + end : clause.end]
        is_ended = _ALSO.fullmatch(rest) is not None
        if not is_ended and not last.is_open:
            return False
        if thing_of(clause.text[start:end]) not in self._heads(same):
            # "The study" is another lamp behind "the lamp in the hall", and another room behind "clean the hall".
            same = [kind for kind in same if self._names.words(kind) & last.said]
            if not same or not all(last.said <= self._names.words(kind) for kind in last.kinds):
                self._parts[-1] = replace(
                    last, end=clause.end, text=last.text and f"{last.text} and {clause.text}"
                )
                return True
        if not self._means_several(clause, same):
            near = last.said.union(*map(self._names.words, last.kinds), self._shared_room(clause))
            same = self._names.closest(near if last.kinds else last.said, same)[:1]
        for place, kind in enumerate(same):
            text = self._again(last, kind)
            part = _Part(clause.start, clause.end, (kind,), self._names.said(text.lower()), text)
            self._parts.append(replace(part, is_open=last.is_open, is_together=place > 0))
        if not is_ended:
            self._end_open(rest.strip())
        self._latest, self._hinted = tuple(same), ()
        return True

    def _add_order(self, clause: _Clause, following: _Clause | None) -> None:
        said, last = clause.said, self._parts[-1] if self._parts else None
        is_its = (
            not said or _ITS.search(clause.text, 0, self._names.mention(clause.text, said)[0]) is not None
        )
        kinds, missing = self._referred(clause) if is_its else (), ""
        kinds = kinds or self._going_on(clause)
        if not kinds and is_its and last is not None and last.missing and speaks_of_it(clause.text):
            # What is to be done with a device that is not there must not be done with another.
            self._parts[-1] = replace(last, end=clause.end)
            return
        if not kinds:
            shared = self._shared_thing(clause, following) or self._shared_room(clause)
            missing = self._lacking(clause)
            kinds, missing = ((), missing) if missing else self._meant(clause, said | shared)
        self._latest, self._hinted = kinds, ()
        if last is not None and last.kinds == kinds and not (missing or last.missing or last.text):
            self._parts[-1] = replace(last, end=clause.end, said=last.said | said, is_open=False)
            return
        start, end = self._mention(clause)
        is_open = end == len(clause.text) and (
            _OPEN.fullmatch(clause.text, 0, start) is not None
            or (_NAME_FIRST.fullmatch(clause.text, 0, start) is not None and self._is_listed(clause))
            or (_VERB_FIRST.fullmatch(clause.text, 0, start) is not None and self._is_listed(clause, _AMOUNT))
        )
        begin = clause.start if self._begin is None else self._begin
        text = self._with_unit(clause, kinds)
        self._parts.append(_Part(begin, clause.end, kinds, said, text, missing, is_open=is_open))
        self._begin = None

    def _mention(self, clause: _Clause) -> tuple[int, int]:
        """Return where a clause names a device: its room may stand apart, as in "fan off in the living room"."""
        start, end = self._names.mention(clause.text, clause.said)
        things = self._names.things(clause.text)
        if not things or telling(clause.text[start:end]) & things:
            return start, end
        rooms = frozenset[str]().union(*(room.words for room in rooms_in(clause.text)))
        return self._names.mention(clause.text, clause.said - rooms)

    def _listed_behind(self, clause: _Clause) -> Iterator[_Clause]:
        """Return the clauses behind one that begin with a name, as those of a list do."""
        before = clause
        for following in self._clauses:
            if following.start <= clause.start:
                continue
            joint = self._goal.lower[before.end : following.start]
            start, end = self._mention(following)
            is_name = end > start and _NAME_FIRST.fullmatch(following.text, 0, start) is not None
            is_name = is_name or only_room(following.text) is not None
            if not is_name or _LIST_JOINT.fullmatch(joint) is None:
                return
            yield following
            before = following

    def _is_listed(self, clause: _Clause, ending: re.Pattern[str] = _LIST_REST) -> bool:
        """Whether what is to be done stands only behind the last name of a list: "tv, light and air purifier off"."""
        for following in self._listed_behind(clause):
            rest = following.text[self._mention(following)[1] :]
            if rest.strip() and only_room(following.text) is None:
                return ending.match(rest) is not None
        return False

    def _shared_room(self, clause: _Clause) -> frozenset[str]:
        """Return the room that is said behind a later name of a list: "the tv and the light in the study"."""
        none: frozenset[str] = frozenset()
        if not self._names.things(clause.text) or any(rooms_in(clause.text)):
            return none
        for following in self._listed_behind(clause):
            for room in placed(following.text, *self._mention(following)):
                return room.words if self._names.fitting(clause.said | room.words) else none
        return none

    def _with_unit(self, clause: _Clause, kinds: Sequence[str]) -> str:
        """Return a clause with the unit that was said of such a thing just before: "… to 5000 kelvin and the other to 2700"."""
        last = self._parts[-1] if self._parts else None
        amount = _TO_AMOUNT.search(clause.text)
        if last is None or amount is None or not self._heads(kinds) & self._heads(last.kinds):
            return ""
        before = _TO_MEASURE.search(self._text(last))
        is_unit = before is not None and before[1].lower() in UNIT_BY_WORD
        text = self._goal.text[clause.start : clause.end].strip()
        return f"{text} {before[1]}" if before is not None and is_unit else ""

    def _going_on(self, clause: _Clause) -> tuple[str, ...]:
        """Return the devices of the part before where a clause says more of them without their name.

        "… heat mode, 23 degrees and the fan on high": what says no more than how it is to be, or speaks of what belongs to the
        device and stands in no other there; "have it clean the kitchen and the study": rooms, to those that go there.
        """
        kind = self._latest[0] if self._latest and self._parts and self._parts[-1].kinds else ""
        if kind in self._roaming and self._is_next_room(clause):
            return self._latest
        fit = next((fit for fit in clause.fits if fit.kind == kind), None)
        things = self._names.things(clause.text)
        gap = 0.0 if fit is None else max(one.cosine for one in clause.fits) - fit.cosine
        if fit is None or (gap > _ABOUT_AS_ABLE and not things):
            return ()
        if any(rooms_in(clause.text)):
            is_there = kind in self._roaming and not things
            return self._latest if is_there and not self._is_told_apart(clause, fit) else ()
        if things:
            is_own = all(self._belongs(thing, clause.text, kind) for thing in things)
            return self._latest if is_own and not things & self._names.heads(kind) else ()
        fitting = self._names.fitting(clause.said)
        if fitting and kind not in fitting and not clause.said <= self._told[kind]:
            return ()
        is_short = _SHORT_WISH.fullmatch(clause.text) is not None
        return self._latest if is_short or _OF_IT.match(clause.text) else ()

    def _is_next_room(self, clause: _Clause) -> bool:
        """Whether a clause goes on with a list of rooms: "… clean the kitchen and the study twice"."""
        before = self._text(self._parts[-1]).lower()
        room = next(rooms_in(clause.text), None)
        last = max(rooms_in(before), key=lambda one: one.end, default=None)
        return (
            room is not None
            and last is not None
            and last.end == len(before)
            and _NAME_FIRST.fullmatch(clause.text, 0, room.start) is not None
            and not self._names.things(clause.text)
            and _LIST_REST.match(clause.text, room.end) is None
        )

    def _is_told_apart(self, clause: _Clause, fit: _Fit) -> bool:
        """Whether a device that is in the room of a clause can better: "vacuum the hall and dim the study"."""
        inside = [one for one in clause.fits if one.kind in self._names.fitting(clause.said)]
        return any(one.cosine - fit.cosine > _NEARLY_AS_GOOD for one in inside)

    def _belongs(self, thing: str, text: str, kind: str) -> bool:
        """Whether a thing is a part of a device, and no other device is called so in the same room: an air conditioner's fan."""
        is_first = _NAME_FIRST.match(text)
        is_short = is_first is not None and text.startswith(thing, is_first.end())
        if thing not in self._told[kind] and not (is_short and is_usual_part(thing, self._names.heads(kind))):
            return False
        behind = re.search(rf"\b{re.escape(thing)} ([^\W\d_]+)", text)
        if behind is not None and f"{thing} {behind[1]}" in self._able_text[kind]:
            return True
        rooms = list(rooms_in(kind))
        others = (one for one in self._names.names if thing in self._names.heads(one))
        return bool(rooms) and not any(self._is_in(one, room) for one in others for room in rooms)

    def _lacking(self, clause: _Clause) -> str:
        """Return what a clause calls a device in a room that has none of its kind: the TV of the attic; else nothing."""
        text, found = clause.text, ""
        for thing, start, end in self._names.thing_places(text):
            rooms = placed(text, start, end) or self._room_before(clause)
            if any(not self._is_lacking(thing, room) for room in rooms):
                return ""
            if rooms and not found:
                without = self._names.said(text).difference(*(room.words for room in rooms))
                place = self._names.mention(text, without)
                start = place[0] if place[0] <= start < place[1] else start  # noqa: PLW2901 - the whole of its name
                is_linked = _PLACED_RIGHT.fullmatch(text, end, rooms[0].start) is not None
                found = text[start : rooms[0].end] if is_linked else f"{rooms[0].name} {text[start:end]}"
        return found

    def _room_before(self, clause: _Clause) -> list[Room]:
        """Return the room that is all that the clause before says: "in the attic, dim the light"."""
        before = next((one for one in reversed(self._clauses) if one.start < clause.start), None)
        room = only_room(before.text) if before is not None and _PLACE_FIRST.match(before.text) else None
        return [room] if room is not None else []

    def _is_lacking(self, thing: str, room: Room) -> bool:
        """Whether there are such things, each in a room of its own, but none in this one."""
        same = [kind for kind in self._names.names if thing in self._names.heads(kind)]
        others = [kind for kind in self._told if kind not in same and thing in self._told[kind]]
        return (
            bool(same)
            and all(any(rooms_in(kind)) and kind not in self._roaming for kind in same)
            and not any(self._is_in(kind, room) for kind in (*same, *others))
        )

    def _add_lacking_room(self, clause: _Clause) -> bool:
        """Say so where a list of rooms has one without such a device: "the lights in the hall and on the porch"."""
        last = self._parts[-1] if self._parts else None
        if last is None or not last.said:
            return False
        end = (last.is_open and self._mention(clause)[1]) or len(clause.text)
        room, rest = only_room(clause.text[:end]), clause.text[end:]
        if room is None or (rest and _LIST_REST.match(rest) is None):
            return False
        text = self._text(last)
        things = [
            thing for thing in self._names.things(text.lower()) & last.said if self._is_lacking(thing, room)
        ]
        if len(things) != 1:
            return False
        missing = f"{room.name} {things[0]}"
        start, end = self._names.mention(text.lower(), last.said)
        whole = f"{text[:start]}{missing}{text[end:]}"
        self._parts[-1] = replace(last, text=text)
        self._parts.append(
            _Part(clause.start, clause.end, (), last.said, whole, missing, is_open=last.is_open)
        )
        if rest:
            self._end_open(rest.strip())
        return True

    def _shared_thing(self, clause: _Clause, following: _Clause | None) -> frozenset[str]:
        """Return what devices are called whose thing is said behind the next: the light in "the kitchen and the hall light"."""
        none: frozenset[str] = frozenset()
        if following is None or not clause.said or not self._names.is_all_name(following.text):
            return none
        if self._names.mention(clause.text, clause.said)[1] < len(clause.text):
            return none
        thing = thing_of(following.text)
        is_head = thing in self._heads(self._names.fitting(following.said))
        return frozenset({thing}) if is_head and self._names.fitting(clause.said | {thing}) else none

    def _referred(self, clause: _Clause) -> tuple[str, ...]:
        """Return the devices that "it" in a clause is: those of the part before, or of a remark the one that can best.

        None where the clause says no such thing, or others can do far better about what is said; "its door" is a part of
        the device if that has one.
        """
        fits = [fit for fit in clause.fits if fit.kind in (self._hinted or self._latest)]
        if not fits or not speaks_of_it(clause.text):
            return ()
        start, end = self._names.mention(clause.text, clause.said)
        is_part = thing_of(clause.text[start:end]) in self._told[fits[0].kind]
        if not is_part and (clause.said or fits[0].score <= clause.fits[0].score - _ABOUT_AS_ABLE):
            return ()
        return (fits[0].kind,) if self._hinted else self._latest

    def _meant(self, clause: _Clause, said: frozenset[str]) -> tuple[tuple[str, ...], str]:
        """Return the devices that a clause is for; or what it calls a device that is not there."""
        names, text = self._names, clause.text
        fitting, called = names.fitting(said), names.called(said)
        fitting = [kind for kind in fitting if kind not in clause.spared] or fitting
        if fitting and means_all(text):
            return tuple(fitting), ""
        if fitting and self._means_several(clause, fitting):
            if not self._heads(fitting) & said:
                # "Heat rooms 1 and 2" is for their heaters, not for their lights.
                things = names.heads(next(fit.kind for fit in clause.fits if fit.kind in fitting))
                fitting = [kind for kind in fitting if names.heads(kind) == things]
            there = [kind for kind in fitting if any(self._is_in(kind, room) for room in self._rooms)]
            return tuple(there or names.closest(self._setting, fitting)), ""
        if not clause.said.issuperset(said):
            called = fitting
        if not called and means_all(text) and (each := self._each(clause)):
            return each, ""
        eligible = called or [
            fit.kind for fit in clause.fits if fit.kind not in self._only_named or fit.kind in fitting
        ]
        best = self._best(clause, said, [fit for fit in clause.fits if fit.kind in eligible], fitting)
        start, end = names.mention(text, said)
        if not names.is_another(best.kind, text, said) and not self._is_foreign(best.kind, clause):
            is_one_of_several = best.kind in self._several or (best.kind in fitting and len(fitting) > 1)
            elsewhere = self._elsewhere(text, start, end) if is_one_of_several else ""
            return ((), elsewhere) if elsewhere else ((best.kind,), "")
        if fitting:
            return (next(fit.kind for fit in clause.fits if fit.kind in fitting),), ""
        return (), text[start:end]

    def _best(
        self, clause: _Clause, said: frozenset[str], fits: Sequence[_Fit], fitting: Sequence[str]
    ) -> _Fit:
        """Return which of some devices a clause is for, by their abilities, by names, and by what was spoken of before."""
        names, best = self._names, fits[0]
        inside = next((fit for fit in fits if fit.kind in fitting), best)
        is_near = best.score - inside.score < _NEARLY_AS_GOOD
        is_named = is_near and not self._is_told_better(best, inside, clause)
        if is_named or self._is_foreign(best.kind, clause):
            best = inside
        before = self._setting.union(*(part.said for part in self._parts))
        marked = self._marked(clause, fits, best)
        if marked is not None:
            return marked
        if best.kind in fitting and before - said:
            closest = names.closest(before, [fit.kind for fit in fits if fit.kind in fitting])
            return next(fit for fit in fits if fit.kind in closest)
        if said:
            return best
        # "Heat to 20 degrees" is for the room that was spoken of, if that has a heater.
        near = [fit for fit in fits if best.score - fit.score < _GOOD_ENOUGH]
        return max(near, key=lambda fit: len(before & names.words(fit.kind)))

    def _marked(self, clause: _Clause, fits: Sequence[_Fit], best: _Fit) -> _Fit | None:
        """Return the one of devices as good as the best that has the number behind a name: "plate 1" of "plate stirrer 1"."""
        _, end = self._names.mention(clause.text, clause.said)
        number = _NUMBER_BEHIND.search(clause.text, 0, end) or _NUMBER_BEHIND.match(clause.text, end)
        if number is None or not end:
            return None
        near = [fit for fit in fits if best.score - fit.score < _NEARLY_AS_GOOD]
        found = [
            fit
            for fit in near
            if any(word.endswith(f" {number[1]}") for word in self._names.words(fit.kind))
            and self._names.heads(fit.kind) == self._names.heads(best.kind)
        ]
        return found[0] if len(found) == 1 else None

    def _is_told_better(self, best: _Fit, named: _Fit, clause: _Clause) -> bool:
        """Whether a word before a name tells of another device: "the coffee machine" is no vending machine."""
        start, _ = self._names.mention(clause.text, clause.said)
        before = _WORD_BEFORE.search(clause.text, 0, start)
        word = telling(before[1]) if before else set()
        return bool(word & self._told[best.kind]) and not word & self._told[named.kind]

    def _each(self, clause: _Clause) -> tuple[str, ...]:
        """Return the devices that have what all is said of, and can about as well: "every lamp" of two bridges."""
        found = _EACH.search(clause.text)
        things = telling(found[1]) if found else set()
        able = [
            fit for fit in clause.fits if fit.kind not in self._only_named and things & self._told[fit.kind]
        ]
        return tuple(fit.kind for fit in able if able[0].score - fit.score < _ABOUT_THE_SAME)

    def _elsewhere(self, text: str, start: int, end: int) -> str:
        """Return a mention with what tells it apart, if that is nothing that anything is called; else nothing."""
        if thing_of(text[start:end]) not in self._heads(self._names.names):
            return ""
        place, kind = _PLACED.match(text, end), _OF_KIND.search(text, 0, start)
        if place is not None and self._is_unknown(place[1]):
            return text[start : place.end()]
        return text[kind.start(1) : end] if kind is not None and self._is_unknown(kind[1]) else ""

    def _is_unknown(self, word: str) -> bool:
        return bool(telling(word)) and not any(telling(word) & told for told in self._told.values())

    def _is_foreign(self, kind: str, clause: _Clause) -> bool:
        """Whether a clause speaks of a thing as there are some, but not of this device: no heater has a light in the bathroom."""
        names = self._names
        start, end = names.mention(clause.text, clause.said)
        thing = thing_of(clause.text[start:end])
        if thing not in self._heads(names.names) or not names.said(clause.text[start:end]) & names.words(
            kind
        ):
            return False
        return thing not in self._told[kind] and not names.heads(kind) & clause.said

    def _means_several(self, clause: _Clause, kinds: Iterable[str]) -> bool:
        """Whether a clause means each of some devices that fit: "all lights", "the lights", "pumps 1 and 2"."""
        return means_all(clause.text) or means_several(clause.text, clause.said, self._heads(kinds))

    def _is_in(self, kind: str, room: Room) -> bool:
        """Whether a device is in a room by its names or by what it says of itself."""
        words = self._names.words(kind) | self._called_like[kind]
        return room.words <= words or (bool(room.loose) and room.loose <= words)

    def _heads(self, kinds: Iterable[str]) -> frozenset[str]:
        return frozenset().union(*map(self._names.heads, kinds))

    def _end_open(self, rest: str) -> None:
        """End the last parts that lack it with what is said once behind the last: "the lamp and the heater off"."""
        for number in reversed(range(len(self._parts))):
            part = self._parts[number]
            if not part.is_open:
                return
            self._parts[number] = replace(part, text=f"{self._text(part)} {rest}", is_open=False)

    def _again(self, part: _Part, kind: str) -> str:
        """Say a part for another device: "Turn off the lamp in the hall" and "the study" make "Turn off the study lamp"."""
        text = self._text(part)
        if part.missing and part.missing in text:
            return text.replace(part.missing, kind)
        start, end = self._names.mention(text.lower(), part.said)
        return f"{text[:start]}{kind}{text[end:]}" if end else text

    def _text(self, part: _Part) -> str:
        return part.text or self._goal.text[part.start : part.end].strip()


def is_home(kinds: Sequence[KindProfile], entities: Mapping[str, Sequence[str]]) -> bool:
    """Whether a site has one device of each kind and nothing else, so that what people say there is short."""
    return not entities and all(kind.count <= 1 for kind in kinds)


def _with_things(goal: Sentence, names: DeviceNames) -> Sentence:
    """Say what "one" is: "the study light on and the kitchen one off" speaks of the kitchen light."""
    text = goal.text
    for pattern in (_ROOMS_ONE, _ONE_OF_ROOM):
        while (found := pattern.search(text.lower())) is not None:
            lower = text.lower()
            before = names.thing_places(lower[: found.start("one")])
            # A part of a device ("fan speed auto") is named without a room.
            before = [one for one in before if placed(lower, *one[1:])] or before
            kind = next((one for one in names.names if before and before[-1][0] in names.heads(one)), "")
            thing = without_rooms(kind) if kind else ""
            if not thing:
                break
            thing += "s" * found["one"].endswith("s")
            text = f"{text[: found.start('one')]}{thing}{text[found.end('one') :]}"
    return goal if text == goal.text else prepare(text)


def _nearest(goal: Sentence, clauses: Sequence[_Clause], kinds: Sequence[KindProfile]) -> list[Route]:
    """Return a route of a whole goal to the device that a clause of it is nearest to."""
    here = {kind.kind for kind in kinds if kind.count}
    orders = [clause for clause in clauses if not clause.is_remark]
    fits = [fit for one in orders for fit in one.fits if fit.kind in here and fit.cosine > _LEAST_ALONE]
    return [Route(goal.text.strip(), max(fits, key=lambda fit: fit.score).kind)] if fits else []


def _named(said: set[str], words: Sequence[set[str]]) -> list[float]:
    """Return how much each kind is named; a name says the more, the fewer kinds it belongs to."""
    common = {word: sum(word in known for known in words) for word in said}
    return [
        sum(math.log(1 + len(words) / common[word]) for word in said & known if common[word] < len(words))
        for known in words
    ]


def _name_words(kind: KindProfile) -> set[str]:
    return telling(" ".join((kind.kind, kind.about, *kind.device_names)))


def _names_any(lower: str, things: Iterable[str], ending: str) -> bool:
    """Whether a goal speaks of a kind of thing that the site has many of."""
    return any(re.search(rf"\b{re.escape(thing.lower())}{ending}\b", lower) for thing in things)
