"""A machine behind HTTP forms, its network replaced by a function, for tests of the driver that chooses forms."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from device_agent.drivers.forms_driver import FormsDriver
from device_agent.drivers.http_binding import HttpBinding
from firmware_api_specs.loader import load
from protocol.clock import Clock

Reply = Callable[[httpx.Request], httpx.Response]


def thing(actions: dict[str, Any] | None = None, **terms: Any) -> dict[str, Any]:
    """A Thing Description without faults, at http://kiosk/."""
    return {
        "@context": ["https://www.w3.org/2022/wot/td/v1.1", {"parley": "urn:parley:td:1#"}],
        "title": "Kiosk",
        "base": "http://kiosk/",
        "securityDefinitions": {"nosec_sc": {"scheme": "nosec"}},
        "security": "nosec_sc",
        "parley:abilities": ["It serves."],
        "actions": actions or {},
        **terms,
    }


def action(*hrefs: str, **terms: Any) -> dict[str, Any]:
    """An action with a form for each address."""
    return {"description": "Serves.", "forms": [{"href": href} for href in hrefs], **terms}


class Network:
    """Answers requests by their host, and keeps them in order."""

    def __init__(self, **replies: Reply) -> None:
        self.replies = replies
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.replies[request.url.host](request)

    @property
    def hosts(self) -> list[str]:
        """Who was asked, in order."""
        return [request.url.host for request in self.requests]

    @property
    def lines(self) -> list[str]:
        """Method, path and query of each request."""
        return [f"{request.method} {request.url.raw_path.decode()}" for request in self.requests]


def driver(
    document: dict[str, Any], network: Reply, clock: Clock, environment: Mapping[str, str] | None = None
) -> FormsDriver:
    """A driver for a description over a replaced network."""
    binding = HttpBinding(clock, transport=httpx.MockTransport(network))
    return FormsDriver(load(document), [binding], clock, environment=environment or {})


def says(value: Any, status: int = 200, **headers: str) -> Reply:
    """A host that always gives this JSON answer."""
    return lambda request: httpx.Response(status, json=value, headers=headers)


def away(request: httpx.Request) -> httpx.Response:
    """A host that cannot be reached."""
    raise httpx.ConnectError("no route", request=request)


def breaks(request: httpx.Request) -> httpx.Response:
    """A host that takes the request and then hangs up."""
    raise httpx.ReadError("reset", request=request)


def sent(request: httpx.Request) -> Any:
    """The JSON of a request; None where it has none."""
    return json.loads(request.content) if request.content else None
