"""The status of an action that goes on after its request was answered, as W3C's WoT profile for HTTP words it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

GOING_ON = frozenset({"pending", "running"})
COMPLETED = "completed"
FAILED = frozenset({"failed", "cancelled", "canceled"})
_WORDS = GOING_ON | FAILED | {COMPLETED}


@dataclass(frozen=True, slots=True)
class ActionStatus:
    """How far an action is.

    Attributes:
        state: one of pending, running, completed, failed, cancelled.
        output: the result of a completed one.
        href: where to ask again, where the machine says so.
    """

    state: str
    output: Any
    href: str | None


def read_status(body: Any) -> ActionStatus | None:
    """Read a status; None where a body is something else."""
    if not isinstance(body, Mapping):
        return None
    state = body.get("status", body.get("state"))
    if state not in _WORDS:
        return None
    href = body.get("href")
    return ActionStatus(str(state), body.get("output"), href if isinstance(href, str) else None)
