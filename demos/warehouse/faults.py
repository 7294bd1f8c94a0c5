"""Faults that can be injected into a robot while it runs."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from device_agent.drivers.port import DriverError
from protocol.errors import ErrorCode


class RobotFaults(BaseModel):
    """What is wrong with one robot; nothing by default.

    `silent`: no call ever comes back. `dead`: every call fails at once. `failing_calls`, `hanging_calls`: how many of
    the next calls fail, or never come back.
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    silent: bool = False
    dead: bool = False
    failing_calls: int = Field(default=0, ge=0)
    hanging_calls: int = Field(default=0, ge=0)

    @classmethod
    def draw(cls, seed: int, robot_ids: Sequence[str], probability: float) -> dict[str, Self]:
        """Draw faults for a fleet: each robot has one with `probability`; the same seed gives the same faults."""
        source = random.Random(seed)
        drawn = {}
        for robot_id in robot_ids:
            is_faulty = source.random() < probability
            kind = source.choice(("silent", "dead", "failing_calls", "hanging_calls"))
            drawn[robot_id] = cls.model_validate({kind: 1}) if is_faulty else cls()
        return drawn

    async def before_call(self) -> None:
        """Let one call through, fail it, or never return.

        Raises:
            DriverError: the robot is dead, or this call fails.
        """
        if self.dead:
            raise DriverError("The machine cannot be reached.", code=ErrorCode.CALL_FAILED)
        if self.hanging_calls > 0:
            self.hanging_calls -= 1
            await _forever()
        if self.silent:
            await _forever()
        if self.failing_calls > 0:
            self.failing_calls -= 1
            raise DriverError("The machine reported a fault.", code=ErrorCode.CALL_FAILED)


async def _forever() -> None:
    await asyncio.get_running_loop().create_future()
