"""Commands that operate a running site: emergency stop, approvals, pause, resume, cancel.

The emergency stop goes straight to the broker, so that it also works while the coordinator is down; everything else goes
through the coordinator's HTTP API.
"""

# ruff: noqa: PLC0415 - commands import lazily, so that help stays fast.

from __future__ import annotations

import getpass
from enum import StrEnum
from typing import Annotated, Any

import typer

from parley.options import BrokerUrl, CoordinatorUrl, Site, Who
from protocol.errors import InputError, OperatorError
from protocol.text import clean_sentence

_NAME_CHARACTERS = 120
_ANSWER_SECONDS = 15.0
_BROKER_SECONDS = 5.0
_LOCAL = "http://127.0.0.1:8080"


class Target(StrEnum):
    """What can be paused, resumed and cancelled."""

    GOAL = "goal"
    DEVICE = "device"
    SUBTASK = "subtask"


What = Annotated[Target, typer.Argument(help="What it is: goal, device or subtask.")]
Identity = Annotated[str, typer.Argument(metavar="ID", help="Its id, such as robot-1.")]
ApprovalId = Annotated[
    str, typer.Argument(metavar="ID", help="The question, as `parley approvals` lists it.")
]


def stop(*, by: Who = None, broker_url: BrokerUrl = "mqtt://127.0.0.1:1883", site: Site = "main") -> None:
    """Emergency stop: bring every machine of the site to rest. Works while the coordinator is down.

    Example: `parley stop`
    """
    try:
        _turn(engaged=True, by=by, broker_url=broker_url, site=site)
    except OperatorError as error:
        raise OperatorError(
            f"Nothing was stopped: {error.message}",
            code=error.code,
            remedy=f"Use the machines' own stops now. {error.remedy or ''}".rstrip(),
        ) from error
    typer.echo(
        f"The emergency stop of site {site} is engaged: every machine comes to rest, and no work is taken.\n"
        "Release it with `parley release`."
    )


def release(*, by: Who = None, broker_url: BrokerUrl = "mqtt://127.0.0.1:1883", site: Site = "main") -> None:
    """Release the emergency stop. What was stopped does not go on by itself.

    Example: `parley release`
    """
    _turn(engaged=False, by=by, broker_url=broker_url, site=site)
    typer.echo(f"The emergency stop of site {site} is released. Give goals again; nothing goes on by itself.")


def approvals(*, coordinator_url: CoordinatorUrl = _LOCAL) -> None:
    """List what devices ask before they do something dangerous.

    Example: `parley approvals`
    """
    found = ask_coordinator(coordinator_url, "GET", "/v1/approvals")["approvals"]
    for approval in found:
        goal = f" Goal: {approval['goal']}" if approval["goal"] else ""
        typer.echo(f"{approval['approval_id']}  {approval['sentence']}{goal}")
    typer.echo(
        "Answer with `parley approve ID` or `parley deny ID`." if found else "No device asks anything."
    )


def approve(*, approval_id: ApprovalId, by: Who = None, coordinator_url: CoordinatorUrl = _LOCAL) -> None:
    """Allow what a device asks.

    Example: `parley approve 3f2a`
    """
    _decide(coordinator_url, approval_id, "approve", by)


def deny(*, approval_id: ApprovalId, by: Who = None, coordinator_url: CoordinatorUrl = _LOCAL) -> None:
    """Forbid what a device asks.

    Example: `parley deny 3f2a`
    """
    _decide(coordinator_url, approval_id, "deny", by)


def pause(
    *, what: What, identity: Identity, by: Who = None, coordinator_url: CoordinatorUrl = _LOCAL
) -> None:
    """Pause a goal, a device or a subtask; a paused device gets no new work.

    Example: `parley pause device robot-1`
    """
    _act(coordinator_url, what, identity, "pause", by)
    typer.echo(f"Told {what} {identity} to pause.")


def resume(
    *, what: What, identity: Identity, by: Who = None, coordinator_url: CoordinatorUrl = _LOCAL
) -> None:
    """Let a paused goal, device or subtask go on.

    Example: `parley resume device robot-1`
    """
    _act(coordinator_url, what, identity, "resume", by)
    typer.echo(f"Told {what} {identity} to go on.")


def cancel(
    *, what: What, identity: Identity, by: Who = None, coordinator_url: CoordinatorUrl = _LOCAL
) -> None:
    """Cancel a goal, a subtask, or whatever a device is at.

    Example: `parley cancel goal goal-1f0c9a7be342`
    """
    _act(coordinator_url, what, identity, "cancel", by)
    typer.echo(f"Told {what} {identity} to stop.")


def add_commands(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    for command in (stop, release, approvals, approve, deny, pause, resume, cancel):
        app.command()(command)


def ask_coordinator(url: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """Make one request of the coordinator's HTTP API and return its answer as JSON values.

    Raises:
        InputError: the address is none, or the coordinator says that the request is wrong.
        OperatorError: it does not answer, or could not do it.
    """
    import httpx

    try:
        response = httpx.request(method, url.rstrip("/") + path, json=body, timeout=_ANSWER_SECONDS)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise InputError("coordinator-url", url, f"an address such as {_LOCAL}") from error
    except httpx.HTTPError as error:
        raise OperatorError(
            f"No coordinator answers at {url} ({error or type(error).__name__}).",
            remedy="Start it or name it with --coordinator-url; `parley stop` works without it.",
        ) from error
    try:
        answer = response.json()
    except ValueError as error:
        raise OperatorError(
            f"What answers at {url} is no coordinator.", remedy="Name it with --coordinator-url."
        ) from error
    if response.is_error:
        problem = answer.get("error", {}) if isinstance(answer, dict) else {}
        text = str(problem.get("message") or f"It answered with {response.status_code}.")
        raise OperatorError(clean_sentence(text))
    return answer


def _decide(url: str, approval_id: str, decision: str, by: str | None) -> None:
    body = {"decision": decision, "by": operator_name(by)}
    typer.echo(ask_coordinator(url, "POST", f"/v1/approvals/{path_part(approval_id)}", body)["sentence"])


def _act(url: str, what: Target, identity: str, act: str, by: str | None) -> None:
    ask_coordinator(url, "POST", f"/v1/{what}s/{path_part(identity)}/{act}", {"by": operator_name(by)})


def path_part(identity: str) -> str:
    from urllib.parse import quote

    return quote(identity, safe="")


def operator_name(by: str | None) -> str:
    """Say who acts; a person without a name must not be kept from stopping machines."""
    if by is None:
        try:
            by = getpass.getuser()
        except (OSError, KeyError):
            by = ""
    return clean_sentence(by, _NAME_CHARACTERS) or "someone at the command line"


def _turn(*, engaged: bool, by: str | None, broker_url: str, site: str) -> None:
    import asyncio
    import uuid

    from protocol.messages import EmergencyStop, encode
    from protocol.topics import Topics
    from transport.clock import SystemClock
    from transport.mqtt_bus import MqttBus

    topic = Topics(site).emergency_stop
    message = EmergencyStop(engaged=engaged, by=operator_name(by), at=SystemClock().now())
    bus = MqttBus(
        broker_url,
        f"parley-stop-{uuid.uuid4().hex[:8]}",
        connect_timeout_seconds=_BROKER_SECONDS,
        publish_timeout_seconds=_BROKER_SECONDS,
    )

    async def publish() -> None:
        async with bus:
            await bus.publish(topic, encode(message), retain=True)

    asyncio.run(publish())
