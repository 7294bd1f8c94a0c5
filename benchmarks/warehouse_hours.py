"""Conversations that last for hours: what is to be done every hour is done then, right each time, until it is stopped."""

from __future__ import annotations

import asyncio
import re

from benchmarks.warehouse_judging import Case, Judge, Seen
from demos.warehouse.hall_clock import HallClock
from demos.warehouse.stage import Stage
from demos.warehouse.truth import WorldTruth

_HOUR_SECONDS = 3600.0
_LOOK_SECONDS, _LEAST_LOOKS, _MOST_LOOKS = 0.2, 5, 600
_SHELVES = ("2", "5", "7", "12")


async def hour(stage: Stage) -> None:
    """Let an hour pass, and wait until what was due has ended. Another shelf is cleared before, so that counts differ."""
    if not isinstance(stage.clock, HallClock):
        raise TypeError("the hall runs on a clock that cannot be put forward")
    full = [
        shelf for name in _SHELVES if (shelf := stage.world.shelves[name]).slots and any(shelf.slots.values())
    ]
    for label in full[0].slots if full else ():
        full[0].slots[label] = None
    stage.clock.put_forward(_HOUR_SECONDS)
    for look in range(_MOST_LOOKS):
        await asyncio.sleep(_LOOK_SECONDS)
        if look >= _LEAST_LOOKS and not stage.coordinator.goals_under_way():
            return


def _empty(truth: WorldTruth) -> int:
    return sum(not shelf.items for shelf in truth.shelves.values())


def counted(*hours: int) -> Judge:
    """At these moments of the conversation the empty shelves were counted right, and at no others; all of it was told."""

    def judge(seen: Seen) -> str | None:
        wanted = [_empty(seen.moments[place]) for place in hours]
        told = [int(number) for number in re.findall(r"empty shelves: (?:drone-1 )?(\d+)", seen.said)]
        return None if told == wanted else f"told {told}, right is {wanted}"

    return judge


HOURS = (
    Case(
        "every hour",
        ("Count the empty shelves every hour.", hour, hour, hour, "Thanks."),
        counted(1, 2, 3),
    ),
    Case(
        "once an hour",
        ("Once an hour, tell me how many shelves are empty.", hour, hour, "What is new?"),
        counted(1, 2),
    ),
    Case(
        "stop counting",
        (
            "Every hour, count the empty shelves.",
            hour,
            "Stop counting.",
            hour,
            hour,
            "Which standing goals are there?",
        ),
        counted(1),
    ),
)
