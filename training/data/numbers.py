"""Says numbers in words: "thirty five", "one and a half", "minus three point two"."""

from __future__ import annotations

import random
from functools import lru_cache

from inference.text import prepare

_SMALL = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen""".split()
_TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
LARGEST_IN_WORDS = 9999


def integer_words(value: int, *, joined: str = " ") -> str:
    """Say 0 to 9999; `joined` stands between tens and ones ("twenty-six")."""
    if value < 20:
        return _SMALL[value]
    if value < 100:
        tens, ones = divmod(value, 10)
        return _TENS[tens] + (joined + _SMALL[ones] if ones else "")
    size, word = (100, "hundred") if value < 1000 else (1000, "thousand")
    many, rest = divmod(value, size)
    head = f"{integer_words(many, joined=joined)} {word}"
    if not rest:
        return head
    return f"{head}{' and ' if rest < 100 else ' '}{integer_words(rest, joined=joined)}"


def _forms(value: float) -> list[str]:
    sign, size = ("minus " if value < 0 else ""), abs(value)
    whole = int(size)
    if whole > LARGEST_IN_WORDS:
        return []
    if size == whole:
        forms = [integer_words(whole), integer_words(whole, joined="-")]
        if 1000 < whole < 10000 and whole % 100 == 0 and whole % 1000:
            forms.append(f"{integer_words(whole // 100)} hundred")
        return [sign + form for form in forms]
    digits = f"{size:.2f}".rstrip("0").split(".")[1]
    point = " ".join(_SMALL[int(digit)] for digit in digits)
    forms = [f"{integer_words(whole)} point {point}"]
    if not whole:
        forms.append(f"point {point}")
    if digits == "5" and whole:
        forms.append(f"{integer_words(whole)} and a half")
    return [sign + form for form in forms]


@lru_cache(maxsize=50_000)
def number_words(value: float) -> tuple[str, ...]:
    """The ways to say a number in words that the run-time reads back exactly; none where there is no such way."""
    return tuple(form for form in _forms(round(value, 2)) if _reads_back(form, round(value, 2)))


def _reads_back(text: str, value: float) -> bool:
    quantities = prepare(text).quantities
    return len(quantities) == 1 and quantities[0].value == value and quantities[0].text == prepare(text).lower


def say_number(value: float, rng: random.Random, words_share: float) -> str:
    """Say a number, with this probability in words."""
    if rng.random() < words_share and (forms := number_words(value)):
        return rng.choice(forms)
    return f"{value:g}"
