"""What people say for the value of a parameter, how the answer writes it, and what the call must get."""

from __future__ import annotations

import random
from dataclasses import dataclass

from inference.signatures import Parameter, ParameterKind
from inference.text import prepare
from inference.values import choice_words, in_range
from training.data.examples import Value
from training.data.numbers import say_number
from training.data.pools import spoken_entry
from training.data.strings import spoken_text
from training.data.synonyms import synonym
from training.data.units import NEVER_SAID, OTHER_UNITS, SPOKEN, UNIT_DEFINITIONS, are_comparable, converted
from training.lexicon import ParameterWords

SHARES = {
    "half": 1 / 2, "one half": 1 / 2, "one third": 1 / 3, "a third": 1 / 3, "two thirds": 2 / 3, "a quarter": 1 / 4,
    "one quarter": 1 / 4, "three quarters": 3 / 4, "maximum": 1.0, "full": 1.0, "max": 1.0, "the maximum": 1.0,
    "the highest": 1.0, "minimum": 0.0, "the minimum": 0.0, "min": 0.0, "the lowest": 0.0, "halfway": 1 / 2,
}  # fmt: skip
_WHOLE = frozenset(
    {
        "full",
        "halfway",
        "the highest",
        "the lowest",
        "the maximum",
        "the minimum",
        "maximum",
        "max",
        "minimum",
        "min",
    }
)
_WHILES = {
    "hour": (("an hour", 1.0), ("half an hour", 0.5), ("an hour and a half", 1.5), ("a quarter of an hour", 0.25)),
    "minute": (("a minute", 1.0), ("half a minute", 0.5), ("a minute and a half", 1.5), ("half an hour", 30.0), ("an hour", 60.0)),
    "second": (("a second", 1.0), ("half a minute", 30.0), ("a minute", 60.0), ("a minute and a half", 90.0)),
}  # fmt: skip
MOST_SAID = 50_000
_NEVER_SHARED = frozenset({"second", "millisecond", "minute", "hour", "degC", "degF", None})


@dataclass(frozen=True)
class Manner:
    """How one person speaks: which share of numbers in words, and whether a machine wrote it down."""

    words_share: float = 0.2
    is_dictated: bool = False


def read(spoken: str) -> str:
    """A value as it stands in a prepared sentence."""
    return prepare(spoken, UNIT_DEFINITIONS).lower


def is_sharable(words: ParameterWords, parameter: Parameter) -> bool:
    """Whether people would say "half" or "the maximum" of a parameter, and the run-time knows of what."""
    return words.unit not in _NEVER_SHARED and parameter.minimum is not None and parameter.maximum is not None


def share(parameter: Parameter, rng: random.Random, *, alone: bool) -> Value | None:
    """Say a share of a parameter's range; `alone` where nothing may follow it in the sentence."""
    low, high = parameter.minimum, parameter.maximum
    if low is None or high is None:
        return None
    if low >= 0 and not are_comparable("percent", parameter.unit) and rng.random() < 0.25:
        percent = rng.randint(1, 19) * 5
        spoken, value = f"{percent}{rng.choice((' percent', '%', ' percent'))}", percent / 100
    else:
        spoken, value = rng.choice(list(SHARES.items()))
    meaning = low if value == 0 else high * value if low >= 0 else low + value * (high - low)
    if not low <= meaning <= high:
        return None
    written = read(spoken.removeprefix("the "))
    if spoken not in _WHOLE and not alone and rng.random() < 0.35:
        spoken += rng.choice(
            (" of the range", " of its range", " of what is possible", " of full scale", " of the scale")
        )
    return Value(spoken, written, round(meaning) if parameter.kind is ParameterKind.INTEGER else meaning)


def say(words: ParameterWords, parameter: Parameter, rng: random.Random, manner: Manner) -> Value | None:
    """Say a value for a parameter the way a person would; None where no value comes to mind."""
    if words.kind == "list":
        return _several(words, rng)
    if words.kind == "enum":
        place = rng.randrange(len(words.choices))
        choice = words.choices[place]
        written = choice_words(choice)
        if words.pool:
            return Value(spoken_entry(words.pool, place, rng), written, choice)
        return Value(synonym(written, words.choices, rng), written, choice)
    if words.kind == "bool":
        is_on = rng.random() < 0.5
        pairs = (("on", "off"), ("on", "off"), ("yes", "no"), ("true", "false"), ("enabled", "disabled"))
        return Value(rng.choice(pairs)[not is_on], "yes" if is_on else "no", is_on)
    if words.kind == "str":
        spoken = (
            spoken_entry(words.pool, rng.randrange(len(words.pool)), rng)
            if words.pool
            else spoken_text(words.string_class, rng)
        )
        is_plain = parameter.format is None
        # Quotation marks tell where a text begins and ends; they are no part of it.
        meant = spoken.strip('"“”')
        return Value(spoken, read(meant), prepare(meant).text if is_plain else None)
    return _number(words, parameter, rng, manner)


def implied_value(parameter: Parameter, choice: str) -> Value:
    """The value of a choice that a sentence means without naming it; `yes` and `no` for a boolean."""
    if parameter.kind is ParameterKind.BOOLEAN:
        return Value("", choice, choice == "yes")
    return Value("", choice_words(choice), (choice,) if parameter.many else choice)


def _several(words: ParameterWords, rng: random.Random) -> Value:
    count = rng.choice((1, 2, 2, 2, 3, 3, 4))
    places = rng.sample(range(len(words.choices)), min(count, len(words.choices)))
    chosen = [words.choices[place] for place in places]
    written = [choice_words(one) for one in chosen]
    said = [spoken_entry(words.pool, place, rng) for place in places] if words.pool else written
    return Value(listed(said, rng), " & ".join(written), tuple(chosen))


def listed(said: list[str], rng: random.Random) -> str:
    """Say several things: "red , green and blue"."""
    if len(said) == 1:
        return said[0]
    last = rng.choice((" and ", " and ", " and ", " plus ", " , ", " as well as "))
    return rng.choice((" , ", " , ", " and ")).join(said[:-1]) + last + said[-1]


def _number(words: ParameterWords, parameter: Parameter, rng: random.Random, manner: Manner) -> Value | None:
    low, high = words.low, words.high
    if words.kind == "int" and words.unit is None:
        top = min(high, low + 60) if rng.random() < 0.8 else high
        number = float(rng.randint(int(low), int(top)))
        return Value(say_number(number, rng, manner.words_share), f"{number:g}", number)
    unit = words.unit
    if unit in _WHILES and rng.random() < 0.15:
        spoken, share_of_unit = rng.choice(_WHILES[unit])
        lasting = converted(share_of_unit, unit, parameter.unit)
        if lasting is not None and low <= share_of_unit <= high:
            whole = parameter.kind is ParameterKind.INTEGER
            return _within(Value(spoken, read(spoken), round(lasting) if whole else lasting), parameter)
    if unit in OTHER_UNITS and rng.random() < 0.3:
        unit = rng.choice([one for one in OTHER_UNITS[unit] if one not in NEVER_SAID] or [unit])
    if parameter.unit == "cell" and rng.random() < 0.3:
        unit = "cell"
    raw = converted(rng.uniform(low, high), words.unit, unit)
    if raw is None or abs(raw) > MOST_SAID:
        return None
    number = rounded(raw, rng)
    if unit is None or (unit == parameter.unit and rng.random() < 0.2):
        number = float(round(number)) if parameter.kind is ParameterKind.INTEGER else number
        return _within(
            Value(said := say_number(number, rng, manner.words_share), read(said), number), parameter
        )
    if unit not in SPOKEN:
        # A unit that the run-time does not know is only said; the number is taken as the description's.
        said = say_number(number, rng, manner.words_share)
        return _within(Value(f"{said} {unit}", read(said), number), parameter)
    meaning = converted(number, unit, parameter.unit)
    if meaning is None:
        return None
    if parameter.kind is ParameterKind.INTEGER:
        meaning = round(meaning)
    # Degrees alone are taken as the description's.
    spoken = with_unit(number, unit, rng, manner, exact=parameter.unit != unit)
    return _within(Value(spoken, read(spoken), meaning), parameter)


def _within(value: Value, parameter: Parameter) -> Value | None:
    """The value, unless rounding has put it beyond a bound."""
    number = value.meaning
    return value if not isinstance(number, float | int) or in_range(parameter, number) else None


def rounded(value: float, rng: random.Random) -> float:
    """A number that somebody would say instead of an exact one."""
    size = abs(value)
    step: float
    if size >= 1000:
        step = rng.choice((100, 50, 10, 500))
    elif size >= 10:
        step = rng.choice((1, 1, 5, 5, 10))
    else:
        step = rng.choice((1, 1, 0.5, 0.1)) if size >= 1 else rng.choice((0.1, 0.5, 0.05))
    return round(round(value / step) * step, 2)


def with_unit(number: float, unit: str, rng: random.Random, manner: Manner, *, exact: bool = False) -> str:
    """Say a number with its unit, singular or plural, with or without a gap; `exact` where the scale must be said."""
    spellings = SPOKEN[unit]
    if exact and unit in {"degC", "degF"}:
        spellings = tuple(one for one in spellings if one != "degrees")
    spelling = rng.choice(spellings)
    spoken = say_number(number, rng, manner.words_share)
    is_digits = spoken[-1].isdigit()
    if not is_digits and not spelling.isalpha():
        spelling = next((one for one in spellings if one.replace(" ", "").isalpha()), spelling)
    if number == 1 and spelling == "inches":
        spelling = "inch"
    elif number == 1 and spelling.endswith("s") and len(spelling) > 3 and " " not in spelling:
        spelling = spelling.removesuffix("s")
    symbol = spelling in {"%", "°", "°c", "°f"}
    gap = (
        ""
        if is_digits and ((symbol and rng.random() < 0.8) or (len(spelling) <= 3 and rng.random() < 0.35))
        else " "
    )
    return spoken + gap + spelling
