"""The subtask machine, row by row, and its diagram."""

from dataclasses import replace
from pathlib import Path

import pytest

from fsm.diagram import PAGE, main, mermaid, page
from fsm.subtask import (
    MAXIMUM_RETRIES,
    TABLE,
    Effect,
    Event,
    IllegalEventError,
    SubtaskRun,
    SubtaskState,
    Trigger,
    step,
)


def walk(*events: Event) -> tuple[SubtaskRun, list[Effect]]:
    run = SubtaskRun()
    effects: list[Effect] = []
    for event in events:
        run, new = step(run, event)
        effects += new
    return run, effects


BEGIN = Event(Trigger.BEGIN)
VERIFIED = Event(Trigger.VERIFIED)
STARTED = (BEGIN, VERIFIED)
ASKED = (BEGIN, Event(Trigger.APPROVAL_NEEDED))
RELEASED = Event(Trigger.RELEASED)
FINISHED = Event(Trigger.PROGRAM_FINISHED)
PAUSE, RESUME = Event(Trigger.PAUSE), Event(Trigger.RESUME)
CANCEL, HALT = Event(Trigger.CANCEL), Event(Trigger.EMERGENCY_STOP)
MADE, RETURNED = Event(Trigger.CALL_MADE, 1), Event(Trigger.CALL_RETURNED, 1)
AGAIN, DUE = Event(Trigger.CALL_MAY_BE_RETRIED, 1), Event(Trigger.RETRY_DUE, 1)
COMPENSATE = Event(Trigger.CALL_TO_BE_COMPENSATED, 1)


def call(number: int) -> tuple[Event, Event]:
    return Event(Trigger.CALL_MADE, number), Event(Trigger.CALL_RETURNED, number)


def states_of(*events: Event) -> list[SubtaskState]:
    run, states = SubtaskRun(), [SubtaskState.START]
    for event in events:
        run, _ = step(run, event)
        if run.state is not states[-1]:
            states.append(run.state)
    return states


def test_two_calls_are_verified_and_walk_the_papers_five_states() -> None:
    events = (*STARTED, *call(1), *call(2), FINISHED, RELEASED)
    assert states_of(*events) == [
        SubtaskState.START,
        SubtaskState.VERIFYING,
        SubtaskState.PREPROCESSING,
        SubtaskState.CALL_PENDING,
        SubtaskState.POSTPROCESSING,
        SubtaskState.END,
    ]
    run, _ = walk(*events)
    assert (run.calls_made, run.results, run.pending_call) == (2, 2, None)


def test_what_was_approved_is_verified_again_and_not_asked_about_twice() -> None:
    assert states_of(*ASKED, Event(Trigger.APPROVED), VERIFIED)[1:] == [
        SubtaskState.VERIFYING,
        SubtaskState.AWAITING_APPROVAL,
        SubtaskState.VERIFYING,
        SubtaskState.PREPROCESSING,
    ]
    _, effects = walk(*ASKED, Event(Trigger.APPROVED), VERIFIED)
    assert effects == [Effect.VERIFY, Effect.ASK, Effect.VERIFY, Effect.PREPARE]
    run, _ = walk(*ASKED, Event(Trigger.APPROVED))
    with pytest.raises(IllegalEventError):
        step(run, Event(Trigger.APPROVAL_NEEDED))


def test_a_call_is_made_again_as_often_as_allowed_and_the_next_one_starts_counting_anew() -> None:
    run, effects = walk(*STARTED, MADE, *(AGAIN, DUE) * MAXIMUM_RETRIES)
    assert effects.count(Effect.START_CALL) == 1 + MAXIMUM_RETRIES
    assert (run.calls_made, run.pending_call, run.retries) == (1, 1, MAXIMUM_RETRIES)
    with pytest.raises(IllegalEventError):
        step(run, AGAIN)
    run, _ = walk(*STARTED, MADE, AGAIN, DUE, RETURNED, Event(Trigger.CALL_MADE, 2))
    assert run.retries == 0


def test_a_program_rests_between_two_calls_and_goes_on_with_the_one_it_stands_at() -> None:
    run, effects = walk(*STARTED, *call(1), PAUSE)
    assert run.state is SubtaskState.PAUSED
    assert effects[-1] is Effect.REST
    for started in (Event(Trigger.CALL_MADE, 2), FINISHED, RETURNED):
        with pytest.raises(IllegalEventError):
            step(run, started)
    run, effects = walk(*STARTED, *call(1), PAUSE, RESUME, Event(Trigger.CALL_MADE, 2))
    assert effects[-2:] == [Effect.TAKE_UP, Effect.START_CALL]
    assert run.pending_call == 2


@pytest.mark.parametrize(
    ("events", "final"),
    [
        ((CANCEL,), SubtaskState.CANCELLED),
        ((HALT,), SubtaskState.FAILED),
        ((BEGIN, CANCEL, RELEASED), SubtaskState.CANCELLED),
        ((BEGIN, HALT, RELEASED), SubtaskState.FAILED),
        ((BEGIN, Event(Trigger.REJECTED), RELEASED), SubtaskState.FAILED),
        ((*ASKED, Event(Trigger.NOT_APPROVED), RELEASED), SubtaskState.FAILED),
        ((*ASKED, CANCEL, RELEASED), SubtaskState.CANCELLED),
        ((*ASKED, HALT, RELEASED), SubtaskState.FAILED),
        ((*STARTED, CANCEL, RELEASED), SubtaskState.CANCELLED),
        ((*STARTED, Event(Trigger.PREPARATION_FAILED), RELEASED), SubtaskState.FAILED),
        ((*STARTED, Event(Trigger.PROGRAM_FAILED), RELEASED), SubtaskState.FAILED),
        ((*STARTED, Event(Trigger.WATCH_TRIPPED), RELEASED), SubtaskState.FAILED),
        ((*STARTED, FINISHED, RELEASED), SubtaskState.END),
        ((*STARTED, PAUSE, CANCEL, RELEASED), SubtaskState.CANCELLED),
        ((*STARTED, PAUSE, HALT, RELEASED), SubtaskState.FAILED),
        ((*STARTED, MADE, Event(Trigger.CALL_FAILED, 1), RELEASED), SubtaskState.FAILED),
        ((*STARTED, MADE, Event(Trigger.CALL_TIMED_OUT, 1), RELEASED), SubtaskState.FAILED),
        ((*STARTED, MADE, Event(Trigger.WATCH_TRIPPED), RELEASED), SubtaskState.FAILED),
        ((*STARTED, MADE, Event(Trigger.OUTCOME_UNKNOWN, 1), RELEASED), SubtaskState.UNKNOWN_OUTCOME),
        ((*STARTED, MADE, Event(Trigger.TAKEN_UP, 1), RETURNED, FINISHED, RELEASED), SubtaskState.END),
        ((*STARTED, MADE, AGAIN, CANCEL, RELEASED), SubtaskState.CANCELLED),
        ((*STARTED, MADE, AGAIN, HALT, RELEASED), SubtaskState.FAILED),
        ((*STARTED, MADE, AGAIN, DUE, RETURNED, FINISHED, RELEASED), SubtaskState.END),
        ((*STARTED, MADE, COMPENSATE, Event(Trigger.COMPENSATED), RELEASED), SubtaskState.FAILED),
        ((*STARTED, MADE, COMPENSATE, CANCEL, RELEASED), SubtaskState.CANCELLED),
        ((*STARTED, MADE, COMPENSATE, HALT, RELEASED), SubtaskState.FAILED),
        ((*STARTED, MADE, CANCEL, RELEASED), SubtaskState.CANCELLED),
        ((*STARTED, MADE, HALT, RELEASED), SubtaskState.FAILED),
        ((*STARTED, *call(1), Event(Trigger.PROGRAM_FAILED), RELEASED), SubtaskState.FAILED),
        ((*STARTED, *call(1), FINISHED, CANCEL, RELEASED), SubtaskState.END),
        ((*STARTED, *call(1), FINISHED, HALT, RELEASED), SubtaskState.END),
    ],
)
def test_every_way_out_ends_in_its_final_state(events: tuple[Event, ...], final: SubtaskState) -> None:
    run, effects = walk(*events)
    assert run.state is final
    assert effects.count(Effect.REPORT) == 1
    assert run.calls_made == run.results


NOTHING_HAS_MOVED = {SubtaskState.START, SubtaskState.VERIFYING, SubtaskState.AWAITING_APPROVAL}


def test_everything_but_success_after_the_program_began_makes_the_machine_safe() -> None:
    ends = [
        row
        for row in TABLE
        if row.target is SubtaskState.POSTPROCESSING and row.source not in {row.target, *NOTHING_HAS_MOVED}
    ]
    assert ends
    for row in ends:
        assert (Effect.MAKE_SAFE in row.effects) == (row.trigger is not Trigger.PROGRAM_FINISHED), row
        assert row.effects[-1] is Effect.RELEASE, row


def test_the_program_is_stopped_before_the_machine_rests_except_in_an_emergency() -> None:
    for row in TABLE:
        if {Effect.STOP_PROGRAM, Effect.MAKE_SAFE} <= set(row.effects):
            stop, rest = row.effects.index(Effect.STOP_PROGRAM), row.effects.index(Effect.MAKE_SAFE)
            assert (rest < stop) == (row.trigger is Trigger.EMERGENCY_STOP), row


def test_a_machine_that_has_not_moved_is_left_alone_unless_there_is_an_emergency() -> None:
    for row in TABLE:
        if row.source in NOTHING_HAS_MOVED and row.trigger is not Trigger.EMERGENCY_STOP:
            assert Effect.MAKE_SAFE not in row.effects, row


@pytest.mark.parametrize(
    ("before", "illegal"),
    [
        ((), RELEASED),
        ((), VERIFIED),
        ((BEGIN,), BEGIN),
        ((BEGIN,), MADE),
        ((BEGIN,), PAUSE),
        ((BEGIN,), Event(Trigger.APPROVED)),
        (ASKED, VERIFIED),
        (ASKED, MADE),
        (STARTED, Event(Trigger.CALL_MADE, 2)),
        (STARTED, RETURNED),
        (STARTED, RESUME),
        ((*STARTED, MADE), Event(Trigger.CALL_MADE, 2)),
        ((*STARTED, MADE), Event(Trigger.CALL_RETURNED, 2)),
        ((*STARTED, MADE), FINISHED),
        ((*STARTED, MADE), PAUSE),
        ((*STARTED, MADE), DUE),
        ((*STARTED, MADE), Event(Trigger.OUTCOME_UNKNOWN, 2)),
        ((*STARTED, MADE, AGAIN), RETURNED),
        ((*STARTED, MADE, AGAIN), PAUSE),
        ((*STARTED, MADE, COMPENSATE), Event(Trigger.CALL_MADE, 2)),
        ((*STARTED, PAUSE), PAUSE),
        ((*STARTED, PAUSE), MADE),
        ((*STARTED, *call(1)), RETURNED),
        ((*STARTED, *call(1)), Event(Trigger.TAKEN_UP, 1)),
        ((*STARTED, *call(1)), AGAIN),
        ((*STARTED, FINISHED, RELEASED), CANCEL),
        ((*STARTED, FINISHED, RELEASED), HALT),
    ],
)
def test_an_illegal_event_raises_and_changes_nothing(before: tuple[Event, ...], illegal: Event) -> None:
    run, _ = walk(*before)
    kept = replace(run)
    with pytest.raises(IllegalEventError, match=illegal.trigger):
        step(run, illegal)
    assert run == kept


def test_the_diagram_shows_every_row_and_the_page_has_not_drifted() -> None:
    drawing = mermaid()
    for row in TABLE:
        assert f"{row.source} --> {row.target}: {row.trigger}" in drawing
    assert main(["--check"]) == 0, "run: python -m fsm.diagram"
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_check_fails_on_drift(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stale = tmp_path / "page.md"
    assert main(["--page", str(stale)]) == 0
    assert main(["--check", "--page", str(stale)]) == 0
    stale.write_text(page() + "edited by hand\n", encoding="utf-8")
    assert main(["--check", "--page", str(stale)]) == 1
    assert "python -m fsm.diagram" in capsys.readouterr().err
