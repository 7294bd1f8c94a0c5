"""Gets the Thing Description of a machine that serves it itself, or from a file, and names the device after it."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import httpx

from firmware_api_specs.loader import load, load_json
from firmware_api_specs.reading import MAXIMUM_FILE_BYTES
from firmware_api_specs.thing_description import ThingDescription
from protocol.errors import ErrorCode, InputError, OperatorError

FETCH_SECONDS = 10.0
_ACCEPT = "application/td+json, application/ld+json;q=0.9, application/json;q=0.8"
_ID_CHARACTERS = 64
_LISTED = 8


async def get_description(
    source: str, *, transport: httpx.AsyncBaseTransport | None = None
) -> ThingDescription:
    """Load a Thing Description from an HTTP address, or from a file.

    One without a base gets the address it came from: relative forms are relative to that.

    Args:
        source: an address that starts with http:// or https://, or the path of a file.
        transport: replaces the network in tests.

    Raises:
        OperatorError: nothing answers there, or it does not answer with a description.
        InputError: the description is wrong: names place, value and what is allowed.
    """
    if not source.startswith(("http://", "https://")):
        return load(Path(source))
    raw, address = await _fetch(source, transport)
    _refuse_list(raw, source)
    description = load_json(raw, source)
    if description.base is not None:
        return description
    return load({**description.document, "base": address})


def device_id_of(description: ThingDescription) -> str:
    """Make a name for the wire of a thing's title, or where that has no usable letter of the end of its id.

    Raises:
        InputError: neither can be one.
    """
    for text in (description.english_title, description.title, re.split(r"[:/#]", description.id or "")[-1]):
        plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
        name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_ID_CHARACTERS].strip("-")
        if name:
            return name
    raise InputError(
        "title", description.title, "one with letters from a to z", remedy="Choose a name with --device-id."
    )


async def _fetch(source: str, transport: httpx.AsyncBaseTransport | None) -> tuple[bytes, str]:
    """Return what is at an address, and the address that it came from in the end."""
    raw = bytearray()
    try:
        async with (
            httpx.AsyncClient(timeout=FETCH_SECONDS, follow_redirects=True, transport=transport) as client,
            client.stream("GET", source, headers={"Accept": _ACCEPT}) as response,
        ):
            if not response.is_success:
                raise OperatorError(
                    f"{source} answers {response.status_code} {response.reason_phrase} where a Thing Description "
                    "should be.",
                    code=ErrorCode.NOT_FOUND,
                    remedy="Check the address.",
                )
            async for part in response.aiter_bytes():
                raw += part
                if len(raw) > MAXIMUM_FILE_BYTES:
                    break
            return bytes(raw), str(response.url)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise OperatorError(
            f"No Thing Description can be had from {source} ({error or type(error).__name__}).",
            code=ErrorCode.NOT_FOUND,
            remedy="Start the machine, or check the address.",
        ) from error


def _refuse_list(raw: bytes, source: str) -> None:
    """Servers of several things list the addresses of their descriptions at the top.

    Raises:
        InputError: it is such a list; names what is on it.
    """
    try:
        listed = json.loads(raw)
    except (ValueError, RecursionError):
        return  # The loader says what is wrong with it.
    if isinstance(listed, list):
        addresses = [entry for entry in listed if isinstance(entry, str)][:_LISTED]
        raise InputError(
            "--td",
            source,
            "the address of one Thing Description",
            remedy=f"There is a list of them: {', '.join(addresses)}." if addresses else None,
        )
