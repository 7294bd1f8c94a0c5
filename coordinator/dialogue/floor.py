"""What people say of the floor: places that are blocked or free again, and everything near a place that is to stand still.

What a message is, the reader of messages decides; what is read here by rules are its structured parts: names of places and kinds,
and closed lists of words that point at everybody. A message that says more than that is left to others.
"""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from coordinator.coordinator import Coordinator
from coordinator.dialogue.acts import Act, Reading
from coordinator.dialogue.fleet_answers import some
from coordinator.dialogue.floor_words import ANY_DEVICE, BESIDE, ENDING, EVERYBODY, NEAR, OPEN, direction
from coordinator.dialogue.memory import ChatMemory
from coordinator.dialogue.moments import moment
from coordinator.dialogue.names import Names
from coordinator.dialogue.orders import Done
from coordinator.dialogue.past import Past
from coordinator.dialogue.questions import Choice, OpenQuestion
from coordinator.dialogue.targets import ORDER_WORDS
from coordinator.premises import Effect
from coordinator.site.closures import Closure, places_in
from coordinator.standstill import Standstill, Stopped
from coordinator.wording import listing, named, plural, quoted
from inference.words import split_clauses, split_words

_SEPARATOR = "\n"
_MOST_LABELS = 12
_NO_PLACE = (
    "Nothing was stopped: {device} is a device and no place of the site, so I do not know who is near it. Name a zone, or"
    " something of the site such as a station; the emergency stop stops every machine."
)
_HOW_TO_GO_ON = 'Say "carry on" to let it go on.'


class Floor:
    """Takes in what people say of the floor.

    Args:
        coordinator: carries it out.
        names: of the site.
        zone: of times of day.
    """

    def __init__(self, coordinator: Coordinator, names: Names, zone: ZoneInfo) -> None:
        self._coordinator = coordinator
        self._names = names
        self._zone = zone
        self._past = Past(coordinator)

    def take(self, reading: Reading, text: str, memory: ChatMemory, by: str) -> Done | None:
        """Do what a message says of the floor, or ask; None where it says nothing of it.

        Raises:
            InputError: what it is about has ended meanwhile.
            OperatorError: the broker cannot be reached, or the emergency stop is engaged.
        """
        act = reading.act if reading.act is not Act.GOAL else reading.likeliest
        if act in {Act.CLOSE_PLACE, Act.REOPEN_PLACE}:
            return self._of_places(act, reading, text, by)
        if act in {Act.STOP, Act.PAUSE}:
            return self._stand_still(text, by)
        if act is not Act.RESUME:
            return None
        done = self._go_on(text, memory, by)
        if done is None and set(split_words(text)) & (OPEN - {"again"}):
            # "Everything is free again" sounds like going on.
            done = self._of_places(Act.REOPEN_PLACE, reading, text, by)
        return done

    def answered(self, purpose: str, value: str, by: str) -> Done:
        """Go on with what was asked back.

        Raises:
            InputError: what it is about has ended meanwhile.
            OperatorError: the broker cannot be reached, or the emergency stop is engaged.
        """
        if purpose == "go_on":
            return Done(self._end(value, by))
        places = value.split(_SEPARATOR)
        return self._close(places, by) if purpose == "close" else self._reopen(places, by)

    # Places that are blocked, and free again

    def _of_places(self, act: Act, reading: Reading, text: str, by: str) -> Done | None:
        places = places_in(text, self._coordinator.site)
        words = set(split_words(text))
        if not places and act is Act.REOPEN_PLACE and words & EVERYBODY:
            places = self._closed_of_sort(words)
            if not places and (reading.act is act or not words - EVERYBODY - OPEN - {"is", "now"}):
                return Done("Nothing is out of use here, as far as I know.")
        if not places:
            return self._unknown_place(text) if reading.act is act else None
        if text.rstrip().endswith("?"):
            return Done(self.condition(text))
        act, is_sure = direction(act, text)
        if reading.act is act and is_sure:
            return self._close(places, by) if act is Act.CLOSE_PLACE else self._reopen(places, by)
        what = "out of use" if act is Act.CLOSE_PLACE else "in use again"
        verb = "is" if len(places) == 1 else "are"
        return Done(
            question=OpenQuestion(
                text=f"Do you mean that {listing(places)} {verb} {what}? Otherwise I take it for a new goal.",
                choices=(
                    Choice(label="yes", value=_SEPARATOR.join(places)),
                    Choice(label="no", value=text),
                ),
                purpose="close" if act is Act.CLOSE_PLACE else "reopen",
                is_yes_no=True,
            )
        )

    def _closed_of_sort(self, words: set[str]) -> list[str]:
        """Return what is out of use: of the sorts that a message names ("all aisles"), else all of it."""
        closed = [one.place for one in self._coordinator.premises.closed]
        sorts = {place: place.rpartition(" ")[0].casefold() for place in closed}
        named = {sort for sort in sorts.values() if {sort, plural(sort)} & words}
        return [place for place in closed if not named or sorts[place] in named]

    def _unknown_place(self, text: str) -> Done | None:
        """Say that a place is not known, where the message names one of a sort that the site has."""
        sorts: dict[str, list[str]] = {}
        for zone in self._coordinator.site.zones:
            sorts.setdefault(zone.rpartition(" ")[0].casefold(), []).append(zone)
        words = split_words(text)
        for sort, zones in sorts.items():
            if sort and (sort in words or plural(sort) in words):
                return Done(f"I do not know which {sort} you mean. The site has {some(sorted(zones))}.")
        return None

    def _close(self, places: Sequence[str], by: str) -> Done:
        return Done(" ".join(self._closed(self._coordinator.premises.close(place, by)) for place in places))

    def _closed(self, effect: Effect) -> str:
        place, closure = effect.closure.place, effect.closure
        if not effect.is_new:
            return f"{_capital(place)} is out of use already: {self._said(closure)}."
        parts = [f"{_capital(place)} is out of use from now on, and no way leads through it."]
        held = [name for name in effect.out_of_reach if name != place]
        if held:
            parts.append(f"Nobody is sent to {_grouped(held)}.")
        parts += [
            f"{device} was on its way there and is called back from {quoted(sentence)}."
            for device, sentence in effect.called_back
        ]
        if effect.inside:
            verb = "is" if len(effect.inside) == 1 else "are"
            parts.append(f"{some(effect.inside)} {verb} in it and may leave.")
        if effect.waiting:
            parts.append(f"Not begun, as long as this lasts: {some(list(map(quoted, effect.waiting)))}.")
        if not effect.called_back and not effect.waiting:
            parts.append("Nothing that is under way leads there.")
        parts.append(f'Say "{place} is free again" when it is.')
        return " ".join(parts)

    def _reopen(self, places: Sequence[str], by: str) -> Done:
        said = []
        for place in places:
            was = self._coordinator.premises.reopen(place, by)
            said.append(
                f"{_capital(place)} was in use all the time, as far as I know."
                if was is None
                else f"{_capital(place)} is in use again. What was not done because of it has to be ordered again."
            )
        return Done(" ".join(said))

    def condition(self, text: str) -> str:
        """Answer what is out of use: the places that a question names, or all."""
        closed = {one.place: one for one in self._coordinator.premises.closed}
        zone_of = self._coordinator.site.zone_of
        said = []
        for place in places_in(text, self._coordinator.site):
            closure = closed.get(place) or closed.get(zone_of.get(place, ""))
            if closure is None:
                said.append(f"{_capital(place)} is in use, as far as I know.")
            elif closure.place == place:
                said.append(f"{_capital(place)} is out of use: {self._said(closure)}.")
            else:
                said.append(
                    f"{_capital(place)} is in {closure.place}, which is out of use: {self._said(closure)}."
                )
        if not said:
            said = [f"{_capital(one.place)} is out of use: {self._said(one)}." for one in closed.values()]
            said += self.standing_still()
        return " ".join(said) or "Nothing is out of use here, as far as I know."

    def standing_still(self) -> list[str]:
        """Say what stands still, a sentence each."""
        return [
            f"{_capital(one.name)} stands still: {one.by} said so {self._when(one.at)}."
            for one in self._coordinator.standstills.list()
        ]

    def _said(self, closure: Closure) -> str:
        return f"{closure.by} said so {self._when(closure.at)}"

    def _when(self, at: float) -> str:
        return moment(at, self._coordinator.clock.now(), self._zone)

    # Standing still, and going on

    def _stand_still(self, text: str, by: str) -> Done | None:
        clause = next((one for one in split_clauses(text) if self._whom(one) is not None), None)
        if clause is None:
            return None
        whom, kinds = self._whom(clause) or ("", ())
        devices = [one for one in self._names.mentions(text) if one.sort == "device"]
        if devices:
            is_beside = bool(set(split_words(clause)) & BESIDE) and devices[0].kind not in kinds
            # As a goal it would have every machine stop in its own way, which "carry on" does not undo.
            return Done(_NO_PLACE.format(device=devices[0].name)) if is_beside else None
        places = places_in(text, self._coordinator.site)
        words = set(split_words(clause))
        known = {word for place in places for word in (*split_words(place), *map(plural, split_words(place)))}
        known |= {word for kind in kinds for word in (*split_words(kind), plural(kind))}
        if words & ENDING or words - known - ORDER_WORDS - NEAR - EVERYBODY - ANY_DEVICE:
            return None
        noun = next(iter(kinds), "device")
        if not places:
            return self._stopped(self._coordinator.standstills.begin(whom, by, kinds=kinds), noun)
        texts = []
        for place in places:
            where = f"{'in' if place in self._coordinator.site.zones else 'near'} {place}"
            stopped = self._coordinator.standstills.begin(f"{whom} {where}", by, place=place, kinds=kinds)
            texts.append(self._stopped(stopped, noun, where, place))
        return Done(" ".join(one.text for one in texts), standstill_id=texts[-1].standstill_id)

    def _whom(self, clause: str) -> tuple[str, tuple[str, ...]] | None:
        """Return how those are spoken of who are to stand still, and their kinds; None where not several are meant."""
        words = set(split_words(clause))
        kind = self._names.kind_named(clause)
        if kind is not None and (plural(kind) in words or words & EVERYBODY):
            return f"every {kind}", (kind,)
        return ("everything", ()) if words & (EVERYBODY | ANY_DEVICE) else None

    def _stopped(self, stopped: Stopped, noun: str, where: str = "at work", place: str | None = None) -> Done:
        one = stopped.standstill
        parts = []
        if stopped.everyone:
            verb = "stands" if len(stopped.everyone) == 1 else "stand"
            parts.append(f"{self._with_work(stopped, place)} {verb} still.")
        else:
            parts.append(f"No {noun} is known to be {where}.")
        if stopped.before:
            verb = "was" if len(stopped.before) == 1 else "were"
            parts.append(f"{some(stopped.before)} {verb} paused before and stay{'s' * (verb == 'was')} so.")
        if stopped.others and place is not None:
            at_work = [name for name in stopped.others if name in self._past.at_work()]
            if at_work:
                parts.append(f"{some(at_work)} {'goes' if len(at_work) == 1 else 'go'} on.")
        if one is None:
            return Done(" ".join(parts))
        if place is not None:
            parts.append(f"Nothing new is begun that leads to {place}.")
        else:
            parts.append(
                "What waits for them waits on. A machine that runs without an order of mine is not paused by this;"
                " the emergency stop stops that too."
            )
        parts.append(_HOW_TO_GO_ON)
        return Done(" ".join(parts), standstill_id=one.standstill_id)

    def _with_work(self, stopped: Stopped, place: str | None) -> str:
        at_work = self._past.at_work()
        said = []
        for device_id in stopped.everyone:
            notes = []
            if device_id in stopped.heading:
                notes.append(f"on its way to {place}")
            if device_id in stopped.unlocated:
                notes.append("it may be there; where it is just now, is not known")
            if device_id in at_work:
                notes.append(f"at {quoted(at_work[device_id][1].sentence)}")
            said.append(f"{device_id} ({', '.join(notes)})" if notes else device_id)
        return some(said)

    def _go_on(self, text: str, memory: ChatMemory, by: str) -> Done | None:
        standing = self._coordinator.standstills.list()
        if not standing or any(one.sort == "device" for one in self._names.mentions(text)):
            return None
        places = places_in(text, self._coordinator.site)
        words = set(split_words(text))
        if places:
            standing = [one for one in standing if one.place in places]
            return Done(" ".join(self._end(one.standstill_id, by) for one in standing)) if standing else None
        kind = self._names.kind_named(text)
        known = {kind, plural(kind)} if kind is not None else set()
        if words - known - ORDER_WORDS - NEAR - EVERYBODY - ANY_DEVICE:
            return None
        if words & EVERYBODY:
            return Done(" ".join(self._end(one.standstill_id, by) for one in standing))
        return self._one_of(standing, memory, by)

    def _one_of(self, standing: Sequence[Standstill], memory: ChatMemory, by: str) -> Done | None:
        """Let go on what this chat stopped last; ask where something else may be meant as well."""
        in_force = {one.standstill_id for one in standing}
        paused = {goal.goal_id for goal in self._past.under_way() if goal.waiting}
        for turn in memory.newest_first():
            if turn.standstill_id in in_force and turn.standstill_id is not None:
                return Done(self._end(turn.standstill_id, by))
            if turn.goal_id in paused:
                return None
        if len(standing) == 1 and not paused:
            return Done(self._end(standing[0].standstill_id, by))
        choices = tuple(Choice(label=one.name, value=one.standstill_id) for one in standing)
        return Done(
            question=OpenQuestion(text="Which one shall I let go on?", choices=choices, purpose="go_on")
        )

    def _end(self, standstill_id: str, by: str) -> str:
        one = self._coordinator.standstills.get(standstill_id)
        released = self._coordinator.standstills.end(standstill_id, by)
        if not released:
            return f"{_capital(one.name)} may go on; no device stood still because of that."
        return f"{some(released)} {'goes' if len(released) == 1 else 'go'} on."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _grouped(places: Sequence[str]) -> str:
    """Name places: those of one kind together, "shelves 5, 6 and 7"."""
    by_kind: dict[str, list[str]] = {}
    for place in places:
        kind, _, label = place.rpartition(" ")
        by_kind.setdefault(kind, []).append(label)
    return listing([named(kind, labels[:_MOST_LABELS] + _more(labels)) for kind, labels in by_kind.items()])


def _more(labels: Sequence[str]) -> list[str]:
    return [f"{len(labels) - _MOST_LABELS} more"] if len(labels) > _MOST_LABELS else []
