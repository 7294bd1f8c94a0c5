"""Spoken texts can be copied out of the sentence that holds them, and other words for a choice mean only that choice."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from inference.program_grammar import MAXIMUM_SPAN_WORDS, string_spans
from inference.text import prepare
from inference.values import choice_words
from training.data import synonyms
from training.data.strings import spoken_text
from training.data.synonyms import synonym

CLASSES = tuple(
    """password id file host wifi user text name person place product mac ip email plate pin message title""".split()
)
DRAWS = 300
QUOTES = '"“”'
FORBIDDEN = ("|", "&", ");", "{", "}")


@pytest.fixture(scope="module")
def drawn() -> dict[str, list[str]]:
    rng = random.Random("texts")
    return {name: [spoken_text(name, rng) for _ in range(DRAWS)] for name in CLASSES}


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_gives_many_distinct_values(drawn: dict[str, list[str]], name: str) -> None:
    assert len(set(drawn[name])) >= 0.85 * DRAWS


@pytest.mark.parametrize("name", CLASSES)
def test_values_hold_nothing_that_the_notation_uses(drawn: dict[str, list[str]], name: str) -> None:
    for value in drawn[name]:
        assert not [mark for mark in FORBIDDEN if mark in value], value
        meant = value.strip(QUOTES)
        assert meant[0].isalnum(), value
        assert meant[-1].isalnum(), value
        assert meant == value or len(value) == len(meant) + 2, value
        assert meant != value or len(value.split()) <= MAXIMUM_SPAN_WORDS, value


@pytest.mark.parametrize("name", CLASSES)
def test_values_are_found_again_in_a_sentence(drawn: dict[str, list[str]], name: str) -> None:
    found = [
        value.strip(QUOTES).lower() in string_spans(prepare("put " + value).lower) for value in drawn[name]
    ]
    assert sum(found) >= 0.9 * DRAWS


def test_messages_are_sentences_with_and_without_quotation_marks(drawn: dict[str, list[str]]) -> None:
    assert all(3 <= len(message.split()) <= 9 for message in drawn["message"])
    quoted = sum(message[0] in QUOTES for message in drawn["message"])
    assert DRAWS / 4 < quoted < DRAWS * 3 / 4


def test_every_choice_has_a_few_other_words_that_a_sentence_keeps() -> None:
    pairs = synonyms._pairs(synonyms._TABLE)
    assert len(pairs) >= 250
    assert [key for key, count in Counter(key for key, _ in pairs).items() if count > 1] == []
    for key, others in pairs:
        assert choice_words(key) == key
        assert 2 <= len(set(others) - {key}) == len(others) <= 5, key
        assert [other for other in others if prepare(other).lower != other] == [], key


def test_a_synonym_never_belongs_to_another_choice() -> None:
    rng = random.Random("choices")
    table = synonyms._SYNONYMS
    keys = list(table)
    for _ in range(4000):
        # Choices that share words are drawn together more often than by chance.
        choices = rng.sample(keys, 4)
        choices += [other for other in table[choices[0]] if other not in choices]
        written = rng.choice(choices)
        said = synonym(written, choices, rng)
        if said == written:
            continue
        assert said in table[written]
        for other in set(choices) - {written}:
            assert not set(choice_words(said).split()) & set(choice_words(other).split())
            assert said not in table.get(other, ())


def test_an_abbreviation_is_spelled_out_only_beside_its_like() -> None:
    rng = random.Random("beside")
    assert {synonym("sun", ("sun", "moon", "star"), rng) for _ in range(100)} == {"sun"}
    assert {synonym("sun", ("sat", "sun"), rng) for _ in range(100)} == {"sun", "sunday", "sundays"}


def test_two_of_five_choices_are_said_in_other_words() -> None:
    rng = random.Random("share")
    said = [synonym("eco", ("eco", "comfort"), rng) for _ in range(2000)]
    assert 0.35 < sum(one != "eco" for one in said) / len(said) < 0.45
