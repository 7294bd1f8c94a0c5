"""What comes in from a chat, and what it leads to."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from coordinator.approvals import Approval
from protocol.errors import InputError
from protocol.messages import IDENTIFIER_PATTERN

CHAT_ID_HEADER = "X-Chat-Id"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a person.

    Attributes:
        chat_id: which conversation it belongs to.
        text: the person's words.
        by: who writes, as far as the client tells.
        before: what the chat said last, as the client has it; empty when it said nothing.
        is_first: the conversation begins with it, so that what was said under its id before is forgotten.
    """

    chat_id: str
    text: str
    by: str
    before: str = ""
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """What a message leads to: something said at once, or a goal to follow from an event on.

    Attributes:
        chat_id: of the conversation.
        text: the whole answer, where no goal is followed.
        goal_id: the goal to follow.
        after: the number of the event after which it is followed.
        preface: what is said before anything else.
        question: a device's question that has to be put again, because the message was no answer to it.
    """

    chat_id: str
    text: str | None = None
    goal_id: str | None = None
    after: int = 0
    preface: str = ""
    question: Approval | None = None


def given_chat_id(chat_id: str) -> str:
    """Check the id that a client gives its conversation.

    Raises:
        InputError: it is no short plain name.
    """
    if not re.fullmatch(IDENTIFIER_PATTERN[1:-1], chat_id):
        raise InputError(
            "chat_id",
            chat_id[:80],
            "1 to 64 letters, digits, '.', '_' and '-', the first one a letter or digit",
        )
    return chat_id


def derived_chat_id(by: str, first_message: str) -> str:
    """Return an id for a conversation whose client gives none: the same as long as it begins with the same message."""
    seed = f"{by}\n{first_message}".encode("utf-8", errors="replace")
    return f"chat-{hashlib.blake2b(seed, digest_size=6).hexdigest()}"
