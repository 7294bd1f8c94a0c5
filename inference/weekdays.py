"""Finds the days of the week that a sentence names: "Mondays and Thursdays", "Monday to Friday", "every day but Sunday"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from inference.words import Place

_NAMES = (
    "monday mon mo montag lundi lunes",
    "tuesday tues tue tu di dienstag mardi martes",
    "wednesday weds wed we mi mittwoch mercredi",
    "thursday thurs thur thu th do donnerstag jeudi jueves",
    "friday fri fr freitag vendredi viernes",
    "saturday sat sa samstag samedi",
    "sunday sun su so sonntag dimanche domingo",
)
_DAY_BY_CHOICE = {name: day for day, names in enumerate(_NAMES) for name in names.split()}
_ALL, _WORKING, _FREE = range(7), range(5), range(5, 7)
_GROUPS = {
    r"(?:every|each) (?:single )?day|daily|(?:every|each) (?:morning|evening|night|afternoon)"
    r"|(?:all|the whole) week|(?:all )?(?:7|seven) days a week|days of the week": _ALL,
    r"(?:every |each )?(?:weekdays?|week ?days|work(?:ing)? ?days?|business days?|school days?)": _WORKING,
    r"(?:every |each )?weekends?": _FREE,
}
_DAY = r"(?:mon|tue|wed|wednes|thu|thur|fri|sat|satur|sun)(?:s?days?|s)?|tues(?:days?)?|weds|thurs(?:days?)?"
_FULL_DAY = re.compile(rf"(?<!\w)({_DAY})(?![\w'\u2019])")
# "The sun", "she sat" and "we wed" are no days, unless as "on sat" or in a list of days.
_AMBIGUOUS = frozenset({"wed", "weds", "sat", "sats", "sun", "suns"})
_GROUP = re.compile(
    "|".join(rf"(?P<g{number}>(?<![\w-])(?:{words})(?!\w))" for number, words in enumerate(_GROUPS))
)
_TO = re.compile(r" ?(?:to|till|til|until|through|thru|up to|-|\u2013|—)(?: and including)? ?")
_EXCEPT = re.compile(
    r"(?:except(?: for)?|but(?: not)?|apart from|other than|not|without|never|excluding|bar)(?: on)?(?: the)? $"
)
_AND = re.compile(r" ?(?:,|and|&|or|nor|, and|plus) (?:on )?")
_TAKEN_BACK = re.compile(
    r"(?:no[\s,]+wait|no[\s,]+sorry|sorry|i mean|i meant|or rather|actually|correction|make (?:that|it)|scratch that|no,)"
    r"[\s,.…-]*(?:(?:no|i mean|make that|make it|only|just|on|rather|sorry|it's)[\s,]+)*$"
)
_LEAST_DAYS = 5


def days_by_choice(choices: Sequence[str]) -> Mapping[int, str]:
    """Say which choice stands for which day, Monday as 0; nothing where the choices are not the days of a week."""
    found = {_DAY_BY_CHOICE[choice]: choice for choice in choices if choice in _DAY_BY_CHOICE}
    return found if len(found) >= _LEAST_DAYS and len(found) == len(choices) else {}


@lru_cache(maxsize=64)
def said_days(lower: str) -> tuple[tuple[int, Place], ...]:
    """Return the days that a sentence names, Monday as 0, each with where, in the order of the sentence."""
    said: dict[int, Place] = {}
    before: tuple[int, int] | None = None
    is_without = False
    for start, end, mentioned in _mentions(lower):
        between = "" if before is None else lower[before[1] : start]
        if not _AND.fullmatch(between) or between.endswith(" on "):
            is_without = _EXCEPT.search(lower[:start]) is not None
        if _TAKEN_BACK.search(lower[:start]):
            said.clear()
        days = mentioned
        if before is not None and len(mentioned) == 1 and _TO.fullmatch(between):
            days = tuple((before[0] + step) % 7 for step in range((mentioned[0] - before[0]) % 7 + 1))
        for day in days:
            if is_without:
                said.pop(day, None)
            else:
                said.setdefault(day, (start, end))
        before = (days[-1], end)
    return tuple(said.items())


def _mentions(lower: str) -> list[tuple[int, int, tuple[int, ...]]]:
    found: list[tuple[int, int, tuple[int, ...]]] = []
    for match in _GROUP.finditer(lower):
        days = list(_GROUPS.values())[int(str(match.lastgroup)[1:])]
        found.append((*match.span(), tuple(days)))
    taken = [(start, end) for start, end, _ in found]
    days_found = [
        match for match in _FULL_DAY.finditer(lower) if not any(a <= match.start() < b for a, b in taken)
    ]
    for match in days_found:
        if match[1] in _AMBIGUOUS and not _is_listed(lower, match, days_found):
            continue
        found.append((*match.span(), (_day(match[1]),)))
    return sorted(found)


def _is_listed(lower: str, match: re.Match[str], others: Sequence[re.Match[str]]) -> bool:
    """Whether a short word stands with a day: "on sat", "mon and wed", "fri-sun"."""
    if re.search(r"(?<!\w)(?:on|every|each|next|this|until|till) $", lower[: match.start()]):
        return not re.match(r" (?:is|was|in)\b", lower[match.end() :])
    return any(
        _AND.fullmatch(lower, one.end(), two.start()) or _TO.fullmatch(lower, one.end(), two.start())
        for other in others
        if other is not match
        for one, two in [sorted((match, other), key=lambda each: each.start())]
    )


def _day(word: str) -> int:
    return next(day for day, names in enumerate(_NAMES) if word.startswith(names.split()[1][:3]))
