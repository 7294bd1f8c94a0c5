"""A look inside devices: what their agents found, wrote and checked. Only whoever runs the agents can offer it.

The coordinator knows nothing of a device's API, and these pages ask it for nothing of the kind: an inspector is handed
in by whoever has agents at hand, such as a demo or the person at the device.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

_TIMEOUT_SECONDS = 2.0


class Inspection(BaseModel):
    """The last sentence that a device was given, and what became of it inside.

    Attributes:
        functions: what was retrieved for it, in the device's own words.
        verdicts: what each check of a program said, oldest first.
        program: what is run, empty before it is written.
        states: the states that the run has come to, oldest first; the last one is where it is.
        report: how it ended, empty before it has.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    subtask_id: str
    sentence: str
    functions: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    program: str = ""
    states: tuple[str, ...] = ()
    report: str = ""


class Inspector(Protocol):
    """Looks inside devices."""

    async def inspect(self, device_id: str) -> Inspection | None:
        """Return what is inside a device; None where it cannot be looked into, or was given nothing yet."""
        ...


class RemoteInspector:
    """Asks agents that let themselves be looked into (`parley agent --inspect-port`).

    Args:
        addresses: of the agents, such as `http://127.0.0.1:9101`, by device.
    """

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self._addresses = addresses
        self._client = httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False)

    async def inspect(self, device_id: str) -> Inspection | None:
        """Return what is inside a device; None where it has no address here, does not answer, or was given nothing yet."""
        address = self._addresses.get(device_id)
        if address is None:
            return None
        try:
            response = await self._client.get(f"{address.rstrip('/')}/inspection")
            return Inspection.model_validate_json(response.content) if response.is_success else None
        except (httpx.HTTPError, ValidationError):
            return None

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
