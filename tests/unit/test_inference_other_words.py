"""Choices that are said by other words."""

from __future__ import annotations

import pytest

from inference.other_words import told_by_other_words


@pytest.mark.parametrize(
    ("choices", "name", "text", "told"),
    [
        (["newest", "oldest"], "order", "show the latest letters", ["newest"]),
        (["car", "bicycle", "walking"], "means", "how far is the mill by bike", ["bicycle"]),
        (["off", "track", "album"], "repeat mode", "this tune again and again", ["track"]),
        (["off", "track", "album"], "repeat mode", "the whole record over and over", []),
        (["off", "track", "album"], "lamp", "this tune again and again", []),
        (["film", "movie"], "kind", "a movie please", []),
        (["can", "bottle"], "measure", "three tins of corn", ["can"]),
        (["red", "blue"], "colour", "the latest letters", []),
    ],
)
def test_everyday_words_tell_a_choice(choices: list[str], name: str, text: str, told: list[str]) -> None:
    assert [choice for choice, _ in told_by_other_words(choices, name, text)] == told
