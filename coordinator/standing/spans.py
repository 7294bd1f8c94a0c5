"""Takes phrases out of a sentence and gives back what is left, in the words that the person used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

Span = tuple[int, int]
_JOINTS = re.compile(
    r"^(?:[\s,.;:!\u2013-]|(?:and|then|please)\b)+|(?:[\s,.;:!\u2013-]|\b(?:and|then|please))+$",
    re.IGNORECASE,
)
_WORD = re.compile(r"\S+")


def left_of(length: int, taken: Iterable[Span]) -> list[Span]:
    """Return what of 0 … `length` no span covers, in order."""
    free, at = [], 0
    for start, end in sorted(taken):
        if start > at:
            free.append((at, start))
        at = max(at, end)
    if at < length:
        free.append((at, length))
    return free


def trimmed(text: str) -> str:
    """Take joining words and punctuation off both ends."""
    return _JOINTS.sub("", text)


def overlaps(span: Span, taken: Sequence[Span]) -> bool:
    """Say whether a span shares a character with one of `taken`."""
    return any(start < span[1] and span[0] < end for start, end in taken)


def own_words(original: str, prepared: str, spans: Iterable[Span]) -> str:
    """Give back spans of a prepared sentence as the person wrote them, joined.

    Number words that were turned into digits become words again: an order is passed on as it was said.
    """
    said, read = (
        original.split(),
        [(match[0], match.start(), match.end()) for match in _WORD.finditer(prepared)],
    )
    blocks = SequenceMatcher(None, said, [word for word, _, _ in read], autojunk=False).get_opcodes()
    pieces = []
    for start, end in spans:
        inside = [
            index
            for index, (_, left, right) in enumerate(read)
            if any(character.isalnum() for character in prepared[max(left, start) : min(right, end)])
        ]
        if not inside:
            continue
        first, last = inside[0], inside[-1] + 1
        words: list[str] = []
        for tag, said_from, said_to, read_from, read_to in blocks:
            low, high = max(first, read_from), min(last, read_to)
            if low >= high:
                continue
            if tag == "equal":
                words += said[said_from + low - read_from : said_from + high - read_from]
            elif (low, high) == (read_from, read_to):
                words += said[said_from:said_to]
            else:
                words += [word for word, _, _ in read[low:high]]
        pieces.append(trimmed(" ".join(words)))
    return " ".join(piece for piece in pieces if piece)
