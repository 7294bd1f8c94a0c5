"""Tells which parameter a number counts by the noun behind it: "2 adults" of `adults`, "3 kids" of `children`.

What a noun says is counted for one function is no number for another, as "2 adults" are no two zones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from inference.quantities import Quantity
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import Sentence, canonical_words
from inference.units import UNIT_BY_WORD

_SAME = tuple(
    frozenset(words.split())
    for words in (
        "child children kid kids youngster youngsters",
        "adult adults grownup grownups grown-up grown-ups",
        "person persons people guest guests diner diners passenger passengers traveller travellers attendee attendees",
        "senior seniors pensioner pensioners oap oaps",
        "baby babies infant infants toddler toddlers",
        "bike bikes bicycle bicycles",
        "car cars vehicle vehicles",
        "bag bags suitcase suitcases luggage",
        "eur euro euros",
        "usd dollar dollars bucks",
        "gbp quid",
        "chf franc francs",
    )
)
# These count whatever is spoken of.
_OF_ANYTHING = frozenset(
    """
    count counts number num quantity qty amount amounts n nr value values total size level id index times time repeat
    point points step steps notch notches click clicks tick ticks stage stages mark marks unit units levels
    """.split()
)
_MULTIPLIED = re.compile(r"\b(?:zoom|magnification|factor|scale|scaling|playback speed|playback rate)\b")
_BY_FACTOR = re.compile(r"\d+(?:\.\d+)?x")
_BETWEEN = r"(?: (?:more|extra|additional|further|small|big|large|little|young))?"
_NAMED_BY_NUMBER = re.compile(
    r"(?:^|\b(?:for|with|and|plus|just|only|also|get|give|book|me|us|us|of)|[,.;:]) ?$"
)


def counts(parameter: Parameter, sentence: Sentence) -> list[str]:
    """Return the numbers of a sentence that a parameter's own noun stands behind; "2x" is said of a zoom, or a speed."""
    if parameter.is_quantity and _MULTIPLIED.search(canonical_words(parameter.readable_name)):
        return [each.text for each in sentence.quantities if _BY_FACTOR.fullmatch(each.text)]
    nouns = _nouns(parameter.readable_name, parameter.description)
    if not nouns or not parameter.is_quantity or parameter.many:
        return []
    return [each.text for each in sentence.quantities if _noun_behind(each, sentence) in nouns]


def counts_other(
    parameter: Parameter, words: str, functions: Sequence[FunctionSignature], sentence: Sentence
) -> bool:
    """Whether a number counts what another function has a parameter for, and this parameter counts something else."""
    own = _nouns(parameter.readable_name, parameter.description)
    if not own or words in counts(parameter, sentence):
        return False
    return any(
        words in counts(other, sentence)
        for function in functions
        if parameter not in function.parameters
        for other in function.parameters
    )


def counting(
    functions: Sequence[FunctionSignature], sentence: Sentence, text: str
) -> tuple[list[int], list[int]]:
    """Return the functions that count what a part of a sentence says a number of, and those that lack a number then.

    Args:
        functions: among which to choose.
        sentence: the sentence.
        text: the part.
    """
    said = [each.text for each in sentence.quantities if is_number_in(each.text, text)]
    counted = [
        {words for parameter in function.parameters for words in counts(parameter, sentence)} & {*said}
        for function in functions
    ]
    wanted = [index for index, own in enumerate(counted) if own]
    lacking = [
        index
        for index, function in enumerate(functions)
        if wanted
        and any(each.required and each.is_quantity for each in function.parameters)
        and all(
            counts_other(parameter, words, functions, sentence)
            for parameter in function.parameters
            if parameter.required and parameter.is_quantity
            for words in said
        )
    ]
    return wanted, [index for index in lacking if index not in wanted]


def is_number_in(words: str, text: str) -> bool:
    """Whether a number stands in a text, rather than in another number."""
    return re.search(rf"(?<![\w.]){re.escape(words)}(?![\w.])", text) is not None


def said_single(parameter: Parameter, sentence: Sentence) -> str | None:
    """Return the words that count one: "an extra shot" of `extra_shots`; of one noun alone only where a number is needed."""
    name = canonical_words(parameter.readable_name)
    is_needed = parameter.required or bool(parameter.needed_with)
    if parameter.kind is not ParameterKind.INTEGER or parameter.many or parameter.choices or parameter.unit:
        return None
    if parameter.is_step or not name.endswith("s") or not (" " in name or is_needed):
        return None
    if not _nouns(parameter.readable_name, parameter.description) or counts(parameter, sentence):
        return None
    own = name.rpartition(" ")[2] if parameter.needed_with else name
    found = re.search(rf"\b(?:an?|another|1|one) {re.escape(_singular(own))}(?![\w-])", sentence.lower)
    return found[0] if found else None


def _noun_behind(quantity: Quantity, sentence: Sentence) -> str | None:
    """Return the noun that a number counts: in the plural, or behind a 1 that numbers nothing before it."""
    if quantity.unit is not None:
        return None
    for match in re.finditer(rf"(?<![\w.]){re.escape(quantity.text)}(?![\w.])", sentence.lower):
        noun = re.compile(rf"{_BETWEEN} ([a-z][a-z-]*)").match(sentence.lower, match.end())
        if noun is None:
            continue
        is_plural = noun[1].endswith("s") or noun[1] in {"children", "people"}
        if quantity.value == 1:
            return noun[1] if _NAMED_BY_NUMBER.search(sentence.lower[: match.start()]) else None
        if is_plural:
            return noun[1]
    return None


@lru_cache(maxsize=512)
def _nouns(name: str, description: str) -> frozenset[str]:
    """Return what a parameter counts, in all its words; none where that is anything, or what its unit says."""
    words = canonical_words(name).split()
    last = words[-1] if words else ""
    if last in _OF_ANYTHING or (last in UNIT_BY_WORD and not any(last in same for same in _SAME)):
        last = description.lower() if re.fullmatch(r"[a-z]{3,}s", description.lower()) else ""
    if len(last) < 3 or last in _OF_ANYTHING or last in UNIT_BY_WORD:  # noqa: PLR2004 no noun is that short
        return frozenset()
    forms = {last, _singular(last), f"{last}s"}
    return frozenset(forms.union(*(same for same in _SAME if not same.isdisjoint(forms))))


def _singular(noun: str) -> str:
    if noun == "children":
        return "child"
    for ending, single in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh")):
        if noun.endswith(ending):
            return noun.removesuffix(ending) + single
    return noun if noun.endswith("ss") else noun.removesuffix("s")
