"""The states that a subtask's run went through, read from the ledger."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from coordinator.ledger.events import Event, EventKind
from coordinator.operations import unknown_subtask
from protocol.errors import ErrorCode, InputError
from protocol.messages import StateVisit


class Trace(BaseModel):
    """The states that the run of one subtask went through, in order, with the seconds spent in each.

    `status` is how it ended. A device that reports no states leaves `visits` empty.
    """

    model_config = ConfigDict(frozen=True)

    subtask_id: str
    goal_id: str
    device_id: str
    sentence: str
    status: str
    visits: tuple[StateVisit, ...]


def goal_of(subtask_id: str) -> str:
    """Return the goal that a subtask belongs to, which its id begins with."""
    return subtask_id.rpartition("-")[0]


def trace(events: Iterable[Event], subtask_id: str) -> Trace:
    """Find a subtask's states among the events of its goal. What came after the coordinator had stopped waiting counts too.

    Raises:
        InputError: there is no such subtask (code `not_found`), or it has not ended (`conflict`).
    """
    own = [event for event in events if event.data.get("subtask_id") == subtask_id]
    assigned = next((event for event in own if event.kind is EventKind.SUBTASK_ASSIGNED), None)
    if assigned is None:
        raise unknown_subtask(subtask_id)
    ends = [event for event in own if event.kind in {EventKind.SUBTASK_ENDED, EventKind.LATE_REPORT}]
    if not ends:
        raise InputError(
            "subtask_id",
            subtask_id,
            "a subtask that has ended",
            code=ErrorCode.CONFLICT,
            remedy="Its states come with its end; `parley agent trace`, where its agent runs, shows them before.",
        )
    return Trace(
        subtask_id=subtask_id,
        goal_id=assigned.goal_id or "",
        device_id=assigned.data["device_id"],
        sentence=assigned.data["sentence"],
        status=ends[-1].data.get("outcome") or ends[-1].data["status"],
        visits=ends[-1].data.get("visits", ()),
    )
