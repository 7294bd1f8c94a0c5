"""Gives the demo's goal to a site that others have started, container by container, and prints the answer."""

from __future__ import annotations

import time
from collections.abc import Callable

from coordinator.goals import GoalStatus, GoalView
from demos.warehouse.run import DEFAULT_GOAL
from parley.operate import ask_coordinator
from protocol.errors import ErrorCode, OperatorError

JOIN_SECONDS = 300.0
_LOOK_SECONDS = 0.5


def ask(
    coordinator_url: str,
    devices: int,
    *,
    say: Callable[[str], None],
    goal: str = DEFAULT_GOAL,
    join_seconds: float = JOIN_SECONDS,
) -> bool:
    """Wait until so many devices are there, give the goal, and tell its answer.

    Args:
        coordinator_url: of a coordinator that is there, or comes.
        devices: how many are to be waited for.
        say: prints a line.
        goal: what is asked for.
        join_seconds: how long they may take.

    Returns:
        Whether the goal was completed.

    Raises:
        InputError: the address is none, or the goal was not taken.
        OperatorError: the coordinator or the devices are not there in time.
    """
    _wait_for(coordinator_url, devices, time.monotonic() + join_seconds)
    say(f"Goal   {goal}")
    view = GoalView.model_validate(ask_coordinator(coordinator_url, "POST", "/v1/goals", {"goal": goal}))
    while view.ended_at is None:
        time.sleep(_LOOK_SECONDS)
        address = f"/v1/goals/{view.goal_id}"
        view = GoalView.model_validate(ask_coordinator(coordinator_url, "GET", address))
    say(f"Answer {view.answer or view.status.value}")
    return view.status is GoalStatus.COMPLETED


def _wait_for(coordinator_url: str, devices: int, until: float) -> None:
    while True:
        try:
            known = ask_coordinator(coordinator_url, "GET", "/v1/devices")["devices"]
        except OperatorError:
            if time.monotonic() > until:
                raise
        else:
            joined = sum(device["is_available"] for device in known)
            if joined >= devices:
                return
            if time.monotonic() > until:
                raise OperatorError(
                    f"{joined} of {devices} devices are there.",
                    code=ErrorCode.DEVICE_SILENT,
                    remedy="Look at the logs of the coordinator and of the agents.",
                )
        time.sleep(_LOOK_SECONDS)
