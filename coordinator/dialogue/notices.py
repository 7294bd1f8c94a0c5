"""What standing goals have to tell the chat that asked for them."""

from __future__ import annotations

from coordinator.coordinator import Coordinator
from coordinator.ledger.events import EventKind
from coordinator.standing.standing_goals import StandingGoals
from protocol.errors import InputError
from protocol.text import clean_sentence

_KINDS = (EventKind.STANDING_FIRED, EventKind.STANDING_CHANGED, EventKind.STANDING_ENDED)
_LOOKED_AT = 500
_MOST_TOLD = 5
_HEADING = "Meanwhile:"


class Notices:
    """Remembers what each chat has been told already.

    Args:
        coordinator: whose ledger holds the notices.
    """

    def __init__(self, coordinator: Coordinator) -> None:
        self._coordinator = coordinator
        self._told: dict[str, int] = {}

    def since(self, chat_id: str, after: int) -> list[str]:
        """Return the sentences that a chat has not been told yet, oldest first.

        Args:
            chat_id: of the chat.
            after: number of the event up to which it has been told, as far as the ledger says.
        """
        after = max(after, self._told.get(chat_id, 0))
        standing = self._coordinator.standing
        events = sorted(
            (
                event
                for kind in _KINDS
                for event in self._coordinator.ledger.of_kind(kind, limit=_LOOKED_AT)
                if event.seq > after
                and event.data.get("notice")
                and _belongs(standing, event.goal_id, chat_id)
            ),
            key=lambda event: event.seq,
        )
        if not events:
            return []
        self._told[chat_id] = events[-1].seq
        told = [clean_sentence(str(event.data.get("sentence", ""))) for event in events]
        # What a later notice begins with need not be said twice.
        sentences = [
            one
            for place, one in enumerate(told)
            if not any(later.startswith(one) for later in told[place + 1 :])
        ]
        left_out = len(sentences) - _MOST_TOLD
        return (
            [f"({left_out} earlier notices are in the log.)", *sentences[-_MOST_TOLD:]]
            if left_out > 0
            else sentences
        )


def _belongs(standing: StandingGoals, standing_id: str | None, chat_id: str) -> bool:
    try:
        return standing_id is not None and standing.get(standing_id).chat_id == chat_id
    except InputError:
        return False


def preface(notices: list[str]) -> str:
    """Put notices before an answer."""
    return " ".join([_HEADING, *notices]) if notices else ""
