"""Whatever happens to a subtask, in whatever order, the machine keeps its promises."""

from collections import deque
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from fsm.subtask import (
    MAXIMUM_RETRIES,
    Effect,
    Event,
    IllegalEventError,
    SubtaskRun,
    SubtaskState,
    Trigger,
    step,
)

events = st.lists(
    st.builds(Event, st.sampled_from(list(Trigger)), st.none() | st.integers(1, 6)),
    max_size=40,
)
# What only happens once, or ends a run, is drawn seldom, so that long runs reach every state.
_ENDS = frozenset(
    {
        Trigger.CANCEL,
        Trigger.EMERGENCY_STOP,
        Trigger.WATCH_TRIPPED,
        Trigger.REJECTED,
        Trigger.NOT_APPROVED,
        Trigger.PREPARATION_FAILED,
        Trigger.PROGRAM_FAILED,
        Trigger.PROGRAM_FINISHED,
        Trigger.CALL_FAILED,
        Trigger.CALL_TIMED_OUT,
        Trigger.CALL_TO_BE_COMPENSATED,
        Trigger.OUTCOME_UNKNOWN,
    }
)
_GOES_ON = [trigger for trigger in Trigger if trigger not in _ENDS]
plausible = st.lists(st.sampled_from([*_GOES_ON * 4, *_ENDS]), max_size=80)

STARTS_SOMETHING = {Effect.PREPARE, Effect.START_CALL, Effect.RESUME_PROGRAM, Effect.COMPENSATE}
# Only these may make a call that was made before.
MAKES_AGAIN = {Trigger.RETRY_DUE, Trigger.TAKEN_UP}
HAS_A_PENDING_CALL = {SubtaskState.CALL_PENDING, SubtaskState.RETRYING}
EMERGENCY, CANCEL = Event(Trigger.EMERGENCY_STOP), Event(Trigger.CANCEL)


def fitting(run: SubtaskRun, trigger: Trigger) -> Event:
    """The event with the number that the run would accept."""
    return Event(trigger, run.calls_made + 1 if trigger is Trigger.CALL_MADE else run.pending_call)


def check(run: SubtaskRun) -> None:
    assert 0 <= run.results <= run.calls_made
    assert run.calls_made - run.results == (0 if run.pending_call is None else 1)
    assert 0 <= run.retries <= MAXIMUM_RETRIES
    assert (run.outcome is not None) == (run.state is SubtaskState.POSTPROCESSING or run.state.is_final)
    if run.state.is_final:
        assert run.outcome is run.state
    if run.pending_call is not None:
        assert run.state in HAS_A_PENDING_CALL
        assert run.pending_call == run.calls_made


def check_step(before: SubtaskRun, event: Event, run: SubtaskRun, effects: tuple[Effect, ...]) -> None:
    assert not before.state.is_final, "final states are absorbing"
    check(run)
    if before.outcome is not None:
        assert run.outcome is before.outcome, "an outcome that is known does not change"
        assert not STARTS_SOMETHING & set(effects), "nothing is started once the outcome is known"
    if before.state is SubtaskState.PAUSED:
        assert not STARTS_SOMETHING & set(effects), "nothing is started while paused"
        assert (Effect.TAKE_UP in effects) == (event.trigger is Trigger.RESUME), "only a person lets it go on"
    if before.is_approved:
        assert run.is_approved, "an approval is not forgotten"
        assert Effect.ASK not in effects, "nobody is asked twice"
    if event.trigger is Trigger.EMERGENCY_STOP:
        assert effects[0] is Effect.MAKE_SAFE, "the machine first"


def check_orders(run: SubtaskRun) -> None:
    """Whatever state a run is in, it can be stopped."""
    if run.state.is_final:
        return
    halted, effects = step(run, EMERGENCY)
    check_step(run, EMERGENCY, halted, effects)
    cancelled, effects = step(run, CANCEL)
    check_step(run, CANCEL, cancelled, effects)
    if run.outcome is None:
        assert halted.outcome is SubtaskState.FAILED
        assert cancelled.outcome is SubtaskState.CANCELLED


def walk(sequence: list[Event]) -> SubtaskRun:
    run = SubtaskRun()
    effects: list[Effect] = []
    answered: list[int] = []
    issued: list[int] = []
    made_again = finals = retried = 0
    for event in sequence:
        before = run
        check_orders(before)
        try:
            run, new = step(run, event)
        except IllegalEventError:
            assert run is before
            continue
        check_step(before, event, run, new)
        finals += run.state.is_final
        if before.pending_call is not None and run.pending_call is None:
            answered.append(before.pending_call)
        if Effect.START_CALL in new:
            assert run.pending_call is not None
            if event.trigger in MAKES_AGAIN:
                assert issued[-1] == run.pending_call, "only the pending call is made again"
                made_again += 1
            else:
                assert run.pending_call not in issued, "a call is never made twice by itself"
            issued.append(run.pending_call)
        retried = 0 if event.trigger is Trigger.CALL_MADE else retried + (event.trigger is Trigger.RETRY_DUE)
        assert retried <= MAXIMUM_RETRIES, "a call is not retried for ever"
        effects += new
    assert finals <= 1
    assert effects.count(Effect.REPORT) == finals
    assert answered == sorted(set(answered)), "each call is answered at most once, in order"
    assert effects.count(Effect.START_CALL) == run.calls_made + made_again
    assert list(dict.fromkeys(issued)) == list(range(1, run.calls_made + 1)), "calls are made in their order"
    if run.state.is_final:
        assert len(answered) == run.calls_made, "each call is answered exactly once by the end"
    return run


@settings(max_examples=300, deadline=None)
@given(events)
def test_any_events_keep_the_invariants(sequence: list[Event]) -> None:
    walk(sequence)


@settings(max_examples=300, deadline=None)
@given(plausible)
def test_plausible_events_keep_the_invariants(sequence: list[Trigger]) -> None:
    run = SubtaskRun()
    path: list[Event] = []
    for trigger in sequence:
        path.append(fitting(run, trigger))
        try:
            run, _effects = step(run, path[-1])
        except IllegalEventError:
            path.pop()
    assert walk(path) == run


@cache
def reachable(calls: int) -> dict[SubtaskRun, tuple[tuple[SubtaskRun, Event, tuple[Effect, ...]], ...]]:
    """Every situation that a run of at most so many calls can come to, with all steps out of it."""
    found: dict[SubtaskRun, tuple[tuple[SubtaskRun, Event, tuple[Effect, ...]], ...]] = {}
    waiting = deque([SubtaskRun()])
    while waiting:
        run = waiting.popleft()
        if run in found:
            continue
        steps = []
        for trigger in Trigger:
            event = fitting(run, trigger)
            try:
                following, effects = step(run, event)
            except IllegalEventError:
                continue
            if following.calls_made <= calls:
                steps.append((following, event, effects))
                waiting.append(following)
        found[run] = tuple(steps)
    return found


def test_every_situation_of_three_calls_keeps_the_invariants() -> None:
    situations = reachable(3)
    assert {run.state for run in situations} == set(SubtaskState), "no state is out of reach"
    for run, steps in situations.items():
        check(run)
        check_orders(run)
        for following, event, effects in steps:
            check_step(run, event, following, effects)


def test_every_situation_leads_to_an_end_with_and_without_people() -> None:
    situations = reachable(2)
    orders = {Trigger.CANCEL, Trigger.EMERGENCY_STOP}
    for way_out in (set[Trigger](), orders):
        ends = {run for run in situations if run.state.is_final}
        while True:
            more = {
                run
                for run, steps in situations.items()
                if run not in ends and any(to in ends and by.trigger not in way_out for to, by, _ in steps)
            }
            if not more:
                break
            ends |= more
        assert ends == set(situations), "no situation is a dead end"


def test_an_emergency_stop_ends_a_run_without_another_call() -> None:
    for run in reachable(2):
        if run.state.is_final:
            continue
        following, effects = step(run, EMERGENCY)
        assert not STARTS_SOMETHING & set(effects)
        while not following.state.is_final:
            following, effects = step(following, Event(Trigger.RELEASED))
            assert not STARTS_SOMETHING & set(effects)
        assert following.state is (SubtaskState.FAILED if run.outcome is None else run.outcome)


def test_an_approval_is_needed_once_and_before_anything_is_started() -> None:
    for run, steps in reachable(1).items():
        asks = any(Effect.ASK in effects for _, _, effects in steps)
        assert asks == (run.state is SubtaskState.VERIFYING and not run.is_approved)
