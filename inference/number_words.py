"""Writes what people say for numbers so that it can be read: "half a dozen" is 6, "three and a half thousand" is 3500.

Two steps, before and behind the reading of plain number words. What stands between quotation marks stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from inference.words import quoted_places

_ONES = {
    word: value for value, word in enumerate("zero one two three four five six seven eight nine".split())
}
_SMALL = _ONES | {"a": 1, "an": 1, "oh": 0, "nought": 0, "nil": 0}
_TENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_ROUND_TENS = "twenty thirty forty fifty sixty seventy eighty ninety hundred"
_WORD_NUMBER = "|".join([*_ONES, *_TENS.split(), *_ROUND_TENS.split()])
_DOZEN = re.compile(r"\b(half a|a half|an?|one) dozen\b(?: of (?=the|my|these|those|them))?", re.IGNORECASE)
_COUPLE = re.compile(r"\ba couple(?: of)?(?= (?:more )?[a-z])", re.IGNORECASE)
_ROUND = re.compile(r"\b(?<!the )(?<!half )a (?=(?:hundred|thousand|million)\b)", re.IGNORECASE)
_JOINED_UNIT = re.compile(
    rf"(?<![\w.-])(\d+(?:\.\d+)?|(?:{_WORD_NUMBER})(?:-(?:{_WORD_NUMBER}))?)-([a-z]{{3,}})\b", re.IGNORECASE
)
_DECIMAL_PART = re.compile(
    rf"\b({'|'.join(_SMALL)}|\d+) (tenth|hundredth|thousandth)s? of an? (?=([a-z]+))", re.IGNORECASE
)
_PARTS = {"tenth": 1, "hundredth": 2, "thousandth": 3}
# "Two seven five" is a number said digit by digit, "lines one two three" are three lines.
_SPELT = re.compile(
    rf"(?<!\w)(?:(?:{'|'.join(_ONES)}|oh)[ -]){{2,}}(?:{'|'.join(_ONES)}|oh)(?![\w-]| hundred| thousand)",
    re.IGNORECASE,
)
_LISTS = re.compile(r"s $")
_GROUPED = re.compile(r"(?<![\w.,])(\d{1,3}),(\d00|\d50)(?![\d,]|\.\d)")
_MULTIPLIED = re.compile(
    r"(?<![\w.-])(-?\d+(?:\.\d+)?)(?: and (?:a |one )?(half|quarter|(?:three|3) quarters))? (1000|1000000|dozen)(?![\w,]|\.\d)"
)
_HALF_OF = re.compile(r"\b(?:half|(a )?quarter)(?: of)? a (1000|1000000)(?![\w.,])", re.IGNORECASE)
_WRITTEN_PART = re.compile(r"(?<![\w./-])(?:(\d+)[ -])?([1-9])/(2|3|4|8|16|32)(?= ?([a-z\"]+))")
_BELOW = re.compile(
    r"(?<![\w.-])(\d+(?:\.\d+)?)((?: degrees?)?) below"
    r"(?: (?:zero|0|freezing)\b|(?=$|[,.;!?]| (?:in|at|for|on|inside|please|and|or|till|until)\b))",
    re.IGNORECASE,
)
_MAGNIFYING = re.compile(
    r"\b(double|triple|quadruple|twofold|threefold) (?=(?:magnification|zoom|enlargement)\b)", re.IGNORECASE
)
_FACTORS = {"double": 2, "twofold": 2, "triple": 3, "threefold": 3, "quadruple": 4}
_SHARES = {"half": 0.5, "quarter": 0.25}


def before_digits(text: str, is_unit: Callable[[str], bool]) -> str:
    """Write what the reading of number words would take apart."""
    return _outside_quotations(text, lambda part: _before_digits(part, is_unit))


def behind_digits(text: str, is_unit: Callable[[str], bool]) -> str:
    """Write products, decimals and signs with what are digits now."""
    return _outside_quotations(text, lambda part: _behind_digits(part, is_unit))


def _before_digits(text: str, is_unit: Callable[[str], bool]) -> str:
    def part_of_unit(match: re.Match[str]) -> str:
        if not is_unit(match[3].lower()):
            return match[0]
        count = _SMALL.get(match[1].lower())
        return f"{_written((int(match[1]) if count is None else count) / 10 ** _PARTS[match[2].lower()])} "

    def spelt(match: re.Match[str]) -> str:
        if _LISTS.search(text, 0, match.start()):
            return match[0]
        digits = [_SMALL[word] for word in re.split(r"[ -]", match[0].lower())]
        if digits == [digits[0], digits[0] + 1, digits[0] + 2]:
            return match[0]
        return "".join(map(str, digits))

    text = _DOZEN.sub(lambda match: "6" if "half" in match[1].lower() else "12", text)
    text = _ROUND.sub("one ", _COUPLE.sub("2", text))
    text = _JOINED_UNIT.sub(
        lambda match: f"{match[1]} {match[2]}" if is_unit(match[2].lower()) else match[0], text
    )
    return _SPELT.sub(spelt, _DECIMAL_PART.sub(part_of_unit, text))


def _behind_digits(text: str, is_unit: Callable[[str], bool]) -> str:
    def written_part(match: re.Match[str]) -> str:
        if not is_unit(match[4].lower()):
            return match[0]
        return _written(round(int(match[1] or 0) + int(match[2]) / int(match[3]), 6))

    text = _GROUPED.sub(r"\1\2", text)
    text = _MULTIPLIED.sub(_product, text)
    text = _MAGNIFYING.sub(lambda match: f"{_FACTORS[match[1].lower()]}x ", text)
    text = _HALF_OF.sub(
        lambda match: _written(float(match[2]) * (0.25 if "quarter" in match[0].lower() else 0.5)), text
    )
    return _BELOW.sub(r"-\1\2", _WRITTEN_PART.sub(written_part, text))


def _product(match: re.Match[str]) -> str:
    part = 0.75 if match[2] and "quarters" in match[2] else _SHARES.get(match[2] or "", 0)
    factor = 12 if match[3] == "dozen" else int(match[3])
    number = float(match[1])
    return _written((number - part if number < 0 else number + part) * factor)


def _written(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _outside_quotations(text: str, change: Callable[[str], str]) -> str:
    parts, done = [], 0
    for start, end in quoted_places(text):
        parts += [change(text[done:start]), text[start:end]]
        done = end
    return "".join([*parts, change(text[done:])])
