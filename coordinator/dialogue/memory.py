"""What was said in each chat lately: bounded, and read back from the ledger after a restart."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from coordinator.dialogue.acts import Act
from coordinator.dialogue.questions import OpenQuestion
from coordinator.ledger.events import Event, EventKind

TURNS_KEPT = 20
CHATS_KEPT = 200
TEXT_KEPT = 400
"""Characters of what was said, and of what was answered, that are kept of a turn."""

MENTIONS_KEPT = 12


class Mentioned(BaseModel):
    """Something that a turn spoke of; `is_place` where it was said as where something is or goes ("to station 2")."""

    model_config = ConfigDict(frozen=True)

    sort: str
    name: str
    kind: str
    is_place: bool = False


class ChatTurn(BaseModel):
    """One message of a person and what became of it.

    Attributes:
        said: the person's words.
        act: what they were taken for.
        goal: the resolved goal, where one was submitted.
        goal_id: its id; or that of the goal that an order or a question was about.
        standing_id: the standing goal that was accepted or spoken of.
        standstill_id: the order to stand still that was given.
        mentions: what the turn spoke of, in its order.
        reply: what was answered at once; None where a goal's own answer is the reply.
        question: what was asked back.
        is_new: whether the chat began with this turn.
        seq: number of the event; 0 before it is written.
    """

    model_config = ConfigDict(frozen=True)

    chat_id: str
    said: str
    act: Act
    by: str | None = None
    goal: str | None = None
    goal_id: str | None = None
    standing_id: str | None = None
    standstill_id: str | None = None
    mentions: tuple[Mentioned, ...] = ()
    reply: str | None = None
    question: OpenQuestion | None = None
    is_new: bool = False
    seq: int = 0

    def stored(self) -> dict[str, Any]:
        """Return the turn as JSON values for the ledger, its texts cut."""
        cut = {
            "said": self.said[:TEXT_KEPT],
            "reply": None if self.reply is None else self.reply[:TEXT_KEPT],
            "mentions": self.mentions[:MENTIONS_KEPT],
        }
        return self.model_copy(update=cut).model_dump(mode="json", exclude={"seq"})


class ChatMemory:
    """The turns of one chat, the newest last; older than `TURNS_KEPT` are forgotten."""

    def __init__(self, chat_id: str) -> None:
        self.chat_id = chat_id
        self._turns: deque[ChatTurn] = deque(maxlen=TURNS_KEPT)

    @property
    def last(self) -> ChatTurn | None:
        """The newest turn."""
        return self._turns[-1] if self._turns else None

    @property
    def question(self) -> OpenQuestion | None:
        """What the coordinator asked last, if nothing was said since."""
        return None if self.last is None else self.last.question

    def add(self, turn: ChatTurn) -> None:
        """Take in a turn."""
        if turn.is_new:
            self._turns.clear()
        self._turns.append(turn)

    def newest_first(self) -> Iterator[ChatTurn]:
        """Return the turns, the newest first."""
        return reversed(self._turns)

    def last_goal(self) -> ChatTurn | None:
        """Return the newest turn that submitted a goal."""
        return next((turn for turn in self.newest_first() if turn.goal is not None), None)

    def goal_ids(self) -> list[str]:
        """Return the goals that were spoken of, the newest first, each once."""
        return list(dict.fromkeys(turn.goal_id for turn in self.newest_first() if turn.goal_id is not None))

    def mentioned(self, kind: str | None = None) -> list[Mentioned]:
        """Return what was spoken of, that of the newest turn first, each once; of one kind where given."""
        found: dict[str, Mentioned] = {}
        for turn in self.newest_first():
            for one in turn.mentions:
                if kind in {None, one.kind}:
                    found.setdefault(one.name, one)
        return list(found.values())


class Memories:
    """The chats that were heard of lately.

    Args:
        events: the newest `CHAT_TURN` events, oldest first.
    """

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._chats: OrderedDict[str, ChatMemory] = OrderedDict()
        for event in events:
            if event.kind is EventKind.CHAT_TURN:
                try:
                    turn = ChatTurn.model_validate({**event.data, "seq": event.seq})
                except ValidationError:
                    # Written by a version that remembers otherwise: a chat that was forgotten does no harm.
                    continue
                self.of(turn.chat_id).add(turn)

    def of(self, chat_id: str) -> ChatMemory:
        """Return the memory of a chat, which becomes the one that is forgotten last."""
        memory = self._chats.pop(chat_id, None) or ChatMemory(chat_id)
        self._chats[chat_id] = memory
        if len(self._chats) > CHATS_KEPT:
            self._chats.popitem(last=False)
        return memory

    def forget(self, chat_id: str) -> ChatMemory:
        """Begin a chat anew."""
        self._chats.pop(chat_id, None)
        return self.of(chat_id)
