"""How one subtask runs: the paper's five states and what an engineer needs around them, as one table and a pure step.

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
    VERIFYING = "verifying"
    AWAITING_APPROVAL = "awaiting_approval"
    PREPROCESSING = "preprocessing_in_progress"
    CALL_PENDING = "function_call_result_pending"
    RETRYING = "retrying"
    PAUSED = "paused"
    COMPENSATING = "compensating"
    POSTPROCESSING = "postprocessing_in_progress"
    END = "end"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN_OUTCOME = "unknown_outcome"

    @property
    def is_final(self) -> bool:
        """Whether nothing can happen any more."""
        return self in FINAL_STATES


FINAL_STATES = frozenset(
    {SubtaskState.END, SubtaskState.FAILED, SubtaskState.CANCELLED, SubtaskState.UNKNOWN_OUTCOME}
)
MAXIMUM_RETRIES = 2
"""How often a call that failed is made again, where that does no harm."""


class Trigger(StrEnum):
    """What can happen to a subtask."""

    BEGIN = "begin"
    VERIFIED = "verified"
    REJECTED = "rejected"
    APPROVAL_NEEDED = "approval_needed"
    APPROVED = "approved"
    NOT_APPROVED = "not_approved"
    PREPARATION_FAILED = "preparation_failed"
    CALL_MADE = "call_made"
    CALL_RETURNED = "call_returned"
    CALL_MAY_BE_RETRIED = "call_may_be_retried"
    RETRY_DUE = "retry_due"
    CALL_FAILED = "call_failed"
    CALL_TIMED_OUT = "call_timed_out"
    CALL_TO_BE_COMPENSATED = "call_to_be_compensated"
    COMPENSATED = "compensated"
    PAUSE = "pause"
    RESUME = "resume"
    WATCH_TRIPPED = "watch_tripped"
    TAKEN_UP = "taken_up"
    OUTCOME_UNKNOWN = "outcome_unknown"
    PROGRAM_FINISHED = "program_finished"
    PROGRAM_FAILED = "program_failed"
    CANCEL = "cancel"
    EMERGENCY_STOP = "emergency_stop"
    RELEASED = "released"


class Effect(StrEnum):
    """What the executor must do after a step, in the order given."""

    VERIFY = "check the program against the machine's present mode"
    ASK = "ask a person, and wait for the answer"
    PREPARE = "start the program"
    START_CALL = "keep the program, start the call and its timer"
    WAIT = "wait before the next try"
    RESUME_PROGRAM = "keep the result and hand it to the program"
    REST = "wait until someone lets the program go on"
    TAKE_UP = "take the kept program up again"
    STOP_PROGRAM = "stop the program and the pending call"
    COMPENSATE = "bring the machine into a defined state"
    MAKE_SAFE = "bring the machine to rest"
    RELEASE = "release what the subtask holds"
    REPORT = "report the end"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `call_id` is set for the events about a call."""

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
        retries: how often the pending call has been made again.
        is_approved: whether a person has agreed to what is dangerous in the program.
    """

    state: SubtaskState = SubtaskState.START
    outcome: SubtaskState | None = None
    pending_call: int | None = None
    calls_made: int = 0
    results: int = 0
    retries: int = 0
    is_approved: bool = False


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


def may_try_again(run: SubtaskRun, event: Event) -> bool:
    """The event is about the call whose result is awaited, and it has not been retried too often."""
    return pending_call(run, event) and run.retries < MAXIMUM_RETRIES


def not_approved_yet(run: SubtaskRun, event: Event) -> bool:  # noqa: ARG001
    """Nobody has agreed yet."""
    return not run.is_approved


def heading_for_end(run: SubtaskRun, event: Event) -> bool:  # noqa: ARG001
    """Everything went well."""
    return run.outcome is SubtaskState.END


def heading_for_failed(run: SubtaskRun, event: Event) -> bool:  # noqa: ARG001
    """Something failed."""
    return run.outcome is SubtaskState.FAILED


def heading_for_cancelled(run: SubtaskRun, event: Event) -> bool:  # noqa: ARG001
    """Someone cancelled."""
    return run.outcome is SubtaskState.CANCELLED


def heading_for_unknown_outcome(run: SubtaskRun, event: Event) -> bool:  # noqa: ARG001
    """Nobody knows what a call has done."""
    return run.outcome is SubtaskState.UNKNOWN_OUTCOME


def _nothing(run: SubtaskRun, event: Event) -> SubtaskRun:  # noqa: ARG001
    return run


def _count_call(run: SubtaskRun, event: Event) -> SubtaskRun:
    return replace(run, pending_call=event.call_id, calls_made=run.calls_made + 1, retries=0)


def _count_retry(run: SubtaskRun, event: Event) -> SubtaskRun:  # noqa: ARG001
    return replace(run, retries=run.retries + 1)


def _note_approval(run: SubtaskRun, event: Event) -> SubtaskRun:  # noqa: ARG001
    return replace(run, is_approved=True)


def _count_result(run: SubtaskRun, event: Event) -> SubtaskRun:  # noqa: ARG001
    if run.pending_call is None:
        return run
    return replace(run, pending_call=None, results=run.results + 1)


def _head_for(outcome: SubtaskState) -> Change:
    def change(run: SubtaskRun, event: Event) -> SubtaskRun:
        return replace(_count_result(run, event), outcome=outcome)

    return change


_STOP = (Effect.STOP_PROGRAM, Effect.MAKE_SAFE, Effect.RELEASE)
# The machine first: whatever the program or the call is doing can be stopped afterwards. And again when that is done: a
# call that was slow to stop may have moved it meanwhile.
_AT_ONCE = (Effect.MAKE_SAFE, Effect.STOP_PROGRAM, Effect.MAKE_SAFE, Effect.RELEASE)


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
_TO_END, _TO_FAILED = _head_for(_S.END), _head_for(_S.FAILED)
_TO_CANCELLED, _TO_UNKNOWN = _head_for(_S.CANCELLED), _head_for(_S.UNKNOWN_OUTCOME)
_POST = _S.POSTPROCESSING
# Nothing has moved in these, so the machine is left as it is.
_BEFORE_ANY_CALL = (_S.VERIFYING, _S.AWAITING_APPROVAL)
_UNDER_WAY = (_S.PREPROCESSING, _S.CALL_PENDING, _S.RETRYING, _S.PAUSED, _S.COMPENSATING)

TABLE: tuple[Row, ...] = (
    Row(_T.BEGIN, _S.START, _S.VERIFYING, effects=(Effect.VERIFY,)),
    Row(_T.VERIFIED, _S.VERIFYING, _S.PREPROCESSING, effects=(Effect.PREPARE,)),
    Row(_T.REJECTED, _S.VERIFYING, _POST, None, _TO_FAILED, (Effect.RELEASE,)),
    Row(_T.APPROVAL_NEEDED, _S.VERIFYING, _S.AWAITING_APPROVAL, not_approved_yet, effects=(Effect.ASK,)),
    # The machine may be in another mode by the time that someone answers.
    Row(_T.APPROVED, _S.AWAITING_APPROVAL, _S.VERIFYING, None, _note_approval, (Effect.VERIFY,)),
    Row(_T.NOT_APPROVED, _S.AWAITING_APPROVAL, _POST, None, _TO_FAILED, (Effect.RELEASE,)),
    Row(_T.PREPARATION_FAILED, _S.PREPROCESSING, _POST, None, _TO_FAILED, _STOP),
    Row(_T.CALL_MADE, _S.PREPROCESSING, _S.CALL_PENDING, new_call, _count_call, (Effect.START_CALL,)),
    Row(_T.PROGRAM_FINISHED, _S.PREPROCESSING, _POST, None, _TO_END, (Effect.RELEASE,)),
    Row(_T.PROGRAM_FAILED, _S.PREPROCESSING, _POST, None, _TO_FAILED, _STOP),
    Row(
        _T.CALL_RETURNED,
        _S.CALL_PENDING,
        _S.CALL_PENDING,
        pending_call,
        _count_result,
        (Effect.RESUME_PROGRAM,),
    ),
    Row(_T.CALL_MADE, _S.CALL_PENDING, _S.CALL_PENDING, new_call, _count_call, (Effect.START_CALL,)),
    Row(
        _T.CALL_MAY_BE_RETRIED,
        _S.CALL_PENDING,
        _S.RETRYING,
        may_try_again,
        _count_retry,
        (Effect.WAIT,),
    ),
    Row(_T.RETRY_DUE, _S.RETRYING, _S.CALL_PENDING, pending_call, effects=(Effect.START_CALL,)),
    Row(_T.CALL_FAILED, _S.CALL_PENDING, _POST, pending_call, _TO_FAILED, _STOP),
    Row(_T.CALL_TIMED_OUT, _S.CALL_PENDING, _POST, pending_call, _TO_FAILED, _STOP),
    Row(
        _T.CALL_TO_BE_COMPENSATED,
        _S.CALL_PENDING,
        _S.COMPENSATING,
        pending_call,
        _count_result,
        (Effect.STOP_PROGRAM, Effect.COMPENSATE),
    ),
    Row(_T.COMPENSATED, _S.COMPENSATING, _POST, None, _TO_FAILED, (Effect.MAKE_SAFE, Effect.RELEASE)),
    Row(_T.PROGRAM_FINISHED, _S.CALL_PENDING, _POST, no_call_pending, _TO_END, (Effect.RELEASE,)),
    Row(_T.PROGRAM_FAILED, _S.CALL_PENDING, _POST, no_call_pending, _TO_FAILED, _STOP),
    # A program rests between two calls: the one it stands at has not been made yet.
    Row(_T.PAUSE, _S.PREPROCESSING, _S.PAUSED, effects=(Effect.REST,)),
    Row(_T.PAUSE, _S.CALL_PENDING, _S.PAUSED, no_call_pending, effects=(Effect.REST,)),
    Row(_T.RESUME, _S.PAUSED, _S.PREPROCESSING, effects=(Effect.TAKE_UP,)),
    Row(_T.WATCH_TRIPPED, _S.PREPROCESSING, _POST, None, _TO_FAILED, _STOP),
    Row(_T.WATCH_TRIPPED, _S.CALL_PENDING, _POST, None, _TO_FAILED, _STOP),
    # After a restart: what was kept is taken up where it stood, unless nobody knows what the last call has done.
    Row(_T.TAKEN_UP, _S.CALL_PENDING, _S.CALL_PENDING, pending_call, effects=(Effect.START_CALL,)),
    Row(_T.OUTCOME_UNKNOWN, _S.CALL_PENDING, _POST, pending_call, _TO_UNKNOWN, _STOP),
    Row(_T.OUTCOME_UNKNOWN, _S.COMPENSATING, _POST, None, _TO_UNKNOWN, (Effect.MAKE_SAFE, Effect.RELEASE)),
    *(Row(_T.CANCEL, state, _POST, None, _TO_CANCELLED, (Effect.RELEASE,)) for state in _BEFORE_ANY_CALL),
    *(Row(_T.CANCEL, state, _POST, None, _TO_CANCELLED, _STOP) for state in _UNDER_WAY),
    *(
        Row(_T.EMERGENCY_STOP, state, _POST, None, _TO_FAILED, _AT_ONCE)
        for state in (*_BEFORE_ANY_CALL, *_UNDER_WAY)
    ),
    Row(_T.CANCEL, _S.START, _S.CANCELLED, None, _TO_CANCELLED, (Effect.REPORT,)),
    Row(_T.EMERGENCY_STOP, _S.START, _S.FAILED, None, _TO_FAILED, (Effect.MAKE_SAFE, Effect.REPORT)),
    Row(_T.CANCEL, _POST, _POST),  # too late: the outcome is already known
    Row(_T.EMERGENCY_STOP, _POST, _POST, effects=(Effect.MAKE_SAFE,)),
    Row(_T.RELEASED, _POST, _S.END, heading_for_end, effects=(Effect.REPORT,)),
    Row(_T.RELEASED, _POST, _S.FAILED, heading_for_failed, effects=(Effect.REPORT,)),
    Row(_T.RELEASED, _POST, _S.CANCELLED, heading_for_cancelled, effects=(Effect.REPORT,)),
    Row(_T.RELEASED, _POST, _S.UNKNOWN_OUTCOME, heading_for_unknown_outcome, effects=(Effect.REPORT,)),
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
