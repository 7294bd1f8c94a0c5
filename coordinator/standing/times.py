"""Finds in a prepared sentence when something is to be done: recurrences, single moments, ends. A grammar; pure.

What it reads is listed in docs/standing-goals.md. What looks like a time and is not in the grammar stays in the sentence, and
`reading` asks about it.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from coordinator.standing.calendar_words import DAY, NAMED_DAY, DoubtError, day_of, say_day, time_of_day
from coordinator.standing.recurrences import Recurrences
from coordinator.standing.schedule import Once, instant, local
from coordinator.standing.spans import Span, overlaps
from coordinator.standing.time_context import TimeContext, TimeReading, say_seconds
from inference.text import Sentence
from inference.units import convert

_UNTIL_DAY = rf"(?:{NAMED_DAY}|the end of (?:the|this) (?:day|week|month))"
_BELONGS = re.compile(r"\b(?:for|since|of|from|by|to|last|was|were)\s+$|\bthat\b")
_LEADS = re.compile(r"^[\s,]*(?:(?:please|then|and)\b[\s,]*)*$")


class TimeReader:
    """Reads the times of one sentence.

    Args:
        sentence: prepared.
        now: Unix seconds.
        zone: name of the time zone the person speaks of.
    """

    def __init__(self, sentence: Sentence, now: float, zone: str) -> None:
        self._context = TimeContext(sentence, now, zone)

    def read(self) -> TimeReading:
        """Read the sentence; without any time in it `timing` and `until` are None.

        Raises:
            DoubtError: a time is said that cannot be read surely.
        """
        context, reading = self._context, self._context.reading
        self._read_until()
        Recurrences(context).read(self._read_start())
        if reading.timing is None:
            self._once()
        if reading.timing is not None and reading.doubt is not None:
            raise reading.doubt
        if context.zone_span is not None and reading.taken:
            reading.taken.append(context.zone_span)
        return reading

    def read_end(self) -> TimeReading:
        """Read only until when, for what is not bound to times itself."""
        self._read_until()
        return self._context.reading

    # Ends and beginnings

    def _read_until(self) -> None:
        match = re.search(
            rf"\b(?:until|till)(?: (?P<day>{_UNTIL_DAY}))?(?: (?:at )?(?P<clock>{self._context.clock}))?",
            self._context.lower,
        )
        if match is not None and (match["day"] or match["clock"]):
            self._context.reading.take(match)
            try:
                self._context.reading.until = self._end(match["day"] or "", match["clock"])
            except DoubtError as doubt:
                self._context.reading.doubt = doubt
            return
        for quantity in self._context.sentence.quantities:
            match = re.search(rf"\bfor the next {re.escape(quantity.text)}(?!\w)", self._context.lower)
            seconds = convert(quantity.value, quantity.unit, "second") if quantity.unit else None
            if match is not None and seconds is not None:
                self._context.reading.take(match)
                self._context.reading.until = self._context.now + seconds

    def _end(self, day: str, clock: str | None) -> float:
        today = self._context.wall.date()
        if day.startswith("the end"):
            last = {"day": today, "week": today + timedelta(days=6 - today.weekday())}.get(
                day.rpartition(" ")[2]
            )
            named = last or (today.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        else:
            named = day_of(day, today) if day else today
        if clock is None:
            return instant(datetime.combine(named, time(23, 59, 59)), self._context.zone)
        at = self._context.at(named, time_of_day(clock, self._context.sentence.times, day))
        if at > self._context.now:
            return at
        if day:
            raise DoubtError(f'"{day} {clock}" has passed. Until when do you mean?')
        return self._context.at(named + timedelta(days=1), time_of_day(clock, self._context.sentence.times))

    def _read_start(self) -> date:
        match = re.search(
            rf"\b(?:(?:starting|beginning)(?: from| on)? (?P<day>{NAMED_DAY})|from (?P<on>{NAMED_DAY}) on(?:wards?)?\b)",
            self._context.lower,
        )
        if match is None:
            return self._context.wall.date()
        self._context.reading.take(match)
        return day_of(match["day"] or match["on"], self._context.wall.date())

    # Single moments

    def _once(self) -> None:
        if self._after_a_while() or self._on_a_day():
            return
        match = re.search(rf"\bat (?P<clock>{self._context.clock})", self._context.lower)
        if match is None:
            return
        leads = _LEADS.match(self._context.lower[: match.start()]) is not None
        if not leads:
            if self._context.lower[match.end() :].strip(" .!?") or match["clock"].isdigit():
                # "Keep it at 14" and "brake at 3" say no time of day.
                return
            at = time_of_day(match["clock"], self._context.sentence.times)
            order = self._context.sentence.text[: match.start()].strip(" ,")
            raise DoubtError(
                f"Shall I wait until {at} and give the order then, or is {at} a part of the order for the device now?",
                f"At {at} {order[:1].lower()}{order[1:]}",
            )
        at = time_of_day(match["clock"], self._context.sentence.times)
        self._context.reading.take(match)
        today = self._context.wall.date()
        due = self._context.at(today, at)
        self._set_once(due if due > self._context.now else self._context.at(today + timedelta(days=1), at))

    def _after_a_while(self) -> bool:
        for quantity in self._context.sentence.quantities:
            seconds = convert(quantity.value, quantity.unit, "second") if quantity.unit else None
            if seconds is None or seconds <= 0:
                continue
            said = re.escape(quantity.text)
            match = re.search(
                rf"\b(?:in {said}(?: from now)?|{said} from now|^after {said})(?=$|\W)", self._context.lower
            )
            if match is None or not self._is_at_an_end(match.span()):
                continue
            self._context.reading.take(match)
            self._context.reading.timing = Once(
                at=self._context.now + seconds, words=f"in {_an(say_seconds(seconds))}"
            )
            return True
        return False

    def _is_at_an_end(self, span: Span) -> bool:
        """Say whether a phrase begins or ends the sentence: in its midst it belongs to what is to be done.

        So it does behind "for", "since" and their like, and at the end of what is to be announced.
        """
        before, behind = self._context.lower[: span[0]], self._context.lower[span[1] :]
        if _BELONGS.search(before):
            return False
        return _LEADS.match(before) is not None or not behind.strip(" .!?") or behind.startswith(",")

    def _on_a_day(self) -> bool:
        named = rf"(?P<day>{NAMED_DAY})"
        clock = rf"(?:at )?(?P<clock>{self._context.clock})"
        match = re.search(
            rf"\b{named},? {clock}|\bat (?P<first>{self._context.clock}),? {named.replace('day>', 'then>')}",
            self._context.lower,
        )
        if match is None:
            alone = re.search(rf"\b{named}\b", self._context.lower)
            if (
                alone is not None
                and not overlaps(alone.span(), self._context.reading.taken)
                and self._is_at_an_end(alone.span())
            ):
                if alone["day"].startswith(("today", "tonight", "this")):
                    return False
                said = say_day(day_of(alone["day"], self._context.wall.date()), self._context.wall.date())
                raise DoubtError(f"At what time {'on ' if ' ' in said else ''}{said} shall I do it?")
            return False
        if overlaps(match.span(), self._context.reading.taken) or not self._is_at_an_end(match.span()):
            return False
        self._context.reading.take(match)
        day, said = match["day"] or match["then"], match["clock"] or match["first"]
        at = time_of_day(said, self._context.sentence.times, day)
        due = self._context.at(day_of(day, self._context.wall.date()), at)
        if due <= self._context.now and re.search(DAY, day):
            due = self._context.at(day_of(day, self._context.wall.date()) + timedelta(days=7), at)
        if due <= self._context.now:
            raise DoubtError(f"{day.capitalize()} at {at} has passed. When do you mean?")
        self._set_once(due)
        return True

    def _set_once(self, due: float) -> None:
        wall = local(due, self._context.zone)
        self._context.reading.timing = Once(
            at=due, words=f"{say_day(wall.date(), self._context.wall.date())} at {wall:%H:%M}"
        )


def _an(length: str) -> str:
    return {"minute": "a minute", "hour": "an hour", "day": "a day"}.get(length, length)
