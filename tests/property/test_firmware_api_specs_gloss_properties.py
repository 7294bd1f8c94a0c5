"""Any text can be glossed, and English never is."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import firmware_api_specs
from firmware_api_specs.gloss import GLOSS_LIMIT, gloss, gloss_name, language_of
from firmware_api_specs.glossaries import LANGUAGES, Language, glossary

LONG = 4
SPECS = sorted(Path(firmware_api_specs.__file__).parent.rglob("*.td.json"))
tags = st.none() | st.sampled_from([*LANGUAGES, "en", "es", "zh-Hans", ""])
words = st.one_of(*(st.sampled_from(sorted(glossary(language).english)) for language in LANGUAGES))
texts = st.text(max_size=200) | st.lists(words, max_size=12).map(" ".join)


def _english(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, member in node.items():
            if key in {"titles", "descriptions"} and isinstance(member, dict):
                yield from (text for tag, text in member.items() if tag == "en")
            else:
                yield from _english(member)
    elif isinstance(node, list):
        for member in node:
            yield from _english(member)


NOTES = sorted({text for path in SPECS for text in _english(json.loads(path.read_text("utf-8")))})


@given(texts, tags)
def test_any_text_gets_a_gloss_of_bounded_length(text: str, tag: str | None) -> None:
    glossed = gloss(text, tag)
    assert glossed == text or len(glossed) <= GLOSS_LIMIT
    assert not text.strip() or glossed.strip()


@given(texts, st.sampled_from([*LANGUAGES, "en"]))
def test_any_name_gets_words_without_case(name: str, tag: str) -> None:
    words_of_name = gloss_name(name, tag)
    assert words_of_name == words_of_name.strip()
    assert len(words_of_name) <= GLOSS_LIMIT
    assert tag != "en" or not words_of_name


def test_english_notes_of_the_bundled_devices_are_never_touched() -> None:
    assert len(NOTES) > 300
    assert [note for note in NOTES if language_of(note) != "en" or gloss(note) != note] == []


@given(st.lists(st.sampled_from(NOTES), min_size=1, max_size=3).map(" ".join))
def test_english_notes_stay_as_they_are_one_after_the_other(text: str) -> None:
    assert gloss(gloss(text)) == gloss(text) == text


@given(st.sampled_from([note for note in NOTES if len(note.split()) > LONG]), st.sampled_from(LANGUAGES))
def test_an_english_sentence_stays_where_another_language_was_declared(note: str, tag: str) -> None:
    assert gloss(note, tag) == note


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_headword_means_what_its_line_says(language: Language) -> None:
    for word, meaning in glossary(language).english.items():
        if meaning and language == "zh":
            assert gloss(word, language).lower() == meaning.lower()
