"""Tells whether an amount is one of change, and which way it goes: "15 degrees colder", "2 more", "knock 15 off", "twice the".

Of a value that can be set and changed, "5" may be either; the words around it tell, else how large it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from inference.parameter_words import is_comparative, way_of
from inference.reader_input import DOWN, UP
from inference.relative import AS_OFTEN
from inference.shares import MULTIPLE, SHARE_OF_RANGE
from inference.signatures import Parameter
from inference.signs import tells_sign
from inference.text import Sentence
from inference.turning import said_sign
from inference.value_places import parts_with, places_of, quantity_of
from inference.values import fit_said, in_range

# What a step is said to be below 0 with, beside the comparatives.
_BACKWARDS = frozenset("back backward backwards rewind reverse drop drops descend sink".split())
# Behind these an amount is one of change, and so it is with "knock 15 points off" and "15 degrees colder".
_MORE_OF_IT = r"(?:another|a further|an extra|an additional) (?:[a-z]+ )?"
_POINTS = r"(?: (?:notch|step|stage|point|click|tick|level|mark|grade|bit)(?:e?s)?)?"
_OFF = re.compile(
    r"\b(?:knock|take|shave|lop|drop|trim|cut|bring|get|chop)(?: (?:it|that|them|about|another|a further))* $"
)
_ADD = re.compile(r"\b(?:add|put|stick|bung|whack)(?: (?:it|about|another|an extra))* $")
_CHANGE_BEFORE = re.compile(
    r"\b(?:by|another|cut|cuts|reduce|lower|raise|increase|drop|shorten|lengthen|trim|take|add)\b[^,.;:]*$"
)
_CHANGE_BEHIND = re.compile(r" (?:of (?:it|that|this) )?(?:less|more|off|again|as|[a-z]{3,}er)\b")
_PART_END = re.compile(r"[,;.!?](?=\s)| (?:and|then) ")
_TIMES = frozenset({"millisecond", "second", "minute", "hour", "day", "week"})
_LENGTHS = frozenset({"meter", "foot", "centimeter", "kilometer"})
# "30 metres up", "5 minutes longer": behind these the amount may be the value.
_RATHER_HOW = frozenset("up down longer further farther later on".split())


@dataclass(frozen=True)
class Changes:
    """What a sentence says of changes.

    Attributes:
        sentence: the prepared sentence.
        unit_definitions: the vendor's own units.
    """

    sentence: Sentence
    unit_definitions: Mapping[str, str]

    @cached_property
    def are_said(self) -> bool:
        """Whether the sentence says by how much something is to change."""
        return any(self.usual_way(quantity.text) for quantity in self.sentence.quantities)

    def usual_way(self, amount: str, parameter: Parameter | None = None) -> str | None:
        """Return `up` or `down` where an amount can only be one of change: "twice the", "a third less"; else None."""
        quantity = quantity_of(amount, self.sentence)
        if quantity is None:
            return None
        if quantity.unit == MULTIPLE:
            return UP if (quantity.value > 1) is not self.is_how_often(amount, parameter) else DOWN
        return self._compared(amount, parameter)

    def is_how_often(self, amount: str, parameter: Parameter | None) -> bool:
        """Whether a factor is said of how often something is done, and the parameter is the time between: "twice as often"."""
        if parameter is None or parameter.unit not in _TIMES:
            return False
        return any(AS_OFTEN.match(self.sentence.lower, end) for _, end in places_of(amount, self.sentence))

    def is_change(self, amount: str, parameter: Parameter) -> bool:
        """Whether an amount can only be by how much a value changes: "another 15 degrees", "2 notches quicker"."""
        if re.search(rf"(?<!\w){_MORE_OF_IT}{re.escape(amount)}(?!\w)", self.sentence.lower):
            return True
        compared = re.search(rf"(?<!\w){re.escape(amount)}{_POINTS} (\w+)", self.sentence.lower)
        is_plain = compared is not None and compared[1] in _RATHER_HOW
        return not is_plain and self._compared(amount, parameter) is not None

    def is_rather_value(self, parameter: Parameter, amount: str) -> bool:
        """Whether an amount is too large for a change: "warmer, 42 please" where 35 to 45 is allowed, "raise it to 800" of 500.

        No change is larger than all of the range, and few are larger than half of it where the amount could be the value. A share
        is the value unless words of change stand with it: "three quarters shut", but "cut it by a third".
        """
        low, high = parameter.minimum, parameter.maximum
        quantity = quantity_of(amount, self.sentence)
        if quantity is None or low is None or high is None or parameter.is_step:
            return False
        if quantity.unit == SHARE_OF_RANGE:
            return not any(
                _CHANGE_BEFORE.search(self.sentence.lower[:start])
                or _CHANGE_BEHIND.match(self.sentence.lower, end)
                for start, end in places_of(amount, self.sentence)
            )
        value = fit_said(parameter, quantity, self.unit_definitions)
        if value is None or low <= 0:
            return value is not None and value > high - low
        is_by = re.search(
            rf"(?<!\w)by (?:another |about |some )?{re.escape(amount)}(?!\w)", self.sentence.lower
        )
        return 2 * value > high - low and in_range(parameter, value) and is_by is None

    def is_multiple(self, amount: str) -> bool:
        """Whether an amount is a factor, such as "twice"."""
        return any(each.text == amount and each.unit == MULTIPLE for each in self.sentence.quantities)

    def is_backwards(self, amount: str) -> bool:
        """Whether the part of the sentence with an amount says that a step goes down or back."""
        said = parts_with(amount, self.sentence)
        return any(
            word in _BACKWARDS or word == "down" or (is_comparative(word) and way_of(word) == 0)
            for part in said
            for word in part
        )

    def signed_way(self, amount: str, parameter: Parameter) -> str | None:
        """Return `up` or `down` where the part with an amount says a way of which the description says the sign."""
        lower = self.sentence.lower
        for start, end in places_of(amount, self.sentence)[:1]:
            first = max((mark.end() for mark in _PART_END.finditer(lower, 0, start)), default=0)
            last = _PART_END.search(lower, end)
            sign = said_sign(parameter.description, lower[first : last.start() if last else len(lower)])
            if sign is not None:
                return UP if sign else DOWN
        return None

    def _compared(self, amount: str, parameter: Parameter | None) -> str | None:
        """Return the way that words around an amount say it changes: "15 degrees colder", "2 more", "knock 15 off"."""
        lower = self.sentence.lower
        for start, end in places_of(amount, self.sentence):
            inside = re.search(r" (more|further|extra|additional) ", amount)
            compared = re.compile(rf"{_POINTS} (?:of (?:it|that) )?(\w+)").match(lower, end)
            if inside or (compared and compared[1] in {"extra", "further", "on top"}):
                return UP
            if compared and self._is_place(amount, compared[1], parameter):
                return None
            if compared and (compared[1] in {"up", "down"} or is_comparative(compared[1])):
                way = way_of(compared[1], parameter)
                return None if way is None else (UP if way else DOWN)
            if _OFF.search(lower, 0, start) and re.compile(rf"{_POINTS} off\b").match(lower, end):
                return DOWN
            if _ADD.search(lower, 0, start) and re.compile(rf"{_POINTS} (?:on|to)\b").match(lower, end):
                return UP
        return None

    def _is_place(self, amount: str, way: str, parameter: Parameter | None) -> bool:
        """Whether an amount is where something is or looks: "60 metres up", "5 degrees up" where below 0 is down."""
        if way == "up" and self._is_height(amount):
            return True
        return parameter is not None and tells_sign(parameter, way)

    def _is_height(self, amount: str) -> bool:
        quantity = quantity_of(amount, self.sentence)
        is_more = re.search(rf"(?<!\w)(?:{_MORE_OF_IT}|by ){re.escape(amount)}(?!\w)", self.sentence.lower)
        return quantity is not None and quantity.unit in _LENGTHS and is_more is None
