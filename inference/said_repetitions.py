"""Tells how often something is to be done, and which parameter takes that: "print it twice" is `copies` 2."""

from __future__ import annotations

import re

from inference.signatures import Parameter
from inference.text import Sentence, canonical_words
from inference.words import quoted_places

# "Twice as fast", "twice a day" and "2 times faster" are no repetitions.
TO_BE_REPEATED = re.compile(
    r"\b(?P<word>twice|thrice)\b(?! (?:as|the|that|its|what|an?|per|every)\b)"
    r"|\b(?P<number>\d+) times\b(?! (?:as|the|that|its|what|an?|per|every|more|less|"
    r"faster|slower|higher|lower|bigger|larger|smaller|longer|shorter|brighter|darker|louder|quieter|stronger|weaker)\b)"
)
BY_WORD = {"twice": 2, "thrice": 3}
_REPETITIONS = (
    r"(?:repeats?|repetitions?|reps|passes|times|copies|laps|cycles|rounds|runs|iterations|loops|executions|turns|revolutions"
    r"|rotations|orbits|circles|circuits|spins|rolls|flashes|blinks|beeps|chimes|knocks|pulses|bursts|attempts|tries|retries)"
)
_COUNTING = re.compile(
    rf"(?:(?:number|num|no|n|nr|how many)(?: of)? )?(?:\w+ )?{_REPETITIONS}"
    r"|(?:repeat|repetition|pass|copy|lap|cycle|round|run|iteration|loop)s? (?:count|number|nr|num|n)"
)
_COUNT = "count"


def counts_repetitions(parameter: Parameter, sentence: Sentence) -> bool:
    """Whether a parameter says how often something is done; a mere `count` may be of what the sentence counts otherwise."""
    if not parameter.is_number or parameter.many or parameter.unit is not None or parameter.is_step:
        return False
    name = canonical_words(parameter.readable_name)
    if name == _COUNT:
        found = TO_BE_REPEATED.search(sentence.lower)
        own = None if found is None else found["number"]
        return all(quantity.unit is not None or quantity.text == own for quantity in sentence.quantities)
    return _COUNTING.fullmatch(name) is not None


def said_repetitions(sentence: Sentence) -> tuple[str, int] | None:
    """Return how often a sentence says that something is to be done, once only, as its words and their number."""
    quoted = quoted_places(sentence.lower)
    found = [
        match
        for match in TO_BE_REPEATED.finditer(sentence.lower)
        if not any(start <= match.start() < end for start, end in quoted)
    ]
    if len(found) != 1:
        return None
    words = found[0]["word"] or found[0]["number"]
    return words, BY_WORD.get(words) or int(words)
