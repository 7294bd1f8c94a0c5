"""Writes a day that somebody names in the way that a device takes it: "thursday", "fri", "today", "06-03" or "24/12"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from inference.said_dates import SaidDate, said_dates
from inference.signatures import Parameter, ParameterKind
from inference.weekdays import said_days
from inference.words import Place

_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_NEAR_DAYS = ("today", "tomorrow", "yesterday")
_OTHER_FORMS = {"tuesday": ("tues",), "wednesday": ("weds",), "thursday": ("thurs", "thur")}
# What a pattern for names of days does not match.
_NO_DAYS = ("qqq", "Qqq", "QQQ", "qqqqqq", "Qqqqqq", "QQQQQQ")
_OPEN = re.compile(
    r"e\.g|(?<!\w)(?:eg|etc|such as|for (?:example|instance)|like|or other|any other|free text)(?!\w)|\.\.\.|\u2026",
    re.IGNORECASE,
)
_LAYOUT = re.compile(
    r"(?<![\w/.-])(?:yyyy-mm?-dd?|(?P<one>mm?|dd?)(?P<joint>[-/.])(?!(?P=one))"
    r"(?:mm?|dd?)(?:(?P=joint)(?:yyyy)?)?)(?![\w/-]|[.:]\w| ?hh)",
    re.IGNORECASE,
)
_ISO_DATE = re.compile(r"\biso[- ](?:8601 )?date\b", re.IGNORECASE)
_FIELD = re.compile(r"y+|m+|d+", re.IGNORECASE)
_USUAL_LAYOUTS = (
    "YYYY-MM-DD",
    "MM-DD",
    "DD/MM",
    "DD.MM.",
    "DD.MM",
    "DD-MM",
    "MM/DD",
    "DD/MM/YYYY",
    "MM/DD/YYYY",
)
_SAMPLE = {"y": 2031, "m": 12, "d": 31}
_PART_OF_TODAY = re.compile(r"(?<!\w)this (?:morning|afternoon|evening)(?!\w)")
_SAME_DAY = re.compile(r"(?<!\w)(?:that(?: same)?|the same) day(?!\w)")
_FROM = re.compile(r"(?<!\w)(?:from|instead of|not(?: on)?|rather than)(?: the)? $")
_DETERMINER = re.compile(r"(?<!\w)(?:my|our|your|his|her|their|the|that|this)(?: \w+'s)? $|\w's $")
_NOUN_BEHIND = re.compile(
    r"(?:'s)? (?!(?:at|from|to|on|in|for|by|and|or|until|till|please|instead|then|morning|afternoon|evening|night)\b)[a-z]+"
)
# "The weekend" and "next week" may be anything's.
_DAY = re.compile(r"day(?!\w)|tom+or+ow|tonight")
_INSTEAD = re.compile(r" (?:then|instead)(?=[,.;!?]|$)")
_CLAUSE_START = re.compile(r"(?:^|[,.;!?] )(?:on |so |make it )?$")


@dataclass(frozen=True, slots=True)
class DayWriting:
    """How a text says a day: with these words for today, tomorrow and the days of the week, and dates in a layout."""

    words: Mapping[str, str] = field(default_factory=dict)
    layout: str = ""

    def written(self, said: SaidDate) -> str | None:
        """Write a day; None where the text has no way to say it."""
        if said.name is not None and said.name in self.words:
            return self.words[said.name]
        if not self.layout or said.month is None or said.number is None:
            return None
        numbers = {"m": said.month, "d": said.number}
        if said.day is not None:
            numbers["y"] = said.day.year
        return _laid_out(self.layout, numbers)


@lru_cache(maxsize=512)
def day_writing(parameter: Parameter) -> DayWriting | None:
    """Return how a parameter takes a day; None for one that takes other texts, too."""
    if parameter.kind is not ParameterKind.STRING or parameter.choices or parameter.format or parameter.many:
        return None
    layout, pattern = _described_layout(parameter.description), parameter.pattern
    if pattern is None:
        words = _described_words(parameter.description, least=1 if layout else 2)
    else:
        is_closed = not any(_matches(pattern, text) for text in _NO_DAYS)
        words = _words_by(lambda text: is_closed and _matches(pattern, text))
        layouts = (layout, *_USUAL_LAYOUTS) if words else (layout,)
        layout = next((each for each in layouts if each and _matches(pattern, _sample(each))), "")
    return DayWriting(words, layout) if len(words) > 1 or layout else None


def days_for(parameter: Parameter, lower: str) -> Mapping[str, str]:
    """Return the words of a sentence that name a day which a parameter takes, each with how that is written."""
    writing = day_writing(parameter)
    if writing is None:
        return {}
    written = {each.text: writing.written(each) for each in named_days(lower)}
    literal = {text: text for text in _literal(writing.layout, lower)} if writing.layout else {}
    return literal | {words: text for words, text in written.items() if text is not None}


def unwritten_days(parameter: Parameter, lower: str) -> list[Place]:
    """Return where a sentence names a day that a parameter has no way to say: a date for one that takes "today" and "friday"."""
    choices = [str(choice).lower() for choice in parameter.choices]
    days = day_choices(choices)
    writing = DayWriting(days) if days else day_writing(parameter)
    if writing is None:
        return []
    named = [each for each in named_days(lower) if each.month is not None or _DAY.search(each.text)]
    return [each.place for each in named if writing.written(each) is None]


def day_choices(choices: Sequence[str]) -> Mapping[str, str]:
    """Say which choice stands for which day; nothing unless all of them are days, and one is "today" or the like."""
    days = _words_by(lambda text: text in choices)
    is_near = len(days) > 1 and not days.keys().isdisjoint(_NEAR_DAYS)
    return days if is_near and len(days) == len(choices) else {}


def named_day_choices(days: Mapping[str, str], lower: str) -> Mapping[str, Place]:
    """Return which choices that are days a sentence names, and where."""
    found: dict[str, Place] = {}
    for said in named_days(lower):
        if said.name is not None and said.name in days:
            found.setdefault(days[said.name], said.place)
    return found


def wished_days(days: Sequence[str], lower: str) -> list[Place]:
    """Return where the days stand that are wished, of several: "Monday" of "my Tuesday class to Monday"."""
    places = [(start, start + len(text)) for text in days for start in [lower.index(text)]]
    return [
        place for place in places if not _FROM.search(lower[: place[0]]) and not tells_which(place, lower)
    ]


def tells_which(place: Place, lower: str) -> bool:
    """Whether a day only tells which thing is meant: "my Tuesday class"."""
    return bool(_DETERMINER.search(lower[: place[0]]) and _NOUN_BEHIND.match(lower, place[1]))


@lru_cache(maxsize=64)
def named_days(lower: str) -> tuple[SaidDate, ...]:
    """Return the days that a sentence names, in its order, without those that are given up: "Wednesday then"."""
    found = [*said_dates(lower)]
    found += [SaidDate(match[0], match.span(), name="today") for match in _PART_OF_TODAY.finditer(lower)]
    said = said_days(lower)
    places = [place for _, place in said]
    for day, (start, end) in said:
        # "Weekends" and "Mon-Fri" are several days.
        is_one = places.count((start, end)) == 1
        if is_one and not any(each.place[0] < end and start < each.place[1] for each in found):
            found.append(SaidDate(lower[start:end], (start, end), name=_WEEKDAYS[day]))
    kept: list[SaidDate] = []
    for each in sorted(found, key=_place_of):
        start, end = each.place
        if _INSTEAD.match(lower, end) and _CLAUSE_START.search(lower[:start]):
            kept.clear()
        kept.append(each)
    return (*kept, *_said_again(kept, lower))


def _place_of(said: SaidDate) -> Place:
    return said.place


def _said_again(days: Sequence[SaidDate], lower: str) -> Iterator[SaidDate]:
    """Find "that day", which is the only day that is named before."""
    for match in _SAME_DAY.finditer(lower):
        before = {each.text: each for each in days if each.place[1] <= match.start()}
        if len(before) == 1:
            yield replace(next(iter(before.values())), text=match[0], place=match.span())


def _words_by(fits: Callable[[str], bool]) -> dict[str, str]:
    """Return the spelling of each day's name that fits, the longest one."""
    found: dict[str, str] = {}
    for name in (*_NEAR_DAYS, *_WEEKDAYS):
        short = () if name in _NEAR_DAYS else (*_OTHER_FORMS.get(name, ()), name[:3], name[:2])
        spellings = (
            spelling for form in (name, *short) for spelling in (form, form.capitalize(), form.upper())
        )
        fitting = next((spelling for spelling in spellings if fits(spelling)), None)
        if fitting is not None:
            found[name] = fitting
    return found


def _described_words(description: str, least: int) -> dict[str, str]:
    """Return the names of days that a description lists; "a weekday" stands for all of the week."""
    if _OPEN.search(description):
        return {}
    listed = set(re.findall(r"(?<![\w-])[A-Za-z]+(?![\w-])", description))
    words = _words_by(lambda text: len(text) > 2 and text in listed)  # noqa: PLR2004 - "do" and "mo" are words, too
    near = [name for name in _NEAR_DAYS if name in words]
    if near and not listed.isdisjoint({"weekday", "Weekday"}) and len(words) == len(near):
        is_small = words[near[0]].islower()
        words |= {name: name if is_small else name.capitalize() for name in _WEEKDAYS}
    return words if len(words) >= least else {}


def _described_layout(description: str) -> str:
    found = _LAYOUT.search(description)
    if found is None:
        return "YYYY-MM-DD" if _ISO_DATE.search(description) else ""
    # "As DD.MM.YYYY" may end a sentence, "DD.MM." holds its point.
    return found[0].rstrip("-/")


def _sample(layout: str) -> str:
    return _laid_out(layout, _SAMPLE) or ""


def _laid_out(layout: str, numbers: Mapping[str, int]) -> str | None:
    """Write a date; None where the layout asks for a year that nobody has said."""
    fields = [each.lower() for each in _FIELD.findall(layout)]
    if any(each[0] not in numbers for each in fields):
        return None
    return _FIELD.sub(lambda each: f"{numbers[each[0][0].lower()]:0{len(each[0])}}", layout)


def _literal(layout: str, lower: str) -> Iterator[str]:
    """Find dates that somebody has written as the device does."""
    numbers = {"y": r"(?:19|20)\d\d", "m": r"(?:0\d|1[0-2])", "d": r"(?:0[1-9]|[12]\d|3[01])"}
    parts = [numbers[each[0].lower()] for each in _FIELD.findall(layout)]
    joints = [re.escape(each) for each in _FIELD.split(layout)[1:]]
    text = "".join(part + joint for part, joint in zip(parts, joints, strict=True))
    yield from (match[0] for match in re.finditer(rf"(?<![\w./-]){text}(?![\w/-])", lower))


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:
        # Python does not know all that ECMA 262 allows.
        return False
