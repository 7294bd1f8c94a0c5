"""Puts the dashboard onto a FastAPI application, below `/ui`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import RedirectResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles
from nicegui import ui

from dashboard.api import Api
from dashboard.context import ROOT, Context, Fault
from dashboard.conversations import Conversations
from dashboard.device_page import device_page
from dashboard.floor import AttributesSource, FloorSource
from dashboard.goal_page import goal_page
from dashboard.inspection import Inspector
from dashboard.live import Live
from dashboard.site_page import site_page

FRAME_SECONDS = 0.2
_RECONNECT_SECONDS = 30.0
EXAMPLES = ("What can you do?", "Which devices are free?")
_STATIC = Path(__file__).parent / "static"


def install(
    app: FastAPI,
    address: Callable[[], str],
    *,
    floor: FloorSource | None = None,
    inspector: Inspector | None = None,
    faults: Sequence[Fault] = (),
    breakable: Sequence[str] | None = None,
    examples: Sequence[str] = EXAMPLES,
) -> Context:
    """Add the pages to an application that also serves the coordinator's API, or to one of their own.

    Args:
        app: before it is served.
        address: returns where the coordinator's API is, once the server runs.
        floor: draws the map; where devices say they are, when None.
        inspector: looks inside devices, where agents are at hand.
        faults: buttons that break things, for demos.
        breakable: the devices that these can be given to; every device when None.
        examples: sentences that a new conversation offers.
    """
    api = Api(address)
    live = Live(api)
    context = Context(
        api,
        live,
        Conversations(api),
        floor or AttributesSource(live),
        inspector,
        tuple(faults),
        breakable,
        tuple(examples),
    )
    app.mount(f"{ROOT}/static", StaticFiles(directory=_STATIC), name="dashboard")

    @app.get(f"{ROOT}/floor.json", include_in_schema=False)
    async def picture() -> Response:
        if live.version == 0:
            # Nobody has looked yet: the page that asks is the first.
            await live.refresh()
        return Response(context.floor.picture().model_dump_json(), media_type="application/json")

    @app.get(f"{ROOT}/floor/stream", include_in_schema=False)
    async def stream() -> StreamingResponse:
        return StreamingResponse(_frames(app, context), media_type="text/event-stream")

    @app.get("/", include_in_schema=False)
    async def front() -> RedirectResponse:
        return RedirectResponse(f"{ROOT}/")

    ui.page("/")(lambda: site_page(context))

    @ui.page("/goal/{goal_id}")
    def goal(goal_id: str) -> None:
        goal_page(context, goal_id)

    @ui.page("/device/{device_id}")
    def device(device_id: str) -> None:
        device_page(context, device_id)

    ui.run_with(
        app,
        mount_path=ROOT,
        title="Parley",
        dark=None,
        tailwind=False,
        show_welcome_message=False,
        # A page whose connection was away for longer is loaded anew; a busy server must not make it so.
        reconnect_timeout=_RECONNECT_SECONDS,
        language="en-US",
    )
    return context


async def _frames(app: FastAPI, context: Context) -> AsyncIterator[str]:
    """Send what moves, several times a second, and nothing while nothing does; ends with the server."""
    last = ""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while not getattr(app.state, "is_closing", False):
        shut = context.live.conditions.shut()
        state = context.floor.state().model_copy(update={"shut": shut}).model_dump_json()
        if state != last:
            last = state
            yield f"data: {state}\n\n"
        due = max(due + FRAME_SECONDS, loop.time())
        await asyncio.sleep(due - loop.time())
