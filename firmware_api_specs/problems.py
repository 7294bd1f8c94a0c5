"""What is wrong with a file, said so that its author can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from protocol.errors import shorten

Step = str | int
Steps = tuple[Step, ...]
Severity = Literal["error", "warning"]
Complaint = tuple[Steps, Any, str, Severity]
"""A problem before its file is known: where, what stands there, what is allowed, how bad it is."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: where, what stands there, and what is allowed instead.

    An error keeps the file from being used; a warning names what will work less well than it could.
    """

    file: str
    path: str
    value: Any
    allowed: str
    severity: Severity = "error"

    @property
    def is_error(self) -> bool:
        """Whether the file cannot be used before this is mended."""
        return self.severity == "error"

    def __str__(self) -> str:
        return f"{self.severity}: {self.path} is {shorten(self.value)}; allowed: {self.allowed}."


def json_path(steps: Iterable[Step]) -> str:
    """Write a place in a JSON document, for example `$.actions.move["parley:danger"]` or `$.items[0]`."""
    path = "$"
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        elif step.isidentifier():
            path += f".{step}"
        else:
            path += f'["{step}"]'
    return path
