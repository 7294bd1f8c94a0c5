"""What standing goals need of the coordinator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from coordinator.goals import GoalView
from coordinator.registry import Device


class Host(Protocol):
    """The part of `Coordinator` that standing goals use."""

    def submit(
        self, goal: str, *, by: str | None = None, chat_id: str | None = None, standing_id: str | None = None
    ) -> GoalView:
        """Accept a goal.

        Raises:
            ParleyError: it is not accepted.
        """
        ...

    def goal(self, goal_id: str) -> GoalView:
        """Return the present state of a goal."""
        ...

    def cancel(self, goal_id: str, by: str) -> None:
        """End a goal; one that has ended already stays as it is."""
        ...

    def devices(self) -> list[Device]:
        """Return every device."""
        ...

    def on_attributes(self, observer: Callable[[Device], None]) -> Callable[[], None]:
        """Call `observer` whenever a device has told what it measures."""
        ...

    @property
    def is_stopped(self) -> bool:
        """Whether the emergency stop is engaged."""
        ...
