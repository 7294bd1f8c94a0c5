"""What the pages share: the API, the live state, the map, and what whoever set the dashboard up has added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.api import Api
from dashboard.conversations import Conversations
from dashboard.floor import FloorSource
from dashboard.inspection import Inspector
from dashboard.live import Live

ROOT = "/ui"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that can be broken, or mended, with a button of a demo.

    Attributes:
        label: of the button.
        path: where the button's order goes on this server.
        body: what is sent there; the chosen device is added as `device_id` where `is_of_device`.
    """

    label: str
    path: str
    body: dict[str, object]
    is_of_device: bool = True


@dataclass(frozen=True, slots=True)
class Context:
    """Everything that pages need.

    Attributes:
        api: the coordinator's.
        live: the present state.
        conversations: what was said, by browser tab.
        floor: draws the map.
        inspector: looks inside devices; None where nobody can.
        faults: buttons that break things; none outside demos.
        examples: sentences that a new conversation offers.
        breakable: the devices that faults can be given to; every device when None.
    """

    api: Api
    live: Live
    conversations: Conversations
    floor: FloorSource
    inspector: Inspector | None = None
    faults: Sequence[Fault] = ()
    breakable: Sequence[str] | None = None
    examples: Sequence[str] = ()

    async def close(self) -> None:
        """Ask nothing more. Before the server ends: it would wait for the questions that are open."""
        self.live.stop()
        await self.api.close()
