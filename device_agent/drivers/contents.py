"""Turns arguments into a payload and a payload into a result, for the content types that this consumer speaks."""

from __future__ import annotations

import json
from typing import Any

from firmware_api_specs.data_schema import DataSchema

JSON = "application/json"
TEXT = "text/plain"

_READ_FROM_TEXT = ("integer", "number", "boolean")


def is_spoken(content_type: str) -> bool:
    """Whether payloads of this type can be written and read: JSON in any of its names, and plain text."""
    return _is_json(content_type) or _media_type(content_type) == TEXT


def write(payload: Any, content_type: str) -> bytes:
    """Return a payload as bytes.

    Raises:
        ValueError: only a single value can be plain text.
    """
    if _is_json(content_type):
        return json.dumps(payload, ensure_ascii=False, allow_nan=False).encode()
    if isinstance(payload, str):
        return payload.encode()
    if isinstance(payload, bool | int | float):
        return json.dumps(payload, allow_nan=False).encode()
    raise ValueError("only a single value can be sent as plain text")


def read(payload: bytes, content_type: str, schema: DataSchema | None) -> Any:
    """Return what a payload says; nothing, where it is empty.

    Args:
        payload: the bytes.
        content_type: what they are said to be.
        schema: what is expected: it tells whether plain text is a number.

    Raises:
        ValueError: it cannot be read.
    """
    if not payload:
        return None
    text = payload.decode("utf-8-sig")
    if _is_json(content_type):
        return _parsed(text)
    if _media_type(content_type) != TEXT:
        raise ValueError(f"the content type {content_type!r} is not spoken here")
    return _parsed(text) if schema is not None and schema.type in _READ_FROM_TEXT else text


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _is_json(content_type: str) -> bool:
    media_type = _media_type(content_type)
    return media_type == JSON or media_type.endswith("+json")


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()
