"""What an agent has kept of one run, for people at its machine; read from its state while it runs or rests.

Nothing here goes on the wire: a program names the functions of the device.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from pydantic import ValidationError

from device_agent.run_record import RunRecord
from device_agent.store import FILE_NAME, KEY_NAME
from fsm.trace import mermaid, table
from protocol.errors import ErrorCode, InputError, OperatorError
from protocol.messages import Report, StateVisit
from sandbox.errors import SnapshotRefusedError
from sandbox.seal import SnapshotSealer, load_or_create_key

_SAME = "Name the directory, the site and the device as its agent was started with."


@dataclass(frozen=True, slots=True)
class RunTrace:
    """One run.

    Attributes:
        subtask_id: whose run it is.
        summary: how it ended or stands, a sentence.
        visits: the states it has been in, and where it is now with 0 seconds; empty where it was never begun.
        program: what runs; empty once it has ended.
        call: the call whose result is awaited, as a program would write it; empty where none is.
    """

    subtask_id: str
    summary: str
    visits: tuple[StateVisit, ...] = ()
    program: str = ""
    call: str = ""

    def text(self) -> str:
        """Return the run as a page for a terminal."""
        parts = [f"{self.subtask_id}: {self.summary}"]
        if self.visits:
            parts.append(table(self.visits))
        if self.program:
            lines = [f"{number}  {line}" for number, line in enumerate(self.program.splitlines(), 1)]
            parts.append("\n".join(["Program:", *lines]))
        if self.call:
            parts.append(f"Waits for: {self.call}")
        return "\n\n".join(parts)

    def diagram(self) -> str:
        """Return the run as a Mermaid state diagram."""
        return mermaid(self.visits)


def read_trace(state_directory: Path, subtask_id: str) -> RunTrace:
    """Read what the agent of a state directory has kept of one run. The agent may be at work meanwhile.

    Raises:
        InputError: the agent never had this subtask, or has forgotten it.
        OperatorError: no agent keeps its state there, or it cannot be read.
    """
    path = state_directory / FILE_NAME
    if not path.is_file():
        raise OperatorError(
            f"No agent keeps its state in {state_directory}.", code=ErrorCode.NOT_FOUND, remedy=_SAME
        )
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
            row = connection.execute(
                "SELECT final_report, sealed FROM subtasks LEFT JOIN runs USING (subtask_id) WHERE subtask_id=?",
                (subtask_id,),
            ).fetchone()
    except sqlite3.Error as error:
        raise OperatorError(f"The agent's state in {path} cannot be read: {error}.", remedy=_SAME) from error
    if row is None:
        raise InputError(
            "subtask_id",
            subtask_id,
            "a subtask that this agent has had",
            code=ErrorCode.NOT_FOUND,
            remedy="GET /v1/goals/{goal_id} of the coordinator lists a goal's subtasks.",
        )
    final_report, sealed = row
    if final_report is not None:
        return _ended(subtask_id, final_report, path)
    if sealed is not None:
        return _under_way(subtask_id, bytes(sealed), state_directory / KEY_NAME)
    return RunTrace(subtask_id, "taken on, not begun.")


def _ended(subtask_id: str, final_report: str, path: Path) -> RunTrace:
    try:
        report = Report.model_validate_json(final_report)
    except ValidationError as error:
        raise OperatorError(f"A report in {path} cannot be read.", code=ErrorCode.INTERNAL) from error
    return RunTrace(subtask_id, f"{report.status}. {report.sentence}", report.visits)


def _under_way(subtask_id: str, sealed: bytes, key_file: Path) -> RunTrace:
    if not key_file.is_file():
        raise OperatorError(
            f"The key {key_file} of what is kept of runs is missing.", code=ErrorCode.NOT_FOUND
        )
    try:
        record = RunRecord.from_bytes(SnapshotSealer(load_or_create_key(key_file)).open(sealed, subtask_id))
    except SnapshotRefusedError as error:
        raise OperatorError(error.message, code=error.code, remedy=error.remedy) from error
    now = record.run.state
    call = record.call if record.run.pending_call is not None else None
    arguments = ", ".join(f"{name}={value!r}" for name, value in (call.arguments if call else {}).items())
    return RunTrace(
        subtask_id,
        f"under way, in {now} when it was kept last.",
        (*record.visits, StateVisit(state=now.value, seconds=0.0)),
        record.source,
        f"{call.name}({arguments})" if call else "",
    )
