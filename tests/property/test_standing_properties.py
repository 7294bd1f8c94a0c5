"""What holds of standing goals whatever happens: no occurrence twice, no flapping, nothing read makes a fault."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.standing.limits import Limits, default_margin
from coordinator.standing.occurrences import CATCH_UP_SECONDS, due_now
from coordinator.standing.reading import read
from coordinator.standing.request import StandingRequest, Watch
from coordinator.standing.schedule import Calendar, Interval, Once, Schedule, Timing
from coordinator.standing.subjects import Subject
from coordinator.standing.watching import Judgement, Watched

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
START = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
YEAR = 366 * 86_400

times_of_day = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    zone = draw(st.sampled_from(ZONES))
    form = draw(st.sampled_from(["once", "interval", "calendar"]))
    timing: Timing
    if form == "once":
        timing = Once(at=START + draw(st.integers(0, YEAR)), words="once")
    elif form == "interval":
        timing = Interval(start=START, seconds=draw(st.integers(600, 200_000)), words="often")
    else:
        days = draw(
            st.sampled_from(
                [
                    "FREQ=DAILY",
                    "FREQ=DAILY;INTERVAL=3",
                    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
                    "FREQ=MONTHLY;BYMONTHDAY=-1",
                ]
            )
        )
        times = tuple(draw(st.lists(times_of_day, min_size=1, max_size=3, unique=True)))
        timing = Calendar(days=days, first_day=date(2026, 3, 1), times=times, zone=zone, words="by days")
    until = draw(st.none() | st.integers(0, YEAR).map(lambda seconds: START + seconds))
    return Schedule(timing=timing, zone=zone, until=until)


@settings(max_examples=150, deadline=None)
@given(
    schedules(),
    st.lists(st.tuples(st.integers(-90_000, 400_000), st.booleans()), min_size=1, max_size=25),
)
def test_no_occurrence_is_done_twice_over_restarts_and_jumps_of_the_clock(
    schedule: Schedule, steps: list[tuple[int, bool]]
) -> None:
    now = handled_until = START
    recorded: list[float] = [START]
    fired: list[float] = []
    skipped: list[float] = []
    for jump, is_restart in steps:
        now += jump
        if is_restart:
            # All that is known after a restart is what was recorded.
            handled_until = max(recorded)
        due = due_now(schedule, handled_until, now)
        if due.occurrence is not None:
            assert 0 <= now - due.occurrence <= CATCH_UP_SECONDS
            fired.append(due.occurrence)
        skipped += due.missed
        if due.handled_until is not None:
            handled_until = due.handled_until
            recorded.append(handled_until)
    assert len(set(fired)) == len(fired)
    assert not set(fired) & set(skipped)
    assert len(set(skipped)) == len(skipped)
    assert all(schedule.next_after(each - 0.001) == each for each in fired)


@settings(max_examples=150, deadline=None)
@given(schedules(), st.integers(0, YEAR))
def test_the_next_occurrence_is_later_and_there_is_none_in_between(schedule: Schedule, seconds: int) -> None:
    moment = START + seconds
    due = schedule.next_after(moment)
    if due is None:
        return
    assert due > moment
    assert schedule.next_after((moment + due) / 2) == due
    if isinstance(schedule.timing, Calendar):
        wall = datetime.fromtimestamp(due, ZoneInfo(schedule.timing.zone))
        is_named = f"{wall:%H:%M}" in schedule.timing.times
        # Only a time that the clock skips is read as another.
        before = wall.replace(tzinfo=None) - timedelta(hours=3)
        is_skipped = before.replace(tzinfo=wall.tzinfo).utcoffset() != wall.utcoffset()
        assert is_named or is_skipped


@st.composite
def limits(draw: st.DrawFn) -> Limits:
    bound = draw(st.floats(-200, 200))
    width = draw(st.floats(0.1, 100))
    unit = draw(st.sampled_from(["s", "%", "°C", None]))
    low = bound if draw(st.booleans()) else None
    high = bound + width if low is None or draw(st.booleans()) else None
    slack = draw(st.sampled_from([0.0, 2.0]))
    return Limits(
        low=low,
        high=high,
        is_low_allowed=draw(st.booleans()),
        is_high_allowed=draw(st.booleans()),
        unit=unit,
        margin=0.0 if slack else default_margin(low, high, unit),
        slack=slack,
    )


@settings(max_examples=200, deadline=None)
@given(limits(), st.lists(st.floats(-400, 400), min_size=2, max_size=60))
def test_a_judgement_never_changes_without_a_way_as_long_as_the_margin(
    bounds: Limits, values: list[float]
) -> None:
    watch = Watch(attribute="x", limits=bounds, is_kept=True, debounce_seconds=0)
    state, changed_at, now = Watched(), None, 0.0
    for value in values:
        now += 1
        state, judgement = state.take(value, now).look(watch, now)
        if judgement is None:
            continue
        assert judgement in {Judgement.BROKEN, Judgement.MET}
        if changed_at is not None:
            assert abs(value - changed_at) >= (bounds.margin + bounds.slack) * 0.999
        changed_at = value
        assert state.is_broken == (judgement is Judgement.BROKEN)


@settings(max_examples=100, deadline=None)
@given(st.floats(1, 100), st.lists(st.floats(-1, 1), min_size=10, max_size=60))
def test_noise_smaller_than_the_margin_changes_a_judgement_once_at_most(
    limit: float, noise: list[float]
) -> None:
    margin = default_margin(None, limit, "s")
    watch = Watch(
        attribute="x", limits=Limits(high=limit, unit="s", margin=margin), is_kept=True, debounce_seconds=0
    )
    state, changes, now = Watched(), 0, 0.0
    for each in noise:
        now += 1
        state, judgement = state.take(limit + each * margin * 0.49, now).look(watch, now)
        changes += judgement is not None
    assert changes <= 1


WORDS = (
    "every each day weekday nine at 9 9:30 until friday tomorrow in ten minutes keep the upload under 16 s above when falls "
    "below 20 percent send it to a charger , on first of month check shelves tell me never otherwise between and 8 °C -18 noon"
).split()


def anything(phrase: str, unit: str | None, is_text: bool, around: str) -> Subject:
    return Subject("upload time", {"percent": "%", "degC": "°C"}.get(unit or "", "s"))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=14), st.sampled_from(ZONES))
def test_whatever_is_said_is_read_asked_about_or_left_alone(words: list[str], zone: str) -> None:
    request = read(" ".join(words), START, zone, anything, lambda _: "It is unknown now.")
    if request is None:
        return
    assert StandingRequest.model_validate_json(request.model_dump_json()) == request
    if request.question is not None:
        assert request.question.endswith(("?", "."))
        return
    assert request.confirmation
    if request.schedule is not None:
        due = request.schedule.next_after(START)
        assert due is not None
        assert due > START
        assert request.action
