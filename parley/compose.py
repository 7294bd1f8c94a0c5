"""The composition root: puts the rooms together into processes. Real or simulated is decided here and nowhere else."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from coordinator.enrolment import issue_token as store_token
from coordinator.store import DATABASE_NAME
from protocol.errors import InputError
from protocol.topics import Topics


def state_folder(chosen: Path | None, site: str, part: str) -> Path:
    """Return where one part of a site keeps its state: below `chosen`, else below the user's state directory.

    Raises:
        InputError: the site's name cannot be used.
    """
    Topics(site)
    if site in {".", ".."}:
        raise InputError("site", site, "a name that can be a folder's too")
    base = chosen or Path(os.environ.get("XDG_STATE_HOME") or "~/.local/state").expanduser() / "parley"
    return base / site / part


def parse_entities(texts: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
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


def issue_token(*, site: str, state_directory: Path | None, device_id: str | None, minutes: int) -> str:
    """Store a one-time token in the coordinator's state and return it.

    Raises:
        InputError: the device's name is wrong.
        OperatorError: the state cannot be written.
    """
    database = state_folder(state_directory, site, "coordinator") / DATABASE_NAME
    return store_token(database, device_id, minutes * 60.0)


def run_until_interrupted(main: Coroutine[Any, Any, None]) -> None:
    """Run `main` until it ends or SIGINT or SIGTERM comes; then it is cancelled and may clean up."""

    async def supervise() -> None:
        task = asyncio.ensure_future(main)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(supervise())


def run_broker(port: int) -> None:
    """Run a broker of our own until interrupted.

    Raises:
        OperatorError: mosquitto is missing or the port is taken.
    """
    from transport.broker import ManagedBroker  # noqa: PLC0415 - only this command needs it

    async def serve() -> None:
        async with ManagedBroker(port or None) as broker:
            print(f"MQTT broker at {broker.url} (Ctrl-C stops it)", flush=True)  # noqa: T201 - for scripts to read
            await asyncio.get_running_loop().create_future()

    run_until_interrupted(serve())
