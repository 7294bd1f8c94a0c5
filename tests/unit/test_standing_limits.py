"""Limits and their margins, what becomes of a watched value, rounds of corrections, and conflicts."""

from __future__ import annotations

import pytest

from coordinator.standing.conflicts import Correction, contradict, undo_each_other
from coordinator.standing.corrections import EFFECT_SECONDS, FAILURES, ROUNDS, Course, Move, has_stalled
from coordinator.standing.limits import Limits, default_margin
from coordinator.standing.request import Watch
from coordinator.standing.watching import Judgement, Watched
from protocol.messages import Finding


def test_a_value_is_met_again_only_inside_by_the_margin() -> None:
    limits = Limits(high=16, unit="s", margin=0.8)
    assert limits.is_met(15.9, was_broken=False)
    assert not limits.is_met(16, was_broken=False)
    assert not limits.is_met(15.3, was_broken=True)
    assert limits.is_met(15.2, was_broken=True)


def test_a_limit_that_is_allowed_is_no_violation() -> None:
    assert Limits(high=20, is_high_allowed=True).is_met(20, was_broken=False)
    assert Limits(low=20, is_low_allowed=True).is_met(20, was_broken=False)
    assert not Limits(low=20).is_met(20, was_broken=False)


def test_by_at_least_moves_where_a_value_is_broken_and_not_where_it_is_met() -> None:
    limits = Limits(high=30, is_high_allowed=True, slack=2)
    assert limits.is_met(31.9, was_broken=False)
    assert not limits.is_met(32.1, was_broken=False)
    assert not limits.is_met(30.5, was_broken=True)
    assert limits.is_met(30, was_broken=True)


@pytest.mark.parametrize(
    ("low", "high", "unit", "margin"),
    [
        (None, 16, "s", 0.8),
        (20, None, "%", 2),
        (None, -18, "°C", 0.5),
        (None, 0, "degF", 0.9),
        (2, 3, "°C", 0.25),
        (None, 0, None, 0),
    ],
)
def test_the_margin_is_derived_from_the_limit(
    low: float | None, high: float | None, unit: str | None, margin: float
) -> None:
    assert default_margin(low, high, unit) == pytest.approx(margin)


def test_values_are_compared_in_the_unit_of_the_limits() -> None:
    limits = Limits(high=16, unit="s")
    assert limits.value_of(Finding(what="upload time", value=12_500, unit="ms")) == 12.5
    assert limits.value_of(Finding(what="upload time", value=3, unit="kg")) is None
    assert limits.value_of(Finding(what="upload time", value="long")) is None
    assert limits.value_of(Finding(what="upload time", value=True)) is None
    assert Limits(forbidden="open").value_of(Finding(what="door", value="Open")) == "open"


WATCH = Watch(attribute="upload time", limits=Limits(high=16, unit="s", margin=0.8), is_kept=True)


def test_a_value_is_broken_when_it_stays_so_and_unknown_when_it_is_old() -> None:
    state, judgement = Watched().take(20.0, 100).look(WATCH, 100)
    assert judgement is None
    assert state.next_look(WATCH) == 105
    blip, judgement = state.take(10.0, 103).look(WATCH, 103)
    assert (judgement, blip.suspected_at) == (None, None)
    state, judgement = state.look(WATCH, 105)
    assert judgement is Judgement.BROKEN
    state, judgement = state.take(15.5, 200).look(WATCH, 200)
    assert judgement is None
    state, judgement = state.take(15.0, 300).look(WATCH, 300)
    assert judgement is Judgement.MET
    assert state.next_look(WATCH) == 1200
    state, judgement = state.look(WATCH, 1200)
    assert judgement is Judgement.UNKNOWN
    state, judgement = state.look(WATCH, 5000)
    assert judgement is None
    state, judgement = state.take(10.0, 6000).look(WATCH, 6000)
    assert (judgement, state.is_unknown) == (None, False)


def decide(
    course: Course, now: float, excess: float, told_at: float, *, is_repeated: bool = True
) -> tuple[Move, float | None]:
    decision = course.decide(now, excess, told_at, 60, is_repeated=is_repeated)
    return decision.move, decision.until


def test_a_round_awaits_its_goals_its_effect_and_the_cadence() -> None:
    course = Course()
    assert decide(course, 0, 5, 0) == (Move.ACT, None)
    course = course.begin(0, 5)
    assert decide(course, 500, 5, 500) == (Move.WAIT, None)
    course = course.end(10, has_failed=False)
    assert decide(course, 20, 4, 5) == (Move.WAIT, 10 + EFFECT_SECONDS)
    assert decide(course, 20, 4, 15) == (Move.WAIT, 60)
    assert decide(course, 60, 4, 15) == (Move.ACT, None)
    assert decide(course, 10 + EFFECT_SECONDS, 5, 5) == (Move.ACT, None)


def test_what_is_done_once_is_repeated_only_where_it_failed() -> None:
    course = Course().begin(0, 5).end(10, has_failed=False)
    assert decide(course, 1000, 5, 900, is_repeated=False) == (Move.WAIT, None)
    course = Course().begin(0, 5).end(10, has_failed=True)
    assert decide(course, 1000, 5, 900, is_repeated=False) == (Move.ACT, None)


def test_it_is_given_up_after_failures_and_without_improvement() -> None:
    failing, stalling = Course(), Course()
    for number in range(FAILURES):
        failing = failing.begin(100.0 * number, 5).end(100.0 * number + 10, has_failed=True)
    assert decide(failing, 1000, 5, 900)[0] is Move.GIVE_UP
    for number in range(ROUNDS):
        stalling = stalling.begin(100.0 * number, 5).end(100.0 * number + 10, has_failed=False)
    assert decide(stalling, 1000, 5, 900)[0] is Move.GIVE_UP
    assert decide(stalling, 1000, 1, 900)[0] is Move.ACT


def test_a_trend_counts_and_not_one_value() -> None:
    assert not has_stalled([50, 30, 12])
    assert not has_stalled([100, 50, 30, 12, 6])
    assert has_stalled([5, 5.1, 4.9, 5])
    assert has_stalled([5, 6, 7, 8])
    assert not has_stalled([5, 3, 3.5, 2])


def kept(attribute: str = "temperature", *devices: str, **limits: float) -> Watch:
    return Watch(attribute=attribute, device_ids=devices, limits=Limits(unit="°C", **limits), is_kept=True)  # type: ignore[arg-type]


def test_ranges_that_nothing_can_meet_contradict_on_the_same_device_only() -> None:
    cold, warm = kept("temperature", "store", high=-18), kept("temperature", "store", low=-10)
    assert contradict(cold, warm)
    assert contradict(warm, kept(high=-12))
    assert not contradict(cold, kept("temperature", "hall", low=15))
    assert not contradict(cold, kept("humidity", "store", low=30))
    assert not contradict(cold, kept("temperature", "store", low=-25))
    assert contradict(kept("temperature", "store", low=5), kept("temperature", "store", high=5))
    fahrenheit = Watch(attribute="temperature", limits=Limits(low=14, unit="°F"), is_kept=True)
    assert contradict(cold, fahrenheit)
    assert not contradict(cold, warm.model_copy(update={"is_kept": False}))


def test_corrections_that_follow_each_other_in_turn_are_found() -> None:
    def history(*names: str) -> list[Correction]:
        return [Correction(name, frozenset({"heater"})) for name in names]

    assert undo_each_other(history("a", "b", "a", "b")) == ("a", "b")
    assert undo_each_other(history("a", "b", "a")) is None
    assert undo_each_other(history("a", "a", "b", "b")) is None
    assert undo_each_other([*history("a", "b", "a"), Correction("b", frozenset({"fan"}))]) is None
