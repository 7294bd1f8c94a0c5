"""The part of the HTTP API for standing goals, and the notices that people follow."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated, Literal

from fastapi import FastAPI, Header, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from coordinator.coordinator import Coordinator
from coordinator.ledger.events import Event
from coordinator.standing.view import StandingView
from protocol.errors import ErrorCode, InputError
from protocol.messages import ShortText
from protocol.text import SENTENCE_LIMIT

_KEEP_ALIVE_SECONDS = 15.0
_STREAM_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
_LARGEST_SEQ = 2**63 - 1

Act = Literal["pause", "resume", "cancel"]
Text = Annotated[str, Field(min_length=1, max_length=SENTENCE_LIMIT)]


class ByRequest(BaseModel):
    """Who does it."""

    model_config = ConfigDict(extra="forbid")

    by: ShortText


class SentenceRequest(ByRequest):
    """A sentence such as "every weekday at nine check the shelves", and whose time zone it speaks of."""

    text: Text
    time_zone: ShortText | None = None


class AddRequest(SentenceRequest):
    """With `dry_run` the sentence is only read."""

    dry_run: bool = False


class AnswerRequest(ByRequest):
    """What to do about what was asked."""

    text: Text


class Reading(BaseModel):
    """What was understood of a sentence.

    Attributes:
        is_standing: whether it stands; otherwise it is an ordinary goal, for `POST /v1/goals`.
        confirmation: what was understood.
        question: what is unclear; nothing was accepted then.
        suggestions: sentences that would be clear.
        standing: the goal that was accepted; None with a question and with `dry_run`.
    """

    is_standing: bool
    confirmation: str = ""
    question: str | None = None
    suggestions: tuple[str, ...] = ()
    standing: StandingView | None = None


class StandingList(BaseModel):
    """Standing goals, oldest first."""

    standing: list[StandingView]


def install(app: FastAPI, coordinator: Coordinator) -> None:
    """Add these parts to `app`."""
    _add_reading(app, coordinator)
    _add_operating(app, coordinator)

    @app.get("/v1/notices", tags=["standing goals"])
    async def notices(last_event_id: Annotated[str | None, Header()] = None) -> StreamingResponse:
        """Follow, as server-sent events, what people are to be told of standing goals. `Last-Event-ID` resumes.

        `standing_fired`, `standing_changed` and `standing_ended` with a `sentence`. The stream does not end by itself.
        """
        after = None if not last_event_id else _sequence_number(last_event_id)
        stream = _as_stream(coordinator.standing.notices(after=after))
        return StreamingResponse(stream, media_type="text/event-stream", headers=_STREAM_HEADERS)


def _add_reading(app: FastAPI, coordinator: Coordinator) -> None:
    standing = coordinator.standing

    @app.post("/v1/standing", status_code=201, tags=["standing goals"])
    async def add(request: AddRequest, response: Response) -> Reading:
        """Read a sentence and accept it: 201 with what was understood; 200 where it was not accepted, and why."""
        found = await asyncio.to_thread(standing.read, request.text, zone=request.time_zone)
        if found is None or found.question is not None or request.dry_run:
            response.status_code = 200
            if found is None:
                return Reading(is_standing=False)
            return Reading(
                is_standing=True,
                confirmation=found.confirmation,
                question=found.question,
                suggestions=found.suggestions,
            )
        view = standing.accept(found, by=request.by)
        await coordinator.durable()
        response.headers["location"] = f"/v1/standing/{view.standing_id}"
        return Reading(is_standing=True, confirmation=found.confirmation, standing=view)

    @app.get("/v1/standing", tags=["standing goals"])
    async def every(*, ended: Annotated[bool, Query()] = False) -> StandingList:
        """List those that have not ended; with `ended=true` the others too."""
        return StandingList(standing=standing.list(is_all=ended))

    @app.get("/v1/standing/{standing_id}", tags=["standing goals"])
    async def one(standing_id: str) -> StandingView:
        """Show one."""
        return standing.get(standing_id)


def _add_operating(app: FastAPI, coordinator: Coordinator) -> None:
    standing = coordinator.standing

    @app.put("/v1/standing/{standing_id}", tags=["standing goals"])
    async def change(standing_id: str, request: SentenceRequest) -> StandingView:
        """Put another sentence in its place: a whole one, or only its time or limit ("every weekday at ten")."""
        view = await asyncio.to_thread(standing.reread, standing_id, request.text, zone=request.time_zone)
        changed = standing.replace(standing_id, view, request.by)
        await coordinator.durable()
        return changed

    @app.post("/v1/standing/{standing_id}/answer", tags=["standing goals"])
    async def answer(standing_id: str, request: AnswerRequest) -> StandingView:
        """Answer what it asks: the sentence is what it does from now on when its condition is not met."""
        view = standing.answer(standing_id, request.text, request.by)
        await coordinator.durable()
        return view

    @app.post("/v1/standing/{standing_id}/{act}", tags=["standing goals"])
    async def on_standing(standing_id: str, act: Act, request: ByRequest) -> StandingView:
        """Pause one, let it go on (also after it was given up), or cancel it."""
        acts = {"pause": standing.pause, "resume": standing.resume, "cancel": standing.cancel}
        view = acts[act](standing_id, request.by)
        await coordinator.durable()
        return view


def _sequence_number(text: str) -> int:
    if not text.isdecimal() or not text.isascii() or len(text) > len(str(_LARGEST_SEQ)) - 1:
        raise InputError(
            "Last-Event-ID",
            text,
            "the id of an event of this stream, a whole number",
            code=ErrorCode.INPUT_INVALID,
        )
    return int(text)


async def _as_stream(events: AsyncGenerator[Event, None]) -> AsyncIterator[str]:
    """Write notices as server-sent events, with a comment at once and now and then, so that connections are kept."""
    async with aclosing(events):
        upcoming = asyncio.ensure_future(anext(events))
        try:
            yield ": follows\n\n"
            while True:
                done, _ = await asyncio.wait({upcoming}, timeout=_KEEP_ALIVE_SECONDS)
                if not done:
                    yield ": nothing new\n\n"
                    continue
                event = upcoming.result()
                data = {
                    "seq": event.seq,
                    "at": event.at,
                    "standing_id": event.goal_id,
                    "kind": event.kind,
                    "change": event.data.get("change"),
                    "sentence": event.data["sentence"],
                }
                yield f"id: {event.seq}\nevent: {event.kind.value}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
                upcoming = asyncio.ensure_future(anext(events))
        finally:
            upcoming.cancel()
            await asyncio.wait({upcoming})
