"""Drives a machine over HTTP, by the forms of its Thing Description."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin

import httpx

from device_agent.drivers.port import DriverError
from firmware_api_specs.thing_description import Affordance, ThingDescription
from protocol.errors import ErrorCode, InputError

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
SAFE_SECONDS = 5.0
MAXIMUM_RESULT_BYTES = 1024 * 1024


class HttpDriver:
    """Calls the functions of one machine at the addresses that its description's forms name.

    How long a call may take is the executor's business: it cancels a call that takes too long. The machine is brought
    to rest by `POST <base>/safe`.

    Args:
        description: the machine's API.
        base_url: what the forms' addresses are relative to, for example `http://10.0.0.7:8090/robots/robot-1`.
        transport: replaces the network in tests.

    Raises:
        InputError: `base_url` is no HTTP address.
    """

    def __init__(
        self,
        description: ThingDescription,
        base_url: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        if not base_url.startswith(("http://", "https://")):
            raise InputError("device_url", base_url, "an address that starts with http:// or https://")
        self._base = base_url.rstrip("/") + "/"
        self._targets = {
            affordance.name: _target(affordance, self._base) for affordance in description.affordances()
        }
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(None, connect=CONNECT_SECONDS), transport=transport
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Run one function to its end and return its JSON result.

        Raises:
            DriverError: the machine said no, answered with something that is not JSON, or could not be reached.
        """
        method, url = self._targets[name]
        request = self._client.build_request(method, url, json=None if method == "GET" else dict(arguments))
        try:
            response = await self._client.send(request)
        except httpx.HTTPError as error:
            logger.warning("%s: %s", request.url, error)
            raise DriverError("The machine cannot be reached.", code=ErrorCode.CALL_FAILED) from error
        if not response.is_success:
            # The text may name the machine's functions, so it stays in the local log.
            logger.warning("%s answered %d: %s", request.url, response.status_code, response.text[:200])
            raise _refusal(response)
        if len(response.content) > MAXIMUM_RESULT_BYTES:
            raise DriverError("The machine's answer is too long.", code=ErrorCode.CALL_FAILED)
        try:
            return response.json() if response.content else None
        except ValueError as error:
            raise DriverError("The machine's answer cannot be read.", code=ErrorCode.CALL_FAILED) from error

    async def make_safe(self) -> None:
        """Bring the machine to rest; a machine that cannot be told is logged, never raised."""
        try:
            response = await self._client.post(urljoin(self._base, "safe"), timeout=SAFE_SECONDS)
            response.raise_for_status()
        except httpx.HTTPError as error:
            logger.error("The machine could not be brought to rest: %s", error)  # noqa: TRY400


def _target(affordance: Affordance, base: str) -> tuple[str, str]:
    """Choose method and address: the first form that fits. A form that is not HTTP stands for the usual address."""
    operation = "invokeaction" if affordance.kind == "action" else "readproperty"
    forms = affordance.action.forms
    form = next((form for form in forms if operation in form.get("op", operation)), forms[0])
    url = urljoin(base, str(form.get("href", "")))
    if not url.startswith(("http://", "https://")):
        url = urljoin(base, f"{'actions' if affordance.kind == 'action' else 'properties'}/{affordance.name}")
    method = "POST" if affordance.kind == "action" else "GET"
    return str(form.get("htv:methodName", method)).upper(), url


def _refusal(response: httpx.Response) -> DriverError:
    try:
        code = ErrorCode(response.json()["code"])
    except (ValueError, KeyError, TypeError):
        code = ErrorCode.CALL_FAILED
    if code is ErrorCode.OUT_OF_RANGE:
        return DriverError("A value lies outside what the machine allows.", code=code)
    if httpx.codes.is_client_error(response.status_code):
        return DriverError("The machine did not accept the order.", code=code)
    return DriverError("The machine reported a fault.", code=code)
