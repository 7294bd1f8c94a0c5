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
from inference.reader_input import DOWN
from inference.reading import FunctionReading, SlotReading
from inference.request import Request
from inference.signatures import Parameter, ParameterKind
from inference.values import ITEM_JOINT, MAXIMUM_ITEMS, item_bounds
from inference.words import Place

# Logarithms of probabilities, chosen on the development part of evals/independent; what a name gains on the paper's arguments,
# where it has to outweigh the least that a reader can think of a value.
_READER_WEIGHT = 1.3
_LEAST_ASKED = 0.3
_LEAST_EVIDENCE = -2.0
_LEAST_BEFORE = 3.5
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
_SET_OFF, _ARTICLE = 3.0, 3.0
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
    request: Request, rankings: Sequence[Sequence[Hint]], evidence: Evidence
) -> list[NarrowedCall] | Lacking | OutOfRange:
    """Return the calls that a sentence asks for, in the order of its clauses; none where it asks for nothing.

    A function is called several times where several clauses ask for it, one clause names several values for it, or the
    sentence says how often.

    Args:
        request: the sentence and the functions that were found.
        rankings: for each clause, what the search thinks of them.
        evidence: what the reader thinks of them.
    """
    most = maximum_calls(request.sentence.lower)
    winners = _winners(request, rankings, evidence)
    if _unable(winners) is not None and len(_likeliest(rankings, evidence)) == 1:
        # All parts of the sentence are about one function: "the speed to 3 and the pressure to 5".
        evidence = Evidence.undivided(evidence.sentence, request.sentence.lower, len(rankings))
        winners = _winners(request, rankings, evidence)
    if (unable := _unable(winners)) is not None:
        return unable
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
        asking = [
            number for number, winner in enumerate(winners) if winner is not None and winner.index == index
        ]
        # Where only one function is asked for, its values may stand anywhere.
        is_shared = len(asking) > 1 or len(likeliest) == 1
        readings = evidence.sentence if is_shared else evidence.clauses[asking[0]]
        filled = _fill(readings[index].slots, request, own)
        times = most if len(likeliest) == 1 else len(asking)
        found = _calls(index, request, filled, weights[index], times)
        if isinstance(found, OutOfRange):
            return found
        calls += [] if isinstance(found, Lacking) else found
    if len(calls) == 1 and not weights.keys() - likeliest:
        calls *= repetitions(request.sentence.lower, [values[0] for values in calls[0].values])
    return calls[:MAXIMUM_CALLS]


@dataclass(frozen=True, slots=True)
class _Winner:
    """The function that a clause asks for, the logit of that, and why it cannot be called, if it cannot."""

    index: int
    weight: float
    problem: Lacking | OutOfRange | None = None


def _winners(
    request: Request, rankings: Sequence[Sequence[Hint]], evidence: Evidence
) -> list[_Winner | None]:
    """Choose what each clause asks for.

    What hardly asks for anything before a clearer wish is left out: "everybody has left, lock up" only asks for the second.
    """
    winners = [
        _winner(request, *clause, is_alone=len(rankings) == 1)
        for clause in zip(rankings, evidence.clauses, evidence.places, strict=True)
    ]
    weights = [-math.inf if winner is None else winner.weight for winner in winners]
    clearest = weights.index(max(weights)) if weights else 0
    return [
        None if number < clearest and weight < _LEAST_BEFORE else winner
        for number, (winner, weight) in enumerate(zip(winners, weights, strict=True))
    ]


def _unable(winners: Sequence[_Winner | None]) -> Lacking | OutOfRange | None:
    """Say why the first that cannot be called cannot."""
    return next((winner.problem for winner in winners if winner is not None and winner.problem), None)


def _winner(
    request: Request,
    ranking: Sequence[Hint],
    readings: Sequence[FunctionReading],
    place: Place,
    *,
    is_alone: bool,
) -> _Winner | None:
    """Choose what one clause asks for: likely, and able to use the values that are said; else what cannot be called."""
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
        unable = unable or _Winner(index, weight, found)
    return unable


def _choices(ranking: Sequence[Hint], readings: Sequence[FunctionReading]) -> list[tuple[float, int]]:
    """Return the functions that a clause may ask for: how much more likely than none (a logit), and which.

    The search has compared the clause alone, the reader has read it within the sentence: each is right where the other is not.
    Those that are much less likely than the likeliest only count where that one cannot be called.
    """
    none = max(1.0 - sum(hint.probability for hint in ranking), _SMALLEST)
    weighed = sorted(
        (
            _READER_WEIGHT * readings[hint.index].evidence
            + math.log(max(hint.probability, _SMALLEST) / none),
            hint.index,
        )
        for hint in ranking
    )[::-1]
    return [
        (weight, index) for weight, index in weighed if weight > max(_LEAST_ASKED, weighed[0][0] - _INSTEAD)
    ]


def _likeliest(rankings: Sequence[Sequence[Hint]], evidence: Evidence) -> set[int]:
    """Return the functions that the clauses most likely ask for, as far as they ask for anything."""
    pairs = zip(rankings, evidence.clauses, strict=True)
    return {index for ranking, readings in pairs for _, index in _choices(ranking, readings)[:1]}


def _fill(slots: Sequence[SlotReading], request: Request, places: Sequence[Place]) -> _Filled:
    """Choose the values of a function; every quantity that is said in `places` should be one of them."""
    options = [_nearby(_options(slot, request), request, places) for slot in slots]
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
        ]
        spoken += [
            _Option(best.score, words)
            for words in sorted(_listed(parameter, best.words, request))
            if not any(request.overlap(words, other) for other in others)
        ]
        values = _distinct(spoken, request)
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
    values = request.values(parameter)
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
    likely = [option for option in scored if option.score >= scored[0].score - _NEXT_ITEM]
    if _is_free_text(parameter):
        words = [option.words for option in likely]
        # "Bread and milk" is two items, unless somebody is sure that it is one.
        likely = [option for option in likely if not request.is_joined(option.words, words)]
        listed = [text for option in likely for text in request.texts_behind(option.words, places)]
    else:
        listed = [text for option in likely for text in sorted(_listed(parameter, option.words, request))]
    items = _distinct([*likely, *(_Option(0.0, text) for text in listed)], request)[:most]
    if len(items) < least:
        items = _distinct(scored, request, least)
    return items


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
    scored = [_Option(_said(slot, words, request), words) for words in request.values(slot.parameter)]
    scored += [
        _Option(_said(slot, words, request), words, fits=False) for words in request.unfit(slot.parameter)
    ]
    least = max(_LEAST_SAID, _unsaid(slot) - _UNUSED)
    likely = (
        option
        for option in scored
        if option.score >= least
        or request.is_with_name(slot.parameter, option.words)
        or request.is_beside(slot.parameter, option.words)
    )
    return sorted(likely, key=lambda option: -option.score)


def _said(slot: SlotReading, words: str, request: Request) -> float:
    """Return the logarithm of how probable it is that a value is written so.

    Quoted words are a text of their own; "twice the speed" and "a third less" can only mean a change by that amount,
    whatever the reader has pointed at.
    """
    said = slot.said(words)
    if request.is_code(slot.parameter, words):
        # The reader may be shown the meaning alone.
        return max(said, _SURE_CODE) + _CODE
    way, _, amount = words.partition(" ")
    if slot.parameter.kind is ParameterKind.STRING:
        said += _SET_OFF * request.is_set_off(words) - _ARTICLE * request.has_article(words)
    if slot.ways and not amount and way in slot.ways and request.has_change:
        return said - _UNUSED
    usual = request.usual_way(amount) if slot.ways else None
    if usual is None and slot.parameter.is_step and amount and request.is_backwards(amount):
        usual = DOWN
    if usual is None:
        return _as_value(slot, words, said, request) if slot.ways else said
    if way == usual:
        return max(said, slot.ways.get(way, 0.0), _SURE_CHANGE)
    if slot.parameter.is_step:
        return said - _UNUSED
    # "Twice as slow": there the reader tells which way it goes.
    return max(said, slot.ways.get(way, said)) if request.is_multiple(amount) else said


def _as_value(slot: SlotReading, words: str, said: float, request: Request) -> float:
    """Give a value what the reader thinks of a change by it that is impossible."""
    way, _, amount = words.partition(" ")
    if way in slot.ways and amount:
        return said - _UNUSED if request.is_rather_value(slot.parameter, amount) else said
    if request.is_rather_value(slot.parameter, words):
        return float(np.logaddexp.reduce([slot.said(f"{each} {words}".strip()) for each in slot.ways]))
    return said


def _nearby(options: Sequence[_Option], request: Request, places: Sequence[Place]) -> list[_Option]:
    """Prefer what is said in some parts of the sentence to what is only said in others, where anything is said in them."""
    if not any(request.is_within(option.words, places) for option in options):
        return list(options)
    weighed = (
        option
        if not request.is_said(option.words) or request.is_within(option.words, places)
        else replace(option, score=option.score - _ELSEWHERE)
        for option in options
    )
    return sorted(weighed, key=lambda option: -option.score)


def _unsaid(slot: SlotReading) -> float:
    """Return what it costs to give a parameter no value.

    One that the function needs was rather said than not, and a choice is often meant by other words: "the one that I can see".
    """
    if not slot.parameter.required:
        return slot.silence
    return slot.silence - (_LACKING_CHOICE if slot.choices else _LACKING)


def _amounts(request: Request, places: Sequence[Place]) -> list[Place]:
    """Return where quantities and labels such as "T7" stand in some parts of the sentence."""
    texts = (*(quantity.text for quantity in request.sentence.quantities), *request.labels)
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
                place = request.free_place(option.words, so_far.taken)
                cost = _REUSED if place is None and request.is_said(option.words) else 0.0
                if place is not None and so_far.taken and place < so_far.taken[-1]:
                    cost += _OUT_OF_ORDER
                grown.append(
                    _Assignment(
                        so_far.score + option.score + _named(slot.parameter, option, request) - cost,
                        (*so_far.picked, option),
                        so_far.taken if place is None else (*so_far.taken, place),
                    )
                )
        beam = sorted(grown, key=lambda one: -one.score)[:_COMPARED_ASSIGNMENTS]
    weighed = (
        replace(one, score=one.score - _UNUSED * sum(not _is_taken(place, one.taken) for place in amounts))
        for one in beam
    )
    return max(weighed, key=lambda one: one.score)


def _named(parameter: Parameter, option: _Option, request: Request) -> float:
    """Return how much a value gains by standing behind its parameter's name."""
    if parameter.many:
        return 0.0
    if request.is_with_name(parameter, option.words):
        return _WITH_NAME
    return _BESIDE_NAME if request.is_beside(parameter, option.words) else 0.0


def _is_taken(place: Place, taken: Sequence[Place]) -> bool:
    return any(start < place[1] and place[0] < end for start, end in taken)


def _distinct(scored: Iterable[_Option], request: Request, most: int = MAXIMUM_ITEMS) -> list[str]:
    """Return the likeliest values that do not overlap, in the order of the sentence."""
    chosen: list[str] = []
    for option in scored:
        if len(chosen) < most and not any(request.overlap(option.words, other) for other in chosen):
            chosen.append(option.words)
    return sorted(chosen, key=request.place)
