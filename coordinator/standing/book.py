"""All standing goals of a site, as the ledger has them: what is appended here changes their states at once."""

from __future__ import annotations

from typing import Any

from coordinator.ledger.events import Event, EventKind
from coordinator.ledger.ledger import Ledger
from coordinator.standing.life import Change, Order, Standing, apply, standing
from protocol.errors import ErrorCode, InputError, InternalError

_LOOKED_AT = 10_000


class Book:
    """Keeps the states of standing goals.

    Args:
        ledger: of the site.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._states: dict[str, Standing] = {}
        for event in ledger.of_kind(EventKind.STANDING_ACCEPTED, limit=_LOOKED_AT):
            state = standing(ledger.of_goal(event.goal_id or ""))
            if state is not None:
                self._states[state.standing_id] = state

    def all(self) -> list[Standing]:
        """Return every one, also those that have ended, oldest first."""
        return list(self._states.values())

    def live(self) -> list[Standing]:
        """Return those that have not ended, oldest first."""
        return [state for state in self._states.values() if not state.status.is_final]

    def get(self, standing_id: str) -> Standing:
        """Return one.

        Raises:
            InputError: there is none of this name (code `not_found`).
        """
        state = self._states.get(standing_id)
        if state is None:
            raise InputError(
                "standing_id",
                standing_id,
                "the id of a standing goal",
                code=ErrorCode.NOT_FOUND,
                remedy="GET /v1/standing lists them.",
            )
        return state

    def append(self, kind: EventKind, standing_id: str, data: dict[str, Any]) -> Standing:
        """Record something about one of them and return its state after that."""
        event = self._ledger.append(kind, data, goal_id=standing_id)
        state = apply(self._states.get(standing_id), event)
        if state is None:
            raise InternalError(f"{standing_id} was never accepted.")
        self._states[standing_id] = state
        return state

    def change(
        self, standing_id: str, change: Change, sentence: str, *, is_notice: bool = False, **data: Any
    ) -> Standing:
        """Record a change. `is_notice` tells people who follow."""
        content = {"change": change.value, "sentence": sentence, "notice": is_notice, **data}
        return self.append(EventKind.STANDING_CHANGED, standing_id, content)

    def goals_since(self, state: Standing) -> list[Event]:
        """Return the GOAL_ACCEPTED events of a standing goal since it last fired, oldest first."""
        return [
            event
            for event in self._ledger.of_kind(EventKind.GOAL_ACCEPTED, limit=_LOOKED_AT)
            if event.seq > state.fired_seq and event.data.get("standing_id") == state.standing_id
        ]

    def unsubmitted(self, state: Standing) -> list[tuple[str, int, Order]]:
        """Return the orders of a standing goal that have become no goal yet: their line, place and text."""
        return [
            (line, index, order)
            for line, orders in state.orders.items()
            for index, order in enumerate(orders)
            if order.goal_id is None and not order.is_over
        ]
