"""Reads one property of a machine in a given time: what cannot be read is not known, and never an error."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from device_agent.drivers.port import Driver, DriverError
from protocol.clock import Clock

logger = logging.getLogger(__name__)


async def reading_of(
    driver: Driver, clock: Clock, name: str, timeout_seconds: float, unknown: str | None
) -> Any:
    """Return what a property reads; None where the machine does not tell in time.

    Then the log says `unknown`; where that is None the caller says it itself, and the log has the reason for debugging.
    """
    level = logging.DEBUG if unknown is None else logging.WARNING
    reading = asyncio.ensure_future(driver.call(name, {}))
    timer = asyncio.ensure_future(clock.sleep(timeout_seconds))
    try:
        await asyncio.wait({reading, timer}, return_when=asyncio.FIRST_COMPLETED)
        if reading.done() and not reading.cancelled():
            return reading.result()
        logger.log(level, "%s", unknown or name)
    except DriverError as error:
        logger.log(level, "%s: %s", unknown or name, error)
    except Exception as error:  # a driver is vendor code: whatever it raises, the value is not known
        defect = logging.DEBUG if unknown is None else logging.ERROR
        logger.log(defect, "The driver failed in a way it should not.", exc_info=error)
    finally:
        timer.cancel()
        reading.cancel()
        reading.add_done_callback(forget)
    return None


def forget(task: asyncio.Future[Any]) -> None:
    """Look at a task's end, so that nobody is told that it was never looked at."""
    if not task.cancelled():
        task.exception()
