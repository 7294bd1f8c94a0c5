from __future__ import annotations

import pytest

from evals.scores import Count, Scores, percentile


def test_the_interval_is_wilsons() -> None:
    # Newcombe (1998), table I: 81 of 263 and 0 of 20.
    assert Count(81, 263).interval == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert Count(0, 20).interval == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_percentiles_are_values_that_were_measured() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([3.0, 1.0, 2.0], 0.95) == 3.0
    assert percentile([], 0.5) == 0.0


def test_nothing_to_count_is_written_as_null() -> None:
    written = Scores.of([]).as_json()
    assert written["items"] == 0
    assert written["exact_share"] is None
    assert written["exact_interval"] is None
