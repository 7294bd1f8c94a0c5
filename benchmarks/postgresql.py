"""Runs PostgreSQL as a child process, with a cluster of its own: for measurements and for tests."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from protocol.errors import OperatorError
from protocol.text import clean_sentence

_READY_SECONDS = 30.0
_POLL_SECONDS = 0.05
_STOP_SECONDS = 10.0
_USER = "parley"
# Debian keeps it where no search path looks, one folder for each version.
_FOLDERS = "postgresql/*/bin"
# PostgreSQL refuses to run as root.
_ACCOUNT = "postgres"


class ManagedPostgresql:
    """A PostgreSQL of our own on loopback, stopped when the context closes or this process dies.

    Args:
        is_synced: whether a commit waits for the disk. Measurements need it; tests are quicker without, and what they
            kill is a process, never the machine.
    """

    def __init__(self, *, is_synced: bool = True) -> None:
        self._is_synced = is_synced
        self._port = 0
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the ledger connects."""
        return f"postgresql://{_USER}@127.0.0.1:{self._port}/postgres"

    async def __aenter__(self) -> Self:
        """Make a cluster, start it, and wait until it answers.

        Raises:
            OperatorError: PostgreSQL is not installed or did not start; the text carries its last words.
        """
        self._temporary = tempfile.TemporaryDirectory(prefix="parley-postgresql-", ignore_cleanup_errors=True)
        try:
            await asyncio.to_thread(self._initialise)
            await self.start()
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it and remove its files."""
        await self._close()

    async def start(self) -> None:
        """Start (again), on the same port, and wait until it answers."""
        self._port = self._port or _free_port()
        process = self._process = self._spawn()
        try:
            async with asyncio.timeout(_READY_SECONDS):
                while not await asyncio.to_thread(self._answers) and process.poll() is None:  # noqa: ASYNC110
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError:
            process.kill()
        if process.poll() is not None:
            raise OperatorError(f"PostgreSQL did not start: {self._last_words()}")

    async def stop(self) -> None:
        """Stop it in good order; who is connected is cut off."""
        await self._end(signal.SIGINT)

    async def kill(self) -> None:
        """End it at once, as a crash would."""
        await self._end(signal.SIGQUIT)

    def _spawn(self) -> subprocess.Popen[bytes]:
        settings = [
            "listen_addresses=127.0.0.1",
            f"port={self._port}",
            f"unix_socket_directories={self._folder}",
        ]
        if not self._is_synced:
            settings += ["fsync=off", "full_page_writes=off"]
        options = [word for setting in settings for word in ("-c", setting)]
        command = [_program("postgres"), "-D", str(self._data), *options]
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603
                _as_account(command, dies_with_parent=True), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def _initialise(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self._folder, _ACCOUNT, _ACCOUNT)
        command = [_program("initdb"), "-D", str(self._data), "-U", _USER, "-A", "trust", "-E", "UTF8"]
        done = subprocess.run(  # noqa: S603
            _as_account([*command, "--locale=C", "--no-sync"]), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise OperatorError(f"initdb failed: {clean_sentence(done.stderr[-400:])}")

    @property
    def _folder(self) -> Path:
        if self._temporary is None:
            raise OperatorError(
                "The managed PostgreSQL is used outside its context.", remedy="Use `async with`."
            )
        return Path(self._temporary.name)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _last_words(self) -> str:
        return clean_sentence((self._folder / "log").read_text(errors="replace")[-400:]) or "it said nothing"

    async def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(how)
        try:
            await asyncio.to_thread(process.wait, _STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait)

    async def _close(self) -> None:
        await self.kill()
        if self._temporary is not None:
            self._temporary.cleanup()
            self._temporary = None


def _program(name: str) -> str:
    installed = sorted(Path("/usr/lib").glob(f"{_FOLDERS}/{name}"))
    program = str(installed[-1]) if installed else shutil.which(name)
    if program is None:
        raise OperatorError(
            f"PostgreSQL's program {name!r} is not installed.",
            remedy="Install it with `sudo apt-get install postgresql` (or `make test`, which does so).",
        )
    return program


def _as_account(command: list[str], *, dies_with_parent: bool = False) -> list[str]:
    wrapper = ["setpriv"] if shutil.which("setpriv") else []
    if wrapper and dies_with_parent:
        wrapper += ["--pdeathsig", "QUIT"]
    if os.geteuid() == 0:
        wrapper = [*(wrapper or ["setpriv"]), "--reuid", _ACCOUNT, "--regid", _ACCOUNT, "--clear-groups"]
    return [*wrapper, *command] if len(wrapper) > 1 else command


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
