"""Splits text and API names into words, so that `moveToShelf`, `move_to_shelf` and "move to shelf" look alike."""

from __future__ import annotations

import re
import unicodedata

_RUN = re.compile(r"\d+|[^\W\d_]+")
_CASE_BOUNDARY = re.compile(r"(?<=[a-zß-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])|(?<=[A-Z])(?=[A-Z][a-z])")
# Chinese writes no spaces: every character counts as a word.
_IDEOGRAPH = re.compile(r"([\u3400-\u4dbf\u4e00-\u9fff])")


def split_words(text: str) -> list[str]:
    """Return the words of `text` in lower case; camelCase, snake_case, digits and ideographs are taken apart."""
    words: list[str] = []
    for run in _RUN.findall(unicodedata.normalize("NFKC", text)):
        for part in _CASE_BOUNDARY.split(run):
            words += [word.casefold() for word in _IDEOGRAPH.split(part) if word]
    return words
