"""The model's answer is weighed against the search's favourite."""

import math

import pytest

from inference.notation import Answer, PlannedCall
from inference.ports import Generation
from inference.program import ask_for_program
from inference.program_prompt import Hint
from inference.scripted_model import ScriptedModel
from inference.second_opinion import favourite, plausible, search_probability, weight
from inference.signatures import FunctionSignature

OPEN, CLOSE = FunctionSignature("open_gate", "Opens the gate"), FunctionSignature("close_gate", "Closes it")
CANDIDATES = (OPEN, CLOSE)
SURE_OF_CLOSE = [[Hint(1, 0.9), Hint(0, 0.05)]]


def call(function: FunctionSignature) -> Answer:
    return Answer("program", (PlannedCall(function.name, {}, {}),))


def written(confidence: float | None) -> Generation:
    return Generation("", 10, 2, confidence=confidence)


def test_only_the_first_of_a_clause_and_what_is_not_improbable_may_be_called() -> None:
    assert plausible([[Hint(3, 0.04), Hint(1, 0.03)], [Hint(0, 0.6), Hint(2, 0.3), Hint(1, 0.05)]]) == {
        0,
        2,
        3,
    }


@pytest.mark.parametrize(
    ("answer", "confidence", "expected"),
    [
        (call(OPEN), 0.5, 1),
        (Answer("refuse"), 0.5, 1),
        (call(CLOSE), 0.5, None),
        (call(OPEN), 0.999, None),
        (call(OPEN), None, None),
        (Answer("program", (*call(OPEN).calls, *call(OPEN).calls)), 0.5, None),
    ],
)
def test_the_favourite_is_looked_at_where_the_model_went_past_it_unsurely(
    answer: Answer, confidence: float | None, expected: int | None
) -> None:
    assert favourite(SURE_OF_CLOSE, CANDIDATES, answer, written(confidence)) == expected


def test_nothing_is_favoured_where_the_search_has_no_favourite() -> None:
    assert favourite([[Hint(0, 0.2), Hint(1, 0.2)]], CANDIDATES, Answer("refuse"), written(0.5)) is None
    assert favourite([], CANDIDATES, Answer("refuse"), written(0.5)) is None


def test_both_kinds_of_evidence_count() -> None:
    assert search_probability(call(CLOSE).calls, SURE_OF_CLOSE, CANDIDATES) == 0.9
    assert weight(call(CLOSE), written(0.5), SURE_OF_CLOSE, CANDIDATES) == pytest.approx(math.log(0.45))
    assert weight(Answer("refuse"), written(0.5), SURE_OF_CLOSE, CANDIDATES) == pytest.approx(math.log(0.025))


def test_the_likelier_program_is_kept_and_both_are_counted() -> None:
    model = ScriptedModel(["A()", "B()"], confidence=0.6)
    answer = ask_for_program(model, "shut it", CANDIDATES, rankings=SURE_OF_CLOSE)
    assert [one.name for one in answer.calls] == ["close_gate"]
    assert answer.model_calls == 2


def test_the_model_is_asked_once_where_it_agrees() -> None:
    model = ScriptedModel(["B()"], confidence=0.6)
    assert ask_for_program(model, "shut it", CANDIDATES, rankings=SURE_OF_CLOSE).model_calls == 1
