"""How one subtask runs: the paper's five states, plus `failed` and `cancelled`, as one table and a pure step.

Nothing here does I/O or reads a clock. `step` takes what happened and says what to do next; an event that the table does
not allow raises `IllegalEventError` and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from transitions import Machine, MachineError

from protocol.errors import InternalError


class SubtaskState(StrEnum):
    """Where a subtask is."""

    START = "start"
    PREPROCESSING = "preprocessing_in_progress"
    CALL_PENDING = "function_call_result_pending"
    POSTPROCESSING = "postprocessing_in_progress"
    END = "end"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing can happen any more."""
        return self in FINAL_STATES


FINAL_STATES = frozenset({SubtaskState.END, SubtaskState.FAILED, SubtaskState.CANCELLED})


class Trigger(StrEnum):
    """What can happen to a subtask."""

    BEGIN = "begin"
    PREPARATION_FAILED = "preparation_failed"
    CALL_MADE = "call_made"
    CALL_RETURNED = "call_returned"
    CALL_FAILED = "call_failed"
    CALL_TIMED_OUT = "call_timed_out"
    PROGRAM_FINISHED = "program_finished"
    PROGRAM_FAILED = "program_failed"
    CANCEL = "cancel"
    RELEASED = "released"


class Effect(StrEnum):
    """What the executor must do after a step, in the order given."""

    PREPARE = "prepare the driver and start the program"
    START_CALL = "start the call and its timer"
    RESUME_PROGRAM = "hand the result to the program"
    STOP_PROGRAM = "stop the program and the pending call"
    MAKE_SAFE = "bring the machine to rest"
    RELEASE = "release what the subtask holds"
    REPORT = "report the end"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `call_id` is set for the four events about a call."""

    trigger: Trigger
    call_id: int | None = None


@dataclass(frozen=True, slots=True)
class SubtaskRun:
    """The whole memory of a running subtask.

    Attributes:
        state: where it is.
        outcome: the final state it is heading for, known from the moment postprocessing begins.
        pending_call: number of the call whose result is awaited.
        calls_made: how many calls the program has made.
        results: how many of them have been answered: returned, failed, timed out or abandoned.
    """

    state: SubtaskState = SubtaskState.START
    outcome: SubtaskState | None = None
    pending_call: int | None = None
    calls_made: int = 0
    results: int = 0


class IllegalEventError(InternalError):
    """The table has no row for this event in this situation; the run is unchanged."""

    def __init__(self, run: SubtaskRun, event: Event) -> None:
        call = "" if event.call_id is None else f" of call {event.call_id}"
        super().__init__(f"'{event.trigger}'{call} is not allowed in {run}.")
        self.run = run
        self.event = event


Guard = Callable[[SubtaskRun, Event], bool]
Change = Callable[[SubtaskRun, Event], SubtaskRun]


def new_call(run: SubtaskRun, event: Event) -> bool:
    """No call is pending and the event carries the next number."""
    return run.pending_call is None and event.call_id == run.calls_made + 1


def pending_call(run: SubtaskRun, event: Event) -> bool:
    """The event is about the call whose result is awaited."""
    return run.pending_call is not None and event.call_id == run.pending_call


def no_call_pending(run: SubtaskRun, event: Event) -> bool:  # noqa: ARG001 - one shape for all guards
    """Every call so far has been answered."""
    return run.pending_call is None


def heading_for_end(run: SubtaskRun, event: Event) -> bool:  # noqa: ARG001
    """Everything went well."""
    return run.outcome is SubtaskState.END


def heading_for_failed(run: SubtaskRun, event: Event) -> bool:  # noqa: ARG001
    """Something failed."""
    return run.outcome is SubtaskState.FAILED


def heading_for_cancelled(run: SubtaskRun, event: Event) -> bool:  # noqa: ARG001
    """Someone cancelled."""
    return run.outcome is SubtaskState.CANCELLED


def _nothing(run: SubtaskRun, event: Event) -> SubtaskRun:  # noqa: ARG001
    return run


def _count_call(run: SubtaskRun, event: Event) -> SubtaskRun:
    return replace(run, pending_call=event.call_id, calls_made=run.calls_made + 1)


def _count_result(run: SubtaskRun, event: Event) -> SubtaskRun:  # noqa: ARG001
    if run.pending_call is None:
        return run
    return replace(run, pending_call=None, results=run.results + 1)


def _head_for(outcome: SubtaskState) -> Change:
    def change(run: SubtaskRun, event: Event) -> SubtaskRun:
        return replace(_count_result(run, event), outcome=outcome)

    return change


_STOP = (Effect.STOP_PROGRAM, Effect.MAKE_SAFE, Effect.RELEASE)


@dataclass(frozen=True, slots=True)
class Row:
    """One arrow of the diagram."""

    trigger: Trigger
    source: SubtaskState
    target: SubtaskState
    guard: Guard | None = None
    change: Change = _nothing
    effects: tuple[Effect, ...] = ()


_S, _T = SubtaskState, Trigger

TABLE: tuple[Row, ...] = (
    Row(_T.BEGIN, _S.START, _S.PREPROCESSING, effects=(Effect.PREPARE,)),
    Row(_T.CANCEL, _S.START, _S.CANCELLED, None, _head_for(_S.CANCELLED), (Effect.REPORT,)),
    Row(_T.PREPARATION_FAILED, _S.PREPROCESSING, _S.POSTPROCESSING, None, _head_for(_S.FAILED), _STOP),
    Row(_T.CALL_MADE, _S.PREPROCESSING, _S.CALL_PENDING, new_call, _count_call, (Effect.START_CALL,)),
    Row(_T.PROGRAM_FINISHED, _S.PREPROCESSING, _S.POSTPROCESSING, None, _head_for(_S.END), (Effect.RELEASE,)),
    Row(_T.PROGRAM_FAILED, _S.PREPROCESSING, _S.POSTPROCESSING, None, _head_for(_S.FAILED), _STOP),
    Row(_T.CANCEL, _S.PREPROCESSING, _S.POSTPROCESSING, None, _head_for(_S.CANCELLED), _STOP),
    Row(
        _T.CALL_RETURNED,
        _S.CALL_PENDING,
        _S.CALL_PENDING,
        pending_call,
        _count_result,
        (Effect.RESUME_PROGRAM,),
    ),
    Row(_T.CALL_MADE, _S.CALL_PENDING, _S.CALL_PENDING, new_call, _count_call, (Effect.START_CALL,)),
    Row(_T.CALL_FAILED, _S.CALL_PENDING, _S.POSTPROCESSING, pending_call, _head_for(_S.FAILED), _STOP),
    Row(_T.CALL_TIMED_OUT, _S.CALL_PENDING, _S.POSTPROCESSING, pending_call, _head_for(_S.FAILED), _STOP),
    Row(
        _T.PROGRAM_FINISHED,
        _S.CALL_PENDING,
        _S.POSTPROCESSING,
        no_call_pending,
        _head_for(_S.END),
        (Effect.RELEASE,),
    ),
    Row(_T.PROGRAM_FAILED, _S.CALL_PENDING, _S.POSTPROCESSING, no_call_pending, _head_for(_S.FAILED), _STOP),
    Row(_T.CANCEL, _S.CALL_PENDING, _S.POSTPROCESSING, None, _head_for(_S.CANCELLED), _STOP),
    Row(_T.CANCEL, _S.POSTPROCESSING, _S.POSTPROCESSING),  # too late: the outcome is already known
    Row(_T.RELEASED, _S.POSTPROCESSING, _S.END, heading_for_end, effects=(Effect.REPORT,)),
    Row(_T.RELEASED, _S.POSTPROCESSING, _S.FAILED, heading_for_failed, effects=(Effect.REPORT,)),
    Row(_T.RELEASED, _S.POSTPROCESSING, _S.CANCELLED, heading_for_cancelled, effects=(Effect.REPORT,)),
)


class _Model:
    """What the machine moves during one step; thrown away afterwards."""

    def __init__(self, run: SubtaskRun) -> None:
        self.state: str = run.state.value
        self.run = run
        self.effects: tuple[Effect, ...] = ()


def _condition(row: Row) -> Callable[[Any], bool]:
    def allowed(data: Any) -> bool:
        return row.guard is None or row.guard(data.model.run, data.args[0])

    return allowed


def _recorder(row: Row) -> Callable[[Any], None]:
    def record(data: Any) -> None:
        data.model.run = replace(row.change(data.model.run, data.args[0]), state=row.target)
        data.model.effects = row.effects

    return record


def _build_machine() -> Any:
    return Machine(
        model=None,
        states=[state.value for state in SubtaskState],
        transitions=[
            {
                "trigger": row.trigger.value,
                "source": row.source.value,
                "dest": row.target.value,
                "conditions": _condition(row),
                "after": _recorder(row),
            }
            for row in TABLE
        ],
        initial=SubtaskState.START.value,
        auto_transitions=False,
        send_event=True,
    )


_MACHINE = _build_machine()


def step(run: SubtaskRun, event: Event) -> tuple[SubtaskRun, tuple[Effect, ...]]:
    """Say where `event` leads from `run`, and what to do then.

    Raises:
        IllegalEventError: the table has no row for it; `run` stays as it was.
    """
    model = _Model(run)
    try:
        moved = _MACHINE.events[event.trigger.value].trigger(model, event)
    except MachineError as error:
        raise IllegalEventError(run, event) from error
    if not moved:
        raise IllegalEventError(run, event)
    return model.run, model.effects
