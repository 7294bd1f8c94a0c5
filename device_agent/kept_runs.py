"""Keeps the records of runs in the agent's store, sealed, so that nobody can change what a restarted agent goes on with."""

from __future__ import annotations

from dataclasses import dataclass

from device_agent.run_record import RunRecord
from device_agent.store import AgentStore
from sandbox.errors import SnapshotRefusedError
from sandbox.seal import SnapshotSealer


@dataclass(frozen=True, slots=True)
class RefusedRun:
    """A record that must not be used; `why` is for the local log."""

    subtask_id: str
    why: str


class KeptRuns:
    """The runs of one agent.

    Args:
        store: the agent's store.
        sealer: seals with the agent's own key.
    """

    def __init__(self, store: AgentStore, sealer: SnapshotSealer) -> None:
        self._store = store
        self._sealer = sealer

    def keep(self, record: RunRecord) -> None:
        """Keep a record; see `RunKeeper.keep`."""
        self._store.keep_run(record.subtask_id, self._sealer.seal(record.to_bytes(), record.subtask_id))

    def unfinished(self) -> list[RunRecord | RefusedRun]:
        """Return what a crash has left, in the order in which it was accepted."""
        found: list[RunRecord | RefusedRun] = []
        for subtask_id, sealed in self._store.kept_runs():
            try:
                record = RunRecord.from_bytes(self._sealer.open(sealed, subtask_id))
            except SnapshotRefusedError as error:
                found.append(RefusedRun(subtask_id, str(error)))
            else:
                found.append(record)
        return found
