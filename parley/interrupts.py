"""Runs a program until a person or a supervisor ends it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any


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
