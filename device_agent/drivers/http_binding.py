"""Carries out forms over HTTP, with actions that go on after the request was answered."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import httpx

from device_agent.drivers import contents
from device_agent.drivers.action_status import FAILED, GOING_ON, ActionStatus, read_status
from device_agent.drivers.binding import UNREADABLE, AnswerLostError, Call, NotReachedError
from device_agent.drivers.forms import Form, expand, origin_of
from device_agent.drivers.port import DriverError
from firmware_api_specs.data_schema import DataSchema
from firmware_api_specs.thing_description import Action
from protocol.clock import Clock
from protocol.errors import ErrorCode, shorten

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
FIRST_POLL_SECONDS = 0.25
LONGEST_POLL_SECONDS = 5.0
_POLL_GROWTH = 1.5
_STOP_SECONDS = 2.0
MAXIMUM_RESULT_BYTES = 1024 * 1024

_USUAL_METHODS = {
    "invokeaction": "POST",
    "readproperty": "GET",
    "queryaction": "GET",
    "cancelaction": "DELETE",
}
_WITHOUT_PAYLOAD = frozenset({"GET", "HEAD", "DELETE"})
_FAULT = "The machine reported a fault."
_NOT_SAID = "The machine does not say what became of the order."
# Raised before anything of the request has left this machine.
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)


@dataclass(frozen=True, slots=True)
class _Answer:
    """A successful response: its result, and where it says that its action goes on."""

    result: Any
    address: str
    location: str | None


class HttpBinding:
    """Calls machines over HTTP and HTTPS.

    Every call has a connection of its own: only so is it certain that an order which could not be delivered was not
    delivered either in part.

    Args:
        clock: for the waits between questions about an action that goes on.
        transport: replaces the network in tests.
    """

    schemes = frozenset({"http", "https"})

    def __init__(self, clock: Clock, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._clock = clock
        self._running: dict[str, Form] = {}
        """Actions that go on and can be cancelled: where, and by which form."""
        self._client = httpx.AsyncClient(
            limits=httpx.Limits(max_keepalive_connections=0), follow_redirects=False, transport=transport
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def unfit(self, form: Form, action: Action) -> str | None:
        """Say why a form cannot be used, or return None."""
        if not contents.is_spoken(form.response_content_type):
            return f"it answers with {form.response_content_type}"
        takes_input = form.operation == "invokeaction" and action.input is not None
        if takes_input and not contents.is_spoken(form.content_type):
            return f"it takes {form.content_type}"
        if takes_input and _method(form) in _WITHOUT_PAYLOAD:
            return f"{_method(form)} takes no input"
        return None

    async def carry_out(self, form: Form, call: Call) -> Any:
        """Run one call to its end and return the machine's JSON result.

        Raises:
            NotReachedError: nothing was sent.
            AnswerLostError: nobody knows what happened.
            DriverError: the machine said no, or its answer cannot be read.
        """
        address = _expanded(form, call.sent.variables)
        payload = None
        if call.sent.has_payload and _method(form) not in _WITHOUT_PAYLOAD:
            payload = _written(call.sent.payload, form)
        goes_on = call.action.synchronous is False and "queryaction" in call.follow_ups
        output = None if goes_on else call.action.output
        answer = await self._exchange(form, address, payload, output, call.timeout_seconds)
        return await self._follow(answer, call) if goes_on else answer.result

    async def stop_running(self) -> None:
        """Cancel the actions that go on and can be cancelled; what fails is logged."""
        running, self._running = self._running, {}
        for address, form in running.items():
            try:
                await self._exchange(form, address, None, None, _STOP_SECONDS)
            except DriverError as error:
                logger.error("An action that goes on could not be cancelled: %s", error)  # noqa: TRY400

    async def _exchange(
        self, form: Form, address: str, payload: bytes | None, output: DataSchema | None, seconds: float
    ) -> _Answer:
        """Send one request and read its answer."""
        shown = _shown(address)
        headers = {"Accept": form.response_content_type}
        if payload is not None:
            headers["Content-Type"] = form.content_type
        address = _with_credentials(form, address, headers)
        try:
            request = self._client.build_request(
                _method(form),
                address,
                headers=headers,
                content=payload,
                timeout=httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)),
            )
            response = await self._client.send(request, stream=True)
            try:
                body = await _body(response)
            finally:
                await response.aclose()
        except _NOT_SENT as error:
            logger.warning("%s: %s", shown, error or type(error).__name__)
            raise NotReachedError from error
        except httpx.HTTPError as error:
            logger.warning("%s: %s", shown, error or type(error).__name__)
            if isinstance(error, httpx.TimeoutException):
                raise AnswerLostError(f"The machine did not answer within {seconds:g} seconds.") from error
            raise AnswerLostError from error
        if not response.is_success:
            # The text may name the machine's functions, so it stays in the local log.
            text = shorten(body[:200].decode(errors="replace"), 200)
            logger.warning("%s answered %d: %s", shown, response.status_code, text)
            raise _refusal(response.status_code, body)
        try:
            content_type = response.headers.get("content-type") or form.response_content_type
            result = contents.read(body, content_type, output)
        except ValueError as error:
            logger.warning("%s: %s", shown, error)
            raise DriverError(UNREADABLE, code=ErrorCode.CALL_FAILED) from error
        return _Answer(result, address, response.headers.get("location"))

    async def _follow(self, answer: _Answer, call: Call) -> Any:
        """Ask how far an action is until it has ended; the executor ends what takes too long."""
        status = read_status(answer.result)
        if status is not None and status.state not in GOING_ON:
            return _ended(status)
        query, cancel = call.follow_ups["queryaction"], call.follow_ups.get("cancelaction")
        address = _status_address(query, answer, status, call)
        if cancel is None:
            return _ended(await self._ask_until_ended(query, address))
        cancelling = _status_address(cancel, answer, status, call)
        self._running[cancelling] = cancel
        status = await self._ask_until_ended(query, address)
        # Where this call is given up before, it stays there for `stop_running`.
        self._running.pop(cancelling, None)
        return _ended(status)

    async def _ask_until_ended(self, query: Form, address: str) -> ActionStatus:
        pause = FIRST_POLL_SECONDS
        while True:
            await self._clock.sleep(pause)
            pause = min(pause * _POLL_GROWTH, LONGEST_POLL_SECONDS)
            try:
                answer = await self._exchange(query, address, None, None, LONGEST_POLL_SECONDS)
            except (NotReachedError, AnswerLostError):
                # The action goes on whether its machine can be asked just now or not.
                continue
            except DriverError as error:
                raise AnswerLostError(_NOT_SAID) from error
            status = read_status(answer.result)
            if status is None:
                raise AnswerLostError(_NOT_SAID)
            if status.state not in GOING_ON:
                return status


def _method(form: Form) -> str:
    return str(form.terms.get("htv:methodName", _USUAL_METHODS[form.operation])).upper()


def _expanded(form: Form, variables: Mapping[str, Any]) -> str:
    try:
        return expand(form.href, variables)
    except ValueError as error:
        logger.warning("A call is not made: %s", error)
        raise DriverError(
            "A value cannot stand in the address of the machine.", code=ErrorCode.OUT_OF_RANGE
        ) from error


def _written(payload: Any, form: Form) -> bytes:
    try:
        return contents.write(payload, form.content_type)
    except ValueError as error:
        logger.warning("A call is not made: %s", error)
        raise DriverError(
            "The order cannot be written as the machine wants it.", code=ErrorCode.CALL_FAILED
        ) from error


def _with_credentials(form: Form, address: str, headers: dict[str, str]) -> str:
    """Add what the machine wants to see to the headers or to the address, which is returned."""
    cookies = []
    for credential in form.credentials:
        if credential.place == "header":
            headers[credential.name] = credential.text
        elif credential.place == "cookie":
            cookies.append(f"{credential.name}={credential.text}")
        else:
            mark = "&" if "?" in address else "?"
            address += f"{mark}{quote(credential.name, safe='')}={quote(credential.text, safe='')}"
    if cookies:
        headers["Cookie"] = "; ".join(cookies)
    return address


async def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > MAXIMUM_RESULT_BYTES:
            raise DriverError("The machine's answer is too long.", code=ErrorCode.CALL_FAILED)
    return bytes(body)


def _status_address(form: Form, answer: _Answer, status: ActionStatus | None, call: Call) -> str:
    """Return where an action that goes on is asked for or cancelled: where the answer says, else where the form says."""
    stated = answer.location or (status.href if status is not None else None)
    if stated is not None:
        address = urljoin(answer.address, stated)
        if origin_of(address) != origin_of(form.href):
            # Another host would be shown the credentials.
            logger.warning("%s sends to another host to ask there.", _shown(answer.address))
            raise AnswerLostError(_NOT_SAID)
        return address
    told = answer.result if isinstance(answer.result, Mapping) else {}
    scalars = {name: value for name, value in told.items() if isinstance(value, str | int | float)}
    try:
        return expand(form.href, {**call.sent.variables, **scalars})
    except ValueError as error:
        logger.warning("%s: %s", _shown(answer.address), error)
        raise AnswerLostError(_NOT_SAID) from error


def _ended(status: ActionStatus) -> Any:
    if status.state in FAILED:
        raise DriverError(_FAULT, code=ErrorCode.CALL_FAILED)
    return status.output


def _refusal(status_code: int, body: bytes) -> DriverError:
    if _says_out_of_range(body):
        return DriverError("A value lies outside what the machine allows.", code=ErrorCode.OUT_OF_RANGE)
    if status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        return DriverError("The machine does not let this agent in.", code=ErrorCode.CALL_FAILED)
    if httpx.codes.is_client_error(status_code):
        return DriverError("The machine did not accept the order.", code=ErrorCode.CALL_FAILED)
    return DriverError(_FAULT, code=ErrorCode.CALL_FAILED)


def _says_out_of_range(body: bytes) -> bool:
    """Whether an answer carries our own code, as the machines of the simulated worlds send it."""
    try:
        told = contents.read(body, contents.JSON, None)
    except ValueError:
        return False
    return isinstance(told, Mapping) and told.get("code") == ErrorCode.OUT_OF_RANGE


def _shown(address: str) -> str:
    """Return an address for the log, without what may be secret in it."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
