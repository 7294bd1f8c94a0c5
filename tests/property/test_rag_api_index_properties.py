from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inference.encoder import HashEncoder
from inference.words import split_clauses, split_words
from rag.api_index import ApiIndex, Chunk

# Lone surrogates can arrive in JSON, so ids and texts may have them.
any_text = st.text(st.characters(), max_size=60)


@pytest.fixture(scope="module")
def index() -> Iterator[ApiIndex]:
    index = ApiIndex(None, HashEncoder(dimensions=32))
    index.build("warm-up", "v1", [])
    yield index
    index.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(device_id=any_text, texts=st.lists(any_text, max_size=6), sentence=any_text, k=st.integers(-1, 8))
def test_any_device_id_and_any_text_can_be_indexed_and_searched(
    index: ApiIndex, device_id: str, texts: list[str], sentence: str, k: int
) -> None:
    chunks = [Chunk(f"function{number}", text) for number, text in enumerate(texts)]
    index.build(device_id, repr(texts), chunks)
    for found in (
        index.retrieve(device_id, sentence, k),
        index.retrieve_clauses(device_id, sentence, k).candidates,
    ):
        assert len(found) == min(max(k, 0), len(chunks))
        assert len({candidate.key for candidate in found}) == len(found)
        assert all(0.0 <= candidate.probability <= 1.0 for candidate in found)


@given(sentence=any_text)
def test_clauses_are_parts_of_the_sentence_with_a_word_each(sentence: str) -> None:
    rest = sentence
    for clause in split_clauses(sentence):
        assert clause in rest
        rest = rest[rest.index(clause) + len(clause) :]
        assert split_words(clause)


@given(words=st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, max_size=5))
def test_spelling_styles_of_a_name_are_the_same_words(words: list[str]) -> None:
    camel = words[0] + "".join(word.capitalize() for word in words[1:])
    assert split_words("_".join(words)) == words
    assert split_words("-".join(words)) == words
    # Single letters run together in camel case: aBC could be "a b c" or "a bc".
    if all(len(word) > 1 for word in words):
        assert split_words(camel) == words
