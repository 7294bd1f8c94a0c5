"""What an executor holds while one program runs, and how that is written down for the case that power is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Self

from device_agent.orders import Orders
from device_agent.pipeline import Program
from device_agent.run_record import KeptCall, Phase, RunRecord
from fsm.subtask import SubtaskRun, SubtaskState
from protocol.errors import ErrorCode
from protocol.messages import Finding, StateVisit
from sandbox.session import PendingCall, SandboxSession

StateObserver = Callable[[SubtaskState], None]


@dataclass(slots=True)
class Work:
    """One program at work.

    Attributes:
        subtask_id: whose program it is.
        sentence: what was asked for.
        program: what runs.
        orders: what people want meanwhile.
        observer: is told every new state.
        entered_at: when the present state was entered, Unix seconds.
        run: the state machine's memory.
        session: the sandbox, while the program holds a worker.
        reached: the call that the program stands at.
        snapshot: the program as it stood at its last call.
        call: the call that is pending or was answered last.
        result: what it returned.
        titles: what was done, in words.
        failed: what failed although the run goes on, in words.
        findings: what the machine saw.
        failure: why the run ends early.
        code: the same, for programs.
        has_moved: whether a call may have moved the machine.
        visits: the states that were left, with the time spent in each.
        kept: the record that was written last.
    """

    subtask_id: str
    sentence: str
    program: Program
    orders: Orders
    observer: StateObserver | None
    entered_at: float
    run: SubtaskRun = field(default_factory=SubtaskRun)
    session: SandboxSession | None = None
    reached: PendingCall | None = None
    snapshot: bytes = b""
    call: KeptCall | None = None
    result: Any = None
    titles: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    failure: str = ""
    code: ErrorCode | None = None
    has_moved: bool = False
    visits: list[StateVisit] = field(default_factory=list)
    kept: RunRecord | None = None

    @classmethod
    def from_record(
        cls,
        record: RunRecord,
        program: Program,
        orders: Orders,
        observer: StateObserver | None,
        now: float,
    ) -> Self:
        """Take up what was written down; what people had ordered is ordered again."""
        orders.take_up(record.approval, record.rests_because)
        return cls(
            record.subtask_id,
            record.sentence,
            program,
            orders,
            observer,
            now,
            run=record.run,
            snapshot=record.snapshot,
            call=record.call,
            result=record.result,
            titles=list(record.titles),
            failed=list(record.failed),
            findings=list(record.findings),
            failure=record.failure,
            code=record.code,
            has_moved=record.run.calls_made > 0,
            visits=list(record.visits),
            kept=record,
        )

    def record(self, phase: Phase) -> RunRecord:
        """Write it down, so that it can go on elsewhere."""
        is_answered = phase is Phase.ANSWERED
        return RunRecord(
            subtask_id=self.subtask_id,
            sentence=self.sentence,
            source=self.program.source,
            function_names=self.program.function_names,
            model_calls=self.program.model_calls,
            usage=self.program.usage,
            phase=phase,
            # A result that is kept is counted when it is handed to the program.
            run=self._before_result() if is_answered else self.run,
            call=self.call,
            result=self.result if is_answered else None,
            titles=tuple(self.titles),
            failed=tuple(self.failed),
            findings=tuple(self.findings),
            failure=self.failure,
            code=self.code,
            approval=self.orders.approval,
            rests_because=self.orders.wants_rest,
            visits=tuple(self.visits),
            snapshot=self.snapshot,
        )

    def _before_result(self) -> SubtaskRun:
        run, call = self.run, self.call
        assert call is not None  # noqa: S101 - a result belongs to a call
        return replace(
            run,
            state=SubtaskState.CALL_PENDING,
            outcome=None,
            pending_call=call.call_id,
            results=run.results - 1,
        )
