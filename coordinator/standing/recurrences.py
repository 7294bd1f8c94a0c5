"""Finds in a prepared sentence how often something is to be done. A grammar; pure."""

from __future__ import annotations

import re
from datetime import date, datetime, time

from coordinator.standing.calendar_words import (
    DATE,
    DAY,
    PART_OF_DAY,
    RULE_DAYS,
    WEEKDAYS,
    DoubtError,
    day_of,
    time_of_day,
)
from coordinator.standing.schedule import SHORTEST_INTERVAL_SECONDS, Calendar, Interval, instant, local
from coordinator.standing.spans import overlaps
from coordinator.standing.time_context import LIST, TimeContext, say_seconds

_UNIT_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_NTH = r"(?P<nth>first|second|third|1|2|3|4|5|last)"
_NTHS = {"first": 1, "second": 2, "third": 3, "last": -1}
_DAYS = re.compile(
    rf"\b(?:(?:(?:once )?(?:every|each)|once (?:a|an|per)) (?:single )?(?:(?P<step>other|second|\d+) )?"
    rf"(?P<unit>days?|weekdays?|working days?|workdays?|weeks?|weekends?|months?|{PART_OF_DAY}|noon|midnight"
    rf"|{DAY}s?(?:{LIST}{DAY}s?)*(?: {PART_OF_DAY})?)"
    rf"|(?P<adverb>daily|weekly|monthly)(?=,|[.!]?$| at\b)"
    rf"|(?:on|at) (?P<plural>weekdays|working days|workdays|weekends|{DAY}s(?:{LIST}{DAY}s)*))\b"
    r"(?! (?:of|in) (?:each|every|the) month)"
)
_INTERVAL = re.compile(
    r"\b(?:(?:(?:once )?(?:every|each)|once (?:a|an|per)) (?:single )?"
    r"(?:(?P<part>half(?: an?)?|(?:a )?quarter(?: of an)?) |(?P<number>other|\d+(?:\.\d+)?) )?"
    r"(?P<unit>second|minute|hour)s?(?P<half> and a half)?(?! (?:day|week|month|hour))"
    r"|(?P<adverb>hourly)(?=,|[.!]?$| from\b| between\b))\b"
)
_MONTH_DAY = re.compile(
    r"\b(?:(?:every|each) month )?on the (?P<day>last|first|\d{1,2})(?: day)?(?: of (?:each|every|the) month\b)|"
    r"\b(?:every|each) month on the (?P<bare>last|first|\d{1,2})(?: day)?\b(?! of)|"
    rf"\b(?:on the |on every |every |each ){_NTH} (?P<weekday>{DAY})(?: of| in) (?:each|every|the) month\b"
)
_YEARLY = re.compile(rf"\b(?:every|each) year on (?P<date>{DATE})")


class Recurrences:
    """Reads the recurrence of one sentence into the context's reading.

    Args:
        context: of the sentence.
    """

    def __init__(self, context: TimeContext) -> None:
        self._context = context

    def read(self, first_day: date) -> None:
        """Read it, if there is one.

        Args:
            first_day: it begins no earlier.

        Raises:
            DoubtError: it is said in a way that cannot be read surely.
        """
        for read in (self._interval, self._month_day, self._yearly, self._days):
            if self._context.reading.timing is None:
                read(first_day)

    def _interval(self, first_day: date) -> None:
        match = _INTERVAL.search(self._context.lower)
        if match is None:
            return
        unit = "hour" if match["adverb"] else match["unit"]
        share = {None: 1.0, "h": 0.5}.get(match["part"] and match["part"][0], 0.25)
        number = 2.0 if match["number"] == "other" else float(match["number"] or 1)
        seconds = (number * share + (0.5 if match["half"] else 0)) * _UNIT_SECONDS[unit]
        if match["part"] is None and match["number"] is None and unit == "second":
            return
        if seconds < SHORTEST_INTERVAL_SECONDS:
            # "A reading every 5 seconds" is what a device does by itself.
            return
        self._context.reading.take(match)
        words = f"every {say_seconds(seconds)}"
        window = self._window()
        days = self._day_rule()
        if window is not None or days is not None:
            rule, day_words = days or ("FREQ=DAILY", "day")
            first, last = window or ("00:00", "23:59")
            hours = f" from {first} to {last}" if window else ""
            # "Every hour on weekdays" is a time of day on certain days: elapsed time knows no days.
            self._context.reading.timing = Calendar(
                days=rule,
                first_day=first_day,
                times=_steps(first, last, seconds),
                zone=self._context.reading.zone,
                words=f"{words}{hours} on every {day_words}" if days else f"{words}{hours}",
            )
            return
        start = self._context.now
        if first_day > self._context.wall.date():
            start = instant(datetime.combine(first_day, time()), self._context.zone) - seconds
        self._context.reading.timing = Interval(start=start, seconds=seconds, words=words)

    def _window(self) -> tuple[str, str] | None:
        match = re.search(
            rf"\b(?:from (?P<from>{self._context.clock}) (?:to|until|till) (?P<to>{self._context.clock})"
            rf"|between (?P<low>{self._context.clock}) and (?P<high>{self._context.clock}))",
            self._context.lower,
        )
        if match is None:
            return None
        low, high = match["from"] or match["low"], match["to"] or match["high"]
        first, last = (time_of_day(text, self._context.sentence.times) for text in (low, high))
        if first >= last:
            raise DoubtError(
                f"{first} to {last} goes over midnight, which I cannot watch as one span. Which hours do you mean?"
            )
        if match.span()[0] < max((end for _, end in self._context.reading.taken), default=0):
            self._context.reading.taken = [
                span for span in self._context.reading.taken if not overlaps(span, [match.span()])
            ]
            self._context.reading.until = None
        self._context.reading.take(match)
        return first, last

    def _month_day(self, first_day: date) -> None:
        match = _MONTH_DAY.search(self._context.lower)
        if match is None:
            return
        self._context.reading.take(match)
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
                    self._context.sentence.text.replace(match[0], "on the last day of each month"),
                )
            rule = f"FREQ=MONTHLY;BYMONTHDAY={number}"
            words = f"{_ordinal(number)} day of each month"
        self._set_calendar(rule, f"on the {words}", first_day)

    def _yearly(self, first_day: date) -> None:
        match = _YEARLY.search(self._context.lower)
        if match is None:
            return
        self._context.reading.take(match)
        day = day_of(match["date"], self._context.wall.date())
        rule = f"FREQ=YEARLY;BYMONTH={day.month};BYMONTHDAY={day.day}"
        self._set_calendar(rule, f"every year on {day:%-d %B}", first_day)

    def _days(self, first_day: date) -> None:
        context = _DAYS.search(self._context.lower)
        rule = self._day_rule()
        if rule is not None and context is not None:
            self._set_calendar(rule[0], f"every {rule[1]}", first_day, context[0])

    def _day_rule(self) -> tuple[str, str] | None:
        """Read which days are meant; returns their rule and how to say them behind "every"."""
        match = _DAYS.search(self._context.lower)
        if match is None or overlaps(match.span(), self._context.reading.taken):
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
        self._context.reading.take(match)
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
            zone=self._context.reading.zone,
            words=f"{words} at {_and(times)}",
        )
        if plain != rule and (first := timing.next_after(self._context.now)) is not None:
            # "Every other Monday" begins with the Monday that comes.
            first_day = local(first, self._context.zone).date()
        self._context.reading.timing = timing.model_copy(update={"days": rule, "first_day": first_day})

    def _times(self, context: str) -> tuple[str, ...]:
        clock = self._context.clock
        # "At 9 and 17" names the second hour by its number alone.
        another = rf"{LIST}(?:at )?(?:{clock}|\d{{1,2}}(?=,|$| every| each| on))"
        match = re.search(rf"\b(?:at|@) (?P<list>{clock}(?:{another})*)", self._context.lower)
        if match is None or overlaps(match.span(), self._context.reading.taken):
            return ()
        self._context.reading.take(match)
        found = []
        for part in re.findall(rf"{self._context.clock}|\b\d{{1,2}}\b", match["list"]):
            known = any(each.text == part for each in self._context.sentence.times)
            found.append(
                time_of_day(part, self._context.sentence.times, context)
                if known
                else f"{int(part) % 24:02}:00"
            )
        return tuple(sorted(set(found)))


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
