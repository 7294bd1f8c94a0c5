"""Makes parts of the clauses of a goal, each for the devices that it is for, and says one part for several of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from inference.clause_links import LIST_REST, NAME_FIRST, Clause, ClauseLinks
from inference.device_names import telling, thing_of
from inference.goal_clauses import is_left_alone, speaks_of_it
from inference.meant_devices import (
    Devices,
    SpokenOf,
    is_told_apart,
    lacking_device,
    meant_devices,
    warming_devices,
)
from inference.plan import Route
from inference.rooms import ROOM, Room, only_room, rooms_in
from inference.text import Sentence
from inference.units import UNIT_BY_WORD

# Chosen on the sentences for several devices in the development part of evals/independent.
_LEAST_COSINE = 0.4
_LEAST_NAMED = 0.5
_ABOUT_AS_ABLE = 0.25
_ITS = re.compile(r"\b(?:its|their)\s+$")
_THEN = re.compile(r"\bthen\b")
_THEN_FIRST = re.compile(r"(?:and |then )*(?:then|after|afterwards|once|when|as soon as|if|finally|next)\b")
_THEN_LAST = re.compile(r"\b(?:then|afterwards|after (?:that|this))$")
_ALSO = re.compile(r"(?:\W|\b(?:too|also|as well|please)\b)*$")
_ALL_ROOMS = re.compile(r"(?:(?:in|of) )?(?:both|all)(?: of)?(?: the| my| our)? ")
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
_OF_IT = re.compile(
    r"(?:and |then )*(?:please )?(?:have|let|make|keep|get|set|put|leave|turn) (?:it|them|its|their)\b"
)
# "…, bedroom 17": the same for another room, with another amount.
_ROOM_AGAIN = re.compile(
    rf"(?:(?:and|in|on|at|for|the|my|our) )*(?P<room>{ROOM})(?: (?:at|to|on))?(?: (?P<amount>-?\d[\d.]*))?(?: too| as well)?"
)
_AMOUNT_AGAIN = re.compile(r"(?<![\w.])-?\d[\d.]*")
_IN_THERE = re.compile(r"\s+(?:in|over|out|up|down) there(?=$| (?:on|off|up|down|to|at|please)\b|[.,!?])")


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


class Division:
    """Makes parts of the clauses of a goal, one clause after another."""

    def __init__(self, goal: Sentence, clauses: Sequence[Clause], devices: Devices) -> None:
        self._goal = goal
        self._clauses = clauses
        self._links = ClauseLinks(goal.lower, devices.names, clauses)
        self._devices = devices
        self._names = devices.names
        self._parts: list[_Part] = []
        # Where a remark began that belongs to the next part, and the words of names in remarks.
        self._begin: int | None = 0
        self._setting: frozenset[str] = frozenset()
        self._rooms: list[Room] = []
        # Whom "it" may mean: the devices of the last part, or one of those that a remark has named.
        self._latest: tuple[str, ...] = ()
        self._order: Clause | None = None
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
        elif self._is_called_so(clause) and (rest := self._links.said_of_all(number)):
            self._add_listed(clause, rest)
        elif not self._add_other_room(clause) and (
            warming_devices(clause.text, self._devices) or not self._repeat(clause)
        ):
            self._add_order(clause, next(iter(self._clauses[number + 1 :]), None))

    def routes(self) -> list[Route]:
        """Return a route for each device of each part, or one that says which device is not there."""
        return [route for number in range(len(self._parts)) for route in self._routes(number)]

    def _routes(self, number: int) -> list[Route]:
        part = self._parts[number]
        text, follows = (
            _IN_THERE.sub("", self._text(part)),
            number > 0 and _follows(self._goal.lower, self._parts[number - 1], part),
        )
        if part.missing:
            return [Route(text, None, part.missing, follows=follows)]
        return [
            Route(
                text,
                kind,
                device=self._devices.ids.get(kind),
                follows=follows,
                is_together=part.is_together or place > 0,
            )
            for place, kind in enumerate(part.kinds)
        ]

    def _is_called_so(self, clause: Clause) -> bool:
        """Whether a clause has a word that the device that it fits best is called."""
        return bool(telling(clause.text) & self._devices.called_like[clause.fits[0].kind])

    def _is_remark(self, clause: Clause) -> bool:
        """Whether a clause asks for nothing: "it is getting late", or "the hall is dark" beside what is to be done there."""
        best = clause.fits[0]
        if clause is not self._clauses[-1] and not self._parts and only_room(clause.text):
            following = self._clauses[self._clauses.index(clause) + 1]
            return not self._links.shared_thing(clause, following)
        if best.cosine < _LEAST_COSINE and best.named < _LEAST_NAMED and not self._names.called(clause.said):
            return True
        return clause.is_remark and not all(one.is_remark for one in self._clauses)

    def _add_remark(self, clause: Clause) -> None:
        self._setting |= clause.said
        self._rooms += rooms_in(clause.text)
        fitting = self._names.fitting(clause.said)
        self._hinted = tuple(fitting) or self._hinted
        last = self._parts[-1] if self._parts else None
        is_new_sentence = last is not None and re.search(r"[.!?;]", self._goal.lower[last.end : clause.start])
        if last is None or (is_new_sentence and clause is not self._clauses[-1]):
            if self._links.is_told_of(clause):
                self._begin = clause.start if self._begin is None else self._begin
            elif clause is self._clauses[0]:
                self._begin = None
        elif not last.text:
            self._parts[-1] = replace(last, end=clause.end)

    def _add_listed(self, clause: Clause, rest: str) -> None:
        kinds, missing = self._meant(clause, clause.said)
        text = f"{self._goal.text[clause.start : clause.end].strip()} {rest}"
        is_together = bool(self._parts) and clause is not self._clauses[0]
        self._parts.append(
            _Part(clause.start, clause.end, kinds, clause.said, text, missing, is_together=is_together)
        )
        self._latest, self._begin = kinds, None

    def _repeat(self, clause: Clause) -> bool:
        """Say the last part again where a clause only names other devices: "… and the study", "… and both fans off"."""
        last = self._parts[-1] if self._parts else None
        same = self._names.fitting(clause.said)
        start, end = self._links.mention(clause)
        is_first = NAME_FIRST.fullmatch(clause.text, 0, start) is not None
        is_all_rooms = _ALL_ROOMS.fullmatch(clause.text, 0, start) and not self._names.things(clause.text)
        if last is None or not last.said or not same or not (is_first or is_all_rooms):
            return False
        if not telling(clause.text[start:end]) <= clause.said:
            return False
        rest = self._goal.text[clause.start + end : clause.end]
        is_ended = _ALSO.fullmatch(rest) is not None
        if not is_ended and not last.is_open:
            return False
        if thing_of(clause.text[start:end]) not in self._devices.heads(same):
            # "The study" is another lamp behind "the lamp in the hall", and another room behind "clean the hall".
            same = [kind for kind in same if self._names.words(kind) & last.said]
            if not same or not all(last.said <= self._names.words(kind) for kind in last.kinds):
                self._parts[-1] = replace(
                    last, end=clause.end, text=last.text and f"{last.text} and {clause.text}"
                )
                return True
        if not self._devices.means_several(clause, same):
            near = last.said.union(*map(self._names.words, last.kinds), self._links.shared_room(clause))
            same = self._names.closest(near if last.kinds else last.said, same)[:1]
        for place, kind in enumerate(same):
            text = self._again(last, kind)
            part = _Part(clause.start, clause.end, (kind,), self._names.said(text.lower()), text)
            self._parts.append(replace(part, is_open=last.is_open, is_together=place > 0))
        if not is_ended:
            self._end_open(rest.strip())
        self._latest, self._hinted = tuple(same), ()
        return True

    def _add_other_room(self, clause: Clause) -> bool:
        """Say the last order again for another room, where it names no device: "how warm is it in the den and in the study"."""
        last, order = self._parts[-1] if self._parts else None, self._order
        again = _ROOM_AGAIN.fullmatch(clause.text)
        if last is None or order is None or again is None or self._names.things(order.text):
            return False
        (room,) = rooms_in(again["room"])
        text = self._text(last)
        before = [one for one in rooms_in(text.lower()) if one.words != room.words]
        amount = _AMOUNT_AGAIN.search(text)
        if len(before) != 1 or bool(again["amount"]) > bool(amount):
            return False
        warming = warming_devices(clause.text, self._devices)
        able = [
            fit
            for fit in order.fits
            if self._devices.is_in(fit.kind, room) and (not warming or fit.kind in warming)
        ]
        if not able or order.fits[0].cosine - able[0].cosine > _ABOUT_AS_ABLE:
            return False
        if again["amount"] and amount:
            text = f"{text[: amount.start()]}{again['amount']}{text[amount.end() :]}"
        text = f"{text[: before[0].start]}{room.name}{text[before[0].end :]}"
        kinds = (able[0].kind,)
        self._parts.append(_Part(clause.start, clause.end, kinds, clause.said, text, is_together=True))
        self._latest, self._hinted = kinds, ()
        return True

    def _add_order(self, clause: Clause, following: Clause | None) -> None:
        said, last = clause.said, self._parts[-1] if self._parts else None
        self._order = clause
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
            shared = self._links.shared_thing(clause, following) or self._links.shared_room(clause)
            missing = lacking_device(clause, self._links.room_before(clause), self._devices)
            kinds, missing = ((), missing) if missing else self._meant(clause, said | shared)
        self._latest, self._hinted = kinds, ()
        if last is not None and last.kinds == kinds and not (missing or last.missing or last.text):
            self._parts[-1] = replace(last, end=clause.end, said=last.said | said, is_open=False)
            return
        is_open = self._links.is_open(clause)
        begin = clause.start if self._begin is None else self._begin
        text = self._with_unit(clause, kinds)
        if is_open and len(kinds) == 1 and not self._names.things(clause.text):
            # "Kitchen", of "kitchen and hall lights at half", does not say what is to be at half.
            start = clause.start + self._links.mention(clause)[0]
            text = f"{self._goal.text[clause.start : start]}{kinds[0]}"
            said = self._names.said(text.lower())
        self._parts.append(_Part(begin, clause.end, kinds, said, text, missing, is_open=is_open))
        self._begin = None

    def _meant(self, clause: Clause, said: frozenset[str]) -> tuple[tuple[str, ...], str]:
        before = self._setting.union(*(part.said for part in self._parts))
        return meant_devices(clause, said, self._devices, SpokenOf(self._setting, self._rooms, before))

    def _with_unit(self, clause: Clause, kinds: Sequence[str]) -> str:
        """Return a clause with the unit that was said of such a thing just before: "… to 5000 kelvin and the other to 2700"."""
        text = self._goal.text[clause.start : clause.end].strip()
        if text[-1:].isdigit() and warming_devices(clause.text, self._devices):
            return f"{text} degrees"
        last = self._parts[-1] if self._parts else None
        amount = _TO_AMOUNT.search(clause.text)
        if last is None or amount is None or not self._devices.heads(kinds) & self._devices.heads(last.kinds):
            return ""
        before = _TO_MEASURE.search(self._text(last))
        is_unit = before is not None and before[1].lower() in UNIT_BY_WORD
        return f"{text} {before[1]}" if before is not None and is_unit else ""

    def _going_on(self, clause: Clause) -> tuple[str, ...]:
        """Return the devices of the part before where a clause says more of them without their name.

        "… heat mode, 23 degrees and the fan on high": what says no more than how it is to be, or speaks of what belongs to the
        device and stands in no other there; "have it clean the kitchen and the study": rooms, to those that go there.
        """
        kind = self._latest[0] if self._latest and self._parts and self._parts[-1].kinds else ""
        if kind in self._devices.roaming and self._is_next_room(clause):
            return self._latest
        fit = next((fit for fit in clause.fits if fit.kind == kind), None)
        things = self._names.things(clause.text)
        gap = 0.0 if fit is None else max(one.cosine for one in clause.fits) - fit.cosine
        if fit is None or (gap > _ABOUT_AS_ABLE and not things):
            return ()
        if any(rooms_in(clause.text)):
            is_there = kind in self._devices.roaming and not things
            return self._latest if is_there and not is_told_apart(clause, fit, self._devices) else ()
        if things:
            is_own = all(self._devices.belongs(thing, clause.text, kind) for thing in things)
            return self._latest if is_own and not things & self._names.heads(kind) else ()
        fitting = self._names.fitting(clause.said)
        if fitting and kind not in fitting and not clause.said <= self._devices.told[kind]:
            return ()
        is_short = _SHORT_WISH.fullmatch(clause.text) is not None
        return self._latest if is_short or _OF_IT.match(clause.text) else ()

    def _is_next_room(self, clause: Clause) -> bool:
        """Whether a clause goes on with a list of rooms: "… clean the kitchen and the study twice"."""
        before = self._text(self._parts[-1]).lower()
        room = next(rooms_in(clause.text), None)
        last = max(rooms_in(before), key=lambda one: one.end, default=None)
        return (
            room is not None
            and last is not None
            and last.end == len(before)
            and NAME_FIRST.fullmatch(clause.text, 0, room.start) is not None
            and not self._names.things(clause.text)
            and LIST_REST.match(clause.text, room.end) is None
        )

    def _add_lacking_room(self, clause: Clause) -> bool:
        """Say so where a list of rooms has one without such a device: "the lights in the hall and on the porch"."""
        last = self._parts[-1] if self._parts else None
        if last is None or not last.said:
            return False
        end = (last.is_open and self._links.mention(clause)[1]) or len(clause.text)
        room, rest = only_room(clause.text[:end]), clause.text[end:]
        if room is None or (rest and LIST_REST.match(rest) is None):
            return False
        text = self._text(last)
        things = [
            thing
            for thing in self._names.things(text.lower()) & last.said
            if self._devices.is_lacking(thing, room)
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

    def _referred(self, clause: Clause) -> tuple[str, ...]:
        """Return the devices that "it" in a clause is: those of the part before, or of a remark the one that can best.

        None where the clause says no such thing, or others can do far better about what is said; "its door" is a part of
        the device if that has one.
        """
        fits = [fit for fit in clause.fits if fit.kind in (self._hinted or self._latest)]
        if not fits or not speaks_of_it(clause.text):
            return ()
        start, end = self._names.mention(clause.text, clause.said)
        is_part = thing_of(clause.text[start:end]) in self._devices.told[fits[0].kind]
        if not is_part and (clause.said or fits[0].score <= clause.fits[0].score - _ABOUT_AS_ABLE):
            return ()
        return (fits[0].kind,) if self._hinted else self._latest

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


def _follows(lower: str, before: _Part, part: _Part) -> bool:
    """Whether a part waits for the one before it: "… then …", "when …"."""
    return (
        _THEN.search(lower, before.end, part.start) is not None
        or _THEN_FIRST.match(lower, before.start) is not None
        or _THEN_FIRST.match(lower, part.start) is not None
        or _THEN_LAST.search(lower, part.start, part.end) is not None
    )
