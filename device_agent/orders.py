"""What people may order while a program runs: pause, resume, cancel, approve, deny, stop at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fsm.subtask import Trigger
from protocol.messages import Approval


class Orders:
    """The orders for one run. An executor waits for them; an agent gives them.

    Attributes:
        cancel: set when the run is to end early.
        emergency: set when the machine must rest at once.
        approval: the question that a person is asked, while one is.
        asked: the question that was asked last.
        rests: how often it was to pause.
        may_go_on: set unless the run is to pause, or is paused.
        changed: is called after every order to pause or to go on, so that it can be kept.
    """

    def __init__(self) -> None:
        self.cancel = asyncio.Event()
        self.emergency = asyncio.Event()
        self.approval: Approval | None = None
        self.asked: Approval | None = None
        self.changed: Callable[[], None] | None = None
        self.decided = asyncio.Event()
        self._is_approved = False
        self.rests = 0
        self._wants_rest = ""
        self._is_taken_up = False
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()

    @property
    def wants_rest(self) -> str:
        """Why the run is to pause between two calls; empty when it may go on."""
        return self._wants_rest

    @property
    def to_stop(self) -> Trigger | None:
        """The order to stop, where one was given; an emergency comes before all else."""
        if self.emergency.is_set():
            return Trigger.EMERGENCY_STOP
        return Trigger.CANCEL if self.cancel.is_set() else None

    def take_up(self, approval: Approval | None, rests_because: str) -> None:
        """Order what had been ordered before a restart; done once, so that what is ordered afterwards stands."""
        if self._is_taken_up:
            return
        self._is_taken_up = True
        self.approval = self.asked = approval
        if rests_because:
            self.pause(rests_because)

    def pause(self, because: str) -> None:
        """Let the run rest after the call that is being made."""
        self.rests += not self._wants_rest
        self._wants_rest = self._wants_rest or because
        self.may_go_on.clear()
        self._tell()

    def resume(self) -> None:
        """Let it go on."""
        self._wants_rest = ""
        self.may_go_on.set()
        self._tell()

    def decide(self, approval_id: str, *, approve: bool) -> bool:
        """Answer the question; returns False when no such question is open."""
        if self.approval is None or self.approval.approval_id != approval_id or self.decided.is_set():
            return False
        self._is_approved = approve
        self.decided.set()
        return True

    @property
    def is_approved(self) -> bool:
        """Whether the answer was yes."""
        return self._is_approved

    def _tell(self) -> None:
        if self.changed is not None:
            self.changed()
