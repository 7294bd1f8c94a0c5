"""Finds what a person wrote for a part of a prepared sentence, in which number words have become digits."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import lru_cache

_WORD = re.compile(r"\S+")
_OUTER_MARKS = " ,.;:!?"
Span = tuple[int, int]


def typed_words(typed: str, prepared: str, span: Span) -> str | None:
    """Return the words that have become a part of a prepared sentence: "third floor" for "3 floor".

    Args:
        typed: the sentence as it was written.
        prepared: the same with digits for number words.
        span: the (start, end) of the part in `prepared`.

    Returns:
        None where the part begins or ends within what several words have become.
    """
    start, end = span
    words = [match.span() for match in _WORD.finditer(prepared)]
    inside = [place for place, (first, last) in enumerate(words) if first < end and start < last]
    if not inside:
        return None
    begin, stop = inside[0], inside[-1] + 1
    pieces: list[str] = []
    for here, there, typed_part in _parts(typed, prepared):
        if there <= begin or here >= stop:
            continue
        if here < begin or there > stop:
            return None
        pieces.append(typed_part)
    said = " ".join(piece for piece in pieces if piece)
    # Marks of the sentence that stand at the words are no part of them, unless the part has them too.
    before, behind = prepared[words[begin][0] : start], prepared[end : words[stop - 1][1]]
    return said.removeprefix(before).removesuffix(behind).strip(_OUTER_MARKS if behind or before else " ")


@lru_cache(maxsize=64)
def _parts(typed: str, prepared: str) -> tuple[tuple[int, int, str], ...]:
    """Pair runs of prepared words, as (first, end), with what was typed for them; equal words one by one.

    What was typed and stands nowhere in the prepared sentence was taken back.
    """
    ours, theirs = prepared.split(), typed.split()
    matcher = SequenceMatcher(None, _compared(ours), _compared(theirs), autojunk=False)
    parts: list[tuple[int, int, str]] = []
    for kind, here, there, first, last in matcher.get_opcodes():
        if kind == "equal" or there - here == last - first:
            parts += [(here + step, here + step + 1, theirs[first + step]) for step in range(there - here)]
        elif here < there:
            parts.append((here, there, " ".join(theirs[first:last])))
    return tuple(parts)


def _compared(words: list[str]) -> list[str]:
    return [word.strip(_OUTER_MARKS).lower() for word in words]
