from __future__ import annotations

import pytest

from inference.imperatives import begins_with_order


@pytest.mark.parametrize(
    "clause",
    [
        "feed the ferns",
        "and could you call the porter",
        "please also fetch my slippers",
        "then lock",
        "i want you to stop",
    ],
)
def test_order_begins_with_verb(clause: str) -> None:
    assert begins_with_order(clause)


@pytest.mark.parametrize(
    "clause", ["a slice of cake", "heat on 3", "the blinds down", "every friday", "", "settings open"]
)
def test_rest_of_an_order_does_not(clause: str) -> None:
    assert not begins_with_order(clause)
