"""Speaks with the coordinator over its HTTP API, like any other client."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import httpx

_TIMEOUT_SECONDS = 10.0
_NO_END = httpx.Timeout(_TIMEOUT_SECONDS, read=None)


class ApiError(Exception):
    """The coordinator said no, or could not be reached; the text is for people."""


class Api:
    """The coordinator's HTTP API.

    Args:
        address: returns where it is, for example `http://127.0.0.1:8080`; asked at each call, because a server that takes a
            free port knows it late.
    """

    def __init__(self, address: Callable[[], str]) -> None:
        self._address = address
        # A server asks itself, or one beside it: no proxy of the environment has a part in that.
        self._client = httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False)

    async def read(self, path: str) -> bytes:
        """Return what is at a path, as JSON.

        Raises:
            ApiError: it is not there, or the coordinator cannot be reached.
        """
        return await self._call("GET", path)

    async def post(self, path: str, body: Mapping[str, Any]) -> None:
        """Send something to a path; raises like `read`."""
        await self._call("POST", path, json=body)

    async def delete(self, path: str, **query: str | int) -> None:
        """Take back what is at a path; raises like `read`."""
        await self._call("DELETE", path, params=query)

    async def chat(
        self, messages: Sequence[Mapping[str, str]], *, chat_id: str, by: str
    ) -> AsyncIterator[str]:
        """Say something in a chat, and read the answer piece by piece.

        Args:
            messages: the whole conversation, `{"role": …, "content": …}` each; the last one is new.
            chat_id: which conversation it is.
            by: who speaks.

        Raises:
            ApiError: the message is not taken.
        """
        body = {"messages": list(messages), "stream": True, "user": by, "chat_id": chat_id}
        async for line in self._lines("POST", "/v1/chat/completions", json=body):
            piece = _content(line)
            if piece:
                yield piece

    async def stream(self, path: str) -> AsyncIterator[dict[str, Any]]:
        """Follow the events at a path to their end, as far as they have one; raises like `read`."""
        async for line in self._lines("GET", path):
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _lines(self, method: str, path: str, **options: Any) -> AsyncIterator[str]:
        try:
            async with self._client.stream(
                method, self._address() + path, timeout=_NO_END, **options
            ) as response:
                if response.is_error:
                    await response.aread()
                    raise ApiError(_reason(response))
                async for line in response.aiter_lines():
                    yield line
        except httpx.HTTPError as error:
            raise ApiError(f"The coordinator cannot be reached: {error}") from error

    async def _call(self, method: str, path: str, **options: Any) -> bytes:
        try:
            response = await self._client.request(method, self._address() + path, **options)
        except httpx.HTTPError as error:
            raise ApiError(f"The coordinator cannot be reached: {error}") from error
        # "degraded" is an answer, and one that people want to see.
        if response.is_error and path != "/healthz":
            raise ApiError(_reason(response))
        return response.content


def _content(line: str) -> str:
    if not line.startswith("data: ") or line == "data: [DONE]":
        return ""
    choices = json.loads(line.removeprefix("data: "))["choices"]
    return str(choices[0]["delta"].get("content", "")) if choices else ""


def _reason(response: httpx.Response) -> str:
    try:
        error = response.json()["error"]
        return str(error["message"])
    except (ValueError, KeyError, TypeError):
        return f"The coordinator answered {response.status_code}."
