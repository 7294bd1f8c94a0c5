"""What standing goals need of the coordinator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from coordinator.goals import GoalView
from coordinator.registry import Device


class Canceller(Protocol):
    """The part of `Operations` that standing goals use."""

    def cancel_goal(self, goal_id: str, by: str) -> None:
        """End a goal.

        Raises:
            InputError: it has ended.
        """
        ...


class Switch(Protocol):
    """The part of the emergency stop that standing goals use."""

    @property
    def is_engaged(self) -> bool:
        """Whether everything is at rest."""
        ...


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

    def devices(self) -> list[Device]:
        """Return every device."""
        ...

    def on_attributes(self, observer: Callable[[Device], None], /) -> Callable[[], None]:
        """Call `observer` whenever a device has told what it measures."""
        ...

    @property
    def operations(self) -> Canceller:
        """What ends a goal."""
        ...

    @property
    def emergency_stop(self) -> Switch:
        """Whether everything is at rest."""
        ...
