"""Tells functions apart that a reader takes for each other: the louder one and the quieter one, and the device's own switch.

Which of two functions that undo each other is meant, the words say plainly: "it's too loud" asks for the quieter one, and "turn
it off" for the switch of the whole device and for none that stops a part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from inference.conversions import converting
from inference.counted_nouns import counting
from inference.own_switches import (
    NOTHING_SAID,
    is_switched,
    is_switched_by_choice,
    name_words,
    own_switches,
    rivals_of_switch,
)
from inference.parameter_words import TIMES, is_said_of
from inference.program_prompt import Hint
from inference.reading import UNREAD, FunctionReading
from inference.request import Request
from inference.rivals import ruled_out
from inference.rooms import rooms_in
from inference.said_states import said_state
from inference.scales import has_steps
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import canonical_words
from inference.told_messages import message_orders
from inference.told_texts import sort_of
from inference.told_topics import asks_to_translate, translates
from inference.values import in_range
from inference.wished_ways import ALL_THE_WAY, Wish, wished_way, wishes
from inference.words import Place, clause_places, split_words

# So much less likely, as logits, is what the words rule out than what they ask for.
_RULED_OUT = 8.0
# At least so likely, as a logit, is a function where a thing of it is opened, closed or switched off.
_SAID_STATE = 1.0
# What a search thinks of a part's switch belongs to the device's own, where the reader finds that asked for.
_SURE_SWITCH = 1.0
_CONVERTED = 6.0
_OPPOSITES = tuple(
    (up, down)
    for ups, downs in (
        ("up raise increase inc plus more higher boost", "down lower decrease reduce dec minus less lower"),
        ("brighten brighter", "dim darken darker dimmer"),
        ("louder", "quieter softer"),
        ("faster quicker", "slower"),
        ("warmer hotter", "cooler colder"),
        ("stronger", "weaker gentler softer"),
        ("wetter", "drier"),
    )
    for up in ups.split()
    for down in downs.split()
)
# So much more than of all others a reader is to think of sending or translating what the words tell to be a text for that.
_SURE_TEXT = 1.0
_NOTES = frozenset("note notes memo memos".split())
# A tunnel that is brought up is no louder.
_LEVEL = re.compile(
    r"volume|loud|quiet|bright|dark|dim|speed|fast|slow|temperature|warm|cool|level|step|notch|more|less|higher|lower|rais|increas"
    r"|strength|power|intensit|pressure|heat|fan|zoom|channel"
)
# "Put milk on my shopping list" makes no list, and takes nothing from one.
_LISTED = re.compile(
    r"\b(?:put|add|write|note|jot|stick)(?: down)? (?!an? (?:new )?list\b)[^,.;:!?]+? (?:to|on|onto|in|into|down on)"
    r" (?:the|my|our|your|his|her|that|this) (?:[\w'\u2019-]+ ){0,3}lists?\b"
)
# "The fan in the den to 3", "put the fan on level 2".
_TO_NUMBER = re.compile(
    r"(?:(?:please|can you|could you|would you) )*(?:(?:set|put|turn|make|bring|get) )?(?P<thing>(?:[a-z'\u2019-]+ ){1,6}?)"
    r"(?:to|at|on) (?:(?:level|step|stage|number|setting) )?(?P<number>\d+(?:\.\d+)?)(?: please| now)?"
)
_NO_THINGS = NOTHING_SAID | frozenset(
    "open close shut closed opened off out turn switch put set to level position move all both every up down roll".split()
)
_ADDING = frozenset("add append put insert write".split())
_OTHERWISE = frozenset(
    "create new make delete remove clear empty read show get open rename mark complete check".split()
)


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two functions that undo each other, as indices, and what both are about."""

    up: int
    down: int
    about: str


def certain(lower: str, functions: Sequence[FunctionSignature]) -> list[int]:
    """Return the functions that words of a sentence can only mean, however little a search makes of them."""
    said = wishes(lower)
    found = [
        index for pair in _pairs(functions) if _way(said, pair) is not None for index in (pair.up, pair.down)
    ]
    if said and not found:
        found = [index for index, parameter in _levels(functions) if wished_way(said, parameter) is not None]
    if is_switched(lower, functions):
        found += own_switches(functions)
    found += ruled_out(lower, functions)[0]
    found += _brought_to_states(lower, functions)
    found += _set_to_number(lower, functions)
    return list(dict.fromkeys(found))


def steered(
    readings: Sequence[FunctionReading], request: Request, place: Place | None
) -> list[FunctionReading]:
    """Correct what a reader thinks of functions, as far as the words of a clause (the sentence, without one) are plain."""
    lower = request.sentence.lower
    text = lower if place is None else lower[slice(*place)]
    evidence = [reading.evidence for reading in readings]
    if place is not None or len(clause_places(lower)) == 1:
        _prefer(evidence, *ruled_out(text, request.candidates))
    for index in (
        *_brought_to_states(text, request.candidates),
        *_set_to_number(text, request.candidates),
    ):
        evidence[index] = max(evidence[index], _SAID_STATE)
    counted, lacking = counting(request.candidates, request.sentence, text)
    _prefer(evidence, counted if lacking else [], lacking)
    for index in converting(request.candidates, request.sentence, place):
        # Two units and an amount of one of them are said of nothing else.
        evidence[index] = max(evidence[index], _CONVERTED)
    if is_switched(text, request.candidates):
        rivals = rivals_of_switch(text, request.candidates)
        wanted = [index for index in own_switches(request.candidates) if index not in rivals]
        is_sure = any(
            evidence[index] > 0 and is_switched_by_choice(request.candidates[index]) for index in wanted
        )
        _prefer(evidence, wanted, rivals, _SURE_SWITCH * is_sure)
    elif _LISTED.search(text):
        _prefer(evidence, *_list_functions(request.candidates))
    elif (is_sent := _is_message(request, place)) is not None:
        _prefer(evidence, *_message_functions(request.candidates, is_sent=is_sent), _SURE_TEXT)
    elif asks_to_translate(text):
        translating = [index for index, each in enumerate(request.candidates) if translates(each)]
        _prefer(evidence, translating, range(len(evidence)), max(0.0, _SURE_TEXT - max(evidence)))
    elif (said := wishes(text)) and not _has_target(text, request):
        _steer_ways(evidence, said, text, request)
    return [
        reading if reading is UNREAD or value == reading.evidence else replace(reading, evidence=value)
        for reading, value in zip(readings, evidence, strict=True)
    ]


def redirected(
    ranking: Sequence[Hint], readings: Sequence[FunctionReading], request: Request, text: str
) -> list[Hint]:
    """Give what the search thinks of one function to the one that a text means instead, as far as the reader agrees.

    Of a brightness that is to be changed the function is meant that sets it, not the one that reads it; and of "turn the fan off"
    the device's own switch, not that of its display.
    """
    functions = request.candidates
    instead: dict[int, Sequence[int]] = {}
    for index, function in enumerate(functions):
        setters = [
            other
            for other, each in enumerate(functions)
            if any(parameter.current == function.name for parameter in each.parameters)
        ]
        if setters:
            instead[index] = setters
    if is_switched(text, functions):
        rivals = rivals_of_switch(text, functions)
        own = [index for index in own_switches(functions) if index not in rivals]
        instead |= dict.fromkeys(rivals, own) if own else {}
    moved = {hint.index: hint.probability for hint in ranking}
    for index, others in instead.items():
        best = max(others, key=lambda other: readings[other].evidence)
        if index in moved and readings[best].evidence > max(0.0, readings[index].evidence):
            moved[best] = moved.get(best, 0.0) + moved.pop(index)
    return sorted(
        (Hint(index, probability) for index, probability in moved.items()), key=lambda hint: -hint.probability
    )


def _steer_ways(evidence: list[float], said: Sequence[Wish], text: str, request: Request) -> None:
    functions = request.candidates
    has_amount = any(quantity.text in text for quantity in request.sentence.quantities)
    switches = [index for index, each in enumerate(functions) if _is_switch(each)]
    pairs = [(pair, way) for pair in _pairs(functions) for way in [_way(said, pair)] if way is not None]
    if pairs:
        likeliest = max(pairs, key=lambda each: max(evidence[each[0].up], evidence[each[0].down]))
        for pair, way in pairs:
            right, wrong = (pair.up, pair.down) if way else (pair.down, pair.up)
            takes_amount = any(parameter.is_quantity for parameter in functions[right].parameters)
            setters = [
                index
                for index, parameter in _levels(functions)
                if (takes_amount or not has_amount) and _is_level_of(pair, index, parameter, functions)
            ]
            # "Turn it up" switches nothing on.
            others = switches if (pair, way) == likeliest and any(not wish.adjective for wish in said) else []
            _prefer(
                evidence, [right], [wrong, *setters, *(each for each in others if each not in {right, wrong})]
            )
        return
    levels = [index for index, parameter in _levels(functions) if wished_way(said, parameter) is not None]
    if levels and any(_is_plain_wish(wish, text) for wish in said):
        best = max(levels, key=lambda index: evidence[index])
        _prefer(evidence, [best], [index for index in switches if index not in levels])


def _prefer(evidence: list[float], wanted: Sequence[int], others: Sequence[int], gain: float = 0.0) -> None:
    """Give the likeliest of some functions what others have, and a gain, and take it from these."""
    if not wanted:
        return
    best = max(wanted, key=lambda index: evidence[index])
    evidence[best] = most = max(evidence[index] for index in (best, *others)) + gain
    for index in others:
        if index not in wanted:
            evidence[index] = min(evidence[index], most - _RULED_OUT)


def _brought_to_states(text: str, functions: Sequence[FunctionSignature]) -> list[int]:
    """Return the function that takes a number for what a text opens, closes or switches off; none where several might."""
    said = {word.removesuffix("s") for word in split_words(text)} - _NO_THINGS
    found = []
    for index, function in enumerate(functions):
        stated = any(each.required and said_state(each, text) is not None for each in function.parameters)
        if stated:
            names = (function.readable_name, *(each.readable_name for each in function.parameters))
            own = {word.removesuffix("s") for word in split_words(" ".join((*names, function.description)))}
            if own & said:
                found.append(index)
    return found if len(found) == 1 else []


def _set_to_number(text: str, functions: Sequence[FunctionSignature]) -> list[int]:
    """Return the only function that takes one number where nothing but the thing and a number is said: "the fan to 3"."""
    match = _TO_NUMBER.fullmatch(text.strip(" .!?"))
    if match is None:
        return []
    number = float(match["number"])
    able = [
        index
        for index, function in enumerate(functions)
        for needed in [[each for each in function.parameters if each.required]]
        if len(needed) == 1
        and needed[0].is_quantity
        and needed[0].unit not in TIMES
        and not needed[0].is_step
    ]
    rooms = {word for room in rooms_in(text) for word in room.words}
    known = {
        word
        for function in functions
        for word in split_words(f"{function.readable_name} {function.description}")
    }
    said = set(split_words(match["thing"])) - rooms - NOTHING_SAID
    if len(able) != 1 or not said or not said <= known:
        return []
    (needed,) = (each for each in functions[able[0]].parameters if each.required)
    return able if in_range(needed, number) else []


def _list_functions(functions: Sequence[FunctionSignature]) -> tuple[list[int], list[int]]:
    """Return the functions that add something to a list, and those that do something else with lists."""
    words = [
        (
            set(name_words(function)),
            {
                word
                for each in function.parameters
                for word in split_words(canonical_words(each.readable_name))
            },
        )
        for function in functions
    ]
    adding = [
        index
        for index, (name, taken) in enumerate(words)
        if name & _ADDING and {"list", "lists"} & (name | taken) and functions[index].parameters
    ]
    return adding, [
        index
        for index, (name, taken) in enumerate(words)
        if index not in adding and name & _OTHERWISE and {"list", "lists"} & (name | taken)
    ]


def _is_message(request: Request, place: Place | None) -> bool | None:
    """Whether a clause asks for a message to be sent (True) or for a note to be taken (False); None for anything else."""
    lower = request.sentence.lower
    for (start, end), is_sent in message_orders(request.sentence):
        around = [each for each in clause_places(lower) if each[0] < end and start < each[1]]
        is_all = place is None and len(around) == len(clause_places(lower))
        if is_all or (place is not None and place[0] <= start < place[1]):
            return is_sent
    return None


def _message_functions(
    functions: Sequence[FunctionSignature], *, is_sent: bool
) -> tuple[list[int], list[int]]:
    """Return the functions that send a message to somebody, or take a note, and those that take no message at all."""
    wanted, others = list[int](), list[int]()
    for index, function in enumerate(functions):
        sorts = {sort_of(each): each for each in function.parameters if each.kind is ParameterKind.STRING}
        message = sorts.get("message")
        if message is None:
            others.append(index)
        elif message.required and ("person" in sorts if is_sent else _NOTES & set(name_words(function))):
            wanted.append(index)
    return wanted, others


def _is_plain_wish(wish: Wish, text: str) -> bool:
    """Whether a wish is about warmth, or an order to turn something up or down: no switch is meant by these."""
    is_turned = re.search(r"\bturn\b", text) or ALL_THE_WAY.search(text)
    return wish.adjective in {"hot", "cold", "warm", "cool"} or is_turned is not None


def _pairs(functions: Sequence[FunctionSignature]) -> Iterator[_Pair]:
    words = [name_words(function) for function in functions]
    for up, first in enumerate(words):
        for down, second in enumerate(words):
            for rising, falling in _OPPOSITES:
                if (
                    rising in first
                    and falling in second
                    and _without(first, rising) == _without(second, falling)
                ):
                    about = " ".join(
                        (*first, *second, functions[up].description, functions[down].description)
                    )
                    if rising != "up" or _LEVEL.search(about.lower()):
                        yield _Pair(up, down, about)


def _way(said: Sequence[Wish], pair: _Pair) -> int | None:
    ways = {way for wish in said if wish.is_of(pair.about) for way in [wish.way()] if way is not None}
    return ways.pop() if len(ways) == 1 else None


def _levels(functions: Sequence[FunctionSignature]) -> Iterator[tuple[int, Parameter]]:
    """Give the functions that need one level which may go up and down, and that level."""
    for index, function in enumerate(functions):
        needed = [
            parameter
            for parameter in function.parameters
            if parameter.required and (parameter.is_quantity or has_steps(parameter))
        ]
        if len(needed) == 1 and (needed[0].has_direction or has_steps(needed[0])) and not needed[0].is_step:
            yield index, needed[0]


def _is_level_of(
    pair: _Pair, index: int, parameter: Parameter, functions: Sequence[FunctionSignature]
) -> bool:
    """Whether a function sets what a pair raises and lowers: `setSpeed` beside `faster` and `slower`."""
    if index in {pair.up, pair.down}:
        return False
    ends = [word for each in _OPPOSITES for word in each]
    about = {*name_words(functions[pair.up])} - {*ends, "set", "turn", "adjust", "change", "step"}
    named = {*name_words(functions[index]), *split_words(parameter.readable_name)}
    if about:
        return about <= named
    said = [word for word in name_words(functions[pair.up]) if word in ends]
    return any(
        word not in {"up", "more", "raise", "increase"} and is_said_of(word, " ".join(named)) for word in said
    )


def _is_switch(function: FunctionSignature) -> bool:
    """Whether a function only switches: it takes nothing but a yes or no, or things to be switched."""
    return not any(parameter.is_quantity for parameter in function.parameters)


def _without(words: Sequence[str], word: str) -> tuple[str, ...]:
    return tuple(each for each in words if each != word)


def _has_target(text: str, request: Request) -> bool:
    """Whether a text says a value to go to: "dim it to 30 percent", but not "dim it by 30 percent"."""
    return any(
        re.search(rf"\b(?:to|at|on) (?:about |around )?{re.escape(quantity.text)}(?!\w)", text) is not None
        for quantity in request.sentence.quantities
    )
