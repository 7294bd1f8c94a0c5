"""Finds which kind of device each part of a goal is for, by meaning and by the names of things.

A site of many unlike devices has more abilities than a small planning model can read. The encoder reads one at a time.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from inference.all_switched import all_switched
from inference.clause_links import PLACE_FIRST, Clause, Fit
from inference.device_names import DeviceNames, Sibling, means_all, means_any, telling, told_apart
from inference.goal_clauses import asked, begins_statement, goal_places, is_statement, leads, refers
from inference.goal_parts import Division
from inference.meant_devices import Devices, called_words
from inference.plan import KindProfile, PlanAnswer, Route
from inference.ports import Encoder
from inference.rooms import ROOM, placed, without_rooms
from inference.search_text import without_numbers
from inference.text import Sentence, prepare
from inference.units import UNIT_BY_WORD
from inference.whole_lists import with_whole_lists

# Chosen on the sentences for several devices in the development part of evals/independent.
_ABOUT_WEIGHT = 0.2
_NAME_WEIGHT = 0.1
_LEAST_ALONE = 0.35
# A number word has become a digit: "the bedroom 1".
_UNIT_BEHIND = rf"(?! ?(?:[%°:.]\w|{'|'.join(map(re.escape, sorted(UNIT_BY_WORD)))}|times?)(?:\b|$))"
_ROOMS_ONE = re.compile(rf"\b(?:the|my|our) {ROOM} (?P<one>1|ones?)\b{_UNIT_BEHIND}")
_ONE_OF_ROOM = re.compile(rf"\b(?:the|my|our) (?P<one>1|ones?) (?:in|on|at|of) (?:the |my |our )?{ROOM}")
# "Set" is no word of a television set there.
_VERB_FIRST = re.compile(
    r"^(?:(?:and|please|then|now) )*(?:set|turn|switch|put|make|get|give|take|let)\b(?= )"
)
_APART = re.compile(
    r"(?<=\w)(?<!\band)(?<!\bthe)(?<!\bto)(?<!\bof) (?:both|each)"
    r"(?=\s*$|[,.!?]| (?:at|to|on|off|up|down|by|please)\b)",
    re.IGNORECASE,
)
_EVERYWHERE = re.compile(
    r"(?<=\w),? (?:everywhere|(?:in|of) the (?:whole |entire )?(?:house|home|flat|apartment))(?=\s*[.!?]?$)",
    re.IGNORECASE,
)


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
        goal = _with_whole_lists(_with_things(_without_each(goal), names), names)
        at_home = is_home(kinds, entities)
        if at_home and (switched := all_switched(goal.lower, Devices.of(kinds, siblings, names))):
            return switched
        clauses = self._clauses(goal.lower, kinds, siblings, names)
        unnamed = [clause.text for clause in clauses if not names.fitting(clause.said)]
        if not at_home and any(
            means_all(one) or means_any(one) or _names_any(one, several, "(?:s|es)") for one in unnamed
        ):
            return []
        division = Division(goal, clauses, Devices.of(kinds, siblings, names))
        for number in range(len(clauses)):
            division.add(number)
        # Where each device is the only one of its kind, the nearest knows best whether it can do what is near to nothing.
        return division.routes() or (_nearest(goal, clauses, kinds) if at_home else [])

    def _clauses(
        self, lower: str, kinds: Sequence[KindProfile], siblings: Sequence[Sibling], names: DeviceNames
    ) -> list[Clause]:
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
        words = [called_words(kind) for kind in (*kinds, *(one.profile for one in siblings))]
        result = []
        for number, (start, end) in enumerate(places):
            text, vector = texts[number], vectors[number]
            named = _named(telling(_VERB_FIRST.sub("", plain[number])), words)
            able = {kind: float(np.max(known @ vector)) for kind, known in abilities.items()}
            near = {kind: _ABOUT_WEIGHT * float(text_vector @ vector) for kind, text_vector in about.items()}
            fits = [
                Fit(kind, able[of] + near[of] + _NAME_WEIGHT * name, able[of], name)
                for (kind, of), name in zip(base.items(), named, strict=True)
            ]
            fits.sort(key=lambda fit: -fit.score)
            said = names.said(text)
            result.append(Clause(start, end, text, said, tuple(fits), spared[number], remarks[number]))
        return result

    def _asked(self, texts: Sequence[str], remarks: Sequence[bool]) -> NDArray[np.float32]:
        """Return the vectors of clauses; what "it" is in "it is cold in the study, turn it up" stands in the remark before."""
        vectors = self._encoder.embed([without_numbers(text) for text in texts])
        result = vectors.copy()
        for number in range(1, len(texts)):
            is_placed = PLACE_FIRST.match(texts[number - 1]) is not None
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


def _with_whole_lists(goal: Sentence, names: DeviceNames) -> Sentence:
    """Say of each what is said once of several, in the words of `whole_lists`."""
    text = with_whole_lists(goal.text, names)
    return goal if text == goal.text else prepare(text)


def _without_each(goal: Sentence) -> Sentence:
    """Leave out what only says that several are meant, where it stands apart from them: "the den and the hall both off"."""
    text = _EVERYWHERE.sub("", _APART.sub("", goal.text))
    return goal if text == goal.text else prepare(text)


def _nearest(goal: Sentence, clauses: Sequence[Clause], kinds: Sequence[KindProfile]) -> list[Route]:
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


def _names_any(lower: str, things: Iterable[str], ending: str) -> bool:
    """Whether a goal speaks of a kind of thing that the site has many of."""
    return any(re.search(rf"\b{re.escape(thing.lower())}{ending}\b", lower) for thing in things)
