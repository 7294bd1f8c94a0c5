"""Reads a person's sentence: is it an ordinary goal, or one that stands? Nothing is guessed: what is unclear is asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

from coordinator.standing.calendar_words import WEEKDAYS, DoubtError, say_day, say_moment
from coordinator.standing.comparisons import Comparison, find_comparison
from coordinator.standing.limits import Limits, default_margin
from coordinator.standing.request import CADENCE_SECONDS, DEBOUNCE_SECONDS, StandingRequest, Watch
from coordinator.standing.schedule import Calendar, Once, Schedule, Timing, local
from coordinator.standing.spans import left_of, own_words
from coordinator.standing.subjects import Subject
from coordinator.standing.time_context import TimeReading
from coordinator.standing.times import TimeReader
from coordinator.wording import quoted
from inference.quantities import Quantity
from inference.shares import SHARE_OF_RANGE
from inference.text import Sentence, prepare
from inference.units import convert, convert_difference, pint_name
from protocol.text import SENTENCE_LIMIT, clean_sentence

FindSubject = Callable[[str, str | None, bool, str], Subject]
"""Finds what a phrase means: the phrase, the unit that was said, whether a word is watched for, and the words around it."""
SayNow = Callable[[Watch], str]
"""Says what the watched values are now, one sentence."""

_MINUS = re.compile(r"[\u2212\u2013\u2012](?=\s?\d)")
_UNREAD = re.compile(
    rf"\b(?:every|each) (?:year|day|week|month|morning|evening|night|hour|minute|(?:{'|'.join(WEEKDAYS)}))s?\b"
    rf"|\b(?:except|unless|but not|excluding)\b.*\b(?:{'|'.join(WEEKDAYS)}|weekend|weekday|holiday|night|day)s?\b"
)
# What a device is to do by itself is an order for it, and a question wants an answer.
_BY_ITSELF = re.compile(
    r"\b(?:by (?:yourself|yourselves|itself|themselves)|on (?:your|its|their) own)\b", re.IGNORECASE
)
_ASKS_FOR = re.compile(r"\W*(?:please\W+)?(?:can|could|would|will) you\b", re.IGNORECASE)
_UNTIL_FIRST = re.compile(r"\s*(?:please )?(?:until|till|for the next)\b")


def read(
    text: str, now: float, zone: str, find_subject: FindSubject, say_now: SayNow
) -> StandingRequest | None:
    """Read one sentence; None means an ordinary goal.

    Args:
        text: the person's words.
        now: Unix seconds.
        zone: name of the person's time zone.
        find_subject: decides what is to be watched; raises DoubtError where that is not sure.
        say_now: for the confirmation.
    """
    text = _MINUS.sub("-", clean_sentence(text, SENTENCE_LIMIT))
    if _BY_ITSELF.search(text) or (text.endswith("?") and not _ASKS_FOR.match(text)):
        return None
    sentence = prepare(text)
    try:
        return _Reading(text, sentence, now, zone, find_subject, say_now).read()
    except DoubtError as doubt:
        return StandingRequest(text=text, zone=zone, question=doubt.question, suggestions=doubt.suggestions)


class _Reading:
    def __init__(  # noqa: PLR0917 - called in one place
        self, text: str, sentence: Sentence, now: float, zone: str, find_subject: FindSubject, say_now: SayNow
    ) -> None:
        self._text = text
        self._sentence = sentence
        self._now = now
        self._zone = zone
        self._find_subject = find_subject
        self._say_now = say_now

    def read(self) -> StandingRequest | None:
        # A condition may hold words of time ("at most every ten minutes", "for more than 5 minutes"), so it comes first.
        end = TimeReader(self._sentence, self._now, self._zone).read_end()
        found = find_comparison(self._sentence, self._blanked(end))
        if found is not None:
            if end.doubt is not None:
                raise end.doubt
            return self._conditional(found, end)
        times = TimeReader(self._sentence, self._now, self._zone).read()
        if times.timing is not None:
            return self._timed(times, times.timing)
        if (times.until is not None or times.doubt is not None) and _UNTIL_FIRST.match(self._sentence.lower):
            raise DoubtError("What shall I do again and again until then, or what shall I do at its end?")
        return None

    def _blanked(self, times: TimeReading) -> str:
        lower = self._sentence.lower
        for start, end in times.taken:
            lower = lower[:start] + " " * (end - start) + lower[end:]
        return re.sub(r"^(\s*),", lambda match: match[1] + " ", lower)

    # Bound to time

    def _timed(self, times: TimeReading, timing: Timing) -> StandingRequest:
        free = left_of(len(self._sentence.text), times.taken)
        unread = _UNREAD.search(" ".join(self._sentence.lower[slice(*span)] for span in free))
        if unread is not None:
            raise DoubtError(
                f"I did not understand {quoted(unread[0])} of when to do it. When shall I do it?"
            )
        action = own_words(self._text, self._sentence.text, free)
        if not any(character.isalpha() for character in action):
            raise DoubtError(f"What shall I do {timing.words}?")
        if find_comparison(prepare(action), prepare(action).lower) is not None:
            raise DoubtError("This says both when to act and what to watch. Which of the two do you mean?")
        schedule = Schedule(timing=timing, zone=times.zone, until=times.until)
        due = schedule.next_after(self._now)
        if due is None:
            raise DoubtError("That would never happen, because its time has passed. When do you mean?")
        return StandingRequest(
            text=self._text,
            zone=times.zone,
            schedule=schedule,
            until=times.until,
            action=action,
            confirmation=confirm_schedule(schedule, action, self._now),
        )

    # Bound to a condition

    def _conditional(self, found: Comparison, times: TimeReading) -> StandingRequest:
        action = (
            None
            if found.remedy is None
            else own_words(self._text, self._sentence.text, self._untimed(found, times))
        )
        unit = next(
            (quantity.unit for quantity in (found.low, found.high) if quantity and quantity.unit), None
        )
        said = "percent" if unit == SHARE_OF_RANGE else unit
        subject = self._find_subject(found.subject, said, found.forbidden is not None, action or "")
        watch = Watch(
            attribute=subject.attribute,
            device_ids=subject.device_ids,
            kind=subject.kind,
            limits=_limits(found, subject),
            is_kept=found.is_kept,
            is_once=found.is_once,
            is_told=found.is_told,
            cadence_seconds=CADENCE_SECONDS if found.cadence_seconds is None else found.cadence_seconds,
            debounce_seconds=DEBOUNCE_SECONDS if found.hold_seconds is None else found.hold_seconds,
        )
        confirmation = confirm_watch(watch, action, self._say_now(watch))
        if times.until is not None:
            confirmation += (
                f" This holds until {say_moment(times.until, self._now, times.zone)} ({times.zone})."
            )
        return StandingRequest(
            text=self._text,
            zone=times.zone,
            watch=watch,
            until=times.until,
            action=action,
            confirmation=confirmation,
        )

    def _untimed(self, found: Comparison, times: TimeReading) -> list[tuple[int, int]]:
        start, end = found.remedy or (0, 0)
        inside = [
            (max(start, left), min(end, right)) for left, right in times.taken if left < end and start < right
        ]
        return [
            (start + left, start + right)
            for left, right in left_of(end - start, [(a - start, b - start) for a, b in inside])
        ]


def confirm_schedule(schedule: Schedule, action: str, now: float) -> str:
    """Say exactly what was understood, with the next time."""
    zone = schedule.zone
    due = schedule.next_after(now)
    until = "" if schedule.until is None else f", until {say_moment(schedule.until, now, zone)}"
    if due is None:
        return f"I will do that {schedule.timing.words} ({zone}){until}; no time for it is left: {quoted(action)}."
    if isinstance(schedule.timing, Once):
        moment = say_moment(due, now, zone)
        words = schedule.timing.words
        when = moment if words.startswith(moment[:5]) or not words.startswith("in ") else f"{words}, {moment}"
        return f"I will do that {_on(when)} ({zone}): {quoted(action)}."
    if isinstance(schedule.timing, Calendar) and len(schedule.timing.times) == 1:
        wall = local(due, ZoneInfo(zone))
        following = _on(say_day(wall.date(), local(now, ZoneInfo(zone)).date()))
    else:
        following = _on(say_moment(due, now, zone))
    return f"I will do that {schedule.timing.words} ({zone}), next {following}{until}: {quoted(action)}."


def confirm_watch(watch: Watch, action: str | None, present: str) -> str:
    """Say exactly what was understood, with the present values."""
    whose = say_subject(watch)
    each = "the first time" if watch.is_once else "every time"
    held = f" for {watch.debounce_seconds:g} s" if watch.debounce_seconds > DEBOUNCE_SECONDS else ""
    doing = f": {quoted(action)}" if action else ""
    if watch.is_told:
        return f"I will tell you {each} {whose} is {watch.limits.broken_words}{held}. {present}"
    if not watch.is_kept:
        return f"I will do that {each} {whose} is {watch.limits.broken_words}{held}{doing}. {present}"
    remedy = (
        f"When it is not, I will do this{doing}."
        if action
        else "When it is not, I will plan what to do about it, and ask you where I find nothing."
    )
    return f"I will keep {whose} {watch.limits.words}. {present} {remedy}"


def say_subject(watch: Watch) -> str:
    """Name what is watched: "the upload time of client-1", "the battery level of every robot"."""
    if watch.device_ids:
        return f"the {watch.attribute} of {' and '.join(watch.device_ids)}"
    return f"the {watch.attribute} of every {watch.kind or 'device that reports it'}"


def _limits(found: Comparison, subject: Subject) -> Limits:
    if found.forbidden is not None:
        return Limits(forbidden=found.forbidden.casefold())
    low, high = (_in_unit(quantity, subject.unit) for quantity in (found.low, found.high))
    slack = 0.0
    if found.slack is not None:
        wanted = pint_name(subject.unit) if subject.unit else None
        converted = convert_difference(found.slack.value, found.slack.unit, wanted)
        if converted is None:
            raise DoubtError(
                f'"{found.slack.text}" does not fit what is reported in {subject.unit}. By how much do you mean?'
            )
        slack = abs(converted)
    if low is not None and high is not None and low > high:
        low, high = high, low
    return Limits(
        low=low,
        high=high,
        is_low_allowed=found.is_low_allowed,
        is_high_allowed=found.is_high_allowed,
        unit=subject.unit,
        margin=0.0 if slack else default_margin(low, high, subject.unit),
        slack=slack,
    )


def _in_unit(quantity: Quantity | None, unit: str | None) -> float | None:
    if quantity is None:
        return None
    wanted = pint_name(unit) if unit else None
    if quantity.unit == SHARE_OF_RANGE:
        value = convert(quantity.value * 100, "percent", wanted)
    else:
        value = convert(quantity.value, quantity.unit, wanted)
    if value is None:
        raise DoubtError(
            f'"{quantity.text}" does not fit what is reported in {unit or "no unit"}. Which value do you mean?'
        )
    return value


def _on(moment: str) -> str:
    return moment if moment.startswith(("today", "tomorrow", "in ")) else f"on {moment}"
