"""The subtask machine, row by row, and its diagram."""

from pathlib import Path

import pytest

from fsm.diagram import PAGE, main, mermaid, page
from fsm.subtask import (
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
RELEASED = Event(Trigger.RELEASED)
FINISHED = Event(Trigger.PROGRAM_FINISHED)


def call(number: int) -> tuple[Event, Event]:
    return Event(Trigger.CALL_MADE, number), Event(Trigger.CALL_RETURNED, number)


def test_two_calls_walk_the_papers_five_states() -> None:
    run, states = SubtaskRun(), [SubtaskState.START]
    for event in (BEGIN, *call(1), *call(2), FINISHED, RELEASED):
        run, _ = step(run, event)
        if run.state is not states[-1]:
            states.append(run.state)
    assert states == [
        SubtaskState.START,
        SubtaskState.PREPROCESSING,
        SubtaskState.CALL_PENDING,
        SubtaskState.POSTPROCESSING,
        SubtaskState.END,
    ]
    assert (run.calls_made, run.results, run.pending_call) == (2, 2, None)


@pytest.mark.parametrize(
    ("events", "final"),
    [
        ((Event(Trigger.CANCEL),), SubtaskState.CANCELLED),
        ((BEGIN, Event(Trigger.CANCEL), RELEASED), SubtaskState.CANCELLED),
        ((BEGIN, Event(Trigger.PREPARATION_FAILED), RELEASED), SubtaskState.FAILED),
        ((BEGIN, Event(Trigger.PROGRAM_FAILED), RELEASED), SubtaskState.FAILED),
        ((BEGIN, FINISHED, RELEASED), SubtaskState.END),
        ((BEGIN, call(1)[0], Event(Trigger.CALL_FAILED, 1), RELEASED), SubtaskState.FAILED),
        ((BEGIN, call(1)[0], Event(Trigger.CALL_TIMED_OUT, 1), RELEASED), SubtaskState.FAILED),
        ((BEGIN, call(1)[0], Event(Trigger.CANCEL), RELEASED), SubtaskState.CANCELLED),
        ((BEGIN, *call(1), Event(Trigger.PROGRAM_FAILED), RELEASED), SubtaskState.FAILED),
        ((BEGIN, *call(1), FINISHED, Event(Trigger.CANCEL), RELEASED), SubtaskState.END),
    ],
)
def test_every_way_out_ends_in_its_final_state(events: tuple[Event, ...], final: SubtaskState) -> None:
    run, effects = walk(*events)
    assert run.state is final
    assert effects.count(Effect.REPORT) == 1
    assert run.calls_made == run.results


def test_everything_but_success_after_the_start_makes_the_machine_safe() -> None:
    for row in TABLE:
        ends_badly = (
            row.target is SubtaskState.POSTPROCESSING and row.source is not SubtaskState.POSTPROCESSING
        )
        if ends_badly and row.trigger is not Trigger.PROGRAM_FINISHED:
            assert Effect.MAKE_SAFE in row.effects
            assert row.effects.index(Effect.STOP_PROGRAM) < row.effects.index(Effect.MAKE_SAFE)


@pytest.mark.parametrize(
    ("before", "illegal"),
    [
        ((), RELEASED),
        ((BEGIN,), BEGIN),
        ((BEGIN,), Event(Trigger.CALL_MADE, 2)),
        ((BEGIN,), Event(Trigger.CALL_RETURNED, 1)),
        ((BEGIN, call(1)[0]), Event(Trigger.CALL_MADE, 2)),
        ((BEGIN, call(1)[0]), Event(Trigger.CALL_RETURNED, 2)),
        ((BEGIN, call(1)[0]), FINISHED),
        ((BEGIN, *call(1)), Event(Trigger.CALL_RETURNED, 1)),
        ((BEGIN, FINISHED, RELEASED), Event(Trigger.CANCEL)),
    ],
)
def test_an_illegal_event_raises_and_changes_nothing(before: tuple[Event, ...], illegal: Event) -> None:
    run, _ = walk(*before)
    kept = SubtaskRun(run.state, run.outcome, run.pending_call, run.calls_made, run.results)
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
