"""What a parameter is called when a person is asked for its value."""

from __future__ import annotations

import re

from inference.day_texts import day_writing
from inference.signatures import Parameter
from inference.text import canonical_words
from inference.values import spoken_choices

_MOST_OFFERED = 8
# What stands behind a name, such as a default or an example, and what makes a description a sentence.
_NOTE = re.compile(
    r"(?:\bas )?\b(?:hh?:mm|mm?:ss|iso 8601)|[.,;:(](?!\d)|\s[-\u2013]\s|\b(?:such as|for example|for instance|e\.g\.|default)\b"
)
_NO_NAME = re.compile(
    r"\d|^(?:up to|at most|at least|true|false|relative|above|below|start (?:again|over)|follow|add|cancels?|records?|replace"
    r"|look|spoken|if|when|all|every|only|also|same|at|by|from|to|until|for|counted|stays?|starts|stops|closes|runs|switch|set|choose|loads?"
    r"|unloads?|what|how|which|where|whether)\b|\b(?:is|are|if|when|omitted|given|left out|must|may|can|will|means?)\b"
)
_NAME_WORDS = 8


def plain_name(parameter: Parameter) -> str:
    """Name a parameter for a person: with its description where that is a name, as "shelf number" is and "5 s by default" not."""
    described, *_ = _NOTE.split(parameter.description.lower(), maxsplit=1)
    described = described.strip(" .").removeprefix("the ")
    is_listing = (writing := day_writing(parameter)) is not None and bool(writing.words)
    is_name = (
        described
        and not is_listing
        and not _NO_NAME.search(described)
        and len(described.split()) <= _NAME_WORDS
    )
    return (
        described
        if is_name and described not in spoken_choices(parameter)
        else canonical_words(parameter.readable_name)
    )


def offered(parameter: Parameter) -> str:
    """List what the codes of an enumeration mean; the names of parameters that take codes seldom tell."""
    if not parameter.meanings or len(parameter.choices) > _MOST_OFFERED:
        return ""
    *others, last = spoken_choices(parameter)
    return f": {', '.join(others)} or {last}"
