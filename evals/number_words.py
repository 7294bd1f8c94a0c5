"""Says numbers in English words, so that sentences can hold "twenty-six" instead of 26."""

from __future__ import annotations

_ONES = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen
""".split()
_TENS = ("", "", *"twenty thirty forty fifty sixty seventy eighty ninety".split())
_HUNDRED, _THOUSAND, _MILLION = 100, 1000, 1_000_000

NUMBER_WORDS = frozenset({*_ONES, *_TENS[2:], "hundred", "thousand", "minus", "point"})
"""Every word that `number_words` uses, without "and"."""


def number_words(value: float, *, use_and: bool = False) -> str:
    """Say a number: -305.5 is "minus three hundred (and) five point five".

    Args:
        value: below a million; at most six digits behind the point are said.
        use_and: whether an "and" stands after the hundreds, as in British English.

    Raises:
        ValueError: the value is a million or more.
    """
    if abs(value) >= _MILLION:
        raise ValueError(f"{value} is too large to be said; allowed are values below a million")
    sign = "minus " if value < 0 else ""
    whole, _, decimals = f"{abs(value):f}".partition(".")
    said = _whole(int(whole), use_and=use_and)
    decimals = decimals.rstrip("0")
    return sign + said + (" point " + " ".join(_ONES[int(digit)] for digit in decimals) if decimals else "")


def _whole(number: int, *, use_and: bool) -> str:
    if number < len(_ONES):
        return _ONES[number]
    if number < _HUNDRED:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")
    size, name = (_HUNDRED, "hundred") if number < _THOUSAND else (_THOUSAND, "thousand")
    many, rest = divmod(number, size)
    said = f"{_whole(many, use_and=use_and)} {name}"
    if not rest:
        return said
    joint = " and " if use_and and rest < _HUNDRED else " "
    return said + joint + _whole(rest, use_and=use_and)
