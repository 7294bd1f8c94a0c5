"""Cap and strip text that came from a device, a model or a person before it reaches a log, a prompt or a page."""

import unicodedata

SENTENCE_LIMIT = 600
# A text may be megabytes long; what stands this many limits into it is never shown, so it is not looked at either.
_LOOKED_AT = 16


def clean_sentence(text: str, limit: int = SENTENCE_LIMIT) -> str:
    """Return `text` as one printable line of at most `limit` characters.

    Control and formatting characters become spaces, runs of white space become one space, and text that is
    too long ends in an ellipsis.
    """
    seen = text[: _LOOKED_AT * limit]
    # Most text is plain: then there is nothing to look for, and a fleet's answers come by the thousand.
    is_plain = seen.isascii() and seen.isprintable()
    printable = seen if is_plain else "".join(_printable(character) for character in seen)
    line = " ".join(printable.split())
    whole = len(seen) == len(text) and len(line) <= limit
    return line if whole else line[: limit - 1].rstrip() + "…"


def _printable(character: str) -> str:
    return " " if unicodedata.category(character)[0] in "CZ" else character
