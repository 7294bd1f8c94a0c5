"""Turns the lexicon's phrases into clauses: values filled in, changes from the present value, second thoughts."""

from __future__ import annotations

import random
import re
from dataclasses import replace

from inference.signatures import Parameter, ParameterKind
from training.data.examples import Clause, Realised, Value
from training.data.naming import is_english
from training.data.numbers import say_number
from training.data.options import with_options
from training.data.orders import is_order
from training.data.splits import Split, carriers, phrases
from training.data.units import SPOKEN
from training.data.values import Manner, implied_value, is_sharable, read, rounded, say, share, with_unit
from training.lexicon import Choices, ParameterWords, spin

_OPTION_SHARE = 0.5
_MARKER = re.compile(r"{(\w+)}")
_SHARE_BEFORE = re.compile(r"(?:^|\b(?:to|at|with|on|of|give me|use|have)\s)$")
_VAGUE = re.compile(r"\b(?:bit|little|notch|touch|slightly|more|less|some|further)\b")
_SECOND_THOUGHTS = (
    "{0} , no , {1}", "{0} , sorry , {1}", "{0} , i mean {1}", "{0} , sorry , i mean {1}", "{0} , no wait , {1}",
    "{0} no {1}", "{0} , or rather {1}", "{0} , make that {1}", "{0} - no , {1}", "{0} , not {0} , {1}", "{0} , correction , {1}",
    "{0} uh i mean {1}", "{0} , no make it {1}", "{0} , oh sorry {1}", "{0} , actually {1}", "{0} , hmm , better {1}",
)  # fmt: skip

_MULTIPLE_SHARE = 0.12
_MULTIPLES = {
    "up": [
        (words, form)
        for words, forms in {
            "double": ("{} the {}", "please {} the {}"),
            "twice": ("i need {} the {}", "{} the {} it has now", "make the {1} {0} what it is", "{} the {}"),
            "3 times": ("go to {} the {}", "make the {1} {0} what it is"),
        }.items()
        for form in forms
    ],
    "down": [
        (words, form)
        for words, forms in {
            "halve": ("{} the {}", "{} the {} for now"),
            "half": ("cut the {1} in {0}", "{} the {} will do", "{} the {}", "bring the {1} down by {0}"),
            "a third": ("{} less {}", "lower the {1} by {0}", "cut the {1} by {0}"),
            "a quarter": ("{} less {}", "reduce the {1} by {0}"),
            "a fifth": ("{} less {}", "take {} off the {}"),
        }.items()
        for form in forms
    ],
}

_VERBS = frozenset(
    "set enable switch toggle activate turn use change select control start allow configure put adjust command get make".split()
)
# What is on or off, and what is anything else: open, locked, required.
_SWITCHES = frozenset("on active enabled running lit playing emitting live powered activated".split())
_OF_WHICH = (
    "{noun} {which}",
    "{noun} {which}",
    "{noun} of {which}",
    "{noun} in {which}",
    "{noun} for {which}",
    "{which} {noun}",
)
_SWITCHED = {
    "yes": (
        "(turn/switch/put) (the/) {noun} on",
        "(turn/switch/put) on (the/) {noun}",
        "{noun} on",
        "(the/) {noun} (should/must) be on",
        "i want (the/) {noun} on",
        "(enable/activate) (the/) {noun}",
        "(the/) {noun} back on",
        "(start/use) (the/) {noun}",
        "let us have (the/) {noun}",
        "set (the/) {noun} to on",
        "with {noun} (from now on/)",
        "(the/) {noun} may run again",
        "(leave/keep) (the/) {noun} on",
        "have {noun} enabled",
        "go ahead with {noun}",
    ),
    "no": (
        "(turn/switch/put) (the/) {noun} off",
        "(turn/switch/put) off (the/) {noun}",
        "{noun} off",
        "(the/) {noun} (should/must) be off",
        "i want (the/) {noun} off",
        "(disable/deactivate) (the/) {noun}",
        "no (more/) {noun}",
        "(stop/end) (the/) {noun}",
        "we do not need (the/) {noun} (any more/)",
        "set (the/) {noun} to off",
        "without {noun} (from now on/)",
        "(the/) {noun} is not needed",
        "(leave/keep) (the/) {noun} off",
        "have {noun} disabled",
        "enough {noun} (for now/)",
    ),
}
_BROUGHT = {
    "yes": (
        "(the/) {noun} {state}", "(the/) {noun} (should/must) be {state}", "i want (the/) {noun} to be {state}", "{state} : yes", "set (the/) {noun} to {state}",
        "make (the/) {noun} {state} (again/)", "have (the/) {noun} {state}", "from now on {state}",
    ),
    "no": (
        "(the/) {noun} not {state}", "(the/) {noun} (should/must) not be {state} (any more/)", "i do not want (the/) {noun} to be {state}", "{state} : no",
        "(the/) {noun} no longer {state}", "do not have (the/) {noun} {state}", "(the/) {noun} must stop being {state}", "not {state} any more",
    ),
}  # fmt: skip


def fill(
    template: str,
    realised: Realised,
    rng: random.Random,
    manner: Manner | None = None,
    *,
    given: dict[str, Value] | None = None,
    implied: Choices = (),
) -> tuple[str, dict[str, Value]] | None:
    """Fill a phrase with values; `given` are values that a clause before has named, `implied` choices that the phrase means.

    Returns:
        The text and what was said for each key; None where the phrase mentions a parameter that this vendor's function lacks,
        or leaves out one that it needs.
    """
    manner = manner or Manner()
    text = spin(template, rng)
    # The same words may mean another number here: the function before had a unit of its own.
    values = {
        key: replace(value, meaning=None) for key, value in (given or {}).items() if key in realised.keys
    }
    for key, choice in implied:
        parameter = realised.parameter(key)
        if parameter is None:
            return None
        values[key] = implied_value(parameter, choice)
    while match := _MARKER.search(text):
        key = match[1]
        parameter = realised.parameter(key)
        if parameter is None or text.count(match[0]) > 1:
            return None
        words = realised.spoken_of(key)
        value = _shared(words, realised, text, match, rng) or say(words, parameter, rng, manner)
        if value is None:
            return None
        values[key] = value
        text = text[: match.start()] + value.spoken + text[match.end() :]
    return text, values


def lacks(realised: Realised, values: dict[str, Value]) -> bool:
    """Whether a required parameter has no value."""
    return any(
        parameter.required and key not in values
        for key, parameter in zip(realised.keys, realised.signature.parameters, strict=True)
    )


def _shared(
    words: ParameterWords, realised: Realised, text: str, match: re.Match[str], rng: random.Random
) -> Value | None:
    parameter = realised.parameter(match[1])
    if rng.random() > 0.13 or parameter is None or not is_sharable(words, parameter):
        return None
    # Of a pair of coordinates nobody wants the half of one.
    alone = sum(one.is_quantity for one in realised.signature.parameters) == 1
    if not alone or not _SHARE_BEFORE.search(text[: match.start()]):
        return None
    following = text[match.end() :].split()
    value = share(parameter, rng, alone=bool(following))
    # "maximum brightness" is said, "the maximum brightness" and "halfway brightness" are not.
    if value and following and value.spoken.startswith(("the ", "halfway", "a ")):
        return None
    return value


def absolute(
    template: str,
    index: int,
    realised: Realised,
    rng: random.Random,
    manner: Manner,
    *,
    is_whole: bool = False,
    given: dict[str, Value] | None = None,
    implied: Choices = (),
) -> Clause | None:
    """Say a phrase of a function; None where it cannot be said of this vendor's."""
    filled = fill(template, realised, rng, manner, given=given, implied=implied)
    if filled is None or lacks(realised, filled[1]):
        return None
    text, values = filled
    if not is_whole and not given and rng.random() < _OPTION_SHARE:
        text = with_options(text, values, realised, rng, manner)
    return Clause(text, text, index, values, is_whole)


def implying(
    index: int, realised: Realised, split: Split, rng: random.Random, manner: Manner
) -> Clause | None:
    """Say something that means a choice of a function without naming it; None where nothing comes to mind."""
    texts = phrases(tuple(text for _, text in realised.words.implied), split)
    if not texts:
        return None
    template = rng.choice(texts)
    choices = next(choices for choices, text in realised.words.implied if text == template)
    return absolute(template, index, realised, rng, manner, is_whole=not is_order(template), implied=choices)


def switching(
    index: int, realised: Realised, split: Split, rng: random.Random, manner: Manner
) -> Clause | None:
    """Say plainly that a function's yes or no is to be so ("the night mode off"); None where it needs more than that."""
    needed = [words for words in realised.words.parameters if words.required]
    flags = [words for words in needed if words.kind == "bool"]
    others = [words for words in needed if words.kind != "bool"]
    names = [noun for name in realised.words.names if is_english(name) and (noun := _noun(name))]
    if len(flags) != 1 or len(others) > 1 or not names:
        return None
    choice = rng.choice(("yes", "no"))
    state, noun = flags[0].names[0], rng.choice(names)
    if others:
        noun = rng.choice(_OF_WHICH).format(noun=noun, which=f"{{{others[0].key}}}")
    said = _SWITCHED[choice] if state in _SWITCHES else _BROUGHT[choice]
    template = rng.choice(carriers(said, split)).format(noun=noun, state=state)
    return absolute(template, index, realised, rng, manner, implied=((flags[0].key, choice),))


def _noun(name: str) -> str:
    words = name.split()
    rest = words[1:] if words[0] in _VERBS else words
    return " ".join(rest) if rest and all(word.isalpha() for word in rest) else ""


def moves(realised: Realised, *, known: bool) -> list[tuple[str, str, str]]:
    """List direction, key and phrase of every change of a parameter whose present value can be read, or cannot.

    Where it cannot, only of parameters that a call may not leave out.
    """
    said = [("up", *pair) for pair in realised.words.raises] + [
        ("down", *pair) for pair in realised.words.lowers
    ]
    return [
        (direction, key, phrase)
        for direction, key, phrase in said
        if (parameter := realised.parameter(key)) is not None
        and (parameter.current is not None) is known
        and (known or parameter.required)
    ]


def relative(
    index: int, realised: Realised, rng: random.Random, manner: Manner, *, known: bool
) -> Clause | None:
    """Ask for more or less of something.

    Args:
        index: which function it is.
        realised: the function.
        rng: chance.
        manner: how the person speaks.
        known: whether the parameter's present value must be readable, or must not be.
    """
    able = moves(realised, known=known)
    if not able:
        return None
    direction, key, template = rng.choice(able)
    parameter = realised.parameter(key)
    if parameter is None:
        return None
    if known and rng.random() < _MULTIPLE_SHARE:
        return _multiple(index, realised, key, rng)
    text = spin(template, rng)
    marker = "{" + key + "}"
    amount: Value | None = None
    if marker in text:
        amount = _amount(realised.spoken_of(key), parameter, rng, manner)
        text = text.replace(marker, amount.spoken, 1)
    elif not _VAGUE.search(text) and rng.random() < 0.3:
        amount = _amount(realised.spoken_of(key), parameter, rng, manner)
        text = f"{text} by {amount.spoken}"
    others: dict[str, Value] = {}
    if "{" in text:
        rest = fill(text, realised, rng, manner)
        if rest is None:
            return None
        text, others = rest
    written = direction if amount is None else f"{direction} {amount.written}"
    values = {**others, key: Value("" if amount is None else amount.spoken, written)}
    return None if lacks(realised, values) else Clause(text, text, index, values)


def _multiple(index: int, realised: Realised, key: str, rng: random.Random) -> Clause | None:
    """Ask for twice or half of something, by the name of what changes."""
    direction = rng.choice(("up", "down"))
    words, form = rng.choice(_MULTIPLES[direction])
    text = form.format(words, rng.choice(realised.spoken_of(key).names))
    values = {key: Value(words, f"{direction} {words}")}
    return None if lacks(realised, values) else Clause(text, text, index, values)


def _amount(words: ParameterWords, parameter: Parameter, rng: random.Random, manner: Manner) -> Value:
    span = words.high - words.low
    unit = words.unit
    if rng.random() < (0.35 if unit != "degC" else 0.1):
        unit, number = "percent", float(rng.choice((5, 10, 10, 15, 20, 20, 25, 30, 40, 50)))
    else:
        number = max(rounded(rng.uniform(0.02, 0.3) * span, rng), 1.0 if words.kind == "int" else 0.1)
        if words.kind == "int":
            number = float(round(number))
    if unit not in SPOKEN or (unit == parameter.unit and rng.random() < 0.15):
        spoken = say_number(number, rng, manner.words_share)
    else:
        spoken = with_unit(number, unit, rng, manner)
    return Value(spoken, read(spoken))


def corrected(clause: Clause, realised: Realised, rng: random.Random, manner: Manner) -> Clause | None:
    """Let the person name a wrong value first."""
    able = [
        key
        for key, value in clause.values.items()
        if value.spoken and value.spoken in clause.text and not value.written.startswith(("up", "down"))
    ]
    if not able:
        return None
    key = rng.choice(able)
    parameter, right = realised.parameter(key), clause.values[key]
    if parameter is None or parameter.many or parameter.kind is ParameterKind.BOOLEAN:
        return None
    wrong = say(realised.spoken_of(key), parameter, rng, manner)
    if (
        wrong is None
        or wrong.written == right.written
        or wrong.written in right.written
        or right.written in wrong.written
    ):
        return None
    said = rng.choice(_SECOND_THOUGHTS).format(wrong.spoken, right.spoken)
    text = re.sub(rf"(?<!\w){re.escape(right.spoken)}(?!\w)", lambda _: said, clause.text, count=1)
    return replace(clause, text=text) if text != clause.text else None
