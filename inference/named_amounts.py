"""Tells which parameter a quantity is said of: by a name that stands with it ("port 7"), else by what it measures."""

from __future__ import annotations

import re
from collections.abc import Mapping

from inference.shares import MULTIPLE, SHARE_OF_RANGE
from inference.signatures import Parameter
from inference.text import Sentence, canonical_words
from inference.units import UNIT_BY_WORD, convert
from inference.value_places import is_said, parts_with, plain_amount, quantity_of

# "VLAN 300" is said for a parameter `vlanId`.
_NUMBERING = re.compile(r"(?<=\w) (?:id|number|no|nr|index|idx|value)$")
_UNTELLING = frozenset("the for and with from its this that set new value".split())


def is_beside(parameter: Parameter, words: str, sentence: Sentence) -> bool:
    """Whether this quantity, and no other, stands right behind its parameter's name: "port 7", "x = 10"."""
    return _beside(parameter, sentence) == [words]


def is_with_name(parameter: Parameter, words: str, sentence: Sentence) -> bool:
    """Whether a quantity stands in one part of the sentence with all words of its parameter's name, or description.

    "The water temperature: warmth of the water" says it in two ways. Of "8 bursts on line 2" the line is not 8.
    """
    if not parameter.is_quantity or not is_said(words, sentence):
        return False
    beside = _beside(parameter, sentence)
    if len(beside) == 1 and beside != [words] and " " not in canonical_words(parameter.readable_name):
        return False
    return any(
        # That "8 minutes" are minutes does not make them the `minutes` of a function.
        telling and telling <= said
        for said in parts_with(words, sentence)
        for text in (canonical_words(parameter.readable_name), *parameter.description.lower().split(":"))
        for telling in [set(re.findall(r"[a-z]{3,}", text)) - _UNTELLING - UNIT_BY_WORD.keys()]
    )


def is_rather_of(
    other: Parameter,
    parameter: Parameter,
    words: str,
    sentence: Sentence,
    unit_definitions: Mapping[str, str],
) -> bool:
    """Whether a quantity is another parameter's: it stands behind that one's name, or only that one measures such a thing.

    Of "25 minutes, 60 percent" the second is no share of the longest time where there is a humidity.
    """
    if is_beside(parameter, words, sentence):
        return False
    if is_beside(other, words, sentence):
        return True
    quantity = quantity_of(plain_amount(words), sentence)
    if quantity is None or quantity.unit in {None, MULTIPLE, SHARE_OF_RANGE}:
        return False
    unit = quantity.unit
    return (
        convert(quantity.value, unit, parameter.unit, unit_definitions) is None
        and convert(quantity.value, unit, other.unit, unit_definitions) is not None
    )


def _beside(parameter: Parameter, sentence: Sentence) -> list[str]:
    """List the quantities that stand right behind a parameter's name."""
    name = _NUMBERING.sub("", canonical_words(parameter.readable_name)).rpartition(" ")[2]
    if not parameter.is_quantity or not name:
        return []
    start = rf"(?<!\w){re.escape(name)}s? ?(?:number|no|to|is|of|at|=|:)? ?"
    texts = dict.fromkeys(quantity.text for quantity in sentence.quantities)
    lower = sentence.lower
    return [text for text in texts if re.search(rf"{start}{re.escape(text)}(?!\w)", lower)]
