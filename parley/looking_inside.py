"""Lets people look inside agents: at the functions that were retrieved, the program, its check, the states of its run.

Only for eyes on the agent's own machine: `parley agent --inspect-port` serves it on the loopback address and nowhere else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from dashboard.inspection import Inspection
from device_agent.events import AgentEvent, AgentEventKind
from fsm.subtask import SubtaskState
from parley.serving import serving

LOOPBACK = "127.0.0.1"
_NAMES = [LOOPBACK, "localhost"]
_MOST_STATES = 500


class AgentInspector:
    """Remembers of each agent what it told its observer last. Give `note` to agents as their observer."""

    def __init__(self) -> None:
        self._seen: dict[str, Inspection] = {}
        self._waiting: dict[str, Inspection] = {}

    async def inspect(self, device_id: str) -> Inspection | None:
        """Return what is inside a device; None where it was given nothing yet."""
        return self._seen.get(device_id)

    def note(self, event: AgentEvent) -> None:
        """Take in what an agent tells."""
        device_id, seen = event.device_id, self._seen.get(event.device_id)
        if event.kind is AgentEventKind.SUBTASK_RECEIVED:
            self._waiting[device_id] = Inspection(subtask_id=event.subtask_id, sentence=event.text)
            if seen is None or seen.report:
                self._seen[device_id] = self._waiting[device_id]
            return
        if seen is None or seen.subtask_id != event.subtask_id:
            if event.kind is AgentEventKind.FINISHED and seen is not None and not seen.report:
                return  # it ended before it had its turn, and another one is under way
            seen = self._waiting.get(device_id)
            if seen is None or seen.subtask_id != event.subtask_id:
                seen = Inspection(subtask_id=event.subtask_id, sentence="")
        self._seen[device_id] = seen.model_copy(update=_change(seen, event))


@asynccontextmanager
async def inspection_served(inspector: AgentInspector, device_id: str, port: int) -> AsyncIterator[str]:
    """Serve `/inspection` as JSON on the loopback address while the context is open; yields the address.

    Args:
        inspector: what to serve.
        device_id: of the one agent that it is about.
        port: 0 takes a free one.

    Raises:
        OperatorError: the port cannot be used.
    """
    app = FastAPI(title="Inside an agent", openapi_url=None)
    # A page of another site that lets its own name lead here must not read it.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=_NAMES)

    @app.get("/inspection")
    async def inspection() -> Inspection:
        found = await inspector.inspect(device_id)
        if found is None:
            raise HTTPException(404, f"{device_id} was given nothing yet.")
        return found

    async with serving(app, LOOPBACK, port) as url:
        yield url


def _change(seen: Inspection, event: AgentEvent) -> dict[str, object]:
    match event.kind:
        case AgentEventKind.FUNCTIONS_FOUND:
            return {"functions": tuple(event.text.splitlines())}
        case AgentEventKind.PROGRAM_CHECKED:
            return {"verdicts": (*seen.verdicts, event.text)}
        case AgentEventKind.PROGRAM_WRITTEN:
            return {"program": event.text, "states": (SubtaskState.START.value,)}
        case AgentEventKind.STATE_CHANGED:
            return {"states": (*seen.states, event.text)[-_MOST_STATES:]}
        case _:
            return {"report": event.text}
