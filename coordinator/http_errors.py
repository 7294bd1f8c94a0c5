"""Every HTTP error in one shape, the one OpenAI's clients understand, and a limit on the size of requests."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from protocol.errors import ErrorCode, InputError, ParleyError, shorten
from protocol.text import clean_sentence

logger = logging.getLogger(__name__)

_STATUS = {
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.CONFLICT: 409,
    ErrorCode.EMERGENCY_STOPPED: 409,
    ErrorCode.APPROVAL_EXPIRED: 410,
    ErrorCode.TOO_LARGE: 413,
    ErrorCode.BUSY: 503,
    ErrorCode.BROKER_UNAVAILABLE: 503,
    ErrorCode.MODEL_UNAVAILABLE: 503,
}


def error_body(message: str, code: str, *, param: str | None = None, status: int = 400) -> dict[str, Any]:
    """Return `{"error": {"message", "type", "code", "param"}}`."""
    kind = "server_error" if status >= 500 else "invalid_request_error"  # noqa: PLR2004 - HTTP's border
    return {"error": {"message": message, "type": kind, "code": code, "param": param}}


def error_response(message: str, code: str, *, param: str | None = None, status: int = 400) -> JSONResponse:
    """Return an error as a response."""
    return JSONResponse(error_body(message, code, param=param, status=status), status_code=status)


def install(app: FastAPI) -> None:
    """Make `app` answer every error in the one shape."""
    app.add_exception_handler(ParleyError, _on_parley_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(Exception, _on_defect)


async def _on_parley_error(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, ParleyError):
        raise error
    is_input = isinstance(error, InputError)
    status = _STATUS.get(error.code, 400 if is_input else 500)
    field = error.field if isinstance(error, InputError) else None
    return error_response(str(error), error.code.value, param=field, status=status)


async def _on_validation_error(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        reason = first.get("ctx", {}).get("error", "malformed")
        return error_response(
            f"The body is not JSON: {reason}. Send one JSON object.",
            ErrorCode.INPUT_INVALID.value,
            param="body",
        )
    place = [str(part) for part in first["loc"]]
    field = ".".join(place[1:]) or place[0]
    if first["type"] == "missing":
        value, allowed = "missing", "a value, it is required"
    else:
        value, allowed = shorten(first.get("input")), clean_sentence(str(first["msg"]))
    remedy = "See /docs for the form of a request."
    if isinstance(first.get("input"), bytes):
        remedy = "Send one JSON object with the header `content-type: application/json`."
    return error_response(
        f"{field} is {value}; allowed: {allowed}. {remedy}", ErrorCode.INPUT_INVALID.value, param=field
    )


async def _on_http_exception(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    path = clean_sentence(request.url.path, limit=100)
    if error.status_code == 404:  # noqa: PLR2004 - HTTP's number
        text = f"There is nothing at {path}. See /docs for what there is."
        return error_response(text, ErrorCode.NOT_FOUND.value, status=404)
    if error.status_code == 400:  # noqa: PLR2004 - HTTP's number; FastAPI's word for bytes that are no text
        text = "The body is not JSON that can be read. Send one JSON object in UTF-8, without deep nesting."
        return error_response(text, ErrorCode.INPUT_INVALID.value, param="body")
    text = f"{request.method} {path}: {error.detail}. See /docs for what is allowed."
    response = error_response(text, ErrorCode.INPUT_INVALID.value, status=error.status_code)
    response.headers.update(error.headers or {})
    return response


async def _on_defect(_: Request, error: Exception) -> JSONResponse:
    logger.error("A request failed through a defect.", exc_info=error)
    return error_response(
        "The coordinator failed on this request; its log says why.", ErrorCode.INTERNAL.value, status=500
    )


class BodyLimit:
    """Refuses bodies above a size, whether or not their length was announced.

    Args:
        app: what to protect.
        limit_bytes: the largest body that is let through.
    """

    def __init__(self, app: ASGIApp, limit_bytes: int) -> None:
        self._app = app
        self._limit_bytes = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its body, which is read here, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > self._limit_bytes:
            await self._refuse(scope, receive, send)
            return
        received: list[Message] = []
        size = 0
        while True:
            message = await receive()
            received.append(message)
            size += len(message.get("body", b""))
            if size > self._limit_bytes:
                await self._refuse(scope, receive, send)
                return
            if message["type"] != "http.request" or not message.get("more_body", False):
                break

        async def replay() -> Message:
            return received.pop(0) if received else await receive()

        await self._app(scope, replay, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = error_response(
            f"The body is larger than {self._limit_bytes} bytes, the most that is accepted here. Send less.",
            ErrorCode.TOO_LARGE.value,
            param="body",
            status=413,
        )
        response.headers["connection"] = "close"
        await response(scope, receive, send)
