"""The dashboard of a coordinator: `parley coordinator` serves it unless told otherwise. Loaded only where it is served."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from urllib.parse import urlsplit

from fastapi import FastAPI

from dashboard.inspection import RemoteInspector
from dashboard.install import install
from protocol.errors import InputError
from protocol.messages import IDENTIFIER_PATTERN


def parse_inspections(texts: Sequence[str]) -> dict[str, str]:
    """Read where agents let people look inside, from `device=URL` texts.

    Raises:
        InputError: a text has another form.
    """
    addresses: dict[str, str] = {}
    for text in texts:
        device_id, _, address = text.partition("=")
        parts = urlsplit(address)
        if not re.fullmatch(IDENTIFIER_PATTERN, device_id) or parts.scheme != "http" or not parts.hostname:
            raise InputError("inspect", text, "device=URL such as robot-1=http://127.0.0.1:9101")
        addresses[device_id] = address
    return addresses


def add_pages(
    app: FastAPI, host: str, port: Callable[[], int], inspections: Mapping[str, str]
) -> Callable[[], Awaitable[None]]:
    """Add the dashboard to a coordinator's application; returns what closes its connections, before the server ends.

    Args:
        app: before it is served.
        host: address that it will be served on.
        port: returns the port, once it is served.
        inspections: where agents let people look inside, by device.
    """
    inspector = RemoteInspector(inspections) if inspections else None
    context = install(app, lambda: f"http://{own_address(host)}:{port()}", inspector=inspector)

    async def close() -> None:
        await context.close()
        if inspector is not None:
            await inspector.close()

    return close


def own_address(host: str) -> str:
    """Return under which address a server that listens on `host` reaches itself, as it stands in a URL."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"  # noqa: PLR2004 - of the Internet Protocol
    return f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004
