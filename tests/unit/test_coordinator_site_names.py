"""Other names of entities are read as what they stand for."""

from __future__ import annotations

import pytest

from coordinator.site.names import with_ids

ALIASES = {"s3": ("shelf", "3"), "s9": ("shelf", "9"), "pack two": ("station", "2"), "t-7": ("tote", "T7")}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Swap shelves S3 and S9.", "Swap shelves 3 and 9."),
        ("Look at S3", "Look at shelf 3"),
        ("Look at shelf s3, please.", "Look at shelf 3, please."),
        ("Bring t-7 to Pack Two.", "Bring tote T7 to station 2."),
        ("Look at S3 and then at S9.", "Look at shelf 3 and then at shelf 9."),
        ("Check shelves S3, 4, and S9", "Check shelves 3, 4, and 9"),
        ("Read the S3x label and A-S3.", "Read the S3x label and A-S3."),
        ("Nothing of the kind.", "Nothing of the kind."),
    ],
)
def test_other_names_become_ids(said: str, meant: str) -> None:
    assert with_ids(said, ALIASES) == meant
    assert with_ids(meant, ALIASES) == meant


def test_without_other_names_nothing_changes() -> None:
    assert with_ids("Look at S3", {}) == "Look at S3"
