"""Whatever happens to a subtask, in whatever order, the machine keeps its promises."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fsm.subtask import Effect, Event, IllegalEventError, SubtaskRun, SubtaskState, Trigger, step

events = st.lists(
    st.builds(Event, st.sampled_from(list(Trigger)), st.none() | st.integers(1, 6)),
    max_size=40,
)
# Mostly plausible events, so that long runs reach every state: the right call number is filled in while walking.
plausible = st.lists(st.tuples(st.sampled_from(list(Trigger)), st.booleans()), max_size=60)


def check(run: SubtaskRun) -> None:
    assert 0 <= run.results <= run.calls_made
    assert run.calls_made - run.results == (0 if run.pending_call is None else 1)
    if run.state.is_final:
        assert run.outcome is run.state
        assert run.pending_call is None
    if run.pending_call is not None:
        assert run.state is SubtaskState.CALL_PENDING


@settings(max_examples=300, deadline=None)
@given(events)
def test_any_events_keep_the_invariants(sequence: list[Event]) -> None:
    walk(sequence)


@settings(max_examples=300, deadline=None)
@given(plausible)
def test_plausible_events_keep_the_invariants(sequence: list[tuple[Trigger, bool]]) -> None:
    run = SubtaskRun()
    path: list[Event] = []
    for trigger, _ in sequence:
        number = run.calls_made + 1 if trigger is Trigger.CALL_MADE else run.pending_call
        path.append(Event(trigger, number))
        try:
            run, _effects = step(run, path[-1])
        except IllegalEventError:
            continue
    walk(path)


def walk(sequence: list[Event]) -> None:
    run = SubtaskRun()
    effects: list[Effect] = []
    answered: list[int] = []
    finals = 0
    for event in sequence:
        before = run
        try:
            run, new = step(run, event)
        except IllegalEventError:
            assert run is before
            continue
        assert not before.state.is_final, "final states are absorbing"
        finals += run.state.is_final
        if before.pending_call is not None and run.pending_call is None:
            answered.append(before.pending_call)
        effects += new
        check(run)
    assert finals <= 1
    assert effects.count(Effect.REPORT) == finals
    assert answered == sorted(set(answered)), "each call is answered at most once, in order"
    assert effects.count(Effect.START_CALL) == run.calls_made
    if run.state.is_final:
        assert len(answered) == run.calls_made, "each call is answered exactly once by the end"
