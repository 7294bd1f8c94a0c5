"""When a standing goal that is bound to time is due: once, every so many seconds, or at times of day on certain days. Pure.

Times of day are those of a clock on the wall of the goal's own time zone. Two of them are odd each year, and are read as
RFC 5545 does: a time that does not exist, because the clock is put forward, is as much later as the clock is put forward (02:30
becomes 03:30); of a time that exists twice, because it is put back, the first counts, and only that.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rruleset, rrulestr
from pydantic import BaseModel, ConfigDict, Field

SHORTEST_INTERVAL_SECONDS = 30.0
_LATEST_YEAR = 9990


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    words: str
    """How people say it, without the time zone: "every weekday at 09:00"."""


class Once(_Form):
    """At one moment (Unix seconds)."""

    form: Literal["once"] = "once"
    at: float

    def next_after(self, moment: float) -> float | None:
        """Return the moment if it is later than `moment`."""
        return self.at if self.at > moment else None


class Interval(_Form):
    """Every `seconds` of elapsed time, counted from `start` (Unix seconds), which itself is no occurrence."""

    form: Literal["interval"] = "interval"
    start: float
    seconds: float = Field(ge=SHORTEST_INTERVAL_SECONDS)

    def next_after(self, moment: float) -> float | None:
        """Return the first occurrence later than `moment`."""
        number = max(1, int((moment - self.start) // self.seconds) + 1)
        due = self.start + number * self.seconds
        # Division of large numbers may land on the occurrence itself.
        return due if due > moment else due + self.seconds


class Calendar(_Form):
    """At times of day on days of a calendar.

    Attributes:
        days: an RFC 5545 recurrence rule with a frequency of days or more.
        first_day: from which day on it holds.
        times: times of day as HH:MM.
        zone: name of the time zone, such as Europe/Berlin.
    """

    form: Literal["calendar"] = "calendar"
    days: str
    first_day: date
    times: tuple[Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")], ...] = Field(min_length=1)
    zone: str

    def next_after(self, moment: float) -> float | None:
        """Return the first occurrence later than `moment`; None where there is none any more."""
        zone = ZoneInfo(self.zone)
        rule = _rule(self.days, self.first_day)
        # A time that the clock skips may fall onto the day after, so one day more is looked at on either side.
        day = rule.after(_midnight(local(moment, zone).date() - timedelta(days=1)), inc=True)
        found: list[float] = []
        while day is not None and day.year < _LATEST_YEAR:
            was_found = bool(found)
            found += [at for at in (self._instant(day, text, zone) for text in self.times) if at > moment]
            if was_found:
                break
            day = rule.after(day)
        return min(found, default=None)

    @staticmethod
    def _instant(day: datetime, text: str, zone: ZoneInfo) -> float:
        return instant(datetime.combine(day.date(), time.fromisoformat(text)), zone)


Timing = Annotated[Once | Interval | Calendar, Field(discriminator="form")]


class Schedule(BaseModel):
    """When something is due.

    Attributes:
        timing: once, at intervals, or by the calendar.
        zone: the time zone in which people speak about it.
        until: after this moment (Unix seconds) it is never due.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    timing: Timing
    zone: str
    until: float | None = None

    def next_after(self, moment: float) -> float | None:
        """Return the first occurrence (Unix seconds) later than `moment`; None where there is none any more."""
        due = self.timing.next_after(moment)
        return due if due is not None and (self.until is None or due <= self.until) else None

    def between(self, after: float, up_to: float, *, limit: int = 1000) -> list[float]:
        """Return the occurrences later than `after` and not later than `up_to`, the newest `limit` of them."""
        found: list[float] = []
        due = self.next_after(after)
        while due is not None and due <= up_to:
            found.append(due)
            if len(found) > limit:
                if isinstance(self.timing, Interval):
                    # Years of short intervals are not counted one by one.
                    skipped = int((up_to - due) // self.timing.seconds) - limit
                    due += max(0, skipped) * self.timing.seconds
                found = found[-limit:]
            due = self.next_after(due)
        return found[-limit:]


def instant(wall: datetime, zone: ZoneInfo) -> float:
    """Return the Unix time of a naive wall-clock time; see the module for times that do not exist or exist twice."""
    return wall.replace(tzinfo=zone, fold=0).timestamp()


def local(moment: float, zone: ZoneInfo) -> datetime:
    """Return the naive wall-clock time of a moment."""
    return datetime.fromtimestamp(moment, zone).replace(tzinfo=None)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


@lru_cache(maxsize=256)
def _rule(days: str, first_day: date) -> rrule | rruleset:
    return rrulestr(days, dtstart=_midnight(first_day), cache=False)
