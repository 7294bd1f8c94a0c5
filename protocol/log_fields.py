"""What a line of a log is about: goal, subtask, device. Set where work begins, read by whatever writes the log.

Kept beside the running task (`contextvars`), so that code far below need not be handed ids to log them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

_NOTHING: Mapping[str, str] = MappingProxyType({})
_fields: ContextVar[Mapping[str, str]] = ContextVar("log_fields", default=_NOTHING)


def log_fields() -> Mapping[str, str]:
    """Return what the present work is about, such as {"goal_id": "goal-1f0c9a7be342"}."""
    return _fields.get()


@contextmanager
def logging_about(
    *, goal_id: str | None = None, subtask_id: str | None = None, device_id: str | None = None
) -> Iterator[None]:
    """Have every line that is logged within say what it is about; what was known before stays known."""
    given = {"goal_id": goal_id, "subtask_id": subtask_id, "device_id": device_id}
    told = {name: value for name, value in given.items() if value is not None}
    token = _fields.set({**_fields.get(), **told})
    try:
        yield
    finally:
        _fields.reset(token)
