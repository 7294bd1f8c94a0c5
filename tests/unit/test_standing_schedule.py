"""When schedules are due, over changes of the clock, and what is done about what was missed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from coordinator.standing.occurrences import CATCH_UP_SECONDS, due_now
from coordinator.standing.schedule import Calendar, Interval, Once, Schedule, Timing

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo = BERLIN) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def daily(*times: str, days: str = "FREQ=DAILY", first: str = "2026-01-01") -> Calendar:
    return Calendar(
        days=days, first_day=date.fromisoformat(first), times=times, zone="Europe/Berlin", words="daily"
    )


def schedule(timing: Timing, until: float | None = None) -> Schedule:
    return Schedule(timing=timing, zone="Europe/Berlin", until=until)


def utc(moment: float | None) -> str:
    assert moment is not None
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M}"


def test_a_time_that_does_not_exist_is_as_much_later_as_the_clock_is_put_forward() -> None:
    # On 29 March 2026 the clock goes from 02:00 to 03:00.
    every_night = schedule(daily("02:30"))
    due = every_night.next_after(at("2026-03-28T12:00"))
    assert utc(due) == "2026-03-29 01:30"
    assert due is not None
    assert datetime.fromtimestamp(due, BERLIN).strftime("%H:%M") == "03:30"
    assert utc(every_night.next_after(due)) == "2026-03-30 00:30"


def test_a_time_that_exists_twice_counts_the_first_time_only() -> None:
    # On 25 October 2026 the clock goes back from 03:00 to 02:00.
    every_night = schedule(daily("02:30"))
    due = every_night.next_after(at("2026-10-24T12:00"))
    assert utc(due) == "2026-10-25 00:30"
    assert due is not None
    assert utc(every_night.next_after(due)) == "2026-10-26 01:30"


def test_two_times_that_fall_together_are_one_occurrence() -> None:
    twice = schedule(daily("02:30", "03:30"))
    found = twice.between(at("2026-03-28T12:00"), at("2026-03-30T01:00"))
    assert [utc(each) for each in found] == ["2026-03-29 01:30"]


def test_nine_oclock_stays_nine_oclock_over_a_change_of_the_clock() -> None:
    found = schedule(daily("09:00")).between(at("2026-03-27T12:00"), at("2026-03-30T12:00"))
    assert [utc(each) for each in found] == ["2026-03-28 08:00", "2026-03-29 07:00", "2026-03-30 07:00"]


def test_elapsed_time_knows_no_changes_of_the_clock() -> None:
    start = at("2026-03-29T00:00")
    found = schedule(Interval(start=start, seconds=7200, words="every 2 hours")).between(start, start + 14400)
    assert [each - start for each in found] == [7200, 14400]


def test_weekdays_months_and_ends() -> None:
    weekdays = schedule(daily("09:00", days="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"))
    assert utc(weekdays.next_after(at("2026-11-20T10:00"))) == "2026-11-23 08:00"
    firsts = schedule(daily("08:00", days="FREQ=MONTHLY;BYMONTHDAY=1"), until=at("2026-12-31T00:00"))
    found = firsts.between(at("2026-10-15T00:00"), at("2027-05-01T00:00"))
    assert [utc(each) for each in found] == ["2026-11-01 07:00", "2026-12-01 07:00"]
    assert firsts.next_after(at("2026-12-01T08:00")) is None


def test_once_is_once() -> None:
    once = schedule(Once(at=1000.0, words="then"))
    assert once.next_after(999.0) == 1000.0
    assert once.next_after(1000.0) is None


def test_years_of_short_intervals_are_not_counted_one_by_one() -> None:
    often = schedule(Interval(start=0.0, seconds=30, words="every 30 s"))
    found = often.between(0.0, 3e8)
    assert len(found) == 1000
    assert found[-1] == 3e8
    assert found == sorted(set(found))


@pytest.mark.parametrize(
    ("late_seconds", "is_done", "missed"),
    [(0, True, 0), (CATCH_UP_SECONDS, True, 0), (CATCH_UP_SECONDS + 1, False, 1), (86_400, True, 1)],
)
def test_the_newest_occurrence_is_caught_up_with_if_it_is_not_late(
    late_seconds: float, is_done: bool, missed: int
) -> None:
    first = at("2026-11-20T09:00")
    due = due_now(schedule(daily("09:00")), first - 3600, first + late_seconds)
    assert (due.occurrence is not None, len(due.missed)) == (is_done, missed)
    assert due.handled_until == max(filter(None, (*due.missed, due.occurrence)))
