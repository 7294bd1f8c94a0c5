"""Chooses the values of one function together, so that no two share their words and all that is said has its use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from inference.clock_fields import clock_words, is_same_time
from inference.colors import color_words
from inference.named_amounts import is_beside, is_with_name
from inference.range_ends import is_range, range_order
from inference.reading import SlotReading
from inference.request import Request
from inference.said_choices import is_days
from inference.said_dates import said_dates
from inference.said_lists import listed_with, texts_before, texts_behind
from inference.shares import is_manner
from inference.signatures import Parameter
from inference.spoken_texts import is_set_off
from inference.value_options import REUSED, UNUSED, Option, is_free_text, unsaid, weighed_options
from inference.value_places import is_said, places_of
from inference.words import Place

# Logarithms of probabilities, chosen on the development part of evals/independent and on evals/practice; what a name gains on the
# paper's arguments, where it has to outweigh the least that a reader can think of a value.
_BESIDE_NAME, _WITH_NAME = 2.0, 15.0
_OUT_OF_ORDER = 0.2
_REVERSED, _MIXED = 3.0, 2.0
_SAME_TIME, _TWO_TIMES = -0.1, 12.0
_COMPARED_OPTIONS, _COMPARED_ASSIGNMENTS = 5, 24


def fill(
    slots: Sequence[SlotReading],
    request: Request,
    places: Sequence[Place],
    foreign: Sequence[Place] = (),
) -> Filled:
    """Choose the values of a function; every quantity that is said in `places` should be one of them.

    What is said in `foreign` places asks for other functions.
    """
    options = [weighed_options(slot, slots, request, places, foreign) for slot in slots]
    best = _assigned(slots, options, request, amounts_within(request, places))
    return Filled(slots, options, best.picked, best.score, places)


@dataclass(frozen=True, slots=True)
class Filled:
    """A function's parameters, what each may be, the likeliest first, and what was chosen; None where nothing is said.

    `score` is the logarithm of how probable the choice is, less what was said and is not used; `places` are the parts of the
    sentence that are about it.
    """

    slots: Sequence[SlotReading]
    options: Sequence[Sequence[Option]]
    picked: tuple[Option | None, ...]
    score: float
    places: Sequence[Place]


_Member = tuple[Place, tuple[str, ...]]
"""Where the value of an object's member stands, and the object's path."""


@dataclass(frozen=True, slots=True)
class _Assignment:
    score: float
    picked: tuple[Option | None, ...] = ()
    taken: tuple[Place, ...] = ()
    members: tuple[_Member, ...] = ()


def amounts_within(request: Request, places: Sequence[Place]) -> list[Place]:
    """Return where quantities and labels such as "T7" stand in some parts of the sentence."""
    said = (quantity.text for quantity in request.sentence.quantities if not is_manner(quantity.text))
    texts = (*said, *request.labels)
    found = (place for text in texts for place in places_of(text, request.sentence)[:1])
    return [
        (start, end)
        for start, end in dict.fromkeys(found)
        if any(first <= start and end <= last for first, last in places)
    ]


def _assigned(
    slots: Sequence[SlotReading],
    options: Sequence[Sequence[Option]],
    request: Request,
    amounts: Sequence[Place],
) -> _Assignment:
    """Choose a value for every parameter, so that the same words do not serve two of them and no amount is passed over."""
    beam = [_Assignment(0.0)]
    for slot, scored in zip(slots, options, strict=True):
        grown = []
        silence = unsaid(slot, scored)
        times = clock_words(slot.parameter, request.sentence)
        colors = color_words(slot.parameter, request.sentence.lower)
        for so_far in beam:
            said = said_time(slot.parameter, slots, so_far.picked)
            # The hours of "10 minutes" are left out without being missed, the minutes of "9 pm" are not.
            unused = silence if said is None else -_TWO_TIMES if said in times else 0.0
            grown.append(replace(so_far, score=so_far.score + unused, picked=(*so_far.picked, None)))
            for option in scored[:_COMPARED_OPTIONS]:
                if option.words in times and said == option.words:
                    score = so_far.score + max(option.score, _SAME_TIME)
                    grown.append(replace(so_far, score=score, picked=(*so_far.picked, option)))
                    continue
                place = request.free_place(slot.parameter, option.words, so_far.taken)
                is_reused = place is None and is_said(option.words, request.sentence)
                if is_reused and _fills_another(slot, slots, so_far, option.words):
                    continue
                # Red, green and blue are said with one name.
                cost = REUSED if is_reused and option.words not in colors else 0.0
                # The hour of one time does not go with the minute of another.
                cost += _TWO_TIMES * (option.words in times and said is not None)
                if place is not None and so_far.taken and place < so_far.taken[-1]:
                    cost += _OUT_OF_ORDER
                if place is not None:
                    cost += _REVERSED * _is_reversed(slot, place, slots, so_far, request)
                members = so_far.members
                if place is not None and (whole := slot.parameter.steps[:-1]):
                    members = (*members, (place, whole))
                    cost += _MIXED * (_are_mixed(members) - _are_mixed(so_far.members))
                if place is not None:
                    place = _without_day(slot.parameter, place, request)
                places = () if place is None else (place, *_listed_places(slot.parameter, option, request))
                grown.append(
                    _Assignment(
                        so_far.score + option.score + gain_by_place(slot.parameter, option, request) - cost,
                        (*so_far.picked, option),
                        (*so_far.taken, *places),
                        members,
                    )
                )
        beam = sorted(grown, key=lambda one: -one.score)[:_COMPARED_ASSIGNMENTS]
    sets_something = request.sets_something([slot.parameter for slot in slots])
    weighed = (
        replace(
            one,
            score=one.score
            - UNUSED * _left_over(one, slots, request, amounts)
            - UNUSED * (sets_something and not any(one.picked)),
        )
        for one in beam
    )
    return max(weighed, key=lambda one: one.score)


def said_time(
    parameter: Parameter, slots: Sequence[SlotReading], picked: Sequence[Option | None]
) -> str | None:
    """Return the words that were chosen for another number of the same time, if any were."""
    return next(
        (
            option.words
            for slot, option in zip(slots, picked, strict=False)
            if option is not None
            and slot.parameter is not parameter
            and is_same_time(slot.parameter, parameter)
        ),
        None,
    )


def _fills_another(slot: SlotReading, slots: Sequence[SlotReading], so_far: _Assignment, words: str) -> bool:
    """Whether words are already another text that a function needs as well: a name that was said is no address."""
    return (
        slot.parameter.required
        and is_free_text(slot.parameter)
        and any(
            option is not None
            and option.words == words
            and other.parameter.required
            and is_free_text(other.parameter)
            for other, option in zip(slots, so_far.picked, strict=False)
        )
    )


def _without_day(parameter: Parameter, place: Place, request: Request) -> Place:
    """Leave the day to a parameter of its own: of "6:30 tomorrow morning" the time takes 6:30."""
    start, end = place
    day = next(
        (each.place[0] for each in said_dates(request.sentence.lower) if start < each.place[0] < end), end
    )
    return (start, day) if parameter.format or parameter.clock is not None else place


def _listed_places(parameter: Parameter, option: Option, request: Request) -> list[Place]:
    """Return where the other items of a list stand."""
    if not parameter.many:
        return []
    listed = (
        texts_before(option.words, request.sentence) + texts_behind(option.words, [], request.sentence)
        if is_free_text(parameter)
        else sorted(listed_values(parameter, option.words, request) - {option.words})
    )
    return [place for words in listed for place in request.where(parameter, words)[:1]]


def _is_reversed(
    slot: SlotReading, place: Place, slots: Sequence[SlotReading], so_far: _Assignment, request: Request
) -> bool:
    """Whether a value and that of a parameter before it are the ends of a range ("8 till 12") and change places."""
    for other, option in zip(slots, so_far.picked, strict=False):
        way = range_order(other.parameter, slot.parameter)
        if option is None or way is None:
            continue
        for there in request.where(other.parameter, option.words)[:1]:
            first, second = (there, place) if way else (place, there)
            if second < first and is_range(second, first, request.sentence):
                return True
    return False


def _are_mixed(members: Sequence[_Member]) -> bool:
    """Whether the values of one object stand between those of another, unlike in "from A1 on 2 to B1 on 8"."""
    objects = [whole for _, whole in sorted(members)]
    return sum(one != other for one, other in pairwise(objects)) > len(set(objects)) - 1


def _left_over(
    assignment: _Assignment, slots: Sequence[SlotReading], request: Request, amounts: Sequence[Place]
) -> int:
    """Count the amounts that no value has a use for; a text that nothing sets off from the rest uses only one."""
    texts = (
        place
        for slot, option in zip(slots, assignment.picked, strict=True)
        if option is not None
        and is_free_text(slot.parameter)
        and not (option.is_told or is_set_off(option.words, request.sentence))
        for place in places_of(option.words, request.sentence)[:1]
    )
    surplus = sum(max(0, sum(_is_taken(amount, [text]) for amount in amounts) - 1) for text in texts)
    return surplus + sum(not _is_taken(place, assignment.taken) for place in amounts)


def gain_by_place(parameter: Parameter, option: Option, request: Request) -> float:
    """Return how much a value gains by standing behind its parameter's name."""
    if parameter.many:
        return 0.0
    if is_with_name(parameter, option.words, request.sentence):
        return _WITH_NAME
    return _BESIDE_NAME if is_beside(parameter, option.words, request.sentence) else 0.0


def _is_taken(place: Place, taken: Sequence[Place]) -> bool:
    return any(start < place[1] and place[0] < end for start, end in taken)


def listed_values(parameter: Parameter, words: str, request: Request) -> frozenset[str]:
    """Return values that are listed with one that is meant, however sure the reader is of that one.

    Texts may hold an "and", and in "fan 3, top heat 210" the top is no value of the fan.
    """
    if is_free_text(parameter):
        return frozenset()
    values = [
        value for value in request.values(parameter) if not request.choices.is_excluded(parameter, value)
    ]
    if is_days(parameter):
        # "Not Friday, Wednesday then" names one of them only.
        values = [value for value in values if value in request.choices.naming(parameter)]
    return listed_with(
        words,
        [value for value in values if may_be_second(parameter, value)],
        request.sentence,
        with_or=parameter.many,
    )


def may_be_second(parameter: Parameter, words: str) -> bool:
    """Whether words may be one of several values; in "bottom heat 130 and top heat 240" the top is none."""
    return not parameter.is_quantity or any(map(str.isdigit, words))
