"""Foreign text is one short printable line before anybody sees it, however long it came."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.text import clean_sentence


def test_a_sentence_keeps_its_words_and_loses_its_control_characters() -> None:
    assert clean_sentence("  the door\tis\n\n\x1b[31mopen \u202e now\x00 ") == "the door is [31mopen now"


def test_a_text_that_is_too_long_ends_in_an_ellipsis() -> None:
    assert clean_sentence("x" * 10, 10) == "x" * 10
    assert clean_sentence("x" * 11, 10) == "x" * 9 + "…"
    assert clean_sentence(" " * 1000 + "x", 10) == "…"
    assert clean_sentence("x" + " " * 1000, 10) == "x…"


@given(st.text(), st.integers(2, 50))
def test_what_comes_out_is_printable_and_never_longer_than_the_limit(text: str, limit: int) -> None:
    line = clean_sentence(text, limit)
    assert len(line) <= limit
    assert not any(unicodedata.category(character)[0] in "CZ" for character in line.replace(" ", ""))
    assert clean_sentence(line, limit) == line


def test_megabytes_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []
    category = unicodedata.category
    monkeypatch.setattr(unicodedata, "category", lambda one: (looked_at.append(one), category(one))[1])
    assert clean_sentence("x" * 5_000_000, 200) == "x" * 199 + "…"
    assert len(looked_at) < 5_000
