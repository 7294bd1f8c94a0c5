"""Which clause each part of a sentence comes from."""

from __future__ import annotations

import pytest

from inference.text import prepare
from training.data.examples import Clause
from training.data.sentences import pieces


def clause(text: str, function: int) -> Clause:
    return Clause(text, text, function, {})


@pytest.mark.parametrize(
    ("sentence", "clauses", "wanted"),
    [
        ("stop it and then lift", [clause("stop it", 0), clause("lift", 1)], [(0,), (1,)]),
        # A reason behind a wish makes its part longer.
        (
            "stop it , lift because the kids asked for that",
            [clause("stop it", 0), clause("lift", 1)],
            [(0,), (1,)],
        ),
        # A wish may itself be cut into parts.
        ("put milk , eggs on the list", [clause("put milk , eggs on the list", 0)], [(0,), (0,)]),
        ("the boss is away , stop it", [clause("stop it", 0)], [(), (0,)]),
        # A remark may share words with the wish beside it.
        ("it is too dim to read , dim it", [clause("dim it", 0)], [(), (0,)]),
        ("stop it", [clause("stop it", 0)], [(0,)]),
        ("hello", [], [()]),
    ],
)
def test_parts_ask_for_what_the_clauses_ask_for_that_they_come_from(
    sentence: str, clauses: list[Clause], wanted: list[tuple[int, ...]]
) -> None:
    assert [piece.wanted for piece in pieces(prepare(sentence), clauses)] == wanted
