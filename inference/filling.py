"""Chooses the values of one function among what a sentence says, as a reader and the words around them tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from inference.reader_input import DOWN, NO, YES
from inference.reading import SlotReading
from inference.request import Request, range_order
from inference.said_dates import said_dates
from inference.shares import is_manner
from inference.signatures import Parameter, ParameterKind
from inference.spoken_texts import text_gain
from inference.told_texts import sounds_wrong
from inference.words import Place

# Logarithms of probabilities, chosen on the development part of evals/independent and on evals/practice; what a name gains on the
# paper's arguments, where it has to outweigh the least that a reader can think of a value.
_LEAST_SAID = -7.0
_LACKING, _LACKING_CHOICE = 1.0, 2.5
_UNUSED = 6.0
_REUSED = 3.0
_ELSEWHERE = 3.0
_BESIDE_NAME, _WITH_NAME = 2.0, 15.0
_OUT_OF_ORDER = 0.2
_SURE_CHANGE = -0.5
_OTHER_WAY = 2.0
_SET_OFF, _ARTICLE = 3.0, 3.0
_PASSED_OVER, _UNFIT, _REVERSED = 3.0, 2.0, 3.0
_STILL_LESS, _SAID_DAY = 0.1, -0.1
_NAMED_CHOICE, _LIKE_NAMED_CHOICE, _EXCLUDED, _FLAG, _SENSE = 2.5, 1.5, 2.0, 2.0, 3.0
_SURE_CODE, _CODE, _SURE_NAME = -0.5, 3.0, -3.0
_TOLD, _NOT_TOLD, _SOUNDS_WRONG = 2.0, 6.0, 3.0
_NOT_SPOKEN_OF, _CHOICE_NOT_SPOKEN_OF = 3.0, 1.0
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
    options = [
        _nearby(
            _own(_told(_options(slot, request), slot, slots, request), slot, slots, request),
            slot.parameter,
            request,
            places,
            foreign,
        )
        for slot in slots
    ]
    best = _assigned(slots, options, request, amounts_within(request, places))
    return Filled(slots, options, best.picked, best.score, places)


def is_free_text(parameter: Parameter) -> bool:
    """Whether a parameter takes whatever text somebody says."""
    return parameter.kind is ParameterKind.STRING and not parameter.choices and not parameter.format


@dataclass(frozen=True, slots=True)
class Option:
    """Words that a value may be written with, and the logarithm of how probable that is.

    It `fits` unless it is out of range; it `is_told` where the wording leaves no doubt that it was said.
    """

    score: float
    words: str
    fits: bool = True
    is_told: bool = False


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


@dataclass(frozen=True, slots=True)
class _Assignment:
    score: float
    picked: tuple[Option | None, ...] = ()
    taken: tuple[Place, ...] = ()


def _options(slot: SlotReading, request: Request) -> list[Option]:
    """List what a value may be, the likeliest first, as far as it is not much less likely than none."""
    naming = request.naming(slot.parameter)
    if naming and request.is_days(slot.parameter):
        # Days of the week are named or not meant: the reader has nothing to add.
        return [Option(_SAID_DAY, words) for words in naming]
    values = request.values(slot.parameter)
    scored = [Option(_said(slot, words, request), words) for words in values]
    # Of two quantities that fit this way and no other, neither is out of range.
    cost = _UNFIT if any(words[:1].isdigit() for words in values) else 0.0
    scored += [
        Option(_said(slot, words, request) - cost, words, fits=False)
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


def _told(
    options: Sequence[Option], slot: SlotReading, slots: Sequence[SlotReading], request: Request
) -> list[Option]:
    """Prefer the texts that the wording tells: "laundry" of "the laundry timer", which readers take for a part of the order."""
    if not is_free_text(slot.parameter):
        return list(options)
    told = request.told(slot.parameter, [other.parameter for other in slots])
    fitting = set(request.values(slot.parameter)) if told else set()
    sure = [
        Option(_TOLD + _STILL_LESS * _said(slot, words, request), words, is_told=True)
        for words in told
        if words in fitting
    ]
    if not sure:
        return list(options)
    return sure + [
        replace(option, score=option.score - _NOT_TOLD) for option in options if option.words not in told
    ]


def _own(
    options: Sequence[Option], slot: SlotReading, slots: Sequence[SlotReading], request: Request
) -> list[Option]:
    """Take quantities away that another parameter's name stands before, and add those that measure what no other does.

    Of "x 20, y 118" the 118 is no z; "6 bar" can only be the pressure, even where the reader has passed it over.
    """
    if not slot.parameter.is_quantity:
        return list(options)
    others = [other.parameter for other in slots if other is not slot and other.parameter.is_quantity]
    if any(other.required and other.has_direction for other in others) and not slot.parameter.required:
        # "A bit brighter" is said of the brightness, not of how long it takes.
        options = [
            option for option in options if option.words not in slot.ways or request.speaks_of(slot.parameter)
        ]
    found = [
        replace(option, score=option.score - _ELSEWHERE - _REUSED)
        if any(request.is_rather_of(other, slot.parameter, option.words) for other in others)
        else option
        for option in options
    ]
    known = {option.words for option in options}
    least = _unsaid(slot) - _PASSED_OVER
    found += [
        Option(least, words)
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
        if parameter.required and request.is_named_by_word(parameter, words):
            said = max(said, _SURE_NAME)
        # However surely it is named, it stays a probability.
        return min(said + gain, _STILL_LESS * said) if gain > 0 else said + gain
    if parameter.kind is ParameterKind.STRING:
        said -= _SOUNDS_WRONG * sounds_wrong(parameter, words)
        said += _SET_OFF * request.is_set_off(words) - _ARTICLE * request.has_article(words)
        return said if parameter.format else said + text_gain(parameter, words, request.sentence)
    return _said_amount(slot, words, said, request)


def _said_amount(slot: SlotReading, words: str, said: float, request: Request) -> float:
    """Weigh a quantity: "twice the speed" and "a third less" can only mean a change by that, whatever the reader points at."""
    way, _, amount = words.partition(" ")
    if request.is_end(words, slot.parameter):
        return max(said, _SURE_CHANGE)
    is_bare = not amount and way in slot.ways
    if is_bare:
        is_other = request.has_change or request.has_end(slot.parameter)
        return said - _UNUSED if is_other else _turned(slot, words, said, request)
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


def _turned(slot: SlotReading, way: str, said: float, request: Request) -> float:
    """Weigh a change without an amount: which way it goes is told by "too bright" or "coarser", that it is one by the reader."""
    wished = request.wished_way(slot.parameter)
    if wished is None:
        return said
    most = max(slot.said(each) for each in slot.ways if each)
    return most if way == wished else min(said, most - _OTHER_WAY)


def _gain_by_name(parameter: Parameter, words: str, request: Request) -> float:
    """Return what a choice gains by being named: more by all of its words than by one of them, or by its beginning."""
    if parameter.kind is ParameterKind.BOOLEAN and parameter.required:
        sense = request.sense(parameter)
        return 0.0 if sense is None else _SENSE if words == (YES if sense else NO) else -_SENSE
    if parameter.kind is ParameterKind.BOOLEAN:
        flag = request.flag(parameter)
        if flag is None:
            return 0.0 if request.speaks_of(parameter) else -_NOT_SPOKEN_OF
        return _FLAG if words == (YES if flag else NO) else 0.0
    naming = request.naming(parameter).get(words)
    if naming is None:
        is_open = parameter.required or request.is_named(parameter, words) or request.speaks_of(parameter)
        return 0.0 if is_open else -_CHOICE_NOT_SPOKEN_OF
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
    options: Sequence[Option],
    parameter: Parameter,
    request: Request,
    places: Sequence[Place],
    foreign: Sequence[Place],
) -> list[Option]:
    """Prefer what is said in some parts of the sentence to what is only said in others, where anything is said in them."""
    said = [request.where(parameter, option.words) for option in options]
    near = [any(_is_inside(place, places) for place in each) for each in said]

    def cost(each: Sequence[Place]) -> float:
        if any(near):
            return _ELSEWHERE
        # What may be left out is rather left out than taken from what asks for something else.
        may_be_left_out = not parameter.required and (parameter.is_quantity or is_free_text(parameter))
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


def amounts_within(request: Request, places: Sequence[Place]) -> list[Place]:
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
    options: Sequence[Sequence[Option]],
    request: Request,
    amounts: Sequence[Place],
) -> _Assignment:
    """Choose a value for every parameter, so that the same words do not serve two of them and no amount is passed over."""
    beam = [_Assignment(0.0)]
    for slot, scored in zip(slots, options, strict=True):
        grown = []
        unsaid = _unsaid(slot) - _NOT_TOLD * any(option.is_told for option in scored)
        for so_far in beam:
            grown.append(replace(so_far, score=so_far.score + unsaid, picked=(*so_far.picked, None)))
            for option in scored[:_COMPARED_OPTIONS]:
                place = request.free_place(slot.parameter, option.words, so_far.taken)
                cost = _REUSED if place is None and request.is_said(option.words) else 0.0
                if place is not None and so_far.taken and place < so_far.taken[-1]:
                    cost += _OUT_OF_ORDER
                if place is not None:
                    cost += _REVERSED * _is_reversed(slot, place, slots, so_far, request)
                if place is not None:
                    place = _without_day(slot.parameter, place, request)
                places = () if place is None else (place, *_listed_places(slot.parameter, option, request))
                grown.append(
                    _Assignment(
                        so_far.score + option.score + gain_by_place(slot.parameter, option, request) - cost,
                        (*so_far.picked, option),
                        (*so_far.taken, *places),
                    )
                )
        beam = sorted(grown, key=lambda one: -one.score)[:_COMPARED_ASSIGNMENTS]
    weighed = (
        replace(one, score=one.score - _UNUSED * _left_over(one, slots, request, amounts)) for one in beam
    )
    return max(weighed, key=lambda one: one.score)


def _without_day(parameter: Parameter, place: Place, request: Request) -> Place:
    """Leave the day to a parameter of its own: of "6:30 tomorrow morning" the time takes 6:30."""
    start, end = place
    day = next(
        (each.place[0] for each in said_dates(request.sentence.lower) if start < each.place[0] < end), end
    )
    return (start, day) if parameter.format else place


def _listed_places(parameter: Parameter, option: Option, request: Request) -> list[Place]:
    """Return where the other items of a list stand."""
    if not parameter.many:
        return []
    listed = (
        request.texts_before(option.words) + request.texts_behind(option.words, [])
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
        if option is not None
        and is_free_text(slot.parameter)
        and not (option.is_told or request.is_set_off(option.words))
        for place in request.places(option.words)[:1]
    )
    surplus = sum(max(0, sum(_is_taken(amount, [text]) for amount in amounts) - 1) for text in texts)
    return surplus + sum(not _is_taken(place, assignment.taken) for place in amounts)


def gain_by_place(parameter: Parameter, option: Option, request: Request) -> float:
    """Return how much a value gains by standing behind its parameter's name."""
    if parameter.many:
        return 0.0
    if request.is_with_name(parameter, option.words):
        return _WITH_NAME
    return _BESIDE_NAME if request.is_beside(parameter, option.words) else 0.0


def _is_taken(place: Place, taken: Sequence[Place]) -> bool:
    return any(start < place[1] and place[0] < end for start, end in taken)


def listed_values(parameter: Parameter, words: str, request: Request) -> frozenset[str]:
    """Return values that are listed with one that is meant, however sure the reader is of that one.

    Texts may hold an "and", and in "fan 3, top heat 210" the top is no value of the fan.
    """
    if is_free_text(parameter):
        return frozenset()
    values = [value for value in request.values(parameter) if not request.is_excluded(parameter, value)]
    return request.listed_with(words, [value for value in values if may_be_second(parameter, value)])


def may_be_second(parameter: Parameter, words: str) -> bool:
    """Whether words may be one of several values; in "bottom heat 130 and top heat 240" the top is none."""
    return not parameter.is_quantity or any(map(str.isdigit, words))
