"""Lists what a value of a function may be among what a sentence says, and how likely, as a reader and the words tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from inference.clock_fields import clock_words, is_bare_clock
from inference.colors import color_words
from inference.conversions import conversion_ends, said_conversion, said_substance
from inference.counted_nouns import counts, counts_other, said_single
from inference.day_counts import counted_days
from inference.day_texts import tells_which, unwritten_days
from inference.named_amounts import is_beside, is_rather_of, is_with_name
from inference.number_texts import number_text
from inference.range_ends import end_of_range
from inference.reader_input import DOWN, NO, YES
from inference.reading import SlotReading
from inference.request import Request
from inference.said_choices import is_code, is_days
from inference.said_repetitions import counts_repetitions, said_repetitions
from inference.said_states import said_state
from inference.scales import has_steps
from inference.shares import is_end_of
from inference.signatures import Parameter, ParameterKind
from inference.signs import said_with_way
from inference.spoken_texts import has_article, has_kind, is_set_off, text_gain
from inference.time_spans import end_by_length, only_time, part_of_span, said_stretch
from inference.told_texts import is_owned, sounds_wrong
from inference.unlisted_names import SaidName, said_name
from inference.value_places import places_of
from inference.values import fits_text, in_range, said_choice
from inference.words import Place

# Logarithms of probabilities, chosen on the development part of evals/independent and on evals/practice.
UNUSED = 6.0
"""What it costs to pass an amount over, or to take it for what it cannot be."""
REUSED = 3.0
"""What it costs to take the same words for two values."""
_LEAST_SAID = -7.0
_LACKING, _LACKING_TEXT, _LACKING_CHOICE = 1.0, 3.0, 2.5
_ELSEWHERE = 3.0
_SURE_CHANGE = -0.5
_OTHER_WAY = 2.0
_SET_OFF, _ARTICLE, _WITH_KIND = 3.0, 3.0, 6.0
_PASSED_OVER, _UNFIT = 3.0, 2.0
_STILL_LESS, _SAID_DAY, _SAID_COLOR, _SAID_SWITCH = 0.1, -0.1, -0.1, -0.1
_ONE_TIME, _ONE_OF_TIMES, _BARE_TIME = -0.1, -1.5, -3.0
_NAMED_CHOICE, _LIKE_NAMED_CHOICE, _EXCLUDED, _FLAG, _SENSE = 2.5, 1.5, 2.0, 2.0, 3.0
_SURE_CODE, _CODE, _SURE_NAME = -0.5, 3.0, -3.0
_TOLD, _NOT_TOLD, _SOUNDS_WRONG, _TOLD_CHOICE = 2.0, 6.0, 3.0, -0.1
_NOT_SPOKEN_OF, _CHOICE_NOT_SPOKEN_OF = 3.0, 1.0


@dataclass(frozen=True, slots=True)
class Option:
    """Words that a value may be written with, and the logarithm of how probable that is.

    It `fits` unless it is out of range; it `is_told` where the wording leaves no doubt that it was said.
    """

    score: float
    words: str
    fits: bool = True
    is_told: bool = False


def weighed_options(
    slot: SlotReading,
    slots: Sequence[SlotReading],
    request: Request,
    places: Sequence[Place],
    foreign: Sequence[Place],
) -> list[Option]:
    """List what a value may be, the likeliest first, preferring what is said in `places`.

    What is said in `foreign` places asks for other functions. `slots` are all of the function's values.
    """
    if (ends := _converted(slot, slots, request)) is not None:
        return ends
    listed = _unlisted(_options(slot, request), slot, slots, request)
    told = _counted(slot, slots, request) or _told(listed, slot, slots, request)
    return _nearby(_own(told, slot, slots, request), slot.parameter, request, places, foreign)


def is_free_text(parameter: Parameter) -> bool:
    """Whether a parameter takes whatever text somebody says."""
    is_text = parameter.kind is ParameterKind.STRING and not parameter.choices
    return is_text and not parameter.format and parameter.channel is None


def unsaid(slot: SlotReading, options: Sequence[Option] = ()) -> float:
    """Return what it costs to give a parameter no value.

    One that the function needs was rather said than not: a text may be any words ("play some jazz"), and a choice is often meant
    by other words ("the one that I can see").
    It was hardly left out where the wording tells one of its options.
    """
    not_told = _NOT_TOLD * any(option.is_told for option in options)
    if not slot.parameter.required:
        return slot.silence - not_told
    if is_free_text(slot.parameter):
        return slot.silence - _LACKING_TEXT - not_told
    return slot.silence - (_LACKING_CHOICE if slot.choices else _LACKING) - not_told


def _options(slot: SlotReading, request: Request) -> list[Option]:
    """List what a value may be, the likeliest first, as far as it is not much less likely than none."""
    if (way := request.switched(slot.parameter)) is not None:
        return [Option(_SAID_SWITCH, YES if way else NO, is_told=True)]
    naming = request.choices.naming(slot.parameter)
    if not naming and (steps := _stepped(slot.parameter, request)):
        return steps
    if not naming and (name := _said_name(slot.parameter, request)) is not None:
        return [Option(_SAID_DAY, name.choice or name.words, fits=name.choice is not None, is_told=True)]
    if naming and is_days(slot.parameter):
        # Days of the week are named or not meant: the reader has nothing to add.
        lower = request.sentence.lower
        return [
            Option(_SAID_DAY, words, is_told=not tells_which(each.place, lower))
            for words, each in naming.items()
        ]
    if not naming and is_days(slot.parameter) and unwritten_days(slot.parameter, request.sentence.lower):
        return []
    values = request.values(slot.parameter)
    scored = [Option(_said(slot, words, request), words) for words in values]
    # Of two quantities that fit this way and no other, neither is out of range.
    cost = _UNFIT if any(words[:1].isdigit() for words in values) else 0.0
    scored += [
        Option(_said(slot, words, request) - cost, words, fits=False)
        for words in request.unfit(slot.parameter)
    ]
    least = max(_LEAST_SAID, unsaid(slot) - UNUSED)
    likely = (
        option
        for option in scored
        if option.score >= least
        or option.words in naming
        or request.is_told(slot.parameter, option.words)
        or is_with_name(slot.parameter, option.words, request.sentence)
        or is_beside(slot.parameter, option.words, request.sentence)
    )
    return sorted(likely, key=lambda option: -option.score)


def _said_name(parameter: Parameter, request: Request) -> SaidName | None:
    """Return a name that is said in place of a parameter's choices; what belongs to a text is none.

    Of several texts one that is a single word may be that name itself: "a turquoise list for the choir".
    """
    function = next((each for each in request.candidates if parameter in each.parameters), None)
    if function is None:
        return None
    texts = [
        words
        for other in function.parameters
        if is_free_text(other)
        for told in [request.told(other, function.parameters)]
        for words in told
        if len(told) == 1 or " " in words
    ]
    places = [place for words in texts for place in places_of(words, request.sentence)]
    return said_name(parameter, request.sentence, places)


def _stepped(parameter: Parameter, request: Request) -> list[Option]:
    """Return the way in which a choice of a scale is to be changed: "one notch less"; nothing where no change is wanted."""
    way = request.wished_way(parameter) if has_steps(parameter) else None
    return [] if way is None else [Option(_SAID_SWITCH, way, is_told=True)]


def _converted(slot: SlotReading, slots: Sequence[SlotReading], request: Request) -> list[Option] | None:
    """Return the unit or currency that a sentence converts from or to, and what it is an amount of; None for other values."""
    parameters = [each.parameter for each in slots]
    ends = conversion_ends(parameters)
    said = None if ends is None else said_conversion(parameters, request.sentence)
    if ends is None or said is None:
        return None
    if is_free_text(slot.parameter):
        substance = said_substance(parameters, request.sentence)
        return None if substance is None else [Option(_TOLD, substance, is_told=True)]
    if slot.parameter not in ends:
        return None
    choice = said.source if slot.parameter is ends[0] else said.target
    if choice not in slot.parameter.choices or (slot.parameter is ends[1] and not said.is_possible):
        return [Option(_TOLD, str(choice), fits=False, is_told=True)]
    return [Option(_TOLD, said_choice(slot.parameter, choice, request.sentence), is_told=True)]


def _counted(slot: SlotReading, slots: Sequence[SlotReading], request: Request) -> list[Option]:
    """Return what the words tell for sure of numbers: how often something is done, an end of a range, "pages 2 to 6"."""
    parameter, sentence = slot.parameter, request.sentence
    if days := counted_days(parameter, sentence):
        return [Option(_TOLD, words, is_told=True) for words in days]
    every = [other.parameter for other in slots]
    words = number_text(parameter, sentence)
    repeated = said_repetitions(sentence)
    if repeated is not None and counts_repetitions(parameter, sentence):
        if parameter.choices:
            words = next((str(choice) for choice in parameter.choices if choice == repeated[1]), None)
        elif in_range(parameter, repeated[1]):
            words = repeated[0]
    elif parameter.is_quantity and not parameter.many:
        words = (
            end_of_range(parameter, every, sentence)
            or part_of_span(parameter, every, sentence)
            or said_stretch(parameter, every, sentence)
        )
        words = words if words in request.values(parameter) else None
        if words is None:
            own = [text for text in counts(parameter, sentence) if text in request.values(parameter)]
            turned = [
                text for text in said_with_way(parameter, sentence) if text in request.values(parameter)
            ]
            if len(turned) == 1:
                return [Option(_TOLD, turned[0], is_told=True)]
            words = (
                own[0]
                if len(own) == 1 and (not parameter.has_direction or own[0].endswith("x"))
                else said_single(parameter, sentence)
            )
    elif parameter.format == "time":
        words = end_by_length(parameter, every, sentence) or part_of_span(parameter, every, sentence)
        words = words or only_time(parameter, every, sentence)
    return [] if words is None else [Option(_TOLD, words, is_told=True)]


def _told(
    options: Sequence[Option], slot: SlotReading, slots: Sequence[SlotReading], request: Request
) -> list[Option]:
    """Prefer the texts that the wording tells: "laundry" of "the laundry timer", which readers take for a part of the order."""
    if not is_free_text(slot.parameter):
        return [
            replace(option, score=max(option.score, _TOLD_CHOICE), is_told=True)
            if request.is_told(slot.parameter, option.words)
            else option
            for option in options
        ]
    told = request.told(slot.parameter, [other.parameter for other in slots])
    # Days are written otherwise than they are said; texts may go beyond the commas that values end at.
    fitting = set(request.values(slot.parameter)) if told else set()
    sure = [
        Option(_TOLD + _STILL_LESS * _said(slot, words, request), words, is_told=True)
        for words in told
        if words in fitting or fits_text(slot.parameter, request.sentence.original(words))
    ]
    if not sure:
        return list(options)
    return sure + [
        replace(option, score=option.score - _NOT_TOLD) for option in options if option.words not in told
    ]


def _unlisted(
    options: Sequence[Option], slot: SlotReading, slots: Sequence[SlotReading], request: Request
) -> list[Option]:
    """Take an amount that only one parameter measures and that is none of its choices for out of range, not for the next best."""
    parameter = slot.parameter
    if not parameter.choices or not options or request.choices.naming(parameter):
        return list(options)
    others = [other.parameter for other in slots if other is not slot]
    fits = {words for other in others for words in (*request.measures(other), *request.amounts(other))}
    unfit = [words for words in request.unfit(parameter) if words not in fits]
    if len(unfit) != 1:
        return list(options)
    likely = float(np.logaddexp.reduce([option.score for option in options]))
    return [
        Option(min(likely, _STILL_LESS * likely), unfit[0], fits=False),
        *(replace(option, score=option.score - UNUSED) for option in options),
    ]


def _own(
    options: Sequence[Option], slot: SlotReading, slots: Sequence[SlotReading], request: Request
) -> list[Option]:
    """Take quantities away that another parameter's name stands before, and add those that measure what no other does.

    Of "x 20, y 118" the 118 is no z; "6 bar" can only be the pressure, even where the reader has passed it over.
    """
    if not slot.parameter.is_quantity:
        return list(options)
    options = [
        option
        for option in options
        if option.is_told
        or not counts_other(slot.parameter, option.words, request.candidates, request.sentence)
    ]
    others = [other.parameter for other in slots if other is not slot and other.parameter.is_quantity]
    if not slot.parameter.required:
        if slot.parameter.unit is None and slot.parameter.format is None and slot.parameter.clock is None:
            # "Wait 20 seconds on every floor" says no floor.
            options = [
                option
                for option in options
                if option.is_told or not any(option.words in request.measures(other) for other in others)
            ]
        # "Between 19 and 24" is a low and a high one, and no single temperature beside them.
        every = [each.parameter for each in slots]
        ends = {end_of_range(other, every, request.sentence) for other in others}
        options = [option for option in options if option.words not in ends]
    if any(other.required and other.has_direction for other in others) and not slot.parameter.required:
        # "A bit brighter" is said of the brightness, not of how long it takes.
        options = [
            option for option in options if option.words not in slot.ways or request.speaks_of(slot.parameter)
        ]
    found = [
        replace(option, score=option.score - _ELSEWHERE - REUSED)
        if any(
            is_rather_of(other, slot.parameter, option.words, request.sentence, request.unit_definitions)
            for other in others
        )
        else option
        for option in options
    ]
    known = {option.words for option in options}
    least = unsaid(slot) - _PASSED_OVER
    found += [
        Option(least, words)
        for words in request.measures(slot.parameter)
        if words not in known and not any(words in request.measures(other) for other in others)
    ]
    return found


def _said(slot: SlotReading, words: str, request: Request) -> float:
    """Return the logarithm of how probable it is that a value is written so. Quoted words are a text of their own."""
    said, parameter = slot.said(words), slot.parameter
    if words in color_words(parameter, request.sentence.lower):
        return max(said, _SAID_COLOR)
    if words in (times := clock_words(parameter, request.sentence)):
        is_one = len(times) == 1
        least = (
            _BARE_TIME
            if is_bare_clock(parameter, request.sentence)
            else _ONE_TIME
            if is_one
            else _ONE_OF_TIMES
        )
        return max(said, least)
    if is_code(parameter, words):
        # The reader may be shown the meaning alone.
        return max(said, _SURE_CODE) + _CODE
    if parameter.choices or parameter.kind is ParameterKind.BOOLEAN:
        gain = _gain_by_name(parameter, words, request)
        if parameter.required and request.choices.is_named_by_word(parameter, words):
            said = max(said, _SURE_NAME)
        # However surely it is named, it stays a probability.
        return min(said + gain, _STILL_LESS * said) if gain > 0 else said + gain
    if parameter.kind is ParameterKind.STRING and not parameter.is_quantity:
        said -= _SOUNDS_WRONG * (
            sounds_wrong(parameter, words) or is_owned(parameter, words, request.sentence)
        )
        is_text, is_name = is_set_off(words, request.sentence), has_article(words, request.sentence)
        said -= _WITH_KIND * has_kind(words, request.sentence)
        said += _SET_OFF * is_text - _ARTICLE * is_name
        return said if parameter.format else said + text_gain(parameter, words, request.sentence)
    return _said_amount(slot, words, said, request)


def _said_amount(slot: SlotReading, words: str, said: float, request: Request) -> float:
    """Weigh a quantity: "twice the speed" and "a third less" can only mean a change by that, whatever the reader points at."""
    way, _, amount = words.partition(" ")
    state = said_state(slot.parameter, request.sentence.lower)
    if is_end_of(words, slot.parameter) or (state is not None and words == state[0]):
        return max(said, _SURE_CHANGE)
    is_bare = not amount and way in slot.ways
    if is_bare:
        is_other = request.changes.are_said or request.has_end(slot.parameter) or state is not None
        return said - UNUSED if is_other else _turned(slot, words, said, request)
    if not slot.ways:
        return said
    usual = request.changes.usual_way(amount, slot.parameter)
    if slot.parameter.is_step and amount:
        usual = request.changes.signed_way(amount, slot.parameter) or usual
    if usual is None and slot.parameter.is_step and amount and request.changes.is_backwards(amount):
        usual = DOWN
    if usual is None:
        return _as_value(slot, words, said, request)
    if way == usual:
        return max(said, slot.ways.get(way, 0.0), _SURE_CHANGE)
    # "Twice as slow": there the reader tells which way it goes.
    is_often = request.changes.is_how_often(amount, slot.parameter)
    is_open = request.changes.is_multiple(amount) and not slot.parameter.is_step and not is_often
    cost = UNUSED if slot.parameter.is_step else _OTHER_WAY
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
    naming = request.choices.naming(parameter).get(words)
    if naming is None:
        is_open = (
            parameter.required or request.choices.is_named(parameter, words) or request.speaks_of(parameter)
        )
        # Extras that nobody speaks of are left out.
        return 0.0 if is_open else -_NOT_SPOKEN_OF if parameter.many else -_CHOICE_NOT_SPOKEN_OF
    if naming.is_excluded:
        return -_EXCLUDED
    return _NAMED_CHOICE if naming.is_whole else _LIKE_NAMED_CHOICE


def _as_value(slot: SlotReading, words: str, said: float, request: Request) -> float:
    """Give a value what the reader thinks of a change by it that is impossible."""
    way, _, amount = words.partition(" ")
    if way in slot.ways and amount:
        return said - UNUSED if request.changes.is_rather_value(slot.parameter, amount) else said
    if slot.parameter.is_step and request.changes.signed_way(words, slot.parameter) == DOWN:
        return said - UNUSED
    if not slot.parameter.is_step and request.changes.is_change(words, slot.parameter):
        return said - UNUSED
    if request.changes.is_rather_value(slot.parameter, words):
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
        return UNUSED if may_be_left_out and any(_is_inside(place, foreign) for place in each) else 0.0

    weighed = (
        option if not each or is_near else replace(option, score=option.score - cost(each))
        for option, each, is_near in zip(options, said, near, strict=True)
    )
    return sorted(weighed, key=lambda option: -option.score)


def _is_inside(place: Place, places: Sequence[Place]) -> bool:
    return any(start <= place[0] and place[1] <= end for start, end in places)
