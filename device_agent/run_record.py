"""What must be kept of a run, so that a loss of power at any moment neither repeats nor loses a call."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fsm.subtask import SubtaskRun
from inference.metering import Usage
from protocol.errors import ErrorCode
from protocol.messages import Approval, Finding, StateVisit
from sandbox.errors import SnapshotRefusedError

_ANEW = "Look at the machine, then give the order anew."


class Phase(StrEnum):
    """How far a run has come."""

    BEGUN = "begun"
    ASKING = "asking"
    ISSUED = "issued"
    ANSWERED = "answered"
    COMPENSATING = "compensating"
    PAUSED = "paused"
    ENDING = "ending"


class KeptCall(BaseModel):
    """A call as the program made it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    call_id: int
    name: str
    arguments: dict[str, Any]


class RunRecord(BaseModel):
    """All that a run needs to go on elsewhere.

    Attributes:
        subtask_id: whose run it is.
        sentence: what was asked for.
        source: the program.
        function_names: what it may call.
        model_calls: how many calls of the model writing it has cost.
        usage: what they have cost otherwise.
        phase: how far it has come. `issued`: a call may have reached the machine; `answered`: its result is known;
            `compensating`: it has failed, and what is done then may have reached the machine; `ending`: it has not ended
            well, and how is known.
        run: the state machine's memory; where a call is pending, from before its result.
        call: the call that is pending or answered.
        result: its result, once it is answered.
        titles: what was done, in words.
        failed: what failed although the run goes on, in words.
        findings: what the machine saw.
        failure: why it ends early.
        code: the same, for programs.
        approval: the question that was asked.
        rests_because: why it is paused, or is to be after the call that is pending.
        visits: the states it has been in.
        snapshot: the paused program; empty where it has not begun.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    subtask_id: str
    sentence: str
    source: str
    function_names: tuple[str, ...]
    model_calls: int
    usage: Usage = Usage()
    phase: Phase
    run: SubtaskRun
    call: KeptCall | None = None
    result: Any = None
    titles: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    failure: str = ""
    code: ErrorCode | None = None
    approval: Approval | None = None
    rests_because: str = ""
    visits: tuple[StateVisit, ...] = ()
    snapshot: bytes = Field(default=b"", exclude=True)

    def to_bytes(self) -> bytes:
        """Write the record: one line of JSON, then the snapshot."""
        return self.model_dump_json().encode() + b"\n" + self.snapshot

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Read what `to_bytes` has written.

        Raises:
            SnapshotRefusedError: it is something else.
        """
        head, _, snapshot = content.partition(b"\n")
        try:
            return cls.model_validate({**json.loads(head), "snapshot": snapshot})
        except (ValueError, TypeError, ValidationError) as error:
            raise SnapshotRefusedError("The record of a run cannot be read.", remedy=_ANEW) from error


class RunKeeper(Protocol):
    """Where records are kept; `device_agent.kept_runs.KeptRuns` is the real one."""

    def keep(self, record: RunRecord) -> None:
        """Keep the newest record of a run, in place of the one before: whole or not at all, and for good."""
        ...
