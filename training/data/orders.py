"""Tells orders ("close the valve") from other phrases ("lights out"), so that carrier phrases fit what they carry."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from training.lexicon import read_lexicon

_FIRST_GROUP = re.compile(r"^\(([^()]*)\)")
_NO_VERBS = frozenset(
    """a the i we you it is are was no not more less this that there all one two what how which who when where why do does
    did can could would should have has my your its at in on off out up down to for with of from please time lights""".split()
)
_OWN = (
    (r"\byourself\b", "itself"),
    (r"\byour\b", "its"),
    (r"\byou are\b", "it is"),
    (r"\byou have\b", "it has"),
    (r"\byou\b", "it"),
)


@lru_cache(maxsize=1)
def _verbs() -> frozenset[str]:
    """First words of the lexicon's orders that several families share."""
    families: Counter[str] = Counter()
    for family in read_lexicon():
        first: set[str] = set()
        for function in family.functions:
            for text in function.says:
                group = _FIRST_GROUP.match(text)
                options = group[1].split("/") if group else [text]
                first.update(option.split()[0] for option in options if option.split())
        families.update(first)
    return frozenset(word for word, count in families.items() if count > 1 and word.isalpha()) - _NO_VERBS


def is_order(text: str) -> bool:
    """Whether a phrase begins with a verb that tells somebody to do something."""
    return text.split(maxsplit=1)[0] in _verbs()


def about_it(text: str) -> str:
    """Turn what is said to a device into what is said about it: "dock yourself" becomes "dock itself"."""
    for pattern, other in _OWN:
        text = re.sub(pattern, other, text)
    return text
