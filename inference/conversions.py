"""Tells which unit or currency a sentence converts from and which to: "how many grams is 8 ounces", "50 dollars in yen".

Both stand in one list of choices, so nothing but the wording tells them apart: what is counted is what it is from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from inference.abbreviations import CURRENCIES
from inference.signatures import FunctionSignature, Parameter, ParameterKind, Scalar
from inference.text import Sentence
from inference.units import UNIT_BY_WORD, convert
from inference.values import spoken_choice
from inference.words import Place, split_words

_FROM = frozenset("from source src base input".split())
_TO = frozenset("to target dest destination into output wanted".split())
# Units that `UNIT_BY_WORD` does not know, or by a code only that is no unit behind every number.
_MORE_UNITS = {
    "mile": "mi mile miles",
    "inch": "in inch inches",
    "gallon": "gal gallon gallons",
    "degC": "c celsius centigrade",
    "degF": "f fahrenheit farenheit",
    "kelvin": "k kelvin kelvins",
    "cup": "cup cups",
    "tablespoon": "tbsp tablespoon tablespoons",
    "teaspoon": "tsp teaspoon teaspoons",
    "pint": "pt pint pints",
    "quart": "qt quart quarts",
    "stone": "st stone stones",
    "fluid ounce": "floz fl_oz fluid_ounce",
    "knot": "kn kt knot knots",
    "acre": "ac acre acres",
    "hectare": "ha hectare hectares",
    "calorie": "cal calorie calories",
    "kilocalorie": "kcal kilocalorie kilocalories",
    "mile/hour": "mph",
    "metric_ton": "t tonne tonnes",
}
_UNITS = dict(UNIT_BY_WORD) | {word: unit for unit, words in _MORE_UNITS.items() for word in words.split()}
_MONEY = {
    "eur": "€ euro euros",
    "usd": "$ buck bucks greenbacks",
    "gbp": "£ quid sterling",
}
_LEAST_LETTERS = 4
_OF_SUBSTANCES = ("gram", "liter")
_COUNTED = re.compile(r"(?:(?<![\w.])-?\d+(?:[.,]\d+)?(?: degrees?)?|\b(?:an?|one|per|each|every)) ?$")
_MONEY_SIGN = re.compile(r"[€$£]")
_BEFORE_FROM = re.compile(r"\b(?:from|out of) (?:the )?$")
_THAT = r"(?:it|that|this)"
_BEFORE_TO = re.compile(
    rf"\b(?:to|in|into|as|how many|how much(?: is {_THAT})?(?: in)?|what(?: is {_THAT}|'s {_THAT})? in) (?:the )?$"
)
# "2 cups of flour in grams"
_SUBSTANCE = re.compile(
    r" of (?:the |my )?(?P<what>[a-z]+(?: [a-z]+){0,2}?)(?=$|[,.;:!?]| (?:in|into|to|as|are|is|weighs?|makes?|comes?|please)\b)"
)


@dataclass(frozen=True, slots=True)
class Conversion:
    """From which choice to which; a word where what the sentence names is no choice.

    It `is_possible` where both are choices, and measure the same or are money.
    """

    source: Scalar
    target: Scalar
    is_possible: bool
    places: tuple[Place, Place]


@dataclass(frozen=True, slots=True)
class _Mention:
    place: Place
    choice: Scalar
    is_listed: bool


def conversion_ends(parameters: Sequence[Parameter]) -> tuple[Parameter, Parameter] | None:
    """Return the two parameters that are what a function converts from and to; None where it converts nothing."""
    for source in parameters:
        for target in parameters:
            if (
                source is not target
                and source.choices
                and source.choices == target.choices
                and not (source.many or target.many)
                and not _FROM.isdisjoint(split_words(source.readable_name))
                and not _TO.isdisjoint(split_words(target.readable_name))
            ):
                return source, target
    return None


def said_conversion(parameters: Sequence[Parameter], sentence: Sentence) -> Conversion | None:
    """Return what a sentence converts with such parameters; None unless it names two units or two currencies."""
    ends = conversion_ends(parameters)
    if ends is None:
        return None
    found = list(_mentions(ends[0], sentence))
    listed = [mention for mention in found if mention.is_listed]
    if len({mention.choice for mention in listed}) > 1:
        # "For 5 minutes, and how many grams is an ounce"
        found = listed
    if len(dict.fromkeys(mention.choice for mention in found)) != 2:  # noqa: PLR2004 one on each side
        return None
    one = found[0]
    other = next(mention for mention in found if mention.choice != one.choice)
    way = _order(one, other, sentence.lower)
    source, target = (one, other) if way else (other, one)
    is_listed = one.is_listed and other.is_listed
    is_possible = is_listed and _measure_same(parameters, source.choice, target.choice)
    return Conversion(source.choice, target.choice, is_possible, (one.place, other.place))


def converting(
    functions: Sequence[FunctionSignature], sentence: Sentence, within: Place | None = None
) -> list[int]:
    """Return the functions that convert between two things that a sentence names, and an amount of one of them.

    One of them has to be named `within` a part of the sentence, where that is given.
    """
    if not sentence.quantities:
        return []
    start, end = within or (0, len(sentence.lower))
    found = (
        (index, said_conversion(function.parameters, sentence)) for index, function in enumerate(functions)
    )
    return [
        index
        for index, conversion in found
        if conversion is not None
        and conversion.is_possible
        and any(start <= first and last <= end for first, last in conversion.places)
    ]


def said_substance(parameters: Sequence[Parameter], sentence: Sentence) -> str | None:
    """Return what an amount that is converted is one of: "flour" of "2 cups of flour in grams"."""
    conversion = said_conversion(parameters, sentence)
    found = (_SUBSTANCE.match(sentence.lower, end) for _, end in conversion.places) if conversion else ()
    return next((match["what"] for match in found if match), None)


def _order(one: _Mention, other: _Mention, lower: str) -> bool:
    """Whether the first of two is what is converted."""
    counted = [_is_counted(mention, lower) for mention in (one, other)]
    if counted[0] is not counted[1]:
        return counted[0]
    for pattern, is_source in ((_BEFORE_FROM, True), (_BEFORE_TO, False)):
        said = [pattern.search(lower, 0, mention.place[0]) is not None for mention in (one, other)]
        if said[0] is not said[1]:
            return said[0] is is_source
    return True


def _measure_same(parameters: Sequence[Parameter], source: Scalar, target: Scalar) -> bool:
    """Whether two choices measure the same; cups of flour weigh something, where it can be said what they are cups of."""
    units = [_UNITS.get(str(choice).lower()) for choice in (source, target)]
    if None in units:
        return True
    if convert(1.0, units[0], units[1]) is not None:
        return True
    kinds = {kind for unit in units for kind in _OF_SUBSTANCES if convert(1.0, unit, kind) is not None}
    return len(kinds) == len(_OF_SUBSTANCES) and any(
        parameter.kind is ParameterKind.STRING and not parameter.choices for parameter in parameters
    )


def _is_counted(mention: _Mention, lower: str) -> bool:
    start, end = mention.place
    if _MONEY_SIGN.fullmatch(lower, start, end):
        return re.compile(r" ?\d").match(lower, end) is not None or lower[:start].rstrip()[-1:].isdigit()
    return _COUNTED.search(lower, 0, start) is not None


def _mentions(parameter: Parameter, sentence: Sentence) -> Iterator[_Mention]:
    """Find where the choices are named, and what is of their kind and none of them, in the order of the sentence."""
    names = _names(parameter)
    if not names:
        return
    words = "|".join(re.escape(word) for word in sorted(names, key=len, reverse=True))
    for match in re.finditer(rf"(?<![a-z'\u2019-])(?:{words})(?![a-z'\u2019-]|(?<![€$£])\d)", sentence.lower):
        word, choice = match[0], names[match[0]]
        start, end = match.span()
        is_short = word.isascii() and word.isalpha() and len(word) < _LEAST_LETTERS
        is_code = sentence.text[start:end].isupper() or re.search(r"\d ?$", sentence.lower[:start])
        # "In", "a" and "try" are words of any sentence.
        if is_short and not is_code and word not in _PLAIN_CODES:
            continue
        yield _Mention((start, end), choice, choice in parameter.choices)


_PLAIN_CODES = frozenset(
    "km cm mm kg lb lbs oz ml mph kph kmh eur usd gbp chf jpy sek nok dkk pln cny inr aud cad cup mg kwh yen won".split()
)


def _names(parameter: Parameter) -> Mapping[str, Scalar]:
    return dict(
        _known_names(parameter.choices, tuple(spoken_choice(parameter, each) for each in parameter.choices))
    )


@lru_cache(maxsize=64)
def _known_names(choices: tuple[Scalar, ...], spoken: tuple[str, ...]) -> tuple[tuple[str, Scalar], ...]:
    """Return what units or currencies among choices are called, and others of the kind; none where they are of no such kind."""
    codes = [str(choice).lower() for choice in choices]
    units = [_UNITS.get(code) or _UNITS.get(words) for code, words in zip(codes, spoken, strict=True)]
    if all(units) and len(set(units)) == len(units) > 1:
        by_unit = dict(zip(units, choices, strict=True))
        known = {
            word: by_unit.get(unit, word)
            for word, unit in _UNITS.items()
            if unit in by_unit or len(word) > _LEAST_LETTERS
        }
        return tuple(known.items())
    if not all(code in CURRENCIES for code in codes):
        return ()
    names: dict[str, Scalar] = {}
    nouns = [CURRENCIES[code].split()[-1] for code in codes]
    for code, noun, choice in zip(codes, nouns, choices, strict=True):
        own = [code, CURRENCIES[code], *_MONEY.get(code, "").split()]
        names |= {form: choice for word in own for form in (word, _plural(word))}
        if nouns.count(noun) == 1:
            names |= {noun: choice, _plural(noun): choice}
    others = {
        form: form
        for code, words in CURRENCIES.items()
        if code not in codes and words.split()[-1] not in nouns
        for form in (words, _plural(words))
    }
    return tuple((others | names).items())


def _plural(noun: str) -> str:
    return noun + ("r" if noun.endswith("krone") else "" if noun == "yen" else "s")
