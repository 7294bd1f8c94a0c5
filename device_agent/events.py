"""What an agent lets observers on the same machine see: programs and states stay here and never go on the wire."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from protocol.messages import Report

logger = logging.getLogger(__name__)


class AgentEventKind(StrEnum):
    """What happened."""

    SUBTASK_RECEIVED = "subtask_received"
    FUNCTIONS_FOUND = "functions_found"
    PROGRAM_CHECKED = "program_checked"
    PROGRAM_WRITTEN = "program_written"
    STATE_CHANGED = "state_changed"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class AgentEvent:
    """One thing for people to watch.

    `text` is the sentence received, the functions that were retrieved for it (one a line), what the check of an answer of
    the model said, the program's source, the name of the new state, or the report's sentence;
    `status` and `report` are set when finished: the report, and its status.
    """

    kind: AgentEventKind
    device_id: str
    subtask_id: str
    text: str
    at: float
    status: str | None = None
    report: Report | None = None


Observer = Callable[[AgentEvent], None]


def notify(observer: Observer | None, event: AgentEvent) -> None:
    """Tell an observer; its mistakes are logged and do not disturb the agent."""
    if observer is None:
        return
    try:
        observer(event)
    except Exception:  # an observer may raise anything, and must not stop a machine half way
        logger.exception("An observer of %s failed.", event.device_id)
