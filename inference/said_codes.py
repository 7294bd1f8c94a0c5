"""Finds the number of a car as it is spoken, in groups of letters and digits: "bx 19 lmt"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inference.spoken_texts import LITTLE_WORDS, TIME_WORDS
from inference.text import Sentence
from inference.units import UNIT_BY_WORD
from inference.words import Place

_PLATE = re.compile(
    r"(?<![\w.-])(?P<before>(?:plate|registration|number|reg)(?: is| number)? )?"
    r"(?P<text>(?P<first>[a-z]{1,3})[ -]?(?P<digits>\d{1,4})(?:[ -]?(?P<last>[a-z]{1,3}))?)(?![\w:%-]|\.\d)"
)


def said_plates(sentence: Sentence) -> Iterator[Place]:
    """Give the places of what can only be the number of a car: letters, digits and letters again, or what is called so."""
    for match in _PLATE.finditer(sentence.lower):
        letters = [match[group] for group in ("first", "last") if match[group]]
        is_word = any(each in LITTLE_WORDS or each in TIME_WORDS or each in UNIT_BY_WORD for each in letters)
        if not is_word and (len(letters) > 1 or match["before"]):
            yield match.span("text")
