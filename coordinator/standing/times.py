"""Finds in a prepared sentence when something is to be done: recurrences, single moments, ends. A grammar; pure.

What it reads is listed in docs/standing-goals.md. What looks like a time and is not in the grammar stays in the sentence, and
`reading` asks about it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from coordinator.standing.calendar_words import (
    DATE,
    DAY,
    NAMED_DAY,
    PART_OF_DAY,
    RULE_DAYS,
    WEEKDAYS,
    DoubtError,
    clock_pattern,
    day_of,
    say_day,
    time_of_day,
)
from coordinator.standing.schedule import (
    SHORTEST_INTERVAL_SECONDS,
    Calendar,
    Interval,
    Once,
    Timing,
    instant,
    local,
)
from coordinator.standing.spans import Span, overlaps
from inference.text import Sentence, convert

_UNIT_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_NTH = r"(?P<nth>first|second|third|1|2|3|4|5|last)"
_NTHS = {"first": 1, "second": 2, "third": 3, "last": -1}
_LIST = r"(?:,? and |, ?| or )"
_DAYS = re.compile(
    rf"\b(?:(?:every|each) (?:(?P<step>other|second|\d+) )?"
    rf"(?P<unit>days?|weekdays?|working days?|workdays?|weeks?|weekends?|months?|{PART_OF_DAY}|noon|midnight|{DAY}s?(?:{_LIST}{DAY}s?)*"
    rf"(?: {PART_OF_DAY})?)"
    rf"|(?P<adverb>daily|weekly|monthly)"
    rf"|(?:on|at) (?P<plural>weekdays|working days|workdays|weekends|{DAY}s(?:{_LIST}{DAY}s)*))\b(?! (?:of|in) (?:each|every|the) month)"
)
_INTERVAL = re.compile(
    r"\b(?:(?:every|each) (?:(?P<part>half(?: an?)?|(?:a )?quarter(?: of an)?) |(?P<number>other|\d+(?:\.\d+)?) )?"
    r"(?P<unit>second|minute|hour)s?(?P<half> and a half)?(?! (?:day|week|month|hour))|(?P<adverb>hourly))\b"
)
_MONTH_DAY = re.compile(
    r"\b(?:(?:every|each) month )?on the (?P<day>last|first|\d{1,2})(?: day)?(?: of (?:each|every|the) month\b)|"
    r"\b(?:every|each) month on the (?P<bare>last|first|\d{1,2})(?: day)?\b(?! of)|"
    rf"\b(?:on the |on every |every |each ){_NTH} (?P<weekday>{DAY})(?: of| in) (?:each|every|the) month\b"
)
_YEARLY = re.compile(rf"\b(?:every|each) year on (?P<date>{DATE})")
_UNTIL_DAY = rf"(?:{NAMED_DAY}|the end of (?:the|this) (?:day|week|month))"
_ZONE = re.compile(r"(?<!\w)\(?(utc|gmt|[a-z]+/[a-z_]+(?:/[a-z_]+)?)(?: time)?\)?(?!\w)")
_LEADS = re.compile(r"^[\s,]*(?:(?:please|then|and)\b[\s,]*)*$")


@dataclass
class TimeReading:
    """What a sentence says about time. `taken` are the spans that say it."""

    timing: Timing | None = None
    until: float | None = None
    taken: list[Span] = field(default_factory=list)
    zone: str = "UTC"

    def take(self, match: re.Match[str], group: str | int = 0) -> None:
        """Note that a match has been read."""
        self.taken.append(match.span(group))


def zone_of(sentence: Sentence, default: str) -> tuple[str, Span | None]:
    """Return the time zone that a sentence names, such as "Asia/Hong_Kong" or "UTC", else the default."""
    for match in _ZONE.finditer(sentence.lower):
        name = match[1].upper() if "/" not in match[1] else sentence.text[slice(*match.span(1))]
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            continue
        return name, match.span()
    return default, None


class TimeReader:
    """Reads the times of one sentence.

    Args:
        sentence: prepared.
        now: Unix seconds.
        zone: name of the time zone the person speaks of.
    """

    def __init__(self, sentence: Sentence, now: float, zone: str) -> None:
        self._sentence = sentence
        self._lower = sentence.lower
        self._now = now
        zone, span = zone_of(sentence, zone)
        self._zone = ZoneInfo(zone)
        self._wall = local(now, self._zone)
        self._clock = clock_pattern(sentence.times)
        self.reading = TimeReading(zone=zone)
        self._zone_span = span

    def read(self) -> TimeReading:
        """Read the sentence; without any time in it `timing` and `until` are None.

        Raises:
            DoubtError: a time is said that cannot be read surely.
        """
        self._read_until()
        first_day = self._read_start()
        for read in (self._interval, self._month_day, self._yearly, self._days):
            if self.reading.timing is None:
                read(first_day)
        if self.reading.timing is None:
            self._once()
        if self._zone_span is not None and self.reading.taken:
            self.reading.taken.append(self._zone_span)
        return self.reading

    def read_end(self) -> TimeReading:
        """Read only until when, for what is not bound to times itself."""
        self._read_until()
        return self.reading

    # Ends and beginnings

    def _read_until(self) -> None:
        match = re.search(
            rf"\b(?:until|till)(?: (?P<day>{_UNTIL_DAY}))?(?: (?:at )?(?P<clock>{self._clock}))?", self._lower
        )
        if match is not None and (match["day"] or match["clock"]):
            self.reading.take(match)
            self.reading.until = self._end(match["day"] or "", match["clock"])
            return
        for quantity in self._sentence.quantities:
            match = re.search(rf"\bfor the next {re.escape(quantity.text)}(?!\w)", self._lower)
            seconds = convert(quantity.value, quantity.unit, "second") if quantity.unit else None
            if match is not None and seconds is not None:
                self.reading.take(match)
                self.reading.until = self._now + seconds

    def _end(self, day: str, clock: str | None) -> float:
        today = self._wall.date()
        if day.startswith("the end"):
            last = {"day": today, "week": today + timedelta(days=6 - today.weekday())}.get(
                day.rpartition(" ")[2]
            )
            named = last or (today.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        else:
            named = day_of(day, today) if day else today
        if clock is None:
            return instant(datetime.combine(named, time(23, 59, 59)), self._zone)
        at = self._at(named, time_of_day(clock, self._sentence.times, day))
        if at > self._now:
            return at
        if day:
            raise DoubtError(f'"{day} {clock}" has passed. Until when do you mean?')
        return self._at(named + timedelta(days=1), time_of_day(clock, self._sentence.times))

    def _read_start(self) -> date:
        match = re.search(
            rf"\b(?:(?:starting|beginning)(?: from| on)? (?P<day>{NAMED_DAY})|from (?P<on>{NAMED_DAY}) on(?:wards?)?\b)",
            self._lower,
        )
        if match is None:
            return self._wall.date()
        self.reading.take(match)
        return day_of(match["day"] or match["on"], self._wall.date())

    # Recurrences

    def _interval(self, first_day: date) -> None:
        match = _INTERVAL.search(self._lower)
        if match is None:
            return
        unit = "hour" if match["adverb"] else match["unit"]
        share = {None: 1.0, "h": 0.5}.get(match["part"] and match["part"][0], 0.25)
        number = 2.0 if match["number"] == "other" else float(match["number"] or 1)
        seconds = (number * share + (0.5 if match["half"] else 0)) * _UNIT_SECONDS[unit]
        if match["part"] is None and match["number"] is None and unit == "second":
            return
        if seconds < SHORTEST_INTERVAL_SECONDS:
            raise DoubtError(
                f"The shortest interval at which I do something is {SHORTEST_INTERVAL_SECONDS:g} s. How often shall I do it?"
            )
        self.reading.take(match)
        words = f"every {say_seconds(seconds)}"
        window = self._window()
        days = self._day_rule()
        if window is not None or days is not None:
            rule, day_words = days or ("FREQ=DAILY", "day")
            first, last = window or ("00:00", "23:59")
            hours = f" from {first} to {last}" if window else ""
            # "Every hour on weekdays" is a time of day on certain days: elapsed time knows no days.
            self.reading.timing = Calendar(
                days=rule,
                first_day=first_day,
                times=_steps(first, last, seconds),
                zone=self.reading.zone,
                words=f"{words}{hours} on every {day_words}" if days else f"{words}{hours}",
            )
            return
        start = self._now
        if first_day > self._wall.date():
            start = instant(datetime.combine(first_day, time()), self._zone) - seconds
        self.reading.timing = Interval(start=start, seconds=seconds, words=words)

    def _window(self) -> tuple[str, str] | None:
        match = re.search(
            rf"\b(?:from (?P<from>{self._clock}) (?:to|until|till) (?P<to>{self._clock})"
            rf"|between (?P<low>{self._clock}) and (?P<high>{self._clock}))",
            self._lower,
        )
        if match is None:
            return None
        low, high = match["from"] or match["low"], match["to"] or match["high"]
        first, last = (time_of_day(text, self._sentence.times) for text in (low, high))
        if first >= last:
            raise DoubtError(
                f"{first} to {last} goes over midnight, which I cannot watch as one span. Which hours do you mean?"
            )
        if match.span()[0] < max((end for _, end in self.reading.taken), default=0):
            self.reading.taken = [span for span in self.reading.taken if not overlaps(span, [match.span()])]
            self.reading.until = None
        self.reading.take(match)
        return first, last

    def _month_day(self, first_day: date) -> None:
        match = _MONTH_DAY.search(self._lower)
        if match is None:
            return
        self.reading.take(match)
        if match["weekday"]:
            nth = _NTHS.get(match["nth"]) or int(match["nth"])
            index = WEEKDAYS.index(match["weekday"])
            rule = f"FREQ=MONTHLY;BYDAY={nth}{RULE_DAYS[index]}"
            words = f"{_ordinal(nth)} {WEEKDAYS[index].capitalize()} of each month"
        else:
            said = match["day"] or match["bare"]
            number = _NTHS.get(said) or int(said)
            if not -1 <= number <= 31 or number == 0:  # noqa: PLR2004 - days of a month
                raise DoubtError(f"No month has a day {number}. On which day of the month do you mean?")
            if number > 28:  # noqa: PLR2004 - every month has that many
                raise DoubtError(
                    f"Not every month has a day {number}. Do you mean the last day of each month?",
                    self._sentence.text.replace(match[0], "on the last day of each month"),
                )
            rule = f"FREQ=MONTHLY;BYMONTHDAY={number}"
            words = f"{_ordinal(number)} day of each month"
        self._set_calendar(rule, f"on the {words}", first_day)

    def _yearly(self, first_day: date) -> None:
        match = _YEARLY.search(self._lower)
        if match is None:
            return
        self.reading.take(match)
        day = day_of(match["date"], self._wall.date())
        rule = f"FREQ=YEARLY;BYMONTH={day.month};BYMONTHDAY={day.day}"
        self._set_calendar(rule, f"every year on {day:%-d %B}", first_day)

    def _days(self, first_day: date) -> None:
        context = _DAYS.search(self._lower)
        rule = self._day_rule()
        if rule is not None and context is not None:
            self._set_calendar(rule[0], f"every {rule[1]}", first_day, context[0])

    def _day_rule(self) -> tuple[str, str] | None:
        """Read which days are meant; returns their rule and how to say them behind "every"."""
        match = _DAYS.search(self._lower)
        if match is None or overlaps(match.span(), self.reading.taken):
            return None
        unit = (
            match["unit"]
            or match["plural"]
            or {"daily": "day", "weekly": "week"}.get(match["adverb"], "month")
        ).removesuffix("s")
        step = 2 if match["step"] in {"other", "second"} else int(match["step"] or 1)
        every = f"{step} " if step > 1 else ""
        if not 1 <= step <= 366:  # noqa: PLR2004 - days of a year
            raise DoubtError(f'"{match[0]}" cannot be done. How often do you mean?')
        self.reading.take(match)
        interval = f";INTERVAL={step}" if step > 1 else ""
        if unit in {"weekday", "working day", "workday"}:
            return f"FREQ=WEEKLY{interval};BYDAY=MO,TU,WE,TH,FR", f"{every}weekday{'s' if every else ''}"
        if unit == "weekend":
            return f"FREQ=WEEKLY{interval};BYDAY=SA,SU", "Saturday and Sunday"
        if named := re.findall(DAY, unit):
            order = sorted({WEEKDAYS.index(day) for day in named})
            names = [WEEKDAYS[index].capitalize() for index in order]
            words = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
            weeks = f"{'second' if step == 2 else f'{step}th'} " if step > 1 else ""  # noqa: PLR2004
            return (
                f"FREQ=WEEKLY{interval};BYDAY={','.join(RULE_DAYS[index] for index in order)}",
                weeks + words,
            )
        if unit == "week":
            raise DoubtError("On which day of the week shall I do it?")
        if unit == "month":
            raise DoubtError("On which day of the month shall I do it?")
        return f"FREQ=DAILY{interval}", f"{every}days" if every else "day"

    def _set_calendar(self, rule: str, words: str, first_day: date, context: str = "") -> None:
        times = self._times(context)
        if "noon" in context or "midnight" in context:
            times = times or ("12:00" if "noon" in context.split() else "00:00",)
        if not times:
            raise DoubtError(f"At what time shall I do it {words}?")
        plain = re.sub(r";INTERVAL=\d+", "", rule)
        timing = Calendar(
            days=plain,
            first_day=first_day,
            times=times,
            zone=self.reading.zone,
            words=f"{words} at {_and(times)}",
        )
        if plain != rule and (first := timing.next_after(self._now)) is not None:
            # "Every other Monday" begins with the Monday that comes.
            first_day = local(first, self._zone).date()
        self.reading.timing = timing.model_copy(update={"days": rule, "first_day": first_day})

    def _times(self, context: str) -> tuple[str, ...]:
        match = re.search(
            rf"\b(?:at|@) (?P<list>{self._clock}(?:{_LIST}(?:at )?(?:{self._clock}|\d{{1,2}}(?=,|$| every| each| on)))*)",
            self._lower,
        )
        if match is None or overlaps(match.span(), self.reading.taken):
            return ()
        self.reading.take(match)
        found = []
        for part in re.findall(rf"{self._clock}|\b\d{{1,2}}\b", match["list"]):
            known = any(each.text == part for each in self._sentence.times)
            found.append(
                time_of_day(part, self._sentence.times, context) if known else f"{int(part) % 24:02}:00"
            )
        return tuple(sorted(set(found)))

    # Single moments

    def _once(self) -> None:
        if self._after_a_while() or self._on_a_day():
            return
        match = re.search(rf"\bat (?P<clock>{self._clock})", self._lower)
        if match is None:
            return
        leads = _LEADS.match(self._lower[: match.start()]) is not None
        at = time_of_day(match["clock"], self._sentence.times)
        if not leads:
            if self._lower[match.end() :].strip(" .!?"):
                return
            order = self._sentence.text[: match.start()].strip(" ,")
            raise DoubtError(
                f"Shall I wait until {at} and give the order then, or is {at} a part of the order for the device now?",
                f"At {at} {order[:1].lower()}{order[1:]}",
            )
        self.reading.take(match)
        today = self._wall.date()
        due = self._at(today, at)
        self._set_once(due if due > self._now else self._at(today + timedelta(days=1), at))

    def _after_a_while(self) -> bool:
        for quantity in self._sentence.quantities:
            seconds = convert(quantity.value, quantity.unit, "second") if quantity.unit else None
            if seconds is None or seconds <= 0:
                continue
            said = re.escape(quantity.text)
            match = re.search(
                rf"\b(?:in {said}(?: from now)?|{said} from now|after {said})(?=$|\W)", self._lower
            )
            if match is None or not self._is_at_an_end(match.span()):
                continue
            self.reading.take(match)
            self.reading.timing = Once(at=self._now + seconds, words=f"in {say_seconds(seconds)}")
            return True
        return False

    def _is_at_an_end(self, span: Span) -> bool:
        """Say whether a phrase begins or ends the sentence: in its midst it belongs to what is to be done."""
        before, behind = self._lower[: span[0]], self._lower[span[1] :]
        return _LEADS.match(before) is not None or not behind.strip(" .!?") or behind.startswith(",")

    def _on_a_day(self) -> bool:
        named = rf"(?P<day>{NAMED_DAY})"
        clock = rf"(?:at )?(?P<clock>{self._clock})"
        match = re.search(
            rf"\b{named},? {clock}|\bat (?P<first>{self._clock}),? {named.replace('day>', 'then>')}",
            self._lower,
        )
        if match is None:
            alone = re.search(rf"\b{named}\b", self._lower)
            if (
                alone is not None
                and not overlaps(alone.span(), self.reading.taken)
                and self._is_at_an_end(alone.span())
            ):
                if alone["day"].startswith(("today", "tonight", "this")):
                    return False
                said = say_day(day_of(alone["day"], self._wall.date()), self._wall.date())
                raise DoubtError(f"At what time {'on ' if ' ' in said else ''}{said} shall I do it?")
            return False
        if overlaps(match.span(), self.reading.taken):
            return False
        self.reading.take(match)
        day, said = match["day"] or match["then"], match["clock"] or match["first"]
        at = time_of_day(said, self._sentence.times, day)
        due = self._at(day_of(day, self._wall.date()), at)
        if due <= self._now and re.search(DAY, day):
            due = self._at(day_of(day, self._wall.date()) + timedelta(days=7), at)
        if due <= self._now:
            raise DoubtError(f"{day.capitalize()} at {at} has passed. When do you mean?")
        self._set_once(due)
        return True

    def _set_once(self, due: float) -> None:
        wall = local(due, self._zone)
        self.reading.timing = Once(at=due, words=f"{say_day(wall.date(), self._wall.date())} at {wall:%H:%M}")

    def _at(self, day: date, text: str) -> float:
        return instant(datetime.combine(day, time.fromisoformat(text)), self._zone)


def say_seconds(seconds: float) -> str:
    """Write a length of time: "10 minutes", "hour", "1.5 hours"; one of a unit without its number."""
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size and (seconds % size == 0 or (seconds * 2) % size == 0 and seconds > size):
            number = seconds / size
            return unit if number == 1 else f"{number:g} {unit}s"
    return f"{seconds:g} s"


def _steps(first: str, last: str, seconds: float) -> tuple[str, ...]:
    start, end = (int(text[:2]) * 3600 + int(text[3:]) * 60 for text in (first, last))
    if seconds % 60:
        raise DoubtError("Between times of day I count in whole minutes. How often shall I do it?")
    return tuple(f"{at // 3600:02}:{at % 3600 // 60:02}" for at in range(start, end + 1, int(seconds)))


def _ordinal(number: int) -> str:
    if number == -1:
        return "last"
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number not in {11, 12, 13} else 0, "th")
    return f"{number}{ending}"


def _and(times: tuple[str, ...]) -> str:
    return times[0] if len(times) == 1 else f"{', '.join(times[:-1])} and {times[-1]}"
