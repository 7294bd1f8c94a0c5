"""How a device's question is put to a person in a chat, and which words are an answer.

An approval moves a machine, so it is taken only from a message in which every word is known. A refusal is taken from any
message that holds one. Whatever is neither changes nothing, and the question is put again.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from coordinator.approvals import Approval, Decision
from coordinator.wording import quoted, time_of_day
from protocol.messages import IDENTIFIER_PATTERN

APPROVE_WORDS = frozenset({"yes", "approve"})
DENY_WORDS = frozenset({"no", "deny"})
BESIDE_WORDS = frozenset(
    {"please", "i", "it", "this", "that", "do", "go", "ahead", "you", "may", "ok", "okay", "sure", "thanks"}
)
HOW_TO_ANSWER = (
    'I could not take that for an answer, so nothing has changed. Say "yes" or "approve" to allow it, "no" or "deny" '
    'to forbid it. Beside "yes", only words such as "please", "go ahead" or "do it" may stand. To give another goal, '
    "begin a new chat."
)
_LAST_LINE = re.compile(
    rf'^Answer "yes" or "no" before [\d:]+ UTC\. \(approval ({IDENTIFIER_PATTERN[1:-1]})\)$'
)
# A question mark or a picture may turn a "yes" into anything.
_PLAIN = re.compile(r"[\w\s.,!'\"-]*")


def ask(approval: Approval) -> str:
    """Put a question: two lines, the second of which names it, so that the next message can be its answer."""
    return (
        f"{approval.device_id} asks: {quoted(approval.question)}\n"
        f'Answer "yes" or "no" before {time_of_day(approval.expires_at)}. (approval {approval.approval_id})'
    )


def asked(message: str, find: Callable[[str], Approval | None]) -> Approval | None:
    """Return the question that a message ends with; None when it ends with none.

    Words of a device cannot pass for another device's question: what stands there must be what `ask` writes.

    Args:
        message: what the chat said last.
        find: returns a question by its id, None for one that it does not know.
    """
    named = _LAST_LINE.match(message.rstrip().rpartition("\n")[2])
    if named is None:
        return None
    approval = find(named[1])
    return approval if approval is not None and message.rstrip().endswith(ask(approval)) else None


def read_answer(text: str) -> Decision | None:
    """Read a person's answer; None when it is none, or could be meant either way."""
    words = set(re.findall(r"[\w']+", text.casefold()))
    if words & DENY_WORDS:
        return None if words & APPROVE_WORDS else "deny"
    is_clear = words & APPROVE_WORDS and words <= APPROVE_WORDS | BESIDE_WORDS and _PLAIN.fullmatch(text)
    return "approve" if is_clear else None
