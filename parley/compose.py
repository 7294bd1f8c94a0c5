"""Puts the coordinator's process together, and the broker's. `parley.agent_process` does so for agents."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from coordinator.app import create_app
from coordinator.coordinator import Coordinator
from coordinator.enrolment import issue_token as store_token
from coordinator.main import Settings as CoordinatorSettings
from coordinator.main import open_coordinator
from parley.folders import state_folder
from parley.interrupts import run_until_interrupted
from parley.serving import serving
from parley.telemetry import telemetry
from protocol.errors import InputError, OperatorError
from transport.broker import ManagedBroker

logger = logging.getLogger(__name__)

EXIT_LEDGER_LOST = 75
"""Exit code of a coordinator whose ledger cannot be written: a fault that may pass (EX_TEMPFAIL), so start it again."""


def parse_entities(texts: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Read what a site has from `kind=id,id,…` texts; a kind given twice has all ids.

    Raises:
        InputError: a text has another form.
    """
    entities: dict[str, tuple[str, ...]] = {}
    for text in texts:
        kind, equals, names = text.partition("=")
        ids = tuple(name.strip() for name in names.split(",") if name.strip())
        if not (kind.strip() and equals and ids):
            raise InputError("entity", text, "kind=id,id,… such as shelf=1,2,3")
        entities[kind.strip()] = entities.get(kind.strip(), ()) + ids
    return entities


def issue_token(
    *, site: str, state_directory: Path | None, ledger: str | None, device_id: str | None, minutes: int
) -> str:
    """Store a one-time token in the coordinator's state and return it.

    Raises:
        InputError: the device's name is wrong.
        OperatorError: the state cannot be written.
    """
    settings = CoordinatorSettings(
        state_dir=state_folder(state_directory, site, "coordinator"),
        ledger=SecretStr(ledger) if ledger else None,
        site_name=site,
    )
    return store_token(settings.database, device_id, minutes * 60.0)


def _end_at_once(failure: OperatorError) -> None:
    """End the process as a crash would: whatever is still said now may contradict what the next owner of the site says."""
    logger.critical("%s The coordinator ends; start it again once that is mended.", failure)
    logging.shutdown()
    os._exit(EXIT_LEDGER_LOST)


@contextmanager
def _reread_site_on_hangup(coordinator: Coordinator) -> Iterator[None]:
    """Read the site file again at each SIGHUP; one that is wrong is logged and changes nothing."""
    loop, rereading = asyncio.get_running_loop(), set[asyncio.Task[None]]()

    async def reread() -> None:
        try:
            changes = await coordinator.reload_site("SIGHUP")
        except OperatorError as error:
            logger.warning("%s The site stays as it was.", error)
        else:
            logger.info("The site was read again; changed: %s.", ", ".join(changes["changed"]) or "nothing")

    def begin() -> None:
        task = asyncio.create_task(reread())
        rereading.add(task)
        task.add_done_callback(rereading.discard)

    loop.add_signal_handler(signal.SIGHUP, begin)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)


async def run_coordinator(
    settings: CoordinatorSettings, *, with_pages: bool = False, inspections: Sequence[str] = ()
) -> None:
    """Run a coordinator and its HTTP API until cancelled. Without its ledger it ends the process with EXIT_LEDGER_LOST.

    Args:
        settings: of the coordinator.
        with_pages: whether the dashboard is served, too.
        inspections: where agents let the dashboard look inside, as `device=URL` texts.

    Raises:
        InputError: a setting or the site file is wrong.
        OperatorError: the state directory, the model or the port cannot be used.
    """
    async with AsyncExitStack() as stack:
        stack.enter_context(telemetry("parley-coordinator", os.environ))
        coordinator = await stack.enter_async_context(open_coordinator(settings, on_lost=_end_at_once))
        stack.enter_context(_reread_site_on_hangup(coordinator))
        app = create_app(coordinator, body_limit_bytes=settings.body_limit_bytes)
        ports: list[int] = []
        close = None
        if with_pages:
            # Only here, because it takes a second to load.
            from parley.pages import add_pages, parse_inspections  # noqa: PLC0415

            addresses = parse_inspections(inspections)
            close = add_pages(app, settings.host, lambda: ports[0], addresses)
        url = await stack.enter_async_context(serving(app, settings.host, settings.port))
        ports.append(urlsplit(url).port or settings.port)
        logger.info(
            "Coordinator of site %s at %s, its API described at %s/docs", settings.site_name, url, url
        )
        if close is not None:
            stack.push_async_callback(close)
            logger.info("Watch and operate the site at %s/ui/", url)
        await asyncio.get_running_loop().create_future()


def run_broker(port: int) -> None:
    """Run a broker of our own until interrupted.

    Raises:
        OperatorError: mosquitto is missing or the port is taken.
    """

    async def serve() -> None:
        async with ManagedBroker(port or None) as broker:
            print(f"MQTT broker at {broker.url} (Ctrl-C stops it)", flush=True)  # noqa: T201 - for scripts to read
            await asyncio.get_running_loop().create_future()

    run_until_interrupted(serve())
