"""Answers to what is said for politeness. Pure."""

from __future__ import annotations

from coordinator import consent
from inference.words import split_words

_GREETING = (
    'Hello. Tell me what is to be done, or ask something like "What are you doing?" or "What can you do?".'
)
_WELCOME = "You are welcome."
_NO_QUESTION = "No question waits for an answer here."
_THANKS = frozenset({"thank", "thanks", "thx", "cheers"})


def small_talk(text: str) -> str:
    """Answer small talk; a yes or no that nothing has asked for is said to be none."""
    words = set(split_words(text))
    if words & _THANKS:
        return _WELCOME
    return _GREETING if consent.read_answer(text) is None else _NO_QUESTION
