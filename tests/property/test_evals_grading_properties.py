"""Grading, for any calls."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from evals.grading import grade
from evals.items import Call, ExpectedCall
from evals.scores import Count, Scores
from tests.evals_kit import item

CALLS = st.lists(
    st.one_of(
        st.just(Call(device="kiln", action="cool_down")),
        st.builds(
            lambda heat: Call(device="kiln", action="set_heat", arguments={"heat": heat}),
            st.integers(0, 3),
        ),
        st.builds(
            lambda text, lines: Call(device="kiln", action="label", arguments={"text": text, "lines": lines}),
            st.sampled_from(["a", "b", "Ä"]),
            st.integers(1, 2),
        ),
    ),
    max_size=5,
)
SEEDS = st.integers(0, 2**16)


def expecting(calls: list[Call]) -> list[ExpectedCall]:
    return [ExpectedCall(**call.model_dump()) for call in calls]


@settings(deadline=None)
@given(CALLS, SEEDS)
def test_the_order_of_calls_does_not_matter(calls: list[Call], seed: int) -> None:
    shuffled = list(calls)
    Random(seed).shuffle(shuffled)
    assert grade(item(expected=expecting(calls)), shuffled).exact


@settings(deadline=None)
@given(CALLS.filter(bool), SEEDS)
def test_leaving_a_call_out_is_never_exact(calls: list[Call], seed: int) -> None:
    left_out = Random(seed).randrange(len(calls))
    graded = grade(item(expected=expecting(calls)), calls[:left_out] + calls[left_out + 1 :])
    assert not graded.exact
    assert not graded.action


@settings(deadline=None)
@given(CALLS, CALLS)
def test_exact_means_the_same_calls_the_same_number_of_times(made: list[Call], asked: list[Call]) -> None:
    def counted(calls: list[Call]) -> list[str]:
        return sorted(call.model_dump_json() for call in calls)

    graded = grade(item(expected=expecting(asked)), made)
    assert graded.exact == (counted(made) == counted(asked))
    assert graded.action or not graded.exact
    assert graded.device or not graded.action


@settings(deadline=None)
@given(CALLS, st.dictionaries(st.sampled_from(["text", "lines", "heat"]), st.just((None,)), max_size=2))
def test_accepting_more_never_makes_a_right_item_wrong(
    calls: list[Call], accept: dict[str, tuple[None]]
) -> None:
    lenient = [
        one.model_copy(update={"accept": {name: accept[name] for name in accept if name in one.arguments}})
        for one in expecting(calls)
    ]
    assert grade(item(expected=lenient), calls).exact


@settings(deadline=None)
@given(st.integers(0, 400), st.integers(0, 400))
def test_an_interval_lies_around_its_share(right: int, wrong: int) -> None:
    count = Count(right, right + wrong)
    if not count.total:
        assert count.share is None
        assert count.interval is None
        return
    assert count.share is not None
    assert count.interval is not None
    low, high = count.interval
    assert 0.0 <= low <= count.share + 1e-12
    assert count.share - 1e-12 <= high <= 1.0
    assert low < high


@settings(deadline=None)
@given(st.lists(st.tuples(CALLS, CALLS), max_size=8))
def test_counts_add_up(pairs: list[tuple[list[Call], list[Call]]]) -> None:
    scores = Scores.of([grade(item(expected=expecting(asked)), made) for made, asked in pairs])
    asked = sum(bool(asked) for _, asked in pairs)
    assert scores.exact.total == len(pairs)
    assert scores.device.total == scores.action.total == asked
    assert scores.arguments.total == scores.action.right
    assert scores.refusal_precision.right == scores.refusal_recall.right
    assert scores.exact.right == scores.arguments.right + scores.refusal_recall.right
