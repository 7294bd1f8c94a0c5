"""What the written words of one value stand for, in the vendor's units and constants."""

from __future__ import annotations

import re
from collections.abc import Mapping

from inference.clock_fields import clock_value, clock_words
from inference.colors import color_value
from inference.counted_nouns import said_single
from inference.day_counts import counted_days
from inference.day_texts import day_writing, days_for
from inference.durations import duration_texts
from inference.example_ids import example_id
from inference.number_texts import written_numbers
from inference.parameter_words import said_end
from inference.quantities import Quantity
from inference.relative import Relative, read_relative
from inference.said_repetitions import said_repetitions
from inference.said_states import said_state
from inference.scales import RelativeChoice, read_step
from inference.shares import MULTIPLE, SHARE_OF_RANGE
from inference.signatures import Parameter, ParameterKind, Scalar
from inference.signs import lies_below
from inference.text import Sentence, canonical_words
from inference.time_spans import ending_words, lasting_words
from inference.units import UNIT_BY_WORD, convert

ITEM_JOINT = " & "
NOTHING_MORE = "none"
"""Written for how many there are of what goes unsaid beside others that are counted: "2 adults" are no children."""
_MONEY = re.compile(
    r"\b(?:price|cost|costs|fee|tariff|fare|euros?|eur|dollars?|usd|pounds?|gbp|francs?|chf|money)\b|[€$£]"
)
_COINS = re.compile(r"\b(?:cents?|pence)\b")
MAXIMUM_ITEMS = 6
# "12k" may be 12,000 of what is asked for.
_THOUSANDS = re.compile(r"-?\d+(?:\.\d+)? ?k")
_MOST_CHOICES = 8
_BITS = frozenset({"kilobit", "megabit", "gigabit"})
# Codes that are words of many sentences.
_COMMON_CODES = frozenset(
    """
    a am an as at be by co do en go he hi i if in is it la me mo my no of off oh ok on one or out so su su to up us we
    all and are but can for fun get had has her him his how its let lot may new not now old our own she the too two was who why
    you add also back cut day down dry end far few gas hot left less low mid more most much next only over run set sun wed
    """.split()
)
Value = Scalar | Relative | RelativeChoice | list[Scalar]


class NotationError(ValueError):
    """The model's answer cannot be used; the text says why, for the repair round."""


def fit_quantity(
    parameter: Parameter, value: float, unit: str | None, unit_definitions: Mapping[str, str]
) -> int | float | None:
    """Convert a said number for a numeric parameter; None where it measures something else. Ignores the range."""
    if unit == MULTIPLE:
        return None
    if parameter.format == "duration" and _duration(parameter, value, unit, unit_definitions) is None:
        return None
    if unit == SHARE_OF_RANGE and parameter.unit == "percent" and 0 < value < 1:
        converted: float | None = round(100 * value, 9)
    elif unit == SHARE_OF_RANGE:
        converted = _share_of_range(parameter, value)
    else:
        converted = convert(value, unit, parameter.unit, unit_definitions)
        if converted is None and unit in _BITS:
            # "2 megabit" of a line is what it carries in a second.
            converted = convert(value, f"{unit}/second", parameter.unit, unit_definitions)
        if converted is None and unit == "percent":
            converted = _share_of_maximum(parameter, value / 100)
        if converted is None and parameter.unit is None:
            # A description that names no unit is in the one that people use.
            converted = value
    if converted is None:
        return None
    if parameter.kind is ParameterKind.INTEGER:
        nearest = round(converted)
        # A converted length may miss a whole number by the vendor's resolution; a plain "3.5" for a count is wrong.
        return nearest if unit is not None or nearest == converted else None
    return converted


def fit_said(parameter: Parameter, said: Quantity, unit_definitions: Mapping[str, str]) -> int | float | None:
    """Convert what was said for a numeric parameter, as an amount of money where it is one, and with the sign that words give it.

    "Two forty-nine" is 2.49 for a price, or where 249 is not allowed and 2.49 is; else 249.
    """
    fitted = _fit_unsigned(parameter, said, unit_definitions)
    if (
        fitted is not None
        and fitted > 0
        and in_range(parameter, -fitted)
        and lies_below(parameter, said.near)
    ):
        return -fitted
    return fitted


def _fit_unsigned(
    parameter: Parameter, said: Quantity, unit_definitions: Mapping[str, str]
) -> int | float | None:
    value = said.value
    if said.unit == SHARE_OF_RANGE and value in {0, 1}:
        value = said_end(said.text, parameter, value)
    fitted = fit_quantity(parameter, value, said.unit, unit_definitions)
    if _counts_coins(parameter):
        # Of what is counted in cents people say euros, and often no currency at all.
        coins = said.coins if said.unit is None or said.coins is not None else None
        if coins is None and said.unit is None and said.price is None and not _is_allowed(parameter, fitted):
            coins = value * 100
        whole = None if coins is None else fit_quantity(parameter, coins, None, unit_definitions)
        return whole if said.coins is not None or _is_allowed(parameter, whole) else fitted
    if (
        _THOUSANDS.fullmatch(said.text)
        and fitted is None
        and (kilometers := convert(value, "kilometer", parameter.unit)) is not None
    ):
        # "A 5 k run"
        return fit_quantity(parameter, kilometers, parameter.unit, unit_definitions)
    if _THOUSANDS.fullmatch(said.text) and not _is_allowed(parameter, fitted):
        thousands = fit_quantity(
            parameter, value * 1000, said.unit if parameter.unit == "kelvin" else None, unit_definitions
        )
        return thousands if _is_allowed(parameter, thousands) else fitted
    if said.price is None:
        return fitted
    price = fit_quantity(parameter, said.price, said.unit, unit_definitions)
    if price is None or not in_range(parameter, price):
        return fitted
    return price if not _is_allowed(parameter, fitted) or _is_money(parameter) else fitted


def _is_allowed(parameter: Parameter, value: float | None) -> bool:
    return value is not None and in_range(parameter, value)


def _counts_coins(parameter: Parameter) -> bool:
    """Whether an amount of money is in cents."""
    words = f"{canonical_words(parameter.readable_name)} {parameter.description}".lower()
    is_whole = re.search(r"\b(?:euros|dollars|pounds|francs)\b", words) is not None
    return parameter.unit is None and _COINS.search(words) is not None and not is_whole


def _duration(
    parameter: Parameter, value: float, unit: str | None, unit_definitions: Mapping[str, str]
) -> str | None:
    """Write an amount of time in the way that the parameter takes; None where it cannot be written so."""
    texts = duration_texts(value, unit, parameter.layout, unit_definitions)
    return next((text for text in texts if fits_text(parameter, text)), None)


def _is_money(parameter: Parameter) -> bool:
    words = (
        f"{canonical_words(parameter.readable_name)} {parameter.description} {parameter.unit or ''}".lower()
    )
    return _MONEY.search(words) is not None and _COINS.search(words) is None


def in_range(parameter: Parameter, value: float) -> bool:
    """Whether a converted value lies within the parameter's bounds."""
    return (parameter.minimum is None or value >= parameter.minimum) and (
        parameter.maximum is None or value <= parameter.maximum
    )


def fits_text(parameter: Parameter, text: str) -> bool:
    """Whether a text is neither too short nor too long for the parameter, and matches its pattern."""
    if len(text) < parameter.minimum_length:
        return False
    if parameter.maximum_length is not None and len(text) > parameter.maximum_length:
        return False
    return parameter.pattern is None or _matches(parameter.pattern, text)


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:
        # Python does not know all that ECMA 262 allows; the check before the call still does.
        return True


def bounds_text(parameter: Parameter) -> str:
    """Say a parameter's bounds in words, or all that it may be, with its unit."""
    unit = f" {parameter.unit}" if parameter.unit else ""
    if parameter.choices:
        return f"{', '.join(map(str, parameter.choices))}{unit}"
    if parameter.minimum is not None and parameter.maximum is not None:
        return f"{parameter.minimum:g} to {parameter.maximum:g}{unit}"
    if parameter.minimum is not None:
        return f"at least {parameter.minimum:g}{unit}"
    if parameter.maximum is not None:
        return f"at most {parameter.maximum:g}{unit}"
    return "any number"


def choice_words(choice: Scalar) -> str:
    """How a person says one constant of an enumeration."""
    if not isinstance(choice, str):
        return str(choice).lower()
    return canonical_words(choice) or choice.lower()


def spoken_choice(parameter: Parameter, choice: Scalar) -> str:
    """How a choice is shown and written: what it means, where it is a code, else its own words."""
    for code, meaning in parameter.meanings:
        if code is choice or (code == choice and type(code) is type(choice)):
            return meaning
    return choice_words(choice)


def spoken_choices(parameter: Parameter) -> list[str]:
    """List how the choices of a parameter are shown and written, in their order."""
    return [spoken_choice(parameter, choice) for choice in parameter.choices]


def choice_of(parameter: Parameter, words: str) -> Scalar | None:
    """Return the choice that words stand for: what it means, its own words, or the code as it is spelled."""
    for written in (lambda choice: spoken_choice(parameter, choice), choice_words, _spelling):
        for choice in parameter.choices:
            if written(choice) == words:
                return choice
    return None


def said_choice(parameter: Parameter, choice: Scalar, sentence: Sentence) -> str:
    """Return how a sentence says a choice where it says the code itself ("outlet B", "J2", "G55"), else its usual words."""
    usual = spoken_choice(parameter, choice)
    if not is_spoken(usual, sentence.lower):
        for code in (choice_words(choice), _spelling(choice)):
            # "Prewash" is `preWash` in one word, and no code.
            is_code = code != usual and not (code.isalpha() and code == usual.replace(" ", ""))
            if is_code and _is_code_said(code, choice, sentence):
                return code
    return usual


def is_spoken(words: str, lower: str) -> bool:
    """Whether words stand in a sentence."""
    return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", lower) is not None


def _spelling(choice: Scalar) -> str:
    return str(choice).lower()


def _is_code_said(code: str, choice: Scalar, sentence: Sentence) -> bool:
    """Whether a code is said as such: one letter, and what is an English word too, has to be written in its capitals.

    The A of "16 A" and the ms of "20 ms" are units, and a sentence may begin with "A".
    """
    if not isinstance(choice, str):
        return any(quantity.text == code for quantity in sentence.quantities)
    is_common = len(code) == 1 or code in _COMMON_CODES
    for match in re.finditer(rf"(?<![\w.'-]){re.escape(code)}(?![\w'-]|\.\d)", sentence.lower):
        start, end = match.span()
        is_unit = (len(code) == 1 or code in UNIT_BY_WORD) and re.search(
            r"\d ?$", sentence.lower[:start]
        ) is not None
        is_capital = (
            sentence.text[start:end] == choice
            and choice.isupper()
            and not (start == 0 and code in {"a", "i"})
        )
        if not is_unit and (is_capital or not is_common) and code != "i":
            return True
    return False


def item_bounds(parameter: Parameter) -> tuple[int, int]:
    """Say how many items a list may have, least and most; no list can be written where the least is above the most."""
    # "Every day" names all seven.
    most = max(MAXIMUM_ITEMS, min(len(parameter.choices), _MOST_CHOICES))
    if parameter.maximum_items is not None:
        most = min(most, parameter.maximum_items)
    return max(1, parameter.minimum_items), most


def decode_value(
    parameter: Parameter, words: str, sentence: Sentence, unit_definitions: Mapping[str, str]
) -> Value:
    """Turn the written words of one argument into its value.

    Raises:
        NotationError: the words do not fit the parameter.
    """
    color = color_value(parameter, words, sentence.lower)
    if color is not None:
        return color
    if parameter.many:
        return _decode_list(parameter, words, sentence, unit_definitions)
    if words in clock_words(parameter, sentence):
        return _decode_clock(parameter, words, sentence)
    relative = read_step(parameter, words, sentence.lower) or read_relative(
        parameter, words, sentence, unit_definitions
    )
    return _decode_scalar(parameter, words, sentence, unit_definitions) if relative is None else relative


def said_words(parameter: Parameter, words: str, sentence: Sentence) -> str:
    """Give the written words of an argument back the way the person wrote them."""
    if not parameter.many:
        return sentence.original(words)
    return ITEM_JOINT.join(sentence.original(item) for item in words.split(ITEM_JOINT))


def _share_of_range(parameter: Parameter, share: float) -> float | None:
    low, high = parameter.minimum, parameter.maximum
    if share == 0:
        return low
    if share == 1:
        return high
    if low is not None and high is not None and low < 0:
        return round(low + share * (high - low), 9)
    return _share_of_maximum(parameter, share)


def _share_of_maximum(parameter: Parameter, share: float) -> float | None:
    """Take a share of a range that starts at or above nothing: half of 1 to 10 is 5, as people mean it."""
    if parameter.minimum is None or parameter.maximum is None or parameter.minimum < 0:
        return None
    return round(share * parameter.maximum, 9)


def _decode_list(
    parameter: Parameter, words: str, sentence: Sentence, unit_definitions: Mapping[str, str]
) -> list[Scalar]:
    ranges = {each.text: range(each.first, each.last + 1) for each in sentence.ranges}
    items: list[Scalar] = []
    for item in words.split(ITEM_JOINT):
        if item in ranges:
            items += ranges[item]
        else:
            items.append(_decode_scalar(parameter, item, sentence, unit_definitions))
    if parameter.unique_items:
        items = list(dict.fromkeys(items))
    least, most = item_bounds(parameter)
    # A range writes many items as one.
    most = most if len(items) <= MAXIMUM_ITEMS else (parameter.maximum_items or len(items))
    if not least <= len(items) <= most:
        raise NotationError(f"{parameter.name} has {len(items)} items; allowed: {least} to {most}")
    return items


def range_words(parameter: Parameter, sentence: Sentence) -> list[str]:
    """List the ranges of a sentence ("10 through 14") that may be written for a list of whole numbers."""
    if not parameter.many or parameter.kind is not ParameterKind.INTEGER or parameter.choices:
        return []
    return [
        each.text
        for each in sentence.ranges
        if in_range(parameter, each.first)
        and in_range(parameter, each.last)
        and each.last - each.first < (parameter.maximum_items or each.last)
    ]


def _decode_scalar(
    parameter: Parameter, words: str, sentence: Sentence, unit_definitions: Mapping[str, str]
) -> Scalar:
    if parameter.choices:
        choice = choice_of(parameter, words)
        if choice is None:
            allowed = map(str, parameter.choices) if not parameter.meanings else spoken_choices(parameter)
            raise NotationError(f"{parameter.name} is {words!r}; allowed: {', '.join(allowed)}")
        return choice
    if parameter.kind is ParameterKind.BOOLEAN:
        if words not in {"yes", "no"}:
            raise NotationError(f"{parameter.name} is {words!r}; allowed: yes, no")
        return words == "yes"
    if parameter.format == "time":
        return _decode_time(parameter, words, sentence)
    if day_writing(parameter) is not None:
        return _decode_day(parameter, words, sentence)
    if parameter.kind is ParameterKind.STRING and not parameter.is_quantity:
        return _decode_text(parameter, words, sentence)
    return _decode_quantity(parameter, words, sentence, unit_definitions)


def _decode_text(parameter: Parameter, words: str, sentence: Sentence) -> str:
    """Take a text as it was typed, or with digits for number words where only that fits; an identifier as it is exemplified."""
    if (known := example_id(parameter, words)) is not None and fits_text(parameter, known):
        return known
    for said in (sentence.as_typed(words), sentence.original(words)):
        text = written_numbers(parameter, said)
        if fits_text(parameter, text):
            return text
    longest = "any number of" if parameter.maximum_length is None else parameter.maximum_length
    raise NotationError(
        f"{parameter.name} is {words!r}; allowed: {parameter.minimum_length} to {longest} characters"
    )


def _decode_time(parameter: Parameter, words: str, sentence: Sentence) -> str:
    for time in sentence.times:
        if time.text == words:
            return time.written(with_seconds=parameter.with_seconds)
    ends = ending_words(parameter, sentence)
    if words in ends:
        return ends[words]
    allowed = (
        ", ".join(time.text for time in sentence.times) or "none, since the sentence says no time of day"
    )
    raise NotationError(f"{parameter.name} is {words!r}; allowed: {allowed}")


def _decode_clock(parameter: Parameter, words: str, sentence: Sentence) -> int:
    number = clock_value(parameter, words, sentence)
    if number is None or not in_range(parameter, number):
        raise NotationError(f"{parameter.name} cannot be that of {words}; allowed: {bounds_text(parameter)}")
    return number


def _decode_day(parameter: Parameter, words: str, sentence: Sentence) -> str:
    days = days_for(parameter, sentence.lower)
    if words not in days:
        raise NotationError(f"{words!r} is not a day of the sentence as {parameter.name} needs it")
    return days[words]


def _told_number(parameter: Parameter, words: str, sentence: Sentence) -> int | float | None:
    """Return the number that words stand for which are no amount themselves: "shut", "twice", "an extra", "tomorrow"."""
    if (state := said_state(parameter, sentence.lower)) is not None and words == state[0]:
        return int(state[1]) if parameter.kind is ParameterKind.INTEGER else state[1]
    repeated = said_repetitions(sentence)
    if repeated is not None and words == repeated[0] and in_range(parameter, repeated[1]):
        return repeated[1]
    if in_range(parameter, 1) and words == said_single(parameter, sentence):
        return 1
    if words == NOTHING_MORE and parameter.needed_with and parameter.minimum == 0:
        return 0
    return counted_days(parameter, sentence).get(words)


def _decode_quantity(
    parameter: Parameter, words: str, sentence: Sentence, unit_definitions: Mapping[str, str]
) -> int | float | str:
    if (number := _told_number(parameter, words, sentence)) is not None:
        return number
    lasting = lasting_words(parameter, sentence)
    amounts = [Quantity(text, *amount) for text, amount in lasting.items()]
    for quantity in (*amounts, *sentence.quantities):
        if quantity.text == words:
            fitted: int | float | str | None
            if parameter.format == "duration":
                fitted = _duration(parameter, quantity.value, quantity.unit, unit_definitions)
            else:
                fitted = fit_said(parameter, quantity, unit_definitions)
            if fitted is None:
                break
            if not isinstance(fitted, str) and not in_range(parameter, fitted):
                raise NotationError(f"{parameter.name} is {words}; allowed: {bounds_text(parameter)}")
            return fitted
    raise NotationError(f"{words!r} is not a quantity of the sentence that fits {parameter.name}")
