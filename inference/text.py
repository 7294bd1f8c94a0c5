"""Reads a person's sentence: number words become digits, quantities and copyable spans are found.

The model never does arithmetic. It copies what the person said, with the person's unit, and `inference.units.convert` turns
that into the unit of the device's description, exactly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from text_to_num import alpha2digit

from inference.clock_times import ClockTime, find_clock_times
from inference.corrections import without_corrections
from inference.number_words import before_digits, behind_digits
from inference.quantities import Quantity, find_quantities
from inference.shares import hide_fractions, show_fractions
from inference.typed_words import typed_words
from inference.units import is_unit

# "14:00-15:30" and "9-11 am" are spans of time.
_DASH_OF_TIMES = re.compile(
    r"(?<![\w:./-])(\d{1,2}(?::\d\d)?(?: ?[ap]m)?) ?[-\u2013] ?(?=\d{1,2}:\d\d(?![\w:-])|\d{1,2} ?[ap]m(?!\w))",
    re.IGNORECASE,
)
_ROUGHLY = re.compile(r"(?<=\d)[ -]?ish(?!\w)", re.IGNORECASE)
_SECOND, _FIRST, _SOME_ONE = "\ue000", "\ue001", "\ue002"
# "This one", "the left one" and "one after the other" count nothing.
_ONE_OF_THEM = re.compile(
    r"\b(?:this|that|which|each|every|other|another|left|right|first|last|next|lower|upper|the|[a-z]+ing|[a-z]+est) one"
    r"(?=$|[,.;:!?]| (?:to|at|in|on|off|of|is|by|for|from|and|then|with|that|please|now|again|up|down)\b)"
    r"|\bone(?= after (?:the other|another)\b| another\b)|\bone by one\b",
    re.IGNORECASE,
)
# "First" numbers something behind "the" or "twenty" only, and not in "the first two".
_FIRST_OF_ALL = re.compile(
    r"(?<!\bthe )(?<!ty )(?<!ty-)\bfirst\b"
    r"|\bfirst(?= (?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|dozen|few|couple|\d))",
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"(?<![\w.-])(\d{1,4}) ?(?:through|thru|to|until|till|up to|-|\u2013) ?(\d{1,4})(?![\w:]|\.\d)"
)
_LONGEST_RANGE = 99
# A number and a word: "3 floor", "in 20 minutes", but not "B12".
_DIGIT_AND_WORD = re.compile(r"(?=.*(?<!\w)[\d.:]+(?!\w))(?=.*(?<!\w)[^\W\d_]{2,}(?!\w))", re.DOTALL)


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Several whole numbers that are said by the first and the last of them: "10 through 14"."""

    text: str
    first: int
    last: int


# The same preposition stands behind both amounts, the second time before one word: "65 for the reduction of power" is no amount
# of what was counted before.
_SHARED_UNIT = re.compile(
    r"(?<![\w.])\d+(?:\.\d+)? ?(?P<unit>[^\W\d]+|%|°[CF]?) (?P<way>for|of|in|on|at|to) (?:(?! and )[^.;!?]){2,50}?"
    r"(?:, and|,| and) (?P<number>\d+(?:\.\d+)?) (?P=way) (?=(?:(?:the|my|our|a) )?[a-z]+(?:$|[,.;!?]| and | please))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence prepared for the model.

    `text` keeps the person's capitals; `lower` is what the model reads. Both have number words turned to digits.
    What was taken back ("7, sorry, 8") stands in neither. `typed` is what the person wrote.
    """

    text: str
    lower: str
    quantities: tuple[Quantity, ...]
    times: tuple[ClockTime, ...] = ()
    ranges: tuple[NumberRange, ...] = ()
    typed: str = ""

    def original(self, span: str) -> str:
        """Give back a lower-case span the way the person wrote it."""
        at = self.lower.find(span)
        return self.text[at : at + len(span)] if at >= 0 else span

    def as_typed(self, span: str) -> str:
        """Give back a lower-case text the way the person wrote it, number words included; a number alone stays in digits."""
        at = self.lower.find(span)
        if at < 0 or not _DIGIT_AND_WORD.search(span):
            return self.original(span)
        typed = typed_words(self.typed, self.text, (at, at + len(span)))
        return self.original(span) if typed is None else typed


def prepare(sentence: str, unit_definitions: Mapping[str, str] | None = None) -> Sentence:
    """Normalise a sentence: number words to digits, "minus 5" to "-5", one space between words."""
    # "second" is a unit of time unless "the second" numbers something.
    guarded = re.sub(r"(?<!\bthe )\bsecond\b", _SECOND, " ".join(sentence.split()), flags=re.IGNORECASE)
    firsts = iter(_FIRST_OF_ALL.findall(guarded))
    guarded = _FIRST_OF_ALL.sub(_FIRST, guarded)
    guarded = _ONE_OF_THEM.sub(lambda match: re.sub("one", _SOME_ONE, match[0], flags=re.IGNORECASE), guarded)
    guarded, fractions = hide_fractions(before_digits(guarded, is_unit))
    digits = alpha2digit(guarded, "en", 0.0).replace(_SECOND, "second").replace(_SOME_ONE, "one")
    digits = re.sub(_FIRST, lambda _: next(firsts), digits)
    text = " ".join(show_fractions(digits, fractions).split())
    text = re.sub(r"\bminus (\d)", r"-\1", text, flags=re.IGNORECASE)
    text = re.sub(r"\b(\d+)(?:st|nd|rd|th)\b", r"\1", text, flags=re.IGNORECASE)
    text = _ROUGHLY.sub("", _DASH_OF_TIMES.sub(r"\1 to ", text))
    text = _with_shared_units(without_corrections(behind_digits(text, is_unit), is_unit))
    lower = "".join(character.lower() if len(character.lower()) == 1 else character for character in text)
    quantities = find_quantities(lower, unit_definitions or {})
    plain = {quantity.text for quantity in quantities if quantity.unit is None}
    return Sentence(
        text,
        lower,
        tuple(quantities),
        tuple(find_clock_times(lower, plain)),
        tuple(find_ranges(lower)),
        sentence,
    )


def _with_shared_units(text: str) -> str:
    """Say a unit again that is said once: "10 minutes for the rice and 25 for the chicken"."""
    start = 0
    while found := _SHARED_UNIT.search(text, start):
        unit = found["unit"]
        if is_unit(unit.lower()):
            text = f"{text[: found.end('number')]} {unit}{text[found.end('number') :]}"
        start = found.end("unit")
    return text


def find_ranges(lower: str) -> Iterator[NumberRange]:
    """Find "10 through 14" and "3 to 5" between plain whole numbers."""
    for match in _RANGE.finditer(lower):
        first, last = int(match[1]), int(match[2])
        if first < last <= first + _LONGEST_RANGE:
            yield NumberRange(match[0], first, last)


@lru_cache(maxsize=8192)
def canonical_words(name: str) -> str:
    """Split an identifier into lower-case words: `moveToShelf`, `move_to_shelf` and `MOVE-to-shelf` become one."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)", " ", name)
    return " ".join(re.split(r"[^\w]+|_", spaced.lower())).strip()
