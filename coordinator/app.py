"""The coordinator's HTTP API: goals, devices, health, what operates a site, and a chat model for OpenAI's clients."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import FastAPI, Header, Query
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from coordinator import chat, http_errors, http_log, http_metrics, http_operations, http_site, http_standing
from coordinator.coordinator import Coordinator
from coordinator.dialogue.acts import MessageReader
from coordinator.dialogue.dialogue import Dialogue, open_dialogue
from coordinator.dialogue.turn import CHAT_ID_HEADER
from coordinator.goals import GoalView
from coordinator.ledger.events import Event
from coordinator.views import DeviceList, DeviceView
from protocol.errors import InputError
from protocol.messages import ShortText
from protocol.text import SENTENCE_LIMIT

DEFAULT_BODY_LIMIT_BYTES = 256 * 1024
_KEEP_ALIVE_SECONDS = 15.0
_STREAM_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


class GoalRequest(BaseModel):
    """What a person wants done. Of goals that compete for a device, the one with the higher `priority` comes first."""

    model_config = ConfigDict(extra="forbid")

    goal: Annotated[str, Field(min_length=1, max_length=SENTENCE_LIMIT)]
    by: ShortText | None = None
    priority: Annotated[int, Field(ge=-100, le=100)] = 0


class GoalList(BaseModel):
    """Goals, newest first."""

    goals: list[GoalView]


def create_app(
    coordinator: Coordinator,
    *,
    body_limit_bytes: int = DEFAULT_BODY_LIMIT_BYTES,
    reader: MessageReader | None = None,
) -> FastAPI:
    """Build the app over an open coordinator.

    Args:
        coordinator: opened and closed by the caller.
        body_limit_bytes: larger requests are refused with 413.
        reader: tells what a message of a chat is; None takes what ships for the coordinator's encoder.
    """
    app = FastAPI(title="Parley coordinator", description=__doc__, version="1")
    app.add_middleware(http_errors.BodyLimit, limit_bytes=body_limit_bytes)
    http_errors.install(app)
    _add_goals(app, coordinator)
    _add_chat(app, coordinator, open_dialogue(coordinator, reader))
    http_operations.install(app, coordinator)
    http_site.install(app, coordinator)
    http_metrics.install(app, coordinator)
    http_log.install(app, coordinator)
    http_standing.install(app, coordinator)

    @app.get("/v1/devices", tags=["devices"])
    async def devices() -> DeviceList:
        """List the devices."""
        return DeviceList(devices=[DeviceView.of(device, coordinator) for device in coordinator.devices()])

    @app.get("/healthz", tags=["health"])
    async def healthz() -> JSONResponse:
        """Say whether broker and model are there: 200 when all is well, else 503 with what is wrong."""
        health = coordinator.health()
        body = {
            "status": "ok" if health.is_ok else "degraded",
            "broker_connected": health.is_broker_connected,
            "model_loaded": health.is_model_loaded,
            "model": health.model,
            "epoch": health.epoch,
            "devices_available": health.devices_online,
            "emergency_stop": health.is_stopped,
            "problems": list(health.problems),
        }
        return JSONResponse(body, status_code=200 if health.is_ok else 503)

    return app


def _add_goals(app: FastAPI, coordinator: Coordinator) -> None:
    @app.post("/v1/goals", status_code=202, tags=["goals"])
    async def submit(request: GoalRequest, response: Response) -> GoalView:
        """Accept a goal; follow it at its events, or ask again until `status` is an end."""
        goal = coordinator.submit(request.goal, by=request.by, priority=request.priority)
        await coordinator.durable()
        response.headers["location"] = f"/v1/goals/{goal.goal_id}"
        return goal

    @app.get("/v1/goals", tags=["goals"])
    async def goals(limit: Annotated[int, Query(ge=1, le=500)] = 50) -> GoalList:
        """List the newest goals."""
        return GoalList(goals=coordinator.goals(limit=limit))

    @app.get("/v1/goals/{goal_id}", tags=["goals"])
    async def goal(goal_id: str) -> GoalView:
        """Show a goal."""
        return coordinator.goal(goal_id)

    @app.get("/v1/goals/{goal_id}/events", tags=["goals"])
    async def events(
        goal_id: str, last_event_id: Annotated[str | None, Header()] = None
    ) -> StreamingResponse:
        """Follow a goal as server-sent events; ends after `goal_ended`. `Last-Event-ID` resumes."""
        after = _sequence_number(last_event_id)
        coordinator.goal(goal_id)
        stream = _with_keep_alive(coordinator.events(goal_id, after=after))
        return StreamingResponse(stream, media_type="text/event-stream", headers=_STREAM_HEADERS)


def _add_chat(app: FastAPI, coordinator: Coordinator, dialogue: Dialogue) -> None:
    @app.get("/v1/models", tags=["chat"])
    async def models() -> dict[str, Any]:
        """List the one model there is: the fleet."""
        return chat.model_list()

    @app.post("/v1/chat/completions", tags=["chat"], response_model=None)
    async def complete(
        request: chat.ChatRequest, chat_id: Annotated[str | None, Header(alias=CHAT_ID_HEADER)] = None
    ) -> JSONResponse | StreamingResponse:
        """Take in what a person says: run it as a goal, answer it, or ask back; streamed or whole.

        While a device asks something for the goal, the answer is that question, and the next message its answer.
        """
        turn = await dialogue.take(request.message(chat_id))
        if not request.stream:
            return JSONResponse(await chat.completion(coordinator, turn))
        include_usage = request.stream_options is not None and request.stream_options.include_usage
        stream = chat.chunks(coordinator, dialogue, turn, include_usage=include_usage)
        return StreamingResponse(stream, media_type="text/event-stream", headers=_STREAM_HEADERS)


def _sequence_number(last_event_id: str | None) -> int:
    if last_event_id is None or last_event_id == "":
        return 0
    if not last_event_id.isdecimal() or not last_event_id.isascii() or len(last_event_id) > 18:  # noqa: PLR2004 - fits in SQLite's integer
        raise InputError("Last-Event-ID", last_event_id, "the id of an event of this stream, a whole number")
    return int(last_event_id)


async def _with_keep_alive(events: AsyncIterator[Event]) -> AsyncIterator[str]:
    """Write events as server-sent events, with a comment now and then so that proxies keep the connection."""
    upcoming = asyncio.ensure_future(anext(events))
    try:
        while True:
            done, _ = await asyncio.wait({upcoming}, timeout=_KEEP_ALIVE_SECONDS)
            if not done:
                yield ": still under way\n\n"
                continue
            try:
                event = upcoming.result()
            except StopAsyncIteration:
                return
            data = {
                "seq": event.seq,
                "at": event.at,
                "goal_id": event.goal_id,
                "kind": event.kind,
                **event.data,
            }
            yield f"id: {event.seq}\nevent: {event.kind.value}\ndata: {json.dumps(data)}\n\n"
            upcoming = asyncio.ensure_future(anext(events))
    finally:
        upcoming.cancel()
