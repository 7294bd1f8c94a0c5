"""Finds shares of a range in a sentence: "half", "two thirds", "the maximum".

What such a share comes to depends on the argument it is said of, so it is kept as a number from 0 (the minimum) to 1
(the maximum) until then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from inference.parameter_words import suits, way_of
from inference.signatures import Parameter

SHARE_OF_RANGE = "share of range"
"""The unit of a share; it measures nothing, so `convert` never takes it for something else."""

MULTIPLE = "multiple of the present value"
"""The unit of "twice" and "halve": it only says how a value changes."""

_SHARES = {
    r"half(?:[ -]?way)?|one[ -]half": 1 / 2,
    r"(?:one|a|1)[ -]third": 1 / 3,
    r"(?:two|2)[ -]thirds": 2 / 3,
    r"(?:(?:one|a|1)[ -])?(?:quarter|fourth)": 1 / 4,
    r"(?:three|3)[ -](?:quarters|fourths)": 3 / 4,
    r"(?:one|a|1)[ -]fifth": 1 / 5,
    r"(?:two|2)[ -]fifths": 2 / 5,
    r"(?:three|3)[ -]fifths": 3 / 5,
    r"(?:four|4)[ -]fifths": 4 / 5,
    r"(?:one|an?|1)[ -]eighth": 1 / 8,
    r"(?:one|a|1)[ -]tenth": 1 / 10,
    r"full|maximum|max|highest|top": 1.0,
    r"minimum|min|lowest": 0.0,
}
_SHARE = re.compile(r"(?<![\w/-])(?:" + "|".join(f"({words})" for words in _SHARES) + r")(?![\w-])")
_VALUES = tuple(_SHARES.values())
_ABLE = (
    r"(?:(?:humanly )?possible|(?:it|she|he|you|they|that|this|we|the [a-z]+)(?:'(?:s|ll|re|d))?"
    r"(?: (?:can|will|could|possibly|ever)){0,3} ?(?:(?<=can )|(?<=can)|(?:go|goes|get|gets|manages?|allows?)))"
)
_GOT = r"(?:(?:you|it|she|he|they|we)(?:'ve got|'s got| have got| has got| have| has| got)|there is|possible|available|it goes)"
_NOT_HOW = (
    r"(?!(?:soon|well|long|much|many|same|such|just|often|early|far|known|good"
    r"|best|latest|nearest|west|rest|test|guest|forest)\b)"
)
# The ends of a range: "as loud as it goes", "the gentlest setting you have", "flat out".
_ENDS = (
    (
        rf"as {_NOT_HOW}(?P<how>[a-z]+)(?: (?!as\b)[\w']+){{0,3}} as {_ABLE}|{_NOT_HOW}(?P<bare>[a-z]+) as {_ABLE}"
        rf"|(?:the |your |its )?{_NOT_HOW}(?P<most>[a-z]+est)(?: [a-z]+){{0,2}}? {_GOT}"
        r"|(?:the |your )?(?P<known>slowest|quietest|gentlest|faintest|dimmest|softest|weakest"
        r"|loudest|brightest|fastest|strongest)"
    ),
    (
        r"full (?:whack|blast|tilt|pelt|throttle|bore|steam)|flat out|wide open|(?:all the way|right) up(?! to \d)"
        r"|(?:everything|all the \w+|all) (?:you|it|she|he|they|we)(?:'ve got|'s got| have got| has got| have| has)"
        r"|to the (?:max|limit|hilt|brim)|maxed out"
    ),
    r"(?:(?:all the way|right) )?down to (?:nothing|the bottom)|(?:all the way|right) down(?! to \d)|right to the bottom",
)
_END = re.compile(
    r"(?<![\w/-])(?:" + "|".join(f"(?P<e{n}>{words})" for n, words in enumerate(_ENDS)) + r")(?![\w-])"
)
# How something is done that has no range: "all the way up", "as fast as you can".
_GOES = re.compile(
    r"(?:all the way|right) (?:up|down)|(?:as )?(?:fast|quick|quickly|gently|slowly|hard) as .*"
)
# "Half of us can't hear" says nothing of how loud.
_OF_PEOPLE = re.compile(
    r" (?:of )?(?:us|you|the (?:people|guests|audience|room|class|team|family|kids|staff|crowd|time))(?![\w-])"
)
# "half past seven", "quarter to six" and "half 7" are times of day.
_TIME_FOLLOWS = re.compile(r" (?:past|after|to|before|till) \d| \d")
# Reading number words would turn these into "2 3rds" and "a 3".
_FRACTION_WORDS = re.compile(
    r"\b(?:(?:one|a|two)[ -]thirds?|three[ -](?:quarters?|fourths)|one[ -](?:half|quarter|fourth)"
    r"|(?:one|an?)[ -](?:fifth|eighth|tenth)|(?:two|three|four)[ -]fifths)\b",
    re.IGNORECASE,
)
_FIRST_PLACEHOLDER = 0xE100
_MULTIPLES = {
    r"twice(?= (?:as|the|that|its|what)\b)|doubled?(?= (?:the|its|that|what|his|her|their|your|my)\b)": 2.0,
    r"(?:thrice|three times)(?= (?:as|the|that|its|what)\b)|tripled?(?= (?:the|its|that|what)\b)": 3.0,
    r"quadrupled?(?= (?:the|its|that|what)\b)": 4.0,
    r"halved?|half(?= (?:as|(?:of )?what (?:it|you|he|she|they))\b)": 0.5,
    # Not "in half an hour".
    r"in half(?=$|[,.;:!?]| (?:on|for|at|please|now|again|from|too|and|then|everywhere)\b)": 0.5,
}
_MULTIPLE = re.compile(r"(?<![\w/-])(?:" + "|".join(f"({words})" for words in _MULTIPLES) + r")(?![\w-])")
_FACTORS = tuple(_MULTIPLES.values())
_TIMES_AS = re.compile(r"(?<![\w.-])(\d+(?:\.\d+)?) times(?= (?:as|the|that|its|what)\b)")


def hide_fractions(text: str) -> tuple[str, list[str]]:
    """Put one private character in the place of each fraction in words; returns the text and the fractions."""
    hidden: list[str] = []

    def hide(match: re.Match[str]) -> str:
        hidden.append(match[0])
        return chr(_FIRST_PLACEHOLDER + len(hidden) - 1)

    return _FRACTION_WORDS.sub(hide, text), hidden


def show_fractions(text: str, hidden: list[str]) -> str:
    """Undo `hide_fractions`."""
    for index, words in enumerate(hidden):
        text = text.replace(chr(_FIRST_PLACEHOLDER + index), words)
    return text


def find_shares(lower: str) -> Iterator[tuple[int, int, float]]:
    """Find shares in a prepared sentence: start, end, and the share from 0 to 1."""
    ends = [(*match.span(), _end(match)) for match in _END.finditer(lower)]
    yield from ends
    for match in _SHARE.finditer(lower):
        if any(start < match.end() and match.start() < end for start, end, _ in ends):
            continue
        if _OF_PEOPLE.match(lower, match.end()):
            continue
        if match.lastindex is not None and not _TIME_FOLLOWS.match(lower, match.end()):
            yield match.start(), match.end(), _VALUES[match.lastindex - 1]


def _end(match: re.Match[str]) -> float:
    said = match.groupdict()
    word = said["how"] or said["bare"] or said["most"] or said["known"]
    if word is None:
        return 1.0 if said["e1"] else 0.0
    return 0.0 if way_of(word) == 0 else 1.0


def is_end_of(words: str, parameter: Parameter) -> bool:
    """Whether words say an end of a parameter's range in other ways than "maximum": "as loud as it goes", of a volume."""
    return _END.fullmatch(words) is not None and suits(words, parameter)


def is_manner(words: str) -> bool:
    """Whether words for an end of a range may say how something is done that has no range: "all the way up"."""
    return _GOES.fullmatch(words) is not None


def find_multiples(lower: str) -> Iterator[tuple[int, int, float]]:
    """Find "twice the speed", "halve it", "3 times as long": start, end, and the factor, above 0."""
    for match in _MULTIPLE.finditer(lower):
        if match.lastindex is not None:
            yield match.start(), match.end(), _FACTORS[match.lastindex - 1]
    for match in _TIMES_AS.finditer(lower):
        if float(match[1]) > 0:
            yield match.start(), match.end(), float(match[1])
