"""Which way a value goes when somebody says "colder", "finer" or "the gentlest you have": the words' own, or the parameter's."""

from __future__ import annotations

import re

from inference.signatures import Parameter
from inference.words import split_words

_RISING = """
    more high up fast quick rapid loud bright warm hot strong long far wide tall big large full thick heavy great late sharp tight
    deep steep powerful coarse rich wet humid moist toasty intense hard snappy brisk fresh open
"""
_FALLING = """
    less low down slow quiet dim dark cool cold weak short few soon early small narrow thin light soft gentl near close faint mild
    fine subtle least little shallow dry slight calm feeble tiny
"""
_WAYS = {**dict.fromkeys(_RISING.split(), 1), **dict.fromkeys(_FALLING.split(), 0)}
_WARMTH = {"warm", "hot", "toasty", "cold", "cool", "chill", "icy"}
_TEMPERATURES = frozenset({"degC", "degF", "kelvin"})
_LEAST_COLOUR = 1000
_COLOUR = re.compile(r"\b(?:colou?r|white|cct|light|lamp)")
_TIME_LEFT = re.compile(r"\b(?:before|ahead|advance|left|remaining|warn\w*|lead|notice)\b")
_NUMBER_FIRST = re.compile(
    r"(-?\d+(?:\.\d+)?)[^\w.;-]+(?:(?:is|means|for|the|most|very|fully|at|as)\W+)*([a-z]+)"
)
_WORD_FIRST = re.compile(r"\b([a-z]+)(?: (?:is|at|means))?[ :=(]+(-?\d+(?:\.\d+)?)")
_HIGHER_IS = re.compile(
    r"\b(higher|larger|greater|bigger|more|lower|smaller|less)(?: \w+)? (?:is|are|means?|=) ([a-z]+)"
)
_HIGH = frozenset({"higher", "larger", "greater", "bigger", "more"})
_SUPERLATIVE = re.compile(r"\bas ([a-z]+)|\b([a-z]+)(?: [\w']+)* as |\b([a-z]+est|most|least)\b")


TIMES = frozenset({"millisecond", "second", "minute", "hour", "day"})
"""Units of what is said neither louder nor faster."""
_STRENGTH = re.compile(r"speed|volume|power|intensit|strength|level|fan|brightness|boost|throttle|spd")
# What adjectives are said of.
_SAID_OF = tuple(
    (frozenset(words.split()), re.compile(names))
    for words, names in (
        ("loud quiet soft", r"volume|loud|gain|level"),
        ("bright dim dark faint light", r"bright|intensit|dimm|light|level|luminos"),
        ("fast quick slow brisk rapid", r"speed|pace|rate|veloc|spin|spd|rpm|fan"),
        (
            "gentl strong weak powerful hard intense mild",
            r"strength|power|intensit|speed|force|pressure|fan|level|spd",
        ),
        (
            "hot warm cold cool toasty icy chill",
            r"temperature|heat|warm|cool|cold|level|setpoint|degc|degf|kelvin|white",
        ),
        ("high low tall", r"height|altitude|level|position|lift"),
        ("tight wide near close", r"zoom|width|angle|aperture"),
        ("snappy sharp responsive", r"respon|sensitiv|sharp|agil"),
        ("wet humid moist dry", r"wet|humid|moist|damp|water|flow|mist|dry|spray|steam"),
        ("coarse fine", r"grind|ground|grain|grit|coarse|fine"),
    )
)


def stem(word: str) -> str:
    """Take "er" and "est" from an adjective: colder, thinnest and finer become cold, thin and fine."""
    if word in _WAYS:
        return word
    for ending in ("est", "er", "ly"):
        short = word.removesuffix(ending)
        if short == word:
            continue
        for root in (short, f"{short}e", short[:-1], f"{short[:-1]}y"):
            if root in _WAYS or root in _WARMTH:
                return root
        return short
    return word


def is_comparative(word: str) -> bool:
    """Whether a word compares, and says which way: "colder", "less"."""
    return word in {"more", "less", "fewer"} or (
        word.endswith("er") and stem(word) != word and stem(word) in _WAYS
    )


def way_of(word: str, parameter: Parameter | None = None) -> int | None:
    """Return 1 where an adjective means the high end of a parameter's values, 0 where it means the low one; None if unknown."""
    root = stem(word)
    usual = _WAYS.get(root)
    if parameter is None:
        return usual
    told = _told(parameter, root)
    if told is not None:
        return told
    text = f"{parameter.readable_name} {parameter.description}".lower().replace("_", " ")
    is_light = (parameter.minimum or 0) >= _LEAST_COLOUR or _COLOUR.search(text) is not None
    if root in _WARMTH and parameter.unit == "kelvin" and is_light:
        # Cold white has more kelvins.
        return 0 if _WAYS.get(root) else 1
    if root in {"cold", "cool"} and parameter.unit not in _TEMPERATURES:
        return None if usual is None else 1
    if root in {"soon", "early", "late"} and _TIME_LEFT.search(text):
        return 0 if root == "late" else 1
    return usual


def said_end(text: str, parameter: Parameter, usual: float) -> float:
    """Return which end of a parameter's range words such as "as cold as it goes" mean; `usual` where they do not tell."""
    found = _SUPERLATIVE.search(text)
    if found is None:
        return usual
    way = way_of(found[1] or found[2] or found[3], parameter)
    return usual if way is None else way


def suits(text: str, parameter: Parameter) -> bool:
    """Whether a parameter is what words for an end of a range are said of: the volume, of "as loud as it goes"."""
    if not parameter.is_quantity or parameter.unit in TIMES:
        return False
    found = _SUPERLATIVE.search(text)
    word = found and (found[1] or found[2] or found[3])
    root = stem(word) if word else None
    about = f"{parameter.readable_name} {parameter.description}".lower().replace("_", " ")
    if root is not None and _told(parameter, root) is not None:
        return True
    names = next((names for words, names in _SAID_OF if root in words), _STRENGTH if root is None else None)
    return names is not None and names.search(about) is not None


def is_said_of(adjective: str, text: str) -> bool:
    """Whether an adjective may be said of what a text describes; of one that nobody knows anything may be."""
    root, about = stem(adjective), text.lower().replace("_", " ")
    known = [names for words, names in _SAID_OF if root in words]
    return not known or any(names.search(about) for names in known) or root in split_words(about)


def _told(parameter: Parameter, root: str) -> int | None:
    """Look for a word in the parameter's description: "1 is the gentlest", "higher is coarser"."""
    text = parameter.description.lower()
    pairs = [(match[2], match[1]) for match in _NUMBER_FIRST.finditer(text)]
    pairs += [(match[1], match[2]) for match in _WORD_FIRST.finditer(text)]
    low, high = parameter.minimum, parameter.maximum
    for word, number in pairs:
        if stem(word) == root and low is not None and high is not None:
            return int(2 * float(number) > low + high)
    for match in _HIGHER_IS.finditer(text):
        if stem(match[2]) == root:
            return int(match[1] in _HIGH)
    state = dict(parameter.states).get({"close": "closed"}.get(root, root))
    if state is not None and low is not None and high is not None:
        return int(2 * state > low + high)
    return None
