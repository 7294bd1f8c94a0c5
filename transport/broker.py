"""Runs mosquitto as a child process: for the demo, for tests, and for `scripts/mosquitto`."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from protocol.clock import Clock
from protocol.errors import OperatorError
from protocol.text import clean_sentence
from transport.clock import SystemClock

READY_POLL_SECONDS = 0.02
STOP_SECONDS = 5.0
PORT_ATTEMPTS = 3
# Debian installs it where the search path of ordinary users does not look.
EXTRA_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")
INSTALL_REMEDY = (
    "Install it with `sudo apt-get install mosquitto` (or `make setup`), or name a running broker."
)
PORT_REMEDY = "Free the port or choose another one."

# A fleet answers faster than its coordinator reads. Beyond the 1,000 messages that mosquitto queues for a client by itself
# it drops what comes, and each loss costs a poll.
CONFIGURATION = """\
listener {port} 127.0.0.1
allow_anonymous true
set_tcp_nodelay true
max_queued_messages 100000
persistence true
persistence_location {state}/
log_dest stderr
log_type error
log_type warning
{user}
"""


class ManagedBroker:
    """A mosquitto of our own on loopback, stopped when the context closes or this process dies.

    Sessions and retained messages survive `stop()` and `start()`; they are gone when the context closes,
    unless `state_folder` is given.

    Args:
        port: TCP port; None picks a free one.
        state_folder: where the broker keeps its state; None makes a temporary folder.
        ready_seconds: how long to wait until the broker answers.
        binary: name or path of the mosquitto program.
    """

    def __init__(
        self,
        port: int | None = None,
        *,
        state_folder: Path | None = None,
        ready_seconds: float = 10.0,
        binary: str = "mosquitto",
        clock: Clock | None = None,
    ) -> None:
        self._wanted_port = port
        self._port = port or 0
        self._state_folder = state_folder
        self._ready_seconds = ready_seconds
        self._binary = binary
        self._clock = clock or SystemClock()
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where clients connect, for example `mqtt://127.0.0.1:41883`."""
        return f"mqtt://127.0.0.1:{self._port}"

    @property
    def port(self) -> int:
        """TCP port the broker listens on."""
        return self._port

    async def __aenter__(self) -> Self:
        """Start the broker and wait until it answers.

        Raises:
            OperatorError: mosquitto is not installed, or did not start; the text carries its last words.
        """
        self._temporary = tempfile.TemporaryDirectory(prefix="parley-broker-")
        try:
            await self._start_on_some_port()
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the broker and remove its temporary state."""
        await self._close()

    async def start(self) -> None:
        """Start (again) on the same port and wait until the broker answers."""
        if await _answers(self._port):
            # Otherwise the stranger there would pass for the broker that is being started.
            raise OperatorError(f"Port {self._port} is already in use.", remedy=PORT_REMEDY)
        process = self._spawn()
        self._process = process
        deadline = self._clock.monotonic() + self._ready_seconds
        while not await _answers(self._port):
            if process.poll() is not None or self._clock.monotonic() > deadline:
                await self.stop()
                raise OperatorError(
                    f"mosquitto did not start on port {self._port}: {self._last_words()}",
                    remedy=PORT_REMEDY,
                )
            await self._clock.sleep(READY_POLL_SECONDS)

    async def stop(self) -> None:
        """Ask the broker to stop; it writes its state to disk first."""
        await self._end(kill=False)

    async def kill(self) -> None:
        """End the broker at once, as a crash would: what it had not written to disk is lost."""
        await self._end(kill=True)

    async def _start_on_some_port(self) -> None:
        # A free port may be taken by someone else before mosquitto binds it.
        for attempt in range(1, PORT_ATTEMPTS + 1):
            if self._wanted_port is None:
                self._port = _free_port()
            try:
                await self.start()
            except OperatorError:
                if self._wanted_port is not None or attempt == PORT_ATTEMPTS or _find(self._binary) is None:
                    raise
            else:
                return

    def _spawn(self) -> subprocess.Popen[bytes]:
        program = _find(self._binary)
        if program is None:
            raise OperatorError(
                f"The MQTT broker program {self._binary!r} is not installed.", remedy=INSTALL_REMEDY
            )
        folder = self._folder
        state = self._state_folder or folder
        state.mkdir(parents=True, exist_ok=True)
        # Changing the user would lose the parent-death signal and the right to write into the state folder.
        user = "user root" if os.geteuid() == 0 else ""
        configuration = folder / "mosquitto.conf"
        configuration.write_text(
            CONFIGURATION.format(port=self._port, state=state, user=user), encoding="utf-8"
        )
        command = [program, "-c", str(configuration)]
        if (wrapper := shutil.which("setpriv")) is not None:
            command = [wrapper, "--pdeathsig", "TERM", *command]
        with (folder / "mosquitto.log").open("wb") as log:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)  # noqa: S603

    @property
    def _folder(self) -> Path:
        if self._temporary is None:
            raise OperatorError("The managed broker is used outside its context.", remedy="Use `async with`.")
        return Path(self._temporary.name)

    def _last_words(self) -> str:
        log = self._folder / "mosquitto.log"
        text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        return clean_sentence(text[-400:]) or "it said nothing"

    async def _end(self, *, kill: bool) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            (process.kill if kill else process.terminate)()
        try:
            await asyncio.to_thread(process.wait, STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait)

    async def _close(self) -> None:
        await self._end(kill=False)
        if self._temporary is not None:
            self._temporary.cleanup()
            self._temporary = None


def _find(binary: str) -> str | None:
    return shutil.which(binary) or shutil.which(binary, path=os.pathsep.join(EXTRA_FOLDERS))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True
