"""When two sentences are so much the same that a program written for one may be run for the other."""

from __future__ import annotations

import ast
import re

from inference.program_source import parsed

_FINAL_PUNCTUATION = ".!?…。！？"  # noqa: RUF001 - people type these
_WORD = re.compile(r"\w+")


def normalised(sentence: str) -> str:
    """Return a sentence without what may differ: case, white space, and the punctuation at its end.

    Nothing else is taken out: another number, unit, name or order of words is another sentence. `lower` and not `casefold`,
    which would make one word of the German "Maße" (dimensions) and "Masse" (mass).
    """
    return " ".join(sentence.lower().split()).rstrip(_FINAL_PUNCTUATION + " ")


def writes_the_same(source: str, before: str, now: str) -> bool:
    """Whether a program, written for the sentence `before`, holds the texts that it would hold for `now`.

    Texts are copied with the person's capitals: "join HomeNet" and "join homenet" are two networks. So no word that is
    written in other capitals now may stand in a text of the program.

    Args:
        source: the program, Python.
        before: the sentence it was written for.
        now: a sentence that is the same as `before` when normalised.

    Raises:
        SyntaxError: `source` is not Python.
        ValueError: the same, in the eyes of some Python versions.
    """
    words, others = _WORD.findall(before), _WORD.findall(now)
    if len(words) != len(others):
        return False  # a letter whose small form is two
    changed = {
        word.lower() for pair in zip(words, others, strict=True) if pair[0] != pair[1] for word in pair
    }
    if not changed:
        return True
    texts = [
        node.value
        for node in ast.walk(parsed(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return changed.isdisjoint(word.lower() for text in texts for word in _WORD.findall(text))
