"""Our BM25 gives the very numbers of the library that is made for it."""

from __future__ import annotations

import bm25s
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.shared_words import SharedWords

words = st.lists(st.sampled_from(["shelf", "move", "a", "battery", "é", "架", "7"]), max_size=12)


@settings(max_examples=100, deadline=None)
@given(texts=st.lists(words, min_size=1, max_size=8), sentence=words)
def test_scores_are_those_of_the_library(texts: list[list[str]], sentence: list[str]) -> None:
    mine = SharedWords(texts).scores([*sentence, "unheard"])
    if not any(texts):  # the library refuses to index nothing
        assert not mine.any()
        return
    library = bm25s.BM25()
    library.index(texts, show_progress=False)
    assert mine.shape == (len(texts),)
    assert np.array_equal(mine, library.get_scores([*sentence, "unheard"]))


def test_rare_words_count_more_and_long_texts_less() -> None:
    index = SharedWords([["move", "shelf"], ["move"], ["move", "to", "a", "far", "shelf", "slowly"], []])
    assert index.scores(["shelf"])[0] > index.scores(["shelf"])[2] > 0
    assert index.scores(["shelf"])[0] > index.scores(["move"])[0]
    assert not index.scores([]).any()
    assert not index.scores(["camera"]).any()


def test_no_text_at_all_has_no_score() -> None:
    assert SharedWords([]).scores(["move"]).shape == (0,)
