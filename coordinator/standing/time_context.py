"""What is known while the times of one sentence are read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from coordinator.standing.calendar_words import DoubtError, clock_pattern
from coordinator.standing.schedule import Timing, instant, local
from coordinator.standing.spans import Span
from inference.text import Sentence

LIST = r"(?:,? and |, ?| or )"
_ZONE = re.compile(r"(?<!\w)\(?(utc|gmt|[a-z]+/[a-z_]+(?:/[a-z_]+)?)(?: time)?\)?(?!\w)")


@dataclass
class TimeReading:
    """What a sentence says about time.

    Attributes:
        timing: when it is to be done.
        until: Unix seconds.
        taken: the spans that say it.
        doubt: why the end cannot be read surely; of no matter where there is nothing that could end.
        zone: name of the time zone.
    """

    timing: Timing | None = None
    until: float | None = None
    taken: list[Span] = field(default_factory=list)
    doubt: DoubtError | None = None
    zone: str = "UTC"

    def take(self, match: re.Match[str], group: str | int = 0) -> None:
        """Note that a match has been read."""
        self.taken.append(match.span(group))


class TimeContext:
    """A sentence, and when and where it was said.

    Args:
        sentence: prepared.
        now: Unix seconds.
        zone: name of the time zone the person speaks of, where the sentence names none.
    """

    def __init__(self, sentence: Sentence, now: float, zone: str) -> None:
        self.sentence = sentence
        self.lower = sentence.lower
        self.now = now
        zone, self.zone_span = _zone_of(sentence, zone)
        self.zone = ZoneInfo(zone)
        self.wall = local(now, self.zone)
        self.clock = clock_pattern(sentence.times)
        self.reading = TimeReading(zone=zone)

    def at(self, day: date, text: str) -> float:
        """Return the moment (Unix seconds) of a time of day (HH:MM)."""
        return instant(datetime.combine(day, time.fromisoformat(text)), self.zone)


def _zone_of(sentence: Sentence, default: str) -> tuple[str, Span | None]:
    """Return the time zone that a sentence names, such as "Asia/Hong_Kong" or "UTC", else the default."""
    for match in _ZONE.finditer(sentence.lower):
        name = _zones().get(match[1])
        if name is not None:
            return name, match.span()
    return default, None


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}


def say_seconds(seconds: float) -> str:
    """Write a length of time: "10 minutes", "hour", "1.5 hours"; one of a unit without its number."""
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size and (seconds % size == 0 or ((seconds * 2) % size == 0 and seconds > size)):
            number = seconds / size
            return unit if number == 1 else f"{number:g} {unit}s"
    return f"{seconds:g} s"
