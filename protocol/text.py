"""Cap and strip text that came from a device, a model or a person before it reaches a log, a prompt or a page."""

import unicodedata

SENTENCE_LIMIT = 600


def clean_sentence(text: str, limit: int = SENTENCE_LIMIT) -> str:
    """Return `text` as one printable line of at most `limit` characters.

    Control and formatting characters become spaces, runs of white space become one space, and text that is
    too long ends in an ellipsis.
    """
    printable = "".join(
        " " if unicodedata.category(character)[0] in "CZ" else character for character in text
    )
    line = " ".join(printable.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
