"""A look inside one device: what its agent found, wrote and checked. Only whoever runs the agent can offer it.

The coordinator knows nothing of a device's API, and these pages ask it for nothing of the kind: an inspector is handed
in by whoever has agents at hand, such as a demo or the person at the device.
"""

from __future__ import annotations

from typing import Protocol

from pydantic import BaseModel, ConfigDict


class Inspection(BaseModel):
    """The last sentence that a device was given, and what became of it inside.

    Attributes:
        functions: what was retrieved for it, in the device's own words.
        program: what was written, empty before it is.
        verdict: what the check of the program said, empty before it has.
        state: the state that the run is in now.
    """

    model_config = ConfigDict(frozen=True)

    subtask_id: str
    sentence: str
    functions: tuple[str, ...] = ()
    program: str = ""
    verdict: str = ""
    state: str = ""


class Inspector(Protocol):
    """Looks inside devices."""

    def inspect(self, device_id: str) -> Inspection | None:
        """Return what is inside a device; None where it cannot be looked into, or was given nothing yet."""
        ...
