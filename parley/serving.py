"""Serves an HTTP application inside an event loop that does other things too."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from fastapi import FastAPI

from protocol.errors import OperatorError

_POLL_SECONDS = 0.01
# Streams of events never end by themselves; a stopping server does not wait for them longer than this.
_SHUTDOWN_SECONDS = 2


class _Server(uvicorn.Server):
    """Leaves signals to the program around it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(app: FastAPI, host: str, port: int) -> AsyncIterator[str]:
    """Serve `app` while the context is open; yields its address, for example `http://127.0.0.1:8080`.

    Args:
        app: what to serve.
        host: address to listen on.
        port: 0 takes a free one.

    Raises:
        OperatorError: the address cannot be used, or the application did not start.
    """
    listener = _listen(host, port)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, timeout_graceful_shutdown=_SHUTDOWN_SECONDS
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]), name="http server")
    try:
        while not server.started:
            if task.done():
                await task
                raise OperatorError("The HTTP server did not start.", remedy="See the log above.")
            await asyncio.sleep(_POLL_SECONDS)
        name = f"[{host}]" if ":" in host else host
        yield f"http://{name}:{listener.getsockname()[1]}"
    finally:
        # Streams that have no end of their own may look at this.
        app.state.is_closing = True
        server.should_exit = True
        await task
        listener.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise OperatorError(
            f"Cannot listen on {host} port {port}: {error.strerror or error}.",
            remedy="Choose another address or port.",
        ) from error
    return listener
