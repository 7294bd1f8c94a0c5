"""Narrows what a program for a sentence can be, from what the reader thinks of every function.

What is left for the language model to choose among: the order of the calls, and values that the reader finds about equally
likely. What the reader is sure of has one way to be written.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from inference.evidence import Evidence
from inference.notation import LEFT_OUT, MAXIMUM_CALLS
from inference.program_grammar import NarrowedCall, maximum_calls, repetitions
from inference.program_prompt import Hint
from inference.reader_input import DOWN, NO, YES
from inference.reading import FunctionReading, SlotReading
from inference.request import Request, range_order
from inference.shares import is_manner
from inference.signatures import Parameter, ParameterKind
from inference.spoken_texts import text_gain
from inference.values import ITEM_JOINT, MAXIMUM_ITEMS, item_bounds
from inference.words import Place

# Logarithms of probabilities, chosen on the development part of evals/independent; what a name gains on the paper's arguments,
# where it has to outweigh the least that a reader can think of a value.
_READER_WEIGHT = 1.3
_LEAST_ASKED = 0.3
_LEAST_EVIDENCE = -2.0
_LEAST_BESIDE, _GOING_ON, _LEAST_GOING_ON = 4.6, 0.55, -3.0
_INSTEAD = 2.0
_LEAST_SAID = -7.0
_LACKING, _LACKING_CHOICE = 1.0, 2.5
_UNUSED = 6.0
_VALUES_WEIGHT = 0.6
_ABOUT_AS_LIKELY = 0.4
_NEXT_ITEM = 2.0
_SECOND_VALUE = 3.0
_LEFT_OVER = 1.0
_REUSED = 3.0
_ELSEWHERE = 3.0
_BESIDE_NAME, _WITH_NAME = 2.0, 15.0
_OUT_OF_ORDER = 0.2
_SURE_CHANGE = -0.5
_OTHER_WAY = 2.0
_SET_OFF, _ARTICLE = 3.0, 3.0
_PASSED_OVER, _UNFIT, _REVERSED = 3.0, 2.0, 3.0
_CLEARLY_MEANT, _STILL_LESS, _SAID_DAY = 0.7, 0.1, -0.1
_NAMED_CHOICE, _LIKE_NAMED_CHOICE, _EXCLUDED, _FLAG = 2.5, 1.5, 2.0, 2.0
_SURE_CODE, _CODE = -0.5, 3.0
_SMALLEST = 1e-3
_COMPARED_OPTIONS, _COMPARED_ASSIGNMENTS = 5, 24


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


def narrow(
    request: Request,
    rankings: Sequence[Sequence[Hint]],
    evidence: Evidence,
    sentence_ranking: Sequence[Hint] = (),
) -> list[NarrowedCall] | Lacking | OutOfRange:
    """Return the calls that a sentence asks for, in the order of its clauses; none where it asks for nothing.

    A function is called several times where several clauses ask for it, one clause names several values for it, or the
    sentence says how often.

    Args:
        request: the sentence and the functions that were found.
        rankings: for each clause, what the search thinks of them.
        evidence: what the reader thinks of them.
        sentence_ranking: what the search thinks of them for the sentence as a whole, where it has several clauses.
    """
    most = maximum_calls(request.sentence.lower)
    winners = _winners(request, rankings, evidence, sentence_ranking)
    weights: dict[int, float] = {}
    for winner in winners:
        if winner is not None:
            weights[winner.index] = max(winner.weight, weights.get(winner.index, winner.weight))
    likeliest = set(sorted(weights, key=lambda index: -weights[index])[:most])
    calls: list[NarrowedCall] = []
    for index in (index for index in weights if index in likeliest):
        # What no clause has use for may belong to this function.
        own = [
            place
            for place, winner in zip(evidence.places, winners, strict=True)
            if winner is None or winner.index == index
        ]
        foreign = [place for place in evidence.places[: len(winners)] if place not in own]
        asking = [
            number for number, winner in enumerate(winners) if winner is not None and winner.index == index
        ]
        # Where only one function is asked for, its values may stand anywhere.
        is_shared = len(asking) > 1 or len(likeliest) == 1
        readings = evidence.sentence if is_shared else evidence.clauses[asking[0]]
        filled = _fill(readings[index].slots, request, own, foreign)
        times = most if len(likeliest) == 1 else len(asking)
        found = _calls(index, request, filled, weights[index], times)
        if isinstance(found, Lacking | OutOfRange):
            return found
        calls += found
    if len(calls) == 1 and not weights.keys() - likeliest:
        calls *= repetitions(request.sentence.lower, [values[0] for values in calls[0].values])
    return calls[:MAXIMUM_CALLS]


@dataclass(frozen=True, slots=True)
class _Winner:
    """The function that a clause asks for, and the logit of that."""

    index: int
    weight: float


def _winners(
    request: Request,
    rankings: Sequence[Sequence[Hint]],
    evidence: Evidence,
    sentence_ranking: Sequence[Hint],
) -> list[_Winner | None]:
    """Choose what each clause asks for.

    Beside the clearest wish others are heard where the whole sentence speaks for them too, and the clause does not rather
    go on with that wish: "kick in at 6 bar and drop out at 7" and "everybody has left, lock up" are one wish each.
    """
    winners = [
        _winner(request, *clause, is_alone=len(rankings) == 1)
        for clause in zip(rankings, evidence.clauses, evidence.places, strict=True)
    ]
    whole = (0, len(request.sentence.lower))
    clearest = _winner(request, sentence_ranking, evidence.sentence, whole, is_alone=True) or max(
        (winner for winner in winners if winner is not None), key=_weight_of, default=None
    )
    if clearest is None:
        return winners
    if not any(winner is not None and winner.index == clearest.index for winner in winners):
        # No part of the sentence says it alone: it is what the part that comes nearest asks for.
        nearest = [
            _weights(ranking, readings).get(clearest.index, -math.inf)
            for ranking, readings in zip(rankings, evidence.clauses, strict=True)
        ]
        winners[nearest.index(max(nearest))] = clearest
    return [
        winner
        if winner is None
        or winner.index == clearest.index
        or _is_beside(winner, clearest, ranking, evidence, readings)
        else None
        for winner, ranking, readings in zip(winners, rankings, evidence.clauses, strict=True)
    ]


def _weight_of(winner: _Winner) -> float:
    return winner.weight


def _is_beside(
    winner: _Winner,
    clearest: _Winner,
    ranking: Sequence[Hint],
    evidence: Evidence,
    readings: Sequence[FunctionReading],
) -> bool:
    """Whether a clause asks for something beside the clearest wish of the sentence."""
    weights = _weights(ranking, evidence.sentence)
    goes_on = max(_LEAST_GOING_ON, _weights(ranking, readings).get(clearest.index, _LEAST_GOING_ON))
    return weights[winner.index] - _GOING_ON * goes_on > _LEAST_BESIDE


def _winner(
    request: Request,
    ranking: Sequence[Hint],
    readings: Sequence[FunctionReading],
    place: Place,
    *,
    is_alone: bool,
) -> _Winner | None:
    """Choose what one clause asks for: likely, and able to use the values that are said; else the likeliest."""
    able = [
        (weight, index, _fill(readings[index].slots, request, [place]))
        for weight, index in _choices(ranking, readings)
        if is_alone or readings[index].evidence > _LEAST_EVIDENCE
    ]
    unable: _Winner | None = None
    for weight, index, filled in sorted(able, key=lambda one: -one[0] - _VALUES_WEIGHT * one[2].score):
        found = _calls(index, request, filled, weight, 1)
        if not isinstance(found, Lacking | OutOfRange):
            return _Winner(index, weight)
        unable = unable or _Winner(index, weight)
    return unable


def _choices(ranking: Sequence[Hint], readings: Sequence[FunctionReading]) -> list[tuple[float, int]]:
    """Return the functions that a clause may ask for: how much more likely than none (a logit), and which.

    The search has compared the clause alone, the reader has read it within the sentence: each is right where the other is not.
    Those that are much less likely than the likeliest only count where that one cannot be called.
    """
    weighed = sorted((weight, index) for index, weight in _weights(ranking, readings).items())[::-1]
    return [
        (weight, index) for weight, index in weighed if weight > max(_LEAST_ASKED, weighed[0][0] - _INSTEAD)
    ]


def _weights(ranking: Sequence[Hint], readings: Sequence[FunctionReading]) -> dict[int, float]:
    """Return how much more likely than none each function is (a logit), as search and reader think."""
    none = max(1.0 - sum(hint.probability for hint in ranking), _SMALLEST)
    return {
        hint.index: _READER_WEIGHT * readings[hint.index].evidence
        + math.log(max(hint.probability, _SMALLEST) / none)
        for hint in ranking
    }


def _fill(
    slots: Sequence[SlotReading],
    request: Request,
    places: Sequence[Place],
    foreign: Sequence[Place] = (),
) -> _Filled:
    """Choose the values of a function; every quantity that is said in `places` should be one of them.

    What is said in `foreign` places asks for other functions.
    """
    options = [
        _nearby(_own(_options(slot, request), slot, slots, request), slot.parameter, request, places, foreign)
        for slot in slots
    ]
    best = _assigned(slots, options, request, _amounts(request, places))
    return _Filled(slots, options, best.picked, best.score, places)


def _calls(
    index: int, request: Request, filled: _Filled, weight: float, most: int
) -> list[NarrowedCall] | Lacking | OutOfRange:
    """Return the calls of one function, at most `most`; `weight` is the logit of its being asked for."""
    slots, picked = filled.slots, filled.picked
    written: list[list[tuple[str, ...]]] = []
    is_asked, least_certain = -math.log1p(math.exp(-weight)), 0.0
    for number, (slot, scored, best) in enumerate(zip(slots, filled.options, picked, strict=True)):
        parameter = slot.parameter
        if best is None and parameter.required:
            return Lacking(index, number)
        if best is None:
            if parameter.needed_with and _is_given(parameter.needed_with, slots, picked):
                return Lacking(index, number)
            written.append([(LEFT_OUT,)])
            least_certain = min(least_certain, slot.silence)
            continue
        if not best.fits:
            return OutOfRange(index, number, best.words)
        fitting = [option for option in scored if option.fits]
        weighed = {option.words: option.score + _named(parameter, option, request) for option in fitting}
        known = float(np.logaddexp.reduce([*weighed.values(), slot.silence]))
        least_certain = min(least_certain, weighed[best.words] - known)
        others = [other.words for other in picked if other is not None and other is not best]
        rivals = [
            option for option in fitting if not any(request.overlap(option.words, one) for one in others)
        ]
        if parameter.many:
            items = _items(parameter, rivals or [best], request, filled.places)
            if len(items) < item_bounds(parameter)[0]:
                return Lacking(index, number)
            written.append([(ITEM_JOINT.join(items),)])
            continue
        least = best.score - _SECOND_VALUE
        spoken = [
            option
            for option in rivals
            if option.score >= least - (_LEFT_OVER if parameter.is_quantity else 0.0)
            and (request.is_said(option.words) or request.is_named(parameter, option.words))
            and _may_be_second(parameter, option.words)
            and not request.is_excluded(parameter, option.words)
        ]
        spoken += [
            _Option(best.score, words)
            for words in sorted(_listed(parameter, best.words, request))
            if not any(request.overlap(words, other) for other in others)
        ]
        values = _distinct(spoken, parameter, request)
        near = [option.words for option in fitting if option.score >= best.score - _ABOUT_AS_LIKELY]
        near = [best.words, *(words for words in near if words != best.words and words not in others)]
        written.append([(words,) for words in values] if 1 < len(values) <= most else [tuple(near)])
    times = max((len(ways) for ways in written), default=1)
    return [
        NarrowedCall(
            index,
            tuple(ways[turn] if len(ways) == times else ways[0] for ways in written),
            is_asked + least_certain,
        )
        for turn in range(times)
    ]


def _listed(parameter: Parameter, words: str, request: Request) -> frozenset[str]:
    """Return values that are listed with one that is meant, however sure the reader is of that one.

    Texts may hold an "and", and in "fan 3, top heat 210" the top is no value of the fan.
    """
    if _is_free_text(parameter):
        return frozenset()
    values = [value for value in request.values(parameter) if not request.is_excluded(parameter, value)]
    return request.listed_with(words, [value for value in values if _may_be_second(parameter, value)])


def _may_be_second(parameter: Parameter, words: str) -> bool:
    """Whether words may be one of several values; in "bottom heat 130 and top heat 240" the top is none."""
    return not parameter.is_quantity or any(map(str.isdigit, words))


def _is_free_text(parameter: Parameter) -> bool:
    return parameter.kind is ParameterKind.STRING and not parameter.choices and not parameter.format


def _is_given(path: tuple[str, ...], slots: Sequence[SlotReading], picked: Sequence[_Option | None]) -> bool:
    """Whether anything is said for an object of the arguments."""
    return any(
        option is not None and slot.parameter.steps[: len(path)] == path
        for slot, option in zip(slots, picked, strict=True)
    )


def _items(
    parameter: Parameter, scored: Sequence[_Option], request: Request, places: Sequence[Place]
) -> list[str]:
    """Write a list: all that is not much less likely than the likeliest item, what is listed with it, and as many as it needs."""
    least, most = item_bounds(parameter)
    if named := _named_items(parameter, scored, request):
        return _distinct(named, parameter, request, most)
    likely = [option for option in scored if option.score >= scored[0].score - _NEXT_ITEM]
    if _is_free_text(parameter):
        words = [option.words for option in likely]
        # "Bread and milk" is two items, unless somebody is sure that it is one.
        likely = [option for option in likely if not request.is_joined(option.words, words)]
        listed = [
            text
            for option in likely
            for text in (*request.texts_before(option.words), *request.texts_behind(option.words, places))
        ]
    else:
        listed = [text for option in likely for text in sorted(_listed(parameter, option.words, request))]
    items = _distinct([*likely, *(_Option(0.0, text) for text in listed)], parameter, request)[:most]
    if len(items) < least:
        items = _distinct(scored, parameter, request, least)
    return items


def _named_items(parameter: Parameter, scored: Sequence[_Option], request: Request) -> list[_Option]:
    """Return the choices that are named, and of those that are only meant as many as stand in a list with them.

    Of "the lounge and the kitchen" only the kitchen may be called so by the device.
    """
    naming = request.naming(parameter)
    named = [option for option in scored if option.words in naming and not naming[option.words].is_excluded]
    named.sort(key=lambda option: request.place(option.words, parameter))
    meant = [option for option in scored if option.words not in naming]
    known = [naming[option.words].place for option in named]
    if named and meant and all(meant[0].score - other.score >= _CLEARLY_MEANT for other in meant[1:2]):
        named += meant[: request.unnamed_beside(known)]
    return named


@dataclass(frozen=True, slots=True)
class _Option:
    """Words that a value may be written with, and the logarithm of how probable that is; `fits` unless they are out of range."""

    score: float
    words: str
    fits: bool = True


@dataclass(frozen=True, slots=True)
class _Filled:
    """A function's parameters, what each may be, the likeliest first, and what was chosen; None where nothing is said.

    `score` is the logarithm of how probable the choice is, less what was said and is not used; `places` are the parts of the
    sentence that are about it.
    """

    slots: Sequence[SlotReading]
    options: Sequence[Sequence[_Option]]
    picked: tuple[_Option | None, ...]
    score: float
    places: Sequence[Place]


@dataclass(frozen=True, slots=True)
class _Assignment:
    score: float
    picked: tuple[_Option | None, ...] = ()
    taken: tuple[Place, ...] = ()


def _options(slot: SlotReading, request: Request) -> list[_Option]:
    """List what a value may be, the likeliest first, as far as it is not much less likely than none."""
    naming = request.naming(slot.parameter)
    if naming and request.is_days(slot.parameter):
        # Days of the week are named or not meant: the reader has nothing to add.
        return [_Option(_SAID_DAY, words) for words in naming]
    values = request.values(slot.parameter)
    scored = [_Option(_said(slot, words, request), words) for words in values]
    # Of two quantities that fit this way and no other, neither is out of range.
    cost = _UNFIT if any(words[:1].isdigit() for words in values) else 0.0
    scored += [
        _Option(_said(slot, words, request) - cost, words, fits=False)
        for words in request.unfit(slot.parameter)
    ]
    least = max(_LEAST_SAID, _unsaid(slot) - _UNUSED)
    likely = (
        option
        for option in scored
        if option.score >= least
        or option.words in naming
        or request.is_with_name(slot.parameter, option.words)
        or request.is_beside(slot.parameter, option.words)
    )
    return sorted(likely, key=lambda option: -option.score)


def _own(
    options: Sequence[_Option], slot: SlotReading, slots: Sequence[SlotReading], request: Request
) -> list[_Option]:
    """Take quantities away that another parameter's name stands before, and add those that measure what no other does.

    Of "x 20, y 118" the 118 is no z; "6 bar" can only be the pressure, even where the reader has passed it over.
    """
    if not slot.parameter.is_quantity:
        return list(options)
    others = [other.parameter for other in slots if other is not slot and other.parameter.is_quantity]
    found = [
        replace(option, score=option.score - _ELSEWHERE - _REUSED)
        if any(request.is_rather_of(other, slot.parameter, option.words) for other in others)
        else option
        for option in options
    ]
    known = {option.words for option in options}
    least = _unsaid(slot) - _PASSED_OVER
    found += [
        _Option(least, words)
        for words in request.measures(slot.parameter)
        if words not in known and not any(words in request.measures(other) for other in others)
    ]
    return found


def _said(slot: SlotReading, words: str, request: Request) -> float:
    """Return the logarithm of how probable it is that a value is written so. Quoted words are a text of their own."""
    said, parameter = slot.said(words), slot.parameter
    if request.is_code(parameter, words):
        # The reader may be shown the meaning alone.
        return max(said, _SURE_CODE) + _CODE
    if parameter.choices or parameter.kind is ParameterKind.BOOLEAN:
        gain = _gain_by_name(parameter, words, request)
        # However surely it is named, it stays a probability.
        return min(said + gain, _STILL_LESS * said) if gain > 0 else said + gain
    if parameter.kind is ParameterKind.STRING:
        said += _SET_OFF * request.is_set_off(words) - _ARTICLE * request.has_article(words)
        return said if parameter.format else said + text_gain(parameter, words, request.sentence)
    return _said_amount(slot, words, said, request)


def _said_amount(slot: SlotReading, words: str, said: float, request: Request) -> float:
    """Weigh a quantity: "twice the speed" and "a third less" can only mean a change by that, whatever the reader points at."""
    way, _, amount = words.partition(" ")
    if request.is_end(words, slot.parameter):
        return max(said, _SURE_CHANGE)
    is_bare = not amount and way in slot.ways
    if is_bare and (request.has_change or request.has_end(slot.parameter)):
        return said - _UNUSED
    if not slot.ways:
        return said
    usual = request.usual_way(amount, slot.parameter)
    if usual is None and slot.parameter.is_step and amount and request.is_backwards(amount):
        usual = DOWN
    if usual is None:
        return _as_value(slot, words, said, request)
    if way == usual:
        return max(said, slot.ways.get(way, 0.0), _SURE_CHANGE)
    # "Twice as slow": there the reader tells which way it goes.
    is_open = request.is_multiple(amount) and not slot.parameter.is_step
    cost = _UNUSED if slot.parameter.is_step else _OTHER_WAY
    return max(said, slot.ways.get(way, said)) if is_open else said - cost


def _gain_by_name(parameter: Parameter, words: str, request: Request) -> float:
    """Return what a choice gains by being named: more by all of its words than by one of them, or by its beginning."""
    if parameter.kind is ParameterKind.BOOLEAN and not parameter.required:
        flag = request.flag(parameter)
        return _FLAG if flag is not None and words == (YES if flag else NO) else 0.0
    naming = request.naming(parameter).get(words)
    if naming is None:
        return 0.0
    if naming.is_excluded:
        return -_EXCLUDED
    return _NAMED_CHOICE if naming.is_whole else _LIKE_NAMED_CHOICE


def _as_value(slot: SlotReading, words: str, said: float, request: Request) -> float:
    """Give a value what the reader thinks of a change by it that is impossible."""
    way, _, amount = words.partition(" ")
    if way in slot.ways and amount:
        return said - _UNUSED if request.is_rather_value(slot.parameter, amount) else said
    if not slot.parameter.is_step and request.is_change(words, slot.parameter):
        return said - _UNUSED
    if request.is_rather_value(slot.parameter, words):
        return float(np.logaddexp.reduce([slot.said(f"{each} {words}".strip()) for each in slot.ways]))
    return said


def _nearby(
    options: Sequence[_Option],
    parameter: Parameter,
    request: Request,
    places: Sequence[Place],
    foreign: Sequence[Place],
) -> list[_Option]:
    """Prefer what is said in some parts of the sentence to what is only said in others, where anything is said in them."""
    said = [request.where(parameter, option.words) for option in options]
    near = [any(_is_inside(place, places) for place in each) for each in said]

    def cost(each: Sequence[Place]) -> float:
        if any(near):
            return _ELSEWHERE
        # What may be left out is rather left out than taken from what asks for something else.
        may_be_left_out = not parameter.required and parameter.is_quantity
        return _UNUSED if may_be_left_out and any(_is_inside(place, foreign) for place in each) else 0.0

    weighed = (
        option if not each or is_near else replace(option, score=option.score - cost(each))
        for option, each, is_near in zip(options, said, near, strict=True)
    )
    return sorted(weighed, key=lambda option: -option.score)


def _is_inside(place: Place, places: Sequence[Place]) -> bool:
    return any(start <= place[0] and place[1] <= end for start, end in places)


def _unsaid(slot: SlotReading) -> float:
    """Return what it costs to give a parameter no value.

    One that the function needs was rather said than not, and a choice is often meant by other words: "the one that I can see".
    """
    if not slot.parameter.required:
        return slot.silence
    return slot.silence - (_LACKING_CHOICE if slot.choices else _LACKING)


def _amounts(request: Request, places: Sequence[Place]) -> list[Place]:
    """Return where quantities and labels such as "T7" stand in some parts of the sentence."""
    said = (quantity.text for quantity in request.sentence.quantities if not is_manner(quantity.text))
    texts = (*said, *request.labels)
    found = (place for text in texts for place in request.places(text)[:1])
    return [
        (start, end)
        for start, end in dict.fromkeys(found)
        if any(first <= start and end <= last for first, last in places)
    ]


def _assigned(
    slots: Sequence[SlotReading],
    options: Sequence[Sequence[_Option]],
    request: Request,
    amounts: Sequence[Place],
) -> _Assignment:
    """Choose a value for every parameter, so that the same words do not serve two of them and no amount is passed over."""
    beam = [_Assignment(0.0)]
    for slot, scored in zip(slots, options, strict=True):
        grown = []
        for so_far in beam:
            grown.append(replace(so_far, score=so_far.score + _unsaid(slot), picked=(*so_far.picked, None)))
            for option in scored[:_COMPARED_OPTIONS]:
                place = request.free_place(slot.parameter, option.words, so_far.taken)
                cost = _REUSED if place is None and request.is_said(option.words) else 0.0
                if place is not None and so_far.taken and place < so_far.taken[-1]:
                    cost += _OUT_OF_ORDER
                if place is not None:
                    cost += _REVERSED * _is_reversed(slot, place, slots, so_far, request)
                places = () if place is None else (place, *_listed_places(slot.parameter, option, request))
                grown.append(
                    _Assignment(
                        so_far.score + option.score + _named(slot.parameter, option, request) - cost,
                        (*so_far.picked, option),
                        (*so_far.taken, *places),
                    )
                )
        beam = sorted(grown, key=lambda one: -one.score)[:_COMPARED_ASSIGNMENTS]
    weighed = (
        replace(one, score=one.score - _UNUSED * _left_over(one, slots, request, amounts)) for one in beam
    )
    return max(weighed, key=lambda one: one.score)


def _listed_places(parameter: Parameter, option: _Option, request: Request) -> list[Place]:
    """Return where the other items of a list stand."""
    if not parameter.many:
        return []
    listed = (
        request.texts_before(option.words) + request.texts_behind(option.words, [])
        if _is_free_text(parameter)
        else sorted(_listed(parameter, option.words, request) - {option.words})
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
            if second < first and request.is_range(second, first):
                return True
    return False


def _left_over(
    assignment: _Assignment, slots: Sequence[SlotReading], request: Request, amounts: Sequence[Place]
) -> int:
    """Count the amounts that no value has a use for; a text that nothing sets off from the rest uses only one."""
    texts = (
        place
        for slot, option in zip(slots, assignment.picked, strict=True)
        if option is not None and _is_free_text(slot.parameter) and not request.is_set_off(option.words)
        for place in request.places(option.words)[:1]
    )
    surplus = sum(max(0, sum(_is_taken(amount, [text]) for amount in amounts) - 1) for text in texts)
    return surplus + sum(not _is_taken(place, assignment.taken) for place in amounts)


def _named(parameter: Parameter, option: _Option, request: Request) -> float:
    """Return how much a value gains by standing behind its parameter's name."""
    if parameter.many:
        return 0.0
    if request.is_with_name(parameter, option.words):
        return _WITH_NAME
    return _BESIDE_NAME if request.is_beside(parameter, option.words) else 0.0


def _is_taken(place: Place, taken: Sequence[Place]) -> bool:
    return any(start < place[1] and place[0] < end for start, end in taken)


def _distinct(
    scored: Iterable[_Option], parameter: Parameter, request: Request, most: int = MAXIMUM_ITEMS
) -> list[str]:
    """Return the likeliest values that do not overlap, in the order of the sentence."""
    chosen: list[str] = []
    for option in scored:
        if len(chosen) < most and not any(request.overlap(option.words, other) for other in chosen):
            chosen.append(option.words)
    return sorted(chosen, key=lambda words: request.place(words, parameter))
