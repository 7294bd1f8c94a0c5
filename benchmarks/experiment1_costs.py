"""What a run of experiment 1 has cost, and how long it would take where processors are slower and each device has its own.

The agents of a test machine share its cores, so the clock on the wall says little about a site where every device has a
processor. What says something is processor time: it does not grow while others use the machine. From it and from the world's
own time follow the times of this model::

    distributed   factor * planning + the longest of all devices' (factor * its language work + its time in the world)
    centralised   factor * (planning + all devices' language work) + all devices' time in the world

A device does its own subtasks one after another. Every processor, the coordinator's too, is `factor` times as slow as one core of
the test machine. Messages, the ledger and HTTP are left out of both.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

R = TypeVar("R")

_THINKS = " thinks_"
_SANDBOX = "monty"


@dataclass(frozen=True, slots=True)
class Work:
    """The parts that a run's time is made of.

    Attributes:
        planning_seconds: processor time from the goal to its plan.
        language_seconds: processor time of each device's language work: search, model, checks.
        world_seconds: how long each device was moving or looking, in the world's own time.
    """

    planning_seconds: float = 0.0
    language_seconds: Mapping[str, float] = field(default_factory=dict)
    world_seconds: Mapping[str, float] = field(default_factory=dict)


def distributed_seconds(work: Work, factor: float = 1.0, *, with_world: bool = True) -> float:
    """Return the time of a run whose devices have a processor each: the way from goal to answer that takes longest."""
    devices = work.language_seconds.keys() | work.world_seconds.keys()
    longest = max(
        (
            factor * work.language_seconds.get(device_id, 0.0)
            + (work.world_seconds.get(device_id, 0.0) if with_world else 0.0)
            for device_id in devices
        ),
        default=0.0,
    )
    return factor * work.planning_seconds + longest


def centralised_seconds(
    work: Work, factor: float = 1.0, *, with_world: bool = True, is_serial: bool = True
) -> float:
    """Return the time of a run on one processor that codes for one device after another.

    Args:
        work: the run.
        factor: how much slower the processor is.
        with_world: whether time in the world counts.
        is_serial: whether devices move one after another, as one state machine has them; else all at once.
    """
    thinking = factor * (work.planning_seconds + sum(work.language_seconds.values()))
    if not with_world:
        return thinking
    moving = list(work.world_seconds.values())
    return thinking + (sum(moving) if is_serial else max(moving, default=0.0))


def thinking_seconds() -> dict[str, float]:
    """Return how much processor time each agent of this process has spent on language work so far, by device.

    An agent does all of it in a thread of its own that is named after it. The sandbox's workers are not counted.
    """
    return {
        thread.name.partition(_THINKS)[0]: time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
        for thread in threading.enumerate()
        if _THINKS in thread.name and thread.ident is not None
    }


def in_thread(work: Callable[[], R]) -> tuple[R, float]:
    """Do a piece of language work; returns what it returned, and its processor time in this thread and in the sandbox."""
    began, sandbox = time.thread_time(), sandbox_seconds()
    result = work()
    return result, time.thread_time() - began + sandbox_seconds() - sandbox


def sandbox_seconds() -> float:
    """Return how much processor time the sandbox's workers of this process have spent so far."""
    children = [
        int(child)
        for task in Path("/proc/self/task").iterdir()
        for child in (task / "children").read_text().split()
    ]
    return sum(_process_seconds(child) for child in children if _is_sandbox(child))


def _is_sandbox(process_id: int) -> bool:
    try:
        return Path(f"/proc/{process_id}/comm").read_text().strip() == _SANDBOX
    except OSError:  # it has ended
        return False


def _process_seconds(process_id: int) -> float:
    # The clock that clock_getcpuclockid(3) names on Linux; Python has no function for it.
    try:
        return time.clock_gettime((~process_id << 3) | 2)
    except OSError:
        return 0.0


def own_seconds() -> float:
    """Return how much processor time this process and its sandbox have spent so far."""
    return time.process_time() + sandbox_seconds()
