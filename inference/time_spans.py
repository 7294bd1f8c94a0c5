"""Tells how long something lasts that begins and ends at times, and when something ends that begins at a time and lasts so long.

Of "from 9:30 to 11" a `duration` in minutes is 90, and of "from 11 pm for 3 hours" the `end` is 02:00.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from inference.clock_times import ClockTime
from inference.range_ends import ENDS, range_order
from inference.signatures import Parameter
from inference.text import Sentence, canonical_words
from inference.units import convert

_JOINT = re.compile(r" ?(?P<text>(?:to|till|til|until|through|thru|-|\u2013|and) ?)")
_DAY, _HALF_DAY, _NOON = 86_400, 43_200, 12
_HALF_SAID = re.compile(r"[ap]\.?m|morning|evening|night|noon|^\d\d:|^0")
_LASTING = frozenset("duration length minutes hours mins hrs time".split())
_LASTING_TEXT = re.compile(r"(?:the )?(?:duration|length|how long)\b")
_STRETCH = re.compile(r"(?:the|this|these) (?:past|last|next|coming) ")
_STRETCH_BEFORE = re.compile(r"(?<!\w)(?:past|last|next|coming) $")
_UNITS = frozenset({"second", "minute", "hour"})


@dataclass(frozen=True, slots=True)
class _Span:
    """A span of time: the words for its beginning, those for its end with what joins them, and how long it is."""

    begin: str
    words: str
    seconds: int


def takes_time_of_day(parameter: Parameter) -> bool:
    """Whether a text or number is a time of day."""
    return parameter.format == "time" or (parameter.clock is not None and not parameter.clock.is_duration)


def lasting_words(parameter: Parameter, sentence: Sentence) -> Mapping[str, tuple[float, str]]:
    """Return the words of the end of the only span of time in a sentence, with its seconds, for what may be how long it is."""
    if not _is_length(parameter):
        return {}
    spans = _all_spans(sentence)
    return {spans[0].words: (float(spans[0].seconds), "second")} if len(spans) == 1 else {}


def part_of_span(parameter: Parameter, parameters: Sequence[Parameter], sentence: Sentence) -> str | None:
    """Return the words for when something begins, or for how long it lasts by when it ends, for a function that takes both.

    None where a function takes the end itself, or where the sentence says how long.
    """
    times = [other for other in parameters if takes_time_of_day(other)]
    lengths = [other for other in parameters if _is_length(other)]
    amounts = [each for each in sentence.quantities if each.unit in _UNITS]
    if len(times) != 1 or len(lengths) != 1 or amounts or parameter not in (*times, *lengths):
        return None
    spans = _all_spans(sentence)
    if len(spans) != 1:
        return None
    return spans[0].words if parameter is lengths[0] else spans[0].begin


def ending_words(parameter: Parameter, sentence: Sentence) -> Mapping[str, str]:
    """Return the words for how long something lasts, with when it ends, for a time that is an end."""
    is_end = parameter.format == "time" and not ENDS.isdisjoint(
        canonical_words(parameter.readable_name).split()
    )
    amounts = [each for each in sentence.quantities if each.unit in _UNITS]
    if not is_end or len(sentence.times) != 1 or len(amounts) != 1:
        return {}
    seconds = _seconds(sentence.times[0]) + (convert(amounts[0].value, amounts[0].unit, "second") or 0)
    end = int(seconds) % _DAY
    time = ClockTime(amounts[0].text, end // 3600, end // 60 % 60, end % 60)
    return {amounts[0].text: time.written(with_seconds=parameter.with_seconds)}


def end_by_length(parameter: Parameter, parameters: Sequence[Parameter], sentence: Sentence) -> str | None:
    """Return the words that tell when something ends by how long it lasts; None where a function takes the length itself."""
    begins = [other for other in parameters if range_order(other, parameter) is True]
    if len(begins) != 1 or any(_measures_time(other) for other in parameters):
        return None
    found = ending_words(parameter, sentence)
    return next((words for words in found if _is_length_behind(words, sentence)), None)


def said_stretch(parameter: Parameter, parameters: Sequence[Parameter], sentence: Sentence) -> str | None:
    """Return the amount of time that reaches from now back or ahead: "the past week" and "the next 3 hours".

    None for other amounts, and where several parameters are amounts of time.
    """
    lasting = [other for other in parameters if other.is_quantity and _measures_time(other)]
    found = [
        each.text
        for each in sentence.quantities
        if each.unit is not None
        and (
            _STRETCH.match(each.text)
            or _STRETCH_BEFORE.search(sentence.lower[: sentence.lower.index(each.text)])
        )
    ]
    return found[0] if lasting == [parameter] and len(found) == 1 else None


def only_time(parameter: Parameter, parameters: Sequence[Parameter], sentence: Sentence) -> str | None:
    """Return the only time of a sentence for the only time that a function needs; None where "for 2" may count people."""
    times = [other for other in parameters if takes_time_of_day(other)]
    if times != [parameter] or not parameter.required or len(sentence.times) != 1:
        return None
    text = sentence.times[0].text
    is_sure = not text.isdigit() or re.search(
        rf"(?<!\w)(?:at|by|around|until|till) {text}(?!\w)", sentence.lower
    )
    return text if is_sure else None


def _is_length_behind(words: str, sentence: Sentence) -> bool:
    """Whether an amount of time is how long something lasts, not when it begins: "for 3 hours", "3 hours from 11 pm"."""
    lower = sentence.lower
    start = lower.index(words)
    return not re.search(r"(?<!\w)(?:in|after|before|every|within|last|next|past) $", lower[:start])


def _is_length(parameter: Parameter) -> bool:
    """Whether a parameter is how long something lasts."""
    if not parameter.is_quantity or parameter.many:
        return False
    if not _measures_time(parameter):
        return False
    name = canonical_words(parameter.readable_name).split()
    return bool(_LASTING & set(name)) or _LASTING_TEXT.match(parameter.description.lower()) is not None


def _measures_time(parameter: Parameter) -> bool:
    if parameter.unit is None or parameter.clock is not None:
        return False
    return parameter.format == "duration" or convert(1, "second", parameter.unit) is not None


def _all_spans(sentence: Sentence) -> list[_Span]:
    return [span for one, other in pairwise(sentence.times) for span in _spans(one, other, sentence.lower)]


def _spans(one: ClockTime, other: ClockTime, lower: str) -> Iterator[_Span]:
    joined = re.compile(
        rf"(?<![\w:.])(?P<one>{re.escape(one.text)}){_JOINT.pattern}{re.escape(other.text)}(?!\w)"
    )
    for match in joined.finditer(lower):
        joint = match["text"].strip()
        if joint == "and" and not re.search(r"(?<!\w)between $", lower[: match.start()]):
            continue
        seconds = (_seconds(other) - _seconds(one)) % _DAY
        if seconds > _HALF_DAY and other.hour < _NOON and not _HALF_SAID.search(other.text):
            # "From 11 to 1" ends in the afternoon.
            seconds -= _HALF_DAY
        if seconds:
            yield _Span(one.text, lower[match.start("text") : match.end()], seconds)


def _seconds(time: ClockTime) -> int:
    return time.hour * 3600 + time.minute * 60 + time.second
