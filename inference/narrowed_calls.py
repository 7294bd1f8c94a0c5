"""Writes the calls of one function from the values that were chosen for it: one, or several where several values are said."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from inference.choices import unnamed_beside
from inference.clock_fields import clock_words
from inference.colors import color_words
from inference.day_counts import counted_days
from inference.day_texts import unwritten_days
from inference.filling import Filled, gain_by_place, listed_values, may_be_second, said_time
from inference.notation import LEFT_OUT, MAXIMUM_CALLS
from inference.program_grammar import NarrowedCall
from inference.reading import SlotReading
from inference.request import Request
from inference.said_lists import ends_list, is_joined, listed_things, listed_with, texts_before, texts_behind
from inference.signatures import Parameter, ParameterKind
from inference.spoken_texts import is_set_off
from inference.text import canonical_words
from inference.value_options import Option, is_free_text
from inference.value_places import is_said, item_places, overlap
from inference.values import ITEM_JOINT, MAXIMUM_ITEMS, NOTHING_MORE, item_bounds
from inference.words import Place

# Logarithms of probabilities, chosen on the development part of evals/independent.
_ABOUT_AS_LIKELY = 0.4
_NEXT_ITEM = 2.0
_SECOND_VALUE = 3.0
_LEFT_OVER = 1.0
_CLEARLY_MEANT = 0.7
_ONE_THING = [[word] for word in ("item", "product", "ingredient", "grocery", "article")]


@dataclass(frozen=True, slots=True)
class Lacking:
    """A function is asked for, and a value that it needs was not said: indices of both."""

    function: int
    parameter: int


@dataclass(frozen=True, slots=True)
class OutOfRange:
    """A function is asked for with a quantity that it does not allow: indices of function and parameter, and the words."""

    function: int
    parameter: int
    words: str


def calls_of(
    index: int, request: Request, filled: Filled, weight: float, most: int
) -> list[NarrowedCall] | Lacking | OutOfRange:
    """Return the calls of one function, at most `most`; `weight` is the logit of its being asked for."""
    slots, picked = filled.slots, filled.picked
    written: list[list[tuple[str, ...]]] = []
    is_asked, least_certain = -math.log1p(math.exp(-weight)), 0.0
    for number, (slot, scored, best) in enumerate(zip(slots, filled.options, picked, strict=True)):
        parameter = slot.parameter
        if best is None and (
            parameter.required
            or _is_unwritten(parameter, picked, request)
            or (parameter.needed_with and _is_given(parameter.needed_with, slots, picked))
        ):
            if _is_uncounted(number, filled):
                written.append([(NOTHING_MORE,)])
                continue
            return Lacking(index, number)
        if best is not None and not best.fits:
            return OutOfRange(index, number, best.words)
        if best is not None and parameter.required and _is_of_another(number, picked, slots, request):
            return Lacking(index, number)
        least_certain = min(least_certain, _certainty(number, filled, request))
        if best is None:
            written.append([(LEFT_OUT,)])
        elif not parameter.many:
            written.append(_ways(number, best, filled, request, most))
        elif best.words in color_words(parameter, request.sentence.lower):
            # The name of a colour is all of its list.
            written.append([(best.words,)])
        else:
            rivals = _rivals(scored, _words_elsewhere(best, filled, request), request)
            items = _items(parameter, rivals or [best], request, filled.places)
            if len(items) < item_bounds(parameter)[0]:
                return Lacking(index, number)
            written.append([(ITEM_JOINT.join(items),)])
    times = max((len(ways) for ways in written), default=1)
    return [
        NarrowedCall(
            index,
            tuple(ways[turn] if len(ways) == times else ways[0] for ways in written),
            is_asked + least_certain,
        )
        for turn in range(times)
    ]


def _is_unwritten(parameter: Parameter, picked: Sequence[Option | None], request: Request) -> bool:
    """Whether a day is said that a parameter cannot say, and no other value has use for: none is not what was meant."""
    taken = [
        place for other in picked if other is not None for place in item_places(other.words, request.sentence)
    ]
    return any(
        not any(start < end and first < last for start, last in taken)
        for first, end in unwritten_days(parameter, request.sentence.lower)
    )


def _is_of_another(
    number: int, picked: Sequence[Option | None], slots: Sequence[SlotReading], request: Request
) -> bool:
    """Whether a text is a mere number that another value is said with: the 7 of "a ride for 7 on Friday" is no address."""
    best = picked[number]
    if best is None or best.is_told or not is_free_text(slots[number].parameter):
        return False
    return re.fullmatch(r"\d+(?:[:.]\d+)?", best.words) is not None and any(
        other is not None and place != number and overlap(best.words, other.words, request.sentence)
        for place, other in enumerate(picked)
    )


def _certainty(number: int, filled: Filled, request: Request) -> float:
    """Return how certain a chosen value is, or that there is none, as the logarithm of a probability.

    The minutes of a time are as certain as its hours.
    """
    slot, best = filled.slots[number], filled.picked[number]
    if best is None:
        is_of_time = said_time(slot.parameter, filled.slots, filled.picked) is not None
        return 0.0 if is_of_time else slot.silence
    if said_time(slot.parameter, filled.slots, filled.picked[:number]) == best.words:
        return 0.0
    weighed = {
        option.words: option.score + gain_by_place(slot.parameter, option, request)
        for option in filled.options[number]
        if option.fits
    }
    return weighed[best.words] - float(np.logaddexp.reduce([*weighed.values(), slot.silence]))


def _ways(number: int, best: Option, filled: Filled, request: Request, most: int) -> list[tuple[str, ...]]:
    """Return what a value may be written with: for one call, or for each of several."""
    parameter = filled.slots[number].parameter
    fitting = [option for option in filled.options[number] if option.fits]
    # All numbers of a time are said with its words.
    is_time = best.words in clock_words(parameter, request.sentence)
    others = [
        words for words in _words_elsewhere(best, filled, request) if not is_time or words != best.words
    ]
    if together := request.choices.together(parameter)[:MAXIMUM_CALLS]:
        return [(words,) for words in together]
    if _is_one_thing(parameter) and not is_set_off(best.words, request.sentence):
        told = [option for option in fitting if option.is_told and option.score >= best.score - _NEXT_ITEM]
        things = (
            _distinct(told, parameter, request)
            if best.is_told
            else listed_things(best.words, filled.places, request.sentence)[:MAXIMUM_CALLS]
        )
        if not any(overlap(thing, other, request.sentence) for thing in things for other in others):
            return [(thing,) for thing in things]
    rivals = _rivals(fitting, others, request)
    least = best.score - _SECOND_VALUE
    spoken = [
        option
        for option in rivals
        if option.score >= least - (_LEFT_OVER if parameter.is_quantity else 0.0)
        and (is_said(option.words, request.sentence) or request.choices.is_named(parameter, option.words))
        and (
            may_be_second(parameter, option.words)
            or option.words in counted_days(parameter, request.sentence)
        )
        and not request.choices.is_excluded(parameter, option.words)
    ]
    spoken += [
        Option(best.score, words)
        for words in sorted(listed_values(parameter, best.words, request))
        if not any(overlap(words, other, request.sentence) for other in others)
    ]
    values = _apart(_distinct(spoken, parameter, request), parameter, request)
    near = (
        [best.words]
        if is_time
        else [option.words for option in fitting if option.score >= best.score - _ABOUT_AS_LIKELY]
    )
    near = [best.words, *(words for words in near if words != best.words and words not in others)]
    if parameter.is_quantity:
        # The 8 of "8 in the evening" is no number of guests.
        near = [
            best.words,
            *(
                words
                for words in near[1:]
                if not any(overlap(words, other, request.sentence) for other in others)
            ),
        ]
    if request.choices.is_wholly_named(parameter, best.words):
        # Nobody has to choose between what is said and what is not.
        near = [words for words in near if words == best.words or request.choices.is_named(parameter, words)]
    return [(words,) for words in values] if 1 < len(values) <= most else [tuple(near)]


def _rivals(scored: Sequence[Option], others: Sequence[str], request: Request) -> list[Option]:
    """Return what a value may be besides, without the words of the others."""
    return [
        option
        for option in scored
        if option.fits and not any(overlap(option.words, one, request.sentence) for one in others)
    ]


def _words_elsewhere(best: Option, filled: Filled, request: Request) -> list[str]:
    """Return what was chosen for the other values: of "ports 4, 5 and 6 in VLAN 20" all three ports, for the VLAN."""
    return [
        words
        for slot, other in zip(filled.slots, filled.picked, strict=True)
        if other is not None and other is not best
        for words in (other.words, *(_listed_with(slot.parameter, other, request)))
    ]


def _listed_with(parameter: Parameter, option: Option, request: Request) -> list[str]:
    """Return the other items of a list of numbers or choices."""
    return sorted(listed_values(parameter, option.words, request)) if parameter.many else []


def _is_one_thing(parameter: Parameter) -> bool:
    """Whether a text is what one thing to buy or to have is called: of several each needs a call of its own."""
    return is_free_text(parameter) and canonical_words(parameter.readable_name).split()[-1:] in _ONE_THING


def _is_given(path: tuple[str, ...], slots: Sequence[SlotReading], picked: Sequence[Option | None]) -> bool:
    """Whether anything is said for an object of the arguments."""
    return any(
        option is not None and slot.parameter.steps[: len(path)] == path
        for slot, option in zip(slots, picked, strict=True)
    )


def _is_uncounted(number: int, filled: Filled) -> bool:
    """Whether nobody has said how many there are of something, beside others of its object that are counted from 0."""
    own = filled.slots[number].parameter
    beside = [
        (slot.parameter, option)
        for slot, option in zip(filled.slots, filled.picked, strict=True)
        if slot.parameter.needed_with and slot.parameter.steps[:-1] == own.steps[:-1]
    ]
    return any(option is not None for _, option in beside) and all(
        parameter.is_quantity and parameter.kind is ParameterKind.INTEGER and parameter.minimum == 0
        for parameter, _ in beside
    )


def _items(
    parameter: Parameter, scored: Sequence[Option], request: Request, places: Sequence[Place]
) -> list[str]:
    """Write a list: all that is not much less likely than the likeliest item, what is listed with it, and as many as it needs."""
    least, most = item_bounds(parameter)
    if together := request.choices.together(parameter):
        return together[:most]
    if named := _named_items(parameter, scored, request):
        return _distinct(named, parameter, request, most)
    likely = [option for option in scored if option.score >= scored[0].score - _NEXT_ITEM]
    if is_free_text(parameter):
        words = [option.words for option in likely]
        # "Bread and milk" is two items, unless somebody is sure that it is one.
        likely = [
            option
            for option in likely
            if not is_joined(option.words, words) and not ends_list(option.words, words, request.sentence)
        ]
        told = [option for option in scored if option.is_told]
        if scored[0].is_told and len(told) > 1:
            # Where the wording tells several items, it tells them all.
            joined = listed_with(scored[0].words, [option.words for option in told], request.sentence)
            return _distinct(
                [option for option in told if option in likely or option.words in joined],
                parameter,
                request,
                most,
            )
        listed = [
            text
            for option in likely
            for text in (
                *texts_before(option.words, request.sentence),
                *texts_behind(option.words, places, request.sentence),
            )
        ]
    else:
        listed = [
            text for option in likely for text in sorted(listed_values(parameter, option.words, request))
        ]
    items = _distinct([*likely, *(Option(0.0, text) for text in listed)], parameter, request)[:most]
    if len(items) < least:
        items = _distinct(scored, parameter, request, least)
    return items


def _named_items(parameter: Parameter, scored: Sequence[Option], request: Request) -> list[Option]:
    """Return the choices that are named, and of those that are only meant as many as stand in a list with them.

    Of "the lounge and the kitchen" only the kitchen may be called so by the device.
    """
    naming = request.choices.naming(parameter)
    named = [option for option in scored if option.words in naming and not naming[option.words].is_excluded]
    named.sort(key=lambda option: request.place(option.words, parameter))
    meant = [option for option in scored if option.words not in naming]
    known = [naming[option.words].place for option in named]
    if named and meant and all(meant[0].score - other.score >= _CLEARLY_MEANT for other in meant[1:2]):
        named += meant[: unnamed_beside(request.sentence.lower, known)]
    return named


def _apart(values: Sequence[str], parameter: Parameter, request: Request) -> list[str]:
    """Leave out choices that stand right behind another: what is "half open" is not open."""
    if not parameter.choices:
        return list(values)
    places = {words: place for words in values for place in request.where(parameter, words)[:1]}
    ends = {end for _, end in places.values()}
    return [words for words in values if words not in places or places[words][0] - 1 not in ends]


def _distinct(
    scored: Iterable[Option], parameter: Parameter, request: Request, most: int = MAXIMUM_ITEMS
) -> list[str]:
    """Return the likeliest values that do not overlap, in the order of the sentence."""
    chosen: list[str] = []
    for option in scored:
        if len(chosen) < most and not any(overlap(option.words, other, request.sentence) for other in chosen):
            chosen.append(option.words)
    return sorted(chosen, key=lambda words: request.place(words, parameter))
