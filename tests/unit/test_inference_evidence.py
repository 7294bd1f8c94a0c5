"""What is read of a sentence: all of it, and each of its clauses with the functions that it is likeliest about."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

import inference.evidence
from inference.evidence import Evidence, gather
from inference.program_prompt import Hint
from inference.reading import UNREAD
from inference.request import Request
from inference.signatures import FunctionSignature
from inference.text import prepare
from tests.reader_kit import ASKED, NOT_ASKED, ScriptedReader, hints

NAMES = ("go", "stop", "lift", "dim", "hum")
FUNCTIONS = tuple(FunctionSignature(name, "") for name in NAMES)
TEXT = "go to shelf 3 , then stop"


def gathered(reader: ScriptedReader, rankings: Sequence[Sequence[Hint]], text: str = TEXT) -> Evidence:
    return gather(reader, Request(prepare(text), FUNCTIONS), rankings)


def test_a_sentence_of_one_clause_is_read_once() -> None:
    reader = ScriptedReader({"stop": {}})
    found = gathered(reader, [hints(0.1, 0.8, 0.02)], "stop")
    assert reader.read_functions == [["go", "stop", "lift"]]
    assert list(found.clauses) == [found.sentence]
    assert list(found.places) == [(0, 4)]
    assert [one.evidence for one in found.sentence] == [
        NOT_ASKED,
        ASKED,
        NOT_ASKED,
        UNREAD.evidence,
        UNREAD.evidence,
    ]


def test_a_clause_is_read_with_its_best_function_and_with_those_that_the_sentence_does_not_rule_out() -> None:
    # Another clause than these two would be an error of the reader.
    reader = ScriptedReader({"go": {}, "dim": {}}, {"go to shelf 3": {"go": {}}, "stop": {"stop": {}}})
    found = gathered(reader, [hints(0.5, 0.1, 0.1, 0.1, 0.1), hints(0.01, 0.9, 0.02, 0.02, 0.0)])
    assert reader.read_functions == [list(NAMES), ["go", "dim"], ["go", "stop", "dim"]]
    assert [TEXT[slice(*place)] for place in found.places] == ["go to shelf 3", "stop"]
    moving, stopping = found.clauses
    assert moving[0].evidence == pytest.approx(mixed(ASKED, ASKED))
    assert moving[3].evidence == pytest.approx(mixed(ASKED, NOT_ASKED))
    assert stopping[1].evidence == pytest.approx(mixed(NOT_ASKED, ASKED))
    # What was not read with the clause counts as in the whole sentence.
    assert moving[4] is found.sentence[4]


def mixed(sentence: float, clause: float) -> float:
    share = inference.evidence._SENTENCE_SHARE
    assert 0 < share < 1
    return share * sentence + (1 - share) * clause


def test_where_the_search_has_seen_other_clauses_the_whole_sentence_counts_for_each() -> None:
    reader = ScriptedReader({"go": {}})
    found = gathered(reader, [hints(0.9, 0.1)] * 3)
    assert len(reader.read_functions) == 1
    assert list(found.clauses) == [found.sentence] * 3
    assert set(found.places) == {(0, len(TEXT))}
